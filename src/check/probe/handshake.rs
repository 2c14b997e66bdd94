//! Why a handshake failed, from the alert, from what was asked for, and from what came first on the wire.

use rustls::{
    AlertDescription as Alert, Error, InvalidMessage as Invalid, PeerIncompatible, PeerMisbehaved,
};

use super::client::{self, Client};
use super::ears::{Proof, Seen};
use super::http::Trouble;
use super::said::Said;
use super::{Run, judge};
use crate::check::diagnosis::Found;
use crate::check::id::Id;

/// Judges a handshake that failed.
pub(super) fn failed(
    run: &mut Run<'_>,
    seen: &Seen,
    trouble: Trouble,
    first: &[u8],
    client: &Client,
) {
    if seen.proof == Proof::Bad {
        run.fail_note("tls", Said::NotItsKey);
        return;
    }
    let stopped = matches!(trouble, Trouble::Tls(Error::InvalidCertificate(_)));
    if stopped && !seen.wrong.is_empty() {
        run.report.findings.extend(seen.wrong.iter().cloned());
        return;
    }
    if stopped && seen.proof == Proof::Unknown {
        run.warn("tls", Said::Unproven);
        return;
    }
    if matches!(trouble, Trouble::Tls(Error::InvalidMessage(Invalid::HandshakePayloadTooLarge))) {
        // rustls reads 64 KiB of certificates, Go four times as many
        run.warn("tls", Said::TooLarge);
        return;
    }
    if first.starts_with(b"HTTP/") {
        run.fail("tls", Id::PlainExpected, |_| {});
        return;
    }
    if !judge::is_tls(first) && !first.is_empty() {
        trouble_foreign(run, first);
        return;
    }
    match &trouble {
        Trouble::Timeout => {
            let waited = run.limit_ms();
            run.fail("tls", Id::Timeout, |facts| facts.waited = waited);
        }
        Trouble::Tls(Error::AlertReceived(alert)) => alerted(run, seen, *alert, client),
        Trouble::Tls(error) => incompatible(run, error),
        _ if seen.asked => refused(run, seen, &trouble, client),
        Trouble::Reset => run.fail("tls", Id::NotDocker, |facts| facts.found = Some(Found::Reset)),
        Trouble::Closed(_) => {
            run.fail("tls", Id::NotDocker, |facts| facts.found = Some(Found::Closed));
        }
        _ => run.fail("tls", Id::NotDocker, |facts| {
            facts.found = Some(Found::Garbage);
            facts.said = judge::trouble_text(&trouble);
        }),
    }
}

fn trouble_foreign(run: &mut Run<'_>, first: &[u8]) {
    let (found, said) = judge::foreign(first);
    run.fail("tls", Id::NotDocker, |facts| {
        facts.found = Some(found);
        facts.said = said;
    });
}

/// An alert during the handshake.
fn alerted(run: &mut Run<'_>, seen: &Seen, alert: Alert, client: &Client) {
    let id = match alert {
        Alert::ProtocolVersion => Id::TlsVersion,
        Alert::InsufficientSecurity => Id::TlsCipher,
        // before the server has shown itself it is about ciphers; afterwards about us
        Alert::HandshakeFailure if !seen.asked => Id::TlsCipher,
        _ if seen.asked => {
            refusal(run, seen, Some(alert), client);
            return;
        }
        _ => Id::NotDocker,
    };
    run.fail("tls", id, |facts| {
        facts.found = (id == Id::NotDocker).then_some(Found::Garbage);
        facts.said = Some(client::alert_text(alert));
    });
}

/// What the server wants and we have not, or what makes no sense.
fn incompatible(run: &mut Run<'_>, error: &Error) {
    use PeerIncompatible as P;
    let id = match error {
        Error::PeerIncompatible(
            P::ServerDoesNotSupportTls12Or13
            | P::ServerTlsVersionIsDisabledByOurConfig
            | P::Tls12NotOffered
            | P::Tls12NotOfferedOrEnabled
            | P::SupportedVersionsExtensionRequired,
        ) => Id::TlsVersion,
        Error::PeerIncompatible(_)
        | Error::PeerMisbehaved(
            PeerMisbehaved::SelectedUnofferedCipherSuite
            | PeerMisbehaved::SelectedUnusableCipherSuiteForVersion,
        ) => Id::TlsCipher,
        _ => Id::NotDocker,
    };
    run.fail("tls", id, |facts| {
        facts.found = (id == Id::NotDocker).then_some(Found::Garbage);
        facts.said = Some(error.to_string());
    });
}

/// A server that asked for a client certificate, and then ended the connection or refused.
pub(super) fn refused(run: &mut Run<'_>, seen: &Seen, trouble: &Trouble, client: &Client) {
    let alert = match trouble {
        Trouble::Tls(Error::AlertReceived(alert)) => Some(*alert),
        _ => None,
    };
    refusal(run, seen, alert, client);
}

fn refusal(run: &mut Run<'_>, seen: &Seen, alert: Option<Alert>, client: &Client) {
    // a key that dctx cannot use says nothing of what the daemon would say to docker
    if let Client::Foreign(path) = client {
        run.warn("client", Said::KeyKind { path: path.clone() });
        return;
    }
    let files = (run.target.ca.as_deref(), run.target.cert.as_deref());
    run.push("client", client::refused(client, seen, alert, files, run.facts()));
}
