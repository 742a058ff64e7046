//! Keys and facts in, effects out: what the operator's hands do, without a terminal.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::fixture::*;
use cchub::{
    app::{
        Effect, Hit, Model, Mouse, Msg, ScreenSettings,
        fleet::{Verdict, verdict, worst},
        logs::Place,
        overlay::Overlay,
        pane::Tab,
    },
    domain::{
        Bytes, LimitsChange,
        LogStream::Out,
        Safe,
        ServiceKind::{self, Backend, Frontend, Postgres, Redis},
        ThemeWish,
        health::State,
        log::Window,
    },
    hub::{
        Command, Fact, Failure, FailureKind, Follow, FollowId, JobId, JobState, NewProject,
        Request, Verb,
    },
};
use std::time::Duration;

fn hub(command: Command) -> Effect {
    Effect::Hub(command)
}

/// Ticks until the guard of a dialog is over, then presses.
fn answer(model: &mut Model, keys: &str) -> Vec<Effect> {
    rest(model);
    play(model, keys)
}

fn toast(model: &Model) -> String {
    let last = model.toasts.iter().next_back();
    last.map_or_else(String::new, |toast| toast.text.clone())
}

#[test]
fn the_selection_follows_the_project_never_the_row() {
    let mut model = fleet();
    select(&mut model, "docs", Some(Redis));
    let more = ["aaa", "blog", "docs", "shop"].map(|word| project(1, word));
    model.update(Msg::Fact(Fact::Projects(more.to_vec())));
    assert_eq!(model.fleet.selected(), Some(target("docs", Some(Redis))));
    model.update(Msg::Fact(Fact::Projects(vec![
        project(1, "aaa"),
        project(2, "shop"),
    ])));
    assert_eq!(model.fleet.selected(), Some(target("shop", Some(Redis))));
    model.update(Msg::Fact(Fact::Projects(vec![])));
    assert_eq!(model.fleet.selected(), None);
}

#[test]
fn restart_asks_and_names_who_depends_on_it() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    assert_eq!(play(&mut model, "r"), []);
    let Some(Overlay::Confirm(confirm)) = &model.overlay else {
        panic!("no question")
    };
    assert_eq!(confirm.title, "Restart postgres of shop on local");
    let hit = "Needed by backend, and through that by frontend: they go on running but are unhealthy until it is back.";
    let never = "How long it takes is not known: no restart was seen here yet.";
    assert_eq!(confirm.body, [hit, never, "This cannot be undone."]);
    assert_eq!(
        answer(&mut model, "y"),
        [hub(Command::Run(Request::restart(target(
            "shop",
            Some(Postgres)
        ))))]
    );
    assert!(model.overlay.is_none());
}

#[test]
fn a_question_says_how_long_it_took_the_last_times_and_what_it_waits_for() {
    let mut model = fleet();
    let frontend = target("shop", Some(Frontend));
    let before = [("stop", 90_000), ("stop", 2_000), ("restart", 50_000)];
    model.update(Msg::Fact(done_before(&before, &frontend)));
    model.update(Msg::Fact(job(
        1,
        Verb::Start,
        target("shop", None),
        JobState::Running,
    )));
    select(&mut model, "shop", Some(Frontend));
    play(&mut model, "s");
    let Some(Overlay::Confirm(confirm)) = &model.overlay else {
        panic!("no question")
    };
    let words = [
        "No other service depends on it.",
        "It begins when start of shop is over.",
        "Its container and its data are kept.",
        "The last 2 times a stop took 2–90 s.",
    ];
    assert_eq!(confirm.body, words);
}

#[test]
fn a_question_begins_on_cancel() {
    let mut model = fleet();
    select(&mut model, "shop", None);
    play(&mut model, "s");
    assert_eq!(answer(&mut model, "enter"), []);
    assert!(model.overlay.is_none());
    play(&mut model, "s");
    assert_eq!(
        answer(&mut model, "right enter"),
        [hub(Command::Run(Request::stop(name("shop"))))]
    );
    for no in ["n", "esc"] {
        play(&mut model, "s");
        assert_eq!(answer(&mut model, no), []);
        assert!(model.overlay.is_none());
    }
}

#[test]
fn keys_typed_ahead_never_answer_a_question() {
    let mut model = fleet();
    select(&mut model, "shop", None);
    assert_eq!(play(&mut model, "r y y y"), []);
    assert!(matches!(model.overlay, Some(Overlay::Confirm(_))));
    let up = model.up + Duration::from_millis(149);
    model.update(Msg::Clock { now: model.now, up });
    assert_eq!(play(&mut model, "y"), []);
    assert_eq!(answer(&mut model, "y").len(), 1);
}

#[test]
fn p26_pasted_text_never_acts() {
    let mut model = fleet();
    select(&mut model, "shop", None);
    play(&mut model, "s");
    rest(&mut model);
    for text in ["y", "y\r\n", "\u{1b}[A\ry", "q"] {
        assert_eq!(model.update(Msg::Paste(text.to_owned())), []);
    }
    assert!(matches!(model.overlay, Some(Overlay::Confirm(_))));
    play(&mut model, "esc");
    assert_eq!(model.update(Msg::Paste("rysyq".to_owned())), []);
    assert!(model.overlay.is_none());
}

#[test]
fn start_needs_no_question_and_acts_on_what_is_selected() {
    let mut model = fleet();
    select(&mut model, "lab", Some(Redis));
    assert_eq!(
        play(&mut model, "S"),
        [hub(Command::Run(Request::start(target(
            "lab",
            Some(Redis)
        ))))]
    );
    play(&mut model, "left left");
    assert_eq!(
        play(&mut model, "S"),
        [hub(Command::Run(Request::start(name("lab"))))]
    );
}

#[test]
fn removing_with_data_needs_the_name_typed() {
    let mut model = fleet();
    select(&mut model, "lab", None);
    play(&mut model, ": r e m o v e - d enter");
    assert_eq!(answer(&mut model, "enter"), []);
    assert!(toast(&model).contains("type the name"));
    assert_eq!(
        answer(&mut model, "l a enter b enter"),
        [hub(Command::Run(Request::Remove {
            project: name("lab"),
            data: true,
        }))]
    );
}

#[test]
fn removing_is_on_no_key() {
    let mut model = fleet();
    for key in ["delete", "D", "backspace", "ctrl-d", "X"] {
        assert_eq!(play(&mut model, key), [], "{key}");
        assert!(model.overlay.is_none(), "{key}");
    }
}

#[test]
fn logs_follow_the_selection_once_it_rests() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Backend));
    let follow = |id, project, kind| {
        hub(Command::Follow(Follow {
            id: FollowId(id),
            services: target(project, kind).services(),
            window: Window::Tail(100),
        }))
    };
    assert_eq!(play(&mut model, "l"), [follow(1, "crm", Some(Backend))]);
    assert_eq!(
        play(&mut model, "down down"),
        [hub(Command::Unfollow(FollowId(1)))]
    );
    assert_eq!(
        rest(&mut model),
        [
            follow(2, "lab", Some(Backend)),
            hub(Command::Watch(Some(name("lab")))),
        ]
    );
    assert_eq!(play(&mut model, "d"), [hub(Command::Unfollow(FollowId(2)))]);
}

#[test]
fn late_lines_of_a_closed_log_are_ignored() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Backend));
    play(&mut model, "l right");
    rest(&mut model);
    model.take_dirty();
    model.update(batch(1, "crm", Backend, vec![line(1, "late", Out)]));
    assert!(model.logs.buffer.is_empty() && !model.is_dirty());
    model.update(batch(2, "crm", Frontend, vec![line(1, "mine", Out)]));
    assert!(model.logs.buffer.lines() == 1 && model.is_dirty());
}

#[test]
fn a_paused_log_stays_where_it_is() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Backend));
    play(&mut model, "l enter");
    screen(&mut model, 80, 24);
    let lines = |from: i64, n: i64| {
        (0..n)
            .map(|i| line(9000 - from - i, &format!("line {}", from + i), Out))
            .collect()
    };
    model.update(batch(1, "crm", Backend, lines(0, 500)));
    play(&mut model, "pageup");
    let before = screen(&mut model, 80, 24);
    model.update(batch(1, "crm", Backend, lines(500, 482)));
    let after = screen(&mut model, 80, 24);
    assert!(after.contains("PAUSED +482 new"), "{after}");
    assert_eq!(
        before.lines().skip(2).collect::<Vec<_>>(),
        after.lines().skip(2).collect::<Vec<_>>()
    );
    play(&mut model, "G");
    assert_eq!(model.logs.place, Place::Live);
    assert!(screen(&mut model, 80, 24).contains("line 981"));
    play(&mut model, "up up");
    assert!(matches!(model.logs.place, Place::Paused { .. }));
    play(&mut model, "down down");
    assert_eq!(
        model.logs.place,
        Place::Live,
        "arriving at the end follows again"
    );
}

#[test]
fn dropped_lines_are_said_at_their_place() {
    let mut model = Model::new(ScreenSettings {
        log_bytes: 100_000,
        ..ScreenSettings::default()
    });
    model.update(Msg::Fact(Fact::Projects(vec![project(1, "shop")])));
    play(&mut model, "l enter");
    rest(&mut model);
    let lines = (0..2_000)
        .map(|n| line(5_000 - n, "0123456789", Out))
        .collect();
    model.update(batch(1, "shop", Redis, lines));
    let buffer = &model.logs.buffer;
    let kept = buffer.lines() as u64;
    assert_eq!(buffer.received(), kept + buffer.dropped());
    play(&mut model, "g");
    let text = screen(&mut model, 80, 24);
    assert!(text.contains("lines dropped (buffer 97.7 KB)"), "{text}");
}

#[test]
fn limits_are_checked_at_the_field_and_nothing_is_sent() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Redis));
    for typed in ["0", "- 1", "N a N", "1 e 9", "1 , 5", "9"] {
        play(&mut model, "L ctrl-u");
        assert_eq!(play(&mut model, &format!("{typed} enter")), [], "{typed}");
        let editor = model.limits.as_ref().unwrap();
        assert!(
            editor.errors(model.known.capacity())[0].is_some(),
            "{typed}"
        );
        play(&mut model, "esc left right");
    }
}

#[test]
fn limits_send_only_what_changes() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Redis));
    let change = |memory| {
        Command::Run(Request::Limits {
            service: id("crm", Redis),
            change: LimitsChange {
                memory: Some(memory),
                ..LimitsChange::default()
            },
            seen: Some(cchub::domain::Limits::default_of(Redis)),
            below_use: false,
        })
    };
    let sent = play(&mut model, "L tab ctrl-u 3 0 0 m enter");
    assert_eq!(sent, [hub(change(Bytes::mib(300)))]);
    let done = JobState::Done(Safe::new("redis of crm: memory 300 MB"));
    model.update(Msg::Fact(job(
        1,
        Verb::Limits,
        target("crm", Some(Redis)),
        done,
    )));
    let mut now = cchub::domain::Limits::default_of(Redis);
    now.memory = Bytes::mib(300);
    model.update(Msg::Fact(Fact::Limits(id("crm", Redis), now)));
    assert_eq!(
        play(&mut model, "z enter"),
        [hub(change(Bytes::mib(512)))],
        "undo"
    );
    assert_eq!(play(&mut model, "enter"), [], "one change at a time");
    let done = JobState::Done(Safe::default());
    model.update(Msg::Fact(job(
        2,
        Verb::Limits,
        target("crm", Some(Redis)),
        done,
    )));
    let now = cchub::domain::Limits::default_of(Redis);
    model.update(Msg::Fact(Fact::Limits(id("crm", Redis), now)));
    assert_eq!(play(&mut model, "esc"), []);
    assert_eq!(play(&mut model, "L enter"), []);
    assert!(toast(&model).contains("in force already"));
}

#[test]
fn p35_a_change_of_limits_says_what_it_is_based_on() {
    let mut model = fleet();
    let seen = |effects: &[Effect]| match effects {
        [Effect::Hub(Command::Run(Request::Limits { seen, .. }))] => seen.unwrap().memory,
        _ => panic!("{effects:?}"),
    };
    select(&mut model, "crm", Some(Redis));
    play(&mut model, "L tab ctrl-u 3 0 0 m");
    // Somebody else changes the same value while it is typed.
    let mut projects: Vec<_> = model
        .known
        .rows
        .values()
        .map(|row| row.project.clone())
        .collect();
    for project in &mut projects {
        project.limits[Redis].memory = Bytes::mib(400);
    }
    model.update(Msg::Fact(Fact::Projects(projects)));
    let now = cchub::domain::Limits {
        memory: Bytes::mib(400),
        ..cchub::domain::Limits::default_of(Redis)
    };
    model.update(Msg::Fact(Fact::Limits(id("crm", Redis), now)));
    assert_eq!(seen(&play(&mut model, "enter")), Bytes::mib(512));
    let failure = Failure {
        kind: FailureKind::Input,
        message: Safe::new("changed on disk"),
        hint: None,
        log: vec![],
    };
    model.update(Msg::Fact(job(
        1,
        Verb::Limits,
        target("crm", Some(Redis)),
        JobState::Failed(failure),
    )));
    // It stays so until the editor is left.
    assert_eq!(seen(&play(&mut model, "enter")), Bytes::mib(512));
    model.update(Msg::Fact(job(
        2,
        Verb::Limits,
        target("crm", Some(Redis)),
        JobState::Cancelled,
    )));
    // The field that had the keys has them again.
    let effects = play(&mut model, "esc L ctrl-u 3 0 0 m enter");
    assert_eq!(seen(&effects), Bytes::mib(400));
}

#[test]
fn memory_below_what_is_used_is_asked_about() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    model.update(Msg::Fact(Fact::Usage(id("shop", Postgres), usage(10, 211))));
    assert_eq!(play(&mut model, "L tab ctrl-u 1 0 0 m enter"), []);
    let Some(Overlay::Confirm(confirm)) = &model.overlay else {
        panic!("no question")
    };
    assert_eq!(
        confirm.body[0],
        "postgres of shop uses 211 MB now, more than the new limit of 100 MB."
    );
    let effects = answer(&mut model, "y");
    let [Effect::Hub(Command::Run(Request::Limits { below_use, .. }))] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert!(below_use);
}

#[test]
fn limits_that_the_hub_finds_below_use_are_asked_about_too() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Redis));
    play(&mut model, "L tab ctrl-u 8 m enter");
    let failure = Failure {
        kind: FailureKind::NeedsConfirm,
        message: Safe::new("redis uses 9 MB now"),
        hint: None,
        log: vec![],
    };
    model.update(Msg::Fact(job(
        3,
        Verb::Limits,
        target("crm", Some(Redis)),
        JobState::Failed(failure),
    )));
    let effects = answer(&mut model, "y");
    assert!(
        matches!(
            effects.as_slice(),
            [Effect::Hub(Command::Run(Request::Limits {
                below_use: true,
                ..
            }))]
        ),
        "{effects:?}"
    );
}

#[test]
fn the_form_adds_a_project_and_shows_errors_at_the_field() {
    let mut model = fleet();
    play(&mut model, "a n e w enter");
    let effects = play(&mut model, "/");
    assert_eq!(effects, [Effect::ListFolder("/".to_owned())]);
    let add = Command::Run(Request::Add(NewProject {
        name: name("new"),
        path: "/srv".into(),
        images: vec![],
    }));
    assert_eq!(play(&mut model, "s r v enter"), [hub(add)]);
    let failure = Failure {
        kind: FailureKind::Input,
        message: Safe::new("/srv is not a folder"),
        hint: None,
        log: vec![],
    };
    model.update(Msg::Fact(job(
        1,
        Verb::Add,
        target("new", None),
        JobState::Failed(failure),
    )));
    assert!(screen(&mut model, 80, 24).contains("/srv is not a folder"));
    assert_eq!(play(&mut model, "enter").len(), 1, "it can be tried again");
    model.update(Msg::Fact(Fact::Projects(vec![
        project(1, "new"),
        project(2, "old"),
    ])));
    model.update(Msg::Fact(job(
        2,
        Verb::Add,
        target("new", None),
        JobState::Done(Safe::default()),
    )));
    assert!(model.overlay.is_none());
    assert_eq!(model.fleet.project, Some(name("new")));
}

#[test]
fn invalid_projects_are_never_sent() {
    let mut model = fleet();
    for (typed, folder) in [
        ("S h o p", "/ x"),
        ("s h o p", "/ x"),
        ("n e w", "x"),
        ("n e w", ""),
    ] {
        play(&mut model, "a");
        let effects = play(&mut model, &format!("{typed} tab {folder} enter"));
        assert!(
            !effects.iter().any(|e| matches!(e, Effect::Hub(_))),
            "{typed} {folder} {effects:?}"
        );
        play(&mut model, "esc");
    }
}

#[test]
fn a_running_operation_can_be_cancelled_and_quit_asks() {
    let mut model = fleet();
    select(&mut model, "search", None);
    model.update(Msg::Fact(job(
        9,
        Verb::Start,
        target("search", None),
        JobState::Running,
    )));
    assert_eq!(play(&mut model, "ctrl-x"), [hub(Command::Cancel(JobId(9)))]);
    assert_eq!(play(&mut model, "q"), []);
    assert_eq!(answer(&mut model, "y"), [Effect::Quit]);
    model.update(Msg::Fact(job(
        9,
        Verb::Start,
        target("search", None),
        JobState::Cancelled,
    )));
    assert_eq!(play(&mut model, "q"), [Effect::Quit]);
    assert_eq!(
        play(&mut model, "r ctrl-c"),
        [Effect::Quit],
        "from anywhere"
    );
}

#[test]
fn q_and_esc_go_back_before_they_leave() {
    let mut model = fleet();
    assert_eq!(play(&mut model, "enter q"), []);
    assert_eq!(play(&mut model, "/ s h enter"), []);
    assert_eq!(model.fleet.shown, [name("shop")]);
    play(&mut model, "esc");
    assert_eq!(model.fleet.shown.len(), 8);
    assert_eq!(play(&mut model, "esc esc esc"), []);
    assert_eq!(play(&mut model, "q"), [Effect::Quit]);
}

#[test]
fn problems_only_and_worst_first() {
    let mut model = fleet();
    play(&mut model, "!");
    let shown: Vec<&str> = model.fleet.shown.iter().map(|name| name.as_str()).collect();
    assert_eq!(shown, ["shop", "wiki", "blog", "billing-portal"]);
    play(&mut model, "! o");
    let shown: Vec<&str> = model.fleet.shown.iter().map(|name| name.as_str()).collect();
    assert_eq!(
        shown,
        [
            "shop",
            "wiki",
            "blog",
            "search",
            "billing-portal",
            "crm",
            "docs",
            "lab"
        ]
        .map(|n| n)
        .to_vec()
    );
}

#[test]
fn a_filter_moves_the_selection_only_if_it_must() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Redis));
    play(&mut model, "/ s h enter");
    assert_eq!(model.fleet.selected(), Some(target("shop", Some(Redis))));
    play(&mut model, "/ ctrl-u c r m enter");
    assert_eq!(model.fleet.selected(), Some(target("crm", Some(Redis))));
}

#[test]
fn the_palette_jumps_and_acts() {
    let mut model = fleet();
    play(&mut model, ": s h o p / r e d enter");
    assert_eq!(model.fleet.selected(), Some(target("shop", Some(Redis))));
    assert_eq!(play(&mut model, ": q enter"), [Effect::Quit]);
    assert_eq!(
        play(&mut model, ": t h e m e enter"),
        [Effect::SetTheme("light".to_owned())]
    );
}

#[test]
fn read_only_says_why_nothing_happens() {
    let mut model = fleet();
    model.update(Msg::Fact(Fact::HubFile(Some(Safe::new(
        "hub.toml: line 3: expected `=`",
    )))));
    for keys in ["a", ": r e m o v e enter"] {
        assert_eq!(play(&mut model, keys), [], "{keys}");
        assert!(
            toast(&model).contains("line 3"),
            "{keys}: {}",
            toast(&model)
        );
        assert!(model.overlay.is_none(), "{keys}");
    }
    select(&mut model, "crm", Some(Redis));
    assert_eq!(play(&mut model, "L tab ctrl-u 3 0 0 m enter"), []);
    assert!(toast(&model).contains("line 3"));
    let mut model = Model::new(ScreenSettings {
        read_only: true,
        ..ScreenSettings::default()
    });
    model.update(Msg::Fact(Fact::Projects(vec![project(1, "shop")])));
    for key in ["S", "s", "r", "a"] {
        assert_eq!(play(&mut model, key), [], "{key}");
        assert!(
            model.overlay.is_none() && toast(&model).contains("read-only"),
            "{key}"
        );
    }
}

#[test]
fn check_now_tries_the_engine_again_when_it_is_away() {
    let mut model = fleet();
    select(&mut model, "crm", None);
    assert_eq!(
        play(&mut model, "ctrl-r"),
        [hub(Command::CheckNow(target("crm", None)))]
    );
    model.update(Msg::Fact(lost()));
    assert_eq!(play(&mut model, "ctrl-r"), [hub(Command::Reconnect)]);
}

#[test]
fn an_unbound_key_does_nothing_and_says_so() {
    let mut model = fleet();
    assert_eq!(play(&mut model, "ctrl-k"), []);
    assert_eq!(toast(&model), "^K does nothing here; ? shows the keys");
}

#[test]
fn keys_of_the_hub_file_are_used_and_clashes_are_said() {
    let mut model = Model::new(ScreenSettings {
        keys: key_wishes(&[("restart", "B"), ("stop", "S")]),
        ..ScreenSettings::default()
    });
    let words = "hub file line 2: keys.stop: S is the key of start in the list";
    assert!(toast(&model).starts_with(words), "{}", toast(&model));
    model.update(Msg::Fact(Fact::Projects(vec![project(1, "shop")])));
    play(&mut model, "B");
    assert!(matches!(model.overlay, Some(Overlay::Confirm(_))));
}

#[test]
fn keys_that_change_in_the_hub_file_are_used_at_once_and_one_that_cannot_be_had_is_said() {
    let mut model = fleet();
    let keys = |pairs| Msg::Fact(Fact::Keys(Box::new(key_wishes(pairs))));
    model.update(keys(&[("menu", "B"), ("stop", "S")]));
    let words = "hub file line 2: keys.stop: S is the key of start in the list";
    assert!(toast(&model).starts_with(words), "{}", toast(&model));
    play(&mut model, "B");
    assert!(matches!(model.overlay, Some(Overlay::Menu(_))));
    play(&mut model, "esc s");
    assert!(
        matches!(model.overlay, Some(Overlay::Confirm(_))),
        "the old key"
    );
    answer(&mut model, "esc");
    // The same words again, on whatever lines, are no news.
    model.toasts.clear();
    model.update(keys(&[("menu", "B"), ("stop", "S")]));
    assert!(model.toasts.iter().next().is_none());
    model.update(keys(&[]));
    assert_eq!(toast(&model), "keys: as the hub file has them now");
    play(&mut model, "B");
    assert!(model.overlay.is_none());
}

#[test]
fn the_theme_of_the_hub_file_is_asked_for_and_the_next_one_follows_it() {
    let mut model = fleet();
    let wish = ThemeWish {
        name: "mine".to_owned(),
        line: 4,
    };
    let effects = model.update(Msg::Fact(Fact::Theme(wish.clone())));
    assert_eq!(effects, [Effect::WishTheme(wish)]);
    let names = ["dark", "mine", "light"].map(str::to_owned).to_vec();
    model.update(Msg::Themes { names, current: 1 });
    let chosen = play(&mut model, "T");
    assert_eq!(chosen, [Effect::SetTheme("light".to_owned())]);
}

#[test]
fn nothing_that_is_calm_makes_a_frame() {
    let mut model = Model::new(ScreenSettings::default());
    model.update(clock(0));
    model.update(Msg::Fact(live()));
    model.update(Msg::Fact(Fact::Projects(vec![project(1, "crm")])));
    for kind in ServiceKind::ALL {
        let health = health(State::Healthy, 864_100, 4);
        model.update(Msg::Fact(Fact::Health(id("crm", kind), Box::new(health))));
    }
    play(&mut model, "L");
    model.take_dirty();
    for n in 1..20 {
        model.update(Msg::Clock {
            now: at(30) + Duration::from_secs(n),
            up: Duration::from_secs(n),
        });
    }
    assert!(!model.is_dirty());
}

#[test]
fn the_spinner_moves_only_while_something_runs() {
    let mut model = fleet();
    play(&mut model, "L");
    rest(&mut model);
    model.update(Msg::Fact(job(
        1,
        Verb::Stop,
        target("crm", None),
        JobState::Running,
    )));
    assert!(model.wake_at() <= model.up + Duration::from_millis(125));
    model.update(Msg::Fact(job(
        1,
        Verb::Stop,
        target("crm", None),
        JobState::Cancelled,
    )));
    model.toasts.clear();
    assert!(model.wake_at() > model.up + Duration::from_millis(500));
}

#[test]
fn a_full_queue_is_said() {
    let mut model = fleet();
    model.update(Msg::Unsent(Command::Reconnect));
    assert!(toast(&model).contains("nothing was sent"));
}

#[test]
fn the_mouse_selects_scrolls_and_never_answers_by_accident() {
    let mut model = fleet();
    model.update(Msg::Mouse(Mouse::Click(Hit::Cell(
        name("crm"),
        Some(Redis),
    ))));
    assert_eq!(model.fleet.selected(), Some(target("crm", Some(Redis))));
    model.update(Msg::Mouse(Mouse::Click(Hit::Tab(Tab::Logs))));
    assert_eq!(model.tab, Tab::Logs);
    play(&mut model, "s");
    rest(&mut model);
    model.update(Msg::Mouse(Mouse::Click(Hit::Nothing)));
    assert!(matches!(model.overlay, Some(Overlay::Confirm(_))));
    let effects = model.update(Msg::Mouse(Mouse::Click(Hit::Accept)));
    let stop = Request::stop(target("crm", Some(Redis)));
    assert_eq!(effects, [hub(Command::Run(stop))]);
}

#[test]
fn a_start_under_way_is_no_alarm() {
    let mut model = fleet();
    let missing = |kind| {
        let health = health(State::Missing, 5, 0);
        Msg::Fact(Fact::Health(id("search", kind), Box::new(health)))
    };
    model.update(missing(Frontend));
    let verdict = |model: &Model| worst(&model.known.rows[&name("search")]);
    assert_eq!(
        verdict(&model),
        Verdict::Starting,
        "it waits for a backend that starts"
    );
    model.update(missing(Redis));
    assert_eq!(
        verdict(&model),
        Verdict::Down,
        "a running stack without its redis"
    );
    let start = |state| Msg::Fact(job(1, Verb::Start, target("search", None), state));
    model.update(start(JobState::Running));
    assert_eq!(verdict(&model), Verdict::Starting, "the start will make it");
    model.update(start(JobState::Cancelled));
    assert_eq!(verdict(&model), Verdict::Down);
}

#[test]
fn one_outage_is_one_alarm() {
    let model = fleet();
    let row = &model.known.rows[&name("shop")];
    let verdicts = ServiceKind::ALL.map(|kind| verdict(kind, row));
    assert_eq!(
        verdicts,
        [
            Verdict::Down,
            Verdict::Ok,
            Verdict::Blocked,
            Verdict::Blocked
        ]
    );
}

#[test]
fn an_escape_that_arrives_with_the_next_key_is_an_escape() {
    let mut model = fleet();
    select(&mut model, "shop", None);
    play(&mut model, "enter");
    assert_eq!(play(&mut model, "alt-q"), [Effect::Quit], "back, then quit");
    play(&mut model, "s");
    assert_eq!(
        answer(&mut model, "alt-y"),
        [],
        "a question is left, not answered"
    );
    assert!(model.overlay.is_none());
}
