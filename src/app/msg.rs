//! What can happen to the model, and what it asks for: data only, so that it can be printed, replayed and compared.

use super::{action::Action, chord::Chord, fleet::Sort, logs::Chip, pane::Tab};
use crate::{
    domain::{ProjectName, ServiceId, ServiceKind, Timestamp},
    hub::{Command, Fact, LogBatch},
};
use std::time::Duration;

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// A key was pressed.
    Key(Chord),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(Mouse),
    /// The terminal has another size, in cells.
    Resized {
        /// Columns.
        w: u16,
        /// Rows.
        h: u16,
    },
    /// The hub learnt something.
    Fact(Fact),
    /// Log lines came.
    Logs(LogBatch),
    /// Time passed.
    Clock {
        /// The wall clock.
        now: Timestamp,
        /// Time since the program began, by a clock that never jumps.
        up: Duration,
    },
    /// The folders in a folder that [`Effect::ListFolder`] asked for, sorted.
    Folder {
        /// The folder that was asked for, as it was written.
        of: String,
        /// Names of the folders in it.
        entries: Vec<String>,
    },
    /// The hub's queue is full: this command was not sent.
    Unsent(Command),
    /// Something that the operator should read once.
    Notice(String),
}

/// What the mouse did, and on what.
#[derive(Debug, Clone, PartialEq)]
pub enum Mouse {
    /// A click.
    Click(Hit),
    /// The wheel turned by this many rows; negative is up.
    Wheel(Hit, i32),
}

/// What is drawn at a place of the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Hit {
    /// A project's row, or one of its cells.
    Cell(ProjectName, Option<ServiceKind>),
    /// A head of a column that sorts.
    Head(Sort),
    /// The name of a pane.
    Tab(Tab),
    /// A service whose lines are merged with others: it alone, or all.
    Solo(ServiceId),
    /// Its counts: muted, or heard again.
    Mute(ServiceId),
    /// What hides lines or is searched for.
    Chip(Chip),
    /// The pane itself.
    Pane,
    /// A hint in the footer.
    Action(Action),
    /// A row of the list over the screen.
    Item(usize),
    /// The dialog's way back.
    Cancel,
    /// The dialog's way on.
    Accept,
    /// Nothing in particular.
    Nothing,
}

/// What the model asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Leave this screen for the simulated fleet.
    Demo,
    /// Something for the hub.
    Hub(Command),
    /// Leave the program.
    Quit,
    /// Paint everything again: the terminal may show something else.
    Redraw,
    /// Give the terminal back to the shell until we are continued.
    Suspend,
    /// Use this theme.
    SetTheme(String),
    /// Catch the mouse, or leave it to the terminal.
    SetMouse(bool),
    /// List the folders in a folder; the answer is [`Msg::Folder`].
    ListFolder(String),
}
