//! What happened to a container between two looks at it: starts, ends, crashes.

use super::Health;
use crate::domain::{Container, Phase};

/// 128 + SIGTERM: what a stop leaves.
const TERMINATED: i64 = 143;

/// What happened to a container between two looks at it.
pub(super) struct Change {
    /// A run began, or is seen for the first time.
    pub began: bool,
    /// A run ended, or its end is seen for the first time.
    pub ended: bool,
    /// Ends that nobody asked for.
    pub crashes: u32,
}

impl Change {
    pub fn between(before: Option<Phase>, health: &Health, container: &Container) -> Self {
        let crashes = container.restart_count.saturating_sub(health.restarts);
        let restarted = container.started_at != health.started_at;
        let Some(before) = before else {
            return Self {
                began: true,
                ended: is_over(container.phase),
                crashes: 0,
            };
        };
        let ran = matches!(before, Phase::Running | Phase::Paused);
        let over = is_over(container.phase) && (restarted || !is_over(before));
        Self {
            began: restarted || (container.phase == Phase::Running && !ran),
            ended: over || crashes > 0 || (restarted && ran),
            crashes: crashes.max(u32::from(over && is_crash(container))),
        }
    }
}

/// True if no process of it runs.
pub(super) fn is_over(phase: Phase) -> bool {
    matches!(phase, Phase::Exited | Phase::Dead | Phase::Restarting)
}

/// True unless somebody asked it to end, or it ended because it was done. What the engine starts again was neither.
fn is_crash(container: &Container) -> bool {
    container.phase == Phase::Restarting || !matches!(container.exit_code, 0 | TERMINATED)
}
