//! The one table of actions. The key map, the help, the hints in the footer and the command palette all read it.

use super::keymap::Mode::{self, Dialog, Field, Limits, List, Log, Menu, Pick, Query, Text};
use std::str::FromStr;

/// What a key, a menu entry or a palette entry means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // the help lines of the table say what each one does
pub enum Action {
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    HalfUp,
    HalfDown,
    Top,
    Bottom,
    Open,
    Back,
    NextPane,
    PreviousPane,
    NextTab,
    PreviousTab,
    ShowWhy,
    ShowLogs,
    ShowLimits,
    ShowStats,
    ShowTimeline,
    Entries,
    Start,
    Stop,
    Restart,
    Ways,
    CheckNow,
    Urls,
    Audit,
    Console,
    Shell,
    Add,
    Import,
    Remove,
    RemoveData,
    Cancel,
    Jobs,
    Menu,
    Filter,
    Problems,
    NextProblem,
    Sort,
    ReverseSort,
    Mark,
    MarkRange,
    ClearMarks,
    Search,
    NextMatch,
    PreviousMatch,
    FilterLines,
    Level,
    Stderr,
    Context,
    Services,
    Mute,
    Regex,
    Follow,
    Wrap,
    Timestamps,
    SelectLine,
    Copy,
    Plain,
    Save,
    Around,
    Tail,
    Head,
    LastMinute,
    Last5Minutes,
    Last15Minutes,
    Last30Minutes,
    LastHour,
    JumpToTime,
    ShowSecrets,
    Shape,
    Marker,
    FullScreen,
    Larger,
    Smaller,
    Apply,
    NextField,
    PreviousField,
    Default,
    LimitsPreset,
    ReapplyLimits,
    KeepLimits,
    Undo,
    Yes,
    No,
    Palette,
    Help,
    Theme,
    Mouse,
    TestCall,
    Redraw,
    Suspend,
    Demo,
    Quit,
    QuitNow,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The action.
    pub action: Action,
    /// Its name in `[keys]` and in the palette.
    pub name: &'static str,
    /// One line for help and palette.
    pub help: &'static str,
    /// One word for the footer; empty if it is never hinted.
    pub hint: &'static str,
    /// Default keys by mode, separated by blanks; none makes it palette-only.
    pub keys: &'static [(&'static [Mode], &'static str)],
    /// It makes sense in the palette.
    pub palette: bool,
}

const MOVING: &[Mode] = &[List, Text, Log, Pick, Menu];
const READING: &[Mode] = &[List, Text, Log, Pick];
const LOGS: &[Mode] = &[Log, Pick];
const TYPING: &[Mode] = &[Limits, Field, Query];
const EVERYWHERE: &[Mode] = &[List, Text, Log, Pick, Menu, Limits, Field, Query, Dialog];

const fn row(
    action: Action,
    name: &'static str,
    hint: &'static str,
    help: &'static str,
    keys: &'static [(&'static [Mode], &'static str)],
) -> Spec {
    Spec {
        action,
        name,
        help,
        hint,
        keys,
        palette: true,
    }
}

/// For actions that only make sense as a key: motions, buttons, fields.
const fn plain(spec: Spec) -> Spec {
    Spec {
        palette: false,
        ..spec
    }
}

/// Every action, in the order in which help shows them.
#[rustfmt::skip] // a table: one action a line
pub const TABLE: &[Spec] = &[
    row(Action::Start, "start", "Start", "start it and what it needs, or what is marked", &[(&[List], "S")]),
    row(Action::Stop, "stop", "Stop", "stop it, or what is marked; the data stays", &[(&[List], "s")]),
    row(Action::Restart, "restart", "Restart", "restart the service, the project in order, or what is marked", &[(&[List], "r")]),
    row(Action::Ways, "restart-options", "Restart…", "ways to restart: with dependants, with new containers, one by one", &[(&[List], "R")]),
    row(Action::ShowLogs, "logs", "Logs", "follow the log of what is selected", &[(&[List], "l m 2"), (&[Text], "l 2")]),
    row(Action::ShowWhy, "why", "Why", "why it is not healthy, and everything that is known", &[(&[List], "d i 1"), (&[Text], "1"), (LOGS, "d i")]),
    row(Action::ShowLimits, "limits", "Limits", "change CPU, memory and process limits", &[(&[List], "L 3"), (&[Text], "L 3"), (LOGS, "L")]),
    row(Action::ShowStats, "stats", "Stats", "what it uses: now, of its limit, at most, and over time", &[(&[List, Text], "4")]),
    row(Action::ShowTimeline, "timeline", "Timeline", "what happened to it: health, starts and ends, operations, limits", &[(&[List, Text], "H 5"), (LOGS, "H")]),
    row(Action::CheckNow, "check-now", "Check now", "check the health now; without an engine: try again now", &[(READING, "ctrl-r")]),
    row(Action::Urls, "urls", "URLs", "its URLs and ports, and the ssh line for them, to copy", &[(&[List, Text], "u")]),
    row(Action::Audit, "audit", "Audit", "what its containers lack in hardening, worst first, with the mend", &[(&[List], "A")]),
    row(Action::Console, "console", "Console", "psql, redis-cli or a shell inside the service; the screen comes back", &[(&[List], "e")]),
    row(Action::Shell, "shell", "Shell", "a plain shell inside the service", &[(&[List], "E")]),
    row(Action::Cancel, "cancel", "cancel", "cancel the operation that runs on the project", &[(READING, "ctrl-x"), (&[Menu], "x ctrl-x")]),
    row(Action::Jobs, "jobs", "Jobs", "running and recent operations", &[(&[List], "J")]),
    row(Action::Add, "add", "Add", "add a project", &[(&[List], "a")]),
    row(Action::Import, "import", "", "take a project of Compose's into the hub file; its containers stay as they are", &[]),
    row(Action::Remove, "remove", "", "stop a project and forget it; its data stays", &[]),
    row(Action::RemoveData, "remove-data", "", "remove a project with its data and secrets", &[]),
    row(Action::Menu, "menu", "Menu", "everything that can be done with what is selected", &[(&[List], "x")]),
    row(Action::Filter, "filter", "Filter", "show only projects whose name contains a text", &[(&[List], "/")]),
    row(Action::Problems, "problems", "Problems", "show only projects with a problem, worst first", &[(&[List], "!")]),
    row(Action::NextProblem, "next-problem", "Next", "to the next problem in any project, worst first", &[(&[List, Text], "n ctrl-n"), (LOGS, "ctrl-n"), (&[Limits], "ctrl-n")]),
    row(Action::Sort, "sort", "Sort", "sort by the next column: name, state, each service, CPU …", &[(&[List], "o")]),
    row(Action::ReverseSort, "reverse-sort", "", "sort the other way round", &[(&[List], "O")]),
    row(Action::Mark, "mark", "Mark", "mark the service or the project's four: for one log, S, s, r, R", &[(&[List], "space")]),
    row(Action::MarkRange, "mark-range", "", "mark all between the last mark and here", &[(&[List], "ctrl-space")]),
    row(Action::ClearMarks, "clear-marks", "Unmark", "take all marks away", &[(&[List], "ctrl-\\")]),
    row(Action::Palette, "palette", "Command", "find any action, project or service by typing", &[(READING, ": ctrl-p"), (&[Limits], "ctrl-p")]),
    row(Action::Help, "help", "Help", "the keys of where you are", &[(READING, "? f1 h"), (&[Limits], "? f1")]),

    plain(row(Action::Up, "up", "", "up", &[(MOVING, "k up"), (&[Field, Query], "up")])),
    plain(row(Action::Down, "down", "", "down", &[(MOVING, "j down"), (&[Field, Query], "down")])),
    plain(row(Action::Left, "left", "", "service to the left; scroll left", &[(READING, "left"), (&[Dialog], "left")])),
    plain(row(Action::Right, "right", "", "service to the right; scroll right", &[(READING, "right"), (&[Dialog], "right")])),
    plain(row(Action::PageUp, "page-up", "", "a page up", &[(MOVING, "pageup ctrl-b")])),
    plain(row(Action::PageDown, "page-down", "", "a page down", &[(MOVING, "pagedown ctrl-f")])),
    plain(row(Action::HalfUp, "half-page-up", "", "half a page up", &[(MOVING, "ctrl-u")])),
    plain(row(Action::HalfDown, "half-page-down", "", "half a page down", &[(MOVING, "ctrl-d")])),
    plain(row(Action::Top, "top", "", "to the top", &[(MOVING, "g home")])),
    plain(row(Action::Bottom, "bottom", "", "to the end; logs follow again", &[(MOVING, "G end")])),
    plain(row(Action::Open, "open", "Open", "go in: the pane on the full screen; logs: the line as a whole; timeline: the log of that moment", &[(&[List, Text, Log, Pick, Menu], "enter")])),
    plain(row(Action::Back, "back", "Back", "go back; first ends a search, a filter, the marks", &[(EVERYWHERE, "esc"), (&[Menu, Pick], "q")])),
    plain(row(Action::NextPane, "next-pane", "Pane", "to the other pane", &[(READING, "tab")])),
    plain(row(Action::PreviousPane, "previous-pane", "", "to the other pane, backwards", &[(READING, "shift-tab")])),
    plain(row(Action::NextTab, "next-tab", "", "what the pane shows: the next", &[(&[List, Text], "]")])),
    plain(row(Action::PreviousTab, "previous-tab", "", "what the pane shows: the one before", &[(&[List, Text], "[")])),

    row(Action::Search, "search", "Search", "logs: search while you type", &[(LOGS, "/ #")]),
    row(Action::NextMatch, "next-match", "Next", "logs: to the next line that matches, newer", &[(LOGS, "n")]),
    row(Action::PreviousMatch, "previous-match", "Previous", "logs: to the line that matches before it, older", &[(LOGS, "N")]),
    row(Action::FilterLines, "filter-lines", "Filter", "logs: show only what matches, say the search; ! hides it", &[(LOGS, "&")]),
    row(Action::Level, "level", "Level", "logs: everything, warnings and errors, errors only", &[(LOGS, "e")]),
    row(Action::Stderr, "stderr", "Stderr", "logs: only what was printed to standard error, or all", &[(LOGS, "E")]),
    row(Action::Context, "context", "Around", "logs: 0, 3 or 10 lines around what a filter shows", &[(LOGS, "C")]),
    row(Action::Services, "services", "Services", "logs: the services shown, to mute one or see one alone", &[(LOGS, "S")]),
    plain(row(Action::Mute, "mute", "Mute", "mute the service in the list, or show it again", &[(&[Menu], "space")])),
    plain(row(Action::Regex, "regex", "Regex", "search and filter: plain text or regular expression", &[(&[Query], "ctrl-r")])),
    row(Action::Follow, "follow", "Follow", "logs: follow, or stay where you are", &[(&[Log], "F space s"), (&[Pick], "F")]),
    row(Action::Wrap, "wrap", "Wrap", "logs: wrap long lines or cut them", &[(LOGS, "w")]),
    row(Action::Timestamps, "timestamps", "Time", "logs: timestamps local, UTC, how long ago, or none", &[(LOGS, "t")]),
    row(Action::SelectLine, "select-line", "Select", "logs: choose a line; again: a range from there", &[(&[Log], "v"), (&[Pick], "v space")]),
    row(Action::Copy, "copy", "Copy", "logs, timeline: copy what is chosen, else what is visible", &[(LOGS, "y c"), (&[Text, Menu], "y c")]),
    row(Action::Plain, "plain", "Plain", "logs, timeline: the same text alone on the screen, for the mouse", &[(LOGS, "Y"), (&[Text], "Y")]),
    row(Action::Save, "save", "Save", "logs: save lines to a new file; timeline: as Markdown", &[(LOGS, "ctrl-s"), (&[Text], "ctrl-s")]),
    row(Action::Around, "around", "Around", "logs: all services of the project around the chosen line", &[(&[Pick], "a")]),
    row(Action::Tail, "tail", "tail", "logs: the last lines, and all that come", &[(LOGS, "0")]),
    row(Action::Head, "head", "head", "logs: the first lines that the engine has", &[(LOGS, "1")]),
    row(Action::LastMinute, "last-1m", "1m", "logs: the last minute, and all that comes", &[(LOGS, "2")]),
    row(Action::Last5Minutes, "last-5m", "5m", "logs: the last 5 minutes", &[(LOGS, "3")]),
    row(Action::Last15Minutes, "last-15m", "15m", "logs: the last 15 minutes", &[(LOGS, "4")]),
    row(Action::Last30Minutes, "last-30m", "30m", "logs: the last 30 minutes", &[(LOGS, "5")]),
    row(Action::LastHour, "last-1h", "1h", "logs: the last hour", &[(LOGS, "6")]),
    row(Action::JumpToTime, "jump-to-time", "Jump", "logs: to a time: 14:05, 14:05:30, -10m, 2026-11-21 14:05", &[(LOGS, "T")]),
    row(Action::ShowSecrets, "show-secrets", "Secrets", "logs: show secrets, which are ******, or hide them again; asks first", &[(LOGS, "P")]),
    row(Action::Shape, "json", "JSON", "logs: JSON as printed, flat or pretty", &[(LOGS, "J")]),
    row(Action::Marker, "marker", "Marker", "logs: put a marker line of your own at the end", &[(LOGS, "m")]),
    row(Action::Entries, "timeline-show", "Filter", "timeline: everything, only problems, or only what was done", &[(&[Text], "&")]),
    row(Action::FullScreen, "full-screen", "Full", "the pane on the full screen and back", &[(READING, "f")]),
    row(Action::Larger, "larger", "", "make the pane larger", &[(READING, "+")]),
    row(Action::Smaller, "smaller", "", "make the pane smaller", &[(READING, "_")]),

    plain(row(Action::Apply, "apply", "Apply", "apply or accept", &[(TYPING, "enter"), (&[Dialog], "enter")])),
    plain(row(Action::NextField, "next-field", "Next", "to the next field or button", &[(TYPING, "tab"), (&[Limits], "down"), (&[Dialog], "tab")])),
    plain(row(Action::PreviousField, "previous-field", "", "to the field or button before", &[(TYPING, "shift-tab"), (&[Limits], "up"), (&[Dialog], "shift-tab")])),
    plain(row(Action::Default, "default", "Default", "limits: the default into the field", &[(&[Limits], "ctrl-d")])),
    row(Action::LimitsPreset, "limits-preset", "Preset", "limits: choose small, default, large … into the fields", &[(&[Limits], "ctrl-t")]),
    row(Action::ReapplyLimits, "reapply-limits", "Re-apply", "limits: somebody else changed them: apply the hub file's again", &[(&[List, Text, Limits], "=")]),
    row(Action::KeepLimits, "keep-limits", "Keep", "limits: somebody else changed them: write them into the hub file", &[(&[Limits], "ctrl-s")]),
    row(Action::Undo, "undo", "Undo", "undo the last start, stop or change of limits; shown first", &[(&[List, Limits], "z")]),
    plain(row(Action::Yes, "yes", "Yes", "do it", &[(&[Dialog], "y")])),
    plain(row(Action::No, "no", "No", "do not do it", &[(&[Dialog], "n")])),

    row(Action::Theme, "theme", "", "the next theme", &[(&[List, Text], "T")]),
    row(Action::Mouse, "mouse", "", "mouse on or off (off: the terminal selects text)", &[(READING, "M")]),
    row(Action::TestCall, "test-notification", "", "call you as when a service turns red, to try [ui] notify", &[]),
    row(Action::Redraw, "redraw", "", "draw the whole screen again", &[(EVERYWHERE, "ctrl-l")]),
    row(Action::Suspend, "suspend", "", "back to the shell until fg", &[(EVERYWHERE, "ctrl-z")]),
    row(Action::Demo, "demo", "Demo", "without a project: see a simulated fleet, no Docker needed", &[(&[List], "D")]),
    row(Action::Quit, "quit", "Quit", "back; at the root quit; what runs goes on running", &[(&[List, Text, Log], "q")]),
    plain(row(Action::QuitNow, "quit-now", "", "quit at once", &[(EVERYWHERE, "ctrl-c")])),
];

impl Action {
    /// Its row of the table.
    #[must_use]
    pub fn spec(self) -> &'static Spec {
        // Every action has a row (tested); the first one is a harmless stand-in for a forgotten one.
        TABLE
            .iter()
            .find(|spec| spec.action == self)
            .unwrap_or(&TABLE[0])
    }
}

/// A word that names no action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no action '{0}'")]
pub struct UnknownAction(pub String);

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        TABLE
            .iter()
            .find(|spec| spec.name == word)
            .map(|spec| spec.action)
            .ok_or_else(|| UnknownAction(crate::domain::safe::one_line(word)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_row_is_its_actions_own_and_names_read_back() {
        for spec in TABLE {
            assert_eq!(spec.action.spec().name, spec.name);
            assert_eq!(spec.name.parse::<Action>().unwrap(), spec.action);
            assert!(!spec.help.is_empty());
        }
        assert_eq!(TABLE.len(), Action::QuitNow as usize + 1);
    }

    #[test]
    fn every_action_has_a_key_or_is_in_the_palette() {
        for spec in TABLE {
            assert!(spec.palette || !spec.keys.is_empty(), "{}", spec.name);
        }
    }
}
