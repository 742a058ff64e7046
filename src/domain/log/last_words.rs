//! The last lines of a service that say what went wrong.

use super::{Entries, Level, LogLine, Masker};
use crate::domain::{Safe, ServiceKind, Timestamp};
use serde::Serialize;

/// Lines that are kept.
pub const LAST_WORDS_MAX: usize = 5;
/// Where nothing warns: who ends without a level has often said why.
const PLAIN_MAX: usize = 3;
/// Characters of one that are kept.
const CHARS_MAX: usize = 400;

/// One of them, fit to be shown: sanitised, without colours and secrets, cut where it is too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastWord {
    /// When it was printed, by the engine's clock.
    pub at: Timestamp,
    /// What it says; blanks are single.
    pub text: Safe,
}

/// The last lines that warn or worse, with the ends of their stack traces; where there is none, the last lines. Oldest
/// first.
#[must_use]
pub fn last_words(kind: ServiceKind, lines: &[LogLine], masker: &Masker) -> Vec<LastWord> {
    let warned = warnings(kind, lines);
    let (lines, most) = match warned.as_slice() {
        [] => (lines.iter().collect(), PLAIN_MAX),
        _ => (warned, LAST_WORDS_MAX),
    };
    let said = lines.into_iter().filter_map(|line| word(line, masker));
    let mut said: Vec<LastWord> = said.collect();
    said.drain(..said.len().saturating_sub(most));
    said
}

/// The first line of each entry that warns or worse, and its last one: of a trace that is what was raised.
fn warnings(kind: ServiceKind, lines: &[LogLine]) -> Vec<&LogLine> {
    let (mut entries, mut found) = (Entries::default(), Vec::new());
    let mut last: Option<u64> = None;
    for (number, line) in (0..).zip(lines) {
        let belongs = entries.place(number, kind, line);
        if belongs.level < Some(Level::Warning) || line.text.plain().trim().is_empty() {
            continue;
        }
        // The line before was only the last one so far.
        if last == Some(belongs.entry) {
            found.pop();
        }
        last = (!belongs.first).then_some(belongs.entry);
        found.push(line);
    }
    found
}

fn word(line: &LogLine, masker: &Masker) -> Option<LastWord> {
    let shown = masker.line(line);
    let plain = shown.plain();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let text: String = words.join(" ").chars().take(CHARS_MAX).collect();
    (!text.is_empty()).then(|| LastWord {
        at: line.at,
        text: Safe::new(text),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{LogStream, Secret, log::Part, safe::LogText};
    use ServiceKind::{Backend, Postgres};

    fn lines(texts: &[&str]) -> Vec<LogLine> {
        let line = |(second, text): (i64, &&str)| LogLine {
            at: Timestamp::from_second(second).unwrap(),
            stream: LogStream::Err,
            text: LogText::from_bytes(text.as_bytes()),
            cut: 0,
            part: Part::Whole,
        };
        (0..).zip(texts).map(line).collect()
    }

    fn said(kind: ServiceKind, texts: &[&str], masker: &Masker) -> Vec<String> {
        let said = last_words(kind, &lines(texts), masker).into_iter();
        said.map(|word| word.text.to_string()).collect()
    }

    #[test]
    fn the_last_lines_that_warn_are_kept_with_the_ends_of_their_traces() {
        let texts = [
            "ERROR: first",
            "INFO: GET /health 200",
            "WARNING: slow",
            "ERROR: query failed",
            "Traceback (most recent call last):",
            "  File \"app.py\", line 7, in get",
            "ValueError: no such item",
            "INFO: GET / 200",
            "ERROR: last  one",
        ];
        assert_eq!(
            said(Backend, &texts, &Masker::default()),
            [
                "ERROR: first",
                "WARNING: slow",
                "ERROR: query failed",
                "ValueError: no such item",
                "ERROR: last one",
            ]
        );
        let many: Vec<String> = (0..50).map(|n| format!("ERROR: number {n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let kept = said(Backend, &many, &Masker::default());
        assert_eq!(kept.len(), LAST_WORDS_MAX);
        assert_eq!(kept.last().unwrap(), "ERROR: number 49");
    }

    #[test]
    fn where_nothing_warns_the_last_lines_speak() {
        let texts = ["one", "two", "", "three", "cannot find /etc/app.conf"];
        assert_eq!(
            said(Backend, &texts, &Masker::default()),
            ["two", "three", "cannot find /etc/app.conf"]
        );
        assert_eq!(said(Postgres, &[], &Masker::default()), [""; 0]);
    }

    #[test]
    fn p70_secrets_escapes_and_endless_lines_are_not_kept() {
        let secret = Secret::new("s3cr3t-of-shop".to_owned());
        let masker = Masker::new([&secret]);
        let long = format!("ERROR: {}", "x".repeat(60_000));
        let texts = [
            "ERROR: cannot log in with s3cr3t-of-shop",
            "ERROR: \u{1b}]0;title\u{7}\u{1b}[31mred\u{202e}",
            long.as_str(),
        ];
        let kept = said(Backend, &texts, &masker);
        assert_eq!(kept[0], "ERROR: cannot log in with ******");
        assert!(
            !kept[1].contains(['\u{1b}', '\u{7}', '\u{202e}']),
            "{:?}",
            kept[1]
        );
        assert_eq!(kept[2].chars().count(), CHARS_MAX);
    }
}
