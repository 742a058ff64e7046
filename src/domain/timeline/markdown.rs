//! A timeline as Markdown, for whoever writes down what went wrong.

use super::Entry;
use crate::domain::Target;
use std::fmt::Write;

/// The entries of `target`, oldest first, as a table with times in UTC.
#[must_use]
pub fn markdown<'a>(target: &Target, entries: impl IntoIterator<Item = &'a Entry>) -> String {
    let mut text = format!(
        "# Timeline of {target}\n\nTimes are UTC.\n\n| time | service | what |\n| --- | --- | --- |\n"
    );
    for entry in entries {
        let service = entry.service.map_or("", |kind| kind.as_str());
        // A string takes everything.
        let _ = writeln!(
            text,
            "| {:.0} | {service} | {} |",
            entry.at,
            in_a_cell(&entry.words())
        );
    }
    text
}

/// Text that a Markdown table takes as it is: nothing in it ends the cell, marks up or becomes a link or an image.
fn in_a_cell(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for c in words.chars() {
        if matches!(
            c,
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '!' | '#' | '~' | '&'
        ) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}
