//! One HTTP/1.1 exchange by hand (RFC 9112): a GET, and an answer of bounded size by content length, in chunks, or to
//! the end of the connection.

use std::io::{self, Read, Write};

/// The longest head of an answer in bytes.
const HEAD_MAX: usize = 64 << 10;
/// The longest body in bytes.
const BODY_MAX: usize = 1 << 20;

/// An answer.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The status.
    pub(super) status: u16,
    /// Names in lower case, and values as they came.
    headers: Vec<(String, String)>,
    /// The body.
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The first header of that name, in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(is, _)| is == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nothing came in time.
    Timeout,
    /// The connection was closed; how many bytes had come.
    Closed(usize),
    /// The connection was reset.
    Reset,
    /// What came is no HTTP.
    Garbage(Vec<u8>),
    /// An answer of this status is longer than any of docker's.
    TooLong(u16),
    /// TLS says no.
    Tls(rustls::Error),
    /// The system says no.
    Io(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::TimedOut | Kind::WouldBlock => Self::Timeout,
            Kind::UnexpectedEof => Self::Closed(0),
            Kind::ConnectionReset | Kind::BrokenPipe | Kind::ConnectionAborted => Self::Reset,
            Kind::InvalidData => {
                match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                    Some(tls) => Self::Tls(tls.clone()),
                    None => Self::Io(error),
                }
            }
            _ => Self::Io(error),
        }
    }
}

/// The request for what a daemon says of itself. `target` is a path, or the whole address for a proxy; `more` are
/// whole header lines.
pub(super) fn request(target: &str, host: &str, more: &str) -> Vec<u8> {
    let agent = concat!("dctx/", env!("CARGO_PKG_VERSION"));
    format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: application/json\r\n\
         {more}Connection: close\r\n\r\n"
    )
    .into_bytes()
}

/// Sends `request` and reads the answer.
///
/// A server that refuses may do so before it has read the request: what it said is read even where writing fails.
pub(super) fn exchange(
    stream: &mut (impl Read + Write),
    request: &[u8],
) -> Result<Answer, Trouble> {
    let sent = stream.write_all(request).and_then(|()| stream.flush());
    if let Err(error) = &sent
        && error.kind() == io::ErrorKind::TimedOut
    {
        return Err(Trouble::Timeout);
    }
    let answer = Reader { stream, buffer: Vec::new(), eof: false }.answer();
    match (answer, sent) {
        (Err(Trouble::Closed(0)), Err(error)) => Err(error.into()),
        (answer, _) => answer,
    }
}

/// Reads the head of an answer and nothing more: what a proxy says to CONNECT.
pub(super) fn head_only(stream: &mut impl Read) -> Result<Answer, Trouble> {
    Reader { stream, buffer: Vec::new(), eof: false }.head_bytewise()
}

struct Reader<'s, S> {
    stream: &'s mut S,
    /// What came and is not yet used.
    buffer: Vec<u8>,
    eof: bool,
}

impl<S: Read> Reader<'_, S> {
    /// Reads more; `false` at the end.
    fn more(&mut self) -> Result<bool, Trouble> {
        let mut piece = [0_u8; 8192];
        // a TLS server that just closes has said all the same what it had to say
        let count = match self.stream.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
            Err(error) if !self.buffer.is_empty() && is_reset(&error) => 0,
            other => other?,
        };
        self.eof |= count == 0;
        self.buffer.extend(piece.iter().take(count));
        Ok(count > 0)
    }

    fn answer(mut self) -> Result<Answer, Trouble> {
        // 1xx answers come before the real one (RFC 9110 §15.2)
        for _ in 0..8 {
            let mut answer = self.head()?;
            if (100..200).contains(&answer.status) {
                continue;
            }
            if answer.status != 204 && answer.status != 304 {
                answer.body = self.body(&answer)?;
            }
            return Ok(answer);
        }
        Err(Trouble::TooLong(100))
    }

    fn head(&mut self) -> Result<Answer, Trouble> {
        loop {
            not_http(&self.buffer)?;
            if let Some(end) = head_end(&self.buffer) {
                let head: Vec<u8> = self.buffer.drain(..end).collect();
                return parse_head(&head);
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(Trouble::TooLong(status(&self.buffer).unwrap_or(0)));
            }
            if !self.more()? {
                return match self.buffer.len() {
                    // a greeting without an end of line, or a head that is cut off
                    count if count > 0 && status(&self.buffer).is_none() => {
                        Err(Trouble::Garbage(std::mem::take(&mut self.buffer)))
                    }
                    count => Err(Trouble::Closed(count)),
                };
            }
        }
    }

    fn head_bytewise(mut self) -> Result<Answer, Trouble> {
        let mut byte = [0_u8];
        loop {
            not_http(&self.buffer)?;
            if let Some(end) = head_end(&self.buffer) {
                let head: Vec<u8> = self.buffer.drain(..end).collect();
                return parse_head(&head);
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(Trouble::TooLong(status(&self.buffer).unwrap_or(0)));
            }
            match self.stream.read(&mut byte)? {
                0 => return Err(Trouble::Closed(self.buffer.len())),
                _ => self.buffer.extend(byte),
            }
        }
    }

    fn body(&mut self, answer: &Answer) -> Result<Vec<u8>, Trouble> {
        let long = || Trouble::TooLong(answer.status);
        let coding = answer.header("transfer-encoding").unwrap_or_default();
        if coding.to_ascii_lowercase().ends_with("chunked") {
            return self.chunks(answer.status);
        }
        let length = match answer.header("content-length") {
            Some(text) => match text.trim().parse::<usize>() {
                Ok(length) if length <= BODY_MAX => Some(length),
                Ok(_) => return Err(long()),
                Err(_) => None,
            },
            None => None,
        };
        // a body that is cut off is judged for what it is
        while length.is_none_or(|length| self.buffer.len() < length) {
            if self.buffer.len() > BODY_MAX {
                return Err(long());
            }
            if !self.more()? {
                break;
            }
        }
        let mut body = std::mem::take(&mut self.buffer);
        body.truncate(length.unwrap_or(usize::MAX));
        Ok(body)
    }

    /// RFC 9112 §7.1; trailers are not read.
    fn chunks(&mut self, status: u16) -> Result<Vec<u8>, Trouble> {
        let mut body = Vec::new();
        loop {
            let Some(line) = self.line(status)? else { return Ok(body) };
            let digits = line.split(';').next().unwrap_or_default().trim();
            let Ok(size) = usize::from_str_radix(digits, 16) else {
                return Err(Trouble::Garbage(line.into_bytes()));
            };
            if size == 0 {
                return Ok(body);
            }
            if size > BODY_MAX || body.len().saturating_add(size) > BODY_MAX {
                return Err(Trouble::TooLong(status));
            }
            while self.buffer.len() < size.saturating_add(2) {
                if !self.more()? {
                    break;
                }
            }
            let taken = size.min(self.buffer.len());
            body.extend(self.buffer.drain(..taken));
            let after = 2.min(self.buffer.len());
            self.buffer.drain(..after);
            if self.eof && self.buffer.is_empty() {
                return Ok(body);
            }
        }
    }

    /// One line without its end; `None` at the end of the connection.
    fn line(&mut self, status: u16) -> Result<Option<String>, Trouble> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.buffer) {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()));
            }
            if self.buffer.len() > 1024 {
                return Err(Trouble::TooLong(status));
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }
}

fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted)
}

/// As soon as what came cannot become HTTP any more, waiting for the rest would help nobody.
fn not_http(buffer: &[u8]) -> Result<(), Trouble> {
    let same = buffer.iter().zip(b"HTTP/1.").all(|(is, must)| is == must);
    if same { Ok(()) } else { Err(Trouble::Garbage(buffer.to_vec())) }
}

/// Behind the empty line.
fn head_end(buffer: &[u8]) -> Option<usize> {
    let crlf = memchr::memmem::find(buffer, b"\r\n\r\n").map(|at| at + 4);
    let lf = memchr::memmem::find(buffer, b"\n\n").map(|at| at + 2);
    match (crlf, lf) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The status of `HTTP/1.x NNN`.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line.get(..line.len().min(64))?).ok()?;
    let mut words = line.split_ascii_whitespace();
    words.next()?.strip_prefix("HTTP/1.")?;
    let code = words.next()?;
    (code.len() == 3).then(|| code.parse().ok()).flatten()
}

fn parse_head(head: &[u8]) -> Result<Answer, Trouble> {
    let Some(status) = status(head) else { return Err(Trouble::Garbage(head.to_vec())) };
    let text = String::from_utf8_lossy(head);
    let headers = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Ok(Answer { status, headers, body: Vec::new() })
}
