//! What every voice speaks with: chance, the time, and the place where lines go.

use super::{TEXT_MAX, Utterance};
use crate::domain::{LogStream, Timestamp};
use fastrand::Rng;

/// One occasion to speak.
#[derive(Debug)]
pub(super) struct Speech<'a> {
    pub rng: &'a mut Rng,
    pub now: Timestamp,
    lines: &'a mut Vec<Utterance>,
}

impl<'a> Speech<'a> {
    pub const fn new(rng: &'a mut Rng, now: Timestamp, lines: &'a mut Vec<Utterance>) -> Self {
        Self { rng, now, lines }
    }

    /// Says one line on `stream`; what is longer than [`TEXT_MAX`] is cut.
    pub fn say(&mut self, stream: LogStream, text: impl Into<String>) {
        let mut text = text.into();
        text.truncate(text.floor_char_boundary(TEXT_MAX));
        self.lines.push(Utterance { stream, text });
    }

    /// Says one line on standard output.
    pub fn out(&mut self, text: impl Into<String>) {
        self.say(LogStream::Out, text);
    }

    /// Says one line on standard error.
    pub fn err(&mut self, text: impl Into<String>) {
        self.say(LogStream::Err, text);
    }

    /// Now, in UTC, as `format` (strftime) has it.
    pub fn time(&self, format: &str) -> String {
        self.now.strftime(format).to_string()
    }

    /// Milliseconds since `then`; 0 if the clock was set back.
    pub fn since(&self, then: Timestamp) -> u64 {
        u64::try_from(self.now.duration_since(then).as_millis()).unwrap_or(0)
    }

    /// One of `from`.
    pub fn pick<T: Copy, const N: usize>(&mut self, from: &[T; N]) -> T {
        const { assert!(N > 0) };
        from[self.rng.usize(..N)]
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(..100) < percent
    }

    /// A number from `low` to `high`, mostly near `low`: most answers are quick, a few take their time.
    pub fn skewed(&mut self, low: u32, high: u32) -> u32 {
        let part = self.rng.f64().powi(3);
        low + (f64::from(high.saturating_sub(low)) * part) as u32
    }
}
