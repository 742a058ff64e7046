//! Prints what share of taking a log in is spent in which step, as a table: `cargo bench --bench shares`.
//!
//! Every step is measured by itself on one core, over the same log; the best of several rounds counts, and a round
//! looks at all steps, so that what else the machine does meanwhile hits all alike. Making lines is what is left of the
//! way to lines without frames and sanitising; storing is what is left of the whole way.
#![allow(clippy::print_stdout, clippy::expect_used)]

mod corpus;
mod steps;

use cchub::{app::ring::Ring, engine::bench};
use corpus::Log;
use std::time::{Duration, Instant};
use steps::BUFFER;

/// Rounds per log.
const ROUNDS: usize = 11;

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// Times of one log, the best of all rounds.
#[derive(Debug)]
struct Times {
    frames: Duration,
    lines: Duration,
    sanitise: Duration,
    place: Duration,
    all: Duration,
    single: Duration,
}

impl Times {
    fn of(log: &Log) -> Self {
        let (pieces, single) = (log.pieces(), log.single_frames());
        let mut ready = Vec::new();
        bench::lines(&pieces, |line| ready.push(line));
        let (mut ring, mut other) = (Ring::new(BUFFER), Ring::new(BUFFER));
        let rounds = (0..ROUNDS).map(|_| Self {
            frames: timed(|| assert!(steps::frames(&pieces) > log.bytes())),
            lines: timed(|| steps::lines(&pieces)),
            sanitise: timed(|| steps::sanitise(log)),
            place: timed(|| steps::place(&ready)),
            all: timed(|| steps::take_in(&pieces, &mut ring)),
            single: timed(|| steps::take_in(&single, &mut other)),
        });
        rounds.reduce(Self::best).expect("a round")
    }

    fn best(self, other: Self) -> Self {
        Self {
            frames: self.frames.min(other.frames),
            lines: self.lines.min(other.lines),
            sanitise: self.sanitise.min(other.sanitise),
            place: self.place.min(other.place),
            all: self.all.min(other.all),
            single: self.single.min(other.single),
        }
    }

    fn print(&self, log: &Log) {
        let made = self.lines.saturating_sub(self.frames + self.sanitise);
        let stored = self.all.saturating_sub(self.lines + self.place);
        for (step, time) in [
            ("frames", self.frames),
            ("lines and stamps", made),
            ("sanitising", self.sanitise),
            ("levels and entries", self.place),
            ("storing", stored),
            ("**all of it**", self.all),
            ("all of it, frame by frame", self.single),
        ] {
            self.print_row(log, step, time);
        }
    }

    fn print_row(&self, log: &Log, step: &str, time: Duration) {
        let (count, seconds) = (log.texts.len() as f64, time.as_secs_f64());
        println!(
            "| {} | {step} | {:.0} | {:.0} % | {:.2} | {:.0} |",
            log.name,
            seconds * 1e9 / count,
            100.0 * seconds / self.all.as_secs_f64(),
            count / seconds / 1e6,
            log.bytes() as f64 / seconds / 1e6,
        );
    }
}

fn main() {
    println!("| lines | step | ns a line | share | million lines/s | MB/s |");
    println!("| --- | --- | ---: | ---: | ---: | ---: |");
    for log in Log::all() {
        Times::of(&log).print(&log);
    }
}
