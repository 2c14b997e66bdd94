//! Words for programs other than the docker command: libraries, plug-ins, and what each of them lacks.

use super::Words;
use super::local::unset;
use super::with::With;
use crate::error::Hint;
use crate::tr;

pub(super) fn client_floor(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let oldest = with.facts.api_range.as_ref().map_or("1.44", |(oldest, _)| oldest.as_str());
    let cause = match &with.facts.api {
        Some(api) => tr!(
            lang,
            "the docker client here needs API {oldest} or later, but the daemon at {place} speaks {api}: the daemon is too old for this client",
            "本机的 docker 客户端最低使用 API {oldest}，而 {place} 上的守护进程使用 {api}：守护进程对该客户端来说太旧"
        ),
        None => tr!(
            lang,
            "the docker client here speaks no API below {oldest}: the daemon at {place} is too old for docker 29.0 to 29.2",
            "本机的 docker 客户端最低使用 API {oldest}：{place} 上的守护进程对 docker 29.0 至 29.2 来说太旧"
        ),
    };
    // 29.3 took the floor back to 1.40
    let old = with.facts.api.as_deref().and_then(|api| api.strip_prefix("1."));
    let ancient = old.and_then(|minor| minor.parse::<u16>().ok()).is_some_and(|minor| minor < 40);
    let mut fixes = Vec::new();
    fixes.push(Hint::say(match ancient {
        false => tr!(
            lang,
            "on this machine, update docker to 29.3 or later, which speaks API 1.40 again",
            "在本机把 docker 升级到 29.3 或更高版本，它重新支持 API 1.40"
        ),
        true => tr!(
            lang,
            "on this machine, go back to docker 28, which speaks API 1.24 and later",
            "在本机改用 docker 28，它支持 API 1.24 及以上版本"
        ),
    }));
    fixes.push(Hint::say(tr!(
        lang,
        "or, on the host, update docker to 25 or later",
        "或在主机上把 docker 升级到 25 或更高版本"
    )));
    fixes.push(Hint::run(tr!(lang, "see both versions", "查看双方版本"), "docker version"));
    (cause, fixes)
}

pub(super) fn sdk_default(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let api = with.facts.api.as_deref().unwrap_or("1.32");
    let cause = match &with.facts.api_range {
        Some((oldest, _)) if !oldest.is_empty() => tr!(
            lang,
            "docker-java asks for API {api} unless it is told otherwise (so do Testcontainers for Java before 1.21.4 and 2.0.2), but the daemon at {place} accepts nothing below {oldest}",
            "docker-java 默认使用 API {api}（Testcontainers Java 1.21.4、2.0.2 之前的版本也是如此），而 {place} 上的守护进程最低支持 {oldest}"
        ),
        _ => tr!(
            lang,
            "docker-java asks for API {api} unless it is told otherwise (so do Testcontainers for Java before 1.21.4 and 2.0.2), which docker 29 does not speak any more",
            "docker-java 默认使用 API {api}（Testcontainers Java 1.21.4、2.0.2 之前的版本也是如此），docker 29 已不再支持"
        ),
    };
    let fixes = vec![
        Hint::say(tr!(
            lang,
            "update Testcontainers to 1.21.4, 2.0.2 or later, or docker-java to the version that these bring",
            "把 Testcontainers 升级到 1.21.4、2.0.2 或更高版本，或把 docker-java 升级到它们所用的版本"
        )),
        Hint::say(tr!(
            lang,
            "until then, write api.version=1.44 into ~/.docker-java.properties: it does not read DOCKER_API_VERSION",
            "在此之前，在 ~/.docker-java.properties 中写入 api.version=1.44：它不读取 DOCKER_API_VERSION"
        )),
        Hint::say(tr!(
            lang,
            "or, on the host, write \"min-api-version\": \"1.32\" into /etc/docker/daemon.json, and restart docker",
            "或在主机的 /etc/docker/daemon.json 中写入 \"min-api-version\": \"1.32\"，并重启 docker"
        )),
    ];
    (cause, fixes)
}

/// A program without `ssh://`.
pub(super) fn no_ssh(with: &With<'_>) -> Words {
    let (lang, said) = (with.lang, with.facts.said.as_deref().unwrap_or_default());
    if said.contains("paramiko") {
        let cause = tr!(
            lang,
            "docker's library for Python uses paramiko for ssh://, which is not installed",
            "docker 的 Python 库通过 paramiko 支持 ssh://，但 paramiko 没有安装"
        );
        let fixes = vec![
            Hint::run(
                tr!(lang, "install it where that program runs", "在该程序的运行环境中安装"),
                "pip install 'docker[ssh]'",
            ),
            forward(with),
        ];
        return (cause, fixes);
    }
    let cause = match &with.facts.host {
        Some(_) => {
            let place = with.place();
            tr!(
                lang,
                "this program does not support ssh:// and takes {place} for an ordinary address: docker itself and docker compose support it",
                "该程序不支持 ssh://，把 {place} 当成了普通地址：docker 和 docker compose 支持"
            )
        }
        None => tr!(
            lang,
            "this program, or its version, does not support ssh://: docker itself and docker compose do",
            "该程序（或该版本）不支持 ssh://：docker 和 docker compose 支持"
        ),
    };
    let fixes = vec![
        forward(with),
        Hint::run(
            tr!(lang, "and go to that socket", "并使用该套接字"),
            "dctx add NAME unix:///tmp/dctx-remote.sock",
        ),
        Hint::say(tr!(
            lang,
            "or update that program to a version that supports ssh://",
            "或把该程序升级到支持 ssh:// 的版本"
        )),
    ];
    (cause, fixes)
}

/// The host's socket, brought here by ssh.
fn forward(with: &With<'_>) -> Hint {
    let say = tr!(
        with.lang,
        "bring the host's socket here, for every program (it stays in the foreground)",
        "把主机的套接字转发到本机，供任何程序使用（在前台运行）"
    );
    let more = ["-nNT", "-L", "/tmp/dctx-remote.sock:/var/run/docker.sock"];
    let program: Vec<&str> = ["ssh"].into_iter().chain(more).collect();
    Hint::run(say, super::ssh::command(with, &program, &[]))
}

pub(super) fn docker_missing(with: &With<'_>) -> Words {
    let lang = with.lang;
    let cause = tr!(
        lang,
        "there is no docker command on the PATH where this was said",
        "报出这段文字的环境的 PATH 中没有 docker 命令"
    );
    let fixes = vec![
        Hint::run(
            tr!(
                lang,
                "the client alone is enough for a remote host (Debian 13 and later; docker-ce-cli from docker's own packages)",
                "连接远程主机只需安装客户端（Debian 13 及更高版本；docker 官方软件源中为 docker-ce-cli）"
            ),
            "sudo apt-get install docker-cli",
        ),
        Hint::run(
            tr!(lang, "then see whether everything is there", "然后检查是否齐全"),
            "dctx check",
        ),
    ];
    (cause, fixes)
}

pub(super) fn outdated(with: &With<'_>) -> Words {
    let (lang, said) = (with.lang, with.said());
    let cause = tr!(
        lang,
        "docker's library for Python (or docker-compose 1.x) does not fit the installed versions of requests and urllib3{said}",
        "docker 的 Python 库（以及 docker-compose 1.x）与所装的 requests、urllib3 版本不匹配{said}"
    );
    let fixes = vec![
        Hint::run(
            tr!(lang, "update docker's library for Python", "升级 docker 的 Python 库"),
            "pip install --upgrade docker requests",
        ),
        Hint::run(
            tr!(
                lang,
                "use this in place of docker-compose 1.x, which is no longer maintained",
                "用它代替已停止维护的 docker-compose"
            ),
            "docker compose version",
        ),
    ];
    (cause, fixes)
}

pub(super) fn buildx_env_tls(with: &With<'_>) -> Words {
    let lang = with.lang;
    let cause = tr!(
        lang,
        "docker buildx create does not take certificates from variables: it needs a docker context that has them",
        "docker buildx create 不从环境变量读取证书：它需要一个带有证书的 docker context"
    );
    let host = with.facts.endpoint.as_deref().unwrap_or("tcp://HOST:2376");
    let dir = super::with::shown(with.facts.path.as_deref(), "DIR");
    let dir = dir.trim_end_matches('/');
    let name = with.facts.profile.as_deref().unwrap_or("NAME");
    let docker = format!("host={host},ca={dir}/ca.pem,cert={dir}/cert.pem,key={dir}/key.pem");
    // What docker takes apart at commas cannot hold one, and no option is a name.
    let plain = |text: &str| !text.contains([',', '"', '\n']) && !text.starts_with('-');
    let (docker, name) = match plain(host) && plain(dir) && plain(name) {
        true => (docker, name),
        false => (
            "host=tcp://HOST:2376,ca=DIR/ca.pem,cert=DIR/cert.pem,key=DIR/key.pem".to_owned(),
            "NAME",
        ),
    };
    let fixes = vec![
        Hint::run(
            tr!(lang, "make a context of them", "用它们创建 context"),
            shell_words::join(["docker", "context", "create", name, "--docker", &docker]),
        ),
        Hint::run(
            tr!(lang, "then make the builder with it", "再用它创建 builder"),
            shell_words::join(["docker", "buildx", "create", "--use", name]),
        ),
    ];
    (cause, fixes)
}

pub(super) fn ca_intermediate(with: &With<'_>) -> Words {
    let (lang, file) = (with.lang, with.path("ca.pem"));
    let cause = tr!(
        lang,
        "{file} contains only an intermediate CA: docker accepts that, but programs that use OpenSSL (Node, Python before 3.13) also need the root CA that signed it",
        "{file} 中只有中间 CA：docker 可以接受，而使用 OpenSSL 的程序（Node、3.13 之前的 Python）还需要签发它的根 CA"
    );
    let fixes = vec![
        Hint::run(
            tr!(lang, "see who signed it", "查看其签发者"),
            shell_words::join(["openssl", "x509", "-noout", "-subject", "-issuer", "-in", &file]),
        ),
        Hint::say(tr!(
            lang,
            "add the root's certificate at the end of {file}",
            "把根 CA 的证书追加到 {file} 末尾"
        )),
    ];
    (cause, fixes)
}

pub(super) fn ca_key_usage(with: &With<'_>) -> Words {
    let (lang, said) = (with.lang, with.said());
    let cause = tr!(
        lang,
        "Python 3.13 and later check CAs more strictly and refuse this one, usually because it has no keyUsage; docker accepts it{said}",
        "Python 3.13 及更高版本检查更严格，会拒绝该 CA，通常是因为缺少 keyUsage；docker 可以接受{said}"
    );
    let mut fixes = super::mend::authority(with);
    fixes.push(Hint::say(tr!(
        lang,
        "a CA needs the extensions basicConstraints=critical,CA:TRUE and keyUsage=critical,keyCertSign,cRLSign; those that dctx makes have them",
        "CA 需要扩展 basicConstraints=critical,CA:TRUE 和 keyUsage=critical,keyCertSign,cRLSign；dctx 生成的 CA 都有"
    )));
    (cause, fixes)
}

pub(super) fn ca_bundle_env(with: &With<'_>) -> Words {
    let lang = with.lang;
    let cause = match &with.facts.var {
        Some((name, value)) if name.ends_with("_BUNDLE") => tr!(
            lang,
            "{name}={value} replaces the profile's CA in docker's Python clients (docker-py, docker-compose 1.29), which then fail; docker itself ignores it",
            "{name}={value} 会在 docker 的 Python 客户端（docker-py、docker-compose 1.29）中取代主机配置的 CA，使其连接失败；docker 本身不读取它"
        ),
        _ => {
            let file = with.path(&with.own(tr!(lang, "a file", "某个文件")));
            tr!(
                lang,
                "a Python client looks for its CAs in {file}, which REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE usually names, and it is not there",
                "Python 客户端要从 {file} 读取 CA（通常由 REQUESTS_CA_BUNDLE 或 CURL_CA_BUNDLE 指定），但该文件不存在"
            )
        }
    };
    let name = with.facts.var.as_ref().map(|(name, _)| name.as_str());
    let fixes = match name.filter(|name| name.ends_with("_BUNDLE")) {
        Some(name) => unset(with, name).into_iter().collect(),
        None => ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
            .iter()
            .filter_map(|name| unset(with, name))
            .collect(),
    };
    let fixes: Vec<Hint> = fixes;
    match fixes.is_empty() {
        true => (cause, vec![with.check()]),
        false => (cause, fixes),
    }
}
