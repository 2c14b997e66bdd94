//! The judge of the server's certificates, by docker's rules.

use std::path::Path;

use rustls::pki_types::CertificateDer;

use super::Run;
use super::client::now;
use super::ears::{Judge, Seen};
use super::said::Said;
use crate::cert::pem;
use crate::cert::verify::{Fault, Usage, verify};
use crate::cert::x509::Cert;
use crate::check::diagnosis::{Diagnosis, Facts};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::judge as certs;

/// A certificate that ends within as many days is worth a look.
const SOON: i64 = 30;

/// Says of a chain what docker would say of it at `host`.
pub(super) fn judge(run: &Run<'_>, host: &str) -> Judge {
    let roots = roots(run.target.ca.as_deref());
    let (host, facts) = (host.to_owned(), run.facts());
    Box::new(move |sent| match chain(sent) {
        Ok(chain) => match verify(&chain, &roots, Some(&host), Usage::Server, now()) {
            Ok(_) => Vec::new(),
            Err(faults) => findings(&faults, &facts),
        },
        Err(said) => {
            let facts = Facts { said: Some(said), ..facts.clone() };
            vec![Finding::diagnosis("chain", Diagnosis::with(Id::UnknownCa, facts))]
        }
    })
}

/// For a server that is not to be verified.
pub(super) fn nobody() -> Judge {
    Box::new(|_| Vec::new())
}

fn chain(sent: &[CertificateDer<'_>]) -> Result<Vec<Cert>, String> {
    sent.iter().map(|der| Cert::from_der(der)).collect()
}

/// The certificates that docker trusts: those of this file, less what it cannot read (Go: `AppendCertsFromPEM`).
pub(super) fn roots(ca: Option<&Path>) -> Vec<Cert> {
    let Some(pem) = ca.and_then(|ca| pem::open(ca).ok()).and_then(|file| file.pem().ok()) else {
        return Vec::new();
    };
    let blocks = pem.blocks.iter().filter(|block| block.label == "CERTIFICATE" && !block.headers);
    blocks.filter_map(|block| Cert::from_der(&block.contents).ok()).collect()
}

/// Everything that is wrong: docker tells the first alone.
fn findings(faults: &[Fault], facts: &Facts) -> Vec<Finding> {
    let mut all: Vec<Finding> = certs::server(faults, facts)
        .into_iter()
        .map(|diagnosis| Finding::diagnosis(certs::topic(diagnosis.id), diagnosis))
        .collect();
    all.extend(certs::notes(faults).into_iter().map(|note| Finding::note("chain", note)));
    if all.is_empty() {
        // nothing was sent
        all.push(Finding::diagnosis("chain", Diagnosis::with(Id::UnknownCa, facts.clone())));
    }
    all
}

/// Says whom the certificates showed the server to be, and for how long they still do.
pub(super) fn trusted(run: &mut Run<'_>, seen: &Seen) {
    let leaf = seen.chain.first().and_then(|der| Cert::from_der(der).ok());
    let Some(leaf) = leaf else { return };
    let (not_after, days) = (leaf.not_after, (leaf.not_after - now()).div_euclid(86_400));
    let note = Said::Trusted { subject: leaf.summary().subject, not_after, days };
    if days < SOON { run.warn("chain", note) } else { run.ok("chain", note) }
}
