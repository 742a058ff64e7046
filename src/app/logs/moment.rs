//! A moment as an operator types it: `14:05`, `14:05:30`, `-10m`, `2026-11-21 14:05`.

use crate::domain::{Timestamp, units::parse_duration};
use jiff::{SignedDuration, civil, tz::TimeZone};

/// What may be typed.
pub const ALLOWED: &str = "write 14:05, 14:05:30, -10m or 2026-11-21 14:05";
/// What is typed is right, but nothing was printed then.
pub const FUTURE: &str = "that moment has not come yet";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The moment that is meant, by the operator's clock. A time of day is the last one that has passed.
///
/// # Errors
/// Says what may be typed.
pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, &'static str> {
    let text = text.trim();
    let at = ago(text, now)
        .or_else(|| time_of_day(text, now, zone))
        .or_else(|| date(text, zone))
        .or_else(|| text.parse().ok())
        .ok_or(ALLOWED)?;
    if at > now { Err(FUTURE) } else { Ok(at) }
}

fn ago(text: &str, now: Timestamp) -> Option<Timestamp> {
    let ago = parse_duration(text.strip_prefix('-')?)?;
    now.checked_sub(ago).ok()
}

fn time_of_day(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let formats = ["%H:%M:%S", "%H:%M"];
    let time = formats
        .iter()
        .find_map(|format| civil::Time::strptime(format, text).ok())?;
    let today = now.to_zoned(zone.clone()).date();
    let at = |date: civil::Date| {
        let zoned = date.to_datetime(time).to_zoned(zone.clone());
        Some(zoned.ok()?.timestamp())
    };
    at(today)
        .filter(|at| *at <= now)
        .or_else(|| at(today.checked_sub(DAY).ok()?))
}

fn date(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.replacen('T', " ", 1);
    let formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
    let date = formats
        .iter()
        .find_map(|format| civil::DateTime::strptime(format, &text).ok())?;
    Some(date.to_zoned(zone.clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_moment_is_a_time_an_age_or_a_date_by_the_operators_clock() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        for (typed, meant) in [
            ("14:00", "2026-11-21T12:00:00Z"),
            (" 13:05:30 ", "2026-11-21T11:05:30Z"),
            ("14:01", "2026-11-20T12:01:00Z"),
            ("-10m", "2026-11-21T11:50:00Z"),
            ("-90", "2026-11-21T11:58:30Z"),
            ("2026-11-20 14:05", "2026-11-20T12:05:00Z"),
            ("2026-11-20T14:05:06", "2026-11-20T12:05:06Z"),
            ("2026-11-20T14:05:06Z", "2026-11-20T14:05:06Z"),
        ] {
            let meant: Timestamp = meant.parse().unwrap();
            assert_eq!(parse(typed, now, &zone), Ok(meant), "{typed}");
        }
        for bad in ["", "14", "25:00", "10m", "-10 apples", "yesterday"] {
            assert_eq!(parse(bad, now, &zone), Err(ALLOWED), "{bad}");
        }
        assert_eq!(parse("2027-01-01 00:00", now, &zone), Err(FUTURE));
    }
}
