//! The timeline on the screen: what is chosen stays chosen, and leads to the log of its moment.

use crate::{
    fixture::*,
    gallery::timeline::{change, entry, eventful, learn},
};
use cchub::{
    app::{
        Effect, Hit, Model, Mouse, Msg,
        logs::Place,
        msg::{Save, Saved},
        pane::{Focus, Tab},
        timeline::Shows,
    },
    domain::{
        ServiceKind::{Backend, Postgres, Redis},
        State,
        log::Window,
        timeline::{Entry, What},
    },
    hub::Command,
};
use std::{sync::Arc, time::Duration};

fn chosen(model: &Model) -> Option<Entry> {
    let shown = model.visible_entries().into_iter();
    let mut chosen = shown.filter(|shown| shown.chosen);
    chosen.next().map(|shown| Entry::clone(shown.entry))
}

fn story(model: &Model) -> Vec<Entry> {
    let all = model.entries_of_selection();
    all.map(|entry| Entry::clone(entry)).collect()
}

fn in_the_pane(keys: &str) -> Model {
    let mut model = eventful(None);
    play(&mut model, "H enter");
    play(&mut model, keys);
    model
}

#[test]
fn the_newest_comes_first_and_each_key_leads_there() {
    for keys in ["H", "5", "l tab H"] {
        let mut model = eventful(None);
        play(&mut model, keys);
        assert_eq!(model.tab, Tab::Timeline, "{keys}");
        let moments: Vec<_> = model.entries().map(|entry| entry.at).collect();
        assert_eq!(moments.len(), 19);
        assert!(moments.is_sorted_by(|a, b| a >= b));
    }
}

#[test]
fn what_is_chosen_is_an_entry_and_never_a_row() {
    let mut model = in_the_pane("j j j");
    let wanted = chosen(&model).unwrap();
    assert_eq!(wanted.what, What::Errors);
    // Something newer, and the chosen one counts on.
    let mut entries = story(&model);
    for entry in &mut entries {
        if entry.says_same(&wanted) {
            entry.times += 2;
            entry.last += Duration::from_secs(9);
        }
    }
    entries.push(change(5, Backend, State::Unhealthy, State::Healthy, ""));
    learn(&mut model, "shop", entries.clone());
    let now = chosen(&model).unwrap();
    assert_eq!((now.at, now.times), (wanted.at, wanted.times + 2));
    // It is gone: the next older one has its place.
    entries.retain(|entry| !entry.says_same(&wanted));
    learn(&mut model, "shop", entries);
    assert_eq!(chosen(&model).unwrap().what, What::Started { again: true });
    play(&mut model, "esc");
    assert_eq!((chosen(&model), model.focus), (None, Focus::Pane));
    play(&mut model, "esc");
    assert_eq!(model.focus, Focus::List);
}

#[test]
fn it_stays_at_its_row_while_newer_ones_come() {
    let mut model = in_the_pane("G k k");
    model.update(Msg::Resized { w: 80, h: 16 });
    let row = |model: &Model| {
        let shown = model.visible_entries();
        shown.iter().position(|shown| shown.chosen)
    };
    let before = row(&model);
    assert!(before.is_some());
    let mut entries = story(&model);
    entries.extend((1..=9).map(|n| entry(n, Some(Redis), What::Paused, &n.to_string())));
    learn(&mut model, "shop", entries);
    assert_eq!(row(&model), before);
}

#[test]
fn the_chosen_one_is_always_in_sight_and_said_as_a_whole() {
    for size in [(60, 16), (80, 24), (40, 10)] {
        let mut model = in_the_pane("g");
        model.update(Msg::Resized {
            w: size.0,
            h: size.1,
        });
        for key in ["j", "k"] {
            for n in 0..19 {
                play(&mut model, key);
                let entry = chosen(&model).unwrap_or_else(|| panic!("{key} {n} at {size:?}"));
                let text = screen(&mut model, size.0, size.1).replace('\n', " ");
                let last = entry.words();
                let last = last.split(' ').next_back().unwrap();
                assert!(
                    size.0 < 60 || text.contains(last),
                    "{last} is not in {text}"
                );
            }
        }
    }
}

#[test]
fn problems_operations_or_everything() {
    let mut model = in_the_pane("&");
    assert_eq!(model.timeline.shows, Shows::Problems);
    assert!(model.entries().all(|entry| entry.verdict().is_problem()));
    assert_eq!(model.entries().count(), 6);
    play(&mut model, "&");
    assert_eq!(model.entries().filter(|entry| entry.is_deed()).count(), 7);
    assert_eq!(model.entries().count(), 7);
    play(&mut model, "&");
    assert_eq!(model.entries().count(), 19);
    // A service has its own entries, and those of the whole project.
    let mut model = eventful(Some(Redis));
    play(&mut model, "5");
    assert_eq!(model.entries().count(), 9);
}

/// The log that the effects ask for.
fn asked(effects: &[Effect]) -> (Vec<cchub::domain::ServiceId>, Window) {
    let follow = effects.iter().find_map(|effect| match effect {
        Effect::Hub(Command::Follow(follow)) => Some(follow.clone()),
        _ => None,
    });
    let follow = follow.unwrap_or_else(|| panic!("no log is asked for: {effects:?}"));
    (follow.services, follow.window)
}

#[test]
fn enter_and_l_show_the_log_of_that_service_around_that_moment() {
    for key in ["enter", "l"] {
        let mut model = in_the_pane("j j");
        let entry = chosen(&model).unwrap();
        assert_eq!(entry.service, Some(Postgres));
        let mut effects = play(&mut model, key);
        effects.extend(rest(&mut model));
        let (services, window) = asked(&effects);
        assert_eq!(services, [id("shop", Postgres)]);
        assert_eq!(window, Window::Since(entry.at - Duration::from_secs(30)));
        assert_eq!((model.tab, model.focus), (Tab::Logs, Focus::Pane));
        assert!(matches!(model.logs.place, Place::Paused { .. }));
    }
}

#[test]
fn what_concerns_the_whole_project_leads_to_the_log_of_all_four_and_marks_go() {
    let mut model = eventful(None);
    play(&mut model, "space H enter G");
    assert_eq!(chosen(&model).unwrap().service, None);
    let mut effects = play(&mut model, "enter");
    effects.extend(rest(&mut model));
    assert_eq!(asked(&effects).0, target("shop", None).services());
    assert!(model.fleet.marks.is_empty());
}

#[test]
fn a_click_chooses_an_entry_a_second_one_opens_it_and_the_wheel_moves() {
    let mut model = eventful(None);
    play(&mut model, "5");
    click(&mut model, (80, 24), 13, "crash-looping");
    let entry = chosen(&model).unwrap();
    assert_eq!((entry.service, model.focus), (Some(Postgres), Focus::Pane));
    let hit = Hit::Entry(Arc::new(entry.clone()));
    model.update(Msg::Mouse(Mouse::Wheel(hit.clone(), 3)));
    assert!(chosen(&model).unwrap().at < entry.at);
    model.update(Msg::Mouse(Mouse::Click(hit.clone())));
    assert_eq!(chosen(&model), Some(entry));
    model.update(Msg::Mouse(Mouse::Click(hit)));
    assert_eq!(model.tab, Tab::Logs);
}

#[test]
fn ages_make_a_frame_when_they_change_and_not_before() {
    let mut model = in_the_pane("");
    screen(&mut model, 80, 24);
    model.take_dirty();
    model.update(clock(1_000));
    assert!(!model.is_dirty());
    // 190 s are 3m; 240 s are 4m.
    model.update(clock(50_000));
    assert!(model.is_dirty());
}

#[test]
fn what_is_chosen_is_copied_else_what_is_visible() {
    let mut model = in_the_pane("");
    let copied = |effects: &[Effect]| match effects {
        [Effect::Copy(text)] => text.clone(),
        other => panic!("{other:?}"),
    };
    let all = copied(&play(&mut model, "y"));
    assert_eq!(all.lines().count(), 19);
    let first = "2001-09-09 01:43:29  backend   unhealthy, was healthy: it needs postgres, which is unhealthy";
    assert_eq!(all.lines().next(), Some(first));
    let one = copied(&play(&mut model, "j j c"));
    assert!(one.contains("crash-looping") && one.lines().count() == 1);
    assert!(matches!(&play(&mut model, "Y")[..], [Effect::ShowPlain(text)] if *text == one));
    // No more than is visible: a pane of a few rows.
    let mut model = in_the_pane("");
    model.update(Msg::Resized { w: 80, h: 16 });
    assert!(copied(&play(&mut model, "y")).lines().count() < 15);
    let mut empty = crate::gallery::scene("timeline_nothing");
    assert_eq!(play(&mut empty, "y"), []);
}

#[test]
fn it_is_saved_as_markdown_all_of_it_or_what_is_shown() {
    for (keys, entries) in [("", 19), ("&", 6), ("& tab", 19)] {
        let (filter, choice) = keys.split_once(' ').unwrap_or((keys, ""));
        let mut model = in_the_pane(filter);
        play(&mut model, "ctrl-s");
        play(&mut model, choice);
        let [Effect::Save(Save::Begin(name))] = &play(&mut model, "enter")[..] else {
            panic!("nothing begins");
        };
        assert_eq!(name, "shop-timeline-20010909-014639.md");
        let next = |model: &mut Model| model.update(Msg::Saved(Saved::Next));
        let [Effect::Save(Save::Piece(text))] = &next(&mut model)[..] else {
            panic!("nothing is written");
        };
        assert!(text.starts_with("# Timeline of shop\n"));
        let rows = text.lines().filter(|line| line.starts_with("| 20"));
        assert_eq!(rows.count(), entries, "{keys}");
        assert!(text.contains("exit code 137"));
        assert_eq!(next(&mut model), [Effect::Save(Save::End)]);
        let done = Saved::Done {
            path: "/tmp/shop.md".into(),
            bytes: 2_048,
        };
        model.update(Msg::Saved(done));
        let said = model.toasts.iter().last().unwrap();
        let words = format!("{entries} entries (2 KB) saved to /tmp/shop.md");
        assert_eq!(said.text, words);
        assert!(model.saving.is_none() && model.overlay.is_none());
    }
}

#[test]
fn only_what_is_visible_is_put_into_words() {
    let mut model = in_the_pane("");
    let many = (1..=500).map(|n| entry(n * 60, Some(Redis), What::Paused, &n.to_string()));
    learn(&mut model, "shop", many.collect());
    for keys in ["g", "G", "k k k", "ctrl-u"] {
        play(&mut model, keys);
        for h in [16, 24, 50] {
            model.update(Msg::Resized { w: 80, h });
            let rows = usize::from(model.rows().pane);
            let shown = model.visible_entries().len();
            assert!(
                shown <= rows && shown + 2 >= rows,
                "{keys}: {shown} in {rows}"
            );
        }
    }
}
