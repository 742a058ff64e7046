//! Marks in the matrix: what they mean, how long they stay, and the log of all marked services.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::fixture::*;
use cchub::{
    app::{Effect, Hit, Model, Mouse, Msg, logs::SERVICES_MAX},
    domain::{
        LogStream::{Err, Out},
        ServiceId,
        ServiceKind::{self, Backend, Frontend, Postgres, Redis},
        log::Window,
    },
    hub::{Command, Fact, Follow, FollowId},
};

fn marks(model: &Model) -> Vec<ServiceId> {
    model.fleet.marks.iter().cloned().collect()
}

/// The backends of `blog` and `crm` and all of `shop` but its frontend.
pub fn marked() -> Model {
    let mut model = fleet();
    select(&mut model, "blog", Some(Backend));
    play(&mut model, "space down space");
    select(&mut model, "shop", None);
    play(&mut model, "space");
    select(&mut model, "shop", Some(Frontend));
    play(&mut model, "space");
    model
}

#[test]
fn space_marks_a_cell_or_the_four_of_a_project_and_takes_the_marks_away_again() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Redis));
    play(&mut model, "space");
    assert_eq!(marks(&model), [id("crm", Redis)]);
    select(&mut model, "crm", None);
    play(&mut model, "space");
    assert_eq!(marks(&model), ServiceKind::ALL.map(|kind| id("crm", kind)));
    play(&mut model, "right space");
    assert_eq!(marks(&model).len(), 3);
    play(&mut model, "left space space");
    assert_eq!(marks(&model), []);
    play(&mut model, "space ctrl-\\");
    assert_eq!(marks(&model), []);
    play(&mut model, "space : c l e a r - m enter");
    assert_eq!(marks(&model), []);
}

#[test]
fn a_range_goes_from_the_last_mark_to_the_selection_both_ways() {
    let mut model = fleet();
    select(&mut model, "docs", Some(Backend));
    play(&mut model, "space up up left ctrl-space");
    let all = ["blog", "crm", "docs"].map(|project| [id(project, Redis), id(project, Backend)]);
    assert_eq!(marks(&model), all.as_flattened());
    // Without a mark to begin at it is a mark like any other.
    play(&mut model, "ctrl-\\ ctrl-space");
    assert_eq!(marks(&model), [id("blog", Redis)]);
    // A whole project at one end takes whole projects.
    play(&mut model, "down left left ctrl-space");
    assert_eq!(marks(&model).len(), 8);
}

#[test]
fn dragging_marks_all_from_the_click_to_here_besides_what_was_marked() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    play(&mut model, "space");
    let on = |project: &str, kind| Hit::Cell(name(project), Some(kind));
    model.update(Msg::Mouse(Mouse::Click(on("blog", Redis))));
    model.update(Msg::Mouse(Mouse::Drag(on("blog", Redis))));
    assert_eq!(marks(&model), [id("shop", Postgres)], "a hand that shakes");
    model.update(Msg::Mouse(Mouse::Drag(on("docs", Backend))));
    assert_eq!(marks(&model).len(), 7);
    // It shrinks again as the mouse comes back.
    model.update(Msg::Mouse(Mouse::Drag(on("crm", Redis))));
    let all = [id("blog", Redis), id("crm", Redis), id("shop", Postgres)];
    assert_eq!(marks(&model), all);
    assert_eq!(model.fleet.selected(), Some(target("crm", Some(Redis))));
    model.update(Msg::Mouse(Mouse::Drag(Hit::Pane)));
    assert_eq!(marks(&model), all);
    // What is over the screen has the mouse.
    play(&mut model, "?");
    model.update(Msg::Mouse(Mouse::Drag(on("shop", Redis))));
    assert_eq!(marks(&model), all);
}

#[test]
fn esc_goes_from_the_filter_to_the_marks() {
    let mut model = marked();
    play(&mut model, "/ s h enter ! esc");
    assert_eq!((model.fleet.filter.as_str(), marks(&model).len()), ("", 5));
    play(&mut model, "esc");
    assert!(!model.fleet.problems && marks(&model).len() == 5);
    play(&mut model, "esc");
    assert_eq!(marks(&model), []);
}

#[test]
fn a_project_that_goes_away_takes_its_marks_along() {
    let mut model = marked();
    let left = ["blog", "lab"].map(|word| project(1, word));
    model.update(Msg::Fact(Fact::Projects(left.to_vec())));
    assert_eq!(marks(&model), [id("blog", Backend)]);
}

#[test]
fn the_log_is_about_what_is_marked_wherever_the_selection_goes() {
    let mut model = marked();
    let wish = Follow {
        id: FollowId(1),
        services: marks(&model),
        window: Window::Tail(100),
    };
    assert_eq!(play(&mut model, "l"), [Effect::Hub(Command::Follow(wish))]);
    play(&mut model, "up up right down");
    assert_eq!(
        rest(&mut model).len(),
        1,
        "only the usage of another project"
    );
    assert_eq!(model.logs.follow, Some(FollowId(1)));
    play(&mut model, "space");
    assert_eq!(model.logs.follow, None, "it waits until the marks rest");
    rest(&mut model);
    assert_eq!(model.logs.services, marks(&model));
    play(&mut model, "ctrl-\\");
    rest(&mut model);
    assert_eq!(
        model.logs.services,
        model.fleet.selected().unwrap().services()
    );
}

#[test]
fn more_than_a_log_can_follow_is_refused_with_a_word() {
    let mut model = empty();
    let names = (1..=17).map(|n| project(n, &format!("p{n:02}")));
    model.update(Msg::Fact(Fact::Projects(names.collect())));
    rest(&mut model);
    play(&mut model, "g space G up ctrl-space l");
    assert_eq!(model.logs.services.len(), SERVICES_MAX);
    play(&mut model, "ctrl-\\ g space G ctrl-space");
    let follows = |effect: &Effect| matches!(effect, Effect::Hub(Command::Follow(_)));
    assert!(!rest(&mut model).iter().any(follows));
    assert_eq!((marks(&model).len(), model.logs.services.len()), (68, 0));
    let text = screen(&mut model, 80, 24);
    assert!(
        text.contains("68 services are marked; a log shows 64 at most"),
        "{text}"
    );
    play(&mut model, "left space");
    rest(&mut model);
    assert_eq!(model.logs.services.len(), 64);
}

/// The log of all that is marked, below the list.
pub fn marked_log() -> Model {
    let mut model = marked();
    play(&mut model, "l");
    for (project, kind, ago, text, stream) in [
        ("shop", Postgres, 20, "FATAL:  out of memory", Err),
        ("blog", Backend, 20, "WARNING:  slow request", Err),
        ("crm", Backend, 20, "INFO:  ready", Err),
        ("shop", Redis, 19, "Ready to accept connections", Out),
    ] {
        model.update(batch(1, project, kind, vec![line(ago, text, stream)]));
    }
    model
}

#[test]
fn marks_are_counted_in_the_header_and_stand_before_their_cells_in_ascii_too() {
    let text = draw(&mut marked(), 80, 24, &plain_look()).to_string();
    assert!(
        text.contains("8 proj *5") && text.contains("*^ postgres"),
        "{text}"
    );
}
