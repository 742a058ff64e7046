//! What can happen to the model, and what it asks for: data only, so that it can be printed, replayed and compared.

use super::{
    action::Action,
    chord::Chord,
    fleet::Sort,
    logs::{Chip, Key},
    pane::Tab,
};
use crate::{
    domain::{
        Call, ProjectName, Safe, ServiceId, ServiceKind, ThemeWish, Timestamp, timeline::Entry,
    },
    hub::{Command, Fact, LogBatch},
};
use std::{sync::Arc, time::Duration};

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
    /// Text was copied.
    Copied {
        /// Lines of it.
        lines: usize,
        /// Where it went.
        to: Clipboard,
    },
    /// A browser was asked to show a URL: what was done, or why not.
    Browsed(Result<String, String>),
    /// A shell has ended, and the screen is back: all went well, or what there is to say.
    ShellEnded(Result<(), String>),
    /// Something about the file that lines are saved to.
    Saved(Saved),
    /// The hub's queue is full: this command was not sent.
    Unsent(Command),
    /// The themes to choose from are others now, or another one is in use.
    Themes {
        /// Their names, in the order in which they are offered.
        names: Vec<String>,
        /// Which of them is in use.
        current: usize,
    },
    /// Something that the operator should read once.
    Notice(String),
}

/// What the mouse did, and on what.
#[derive(Debug, Clone, PartialEq)]
pub enum Mouse {
    /// A click.
    Click(Hit),
    /// It was moved here with the button down, since the last click.
    Drag(Hit),
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
    /// A line of the log.
    Line(Key),
    /// An entry of the timeline.
    Entry(Arc<Entry>),
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
    /// Use the theme that the hub file wishes for now; the answer is [`Msg::Themes`], or a notice.
    WishTheme(ThemeWish),
    /// Catch the mouse, or leave it to the terminal.
    SetMouse(bool),
    /// List the folders in a folder; the answer is [`Msg::Folder`].
    ListFolder(String),
    /// Put this text, of at most [`super::copy::TEXT_MAX`] bytes, into the operator's clipboard; the answer is
    /// [`Msg::Copied`].
    Copy(String),
    /// Show this text alone, without anything of ours around it, until a key is pressed.
    ShowPlain(String),
    /// Ask the operator's browser to show this URL; the answer is [`Msg::Browsed`].
    Browse(String),
    /// Give the terminal to the client of what a service serves, or to a plain shell in its container, until that ends; the
    /// answer is [`Msg::ShellEnded`].
    Shell {
        /// The service.
        service: ServiceId,
        /// A shell, also where there is a client.
        plain: bool,
    },
    /// Call an operator who looks elsewhere, with this text where the terminal shows one.
    Call(Call, String),
    /// Do something about the file that lines are saved to; the answer is [`Msg::Saved`].
    Save(Save),
}

/// Where copied text went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clipboard {
    /// To the terminal, which does not say what it does with it.
    Terminal,
    /// Into tmux's buffer, and from there into the clipboard if tmux is set so.
    Tmux,
}

/// What is done about the file that lines are saved to. It grows piece by piece: the next one follows [`Saved::Next`],
/// so that a large log is neither held twice nor in the way of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Save {
    /// Make it, under a name that nothing has yet.
    Begin(String),
    /// Add this text.
    Piece(String),
    /// That was all.
    End,
    /// Remove it again.
    GiveUp,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It takes the next piece.
    Next,
    /// All of it is on the disk.
    Done {
        /// Its whole path.
        path: Safe,
        /// Its size in bytes.
        bytes: u64,
    },
    /// It could not be made or written, and is not there.
    Failed {
        /// Why, and what helps.
        reason: Safe,
        /// A path as the one that was typed that nothing has yet, if that is what was wrong.
        free: Option<String>,
    },
}
