//! The sieve against a naive model that looks at every row again after every step.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::{
    domain::{
        LogStream, Safe, ServiceId, ServiceKind, Timestamp,
        log::{Level, Part, Syntax},
        safe::LogText,
    },
    hub::{Arrival, FollowId, LogBatch, LogEvent},
};
use fastrand::Rng;
use std::collections::BTreeSet;

const TEXTS: [&str; 10] = [
    "INFO: ready",
    "ERROR: no timeout",
    "WARNING: slow",
    "  at f (a.js:1) timeout",
    "\tmore",
    "Traceback (most recent call last):",
    "ValueError: Timeout",
    "plain",
    "\u{1b}[31mtime\u{1b}[0mout",
    "",
];

fn batch(rng: &mut Rng, second: &mut i64) -> LogBatch {
    let kind = ServiceKind::ALL[rng.usize(..4)];
    let event = |rng: &mut Rng, second: &mut i64| {
        *second += rng.i64(0..3);
        // Late by up to a minute.
        let at = Timestamp::from_second(*second - rng.i64(0..60) * i64::from(rng.bool())).unwrap();
        if rng.u8(..40) == 0 {
            return LogEvent::Notice(at, Safe::new("restarted: timeout"));
        }
        LogEvent::Line(LogLine {
            at,
            stream: [LogStream::Out, LogStream::Err][rng.usize(..2)],
            text: LogText::from_bytes(TEXTS[rng.usize(..TEXTS.len())].as_bytes()),
            cut: 0,
            part: Part::Whole,
        })
    };
    LogBatch {
        follow: FollowId(1),
        arrival: Arrival::New,
        service: ServiceId::new(&"shop".parse().unwrap(), kind),
        events: (0..rng.usize(1..12)).map(|_| event(rng, second)).collect(),
    }
}

fn a_query(rng: &mut Rng) -> Option<Query> {
    let texts = ["timeout", "Timeout", "e", "at f", "nothing has this"];
    let text = texts[rng.usize(..texts.len())];
    rng.bool().then(|| Query::new(text, Syntax::Plain).unwrap())
}

fn a_filter(rng: &mut Rng) -> Filter {
    Filter {
        query: a_query(rng),
        inverse: rng.bool(),
        level: [None, Some(Level::Warning), Some(Level::Error)][rng.usize(..3)],
        stderr: rng.u8(..4) == 0,
    }
}

fn all(ring: &Ring) -> Vec<&Entry> {
    (0..ring.len()).map(|n| ring.get(n).unwrap()).collect()
}

/// The naive model: which entries hold the filter's text, and from that which rows are shown.
struct Naive {
    /// Entries of which a line held the text that has been in the ring since the filter began.
    held: BTreeSet<u64>,
}

impl Naive {
    fn note(&mut self, ring: &Ring, filter: &Filter) {
        self.held.extend(holding(ring, filter));
    }

    fn shown(ring: &Ring, filter: &Filter, held: &BTreeSet<u64>) -> Vec<Key> {
        let fits = |entry: &&&Entry| {
            line_of(entry).is_none_or(|line| {
                filter.passes(entry.belongs.level, line.stream)
                    && filter.wants(held.contains(&entry.belongs.entry))
            })
        };
        all(ring).iter().filter(fits).map(|e| e.key).collect()
    }
}

fn holding(ring: &Ring, filter: &Filter) -> BTreeSet<u64> {
    let holds = |entry: &&&Entry| {
        line_of(entry)
            .is_some_and(|line| filter.query.as_ref().is_none_or(|q| q.matches(&line.text)))
    };
    all(ring)
        .iter()
        .filter(holds)
        .map(|e| e.belongs.entry)
        .collect()
}

/// What is shown must be what the model shows, be it that of the lines that are there, be it that of those that were.
fn compare(ring: &Ring, sieve: &Sieve, naive: &Naive) {
    let filter = sieve.filter();
    let shown: Vec<Key> = match sieve.shown() {
        Some(keys) => keys.0.iter().copied().collect(),
        None => all(ring).iter().map(|e| e.key).collect(),
    };
    let now = Naive::shown(ring, filter, &holding(ring, filter));
    let ever = Naive::shown(ring, filter, &naive.held);
    if !filter.is_empty() {
        // They differ in entries whose beginning was dropped, and nowhere else.
        let whole = |key: &Key| {
            let entry = ring.find(*key).unwrap().belongs.entry;
            all(ring)
                .iter()
                .any(|e| e.belongs.entry == entry && e.belongs.first)
        };
        let [shown, now]: [Vec<&Key>; 2] =
            [&shown, &now].map(|keys| keys.iter().filter(|key| whole(key)).collect());
        assert_eq!(shown, now);
    }
    assert!(
        shown
            .iter()
            .all(|key| ever.contains(key) || now.contains(key))
    );
    let notices = all(ring).iter().filter(|e| line_of(e).is_none()).count();
    if !filter.is_empty() {
        assert_eq!(sieve.shown_lines(), shown.len() - notices);
    }
    if let Some(query) = sieve.query() {
        let finds = |key: &&Key| {
            let line = line_of(ring.find(**key).unwrap());
            line.is_some_and(|line| query.matches(&line.text))
        };
        let found: Vec<Key> = shown.iter().filter(finds).copied().collect();
        assert_eq!(sieve.found.0, found);
    }
}

#[test]
fn what_is_shown_and_found_is_what_a_naive_model_says_whatever_comes_and_goes() {
    let (mut shown, mut found, mut dropped) = (0, 0, 0);
    for seed in 0..60 {
        let mut rng = Rng::with_seed(seed);
        let (mut ring, mut second) = (Ring::new(rng.usize(4_000..40_000)), 1_000);
        let (mut sieve, mut naive) = (
            Sieve::default(),
            Naive {
                held: BTreeSet::new(),
            },
        );
        for _ in 0..120 {
            match rng.u8(..10) {
                0 => {
                    sieve.set_filter(a_filter(&mut rng));
                    naive.held.clear();
                }
                1 => sieve.set_query(a_query(&mut rng)),
                _ => {
                    let added = ring.add(batch(&mut rng, &mut second));
                    sieve.take(&ring, &added);
                }
            }
            naive.note(&ring, sieve.filter());
            if rng.bool() {
                while sieve.scan(&ring) {}
            }
            if sieve.is_done() {
                compare(&ring, &sieve, &naive);
            }
        }
        shown += sieve.shown.len();
        found += sieve.found.len();
        dropped += ring.dropped();
    }
    assert!(
        shown > 100 && found > 100 && dropped > 1_000,
        "{shown} {found} {dropped}"
    );
}

#[test]
fn a_slice_is_bounded_and_begins_with_the_newest_row() {
    let mut ring = Ring::new(64 << 20);
    for second in 0..40 {
        let line = |_| {
            LogEvent::Line(LogLine {
                at: Timestamp::from_second(second).unwrap(),
                stream: LogStream::Out,
                text: LogText::from_bytes(b"x"),
                cut: 0,
                part: Part::Whole,
            })
        };
        ring.add(LogBatch {
            follow: FollowId(1),
            arrival: Arrival::New,
            service: ServiceId::new(&"shop".parse().unwrap(), ServiceKind::Redis),
            events: (0..250).map(line).collect(),
        });
    }
    let mut sieve = Sieve::default();
    sieve.set_query(Some(Query::new("x", Syntax::Plain).unwrap()));
    assert!(sieve.scan(&ring) && !sieve.is_done());
    assert_eq!(sieve.found().len(), SLICE_ROWS);
    let newest = ring.get(ring.len() - 1).unwrap().key;
    assert_eq!(sieve.found().before(Key::LAST), Some(newest));
    while sieve.scan(&ring) {}
    assert_eq!(sieve.found().len(), 10_000);
}
