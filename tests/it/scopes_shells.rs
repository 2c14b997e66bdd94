//! The model of the scopes against real shells: two of a kind at their prompts with the hook, which share what they share
//! (home, universal variables, the state directory). Every sequence of two steps and some hundred drawn ones; after each
//! step both shells have the environment that the model has, and prompt, star, `current` and the real client say what is
//! in force there.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use crate::support::certs::{Ca, Leaf};
use crate::support::pty::Pty;
use crate::support::scopes::{STEPS, Step, World, certs_of, destination, known, without_token};
use crate::support::values::{Random, number};
use crate::support::{Sandbox, require};

/// How many drawn sequences each kind of shell walks, and how long the longest is. `DCTX_FUZZ_SEED` draws others.
const DRAWN: usize = 300;
const LONGEST: usize = 8;

/// A shell's environment, of which docker and dctx know something.
type Vars = BTreeMap<String, String>;

/// A kind of shell: how it is started, and its start-up file. After the hook it writes its environment, once for each
/// line; then comes a prompt that ends in `@@`. `scrub` takes everything away that was chosen or set by hand.
struct Kind {
    name: &'static str,
    argv: &'static [&'static str],
    file: &'static str,
    text: &'static str,
}

const BASH: Kind = Kind {
    name: "bash",
    argv: &["bash"],
    file: "home/.bashrc",
    text: "PS1='@@ '\n\
           eval \"$(dctx init bash --prompt)\"\n\
           snap() { printf '<<'; env -0; printf '>>'; }\n\
           PROMPT_COMMAND+=(snap)\n\
           scrub() { dctx reset -U; unset ${!DCTX_*} ${!DOCKER_*} BUILDX_BUILDER; cd; }\n",
};

const ZSH: Kind = Kind {
    name: "zsh",
    argv: &["zsh", "-d"],
    file: "home/.zshrc",
    text: "PROMPT='@@ '\n\
           eval \"$(dctx init zsh --prompt)\"\n\
           snap() { printf '<<'; env -0; printf '>>'; }\n\
           precmd_functions+=(snap)\n\
           scrub() { dctx reset -U; unset -m 'DCTX_*' 'DOCKER_*' BUILDX_BUILDER; cd; }\n",
};

const FISH: Kind = Kind {
    name: "fish",
    argv: &["fish"],
    file: "home/.config/fish/config.fish",
    text: "set fish_greeting\n\
           set -g fish_autosuggestion_enabled 0\n\
           function fish_prompt\n\
           test -z \"$new\"; or begin; printf '<<'; env -0; printf '>>'; end >/dev/tty\n\
           set -g new\n\
           printf '@@ '\n\
           end\n\
           function again --on-event fish_prompt; set -g new yes; end\n\
           dctx init fish --prompt | source\n\
           function scrub\n\
           dctx reset -U\n\
           for v in (set -nx | string match -r '^(?:DCTX|DOCKER)_.*|BUILDX_BUILDER'); set -eg $v; set -eU $v; end\n\
           cd\n\
           end\n",
};

/// What docker, dctx and the model are asked about one environment, once: they go by it and by files that stay.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    star: Option<String>,
    current: Option<String>,
    endpoint: Option<String>,
}

/// Two real shells beside the model of them.
struct Pair<'a> {
    sb: &'a Sandbox,
    kind: &'a Kind,
    shells: [Pty; 2],
    world: World,
    steps: Vec<Step>,
    docker: Option<PathBuf>,
    known: &'a mut HashMap<Vars, Said>,
    taken: &'a mut usize,
}

fn prepare(kind: &Kind) -> Sandbox {
    let mut sb = Sandbox::new();
    let home = sb.home();
    let ca = Ca::new(sb.path("ca"));
    ca.client_dir(certs_of(&home), Some(&Leaf::CLIENT));
    let host = |name: &str| destination(name, &certs_of(&home)).host;
    let profiles = format!(
        "[profiles.plain]\nhost = \"{}\"\n\
         [profiles.tls]\nhost = \"{}\"\ncerts = \"~/certs\"\ndirs = [\"~/two\"]\n\
         [profiles.lab]\nhost = \"{}\"\ndirs = [\"~/one\"]\nenv = {{ BUILDX_BUILDER = \"lab\" }}\n\
         [profiles.prod]\nhost = \"{}\"\nprotected = true\ndirs = [\"~/live\"]\n",
        host("plain"),
        host("tls"),
        host("lab"),
        host("prod")
    );
    sb.write("home/.config/dctx/config.toml", profiles);
    for dir in ["one", "two", "live"] {
        fs::create_dir_all(home.join(dir)).unwrap();
    }
    sb.set_env("TERM", "dumb");
    sb.set_env("SHELL", require(kind.name).unwrap_or_default());
    sb.write(kind.file, kind.text);
    sb
}

/// Without escape sequences, such as those of a colour.
fn plain(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    let end =
        |part: &str| part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |at| at + 1);
    parts.fold(first, |all, part| all + &part[end(part)..])
}

/// The environment and the prompt, once both are there.
fn prompt(written: &[u8]) -> Option<(Vars, String)> {
    let text = String::from_utf8_lossy(written);
    let (_, rest) = text.split_once("<<")?;
    let (env, rest) = rest.rsplit_once(">>")?;
    let (line, _) = rest.rsplit_once("@@")?;
    let line = plain(line.rsplit(['\r', '\n']).next()?).trim().to_owned();
    let is_ours = |name: &str| {
        ["DOCKER_", "DCTX_"].iter().any(|start| name.starts_with(start)) || name == "BUILDX_BUILDER"
    };
    let all = env.split('\0').filter_map(|entry| entry.split_once('='));
    let vars = all.filter(|(name, _)| is_ours(name));
    Some((vars.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), line))
}

impl<'a> Pair<'a> {
    fn new(
        sb: &'a Sandbox,
        kind: &'a Kind,
        known: &'a mut HashMap<Vars, Said>,
        taken: &'a mut usize,
    ) -> Self {
        let shells = [(); 2].map(|()| Pty::start(sb, kind.argv, &[]));
        for shell in &shells {
            shell.until("a prompt", prompt);
        }
        let world = World::new(kind.name == "fish");
        let docker = require("docker");
        Self { sb, kind, shells, world, steps: Vec::new(), docker, known, taken }
    }

    /// Takes everything away, and begins anew.
    fn again(&mut self) {
        if self.world.shells[0].len() > 1 {
            self.shells[0].line("exit", prompt);
        }
        for who in [1, 0] {
            self.shells[who].line("scrub", prompt);
        }
        self.steps.clear();
        self.world = World::new(self.world.fish);
        for who in [0, 1] {
            let got = self.shells[who].line(":", prompt);
            assert_eq!(got, (Vars::new(), String::new()), "{}: scrubbed", self.kind.name);
        }
    }

    fn restart(&mut self, env: &[(String, String)]) -> (Vars, String) {
        self.shells[0] = Pty::start(self.sb, self.kind.argv, env);
        self.shells[0].until("a prompt", prompt)
    }

    /// Does it in the real shells.
    fn act(&mut self, step: Step) -> [(Vars, String); 2] {
        let fish = self.world.fish;
        let inside = self.world.shells[0].len() > 1;
        let line = match step {
            Step::Use(name, flag) | Step::Other(name, flag) => {
                format!("dctx use {name} {flag} --confirm {name}")
            }
            Step::Back => "dctx use -".to_owned(),
            Step::Reset(flag) | Step::OtherReset(flag) => format!("dctx reset {flag}"),
            Step::Cd(dir) => format!("cd ~/{dir}"),
            Step::Nested => format!("exec {}", self.kind.argv.join(" ")),
            Step::Set(value) if fish => format!("set -gx DOCKER_HOST {value}"),
            Step::Set(value) => format!("export DOCKER_HOST={value}"),
            Step::Erase if fish => "set -eg DOCKER_HOST".to_owned(),
            Step::Erase => "unset DOCKER_HOST".to_owned(),
            Step::In if !inside => "dctx shell tls".to_owned(),
            Step::Out if inside => "exit".to_owned(),
            Step::In | Step::Out | Step::New | Step::Stale(_) => ":".to_owned(),
        };
        let who = usize::from(matches!(step, Step::Other(..) | Step::OtherReset(_)));
        let one = match step {
            Step::New => self.restart(&[]),
            Step::Stale(kind) => {
                let older = World::older(fish, kind, &certs_of(&self.sb.home()));
                let text = |value: std::ffi::OsString| value.into_string().unwrap();
                let older =
                    older.into_iter().map(|(var, value)| (var.as_str().to_owned(), text(value)));
                self.restart(&older.collect::<Vec<_>>())
            }
            _ => self.shells[who].line(&line, prompt),
        };
        let other = self.shells[1 - who].line(":", prompt);
        if who == 0 { [one, other] } else { [other, one] }
    }

    /// One step, in the model and in the real shells; what differs, in words.
    fn take(&mut self, step: Step) -> Result<(), String> {
        self.steps.push(step);
        *self.taken += 1;
        let got = self.act(step);
        self.world.step(step, &self.sb.home(), &certs_of(&self.sb.home()));
        for (who, (vars, prompt)) in got.iter().enumerate() {
            let after = format!("{}, shell {who} after {:?}: ", self.kind.name, self.steps);
            let at = |what: &str| format!("{after}{what}");
            let plain = |vars: &Vars| -> Vars {
                let vars = vars.iter().filter(|(name, _)| *name != "DCTX_PROMPT");
                vars.map(|(name, value)| (name.clone(), without_token(name, value))).collect()
            };
            let env = self.world.env(who).into_iter();
            let env =
                env.map(|(var, value)| (var.as_str().to_owned(), value.into_string().unwrap()));
            let (is, wanted) = (plain(vars), plain(&env.collect()));
            if is != wanted {
                return Err(at(&format!(
                    "the environment is\n{is:#?}\nand should be\n{wanted:#?}"
                )));
            }
            let name = |in_force: Option<&str>| in_force.map(ToOwned::to_owned);
            let (used, in_force) = in_force(&wanted, self.sb);
            let word = match (used, in_force) {
                (Some("prod"), Some(_)) => "(prod protected)".to_owned(),
                (Some("prod"), None) => "(prod? protected)".to_owned(),
                (Some(name), Some(_)) => format!("({name})"),
                (Some(name), None) => format!("({name}?)"),
                (None, _) => String::new(),
            };
            if *prompt != word {
                return Err(at(&format!("the prompt is {prompt:?} and should be {word:?}")));
            }
            let said = self.said(vars, is);
            let wanted = Said {
                star: name(in_force),
                current: name(in_force),
                endpoint: self.docker.as_ref().map(|_| endpoint(&wanted)),
            };
            if said != wanted {
                return Err(at(&format!(
                    "they say\n{said:?}\nand should\n{wanted:?}\nin {vars:#?}"
                )));
            }
        }
        Ok(())
    }

    /// What is said in that environment.
    fn said(&mut self, vars: &Vars, key: Vars) -> Said {
        if let Some(said) = self.known.get(&key) {
            return said.clone();
        }
        let list = self.sb.dctx(["ls"]).envs(vars).run().done().out();
        let current = self.sb.dctx(["current", "--json"]).envs(vars).run().done().out();
        let current: serde_json::Value = serde_json::from_str(&current).unwrap();
        let said = Said {
            star: list.lines().find_map(|line| {
                Some(line.strip_prefix("* ")?.split_whitespace().next()?.to_owned())
            }),
            current: current["profile"].as_str().map(ToOwned::to_owned),
            endpoint: self.docker.as_ref().map(|docker| {
                let args = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
                self.sb.sh(docker, args).envs(vars).run().done().out().trim().to_owned()
            }),
        };
        if let (Some(said), Some(docker)) = (current["endpoint"].as_str(), &said.endpoint) {
            assert_eq!(said, docker, "current and the client: {vars:#?}");
        }
        self.known.insert(key, said.clone());
        said
    }
}

/// Where docker goes (docker/cli `opts.ParseHost`: where no host is set, TLS means this machine's port).
fn endpoint(vars: &Vars) -> String {
    let get = |name: &str| vars.get(name).filter(|value| !value.is_empty());
    let tls = get("DOCKER_TLS_VERIFY").or(get("DOCKER_TLS"));
    let none = if tls.is_some() { "tcp://localhost:2376" } else { "unix:///var/run/docker.sock" };
    get("DOCKER_HOST").cloned().unwrap_or_else(|| none.to_owned())
}

/// The profile that was chosen in this environment, and the same where all five variables are as it has them.
fn in_force(vars: &Vars, sb: &Sandbox) -> (Option<&'static str>, Option<&'static str>) {
    let get = |name: &str| vars.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let used = get("DCTX_PROFILE").and_then(|name| known(name.as_ref()));
    let is_so = |name: &&str| {
        let to = destination(name, &certs_of(&sb.home()));
        get("DOCKER_HOST") == Some(to.host.as_str())
            && get("DOCKER_TLS_VERIFY") == to.cert_dir.as_ref().map(|_| "1")
            && get("DOCKER_CERT_PATH") == to.cert_dir.as_ref().and_then(|dir| dir.to_str())
            && get("DOCKER_TLS").or(get("DOCKER_CONTEXT")).is_none()
    };
    (used, used.filter(is_so))
}

/// Walks with one kind of shell; prints how many steps were taken, and how long it took.
fn walk(kind: &Kind) {
    if require(kind.name).is_none() || require("setsid").is_none() {
        return;
    }
    let began = Instant::now();
    let sb = prepare(kind);
    let (mut known, mut taken) = (HashMap::new(), 0);
    let mut wrong = Vec::new();
    let mut pair = Pair::new(&sb, kind, &mut known, &mut taken);
    let steps: Vec<Step> =
        STEPS.into_iter().filter(|step| step.is_for(kind.name == "fish")).collect();
    for first in &steps {
        for second in &steps {
            let done = pair.take(*first).and_then(|()| pair.take(*second));
            wrong.extend(done.err());
            pair.again();
        }
    }
    drop(pair);
    let pairs = taken;
    let mut random = Random::seeded(kind.name);
    let drawn = number("DCTX_SCOPES_DRAWN").map_or(DRAWN, |n| usize::try_from(n).unwrap());
    for _ in 0..drawn {
        let mut pair = Pair::new(&sb, kind, &mut known, &mut taken);
        for _ in 0..3 + random.below(LONGEST - 2) {
            if let Err(what) = pair.take(steps[random.below(steps.len())]) {
                wrong.push(what);
                break;
            }
        }
        pair.again();
    }
    println!(
        "{}: {} sequences of two steps ({pairs} steps) and {drawn} drawn ones of up to {LONGEST} ({} steps) in {:.0} s; {} \
         environments",
        kind.name,
        steps.len() * steps.len(),
        taken - pairs,
        began.elapsed().as_secs_f64(),
        known.len()
    );
    let count = wrong.len();
    wrong.truncate(8);
    assert!(count == 0, "{count} sequences differ\n{}", wrong.join("\n\n"));
}

#[test]
fn bash_does_what_the_model_does() {
    walk(&BASH);
}

#[test]
fn zsh_does_what_the_model_does() {
    walk(&ZSH);
}

#[test]
fn fish_does_what_the_model_does() {
    walk(&FISH);
}
