//! Which errors are about another connection than the one from docker's client to its daemon: of a registry, of a
//! build, of what the daemon was asked to do.

/// What is left of the daemon's own words once those about containers and images are taken away.
const OF_THE_CONNECTION: [&str; 8] = [
    "client sent an http request to an https server",
    "the plain http request was sent to https port",
    "client version ",
    "client is newer than server",
    "client and server don't have same version",
    "<html",
    "<!doctype",
    "bad gateway",
];

/// Words of others.
const OF_OTHERS: [&str; 12] = [
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
    "auth.docker.io",
    "error pulling image",
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

/// A request for something that is not in docker's API.
fn other_url(line: &str) -> bool {
    const METHODS: [&str; 8] =
        ["Get ", "Head ", "Post ", "Put ", "Delete ", "Patch ", "GET ", "POST "];
    for method in METHODS {
        for (at, _) in line.match_indices(method) {
            let rest = line.get(at + method.len()..).unwrap_or_default().trim_start_matches('"');
            let Some(address) =
                rest.strip_prefix("https://").or_else(|| rest.strip_prefix("http://"))
            else {
                continue;
            };
            let address = address.split(['"', ' ']).next().unwrap_or_default();
            let path = address.split_once('/').map_or("", |(_, path)| path);
            if !is_of_docker(path) {
                return true;
            }
        }
    }
    let path = line.split_once("with url: /").map(|(_, rest)| rest);
    let path = path.map(|rest| rest.split(' ').next().unwrap_or_default());
    path.is_some_and(|path| !is_of_docker(path))
}

fn is_of_docker(path: &str) -> bool {
    let path = path.split(['?', ':']).next().unwrap_or_default();
    let first = path.split('/').next().unwrap_or_default();
    path.is_empty()
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
        let word = rest.split([' ', ')', ',']).next()?.trim_end_matches(':');
        Some(word.rsplit_once(':')?.1.to_owned())
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
