//! What every screen looks like, as text; and its colours, once per theme.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::fixture::*;
use cchub::{
    app::Msg,
    domain::{
        Health,
        LogStream::{Err, Out},
        Safe,
        ServiceKind::{self, Backend, Frontend, Postgres},
    },
    hub::{Fact, Failure, FailureKind, JobState, LogEvent, Verb},
    ui::{ColourDepth, Glyphs, Look, Theme},
};
use insta::{assert_debug_snapshot, assert_snapshot};

#[test]
fn fleet_80x24() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    model.update(Msg::Fact(job(
        1,
        Verb::Start,
        target("search", None),
        JobState::Running,
    )));
    assert_snapshot!(screen(&mut model, 80, 24));
}

#[test]
fn fleet_100x30() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    model.update(Msg::Fact(job(
        1,
        Verb::Start,
        target("search", None),
        JobState::Running,
    )));
    assert_snapshot!(screen(&mut model, 100, 30));
}

#[test]
fn fleet_200x50() {
    let mut model = fleet();
    select(&mut model, "shop", None);
    assert_snapshot!(screen(&mut model, 200, 50));
}

#[test]
fn fleet_60x16_and_40x10() {
    let mut model = fleet();
    select(&mut model, "shop", None);
    assert_snapshot!("fleet_60x16", screen(&mut model, 60, 16));
    assert_snapshot!("fleet_40x10", screen(&mut model, 40, 10));
}

#[test]
fn a_healthy_service_is_quiet() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Backend));
    assert_snapshot!(screen(&mut model, 80, 24));
}

#[test]
fn ascii_without_colours() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    let look = Look {
        theme: Theme::built_in("dark", ColourDepth::None).unwrap(),
        glyphs: Glyphs::ascii(),
    };
    assert_snapshot!(draw(&mut model, 80, 24, &look));
}

#[test]
fn logs_of_a_project_are_merged() {
    let mut model = fleet();
    play(&mut model, "l");
    select(&mut model, "shop", None);
    let id = model.logs.follow.unwrap().0;
    let notice = LogEvent::Notice(at(17), Safe::new("restarted: exit 1 after 3d 4h"));
    model.update(batch(id, "shop", Postgres, vec![
        line(20, "LOG:  checkpoint starting: time", Err),
        line(18, "\u{1b}[31mERROR\u{1b}[0m:  canceling statement due to statement timeout", Err),
        line(18, "STATEMENT:  select * from orders where customer = 4711 order by created_at desc limit 100", Err),
    ]));
    model.update(batch(
        id,
        "shop",
        Backend,
        vec![
            line(
                19,
                "INFO:     127.0.0.1:51234 - \"GET /health HTTP/1.1\" 200 OK",
                Out,
            ),
            line(18, "slow request path=/api/orders ms=1412", Err),
        ],
    ));
    model.update(batch(
        id,
        "shop",
        Frontend,
        vec![notice, line(16, "ready in 412 ms", Out)],
    ));
    assert_snapshot!("logs_below_the_list", screen(&mut model, 80, 24));
    play(&mut model, "enter w");
    assert_snapshot!("logs_full_screen_wrapped", screen(&mut model, 80, 24));
    play(&mut model, "t space");
    model.update(batch(id, "shop", Frontend, vec![line(1, "one more", Out)]));
    assert_snapshot!("logs_paused", screen(&mut model, 100, 12));
}

#[test]
fn limits_with_an_invalid_field() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    play(&mut model, "L tab backspace backspace 5 m");
    assert_snapshot!("limits_invalid_80x24", screen(&mut model, 80, 24));
    assert_snapshot!("limits_invalid_140x30", screen(&mut model, 140, 30));
}

#[test]
fn limits_that_the_engine_refused() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    play(&mut model, "L tab ctrl-u 3 g enter");
    let failure = Failure {
        kind: FailureKind::Operation,
        message: Safe::new("Memory limit should be smaller than already set memoryswap limit"),
        hint: Some(Safe::new("Send both.")),
        log: Vec::new(),
    };
    let what = target("shop", Some(Postgres));
    model.update(Msg::Fact(job(
        7,
        Verb::Limits,
        what,
        JobState::Failed(failure),
    )));
    assert_snapshot!(screen(&mut model, 80, 24));
}

#[test]
fn limits_of_a_project() {
    let mut model = fleet();
    select(&mut model, "shop", None);
    play(&mut model, "L");
    assert_snapshot!(screen(&mut model, 80, 24));
}

#[test]
fn questions_name_the_host_and_who_is_hit() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    play(&mut model, "r");
    assert_snapshot!("confirm_restart", screen(&mut model, 80, 24));
    rest(&mut model);
    play(&mut model, "esc");
    play(&mut model, ": r e m o v e - d a t a enter");
    rest(&mut model);
    play(&mut model, "s h");
    assert_snapshot!("confirm_remove_with_data", screen(&mut model, 80, 24));
}

#[test]
fn help_lists_the_keys_of_the_list() {
    let mut model = fleet();
    play(&mut model, "?");
    assert_snapshot!(screen(&mut model, 80, 24));
}

#[test]
fn palette_finds_by_a_few_letters() {
    let mut model = fleet();
    play(&mut model, ":");
    assert_snapshot!("palette_all", screen(&mut model, 80, 24));
    play(&mut model, "s h o p");
    assert_snapshot!("palette_shop", screen(&mut model, 80, 24));
}

#[test]
fn menu_of_a_service() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Backend));
    play(&mut model, "x down");
    assert_snapshot!(screen(&mut model, 80, 24));
}

#[test]
fn form_that_adds_a_project() {
    let mut model = fleet();
    play(&mut model, "a");
    assert_snapshot!("form_empty", screen(&mut model, 80, 24));
    play(&mut model, "S h o p tab / s r v / s");
    let entries = ["shop", "shop-2", "sites"].map(str::to_owned).to_vec();
    model.update(Msg::Folder {
        of: "/srv/".to_owned(),
        entries,
    });
    assert_snapshot!(
        "form_with_errors_and_completion",
        screen(&mut model, 80, 24)
    );
}

#[test]
fn operations_and_messages() {
    let mut model = fleet();
    let failure = Failure {
        kind: FailureKind::Operation,
        message: Safe::new("port 5442 is taken by process 812 (postgres)"),
        hint: Some(Safe::new("Stop it, or give the project another port.")),
        log: vec![],
    };
    for (id, verb, name, state) in [
        (1, Verb::Start, "lab", JobState::Failed(failure)),
        (
            2,
            Verb::Restart,
            "crm",
            JobState::Done(Safe::new("crm restarted in 9.1 s")),
        ),
        (3, Verb::Start, "search", JobState::Running),
        (4, Verb::Stop, "search", JobState::Waiting),
    ] {
        model.update(Msg::Fact(job(id, verb, target(name, None), state)));
    }
    select(&mut model, "lab", None);
    assert_snapshot!("messages", screen(&mut model, 80, 24));
    play(&mut model, "J");
    assert_snapshot!("operations", screen(&mut model, 100, 24));
}

#[test]
fn no_engine_with_and_without_projects() {
    let mut model = empty();
    model.update(Msg::Fact(lost()));
    model.update(Msg::Fact(Fact::Projects(vec![])));
    assert_snapshot!("no_engine_and_no_project", screen(&mut model, 80, 24));
    let mut model = fleet();
    model.update(Msg::Fact(lost()));
    assert_snapshot!("no_engine_with_projects", screen(&mut model, 80, 24));
}

#[test]
fn a_project_that_cannot_be_looked_at_says_why() {
    let mut model = empty();
    model.update(Msg::Fact(live()));
    model.update(Msg::Fact(Fact::Projects(vec![project(1, "shop")])));
    for kind in ServiceKind::ALL {
        let health = Health {
            message: "backend of shop: requirements.txt is not a file".into(),
            ..Health::default()
        };
        model.update(Msg::Fact(Fact::Health(id("shop", kind), Box::new(health))));
    }
    play(&mut model, "g");
    let shown = screen(&mut model, 100, 24);
    assert_eq!(shown.matches("? unknown").count(), 4, "{shown}");
    assert!(
        shown.contains("is known: backend of shop: requirements.txt is not a file."),
        "{shown}"
    );
}

#[test]
fn an_empty_hub_says_what_to_do() {
    let mut model = empty();
    assert_snapshot!("nothing_known_yet", screen(&mut model, 80, 10));
    model.update(Msg::Fact(live()));
    model.update(Msg::Fact(Fact::Projects(vec![])));
    assert_snapshot!("empty_hub", screen(&mut model, 80, 24));
}

#[test]
fn lists_that_are_empty_say_why() {
    let mut model = fleet();
    play(&mut model, "/ z z enter");
    assert_snapshot!("filter_without_a_hit", screen(&mut model, 80, 12));
    play(&mut model, "esc / s h");
    assert_snapshot!("filter_while_typing", screen(&mut model, 80, 16));
}

#[test]
fn a_broken_hub_file_is_said() {
    let mut model = fleet();
    let text = "/home/ops/.config/cchub/hub.toml: line 12: expected `=`";
    model.update(Msg::Fact(Fact::HubFile(Some(Safe::new(text)))));
    play(&mut model, "a");
    assert_snapshot!(screen(&mut model, 80, 24));
}

#[test]
fn too_small_says_so() {
    let mut model = fleet();
    assert_snapshot!(screen(&mut model, 38, 9), @"needs 40×10, now 38×9");
}

#[test]
fn colours_of_the_dark_theme() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    assert_debug_snapshot!(draw(&mut model, 80, 16, &look("dark")).buffer());
}

#[test]
fn colours_of_the_light_theme() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    assert_debug_snapshot!(draw(&mut model, 80, 16, &look("light")).buffer());
}
