//! Every fix is for the machine that the words are about (this one, the host, the remote user's), and is written in the
//! shell that asked.

use dctx::shell::{Kind, SHELLS};
use serde_json::Value;

use crate::support::Sandbox;
use crate::support::profiles::CONFIG;

/// docker's words where it goes to this machine by itself.
const LOCAL: &str =
    "Cannot connect to the Docker daemon at tcp://localhost:2376. Is the docker daemon running?";

fn sandbox() -> Sandbox {
    let mut sb = Sandbox::new();
    sb.set_env("DCTX_SHELL", "bash");
    sb
}

/// The id, the cause, and the fixes with their commands.
fn explained(
    sb: &Sandbox,
    variables: &[(&str, &str)],
    text: &str,
) -> (String, String, Vec<(String, String)>) {
    let shell = variables.iter().find(|(name, _)| *name == "DCTX_SHELL").map(|(_, shell)| *shell);
    let mut dctx = sb.dctx_from(shell, ["explain", "--json", text]);
    for (name, value) in variables {
        dctx = dctx.env(name, value);
    }
    let out = dctx.run();
    let json: Value = serde_json::from_str(&out.out()).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let fixes = json["fix"].as_array().unwrap().iter();
    let fixes = fixes.map(|fix| (text(&fix["say"]), text(&fix["run"]))).collect();
    (text(&json["id"]), text(&json["cause"]), fixes)
}

fn runs(fixes: &[(String, String)]) -> Vec<&str> {
    fixes.iter().map(|(_, run)| &**run).filter(|run| !run.is_empty()).collect()
}

/// `dctx reset` is written as that shell evaluates it, unless the hook does, and so is what takes a variable away.
#[test]
fn commands_are_those_of_the_shell_that_asked() {
    let sb = sandbox();
    let unset = |shell: &str| match shell {
        "fish" => "set -e DOCKER_TLS_VERIFY",
        "nu" => "hide-env DOCKER_TLS_VERIFY",
        "elvish" => "unset-env DOCKER_TLS_VERIFY",
        "tcsh" => "unsetenv DOCKER_TLS_VERIFY",
        "xonsh" => "${...}.pop('DOCKER_TLS_VERIFY', None)",
        "pwsh" => "$Env:DOCKER_TLS_VERIFY = $null",
        "cmd" => "SET \"DOCKER_TLS_VERIFY=\"",
        _ => "unset -v DOCKER_TLS_VERIFY",
    };
    for shell in SHELLS.iter().filter(|shell| shell.kind() == Kind::Shell) {
        let name = shell.name();
        let asked = [("DCTX_SHELL", name), ("DOCKER_TLS_VERIFY", "1")];
        let (id, _, fixes) = explained(&sb, &asked, LOCAL);
        assert_eq!(id, "leftover", "{name}");
        assert_eq!(runs(&fixes), [&*shell.load("dctx reset"), unset(name)], "{name}");
        let hooked = [asked[0], asked[1], ("DCTX_HOOK", "prompt")];
        let (_, _, fixes) = explained(&sb, &hooked, LOCAL);
        assert_eq!(runs(&fixes), ["dctx reset", unset(name)], "{name}, with the hook");
    }
    // the page says the same
    let page = sb.dctx_from(Some("fish"), ["explain", LOCAL]).env("DOCKER_TLS", "1").run();
    assert!(page.out().contains(": dctx reset | source\n"), "{}", page.out());
    assert!(page.out().contains(": set -e DOCKER_TLS\n"), "{}", page.out());
}

/// This machine's own address with TLS variables is what they lead to; without them, or with another host, it is not.
#[test]
fn loopback_with_tls_variables_is_left_over() {
    let sb = sandbox();
    let at = |place: &str| {
        format!(
            "Cannot connect to the Docker daemon at tcp://{place}. Is the docker daemon running?"
        )
    };
    let id = |variables: &[(&str, &str)], place: &str| explained(&sb, variables, &at(place)).0;
    for place in
        ["localhost:2376", "127.0.0.1:2376", "[::1]:2376", "localhost:2375", "0.0.0.0:2375"]
    {
        let host = format!("tcp://{place}");
        assert_eq!(id(&[("DOCKER_TLS_VERIFY", "1")], place), "leftover", "{place}");
        assert_eq!(id(&[("DOCKER_TLS", "0")], place), "leftover", "{place}");
        assert_eq!(id(&[("DOCKER_TLS_VERIFY", "1"), ("DOCKER_HOST", &host)], place), "leftover");
        assert_eq!(id(&[("DOCKER_TLS_VERIFY", "")], place), "refused", "{place}");
        assert_eq!(
            id(&[("DOCKER_TLS_VERIFY", "1"), ("DOCKER_HOST", "tcp://box:2376")], place),
            "refused"
        );
        let (_, cause, fixes) = explained(&sb, &[], &at(place));
        assert!(cause.contains("this machine"), "{cause}");
        assert_eq!(runs(&fixes)[..2], ["eval \"$(dctx reset)\"", "dctx current"], "{place}");
    }
    assert_eq!(id(&[("DOCKER_TLS_VERIFY", "1")], "10.0.0.5:2376"), "refused");
    // a profile of this machine's own port is no leftover
    sb.write(
        CONFIG,
        "schema = 1\n\n[profiles.here]\nhost = \"tcp://127.0.0.1:2376\"\ntls = \"insecure\"\n",
    );
    let text = at("127.0.0.1:2376");
    let script = format!(
        "eval \"$(dctx use here --shell bash)\"; echo $DOCKER_TLS; dctx explain '{text}'; exit 0"
    );
    let out = sb.sh("bash", ["-c", &script]).run().out();
    assert!(out.starts_with("1\nrefused  "), "{out}");
}

/// Who speaks, what is told of it, and what is not advised.
#[test]
fn fixes_are_for_the_machine_that_the_words_are_about() {
    let sb = sandbox();
    // text, id, a command that is advised, what no command and no cause holds
    let ssh = |stderr: &str| {
        format!(
            "error during connect: Get \"http://docker/v1.41/version\": command [ssh -l me -- box docker system dial-stdio] has exited with exit status 1, please make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr={stderr}"
        )
    };
    let cases = [
        // the other end of ssh
        (
            ssh("failed to open the raw stream connection: dial unix /var/run/docker.sock: connect: permission denied"),
            "ssh-no-daemon", "sudo usermod -aG docker me", "\"$USER\"",
        ),
        (
            "failed to open the raw stream connection: dial unix /var/run/docker.sock: connect: permission denied".to_owned(),
            "ssh-no-daemon", "sudo usermod -aG docker USER", "\"$USER\"",
        ),
        (
            "build/docker: error during connect: Post http://docker/v1.39/containers/6a75/start: command [ssh localhost -- docker system dial-stdio] has exited with exit status 255, please make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=Permission denied, please try again.\nPermission denied (publickey,password).".to_owned(),
            "ssh-auth", "ssh-copy-id localhost", "ssh-copy-id docker",
        ),
        // the host's own words
        (
            "failed to start daemon: invalid TLS configuration: could not read CA certificate \"/etc/docker/ca.pem\": open /etc/docker/ca.pem: no such file or directory".to_owned(),
            "daemon-cert-missing", "sudo ls -l /etc/docker", "dctx edit",
        ),
        (
            "failed to start daemon: invalid TLS configuration: could not load X509 key pair (cert: \"/etc/docker/c.pem\", key: \"/etc/docker/k.pem\"): tls: private key does not match public key".to_owned(),
            "key-mismatch", "sudo systemctl restart docker", "dctx edit",
        ),
        (
            "dockerd[9]: http: TLS handshake error from 10.0.0.9:51234: tls: client didn't provide a certificate".to_owned(),
            "client-cert-required", "dctx edit NAME --certs DIR", "docker sends none",
        ),
        // Windows
        (
            r#"error during connect: Get "http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.24/version": open //./pipe/docker_engine: The system cannot find the file specified."#.to_owned(),
            "unix-missing", "Start-Service docker", "/var/run/docker.sock",
        ),
        (
            r"unable to resolve docker endpoint: open C:\Users\me\.docker\ca.pem: The system cannot find the path specified.".to_owned(),
            "cert-missing", r"Get-ChildItem 'C:\Users\me\.docker'", "ls -la",
        ),
        // sockets of other daemons than the system's
        (
            "Cannot connect to the Docker daemon at unix:///run/user/1000/docker.sock. Is the docker daemon running?".to_owned(),
            "unix-missing", "systemctl --user start docker", "sudo systemctl",
        ),
        (
            "Cannot connect to the Docker daemon at unix:///Users/me/.colima/default/docker.sock. Is the docker daemon running?".to_owned(),
            "unix-missing", "colima start", "systemctl",
        ),
        // addresses
        (
            "docker.errors.DockerException: Invalid bind address format: tcp://localhost".to_owned(),
            "endpoint-invalid", "dctx add NAME tcp://localhost:2376 --certs DIR", "as a host",
        ),
        (
            "dial tcp: lookup me@box.example.com: no such host".to_owned(),
            "ssh-client-missing-in-sdk",
            "ssh -nNT -L /tmp/dctx-remote.sock:/var/run/docker.sock me@box.example.com",
            "getent",
        ),
        // which version is whose
        (
            "Error response from daemon: API version 1.41 is not supported by this client: the minimum supported API version is 1.44".to_owned(),
            "api-client-floor", "docker version", "DOCKER_API_VERSION",
        ),
        (
            "Error response from daemon: client version 1.50 is too new. Maximum supported API version is 1.41".to_owned(),
            "api-too-new", "dctx edit NAME --api-version 1.41", "unset",
        ),
    ];
    for (text, id, run, never) in cases {
        let (found, cause, fixes) = explained(&sb, &[], &text);
        assert_eq!(found, id, "{text}");
        let commands = runs(&fixes);
        assert!(commands.contains(&run), "{text}\n{cause}\n{fixes:#?}");
        let held = |text: &str| text.contains(never);
        assert!(
            !held(&cause) && !fixes.iter().any(|(say, run)| held(say) || held(run)),
            "{text}\n{cause}\n{fixes:#?}"
        );
        assert!(!commands.iter().any(|run| run.contains("''")), "{text}\n{fixes:#?}");
    }
}

/// A pinned version is told from one that nobody pinned, and docker-java's own from one that the shell pins.
#[test]
fn versions_are_told_by_who_asked_for_them() {
    let sb = sandbox();
    let java = "Status 400: {\"message\":\"client version 1.32 is too old. Minimum supported API version is 1.44\"}";
    assert_eq!(explained(&sb, &[], java).0, "api-sdk-default");
    assert_eq!(explained(&sb, &[("DOCKER_API_VERSION", "1.32")], java).0, "api-too-old");
    let new = "Error response from daemon: client version 1.50 is too new. Maximum supported API version is 1.41";
    let (_, cause, _) = explained(&sb, &[], new);
    assert!(cause.contains("slow ssh"), "{cause}");
    let (_, cause, fixes) = explained(&sb, &[("DOCKER_API_VERSION", "1.50")], new);
    assert!(!cause.contains("slow ssh"), "{cause}");
    assert_eq!(runs(&fixes)[0], "unset -v DOCKER_API_VERSION");
}

/// buildx needs a context: its commands hold what this shell's variables say, and nothing that would be another option.
#[test]
fn a_context_for_buildx_is_made_of_the_variables() {
    let sb = sandbox();
    let text = "ERROR: could not create a builder instance with TLS data loaded from environment. Please use `docker context create <context-name>`";
    let set = [("DOCKER_HOST", "tcp://10.0.0.5:2376"), ("DOCKER_CERT_PATH", "/c d")];
    let (id, _, fixes) = explained(&sb, &set, text);
    assert_eq!(id, "buildx-env-tls");
    let wanted = "docker context create NAME --docker 'host=tcp://10.0.0.5:2376,ca=/c d/ca.pem,cert=/c d/cert.pem,key=/c d/key.pem'";
    assert_eq!(runs(&fixes), [wanted, "docker buildx create --use NAME"]);
    let comma =
        [("DOCKER_HOST", "tcp://10.0.0.5:2376"), ("DOCKER_CERT_PATH", "/c,skip-tls-verify=true")];
    assert!(!explained(&sb, &comma, text).2.iter().any(|(_, run)| run.contains("skip")));
}
