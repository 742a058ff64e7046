//! What goes to stdout and stderr, and with which exit code the program ends. All of it comes through here, and none of
//! it gets past the sanitiser, whoever put it together.

use crate::{
    domain::{
        Safe,
        safe::{LogText, is_safe},
    },
    engine::EngineError,
    hub::{Failure, FailureKind},
};
use std::{
    backtrace::{Backtrace, BacktraceStatus},
    fmt,
    io::{self, IsTerminal, Write},
    panic,
    process::ExitCode,
};

/// How a run ended, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Done.
    Done,
    /// It failed; for `health`: something is not healthy.
    Failed,
    /// Wrong usage or input.
    Usage,
    /// The engine is out of reach.
    Engine,
    /// Ended by a signal: 128 and its number.
    Signal(u8),
    /// That of the command that was run in a service.
    Command(u8),
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(match code {
            Code::Done => 0,
            Code::Failed => 1,
            Code::Usage => 2,
            Code::Engine => 3,
            Code::Signal(number) => 128 + number,
            Code::Command(code) => code,
        })
    }
}

/// A run that ended without doing what was asked.
#[derive(Debug)]
pub enum CliError {
    /// With a line and a next step for the operator.
    Failed(Box<Failure>),
    /// Nobody reads our output any more: no error, and nothing to say.
    BrokenPipe,
}

impl CliError {
    /// The exit code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::BrokenPipe => Code::Done,
            Self::Failed(failure) => match failure.kind {
                FailureKind::Input | FailureKind::NeedsConfirm => Code::Usage,
                FailureKind::Engine => Code::Engine,
                FailureKind::Operation => Code::Failed,
            },
        }
    }

    /// Says on stderr what went wrong, the service's last lines if there are any, and the next step.
    pub fn report(&self) {
        let Self::Failed(failure) = self else { return };
        for line in &failure.log {
            note(format_args!("  | {}", line.text.plain()));
        }
        note(format_args!("error: {}", failure.message));
        if let Some(hint) = &failure.hint {
            note(format_args!("       {hint}"));
        }
    }
}

impl<E: Into<Failure>> From<E> for CliError {
    fn from(error: E) -> Self {
        Self::Failed(Box::new(error.into()))
    }
}

/// Prints prose to stderr, a line as a rule.
pub fn note(line: impl fmt::Display) {
    // Without a stderr there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{}", harmless(line));
}

/// Prints data to stdout, a line as a rule.
///
/// # Errors
/// When nobody reads any more, or the disk behind it is full.
pub fn print(line: impl fmt::Display) -> Result<(), CliError> {
    write_out(&harmless(line))
}

/// Prints one JSON document to stdout.
///
/// # Errors
/// As [`print()`].
pub fn print_json(value: &impl serde::Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::operation(format!("the answer cannot be written: {error}")))?;
    write_out(&escaped(&text))
}

/// Says what is wrong with what was typed, or prints the help that was asked for. Both repeat arguments and environment.
///
/// # Errors
/// As [`print()`].
pub fn answer_usage(error: &clap::Error) -> Result<Code, CliError> {
    let words = error.render();
    if !error.use_stderr() {
        let words = if stdout_has_colour() {
            words.ansi().to_string()
        } else {
            words.to_string()
        };
        print(words.trim_end())?;
        return Ok(Code::Done);
    }
    let words = if stderr_has_colour() {
        words.ansi().to_string()
    } else {
        words.to_string()
    };
    note(words.trim_end());
    Ok(Code::Usage)
}

/// From now on the words of a panic, which may quote what an engine said, are printed as [`note`] prints.
pub fn report_panics() {
    panic::set_hook(Box::new(|info| {
        note(info);
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            note(trace);
        }
    }));
}

/// Lines of text, with colours and without anything else that a terminal acts on.
fn harmless(text: impl fmt::Display) -> String {
    let text = text.to_string();
    let lines = text
        .split('\n')
        .map(|line| LogText::from_bytes(line.as_bytes()));
    let lines: Vec<_> = lines.map(|line| line.as_str().to_owned()).collect();
    lines.join("\n")
}

/// The same JSON with escapes for characters that are not safe to draw: they can only be inside of strings.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        let word = c.encode_utf8(&mut [0; 4]).to_owned();
        if c == '\n' || is_safe(&word) {
            text.push(c);
        } else {
            text.extend(word.encode_utf16().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

fn write_out(text: &str) -> Result<(), CliError> {
    writeln!(io::stdout().lock(), "{text}").map_err(|error| write_failed(&error))
}

fn write_failed(error: &io::Error) -> CliError {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return CliError::BrokenPipe;
    }
    Failure::operation(format!("stdout cannot be written: {error}")).into()
}

/// True if stdout is a terminal that shows colours.
#[must_use]
pub fn stdout_has_colour() -> bool {
    io::stdout().is_terminal() && colour_is_wanted()
}

fn stderr_has_colour() -> bool {
    io::stderr().is_terminal() && colour_is_wanted()
}

fn colour_is_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Progress of an operation on stderr: on a terminal one line that changes, else one line for each new thing.
#[derive(Debug)]
pub struct ProgressLine {
    live: bool,
    shown: Option<Safe>,
}

impl ProgressLine {
    /// For this process's stderr.
    #[must_use]
    pub fn new() -> Self {
        Self {
            live: io::stderr().is_terminal(),
            shown: None,
        }
    }

    /// Shows how far an operation is.
    pub fn show(&mut self, done: u8, steps: u8, text: &Safe) {
        if text.is_empty() || self.says_the_same(text) {
            return;
        }
        let counter = if steps > 0 {
            format!("{done}/{steps} ")
        } else {
            String::new()
        };
        let mut stderr = io::stderr().lock();
        // Without a stderr there is nobody to tell.
        let _ = if self.live && is_waiting(text) {
            write!(stderr, "\r\x1b[K  {counter}{text}")
        } else if self.live {
            writeln!(stderr, "\r\x1b[K  {counter}{text}")
        } else {
            writeln!(stderr, "  {counter}{text}")
        };
        let _ = stderr.flush();
        self.shown = Some(text.clone());
    }

    /// Ends a line that was still changing.
    pub fn end(&mut self) {
        if self.live && self.shown.as_ref().is_some_and(is_waiting) {
            // As above.
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
        self.shown = None;
    }

    /// Without a terminal a counter that ticks is not news.
    fn says_the_same(&self, text: &Safe) -> bool {
        let Some(shown) = &self.shown else {
            return false;
        };
        shown == text || (!self.live && without_digits(shown) == without_digits(text))
    }
}

impl Default for ProgressLine {
    fn default() -> Self {
        Self::new()
    }
}

fn is_waiting(text: &Safe) -> bool {
    text.contains("waiting")
}

fn without_digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// Rows under heads, columns as wide as their widest cell; the last column is not padded.
#[must_use]
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    use unicode_width::UnicodeWidthStr;
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.width()).max().unwrap_or(0);
        heads.get(column).map_or(0, |head| head.width()).max(widest)
    };
    let widths: Vec<_> = (0..heads.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| {
            let fill = width.saturating_sub(cell.width());
            format!("{cell}{}", " ".repeat(fill))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let heads: Vec<_> = heads.iter().map(|head| (*head).to_owned()).collect();
    let lines = std::iter::once(line(&heads)).chain(rows.iter().map(|row| line(row)));
    lines.collect::<Vec<_>>().join("\n")
}

/// An engine error with the exit code for "out of reach".
#[must_use]
pub fn unreachable(error: EngineError) -> CliError {
    let failure = Failure::from(error);
    Failure {
        kind: FailureKind::Engine,
        ..failure
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_do_not_end_in_blanks() {
        let rows = [
            vec!["shop".to_owned(), "● ok".to_owned()],
            vec!["a-longer-name".to_owned(), String::new()],
        ];
        assert_eq!(
            table(&["PROJECT", "STATE"], &rows),
            "PROJECT        STATE\nshop           ● ok\na-longer-name"
        );
    }

    #[test]
    fn p43_what_is_printed_keeps_colours_tabs_and_line_ends_only() {
        assert_eq!(
            harmless("a\u{1b}[31mb\u{1b}[2J\n  c\u{9b}1m\u{202e}\td\r\n"),
            "a\u{1b}[31mb\n  c‹U+202E›\td\n"
        );
    }

    #[test]
    fn p43_json_stays_the_same_json() {
        let odd = "ü\n\t\u{1b}\u{7f}\u{9b}\u{2028}\u{202e}\u{fe0f}\u{e0041}\u{301}日";
        let json = serde_json::json!({ odd: [odd, 1] }).to_string();
        let text = escaped(&json);
        assert!(
            text.contains("ü") && text.contains("\\udb40\\udc41"),
            "{text}"
        );
        assert!(is_safe(&text), "{text}");
        assert_eq!(text.parse::<serde_json::Value>().ok(), json.parse().ok());
    }

    #[test]
    fn exit_codes_follow_the_kind_of_failure() {
        for (kind, code) in [
            (FailureKind::Input, Code::Usage),
            (FailureKind::NeedsConfirm, Code::Usage),
            (FailureKind::Engine, Code::Engine),
            (FailureKind::Operation, Code::Failed),
        ] {
            assert_eq!(CliError::from(Failure::new(kind, "x")).code(), code);
        }
    }
}
