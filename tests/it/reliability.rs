//! `docs/RELIABILITY.md` and the tests tell the same story: every promise has a row, every named test exists, and every
//! test that carries the number of a promise belongs to a row.

use crate::evidence::{self, Row};
use std::collections::BTreeMap;

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

/// Rows of the tables by promise.
fn rows() -> BTreeMap<String, Row> {
    let rows = evidence::rows("RELIABILITY.md").into_iter();
    rows.map(|row| (row.number.to_lowercase(), row)).collect()
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
        let row = rows
            .get(&promise)
            .unwrap_or_else(|| panic!("no row for {promise}"));
        assert!(
            !row.shown.is_empty() || row.open.contains("not yet"),
            "{promise}"
        );
    }
}

#[test]
fn every_test_that_is_named_exists() {
    let tests = evidence::tests();
    for (promise, row) in rows() {
        for name in row.tests() {
            assert!(tests.contains(name), "{promise}: there is no {name}");
        }
    }
}

#[test]
fn every_test_with_a_number_belongs_to_a_row() {
    let rows = rows();
    let numbered: Vec<_> = evidence::tests()
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
