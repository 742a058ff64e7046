//! How long an operation took the last times, in words: from the project's timeline, which has what the journal tells.

use crate::domain::{
    ServiceKind,
    timeline::{Entry, Step, What},
};
use std::{sync::Arc, time::Duration};

/// Times that are looked back at.
const TIMES_MAX: usize = 3;
/// From here on a time is told in minutes.
const MINUTES: Duration = Duration::from_secs(120);

/// The last times that `did` was done to `service`, or to the whole project: `The last 3 restarts took 4–6 s.`
#[must_use]
pub fn took(timeline: &[Arc<Entry>], did: &str, service: Option<ServiceKind>) -> String {
    let mine = timeline.iter().rev().filter(|e| e.service == service);
    let ends = mine.filter_map(|entry| end_of(entry, did));
    let (mut times, mut failed) = (Vec::new(), false);
    for (n, (step, took)) in ends.enumerate() {
        failed |= n == 0 && step == Step::Failed;
        times.extend(took.filter(|_| step == Step::Done));
        if times.len() == TIMES_MAX {
            break;
        }
    }
    let text = of_times(&times, noun(did));
    match failed {
        true => format!("{text} The last try failed."),
        false => text,
    }
}

/// How long it took the last time that it was done, as far as is known.
#[must_use]
pub fn last_time(
    timeline: &[Arc<Entry>],
    did: &str,
    service: Option<ServiceKind>,
) -> Option<Duration> {
    let mine = timeline.iter().rev().filter(|e| e.service == service);
    let mut ends = mine.filter_map(|entry| end_of(entry, did));
    ends.find_map(|(step, took)| took.filter(|_| step == Step::Done))
}

/// How long each of `asked` took the last time, where that is known; `in_all` if they go one after the other.
#[must_use]
pub fn of_many(times: &[Duration], asked: usize, in_all: bool) -> String {
    let ends = times.iter().min().zip(times.iter().max());
    let Some((least, most)) = ends else {
        return "How long it takes is not known: it was not seen here yet.".to_owned();
    };
    let each = format!("The last time each took {}", span(*least, *most));
    match asked - times.len().min(asked) {
        0 if in_all => {
            let sum = times.iter().sum();
            format!("{each}, {} in all.", span(sum, sum))
        }
        0 => format!("{each}."),
        unseen => format!("{each}; {unseen} of {asked} not seen here yet."),
    }
}

/// How `entry` says that `did` ended, and after how long; `None` where it says something else.
fn end_of(entry: &Entry, did: &str) -> Option<(Step, Option<Duration>)> {
    match &entry.what {
        What::Operation {
            did: words,
            step: step @ (Step::Done | Step::Failed),
            took_ms,
            ..
        } if without_grace(words) == did => Some((*step, took_ms.map(Duration::from_millis))),
        _ => None,
    }
}

/// How long something may take to end is no other deed.
fn without_grace(words: &str) -> &str {
    words.split_once(" grace ").map_or(words, |(did, _)| did)
}

fn noun(did: &str) -> &str {
    match did {
        "restart recreate" => "restart with a new container",
        "restart dependants" => "restart with dependants",
        other => other,
    }
}

fn of_times(times: &[Duration], noun: &str) -> String {
    let ends = times.iter().min().zip(times.iter().max());
    let Some((least, most)) = ends else {
        return format!("How long it takes is not known: no {noun} was seen here yet.");
    };
    let span = span(*least, *most);
    match times.len() {
        1 => format!("The last {noun} took {span}."),
        n => format!("The last {n} times a {noun} took {span}."),
    }
}

fn span(least: Duration, most: Duration) -> String {
    let (least_s, most_s) = (round(least), round(most));
    match (least_s, most_s) {
        (_, 0) => "under 1 s".to_owned(),
        (a, b) if most >= MINUTES => range(a.div_ceil(60).max(1), b.div_ceil(60), "min"),
        (a, b) => range(a, b, "s"),
    }
}

fn range(least: u64, most: u64, unit: &str) -> String {
    match least == most {
        true => format!("{most} {unit}"),
        false => format!("{least}–{most} {unit}"),
    }
}

fn round(time: Duration) -> u64 {
    (time.as_millis().saturating_add(500) / 1_000)
        .try_into()
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Safe, Timestamp};

    fn ended(did: &str, step: Step, ms: u64, service: Option<ServiceKind>) -> Arc<Entry> {
        let what = What::Operation {
            id: Safe::new(format!("{did} {ms}")),
            did: did.into(),
            step,
            by: None,
            took_ms: Some(ms),
        };
        let entry = Entry::once(Timestamp::UNIX_EPOCH, what, "");
        Arc::new(Entry { service, ..entry })
    }

    #[test]
    fn the_last_three_that_were_done_count_and_only_of_the_same_thing() {
        let backend = Some(ServiceKind::Backend);
        let mut all = vec![
            ended("restart", Step::Done, 90_000, backend),
            ended("restart", Step::Done, 4_100, backend),
            ended("restart grace 30s", Step::Done, 6_200, backend),
            ended("restart", Step::Cancelled, 50_000, backend),
            ended("restart", Step::Done, 5_000, backend),
            ended("restart recreate", Step::Done, 70_000, backend),
            ended("restart", Step::Done, 300_000, None),
            ended("stop", Step::Done, 70_000, backend),
        ];
        let words = "The last 3 times a restart took 4–6 s.";
        assert_eq!(took(&all, "restart", backend), words);
        all.push(ended("restart", Step::Failed, 60_000, backend));
        let failed = format!("{words} The last try failed.");
        assert_eq!(took(&all, "restart", backend), failed);
        assert_eq!(took(&all, "restart", None), "The last restart took 5 min.");
        assert_eq!(
            took(&all, "start", None),
            "How long it takes is not known: no start was seen here yet."
        );
    }

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        let ms = Duration::from_millis;
        for (least, most, words) in [
            (10, 400, "under 1 s"),
            (400, 1_600, "0–2 s"),
            (5_000, 5_200, "5 s"),
            (80_000, 119_000, "80–119 s"),
            (61_000, 121_000, "2–3 min"),
        ] {
            assert_eq!(span(ms(least), ms(most)), words);
        }
    }
}
