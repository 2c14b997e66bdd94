//! The judge of certificates says of a chain what docker's client says of it: yes or no, why, and in docker's own words.
//! The chains and docker's words were recorded from servers that sent exactly these certificates.

mod damaged;
mod hostile;

use std::path::Path;
use std::process::Command;

use dctx::cert::pem::Pem;
use dctx::cert::verify::{Fault, Usage, verify};
use dctx::cert::x509::Cert;
use serde::Deserialize;

use crate::support::require::skip;

/// What was recorded, and when.
#[derive(Deserialize)]
struct Recorded {
    at: String,
    chains: Vec<Chain>,
}

#[derive(Deserialize)]
struct Chain {
    id: String,
    host: String,
    roots: Vec<String>,
    chain: Vec<String>,
    /// What stands in ca.pem, where that is not simply the roots.
    #[serde(default)]
    ca_pem: Option<String>,
    /// `ok`, or docker's words from `x509:` or `tls:` on.
    docker: String,
}

/// Where the judge and docker may differ, and why.
const DIFFER: &[(&str, &str)] = &[(
    "own::name-us-dash",
    "docker's resolver knows no name with a label that ends with a hyphen, and does not connect: check says so of the name",
)];

/// The chains that are part of this project.
const OWN: &str = include_str!("../data/chains.json");

#[test]
fn docker_agrees_on_the_recorded_chains_of_this_project() {
    agree("tests/data/chains.json", &serde_json::from_str(OWN).unwrap());
}

/// All that were recorded, the public suites' among them, where they are beside this project.
#[test]
fn docker_agrees_on_the_recorded_chains_of_the_public_suites() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/chains.json.xz");
    let Some(file) = Some(file).filter(|file| file.exists()) else {
        println!("the public suites' chains are not beside this project: only its own were tried");
        return;
    };
    let Ok(xz) = Command::new("xz").arg("-dc").arg(&file).output() else {
        skip("xz is not there to read the recorded chains");
        return;
    };
    agree(&file.display().to_string(), &serde_json::from_slice(&xz.stdout).unwrap());
}

/// What came of all of them.
#[derive(Default)]
struct Counts {
    chains: usize,
    accepted: usize,
    refused: usize,
    verdict: Vec<String>,
    reason: Vec<String>,
    words: Vec<String>,
    untold: Vec<String>,
}

fn agree(from: &str, recorded: &Recorded) {
    let now = seconds(&recorded.at);
    let mut counts = Counts { chains: recorded.chains.len(), ..Counts::default() };
    for chain in &recorded.chains {
        one(chain, now, &mut counts);
    }
    let Counts { chains, accepted, refused, verdict, reason, words, untold } = counts;
    println!("{from}: {chains} chains, of which docker accepts {accepted} and refuses {refused}");
    println!("another verdict: {}\n  {}", verdict.len(), verdict.join("\n  "));
    println!("cannot be told here: {}\n  {}", untold.len(), untold.join("\n  "));
    println!("another reason: {}\n  {}", reason.len(), reason.join("\n  "));
    println!("other words: {}\n  {}", words.len(), words.join("\n  "));
    let known = |line: &&String| !DIFFER.iter().any(|(id, _)| line.starts_with(&format!("{id}: ")));
    let unknown: Vec<&String> = verdict.iter().filter(known).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(DIFFER.len() <= 8);
    assert!(reason.len() * 20 <= refused, "{} of {refused}: {reason:#?}", reason.len());
    assert!(words.len() * 20 <= refused, "{} of {refused}: {words:#?}", words.len());
}

fn one(chain: &Chain, now: i64, counts: &mut Counts) {
    let Chain { id, host, docker, .. } = chain;
    let roots = match &chain.ca_pem {
        Some(text) => roots(text),
        None => roots(&chain.roots.join("\n")),
    };
    let sent: Vec<Cert> = chain.chain.iter().flat_map(|text| sent(text)).collect();
    let ours = verify(&sent, &roots, Some(host), Usage::Server, now);
    let accepts = docker == "ok";
    *(if accepts { &mut counts.accepted } else { &mut counts.refused }) += 1;
    let first = match &ours {
        Ok(_) if accepts => return,
        Ok(_) => {
            counts.verdict.push(format!("{id}: accepted here, docker: {docker}"));
            return;
        }
        Err(faults) => &faults[0],
    };
    if !first.is_certain() {
        counts.untold.push(format!("{id}: {first:?}, docker: {docker}"));
        return;
    }
    if accepts {
        counts.verdict.push(format!("{id}: refused here, docker accepts: {first:?}"));
        return;
    }
    let words = first.docker(host, now).unwrap();
    let told = bare(docker);
    if kind(&words) != kind(told) {
        counts.reason.push(format!("{id}: {words}, docker: {told}"));
    } else if without_now(&words) != without_now(told) {
        counts.words.push(format!("{id}: {words}, docker: {told}"));
    }
    // what is told under a heading is told of the right thing
    assert!(fits(first, told) || kind(&words) != kind(told), "{id}: {first:?}, docker: {told}");
}

/// docker's words without those that say where in the connection it was.
fn bare(docker: &str) -> &str {
    let docker = docker.strip_prefix("Failed to initialize: ").unwrap_or(docker);
    docker.strip_prefix("tls: failed to verify certificate: ").unwrap_or(docker)
}

/// The second in which docker looked is not recorded.
fn without_now(words: &str) -> String {
    match words.split_once("current time ") {
        Some((head, tail)) => {
            format!("{head}{}", tail.split_once(' ').map_or("", |(_, rest)| rest))
        }
        None => words.to_owned(),
    }
}

/// The reason alone, without names.
fn kind(words: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in words.replace("\\\"", "'").chars() {
        inside ^= c == '"';
        if !inside && !c.is_ascii_digit() {
            out.push(c);
        }
    }
    let out = out.split(" for this name: ").next().unwrap_or_default().to_owned();
    let out = out.split(" is valid for ").next().unwrap_or_default().to_owned();
    out.split(" while trying ").next().unwrap_or_default().to_owned()
}

fn fits(fault: &Fault, told: &str) -> bool {
    let parse = told.starts_with("tls: failed to parse") || told.starts_with("tls: server");
    match fault {
        Fault::Malformed { .. } => parse,
        Fault::NameConstraint { .. } => {
            told.contains("for this name")
                || told.contains("cannot parse")
                || told.ends_with("unknown error")
        }
        Fault::PathLength { .. } => told.contains("path length"),
        Fault::Policy { .. } => told.contains("policies"),
        Fault::IssuerNotCa { .. } => told.contains("sign"),
        _ => !parse,
    }
}

/// The certificates of ca.pem, as docker reads it.
fn roots(text: &str) -> Vec<Cert> {
    let pem = Pem::parse(text.as_bytes());
    let certs = pem.blocks.iter().filter(|block| block.label == "CERTIFICATE" && !block.headers);
    certs.filter_map(|block| Cert::from_der(&block.contents).ok()).collect()
}

fn sent(text: &str) -> Vec<Cert> {
    let pem = Pem::parse(text.as_bytes());
    let cert = |der: &[u8]| Cert::from_der(der).unwrap_or_else(|why| Cert::unreadable(der, why));
    pem.labelled("CERTIFICATE").map(|block| cert(&block.contents)).collect()
}

/// Of `2026-11-30T03:32:00Z`.
fn seconds(at: &str) -> i64 {
    let plain: String = at.chars().filter(|c| !"-:T".contains(*c)).collect();
    dctx::cert::moment::generalized(plain.as_bytes()).unwrap()
}
