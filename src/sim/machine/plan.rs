//! What is going to happen, and when: a story that the clock tells.

use super::{Conduct, Machine};
use crate::{domain::Timestamp, sim::voice::Moment};

/// Something that befalls a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incident {
    /// From now on it behaves so.
    Becomes(Conduct),
    /// It behaves well again, unless somebody mended something else meanwhile.
    Recovers,
    /// Its process dies with this code, and the engine starts it again.
    Dies(i64),
}

/// An incident with its moment and the container's name.
pub(super) type Planned = (Timestamp, String, Incident);

impl Machine {
    /// Plans an incident; one for a container that is not there then does not happen.
    pub fn plan(&mut self, at: Timestamp, name: impl Into<String>, incident: Incident) {
        let at = (at, name.into(), incident);
        let later = self.plan.partition_point(|planned| planned.0 <= at.0);
        self.plan.insert(later, at);
    }

    /// Lets happen what is due.
    pub(super) fn befall(&mut self) {
        while let Some((at, _, _)) = self.plan.front()
            && *at <= self.now
        {
            if let Some((_, name, incident)) = self.plan.pop_front() {
                self.strike(&name, incident);
            }
        }
    }

    fn strike(&mut self, name: &str, incident: Incident) {
        let Some(container) = self.containers.get_mut(name).filter(|c| c.runs()) else {
            return;
        };
        match incident {
            Incident::Becomes(conduct) => container.conduct = conduct,
            Incident::Recovers if container.conduct.passes_with_a_restart() => {
                container.conduct = Conduct::Well;
            }
            Incident::Recovers => {}
            Incident::Dies(code) => {
                self.speak(name, Moment::Crash);
                self.end(name, code);
            }
        }
    }
}
