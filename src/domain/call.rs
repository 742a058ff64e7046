//! How the operator is called when a service turns red.

use serde::Deserialize;

/// What the terminal is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Call {
    /// Nothing: the screen says it.
    #[default]
    Off,
    /// To ring its bell.
    Bell,
    /// To show a notification (OSC 9).
    Osc9,
}
