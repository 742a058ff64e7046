//! The buffer and what is sifted out of it, against a naive model that looks at every row again after every step.
#![allow(clippy::unwrap_used)]
mod voices;

use super::{buffer::SLICE_ROWS, *};
use crate::{
    domain::{
        LogStream, Safe, ServiceKind, Timestamp,
        log::{Filter, Level, Part, Query, Syntax},
        safe::LogText,
    },
    hub::{Arrival, LogEvent},
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

fn service(kind: ServiceKind) -> ServiceId {
    ServiceId::new(&"shop".parse().unwrap(), kind)
}

fn line(at: Timestamp, stream: LogStream, text: &str) -> LogEvent {
    LogEvent::Line(LogLine {
        at,
        stream,
        text: LogText::from_bytes(text.as_bytes()),
        cut: 0,
        part: Part::Whole,
    })
}

fn batch(kind: ServiceKind, events: Vec<LogEvent>) -> LogBatch {
    LogBatch {
        follow: FollowId(1),
        arrival: Arrival::New,
        service: service(kind),
        events,
    }
}

/// Lines of standard output at these seconds.
fn lines(kind: ServiceKind, lines: &[(i64, &str)]) -> LogBatch {
    let event = |(second, text): &(i64, &str)| {
        let at = Timestamp::from_second(*second).unwrap();
        line(at, LogStream::Out, text)
    };
    batch(kind, lines.iter().map(event).collect())
}

fn older(batch: LogBatch, all: bool) -> LogBatch {
    LogBatch {
        arrival: Arrival::Older { all },
        ..batch
    }
}

fn of_all(bytes_max: usize) -> Buffer {
    let mut buffer = Buffer::new(bytes_max);
    buffer.begin(&ServiceKind::ALL.map(service));
    buffer
}

fn text(row: &Row) -> String {
    match &row.content {
        Content::Line(line) => line.text.as_str().to_owned(),
        Content::Notice(_, text) => text.to_string(),
        Content::Dropped(_, count) => format!("({count} dropped)"),
        Content::Mark(_, mark) => format!("{mark:?}"),
    }
}

fn texts(buffer: &Buffer) -> String {
    let shown: Vec<_> = buffer.walk(Key::FIRST).map(|s| text(s.row)).collect();
    shown.join(" ")
}

#[test]
fn lines_of_several_services_stand_in_the_order_of_their_times() {
    let mut buffer = of_all(1 << 20);
    buffer.add(lines(ServiceKind::Postgres, &[(1, "p1"), (4, "p4")]));
    buffer.add(lines(
        ServiceKind::Redis,
        &[(2, "r2"), (4, "r4"), (5, "r5")],
    ));
    buffer.add(lines(ServiceKind::Backend, &[(0, "b0"), (3, "b3")]));
    assert_eq!(texts(&buffer), "b0 p1 r2 b3 p4 r4 r5");
    buffer.mute(|service| service.kind == ServiceKind::Redis);
    assert_eq!(texts(&buffer), "b0 p1 b3 p4");
    assert_eq!((buffer.lines(), buffer.shown_lines()), (4, 4));
}

#[test]
fn a_services_own_lines_keep_the_engines_order() {
    let mut buffer = of_all(1 << 20);
    buffer.add(lines(ServiceKind::Redis, &[(9, "a"), (3, "b")]));
    buffer.add(lines(ServiceKind::Postgres, &[(5, "p")]));
    buffer.add(lines(ServiceKind::Redis, &[(4, "c")]));
    assert_eq!(texts(&buffer), "p a b c");
}

#[test]
fn older_lines_stand_before_all_others_of_their_service() {
    let mut buffer = of_all(1 << 20);
    buffer.add(lines(ServiceKind::Redis, &[(5, "e"), (6, "f")]));
    buffer.add(lines(ServiceKind::Postgres, &[(3, "p")]));
    let key = buffer.walk(Key::FIRST).next().unwrap().row.key;
    buffer.add(older(
        lines(ServiceKind::Redis, &[(4, "d"), (9, "later?")]),
        false,
    ));
    assert_eq!(texts(&buffer), "p d later? e f");
    buffer.add(older(
        lines(ServiceKind::Redis, &[(1, "a"), (2, "b")]),
        true,
    ));
    assert_eq!(texts(&buffer), "no older lines a b p d later? e f");
    assert_eq!(text(buffer.find(key).unwrap().row), "p");
    let redis = &buffer.lanes()[ServiceKind::Redis as usize];
    assert!(redis.complete && redis.received() == 7);
}

#[test]
fn a_line_that_comes_late_says_so_but_not_one_of_a_quiet_service() {
    let late = |buffer: &Buffer| {
        let late = buffer.walk(Key::FIRST).filter(|s| s.row.late);
        late.map(|s| text(s.row)).collect::<Vec<_>>().join(" ")
    };
    let mut buffer = of_all(1 << 20);
    buffer.open(Timestamp::from_second(50).unwrap());
    buffer.add(lines(ServiceKind::Postgres, &[(5, "o")]));
    buffer.add(lines(ServiceKind::Redis, &[(100, "r")]));
    // History comes in any order.
    buffer.add(lines(ServiceKind::Postgres, &[(10, "p"), (20, "q")]));
    assert_eq!(late(&buffer), "");
    buffer.add(lines(
        ServiceKind::Postgres,
        &[(99, "near"), (101, "on time")],
    ));
    buffer.add(lines(ServiceKind::Redis, &[(110, "r")]));
    buffer.add(lines(ServiceKind::Postgres, &[(105, "late"), (110, "now")]));
    assert_eq!(late(&buffer), "late");
}

#[test]
fn a_key_finds_its_row_whatever_comes_and_goes_around_it() {
    let mut buffer = of_all(1 << 20);
    buffer.add(lines(ServiceKind::Redis, &[(1, "a"), (5, "b"), (9, "c")]));
    let key = buffer.walk(Key::FIRST).nth(1).unwrap().row.key;
    buffer.add(lines(ServiceKind::Postgres, &[(2, "x"), (6, "y")]));
    assert_eq!(texts(&buffer), "a x b y c");
    assert_eq!(text(buffer.find(key).unwrap().row), "b");
    assert!(buffer.find(key.next()).is_none() && buffer.find(Key::FIRST).is_none());
}

#[test]
fn errors_and_warnings_are_counted_by_entry_while_they_are_there() {
    let some = [
        (1, "ERROR: x"),
        (2, "  more of it"),
        (3, "WARNING: y"),
        (4, "0 errors"),
    ];
    let mut buffer = of_all(1 << 20);
    buffer.add(lines(ServiceKind::Redis, &some));
    let rows = buffer.lanes()[ServiceKind::Redis as usize].rows();
    assert_eq!((rows.errors(), rows.warnings(), rows.lines()), (1, 1, 4));
    let first = rows.numbers().start;
    assert_eq!(
        rows.entry_of(first + 1).collect::<Vec<_>>(),
        [first, first + 1]
    );
    let mut buffer = of_all(buffer.bytes() - 1);
    buffer.add(lines(ServiceKind::Redis, &some));
    let rows = buffer.lanes()[ServiceKind::Redis as usize].rows();
    assert_eq!((rows.errors(), rows.warnings(), rows.lines()), (0, 1, 3));
}

#[test]
fn p40_received_is_kept_plus_dropped_and_memory_is_bounded() {
    let mut buffer = of_all(120 * size_of::<Row>());
    for n in 0..1000 {
        buffer.add(lines(ServiceKind::Redis, &[(n, "0123456789")]));
    }
    assert!(buffer.bytes() <= buffer.bytes_max());
    let lane = &buffer.lanes()[ServiceKind::Redis as usize];
    let kept = lane.rows().lines() as u64;
    assert_eq!(lane.received(), kept + lane.dropped());
    assert!(kept > 40 && lane.dropped() > 880, "{kept}");
    let word = text(buffer.walk(Key::FIRST).next().unwrap().row);
    assert_eq!(word, format!("({} dropped)", lane.dropped()));
    let last = buffer.walk(Key::LAST).back().unwrap().row;
    assert_eq!(last.at(), Timestamp::from_second(999).unwrap());
}

#[test]
fn p40_who_prints_little_keeps_it_beside_who_floods() {
    let mut buffer = of_all(100_000);
    buffer.add(lines(
        ServiceKind::Postgres,
        &[(1, "early"), (2, "and rare")],
    ));
    for n in 0..2000 {
        buffer.add(lines(ServiceKind::Redis, &[(n, "a flood")]));
        buffer.add(lines(ServiceKind::Backend, &[(n, "another")]));
    }
    let [postgres, redis, backend, _] = buffer.lanes() else {
        panic!();
    };
    assert_eq!((postgres.dropped(), postgres.rows().lines()), (0, 2));
    assert!(redis.dropped().abs_diff(backend.dropped()) < 3 && redis.dropped() > 1000);
}

fn a_batch(rng: &mut Rng, second: &mut i64) -> LogBatch {
    let kind = ServiceKind::ALL[rng.usize(..4)];
    let event = |rng: &mut Rng, second: &mut i64| {
        *second += rng.i64(0..3);
        // Late by up to a minute.
        let at = Timestamp::from_second(*second - rng.i64(0..60) * i64::from(rng.bool())).unwrap();
        if rng.u8(..40) == 0 {
            return LogEvent::Notice(at, Safe::new("restarted: timeout"));
        }
        let stream = [LogStream::Out, LogStream::Err][rng.usize(..2)];
        line(at, stream, TEXTS[rng.usize(..TEXTS.len())])
    };
    let events = (0..rng.usize(1..12)).map(|_| event(rng, second)).collect();
    batch(kind, events)
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

/// A row: its service and its number.
type Id = (usize, u64);

/// All rows that are there, in their order.
fn all(buffer: &Buffer) -> Vec<(Id, &Row)> {
    let lanes = buffer.lanes().iter().enumerate();
    let mut rows: Vec<_> = lanes
        .flat_map(|(lane, of)| {
            let numbers = of.rows().numbers();
            numbers.map(move |number| ((lane, number), of.rows().get(number).unwrap()))
        })
        .collect();
    rows.sort_by_key(|(_, row)| row.key);
    rows
}

/// The naive model: which entries ever held the filter's text, and which rows it ever wanted.
#[derive(Default)]
struct Naive {
    held: BTreeSet<Id>,
    wanted: BTreeSet<Id>,
}

fn holding(buffer: &Buffer) -> BTreeSet<Id> {
    let query = &buffer.sieve().filter.query;
    let holds = |row: &Row| {
        let line = row.line();
        line.is_some_and(|line| query.as_ref().is_none_or(|q| q.matches(&line.text)))
    };
    let rows = all(buffer).into_iter().filter(|(_, row)| holds(row));
    rows.map(|((lane, _), row)| (lane, row.belongs.entry))
        .collect()
}

/// The lines that the filter wants if these entries hold its text.
fn wanted(buffer: &Buffer, held: &BTreeSet<Id>) -> BTreeSet<Id> {
    let filter = &buffer.sieve().filter;
    let fits = |((lane, _), row): &(Id, &Row)| {
        row.line().is_some_and(|line| {
            filter.passes(row.belongs.level, line.stream)
                && filter.wants(held.contains(&(*lane, row.belongs.entry)))
        })
    };
    let rows = all(buffer).into_iter().filter(fits);
    rows.map(|(id, _)| id).collect()
}

/// What is shown if these rows are wanted: those, what stands around them, and words of ours.
fn shown(buffer: &Buffer, wanted: &BTreeSet<Id>) -> BTreeSet<Key> {
    let sieve = buffer.sieve();
    let around = if sieve.filter.inverse {
        0
    } else {
        u64::from(sieve.context)
    };
    let near = |(lane, number): Id| {
        let range = (lane, number.saturating_sub(around))..=(lane, number + around);
        wanted.range(range).next().is_some()
    };
    let rows = all(buffer).into_iter();
    rows.filter(|(id, row)| row.line().is_none() || near(*id))
        .map(|(_, row)| row.key)
        .collect()
}

impl Naive {
    fn note(&mut self, buffer: &Buffer) {
        self.held.extend(holding(buffer));
        self.wanted.extend(wanted(buffer, &holding(buffer)));
        self.wanted.extend(wanted(buffer, &self.held));
    }
}

fn whole_entries(buffer: &Buffer) -> BTreeSet<Id> {
    let first = all(buffer)
        .into_iter()
        .filter(|(_, row)| row.belongs.first && row.line().is_some());
    first
        .map(|((lane, _), row)| (lane, row.belongs.entry))
        .collect()
}

/// What is shown must be what the model shows: no less than for the lines that are there, no more than for those that
/// ever were. They differ in entries whose beginning was dropped, and nowhere else.
fn compare(buffer: &Buffer, naive: &Naive) {
    let got: Vec<Key> = buffer.walk(Key::FIRST).map(|s| s.row.key).collect();
    assert!(got.is_sorted());
    let mut walk = buffer.walk(Key::LAST);
    let backwards: Vec<Key> = std::iter::from_fn(|| walk.back().map(|s| s.row.key)).collect();
    assert!(backwards.iter().rev().eq(&got));
    let (ids, whole) = (all(buffer), whole_entries(buffer));
    if buffer.sieve().shows_all() {
        assert!(ids.iter().map(|(_, row)| row.key).eq(got.iter().copied()));
    } else {
        let (now, ever) = (
            shown(buffer, &wanted(buffer, &holding(buffer))),
            shown(buffer, &naive.wanted),
        );
        let is_whole = |key: &&Key| {
            let place = ids.binary_search_by_key(*key, |(_, row)| row.key);
            let ((lane, _), row) = ids[place.unwrap()];
            whole.contains(&(lane, row.belongs.entry))
        };
        let there: BTreeSet<&Key> = got.iter().collect();
        assert!(now.iter().filter(is_whole).all(|key| there.contains(key)));
        assert!(
            got.iter()
                .all(|key| ever.contains(key) || now.contains(key))
        );
        let words = ids.iter().filter(|(_, row)| row.line().is_none()).count();
        assert_eq!(buffer.shown_lines(), got.len() - words);
    }
    let found = |key: &&Key| {
        let line = buffer.find(**key).unwrap().row.line();
        let query = buffer.sieve().query.as_ref();
        line.is_some_and(|line| query.is_some_and(|query| query.matches(&line.text)))
    };
    let found: Vec<Key> = got.iter().filter(found).copied().collect();
    let next = |key: &Key| buffer.match_from(key.next());
    let listed: Vec<Key> = std::iter::successors(buffer.match_from(Key::FIRST), next).collect();
    assert_eq!(listed, found);
    assert_eq!(buffer.found_len(), found.len());
    assert_eq!(buffer.match_before(Key::LAST), found.last().copied());
}

fn check_bounds(buffer: &Buffer) {
    let bytes: usize = all(buffer).iter().map(|(_, row)| row.bytes()).sum();
    assert_eq!(buffer.bytes(), bytes);
    assert!(bytes <= buffer.bytes_max());
}

#[test]
fn what_is_shown_and_found_is_what_a_naive_model_says_whatever_comes_and_goes() {
    let (mut shown, mut found, mut dropped) = (0, 0, 0);
    for seed in 0..40 {
        let mut rng = Rng::with_seed(seed);
        let (mut buffer, mut second) = (of_all(rng.usize(8_000..60_000)), 1_000);
        let mut naive = Naive::default();
        for _ in 0..120 {
            match rng.u8(..24) {
                0 | 1 => {
                    buffer.set_filter(a_filter(&mut rng));
                    naive = Naive::default();
                }
                2 => {
                    buffer.set_context(rng.u32(..4));
                    naive = Naive::default();
                }
                3 | 4 => buffer.set_query(a_query(&mut rng)),
                5 => {
                    let mut early = 900 - second;
                    let before = a_batch(&mut rng, &mut early);
                    buffer.add(older(before, rng.bool()));
                }
                _ => {
                    buffer.add(a_batch(&mut rng, &mut second));
                }
            }
            check_bounds(&buffer);
            naive.note(&buffer);
            if rng.bool() {
                while buffer.scan() {}
            }
            if buffer.unseen().is_none() {
                compare(&buffer, &naive);
            }
        }
        shown += buffer.shown_lines();
        found += buffer.found_len();
        dropped += buffer.lanes().iter().map(Lane::dropped).sum::<u64>();
    }
    assert!(
        shown > 100 && found > 100 && dropped > 1_000,
        "{shown} {found} {dropped}"
    );
}

#[test]
fn a_slice_is_bounded_and_begins_with_the_newest_rows_of_all_services() {
    let mut buffer = of_all(64 << 20);
    for second in 0..40 {
        let kind = ServiceKind::ALL[usize::try_from(second).unwrap() % 4];
        buffer.add(lines(kind, &[(second, "x"); 250]));
    }
    buffer.set_query(Some(Query::new("x", Syntax::Plain).unwrap()));
    assert!(buffer.scan() && buffer.unseen().is_some());
    assert_eq!(buffer.found_len(), SLICE_ROWS);
    let oldest = buffer.match_from(Key::FIRST).unwrap();
    assert!(buffer.unseen().unwrap() < oldest, "in the order of all");
    let newest = buffer.walk(Key::LAST).back().unwrap().row.key;
    assert_eq!(buffer.match_before(Key::LAST), Some(newest));
    while buffer.scan() {}
    assert_eq!(buffer.found_len(), 10_000);
}
