//! `docs/RELIABILITY.md` and the tests tell the same story: every promise has a row, every named test exists, and every
//! test that carries the number of a promise belongs to a row.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The promises: groups with gaps between them.
const PROMISES: [(u8, u8); 7] = [
    (1, 18),
    (20, 28),
    (30, 36),
    (40, 46),
    (50, 54),
    (60, 63),
    (70, 72),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Rows of the tables by promise: what is named in backticks in the third column, and the last column.
fn rows() -> BTreeMap<String, (Vec<String>, String)> {
    let text = fs::read_to_string(root().join("docs/RELIABILITY.md")).unwrap();
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| P") && !line.starts_with("| P |"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, promise, _, shown, open, _] = cells[..] else {
            panic!("a row has four columns: {line}");
        };
        let tests = shown.split('`').skip(1).step_by(2).map(str::to_owned);
        (promise.to_lowercase(), (tests.collect(), open.to_owned()))
    };
    rows.map(row).collect()
}

/// All test functions of the sources, as `module::name` like the test runner calls them, without the `tests` module of a
/// file.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (folder, base) in [("src", "src"), ("tests/it", "tests/it")] {
        visit(&root().join(folder), &root().join(base), &mut found);
    }
    found
}

fn visit(folder: &Path, base: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            visit(&path, base, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let module = path.strip_prefix(base).unwrap().with_extension("");
            let module = module
                .to_string_lossy()
                .replace('/', "::")
                .replace("::mod", "");
            let text = fs::read_to_string(&path).unwrap();
            let functions = text
                .lines()
                .filter_map(|line| line.trim().split_once("fn "));
            let names = functions.map(|(_, rest)| rest.split('(').next().unwrap_or_default());
            found.extend(names.map(|name| format!("{module}::{name}")));
        }
    }
}

/// The number that a test carries, if it carries one: `p06`.
fn number(test: &str) -> Option<String> {
    let name = test.rsplit("::").next()?;
    let (number, _) = name.split_once('_')?;
    let digits = number.strip_prefix('p')?;
    (digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| number.to_owned())
}

#[test]
fn every_promise_has_a_row_with_a_test_or_a_reason() {
    let rows = rows();
    let promised = PROMISES.iter().flat_map(|(first, last)| *first..=*last);
    for promise in promised.map(|n| format!("p{n:02}")) {
        let (tests, open) = rows
            .get(&promise)
            .unwrap_or_else(|| panic!("no row for {promise}"));
        assert!(!tests.is_empty() || open.contains("not yet"), "{promise}");
    }
}

#[test]
fn every_test_that_is_named_exists() {
    let tests = tests();
    for (promise, (named, _)) in rows() {
        for name in named.iter().filter(|name| name.contains("::")) {
            assert!(tests.contains(name), "{promise}: there is no {name}");
        }
    }
}

#[test]
fn every_test_with_a_number_belongs_to_a_row() {
    let rows = rows();
    let numbered: Vec<_> = tests()
        .into_iter()
        .filter_map(|t| Some((number(&t)?, t)))
        .collect();
    assert!(numbered.len() > 200, "{}", numbered.len());
    for (promise, test) in numbered {
        assert!(
            rows.contains_key(&promise),
            "{test} shows no promise that is in the table"
        );
    }
}
