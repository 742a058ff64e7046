//! No size, in no state, makes the screen panic.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::{fixture::*, support::random_input::Numbers};
use cchub::{
    app::Model,
    domain::{
        LogStream::Out,
        ServiceKind::{Backend, Postgres},
    },
    hub::{JobState, Verb},
};

/// The screen in every state that draws something of its own.
fn states() -> Vec<(&'static str, Model)> {
    let with = |keys: &str| {
        let mut model = fleet();
        select(&mut model, "shop", Some(Postgres));
        play(&mut model, keys);
        model
    };
    let mut logs = with("l");
    let id = logs.logs.follow.unwrap().0;
    let lines = (0..60).map(|n| {
        line(
            100 - n,
            &"漢字 wide and\ttabs \u{1b}[31mred\u{1b}[0m ".repeat(9),
            Out,
        )
    });
    logs.update(batch(id, "shop", Postgres, lines.collect()));
    let mut wrapped = with("l enter w");
    let id = wrapped.logs.follow.unwrap().0;
    let lines = (0..60).map(|n| line(100 - n, &"0123456789".repeat(30), Out));
    wrapped.update(batch(id, "shop", Backend, lines.collect()));
    let mut busy = with("J");
    busy.update(cchub::app::Msg::Fact(job(
        1,
        Verb::Start,
        target("shop", None),
        JobState::Running,
    )));
    let mut lost_engine = fleet();
    lost_engine.update(cchub::app::Msg::Fact(lost()));
    vec![
        ("nothing", empty()),
        ("why", with("d")),
        ("why full", with("enter")),
        ("logs", logs),
        ("wrapped", wrapped),
        ("limits", with("L tab x")),
        ("marks", with("space up ctrl-space l")),
        ("services", with("left space up right space l S space")),
        ("help", with("?")),
        ("confirm", with("r")),
        ("palette", with(": s")),
        ("menu", with("x")),
        ("form", with("a X tab x tab")),
        ("filter", with("/ s h")),
        ("busy", busy),
        ("no engine", lost_engine),
    ]
}

#[test]
fn p24_every_size_draws_without_panic() {
    let mut drawn = 0;
    for (what, mut model) in states() {
        for w in (0..=120)
            .step_by(3)
            .chain([38, 39, 40, 41, 79, 80, 81, 500])
        {
            for h in (0..=50).step_by(3).chain([9, 10, 11, 15, 16, 17, 200]) {
                let text = screen(&mut model, w, h);
                let small = text.contains("needs 40×10") || w < 20 || h == 0;
                assert_eq!(w < 40 || h < 10, small, "{what} {w}×{h}:\n{text}");
                drawn += 1;
            }
        }
    }
    assert!(drawn > 10_000);
}

#[test]
fn p24_keys_at_any_size_do_no_harm() {
    let keys = "down right l space up pageup g G w left right t f tab L tab 9 enter esc x down enter esc ? esc : esc d enter pagedown esc";
    for (w, h) in [
        (0, 0),
        (1, 1),
        (2, 1),
        (39, 9),
        (40, 10),
        (60, 16),
        (80, 24),
        (500, 200),
    ] {
        let mut model = fleet();
        for key in keys.split(' ') {
            screen(&mut model, w, h);
            play(&mut model, key);
            screen(&mut model, w, h);
        }
    }
}

#[test]
fn p24_a_thousand_random_sizes_in_every_state() {
    let mut numbers = Numbers::new(1000);
    for (what, mut model) in states() {
        for _ in 0..1000 {
            let (w, h) = (numbers.below(180) as u16, numbers.below(60) as u16);
            let text = screen(&mut model, w, h);
            let small = text.contains("needs 40×10") || w < 20 || h == 0;
            assert_eq!(w < 40 || h < 10, small, "{what} {w}×{h}");
        }
    }
}
