//! When lines happened, as it stands before them.

use super::LogPane;
use jiff::{Timestamp, tz::TimeZone};

/// Columns of a time of day.
const DAY_WIDTH: usize = 12;
/// Columns of a time that has passed: `-23h59m`.
const PASSED_WIDTH: usize = 7;

/// How timestamps are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stamps {
    /// In the operator's time zone.
    #[default]
    Local,
    /// In UTC.
    Utc,
    /// As the time that has passed since.
    Relative,
    /// Not at all.
    Off,
}

impl Stamps {
    /// The next way.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Local => Self::Utc,
            Self::Utc => Self::Relative,
            Self::Relative => Self::Off,
            Self::Off => Self::Local,
        }
    }

    /// Columns that they take with the blank behind them.
    #[must_use]
    pub const fn columns(self) -> usize {
        match self {
            Self::Local | Self::Utc => DAY_WIDTH + 1,
            Self::Relative => PASSED_WIDTH + 1,
            Self::Off => 0,
        }
    }

    /// The word for it where it is not as usual.
    #[must_use]
    pub const fn word(self) -> Option<&'static str> {
        match self {
            Self::Utc => Some("UTC"),
            Self::Local | Self::Relative | Self::Off => None,
        }
    }
}

impl LogPane {
    /// What stands before a line of that moment, as wide for all.
    #[must_use]
    pub fn moment(&self, at: Timestamp, now: Timestamp, local: &TimeZone) -> Option<String> {
        match self.stamps {
            Stamps::Local => Some(stamp(at, local)),
            Stamps::Utc => Some(stamp(at, &TimeZone::UTC)),
            Stamps::Relative => Some(format!("{:>PASSED_WIDTH$}", passed(at, now))),
            Stamps::Off => None,
        }
    }

    /// The next way to show timestamps.
    pub fn next_stamps(&mut self) {
        self.stamps = self.stamps.next();
    }
}

/// `14:01:58.203` in a time zone.
#[must_use]
pub fn stamp(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%H:%M:%S.%3f")
        .to_string()
}

/// `-12s`, `-3m12s`, `-5h03m`, `-12d04h`; with a plus if the engine's clock is ahead of ours. Changes where our clock
/// begins a second.
#[must_use]
pub fn passed(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second());
    let sign = if seconds < 0 { '+' } else { '-' };
    let seconds = seconds.unsigned_abs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds {
        0..60 => format!("{sign}{seconds}s"),
        60..3_600 => format!("{sign}{minutes}m{:02}s", seconds % 60),
        3_600..86_400 => format!("{sign}{hours}h{:02}m", minutes % 60),
        86_400..8_640_000 => format!("{sign}{days}d{:02}h", hours % 24),
        _ => format!("{sign}{days}d"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_has_passed_is_short_and_never_wider_than_its_place() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (seconds, text) in [
            (0, "-0s"),
            (59, "-59s"),
            (192, "-3m12s"),
            (3_599, "-59m59s"),
            (18_180, "-5h03m"),
            (86_399, "-23h59m"),
            (1_051_200, "-12d04h"),
            (8_639_999, "-99d23h"),
            (8_640_000, "-100d"),
            (1_700_000_000, "-19675d"),
            (-5, "+5s"),
        ] {
            assert_eq!(passed(at(0), at(seconds)), text);
            assert!(text.len() <= PASSED_WIDTH);
        }
        let half = at(0) + std::time::Duration::from_millis(900);
        assert_eq!(passed(half, at(1)), "-1s", "whole seconds of the clock");
    }

    #[test]
    fn every_way_comes_and_is_as_wide_as_it_says() {
        let (mut pane, now) = (LogPane::new(0, 1), Timestamp::from_second(100).unwrap());
        for _ in 0..4 {
            let text = pane.moment(Timestamp::UNIX_EPOCH, now, &TimeZone::UTC);
            let columns = text.map_or(0, |text| text.len() + 1);
            assert_eq!(columns, pane.stamps.columns(), "{:?}", pane.stamps);
            pane.next_stamps();
        }
        assert_eq!(pane.stamps, Stamps::Local);
    }
}
