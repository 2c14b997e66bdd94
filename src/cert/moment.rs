//! Times in certificates, as Go reads them (cryptobyte: `ReadASN1UTCTime`, `ReadASN1GeneralizedTime`): with seconds or, in
//! a UTCTime, without; in UTC or with an offset; and only in the one form in which they would be written again.

use crate::text::date;

/// The tag of UTCTime: two digits of the year.
pub const UTC_TIME: u8 = 0x17;
/// The tag of GeneralizedTime: four digits of the year.
pub const GENERALIZED_TIME: u8 = 0x18;

/// A UTCTime in seconds since 1970.
#[must_use]
pub fn utc(bytes: &[u8]) -> Option<i64> {
    let (year, rest) = number(bytes, 2)?;
    // RFC 5280 §4.1.2.5.1
    let year = if year < 50 { 2000 + year } else { 1900 + year };
    moment(year, rest, true).or_else(|| moment(year, rest, false))
}

/// A GeneralizedTime in seconds since 1970.
#[must_use]
pub fn generalized(bytes: &[u8]) -> Option<i64> {
    let (year, rest) = number(bytes, 4)?;
    moment(year, rest, true)
}

fn number(bytes: &[u8], digits: usize) -> Option<(i32, &[u8])> {
    let (head, rest) = bytes.split_at_checked(digits)?;
    let all = head.iter().all(u8::is_ascii_digit);
    all.then(|| (head.iter().fold(0, |sum, byte| sum * 10 + i32::from(byte - b'0')), rest))
}

fn moment(year: i32, rest: &[u8], with_seconds: bool) -> Option<i64> {
    let (month, rest) = pair(rest)?;
    let (day, rest) = pair(rest)?;
    let (hour, rest) = pair(rest)?;
    let (minute, rest) = pair(rest)?;
    let (second, zone) = if with_seconds { pair(rest)? } else { (0, rest) };
    // Go knows no leap seconds
    let at = date::seconds((year, month, day), (hour, minute, second)).filter(|_| second < 60)?;
    Some(at - offset(zone)?)
}

fn pair(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (number, rest) = number(bytes, 2)?;
    u8::try_from(number).ok().map(|number| (number, rest))
}

/// The offset in seconds. Zero is written `Z`, minutes are below 60; hours Go reads up to 24.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, rest) = match zone {
        b"Z" => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = number(rest, 2)?;
    let (minutes, rest) = number(rest, 2)?;
    let fine = rest.is_empty() && hours <= 24 && minutes < 60 && hours + minutes > 0;
    fine.then_some(i64::from(sign * (hours * 3600 + minutes * 60)))
}

/// Seconds since 1970 as Go prints them (RFC 3339, in UTC); empty outside the years that have four digits.
#[must_use]
pub fn rfc3339(seconds: i64) -> String {
    let Some(((year, month, day), (hour, minute, second))) = date::civil(seconds) else {
        return String::new();
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
