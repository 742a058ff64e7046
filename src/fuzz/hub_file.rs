//! The hub file with anything in it: a hub, or one harmless line that says what is wrong.
#![allow(clippy::expect_used)]

use super::{dice::Dice, hostile, sanitise::assert_harmless};
use crate::{
    config::HubFile,
    domain::{Cpus, LimitsChange, ServiceKind},
    hub::Failure,
    stack::StackSpec,
};
use std::fs;

const WHOLE: &str = r#"version = 1
# a comment
[health]
interval = "5s"
timeout = "5s"
slow = "1s"
[logs]
tail = 100
buffer = "64m"
[ui]
theme = "dark"
mouse = true
[keys]
restart = ["r", "ctrl-r"]
[limits.presets.batch]
cpus = 2
memory = "3g"
[limits.presets.batch.postgres]
pids = 400
[services.backend]
env = { A = "b" }
[projects.shop]
path = "/srv/shop"
number = 1
address = "127.0.0.1"
engine_health = "30s"
[projects.shop.ports]
postgres = 5500
[projects.shop.services.backend]
image = "python:3.11-slim"
memory = "1g"
cpus = 0.5
pids = 100
user = "1000:1000"
command = ["uvicorn", "shop.api:app"]
workdir = "/workspace"
[projects.shop.services.frontend]
env = { "B" = "c" }
"#;
/// Words that mean something to TOML or to the keys of the file.
const WORDS: [&str; 28] = [
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    "\"",
    "\"\"\"",
    "'",
    "#",
    ".",
    ",",
    "\\u202e",
    "\\U0010FFFF",
    "\\x1b",
    "true",
    "nan",
    "-1",
    "99999999999999999999",
    "1e999",
    "1979-05-27T07:32:00Z",
    "[projects.x]\n",
    "projects.shop.path = 7\n",
    "[services.redis]\n",
    "\n",
    "path",
    "null",
    "\u{feff}",
];
/// Changes to one file.
const CHANGES_MAX: usize = 6;

fn text(dice: &mut Dice) -> Vec<u8> {
    let mut text = WHOLE.as_bytes().to_vec();
    for _ in 0..dice.below(CHANGES_MAX) {
        let (from, to) = (dice.below(text.len() + 1), dice.below(text.len() + 1));
        let (from, to) = (from.min(to), from.max(to));
        match dice.below(8) {
            0 => drop(text.drain(from..to.min(from + 20))),
            1 => text.truncate(to.max(20)),
            2 => drop(text.splice(from..from, hostile::bytes(dice))),
            3 => drop(
                text.splice(
                    from..from,
                    dice.pick(&["[", "{", "a."])
                        .repeat(dice.below(300))
                        .into_bytes(),
                ),
            ),
            4 => {
                let piece: Vec<u8> = text.iter().copied().skip(from).take(30).collect();
                text.splice(to..to, piece);
            }
            5 => value(dice, &mut text),
            _ => drop(text.splice(from..from, dice.pick(&WORDS).bytes())),
        }
    }
    text
}

/// Puts something else behind one of the `=`.
fn value(dice: &mut Dice, text: &mut Vec<u8>) {
    let places: Vec<usize> = (0..text.len()).filter(|at| text[*at] == b'=').collect();
    let Some(at) = places.get(dice.below(places.len())) else {
        return;
    };
    let end = text.iter().skip(*at).position(|byte| *byte == b'\n');
    let end = end.map_or(text.len(), |length| at + length);
    let odd = match dice.below(4) {
        0 => toml::Value::String(hostile::text(dice)).to_string(),
        1 => toml::Value::Integer(dice.next().cast_signed()).to_string(),
        2 => format!("[{}]", toml::Value::String(hostile::text(dice))),
        _ => dice
            .pick(&[
                "nan", "-inf", "1e308", "{}", "[]", "[[1]]", "true", "\"\"", "\"0\"", "07:32:00",
            ])
            .to_owned(),
    };
    text.splice(at + 1..end, odd.into_bytes());
}

fn read(dice: &mut Dice, file: &HubFile) {
    if fs::write(file.path(), text(dice)).is_err() {
        return;
    }
    let hub = match file.load() {
        Ok(hub) => hub,
        Err(error) => return assert_harmless(&Failure::from(error).message),
    };
    for entry in hub.projects.values() {
        if let Err(error) = StackSpec::resolve(entry) {
            assert_harmless(&Failure::from(error).message);
        }
    }
    if let Some(entry) = hub.projects.values().next().filter(|_| dice.one_in(64)) {
        let change = LimitsChange {
            cpus: Some(Cpus::millis(250)),
            ..LimitsChange::default()
        };
        // What was accepted before the change is accepted after it, or the file stays as it was.
        let _changed = file.set_limits(&entry.name, ServiceKind::Redis, change, None);
        assert!(file.load().is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::run::{Share, run};

    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("a folder");
    }

    #[test]
    fn p34_fuzz_hub_file() {
        let share = Share {
            usual: 400,
            one_of: 100,
        };
        run("hub_file", share, |dice| {
            FOLDER.with(|folder| read(dice, &HubFile::new(folder.path().join("hub.toml"))));
        });
    }
}
