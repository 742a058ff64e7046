#![allow(clippy::unwrap_used)]
use super::{
    preset::{PRESETS, Preset},
    table::key_table,
    *,
};
use crate::domain::KeyWish;

fn wish(words: &[&str], line: usize) -> KeyWish {
    KeyWish {
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        line,
    }
}

fn wishes(pairs: &[(&str, &[&str])]) -> KeyWishes {
    let lines = pairs.iter().zip(1..);
    KeyWishes {
        preset: None,
        actions: lines
            .map(|((name, words), line)| ((*name).to_owned(), wish(words, line)))
            .collect(),
    }
}

fn of_preset(name: &str) -> KeyWishes {
    KeyWishes {
        preset: Some(wish(&[name], 3)),
        ..KeyWishes::default()
    }
}

fn means(map: &KeyMap, mode: Mode, chord: &str) -> Option<Action> {
    map.action(mode, chord.parse().unwrap())
}

#[track_caller]
fn assert_without_clash(bindings: &Bindings) {
    let mut seen = BTreeMap::new();
    for ((action, mode), chords) in bindings {
        for chord in chords {
            let other = seen.insert((*mode, *chord), *action);
            assert_eq!(other, None, "{chord} in {mode:?} is {action:?}, too");
        }
    }
    assert!(seen.len() > 200, "only {} keys", seen.len());
}

#[test]
fn the_shipped_keys_all_parse_and_never_clash() {
    let written = TABLE.iter().flat_map(|spec| spec.keys);
    let presets = PRESETS.iter().flat_map(|preset| preset.keys);
    let written = written.chain(presets.flat_map(|(_, keys)| *keys));
    let words = written.flat_map(|(_, words)| words.split_whitespace());
    assert!(words.clone().count() > 60);
    for word in words {
        assert_eq!(word.parse::<Chord>().unwrap().word(), word);
    }
    assert_without_clash(&defaults());
}

#[test]
fn no_preset_clashes_or_makes_an_action_unreachable() {
    for Preset { name, .. } in PRESETS {
        let (base, notice) = wishes::base(&of_preset(name));
        assert_eq!(notice, None);
        assert_without_clash(&base);
        for spec in TABLE {
            let has_key = base
                .iter()
                .any(|((action, _), chords)| *action == spec.action && !chords.is_empty());
            assert!(spec.palette || has_key, "{name}: {}", spec.name);
        }
    }
}

#[test]
fn a_preset_only_names_modes_that_its_action_has() {
    for preset in PRESETS {
        for (action, keys) in preset.keys {
            let modes = keys.iter().flat_map(|(modes, _)| *modes);
            for mode in modes {
                let known = action.spec().keys.iter();
                let known = known.flat_map(|(modes, _)| *modes).any(|m| m == mode);
                assert!(known, "{}: {action:?} in {mode:?}", preset.name);
            }
        }
    }
}

#[test]
fn presets_put_what_hands_know_where_they_look_for_it() {
    let keys = |name| KeyMap::new(&of_preset(name)).0;
    let lazydocker = keys("lazydocker");
    for (chord, action) in [
        ("m", Action::ShowLogs),
        ("l", Action::Right),
        ("d", Action::Menu),
        ("w", Action::Urls),
        ("s", Action::Stop),
    ] {
        assert_eq!(means(&lazydocker, Mode::List, chord), Some(action));
    }
    let k9s = keys("k9s");
    for (chord, action) in [
        ("l", Action::ShowLogs),
        ("d", Action::ShowWhy),
        ("e", Action::ShowLimits),
        ("ctrl-k", Action::Stop),
        ("ctrl-z", Action::Problems),
        ("ctrl-d", Action::HalfDown),
    ] {
        assert_eq!(means(&k9s, Mode::List, chord), Some(action));
    }
    assert_eq!(means(&k9s, Mode::Log, "e"), Some(Action::Level));
}

#[test]
fn wishes_count_on_top_of_a_preset() {
    let wished = KeyWishes {
        preset: Some(wish(&["k9s"], 1)),
        ..wishes(&[("stop", &["ctrl-w"]), ("jobs", &["ctrl-k"])])
    };
    let (map, notices) = KeyMap::new(&wished);
    assert_eq!(notices, Vec::<String>::new());
    assert_eq!(means(&map, Mode::List, "ctrl-w"), Some(Action::Stop));
    assert_eq!(means(&map, Mode::List, "ctrl-k"), Some(Action::Jobs));
}

#[test]
fn an_unknown_preset_is_said_with_its_line_and_the_defaults_hold() {
    let (map, notices) = KeyMap::new(&of_preset("emacs"));
    assert_eq!(
        notices,
        [
            "hub file line 3: keys.preset: there is no preset 'emacs': use one of default, lazydocker, k9s"
        ]
    );
    assert_eq!(means(&map, Mode::List, "s"), Some(Action::Stop));
}

#[test]
fn an_override_replaces_the_old_keys() {
    let (map, notices) = KeyMap::new(&wishes(&[("restart", &["B", "ctrl-t"])]));
    assert_eq!(notices, Vec::<String>::new());
    assert_eq!(means(&map, Mode::List, "B"), Some(Action::Restart));
    assert_eq!(means(&map, Mode::List, "r"), None);
    assert_eq!(map.hint(Mode::List, Action::Restart).unwrap(), "B");
}

#[test]
fn a_clash_or_an_unknown_name_is_said_with_its_line_and_the_old_key_stays() {
    let wished = wishes(&[
        ("restart", &["s"]),
        ("explode", &["e"]),
        ("wrap", &["hyper-w"]),
    ]);
    let (map, notices) = KeyMap::new(&wished);
    assert_eq!(notices.len(), 3, "{notices:?}");
    for words in [
        "hub file line 1: keys.restart: s is the key of stop in the list; the old key stays there",
        "hub file line 2: keys: no action 'explode'; it is ignored",
        "hub file line 3: keys.wrap: 'hyper-w' is not a key",
    ] {
        assert!(notices.iter().any(|n| n.starts_with(words)), "{notices:?}");
    }
    assert_eq!(means(&map, Mode::List, "r"), Some(Action::Restart));
    assert_eq!(means(&map, Mode::List, "s"), Some(Action::Stop));
    assert_eq!(means(&map, Mode::Log, "w"), Some(Action::Wrap));
}

#[test]
fn a_wish_holds_where_it_does_not_clash() {
    let (map, notices) = KeyMap::new(&wishes(&[("why", &["v"])]));
    assert_eq!(
        notices,
        [
            "hub file line 1: keys.why: v is the key of select-line in the log and the log with a line chosen; the old key stays there"
        ]
    );
    assert_eq!(means(&map, Mode::List, "v"), Some(Action::ShowWhy));
    assert_eq!(means(&map, Mode::Log, "v"), Some(Action::SelectLine));
    assert_eq!(means(&map, Mode::Log, "d"), Some(Action::ShowWhy));
}

#[test]
fn two_actions_can_swap_their_keys() {
    let (map, notices) = KeyMap::new(&wishes(&[("restart", &["s"]), ("stop", &["r"])]));
    assert_eq!(notices, Vec::<String>::new());
    assert_eq!(means(&map, Mode::List, "s"), Some(Action::Restart));
    assert_eq!(means(&map, Mode::List, "r"), Some(Action::Stop));
}

#[test]
fn what_is_typed_into_fields_is_never_a_key_there() {
    let (map, notices) = KeyMap::new(&wishes(&[("back", &["b"]), ("palette", &["p"])]));
    assert_eq!(notices, Vec::<String>::new());
    for mode in [Mode::Field, Mode::Query, Mode::Limits] {
        assert_eq!(means(&map, mode, "b"), None, "{mode:?}");
        assert_eq!(means(&map, mode, "esc"), Some(Action::Back), "{mode:?}");
    }
    assert_eq!(means(&map, Mode::Limits, "ctrl-p"), Some(Action::Palette));
    assert_eq!(means(&map, Mode::List, "b"), Some(Action::Back));
}

#[test]
fn a_key_can_be_taken_away_unless_nothing_else_does_the_same() {
    let (map, notices) = KeyMap::new(&wishes(&[("suspend", &[]), ("quit-now", &[])]));
    assert_eq!(
        notices,
        ["hub file line 2: keys.quit-now: it needs a key; the old one stays"]
    );
    assert_eq!(means(&map, Mode::List, "ctrl-z"), None);
    assert_eq!(means(&map, Mode::List, "ctrl-c"), Some(Action::QuitNow));
}

#[test]
fn the_table_has_a_row_for_every_action_and_writes_keys_as_they_are_read() {
    let (rows, notices) = key_table(&wishes(&[("restart", &["s"]), ("sort", &["ctrl-t"])]));
    assert_eq!((rows.len(), notices.len()), (TABLE.len(), 1));
    let text = |name: &str| rows.iter().find(|row| row.name == name).unwrap().text();
    assert_eq!(text("restart"), "r");
    assert_eq!(text("sort"), "ctrl-t");
    assert_eq!(text("remove"), "–");
    assert_eq!(
        text("follow"),
        "F space s (log); F (line)",
        "by mode where they differ"
    );
    for (_, words) in rows.iter().flat_map(|row| &row.keys) {
        assert!(words.iter().all(|word| word.parse::<Chord>().is_ok()));
    }
}

#[test]
fn built_in_keys_that_clash_are_told_and_never_looked_for_for_ever() {
    let clashing = Bindings::from([
        ((Action::Stop, Mode::List), vec!["s".parse().unwrap()]),
        ((Action::Start, Mode::List), vec!["s".parse().unwrap()]),
    ]);
    let wished = Bindings::from([((Action::Jobs, Mode::List), vec!["J".parse().unwrap()])]);
    let (kept, clashes, own) = settle(&clashing, &wished);
    assert!(kept.is_empty() && clashes.is_empty());
    assert_eq!(own.unwrap().chord, "s".parse().unwrap());
    let (kept, _, own) = settle(&Bindings::new(), &wished);
    assert!(kept.len() == 1 && own.is_none());
}
