//! Keeps the arrows of the map pointing one way: reads `src/` and fails on a path or a word that has no business there.
//! Comments, texts in quotes and test code are not looked at.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod reading;

use reading::{code_of, crate_paths, depth_of, test_modules};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// What one module of the top level may mention.
struct Rule {
    module: &'static str,
    /// Paths of our own crate, besides its own: whole modules or single items.
    may_use: &'static [&'static str],
    /// Words that may not occur.
    never: &'static [&'static str],
}

const CLOCKS: [&str; 4] = ["Instant::now", "SystemTime", "Timestamp::now", "Zoned::now"];

const RULES: [Rule; 15] = [
    Rule {
        module: "domain",
        may_use: &[],
        never: &[
            "tokio",
            "async",
            "await",
            "bollard",
            "ratatui",
            "crossterm",
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
        ],
    },
    Rule {
        module: "stack",
        may_use: &["domain"],
        never: &[
            "tokio",
            "async",
            "await",
            "bollard",
            "ratatui",
            "crossterm",
            "std::process",
        ],
    },
    Rule {
        module: "config",
        may_use: &["domain", "stack"],
        never: &["tokio", "async", "await", "ratatui", "crossterm"],
    },
    Rule {
        module: "probe",
        may_use: &["domain", "stack"],
        never: &[
            "ratatui",
            "crossterm",
            "std::fs",
            "tokio::fs",
            "tokio::sync",
        ],
    },
    Rule {
        module: "cgroup",
        may_use: &["domain"],
        never: &[
            "tokio",
            "async",
            "await",
            "bollard",
            "ratatui",
            "crossterm",
            "std::net",
            "std::process",
        ],
    },
    Rule {
        module: "engine",
        may_use: &["domain", "stack"],
        never: &["ratatui", "crossterm"],
    },
    Rule {
        module: "hub",
        may_use: &["domain", "stack", "config", "engine", "probe", "cgroup"],
        never: &["ratatui", "crossterm"],
    },
    Rule {
        module: "sim",
        may_use: &["domain", "stack::spec"],
        never: &["bollard", "ratatui", "crossterm", "std::process"],
    },
    Rule {
        module: "demo",
        may_use: &[
            "domain",
            "stack::names",
            "stack::ports",
            "config",
            "engine",
            "hub",
            "sim",
        ],
        never: &["bollard", "ratatui", "crossterm", "std::process::Command"],
    },
    Rule {
        module: "app",
        may_use: &["domain", "hub", "stack::hardening", "stack::reach"],
        never: &[
            "tokio",
            "async",
            "await",
            "crossterm",
            "HubHandle",
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
        ],
    },
    Rule {
        module: "ui",
        may_use: &["domain", "hub", "stack::hardening", "stack::reach", "app"],
        never: &[
            "tokio",
            "async",
            "await",
            "crossterm",
            "HubHandle",
            "&mut Model",
            "std::net",
            "std::process",
        ],
    },
    Rule {
        module: "tui",
        may_use: &["domain", "hub", "config", "app", "ui"],
        never: &[],
    },
    Rule {
        module: "cli",
        may_use: &[
            "domain",
            "stack",
            "hub",
            "config",
            "engine::Endpoint",
            "engine::endpoint",
            "engine::Engine",
            "engine::EngineError",
            "engine::LogQuery",
            "demo",
            "tui",
        ],
        never: &["ratatui", "crossterm"],
    },
    Rule {
        module: "fuzz",
        may_use: &[
            "domain",
            "stack",
            "config",
            "engine::fuzz",
            "hub",
            "app",
            "ui",
            "tui",
        ],
        never: &[],
    },
    Rule {
        module: "main",
        may_use: &["cli"],
        never: &["ratatui", "crossterm"],
    },
];

/// Modules whose moments come from outside, so that a test can choose them.
const WITHOUT_CLOCK: [&str; 4] = ["domain", "stack", "app", "ui"];

/// Words that belong to one place. The place is a file or folder below `src/`; none means that nobody may.
const ONLY_IN: [(&str, &[&str]); 27] = [
    ("bollard", &["engine"]),
    ("tokio::spawn", &["hub", "sim"]),
    // A terminal is read on a thread of its own. A write to one that does not read blocks: it has a thread, too. What
    // the clipboard begins is tmux's own program.
    (
        ".spawn(",
        &[
            "hub",
            "sim",
            "tui/input.rs",
            "tui/outlet.rs",
            "tui/clipboard.rs",
            "tui/browser.rs",
            // The terminal of a shell is read and written on threads, and the screen steps aside for this program itself.
            "tui/console.rs",
            "tui/aside.rs",
            "fuzz",
        ],
    ),
    ("spawn_blocking", &["hub"]),
    ("spawn_local", &["hub"]),
    ("thread::spawn", &["hub"]),
    (
        "Color::",
        &["ui/theme.rs", "ui/theme", "ui/ansi.rs", "tui/ink.rs"],
    ),
    // A simulated engine is another program in all but name: its state is behind a lock, as a server's is.
    ("Mutex", &["sim"]),
    ("RwLock", &[]),
    ("unsafe", &[]),
    // Text reaches the screen through the canvas and the other output through one file; both ask the sanitiser. A
    // field's text is drawn by its widget; the field keeps it safe.
    ("set_stringn", &["ui/canvas.rs"]),
    ("set_string", &[]),
    ("set_line", &[]),
    ("set_span", &[]),
    ("set_symbol", &[]),
    ("set_char", &[]),
    ("Span", &[]),
    ("Paragraph", &[]),
    ("Widget", &["ui/limits/field.rs"]),
    ("render_widget", &[]),
    ("SetTitle", &[]),
    ("io::stdout", &["cli/output.rs", "tui/terminal.rs"]),
    // The screen's last words, after it gave the terminal back.
    ("io::stderr", &["cli/output.rs", "tui/terminal.rs"]),
    ("print!", &[]),
    ("println!", &["fuzz"]),
    ("eprint!", &[]),
    ("eprintln!", &[]),
];

/// One source file: its path below `src/` and its text.
type Source = (PathBuf, String);

/// Everything in `sources` that breaks a rule.
fn broken(sources: &[Source]) -> Vec<String> {
    let tests: Vec<PathBuf> = sources
        .iter()
        .flat_map(|(path, text)| test_modules(path, text))
        .collect();
    sources
        .iter()
        .filter(|(path, _)| {
            !tests
                .iter()
                .any(|test| path.starts_with(test) || path.with_extension("") == *test)
        })
        .flat_map(|(path, text)| broken_in(path, &code_of(text)))
        .collect()
}

fn broken_in(path: &Path, code: &str) -> Vec<String> {
    let module = module_of(path);
    let Some(rule) = RULES.iter().find(|rule| rule.module == module) else {
        return vec![format!(
            "{}: no rule for the module {module}",
            path.display()
        )];
    };
    let paths = crate_paths(code, depth_of(path))
        .into_iter()
        .filter(|used| !may_use(rule, used))
        .map(|used| format!("crate::{used}"));
    let clocks = WITHOUT_CLOCK
        .contains(&rule.module)
        .then_some(CLOCKS)
        .into_iter()
        .flatten();
    let words = rule.never.iter().copied().chain(clocks);
    let elsewhere = ONLY_IN
        .iter()
        .filter(|(_, places)| !places.iter().any(|place| path.starts_with(place)))
        .map(|(word, _)| *word);
    let words = words
        .chain(elsewhere)
        .filter(|word| mentions(code, word))
        .map(str::to_owned);
    paths
        .chain(words)
        .map(|what| format!("{} may not mention {what}", path.display()))
        .collect()
}

fn module_of(path: &Path) -> String {
    let first = path.iter().next().expect("a file has a name");
    Path::new(first)
        .with_extension("")
        .to_string_lossy()
        .into_owned()
}

fn may_use(rule: &Rule, used: &str) -> bool {
    let begins_with = |allowed: &str| {
        used.strip_prefix(allowed)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    begins_with(rule.module) || rule.may_use.iter().any(|allowed| begins_with(allowed))
}

/// True if `word` occurs and is not a part of a longer name.
fn mentions(code: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let (before, rest) = code.split_at(at);
        let after = rest.strip_prefix(word).unwrap_or_default();
        let cut_before = word.starts_with(is_name) && before.ends_with(is_name);
        let cut_after = word.ends_with(is_name) && after.starts_with(is_name);
        !cut_before && !cut_after
    })
}

/// All Rust files of `src/` but `lib.rs`, which names every module.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source is text");
                found.insert(path.strip_prefix(&root).unwrap().to_owned(), text);
            }
        }
    }
    found.remove(Path::new("lib.rs")).expect("src has a lib.rs");
    found.into_iter().collect()
}

#[test]
fn modules_only_use_what_they_may() {
    let sources = sources();
    assert!(sources.len() > 20, "only {} files were read", sources.len());
    let broken = broken(&sources);
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_rule_is_about_a_module_that_exists() {
    let modules: Vec<String> = sources().iter().map(|(path, _)| module_of(path)).collect();
    for rule in &RULES {
        assert!(
            modules.iter().any(|module| module == rule.module),
            "{}",
            rule.module
        );
    }
}

/// What is broken if `text` stands in `path`.
fn planted(path: &str, text: &str) -> Vec<String> {
    broken(&[(PathBuf::from(path), text.to_owned())])
}

#[test]
fn a_planted_violation_is_found() {
    for (path, text) in [
        ("domain/x.rs", "use crate::engine::Engine;"),
        ("domain/x.rs", "async fn f() {}"),
        ("domain/x.rs", "let now = Timestamp::now();"),
        ("domain/x.rs", "use tokio::time;"),
        ("stack/x.rs", "use crate::{domain::{Safe, State}, hub};"),
        ("engine/x.rs", "fn f(h: &crate::hub::Fact) {}"),
        (
            "hub/x.rs",
            "use crate::{\n    // why\n    domain,\n    app::Model,\n};",
        ),
        ("app/x.rs", "use crate::hub::HubHandle;"),
        ("app/x.rs", "use crate::stack::secrets;"),
        ("ui/x.rs", "fn draw(model: &mut Model) {}"),
        ("ui/x.rs", "let c = Color::Red;"),
        ("tui/x.rs", "use crate::engine::Endpoint;"),
        ("tui/x.rs", "tokio::spawn(run());"),
        ("cli/x.rs", "use crate::engine::VolumeFile;"),
        ("cli/x.rs", "use crate::app::Model;"),
        ("probe/x.rs", "set.spawn(async {});"),
        ("hub/x.rs", "use std::sync::Mutex;"),
        ("hub/x.rs", "use bollard::Docker;"),
        ("main.rs", "use cchub::hub;"),
        ("app/x.rs", "use super::super::engine::Engine;"),
        ("app/mod.rs", "use super::engine::Engine;"),
        ("ui/x.rs", "canvas.buf.set_stringn(0, 0, text, 9, style);"),
        ("ui/x.rs", "cell.set_symbol(name);"),
        ("ui/fleet.rs", "frame.render_widget(name, area);"),
        ("tui/x.rs", "use ratatui::text::Span;"),
        ("tui/x.rs", "execute!(out, SetTitle(name))"),
        ("hub/x.rs", "eprintln!(\"{error}\");"),
        ("cli/status.rs", "std::io::stdout().write_all(name)"),
        ("fuzz/x.rs", "use crate::engine::Engine;"),
        ("helpers/x.rs", ""),
        ("domain/x.rs", "#[cfg(test)]\nfn t() {}\nuse tokio::io;"),
        ("domain/x.rs", "const A: &str = \"//\"; use tokio::io;"),
        ("domain/x.rs", "const A: char = '\"'; use tokio::io; // \""),
    ] {
        assert_eq!(
            planted(path, text).len(),
            1,
            "{path}: {text}: {:?}",
            planted(path, text)
        );
    }
}

#[test]
fn what_is_allowed_is_not_found() {
    for (path, text) in [
        (
            "domain/x.rs",
            "//! Not tokio.\n/* nor async */ const A: &str = \"bollard\";",
        ),
        ("domain/x.rs", "const A: &str = r#\"tokio \" await\"#;"),
        (
            "domain/x.rs",
            "#[cfg(test)]\nmod tests {\n use tokio::io;\n fn f() { let _ = '}'; }\n}",
        ),
        ("domain/x.rs", "#[cfg(test)]\nuse tokio::io;\nstruct A;"),
        ("domain/x.rs", "fn asynchronous<'a>(a: &'a str) {}"),
        (
            "app/x.rs",
            "use crate::{hub::{Command, Fact}, stack::hardening::Finding, domain::*};",
        ),
        ("cli/x.rs", "use crate::{engine::Endpoint, tui::open};"),
        ("hub/x.rs", "tokio::spawn(run());"),
        ("ui/ansi.rs", "Color::Red"),
        ("ui/theme/names.rs", "Color::Red"),
        ("main.rs", "cchub::cli::main()"),
        ("domain/x.rs", "use super::{Safe, units::Bytes};"),
        ("domain/x/y.rs", "use super::super::Safe;"),
    ] {
        assert_eq!(planted(path, text), Vec::<String>::new(), "{path}: {text}");
    }
    let pair = [
        (
            PathBuf::from("domain/a.rs"),
            "#[cfg(test)]\nmod tests;".to_owned(),
        ),
        (
            PathBuf::from("domain/a/tests.rs"),
            "use tokio::io;".to_owned(),
        ),
    ];
    assert_eq!(broken(&pair), Vec::<String>::new());
}
