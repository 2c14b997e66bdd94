//! Files as a tar stream, for `tar -xf -` on the other side: POSIX.1-1988 (ustar) headers, which every tar reads.

/// One file.
#[derive(Debug)]
pub struct File<'f> {
    /// Its name, at most 100 bytes.
    pub name: &'f str,
    /// Its permission bits.
    pub mode: u32,
    /// What is in it.
    pub bytes: &'f [u8],
}

/// The stream. Owner, group and time are zero: what is unpacked belongs to whoever unpacks it.
#[must_use]
pub fn stream(files: &[File<'_>]) -> Vec<u8> {
    const BLOCK: usize = 512;
    let mut out = Vec::new();
    for file in files {
        let mut header = Vec::with_capacity(BLOCK);
        let mut field = |text: &[u8], width: usize| {
            header.extend(text.iter().copied().chain(std::iter::repeat(0)).take(width));
        };
        field(file.name.as_bytes(), 100);
        field(format!("{:07o}", file.mode & 0o7777).as_bytes(), 8);
        field(b"0000000", 8);
        field(b"0000000", 8);
        field(format!("{:011o}", file.bytes.len()).as_bytes(), 12);
        field(b"00000000000", 12);
        // the sum, counted with blanks in its own place
        field(b"        ", 8);
        field(b"0", 1);
        field(b"", 100);
        field(b"ustar\x0000", 8);
        field(b"", 247);
        let sum: u32 = header.iter().copied().map(u32::from).sum();
        let sum = format!("{sum:06o}\0 ");
        for (place, byte) in header.iter_mut().skip(148).zip(sum.bytes()) {
            *place = byte;
        }
        out.extend_from_slice(&header);
        out.extend_from_slice(file.bytes);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}
