//! One situation set up: a sandbox with a profile, what docker is told of it, where both run, and what has to live
//! as long. Then docker, `check` and `explain` are asked.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::require::find;
use crate::support::sandbox::{copy_program, dctx_bin};
use crate::support::{Cmd, Output, Sandbox, require};

/// Seconds after which docker is taken for hanging: packets that are dropped take it 32 s.
const DOCKER_WAITS: &str = "45";
/// The same where it is known to hang.
const DOCKER_HANGS: &str = "4";
/// What `check` is told to wait at most: longer than any builder is slow, or not long where it has to wait in vain.
const CHECK_WAITS: [&str; 2] = ["30s", "2s"];
/// Nobody, who may read what everybody may.
const NOBODY: u32 = 65534;

/// One situation, set up.
pub(crate) struct Scene {
    pub(crate) sb: Sandbox,
    /// Lines of the profile `p`; none where the situation is one of the shell.
    profile: Option<String>,
    /// What docker is given.
    docker: BTreeMap<String, String>,
    /// What both are given.
    both: BTreeMap<String, String>,
    /// What both run under, such as a network namespace.
    under: Vec<String>,
    nobody: bool,
    held: Vec<Box<dyn Any + Send>>,
}

impl Scene {
    fn new(profile: Option<String>) -> Self {
        let (docker, both) = (BTreeMap::new(), BTreeMap::new());
        let (under, held) = (Vec::new(), Vec::new());
        Scene { sb: Sandbox::new(), profile, docker, both, under, nobody: false, held }
    }

    /// A host without TLS: tcp, ssh or unix.
    pub(crate) fn host(host: &str) -> Self {
        let mut scene = Self::new(Some(format!("host = {host:?}\n")));
        scene.docker.insert("DOCKER_HOST".into(), host.into());
        scene
    }

    /// A host with TLS, verified, and the directory of files that is made in the sandbox, or lies elsewhere.
    pub(crate) fn tls(host: &str, certs: impl FnOnce(&Sandbox) -> PathBuf) -> Self {
        let mut scene = Self::new(None);
        let certs = certs(&scene.sb);
        let certs = certs.to_str().unwrap();
        scene.profile = Some(format!("host = {host:?}\ntls = \"verify\"\ncerts = {certs:?}\n"));
        for (name, value) in
            [("DOCKER_HOST", host), ("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", certs)]
        {
            scene.docker.insert(name.into(), value.into());
        }
        scene
    }

    /// The same at another address.
    pub(crate) fn at(mut self, host: &str) -> Self {
        self.profile = Some(format!("host = {host:?}\n"));
        self.docker.insert("DOCKER_HOST".into(), host.into());
        self
    }

    /// The same with TLS and the certificates that it has.
    pub(crate) fn tls_at(mut self, host: &str) -> Self {
        let old = format!("{:?}", self.docker["DOCKER_HOST"]);
        self.profile = self.profile.map(|text| text.replace(&old, &format!("{host:?}")));
        self.docker.insert("DOCKER_HOST".into(), host.into());
        self
    }

    /// A shell with these variables, and no profile.
    pub(crate) fn shell(vars: &[(&str, &str)]) -> Self {
        vars.iter().fold(Self::new(None), |scene, (name, value)| scene.env(name, value))
    }

    /// No profile: the shell has what docker is given. (What a profile's `use` sets, docker reaches past any proxy.)
    pub(crate) fn in_shell(mut self) -> Self {
        self.profile = None;
        self.both.append(&mut self.docker);
        self
    }

    /// A variable of the shell that both run in.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.both.insert(name.into(), value.into());
        self
    }

    /// The API version that the profile pins.
    pub(crate) fn api(mut self, version: &str) -> Self {
        self.docker.insert("DOCKER_API_VERSION".into(), version.into());
        if let Some(profile) = &mut self.profile {
            profile.push_str(&format!("api-version = {version:?}\n"));
        }
        self
    }

    /// Runs both under this command.
    pub(crate) fn under(mut self, command: Vec<String>) -> Self {
        self.under = command;
        self
    }

    /// Runs both as nobody.
    pub(crate) fn by_nobody(mut self) -> Option<Self> {
        require("setpriv")?;
        self.nobody = true;
        Some(self)
    }

    /// Keeps a server for as long as the scene.
    pub(crate) fn hold(mut self, what: impl Any + Send) -> Self {
        self.held.push(Box::new(what));
        self
    }

    /// Whether there is a profile.
    pub(crate) fn has_profile(&self) -> bool {
        self.profile.is_some()
    }

    /// Writes the profile file, and gives everything to whom it is to belong.
    pub(crate) fn ready(&self) {
        if let Some(profile) = &self.profile {
            self.sb.write("home/.config/dctx/config.toml", format!("[profiles.p]\n{profile}"));
        }
        // the program lies where nobody may not look
        if self.nobody {
            copy_program(dctx_bin(), &self.sb.path("dctx"));
            give(self.sb.dir());
        }
    }

    fn cmd(&self, program: &Path, args: &[&str], limit: Option<&str>) -> Cmd {
        // without a terminal: ssh would ask the person who runs the tests
        let mut line: Vec<String> = ["setsid", "--wait"].map(str::to_owned).into();
        line.extend(self.under.iter().cloned());
        if self.nobody {
            let id = NOBODY.to_string();
            let flags = ["setpriv", "--reuid", &id, "--regid", &id, "--clear-groups", "--"];
            line.extend(flags.map(str::to_owned));
        }
        if let Some(limit) = limit {
            line.extend(["timeout", "-k", "2", limit].map(str::to_owned));
        }
        line.push(program.to_str().unwrap().to_owned());
        line.extend(args.iter().map(|arg| (*arg).to_owned()));
        // PATH of the scene is for the program that is asked; what starts it is found on ours
        let setsid = find("setsid").unwrap_or_else(|| "setsid".into());
        let line = line.into_iter().skip(1).map(|word| {
            let tool = matches!(word.as_str(), "setpriv" | "timeout" | "unshare");
            if tool { find(&word).map_or(word, |p| p.to_str().unwrap().to_owned()) } else { word }
        });
        self.sb.sh(setsid, line).envs(&self.both)
    }

    /// docker's own words; it is ended after some seconds where it is known to hang.
    pub(crate) fn docker(&self, hangs: bool) -> Output {
        let limit = if hangs { DOCKER_HANGS } else { DOCKER_WAITS };
        let args = ["version", "-f", "{{.Server.Version}}"];
        self.cmd(&docker(), &args, Some(limit)).envs(&self.docker).run()
    }

    fn dctx(&self, args: &[&str]) -> Cmd {
        let own = self.sb.path("dctx");
        let dctx = if self.nobody { &own } else { dctx_bin() };
        self.cmd(dctx, args, Some("100"))
    }

    /// `dctx check p`, or of the shell.
    pub(crate) fn check(&self, in_vain: bool) -> Output {
        let name = if self.has_profile() { &["p"][..] } else { &[] };
        let limit = CHECK_WAITS[usize::from(in_vain)];
        let args = [&["check", "--json", "--timeout", limit][..], name].concat();
        self.dctx(&args).run()
    }

    /// The same, as a person reads it.
    pub(crate) fn check_text(&self) -> Output {
        let name = if self.has_profile() { &["p"][..] } else { &[] };
        self.dctx(&[&["check", "--timeout", CHECK_WAITS[0]][..], name].concat()).run()
    }

    /// `dctx check p` within two seconds of its own, under this command, and with this watchdog.
    pub(crate) fn check_under(&self, under: &[&str], watchdog: &str, json: bool) -> Output {
        let dctx = dctx_bin().to_str().unwrap();
        let (program, under) = under.split_first().unwrap();
        let mut args = under.to_vec();
        args.extend(["timeout", "-k", "2", watchdog, dctx, "check", "p", "--timeout", "2s"]);
        args.extend(json.then_some("--json"));
        self.cmd(Path::new(program), &args, None).run()
    }

    /// `dctx explain` of these words; where there is no profile, in the shell that they were said in.
    pub(crate) fn explain(&self, words: &[u8], profile: bool) -> Output {
        let more = if profile { &["--profile", "p"][..] } else { &[] };
        let args = [&["explain", "--json"][..], more].concat();
        self.dctx(&args).stdin(words).run()
    }
}

fn give(path: &Path) {
    std::os::unix::fs::lchown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if fs::symlink_metadata(path).unwrap().is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap().path();
            // what is root's stays root's: its name says so
            if !entry.file_name().unwrap().to_str().unwrap().starts_with("root-") {
                give(&entry);
            }
        }
    }
}

/// The client that is asked: `DCTX_LAB_DOCKER`, or the one on PATH.
pub(crate) fn docker() -> PathBuf {
    let named = std::env::var("DCTX_LAB_DOCKER").unwrap_or_else(|_| "docker".into());
    find(&named).unwrap()
}

/// A python that needs no home.
pub(crate) fn python() -> &'static str {
    static PYTHON: OnceLock<String> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let system = find("/usr/bin/python3").or_else(|| find("python3"));
        system.map_or_else(|| "python3".into(), |path| path.to_str().unwrap().to_owned())
    })
}

/// Every diagnosis of a JSON answer that stops or warns, in order: its id, and its level where one is given.
pub(crate) fn diagnoses(answer: &[u8]) -> Result<Vec<(String, String)>, String> {
    let json: Value = serde_json::from_slice(answer).map_err(|e| e.to_string())?;
    let mut all = Vec::new();
    walk(&json, &mut all);
    Ok(all)
}

fn walk(json: &Value, all: &mut Vec<(String, String)>) {
    match json {
        Value::Array(items) => items.iter().for_each(|item| walk(item, all)),
        Value::Object(fields) => {
            if let Some(id) = fields.get("id").and_then(Value::as_str) {
                let level = fields.get("level").and_then(Value::as_str).unwrap_or("");
                // a host has the id of its first failure, and the list of all of them
                if level != "ok" && !fields.contains_key("findings") {
                    all.push((id.to_owned(), level.to_owned()));
                }
            }
            fields.values().for_each(|value| walk(value, all));
        }
        _ => {}
    }
}
