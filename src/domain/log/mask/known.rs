//! Finds known values in a text: as they are, escaped, percent-encoded, and within base64.

use super::SECRET_MIN;
use crate::domain::{Secret, safe::LogText};
use regex::{Regex, RegexBuilder};
use std::{collections::BTreeSet, fmt, ops::Range, sync::Arc};

/// Longer values are looked for in parts of this many bytes.
const PART_MAX: usize = 512;
/// Forms that are looked for together.
const FORMS_MAX: usize = 256;
/// Bytes that an expression of so many forms of so many bytes may take; it does not.
const SIZE_MAX: usize = 64 << 20;
/// Bytes of a value at the end or the beginning of a part of a line that count as the value. Fewer tell too little of a
/// long value, and may be an ordinary word.
const PIECE_MIN: usize = 16;
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What is known and must not be shown.
#[derive(Clone, Default)]
pub(super) struct Known {
    /// As it is printed, in parts.
    values: Arc<[String]>,
    /// All forms of it.
    forms: Arc<[Regex]>,
}

/// The expressions spell the secrets, so that neither is shown.
impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.values.len())
    }
}

impl Known {
    pub fn new(secrets: &[Secret]) -> Self {
        let printed = secrets.iter().flat_map(|secret| printed(secret.reveal()));
        let printed: BTreeSet<_> = printed.collect();
        let mut forms: Vec<_> = printed.iter().flat_map(|value| forms(value)).collect();
        // Of two that begin at the same place the longer one is found.
        forms.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Self {
            values: printed.into_iter().collect(),
            forms: forms.chunks(FORMS_MAX).filter_map(any_of).collect(),
        }
    }

    /// Where a value stands. What holds one in base64 is hidden as a whole.
    pub fn spans(&self, plain: &str) -> Vec<Range<usize>> {
        let mut spans: Vec<Range<usize>> = Vec::new();
        for found in self.forms.iter().flat_map(|forms| forms.find_iter(plain)) {
            let is_value = self.values.iter().any(|value| value == found.as_str());
            let is_hidden = |span: &Range<usize>| span.contains(&found.start());
            if is_value {
                spans.push(found.range());
            } else if !spans.last().is_some_and(is_hidden) {
                spans.push(encoded_word(plain, found.range()));
            }
        }
        spans
    }

    /// The beginning of a value at the end of `plain`.
    pub fn begun_in(&self, plain: &str) -> Option<Range<usize>> {
        let begun = |value: &String| {
            let ends = (PIECE_MIN..value.len()).rev();
            let mut parts = ends.filter_map(|end| value.get(..end));
            parts.find(|part| plain.ends_with(part)).map(str::len)
        };
        let length = self.values.iter().filter_map(begun).max()?;
        Some(plain.len() - length..plain.len())
    }

    /// The end of a value at the beginning of `plain`.
    pub fn ended_in(&self, plain: &str) -> Option<Range<usize>> {
        let ended = |value: &String| {
            let starts = 1..=value.len().saturating_sub(PIECE_MIN);
            let mut parts = starts.filter_map(|start| value.get(start..));
            parts.find(|part| plain.starts_with(part)).map(str::len)
        };
        let length = self.values.iter().filter_map(ended).max()?;
        Some(0..length)
    }
}

fn any_of(forms: &[String]) -> Option<Regex> {
    let escaped: Vec<_> = forms.iter().map(|form| regex::escape(form)).collect();
    let any = RegexBuilder::new(&escaped.join("|"))
        .size_limit(SIZE_MAX)
        .build();
    debug_assert!(any.is_ok());
    any.ok()
}

/// The lines of a value, sanitised as log lines are.
fn printed(value: &str) -> Vec<String> {
    let lines = value
        .lines()
        .map(|line| LogText::from_bytes(line.as_bytes()).plain());
    let parts = lines.flat_map(|line| parts(&line));
    parts.filter(|part| part.len() >= SECRET_MIN).collect()
}

fn parts(line: &str) -> Vec<String> {
    let (mut parts, mut rest) = (Vec::new(), line);
    while rest.len() > PART_MAX {
        let (part, more) = rest.split_at(rest.floor_char_boundary(PART_MAX));
        parts.push(part.to_owned());
        rest = more;
    }
    parts.push(rest.to_owned());
    parts
}

/// The ways in which a value may be written.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![
        value.to_owned(),
        value.replace('\\', "\\\\").replace('"', "\\\""),
        percent_encoded(value, "0123456789ABCDEF", "%20"),
        percent_encoded(value, "0123456789abcdef", "%20"),
        percent_encoded(value, "0123456789ABCDEF", "+"),
    ];
    for offset in 0..3 {
        let core = base64_core(value.as_bytes(), offset);
        forms.push(core.replace('+', "-").replace('/', "_"));
        forms.push(core);
    }
    forms.retain(|form| form.len() >= SECRET_MIN);
    forms
}

fn percent_encoded(value: &str, digits: &str, space: &str) -> String {
    let digit = |n: u8| char::from(digits.as_bytes()[usize::from(n)]);
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push_str(space),
            _ => out.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    out
}

/// The characters of base64 that `value` alone decides if it stands so many bytes after a multiple of three.
fn base64_core(value: &[u8], offset: usize) -> String {
    let bytes: Vec<u8> = std::iter::repeat_n(0, offset)
        .chain(value.iter().copied())
        .collect();
    let sextet = |n: usize| {
        let bit = n * 6;
        let pair = [bytes[bit / 8], bytes.get(bit / 8 + 1).copied().unwrap_or(0)];
        let shifted = u16::from_be_bytes(pair) >> (10 - bit % 8) & 63;
        char::from(BASE64[usize::from(shifted)])
    };
    let first = (offset * 8).div_ceil(6);
    (first..bytes.len() * 8 / 6).map(sextet).collect()
}

/// All of the word of base64 around `core`.
fn encoded_word(plain: &str, core: Range<usize>) -> Range<usize> {
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let bytes = plain.as_bytes();
    let before = bytes[..core.start].iter().rev().take_while(is_word);
    let end = core.end + bytes[core.end..].iter().take_while(is_word).count();
    let padding = bytes[end..].iter().take_while(|byte| **byte == b'=');
    core.start - before.count()..end + padding.count()
}
