//! Tables of the docs that name the tests which show a thing, and all tests that there are.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A row of such a table.
pub struct Row {
    /// `P06`, `A1`.
    pub number: String,
    /// It is written in italics: a wish, not a promise.
    pub wish: bool,
    /// What is named in backticks in the third column.
    pub shown: Vec<String>,
    /// The last column.
    pub open: String,
}

impl Row {
    /// The tests that it names.
    pub fn tests(&self) -> impl Iterator<Item = &String> {
        self.shown.iter().filter(|name| name.contains("::"))
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of all tables of a page of `docs` whose first cell is a letter and a number.
pub fn rows(page: &str) -> Vec<Row> {
    let text = fs::read_to_string(root().join("docs").join(page)).unwrap();
    text.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.strip_prefix("| ")?.split('|').map(str::trim).collect();
    let number = cells[0].trim_matches('*');
    let digits = number.strip_prefix(|first: char| first.is_ascii_uppercase())?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let [first, _, shown, open, _] = cells[..] else {
        panic!("a row has four columns: {line}");
    };
    let shown = shown.split('`').skip(1).step_by(2).map(str::to_owned);
    Some(Row {
        number: number.to_owned(),
        wish: first != number,
        shown: shown.collect(),
        open: open.to_owned(),
    })
}

/// All tests of the sources, as `module::name` like the test runner calls them, without the `tests` module of a file.
pub fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for base in ["src", "tests/it"] {
        visit(&root().join(base), &root().join(base), &mut found);
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
            found.extend(tests_of(&text).map(|name| format!("{module}::{name}")));
        }
    }
}

/// Names of the functions that stand below the attribute of a test.
fn tests_of(text: &str) -> impl Iterator<Item = &str> {
    let mut is_test = false;
    text.lines().map(str::trim).filter_map(move |line| {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let (_, rest) = line.split_once("fn ")?;
        std::mem::take(&mut is_test).then(|| rest.split('(').next().unwrap_or_default())
    })
}
