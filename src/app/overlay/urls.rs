//! URLs, ports and the ssh line of a project, a line each to copy.

use crate::stack::reach::{Line, Use};

/// The dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    /// What it is about.
    pub title: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// The selected one.
    pub index: usize,
    /// URLs can be shown in a browser from here.
    pub can_browse: bool,
}

impl Urls {
    /// The selected line.
    #[must_use]
    pub fn chosen(&self) -> Option<&Line> {
        self.lines.get(self.index)
    }

    /// The selected line, if a browser can show it from here.
    #[must_use]
    pub fn browsable(&self) -> Option<&Line> {
        let wanted = |line: &&Line| self.can_browse && line.usage == Use::Url;
        self.chosen().filter(wanted)
    }
}
