//! What stands before a line on the screen, and need not be said again by its keys.

use super::json::Value;
use crate::domain::{LogLine, Timestamp, log::Level};

/// Keys of the time.
const TIMES: [&str; 5] = ["time", "timestamp", "ts", "@timestamp", "asctime"];
/// Keys of the level.
const LEVELS: [&str; 5] = ["level", "lvl", "severity", "loglevel", "levelname"];
/// Milliseconds by which a program's time may differ from the engine's and be the same for a reader.
const SAME: i64 = 1_000;
/// Numbers from here on are milliseconds since 1970, not seconds …
const MILLIS: f64 = 1e11;
/// … and from here on something else.
const MILLIS_MAX: f64 = 1e14;

/// What is said before a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    time: Option<Timestamp>,
    level: Option<Level>,
}

impl Said {
    pub(super) fn of(line: &LogLine, stamped: bool) -> Self {
        let level = Level::of(line.text.as_str());
        Self {
            time: stamped.then_some(line.at),
            // The others have no sign.
            level: level.filter(|level| *level >= Level::Warning),
        }
    }

    /// True if that is what a key says.
    pub(super) fn says(&self, key: &str, value: Value<'_>) -> bool {
        if TIMES.contains(&key) {
            let (ours, its) = (self.time, moment(value.printed()));
            let apart = ours.zip(its).map(|(ours, its)| {
                let (ours, its) = (ours.as_millisecond(), its.as_millisecond());
                ours.abs_diff(its)
            });
            return apart.is_some_and(|apart| apart <= SAME.unsigned_abs());
        }
        let is_level = LEVELS.contains(&key) && self.level.is_some();
        is_level && Level::of(&format!("{{\"level\":{}}}", value.printed())) == self.level
    }
}

/// A time with its zone as RFC 3339 writes it, or seconds or milliseconds since 1970.
fn moment(printed: &str) -> Option<Timestamp> {
    let text = printed.trim_matches('"');
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    let number: f64 = text.parse().ok()?;
    let millis = if number < MILLIS {
        number * 1e3
    } else {
        number
    };
    if !(0.0..MILLIS_MAX).contains(&millis) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation)] // within the range above
    Timestamp::from_millisecond(millis as i64).ok()
}
