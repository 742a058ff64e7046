//! What the command line refuses before anything is asked of an engine: every change while it is read-only, and what
//! interrupts a protected project without its name said.

use super::{Context, output::CliError};
use crate::{
    config::Hub,
    hub::{Failure, Request, hub_is_read_only, read_only},
};

impl Context {
    /// Refuses a change while nothing may be changed.
    ///
    /// # Errors
    /// One line with what helps.
    pub(super) fn guard_change(&self, hub: &Hub) -> Result<(), Failure> {
        if self.read_only {
            return Err(read_only("--read-only", "leave it out"));
        }
        if hub.settings.hub.read_only {
            return Err(hub_is_read_only());
        }
        Ok(())
    }

    /// Refuses all of `requests` if one of them may not be.
    ///
    /// # Errors
    /// One line with what helps.
    pub(super) fn guard<'a>(
        &self,
        requests: impl IntoIterator<Item = &'a Request>,
    ) -> Result<(), CliError> {
        let hub = self.hub()?;
        self.guard_change(&hub)?;
        for request in requests.into_iter().filter(|request| request.is_hard()) {
            let name = request.target().project;
            if hub.is_protected(&name) && !self.yes_protected.contains(&name) {
                let words = format!("{name} is protected: nothing was sent");
                let hint = format!("add --yes-protected {name} if it is meant");
                return Err(Failure::input(words).with_hint(hint).into());
            }
        }
        Ok(())
    }
}
