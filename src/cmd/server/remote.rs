//! The host itself, over the user's own ssh: looked at, asked about, changed by the script, taken back by it.
//!
//! The private key goes through standard input, into a directory that only the login can enter; never into an argument
//! or a variable, which others on either machine can read.

use std::collections::VecDeque;
use std::fs::OpenOptions;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use super::kit::{Kit, merged_of};
use super::material::Material;
use crate::cmd::{Ctx, guard};
use crate::error::{EndpointFault, Error, ProfileFault, Result, ServerFault};
use crate::profile::Profile;
use crate::profile::endpoint::{Endpoint, login_host, login_user};
use crate::server::look::{Json, Look, MOST};
use crate::server::{Kind, Mode, Script, Setup, tar};
use crate::text::clean;
use crate::tr;

/// The longest line of the other side that is shown whole, in bytes.
const LINE: u64 = 4096;

/// What has been asked for, and what has been answered beforehand.
pub(super) struct Asked<'a> {
    /// Whose host is changed: a protected one asks for its name.
    pub(super) profile: &'a Profile,
    /// `--yes`.
    pub(super) yes: bool,
    /// `--confirm` and `--accept`.
    pub(super) answers: guard::Answers<'a>,
    /// The other flags, for hints.
    pub(super) flags: String,
    /// The whole command without `--take-over`, `--undo` and the answers, for the hints of the script.
    pub(super) command: String,
    /// `--take-over`.
    pub(super) take_over: bool,
}

impl Asked<'_> {
    /// Better said, and asked, before anything is connected to. `--yes` answers whether the script is to run; that it is
    /// the right host, a protected profile asks apart from that.
    fn first(&self, ctx: &Ctx<'_>, login: &Login) -> Result<()> {
        let terminal = !ctx.no_input && (ctx.env.stdin_tty || ctx.env.stderr_tty);
        if !self.yes && !terminal {
            let (name, login) = (self.profile.name.clone(), login.shown.clone());
            let mut flags = self.flags.clone();
            flags.push_str(&guard::flags(ctx, self.profile)?);
            return Err(Error::Server(ServerFault::NotAsked { name, login, flags }));
        }
        guard::pass(ctx, self.profile, self.answers, "server", || {
            let yes = if self.yes { " --yes" } else { "" };
            format!(" --ssh {}{}{yes}", shell_words::quote(&login.shown), self.flags)
        })
    }
}

/// Whom ssh is to log in as, and where.
struct Login {
    /// As the person wrote it, for messages and hints.
    shown: String,
    /// ssh's arguments, without the command.
    args: Vec<String>,
}

impl Login {
    fn parse(text: &str) -> Result<Self> {
        let address = if text.contains("://") { text.to_owned() } else { format!("ssh://{text}") };
        let refused = |fault, write| {
            let fault = ProfileFault::Endpoint { input: text.to_owned(), fault, write };
            Err(Error::Value(fault))
        };
        let (user, host, port) = match Endpoint::parse(&address) {
            Ok(Endpoint::Ssh { user, host, port, path }) if path.is_empty() => (user, host, port),
            Ok(other) => {
                return refused(EndpointFault::Scheme(other.scheme().to_owned()), None);
            }
            Err(error) => return refused(error.fault, None),
        };
        let mut args: Vec<String> = ["-T", "-o", "ConnectTimeout=20"].map(str::to_owned).into();
        if let Some(user) = user {
            args.extend(["-l".to_owned(), login_user(&user)]);
        }
        if let Some(port) = port {
            args.extend(["-p".to_owned(), port.to_string()]);
        }
        args.extend(["--".to_owned(), login_host(&host)]);
        Ok(Self { shown: text.to_owned(), args })
    }

    /// Runs `command` there with `input`, prints what it says, and returns its status and its output.
    fn run(&self, ctx: &Ctx<'_>, command: &str, input: &[u8]) -> Result<(i32, Vec<u8>)> {
        let start = |source| Error::Start { program: "ssh".to_owned(), source };
        let mut ssh = Command::new("ssh");
        ssh.args(&self.args).arg(command);
        ssh.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = ssh.spawn().map_err(start)?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let out = ctx.out;
        let mut output = Vec::new();
        let last = std::thread::scope(|scope| {
            // Each in its own thread: a pipe that is full waits for nobody else.
            scope.spawn(move || {
                // One that ends early has said why.
                let _ = stdin.map(|mut stdin| stdin.write_all(input));
            });
            let said = scope.spawn(move || {
                let mut last = VecDeque::new();
                let Some(stderr) = stderr else { return last };
                let mut lines = BufReader::new(stderr);
                let mut line = Vec::new();
                while lines.by_ref().take(LINE).read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                    let text = String::from_utf8_lossy(&line);
                    let text = clean(text.trim_end_matches(['\n', '\r'])).into_owned();
                    out.raw(&text);
                    last.push_back(text);
                    if last.len() > 8 {
                        last.pop_front();
                    }
                    line.clear();
                }
                last
            });
            if let Some(stdout) = stdout {
                let _ = stdout.take(MOST).read_to_end(&mut output);
            }
            said.join().unwrap_or_default()
        });
        let status = child.wait().map_err(start)?.code().unwrap_or(1);
        if status != 0 && out.quiet {
            // With --quiet it has not been printed.
            last.iter().for_each(|line| out.warn(line, &[]));
        }
        match status {
            255 => Err(Error::Server(ServerFault::Ssh { login: self.shown.clone() })),
            status => Ok((status, output)),
        }
    }

    /// What there is there; with `take_over`, how docker is going to listen once what was made by hand is replaced.
    fn look(&self, ctx: &Ctx<'_>, setup: &Setup, take_over: bool) -> Result<Look> {
        let script = setup.script(&Script { take_over, ..Script::default() });
        let (_, output) = self.run(ctx, "sh -s -- --look", script.as_bytes())?;
        let report = String::from_utf8(output).ok();
        report
            .and_then(|report| Look::read(&report))
            .ok_or_else(|| Error::Server(ServerFault::NoReport { login: self.shown.clone() }))
    }

    fn ended(&self, status: i32) -> Result<()> {
        match status {
            0 => Ok(()),
            status => {
                let login = self.shown.clone();
                Err(Error::Server(ServerFault::Script { login, status }))
            }
        }
    }
}

/// The words before a command that has to be root's.
fn become_root(look: &Look, asked: &Asked<'_>, login: &Login) -> Result<&'static str> {
    match (look.root, look.sudo) {
        (true, _) => Ok(""),
        (false, true) => Ok("sudo -n "),
        (false, false) => Err(Error::Server(ServerFault::NoRoot {
            name: asked.profile.name.clone(),
            login: login.shown.clone(),
            flags: asked.flags.clone(),
        })),
    }
}

/// Installs it there.
///
/// # Errors
/// Nobody to ask, a no, what ssh or the script said. The host is as it was, unless the script says otherwise.
pub(super) fn install(
    ctx: &Ctx<'_>,
    setup: &Setup,
    material: Option<&Material>,
    login: &str,
    asked: &Asked<'_>,
) -> Result<()> {
    let lang = ctx.out.lang;
    let login = Login::parse(login)?;
    asked.first(ctx, &login)?;
    let look = login.look(ctx, setup, asked.take_over)?;
    if !look.rootless.is_empty() {
        let (name, login) = (setup.name.clone(), login.shown);
        let socket = clean(&look.rootless).into_owned();
        return Err(Error::Server(ServerFault::Rootless { name, login, socket }));
    }
    let sudo = become_root(&look, asked, &login)?;
    // Where it cannot be worked out here, the script does it there, or says why not.
    let merged = match (&look.json, look.kind) {
        (Json::Here(was), Some(kind)) if look.is_usual() => {
            let at = format!("{}:{}", login.shown, look.config);
            merged_of(setup, kind, &at, was.clone(), asked.take_over, &asked.command)?
        }
        _ => None,
    };
    let how = Script { take_over: asked.take_over, via: &asked.command, lang, ..Script::default() };
    let kit = Kit::new(setup, merged, &how);
    ctx.out.data(setup.script(&how).as_bytes())?;
    plan(ctx, setup, &look, &login);
    if asked.take_over && !look.flags.is_empty() {
        let flags = clean(&look.flags);
        ctx.out.say(&tr!(
            lang,
            "these flags of dockerd are taken over: {flags}",
            "将接管 dockerd 的这些参数：{flags}"
        ));
    }
    if !asked.yes && !ask(&tr!(lang, "Run this script there?", "在那里运行此脚本？"))? {
        return Err(Error::Server(ServerFault::NotWanted));
    }
    let command = format!(
        "sh -c 'umask 077; d=$(mktemp -d) || exit 1; trap \"rm -rf $d\" EXIT; trap \"exit 1\" HUP INT TERM; tar -xf - -C \"$d\" || exit 1; {sudo}sh \"$d/install.sh\"; exit $?'"
    );
    let (status, _) = login.run(ctx, &command, &tar::stream(&kit.files(material)))?;
    login.ended(status)
}

/// Puts back what was there before the last install.
///
/// # Errors
/// As [`install`].
pub(super) fn undo(ctx: &Ctx<'_>, setup: &Setup, login: &str, asked: &Asked<'_>) -> Result<u8> {
    let lang = ctx.out.lang;
    let login = Login::parse(login)?;
    asked.first(ctx, &login)?;
    let look = login.look(ctx, setup, false)?;
    let sudo = become_root(&look, asked, &login)?;
    stops(ctx, &look);
    let shown = &login.shown;
    let question = tr!(
        lang,
        "Put back on {shown} what was there before the last install, and restart docker?",
        "在 {shown} 上恢复上次安装之前的状态，并重启 docker？"
    );
    if !asked.yes && !ask(&question)? {
        return Err(Error::Server(ServerFault::NotWanted));
    }
    let script = setup.script(&Script { via: &asked.command, lang, ..Script::default() });
    let (status, _) = login.run(ctx, &format!("{sudo}sh -s -- --undo"), script.as_bytes())?;
    login.ended(status)?;
    Ok(0)
}

/// What is about to happen.
fn plan(ctx: &Ctx<'_>, setup: &Setup, look: &Look, login: &Login) {
    let (lang, shown, port) = (ctx.out.lang, &login.shown, setup.port);
    let (init, version) = (&look.init, &look.version);
    let version = if version.is_empty() { "?" } else { version };
    ctx.out.say(&tr!(
        lang,
        "{shown}: dockerd {version}, started by {init}",
        "{shown}：dockerd {version}，由 {init} 启动"
    ));
    let address = match setup.bind {
        None => tr!(lang, "every address", "所有地址"),
        Some(_) => setup.address(),
    };
    let (config, dir) = (&look.config, &look.dir);
    if setup.mode == Mode::Tls {
        ctx.out.say(&tr!(
            lang,
            "ca.pem, server-cert.pem and server-key.pem go to {dir}, and {config} will name them; the rest of it stays",
            "ca.pem、server-cert.pem 和 server-key.pem 放到 {dir}，并写入 {config}；其余内容不变"
        ));
    }
    ctx.out.say(&match look.kind {
        Some(Kind::Socket) => tr!(
            lang,
            "systemd listens on port {port} of {address} (docker-tcp.socket, and a drop-in so that docker starts after it)",
            "systemd 监听{address}的 {port} 端口（docker-tcp.socket，以及使 docker 在其后启动的 drop-in）"
        ),
        _ => tr!(
            lang,
            "docker listens on port {port} of {address} (hosts in {config})",
            "docker 监听{address}的 {port} 端口（{config} 中的 hosts）"
        ),
    });
    ctx.out.say(&tr!(
        lang,
        "what is changed is copied to /var/lib/dctx there first, and put back if any step fails",
        "将被修改的文件会先复制到那里的 /var/lib/dctx，任何一步失败都会恢复"
    ));
    stops(ctx, look);
}

/// How many containers a restart stops, if any.
fn stops(ctx: &Ctx<'_>, look: &Look) {
    let (lang, n) = (ctx.out.lang, look.containers);
    if n > 0 {
        ctx.out.warn(
            &tr!(
                lang,
                "docker is restarted, and live-restore is off: the {n} running containers stop (those with a restart policy come back)",
                "docker 将重启，且 live-restore 未启用：{n} 个运行中的容器会停止（有重启策略的会恢复）"
            ),
            &[],
        );
    }
}

/// Asks on the terminal.
///
/// # Errors
/// When the terminal is gone.
fn ask(question: &str) -> Result<bool> {
    let doing = "asking on the terminal";
    let failed = |source: io::Error| Error::Io { doing, source };
    let tty = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(failed)?;
    let text = format!("{} [y/N] ", clean(question));
    (&tty).write_all(text.as_bytes()).map_err(failed)?;
    let mut answer = String::new();
    BufReader::new(tty.take(64)).read_line(&mut answer).map_err(failed)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是"))
}
