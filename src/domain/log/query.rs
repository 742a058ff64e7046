//! What is looked for in log lines: plain text or a regular expression, with smart case.

use super::LogText;
use crate::domain::safe::uncoloured;
use regex::{Regex, RegexBuilder};
use std::ops::Range;

/// Bytes that a compiled expression may take, and its cache as many.
const SIZE_MAX: usize = 1 << 20;
/// Bytes after the visible ones that are looked at for the end of a match.
const AHEAD: usize = 4 << 10;
/// Matches within one line that are shown.
const SPANS_MAX: usize = 1_000;

/// How the text of a query is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Syntax {
    /// As it stands.
    #[default]
    Plain,
    /// As a regular expression (of the kind that takes linear time).
    Regex,
}

/// A text that is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a regular expression: {0}")]
pub struct InvalidQuery(String);

/// What is looked for. Capital letters in it make case matter.
#[derive(Debug, Clone)]
pub struct Query {
    text: String,
    regex: Regex,
}

impl Query {
    /// Reads what was typed.
    ///
    /// # Errors
    /// It is no regular expression, or takes more than 1 MiB when compiled.
    pub fn new(text: &str, syntax: Syntax) -> Result<Self, InvalidQuery> {
        let (pattern, case) = match syntax {
            Syntax::Plain => (regex::escape(text), text.chars().any(char::is_uppercase)),
            Syntax::Regex => (text.to_owned(), has_capital(text)),
        };
        let regex = RegexBuilder::new(&pattern)
            .case_insensitive(!case)
            .size_limit(SIZE_MAX)
            .dfa_size_limit(SIZE_MAX)
            .build()
            .map_err(|error| InvalidQuery(reason(&error)))?;
        Ok(Self {
            text: text.to_owned(),
            regex,
        })
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True if the line holds it; colours do not matter.
    #[must_use]
    pub fn matches(&self, line: &LogText) -> bool {
        self.regex.is_match(&uncoloured(line.as_str()))
    }

    /// Where the line holds it, in bytes of the line without its colours; the first 1000 places.
    #[must_use]
    pub fn spans(&self, line: &LogText) -> Vec<Range<usize>> {
        self.spans_in(line.as_str())
    }

    /// The same for a text with SGR sequences that is what a line looks like.
    #[must_use]
    pub fn spans_in(&self, text: &str) -> Vec<Range<usize>> {
        self.spans_until(text, usize::MAX)
    }

    /// Those of them that begin within so many bytes; what goes on for more than 4 KiB after them may be missing.
    #[must_use]
    pub fn spans_until(&self, text: &str, bytes: usize) -> Vec<Range<usize>> {
        let text = uncoloured(text);
        let text = beginning(&text, bytes.saturating_add(AHEAD));
        let found = self.regex.find_iter(text).map(|found| found.range());
        found.filter(|r| !r.is_empty()).take(SPANS_MAX).collect()
    }
}

/// The beginning of a text, up to a character's end.
fn beginning(text: &str, bytes: usize) -> &str {
    let end = text.floor_char_boundary(bytes);
    text.get(..end).unwrap_or(text)
}

/// A capital letter that is not part of a class such as `\S`.
fn has_capital(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c.is_uppercase() {
            return true;
        }
    }
    false
}

/// The last line of the error: the ones before it draw where the mistake is.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    crate::domain::safe::one_line(last.trim_start_matches("error: "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::single_range_in_vec_init)]
    use super::*;

    fn finds(query: &str, syntax: Syntax, line: &str) -> bool {
        let line = LogText::from_bytes(line.as_bytes());
        Query::new(query, syntax).unwrap().matches(&line)
    }

    #[test]
    fn case_matters_only_with_capitals() {
        for (query, syntax, line, found) in [
            ("timeout", Syntax::Plain, "A TimeOut", true),
            ("Timeout", Syntax::Plain, "A TimeOut", false),
            ("straße", Syntax::Plain, "STRASSE Straße", true),
            ("a.c", Syntax::Plain, "abc", false),
            ("a.c", Syntax::Regex, "ABC", true),
            (r"\S+\W", Syntax::Regex, "x y", true),
            (r"^E\d", Syntax::Regex, "e1", false),
            ("[", Syntax::Plain, "x[y", true),
        ] {
            assert_eq!(finds(query, syntax, line), found, "{query} in {line}");
        }
    }

    #[test]
    fn colours_are_neither_found_nor_in_the_way() {
        let line = "\u{1b}[31mtime\u{1b}[0mout 31m";
        assert!(finds("timeout", Syntax::Plain, line));
        let query = Query::new("31m", Syntax::Plain).unwrap();
        let spans = query.spans(&LogText::from_bytes(line.as_bytes()));
        assert_eq!((spans.len(), spans[0].clone()), (1, 8..11));
    }

    #[test]
    fn what_is_no_expression_or_too_large_is_refused_with_the_reason() {
        let refused = |text| Query::new(text, Syntax::Regex).unwrap_err().to_string();
        assert_eq!(refused("(a"), "not a regular expression: unclosed group");
        assert!(refused("((a{99}){99}){99}").contains("size"));
    }

    #[test]
    fn only_the_beginning_is_looked_at_if_that_is_enough() {
        let text = format!("\u{1b}[1mab{}ab", "漢".repeat(2_000));
        let query = Query::new("ab", Syntax::Plain).unwrap();
        assert_eq!(query.spans_until(&text, 10), [0..2]);
        assert_eq!(query.spans_until(&text, 2_000), [0..2, 6_002..6_004]);
    }

    #[test]
    fn spans_are_bounded_and_never_empty() {
        let line = LogText::from_bytes("a".repeat(5_000).as_bytes());
        let spans = |text| Query::new(text, Syntax::Regex).unwrap().spans(&line);
        assert_eq!(spans("a").len(), SPANS_MAX);
        assert_eq!(spans("b*").len(), 0);
    }
}
