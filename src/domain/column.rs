//! The columns of the list that an operator may choose.

use serde::{Deserialize, Serialize};

/// A column behind the names and the four services, which are always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Column {
    /// CPU of all services.
    Cpu,
    /// Memory of all services, beside its limit.
    Memory,
    /// How often services were restarted.
    Restarts,
    /// Since when it is what it is.
    Since,
}

impl Column {
    /// All of them, in their usual order.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::Memory, Self::Restarts, Self::Since];
}
