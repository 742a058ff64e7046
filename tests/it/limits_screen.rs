//! Limits by hand: risks while typing, presets, undo step by step, many services at once, what somebody else changed.

use crate::fixture::*;
use cchub::{
    app::{Effect, Model, Msg, overlay::Overlay},
    domain::{
        Bytes, Cpus, Limits, Safe, ServiceId,
        ServiceKind::{self, Backend, Postgres, Redis},
        limits::Capacity,
    },
    hub::{Command, EngineState, Fact, Failure, FailureKind, JobState, Request, Verb},
};
use std::time::Duration;

/// What was asked for: the service, and the memory in MB if that changes.
fn asked(effects: &[Effect]) -> Vec<(ServiceId, Option<u64>)> {
    let one = |effect: &Effect| match effect {
        Effect::Hub(Command::Run(Request::Limits {
            service, change, ..
        })) => Some((service.clone(), change.memory.map(|memory| memory.0 >> 20))),
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

fn below_use(effects: &[Effect]) -> Vec<bool> {
    let one = |effect: &Effect| match effect {
        Effect::Hub(Command::Run(Request::Limits { below_use, .. })) => Some(*below_use),
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

fn in_force(model: &mut Model, id: &ServiceId, mib: u64) {
    let limits = Limits {
        memory: Bytes::mib(mib),
        ..Limits::default_of(id.kind)
    };
    model.update(Msg::Fact(Fact::Limits(id.clone(), limits)));
}

/// The hub file says so, too.
fn saved(model: &mut Model, id: &ServiceId, mib: u64) {
    let rows = model.known.rows.values();
    let mut projects: Vec<_> = rows.map(|row| row.project.clone()).collect();
    for project in projects.iter_mut().filter(|p| p.name == id.project) {
        project.limits[id.kind].memory = Bytes::mib(mib);
    }
    model.update(Msg::Fact(Fact::Projects(projects)));
}

fn end(model: &mut Model, number: u64, id: &ServiceId, state: JobState) -> Vec<Effect> {
    let target = target(id.project.as_str(), Some(id.kind));
    model.update(Msg::Fact(job(number, Verb::Limits, target, state)))
}

/// The change ends well: the engine has it and the hub file, too.
fn done(model: &mut Model, number: u64, id: &ServiceId, mib: u64) {
    in_force(model, id, mib);
    end(
        model,
        number,
        id,
        JobState::Done(Safe::new(format!("{id}: done"))),
    );
    saved(model, id, mib);
}

fn failure(kind: FailureKind, message: &str) -> JobState {
    JobState::Failed(Failure {
        kind,
        message: Safe::new(message),
        hint: None,
        log: Vec::new(),
    })
}

fn toast(model: &Model) -> String {
    let last = model.toasts.iter().next_back();
    last.map_or_else(String::new, |toast| toast.text.clone())
}

fn question(model: &Model) -> Vec<String> {
    match &model.overlay {
        Some(Overlay::Confirm(confirm)) => confirm.body.clone(),
        other => panic!("no question: {other:?}"),
    }
}

fn yes(model: &mut Model) -> Vec<Effect> {
    rest(model);
    play(model, "y")
}

fn at(project: &str, kind: ServiceKind) -> Model {
    let mut model = fleet();
    select(&mut model, project, Some(kind));
    model
}

/// Backends and redis of `crm` and `docs` are marked.
fn marked() -> Model {
    let mut model = at("crm", Redis);
    play(&mut model, "space right space down space left space");
    model
}

fn text(risk: Option<cchub::domain::limits::Risk>) -> String {
    risk.map_or_else(String::new, |risk| risk.text)
}

#[test]
fn the_risk_of_each_field_is_said_while_it_is_typed() {
    let mut model = at("shop", Postgres);
    let risk = |model: &Model, n: usize| text(model.limits_risks()[n].clone());
    play(&mut model, "L tab");
    // It was killed with 512 MB; 2 GB are in force.
    assert_eq!(risk(&model, 1), "");
    play(&mut model, "ctrl-u 3 0 0 m");
    let words = "killed for memory with 512 MB: 1 GB is worth a try";
    assert_eq!(risk(&model, 1), words);
    play(&mut model, "ctrl-u 1 0 0 m");
    let words = "below what is in use (211 MB): the kernel may kill it at once";
    assert_eq!(risk(&model, 1), words);
    play(&mut model, "tab ctrl-u 1 4");
    assert_eq!(risk(&model, 2), "14 run: it cannot start another one");
    let mut backend = at("shop", Backend);
    play(&mut backend, "L ctrl-u 0 . 5");
    let words = "below what is in use (0.74): it will be slowed down";
    assert_eq!(risk(&backend, 0), words);
}

#[test]
fn what_crosses_the_hosts_bounds_asks_first_and_names_the_sum() {
    let mut model = at("crm", Redis);
    // 8 projects are promised 34,816 MB and 24 CPUs.
    let live = |memory| {
        Fact::Engine(EngineState::Live {
            endpoint: Safe::new("unix:///var/run/docker.sock"),
            version: Safe::new("20.10.24"),
            rtt: Duration::from_millis(3),
            host: Capacity {
                cpus: Cpus::millis(64_000),
                memory: Bytes::mib(memory),
            },
        })
    };
    let (before, _) = model.promises();
    let sum = before.memory.0 >> 20;
    model.update(Msg::Fact(live(sum + 100)));
    assert_eq!(play(&mut model, "L tab ctrl-u 1 g enter"), []);
    let words = question(&model).remove(0);
    assert!(
        words.starts_with("All projects together may then use"),
        "{words}"
    );
    assert!(words.contains("where the host has"), "{words}");
    assert_eq!(asked(&yes(&mut model)), [(id("crm", Redis), Some(1024))]);
    done(&mut model, 1, &id("crm", Redis), 1024);
    // It is over already: that is shown, and no question any more.
    let effects = play(&mut model, "ctrl-u 2 g enter");
    assert_eq!(asked(&effects), [(id("crm", Redis), Some(2048))]);
}

#[test]
fn undo_goes_back_step_by_step_and_says_first_what_it_will_do() {
    let mut model = at("crm", Redis);
    let redis = id("crm", Redis);
    play(&mut model, "L tab");
    for (n, mib) in [(1, "3 0 0"), (2, "4 0 0")] {
        let effects = play(&mut model, &format!("ctrl-u {mib} m enter"));
        assert_eq!(asked(&effects).len(), 1);
        done(&mut model, n, &redis, mib.replace(' ', "").parse().unwrap());
    }
    // What was typed and not applied goes first.
    play(&mut model, "ctrl-u 9 9 m z");
    assert!(toast(&model).contains("taken back"), "{}", toast(&model));
    assert_eq!(model.undo_words(), None);
    assert_eq!(play(&mut model, "z"), []);
    let words = model.undo_words().unwrap();
    assert_eq!(words, "Undo 1 of 2: memory 400 MB → 300 MB.");
    play(&mut model, "z");
    let words = model.undo_words().unwrap();
    assert_eq!(words, "Undo 2 of 2: memory 400 MB → 512 MB.");
    play(&mut model, "z");
    assert!(toast(&model).contains("no earlier change"));
    // Leaving and coming back begins at the newest again, and an undone step is gone.
    play(&mut model, "esc L z");
    assert_eq!(
        asked(&play(&mut model, "enter")),
        [(redis.clone(), Some(300))]
    );
    done(&mut model, 3, &redis, 300);
    play(&mut model, "z");
    let words = model.undo_words().unwrap();
    assert_eq!(words, "Undo 1 of 1: memory 300 MB → 512 MB.");
    assert_eq!(
        asked(&play(&mut model, "enter")),
        [(redis.clone(), Some(512))]
    );
    done(&mut model, 4, &redis, 512);
    play(&mut model, "z");
    assert!(toast(&model).contains("no change to undo"));
}

#[test]
fn a_change_that_failed_is_nothing_to_undo() {
    let mut model = at("crm", Redis);
    play(&mut model, "L tab ctrl-u 3 0 0 m enter");
    let no = failure(FailureKind::Operation, "no");
    end(&mut model, 1, &id("crm", Redis), no);
    play(&mut model, "z z");
    assert!(toast(&model).contains("no change to undo"));
    assert_eq!(model.limits_in_force()[0].memory, Bytes::mib(512));
}

#[test]
fn a_preset_goes_into_the_fields_and_nothing_is_sent_before_enter() {
    let mut model = at("crm", Redis);
    assert_eq!(play(&mut model, "L ctrl-t enter"), []);
    let redis = id("crm", Redis);
    let wished = model.limits_wished()[&redis];
    assert_eq!(
        (wished.memory, wished.cpus),
        (Bytes::mib(256), Cpus::millis(250))
    );
    assert_eq!(asked(&play(&mut model, "enter")), [(redis, Some(256))]);
    // By the palette, also from the list.
    let mut model = at("crm", Backend);
    assert_eq!(play(&mut model, ": p r e s e t space l a r g e enter"), []);
    let wished = model.limits_wished()[&id("crm", Backend)];
    assert_eq!(wished.memory, Bytes::mib(2048));
    // A project is none of the services that presets are for.
    let mut model = fleet();
    select(&mut model, "crm", None);
    play(&mut model, ": l i m i t s - p r e s e t enter");
    assert!(
        toast(&model).contains("select a service"),
        "{}",
        toast(&model)
    );
}

#[test]
fn marked_services_are_changed_together_and_only_what_was_touched() {
    let mut model = marked();
    assert_eq!(model.fleet.marks.len(), 4);
    play(&mut model, "L");
    let text = screen(&mut model, 100, 30);
    assert!(
        text.contains("4 services of 2 projects") && text.contains("mixed"),
        "{text}"
    );
    let effects = play(&mut model, "tab 3 0 0 m enter");
    let all = ["crm", "docs"].map(|project| [id(project, Redis), id(project, Backend)]);
    let expected: Vec<_> = all
        .into_iter()
        .flatten()
        .map(|id| (id, Some(300)))
        .collect();
    assert_eq!(asked(&effects), expected);
    for effect in &effects {
        let Effect::Hub(Command::Run(Request::Limits { change, .. })) = effect else {
            panic!("{effect:?}")
        };
        assert_eq!((change.cpus, change.pids), (None, None));
    }
    assert_eq!(play(&mut model, "enter"), [], "one change at a time");
    // One is refused: it keeps its value and says why, the others are done.
    let refused = id("crm", Backend);
    for (n, (service, _)) in (1..).zip(&expected) {
        match *service == refused {
            true => drop(end(
                &mut model,
                n,
                service,
                failure(FailureKind::Operation, "cannot write memory.max"),
            )),
            false => done(&mut model, n, service, 300),
        }
    }
    let words = "limits: 3 of 4 done; backend of crm: cannot write memory.max";
    assert_eq!(toast(&model), words);
    let lines = model.limits_lines();
    assert_eq!(lines[0].name, "crm/backend");
    assert_eq!(lines[0].text, "cannot write memory.max");
    // Enter tries what is left again, and nothing else.
    assert_eq!(
        asked(&play(&mut model, "enter")),
        [(refused.clone(), Some(300))]
    );
    done(&mut model, 9, &refused, 300);
    assert_eq!(
        model.limits_in_force(),
        model.limits_wished().into_values().collect::<Vec<_>>()
    );
}

#[test]
fn an_emptied_field_of_many_leaves_each_its_own() {
    let mut model = marked();
    assert_eq!(play(&mut model, "L tab 3 ctrl-u enter"), []);
    assert!(toast(&model).contains("in force already"));
    // What is wrong for one is wrong for all: nothing is sent.
    assert_eq!(play(&mut model, "5 m enter"), []);
    assert!(
        model
            .limits
            .as_ref()
            .unwrap()
            .errors(model.known.capacity())[1]
            .is_some()
    );
}

#[test]
fn many_with_a_preset_get_each_their_own() {
    let mut model = marked();
    let effects = play(&mut model, "L ctrl-t enter enter");
    let memory: Vec<_> = asked(&effects).into_iter().map(|(_, mib)| mib).collect();
    assert_eq!(memory, [256, 512, 256, 512].map(Some));
}

#[test]
fn many_below_their_use_are_one_question() {
    let mut model = marked();
    for kind in [Redis, Backend] {
        let fact = Fact::Usage(id("crm", kind), usage(10, 211));
        model.update(Msg::Fact(fact));
    }
    assert_eq!(play(&mut model, "L tab 1 0 0 m enter"), []);
    let body = question(&model);
    assert_eq!(body.len(), 3, "{body:?}");
    assert_eq!(below_use(&yes(&mut model)), [true; 4]);
    // The hub may find it out itself, for all that nobody measured.
    let mut model = marked();
    play(&mut model, "L tab 1 0 0 m enter");
    for (n, service) in (1..).zip([id("crm", Redis), id("crm", Backend)]) {
        done(&mut model, n, &service, 100);
    }
    for (n, service) in (3..).zip([id("docs", Redis), id("docs", Backend)]) {
        assert!(model.overlay.is_none(), "asked before all are over");
        let words = format!("{service} uses 120 MB now");
        end(
            &mut model,
            n,
            &service,
            failure(FailureKind::NeedsConfirm, &words),
        );
    }
    let body = question(&model);
    assert!(
        body[1].contains("backend of docs uses 120 MB now"),
        "{body:?}"
    );
    assert_eq!(below_use(&yes(&mut model)), [true, true]);
}

#[test]
fn many_undone_get_back_what_each_had() {
    let mut model = marked();
    play(&mut model, "L tab 3 0 0 m enter");
    let services: Vec<ServiceId> = model.fleet.marks.iter().cloned().collect();
    for (n, service) in (1..).zip(&services) {
        done(&mut model, n, service, 300);
    }
    play(&mut model, "z");
    assert!(model.undo_words().unwrap().starts_with("Undo 1 of 1"));
    let memory: Vec<_> = asked(&play(&mut model, "enter"))
        .into_iter()
        .map(|(_, mib)| mib)
        .collect();
    assert_eq!(memory, [512, 1024, 512, 1024].map(Some));
}

fn drifted() -> Model {
    let mut model = at("crm", Redis);
    in_force(&mut model, &id("crm", Redis), 300);
    model
}

#[test]
fn p63_what_somebody_else_changed_is_marked_and_one_key_applies_the_hub_files_again() {
    let mut model = drifted();
    let text = screen(&mut model, 80, 24);
    assert_eq!(
        text.matches('≠').count(),
        2,
        "in the cell and below: {text}"
    );
    let service = id("crm", Redis);
    let reapply = Effect::Hub(Command::Run(Request::ReapplyLimits {
        service: service.clone(),
        below_use: false,
    }));
    assert_eq!(play(&mut model, "="), std::slice::from_ref(&reapply));
    assert_eq!(play(&mut model, "="), [], "it is under way");
    done(&mut model, 1, &service, 512);
    assert!(!screen(&mut model, 80, 24).contains('≠'));
    assert_eq!(play(&mut model, "="), []);
    assert!(toast(&model).contains("nothing to do"));
    // In the editor, and by its name from anywhere.
    let mut model = drifted();
    assert_eq!(play(&mut model, "L ="), std::slice::from_ref(&reapply));
    let mut model = drifted();
    assert_eq!(play(&mut model, ": r e a p p l y enter"), [reapply]);
}

#[test]
fn p63_what_runs_can_be_kept_instead() {
    let mut model = drifted();
    let keep = Effect::Hub(Command::Run(Request::KeepLimits(id("crm", Redis))));
    assert_eq!(play(&mut model, "L ctrl-s"), [keep]);
    end(
        &mut model,
        1,
        &id("crm", Redis),
        JobState::Done(Safe::new("kept")),
    );
    saved(&mut model, &id("crm", Redis), 300);
    assert!(!screen(&mut model, 80, 24).contains('≠'));
    // Neither is a change of the operator's that could be undone.
    play(&mut model, "z");
    assert!(toast(&model).contains("no change to undo"));
}

#[test]
fn p63_what_is_marked_is_brought_back_together() {
    let mut model = marked();
    for project in ["crm", "docs"] {
        in_force(&mut model, &id(project, Redis), 300);
    }
    in_force(&mut model, &id("shop", Redis), 300);
    assert_eq!(
        play(&mut model, "=").len(),
        2,
        "only what is marked and has drifted"
    );
}

#[test]
fn p62_bringing_back_less_than_is_used_asks_first() {
    let mut model = drifted();
    let redis = id("crm", Redis);
    saved(&mut model, &redis, 100);
    model.update(Msg::Fact(Fact::Usage(redis, usage(10, 211))));
    assert_eq!(play(&mut model, "="), []);
    assert!(question(&model)[0].contains("uses 211 MB now, more than the new limit of 100 MB"));
    let effects = yes(&mut model);
    assert!(
        matches!(
            effects.as_slice(),
            [Effect::Hub(Command::Run(Request::ReapplyLimits {
                below_use: true,
                ..
            }))]
        ),
        "{effects:?}"
    );
}
