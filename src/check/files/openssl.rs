//! What docker accepts of a CA's file, and programs by OpenSSL do not: Python's, and Node's. Beside docker they are given
//! the same files.

use std::path::{Path, PathBuf};

use super::Look;
use crate::cert::pem;
use crate::cert::x509::Cert;
use crate::check::diagnosis::{Diagnosis, Facts};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::target::Target;
use crate::profile::TlsMode;

/// The variables by which requests (Python) takes its CAs from another file than the one that it is given, in the
/// order in which it reads them (requests `sessions.py`, `merge_environment_settings`).
const BUNDLES: [&str; 2] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];
/// The most of a bundle that is read: those of systems are some 250 KB.
const BUNDLE_MAX: u64 = 4 << 20;

/// Warns of what stops such programs.
pub(super) fn look(look: &mut Look<'_>, path: &Path, certs: &[Cert]) {
    for (id, facts) in found(look.target, certs, &look.facts(path)) {
        look.findings.push(Finding::warning("clients", Diagnosis::with(id, facts)));
    }
}

/// The same for the table of clients.
pub(in crate::check) fn of(target: &Target) -> Vec<Id> {
    let Some(path) = &target.ca else { return Vec::new() };
    let certs = crate::check::files::certificates(path);
    found(target, &certs, &Facts::default()).into_iter().map(|(id, _)| id).collect()
}

/// What stops such programs, with what is known of each beside `facts`.
fn found(target: &Target, certs: &[Cert], facts: &Facts) -> Vec<(Id, Facts)> {
    let of = |cert: &Cert| Some((&cert.summary()).into());
    let mut found = Vec::new();
    if let Some((name, value)) = bundle(target, certs) {
        let var = Some((name.to_owned(), value));
        found.push((Id::CaBundleEnv, Facts { var, ..facts.clone() }));
    }
    // Without verification nobody looks at the CA, and the system's own is none of the user's.
    if target.tls == TlsMode::Verify {
        if let Some(cert) = intermediate(certs) {
            found.push((Id::CaIntermediate, Facts { cert: of(cert), ..facts.clone() }));
        }
        if let Some((cert, why)) = not_strict(certs) {
            let said = Some(why.to_owned());
            found.push((Id::CaKeyUsage, Facts { cert: of(cert), said, ..facts.clone() }));
        }
    }
    found
}

/// The variable that is in force, with its value, where the file that it names does not have all of the CAs.
fn bundle(target: &Target, certs: &[Cert]) -> Option<(&'static str, String)> {
    let set = |name: &&str| target.env.filled(name).is_some();
    let name = BUNDLES.into_iter().find(set)?;
    let value = PathBuf::from(target.env.filled(name)?);
    let bytes = crate::file::read(&value, BUNDLE_MAX).unwrap_or_default();
    let pem = pem::blocks(&bytes).ok();
    let has = |cert: &Cert| {
        let mut blocks = pem.iter().flat_map(|pem| pem.labelled("CERTIFICATE"));
        blocks.any(|block| *block.contents == *cert.der)
    };
    let all = !certs.is_empty() && certs.iter().all(has);
    (!all).then(|| (name, value.display().to_string()))
}

/// A CA that another one signed, where none of the file is a root: OpenSSL builds the chain up to one
/// (X509_verify_cert(3)), unless it is told that a part will do, as Python 3.13 does.
fn intermediate(certs: &[Cert]) -> Option<&Cert> {
    let root = certs.iter().any(Cert::is_self_issued);
    certs.iter().find(|cert| cert.is_ca()).filter(|_| !root)
}

/// What `X509_V_FLAG_X509_STRICT` misses in a CA, in OpenSSL's words (x509_vfy.c, `check_extensions`). Python 3.13 sets
/// it (`ssl.create_default_context`), and urllib3 from 2.4 on with it.
fn not_strict(certs: &[Cert]) -> Option<(&Cert, &'static str)> {
    certs.iter().filter(|cert| cert.version == 3 && cert.is_ca()).find_map(|cert| {
        let why = if !cert.has_key_usage {
            "CA cert does not include key usage extension"
        } else if !cert.basic_critical {
            "Basic Constraints of CA cert not marked critical"
        } else if cert.subject_key_id.is_empty() {
            "Missing Subject Key Identifier"
        } else {
            return None;
        };
        Some((cert, why))
    })
}
