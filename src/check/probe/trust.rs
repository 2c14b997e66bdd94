//! The judge of the server's certificates, by docker's rules.

use super::Run;
use super::tls::{Judge, Seen};

/// Says of a chain what docker would say of it at `host`.
pub(super) fn judge(_run: &Run<'_>, _host: &str) -> Judge {
    Box::new(|_| Vec::new())
}

/// Says whom the certificates showed the server to be.
pub(super) fn trusted(_run: &mut Run<'_>, _seen: &Seen) {}
