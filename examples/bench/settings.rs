//! What a run is told: how long, which measures, which program and which keys.

use clap::Parser;
use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

/// Written in `--open` and `--key` for keys that are no characters.
const KEYS: [(&str, &str); 7] = [
    ("\\e", "\x1b"),
    ("\\r", "\r"),
    ("\\t", "\t"),
    ("\\u", "\x1b[A"),
    ("\\d", "\x1b[B"),
    ("\\l", "\x1b[D"),
    ("\\R", "\x1b[C"),
];

/// Measures a full-screen Docker program in a pseudo-terminal, on containers that it makes itself.
#[derive(Debug, Parser)]
pub struct Settings {
    /// Seconds per measure. A flood needs some 50 MB of disk for each
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
    /// One second per measure and small logs: shows that everything works, the numbers mean little
    #[arg(long)]
    pub quick: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Only these measures
    #[arg(long, value_delimiter = ',', value_parser = ["flood", "open", "paced", "eight"])]
    pub only: Vec<String>,
    /// The binary of this program
    #[arg(long)]
    pub program: Option<PathBuf>,
    /// Measure this command instead; it is run by sh, and BENCH_CONTAINER names the container that prints
    #[arg(long)]
    pub command: Option<String>,
    /// Keys that open that container's log in it: characters, \e Escape, \r Enter, \t Tab, \u \d \l \R arrows
    #[arg(long, requires = "command", default_value = "")]
    pub open: String,
    /// A key that changes the screen …
    #[arg(long, requires = "command", requires = "words")]
    pub key: Option<String>,
    /// … so that these words come and go with it
    #[arg(long, requires = "key")]
    pub words: Option<String>,
}

impl Settings {
    /// Time of one measure.
    pub fn span(&self) -> Duration {
        Duration::from_secs(if self.quick { 1 } else { self.seconds })
    }

    /// Lines of the log that is opened.
    pub const fn lines(&self) -> u64 {
        if self.quick { 20_000 } else { 1_000_000 }
    }

    /// True if a measure is wanted.
    pub fn wants(&self, measure: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == measure)
    }

    /// True if it is this program that is measured.
    pub const fn is_ours(&self) -> bool {
        self.command.is_none()
    }

    /// What is run, on a hub file.
    pub fn words(&self, hub_file: &Path) -> Vec<OsString> {
        if let Some(command) = &self.command {
            return ["sh", "-c", &format!("exec {command}")]
                .map(Into::into)
                .into();
        }
        let beside = || Some(env::current_exe().ok()?.parent()?.join("../cchub-tui"));
        let program = self.program.clone().or_else(beside).unwrap_or_default();
        vec![program.into(), "--config".into(), hub_file.into()]
    }

    /// Keys that open the log of one service (`single`), or of the whole project, on the full screen.
    pub fn open_keys(&self, single: bool) -> Vec<String> {
        match (self.command.is_some(), single) {
            (true, _) => keys(&self.open),
            (false, true) => keys("\\Rlf"),
            (false, false) => keys("lf"),
        }
    }

    /// A key, and the words that come and go with it.
    pub fn toggle(&self) -> Option<(String, String)> {
        match (&self.key, &self.words) {
            (Some(key), Some(words)) => Some((keys(key).concat(), words.clone())),
            _ if self.is_ours() => Some(("w".to_owned(), " wrap".to_owned())),
            _ => None,
        }
    }
}

/// The keys that `text` names, one by one.
fn keys(text: &str) -> Vec<String> {
    let (mut keys, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let special = KEYS.iter().find(|(name, _)| rest.starts_with(name));
        let (name, key) = special.map_or((first.to_string(), first.to_string()), |(name, key)| {
            ((*name).to_owned(), (*key).to_owned())
        });
        keys.push(key);
        rest = rest.strip_prefix(&name).unwrap_or_default();
    }
    keys
}
