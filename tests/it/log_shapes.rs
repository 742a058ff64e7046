//! How the log pane shows lines: JSON as printed, flat and pretty, times, marks, the rule above what is new.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::fixture::*;
use cchub::{
    app::Model,
    domain::{
        LogStream::{Err, Out},
        ServiceKind::{Backend, Postgres},
    },
};
use ratatui::style::Modifier;
use std::time::Duration;

/// The merged log of `shop` on the full screen, with entries in JSON.
pub fn shop() -> Model {
    let mut model = fleet();
    play(&mut model, "l");
    select(&mut model, "shop", None);
    play(&mut model, "enter");
    let id = model.logs.follow.unwrap().0;
    model.update(batch(
        id,
        "shop",
        Postgres,
        vec![line(4_000, "LOG:  checkpoint starting: time", Err)],
    ));
    model.update(batch(
        id,
        "shop",
        Backend,
        vec![
            line(200, r#"{"level":"info","time":"2001-09-09T01:43:19Z","msg":"request","req":{"method":"GET","path":"/api/orders","user":{"id":4711}},"took_ms":14.2}"#, Out),
            line(192, r#"worker-1 {"severity":"ERROR","message":"upstream failed","error":{"type":"TimeoutError","stack":"TimeoutError: upstream\n    at fetch (/app/fetch.js:31:9)\n    at async show (/app/main.js:12:3)"},"retry":true}"#, Err),
            line(12, "INFO:     GET /health 200", Out),
            line(11, r#"{"message":"\u001b[2J\u202eodd","k\u0007":"a\u009bb"}"#, Out),
        ],
    ));
    screen(&mut model, 80, 24);
    model
}

fn title(model: &mut Model) -> String {
    screen(model, 120, 24).lines().nth(1).unwrap().to_owned()
}

#[test]
fn a_search_marks_what_it_finds_in_pretty_json() {
    let mut model = shop();
    play(&mut model, "J J w / t i m e o u t e r r o r enter");
    let shown = draw(&mut model, 120, 40, &look("dark"));
    let all = (0..40).flat_map(|y| (0..120).map(move |x| (x, y)));
    let reversed = all.filter(|at| shown.buffer()[*at].modifier.contains(Modifier::REVERSED));
    let found: String = reversed.map(|at| shown.buffer()[at].symbol()).collect();
    assert_eq!(found, "TimeoutErrorTimeoutError");
    play(&mut model, "esc J");
    assert!(!title(&mut model).contains("JSON"));
}

#[test]
fn a_tall_entry_scrolls_by_rows_and_sideways() {
    let mut model = shop();
    play(&mut model, "J J g");
    let whole = screen(&mut model, 80, 24);
    let row = |text: &str, n: usize| text.lines().nth(n).unwrap().trim_end().to_owned();
    play(&mut model, "G k k");
    for _ in 0..60 {
        play(&mut model, "k");
    }
    assert_eq!(
        screen(&mut model, 80, 24).lines().nth(2),
        whole.lines().nth(2)
    );
    let mut small_model = shop();
    play(&mut small_model, "J J");
    screen(&mut small_model, 60, 16);
    play(&mut small_model, "g j j j");
    let small = screen(&mut small_model, 60, 16);
    assert_eq!(
        row(&small, 2),
        row(&whole, 5),
        "three rows are above the pane"
    );
    play(&mut small_model, "right");
    let moved = screen(&mut small_model, 60, 16);
    assert_ne!(row(&moved, 2), row(&small, 2));
    assert_eq!(
        small_model.logs.shift, 10,
        "no farther than the longest row"
    );
}

#[test]
fn times_are_local_utc_passed_or_nothing_and_the_clock_moves_only_what_is_seen() {
    let mut model = shop();
    play(&mut model, "t");
    assert!(title(&mut model).contains("UTC"));
    play(&mut model, "t");
    assert!(screen(&mut model, 80, 24).contains("    -12s backend"));
    let mut draws = 0;
    for second in 1..=5 {
        model.take_dirty();
        model.update(clock(10_000 + second * 1_000));
        draws += usize::from(model.take_dirty());
    }
    assert_eq!(draws, 5, "a line of seconds is on the screen");
    assert!(screen(&mut model, 80, 24).contains("    -27s backend"));
    assert!(model.wake_at() <= model.up + Duration::from_secs(1));
    // Only the oldest line is left on the screen: it says minutes.
    play(&mut model, "& c h e c k p o i n t enter");
    while model.logs.work() {}
    let text = screen(&mut model, 80, 24);
    assert!(text.contains(" -1h06m postgres"), "{text}");
    draws = 0;
    for second in 16..=80 {
        model.take_dirty();
        model.update(clock(second * 1_000));
        draws += usize::from(model.take_dirty());
    }
    assert_eq!(
        draws, 3,
        "two minutes of the line, one of the header's clock"
    );
    play(&mut model, "t");
    assert!(!screen(&mut model, 80, 24).contains("-1h0"));
}

/// Three marks; the reader stopped after the second one.
pub fn marked() -> Model {
    let mut model = shop();
    play(&mut model, "m");
    let id = model.logs.follow.unwrap().0;
    model.update(batch(id, "shop", Backend, vec![line(10, "one more", Out)]));
    play(&mut model, "m F");
    let more = (0..9).map(|n| line(9 - n, &format!("new {n}"), Out));
    model.update(batch(id, "shop", Backend, more.collect()));
    play(&mut model, "m");
    model
}

#[test]
fn a_mark_stays_between_the_lines_where_it_was_put() {
    let mut model = marked();
    play(&mut model, "F");
    let text = screen(&mut model, 120, 40);
    assert!(
        !text.contains("new below") && text.contains("mark 3"),
        "{text}"
    );
    let id = model.logs.follow.unwrap().0;
    model.update(batch(id, "shop", Backend, vec![line(0, "last", Out)]));
    let text = screen(&mut model, 120, 40);
    let place = |word: &str| text.find(word).unwrap();
    assert!(place("mark 3") < place("last") && place("new 8") < place("mark 3"));
}
