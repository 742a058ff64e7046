//! Start and stop of one service. Its siblings stay as they are, but for those that it needs.

use super::{
    Failure,
    ensure::Ensured,
    lifecycle::{Lifecycle, listed},
};
use crate::{
    domain::{Safe, ServiceId, ServiceKind},
    stack::StackSpec,
};

impl Lifecycle {
    /// Starts what `kind` needs and then itself, in order, each gated on its health.
    pub(super) async fn start_service(&self, kind: ServiceKind) -> Result<Safe, Failure> {
        let kinds = kind.with_needs();
        self.report.expect_steps(2 + kinds.len());
        self.check_folder()?;
        let stack = StackSpec::resolve(&self.entry)?;
        self.report.say("checking the ports");
        self.check_ports(&stack, &kinds).await?;
        self.report.step_done("folder and ports are fine");
        let ground = self.prepare(&stack).await?;
        self.report.step_done("images, network and data are there");
        let done = self.start_waves(&stack, &ground, &kinds).await?;
        let id = ServiceId::new(&self.entry.name, kind);
        let began: Vec<ServiceKind> = done
            .into_iter()
            .filter(|(_, done)| *done != Ensured::Ran)
            .map(|(kind, _)| kind)
            .collect();
        Ok(Safe::new(match began.as_slice() {
            [] => format!("{id} was running already and is healthy"),
            [one] if *one == kind => format!("{id} is up and healthy"),
            [needs @ .., last] if *last == kind => {
                format!(
                    "{id} is up and healthy, and so is what it needs: {}",
                    listed(needs)
                )
            }
            needs => format!(
                "{id} was running already; it needs {}: started",
                listed(needs)
            ),
        }))
    }

    /// Stops one service and keeps its container, with its log, for the next start.
    pub(super) async fn stop_service(&self, kind: ServiceKind) -> Result<Safe, Failure> {
        self.report.expect_steps(1);
        // A replacement that was interrupted left the container under another name.
        self.remove_leftovers().await?;
        let all = self.own_containers().await?;
        let id = ServiceId::new(&self.entry.name, kind);
        let Some(container) = all.iter().find(|c| c.service == Some(kind)) else {
            return Ok(Safe::new(format!("{id} was not running")));
        };
        self.stop_only(container).await?;
        self.report.step_done(format!("{kind}: stopped"));
        Ok(Safe::new(format!("{id} is stopped; its container is kept")))
    }
}
