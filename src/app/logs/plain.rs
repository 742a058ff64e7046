//! Rows of a log as plain text, for the clipboard, for a file, and for a screen without anything around them.

use super::{Content, Key, LogPane, Mark, Shown, Stamps, Walk, stamp};
use crate::{app::text::grouped, domain::safe::without_colours};
use jiff::{Timestamp, tz::TimeZone};
use std::fmt::Write;

/// How the moments of rows are written.
#[derive(Debug, Clone)]
pub enum Moments {
    /// As in the pane: the time of day in a time zone.
    Day(TimeZone),
    /// With everything, in UTC.
    Whole,
    /// Not at all.
    None,
}

/// Some rows as plain text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plain {
    /// One line per row, each with its end.
    pub text: String,
    /// How many.
    pub lines: u64,
    /// The first row that is missing because the text is long enough.
    pub next: Option<Key>,
}

impl LogPane {
    /// The time zone of what is shown, if moments are.
    #[must_use]
    pub fn zone(&self, local: &TimeZone) -> Option<TimeZone> {
        match self.stamps {
            // What leaves the screen is read at another time.
            Stamps::Local | Stamps::Relative => Some(local.clone()),
            Stamps::Utc => Some(TimeZone::UTC),
            Stamps::Off => None,
        }
    }

    /// The rows of a walk up to `last`: those that fit into `bytes_max`, and one more.
    #[must_use]
    pub fn plain(&self, rows: Walk<'_>, last: Key, moments: &Moments, bytes_max: usize) -> Plain {
        let mut plain = Plain::default();
        for shown in rows.take_while(|shown| shown.row.key <= last) {
            if plain.text.len() >= bytes_max {
                plain.next = Some(shown.row.key);
                break;
            }
            self.write(&mut plain.text, &shown, moments);
            plain.lines += 1;
        }
        plain
    }

    fn write(&self, text: &mut String, shown: &Shown<'_>, moments: &Moments) {
        write_moment(text, shown.row.at(), moments);
        let name = self.name_of(&shown.lane.service);
        // Writing to a text cannot fail.
        let _ = match &shown.row.content {
            Content::Line(line) if self.is_merged() => {
                let line = without_colours(&self.text_of(line));
                writeln!(text, "{name:0$} {line}", self.name_width)
            }
            Content::Line(line) => writeln!(text, "{}", without_colours(&self.text_of(line))),
            Content::Notice(_, notice) => writeln!(text, "-- {name}: {notice} --"),
            Content::Dropped(_, lines) => {
                let lines = grouped(*lines);
                writeln!(text, "-- {name}: {lines} lines dropped --")
            }
            Content::Mark(_, Mark::Own(number)) => writeln!(text, "-- mark {number} --"),
            Content::Mark(_, Mark::New) => writeln!(text, "-- new below --"),
        };
    }
}

fn write_moment(text: &mut String, at: Timestamp, moments: &Moments) {
    // As above.
    let _ = match moments {
        Moments::Day(zone) => write!(text, "{} ", stamp(at, zone)),
        Moments::Whole => write!(text, "{at:.9} "),
        Moments::None => Ok(()),
    };
}
