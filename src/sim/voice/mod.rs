//! What simulated services print: believable log lines for everything that happens to them.
//!
//! A voice has no clock and no other source of chance than its seed: the same seed, moments and times give the same words.

mod backend;
mod frontend;
mod postgres;
mod record;
mod redis;
mod speech;
mod style;
#[cfg(test)]
mod tests;

pub use style::Style;

use crate::domain::{LogStream, ServiceKind, Timestamp};
use backend::Backend;
use fastrand::Rng;
use frontend::Frontend;
use postgres::Postgres;
use redis::Redis;
use speech::Speech;

/// Longest line that a voice says, in bytes.
pub const TEXT_MAX: usize = 8 * 1024;

/// What just happened to the simulated process, or that a moment of ordinary life went by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The process begins.
    Boot,
    /// It serves from now on.
    Ready,
    /// Some time went by.
    Ordinary,
    /// What it does takes seconds.
    Slow,
    /// It can no longer reach this service.
    Lost(ServiceKind),
    /// It reaches this service again.
    Back(ServiceKind),
    /// Its memory limit is near.
    MemoryTight,
    /// It dies by its own fault. Its last words.
    Crash,
    /// It was told to end, and does.
    Stop,
}

/// One line of output, without its line end, as the process writes it: may hold SGR colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// Where it is printed to.
    pub stream: LogStream,
    /// At most [`TEXT_MAX`] bytes.
    pub text: String,
}

/// The voice of one service of one project. It outlives the process: after a crash the next boot speaks of recovery.
#[derive(Debug, Clone)]
pub struct Voice {
    rng: Rng,
    words: Words,
}

#[derive(Debug, Clone)]
enum Words {
    Postgres(Postgres),
    Redis(Redis),
    Backend(Backend),
    Frontend(Frontend),
}

impl Voice {
    /// The voice of a `kind` in a project of this `style`.
    #[must_use]
    pub fn new(kind: ServiceKind, style: Style, seed: u64) -> Self {
        let words = match kind {
            ServiceKind::Postgres => Words::Postgres(Postgres::new(style)),
            ServiceKind::Redis => Words::Redis(Redis::default()),
            ServiceKind::Backend => Words::Backend(Backend::new(style)),
            ServiceKind::Frontend => Words::Frontend(Frontend::new(style)),
        };
        Self {
            rng: Rng::with_seed(seed),
            words,
        }
    }

    /// Adds what the process says at this moment to `out`: nothing, one line or several (banners, stack traces).
    pub fn speak(&mut self, moment: Moment, now: Timestamp, out: &mut Vec<Utterance>) {
        let mut speech = Speech::new(&mut self.rng, now, out);
        match &mut self.words {
            Words::Postgres(words) => words.speak(moment, &mut speech),
            Words::Redis(words) => words.speak(moment, &mut speech),
            Words::Backend(words) => words.speak(moment, &mut speech),
            Words::Frontend(words) => words.speak(moment, &mut speech),
        }
    }
}
