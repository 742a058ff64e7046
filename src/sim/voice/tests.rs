//! Every voice over every kind of moment, and over a long ordinary life.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::domain::{log::Level, safe::LogText};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use style::Form;

/// Longest of the long lines.
const LONG_MAX: usize = 4 * 1024;
/// Numbers of projects whose styles are all there are.
const STYLES: std::ops::Range<usize> = 0..30;

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_780_000_000 + second)
}

fn moments() -> Vec<Moment> {
    let mut moments = vec![
        Moment::Boot,
        Moment::Ready,
        Moment::Ordinary,
        Moment::Slow,
        Moment::MemoryTight,
    ];
    for kind in ServiceKind::ALL {
        moments.extend([Moment::Lost(kind), Moment::Ordinary, Moment::Back(kind)]);
    }
    moments.extend([Moment::Crash, Moment::Boot, Moment::Stop, Moment::Boot]);
    moments
}

fn spoken(voice: &mut Voice, moment: Moment, now: Timestamp) -> Vec<Utterance> {
    let mut lines = Vec::new();
    voice.speak(moment, now, &mut lines);
    lines
}

/// What a `kind` of project `number` says in `ordinary` moments, a second apart, after a start.
fn life(kind: ServiceKind, number: usize, seed: u64, ordinary: i64) -> Vec<Utterance> {
    let mut voice = Voice::new(kind, Style::of(number), seed);
    let mut lines = Vec::new();
    voice.speak(Moment::Boot, at(0), &mut lines);
    voice.speak(Moment::Ready, at(1), &mut lines);
    for second in 0..ordinary {
        voice.speak(Moment::Ordinary, at(2 + second), &mut lines);
    }
    lines
}

/// Everything that is said in any style, at every kind of moment and in much ordinary life.
fn everything() -> Vec<(ServiceKind, usize, Vec<Utterance>)> {
    let mut all = Vec::new();
    for (seed, number) in (0..).zip(STYLES) {
        for kind in ServiceKind::ALL {
            all.push((kind, number, a_full_life(kind, number, seed)));
        }
    }
    all
}

fn a_full_life(kind: ServiceKind, number: usize, seed: u64) -> Vec<Utterance> {
    let mut lines = life(kind, number, seed, 400);
    let mut voice = Voice::new(kind, Style::of(number), seed);
    for (second, moment) in (0..).zip(moments().repeat(8)) {
        voice.speak(moment, at(second), &mut lines);
    }
    lines
}

fn text(lines: &[Utterance]) -> String {
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    texts.join("\n")
}

fn number_with(form: Form) -> usize {
    STYLES
        .into_iter()
        .find(|&n| Style::of(n).form == form)
        .unwrap()
}

/// Lines of `lines` that hold one of `words`.
fn with(lines: &[Utterance], words: &[&str]) -> usize {
    let holds = |line: &&Utterance| words.iter().any(|word| line.text.contains(word));
    lines.iter().filter(holds).count()
}

#[test]
fn the_same_seed_gives_the_same_words_and_another_seed_others() {
    for kind in ServiceKind::ALL {
        let first = life(kind, 1, 42, 200);
        assert_eq!(first, life(kind, 1, 42, 200), "{kind}");
        assert_ne!(first, life(kind, 1, 43, 200), "{kind}");
    }
}

#[test]
fn projects_differ() {
    // A backend has a form and a trade, a frontend a server and a trade.
    for (kind, styles) in [(ServiceKind::Backend, 15), (ServiceKind::Frontend, 10)] {
        let lives: BTreeSet<String> = STYLES.map(|n| text(&life(kind, n, 1, 20))).collect();
        assert_eq!(lives.len(), styles, "{kind}");
    }
}

#[test]
fn every_service_speaks_when_it_has_to() {
    for (kind, number) in STYLES.flat_map(|n| ServiceKind::ALL.map(|kind| (kind, n))) {
        let mut voice = Voice::new(kind, Style::of(number), 3);
        for moment in [
            Moment::Boot,
            Moment::Ready,
            Moment::Slow,
            Moment::MemoryTight,
            Moment::Crash,
            Moment::Stop,
        ] {
            let lines = spoken(&mut voice, moment, at(0));
            assert!(!lines.is_empty(), "{kind} says nothing: {moment:?}");
        }
        for &need in kind.needs() {
            for moment in [Moment::Lost(need), Moment::Back(need)] {
                let lines = spoken(&mut voice, moment, at(0));
                assert!(!lines.is_empty(), "{kind} says nothing: {moment:?}");
            }
        }
    }
}

#[test]
fn last_words_are_several_lines() {
    for (kind, number) in STYLES.flat_map(|n| ServiceKind::ALL.map(|kind| (kind, n))) {
        let mut voice = Voice::new(kind, Style::of(number), 3);
        let lines = spoken(&mut voice, Moment::Crash, at(0));
        assert!(lines.len() >= 5, "{kind}: {lines:?}");
    }
    let mut backend = Voice::new(ServiceKind::Backend, Style::of(0), 3);
    let said = text(&spoken(&mut backend, Moment::Crash, at(0)));
    assert!(
        said.contains("Traceback (most recent call last):\n  File "),
        "{said}"
    );
}

#[test]
fn json_goes_to_standard_output_and_can_be_read() {
    let number = number_with(Form::Json);
    let lines: Vec<Utterance> = everything()
        .into_iter()
        .filter(|(kind, n, _)| *kind == ServiceKind::Backend && *n % 3 == number % 3)
        .flat_map(|(_, _, lines)| lines)
        .collect();
    let out: Vec<&Utterance> = lines
        .iter()
        .filter(|line| line.stream == LogStream::Out)
        .collect();
    assert!(out.len() > 3_000, "{}", out.len());
    for line in out {
        let value: serde_json::Value = serde_json::from_str(&line.text).unwrap();
        for key in ["ts", "level", "logger", "msg"] {
            assert!(value[key].is_string(), "{key} in {}", line.text);
        }
    }
}

#[test]
fn a_backend_mostly_answers_requests_with_some_warnings_and_few_errors() {
    for form in [Form::Plain, Form::Json, Form::Logfmt] {
        let lines = life(ServiceKind::Backend, number_with(form), 5, 1000);
        let level = |word: &str| {
            let (plain, json) = (word.to_uppercase(), format!("\"level\":\"{word}\""));
            with(
                &lines,
                &[&format!(" {plain} "), &json, &format!(" level={word} ")],
            )
        };
        let requests = with(
            &lines,
            &["HTTP/1.1\"", "\"msg\":\"request\"", "msg=request "],
        );
        let (warnings, errors) = (level("warning"), level("error"));
        let what = format!("{form:?}: {requests} requests, {warnings} warnings, {errors} errors");
        assert!((900..1000).contains(&requests), "{what}");
        assert!((10..45).contains(&warnings), "{what}");
        assert!((8..40).contains(&errors), "{what}");
        assert!(lines.len() < 1400, "{what}: {} lines", lines.len());
    }
}

#[test]
fn a_frontend_mostly_serves_pages_and_is_coloured() {
    for number in [0, 1] {
        let lines = life(ServiceKind::Frontend, number, 5, 1000);
        let pages = with(&lines, &["GET /"]);
        let (warnings, errors) = (with(&lines, &["⚠"]), with(&lines, &["Type error"]));
        let what = format!("{number}: {pages} pages, {warnings} warnings, {errors} errors");
        assert!((700..900).contains(&pages), "{what}");
        assert!((10..50).contains(&warnings), "{what}");
        assert!((1..25).contains(&errors), "{what}");
        assert!(with(&lines, &["\u{1b}["]) > 700, "{what}");
    }
}

#[test]
fn a_database_talks_little_and_ends_every_checkpoint() {
    let lines = life(ServiceKind::Postgres, 0, 5, 1000);
    let begun = with(&lines, &["checkpoint starting: time"]);
    let ended = with(&lines, &["checkpoint complete"]);
    assert_eq!((begun, ended), (3, 3));
    let (slow, errors) = (with(&lines, &["duration: "]), with(&lines, &["ERROR:  "]));
    assert!((60..200).contains(&slow), "{slow}");
    assert!((5..40).contains(&errors), "{errors}");
    assert_eq!(with(&lines, &["STATEMENT:  "]), errors);
}

#[test]
fn a_cache_ends_every_snapshot() {
    let lines = life(ServiceKind::Redis, 0, 5, 1000);
    let begun = with(&lines, &["Background saving started"]);
    let ended = with(&lines, &["Background saving terminated"]);
    assert!(begun > 20, "{begun}");
    assert!(begun - ended <= 1, "{begun} begun, {ended} ended");
}

#[test]
fn a_backend_without_database_answers_503_until_it_is_back() {
    for number in STYLES {
        let mut voice = Voice::new(ServiceKind::Backend, Style::of(number), 9);
        let lost = spoken(&mut voice, Moment::Lost(ServiceKind::Postgres), at(0));
        assert_eq!(with(&lost, &["Connection refused"]), 1, "{lost:?}");
        let mut away = Vec::new();
        for second in 1..60 {
            voice.speak(Moment::Ordinary, at(second), &mut away);
        }
        let refused = with(&away, &["503"]) + with(&away, &["Connection refused"]);
        assert!(refused >= away.len(), "{away:?}");
        let back = text(&spoken(
            &mut voice,
            Moment::Back(ServiceKind::Postgres),
            at(60),
        ));
        assert!(back.contains("reconnected to postgres"), "{back}");
        assert!(back.contains("60"), "{back}");
        let after = spoken(&mut voice, Moment::Ordinary, at(61));
        assert_eq!(with(&after, &["Connection refused"]), 0, "{after:?}");
    }
}

#[test]
fn a_boot_remembers_how_the_process_before_it_ended() {
    let mut voice = Voice::new(ServiceKind::Postgres, Style::of(0), 1);
    spoken(&mut voice, Moment::Stop, at(0));
    let after_stop = text(&spoken(&mut voice, Moment::Boot, at(5)));
    let shut = at(0).strftime("shut down at %Y-%m-%d %H:%M:%S UTC");
    assert!(after_stop.contains(&shut.to_string()), "{after_stop}");
    spoken(&mut voice, Moment::Crash, at(9));
    let after_crash = text(&spoken(&mut voice, Moment::Boot, at(12)));
    assert!(
        after_crash.contains("automatic recovery in progress"),
        "{after_crash}"
    );

    let mut voice = Voice::new(ServiceKind::Redis, Style::of(0), 1);
    spoken(&mut voice, Moment::Crash, at(0));
    let after = text(&spoken(&mut voice, Moment::Boot, at(17)));
    assert!(after.contains("RDB age 17 seconds"), "{after}");
}

#[test]
fn memory_grows_to_its_limit_and_never_beyond() {
    let mut voice = Voice::new(ServiceKind::Backend, Style::of(number_with(Form::Json)), 1);
    let mut heap = 0;
    for second in 0..100 {
        let lines = spoken(&mut voice, Moment::MemoryTight, at(second));
        let entry: serde_json::Value = serde_json::from_str(&lines[0].text).unwrap();
        let now = entry["heap_mib"].as_u64().unwrap();
        assert!((heap..=512).contains(&now), "{heap} MiB, then {now}");
        heap = now;
    }
    assert!(heap > 480, "{heap}");
}

#[test]
fn clocks_that_jump_do_no_harm() {
    for kind in ServiceKind::ALL {
        let mut voice = Voice::new(kind, Style::of(0), 1);
        for moment in moments() {
            for now in [Timestamp::MAX, Timestamp::MIN, at(0)] {
                spoken(&mut voice, moment, now);
            }
        }
    }
}

#[test]
fn lines_keep_their_bounds_and_are_one_line_each() {
    let mut longest = 0;
    for (kind, number, lines) in everything() {
        for Utterance { text, .. } in lines {
            assert!(!text.contains(['\n', '\r']), "{kind} of {number}: {text}");
            assert!(text.len() <= LONG_MAX, "{} of {kind}: {text}", text.len());
            assert_eq!(
                LogText::from_bytes(text.as_bytes()).as_str(),
                text,
                "{kind} of {number}"
            );
            longest = longest.max(text.len());
        }
    }
    assert!(longest > 2_000, "no long line: {longest}");

    let (mut rng, mut lines) = (Rng::with_seed(0), Vec::new());
    Speech::new(&mut rng, at(0), &mut lines).out("é".repeat(TEXT_MAX));
    assert_eq!(lines[0].text.len(), TEXT_MAX);
}

#[test]
fn nothing_looks_like_a_secret() {
    let words = [
        "password",
        "passwd",
        "secret",
        "token",
        "api_key",
        "apikey",
        "bearer",
        "credential",
    ];
    let is_blob = |word: &str| word.len() >= 24 && word.contains(|c: char| c.is_ascii_digit());
    for (kind, _, lines) in everything() {
        for Utterance { text, .. } in lines {
            let lower = text.to_lowercase();
            assert!(
                !words.iter().any(|word| lower.contains(word)),
                "{kind}: {text}"
            );
            assert!(
                !(lower.contains("://") && lower.contains('@')),
                "{kind}: {text}"
            );
            let mut parts = text.split(|c: char| !c.is_ascii_alphanumeric());
            assert!(!parts.any(is_blob), "{kind}: {text}");
        }
    }
}

/// The level word of a backend's entry in this form, as whoever wrote it meant it.
fn meant(form: Form, line: &str) -> Option<String> {
    match form {
        Form::Plain => line.split_whitespace().nth(2).map(str::to_lowercase),
        Form::Json => serde_json::from_str::<serde_json::Value>(line).ok()?["level"]
            .as_str()
            .map(str::to_owned),
        Form::Logfmt => {
            let (_, rest) = line.split_once(" level=")?;
            rest.split(' ').next().map(str::to_owned)
        }
    }
}

#[test]
fn the_levels_of_a_backend_are_recognised_in_all_three_forms() {
    for form in [Form::Plain, Form::Json, Form::Logfmt] {
        let number = number_with(form);
        let mut seen = BTreeSet::new();
        for line in a_full_life(ServiceKind::Backend, number, 7) {
            // Stack traces stand between the entries of a plain log.
            let begins = ["20", "{\"ts\"", "ts="];
            let is_entry = begins.iter().any(|begin| line.text.starts_with(begin));
            let word = meant(form, &line.text).filter(|_| is_entry);
            let Some(level) = word.as_deref().and_then(Level::parse) else {
                assert!(!is_entry, "{}", line.text);
                continue;
            };
            assert_eq!(Level::of(&line.text), Some(level), "{}", line.text);
            seen.insert(level);
        }
        let all = [Level::Debug, Level::Info, Level::Warning, Level::Error];
        assert_eq!(seen, BTreeSet::from(all), "{form:?}");
    }
}

#[test]
fn the_levels_of_the_other_services_are_recognised() {
    let marks: [(ServiceKind, &[(&str, Level)]); 3] = [
        (
            ServiceKind::Postgres,
            &[
                ("] ERROR:  ", Level::Error),
                ("] FATAL:  ", Level::Error),
                ("] LOG:  ", Level::Info),
            ],
        ),
        (
            ServiceKind::Redis,
            &[
                (" # ", Level::Warning),
                (" * ", Level::Info),
                (" - ", Level::Debug),
            ],
        ),
        (
            ServiceKind::Frontend,
            &[
                ("⨯", Level::Error),
                ("⚠", Level::Warning),
                ("http proxy error: ", Level::Error),
                ("[debug] ", Level::Debug),
                ("npm error ", Level::Error),
            ],
        ),
    ];
    for (kind, marks) in marks {
        let lines: Vec<Utterance> = STYLES.flat_map(|n| a_full_life(kind, n, 7)).collect();
        for (mark, level) in marks {
            let marked: Vec<&Utterance> = lines.iter().filter(|l| l.text.contains(mark)).collect();
            assert!(!marked.is_empty(), "{kind}: {mark}");
            for line in marked {
                assert_eq!(Level::of(&line.text), Some(*level), "{}", line.text);
            }
        }
    }
}
