//! Who is called when a service turns red: a message on the screen, the terminal if that is wished, and never too often.

use crate::fixture::*;
use cchub::{
    app::{Effect, Model, Msg, ScreenSettings},
    domain::{
        Call,
        ServiceKind::{self, Backend, Frontend, Postgres, Redis},
        State,
        alarm::Alarm,
    },
    hub::Fact,
};

fn model(call: Call) -> Model {
    let mut model = Model::new(ScreenSettings {
        call,
        ..ScreenSettings::default()
    });
    model.update(clock(0));
    model.update(Msg::Fact(live()));
    let projects = vec![project(1, "shop"), project(2, "blog")];
    model.update(Msg::Fact(Fact::Projects(projects)));
    model
}

pub fn alarm(project: &str, kind: ServiceKind, state: State) -> Msg {
    let service = id(project, kind);
    Msg::Fact(Fact::Alarm(Alarm { service, state }))
}

fn called(effects: &[Effect]) -> Vec<&str> {
    let texts = effects.iter().filter_map(|effect| match effect {
        Effect::Call(_, text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn toasts(model: &Model) -> Vec<&str> {
    model.toasts.iter().map(|t| t.text.as_str()).collect()
}

#[test]
fn m2_a_service_that_turns_red_is_a_message_and_a_call_only_if_that_is_wished() {
    for way in [Call::Off, Call::Bell, Call::Osc9] {
        let mut model = model(way);
        let effects = model.update(alarm("shop", Redis, State::Stopped));
        assert_eq!(
            toasts(&model),
            ["redis of shop ended unexpectedly; n: the next problem"]
        );
        let text = "cchub: redis of shop ended unexpectedly";
        let expected = match way {
            Call::Off => vec![],
            way => vec![Effect::Call(way, text.to_owned())],
        };
        assert_eq!(effects, expected);
    }
}

#[test]
fn m2_many_at_once_are_two_calls_and_the_second_one_sums_up() {
    let mut model = model(Call::Bell);
    let first = model.update(alarm("shop", Postgres, State::Unhealthy));
    assert_eq!(called(&first), ["cchub: postgres of shop is unhealthy"]);
    for (project, kind) in [
        ("blog", Postgres),
        ("blog", Redis),
        ("shop", Redis),
        ("shop", Backend),
        ("shop", Frontend),
    ] {
        assert_eq!(model.update(alarm(project, kind, State::Missing)), []);
    }
    assert_eq!(called(&model.update(clock(4_900))), [""; 0]);
    model.take_dirty();
    assert!(
        model.wake_at() <= std::time::Duration::from_secs(5),
        "the clock is looked at when it is due"
    );
    let sum = "5 services turned red: postgres of blog, redis of blog, redis of shop and 2 more";
    let second = model.update(clock(5_000));
    assert_eq!(called(&second), [format!("cchub: {sum}")]);
    assert!(model.is_dirty());
    assert_eq!(toasts(&model).len(), 2);
    assert_eq!(called(&model.update(clock(60_000))), [""; 0]);
}

#[test]
fn m2_the_palette_tries_it_and_says_how_to_turn_it_on() {
    for (way, words) in [
        (Call::Off, "calls are off"),
        (Call::Bell, "ring its bell"),
        (Call::Osc9, "show a notification"),
    ] {
        let mut model = model(way);
        play(&mut model, ":");
        for c in "test-notif".chars() {
            play(&mut model, &c.to_string());
        }
        let effects = play(&mut model, "enter");
        assert_eq!(called(&effects).len(), usize::from(way != Call::Off));
        let said = toasts(&model).join(" ");
        assert!(said.contains(words), "{said}");
    }
}
