//! Runs a target: `cargo test` with a few thousand inputs, `scripts/fuzz` with millions of them in release mode.
//!
//! Every input is made from one number: a failure names it, and [`SEED`] and [`CASES`] make the same input again.
#![allow(clippy::expect_used)]

use super::dice::Dice;
use std::{
    env, panic,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Instant,
};

/// Number of inputs to the sanitiser; the slower targets take a part of it each. Without it: a few seconds' worth.
const CASES: &str = "CCHUB_FUZZ_CASES";
/// Number of the first input.
const SEED: &str = "CCHUB_FUZZ_SEED";
/// Threads of a large run.
const THREADS_MAX: usize = 8;

/// How many inputs one target takes.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Without [`CASES`].
    pub usual: u64,
    /// One of so many of [`CASES`].
    pub one_of: u64,
}

impl Share {
    fn cases(self) -> u64 {
        number(CASES).map_or(self.usual, |all| all.div_ceil(self.one_of))
    }
}

fn number(variable: &str) -> Option<u64> {
    let word = env::var(variable).ok()?;
    Some(word.parse().expect("CCHUB_FUZZ_… are whole numbers"))
}

/// Feeds `target` with its share of inputs, each from dice of its own, on all processors.
///
/// # Panics
/// When `target` does; says first how to repeat that input.
pub fn run(name: &str, share: Share, target: impl Fn(&mut Dice) + Sync) {
    let (cases, seed) = (share.cases(), number(SEED).unwrap_or(1));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (next, begun) = (AtomicU64::new(0), Instant::now());
    let work = || {
        while let Some(case) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|n| *n < cases) {
            one(name, seed.wrapping_add(case), &target);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(THREADS_MAX))
            .map(|_| scope.spawn(work))
            .collect();
        for worker in workers {
            if let Err(cause) = worker.join() {
                panic::resume_unwind(cause);
            }
        }
    });
    let seconds = begun.elapsed().as_secs_f64();
    let rate = cases as f64 / seconds;
    println!("fuzz {name}: {cases} inputs from seed {seed}, {seconds:.1} s, {rate:.0} a second");
}

fn one(name: &str, seed: u64, target: impl Fn(&mut Dice)) {
    let attempt = panic::AssertUnwindSafe(|| target(&mut Dice::new(seed)));
    if let Err(cause) = panic::catch_unwind(attempt) {
        println!("fuzz {name}: to repeat it: {SEED}={seed} {CASES}=1");
        panic::resume_unwind(cause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    const SHARE: Share = Share {
        usual: 1000,
        one_of: 1000,
    };

    #[test]
    fn every_input_is_made_once_and_the_same_seed_makes_the_same() {
        let sum = AtomicU64::new(0);
        run("self", SHARE, |dice| {
            sum.fetch_add(dice.next(), Ordering::Relaxed);
        });
        let seed = number(SEED).unwrap_or(1);
        let again = (0..SHARE.cases()).map(|case| Dice::new(seed.wrapping_add(case)).next());
        assert_eq!(sum.into_inner(), again.fold(0, u64::wrapping_add));
    }

    #[test]
    fn a_target_that_fails_fails_the_run() {
        let failed = AtomicBool::new(false);
        let attempt = panic::AssertUnwindSafe(|| {
            run("self", SHARE, |_| {
                assert!(failed.swap(true, Ordering::Relaxed), "on purpose");
            });
        });
        assert!(panic::catch_unwind(attempt).is_err());
    }
}
