//! Ways that lead nowhere, or to somebody else.

use dctx::check::id::Id;

use super::{Row, Words, row};
use crate::lab::net::{nowhere, resolver};
use crate::lab::programs::{free_port, full};
use crate::lab::scene::Scene;
use crate::lab::servers::{
    Server, answering, closing, fake_daemon, greeting, page, resetting, silent,
};
use crate::lab::ssh::Sshd;
use crate::lab::tls::web_tls;
use crate::support::certs::{Ca, Leaf};
use crate::support::dockerd::Dockerd;
use crate::support::require;

/// docker has one sentence for all of these; what is a host's is not a socket's.
const CANNOT: &[&str] =
    &["Cannot connect to the Docker daemon at tcp://", "failed to connect to the docker API"];
const NOBODY_THERE: &[Id] = &[Id::Refused, Id::Timeout, Id::Proxy];

const DROPPED: &[&str] = &[
    "i/o timeout",
    "Cannot connect to the Docker daemon at tcp://",
    "failed to connect to the docker API",
];

/// A resolver that does not answer is told like a host that does not.
const UNHEARD: &[&str] = &[
    "i/o timeout",
    "connection refused",
    "Cannot connect to the Docker daemon at tcp://",
    "failed to connect to the docker API",
];
const UNRESOLVED: &[Id] = &[Id::Dns, Id::Refused, Id::Timeout, Id::Proxy];

/// A name that only a proxy could know.
const BEHIND: &str = "tcp://dockerbox.test:2375";
const BEHIND_TLS: &str = "tcp://dockerbox.test:2376";

/// What nginx says to those who speak plain HTTP where it has TLS.
const NGINX: &str = "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n\
<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n\
<center>The plain HTTP request was sent to HTTPS port</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = connections();
    rows.extend(names());
    rows.extend(schemes());
    rows.extend(strangers());
    rows.extend(proxies());
    rows.extend(versions());
    rows
}

fn connections() -> Vec<Row> {
    vec![
        row("packets are dropped, TLS", Id::Timeout, DROPPED, || {
            require("python3")?;
            let (server, host) = full();
            Some(with_certs(&host)?.hold(server))
        })
        .alone(NOBODY_THERE)
        .untold(),
        row("packets are dropped", Id::Timeout, DROPPED, || {
            require("python3")?;
            let (server, host) = full();
            Some(Scene::host(&host).hold(server))
        })
        .alone(NOBODY_THERE)
        .untold(),
        row("accepts and never answers", Id::Timeout, &[], || {
            let server = silent();
            Some(Scene::host(&server.tcp()).hold(server))
        })
        .words(Words::Hangs),
        row("accepts and never answers, TLS", Id::Timeout, &[], || {
            let server = silent();
            Some(with_certs(&server.tcp())?.hold(server))
        })
        .words(Words::Hangs),
        row("nobody listens", Id::Refused, CANNOT, || {
            Some(Scene::host(&format!("tcp://127.0.0.1:{}", free_port())))
        })
        .alone(NOBODY_THERE),
        row("nobody listens, TLS", Id::Refused, CANNOT, || {
            with_certs(&format!("tcp://127.0.0.1:{}", free_port()))
        })
        .alone(NOBODY_THERE),
        row("no route", Id::NoRoute, &["no route to host"], || {
            nowhere(Scene::host("tcp://10.10.0.1:2375"))
        }),
        row("no network", Id::NoRoute, &["network is unreachable"], || {
            nowhere(Scene::host("tcp://10.99.0.1:2375"))
        }),
        row("no route, TLS", Id::NoRoute, &["no route to host"], || {
            nowhere(with_certs("tcp://10.10.0.1:2376")?)
        }),
        row("forbidden by a rule", Id::NetProhibited, &["connect: permission denied"], || {
            nowhere(Scene::host("tcp://10.11.0.1:2375"))
        }),
    ]
}

fn names() -> Vec<Row> {
    vec![
        row("no such name", Id::Dns, &["no such host"], || {
            resolver(Scene::host("tcp://build.example.net:2375"), "3")
        }),
        row("no such name, TLS", Id::Dns, &["no such host"], || {
            resolver(with_certs("tcp://build.example.net:2376")?, "3")
        }),
        row("the resolver fails", Id::Dns, &["server misbehaving"], || {
            resolver(Scene::host("tcp://build.example.net:2375"), "2")
        }),
        row("no resolver listens", Id::Dns, UNHEARD, || {
            resolver(Scene::host("tcp://build.example.net:2375"), "absent")
        })
        .alone(UNRESOLVED)
        .untold(),
        row("the resolver is silent", Id::Dns, UNHEARD, || {
            resolver(Scene::host("tcp://build.example.net:2375"), "silent")
        })
        .alone(UNRESOLVED)
        .untold(),
    ]
}

fn schemes() -> Vec<Row> {
    vec![
        row(
            "plain client, TLS daemon",
            Id::TlsExpected,
            &["Client sent an HTTP request to an HTTPS server"],
            || Some(Scene::host(&Dockerd::mutual()?.tcp())),
        ),
        row(
            "plain client, TLS behind nginx",
            Id::TlsExpected,
            &["The plain HTTP request was sent to HTTPS port"],
            || {
                let server =
                    Server::http(page("400 Bad Request", "Server: nginx\r\n", "text/html", NGINX));
                Some(Scene::host(&server.tcp()).hold(server))
            },
        ),
        row(
            "plain client, TLS daemon of 2017",
            Id::TlsExpected,
            &["malformed HTTP response"],
            || {
                let server = answering(b"\x15\x03\x01\x00\x02\x02\x0a");
                Some(Scene::host(&server.tcp()).hold(server))
            },
        ),
        row(
            "TLS client, plain daemon",
            Id::PlainExpected,
            &["server gave HTTP response to HTTPS client"],
            || {
                let daemon = Dockerd::plain()?;
                with_certs(&daemon.tcp())
            },
        ),
    ]
}

fn strangers() -> Vec<Row> {
    vec![
        row("a web page", Id::NotDocker, &["invalid character '<'", "<html>"], || {
            web(page(
                "200 OK",
                "Server: nginx\r\n",
                "text/html",
                "<html><body>Welcome</body></html>",
            ))
        }),
        row("a web server's 404", Id::NotDocker, &["<html>"], || {
            web(page(
                "404 Not Found",
                "Server: nginx\r\n",
                "text/html",
                "<html><body>nginx 404</body></html>",
            ))
        }),
        row("a 401", Id::NotDocker, &["401 Unauthorized", "request returned Unauthorized"], || {
            web(page("401 Unauthorized", "WWW-Authenticate: Basic realm=x\r\n", "text/html", ""))
        }),
        row("a redirect", Id::NotDocker, &["EOF", "redirect"], || {
            web(page(
                "301 Moved Permanently",
                "Location: https://www.example.com/\r\n",
                "text/html",
                "",
            ))
        })
        .mute(),
        row("a web server with TLS", Id::NotDocker, &["invalid character '<'", "<html>"], || {
            let daemon = Dockerd::mutual()?;
            let body = "<html><body>Welcome</body></html>";
            let server = web_tls(
                &daemon.server_dir(),
                page("200 OK", "Server: nginx\r\n", "text/html", body),
            );
            Some(Scene::tls(&server.tcp(), |_| daemon.certs.clone()).hold(server))
        }),
        row("hangs up", Id::NotDocker, &["EOF"], || {
            let server = closing();
            Some(Scene::host(&server.tcp()).hold(server))
        }),
        row("hangs up, TLS", Id::NotDocker, &["EOF"], || {
            let server = closing();
            Some(with_certs(&server.tcp())?.hold(server))
        }),
        row("breaks the connection", Id::NotDocker, &["connection reset by peer"], || {
            let server = resetting();
            Some(Scene::host(&server.tcp()).hold(server))
        }),
        row("breaks the connection, TLS", Id::NotDocker, &["connection reset by peer"], || {
            let server = resetting();
            Some(with_certs(&server.tcp())?.hold(server))
        }),
        row("an ssh server", Id::NotDocker, &["malformed HTTP"], || {
            Some(Scene::host(&Sshd::shared()?.tcp()))
        }),
        row(
            "an ssh server, TLS",
            Id::NotDocker,
            &["first record does not look like a TLS handshake"],
            || with_certs(&Sshd::shared()?.tcp()),
        ),
        row("a mail server", Id::NotDocker, &["malformed HTTP"], || {
            let server = greeting(b"220 mail.example.com ESMTP\r\n");
            Some(Scene::host(&server.tcp()).hold(server))
        }),
    ]
}

fn proxies() -> Vec<Row> {
    const HTML: &str = "text/html";
    vec![
        row("a proxy wants a password", Id::Proxy, &["Proxy Authentication Required"], || {
            let proxy = Server::http(page(
                "407 Proxy Authentication Required",
                "Proxy-Authenticate: Basic realm=x\r\n",
                HTML,
                "",
            ));
            Some(Scene::host(BEHIND).in_shell().env("HTTP_PROXY", &proxy.url()).hold(proxy))
        }),
        row("a proxy wants a password, TLS", Id::Proxy, &["Proxy Authentication Required"], || {
            let proxy = Server::http(page(
                "407 Proxy Authentication Required",
                "Proxy-Authenticate: Basic realm=x\r\n",
                HTML,
                "",
            ));
            Some(with_certs(BEHIND_TLS)?.in_shell().env("HTTPS_PROXY", &proxy.url()).hold(proxy))
        }),
        row("a proxy forbids it, TLS", Id::Proxy, &["Forbidden"], || {
            let proxy = Server::http(page("403 Forbidden", "", HTML, "<html>no</html>"));
            Some(with_certs(BEHIND_TLS)?.in_shell().env("https_proxy", &proxy.url()).hold(proxy))
        }),
        row("a proxy reaches nobody", Id::Proxy, &["502 Bad Gateway"], || {
            let body = "<html><head><title>502 Bad Gateway</title></head></html>";
            let proxy = Server::http(page("502 Bad Gateway", "", HTML, body));
            Some(Scene::host(BEHIND).in_shell().env("http_proxy", &proxy.url()).hold(proxy))
        })
        .alone(&[Id::Proxy, Id::NotDocker]),
        row("a dead proxy", Id::Proxy, CANNOT, || {
            let proxy = format!("http://127.0.0.1:{}", free_port());
            Some(Scene::host(BEHIND).in_shell().env("HTTP_PROXY", &proxy))
        })
        .alone(NOBODY_THERE),
        row("a dead proxy, TLS", Id::Proxy, CANNOT, || {
            let proxy = format!("http://127.0.0.1:{}", free_port());
            Some(with_certs(BEHIND_TLS)?.in_shell().env("HTTPS_PROXY", &proxy))
        })
        .alone(NOBODY_THERE),
    ]
}

fn versions() -> Vec<Row> {
    const OLD: &[&str] = &["is too old. Minimum supported API version is"];
    vec![
        row("pinned below what the daemon speaks", Id::ApiTooOld, OLD, || {
            Some(Scene::host(&Dockerd::plain()?.tcp()).api("1.11"))
        }),
        row(
            "pinned above what the daemon speaks",
            Id::ApiTooNew,
            &["is too new. Maximum supported API version is"],
            || Some(Scene::host(&Dockerd::plain()?.tcp()).api("1.99")),
        ),
        row(
            "pinned above, TLS",
            Id::ApiTooNew,
            &["is too new. Maximum supported API version is"],
            || {
                let daemon = Dockerd::mutual()?;
                Some(Scene::tls(&daemon.tcp(), |_| daemon.certs.clone()).api("1.99"))
            },
        ),
        row("pinned below what a new daemon speaks", Id::ApiTooOld, OLD, || {
            let server = fake_daemon("1.44", "1.90");
            Some(Scene::host(&server.tcp()).api("1.24").hold(server))
        }),
        row("a daemon newer than the client", Id::ApiTooOld, OLD, || {
            let server = fake_daemon("1.90", "1.99");
            Some(Scene::host(&server.tcp()).hold(server))
        })
        .warned(),
    ]
}

fn web(answer: Vec<u8>) -> Option<Scene> {
    let server = Server::http(answer);
    Some(Scene::host(&server.tcp()).hold(server))
}

/// TLS with certificates that are right in themselves.
fn with_certs(host: &str) -> Option<Scene> {
    require("openssl")?;
    Some(Scene::tls(host, |sb| {
        Ca::new(sb.path("ca")).client_dir(sb.path("certs"), Some(&Leaf::CLIENT))
    }))
}
