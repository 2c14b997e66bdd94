//! No byte of a private key gets out: whatever has become of a key on its way here, and wherever it was put by mistake, no
//! command prints a piece of it, in either language or as JSON, and no file that others can read gets one.
//!
//! What counts as a piece is twelve characters of a key's base64 in a row. Pieces that stand in a certificate as well are
//! no secret (its public key is in both).

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::support::{Cmd, Output, Sandbox, require};

/// So many characters in a row are a piece of a key.
const PIECE: usize = 12;

/// Keys, certificates and all that is made of them, by openssl.
const MATERIAL: &str = r#"
umask 077; mkdir m; cd m
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -days 30 -subj "/CN=key bytes CA" 2>/dev/null
for who in client server; do
    openssl req -new -newkey rsa:2048 -nodes -keyout $who-key.pem -out $who.csr -subj "/CN=$who" 2>/dev/null
    printf 'extendedKeyUsage=%sAuth\nsubjectAltName=IP:127.0.0.1\n' $who > ext
    openssl x509 -req -in $who.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 30 -extfile ext -out $who.pem 2>/dev/null
done
openssl rsa -in client-key.pem -traditional -out pkcs1.pem 2>/dev/null
openssl rsa -in client-key.pem -traditional -aes256 -passout pass:secret -out closed1.pem 2>/dev/null
openssl pkcs8 -topk8 -in client-key.pem -passout pass:secret -out closed8.pem
openssl ecparam -name prime256v1 -genkey -out ec.pem
openssl genpkey -algorithm ed25519 -out ed.pem
openssl rsa -in client-key.pem -text -out text.pem 2>/dev/null
openssl pkey -in client-key.pem -outform DER -out key.der
openssl pkcs8 -topk8 -in client-key.pem -passout pass:secret -outform DER -out closed.der
openssl pkcs12 -export -inkey client-key.pem -in client.pem -certfile ca.pem -passout pass:secret -out key.p12
"#;

/// A file with a key in it, and the way it got like that.
struct Form {
    name: String,
    bytes: Vec<u8>,
}

/// The body of every PEM block of a text, without line breaks.
fn bodies(pem: &str) -> Vec<String> {
    let (mut all, mut body) = (Vec::new(), None::<String>);
    for line in pem.lines() {
        if line.starts_with("-----BEGIN ") {
            body = Some(String::new());
        } else if line.starts_with("-----END ") {
            all.extend(body.take());
        } else if let Some(body) = body.as_mut().filter(|_| !line.contains(':')) {
            body.push_str(line.trim());
        }
    }
    all
}

/// What all keys of a kind have in common, public ones too: algorithm and curve (RFC 5480, RFC 8017).
const COMMON: [&[u8]; 2] = [
    b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
    b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00",
];

fn pieces(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().windows(PIECE)
}

/// Base64 in the letters of RFC 4648, section 5.
fn url_safe(base64: &str) -> String {
    base64.trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// `text` in lines of so many characters.
fn wrapped(text: &str, columns: usize) -> String {
    let lines = text.as_bytes().chunks(columns).map(|line| String::from_utf8_lossy(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The pieces to look for, and how many keys they are of.
struct Needles {
    pieces: HashSet<Vec<u8>>,
    keys: usize,
}

impl Needles {
    fn of(dir: &Path) -> Self {
        let read = |name: &str| fs::read(dir.join(name)).unwrap();
        let text = |name: &str| String::from_utf8(read(name)).unwrap();
        let base64 =
            |bytes: &[u8]| String::from_utf8(dctx::cert::base64::encode(bytes).to_vec()).unwrap();
        let keys = [
            "client-key.pem",
            "server-key.pem",
            "ca-key.pem",
            "pkcs1.pem",
            "closed1.pem",
            "closed8.pem",
            "ec.pem",
            "ed.pem",
        ];
        let mut secret: Vec<String> = keys.iter().flat_map(|name| bodies(&text(name))).collect();
        // as a JSON Web Key has it (RFC 7518)
        secret.push(url_safe(&secret[0]));
        // as text that nobody decoded, and as what it is when somebody encodes it
        for name in ["key.der", "closed.der", "key.p12", "client-key.pem"] {
            secret.push(base64(&read(name)));
        }
        secret.push(base64(base64(&read("client-key.pem")).as_bytes()));
        let public: Vec<String> = ["ca.pem", "client.pem", "server.pem"]
            .iter()
            .flat_map(|name| bodies(&text(name)))
            .chain(COMMON.iter().flat_map(|bytes| {
                // wherever in its groups of three the base64 begins
                (0..3).map(|shift| base64(&[&[0; 2][..shift.min(2)], bytes].concat()))
            }))
            .chain(["BggqhkjOPQMBBw==".to_owned(), base64(b"-----BEGIN PRIVATE KEY-----\n")])
            .collect();
        let public: HashSet<&[u8]> = public.iter().flat_map(|text| pieces(text)).collect();
        let all = secret.iter().flat_map(|text| pieces(text));
        let pieces = all.filter(|piece| !public.contains(piece)).map(<[u8]>::to_vec).collect();
        Self { pieces, keys: secret.len() }
    }

    /// The first piece in `bytes`, be it broken by white space.
    fn found(&self, bytes: &[u8]) -> Option<String> {
        let bare: Vec<u8> = bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
        let both = bytes.windows(PIECE).chain(bare.windows(PIECE));
        let found = both.into_iter().find(|piece| self.pieces.contains(*piece));
        found.map(|piece| String::from_utf8_lossy(piece).into_owned())
    }
}

fn forms(dir: &Path) -> Vec<Form> {
    let read = |name: &str| fs::read(dir.join(name)).unwrap();
    let text = |name: &str| String::from_utf8(read(name)).unwrap();
    let mut all: Vec<Form> = Vec::new();
    let mut add = |name: String, bytes: Vec<u8>| all.push(Form { name, bytes });
    for (name, file) in [("PKCS #8", "client-key.pem"), ("RFC 1423", "closed1.pem")] {
        let key = text(file);
        add(format!("{name}, whole"), key.clone().into());
        add(format!("{name}, blanks for line breaks"), key.replace('\n', " ").into());
        add(format!("{name}, no line breaks"), key.replace('\n', "").into());
        add(format!("{name}, line breaks as \\n"), key.replace('\n', "\\n").into());
        let second = key.match_indices('\n').nth(2).unwrap().0;
        let (head, rest) = key.split_at(second);
        add(format!("{name}, headers joined"), format!("{}{rest}", head.replace('\n', " ")).into());
        let info = key.replacen("\n\n", " ", 1);
        add(format!("{name}, no line behind the headers"), info.into());
        add(format!("{name}, cut"), key.as_bytes()[..key.len() / 2].to_vec());
    }
    let key = text("client-key.pem");
    let body = bodies(&key).remove(0);
    add("Windows line ends".into(), key.replace('\n', "\r\n").into());
    add("old Mac line ends".into(), key.replace('\n', "\r").into());
    add("byte order mark".into(), [b"\xef\xbb\xbf".to_vec(), key.clone().into()].concat());
    add("UTF-16".into(), key.encode_utf16().flat_map(u16::to_le_bytes).collect());
    add(
        "the body as label".into(),
        format!("-----BEGIN {body}-----\nAAAA\n-----END {body}-----\n").into(),
    );
    add("the label of another".into(), key.replace("PRIVATE KEY", "CERTIFICATE").into());
    add("a label nobody knows".into(), key.replace("PRIVATE KEY", "SECRET THING").into());
    add("the body alone".into(), body.clone().into());
    add("as a header".into(), key.replacen('\n', "\nDEK-Info: ", 1).into());
    add("its END joined".into(), key.replace("\n-----END", "-----END").into());
    let once = dctx::cert::base64::encode(key.as_bytes());
    add("base64".into(), once.to_vec());
    add("base64 of base64".into(), dctx::cert::base64::encode(&once).to_vec());
    add("encrypted, PKCS #8".into(), read("closed8.pem"));
    add("PKCS #1".into(), read("pkcs1.pem"));
    add("Ed25519".into(), read("ed.pem"));
    add("a JSON Web Key".into(), {
        format!(r#"{{"kty":"EC","crv":"P-256","d":"{}"}}"#, &url_safe(&body)[400..443]).into()
    });
    add("PuTTY's".into(), {
        let lines = wrapped(&body[64..], 64);
        format!("PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPrivate-Lines: 14\n{lines}\n")
            .into()
    });
    add("in a URL".into(), {
        let coded = key.replace('+', "%2B").replace('/', "%2F").replace('\n', "%0A");
        coded.replace(' ', "+").into()
    });
    add("short lines".into(), wrapped(&body, 30).into());
    add("in small letters".into(), key.replace("BEGIN PRIVATE", "begin private").into());
    add("as openssl shows it".into(), read("text.pem"));
    add("quoted in a mail".into(), key.replace('\n', "\n> ").into());
    add("without its BEGIN".into(), key.split_once('\n').unwrap().1.into());
    add("an elliptic curve's".into(), read("ec.pem"));
    for name in ["key.der", "closed.der", "key.p12"] {
        add(name.into(), read(name));
    }
    let ca = text("ca.pem");
    add("behind the CA".into(), format!("{ca}{key}").into());
    add("before the CA".into(), format!("{key}{ca}").into());
    add("behind the certificate".into(), format!("{}{key}", text("client.pem")).into());
    add("joined, behind the CA".into(), format!("{ca}{}", key.replace('\n', " ")).into());
    add("base64, behind the CA".into(), [ca.clone().into_bytes(), once.to_vec()].concat());
    let server = format!("{}{}", text("server.pem"), text("server-key.pem"));
    add("a server's own".into(), server.into());
    all
}

/// What was searched.
#[derive(Default)]
struct Count {
    runs: usize,
    bytes: usize,
    files: usize,
    copies: usize,
}

struct Search<'t> {
    sb: &'t Sandbox,
    needles: &'t Needles,
    count: Count,
}

impl Search<'_> {
    fn look(&mut self, what: &str, out: &Output) {
        self.count.runs += 1;
        for (name, bytes) in [("standard output", &out.stdout), ("standard error", &out.stderr)] {
            self.count.bytes += bytes.len();
            let found = self.needles.found(bytes);
            let text = String::from_utf8_lossy(bytes);
            assert!(found.is_none(), "{what}: {found:?} on {name}:\n{text}");
        }
    }

    fn cmd(&self, args: &[&str]) -> Cmd {
        self.sb.dctx(args).env("DCTX_LANG", "en")
    }

    /// In both languages, and as JSON where there is such a thing.
    fn run(&mut self, form: &str, args: &[&str], json: bool) {
        let what = format!("{form}: dctx {}", args.join(" "));
        for lang in ["en", "zh"] {
            let out = self.cmd(args).env("DCTX_LANG", lang).run();
            self.look(&format!("{what} ({lang})"), &out);
        }
        if json {
            let out = self.cmd(&[args, &["--json"]].concat()).run();
            self.look(&format!("{what} --json"), &out);
        }
    }

    /// Files with a piece of a key, which nobody else may read. `sources` are where the keys were put.
    fn files(&mut self, form: &str, dir: &Path, sources: &[PathBuf]) {
        for entry in fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if sources.contains(&path) {
                continue;
            }
            let meta = fs::symlink_metadata(&path).unwrap();
            if meta.is_dir() {
                self.files(form, &path, sources);
            } else if meta.is_file() {
                self.count.files += 1;
                if self.needles.found(&fs::read(&path).unwrap()).is_some() {
                    self.count.copies += 1;
                    let mode = meta.permissions().mode() & 0o777;
                    assert_eq!(mode & 0o077, 0, "{form}: {} has mode {mode:o}", path.display());
                }
            }
        }
    }
}

/// Commands that read a directory of certificates; `@` is the profile, `DIR` the directory, `FILE` the file.
const READ: [&[&str]; 24] = [
    &["check", "@", "--offline"],
    &["show", "@"],
    &["use", "@", "--shell", "bash"],
    &["use", "@", "--shell", "fish"],
    &["exec", "@", "--", "true"],
    &["ls", "-l"],
    &["cert", "show", "@"],
    &["cert", "show", "DIR"],
    &["cert", "show", "FILE"],
    &["cert", "copy", "copied", "DIR", "--host", "tcp://127.0.0.1:1"],
    &["cert", "import", "FILE"],
    &["cert", "import", "FILE", "own"],
    &["cert", "new", "made", "--host", "tcp://127.0.0.1:1", "--ca", "DIR"],
    &["cert", "sign", "own", "FILE", "--for", "x", "--out", "signed.toml"],
    &["cert", "authorize", "pin", "FILE", "--out", "let.toml"],
    &["cert", "renew", "own", "--ca-from", "DIR"],
    &["add", "added", "tcp://127.0.0.1:1", "--certs", "DIR"],
    &["add", "single", "tcp://127.0.0.1:1", "--ca", "FILE", "--cert", "FILE", "--key", "FILE"],
    &["edit", "@", "--cert", "FILE", "--unset", "certs"],
    &["server", "@", "--out", "kit", "--certs", "DIR"],
    &["server", "@", "--out", "kit3", "--certs", "DIR", "--daemon-json", "FILE"],
    &["server", "@", "--certs", "DIR", "--undo"],
    &["check", "--offline"],
    &["import", "FILE"],
];

/// Commands with an answer as JSON.
const JSON: [usize; 6] = [0, 1, 5, 6, 7, 8];

#[test]
fn no_piece_of_a_key_gets_out() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    sb.sh("sh", ["-ec", MATERIAL]).cwd(sb.dir()).run().done();
    let material = sb.path("m");
    let needles = Needles::of(&material);
    let forms = forms(&material);
    let mut total = Count::default();
    for (at, form) in forms.iter().enumerate() {
        let count = try_form(&material, &needles, form, at);
        total.runs += count.runs;
        total.bytes += count.bytes;
        total.files += count.files;
        total.copies += count.copies;
    }
    let (forms, keys, pieces) = (forms.len(), needles.keys, needles.pieces.len());
    let Count { runs, bytes, files, copies } = total;
    // not through the macros, which the test runner keeps to itself
    let _ = writeln!(
        std::io::stderr(),
        "key bytes: {keys} keys in {pieces} pieces, {forms} forms, {runs} runs with {bytes} bytes of output, \
         {files} files written or left; pieces in output: 0, in files that others can read: 0, in files of the owner's: {copies}"
    );
    assert!(runs > 1_500 && bytes > 100_000 && copies > 20, "{runs} {bytes} {copies}");
}

fn try_form(material: &Path, needles: &Needles, form: &Form, at: usize) -> Count {
    let sb = &Sandbox::new();
    let dir = sb.path("certs");
    fs::create_dir(&dir).unwrap();
    let config = sb.config().join("dctx/config.toml");
    let data = sb.data().join("dctx/certs");
    let mut search = Search { sb, needles, count: Count::default() };
    for args in [
        &["cert", "new", "own", "--host", "tcp://127.0.0.1:1", "--no-passphrase"][..],
        &["cert", "new", "pin", "--host", "tcp://127.0.0.1:1", "--pin"],
    ] {
        search.cmd(args).run().done();
    }
    let mut before = fs::read_to_string(&config).unwrap();
    before += "[profiles.p]\nhost = \"tcp://127.0.0.1:1\"\ncerts = \"";
    before += &format!("{}\"\n", dir.display());
    let put = |name: &str, bytes: &[u8], mode: u32| {
        let path = dir.join(name);
        let _ = fs::remove_file(&path);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    // every form in every place would be too much: the places take turns
    let roles =
        ["ca.pem", "cert.pem", "key.pem", "server-cert.pem", "server-key.pem", "ca-key.pem"];
    let turn = [roles[(at + at / roles.len()) % roles.len()]];
    for role in turn {
        for (name, from) in roles.iter().zip([
            "ca.pem",
            "client.pem",
            "client-key.pem",
            "server.pem",
            "server-key.pem",
            "ca-key.pem",
        ]) {
            put(
                name,
                &fs::read(material.join(from)).unwrap(),
                if name.contains("key") { 0o600 } else { 0o644 },
            );
        }
        let mode = if role.contains("key") { 0o600 } else { 0o644 };
        let file = put(role, &form.bytes, mode);
        for (index, args) in READ.iter().enumerate() {
            // what one has made is not in the way of the next
            fs::write(&config, &before).unwrap();
            for name in ["copied", "made"] {
                let _ = fs::remove_dir_all(data.join(name));
            }
            for name in ["kit", "kit3"] {
                let _ = fs::remove_dir_all(sb.work().join(name));
            }
            for name in ["signed.toml", "let.toml"] {
                let _ = fs::remove_file(sb.work().join(name));
            }
            let args: Vec<&str> = args
                .iter()
                .map(|arg| match *arg {
                    "@" => "p",
                    "DIR" => dir.to_str().unwrap(),
                    "FILE" => file.to_str().unwrap(),
                    other => other,
                })
                .collect();
            let what = format!("{} in {role}", form.name);
            search.run(&what, &args, JSON.contains(&index));
            let sources: Vec<PathBuf> = roles.iter().map(|name| dir.join(name)).collect();
            search.files(&what, sb.dir(), &sources);
        }
    }
    if at.is_multiple_of(3) || form.name.contains("line breaks") {
        everywhere(&mut search, form, &config, &before);
    }
    search.count
}

/// A key where no certificate is looked for: pasted to explain, as a value, in place of a file that dctx keeps.
fn everywhere(search: &mut Search<'_>, form: &Form, config: &Path, before: &str) {
    let sb = search.sb;
    for lang in ["en", "zh"] {
        let out = search.cmd(&["explain"]).env("DCTX_LANG", lang).stdin(form.bytes.clone()).run();
        search.look(&format!("{}: pasted to explain ({lang})", form.name), &out);
    }
    let text = String::from_utf8_lossy(&form.bytes).replace('\0', "");
    for words in
        ["x509: certificate is valid for KEY, not 127.0.0.1", "open KEY: no such file or directory"]
    {
        for json in [&[][..], &["--json"]] {
            let said = words.replace("KEY", &text);
            let out = search.cmd(&[&["explain"], json].concat()).stdin(said).run();
            search.look(&format!("{}: in what docker said", form.name), &out);
        }
    }
    for name in
        ["DOCKER_CERT_PATH", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DCTX_PROFILE"]
    {
        for args in
            [&["current"][..], &["check", "--offline"], &["ls"], &["explain", "no such host"]]
        {
            for json in [&[][..], &["--json"]] {
                let cmd =
                    search.cmd(&[args, json].concat()).env("DOCKER_HOST", "tcp://127.0.0.1:1");
                let out = cmd.env("DOCKER_TLS_VERIFY", "1").env(name, &text).run();
                search.look(&format!("{}: in {name}: dctx {}", form.name, args.join(" ")), &out);
            }
        }
    }
    let printed = sb.path("printed");
    fs::write(&printed, &form.bytes).unwrap();
    fs::set_permissions(&printed, fs::Permissions::from_mode(0o600)).unwrap();
    let certs = sb.path("certs");
    let says = format!(
        "{before}\n[profiles.says]\nhost = \"tcp://127.0.0.1:1\"\nca = \"{0}/ca.pem\"\ncert = \"{0}/cert.pem\"\n\
         key-command = [\"sh\", \"-c\", \"cat '{1}' >&2; exit 1\"]\n",
        certs.display(),
        printed.display()
    );
    fs::write(config, says).unwrap();
    for args in [
        &["use", "says", "--shell", "bash"][..],
        &["exec", "says", "--", "true"],
        &["check", "says"],
    ] {
        let out = search.cmd(args).run();
        search.look(&format!("{}: said by key-command: dctx {}", form.name, args.join(" ")), &out);
    }
    fs::write(config, before).unwrap();
    for flag in ["--key", "--ca", "--cert", "--certs"] {
        let args = ["add", "typed", "tcp://127.0.0.1:1", flag, &text];
        for lang in ["en", "zh"] {
            let out = search.cmd(&args).env("DCTX_LANG", lang).run();
            search.look(&format!("{}: typed behind {flag} ({lang})", form.name), &out);
        }
    }
    let layer = sb.config().join("dctx/profiles.d/team.toml");
    fs::create_dir_all(layer.parent().unwrap()).unwrap();
    let value = format!(
        "[profiles.v]\nhost = \"tcp://127.0.0.1:1\"\nkey = '''{text}'''\ncert = \"c\"\nca = \"a\"\n"
    );
    let docker = sb.home().join(".docker/config.json");
    fs::create_dir_all(docker.parent().unwrap()).unwrap();
    for (what, path, bytes) in [
        ("as the profile file", config.to_path_buf(), form.bytes.clone()),
        ("as a value of a profile", config.to_path_buf(), value.into_bytes()),
        ("as a shared layer", layer, form.bytes.clone()),
        ("as docker's config.json", docker, form.bytes.clone()),
    ] {
        fs::write(&path, &bytes).unwrap();
        for args in [
            &["ls"][..],
            &["use", "v", "--shell", "bash"],
            &["show", "v"],
            &["check", "v", "--offline"],
            &["check", "--offline"],
            &["current"],
            &["__complete", "names", ""],
            &["add", "w", "tcp://127.0.0.1:2"],
        ] {
            search.run(&format!("{} {what}", form.name), args, false);
        }
        fs::remove_file(&path).unwrap();
        fs::write(config, before).unwrap();
    }
}
