//! One line of a container's log, already harmless to draw.

mod burst;
mod entry;
mod filter;
mod last_words;
mod level;
mod mask;
mod plain;
mod query;
mod window;

pub use burst::{Burst, Bursts, ERRORS_MIN};
pub use entry::{Belongs, ENTRY_LINES_MAX, Entries};
pub use filter::Filter;
pub use last_words::{LAST_WORDS_MAX, LastWord, last_words};
pub use level::Level;
pub use mask::{Masker, SECRET_MIN, SECRETS_MAX, SIGN};
pub use query::{InvalidQuery, Query, Syntax};
pub use window::Window;

use super::{Timestamp, safe::LogText};

/// Longest line that is kept, in bytes; the rest is cut and counted.
pub const LINE_MAX: usize = 64 * 1024;
/// Lines of history on request: from 1 …
pub const TAIL_MIN: u32 = 1;
/// … to this many.
pub const TAIL_MAX: u32 = 10_000;
/// Lines of history when nobody says otherwise.
pub const TAIL_DEFAULT: u32 = 100;

/// Where a line was printed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogStream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// One line of one container's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When the engine received it, by the engine's clock.
    pub at: Timestamp,
    /// Where it was printed to.
    pub stream: LogStream,
    /// The line without its end, sanitised; colours are kept.
    pub text: LogText,
    /// Bytes cut off its end because it was longer than [`LINE_MAX`]; from 4 GiB on, 4 GiB.
    pub cut: u32,
    /// Whether it is all of the line.
    pub part: Part,
}

/// How much of a line came together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// All of it.
    #[default]
    Whole,
    /// It has not ended: more may come as [`Part::Begun`] or [`Part::Rest`] of the same moment.
    Begun,
    /// The end of one that was shown as begun.
    Rest,
}

/// A number of lines that cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a number of lines: {TAIL_MIN} to {TAIL_MAX} allowed")]
pub struct InvalidTail(pub String);

/// Reads a number of lines as typed.
///
/// # Errors
/// Anything but 1 to 10000.
pub fn parse_tail(word: &str) -> Result<u32, InvalidTail> {
    word.trim()
        .parse()
        .ok()
        .filter(|lines| (TAIL_MIN..=TAIL_MAX).contains(lines))
        .ok_or_else(|| InvalidTail(super::safe::one_line(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p44_tail_is_checked_before_anything_is_sent() {
        for (word, lines) in [("1", 1), ("100", 100), ("10000", 10_000)] {
            assert_eq!(parse_tail(word), Ok(lines));
        }
        for bad in ["0", "-1", "10001", "abc", "", "1.5"] {
            assert!(parse_tail(bad).is_err(), "{bad}");
        }
    }
}
