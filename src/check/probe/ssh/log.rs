//! What OpenSSH's own log (`ssh -v`: sshconnect.c, sshconnect2.c, authfd.c, channels.c) tells of a login: how far it
//! came, which keys were offered, and what the agent said. Another ssh says none of this, and nothing is taken from it.

use std::path::PathBuf;

use crate::check::diagnosis::{Agent, Login};

/// What ssh said: its own log, and what it, or the other end, says to a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Log {
    /// What a person would see without `-v`.
    pub(super) plain: String,
    /// The lines of the log since the last login that worked, without `debug1: `.
    last: Vec<String>,
    /// The jump host (`ProxyJump`) as `[USER@]HOST[:PORT]`, where there is one.
    jump: Option<String>,
    /// How many logins worked: with a jump host the first of them is there.
    logins: usize,
    /// What sshd said in place of its greeting (sshd.c: `Exceeded MaxStartups`, `Not allowed at this time`).
    pub(super) turned_away: Option<String>,
}

impl Log {
    /// Takes apart what came on standard error.
    pub(super) fn of(stderr: &str) -> Self {
        let mut log = Self::default();
        for line in stderr.lines() {
            let line = line.trim_end();
            match line.strip_prefix("debug").and_then(|rest| rest.split_once(": ")) {
                Some((level, said)) if level.len() == 1 => log.debug(said),
                _ => log.line(line),
            }
        }
        log
    }

    fn debug(&mut self, said: &str) {
        if let Some(command) = said.strip_prefix("Setting implicit ProxyCommand from ProxyJump: ") {
            self.jump = jump(command);
        }
        if let Some((_, rest)) = said.split_once("banner line 0: ") {
            let away = ["Exceeded MaxStartups", "Not allowed at this time"];
            self.turned_away =
                away.into_iter().find(|words| rest.starts_with(words)).map(ToOwned::to_owned);
        }
        self.last.push(said.to_owned());
    }

    fn line(&mut self, line: &str) {
        if line.starts_with("Authenticated ") {
            self.logins += 1;
            self.last.clear();
            return;
        }
        let ssh = ["OpenSSH_", "Transferred: sent ", "Bytes per second: sent "];
        if ssh.iter().any(|words| line.starts_with(words)) {
            return;
        }
        self.plain.push_str(line);
        self.plain.push('\n');
    }

    /// The jump host, where ssh did not come further than there.
    pub(super) fn at_jump(&self) -> Option<&str> {
        let further = if self.forbidden() { 2 } else { 1 };
        self.jump.as_deref().filter(|_| self.logins < further)
    }

    /// Whether a host refused to forward anything.
    pub(super) fn forbidden(&self) -> bool {
        self.plain.contains("open failed: administratively prohibited")
    }

    /// Whether a host did not open a channel that was asked for.
    pub(super) fn is_closed(&self) -> bool {
        self.plain
            .lines()
            .any(|line| line.starts_with("channel ") && line.contains(": open failed: "))
    }

    fn has(&self, words: &str) -> bool {
        self.last.iter().any(|line| line.contains(words))
    }

    /// What the agent has to offer.
    fn agent(&self) -> Agent {
        let gone = self.last.iter().find_map(|line| {
            let (before, why) = line.split_once("ssh_get_authentication_socket: ")?;
            before.contains("get_agent_identities").then(|| why.to_owned())
        });
        match gone {
            Some(_) => Agent::Gone,
            None if self.has("agent contains no identities") => Agent::Empty,
            None if self.has("agent returned ") => Agent::Keys,
            None => Agent::No,
        }
    }

    /// Why the login failed; `None` where the log does not tell.
    pub(super) fn login(&self) -> Option<Login> {
        let plain = |words: &str| self.plain.contains(words);
        let methods = self.last.iter().rev().find_map(|line| {
            line.strip_prefix("Authentications that can continue: ").map(ToOwned::to_owned)
        })?;
        let offered: Vec<&str> =
            self.last.iter().filter_map(|l| l.strip_prefix("Offering public key: ")).collect();
        let accepted = self.last.iter().rev().find_map(|l| l.strip_prefix("Server accepts key: "));
        let open = self.plain.lines().find_map(|line| {
            let path = line.strip_prefix("Permissions ")?.split('\'').nth(1)?;
            line.ends_with("are too open.").then(|| PathBuf::from(path))
        });
        Some(if !methods.split(',').any(|method| method == "publickey") {
            Login::NoKeysTaken(methods)
        } else if plain("Too many authentication failures") {
            Login::TooManyKeys(offered.len())
        } else if plain("agent refused operation")
            || accepted.is_some_and(|line| line.ends_with(" agent"))
        {
            Login::AgentRefused
        } else if let Some(path) = open {
            Login::KeyOpen(path)
        } else if let Some(accepted) = accepted {
            // An agent would have signed: the file has a passphrase.
            Login::Passphrase(PathBuf::from(key_path(accepted)), self.agent())
        } else if offered.is_empty() {
            Login::NoKey(self.agent())
        } else {
            Login::NotAccepted(offered.len(), self.agent())
        })
    }
}

/// The file of `PATH TYPE SHA256:… explicit`, whose name may have blanks.
fn key_path(line: &str) -> &str {
    let end = line.rfind(" SHA256:").or_else(|| line.rfind(" MD5:")).unwrap_or(line.len());
    let before = line.get(..end).unwrap_or(line);
    before.rsplit_once(' ').map_or(before, |(path, _)| path)
}

/// The jump host of `ssh -l root -p 22 -v -W '[%h]:%p' HOST`; of several (`-J a,b`) the last.
fn jump(command: &str) -> Option<String> {
    let words = shell_words::split(command).ok()?;
    let after = |flag: &str| {
        let at = words.iter().position(|word| word == flag)?;
        words.get(at + 1).cloned()
    };
    let host = words.last().filter(|host| !host.starts_with('-'))?;
    let user = after("-l").map(|user| format!("{user}@")).unwrap_or_default();
    let port = after("-p").map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{user}{host}{port}"))
}
