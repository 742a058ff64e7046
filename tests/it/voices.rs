//! The services of a merged log, muted and alone, by key, palette and mouse; chips that are clicked away; lines around
//! what a filter wants; one text to search and to filter.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::fixture::*;
use cchub::{
    app::{Model, logs::Place, overlay::Overlay},
    domain::{
        LogStream::{Err, Out},
        ServiceKind::{Backend, Frontend, Postgres, Redis},
    },
};

const NARROW: (u16, u16) = (72, 24);
const WIDE: (u16, u16) = (160, 40);

/// The merged log of `shop` on the full screen: three errors and a warning among nine lines of three services.
pub fn shop() -> Model {
    let mut model = fleet();
    play(&mut model, "l");
    select(&mut model, "shop", None);
    play(&mut model, "enter");
    screen(&mut model, 80, 24);
    for (kind, lines) in [
        (
            Postgres,
            vec!["LOG:  checkpoint", "ERROR:  deadlock detected"],
        ),
        (Redis, vec!["Ready to accept connections"]),
        (
            Backend,
            vec![
                "INFO: one",
                "INFO: two",
                "ERROR: timeout",
                "INFO: three",
                "WARNING: slow",
                "ERROR: gone",
            ],
        ),
    ] {
        let lines = (0..).zip(lines).map(|(n, text)| line(40 - n, text, Err));
        let id = model.logs.follow.unwrap().0;
        model.update(batch(id, "shop", kind, lines.collect()));
    }
    model
}

fn title(model: &mut Model) -> String {
    screen(model, WIDE.0, WIDE.1)
        .lines()
        .nth(1)
        .unwrap()
        .to_owned()
}

/// The rows of the log, without what stands before their texts.
fn body(model: &mut Model) -> Vec<String> {
    let text = screen(model, WIDE.0, WIDE.1);
    let rows = text.lines().skip(2).filter(|row| row.contains('▏'));
    rows.map(|row| row.split('▏').nth(1).unwrap().trim().to_owned())
        .collect()
}

#[test]
fn by_key_a_service_is_muted_and_another_is_alone() {
    let mut model = shop();
    play(&mut model, "S j space");
    assert!(model.logs.is_muted(&id("shop", Redis)));
    assert!(
        matches!(model.overlay, Some(Overlay::Services(1))),
        "the list stays"
    );
    play(&mut model, "space k space esc");
    assert!(model.logs.is_muted(&id("shop", Postgres)) && model.logs.muted_count() == 1);
    assert_eq!(body(&mut model).len(), 7);
    assert!(title(&mut model).contains("7 of 9 lines · (postgres) E1  redis"));
    play(&mut model, "S j j enter");
    assert!(model.overlay.is_none());
    assert!(
        title(&mut model)
            .contains("6 of 9 lines · (postgres) E1  (redis)  backend E2 W1  (frontend)")
    );
    play(&mut model, "S j j enter");
    assert!(
        title(&mut model)
            .contains("─ LIVE · 9 lines · postgres E1  redis  backend E2 W1  frontend ─")
    );
}

#[test]
fn by_the_palette_too() {
    let mut model = shop();
    play(&mut model, ": s o l o space b enter");
    assert_eq!(model.logs.muted_count(), 3);
    assert!(!model.logs.is_muted(&id("shop", Backend)));
    play(&mut model, ": m u t e space f r o n enter");
    assert!(!model.logs.is_muted(&id("shop", Frontend)), "shown again");
    play(&mut model, "esc : s e r v i c e s enter");
    assert!(matches!(model.overlay, Some(Overlay::Services(0))));
}

#[test]
fn by_a_click_on_a_name_or_on_its_counts() {
    for (size, name) in [(WIDE, "backend E"), (NARROW, "b E2")] {
        let mut model = shop();
        click(&mut model, size, 1, name);
        let muted = [Postgres, Redis, Frontend].map(|kind| model.logs.is_muted(&id("shop", kind)));
        assert_eq!((muted, model.logs.muted_count()), ([true; 3], 3));
        click(&mut model, WIDE, 1, "backend E");
        assert_eq!(model.logs.muted_count(), 0);
        click(&mut model, size, 1, "E2");
        assert!(model.logs.is_muted(&id("shop", Backend)) && model.logs.muted_count() == 1);
        click(&mut model, WIDE, 1, "W1");
        assert_eq!(model.logs.muted_count(), 0);
    }
    // The sums lead to the list.
    let mut model = shop();
    click(&mut model, NARROW, 1, "b E2");
    click(&mut model, (60, 24), 1, "E2 W1 3 muted");
    assert!(matches!(model.overlay, Some(Overlay::Services(0))));
}

#[test]
fn a_click_in_the_list_mutes_and_the_list_stays() {
    let mut model = shop();
    play(&mut model, "S");
    let text = screen(&mut model, 80, 24);
    let y = text
        .lines()
        .position(|row| row.contains("redis") && row.contains('│'))
        .unwrap();
    click(&mut model, NARROW, u16::try_from(y).unwrap(), "redis");
    assert!(model.logs.is_muted(&id("shop", Redis)));
    assert!(matches!(model.overlay, Some(Overlay::Services(1))));
}

#[test]
fn one_service_has_nobody_to_mute() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Backend));
    play(&mut model, "l enter S");
    assert!(model.overlay.is_none());
    assert!(screen(&mut model, 80, 24).contains("there is nothing to mute beside it"));
}

#[test]
fn lines_that_come_while_a_service_is_muted_are_there_when_it_is_back() {
    let mut model = shop();
    play(&mut model, "S space esc");
    let id = model.logs.follow.unwrap().0;
    model.update(batch(
        id,
        "shop",
        Postgres,
        vec![line(10, "LOG: meanwhile", Err)],
    ));
    assert!(!body(&mut model).contains(&"LOG: meanwhile".to_owned()));
    assert!(title(&mut model).contains("7 of 10 lines"));
    play(&mut model, "S space esc");
    assert_eq!(body(&mut model).last().unwrap(), "LOG: meanwhile");
}

#[test]
fn who_mutes_all_that_speak_is_told_so() {
    let mut model = shop();
    play(&mut model, "S G enter");
    let text = screen(&mut model, 80, 24);
    assert!(
        text.contains("0 of 9 lines: 3 muted, S lists them."),
        "{text}"
    );
}

#[test]
fn a_click_on_a_chip_takes_it_away_and_nothing_else() {
    let mut model = shop();
    play(&mut model, "e E & e enter C / t enter");
    let chips = ["≥ warning", "stderr", "&e", "±3", "/t"];
    let there = |model: &mut Model| {
        let title = title(model);
        chips.map(|chip| title.contains(chip))
    };
    assert_eq!(there(&mut model), [true; 5], "{}", title(&mut model));
    for (n, expected) in [
        (2, [true, true, false, true, true]),
        (4, [true, true, false, true, false]),
        (3, [true, true, false, false, false]),
        (0, [false, true, false, false, false]),
        (1, [false; 5]),
    ] {
        click(&mut model, WIDE, 1, chips[n]);
        assert_eq!(there(&mut model), expected, "{}", chips[n]);
    }
    // One that is typed just now goes with its text.
    play(&mut model, "& x");
    click(&mut model, WIDE, 1, "&x");
    assert!(model.logs.asking.is_none() && model.logs.buffer.sieve().shows_all());
}

#[test]
fn lines_around_what_a_filter_wants_come_by_three_and_ten() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Backend));
    play(&mut model, "l enter");
    screen(&mut model, WIDE.0, WIDE.1);
    let id = model.logs.follow.unwrap().0;
    let word = |n: i64| if n == 50 { " here" } else { "" };
    let lines = (0..100).map(|n| line(900 - n, &format!("line {n}{}", word(n)), Err));
    model.update(batch(id, "crm", Backend, lines.collect()));
    play(&mut model, "C");
    assert!(!title(&mut model).contains('±'), "nothing is hidden yet");
    assert!(
        screen(&mut model, 80, 24)
            .contains("3 lines around what a filter shows, once there is one")
    );
    model.toasts.clear();
    play(&mut model, "& h e r e enter");
    assert_eq!(body(&mut model).len(), 7);
    assert!(title(&mut model).contains("7 of 100 lines match · &here · ±3"));
    play(&mut model, "C");
    assert_eq!(
        (body(&mut model).len(), body(&mut model)[0].as_str()),
        (21, "line 40")
    );
    play(&mut model, "C");
    assert_eq!(body(&mut model), ["line 50 here"]);
    // What is hidden for its text has no surroundings.
    play(&mut model, "C & home ! enter");
    assert!(title(&mut model).contains("99 of 100 lines match · &!here ─"));
}

#[test]
fn the_same_text_searches_and_filters() {
    let mut model = shop();
    play(&mut model, "/ t i m e o u t enter");
    assert_eq!(body(&mut model).len(), 9);
    // The search's text filters at once; Esc leaves the search as it was.
    play(&mut model, "&");
    assert_eq!(body(&mut model), ["ERROR: timeout"]);
    play(&mut model, "esc");
    assert!(body(&mut model).len() == 9 && title(&mut model).contains("/timeout"));
    // Tab: the filter's text only stands out, and hides the rest again.
    play(&mut model, "esc & d e a d tab enter");
    assert!(body(&mut model).len() == 9 && title(&mut model).contains("/dead 1/1"));
    play(&mut model, "& tab tab enter");
    assert_eq!(body(&mut model), ["ERROR:  deadlock detected"]);
    assert!(title(&mut model).contains("&dead") && !title(&mut model).contains("/dead"));
    play(&mut model, "esc");
    assert!(model.logs.buffer.sieve().shows_all() && model.logs.place == Place::Live);
}

#[test]
fn marked_services_of_several_projects_are_muted_by_their_names() {
    let mut model = fleet();
    select(&mut model, "blog", Some(Backend));
    play(&mut model, "space down space l enter");
    rest(&mut model);
    for project in ["blog", "crm"] {
        model.update(batch(1, project, Backend, vec![line(9, "ERROR: x", Out)]));
    }
    assert!(
        title(&mut model).contains(
            "2 services of 2 projects ─ LIVE · 2 lines · blog/backend E1  crm/backend E1 ─"
        )
    );
    play(&mut model, ": m u t e space c r m enter");
    assert!(title(&mut model).contains("1 of 2 lines · blog/backend E1  (crm/backend) E1 ─"));
    // Too narrow for the names: the sums of what is heard.
    let text = screen(&mut model, 80, 24);
    assert!(text.contains("1 of 2 lines · E1 1 muted"), "{text}");
}
