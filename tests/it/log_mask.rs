//! Secrets in the log pane: hidden wherever lines are seen, shown only after a question, and not for long.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::fixture::*;
use cchub::{
    app::{Model, Msg},
    domain::{
        LogStream::{Err, Out},
        Secret,
        ServiceKind::{Backend, Postgres},
        log::SIGN,
    },
    hub::LogEvent,
};
use ratatui::style::Modifier;
use std::time::Duration;

/// The password of `shop`'s database.
const PASSWORD: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// The merged log of `shop` on the full screen. The backend says too much.
pub fn shop() -> Model {
    let mut model = fleet();
    play(&mut model, "l");
    select(&mut model, "shop", None);
    play(&mut model, "enter");
    let id = model.logs.follow.unwrap().0;
    let (begin, end) = PASSWORD.split_at(9);
    let secrets = || LogEvent::Secrets(vec![Secret::new(PASSWORD)]);
    model.update(batch(
        id,
        "shop",
        Backend,
        vec![
            secrets(),
            line(40, "INFO:     GET /health 200", Out),
            line(
                39,
                &format!("pool postgresql://shop:{PASSWORD}@postgres:5432/shop open"),
                Out,
            ),
            line(
                38,
                &format!("debug: \x1b[31m{begin}\x1b[0m{end} again"),
                Out,
            ),
            line(
                37,
                "{\"user\":\"ada\",\"api_key\":\"made-up-key\",\"status\":401}",
                Out,
            ),
            line(36, "Authorization: Bearer made.up.token", Err),
            line(35, "token count=5, secrets loaded", Out),
        ],
    ));
    model.update(batch(
        id,
        "shop",
        Postgres,
        vec![
            secrets(),
            line(
                30,
                "FATAL:  password authentication failed for user \"ada\"",
                Err,
            ),
            line(
                29,
                &format!("STATEMENT:  ALTER USER ada PASSWORD '{PASSWORD}'"),
                Err,
            ),
        ],
    ));
    screen(&mut model, 80, 24);
    model
}

fn later(model: &mut Model) {
    let up = model.up + Duration::from_millis(200);
    model.update(Msg::Clock { now: model.now, up });
}

/// True if anything that is not to be seen is on the screen.
fn tells(model: &mut Model) -> bool {
    let text = screen(model, 200, 40);
    [PASSWORD.split_at(16).0, "made-up-key", "made.up.token"]
        .iter()
        .any(|word| text.contains(word))
}

/// Asks for the secrets and says yes.
pub fn show(model: &mut Model) {
    play(model, "P");
    later(model);
    play(model, "y");
}

#[test]
fn p70_the_log_pane_tells_no_secret_until_the_operator_means_it() {
    let mut model = shop();
    assert!(!tells(&mut model));
    let text = screen(&mut model, 200, 40);
    assert_eq!(text.matches(SIGN).count(), 5, "{text}");
    assert!(text.contains("postgresql://shop:******@postgres"), "{text}");
    assert!(text.contains("token count=5, secrets loaded"), "{text}");

    // Typed ahead, the way back, and the button that is focused.
    play(&mut model, "P y");
    assert!(model.overlay.is_some() && !tells(&mut model));
    for no in ["n", "esc", "enter"] {
        later(&mut model);
        play(&mut model, no);
        assert!(model.overlay.is_none() && !tells(&mut model), "{no}");
        play(&mut model, "P");
    }
    later(&mut model);
    play(&mut model, "right enter");
    assert!(tells(&mut model));
    assert!(screen(&mut model, 80, 24).contains("secrets shown"));

    play(&mut model, "P");
    assert!(
        model.overlay.is_none() && !tells(&mut model),
        "hidden at once"
    );
    assert!(!screen(&mut model, 80, 24).contains("secrets shown"));
}

#[test]
fn another_log_hides_them_again() {
    let mut model = shop();
    show(&mut model);
    assert!(tells(&mut model));
    play(&mut model, "esc");
    select(&mut model, "shop", Some(Backend));
    play(&mut model, "enter");
    assert!(!model.logs.guard.is_open());
    let id = model.logs.follow.unwrap().0;
    let words = "api_key=made-up-key";
    model.update(batch(id, "shop", Backend, vec![line(5, words, Out)]));
    assert!(!tells(&mut model));
    assert!(screen(&mut model, 80, 24).contains("api_key=******"));

    // A question about a log that is gone when it is answered opens no other.
    play(&mut model, "P");
    let asked = model.overlay.take();
    play(&mut model, "esc");
    select(&mut model, "crm", Some(Backend));
    model.overlay = asked;
    later(&mut model);
    play(&mut model, "y");
    assert!(!model.logs.guard.is_open());
}

#[test]
fn a_search_finds_what_is_hidden_and_marks_only_what_is_seen() {
    let mut model = shop();
    play(&mut model, "/");
    model.update(Msg::Paste(PASSWORD.to_owned()));
    play(&mut model, "enter");
    assert_eq!(model.logs.buffer.found_len(), 3);
    let marked = |model: &mut Model| {
        let backend = draw(model, 200, 40, &look("dark"));
        let cells = backend.buffer().content();
        let marks = Modifier::REVERSED | Modifier::UNDERLINED;
        cells
            .iter()
            .filter(|cell| cell.modifier.contains(marks))
            .count()
    };
    assert_eq!(marked(&mut model), 0);
    show(&mut model);
    assert_eq!(marked(&mut model), PASSWORD.len());
}

#[test]
fn what_is_hidden_takes_no_room() {
    let mut model = shop();
    play(&mut model, "w");
    screen(&mut model, 80, 24);
    let rows = |model: &Model| {
        let rows = model.logs.buffer.walk(cchub::app::logs::Key::FIRST);
        rows.map(|shown| model.logs.rows_of(shown.row))
            .sum::<usize>()
    };
    assert_eq!(rows(&model), 8);
    show(&mut model);
    assert_eq!(rows(&model), 12);
}

#[test]
fn what_is_told_is_no_row() {
    let mut model = shop();
    play(&mut model, "g");
    let (lines, place) = (model.logs.buffer.received(), model.logs.place);
    let id = model.logs.follow.unwrap().0;
    let told = LogEvent::Secrets(vec![Secret::new("authentication failed")]);
    model.update(batch(id, "shop", Postgres, vec![told]));
    assert_eq!(
        (model.logs.buffer.received(), model.logs.place),
        (lines, place)
    );
    let text = screen(&mut model, 200, 40);
    assert!(
        text.contains("password ****** for user"),
        "what was there before is hidden, too: {text}"
    );
}
