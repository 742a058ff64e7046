//! Prints what share of taking a log in is spent in which step, as a table: `cargo bench --bench shares [-- NAME]`,
//! where only logs are taken whose name begins with NAME.
//!
//! The way up to each step is measured on one core over the same log, the last with a full buffer; the best of several
//! rounds counts, and a round looks at all of them, so that what else the machine does meanwhile hits all alike. A step
//! is what it adds to the way before it.
#![allow(clippy::print_stdout, clippy::expect_used, dead_code)]

mod corpus;
mod steps;

use corpus::Log;
use std::time::{Duration, Instant};

/// Rounds per log.
const ROUNDS: usize = 11;

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// Times of the way up to each step, in the order of [`STEPS`], the best of all rounds.
type Times = [Duration; 6];

/// What each of them adds to the one before; the last is the whole way again.
const STEPS: [&str; 5] = [
    "frames",
    "sanitising",
    "lines and stamps",
    "levels and entries",
    "storing",
];

fn measure(log: &Log) -> Times {
    let (pieces, single) = (log.pieces(), log.single_frames());
    let mut ring = steps::full(&pieces);
    let mut round = || {
        [
            timed(|| steps::frames(&pieces)),
            timed(|| steps::sanitise(&pieces)),
            timed(|| steps::lines(&pieces)),
            timed(|| steps::place(&pieces)),
            timed(|| steps::store(&pieces, &mut ring)),
            timed(|| steps::store(&single, &mut ring)),
        ]
    };
    let first = round();
    (1..ROUNDS).fold(first, |best, _| {
        let next = round();
        std::array::from_fn(|step| best[step].min(next[step]))
    })
}

fn print(log: &Log, times: &Times) {
    let [.., all, single] = *times;
    let before = [Duration::ZERO].into_iter().chain(*times);
    for ((step, time), before) in STEPS.iter().zip(times).zip(before) {
        print_row(log, step, time.saturating_sub(before), all);
    }
    print_row(log, "**all of it**", all, all);
    print_row(log, "all of it, frame by frame", single, all);
}

fn print_row(log: &Log, step: &str, time: Duration, all: Duration) {
    let (count, seconds) = (log.count as f64, time.as_secs_f64());
    println!(
        "| {} | {step} | {:.0} | {:.0} % | {:.2} | {:.0} |",
        log.name,
        seconds * 1e9 / count,
        100.0 * seconds / all.as_secs_f64(),
        count / seconds / 1e6,
        log.bytes() as f64 / seconds / 1e6,
    );
}

fn main() {
    let name = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let name = name.unwrap_or_default();
    println!("| lines | step | ns a line | share | million lines/s | MB/s |");
    println!("| --- | --- | ---: | ---: | ---: | ---: |");
    for log in Log::all().iter().filter(|log| log.name.starts_with(&name)) {
        print(log, &measure(log));
    }
}
