//! Which errors are about another connection than the one from docker's client to its daemon: of a registry, of a
//! build, of what the daemon was asked to do.

/// What is left of the daemon's own words once those about containers and images are taken away.
const OF_THE_CONNECTION: [&str; 9] = [
    "client sent an http request to an https",
    "the plain http request was sent to https port",
    "client version ",
    " is not supported by this client",
    "client is newer than server",
    "client and server don't have same version",
    "<html",
    "<!doctype",
    "bad gateway",
];

/// Words of others.
const OF_OTHERS: [&str; 26] = [
    // a gRPC service; the docker command's own says "failed to dial gRPC"
    "rpc error: code",
    "transport: error while dialing",
    "transport: authentication handshake failed",
    "failed to authorize",
    "failed to fetch anonymous token",
    "failed to fetch oauth token",
    "helm repo ",
    "unable to connect to the server:",
    "fatal: unable to access",
    "failed to solve",
    "failed to do request",
    "failed to fetch",
    "failed to resolve source metadata",
    "npm err",
    "pip._vendor",
    "pip. vendor",
    "registry-1.docker.io",
    "download.docker.com",
    "auth.docker.io",
    "error pulling image",
    // gRPC without the words before it, kubectl, Ansible's own ssh, and Python's other client
    "error while dialing",
    "error from server",
    "unreachable! =>",
    "failed to connect to the host via ssh",
    "urlopen error",
    "dockershim",
];

/// Programs whose TLS and connections are none of docker's, where the text says nothing of docker.
const PROGRAMS: [&str; 55] = [
    "psql",
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "redis",
    "kafka",
    "rabbitmq",
    "amqp",
    "mqtt",
    "ldap",
    "smtp",
    "imap",
    "jdbc",
    "elasticsearch",
    "opensearch",
    "kubectl",
    "kubelet",
    "kubeadm",
    "helm",
    "etcd",
    "vault",
    "consul",
    "nomad",
    "prometheus",
    "grafana",
    "updatecenter",
    "jgit",
    "hudson.plugins.git",
    "org.apache.maven",
    "gradle",
    "npm ",
    "yarn",
    "pypi",
    "could not read from remote repository",
    "git@",
    "git clone",
    "fatal: repository",
    "wget: ",
    "apt-get",
    "scp:",
    "sftp",
    "ansible",
    "vagrant",
    "gcloud",
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "minio",
    "caddy:",
    "fail2ban",
    "loki",
    "containerd",
    "crictl",
    "openvpn",
];

/// Words of programs that go by ssh themselves. They count whatever else is in the text, such as the name of what was
/// copied, unless docker itself speaks.
const BY_SSH: [&str; 6] = [
    "could not read from remote repository",
    "cloning into ",
    "git@",
    "rsync error",
    "rsync: ",
    "unreachable! =>",
];

/// What only docker says, or what goes there by ssh for it.
const DOCKER_SPEAKS: [&str; 5] =
    ["system dial-stdio", "error during connect", "docker daemon", "docker api", "ssh://"];

/// Words that stand before a colon in docker's messages, and in those of what it goes through.
const BEFORE_COLON: [&str; 49] = [
    "code", "error", "errors", "err", "fatal", "warning", "warn", "info", "debug", "tls", "ssl",
    "x509", "ssh", "http", "https", "tcp", "unix", "curl", "openssl", "dial", "connect", "read",
    "write", "open", "lookup", "exec", "channel", "stderr", "stdout", "output", "cause", "reason",
    "level", "msg", "message", "failed", "failure", "client", "server", "remote", "host", "agent",
    "bash", "sh", "zsh", "dash", "ksh", "fish", "sudo",
];

/// What shows that docker is what a text is about.
const OF_DOCKER: [&str; 15] = [
    "docker",
    "podman",
    "testcontainers",
    "moby",
    "compose",
    "portainer",
    "/containers/",
    "/_ping",
    ":2375",
    ":2376",
    "port=2376",
    "port=2375",
    "system dial-stdio",
    "error during connect",
    "error response from daemon",
];

/// Places that errors point to for reading, which are no servers that were asked.
const DOCUMENTS: [&str; 9] = [
    "docs.",
    "github.com",
    "www.docker.com",
    "curl.se",
    "curl.haxx.se",
    "aka.ms",
    "testcontainers.",
    "stackoverflow.com",
    "go.microsoft.com",
];

/// Paths of docker's API that are called without a version before them.
const PATHS: [&str; 17] = [
    "version",
    "info",
    "_ping",
    "containers",
    "images",
    "networks",
    "volumes",
    "events",
    "system",
    "auth",
    "build",
    "session",
    "grpc",
    "exec",
    "services",
    "swarm",
    "plugins",
];

/// Whether `line` is of another connection; `plain` is the same line as the rules read it.
pub(super) fn is(line: &str, plain: &str) -> bool {
    // docker's word on an address, which may be any URL
    if plain.contains("bind address format") || plain.contains("parse docker host") {
        return false;
    }
    if plain.contains("error response from daemon:")
        && !OF_THE_CONNECTION.iter().any(|words| plain.contains(words))
    {
        return true;
    }
    OF_OTHERS.iter().any(|words| plain.contains(words))
        || of_a_build(line)
        || other_url(line)
        || other_port(plain)
}

/// `#12 3.456 …`, what a step of a build printed.
fn of_a_build(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('#') else { return false };
    let mut words = rest.split(' ');
    let number = words.next().is_some_and(|word| word.parse::<u32>().is_ok());
    number && words.next().is_some_and(|word| word.parse::<f64>().is_ok())
}

/// Whether a text as a whole is about another program's connection: it names one, or a URL that docker's API does not
/// have, and nothing in it is docker's.
pub(super) fn is_all(lines: &[String]) -> bool {
    let lower: Vec<String> = lines.iter().map(|line| line.to_lowercase()).collect();
    let any =
        |signs: &[&str]| lower.iter().any(|line| signs.iter().any(|sign| line.contains(sign)));
    if any(&BY_SSH) && !any(&DOCKER_SPEAKS) {
        return true;
    }
    if lower.iter().any(|line| OF_DOCKER.iter().any(|sign| line.contains(sign))) {
        return false;
    }
    lower.iter().any(|line| PROGRAMS.iter().any(|program| names(line, program)))
        || lines.iter().any(|line| other_program(line))
        || lower.iter().any(|line| other_service(line))
        || lines.iter().any(|line| urls(line).any(|(host, path)| is_other(host, path)))
}

/// Whether a line begins with the name of a program that is none of docker's: `openvpn: …`.
fn other_program(line: &str) -> bool {
    let Some((word, rest)) = line.trim_start().split_once(": ") else { return false };
    let of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let name = word.len() > 1
        && word.chars().all(of_name)
        && word.starts_with(|c: char| c.is_ascii_lowercase());
    name && !rest.trim().is_empty() && !BEFORE_COLON.contains(&word)
}

/// Whether a line is of a connection to the port of another service, where docker says nothing around it.
fn other_service(line: &str) -> bool {
    line.split_once("dial tcp ").is_some_and(|(_, rest)| {
        let address = rest.split([' ', ',']).next().unwrap_or_default().trim_end_matches(':');
        let port = address.rsplit_once(':').map(|(_, port)| port);
        port.is_some_and(|port| {
            matches!(port, "22" | "25" | "53" | "389" | "636" | "9200" | "9090" | "50051")
        })
    })
}

/// Whether a line has the name of a program in it, from the beginning of a word on.
fn names(line: &str, program: &str) -> bool {
    line.match_indices(program).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|c| !c.is_alphanumeric())
    })
}

/// The host and the path of each URL in a line.
fn urls(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let schemes = line.match_indices("://").filter(|(at, _)| {
        line.get(..*at).is_some_and(|before| before.ends_with("http") || before.ends_with("https"))
    });
    schemes.map(|(at, _)| {
        let rest = line.get(at + 3..).unwrap_or_default();
        let end = |c: char| c.is_whitespace() || "\"'`<>\\".contains(c);
        let address = rest.split(end).next().unwrap_or_default();
        let address = address.trim_end_matches([':', ',', '.', ';', ')', ']']);
        address.split_once('/').unwrap_or((address, ""))
    })
}

/// Whether a URL is of neither docker nor a page to read.
fn is_other(host: &str, path: &str) -> bool {
    let document = DOCUMENTS.iter().any(|start| host.starts_with(start));
    !document && (!is_of_docker(path) || of_a_token(path))
}

/// A registry's token server: `/auth?service=…&scope=…`.
fn of_a_token(path: &str) -> bool {
    path.split_once('?').is_some_and(|(_, query)| {
        query.contains("service=") && (query.contains("scope=") || query.contains("account="))
    })
}

/// A request for something that is not in docker's API.
fn other_url(line: &str) -> bool {
    // what went through an agent names where to, and that is docker's
    if urls(line).any(|(host, path)| is_other(host, path)) {
        return true;
    }
    let path = line.split_once("with url: /").map(|(_, rest)| rest);
    let path = path.map(|rest| rest.split(' ').next().unwrap_or_default());
    path.is_some_and(|path| !is_of_docker(path))
}

fn is_of_docker(path: &str) -> bool {
    let path = path.split(['?', ':']).next().unwrap_or_default();
    let first = path.split('/').next().unwrap_or_default();
    path.is_empty()
        || path.split('/').any(|part| part == "libpod")
        || path.split('/').any(|part| part.starts_with("v1.") && part.len() > 3)
        || PATHS.contains(&first)
}

/// A port on which the web or a database listens, and no daemon: `dial tcp 1.2.3.4:443`.
fn other_port(plain: &str) -> bool {
    const OTHERS: [&str; 9] =
        ["80", "443", "3306", "5000", "5432", "6379", "6443", "8080", "27017"];
    let ours = ["docker daemon", "docker api", "error during connect", "/v1."];
    if ours.iter().any(|words| plain.contains(words)) {
        return false;
    }
    let port = |rest: &str| -> Option<String> {
        let of_address = |c: char| c.is_ascii_alphanumeric() || ".:[]-_%".contains(c);
        let word = rest.split(|c: char| !of_address(c)).next()?.trim_end_matches(':');
        let port = word.rsplit_once(':')?.1;
        Some(port.chars().take_while(char::is_ascii_digit).collect())
    };
    let named = |rest: &str, marker: &str| -> Option<String> {
        let (_, rest) = rest.split_once(marker)?;
        Some(rest.chars().take_while(char::is_ascii_digit).collect())
    };
    let after = |marker: &str| plain.split_once(marker).map(|(_, rest)| rest);
    let found = after("dial tcp ")
        .and_then(port)
        .or_else(|| after("connect econnrefused ").and_then(port))
        .or_else(|| after("connect etimedout ").and_then(port))
        .or_else(|| named(after("connectionpool(")?, "port="))
        .or_else(|| named(after("failed to connect to ")?, " port "));
    found.is_some_and(|found| OTHERS.contains(&found.as_str()))
}
