//! Words around the panes: the hints of the footer, the message about the engine or the hub file, wrapped details.

use super::{
    Action, Model,
    detail::Line,
    fleet::{self, Verdict},
    keymap::Mode,
    text,
};
use crate::{domain::units::long_age, hub::EngineState};

/// Columns of the labels in the Why pane, with the blanks around them.
pub const LABEL: usize = 13;

/// A hint: the key, the word, and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The key.
    pub key: String,
    /// The word.
    pub word: &'static str,
    /// What it does.
    pub action: Action,
}

const LIST: &[Action] = &[
    Action::Restart,
    Action::ShowLogs,
    Action::ShowLimits,
    Action::ShowWhy,
    Action::Problems,
    Action::Palette,
    Action::NextProblem,
    Action::Filter,
    Action::Start,
    Action::Stop,
    Action::Menu,
    Action::Add,
];
/// For a project that is stopped: there is nothing to restart.
const LIST_STOPPED: &[Action] = &[
    Action::Start,
    Action::ShowLogs,
    Action::ShowLimits,
    Action::ShowWhy,
    Action::Problems,
    Action::Palette,
    Action::Filter,
    Action::Menu,
    Action::Add,
];
const LIST_EMPTY: &[Action] = &[Action::Add, Action::Palette];
const LIST_MARKED: &[Action] = &[
    Action::ShowLogs,
    Action::ShowLimits,
    Action::Mark,
    Action::ClearMarks,
    Action::Palette,
    Action::Filter,
    Action::Problems,
];
const LOGS: &[Action] = &[
    Action::Search,
    Action::FilterLines,
    Action::Level,
    Action::Services,
    Action::Follow,
    Action::Wrap,
    Action::Timestamps,
    Action::SelectLine,
    Action::Copy,
    Action::Save,
    Action::FullScreen,
    Action::Palette,
    Action::Shape,
    Action::Marker,
];
const LOGS_FILTERED: &[Action] = &[
    Action::FilterLines,
    Action::Context,
    Action::Level,
    Action::Search,
    Action::Services,
    Action::Follow,
];
const LOGS_SEARCHED: &[Action] = &[
    Action::NextMatch,
    Action::PreviousMatch,
    Action::Search,
    Action::FilterLines,
    Action::Level,
    Action::Follow,
];
const LOGS_PICKED: &[Action] = &[
    Action::Copy,
    Action::SelectLine,
    Action::Open,
    Action::Around,
    Action::Save,
    Action::Plain,
];
const TEXT: &[Action] = &[
    Action::ShowLogs,
    Action::NextProblem,
    Action::FullScreen,
    Action::NextPane,
    Action::Palette,
];
const TIMELINE: &[Action] = &[
    Action::Open,
    Action::Entries,
    Action::Copy,
    Action::Save,
    Action::ShowLogs,
    Action::NextProblem,
    Action::FullScreen,
    Action::NextPane,
    Action::Palette,
];
const LIMITS: &[Action] = &[
    Action::Apply,
    Action::NextField,
    Action::LimitsPreset,
    Action::Default,
    Action::Undo,
];
/// Somebody else changed them.
const LIMITS_DRIFTED: &[Action] = &[
    Action::Apply,
    Action::NextField,
    Action::ReapplyLimits,
    Action::KeepLimits,
    Action::LimitsPreset,
    Action::Undo,
];

impl Model {
    /// The hints of where the operator is, the most useful first; help and the way out stand apart.
    #[must_use]
    pub fn hints(&self) -> (Vec<Hint>, Vec<Hint>) {
        let mode = self.mode();
        let (main, end): (&[Action], &[Action]) = match mode {
            Mode::List if self.fleet.shown.is_empty() => {
                (LIST_EMPTY, &[Action::Help, Action::Quit])
            }
            Mode::List if !self.fleet.marks.is_empty() => {
                (LIST_MARKED, &[Action::Help, Action::Quit])
            }
            Mode::List if self.is_selection_stopped() => {
                (LIST_STOPPED, &[Action::Help, Action::Quit])
            }
            Mode::List => (LIST, &[Action::Help, Action::Quit]),
            Mode::Log if self.logs.buffer.sieve().query.is_some() => {
                (LOGS_SEARCHED, &[Action::Help, Action::Back])
            }
            Mode::Pick => (LOGS_PICKED, &[Action::Help, Action::Back]),
            Mode::Log if !self.logs.buffer.sieve().shows_all() => {
                (LOGS_FILTERED, &[Action::Help, Action::Back])
            }
            Mode::Log => (LOGS, &[Action::Help, Action::Back]),
            Mode::Text if self.is_in_timeline() => (TIMELINE, &[Action::Help, Action::Back]),
            Mode::Text => (TEXT, &[Action::Help, Action::Back]),
            Mode::Limits if self.has_drifted() => (LIMITS_DRIFTED, &[Action::Help, Action::Back]),
            Mode::Limits => (LIMITS, &[Action::Help, Action::Back]),
            // What lies over the screen says its own keys.
            Mode::Field | Mode::Query | Mode::Menu => (&[], &[Action::Back]),
            Mode::Dialog => (&[Action::Yes, Action::No], &[Action::Back]),
        };
        let hint = |action: &Action| {
            if *action == Action::Services && !self.logs.is_merged() {
                return None;
            }
            Some(Hint {
                key: self.keys.chords(mode, *action).first()?.to_string(),
                word: action.spec().hint,
                action: *action,
            })
        };
        (
            main.iter().filter_map(hint).collect(),
            end.iter().filter_map(hint).collect(),
        )
    }

    fn is_selection_stopped(&self) -> bool {
        let row = self
            .fleet
            .project
            .as_ref()
            .and_then(|name| self.known.rows.get(name));
        row.is_some_and(|row| fleet::worst(row) == Verdict::Stopped)
    }

    /// What is wrong with the engine or the hub file, and what to do: lines between header and list.
    #[must_use]
    pub fn banner(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(problem) = &self.known.hub_file {
            lines.push(format!(
                "The hub file cannot be used, so nothing is changed in it: {problem}"
            ));
        }
        if let Some((state, at)) = &self.known.engine {
            lines.extend(self.engine_lines(state, *at));
        }
        let width = usize::from(self.screen.0.saturating_sub(2));
        lines
            .iter()
            .flat_map(|line| text::wrap(line, width))
            .collect()
    }

    fn engine_lines(&self, state: &EngineState, at: crate::domain::Timestamp) -> Vec<String> {
        let EngineState::Lost {
            endpoint,
            error,
            hint,
            attempt,
            retry_in,
        } = state
        else {
            return Vec::new();
        };
        let passed = self.now.duration_since(at).as_secs().max(0).unsigned_abs();
        let left = retry_in.as_secs().saturating_sub(passed);
        let key = self
            .keys
            .hint(Mode::List, Action::CheckNow)
            .unwrap_or_default();
        let error = if error.contains(endpoint.as_str()) || endpoint.is_empty() {
            error.to_string()
        } else {
            format!("No Docker Engine answers at {endpoint}: {error}")
        };
        vec![
            error,
            hint.to_string(),
            format!("Trying again in {left} s (attempt {attempt} failed); {key} tries now."),
        ]
    }

    /// How long ago the newest state of the engine was learnt.
    #[must_use]
    pub fn engine_age(&self) -> String {
        let at = self.known.engine.as_ref().map(|(_, at)| *at);
        at.map_or_else(String::new, |at| long_age(at, self.now))
    }
}

/// The rows of a line of the Why pane: its label stands before the first one.
#[must_use]
pub fn wrapped(line: &Line, width: usize) -> Vec<String> {
    // A row of a table is cut: wrapped, its columns would mean nothing.
    let is_table = line.text.contains("  ");
    let indent = if line.label.is_empty() { 2 } else { LABEL + 1 };
    let room = width.saturating_sub(indent).max(8);
    if is_table {
        return vec![text::cut(&line.text, room)];
    }
    text::wrap(&line.text, room)
}
