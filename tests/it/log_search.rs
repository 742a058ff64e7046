//! Search, filter and levels of the log pane, by keys, as the reader sees them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::fixture::*;
use cchub::{
    app::{Model, Msg, logs::Place},
    domain::{
        LogStream::{Err, Out},
        Safe,
        ServiceKind::{Backend, Frontend, Postgres},
    },
    hub::LogEvent,
};
use ratatui::style::Modifier;

/// The merged log of `shop` on the full screen: a trace, a statement that failed, a restart.
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
        vec![
            line(40, "LOG:  checkpoint starting: time", Err),
            line(
                30,
                "ERROR:  canceling statement due to statement timeout",
                Err,
            ),
            line(30, "STATEMENT:  select * from orders", Err),
        ],
    ));
    model.update(batch(
        id,
        "shop",
        Backend,
        vec![
            line(39, "INFO:     GET /health 200", Out),
            line(29, "ERROR:    Exception in ASGI application", Err),
            line(29, "Traceback (most recent call last):", Err),
            line(29, "  File \"/app/main.py\", line 3, in show", Err),
            line(29, "TimeoutError: upstream", Err),
            line(28, "INFO:     GET /health 200", Out),
            line(27, "WARNING:  retrying", Err),
        ],
    ));
    let notice = LogEvent::Notice(at(26), Safe::new("restarted: exit 1 after 3d 4h"));
    model.update(batch(
        id,
        "shop",
        Frontend,
        vec![notice, line(16, "ready in 412 ms", Out)],
    ));
    screen(&mut model, 80, 24);
    model
}

/// `backend` of `crm` on the full screen with so many numbered lines; every tenth says `ten`.
fn numbered(n: i64) -> Model {
    let mut model = fleet();
    select(&mut model, "crm", Some(Backend));
    play(&mut model, "l enter");
    screen(&mut model, 80, 24);
    for from in (0..n).step_by(250) {
        more(&mut model, from, (n - from).min(250));
    }
    model
}

fn more(model: &mut Model, from: i64, n: i64) {
    let id = model.logs.follow.unwrap().0;
    let word = |n: i64| if n % 10 == 0 { " ten" } else { "" };
    let lines = (from..from + n)
        .map(|n| line(900_000 - n, &format!("line {n}{}", word(n)), Out))
        .collect();
    model.update(batch(id, "crm", Backend, lines));
}

fn title(model: &mut Model) -> String {
    screen(model, 120, 24).lines().nth(1).unwrap().to_owned()
}

fn body(model: &mut Model) -> Vec<String> {
    let text = screen(model, 120, 24);
    text.lines().skip(2).take(21).map(str::to_owned).collect()
}

#[test]
fn every_match_is_highlighted_and_the_one_where_the_reader_stands_more() {
    let mut model = shop();
    play(&mut model, "/ t i m e o u t enter");
    let backend = draw(&mut model, 80, 24, &look("dark"));
    let buffer = backend.buffer();
    let cells = |modifier: Modifier| {
        let all = (0..24).flat_map(|y| (0..80).map(move |x| (x, y)));
        all.filter(|at| buffer[*at].modifier.contains(modifier))
            .map(|at| buffer[at].symbol())
            .collect::<String>()
    };
    assert_eq!(cells(Modifier::REVERSED), "timeoutTimeout");
    assert_eq!(cells(Modifier::REVERSED | Modifier::UNDERLINED), "Timeout");
}

#[test]
fn next_and_previous_walk_through_the_matches_and_say_where_they_end() {
    let mut model = numbered(500);
    play(&mut model, "/ t e n enter");
    assert!(
        title(&mut model).contains("/ten 50/50"),
        "{}",
        title(&mut model)
    );
    assert_eq!(model.logs.place, Place::Live, "it was visible already");
    play(&mut model, "n");
    let text = screen(&mut model, 120, 24);
    assert!(text.contains("no newer line matches"), "{text}");
    play(&mut model, "N N N N");
    assert!(title(&mut model).contains("/ten 46/50"));
    assert!(
        body(&mut model)
            .iter()
            .any(|row| row.ends_with("line 450 ten"))
    );
    assert!(matches!(model.logs.place, Place::Paused { .. }));
    play(&mut model, "n");
    assert!(title(&mut model).contains("/ten 47/50"));
    play(&mut model, "esc");
    assert!(!title(&mut model).contains("/ten"));
}

#[test]
fn a_search_finds_what_stands_above_and_esc_comes_back() {
    let mut model = numbered(1_000);
    let before = body(&mut model);
    play(&mut model, "/ l i n e space 3 1 4");
    assert!(body(&mut model).iter().any(|row| row.ends_with("line 314")));
    play(&mut model, "esc");
    assert_eq!(body(&mut model), before);
    assert_eq!(model.logs.place, Place::Live);
}

#[test]
fn a_view_with_search_and_filter_never_moves_because_lines_arrive() {
    for keys in [
        "/ t e n enter N N N N N",
        "& t e n enter pageup",
        "& ! t e n enter pageup / 7 enter N",
    ] {
        let mut model = numbered(900);
        play(&mut model, keys);
        let before = body(&mut model);
        more(&mut model, 900, 400);
        assert_eq!(body(&mut model), before, "{keys}");
        model.update(clock(1_000));
        assert_eq!(body(&mut model), before, "{keys}");
        play(&mut model, "G");
        assert!(body(&mut model).join("\n").contains("129"), "{keys}");
    }
}

#[test]
fn matches_are_counted_and_filtered_while_lines_arrive() {
    let mut model = numbered(100);
    play(&mut model, "/ t e n enter");
    more(&mut model, 100, 100);
    assert!(title(&mut model).contains("/ten 10/20"));
    play(&mut model, "esc & t e n enter");
    assert!(title(&mut model).contains("20 of 200 lines match"));
    more(&mut model, 200, 100);
    assert!(title(&mut model).contains("30 of 300 lines match"));
    let rows = body(&mut model);
    assert!(
        rows.iter().any(|row| row.ends_with("line 290 ten")) && rows[20].contains("290"),
        "{rows:?}"
    );
}

#[test]
fn a_large_buffer_is_searched_in_slices_and_keys_go_on() {
    let mut model = numbered(20_000);
    play(&mut model, "/ l i n e space 7 enter");
    assert!(
        title(&mut model).contains("so far"),
        "{}",
        title(&mut model)
    );
    assert_eq!(
        model.wake_at(),
        model.up,
        "the rest is looked at as soon as nothing else is to do"
    );
    let mut slices = 0;
    while model.wake_at() == model.up {
        model.update(Msg::Clock {
            now: model.now,
            up: model.up,
        });
        slices += 1;
        assert!(slices < 100);
    }
    // 7, 70 to 79, 700 to 799, 7000 to 7999; the newest is where the reader went.
    assert!(
        title(&mut model).contains("1,111/1,111"),
        "{}",
        title(&mut model)
    );
    assert!(slices >= 3);
}

#[test]
fn a_filter_keeps_an_entry_together_and_its_inverse_hides_all_of_it() {
    let mut model = shop();
    play(&mut model, "& m a i n . p y enter");
    let text = body(&mut model).join("\n");
    for part in ["Exception in ASGI", "Traceback", "main.py", "TimeoutError"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("checkpoint"));
    play(&mut model, "& home ! enter");
    let text = body(&mut model).join("\n");
    assert!(
        !text.contains("Exception in ASGI") && text.contains("checkpoint"),
        "{text}"
    );
    assert!(title(&mut model).contains("&!main.py"));
    play(&mut model, "esc");
    assert!(body(&mut model).join("\n").contains("Traceback"));
}

#[test]
fn search_and_filter_from_the_palette_go_to_the_log() {
    let mut model = fleet();
    select(&mut model, "shop", None);
    play(&mut model, ": f i l t e r - l i n e s enter x");
    assert_eq!(model.logs.asking.as_ref().unwrap().field.text(), "x");
    play(&mut model, "esc q");
    assert!(model.logs.asking.is_none() && model.logs.buffer.sieve().shows_all());
}
