//! The labels of PEM blocks (RFC 7468, RFC 1421 and what openssl and others write). A label that is kept is one of
//! this list, never text of the file: in a file that lost its line breaks, the rest of the line is a private key.

/// A block with a label that is not in the list.
pub const UNKNOWN: &str = "PEM block";

/// What is in them: openssl's pem.h, RFC 7468, GnuPG, PuTTY, tpm2-tss.
const KNOWN: [&str; 24] = [
    "CERTIFICATE",
    "TRUSTED CERTIFICATE",
    "X509 CERTIFICATE",
    "ATTRIBUTE CERTIFICATE",
    "CERTIFICATE REQUEST",
    "NEW CERTIFICATE REQUEST",
    "X509 CRL",
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "TSS2 PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
    "PGP PUBLIC KEY BLOCK",
    "PUBLIC KEY",
    "RSA PUBLIC KEY",
    "EC PARAMETERS",
    "DH PARAMETERS",
    "X9.42 DH PARAMETERS",
    "DSA PARAMETERS",
    "PKCS7",
    "CMS",
];

/// The label that stands at the beginning of `text`, which is the rest of a line after `-----BEGIN `, up to the dashes.
/// One that docker takes for a private key's (it ends so, Go's tls.X509KeyPair) is `PRIVATE KEY`, whatever is before it.
#[must_use]
pub fn known(text: &[u8]) -> &'static str {
    let end = memchr::memmem::find(text, b"-----").unwrap_or(text.len());
    let label = text.get(..end).unwrap_or_default().trim_ascii();
    let found = KNOWN.into_iter().find(|known| known.as_bytes() == label);
    let key = || label.ends_with(b" PRIVATE KEY").then_some("PRIVATE KEY");
    found.or_else(key).unwrap_or(UNKNOWN)
}

/// Whether docker takes a block with this label for a private key (Go: tls.X509KeyPair).
#[must_use]
pub fn is_key(label: &str) -> bool {
    label == "PRIVATE KEY" || label.ends_with(" PRIVATE KEY")
}
