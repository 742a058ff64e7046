//! Hides secrets in log lines on their way out: to the screen, the clipboard, a file or a pipe. What is kept stays as it is.

mod known;
mod pattern;
#[cfg(test)]
mod tests;
mod value;

use super::{LogLine, LogText, Part};
use crate::domain::{Secret, safe::uncoloured};
use known::Known;
use std::{borrow::Cow, ops::Range};

/// Stands in place of a secret. Always the same, so that its length tells nothing.
pub const SIGN: &str = "******";
/// Values that are shorter are no secrets, and would hide ordinary words; in bytes.
pub const SECRET_MIN: usize = 6;
/// Values that are learnt one after the other and kept: two for each project that can be followed together, and as many
/// again for those that change meanwhile.
pub const SECRETS_MAX: usize = 256;

/// Hides known secrets, in several spellings, and what common patterns give away. Cheap to clone, and cheap where nothing
/// is hidden: one or two passes, and no copy of a line without colours.
#[derive(Debug, Clone, Default)]
pub struct Masker {
    secrets: Vec<Secret>,
    known: Known,
}

impl Masker {
    /// Hides these secrets besides what looks like one.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let secrets: Vec<Secret> = secrets.into_iter().cloned().collect();
        let known = Known::new(&secrets);
        Self { secrets, known }
    }

    /// Hides these as well; of more than [`SECRETS_MAX`] the newest.
    pub fn learn(&mut self, secrets: Vec<Secret>) {
        let known = self.secrets.len();
        for secret in secrets {
            if !self.secrets.contains(&secret) {
                self.secrets.push(secret);
            }
        }
        if self.secrets.len() > known {
            let surplus = self.secrets.len().saturating_sub(SECRETS_MAX);
            self.secrets.drain(..surplus);
            self.known = Known::new(&self.secrets);
        }
    }

    /// The line as it may be shown. Colours do not matter, and stay. A line that is not whole may begin or end within a
    /// known secret.
    #[must_use]
    pub fn line<'a>(&self, line: &'a LogLine) -> Cow<'a, LogText> {
        let whole = line.cut == 0 && line.part == Part::Whole;
        if whole {
            return self.log_text(&line.text);
        }
        hidden(&line.text, |plain| {
            let ends = [self.known.ended_in(plain), self.known.begun_in(plain)];
            let mut spans = self.spans(plain);
            spans.extend(ends.into_iter().flatten());
            spans
        })
    }

    /// As [`Self::line`], for text that is whole.
    #[must_use]
    pub fn log_text<'a>(&self, text: &'a LogText) -> Cow<'a, LogText> {
        hidden(text, |plain| self.spans(plain))
    }

    /// As [`Self::line`], for text without colours.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let spans = self.spans(text);
        if spans.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(replaced(text, &spans))
    }

    /// As [`Self::line`], for a sanitised text of several lines.
    #[must_use]
    pub fn coloured<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let spans = self.spans(&uncoloured(text));
        if spans.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(replaced(text, &spans))
    }

    /// What is to be hidden of `plain`.
    fn spans(&self, plain: &str) -> Vec<Range<usize>> {
        let mut spans = self.known.spans(plain);
        spans.extend(pattern::spans(plain));
        spans
    }
}

/// `text` without the spans that `find` gives of its plain form.
fn hidden(text: &LogText, find: impl FnOnce(&str) -> Vec<Range<usize>>) -> Cow<'_, LogText> {
    let spans = find(&text.uncoloured());
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let shown = replaced(text.as_str(), &spans);
    Cow::Owned(LogText::from_bytes(shown.as_bytes()))
}

/// `text` with a sign for each of `spans`, which count its bytes without SGR sequences. Spans that touch become one.
fn replaced(text: &str, spans: &[Range<usize>]) -> String {
    let spans = merged(spans);
    let mut spans = spans.iter().peekable();
    let (mut out, mut at, mut is_colour) = (String::with_capacity(text.len()), 0, false);
    for c in text.chars() {
        if c == '\x1b' || is_colour {
            is_colour = c != 'm';
            out.push(c);
            continue;
        }
        while spans.next_if(|span| span.end <= at).is_some() {}
        match spans.peek() {
            Some(span) if span.start == at => out.push_str(SIGN),
            Some(span) if span.contains(&at) => {}
            _ => out.push(c),
        }
        at += c.len_utf8();
    }
    out
}

fn merged(spans: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable_by_key(|span| (span.start, span.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(sorted.len());
    for span in sorted {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}
