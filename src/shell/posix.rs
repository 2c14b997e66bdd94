//! bash, zsh, ksh93 and mksh: POSIX syntax, and `$'…'` for what does not go into `'…'`.
//!
//! The shells without `$'…'` are in [`super::sh`].

use super::{EmitError, Emitter, Exports, held};

pub(super) static BASH: Posix = Posix { name: "bash", aliases: &[], programs: &["bash"] };
pub(super) static ZSH: Posix = Posix { name: "zsh", aliases: &[], programs: &["zsh"] };
pub(super) static KSH: Posix =
    Posix { name: "ksh", aliases: &["ksh93"], programs: &["ksh", "ksh93"] };
pub(super) static MKSH: Posix = Posix { name: "mksh", aliases: &[], programs: &["mksh", "lksh"] };

/// A shell that reads `$'\ooo'` as the byte with that octal number, in every locale.
#[derive(Debug)]
pub(super) struct Posix {
    name: &'static str,
    aliases: &'static [&'static str],
    programs: &'static [&'static str],
}

impl Emitter for Posix {
    fn name(&self) -> &'static str {
        self.name
    }

    fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    fn programs(&self) -> &'static [&'static str] {
        self.programs
    }

    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError> {
        let mut list = AndList::default();
        for export in exports.iter() {
            let name = export.var.as_str();
            match held(export)? {
                Some(value) => list.export(name, &quote(value)),
                None => list.unset(name),
            }
        }
        Ok(list.finish())
    }

    fn fail(&self, status: u8) -> String {
        fail(status)
    }

    fn load(&self, command: &str) -> String {
        load(command)
    }
}

/// `(exit N);` leaves N as the status. `return N` would end the script that evaluates it, and in
/// dash, zsh, ksh and mksh without a word.
pub(super) fn fail(status: u8) -> String {
    format!("(exit {});", status.max(1))
}

/// Quoted, so that the text reaches `eval` as it was printed.
pub(super) fn load(command: &str) -> String {
    format!("eval \"$({command})\"")
}

/// The value as one word. `'…'` holds only characters that nothing reads as special, not even a
/// shell that splits and globs the text once more (`eval $(…)` without quotes); everything else is
/// written as three octal digits in `$'…'`. `\x` would not do: ksh93 reads as many digits as follow.
fn quote(value: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"%+,-./:=@_ ".contains(byte);
    // a blank at an edge or beside another one would be lost where the text is split and joined again
    let blanks =
        value.starts_with(b" ") || value.ends_with(b" ") || value.windows(2).any(|w| w == b"  ");
    let mut word = String::with_capacity(value.len() + 3);
    if value.iter().all(plain) && !blanks {
        word.push('\'');
        word.extend(value.iter().copied().map(char::from));
    } else {
        word.push_str("$'");
        for byte in value {
            if plain(byte) && *byte != b' ' {
                word.push(char::from(*byte));
            } else {
                word.push_str(&format!("\\{byte:03o}"));
            }
        }
    }
    word.push('\'');
    word
}

/// `prepare… && export A=… B=… && unset -v C D;` for every POSIX shell: few of them,
/// chained, so that a variable that cannot be changed (readonly) shows in the status of the whole.
/// Separate statements would hide the first one's failure behind the second one's success. dctx's own variables,
/// which prompts show, come after the others in the same way: where those could not be changed, these are not. DOCKER_HOST
/// comes before all: where it cannot be changed, the certificates of the host that docker goes to stay as well.
#[derive(Debug, Default)]
pub(super) struct AndList {
    before: Vec<String>,
    host: Pair,
    others: Pair,
    own: Pair,
}

/// What is exported, and what is unset.
#[derive(Debug, Default)]
struct Pair {
    export: String,
    unset: String,
}

impl AndList {
    /// A command to run before anything is exported; nothing is, unless it succeeds.
    pub(super) fn before(&mut self, command: String) {
        self.before.push(command);
    }

    /// `word` is quoted as the shell wants it.
    pub(super) fn export(&mut self, name: &str, word: &str) {
        for part in [" ", name, "=", word] {
            self.pair(name).export.push_str(part);
        }
    }

    /// `-v`, because bash's plain `unset NAME` may take away a function of that name.
    pub(super) fn unset(&mut self, name: &str) {
        let unset = &mut self.pair(name).unset;
        unset.push(' ');
        unset.push_str(name);
    }

    /// The variables that values are built in (`_dctx_…`) are needed until the last export.
    fn pair(&mut self, name: &str) -> &mut Pair {
        match name {
            "DOCKER_HOST" => &mut self.host,
            name if name.starts_with("DCTX_") || name.starts_with("_dctx_") => &mut self.own,
            _ => &mut self.others,
        }
    }

    /// The statement with its newline, or nothing if there is nothing to do.
    pub(super) fn finish(mut self) -> Vec<u8> {
        for Pair { export, unset } in [self.host, self.others, self.own] {
            if !export.is_empty() {
                self.before.push(format!("export{export}"));
            }
            if !unset.is_empty() {
                self.before.push(format!("unset -v{unset}"));
            }
        }
        if self.before.is_empty() {
            return Vec::new();
        }
        format!("{};\n", self.before.join(" && ")).into_bytes()
    }
}
