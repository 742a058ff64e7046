//! Tests: what the reader looks at stays where it is, whatever comes and goes around it; and marks stay in their place.
#![allow(clippy::unwrap_used)]
use super::{marks::MARKS_MAX, *};
use crate::{
    domain::{
        LogStream, ServiceKind, Timestamp,
        log::{Filter, Level, Part, Query},
        safe::LogText,
    },
    hub::{Arrival, LogEvent},
};
use fastrand::Rng;

const TEXTS: [&str; 6] = [
    "INFO: ready",
    "ERROR: no timeout, and a long tail of words that takes several rows in a narrow pane",
    r#"{"level":"warning","msg":"slow","req":{"path":"/a","took":12},"stack":"one\ntwo\nthree"}"#,
    "  at f (a.js:1) timeout",
    "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
    "\u{1b}[31mtime\u{1b}[0mout",
];

fn pane(bytes_max: usize) -> LogPane {
    let mut pane = LogPane::new(bytes_max, 100);
    let services = ServiceKind::ALL.map(|kind| ServiceId::new(&"shop".parse().unwrap(), kind));
    pane.turn_to(services.into());
    pane.open(Timestamp::UNIX_EPOCH).unwrap();
    pane.extent = Extent {
        width: 60,
        rows: 12,
    };
    pane
}

fn arrive(pane: &mut LogPane, kind: ServiceKind, arrival: Arrival, seconds: &[i64], rng: &mut Rng) {
    let event = |second: &i64| {
        LogEvent::Line(LogLine {
            at: Timestamp::from_second(*second).unwrap(),
            stream: LogStream::Out,
            text: LogText::from_bytes(TEXTS[rng.usize(..TEXTS.len())].as_bytes()),
            cut: 0,
            part: Part::Whole,
        })
    };
    let events = seconds.iter().map(event).collect();
    let service = ServiceId::new(&"shop".parse().unwrap(), kind);
    assert!(pane.take(LogBatch {
        follow: FollowId(1),
        arrival,
        service,
        events,
    }));
}

/// Lines as they come: some of them late, some from before all others.
fn something(pane: &mut LogPane, second: &mut i64, rng: &mut Rng) {
    let kind = ServiceKind::ALL[rng.usize(..4)];
    let mut count = rng.usize(1..12);
    if rng.u8(..6) == 0 {
        let all = [rng.i64(0..900), rng.i64(900..999)];
        return arrive(pane, kind, Arrival::Older { all: false }, &all, rng);
    }
    let mut seconds = Vec::new();
    while count > 0 {
        *second += rng.i64(0..3);
        seconds.push(*second - rng.i64(0..60) * i64::from(rng.bool()));
        count -= 1;
    }
    arrive(pane, kind, Arrival::New, &seconds, rng);
}

fn some_filter(rng: &mut Rng) -> Filter {
    let query = rng.bool().then(|| Query::new("timeout", Syntax::Plain));
    Filter {
        query: query.map(Result::unwrap),
        inverse: rng.bool(),
        level: rng.bool().then_some(Level::Warning),
        stderr: false,
    }
}

/// The first visible row, and how much of it is above the pane.
fn first(pane: &LogPane) -> Option<(Row, usize)> {
    let row = pane.visible().next()?.row.clone();
    Some((row, pane.top().skip))
}

#[test]
fn the_first_visible_row_stays_while_the_reader_does_unless_it_goes() {
    let (mut stayed, mut dropped, mut below) = (0, 0, 0);
    for seed in 0..30 {
        let mut rng = Rng::with_seed(seed);
        let mut pane = pane(rng.usize(30_000..120_000));
        let mut second = 1_000;
        for _ in 0..30 {
            something(&mut pane, &mut second, &mut rng);
        }
        pane.wrap = rng.bool();
        (0..rng.usize(..3)).for_each(|_| pane.next_shape());
        if rng.bool() {
            pane.buffer.set_filter(some_filter(&mut rng));
            while pane.buffer.scan() {}
        }
        pane.scroll(-rng.isize(1..60));
        for _ in 0..100 {
            let before = first(&pane);
            // A row that its filter hides meanwhile is gone for the reader.
            let at_row = |top: Top| pane.buffer.find(top.key).is_some();
            let stands = matches!(pane.place, Place::Paused { top, .. } if at_row(top));
            let above = before.as_ref().map_or(Key::FIRST, |(row, _)| row.key);
            match rng.u8(..20) {
                0 => {
                    pane.mark(Timestamp::from_second(second).unwrap());
                }
                1 => drop(pane.buffer.scan()),
                _ => something(&mut pane, &mut second, &mut rng),
            }
            let Some((row, skip)) = before.filter(|_| stands) else {
                continue;
            };
            let there = pane
                .buffer
                .find(above)
                .filter(|s| s.row.content == row.content);
            if there.is_none() {
                dropped += 1;
                continue;
            }
            let (now, at) = first(&pane).unwrap();
            assert_eq!((now.key, now.content, at), (row.key, row.content, skip));
            stayed += 1;
            below += usize::from(pane.buffer.walk(Key::LAST).back().unwrap().row.key > row.key);
        }
    }
    assert!(
        stayed > 1_000 && dropped > 10 && below > 500,
        "{stayed} {dropped} {below}"
    );
}

#[test]
fn every_row_of_tall_lines_can_be_reached_and_the_last_one_ends_the_pane() {
    for wrap in [false, true] {
        let mut rng = Rng::with_seed(1);
        let mut pane = pane(1 << 20);
        (0..40).for_each(|n| arrive(&mut pane, ServiceKind::Redis, Arrival::New, &[n], &mut rng));
        (pane.wrap, pane.shape) = (wrap, Shape::Pretty);
        let all: usize = pane
            .buffer
            .walk(Key::FIRST)
            .map(|s| pane.rows_of(s.row))
            .sum();
        assert!(all > 60, "{all}");
        pane.go_to_top();
        let mut steps = 0;
        while pane.place != Place::Live {
            pane.scroll(1);
            steps += 1;
        }
        assert_eq!(steps, all - pane.extent.rows);
        let top = pane.top();
        let shown: usize = pane.visible().map(|s| pane.rows_of(s.row)).sum();
        assert_eq!(shown - top.skip, pane.extent.rows);
    }
}

#[test]
fn a_skip_never_hides_all_of_a_row_that_became_shorter() {
    let mut rng = Rng::with_seed(2);
    let mut pane = pane(1 << 20);
    arrive(
        &mut pane,
        ServiceKind::Redis,
        Arrival::New,
        &[1; 40],
        &mut rng,
    );
    pane.wrap = true;
    pane.go_to_top();
    let tall = pane
        .buffer
        .walk(Key::FIRST)
        .find(|s| pane.rows_of(s.row) > 2);
    let key = tall.unwrap().row.key;
    pane.stay(Top { key, skip: 2 });
    pane.extent.width = 200;
    assert_eq!(pane.top(), Top { key, skip: 0 });
}

fn marks(pane: &LogPane) -> Vec<(Mark, usize)> {
    let rows = pane.buffer.walk(Key::FIRST).enumerate();
    rows.filter_map(|(at, shown)| match shown.row.content {
        Content::Mark(_, mark) => Some((mark, at)),
        _ => None,
    })
    .collect()
}

#[test]
fn marks_stay_in_their_place_under_every_filter_and_are_no_lines() {
    let (mut rng, now) = (Rng::with_seed(4), Timestamp::from_second(5).unwrap());
    let mut pane = pane(1 << 20);
    let mut come = |pane: &mut LogPane, seconds: &[i64]| {
        arrive(pane, ServiceKind::Redis, Arrival::New, seconds, &mut rng);
    };
    come(&mut pane, &[90, 91]);
    // Our clock is behind the engine's, and the mark stands at the end all the same.
    assert_eq!(pane.mark(now), Some(1));
    come(&mut pane, &[91, 92]);
    assert_eq!(pane.mark(now), Some(2));
    assert_eq!(marks(&pane), [(Mark::Own(1), 2), (Mark::Own(2), 5)]);
    assert_eq!((pane.buffer.lines(), pane.buffer.received()), (4, 4));
    pane.buffer.set_filter(Filter {
        query: Some(Query::new("nothing has this", Syntax::Plain).unwrap()),
        ..Filter::default()
    });
    pane.buffer.mute(|_| true);
    assert_eq!(marks(&pane), [(Mark::Own(1), 0), (Mark::Own(2), 1)]);
    assert_eq!(pane.buffer.shown_lines(), 0);
    for _ in 0..MARKS_MAX {
        pane.mark(now);
    }
    let kept = marks(&pane);
    assert_eq!((kept.len(), kept[0].0), (MARKS_MAX, Mark::Own(3)));
    let services = pane.services.clone();
    pane.turn_to(services.clone());
    assert_eq!(marks(&pane).len(), MARKS_MAX, "the same services");
    pane.turn_to(services[..1].to_vec());
    assert_eq!(marks(&pane), []);
    assert_eq!(LogPane::new(1, 1).mark(now), None);
}

#[test]
fn a_rule_stands_where_the_reader_stopped_until_he_follows_again() {
    let mut rng = Rng::with_seed(5);
    let mut pane = pane(1 << 20);
    let mut come = |pane: &mut LogPane, seconds: &[i64]| {
        arrive(pane, ServiceKind::Redis, Arrival::New, seconds, &mut rng);
        pane.settle();
    };
    come(&mut pane, &[1, 2, 3]);
    pane.toggle_follow();
    assert_eq!(marks(&pane), []);
    come(&mut pane, &[3, 4]);
    come(&mut pane, &[5]);
    assert_eq!(marks(&pane), [(Mark::New, 3)]);
    pane.toggle_follow();
    come(&mut pane, &[6]);
    assert_eq!(marks(&pane), []);
}
