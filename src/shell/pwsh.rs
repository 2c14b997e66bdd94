//! PowerShell: `$Env:A = '…';`, for PowerShell 7 (pwsh) and Windows PowerShell 5.1 (powershell).
//!
//! Four more characters than the apostrophe begin and end its verbatim strings: U+2018, U+2019, U+201A
//! and U+201B (`IsSingleQuote` in PowerShell's `CharTraits.cs`). So only printable ASCII stands in a
//! string; everything else is `[char]N`, a UTF-16 unit by its number, which ConstrainedLanguage allows,
//! too. Text in another code page than PowerShell expects is no matter then either.
//!
//! PowerShell before 7.5 takes `''` for "remove the variable" (so did .NET before 9): what is to be empty
//! is unset there. To docker the two are the same.

use super::{EmitError, Emitter, Exports, held_text};

/// PowerShell.
#[derive(Debug)]
pub(super) struct Pwsh;

impl Emitter for Pwsh {
    fn name(&self) -> &'static str {
        "pwsh"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["powershell"]
    }

    fn programs(&self) -> &'static [&'static str] {
        &["pwsh", "powershell"]
    }

    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError> {
        let mut text = String::new();
        for export in exports.iter() {
            let value = held_text(export)?.map_or_else(|| "$null".to_owned(), quote);
            text.push_str(&format!("$Env:{} = {value};\n", export.var.as_str()));
        }
        Ok(text.into_bytes())
    }

    /// An error that ends the script, unless it is caught.
    fn fail(&self, status: u8) -> String {
        format!("throw 'dctx failed with status {}';", status.max(1))
    }

    /// `Out-String`, because PowerShell hands a program's output on line by line, and evaluates each alone.
    fn load(&self, command: &str) -> String {
        format!("{command} | Out-String | Invoke-Expression")
    }
}

/// The value as an expression: `'…'`, where `''` is an apostrophe, or a sum of such strings and
/// characters. It begins with a string, for that makes the `+` one of strings.
fn quote(value: &str) -> String {
    if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return format!("'{}'", value.replace('\'', "''"));
    }
    let plain = |unit: &u16| (0x20..0x7f).contains(unit);
    let units: Vec<u16> = value.encode_utf16().collect();
    let mut terms = vec!["''".to_owned()];
    for run in units.chunk_by(|a, b| plain(a) && plain(b)) {
        match run {
            [unit] if !plain(unit) => terms.push(format!("[char]{unit}")),
            _ => terms.push(format!("'{}'", String::from_utf16_lossy(run).replace('\'', "''"))),
        }
    }
    format!("({})", terms.join("+"))
}
