//! A value that must not be read on a screen, in a log or in a file.

use std::fmt;

/// A value that nobody may read. Can be kept, sent and compared; what shows it has to ask for it by [`Secret::reveal`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps `value` to itself.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Without the value, so that no log, panic or failed test shows it.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p70_debug_of_a_secret_shows_nothing_of_it() {
        let secrets = vec![Secret::new("hunter2-hunter2")];
        assert_eq!(format!("{secrets:?}"), "[Secret]");
    }
}
