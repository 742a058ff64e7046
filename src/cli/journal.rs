//! `journal`: who changed what, when, and how it ended, read from the journal's files. No engine is asked.

use super::{
    args::JournalArgs,
    output::{CliError, Code, note, print, table},
};
use crate::{
    config::paths,
    domain::Timestamp,
    hub::{
        Failure,
        journal::{Entry, JOURNAL, Journal, Origin, Outcome, open_all, read_lines},
    },
};
use std::{
    collections::BTreeMap,
    io::{self, Read},
};

/// How an operation without an end is shown.
const NO_END: &str = "no end was written: it still runs, or its program was killed";

/// The journal of this user.
pub(super) fn open(origin: Origin) -> Journal {
    Journal::open(paths::state_dir(), origin)
}

/// Prints the last operations, the oldest first.
pub(super) fn journal(args: &JournalArgs) -> Result<Code, CliError> {
    let folder = paths::state_dir();
    let mut operations = Operations::new(args);
    let unreadable = |error| {
        let folder = folder.display();
        let failure =
            Failure::operation(format!("the journal in {folder} cannot be read: {error}"));
        failure.with_hint("run this as the user whose journal it is")
    };
    for file in open_all(&folder, JOURNAL).map_err(unreadable)? {
        operations.read(file).map_err(unreadable)?;
    }
    if operations.damaged > 0 {
        note(format_args!(
            "{} damaged lines are left out",
            operations.damaged
        ));
    }
    let entries: Vec<_> = operations.last.into_values().map(with_an_end).collect();
    if args.json {
        entries.iter().try_for_each(print_line)?;
    } else if entries.is_empty() {
        note("no operation is written down");
    } else {
        print(as_table(&entries))?;
    }
    Ok(Code::Done)
}

/// The last operations by when they began, and how many lines could not be read.
struct Operations<'a> {
    args: &'a JournalArgs,
    last: BTreeMap<(Timestamp, String), Entry>,
    damaged: usize,
}

impl<'a> Operations<'a> {
    fn new(args: &'a JournalArgs) -> Self {
        Self {
            args,
            last: BTreeMap::new(),
            damaged: 0,
        }
    }

    fn read(&mut self, file: impl Read) -> io::Result<()> {
        let mut damaged = 0;
        let taken = read_lines(file, |line| match serde_json::from_slice(line) {
            Ok(entry) => self.put(entry),
            Err(_) => damaged += 1,
        });
        self.damaged += damaged + taken?;
        Ok(())
    }

    /// Both lines of an operation have the same place; its end stays there.
    fn put(&mut self, entry: Entry) {
        let wanted = self.args.project.as_ref();
        if wanted.is_some_and(|project| *project != entry.project) {
            return;
        }
        let place = (entry.time, entry.id.to_string());
        if entry.result == Outcome::Begun {
            self.last.entry(place).or_insert(entry);
        } else {
            self.last.insert(place, entry);
        }
        if self.last.len() > self.args.last as usize {
            self.last.pop_first();
        }
    }
}

fn with_an_end(entry: Entry) -> Entry {
    if entry.result != Outcome::Begun {
        return entry;
    }
    Entry {
        result: Outcome::Unknown,
        message: NO_END.into(),
        ..entry
    }
}

fn print_line(entry: &Entry) -> Result<(), CliError> {
    let text = serde_json::to_string(entry)
        .map_err(|error| Failure::operation(format!("a line cannot be written: {error}")))?;
    print(text)
}

fn as_table(entries: &[Entry]) -> String {
    let heads = [
        "TIME", "USER", "PROJECT", "SERVICE", "WHAT", "RESULT", "TOOK", "",
    ];
    let rows: Vec<_> = entries.iter().map(row).collect();
    table(&heads, &rows)
}

fn row(entry: &Entry) -> Vec<String> {
    let dash = || "–".to_owned();
    let took = |ms| format!("{:.1}s", ms as f64 / 1000.0);
    let user = entry.user.as_ref().map(ToString::to_string);
    vec![
        format!("{:.0}", entry.time),
        user.unwrap_or_else(|| entry.uid.to_string()),
        entry.project.to_string(),
        entry.service.map_or_else(dash, |kind| kind.to_string()),
        entry.what.to_string(),
        entry.result.as_str().to_owned(),
        entry.duration_ms.map_or_else(dash, took),
        entry.message.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn line(second: u32, result: &str) -> String {
        format!(
            r#"{{"id":"{second}","time":"2026-01-31T14:00:{second:02}.250Z","user":"ann","uid":1,"ssh":null,"pid":7,"from":"command","project":"shop","service":"redis","what":"restart","result":"{result}","message":"m","duration_ms":null}}"#
        )
    }

    fn args(last: u32) -> JournalArgs {
        JournalArgs {
            project: None,
            last,
            json: false,
        }
    }

    fn read(args: &JournalArgs, text: &str) -> (Vec<(String, Outcome)>, usize) {
        let mut operations = Operations::new(args);
        operations.read(text.as_bytes()).unwrap();
        let all = operations.last.into_values().map(with_an_end);
        let all = all.map(|entry| (entry.id.to_string(), entry.result));
        (all.collect(), operations.damaged)
    }

    #[test]
    fn two_lines_are_one_operation_and_one_without_an_end_is_unknown() {
        let text = [
            line(1, "begun"),
            line(2, "begun"),
            line(1, "failed"),
            line(3, "a word of tomorrow"),
        ];
        let (all, damaged) = read(&args(9), &(text.join("\n") + "\n"));
        let expected = [
            ("1".to_owned(), Outcome::Failed),
            ("2".to_owned(), Outcome::Unknown),
            ("3".to_owned(), Outcome::Unknown),
        ];
        assert_eq!((all.as_slice(), damaged), (expected.as_slice(), 0));
    }

    #[test]
    fn the_last_ones_are_those_that_began_last() {
        let text = [
            line(1, "begun"),
            line(2, "begun"),
            line(2, "done"),
            line(3, "done"),
            line(1, "done"),
        ];
        let (all, _) = read(&args(2), &(text.join("\n") + "\n"));
        assert_eq!(
            all,
            [
                ("2".to_owned(), Outcome::Done),
                ("3".to_owned(), Outcome::Done)
            ]
        );
    }

    #[test]
    fn damaged_lines_are_counted_and_take_no_other_along() {
        let half = line(2, "done").chars().take(50).collect::<String>();
        let long = "x".repeat(3 << 16);
        let text = [half, line(3, "done"), long, String::new(), line(4, "done")];
        let (all, damaged) = read(&args(9), &(text.join("\n") + "\n{\"id\":"));
        assert_eq!((all.len(), damaged), (2, 3));
    }

    #[test]
    fn a_row_says_who_did_what_and_how_it_ended() {
        let entry: Entry = serde_json::from_str(&line(1, "begun")).unwrap();
        let text = as_table(&[with_an_end(entry)]);
        let row = text.lines().last().unwrap();
        assert_eq!(
            row,
            format!(
                "2026-01-31T14:00:01Z  ann   shop     redis    restart  unknown  –     {NO_END}"
            )
        );
    }
}
