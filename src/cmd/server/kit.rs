//! Everything the host needs, as files: in a directory that only its owner can enter, or as a stream for the other
//! side.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use super::material::Material;
use crate::cli;
use crate::cmd::Ctx;
use crate::error::{Error, Hint, Result, ServerFault};
use crate::server::look::MOST;
use crate::server::tar::File;
use crate::server::{ETC_DOCKER, Kind, Script, Setup, json};
use crate::tr;

/// A merged daemon.json, and what it was made from.
pub(super) struct Merged {
    pub(super) kind: Kind,
    pub(super) was: String,
    pub(super) is: String,
}

/// The texts of a kit; the certificates are lent.
pub(super) struct Kit {
    script: String,
    socket: String,
    drop_in: String,
    merged: Option<Merged>,
    /// For a person to read: what a host without a daemon.json gets.
    fresh: Option<String>,
}

impl Kit {
    /// `how` is how the script is going to be run; for which kind daemon.json is, is filled in here.
    pub(super) fn new(setup: &Setup, merged: Option<Merged>, how: &Script<'_>) -> Self {
        let fresh = json::merged(None, setup, Kind::Socket, ETC_DOCKER, false).ok().flatten();
        let json_for = merged.as_ref().map(|merged| merged.kind);
        Self {
            script: setup.script(&Script { json_for, ..*how }),
            socket: setup.socket_unit(),
            drop_in: setup.drop_in(),
            merged,
            fresh,
        }
    }

    /// The files, each with its final mode.
    pub(super) fn files<'f>(&'f self, material: Option<&'f Material>) -> Vec<File<'f>> {
        let text = |name, text: &'f str| File { name, mode: 0o644, bytes: text.as_bytes() };
        let mut out = vec![
            text("docker-tcp.socket", &self.socket),
            text("10-dctx.conf", &self.drop_in),
            File { name: "install.sh", mode: 0o755, bytes: self.script.as_bytes() },
        ];
        match (&self.merged, &self.fresh) {
            (Some(merged), _) => {
                out.push(text("daemon.json", &merged.is));
                out.push(text("daemon.json.was", &merged.was));
            }
            (None, Some(fresh)) => out.push(text("daemon.json", fresh)),
            (None, None) => {}
        }
        if let Some(material) = material {
            out.push(File { name: "ca.pem", mode: 0o444, bytes: &material.ca });
            out.push(File { name: "server-cert.pem", mode: 0o444, bytes: &material.cert });
            out.push(File { name: "server-key.pem", mode: 0o400, bytes: &material.key });
        }
        out
    }
}

/// `--out DIR`. `host` is where ssh goes, for the hint.
///
/// # Errors
/// When something is there already, or cannot be written; nothing is left of it then.
pub(super) fn write(
    ctx: &Ctx<'_>,
    setup: &Setup,
    material: Option<&Material>,
    dir: &Path,
    args: &cli::Server,
    host: &str,
) -> Result<u8> {
    let merged = match &args.daemon_json {
        Some(path) => merge(setup, path, args)?,
        None => None,
    };
    let kit = Kit::new(
        setup,
        merged,
        &Script { take_over: args.take_over, lang: ctx.out.lang, ..Script::default() },
    );
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        Ok(()) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Error::Server(ServerFault::OutExists { path: dir.to_owned() }));
        }
        Err(source) => return Err(Error::Write { path: dir.to_owned(), source }),
    }
    for file in kit.files(material) {
        let path = dir.join(file.name);
        if let Err(source) = create(&path, &file) {
            let _ = fs::remove_dir_all(dir);
            return Err(Error::Write { path, source });
        }
    }
    let (lang, shown) = (ctx.out.lang, ctx.tilde(dir));
    ctx.out.say(&match material {
        Some(_) => tr!(
            lang,
            "everything is in {shown}, which contains the server's private key: delete it after the installation",
            "全部文件已写入 {shown}，其中有服务器私钥：安装后请删除"
        ),
        None => tr!(lang, "everything is in {shown}", "全部文件已写入 {shown}"),
    });
    let quoted = shell_words::quote(&dir.display().to_string()).into_owned();
    let hint = Hint::run(
        tr!(lang, "next, as a user who can become root", "下一步（使用可成为 root 的登录）"),
        format!(
            "tar -C {quoted} -cf - . | ssh {host} 'umask 077; mkdir kit && tar -C kit -xf -' && ssh -t {host} 'sudo sh kit/install.sh; rm -rf kit'"
        ),
    );
    ctx.out.advise(&hint);
    Ok(0)
}

/// A file with its final mode from the first moment.
fn create(path: &Path, file: &File<'_>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, file.mode);
    options.open(path)?.write_all(file.bytes)
}

/// The host's daemon.json, as a person fetched it, with the keys in it. How dockerd is started there is not known here: with
/// `hosts` in the file it is taken for one without `-H`, which is the only one that starts with it. The script finds out
/// where it runs, and goes by the file only where that is so.
fn merge(setup: &Setup, path: &Path, args: &cli::Server) -> Result<Option<Merged>> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let was = crate::file::text(path, MOST).map_err(failed)?;
    let at = path.display().to_string();
    merged_of(setup, json::kind_of(&was), &at, was, args.take_over, &super::command(args))
}

/// `was` with the keys in it; `at` is what to call it, `command` what was typed, for the hint.
///
/// # Errors
/// [`ServerFault::Json`].
pub(super) fn merged_of(
    setup: &Setup,
    kind: Kind,
    at: &str,
    was: String,
    take_over: bool,
    command: &str,
) -> Result<Option<Merged>> {
    let (at, command) = (at.to_owned(), command.to_owned());
    let is = json::merged(Some(&was), setup, kind, ETC_DOCKER, take_over)
        .map_err(|fault| Error::Server(ServerFault::Json { at, command, fault }))?;
    Ok(is.map(|is| Merged { kind, was, is }))
}
