//! What the tests stand on: sandboxes, real programs, certificates, a real daemon.
#![allow(dead_code, reason = "a helper stays whole while the tests that use all of it come and go")]

pub(crate) mod certs;
pub(crate) mod dockerd;
pub(crate) mod hints;
pub(crate) mod keyring;
pub(crate) mod profiles;
pub(crate) mod pty;
pub(crate) mod require;
pub(crate) mod run;
pub(crate) mod sandbox;
pub(crate) mod scopes;
pub(crate) mod shells;
pub(crate) mod terminal;
pub(crate) mod values;
pub(crate) mod world;
pub(crate) mod zoo;

#[allow(unused_imports, reason = "short names for every test file")]
pub(crate) use self::{
    require::require,
    run::{Cmd, Output},
    sandbox::Sandbox,
};
