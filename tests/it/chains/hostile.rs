//! Whatever a server sends as certificates is read and judged without a panic, and what is said of it has bounds.

use dctx::cert::verify::{Usage, verify};
use dctx::cert::x509::Cert;
use dctx::check::diagnosis::Facts;
use dctx::check::judge;
use dctx::error::Lang;
use proptest::prelude::*;

use super::{OWN, Recorded, sent};

fn read(der: &[u8]) -> Cert {
    Cert::from_der(der).unwrap_or_else(|why| Cert::unreadable(der, why))
}

/// Everything that is said of a chain.
fn said(chain: &[Cert], roots: &[Cert]) -> String {
    let facts = Facts { host: Some("www.example.com".into()), ..Facts::default() };
    let mut out = String::new();
    for usage in [Usage::Server, Usage::Client] {
        let faults = verify(chain, roots, Some("www.example.com"), usage, 1_800_000_000);
        let faults = faults.err().unwrap_or_default();
        let told = match usage {
            Usage::Server => judge::server(&faults, &facts),
            Usage::Client => judge::client(&faults, &facts),
        };
        for diagnosis in told {
            for lang in [Lang::En, Lang::Zh] {
                out.push_str(&diagnosis.cause(lang));
                out.extend(diagnosis.fixes(lang).iter().map(|hint| hint.say.clone()));
            }
            out.push_str(&diagnosis.docker_says().unwrap_or_default());
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(der in proptest::collection::vec(any::<u8>(), 0..200)) {
        said(&[read(&der)], &[]);
    }

    /// Real certificates with bytes changed, taken out and put in.
    #[test]
    fn any_damage_is_read(
        which in any::<proptest::sample::Index>(),
        changes in proptest::collection::vec(
            (any::<proptest::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        static ALL: std::sync::OnceLock<Vec<Vec<Vec<u8>>>> = std::sync::OnceLock::new();
        let all = ALL.get_or_init(|| {
            let recorded: Recorded = serde_json::from_str(OWN).unwrap();
            let ders = |texts: &[String]| {
                texts.iter().flat_map(|text| sent(text)).map(|cert| cert.der).collect::<Vec<_>>()
            };
            let chains = recorded.chains.iter().filter(|chain| chain.chain.len() < 8);
            chains.map(|chain| [ders(&chain.chain), ders(&chain.roots)].concat()).collect()
        });
        let mut chain = which.get(all).clone();
        for (at, byte, how) in changes {
            let which = at.index(chain.len());
            let der = &mut chain[which];
            if der.is_empty() {
                continue;
            }
            let at = at.index(der.len());
            match how {
                0 => der[at] = byte,
                1 => drop(der.remove(at)),
                _ => der.insert(at, byte),
            }
        }
        let certs: Vec<Cert> = chain.iter().map(|der| read(der)).collect();
        said(&certs, &certs);
    }
}

/// Thousands of names, a hundred candidates and a subject as long as a book make a page, not a book.
#[test]
fn what_is_said_has_bounds() {
    let recorded: Recorded = serde_json::from_str(OWN).unwrap();
    for chain in &recorded.chains {
        let certs: Vec<Cert> = chain.chain.iter().flat_map(|text| sent(text)).collect();
        let roots: Vec<Cert> = chain.roots.iter().flat_map(|text| sent(text)).collect();
        let text = said(&certs, &roots);
        assert!(text.len() < 40_000, "{}: {} bytes", chain.id, text.len());
    }
    let mut cert = read(&sent(&recorded.chains[0].chain[0])[0].der);
    let names = cert.names.as_mut().unwrap();
    names.dns = (0..4000).map(|n| format!("{n}.{}", "x".repeat(4000))).collect();
    let text = said(&[cert], &[]);
    assert!(text.len() < 40_000, "{} bytes", text.len());
}
