//! Which part of a log is asked for: by keys, by a time, and by going to its top.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::fixture::*;
use cchub::{
    app::{Effect, Model, Msg, logs::Place},
    domain::{LogStream::Out, ServiceKind::Backend, log::Window},
    hub::{Arrival, Command, Follow, LogBatch, LogEvent, Older},
};

/// `backend` of `crm` on the full screen with lines of 100 to 51 seconds ago.
fn reading() -> Model {
    let mut model = fleet();
    select(&mut model, "crm", Some(Backend));
    play(&mut model, "l enter");
    screen(&mut model, 100, 24);
    come(&mut model, lines(100, 50), Arrival::New);
    model
}

fn lines(seconds_ago: i64, n: i64) -> Vec<LogEvent> {
    let line = |ago: i64| line(ago, &format!("line {ago}"), Out);
    (0..n).map(|n| line(seconds_ago - n)).collect()
}

fn come(model: &mut Model, events: Vec<LogEvent>, arrival: Arrival) {
    let id = model.logs.follow.unwrap().0;
    let Msg::Logs(new) = batch(id, "crm", Backend, events) else {
        unreachable!()
    };
    model.update(Msg::Logs(LogBatch { arrival, ..new }));
    model.update(clock(1000));
}

fn follow_of(effects: &[Effect]) -> Option<&Follow> {
    effects.iter().find_map(|effect| match effect {
        Effect::Hub(Command::Follow(follow)) => Some(follow),
        _ => None,
    })
}

fn older_of(effects: &[Effect]) -> Vec<Older> {
    let older = |effect: &Effect| match effect {
        Effect::Hub(Command::Older(older)) => Some(older.clone()),
        _ => None,
    };
    effects.iter().filter_map(older).collect()
}

fn top_line(model: &mut Model) -> String {
    let screen = screen(model, 100, 24);
    screen.lines().nth(2).unwrap().to_owned()
}

#[test]
fn a_number_asks_for_another_part_of_the_log_and_the_title_says_which() {
    let mut model = reading();
    for (key, window, label) in [
        ("1", Window::Head(1000), "[1 head]"),
        ("2", Window::Since(at(60)), "[2 1m]"),
        ("3", Window::Since(at(300)), "[3 5m]"),
        ("4", Window::Since(at(900)), "[4 15m]"),
        ("5", Window::Since(at(1800)), "[5 30m]"),
        ("6", Window::Since(at(3600)), "[6 1h]"),
        ("0", Window::Tail(100), "[0 tail]"),
    ] {
        model.now = at(0);
        let old = model.logs.follow.unwrap();
        let effects = play(&mut model, key);
        assert_eq!(effects[0], Effect::Hub(Command::Unfollow(old)), "{key}");
        assert_eq!(follow_of(&effects).unwrap().window, window, "{key}");
        let screen = screen(&mut model, 80, 24);
        assert!(screen.contains(label), "{label}: {screen}");
    }
}

#[test]
fn a_time_that_is_there_is_gone_to_and_another_one_is_asked_for() {
    let mut model = reading();
    model.now = at(0);
    assert!(follow_of(&play(&mut model, "T - 8 5 enter")).is_none());
    assert!(top_line(&mut model).contains("line 85"));
    assert!(matches!(model.logs.place, Place::Paused { .. }));
    let effects = play(&mut model, "T - 5 m enter");
    let window = Window::From {
        at: at(300),
        lines: 10_000,
    };
    assert_eq!(follow_of(&effects).unwrap().window, window);
    come(&mut model, lines(300, 100), Arrival::New);
    assert!(top_line(&mut model).contains("line 300"));
    // What is typed wrongly stays, and the footer says what may be typed.
    assert!(play(&mut model, "T 1 4 enter").is_empty());
    let said = screen(&mut model, 100, 24);
    assert!(said.contains("write 14:05, 14:05:30, -10m or"), "{said}");
    play(&mut model, "esc");
    // Following again is at the log's end, not at that of this part.
    let effects = play(&mut model, "F");
    assert_eq!(follow_of(&effects).unwrap().window, Window::Tail(100));
    assert_eq!(model.logs.place, Place::Live);
}

#[test]
fn going_to_the_top_asks_for_older_lines_which_come_without_moving_the_reader() {
    let mut model = reading();
    assert!(
        older_of(&play(&mut model, "k")).is_empty(),
        "not at the top"
    );
    let wishes = older_of(&play(&mut model, "g"));
    let [wish] = wishes.as_slice() else {
        panic!("{wishes:?}");
    };
    assert_eq!((wish.same, wish.kept), (1, 50));
    assert!(
        older_of(&play(&mut model, "k pageup")).is_empty(),
        "one at a time"
    );
    // No room in the queue: it may be asked for again.
    model.update(Msg::Unsent(Command::Older(wish.clone())));
    assert_eq!(older_of(&play(&mut model, "k")).len(), 1);
    come(&mut model, lines(130, 30), Arrival::Older { all: false });
    assert!(top_line(&mut model).contains("line 100"));
    assert!(older_of(&play(&mut model, "k")).is_empty());
    assert!(top_line(&mut model).contains("line 101"));
    let wishes = older_of(&play(&mut model, "g"));
    assert_eq!((wishes[0].same, wishes[0].kept), (1, 80));
    come(&mut model, lines(140, 10), Arrival::Older { all: true });
    play(&mut model, "g");
    assert!(top_line(&mut model).contains("no older lines"));
    assert!(older_of(&play(&mut model, "k g")).is_empty());
    assert_eq!(model.logs.buffer.lines(), 90);
}
