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
    /// The server's certificate is not for servers.
    ServerUsage = "server-usage", 6;
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
    /// The API version asked for is below what the daemon still speaks.
    ApiTooOld = "api-too-old", 5;
    /// The API version asked for is above what the daemon speaks.
    ApiTooNew = "api-too-new", 5;
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
    /// Variables left over from a former host, or that mean something else than they say.
    Leftover = "leftover", 0;
    /// The docker context that is asked for does not exist.
    ContextMissing = "context-missing", 4;
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
