//! `docs/FEATURES.md` and the tests tell the same story: every feature has a row, and what a row names exists.

use crate::evidence::{self, Row};
use std::{collections::BTreeSet, process::Command};

/// Once all is built: a promise has evidence, and its last column says nothing of "open".
const STRICT: bool = false;

/// The features that were promised, by group.
const PROMISED: [(char, &[u8]); 10] = [
    ('A', &[1, 2, 3, 4, 5, 6, 7, 9, 10, 11]),
    ('B', &[1, 6, 7, 8, 9, 12, 13, 14]),
    ('D', &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ('E', &[1, 2, 8, 9, 10]),
    ('F', &[1]),
    ('I', &[1, 2, 3, 4, 5, 6, 7]),
    ('J', &[1, 2, 3, 4, 5, 7]),
    ('L', &[1, 3]),
    ('M', &[1, 4, 5]),
    ('P', &[1, 4, 5, 6]),
];
/// The features that were wished for.
const WISHED: [(char, &[u8]); 10] = [
    ('A', &[8, 12]),
    ('B', &[4, 10, 11, 15, 16]),
    ('D', &[10]),
    ('E', &[3, 4, 7, 11]),
    ('F', &[3]),
    ('I', &[8]),
    ('J', &[6, 8]),
    ('L', &[2]),
    ('M', &[2]),
    ('P', &[3]),
];

fn rows() -> Vec<Row> {
    evidence::rows("FEATURES.md")
}

fn numbers(groups: &[(char, &[u8])]) -> BTreeSet<String> {
    let of = |(group, numbers): &(char, &[u8])| {
        let names = numbers.iter().map(|number| format!("{group}{number}"));
        names.collect::<Vec<_>>()
    };
    groups.iter().flat_map(of).collect()
}

#[test]
fn every_feature_has_one_row() {
    let of = |wish: bool| {
        let rows = rows().into_iter().filter(move |row| row.wish == wish);
        rows.map(|row| row.number).collect::<BTreeSet<_>>()
    };
    assert_eq!(of(false), numbers(&PROMISED));
    assert_eq!(of(true), numbers(&WISHED));
    assert_eq!(rows().len(), of(false).len() + of(true).len());
}

#[test]
fn every_row_has_evidence_or_says_why_not() {
    for row in rows() {
        assert!(
            !row.shown.is_empty() || !row.open.is_empty(),
            "{}",
            row.number
        );
        let done = !row.shown.is_empty() && !row.open.contains("open");
        assert!(!STRICT || row.wish || done, "{}: {}", row.number, row.open);
    }
}

#[test]
fn every_test_that_is_named_exists() {
    let tests = evidence::tests();
    let unknown = |row: &Row| {
        let names = row.tests().filter(|name| !tests.contains(*name));
        names
            .map(|name| format!("{}: {name}", row.number))
            .collect::<Vec<_>>()
    };
    let unknown: Vec<String> = rows().iter().flat_map(unknown).collect();
    assert!(unknown.is_empty(), "no such tests: {unknown:#?}");
}

/// What is named is a test or a command line of this program.
#[test]
fn every_command_that_is_named_is_one() {
    let mut checked = BTreeSet::new();
    for row in rows() {
        for name in row.shown.iter().filter(|name| !name.contains("::")) {
            let words = name.strip_prefix("cchub-tui ");
            let words = words.unwrap_or_else(|| panic!("{}: {name} is no command", row.number));
            if !checked.insert(words.to_owned()) {
                continue;
            }
            let mut help = Command::new(env!("CARGO_BIN_EXE_cchub-tui"));
            let output = help.args(words.split(' ')).arg("--help").output().unwrap();
            assert!(output.status.success(), "{}: {name}", row.number);
        }
    }
    assert!(!checked.is_empty());
}
