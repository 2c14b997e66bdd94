//! The closed list of diagnoses. An id is part of the interface: it is in the JSON, in what a person may search
//! for, and never translated.

use serde::{Serialize, Serializer};

macro_rules! ids {
    ($($(#[doc = $doc:literal])* $variant:ident = $text:literal, $code:literal;)*) => {
        /// What is wrong, as one of a closed list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Id {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Id {
            /// Every one, in the order of the README's table.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The exit code of a check that finds it; 0 for what is worth a warning only.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $code,)*
                }
            }
        }
    };
}

ids! {
    /// Nothing listens there.
    Refused = "refused", 5;
    /// Packets are dropped, or what listens there never answers.
    Timeout = "timeout", 5;
    /// There is no route to the host.
    NoRoute = "no-route", 5;
    /// This machine's own rules forbid the connection.
    NetProhibited = "net-prohibited", 5;
    /// The name does not resolve, or the resolver fails or is silent.
    Dns = "dns", 5;
    /// The daemon speaks TLS, the client does not.
    TlsExpected = "tls-expected", 6;
    /// The client speaks TLS, the daemon does not.
    PlainExpected = "plain-expected", 6;
    /// The server's certificate does not list this address or name.
    NameMismatch = "name-mismatch", 6;
    /// The server's certificate has a common name alone, or no name of the kind that is needed.
    NoSan = "no-san", 6;
    /// The server's certificate is of another CA than the one given.
    UnknownCa = "unknown-ca", 6;
    /// The issuer of the server's certificate may not sign.
    IssuerNotCa = "issuer-not-ca", 6;
    /// A CA that the server sends along may not sign.
    IntermediateNotCa = "intermediate-not-ca", 6;
    /// A CA is limited to names, and the certificate has one outside them.
    NameConstraint = "name-constraint", 6;
    /// A CA allows fewer CAs below it than the chain has.
    PathLength = "path-length", 6;
    /// docker cannot parse a certificate that the server sends, or does not know a part of it that is critical.
    CertUnparsable = "cert-unparsable", 6;
    /// Signed by an algorithm that Go refuses, such as SHA-1.
    WeakSignature = "weak-signature", 6;
    /// The server's certificate has expired.
    ServerExpired = "server-expired", 6;
    /// The server's certificate is not valid yet.
    ServerNotYetValid = "server-not-yet-valid", 6;
    /// The CA has expired (docker's text is that of [`Id::ServerExpired`]).
    CaExpired = "ca-expired", 6;
    /// The CA file has an intermediate alone, and clients by OpenSSL want its root, too.
    CaIntermediate = "ca-intermediate", 6;
    /// The CA lacks what Python 3.13 and later ask of one (OpenSSL's `X509_V_FLAG_X509_STRICT`): as a rule, keyUsage.
    CaKeyUsage = "ca-key-usage", 6;
    /// REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE takes the place of the CA that docker's Python clients are given.
    CaBundleEnv = "ca-bundle-env", 6;
    /// The server's certificate is not for servers.
    ServerUsage = "server-usage", 6;
    /// The daemon still shows the certificate from before the renewal: it reads them only when it starts.
    ServerRestartNeeded = "server-restart-needed", 6;
    /// The daemon wants a client certificate and gets none.
    ClientCertRequired = "client-cert-required", 6;
    /// The client certificate has expired or is not valid yet.
    ClientExpired = "client-expired", 6;
    /// The client certificate is of another CA than the daemon asks for.
    ClientUnknownCa = "client-unknown-ca", 6;
    /// The client certificate is not for clients.
    ClientUsage = "client-usage", 6;
    /// The daemon refused the client certificate and does not say why.
    ClientRejected = "client-rejected", 6;
    /// The key belongs to another certificate.
    KeyMismatch = "key-mismatch", 4;
    /// Certificate and key stand in each other's file.
    PairSwapped = "pair-swapped", 4;
    /// A file that docker needs is not there.
    CertMissing = "cert-missing", 4;
    /// A file that docker needs cannot be read.
    CertUnreadable = "cert-unreadable", 4;
    /// A certificate file is empty, cut off, or no PEM.
    CertInvalid = "cert-invalid", 4;
    /// The key has a passphrase, which docker cannot ask for.
    KeyEncrypted = "key-encrypted", 4;
    /// The key file holds no key.
    KeyInvalid = "key-invalid", 4;
    /// Others can read the key, or write the CA.
    KeyExposed = "key-exposed", 4;
    /// There is no version of TLS that both sides speak.
    TlsVersion = "tls-version", 6;
    /// There is no cipher that both sides have.
    TlsCipher = "tls-cipher", 6;
    /// Something answers, and it is no docker.
    NotDocker = "not-docker", 5;
    /// An HTTP proxy answers in the host's place, refuses, or is dead.
    Proxy = "proxy", 5;
    /// There is no such socket.
    UnixMissing = "unix-missing", 5;
    /// The socket is not for this user.
    UnixPermission = "unix-permission", 5;
    /// The socket is there, and nobody listens.
    UnixStale = "unix-stale", 5;
    /// An address that docker misreads or crashes on.
    EndpointInvalid = "endpoint-invalid", 4;
    /// TLS variables beside a local socket: some clients speak https to it.
    TlsEnvWithSocket = "tls-env-with-socket", 4;
    /// The API version asked for is below what the daemon still speaks.
    ApiTooOld = "api-too-old", 5;
    /// The API version asked for is above what the daemon speaks.
    ApiTooNew = "api-too-new", 5;
    /// The daemon is older than docker 25, and this client (docker 29.0 to 29.2) speaks to none older.
    ApiClientFloor = "api-client-floor", 1;
    /// docker-java's own default version, 1.32, is below what the daemon still speaks.
    ApiSdkDefault = "api-sdk-default", 1;
    /// ssh: no key was accepted.
    SshAuth = "ssh-auth", 5;
    /// ssh: the host's key is unknown or another.
    SshHostKey = "ssh-host-key", 5;
    /// ssh: the host cannot be reached.
    SshUnreachable = "ssh-unreachable", 5;
    /// ssh: there is no docker on the PATH there.
    SshNoDocker = "ssh-no-docker", 5;
    /// ssh: the daemon there is down, or its socket not for that user.
    SshNoDaemon = "ssh-no-daemon", 5;
    /// There is no ssh on this machine.
    SshMissing = "ssh-missing", 5;
    /// ssh: the host takes no more logins, or no more sessions, at once.
    SshTooMany = "ssh-too-many", 5;
    /// ssh: logging in takes longer than docker waits for its first answer.
    SshSlow = "ssh-slow", 0;
    /// ssh: the host does not forward ports or sockets.
    SshForwardRefused = "ssh-forward-refused", 5;
    /// The program that was asked cannot do `ssh://`.
    SshClientMissingInSdk = "ssh-client-missing-in-sdk", 1;
    /// There is no docker command where it is called.
    DockerMissing = "docker-missing", 1;
    /// A client that does not work with the libraries beside it.
    ClientOutdated = "client-outdated", 1;
    /// `docker buildx create` takes no TLS from variables.
    BuildxEnvTls = "buildx-env-tls", 1;
    /// dockerd is told the same twice, by a flag and in daemon.json.
    DaemonConflict = "daemon-conflict", 1;
    /// dockerd cannot use its daemon.json.
    DaemonConfigInvalid = "daemon-config-invalid", 1;
    /// systemd's socket and dockerd do not come together.
    DaemonSocketUnit = "daemon-socket-unit", 1;
    /// dockerd is told to use TLS, and its certificates are not there.
    DaemonCertMissing = "daemon-cert-missing", 1;
    /// Another program has the port that dockerd is to listen on.
    DaemonPortInUse = "daemon-port-in-use", 1;
    /// Variables left over from a former host, or that mean something else than they say.
    Leftover = "leftover", 0;
    /// The hook does not run any more: what it was in has been assigned since.
    HookLost = "hook-lost", 0;
    /// A daemon behind a socket of this machine is on another machine.
    SocketElsewhere = "socket-elsewhere", 0;
    /// The docker context that is asked for does not exist.
    ContextMissing = "context-missing", 4;
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
