//! Whether it works from here: with the profile's certificate docker answers, without one nobody gets in.

use crate::cmd::Ctx;
use crate::error::Hint;
use crate::error::Result;
use crate::profile::Profile;
use crate::store::parse::Settings;
use crate::tr;

/// Says what to do next.
///
/// # Errors
/// None yet.
pub(super) fn from_here(ctx: &Ctx<'_>, profile: &Profile, _settings: &Settings) -> Result<u8> {
    let (lang, name) = (ctx.out.lang, &profile.name);
    let hint = Hint::run(
        tr!(lang, "next, to see whether it works from here", "下一步，检查从本机能否连接"),
        format!("dctx check {name}"),
    );
    ctx.out.raw(&hint.line(lang));
    Ok(0)
}
