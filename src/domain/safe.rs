//! The one sanitiser: whatever a container, an engine or a file says passes here before it can be drawn.
//!
//! What terminals execute (CVE-2021-25743, CVE-2024-43785) and what hides text (CVE-2021-42574) is dropped or
//! made visible. Only colours (SGR) survive, and only in [`LogText`]. What has been sanitised once is not changed by
//! doing it again.

use serde::{Deserialize, Deserializer, Serialize};
use std::{borrow::Cow, fmt, ops::Deref};

mod cell;
mod clean;
mod glyph;
mod sequence;
#[cfg(test)]
mod slow;
#[cfg(test)]
mod tests;

use clean::{Keep, clean, is_clean};
pub use glyph::stands_alone;

/// Longest [`Safe`] text in bytes; more is cut.
pub const TEXT_MAX: usize = 4096;
/// Longest word from outside within a sentence of ours, in characters.
const WORD_MAX: usize = 80;

/// Text without control characters, escape sequences, bidi overrides and line ends: safe to draw anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord, Serialize)]
pub struct Safe(String);

/// A log line that is safe to draw once its colours are read: besides text and tabs it holds only complete SGR
/// sequences (`ESC [`, at most 16 parameters of digits between `;` and `:`, `m`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogText(Box<str>);

impl Safe {
    /// Sanitises `text`: one line, no control characters, at most [`TEXT_MAX`] bytes (`…` at the end says that more
    /// was cut). Line ends and tabs become one space, or none at either end.
    #[must_use]
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(clean(text.as_ref(), Keep::Text, TEXT_MAX))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Safe {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// What is read back from a file is not believed to be what was written there.
impl<'de> Deserialize<'de> for Safe {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::new)
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for Safe {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Safe {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl LogText {
    /// Sanitises one line of a container's output. Bytes that are no UTF-8 become U+FFFD. The result is at most six
    /// times as long as `bytes`: hidden characters are spelled out.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let text = match std::str::from_utf8(bytes) {
            // Nearly all lines; they are looked at once and copied.
            Ok(text) if is_clean(text) => return Self(text.into()),
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(bytes),
        };
        Self(clean(&text, Keep::ColoursAndTabs, usize::MAX).into())
    }

    /// The text with its SGR sequences.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text without colours.
    #[must_use]
    pub fn plain(&self) -> String {
        without_colours(&self.0)
    }

    /// As [`Self::plain`], without a copy where there are no colours.
    #[must_use]
    pub fn uncoloured(&self) -> Cow<'_, str> {
        uncoloured(&self.0)
    }

    /// The text with its SGR sequences, for good.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0.into_string()
    }

    /// True if there is nothing to read, colours or not.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty() || self.plain().is_empty()
    }
}

/// A sanitised line without its SGR sequences: every escape in there begins one, and they end in the first `m`.
#[must_use]
pub fn without_colours(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let mut text = parts.next().unwrap_or_default().to_owned();
    let after = parts.filter_map(|part| part.split_once('m'));
    text.extend(after.map(|(_, after)| after));
    text
}

/// The same, without a copy where there are no colours: most lines have none.
#[must_use]
pub fn uncoloured(line: &str) -> Cow<'_, str> {
    if line.contains('\x1b') {
        Cow::Owned(without_colours(line))
    } else {
        Cow::Borrowed(line)
    }
}

/// True if the sanitiser leaves `text` as it is.
#[must_use]
pub fn is_safe(text: &str) -> bool {
    Safe::new(text).as_str() == text
}

/// A word from outside as it may stand in a message of ours: sanitised and at most 80 characters.
#[must_use]
pub fn one_line(word: &str) -> String {
    let safe = Safe::new(word);
    if safe.chars().count() <= WORD_MAX {
        return safe.0;
    }
    let kept = safe.chars().take(WORD_MAX - 1);
    kept.chain(['…']).collect()
}
