//! docker's own words, those of other clients, of ssh and of curl lead to the right diagnosis with the facts that
//! stand in them, in whatever they are wrapped; words about something else lead to none.

use std::collections::BTreeMap;

use dctx::check::diagnosis::{Diagnosis, Found};
use dctx::check::explain::explain;
use dctx::check::id::Id;
use proptest::prelude::*;

/// Real runs of the docker client.
const RUNS: &str = include_str!("../data/docker-errors.json");

/// What each run is, by its situation. Where docker's words are the same for two causes the table says what an honest
/// reader of the words alone can say.
const SITUATIONS: &[(&str, Option<Id>)] = &[
    ("plain client to TLS port (dockerd)", Some(Id::TlsExpected)),
    ("TLS client to plain port", Some(Id::PlainExpected)),
    ("SAN mismatch by IP (certificate has DNS names only)", Some(Id::NoSan)),
    ("SAN mismatch by host (certificate has IP SANs only)", Some(Id::NoSan)),
    ("no SAN only CN, connect by IP", Some(Id::NoSan)),
    ("wildcard SAN *.test, host a.b.test", Some(Id::NameMismatch)),
    ("unknown CA (ca.pem of another CA)", Some(Id::UnknownCa)),
    ("self-signed server certificate used as ca.pem", None),
    ("expired server cert", Some(Id::ServerExpired)),
    ("not yet valid server cert", Some(Id::ServerNotYetValid)),
    ("server cert without serverAuth (clientAuth only)", Some(Id::ServerUsage)),
    ("server cert signed with SHA1", Some(Id::WeakSignature)),
    // the words are those of an expired server certificate, and the cause says that it may be either
    ("CA certificate expired", Some(Id::ServerExpired)),
    // docker 20.10 says `bad certificate` of all that is wrong with a client, also of none
    ("missing cert.pem (key present)", Some(Id::ClientRejected)),
    ("missing key.pem (cert present)", Some(Id::ClientRejected)),
    ("client cert without any EKU", None),
    ("wrong key for cert", Some(Id::KeyMismatch)),
    ("cert and key files swapped", Some(Id::PairSwapped)),
    ("cert path does not exist", Some(Id::CertMissing)),
    ("ca.pem is a directory", Some(Id::CertInvalid)),
    ("empty ca.pem", Some(Id::CertInvalid)),
    ("garbage ca.pem", Some(Id::CertInvalid)),
    ("garbage key.pem", Some(Id::KeyInvalid)),
    ("truncated cert.pem", Some(Id::CertInvalid)),
    ("DER instead of PEM ca.pem", Some(Id::CertInvalid)),
    ("encrypted key, traditional PEM (Proc-Type)", Some(Id::KeyEncrypted)),
    ("key unreadable (permission)", Some(Id::CertUnreadable)),
    ("connection refused (tcp)", Some(Id::Refused)),
    ("no route to host (TLS)", Some(Id::NoRoute)),
    ("DNS failure NXDOMAIN (TLS)", Some(Id::Dns)),
    ("no common cipher (server: CBC only, TLS1.2)", Some(Id::TlsCipher)),
    ("server is an SSH port, TLS", Some(Id::NotDocker)),
    ("server resets connection", Some(Id::NotDocker)),
    ("not docker: nginx 404 html", Some(Id::NotDocker)),
    ("reverse proxy 401", Some(Id::NotDocker)),
    ("unix socket missing", Some(Id::UnixMissing)),
    ("unix socket permission denied", Some(Id::UnixPermission)),
    // docker 28 says the same of a missing one; the command looks whether it is there
    ("unix socket path is a regular file", Some(Id::UnixMissing)),
    ("https:// as client host", Some(Id::EndpointInvalid)),
    // `page not found` is said to a path as host and to a malformed API version alike
    ("path as client host (forgot unix://)", None),
    ("malformed DOCKER_API_VERSION", None),
    ("API version too old for the daemon", Some(Id::ApiTooOld)),
    ("daemon minimum API newer than the client (simulated)", Some(Id::ApiTooOld)),
    ("plain client to TLS port behind nginx", Some(Id::TlsExpected)),
    ("timeout: packets dropped, TLS", Some(Id::Timeout)),
    ("timeout: server accepts but never answers (killed after 25 s)", None),
    ("HTTP_PROXY set, plain tcp host by name: goes through proxy, works", None),
    // docker names the host and not the proxy; the cause says that it may be either
    ("HTTP proxy refuses connection, TLS", Some(Id::Refused)),
    ("HTTP proxy answers 407, TLS", Some(Id::Proxy)),
    ("HTTP proxy answers 403 html, TLS", Some(Id::Proxy)),
    ("HTTP proxy 502", Some(Id::Proxy)),
    ("NO_PROXY=dockerbox.test bypasses dead proxy", None),
    ("NO_PROXY=* bypasses", None),
    ("ALL_PROXY socks ignored (Go has no ALL_PROXY)", None),
    ("proxy set, unix socket: ignored", None),
    ("ssh: remote socket missing", Some(Id::SshNoDaemon)),
    ("ssh: auth fails (no such user)", Some(Id::SshAuth)),
    ("ssh: DNS failure", Some(Id::SshUnreachable)),
    ("ssh: password in URL", Some(Id::EndpointInvalid)),
    ("ssh: fragment in URL", Some(Id::EndpointInvalid)),
    ("ssh: no host", Some(Id::EndpointInvalid)),
    ("ssh: trailing slash", Some(Id::SshNoDaemon)),
    ("ssh: leftover DOCKER_TLS_VERIFY without certs", Some(Id::CertMissing)),
    ("ssh: ssh program not on local PATH", Some(Id::SshMissing)),
    ("ssh: docker not on ssh PATH of the remote", Some(Id::SshNoDocker)),
    ("ssh: host key unknown (no tty)", Some(Id::SshHostKey)),
    ("ssh: key has a passphrase, no agent, no tty", Some(Id::SshAuth)),
    ("ssh: alias from ssh config", None),
    ("client OK", None),
];

fn id(text: &str) -> Option<Id> {
    explain(text).map(|diagnosis| diagnosis.id)
}

#[track_caller]
fn known(text: &str) -> Diagnosis {
    explain(text).unwrap_or_else(|| panic!("not known: {text}"))
}

/// The texts of the runs with what they mean.
fn runs() -> Vec<(String, String, Option<Id>)> {
    let all: Vec<serde_json::Value> = serde_json::from_str(RUNS).unwrap();
    let known: BTreeMap<&str, Option<Id>> = SITUATIONS.iter().copied().collect();
    assert_eq!(known.len(), SITUATIONS.len(), "a situation is listed twice");
    let text = |run: &serde_json::Value, key: &str| run[key].as_str().unwrap().to_owned();
    let runs: Vec<(String, String, Option<Id>)> = all
        .iter()
        .map(|run| {
            let situation = text(run, "situation");
            let meant = known.get(&*situation).unwrap_or_else(|| panic!("{situation}: not listed"));
            (situation, text(run, "stderr"), *meant)
        })
        .collect();
    for (situation, _) in SITUATIONS {
        assert!(runs.iter().any(|(name, ..)| name == situation), "{situation}: no such run");
    }
    runs
}

#[test]
fn every_run_is_known_for_what_it_is() {
    let wrong: Vec<String> = runs()
        .iter()
        .filter(|(_, text, meant)| id(text) != *meant)
        .map(|(situation, text, meant)| {
            format!("{situation}: {meant:?}, not {:?}: {text}", id(text))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As people paste it: prompts and colours, Windows' line ends, a log's prefix and quoting, what was typed before and
/// what came after, and a terminal that broke the line in the middle of a word.
#[test]
fn noise_around_a_text_changes_nothing() {
    for (situation, text, meant) in runs() {
        let text = text.trim();
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        let wrapped: Vec<String> =
            text.chars().collect::<Vec<_>>().chunks(80).map(|part| part.iter().collect()).collect();
        for noisy in [
            format!(
                "\u{1b}]0;me@box: ~\u{7}\u{1b}[01;32mme@box\u{1b}[0m:~$ docker info\r\n{text}\r\nme@box:~$ "
            ),
            format!("\u{1b}[31m{text}\u{1b}[0m\u{1b}[K"),
            format!(
                "% docker -H h version\nClient: Docker Engine - Community\n Version: 28.2.2\n\n{text}\n%"
            ),
            format!("2026-11-25T22:01:02.123Z ERROR [main] {text}"),
            format!("time=\"2026-11-25T22:01:02Z\" level=fatal msg=\"{quoted}\""),
            text.replace('\n', "\r\n"),
            format!("PS C:\\Users\\me> docker ps\r\n{text}"),
            format!("> {text}"),
        ] {
            assert_eq!(id(&noisy), meant, "{situation}: {noisy}");
        }
        if !text.contains('\n') {
            assert_eq!(id(&wrapped.join("\n")), meant, "{situation}: {wrapped:#?}");
        }
    }
}

/// The three messages of the article, in the words of 2017.
#[test]
fn the_article() {
    let first = known(
        "$ docker -H 192.168.57.110:2376 info\n\
         Get http://192.168.57.110:2376/v1.34/containers/json?all=1: malformed HTTP response \"\\x15\\x03\\x01\\x00\\x02\\x02\".\n\
         * Are you trying to connect to a TLS-enabled daemon without TLS?",
    );
    assert_eq!(first.id, Id::TlsExpected);
    assert_eq!(first.facts.endpoint.as_deref(), Some("tcp://192.168.57.110:2376"));

    let second = known(
        "error during connect: Get https://10.141.20.83:2376/v1.34/info: x509: certificate is valid for 192.168.57.110, 192.168.199.100, 127.0.0.1, not 10.141.20.83",
    );
    assert_eq!(second.id, Id::NameMismatch);
    assert_eq!(second.facts.listed, ["IP:192.168.57.110", "IP:192.168.199.100", "IP:127.0.0.1"]);
    assert_eq!(second.facts.host.as_deref(), Some("10.141.20.83"));
    assert_eq!(second.facts.port, Some(2376));

    let third = known(
        "error during connect: Get https://localhost:2375/v1.34/info: x509: certificate is valid for coreos1, not localhost",
    );
    assert_eq!(third.id, Id::NameMismatch);
    assert_eq!(third.facts.listed, ["DNS:coreos1"]);
    assert_eq!(third.facts.endpoint.as_deref(), Some("tcp://localhost:2375"));
}

/// What other versions and other clients say. Texts marked with a port from 24001 on are of runs made for this
/// test's sake: docker-py 7.1 on Python 3.12, dockerode 4 on Node 20, docker 28.2.2.
const TEXTS: &[(Id, &str)] = &[
    // docker 20.10
    (
        Id::UnknownCa,
        r#"error during connect: Get "https://h:2376/v1.41/version": x509: certificate signed by unknown authority"#,
    ),
    (
        Id::ContextMissing,
        r#"Current context "nope" is not found on the file system, please check your config file at /root/.docker/config.json"#,
    ),
    (
        Id::SshAuth,
        "error during connect: Get \"http://docker/v1.41/version\": command [ssh -l me -p 2222 -- box docker system dial-stdio] has exited with exit status 255, please make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=me@box: Permission denied (publickey).",
    ),
    (
        Id::UnixPermission,
        r#"Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/version": dial unix /var/run/docker.sock: connect: permission denied"#,
    ),
    // docker 29
    (
        Id::Dns,
        "failed to connect to the docker API at tcp://coreos1:2376: lookup coreos1 on 127.0.0.53:53: no such host",
    ),
    (
        Id::UnixMissing,
        "failed to connect to the docker API at unix:///nope.sock; check if the path is correct and if the daemon is running: dial unix /nope.sock: connect: no such file or directory",
    ),
    (
        Id::UnixStale,
        "failed to connect to the docker API at unix:///x.sock; check if the path is correct and if the daemon is running: dial unix /x.sock: connect: connection refused",
    ),
    (
        Id::UnixPermission,
        r#"permission denied while trying to connect to the docker API at unix:///var/run/docker.sock"#,
    ),
    (
        Id::NetProhibited,
        "permission denied while trying to connect to the docker API at tcp://10.0.0.5:2376",
    ),
    (
        Id::ClientCertRequired,
        r#"error during connect: Get "https://h:2376/v1.54/version": remote error: tls: certificate required"#,
    ),
    (
        Id::ClientExpired,
        r#"error during connect: Get "https://h:2376/v1.54/version": remote error: tls: expired certificate"#,
    ),
    (
        Id::ClientUnknownCa,
        r#"error during connect: Get "https://h:2376/v1.54/version": remote error: tls: unknown certificate authority"#,
    ),
    (
        Id::TlsCipher,
        r#"the server probably has client authentication (--tlsverify) enabled; check your TLS client certification settings: Get "https://h:2376/v1.54/version": remote error: tls: handshake failure"#,
    ),
    (
        Id::TlsVersion,
        r#"error during connect: Get "https://h:2376/v1.54/version": remote error: tls: protocol version not supported"#,
    ),
    (
        Id::ContextMissing,
        r#"Failed to initialize: unable to resolve docker endpoint: context "nope": context not found: open /root/.docker/contexts/meta/0a1b/meta.json: no such file or directory"#,
    ),
    (
        Id::ApiTooNew,
        "Error response from daemon: client version 1.54 is too new. Maximum supported API version is 1.41",
    ),
    (
        Id::Leftover,
        r#"Warning: DOCKER_HOST environment variable overrides the active context. To use "lab", either set the global --context flag, or unset DOCKER_HOST environment variable."#,
    ),
    (
        Id::IssuerNotCa,
        r#"error during connect: Get "https://h:2376/v1.50/version": tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "x509: invalid signature: parent certificate cannot sign this kind of certificate" while trying to verify candidate authority certificate "ca")"#,
    ),
    (
        Id::NoSan,
        r#"error during connect: Get "https://coreos1:2376/v1.50/version": tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead"#,
    ),
    (
        Id::NotDocker,
        "Get \"http://127.0.0.1:24008/v1.50/version\": net/http: HTTP/1.x transport connection broken: malformed HTTP response \"SSH-2.0-OpenSSH_9.2\".\n* Are you trying to connect to a TLS-enabled daemon without TLS?",
    ),
    (Id::NotDocker, r#"error during connect: Get "http://127.0.0.1:24004/v1.50/version": EOF"#),
    (
        Id::NotDocker,
        r#"error during connect: Get "http://h:22/v1.50/version": net/http: HTTP/1.x transport connection broken: malformed HTTP status code "Debian-2""#,
    ),
    (
        Id::Proxy,
        r#"error during connect: Get "https://h:2376/v1.50/version": proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused"#,
    ),
    (
        Id::NetProhibited,
        r#"permission denied while trying to connect to the Docker daemon socket at tcp://h:2376: Get "https://h:2376/v1.50/version": dial tcp 10.0.0.5:2376: connect: permission denied"#,
    ),
    (
        Id::SshHostKey,
        "error during connect: Get \"http://docker.example.com/v1.50/version\": command [ssh -o ConnectTimeout=30 -T -- box docker system dial-stdio] has exited with exit status 255, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=@@@@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@@@@@@\nHost key verification failed.",
    ),
    (
        Id::SshUnreachable,
        "error during connect: Get \"http://docker.example.com/v1.50/version\": command [ssh -o ConnectTimeout=30 -T -l me -p 2222 -- box docker system dial-stdio] has exited with exit status 255, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=ssh: connect to host box port 2222: Connection refused",
    ),
    // Windows
    (
        Id::UnixMissing,
        r#"error during connect: This error may indicate that the docker daemon is not running.: Get "http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.24/containers/json": open //./pipe/docker_engine: The system cannot find the file specified."#,
    ),
    (
        Id::Refused,
        r#"error during connect: Get "http://10.0.0.5:2375/v1.24/version": dial tcp 10.0.0.5:2375: connectex: No connection could be made because the target machine actively refused it."#,
    ),
    // the Go SDK, compose, buildx
    (Id::KeyMismatch, "could not load X509 key pair: tls: private key does not match public key"),
    (
        Id::CertMissing,
        "could not read CA certificate \"/c/ca.pem\": open /c/ca.pem: no such file or directory",
    ),
    (Id::EndpointInvalid, "unable to parse docker host `localhost`"),
    (Id::KeyInvalid, "Failed to initialize: no valid private key found"),
    (Id::Timeout, r#"Get "https://10.0.0.5:2376/v1.41/info": net/http: TLS handshake timeout"#),
    (
        Id::Timeout,
        r#"error during connect: Get "https://10.0.0.5:2376/v1.41/info": context deadline exceeded"#,
    ),
    (
        Id::UnixMissing,
        "Couldn't connect to Docker daemon at http+docker://localhost - is it running?",
    ),
    // docker-py
    (
        Id::Refused,
        r#"docker.errors.DockerException: Error while fetching server API version: HTTPConnectionPool(host='127.0.0.1', port=24001): Max retries exceeded with url: /version (Caused by NewConnectionError("HTTPConnection(host='127.0.0.1', port=24001): Failed to establish a new connection: [Errno 111] Connection refused"))"#,
    ),
    (
        Id::Dns,
        r#"docker.errors.DockerException: Error while fetching server API version: HTTPConnectionPool(host='nosuch.invalid', port=24001): Max retries exceeded with url: /version (Caused by NameResolutionError("HTTPConnection(host='nosuch.invalid', port=24001): Failed to resolve 'nosuch.invalid' ([Errno -2] Name or service not known)"))"#,
    ),
    (
        Id::UnixMissing,
        "docker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', FileNotFoundError(2, 'No such file or directory'))",
    ),
    (
        Id::UnixPermission,
        "docker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', PermissionError(13, 'Permission denied'))",
    ),
    (
        Id::CertMissing,
        "docker.errors.TLSParameterError: Path to a certificate and key files must be provided through the client_cert param. TLS configurations should map the Docker CLI client configurations. See https://docs.docker.com/engine/articles/https/ for API details.",
    ),
    (
        Id::NameMismatch,
        r#"docker.errors.DockerException: Error while fetching server API version: HTTPSConnectionPool(host='127.0.0.1', port=24001): Max retries exceeded with url: /version (Caused by SSLError(SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: IP address mismatch, certificate is not valid for '127.0.0.1'. (_ssl.c:1006)")))"#,
    ),
    (
        Id::NameMismatch,
        r#"(Caused by SSLError(SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for 'localhost'. (_ssl.c:1006)")))"#,
    ),
    (
        Id::ServerExpired,
        "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)')))",
    ),
    (
        Id::UnknownCa,
        "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain (_ssl.c:1006)')))",
    ),
    (
        Id::PlainExpected,
        "docker.errors.DockerException: Error while fetching server API version: HTTPSConnectionPool(host='127.0.0.1', port=24006): Max retries exceeded with url: /version (Caused by SSLError(SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)')))",
    ),
    (
        Id::NotDocker,
        "docker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
    ),
    (
        Id::NotDocker,
        r#"docker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', BadStatusLine('SSH-2.0-OpenSSH_9.2\r\n'))"#,
    ),
    (
        Id::ClientRejected,
        "requests.exceptions.SSLError: HTTPSConnectionPool(host='h', port=2376): Max retries exceeded with url: /version (Caused by SSLError(SSLError(1, '[SSL: SSLV3_ALERT_BAD_CERTIFICATE] sslv3 alert bad certificate (_ssl.c:2580)')))",
    ),
    (
        Id::ClientCertRequired,
        "(Caused by SSLError(SSLError(1, '[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required (_ssl.c:2580)')))",
    ),
    (
        Id::ApiTooOld,
        "docker.errors.APIError: 400 Client Error for http+docker://localhost/v1.30/version: Bad Request (\"client version 1.30 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version\")",
    ),
    // dockerode
    (
        Id::Refused,
        "Error: connect ECONNREFUSED 127.0.0.1:24001\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {\n  errno: -111,\n  code: 'ECONNREFUSED',\n  syscall: 'connect',\n  address: '127.0.0.1',\n  port: 24001\n}",
    ),
    (Id::Dns, "Error: getaddrinfo ENOTFOUND nosuch.invalid"),
    (Id::UnixMissing, "Error: connect ENOENT /var/run/docker.sock"),
    (Id::UnixPermission, "Error: connect EACCES /var/run/docker.sock"),
    (Id::UnixStale, "Error: connect ECONNREFUSED /var/run/docker.sock"),
    (
        Id::CertMissing,
        "Error: ENOENT: no such file or directory, open '/nope/ca.pem'\n    at Object.readFileSync (node:fs:448:20)",
    ),
    (
        Id::ServerExpired,
        "Error: certificate has expired\n    at TLSSocket.onConnectSecure (node:_tls_wrap:1677:34) {\n  code: 'CERT_HAS_EXPIRED'\n}",
    ),
    (
        Id::UnknownCa,
        "Error: self-signed certificate in certificate chain\n  code: 'SELF_SIGNED_CERT_IN_CHAIN'",
    ),
    (Id::UnknownCa, "code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'"),
    (Id::UnknownCa, "Error: unable to verify the first certificate"),
    (
        Id::NoSan,
        "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: \n  code: 'ERR_TLS_CERT_ALTNAME_INVALID',",
    ),
    (
        Id::NoSan,
        "Hostname/IP does not match certificate's altnames: Host: localhost. is not cert's CN: addr",
    ),
    (
        Id::NameMismatch,
        "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: DNS:coreos1, IP Address:192.168.57.110\n  code: 'ERR_TLS_CERT_ALTNAME_INVALID'",
    ),
    (Id::NameMismatch, "code: 'ERR_TLS_CERT_ALTNAME_INVALID'"),
    (
        Id::NotDocker,
        "Error: Parse Error: Expected HTTP/, RTSP/ or ICE/\n  code: 'HPE_INVALID_CONSTANT',",
    ),
    (
        Id::PlainExpected,
        "Error: write EPROTO 40A7:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/ssl/record/ssl3_record.c:355:",
    ),
    // docker-java
    (
        Id::UnknownCa,
        "javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target",
    ),
    (
        Id::NameMismatch,
        "javax.net.ssl.SSLHandshakeException: No subject alternative names matching IP address 10.141.20.83 found",
    ),
    (Id::NoSan, "java.security.cert.CertificateException: No subject alternative names present"),
    (
        Id::ClientRejected,
        "javax.net.ssl.SSLHandshakeException: Received fatal alert: bad_certificate",
    ),
    (
        Id::ClientCertRequired,
        "javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_required",
    ),
    (
        Id::PlainExpected,
        "javax.net.ssl.SSLException: Unrecognized SSL message, plaintext connection?",
    ),
    (Id::Dns, "java.net.UnknownHostException: coreos1"),
    // bollard
    (Id::Refused, "error trying to connect: tcp connect error: Connection refused (os error 111)"),
    (
        Id::Dns,
        "client error (Connect): dns error: failed to lookup address information: Name or service not known",
    ),
    (
        Id::UnknownCa,
        "hyper legacy client: client error (Connect): invalid peer certificate: UnknownIssuer",
    ),
    (
        Id::NameMismatch,
        "client error (Connect): invalid peer certificate: certificate not valid for name \"10.141.20.83\"; certificate is only valid for DnsName(\"coreos1\")",
    ),
    // ssh and curl by themselves
    (Id::SshUnreachable, "ssh: Could not resolve hostname coreos1: Name or service not known"),
    (Id::SshUnreachable, "ssh: connect to host 10.0.0.5 port 22: No route to host"),
    (Id::SshAuth, "core@10.0.0.5: Permission denied (publickey,password)."),
    (
        Id::Refused,
        "curl: (7) Failed to connect to 10.0.0.5 port 2376 after 0 ms: Couldn't connect to server",
    ),
    (Id::UnknownCa, "curl: (60) SSL certificate problem: unable to get local issuer certificate"),
    (
        Id::NameMismatch,
        "curl: (60) SSL: no alternative certificate subject name matches target host name '10.141.20.83'",
    ),
    (Id::PlainExpected, "curl: (35) error:0A00010B:SSL routines::wrong version number"),
    (Id::NotDocker, "curl: (52) Empty reply from server"),
    // the daemon's log
    (
        Id::ClientCertRequired,
        "dockerd[1]: http: TLS handshake error from 10.0.0.9:51234: tls: client didn't provide a certificate",
    ),
    (
        Id::ClientUsage,
        "http: TLS handshake error from 10.0.0.9:51234: tls: failed to verify client certificate: x509: certificate specifies an incompatible key usage",
    ),
    (
        Id::ClientExpired,
        "http: TLS handshake error from 10.0.0.9:51234: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-25T22:01:02Z is after 2021-01-01T00:00:00Z",
    ),
];

#[test]
fn other_versions_and_other_clients() {
    let wrong: Vec<String> = TEXTS
        .iter()
        .filter(|(meant, text)| id(text) != Some(*meant))
        .map(|(meant, text)| format!("{meant:?}, not {:?}: {text}", id(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is about something else than the connection, or about nothing.
const OTHERS: &[&str] = &[
    "",
    " \r\n\t",
    "28.2.2",
    "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES",
    "hello world",
    "EOF",
    "bad certificate",
    "connection refused",
    "permission denied",
    "Error response from daemon: No such container: web",
    "Error response from daemon: page not found",
    "Error response from daemon: pull access denied for nope, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    "docker: Error response from daemon: driver failed programming external connectivity on endpoint web: Bind for 0.0.0.0:80 failed: port is already allocated.",
    "Error response from daemon: Conflict. The container name \"/web\" is already in use by container \"0a1b\". You have to remove (or rename) that container to be able to reuse that name.",
    "write /var/lib/docker/tmp/GetImageBlob1: no space left on device",
    "docker: Error response from daemon: failed to create task for container: OCI runtime create failed: exec: \"/x\": permission denied: unknown.",
    r#"Error response from daemon: Get "https://registry.example.com/v2/": x509: certificate signed by unknown authority"#,
    r#"Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: no such host"#,
    r#"Error response from daemon: Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout"#,
    r#"Error response from daemon: Get "http://10.0.0.5:5000/v2/": http: server gave HTTP response to HTTPS client"#,
    r#"ERROR: failed to do request: Head "https://registry.example.com/v2/x/manifests/latest": tls: failed to verify certificate: x509: certificate signed by unknown authority"#,
    r#"Get "https://registry.example.com/v2/": x509: certificate has expired or is not yet valid: current time 2026-11-25T22:01:02Z is after 2021-01-01T00:00:00Z"#,
    "#12 3.456 curl: (7) Failed to connect to deb.example.com port 2376: Connection refused",
    "curl: (7) Failed to connect to www.example.com port 443 after 0 ms: Couldn't connect to server",
    "Unable to connect to the server: x509: certificate signed by unknown authority",
    r#"Get "https://10.0.0.5:6443/api/v1/nodes": dial tcp 10.0.0.5:6443: connect: connection refused"#,
    "fatal: unable to access 'https://git.example.com/x.git/': SSL certificate problem: self-signed certificate",
    "npm ERR! code ECONNREFUSED\nnpm ERR! connect ECONNREFUSED 127.0.0.1:4873",
    "psql: error: connection to server at \"db\" (10.0.0.5), port 5432 failed: Connection refused",
    "could not connect to redis: dial tcp 10.0.0.5:6379: connect: connection refused",
    "open config.yaml: no such file or directory",
    "The daemon refused the connection, because the certificate has expired and nobody renewed it.",
    "docker 是一个容器引擎，证书已过期。",
    "error during connect: this error may indicate that the docker daemon is not running",
    "http: TLS handshake error from 10.0.0.9:51234: remote error: tls: bad certificate",
    // two causes, and nothing to say which is meant
    "Error: connect ECONNREFUSED 127.0.0.1:2376\nx509: certificate is valid for coreos1, not localhost",
];

#[test]
fn what_is_about_something_else_is_not_known() {
    let wrong: Vec<String> =
        OTHERS.iter().filter_map(|text| id(text).map(|id| format!("{id:?}: {text}"))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The facts that stand in a text.
#[test]
fn facts_are_taken_from_the_text() {
    let text = |some: &Option<String>| some.clone().unwrap_or_default();
    let facts = |text: &str| known(text).facts;

    let expired = facts(
        "x509: certificate has expired or is not yet valid: current time 2026-11-23T21:41:59Z is after 2021-01-01T00:00:00Z",
    );
    assert_eq!(expired.cert.unwrap().not_after, 1_609_459_200);
    let early = facts(
        "x509: certificate has expired or is not yet valid: current time 2026-11-23T21:41:59Z is before 2033-01-01T00:00:00Z",
    );
    assert_eq!(early.cert.unwrap().not_before, 1_988_150_400);

    let missing = facts(
        "Failed to initialize: unable to resolve docker endpoint: open /home/my certs/ca.pem: no such file or directory",
    );
    assert_eq!(missing.path.unwrap().to_str(), Some("/home/my certs/ca.pem"));

    let old = facts(
        "Error response from daemon: client version 1.24 is too old. Minimum supported API version is 1.40, please upgrade your client to a newer version",
    );
    assert_eq!(
        (text(&old.api), old.api_range),
        ("1.24".to_owned(), Some(("1.40".to_owned(), String::new())))
    );
    let new = facts(
        "Error response from daemon: client version 1.50 is too new. Maximum supported API version is 1.41",
    );
    assert_eq!(new.api_range, Some((String::new(), "1.41".to_owned())));

    let ssh = facts(
        "error during connect: Get \"http://docker.example.com/v1.50/version\": command [ssh -o ConnectTimeout=30 -T -l nosuchuser -p 2222 -- 127.0.0.1 docker system dial-stdio] has exited with exit status 255, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=nosuchuser@127.0.0.1: Permission denied (publickey,keyboard-interactive).",
    );
    assert_eq!(
        (text(&ssh.user), text(&ssh.host), ssh.port),
        ("nosuchuser".into(), "127.0.0.1".into(), Some(2222))
    );
    assert_eq!(text(&ssh.endpoint), "ssh://nosuchuser@127.0.0.1:2222");

    let refused = facts(
        "Cannot connect to the Docker daemon at tcp://[2001:db8::7]:2376. Is the docker daemon running?",
    );
    assert_eq!((text(&refused.host), refused.port), ("2001:db8::7".into(), Some(2376)));
    assert_eq!(text(&refused.endpoint), "tcp://[2001:db8::7]:2376");

    let timeout = facts(
        r#"Get "https://127.66.0.2:2376/v1.50/version": dial tcp 127.66.0.2:2376: i/o timeout"#,
    );
    assert_eq!(text(&timeout.address), "127.66.0.2:2376");

    let unauthorized = facts(
        "request returned 401 Unauthorized for API route and version http://127.0.0.1:2503/v1.50/version, check if the server supports the requested API version",
    );
    assert_eq!(unauthorized.found, Some(Found::Http { status: 401, server: None, location: None }));
    assert_eq!(text(&unauthorized.endpoint), "tcp://127.0.0.1:2503");

    let node = facts(
        "Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: DNS:coreos1, IP Address:192.168.57.110",
    );
    assert_eq!(
        (text(&node.host), node.listed),
        ("localhost".into(), vec!["DNS:coreos1".to_owned(), "IP:192.168.57.110".to_owned()])
    );

    let proxy = facts(
        r#"error during connect: Get "https://h:2376/v1.50/version": proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused"#,
    );
    assert_eq!((text(&proxy.proxy), text(&proxy.host)), ("10.0.0.1:3128".into(), "h".into()));

    let hidden = facts(
        r#"Warning: DOCKER_HOST environment variable overrides the active context. To use "lab", either set the global --context flag, or unset DOCKER_HOST environment variable."#,
    );
    assert_eq!(text(&hidden.context), "lab");

    let host = facts(
        "Failed to initialize: unable to resolve docker endpoint: invalid bind address format: https://127.0.0.1:2376",
    );
    assert_eq!(text(&host.endpoint), "https://127.0.0.1:2376");
}

/// Pieces that errors are made of: any of them together may mean something, and must not break anything.
fn piece() -> impl Strategy<Value = String> {
    let own: Vec<String> = TEXTS
        .iter()
        .flat_map(|(_, text)| text.split_inclusive([' ', ':', '"', '\'', '[', '(']))
        .map(str::to_owned)
        .collect();
    prop_oneof![
        proptest::sample::select(own),
        any::<String>(),
        "[\\x1b\\[\\]\"%:\\\\0-9mé中\r\n]{0,6}"
    ]
}

/// Words of which prose about docker is made; none of them alone is a client's own.
const WORDS: [&str; 60] = [
    "the",
    "a",
    "docker",
    "daemon",
    "host",
    "refused",
    "connection",
    "certificate",
    "expired",
    "is",
    "not",
    "valid",
    "for",
    "client",
    "server",
    "TLS",
    "key",
    "permission",
    "denied",
    "no",
    "route",
    "to",
    "proxy",
    "port",
    "timeout",
    "context",
    "file",
    "found",
    "missing",
    "unknown",
    "authority",
    "signed",
    "by",
    "ssh",
    "socket",
    "and",
    "or",
    "has",
    "was",
    "with",
    "without",
    "my",
    "your",
    "API",
    "version",
    "old",
    "new",
    "too",
    "name",
    "address",
    "EOF",
    "error",
    "cannot",
    "connect",
    "reach",
    "because",
    "when",
    "I",
    "run",
    "it",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(text in any::<String>(), pieces in prop::collection::vec(piece(), 0..40)) {
        let _ = explain(&text);
        if let Some(diagnosis) = explain(&pieces.concat()) {
            for lang in [dctx::error::Lang::En, dctx::error::Lang::Zh] {
                prop_assert!(!diagnosis.cause(lang).is_empty());
                prop_assert!(!diagnosis.fixes(lang).is_empty());
            }
        }
    }

    #[test]
    fn prose_means_nothing(words in prop::collection::vec(proptest::sample::select(&WORDS[..]), 0..60)) {
        let text = words.join(" ");
        prop_assert_eq!(id(&text), None, "{}", text);
    }
}
