//! A JSON object in the order in which it was printed. Numbers stay as they were written, and what is written with
//! escapes passes the sanitiser when they are read.

use crate::domain::safe::LogText;
use serde::{
    Deserialize,
    de::{Deserializer, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// Keys and values of an object, or places and items of a list.
pub(super) type Members<'a> = Vec<(String, Value<'a>)>;

/// A value as it was printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a>(&'a str);

struct Object<'a>(Members<'a>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
            members.push((harmless(&key), Value(value.get())));
        }
        Ok(Object(members))
    }
}

/// The members of a text that is one JSON object, and not an empty one.
pub(super) fn members(text: &str) -> Option<Members<'_>> {
    if !text.ends_with('}') {
        return None;
    }
    let Object(members) = serde_json::from_str(text).ok()?;
    (!members.is_empty()).then_some(members)
}

impl<'a> Value<'a> {
    /// As it was printed.
    pub(super) fn printed(self) -> &'a str {
        self.0
    }

    /// What is in an object, or in a list that holds others; nothing of what is best read as it was printed.
    pub(super) fn children(self) -> Option<Members<'a>> {
        if self.0.starts_with('{') {
            return members(self.0);
        }
        if !self.0.starts_with('[') {
            return None;
        }
        let items: Vec<&RawValue> = serde_json::from_str(self.0).ok()?;
        let is_nested = |item: &&RawValue| item.get().starts_with(['{', '[']);
        if !items.iter().any(is_nested) {
            return None;
        }
        let items = items.into_iter().map(|item| Value(item.get()));
        Some((0_usize..).map(|n| n.to_string()).zip(items).collect())
    }

    /// The lines of a text.
    pub(super) fn words(self) -> Option<Vec<String>> {
        let text: Cow<'_, str> = match self.0.strip_prefix('"')?.strip_suffix('"')? {
            plain if !plain.contains('\\') => Cow::Borrowed(plain),
            _ => Cow::Owned(serde_json::from_str(self.0).ok()?),
        };
        let lines = text.trim_end_matches(['\r', '\n']).split('\n');
        Some(lines.map(harmless).collect())
    }

    /// A text in quotes if it could be taken for something else; anything else as it was printed.
    pub(super) fn phrase(self) -> Cow<'a, str> {
        let Some(lines) = self.words() else {
            return Cow::Borrowed(self.0);
        };
        let text = lines.join("\\n");
        if is_clear(&text) {
            Cow::Owned(text)
        } else {
            Cow::Owned(quoted(&text))
        }
    }

    /// The same where words are separated by blanks.
    pub(super) fn word(self) -> Cow<'a, str> {
        let text = self.phrase();
        let is_text = self.0.starts_with('"') && !text.starts_with('"');
        if is_text && text.contains([' ', '\t', '=']) {
            return Cow::Owned(quoted(&text));
        }
        text
    }
}

/// A key, in quotes if it does not look like one.
pub(super) fn key(key: &str) -> Cow<'_, str> {
    if key.is_empty() || key.contains([' ', '\t', '=', '"', ':']) {
        Cow::Owned(quoted(key))
    } else {
        Cow::Borrowed(key)
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}

/// True if nobody takes a text for a number, a list or a word of JSON, and it can be seen where it ends.
fn is_clear(text: &str) -> bool {
    let is_other = matches!(text, "" | "true" | "false" | "null")
        || text.starts_with(['"', '{', '['])
        || text.parse::<f64>().is_ok();
    !is_other && text.trim() == text
}

/// What escapes stood for comes out of the sanitiser without colours and line ends.
fn harmless(text: impl AsRef<str>) -> String {
    let text = text.as_ref();
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return text.to_owned();
    }
    LogText::from_bytes(text.as_bytes()).plain()
}
