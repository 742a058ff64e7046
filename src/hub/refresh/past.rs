//! What went on before anybody looked: a container that its engine had to restart again and again is not new to trouble,
//! and must not look well between two crashes because this program has just been opened.

use super::Refresh;
use crate::{
    domain::{
        Container, ServiceId, Timestamp,
        health::{CRASH_EXITS, Crash},
    },
    engine::PastEnd,
    hub::round,
};
use futures_util::FutureExt;

/// True if the engine has restarted it so often that its past is worth a question. It counts what nobody asked for.
pub(super) fn is_doubtful(container: &Container) -> bool {
    usize::try_from(container.restart_count).is_ok_and(|count| count >= CRASH_EXITS)
}

impl Refresh {
    /// Asks how a container ended before, by its id.
    pub(super) fn ask_past(&mut self, service: &ServiceId, container: String) {
        if let Some(engine) = self.engine() {
            let ask = round::past(engine, service.clone(), container);
            self.work.push(ask.boxed());
        }
    }

    /// Of the ends that the engine remembers, those count that it answered with a restart: the last ones.
    pub(super) fn take_past(&mut self, id: &ServiceId, ends: &[PastEnd]) {
        let Some(watched) = self.services.get_mut(id) else {
            return;
        };
        let restarts = watched.container.as_ref().map_or(0, |c| c.restart_count);
        let counted = usize::try_from(restarts).unwrap_or(ends.len());
        let ends = &ends[ends.len().saturating_sub(counted)..];
        let crashes: Vec<Crash> = ends.iter().map(crash).collect();
        let oom = ends.last().is_some_and(|past| past.end.oom);
        watched.tracker.see_past(&crashes, oom, Timestamp::now());
    }
}

const fn crash(past: &PastEnd) -> Crash {
    Crash {
        at: past.at,
        code: past.end.exit_code,
    }
}
