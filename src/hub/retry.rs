//! Which failures are tried again, how often and after how long: the one user of the `backoff` crate.

use crate::{
    domain::Safe,
    engine::{EngineError, ErrorClass},
};
use backoff::{ExponentialBackoff, ExponentialBackoffBuilder, backoff::Backoff as _};
use std::time::Duration;

/// Attempts in all: one and at most three retries.
pub const ATTEMPTS_MAX: u32 = 4;
/// No wait is longer than this.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Waits differ by ± this share, so that many operators do not knock at once.
const JITTER: f64 = 0.25;

/// How long to wait between attempts.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Attempts in all, from 1.
    pub attempts: u32,
    /// The first wait; each next one is twice as long.
    pub first_wait: Duration,
}

impl Policy {
    /// For changes: 1 s, 2 s, 4 s.
    pub const CHANGE: Self = Self {
        attempts: ATTEMPTS_MAX,
        first_wait: Duration::from_secs(1),
    };
    const PULL_ATTEMPTS: u32 = 3;
    const PULL_SLOWDOWN: u32 = 5;

    /// The policy for image pulls: fewer attempts, longer waits; registries recover slowly.
    #[must_use]
    pub fn for_pulls(self) -> Self {
        Self {
            attempts: self.attempts.min(Self::PULL_ATTEMPTS),
            first_wait: self.first_wait * Self::PULL_SLOWDOWN,
        }
    }

    fn waits(self) -> Waits {
        Waits::new(self.first_wait, WAIT_MAX)
    }
}

/// Growing waits without an end: 0.5 s, 1 s, 2 s, … up to a longest one, each ± 25 %.
#[derive(Debug)]
pub struct Waits(ExponentialBackoff);

impl Waits {
    /// Waits that begin with `first` and never exceed `longest`.
    #[must_use]
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self(
            ExponentialBackoffBuilder::new()
                .with_initial_interval(first)
                .with_multiplier(2.0)
                .with_randomization_factor(JITTER)
                .with_max_interval(longest)
                // The crate's default gives up after 15 minutes; an engine may be away for longer.
                .with_max_elapsed_time(None)
                .build(),
        )
    }

    /// The next wait.
    pub fn next_wait(&mut self) -> Duration {
        let longest = self.0.max_interval;
        self.0.next_backoff().map_or(longest, |w| w.min(longest))
    }

    /// Begins again with the first wait.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

/// One failed attempt that will be followed by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Which attempt failed, from 1.
    pub number: u32,
    /// Attempts in all.
    pub of: u32,
    /// How long until the next.
    pub wait: Duration,
    /// Why it failed.
    pub error: Safe,
}

impl std::fmt::Display for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (next, wait) = (self.number + 1, self.wait.as_secs_f64());
        write!(
            f,
            "attempt {next} of {} in {wait:.1} s: {}",
            self.of, self.error
        )
    }
}

/// An error that knows whether another attempt may help.
pub trait Retryable: std::fmt::Display {
    /// True if the same request may succeed a while later.
    fn is_transient(&self) -> bool;
}

impl Retryable for EngineError {
    fn is_transient(&self) -> bool {
        self.class() == ErrorClass::Transient
    }
}

/// Runs `step` until it succeeds, fails for good, or has been tried often enough; the last error comes back unchanged.
///
/// A step must look before it acts: after a time-out the engine may have done what was asked.
///
/// # Errors
/// The last error.
pub async fn retry<T, E, F>(
    policy: Policy,
    mut failed: impl FnMut(Attempt),
    mut step: impl FnMut() -> F,
) -> Result<T, E>
where
    E: Retryable,
    F: Future<Output = Result<T, E>>,
{
    let mut waits = policy.waits();
    let mut number = 1;
    loop {
        match step().await {
            Err(error) if error.is_transient() && number < policy.attempts => {
                let wait = waits.next_wait();
                failed(Attempt {
                    number,
                    of: policy.attempts,
                    wait,
                    error: Safe::new(error.to_string()),
                });
                tokio::time::sleep(wait).await;
                number += 1;
            }
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Flop {
        transient: bool,
        number: u32,
    }

    impl std::fmt::Display for Flop {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "flop {}", self.number)
        }
    }

    impl Retryable for Flop {
        fn is_transient(&self) -> bool {
            self.transient
        }
    }

    async fn tries(transient: bool, succeeds_at: u32) -> (u32, Vec<Attempt>, Result<u32, Flop>) {
        let (mut calls, mut seen) = (0, Vec::new());
        let outcome = retry(
            Policy::CHANGE,
            |a| seen.push(a),
            || {
                calls += 1;
                let flop = Flop {
                    transient,
                    number: calls,
                };
                std::future::ready((calls >= succeeds_at).then_some(calls).ok_or(flop))
            },
        )
        .await;
        (calls, seen, outcome)
    }

    #[tokio::test(start_paused = true)]
    async fn p09_a_transient_failure_is_tried_four_times_and_its_last_error_comes_back() {
        let began = tokio::time::Instant::now();
        let (calls, seen, outcome) = tries(true, 99).await;
        assert_eq!((calls, seen.len()), (4, 3));
        assert_eq!(outcome.unwrap_err().number, 4);
        let waited = began.elapsed().as_secs_f64();
        assert!(
            (5.25..=8.75).contains(&waited),
            "1 + 2 + 4 s ± 25 %: {waited}"
        );
        for (attempt, seconds) in seen.iter().zip([1.0, 2.0, 4.0]) {
            let wait = attempt.wait.as_secs_f64();
            assert!(
                (seconds * 0.75..=seconds * 1.25).contains(&wait),
                "{attempt}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn p09_a_permanent_failure_is_one_attempt() {
        let (calls, seen, outcome) = tries(false, 99).await;
        assert_eq!((calls, seen.len(), outcome.is_err()), (1, 0, true));
    }

    #[tokio::test(start_paused = true)]
    async fn success_ends_the_attempts() {
        let (calls, seen, outcome) = tries(true, 3).await;
        assert_eq!((calls, seen.len(), outcome), (3, 2, Ok(3)));
        assert!(seen[1].to_string().starts_with("attempt 3 of 4 in "));
    }

    #[test]
    fn waits_grow_to_their_longest_and_start_again() {
        let mut waits = Waits::new(Duration::from_millis(500), Duration::from_secs(30));
        let long: Vec<_> = (0..12).map(|_| waits.next_wait()).collect();
        assert!(long[0] <= Duration::from_millis(625) && long[11] >= Duration::from_secs(22));
        assert!(long.iter().all(|w| *w <= Duration::from_secs(30)));
        waits.reset();
        assert!(waits.next_wait() <= Duration::from_millis(625));
    }
}
