//! What lies over the screen: help, questions, the palette, menus and forms. One at a time; it has the keys.

pub mod again;
pub mod audit;
pub mod confirm;
pub mod form;
pub mod hit;
pub mod line;
pub mod menu;
pub mod palette;
pub mod save;
pub mod took;
pub mod urls;

use super::keymap::Mode;
use again::Ways;
use audit::Audit;
use confirm::Confirm;
use form::AddForm;
use line::WholeLine;
use menu::Menu;
use palette::Palette;
use save::SaveForm;
use urls::Urls;

/// What lies over the screen.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The keys of a mode; the first visible line.
    Help(Mode, usize),
    /// A question.
    Confirm(Confirm),
    /// The command palette.
    Palette(Palette),
    /// A list of actions.
    Menu(Menu),
    /// The ways of a restart.
    Ways(Ways),
    /// The form that adds a project.
    Add(Box<AddForm>),
    /// Running and recent operations; the selected one, newest first.
    Jobs(usize),
    /// A line of a log as a whole.
    Line(Box<WholeLine>),
    /// The form that saves lines to a file.
    Save(Box<SaveForm>),
    /// The presets for the limits editor; the selected one.
    Presets(usize),
    /// The services whose lines are merged; the selected one.
    Services(usize),
    /// URLs, ports and the ssh line of a project.
    Urls(Box<Urls>),
    /// What containers lack in hardening.
    Audit(Box<Audit>),
}

impl Overlay {
    /// What keys mean while it is there.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match self {
            Self::Help(..)
            | Self::Menu(_)
            | Self::Ways(_)
            | Self::Jobs(_)
            | Self::Line(_)
            | Self::Services(_)
            | Self::Presets(_)
            | Self::Audit(_)
            | Self::Urls(_) => Mode::Menu,
            Self::Confirm(confirm) if confirm.typed.is_some() => Mode::Field,
            Self::Confirm(_) => Mode::Dialog,
            Self::Palette(_) | Self::Add(_) | Self::Save(_) => Mode::Field,
        }
    }
}
