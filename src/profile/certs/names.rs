//! The names under which programs write certificates and keys, in one list for every command: docker's documents,
//! docker-machine, cfssl (the CoreOS guide), openssl tutorials, easy-rsa, mkcert, step, Kubernetes, Let's Encrypt.
//! Docker's own name is the first of each kind.

use std::path::Path;

/// A certificate and its key.
pub type Pair = (&'static str, &'static str);

/// Certificates of a CA.
pub const CAS: [&str; 11] = [
    "ca.pem",
    "ca-cert.pem",
    "ca.crt",
    "cacert.pem",
    "ca.cer",
    "rootCA.pem",
    "rootCA.crt",
    "root-ca.pem",
    "root-ca.crt",
    "root_ca.crt",
    "chain.pem",
];

/// Certificates and keys of a CA, as whoever signs has them.
pub const AUTHORITIES: [Pair; 10] = [
    ("ca.pem", "ca-key.pem"),
    ("ca.crt", "ca.key"),
    ("ca-cert.pem", "ca-key.pem"),
    ("rootCA.pem", "rootCA-key.pem"),
    ("rootCA.pem", "rootCA.key"),
    ("rootCA.crt", "rootCA.key"),
    ("cacert.pem", "cakey.pem"),
    ("ca.pem", "ca-priv.pem"),
    ("ca.pem", "ca.key"),
    ("root_ca.crt", "root_ca_key"),
];

/// Certificates and keys of a client.
pub const CLIENTS: [Pair; 9] = [
    ("cert.pem", "key.pem"),
    ("client.pem", "client-key.pem"),
    ("client-cert.pem", "client-key.pem"),
    ("client.crt", "client.key"),
    ("client.cert", "client.key"),
    ("cert.crt", "cert.key"),
    ("tls.crt", "tls.key"),
    ("fullchain.pem", "privkey.pem"),
    ("cert.pem", "privkey.pem"),
];

/// So many of [`CLIENTS`] are nobody else's: one half of such a pair means that the other is missing.
pub const CERTAIN: usize = 5;

/// Certificates and keys of a server.
pub const SERVERS: [Pair; 6] = [
    ("server-cert.pem", "server-key.pem"),
    ("server.pem", "server-key.pem"),
    ("server.crt", "server.key"),
    ("server.cert.pem", "server.key.pem"),
    ("fullchain.pem", "privkey.pem"),
    ("cert.pem", "privkey.pem"),
];

/// How the two names of a pair end that has a name of its own before that, as in `client-ana-cert.pem`.
const ENDINGS: [Pair; 5] = [
    ("-cert.pem", "-key.pem"),
    (".crt", ".key"),
    (".cert.pem", ".key.pem"),
    (".pem", "-key.pem"),
    (".pem", ".key"),
];

/// The pairs among `names` that are a client's by what they are called: `client-ana-cert.pem`, mkcert's
/// `docs-client.pem`. In the order of the names; each key once.
#[must_use]
pub fn client_pairs(names: &[String]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for name in names {
        let key = ENDINGS.iter().find_map(|(cert, key)| {
            let stem = name.strip_suffix(cert).filter(|stem| stem.contains("client"))?;
            let key = format!("{stem}{key}");
            names.contains(&key).then_some(key)
        });
        if let Some(key) = key.filter(|key| !found.iter().any(|(_, other)| other == key)) {
            found.push((name.clone(), key));
        }
    }
    found
}

/// What docker calls the file that `name` stands for: `ca.pem`, `cert.pem` or `key.pem`; `None` for another's file.
#[must_use]
pub fn role(name: &str) -> Option<&'static str> {
    if CAS.contains(&name) {
        return Some("ca.pem");
    }
    let of = |(cert, key): &Pair| {
        if *cert == name { Some("cert.pem") } else { (*key == name).then_some("key.pem") }
    };
    CLIENTS.iter().find_map(of)
}

/// The name of what belongs to the client's file `there`.
#[must_use]
pub fn partner(there: &Path) -> &'static str {
    let name = there.file_name().unwrap_or_default();
    let other = |(cert, key): Pair| {
        if name == cert { Some(key) } else { (name == key).then_some(cert) }
    };
    CLIENTS.into_iter().find_map(other).unwrap_or("key.pem")
}

/// The names of what is in a directory, sorted; `None` where they cannot be read. At most a thousand: more is no
/// directory of certificates.
#[must_use]
pub fn listed(dir: &Path) -> Option<Vec<String>> {
    let entries = std::fs::read_dir(dir).ok()?.take(1000);
    let mut names: Vec<String> =
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    Some(names)
}
