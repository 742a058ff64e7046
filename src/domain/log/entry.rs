//! Which lines belong together: a stack trace, a statement's details, whatever goes on on an indented line.

use super::{
    LogLine, LogStream, Part,
    level::{Level, Mark, mark},
    plain::with_head,
};
use crate::domain::{PerService, ServiceKind};

/// Lines of one entry at most; what comes after them is an entry of its own.
pub const ENTRY_LINES_MAX: u32 = 256;

/// Where a line belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belongs {
    /// The number of the entry: that of its first line.
    pub entry: u64,
    /// It is the first line.
    pub first: bool,
    /// The level of the entry.
    pub level: Option<Level>,
}

impl Belongs {
    /// A row that is no line of a container.
    #[must_use]
    pub const fn alone(entry: u64) -> Self {
        Self {
            entry,
            first: true,
            level: None,
        }
    }
}

/// The entry that the next line of a stream may go on with.
#[derive(Debug, Clone, Copy)]
struct Open {
    entry: u64,
    level: Option<Level>,
    lines: u32,
    /// Python's traceback: the first line that is not indented ends it, and belongs to it.
    trace: bool,
}

/// Puts the lines of each service together, in the order in which they were printed. Standard output and standard
/// error do not mix.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    open: PerService<[Option<Open>; 2]>,
}

/// How a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    Blank,
    Indented,
    /// `at …`, `Caused by: …`, `DETAIL: …`
    GoesOn,
    Traceback,
    Text(Option<Level>),
}

impl Entries {
    /// Where line number `number` belongs. Numbers are given by the caller and never come twice.
    pub fn place(&mut self, number: u64, kind: ServiceKind, line: &LogLine) -> Belongs {
        let open = &mut self.open[kind][usize::from(line.stream == LogStream::Err)];
        let begin = match line.part {
            Part::Rest => Begin::GoesOn,
            Part::Whole | Part::Begun => with_head(line.text.as_str(), begin),
        };
        if let Some(open) = open.as_mut().filter(|open| open.takes(begin)) {
            open.lines += 1;
            open.trace = match begin {
                Begin::Traceback => true,
                Begin::Text(_) => false,
                _ => open.trace,
            };
            return Belongs {
                entry: open.entry,
                first: false,
                level: open.level,
            };
        }
        let level = match begin {
            Begin::Text(level) => level,
            Begin::Traceback => Some(Level::Error),
            Begin::Blank | Begin::Indented | Begin::GoesOn => None,
        };
        *open = Some(Open {
            entry: number,
            level,
            lines: 1,
            trace: begin == Begin::Traceback,
        });
        Belongs {
            entry: number,
            first: true,
            level,
        }
    }
}

impl Open {
    fn takes(&self, begin: Begin) -> bool {
        let wanted = match begin {
            Begin::Blank | Begin::Indented | Begin::GoesOn => true,
            // After "it failed" the trace says how; after an ordinary line it is news.
            Begin::Traceback => self.trace || self.level >= Some(Level::Warning),
            Begin::Text(_) => self.trace,
        };
        wanted && self.lines < ENTRY_LINES_MAX
    }
}

fn begin(head: &[u8]) -> Begin {
    const GOES_ON: [&[u8]; 5] = [
        b"at ",
        b"Caused by: ",
        b"... ",
        b"During handling of the above exception",
        b"The above exception was the direct cause",
    ];
    if head.trim_ascii().is_empty() {
        return Begin::Blank;
    }
    if head.starts_with(b"\t") || head.starts_with(b"  ") {
        return Begin::Indented;
    }
    if head.starts_with(b"Traceback (most recent call last)") {
        return Begin::Traceback;
    }
    match mark(head) {
        Mark::GoesOn => Begin::GoesOn,
        _ if GOES_ON.iter().any(|words| head.starts_with(words)) => Begin::GoesOn,
        Mark::Level(level) => Begin::Text(Some(level)),
        Mark::None => Begin::Text(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Timestamp, safe::LogText};

    fn line(stream: LogStream, text: &str) -> LogLine {
        LogLine {
            at: Timestamp::UNIX_EPOCH,
            stream,
            text: LogText::from_bytes(text.as_bytes()),
            cut: 0,
            part: Part::Whole,
        }
    }

    /// Entries that the lines make, as the numbers of their first lines.
    fn entries(lines: &[&str]) -> Vec<u64> {
        let mut entries = Entries::default();
        let place = |(n, text): (u64, &&str)| {
            entries
                .place(n, ServiceKind::Backend, &line(LogStream::Err, text))
                .entry
        };
        (0..).zip(lines).map(place).collect()
    }

    #[test]
    fn a_stack_trace_is_one_entry() {
        let python = [
            "ERROR:    Exception in ASGI application",
            "Traceback (most recent call last):",
            "  File \"/app/main.py\", line 3, in show",
            "    raise ValueError(\"ERROR: x\")",
            "ValueError: ERROR: x",
            "",
            "During handling of the above exception, another exception occurred:",
            "",
            "Traceback (most recent call last):",
            "KeyError: 'x'",
            "KeyError: 'y'",
            "INFO:     it goes on",
        ];
        assert_eq!(entries(&python), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 11]);
        let java = [
            "Exception in thread \"main\" java.lang.IllegalStateException: x",
            "\tat shop.Main.run(Main.java:3)",
            "Caused by: java.io.IOException: y",
            "\t... 3 more",
            "at the end",
        ];
        assert_eq!(entries(&java), [0, 0, 0, 0, 0]);
        let node = ["Error: x", "    at f (a.js:1)", "Error: y"];
        assert_eq!(entries(&node), [0, 0, 2]);
    }

    #[test]
    fn a_statements_details_belong_to_its_error() {
        let lines = [
            "2026-11-21 06:06:21.065 UTC [71] ERROR:  deadlock detected",
            "2026-11-21 06:06:21.065 UTC [71] DETAIL:  Process 71 waits",
            "2026-11-21 06:06:21.065 UTC [71] STATEMENT:  UPDATE x",
            "\tSET y = 1",
            "2026-11-21 06:06:21.065 UTC [29] LOG:  checkpoint starting: time",
        ];
        assert_eq!(entries(&lines), [0, 0, 0, 0, 4]);
    }

    #[test]
    fn a_trace_after_an_ordinary_line_is_an_entry_of_its_own_and_an_error() {
        let mut entries = Entries::default();
        let mut place =
            |n, stream, text| entries.place(n, ServiceKind::Backend, &line(stream, text));
        place(0, LogStream::Err, "INFO:     GET /");
        let trace = place(1, LogStream::Err, "Traceback (most recent call last):");
        assert!(trace.first && trace.level == Some(Level::Error));
        let other = place(2, LogStream::Out, "  indented, but on the other stream");
        assert_eq!((other.entry, other.first), (2, true));
        let end = place(3, LogStream::Err, "ValueError: x");
        assert_eq!((end.entry, end.first), (1, false));
        assert_eq!(end.level, Some(Level::Error));
    }

    #[test]
    fn an_entry_is_bounded() {
        let mut lines = vec!["it begins"];
        lines.resize(600, "  and goes on");
        let entries = entries(&lines);
        assert_eq!((entries[255], entries[256], entries[599]), (0, 256, 512));
    }
}
