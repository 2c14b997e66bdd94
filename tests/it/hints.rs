//! Every error speaks English and Chinese, in one tidy sentence; every command that is advised is one that
//! dctx takes, or one of a few of the system's; nothing that came from outside can run or hide in them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use dctx::cli::Cli;
use dctx::error::{
    Again, Broken, CaFault, CertFault, Change, Der, EditorFault, EndpointFault, Error, Expected,
    FileFault, Guard, JsonFault, Lang, MakeFault, NameFault, NotPem, Place, PlaceFault,
    ProfileFault, SecretFault, ServerFault, SubshellFault, TomlFault, Unfit, ValueFault,
};
use dctx::store::write::Warning;
use dctx::text::is_hidden;

/// Instances of every variant: a variant that is added and not listed does not compile.
macro_rules! every {
    ($type:ident: $($variant:ident => [$($instance:expr),+ $(,)?];)+) => {{
        let _ = |value: &$type| match value { $($type::$variant { .. } => ()),+ };
        let mut all: Vec<$type> = Vec::new();
        $(
            let some: Vec<$type> = vec![$($instance),+];
            assert!(some.iter().all(|it| matches!(it, $type::$variant { .. })), stringify!($variant));
            all.extend(some);
        )+
        all
    }};
}

/// What comes from outside and wants to be more than text.
const HOSTILE: &str = "a b'c\"$(reboot)`reboot`;\u{1b}[2J\u{202e}\ndctx: all is well";

fn s(text: &str) -> String {
    text.to_owned()
}

fn path() -> PathBuf {
    PathBuf::from(format!("/tmp/{HOSTILE}"))
}

fn name_faults() -> Vec<NameFault> {
    every!(NameFault:
        Empty => [NameFault::Empty];
        TooLong => [NameFault::TooLong];
        Start => [NameFault::Start];
        Char => [NameFault::Char(' '), NameFault::Char('\n'), NameFault::Char('\u{202e}'), NameFault::Char('生')];
        EndDot => [NameFault::EndDot];
        Reserved => [NameFault::Reserved];
    )
}

fn endpoint_faults() -> Vec<EndpointFault> {
    every!(EndpointFault:
        NoScheme => [EndpointFault::NoScheme];
        Scheme => [EndpointFault::Scheme(s(HOSTILE))];
        NoHost => [EndpointFault::NoHost];
        Brackets => [EndpointFault::Brackets];
        Zone => [EndpointFault::Zone];
        Host => [EndpointFault::Host(s(HOSTILE)), EndpointFault::Host(s("é"))];
        Dash => [EndpointFault::Dash];
        Port => [EndpointFault::Port(s(HOSTILE)), EndpointFault::Port(s(""))];
        UserInfo => [EndpointFault::UserInfo];
        Query => [EndpointFault::Query];
        Password => [EndpointFault::Password];
        User => [EndpointFault::User(s(HOSTILE)), EndpointFault::User(s(""))];
        Escape => [EndpointFault::Escape];
        SocketChar => [EndpointFault::SocketChar(';'), EndpointFault::SocketChar('\t')];
        RelativePath => [EndpointFault::RelativePath];
        PathTooLong => [EndpointFault::PathTooLong];
        NoPath => [EndpointFault::NoPath];
        Char => [EndpointFault::Char(' '), EndpointFault::Char('\u{1b}')];
        NpipeHere => [EndpointFault::NpipeHere];
    )
}

fn expected() -> Vec<Expected> {
    every!(Expected:
        Text => [Expected::Text];
        Bool => [Expected::Bool];
        Texts => [Expected::Texts];
        Table => [Expected::Table];
        TextTable => [Expected::TextTable];
        Path => [Expected::Path];
        Utf8Path => [Expected::Utf8Path];
        TlsMode => [Expected::TlsMode];
        Version => [Expected::Version];
        Duration => [Expected::Duration];
        Assignment => [Expected::Assignment];
        Words => [Expected::Words];
        Schema => [Expected::Schema];
        Scope => [Expected::Scope];
        Picker => [Expected::Picker];
    )
}

fn toml_faults() -> Vec<TomlFault> {
    let not_closed = |with, before| TomlFault::NotClosed { key: s(HOSTILE), with, before };
    every!(TomlFault:
        Lookalike => [
            TomlFault::Lookalike { found: '“', wanted: "\"" },
            TomlFault::Lookalike { found: '\u{3000}', wanted: " " },
            TomlFault::Lookalike { found: '\u{200b}', wanted: "" },
        ];
        Colon => [TomlFault::Colon(s(HOSTILE))];
        NoSign => [TomlFault::NoSign(s("host"))];
        NoValue => [TomlFault::NoValue(s("host"))];
        NoQuotes => [TomlFault::NoQuotes(s("host"))];
        OneQuote => [TomlFault::OneQuote(s("host"))];
        Backslash => [TomlFault::Backslash(s("certs"))];
        Bool => [TomlFault::Bool(s("protected"))];
        Header => [TomlFault::Header(Some(']')), TomlFault::Header(None)];
        NotClosed => [not_closed(']', None), not_closed('}', Some(7))];
        LongText => [TomlFault::LongText(s("description"))];
        NoComma => [TomlFault::NoComma];
        After => [TomlFault::After(s("host"))];
        Comment => [TomlFault::Comment];
        Conflict => [TomlFault::Conflict];
        Pem => [TomlFault::Pem];
        OtherFormat => [TomlFault::OtherFormat("JSON")];
        Twice => [
            TomlFault::Twice { what: s("[profiles.a]"), first: Some(3) },
            TomlFault::Twice { what: s("host"), first: None },
        ];
        NoTable => [TomlFault::NoTable(s("profiles"))];
        Reader => [
            TomlFault::Reader(s("unclosed table, expected `]`")),
            TomlFault::Reader(format!("something\nnew: {HOSTILE}")),
        ];
    )
}

fn profile_faults() -> Vec<ProfileFault> {
    let endpoint = |fault: EndpointFault, write: Option<&str>| ProfileFault::Endpoint {
        input: s(HOSTILE),
        fault,
        write: write.map(s),
    };
    let mut all = every!(ProfileFault:
        Endpoint => [
            endpoint(EndpointFault::NoScheme, Some("tcp://[::1]:2376")),
            endpoint(EndpointFault::NoScheme, Some("unix:///a b'$(reboot);x")),
            endpoint(EndpointFault::NoScheme, None),
        ];
        Name => [ProfileFault::Name(NameFault::Empty)];
        UnknownKey => [
            ProfileFault::UnknownKey { key: s(HOSTILE), similar: None },
            ProfileFault::UnknownKey { key: s("hst"), similar: Some(s("host")) },
        ];
        NoHost => [ProfileFault::NoHost];
        NoTable => [ProfileFault::NoTable];
        Kind => [ProfileFault::Kind { key: s("host"), expected: Expected::Text }];
        PrivateKey => [ProfileFault::PrivateKey(s("key"))];
        Char => [
            ProfileFault::Char { key: s("tags"), found: '\u{200b}' },
            ProfileFault::Char { key: s("tags"), found: '\n' },
        ];
        EnvName => [ProfileFault::EnvName { name: s(HOSTILE), allowed: &dctx::profile::ENV_NAMES }];
        Conflict => [ProfileFault::Conflict("certs", "ca")];
        Needs => [ProfileFault::Needs { what: "key", needs: &["cert", "ca"] }];
        NotFor => [ProfileFault::NotFor { what: "certs", scheme: "ssh" }];
        NotInLayer => [ProfileFault::NotInLayer("key-command")];
        Unsupported => [
            ProfileFault::Unsupported("key-command"),
            ProfileFault::Unsupported("key = \"keyring\""),
        ];
    );
    all.extend(endpoint_faults().into_iter().map(|fault| endpoint(fault, None)));
    all.extend(name_faults().into_iter().map(ProfileFault::Name));
    let kind = |expected| ProfileFault::Kind { key: s("key"), expected };
    all.extend(expected().into_iter().map(kind));
    all
}

fn cert_faults() -> Vec<CertFault> {
    every!(CertFault:
        Missing => [CertFault::Missing];
        NoCerts => [CertFault::NoCerts];
        NotADirectory => [CertFault::NotADirectory];
        NotAFile => [CertFault::NotAFile];
        Unreadable => [CertFault::Unreadable(io::ErrorKind::PermissionDenied)];
        Exposed => [CertFault::Exposed(0o644)];
        Writable => [CertFault::Writable(0o777)];
        Alone => [CertFault::Alone { missing: path() }];
        NoSystemBundle => [CertFault::NoSystemBundle];
    )
}

fn make_faults() -> Vec<MakeFault> {
    let io = || io::Error::from(io::ErrorKind::PermissionDenied);
    let none = || MakeFault::NoClient { who: s(HOSTILE), known: vec![s(HOSTILE)], many: false };
    let mut all = every!(MakeFault:
        Exists => [
            MakeFault::Exists { name: s("lab"), path: path(), host: None },
            MakeFault::Exists { name: s("lab"), path: path(), host: Some(s("tcp://10.0.0.1")) },
        ];
        SignsItself => [MakeFault::SignsItself { name: s("lab"), file: path() }];
        OtherHost => [MakeFault::OtherHost { name: s("lab"), file: path(), host: s(HOSTILE), theirs: s(HOSTILE) }];
        WhoseFile => [MakeFault::WhoseFile(path())];
        AuthorityAlone => [MakeFault::AuthorityAlone { name: s("lab"), file: path() }];
        Elsewhere => [
            MakeFault::Elsewhere { name: s("lab"), dir: s(HOSTILE), then: None },
            MakeFault::Elsewhere { name: s("lab"), dir: s("certs"), then: Some(s("dctx cert request lab")) },
        ];
        OtherAuthority => [
            MakeFault::OtherAuthority { name: s("lab"), path: path(), server: true },
            MakeFault::OtherAuthority { name: s("lab"), path: path(), server: false },
        ];
        Rotating => [MakeFault::Rotating(s("lab"))];
        PinnedElsewhere => [MakeFault::PinnedElsewhere(s("lab"))];
        KeyElsewhere => [MakeFault::KeyElsewhere { name: s("lab"), path: path() }];
        Zone => [
            MakeFault::Zone { name: s("lab"), host: s("tcp://[fe80::1%25lo]:2376"), profile: true },
            MakeFault::Zone { name: s("lab"), host: s("tcp://[fe80::1%25lo]:2376"), profile: false },
        ];
        FileExists => [MakeFault::FileExists(path())];
        HasCerts => [MakeFault::HasCerts { name: s("lab"), path: s(HOSTILE) }];
        NotTcp => [MakeFault::NotTcp { name: s("lab"), scheme: "ssh" }];
        NoSet => [
            MakeFault::NoSet { name: s("lab"), path: path(), profile: true },
            MakeFault::NoSet { name: s("lab"), path: path(), profile: false },
        ];
        NoCaKey => [
            MakeFault::NoCaKey { name: s("lab"), again: None, request: false },
            MakeFault::NoCaKey { name: s("lab"), again: Some(s("dctx cert renew lab")), request: true },
        ];
        Lacks => [MakeFault::Lacks { name: s("lab"), path: path() }];
        File => [MakeFault::File { path: path(), fault: FileFault::Missing }];
        WrongPassphrase => [MakeFault::WrongPassphrase(path())];
        NoPassphrase => [
            MakeFault::NoPassphrase(None),
            MakeFault::NoPassphrase(Some(SecretFault::Refused(s(HOSTILE))))
        ];
        Unkept => [
            MakeFault::Unkept { passphrase: true, fault: SecretFault::Locked },
            MakeFault::Unkept { passphrase: false, fault: SecretFault::Slow(3) }
        ];
        KeyCommand => [MakeFault::KeyCommand(s("lab"))];
        ShortPassphrase => [MakeFault::ShortPassphrase];
        Mistyped => [MakeFault::Mistyped];
        Cancelled => [MakeFault::Cancelled];
        Command => [MakeFault::Command { program: s(HOSTILE), why: s(HOSTILE) }];
        San => [MakeFault::San(s(HOSTILE))];
        Pinned => [MakeFault::Pinned(s("lab"))];
        NotPinned => [MakeFault::NotPinned(s("lab"))];
        NoClient => [none(), MakeFault::NoClient { who: s("a"), known: Vec::new(), many: true }];
        Phase => [MakeFault::Phase { name: s("lab"), asked: 4, next: 1 }];
        Refused => [MakeFault::Refused { subject: s(HOSTILE), why: s(HOSTILE) }];
        CannotSign => [MakeFault::CannotSign { subject: s(HOSTILE), why: CaFault::Names(s(HOSTILE)) }];
        NotSigned => [MakeFault::NotSigned("no")];
        NoRandom => [MakeFault::NoRandom];
        Place => [MakeFault::Place { path: path(), source: io() }];
    );
    let files = every!(FileFault:
        Missing => [FileFault::Missing];
        NoCertificate => [FileFault::NoCertificate];
        NoKey => [FileFault::NoKey];
        NoRequest => [FileFault::NoRequest];
        BadRequest => [FileFault::BadRequest];
        Uncheckable => [FileFault::Uncheckable { kind: s("P-521"), algorithm: s("ECDSA-SHA512") }];
        NotPem => [FileFault::NotPem(NotPem::Missing)];
        Malformed => [FileFault::Malformed(s(HOSTILE))];
        BadKey => [FileFault::BadKey];
        Several => [FileFault::Several(vec![path(), path()])];
        Encrypted => [FileFault::Encrypted];
        Cipher => [FileFault::Cipher(s(HOSTILE))];
        OtherKey => [FileFault::OtherKey(path())];
        KeyKind => [FileFault::KeyKind(s("P-521"))];
        NotCa => [FileFault::NotCa];
        IsCa => [FileFault::IsCa];
        Expired => [FileFault::Expired(3)];
        OtherCa => [FileFault::OtherCa];
        ForeignCa => [FileFault::ForeignCa];
        NotHandedOver => [FileFault::NotHandedOver];
        ForAuthorize => [FileFault::ForAuthorize];
        NoClient => [FileFault::NoClient];
        NoKeyHere => [FileFault::NoKeyHere(path())];
    );
    all.extend(files.into_iter().map(|fault| MakeFault::File { path: path(), fault }));
    let some = not_pem().into_iter().map(FileFault::NotPem);
    all.extend(some.map(|fault| MakeFault::File { path: path(), fault }));
    all
}

fn not_pem() -> Vec<NotPem> {
    let all = every!(NotPem:
        Missing => [NotPem::Missing];
        Unreadable => [NotPem::Unreadable(io::ErrorKind::PermissionDenied)];
        Directory => [NotPem::Directory];
        NotAFile => [NotPem::NotAFile];
        TooLarge => [NotPem::TooLarge(1 << 21)];
        Empty => [NotPem::Empty];
        Der => [
            NotPem::Der(Der::Certificate), NotPem::Der(Der::Request), NotPem::Der(Der::Key),
            NotPem::Der(Der::ClosedKey), NotPem::Der(Der::Pkcs7), NotPem::Der(Der::Other),
        ];
        Pkcs12 => [NotPem::Pkcs12];
        Html => [NotPem::Html];
        Utf16 => [NotPem::Utf16];
        Bom => [NotPem::Bom];
        Joined => [NotPem::Joined];
        Base64 => [NotPem::Base64];
        Truncated => [NotPem::Truncated("CERTIFICATE")];
        Damaged => [NotPem::Damaged("PRIVATE KEY")];
        Malformed => [NotPem::Malformed("PRIVATE KEY")];
        Explicit => [NotPem::Explicit];
        Garbage => [NotPem::Garbage];
    );
    for what in &all {
        for lang in [Lang::En, Lang::Zh] {
            tidy(&what.text(lang), lang);
        }
    }
    all
}

fn value_faults() -> Vec<ValueFault> {
    every!(ValueFault:
        Nul => [ValueFault::Nul];
        NotUtf8 => [ValueFault::NotUtf8];
        TooLong => [ValueFault::TooLong];
        TooLongForCmd => [ValueFault::TooLongForCmd];
        Char => [ValueFault::Char('\n'), ValueFault::Char('x')];
    )
}

fn secret_faults() -> Vec<SecretFault> {
    let no_place = |why| SecretFault::NoPlace { path: Some(path()), why };
    let mut all = every!(SecretFault:
        NoBus => [SecretFault::NoBus];
        NoService => [SecretFault::NoService];
        Locked => [SecretFault::Locked];
        Slow => [SecretFault::Slow(3)];
        NoKey => [SecretFault::NoKey];
        Refused => [SecretFault::Refused(s(HOSTILE))];
        NoKeyring => [SecretFault::NoKeyring];
        NotKept => [SecretFault::NotKept];
        CommandStart => [SecretFault::CommandStart(s(HOSTILE), io::ErrorKind::NotFound)];
        CommandFailed => [SecretFault::CommandFailed(s(HOSTILE), 3)];
        CommandSlow => [SecretFault::CommandSlow(s(HOSTILE), 10)];
        CommandHuge => [SecretFault::CommandHuge(s(HOSTILE))];
        NotAKey => [SecretFault::NotAKey(s(HOSTILE))];
        Cipher => [SecretFault::Cipher { path: s(HOSTILE), cipher: s(HOSTILE) }];
        WrongPassphrase => [SecretFault::WrongPassphrase(s(HOSTILE))];
        KeptWrong => [SecretFault::KeptWrong(s(HOSTILE))];
        NobodyToAsk => [SecretFault::NobodyToAsk(s(HOSTILE))];
        Aborted => [SecretFault::Aborted(130)];
        Mismatch => [SecretFault::Mismatch { from: s(HOSTILE), cert: path() }];
        Uncheckable => [SecretFault::Uncheckable(s(HOSTILE))];
        Certificate => [SecretFault::Certificate { path: path(), why: s(HOSTILE) }];
        NoPlace => [SecretFault::NoPlace { path: None, why: PlaceFault::None }];
        Write => [SecretFault::Write(path(), io::ErrorKind::PermissionDenied)];
        Universal => [SecretFault::Universal];
        Outlives => [SecretFault::Outlives("systemd")];
    );
    all.extend(
        every!(PlaceFault:
            None => [PlaceFault::None];
            Absent => [PlaceFault::Absent];
            Foreign => [PlaceFault::Foreign];
            Open => [PlaceFault::Open(0o755)];
            Disk => [PlaceFault::Disk];
        )
        .into_iter()
        .map(no_place),
    );
    all
}

fn guards() -> Vec<Guard> {
    every!(Guard:
        NoTerminal => [Guard::NoTerminal];
        NoInput => [Guard::NoInput];
        WrongFlag => [Guard::WrongFlag];
        WrongAnswer => [Guard::WrongAnswer];
        ByDash => [Guard::ByDash];
    )
}

fn io_errors() -> Vec<io::Error> {
    use io::ErrorKind as K;
    let kinds = [
        K::NotFound,
        K::PermissionDenied,
        K::StorageFull,
        K::QuotaExceeded,
        K::ReadOnlyFilesystem,
        K::ResourceBusy,
        K::IsADirectory,
        K::NotADirectory,
        K::Other,
    ];
    // and one as the system gives it, with its number
    kinds.into_iter().map(io::Error::from).chain([io::Error::from_raw_os_error(13)]).collect()
}

fn place() -> Place {
    Place { path: path(), line: 12, column: 9, excerpt: format!("host = 1\t{HOSTILE}") }
}

fn json_faults() -> Vec<JsonFault> {
    every!(JsonFault:
        Syntax => [JsonFault::Syntax { line: 2, column: 7 }];
        NoObject => [JsonFault::NoObject];
        Twice => [JsonFault::Twice(s(HOSTILE))];
        HostsAndFlag => [JsonFault::HostsAndFlag];
        OtherHosts => [JsonFault::OtherHosts { has: s(HOSTILE), wanted: s("[\"tcp://0.0.0.0:2376\"]") }];
        Tls => [JsonFault::Tls("tlsverify")];
    )
}

fn server_faults() -> Vec<ServerFault> {
    let (prod, login) = (|| s("prod"), || s("root@h"));
    let unfit = every!(Unfit:
        NoCertificate => [Unfit::NoCertificate];
        Expired => [Unfit::Expired(3)];
        NoKey => [Unfit::NoKey];
        Encrypted => [Unfit::Encrypted];
        TooLarge => [Unfit::TooLarge];
        NotPem => [Unfit::NotPem(NotPem::Pkcs12)];
        NotForServers => [Unfit::NotForServers(vec![s("clientAuth")])];
        OtherKey => [Unfit::OtherKey(path())];
        NotSigned => [Unfit::NotSigned { ca: path(), issuer: s(HOSTILE) }];
        Refused => [Unfit::Refused(s(HOSTILE))];
    );
    let mut all = every!(ServerFault:
        Local => [ServerFault::Local { name: prod() }];
        NoTls => [ServerFault::NoTls { name: prod() }];
        Open => [ServerFault::Open { name: prod(), address: s("::") }];
        Missing => [
            ServerFault::Missing { name: prod(), path: path(), makes: true },
            ServerFault::Missing { name: prod(), path: path(), makes: false },
        ];
        Unfit => [ServerFault::Unfit { path: path(), why: Unfit::NoKey }];
        OtherName => [ServerFault::OtherName { name: prod(), path: path(), host: s("h"), names: vec![s(HOSTILE)] }];
        OutExists => [ServerFault::OutExists { path: path() }];
        Json => [ServerFault::Json { at: s(HOSTILE), command: s("dctx server p --ssh h"), fault: JsonFault::NoObject }];
        NotAsked => [ServerFault::NotAsked { name: prod(), login: s(HOSTILE), flags: s(" --port 1 --confirm prod") }];
        NotWanted => [ServerFault::NotWanted];
        NoRoot => [
            ServerFault::NoRoot { name: prod(), login: login(), flags: s(" --port 1") },
            ServerFault::NoRoot { name: prod(), login: login(), flags: s(" --undo") },
        ];
        Rootless => [ServerFault::Rootless { name: prod(), login: login(), socket: s("/run/user/1000/docker.sock") }];
        Ssh => [ServerFault::Ssh { login: s(HOSTILE) }];
        NoReport => [ServerFault::NoReport { login: login() }];
        Script => [
            ServerFault::Script { login: login(), status: 1 },
            ServerFault::Script { login: login(), status: 3 },
            ServerFault::Script { login: login(), status: 4 },
        ];
    );
    all.extend(unfit.into_iter().map(|why| ServerFault::Unfit { path: path(), why }));
    all.extend(json_faults().into_iter().map(|fault| ServerFault::Json {
        at: s("h:/a.json"),
        command: s("dctx server p --ssh h"),
        fault,
    }));
    all
}

fn errors() -> Vec<Error> {
    let io = || io::Error::from(io::ErrorKind::PermissionDenied);
    let again = |verb: &'static str| {
        let rest = match verb {
            "exec" => " -- docker ps",
            "server" => " --ssh root@h --yes",
            _ => " --for 30m",
        };
        Again { verb, rest: s(rest), answers: s(" --accept 0123456789abcdef") }
    };
    let protected = |how, verb| Error::Protected {
        name: s("prod"),
        endpoint: s("tcp://10.0.0.5:2376"),
        how,
        again: again(verb),
    };
    let changed = |was: &str, protected, verb| Error::Changed {
        name: s("prod"),
        path: path(),
        changes: vec![
            Change { key: s("host"), was: Some(s(was)), known: true, now: Some(s("tcp://b")) },
            Change { key: s("env.A"), was: None, known: false, now: Some(s(HOSTILE)) },
            Change { key: s("dirs"), was: Some(s(HOSTILE)), known: true, now: None },
        ],
        sum: s("0123456789abcdef"),
        protected,
        how: Guard::NoTerminal,
        again: again(verb),
    };
    let none = |similar: &[&str], any| Error::NoProfile {
        name: s(HOSTILE),
        similar: similar.iter().map(|name| s(name)).collect(),
        any,
    };
    let cert = |fault, layer: bool| Error::Cert {
        profile: s("prod"),
        layer: layer.then(path),
        path: path(),
        fault,
    };
    let profile = |fault, layer| Error::Profile {
        name: s("prod"),
        place: place(),
        layer,
        fault,
        more: Vec::new(),
    };
    let syntax = |fault| Error::Syntax {
        place: place(),
        wrong: Broken { fault, write: None },
        more: Vec::new(),
    };
    let mut all = every!(Error:
        // said where the command line is known, in the language of the time; see usage.rs
        Usage => [Error::Usage { message: format!("dctx: 没有 \"{HOSTILE}\" 命令"), hints: vec![] }];
        UsageOf => [
            Error::UsageOf { message: "it needs a name", message_zh: "需要名称", run: "dctx edit NAME --host HOST" },
            Error::UsageOf { message: "it needs a name", message_zh: "需要名称", run: "" },
        ];
        UnknownShell => [Error::UnknownShell { name: s(HOSTILE), known: vec!["bash", "fish"] }];
        NoShell => [Error::NoShell { known: vec!["bash", "fish"] }];
        OtherShell => [Error::OtherShell { said: "fish", found: "bash" }];
        NoInit => [
            Error::NoInit { name: s(HOSTILE), known: vec!["bash"], load: None },
            Error::NoInit { name: s("tcsh"), known: vec!["bash"], load: Some(s("eval \"`dctx use NAME`\"")) },
        ];
        NoUniversal => [Error::NoUniversal("json")];
        NoPromptHook => [
            Error::NoPromptHook { name: "prod".into(), from_profile: true, length: 1800, init: None, lost: None },
            Error::NoPromptHook {
                name: "prod".into(),
                from_profile: false,
                length: 1800,
                init: Some("eval \"$(dctx init bash)\"".into()),
                lost: Some("PROMPT_COMMAND".into()),
            },
            Error::NoPromptHook {
                name: "prod".into(),
                from_profile: false,
                length: 90,
                init: dctx::cmd::init::line("bash"),
                lost: None,
            },
        ];
        TooLong => [Error::TooLong { name: "prod".into(), asked: 7200, most: 5400 }];
        Inexpressible => [Error::Inexpressible { shell: "tcsh", var: s("COMPOSE_X"), why: ValueFault::Nul }];
        NoProfile => [
            none(&[], false), none(&[], true), none(&["a"], true), none(&["a", "b"], true),
            none(&["a", "b", "c"], true), none(&[HOSTILE], true),
        ];
        NoneActive => [Error::NoneActive];
        ChangedSince => [Error::ChangedSince(s("coreos"))];
        NoMatch => [Error::NoMatch(s(HOSTILE))];
        NoPrevious => [Error::NoPrevious];
        Name => [Error::Name { name: s(HOSTILE), fault: NameFault::Start }];
        Value => [Error::Value(ProfileFault::NoHost)];
        Exists => [Error::Exists { name: s("prod"), path: path() }];
        ReadOnlyLayer => [Error::ReadOnlyLayer { name: s("prod"), path: path() }];
        Syntax => [syntax(TomlFault::NoComma), syntax(TomlFault::Reader(s("duplicate key")))];
        Layer => [Error::Layer(Box::new(syntax(TomlFault::Comment)))];
        Draft => [Error::Draft(Box::new(syntax(TomlFault::Comment)))];
        Encoding => [
            Error::Encoding { path: path(), offset: 7, line: 2, looks: None },
            Error::Encoding { path: path(), offset: 0, line: 1, looks: Some("UTF-16") },
        ];
        Profile => [profile(ProfileFault::NoHost, false), profile(ProfileFault::NoHost, true)];
        UnknownKey => [
            Error::UnknownKey { place: place(), key: s(HOSTILE), similar: None, own_only: false },
            Error::UnknownKey { place: place(), key: s("profles"), similar: Some(s("profiles")), own_only: false },
            Error::UnknownKey { place: place(), key: s("settings"), similar: None, own_only: true },
        ];
        OutsideTable => [
            Error::OutsideTable { place: place(), key: s("host"), table: "[profiles.NAME]" },
        ];
        SchemaAhead => [Error::SchemaAhead { path: path(), schema: 2 }];
        Setting => [Error::Setting { place: place(), key: "strict-modes".into(), expected: Expected::Bool }];
        Cert => [cert(CertFault::Missing, false), cert(CertFault::Missing, true)];
        CertValue => [Error::CertValue { path: path(), fault: CertFault::Missing }];
        NewerSchema => [Error::NewerSchema { path: path(), schema: 2 }];
        Untrusted => [
            Error::Untrusted { path: path(), why: dctx::file::Distrust::Owner(1000) },
            Error::Untrusted { path: path(), why: dctx::file::Distrust::Writable(0o666) },
        ];
        Read => [Error::Read { path: path(), source: io() }];
        Write => [Error::Write { path: path(), source: io() }];
        Locked => [Error::Locked { path: path() }];
        LinkLoop => [Error::LinkLoop(path())];
        Contended => [Error::Contended(path())];
        Make => [Error::Make(MakeFault::NoPassphrase(None))];
        NothingToUndo => [Error::NothingToUndo];
        NoHome => [Error::NoHome];
        Protected => [protected(Guard::NoTerminal, "use"), protected(Guard::NoTerminal, "shell")];
        Changed => [
            changed("tcp://a:2376", false, "use"), changed("tcp://a:2376", true, "exec"),
            changed("tcp://b:2376, tls verify", false, "shell"),
        ];
        Start => [Error::Start { program: s(HOSTILE), source: io() }];
        Server => [Error::Server(ServerFault::NotWanted)];
        Secret => [Error::Secret { profile: s("prod"), fault: SecretFault::NoBus }];
        Subshell => [
            Error::Subshell(SubshellFault::NoTerminal { name: s("prod") }),
            Error::Subshell(SubshellFault::Inside { outer: s("lab"), name: s("prod"), init: None }),
            Error::Subshell(SubshellFault::Inside {
                outer: s("lab"),
                name: s("prod"),
                init: dctx::cmd::init::line("bash"),
            }),
            Error::Subshell(SubshellFault::OtherShell { outer: s("lab"), shell: "zsh" }),
        ];
        NotChosen => [Error::NotChosen(130)];
        Picker => [Error::Picker { program: "fzf", source: io() }];
        CheckFailed => [
            Error::CheckFailed { name: s("coreos"), id: Some("refused"), code: 5 },
            Error::CheckFailed { name: s("coreos"), id: None, code: 4 },
        ];
        EditAborted => [Error::EditAborted];
        Editor => [
            Error::Editor { program: s(HOSTILE), fault: EditorFault::Start(io()) },
            Error::Editor { program: s("vi"), fault: EditorFault::Status(1) },
            Error::Editor { program: s("vi"), fault: EditorFault::Signal },
        ];
        Links => [Error::Links { path: path(), source: io() }];
        Io => [
            Error::Io { doing: "writing to standard output", source: io() },
            Error::Io { doing: "writing to the descriptor of DCTX_FD", source: io() },
            Error::Io { doing: "finding the current directory", source: io() },
            Error::Io { doing: "watching for Ctrl-C", source: io() },
            Error::Io { doing: "asking on the terminal", source: io() },
        ];
    );
    for layer in [false, true] {
        all.extend(profile_faults().into_iter().map(|fault| profile(fault, layer)));
        all.extend(cert_faults().into_iter().map(|fault| cert(fault, layer)));
        all.extend(
            guards().into_iter().map(|how| protected(how, if layer { "exec" } else { "use" })),
        );
    }
    all.push(protected(Guard::NoTerminal, "server"));
    all.extend(server_faults().into_iter().map(Error::Server));
    let secret = |fault| Error::Secret { profile: s("prod"), fault };
    all.extend(secret_faults().into_iter().map(secret));
    all.extend(profile_faults().into_iter().map(Error::Value));
    all.extend(cert_faults().into_iter().map(|fault| Error::CertValue { path: path(), fault }));
    all.extend(make_faults().into_iter().map(Error::Make));
    all.extend(name_faults().into_iter().map(|fault| Error::Name { name: s("x"), fault }));
    let value = |why| Error::Inexpressible { shell: "tcsh", var: s("COMPOSE_X"), why };
    all.extend(value_faults().into_iter().map(value));
    all.extend(toml_faults().into_iter().map(syntax));
    let setting = |expected| Error::Setting { place: place(), key: "fish-scope".into(), expected };
    all.extend(expected().into_iter().map(setting));
    for source in io_errors() {
        let again = || io::Error::from(source.kind());
        all.push(Error::Read { path: path(), source: again() });
        all.push(Error::Start { program: s("vi"), source: again() });
        all.push(Error::Links { path: path(), source: again() });
        all.push(Error::Write { path: path(), source });
    }
    all
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

/// One line a person reads.
fn tidy(text: &str, lang: Lang) {
    assert!(!text.trim().is_empty() && text.trim() == text, "{text:?}");
    assert!(!text.chars().any(is_hidden), "{text:?}");
    assert!(!text.contains("(os error"), "{text:?}");
    // The hostile text ends as it likes.
    let ours = text.replace(&*dctx::text::clean(HOSTILE), "");
    assert!(!ours.ends_with(['.', '。', '!', '！']), "{text:?} ends with a stop");
    match lang {
        Lang::En => assert!(!ours.chars().any(|c| is_chinese(c) && c != '生'), "{text:?}"),
        Lang::Zh => {
            assert!(ours.chars().any(is_chinese), "{text:?} is not Chinese");
            let chars: Vec<char> = ours.chars().collect();
            for pair in chars.windows(2) {
                let wrong =
                    matches!(pair[1], ',' | ';' | ':' | '(' | ')' | '?') && is_chinese(pair[0]);
                assert!(!wrong, "half-width punctuation in {text:?}");
            }
        }
    }
}

#[test]
fn every_error_speaks_both_languages() {
    for error in errors() {
        for lang in [Lang::En, Lang::Zh] {
            let message = error.message(lang);
            let lines: Vec<&str> = message.lines().collect();
            match &error {
                // written where the command line is known
                Error::Usage { .. } => continue,
                Error::Syntax { .. }
                | Error::Profile { .. }
                | Error::Setting { .. }
                | Error::Layer(_)
                | Error::Draft(_) => {
                    assert_eq!(lines.len(), 3, "{message}");
                    assert!(lines[1].starts_with("   12 | host = 1 a b"), "{message}");
                    assert_eq!(lines[2], "      |         ^", "{message}");
                }
                // a line for each change, and whatever is in a value begins no other
                Error::Changed { changes, .. } => {
                    assert_eq!(lines.len(), 1 + changes.len(), "{message:?}");
                    assert!(lines.iter().skip(1).all(|line| line.starts_with("  ")), "{message}");
                }
                _ => assert_eq!(lines.len(), 1, "{message:?}"),
            }
            tidy(lines[0], lang);
            assert!(!message.chars().any(|c| c != '\n' && is_hidden(c)), "{message:?}");
        }
        assert!(matches!(error.code(), 1..=7 | 126 | 127 | 130));
    }
}

/// Commands of the system that are advised.
const SYSTEM: [&str; 8] = ["chmod", "chown", "df", "iconv", "ls", "mv", "openssl", "sh"];

#[test]
fn every_command_that_is_advised_is_one_that_is_taken() {
    let mut seen = std::collections::BTreeSet::new();
    for error in errors() {
        let (english, chinese) = (error.hints(Lang::En), error.hints(Lang::Zh));
        let runs = |hints: &[dctx::error::Hint]| -> Vec<Option<String>> {
            hints.iter().map(|hint| hint.run.clone()).collect()
        };
        assert_eq!(runs(&english), runs(&chinese), "{error:?}");
        for (hint, lang) in
            english.iter().map(|h| (h, Lang::En)).chain(chinese.iter().map(|h| (h, Lang::Zh)))
        {
            tidy(&dctx::text::clean(&hint.say), lang);
            let Some(run) = &hint.run else { continue };
            let words = shell_words::split(run).unwrap_or_else(|e| panic!("{run}: {e}"));
            if words[0] == "eval" {
                let inner = run.split(['`', '(']).nth(1).unwrap().trim_end_matches([')', '"']);
                Cli::try_parse_from(inner.split(' ')).unwrap_or_else(|e| panic!("{run}\n{e}"));
                continue;
            }
            // leaves a sub-shell, and stands alone; with the home directory of root
            if run == "exit" || run == "env VISUAL=vi dctx edit" || run == "sudo -H dctx ls" {
                continue;
            }
            if words[0] != "dctx" {
                assert!(SYSTEM.contains(&words[0].as_str()), "{run}");
                // of the directory that the path is in
                if words[0] == "df" {
                    assert!(words.len() == 3 && path().starts_with(&words[2]), "{run}");
                    continue;
                }
                // the path is one word, whatever is in it
                assert!(words.iter().any(|word| *word == path().to_str().unwrap()), "{run}");
                continue;
            }
            match Cli::try_parse_from(&words) {
                Ok(_) => drop(seen.insert(words[1].clone())),
                Err(e) => panic!("{run}\n{e}"),
            }
            // nothing hostile outside quotes
            let bare: String =
                words.iter().map(|word| shell_words::quote(word)).collect::<Vec<_>>().join(" ");
            assert_eq!(*run, bare);
        }
    }
    let verbs: Vec<&str> = seen.iter().map(String::as_str).collect();
    assert_eq!(
        verbs,
        [
            "add", "cert", "check", "current", "edit", "exec", "ls", "reset", "server", "shell",
            "show", "undo", "use"
        ]
    );
}

#[test]
fn every_warning_of_the_writer_speaks_both_languages() {
    let io = || io::Error::from(io::ErrorKind::PermissionDenied);
    let all = every!(Warning:
        State => [Warning::State { path: path(), source: io() }];
        History => [Warning::History { path: path(), source: io() }];
        Sync => [Warning::Sync { path: path(), source: io() }];
        Owner => [Warning::Owner { path: path() }];
        HardLink => [Warning::HardLink { path: path() }];
    );
    for warning in all {
        for lang in [Lang::En, Lang::Zh] {
            // cleaned where it is printed
            tidy(&dctx::text::clean(&warning.message(lang)), lang);
        }
    }
}

pub(crate) fn sources(dir: &Path, out: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            out.push((path, text));
        }
    }
}

/// The text literals of a piece of Rust, up to where its parentheses close.
pub(crate) fn literals(code: &str) -> Vec<String> {
    let (mut out, mut depth) = (Vec::new(), 0);
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => break,
            ')' => depth -= 1,
            '"' => {
                let mut text = String::new();
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => text.extend([c, chars.next().unwrap()]),
                        '"' => break,
                        c => text.push(c),
                    }
                }
                out.push(text);
            }
            _ => {}
        }
    }
    out
}

/// The names in braces, sorted.
fn placeholders(text: &str) -> Vec<String> {
    let text = text.replace("{{", "").replace("}}", "");
    let pieces =
        text.split('{').skip(1).map(|rest| rest.split(['}', ':']).next().unwrap().to_owned());
    let mut names: Vec<String> = pieces.collect();
    names.sort();
    names.dedup();
    names
}

/// Every text in two languages says the same values, and is Chinese where it says anything.
#[test]
fn both_languages_say_the_same_values() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut pairs = 0;
    for (path, text) in files {
        for (at, _) in text.match_indices("tr!(") {
            let found = literals(&text[at + 3..]);
            let [english, chinese, ..] = found.as_slice() else { continue };
            pairs += 1;
            let place = || format!("{}: {english:?} and {chinese:?}", path.display());
            assert_eq!(placeholders(english), placeholders(chinese), "{}", place());
            let words = |text: &str| {
                let mut bare = text.to_owned();
                for name in placeholders(text) {
                    bare = bare.replace(&format!("{{{name}}}"), "");
                }
                // the name of a key
                bare.replace("host", "").chars().any(char::is_alphabetic)
            };
            // a bare value or name of the file's own has no other language
            let same = english.trim() == chinese.trim();
            assert!(same || !words(english) || chinese.chars().any(is_chinese), "{}", place());
        }
    }
    assert!(pairs > 150, "only {pairs}: does this test still read the right files?");
}

/// `dctx WORD` in any text that is printed names a command there is.
#[test]
fn no_text_names_a_command_that_is_not() {
    use clap::CommandFactory as _;
    let verbs: Vec<String> = Cli::command()
        .get_subcommands()
        .flat_map(|verb| std::iter::once(verb.get_name()).chain(verb.get_all_aliases()))
        // which is answered before clap
        .chain(["help"])
        .map(str::to_owned)
        .collect();
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut named = 0;
    for (path, text) in files {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code: String = code.map(|line| format!("{line}\n")).collect();
        for literal in literals(&code.replace("'\"'", " ").replace(['(', ')'], " ")) {
            for (at, _) in literal.match_indices("dctx ") {
                let word: String = literal[at + 5..]
                    .chars()
                    .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                    .collect();
                // set off as something to type, which prose ("another dctx has") is not
                let before = &literal[..at];
                let typed = [": ", "：", "`", "(", "# "].iter().any(|mark| before.ends_with(mark));
                if word.is_empty() || !typed {
                    continue;
                }
                assert!(verbs.contains(&word), "{}: dctx {word} in {literal:?}", path.display());
                named += 1;
            }
        }
    }
    assert!(named > 10, "only {named}: does this test still read the right files?");
}
