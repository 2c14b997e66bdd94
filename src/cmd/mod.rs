//! One file per family of commands: each gets its parsed arguments and a context, and returns a result.

pub mod advice;
pub mod cert;
pub mod change;
pub mod check;
pub mod complete;
pub mod current;
pub mod deliver;
pub mod editor;
pub mod exec;
pub mod explain;
pub mod guard;
pub mod help;
pub mod hook;
pub mod init;
pub mod key;
pub mod ls;
pub mod manual;
pub mod pick;
pub mod server;
pub mod show;
pub mod subshell;
pub mod switch;
pub mod usage;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::env::Env;
use crate::error::{Error, Hint, Result};
use crate::exports::{Exports, Var};
use crate::file::MAX_STATE;
use crate::output::Output;
use crate::profile::{Profile, TlsMode, certs};
use crate::shell::{EmitError, Emitter, SHELLS};
use crate::store::parse::Settings;
use crate::tr;

/// What every command is given.
#[derive(Debug)]
pub struct Ctx<'a> {
    /// The environment.
    pub env: &'a Env,
    /// Where to print.
    pub out: &'a Output,
    /// Never ask.
    pub no_input: bool,
}

impl Ctx<'_> {
    /// What looking at certificate files needs, with `home` kept by the caller.
    fn look<'h>(&self, home: Option<&'h std::path::Path>, settings: &Settings) -> certs::Look<'h> {
        certs::Look {
            home,
            strict: settings.strict_modes,
            // A link that leads to it stands in another directory than this one.
            bundle: self
                .env
                .filled("SSL_CERT_FILE")
                .and_then(|path| std::path::absolute(path).ok()),
        }
    }

    /// Says what is odd about the user's own file, once in a run: at its end, or before another program takes this one's
    /// place. `failed` is what the run ends with; what that says already is left out.
    pub fn say_odd(&self, failed: Option<&Error>) {
        let lang = self.out.lang;
        for odd in self.env.take_odd() {
            let hints = match (&odd, failed) {
                (Error::SchemaAhead { .. }, Some(Error::NewerSchema { .. })) => continue,
                (Error::Setting { .. }, _) => {
                    vec![Hint::run(
                        tr!(lang, "the default is in force; to fix it", "已采用默认值；修正"),
                        "dctx edit",
                    )]
                }
                _ => odd.hints(lang),
            };
            self.out.warn_error("", &odd, &hints);
        }
    }

    /// The time, in seconds since 1970.
    fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs())
    }

    /// The path of the file people edit, with `~`.
    fn tilde(&self, path: &std::path::Path) -> String {
        crate::env::tilde(path, self.env.home().as_deref())
    }
}

/// The words for a TLS mode in one line: what is configured, since nothing has been connected to. `client` is whether
/// there is a client certificate for the server to verify.
fn tls_words(mode: TlsMode, client: bool, lang: crate::error::Lang) -> String {
    match (mode, client) {
        (TlsMode::Off, _) => tr!(lang, "no TLS", "无 TLS"),
        (TlsMode::Verify, true) => tr!(lang, "TLS, verified both ways", "TLS（双向验证）"),
        (TlsMode::Verify, false) => {
            tr!(lang, "TLS, only the server is verified", "TLS（仅验证服务器）")
        }
        (TlsMode::System, true) => tr!(
            lang,
            "TLS, verified both ways, the server by the system's CAs",
            "TLS（双向验证，用系统 CA 验证服务器）"
        ),
        (TlsMode::System, false) => tr!(
            lang,
            "TLS, only the server is verified, by the system's CAs",
            "TLS（仅用系统 CA 验证服务器）"
        ),
        (TlsMode::Insecure, _) => {
            tr!(lang, "TLS, server NOT verified", "TLS（不验证服务器）")
        }
    }
}

/// Says that a file with certificates has a private key in it as well, if it does; it is not copied along.
fn key_inside(ctx: &Ctx<'_>, path: &std::path::Path, bytes: &[u8]) {
    if !crate::cert::pem::has_key(bytes) {
        return;
    }
    let (lang, shown) = (ctx.out.lang, ctx.tilde(path));
    let quoted = shell_words::quote(&path.display().to_string()).into_owned();
    ctx.out.warn(
        &tr!(
            lang,
            "{shown} contains a private key; only its certificates are used",
            "{shown} 中含有私钥；只使用其中的证书"
        ),
        &[Hint::run(
            tr!(
                lang,
                "keep the file to yourself, or take the key out of it",
                "请限制该文件的权限，或将私钥从中移出"
            ),
            format!("chmod 0400 {quoted}"),
        )],
    );
}

/// Whether docker finds a client certificate in the directory that it is led to.
fn is_with_client(cert_dir: &std::path::Path) -> bool {
    cert_dir.join("cert.pem").exists()
}

/// Whether a profile has a client certificate, wherever its key is.
fn has_client(ctx: &Ctx<'_>, profile: &Profile) -> bool {
    let home = ctx.env.home();
    let [_, cert, _] = certs::paths(profile, &ctx.look(home.as_deref(), &Settings::default()));
    cert.is_some_and(|cert| cert.exists())
}

/// The names that `--shell` takes.
#[must_use]
pub fn shell_names() -> Vec<&'static str> {
    SHELLS.iter().map(|shell| shell.name()).collect()
}

/// Turns exports into the text for a shell.
///
/// # Errors
/// [`Error::Inexpressible`] names the variable that the shell cannot hold.
fn emit(shell: &dyn Emitter, exports: &Exports) -> Result<Vec<u8>> {
    shell.emit(exports).map_err(|EmitError { var, fault }| Error::Inexpressible {
        shell: shell.name(),
        var: var.as_str().to_owned(),
        why: fault,
    })
}

/// fish's universal variables as `fish_variables` has them; empty where there are none.
fn fish_universal(env: &Env) -> BTreeMap<Var, OsString> {
    let config = env
        .filled("XDG_CONFIG_HOME")
        .map(std::path::PathBuf::from)
        .or_else(|| env.home().map(|home| home.join(".config")));
    let text =
        config.and_then(|dir| crate::file::read(&dir.join("fish/fish_variables"), MAX_STATE).ok());
    text.map(|text| crate::shell::fish_variables::exported(&text)).unwrap_or_default()
}

/// One JSON document, indented, with a line end. A list of plain values stands on one line.
fn json(value: &impl serde::Serialize) -> String {
    // Only maps with keys that are not text can fail, and there are none.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut text = escaped(&one_line_lists(&text));
    text.push('\n');
    text
}

/// The same JSON with each list of plain values on one line. Evaluated by mistake, a line that is one text alone would
/// be a command; behind a key it is none.
fn one_line_lists(json: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut list: Option<Vec<&str>> = None;
    for line in json.lines() {
        match (&mut list, line.trim()) {
            (Some(items), end @ ("]" | "],")) => {
                if let Some(last) = out.last_mut() {
                    last.push_str(&items.join(" "));
                    last.push_str(end);
                }
                list = None;
            }
            // It holds more than plain values.
            (Some(items), inner) if inner.ends_with(['{', '[']) => {
                let indent = line.len() - line.trim_start().len();
                out.extend(items.iter().map(|item| format!("{:indent$}{item}", "")));
                out.push(line.to_owned());
                list = inner.ends_with('[').then(Vec::new);
            }
            (Some(items), item) => items.push(item),
            (None, text) => {
                out.push(line.to_owned());
                list = text.ends_with('[').then(Vec::new);
            }
        }
    }
    out.join("\n")
}

/// JSON whose texts a terminal and a shell may see: serde_json escapes C0, and leaves DEL, C1 and what changes the
/// direction. What expands or ends a quoted word in a shell is escaped as well, for `eval "$(dctx ls --json)"` is typed
/// by mistake, and a description may be anybody's. Outside of texts there is none of these; the line ends stay.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let escape = |out: &mut String, c: char| {
        let mut units = [0; 2];
        c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
    };
    let mut chars = json.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(quoted @ ('"' | '\\')) => escape(&mut out, quoted),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            '$' | '`' | '!' => escape(&mut out, c),
            '\n' => out.push(c),
            c if crate::text::is_hidden(c) => escape(&mut out, c),
            c => out.push(c),
        }
    }
    out
}
