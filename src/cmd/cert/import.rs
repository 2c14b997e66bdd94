//! `cert import`: taking in what was handed over, for the first time or in place of what it renews.

use std::path::Path;

use super::hand::{Bundle, read};
use super::ring::{Home, Mine, Ring};
use super::{certs_dir, days, endpoint, is_tcp, now, pem, point, profile, set_of};
use crate::cert::key::Belongs;
use crate::cert::make::place::{CERT, Draft, FORMER, PREVIOUS};
use crate::cert::make::set::{self, Mode, Set, wrong};
use crate::cert::secret::Secret;
use crate::cert::verify::{self, Usage};
use crate::cert::x509::{Cert, hex};
use crate::cli::cert::Import;
use crate::cmd::{Ctx, key};
use crate::error::{Error, FileFault, Hint, MakeFault, Result};
use crate::profile::Profile;
use crate::profile::endpoint::Endpoint;
use crate::tr;

/// What is about to be taken in, and for whom.
struct Taking<'a> {
    file: &'a Path,
    bundle: Bundle,
    set: Set,
    found: Option<Profile>,
    /// Where the file says that the host is, else where the profile has it.
    host: Endpoint,
    now: i64,
}

/// `dctx cert import`. What it renews is kept beside it under a dated name.
///
/// # Errors
/// The file is something else, its certificate is not of its CA, its key is not there, or the certificates of that name
/// are another host's or this machine's own to sign. What there is stays as it is then.
pub(super) fn run(ctx: &Ctx<'_>, args: &Import) -> Result<()> {
    let bundle = read(&args.file)?;
    let Some(name) = args.name.as_deref().or(bundle.name.as_deref()) else {
        return Err(Error::Make(MakeFault::WhoseFile(args.file.clone())));
    };
    let set = set_of(ctx, name)?;
    let written = bundle.host.as_deref().map(endpoint).transpose()?;
    let found = profile(ctx, &set.name)?;
    let host = match (written, &found) {
        (Some(host), _) => host,
        (None, Some(profile)) => profile.host.clone(),
        (None, None) => return Err(crate::store::Store::load(ctx.env)?.no_profile(name)),
    };
    is_tcp(&set.name, &host)?;
    let (file, now) = (args.file.as_path(), now(ctx));
    let taking = Taking { file, bundle, set, found, host, now };
    taking.is_ours_to_replace(ctx)?;
    match taking.bundle.leaf.clone() {
        Some(leaf) => taking.client(ctx, args, &leaf),
        None => taking.authority(ctx),
    }
}

impl Taking<'_> {
    /// That the set may be replaced: this machine signs nothing of it, and it is the same host's.
    fn is_ours_to_replace(&self, ctx: &Ctx<'_>) -> Result<()> {
        let Self { set, found, host, file, .. } = self;
        let (name, file) = (set.name.clone(), file.to_path_buf());
        let signs = set.path(set::AUTHORITY).symlink_metadata().is_ok();
        if signs || set.mode()? == Mode::Pin {
            return Err(Error::Make(MakeFault::SignsItself { name, file }));
        }
        let Some(profile) = found.as_ref().filter(|profile| profile.host != *host) else {
            return Ok(());
        };
        // The address may have been edited here; then a CA is the same.
        let home = ctx.env.home();
        let look = ctx.look(home.as_deref(), &crate::store::parse::Settings::default());
        let [ca, ..] = crate::profile::certs::paths(profile, &look);
        let Some(known) = ca.and_then(|path| set::certificates(&path).ok()) else { return Ok(()) };
        if self.bundle.roots.iter().any(|ca| known.iter().any(|known| known.key == ca.key)) {
            return Ok(());
        }
        let (host, theirs) = (profile.docker_host(), host.to_string());
        Err(Error::Make(MakeFault::OtherHost { name, file, host, theirs }))
    }

    /// A client's certificate, with its key where that is not here already.
    fn client(self, ctx: &Ctx<'_>, args: &Import, leaf: &Cert) -> Result<()> {
        let Self { file, ref bundle, ref set, ref found, ref host, now } = self;
        let roots = match bundle.roots.is_empty() {
            // What somebody's openssl signed comes alone.
            true => set::certificates(&set.path(set::CA))?,
            false => bundle.roots.clone(),
        };
        self.judged(ctx, leaf, &roots)?;
        let (incoming, from) = self.key(ctx, leaf)?;
        let home = match incoming {
            Incoming::Text(_) => Home::of(args.key.as_deref(), found.as_ref())?,
            Incoming::Kept => Home::Keyring,
            Incoming::Stays => Home::File,
        };
        let before = set::certificate(&set.path(set::CERT)).ok();
        if before.as_ref() == Some(leaf)
            && set::certificates(&set.path(set::CA)).is_ok_and(|now| now == roots)
            && self.points_there(ctx)
            && args.key.is_none()
            && Mine::of(ctx, set).and_then(|mine| mine.private(ctx, set, leaf)).is_ok()
        {
            let (lang, name) = (ctx.out.lang, &set.name);
            ctx.out.say(&tr!(
                lang,
                "{name} has that certificate already; nothing was changed",
                "{name} 已有该证书，未作任何更改"
            ));
            return Ok(());
        }
        let mut ring = Ring::new(ctx, &set.root);
        let replaces = set.root.exists();
        let draft = Draft::begin(set.parent(), &set.name)?;
        if replaces {
            draft.copy(&set.root)?;
        }
        draft.replace(set::CA, CERT, all(&roots).as_bytes())?;
        draft.replace(set::CERT, CERT, all(&bundle.chain).as_bytes())?;
        if let Incoming::Text(text) = &incoming {
            draft.remove(set::KEY)?;
            ring.text(&set.name, home, &draft, (text, leaf))?;
        }
        // A request for another key goes on waiting.
        let answered = match from {
            Some(set::REQUEST_KEY) => true,
            Some(_) => !set.has(set::REQUEST_KEY),
            None => before.is_none(),
        };
        if answered {
            draft.remove(set::REQUEST)?;
            draft.remove(set::REQUEST_KEY)?;
        }
        let (placed, kept) = match (replaces, &before) {
            (false, _) => (Some(draft.publish(&set.root, &set.name)?), None),
            (true, None) => (draft.exchange_as(&set.root, PREVIOUS).map(|()| None)?, None),
            (true, Some(_)) => {
                let kept = former(set, now);
                draft.exchange_as(&set.root, &kept)?;
                (None, Some(kept))
            }
        };
        let add = found.is_none().then_some(bundle.host.as_deref()).flatten();
        let stays = matches!(incoming, Incoming::Stays) && self.points_there(ctx);
        let pointed = if stays { Ok(()) } else { point(ctx, set, add, home) };
        match (placed, &pointed) {
            (Some(placed), Err(_)) => placed.take_back(),
            (Some(placed), Ok(())) => placed.settle(),
            (None, _) => {}
        }
        pointed?;
        ring.settle();
        let lang = ctx.out.lang;
        let (name, dir) = (&set.name, ctx.tilde(&set.root));
        let (subject, life) = (leaf.subject.text(), days(leaf, now, lang));
        ctx.out.say(&tr!(
            lang,
            "{name} ({host}): your certificate {subject} is in {dir}, {life}",
            "{name}（{host}）：你的证书 {subject} 位于 {dir}，{life}"
        ));
        if let Some(kept) = &kept {
            tell_former(ctx, set, kept);
        }
        if let Some(before) = before.filter(|before| before.not_after > leaf.not_after) {
            let (end, new) = (super::date(before.not_after), super::date(leaf.not_after));
            ctx.out.warn(
                &tr!(
                    lang,
                    "the former certificate was valid for longer, until {end}; this one ends on {new}: is the file an older one?",
                    "原证书的有效期更长，到 {end}；这个证书到 {new}：文件是否是旧的？"
                ),
                &[],
            );
        }
        self.elsewhere(ctx);
        if bundle.key.is_some() {
            still_there(ctx, home, file);
        }
        let then = tr!(lang, "then", "然后");
        ctx.out.advise(&crate::error::Hint::run(then, format!("dctx use {name}")));
        Ok(())
    }

    /// What docker will say of the certificate. One that signs itself is known to the daemon or not.
    fn judged(&self, ctx: &Ctx<'_>, leaf: &Cert, roots: &[Cert]) -> Result<()> {
        if leaf.is_self_issued() {
            return Ok(());
        }
        let judged = verify::verify(&self.bundle.chain, roots, None, Usage::Client, self.now);
        let Err(faults) = judged else { return Ok(()) };
        let Some(fault) = faults.iter().find(|fault| fault.is_certain()) else { return Ok(()) };
        let why = super::show::fault(fault, None, ctx.out.lang);
        let subject = leaf.subject.text().to_owned();
        Err(Error::Make(MakeFault::Refused { subject, why }))
    }

    /// The key that belongs to the certificate: the one in the file, the one that waits here, or the one in use. And
    /// which file of the set it was in, if it was in one.
    fn key(&self, ctx: &Ctx<'_>, leaf: &Cert) -> Result<(Incoming, Option<&'static str>)> {
        let Self { set, file, .. } = self;
        if let Some(text) = &self.bundle.key {
            let key = set::private_key_in(file, text)?;
            if key.belongs_to(&leaf.key) == Belongs::No {
                return Err(wrong(file, FileFault::OtherKey(file.to_path_buf())));
            }
            return Ok((Incoming::Text(text.clone()), None));
        }
        for name in [set::REQUEST_KEY, set::KEY] {
            let path = set.path(name);
            if !path.exists() {
                continue;
            }
            let text = set::bytes(&path)?;
            let fits = |key: crate::cert::key::PrivateKey| key.belongs_to(&leaf.key) != Belongs::No;
            if set::private_key_in(&path, &text).is_ok_and(fits) {
                return Ok((Incoming::Text(text), Some(name)));
            }
        }
        // The present certificate has the same key: it stays where it is, be it a program or a file elsewhere.
        let same = |cert: &Cert| cert.key == leaf.key;
        if set::certificate(&set.path(set::CERT)).as_ref().is_ok_and(same) {
            let mine = Mine::of(ctx, set)?;
            mine.private(ctx, set, leaf)?;
            let kept = mine.home().is_ok_and(|home| home == Home::Keyring);
            return Ok((if kept { Incoming::Kept } else { Incoming::Stays }, None));
        }
        if set.has(set::REQUEST) {
            // It is found by its public half: it can be no other one's.
            let key = key::from_keyring(ctx, pem(leaf).as_bytes());
            let name = set.name.clone();
            return key
                .map(|_| (Incoming::Kept, None))
                .map_err(|fault| Error::Secret { profile: name, fault });
        }
        Err(wrong(file, FileFault::NoKeyHere(set.path(set::KEY))))
    }

    /// A CA alone: everything else stays.
    fn authority(self, ctx: &Ctx<'_>) -> Result<()> {
        let Self { file, bundle, set, now, .. } = &self;
        let (lang, name) = (ctx.out.lang, &set.name);
        if !set.has(set::CERT) {
            let (name, file) = (name.clone(), file.to_path_buf());
            return Err(Error::Make(MakeFault::AuthorityAlone { name, file }));
        }
        let before = set::certificates(&set.path(set::CA)).unwrap_or_default();
        let new = &bundle.roots;
        if before == *new {
            ctx.out.say(&tr!(
                lang,
                "{name} has that CA already; nothing was changed",
                "{name} 已有该 CA，未作任何更改"
            ));
            return Ok(());
        }
        let draft = Draft::begin(set.parent(), name)?;
        draft.copy(&set.root)?;
        draft.replace(set::CA, CERT, all(new).as_bytes())?;
        let kept = former(set, *now);
        draft.exchange_as(&set.root, &kept)?;
        let shown = |cert: &Cert| {
            let (subject, sum) = (cert.subject.text(), hex(&cert.sha256));
            format!("{subject} (sha256 {}…)", sum.get(..16).unwrap_or_default())
        };
        let listed: Vec<String> = new.iter().map(shown).collect();
        let listed = listed.join(tr!(lang, ", ", "、").as_str());
        ctx.out.say(&tr!(
            lang,
            "{name}: ca.pem now contains {listed}",
            "{name}：ca.pem 现在包含 {listed}"
        ));
        tell_former(ctx, set, &kept);
        if !before.iter().any(|old| new.iter().any(|new| new.key == old.key)) {
            ctx.out.warn(
                &tr!(
                    lang,
                    "none of the former CAs is among them: make sure that the file comes from the person who runs {name}",
                    "其中没有任何原有的 CA：请确认文件来自管理 {name} 的人"
                ),
                &[],
            );
        }
        if bundle.stray {
            let file = super::quoted(ctx, file);
            ctx.out.warn(
                &tr!(
                    lang,
                    "{file} also contains a private key, which was not taken in",
                    "{file} 中还有私钥，没有导入"
                ),
                &[],
            );
        }
        Ok(())
    }

    /// Whether the profile names the files of the set already, in its directory or one by one.
    fn points_there(&self, ctx: &Ctx<'_>) -> bool {
        let Some(profile) = &self.found else { return false };
        let one = profile.certs.cert.as_ref().map(|cert| {
            let base = profile.origin.path.parent().unwrap_or(Path::new("/"));
            crate::profile::certs::expand(cert, base, ctx.env.home().as_deref())
        });
        one == Some(self.set.path(set::CERT))
            || certs_dir(ctx, profile).as_ref() == Some(&self.set.root)
    }

    /// Says where the profile's own address and former files are, if they are others.
    fn elsewhere(&self, ctx: &Ctx<'_>) {
        let (lang, name, host) = (ctx.out.lang, &self.set.name, &self.host);
        let Some(profile) = &self.found else { return };
        if profile.host != *host {
            ctx.out.warn(
                &tr!(
                    lang,
                    "the profile {name} has another address than the file ({host}); it keeps its own",
                    "主机配置 {name} 的地址与文件中的（{host}）不同，保持不变"
                ),
                &[],
            );
        }
        let former = certs_dir(ctx, profile).filter(|dir| *dir != self.set.root);
        if let Some(dir) = former.map(|dir| ctx.tilde(&dir)) {
            ctx.out.say(&tr!(
                lang,
                "{name} had its certificates in {dir}; they stay there, and this profile no longer uses them",
                "{name} 原来的证书位于 {dir}；它们保留在那里，该主机配置不再使用"
            ));
        }
    }
}

/// The certificates as a file has them; whatever else stood beside them is left out.
fn all(certs: &[Cert]) -> String {
    certs.iter().map(pem).collect()
}

/// A name for the former generation, with today's date, that is not taken.
fn former(set: &Set, now: i64) -> String {
    let date = format!("{FORMER}{}", super::date(now));
    let more = (2..1000).map(|n| format!("{date}-{n}"));
    let free = |name: &String| !set.has(name);
    std::iter::once(date.clone()).chain(more).find(free).unwrap_or(date)
}

fn tell_former(ctx: &Ctx<'_>, set: &Set, kept: &str) {
    let dir = ctx.tilde(&set.path(kept));
    ctx.out.say(&tr!(
        ctx.out.lang,
        "what it replaces is kept in {dir}",
        "被替换的内容保存在 {dir}"
    ));
}

/// A key that was handed over is in the file still.
fn still_there(ctx: &Ctx<'_>, home: Home, path: &Path) {
    let (lang, file) = (ctx.out.lang, super::quoted(ctx, path));
    let what = match home {
        Home::Keyring => tr!(
            lang,
            "the key is in the keyring, and still in the file that it came from",
            "私钥已存入密钥环，但来源文件中仍有一份"
        ),
        Home::File => {
            tr!(lang, "the imported file still contains the private key", "导入的文件中仍有私钥")
        }
    };
    let hint = Hint::run(
        tr!(lang, "if you no longer need it, delete it", "不再需要时请删除"),
        format!("rm {file}"),
    );
    ctx.out.warn(&what, &[hint]);
}

/// The key of a certificate that comes in.
enum Incoming {
    /// Handed over with it, or in a file of the set.
    Text(Secret),
    /// In the keyring.
    Kept,
    /// Where the profile has it: from a program, or in a file elsewhere.
    Stays,
}
