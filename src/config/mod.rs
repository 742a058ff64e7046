//! What people configure: the hub file with its settings and projects, and where files are looked for.

mod edit;
pub mod error;
pub mod hub_file;
mod locate;
pub mod paths;
mod raw;
mod read;
mod value;

pub use error::HubFileError;
pub use hub_file::{Hub, HubFile, Stamp};

use crate::domain::{
    Bytes, Call, Column, KeyWishes, health::SLOW, limits::Preset, log::TAIL_DEFAULT,
};
use std::time::Duration;

/// Settings of the hub file that concern the program and not one project.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// `[hub]`.
    pub hub: HubSettings,
    /// `[health]`.
    pub health: HealthSettings,
    /// `[logs]`.
    pub logs: LogSettings,
    /// `[ui]`.
    pub ui: UiSettings,
    /// `[keys]`, as written.
    pub keys: KeyWishes,
    /// `[limits.presets]`: presets of one's own by name, at most [`crate::domain::limits::preset::PRESETS_MAX`].
    pub presets: Vec<Preset>,
}

/// Which projects there are besides those of the hub file, and whether they may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubSettings {
    /// Projects that Compose made on this engine are shown, too.
    pub adopt: bool,
    /// Nothing is changed, by the screen or by a command.
    pub read_only: bool,
}

impl Default for HubSettings {
    fn default() -> Self {
        Self {
            adopt: true,
            read_only: false,
        }
    }
}

/// How services are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthSettings {
    /// Time between two checks of a service, 1 s to 5 min.
    pub interval: Duration,
    /// Time that one check may take, 100 ms to 1 min.
    pub timeout: Duration,
    /// Answers slower than this are degraded, 1 ms to 1 min.
    pub slow: Duration,
}

impl Default for HealthSettings {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(5),
            timeout: Duration::from_secs(5),
            slow: SLOW,
        }
    }
}

/// How logs are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// Lines of history, 1 to 10000.
    pub tail: u32,
    /// Bytes that all log buffers hold together, 1 MB to 4 GB.
    pub buffer: Bytes,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            tail: TAIL_DEFAULT,
            buffer: Bytes::mib(64),
        }
    }
}

/// How the screen looks and what it listens to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UiSettings {
    /// Name of the theme; `auto` is one that goes with the terminal's background.
    pub theme: String,
    /// The line that names it, from 1; 0 if none does.
    pub theme_line: usize,
    /// The mouse works.
    pub mouse: bool,
    /// Only ASCII is drawn, or all signs are; the locale decides if nothing is said.
    pub ascii: Option<bool>,
    /// The columns of the list behind the services, in their order.
    pub columns: Vec<Column>,
    /// How the operator is called when a service turns red.
    pub notify: Call,
}

impl Default for UiSettings {
    fn default() -> Self {
        Self {
            theme: "auto".to_owned(),
            theme_line: 0,
            mouse: true,
            ascii: None,
            columns: Column::ALL.to_vec(),
            notify: Call::Off,
        }
    }
}
