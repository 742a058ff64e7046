//! One line of a log as a whole, however long it is: it stays there even if the log lets go of it.

use crate::{
    app::{
        logs::{Content, LogPane, Mark, Shown},
        text,
    },
    domain::{LogStream, log::Part, safe::without_colours},
};
use jiff::tz::TimeZone;

/// Columns around the text: the screen's edge, the border, a blank.
const AROUND: u16 = 8;
/// Rows around the text: the screen's edge, the border, the facts, a blank, the keys.
const ABOVE_AND_BELOW: u16 = 7;

/// The line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeLine {
    /// The service.
    pub title: String,
    /// When it happened, and all that is known besides its text.
    pub facts: String,
    /// Its text, with colours.
    pub text: String,
    /// The first row that is visible.
    pub top: usize,
}

impl WholeLine {
    /// The line of a row.
    #[must_use]
    pub fn new(logs: &LogPane, shown: &Shown<'_>, zone: &TimeZone) -> Self {
        let zone = logs.zone(zone).unwrap_or_else(|| zone.clone());
        let at = shown.row.at().to_zoned(zone);
        let mut facts = vec![at.strftime("%Y-%m-%d %H:%M:%S.%6f %Z").to_string()];
        let text = match &shown.row.content {
            Content::Line(line) => {
                let level = shown.row.belongs.level;
                facts.extend(level.map(|level| level.as_str().to_owned()));
                facts.push(match line.stream {
                    LogStream::Out => "standard output".to_owned(),
                    LogStream::Err => "standard error".to_owned(),
                });
                facts.extend((line.part == Part::Begun).then(|| "not ended yet".to_owned()));
                facts.extend(shown.row.late.then(|| "came late".to_owned()));
                let cut = text::grouped(line.cut as u64);
                facts.extend((line.cut > 0).then(|| format!("{cut} bytes cut")));
                logs.text_of(line).into_owned()
            }
            Content::Notice(_, text) => text.to_string(),
            Content::Dropped(_, lines) => format!("{} lines dropped", text::grouped(*lines)),
            Content::Mark(_, Mark::Own(number)) => format!("mark {number}"),
            Content::Mark(_, Mark::New) => "what came while the reader stayed is below".to_owned(),
        };
        Self {
            title: shown.lane.service.to_string(),
            facts: facts.join(" · "),
            text,
            top: 0,
        }
    }

    /// Its text without colours.
    #[must_use]
    pub fn plain(&self) -> String {
        without_colours(&self.text)
    }

    /// Columns and rows for its text on a screen of that size.
    #[must_use]
    pub fn room((width, height): (u16, u16)) -> (usize, usize) {
        let columns = usize::from(width.saturating_sub(AROUND));
        let rows = usize::from(height.saturating_sub(ABOVE_AND_BELOW));
        (columns.max(2), rows.max(1))
    }

    /// Rows that its text takes there.
    #[must_use]
    pub fn rows(&self, screen: (u16, u16)) -> usize {
        text::rows(&self.text, Self::room(screen).0)
    }

    /// The last row that it can begin with, so that its end is seen.
    #[must_use]
    pub fn last_top(&self, screen: (u16, u16)) -> usize {
        self.rows(screen).saturating_sub(Self::room(screen).1)
    }
}
