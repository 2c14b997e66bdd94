//! Days and times of the calendar, in UTC, to and from seconds since 1970.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

/// Year, month and day.
pub type Day = (i32, u8, u8);
/// Hour, minute and second.
pub type Clock = (u8, u8, u8);

/// Year, month and day, then hour, minute and second, of a time in seconds since 1970; `None` outside the years
/// -9999 to 9999.
#[must_use]
pub fn civil(seconds: i64) -> Option<(Day, Clock)> {
    let at = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let (year, month, day) = at.to_calendar_date();
    Some(((year, month.into(), day), at.to_hms()))
}

/// The day of a time in seconds since 1970, as `2027-11-25` (RFC 3339 `full-date`); `None` as with [`civil`].
#[must_use]
pub fn day(seconds: i64) -> Option<String> {
    let ((year, month, day), _) = civil(seconds)?;
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// Seconds since 1970 of a day and a time; `None` for one that no calendar has. A leap second is the one before it.
#[must_use]
pub fn seconds((year, month, day): Day, (hour, minute, second): Clock) -> Option<i64> {
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let second = if second == 60 { 59 } else { second };
    let time = Time::from_hms(hour, minute, second).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp())
}
