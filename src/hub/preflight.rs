//! What is checked before anything is made: the project's folder and its four host ports.

use super::{Failure, lifecycle::Lifecycle};
use crate::{
    domain::{Phase, ServiceKind, container::Summary},
    engine::EngineError,
    stack::{ServiceSpec, StackSpec, folder, ports},
};
use std::{net::SocketAddr, time::Duration};
use tokio::time::sleep;

/// A taken port is looked at this often …
const LOOKS_MAX: u32 = 5;
/// … with this pause between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

impl Lifecycle {
    /// Checks the folder; nothing is sent.
    pub(super) fn check_folder(&self) -> Result<(), Failure> {
        folder::check_folder(&self.entry.path)?;
        Ok(())
    }

    /// Checks the ports of those of `kinds` that do not run yet. A port may still be held by what is just ending (an
    /// operation that was killed goes on in the engine for a moment), so a taken one is looked at again for a while.
    pub(super) async fn check_ports(
        &self,
        stack: &StackSpec,
        kinds: &[ServiceKind],
    ) -> Result<(), Failure> {
        let mut looks = 1;
        loop {
            let all = self.retried("ports", || self.engine.list_all()).await?;
            match self.check_ports_once(stack, kinds, &all) {
                Err(_) if looks < LOOKS_MAX => looks += 1,
                outcome => return outcome,
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    fn check_ports_once(
        &self,
        stack: &StackSpec,
        kinds: &[ServiceKind],
        all: &[Summary],
    ) -> Result<(), Failure> {
        let mut pending = kinds.iter().filter(|kind| !self.runs_already(all, **kind));
        pending.try_for_each(|kind| self.check_port(all, &stack.services[*kind]))
    }

    fn runs_already(&self, all: &[Summary], kind: ServiceKind) -> bool {
        all.iter()
            .filter(|c| c.project.as_ref() == Some(&self.entry.name) && c.service == Some(kind))
            .any(|c| is_up(c.phase))
    }

    fn check_port(&self, all: &[Summary], spec: &ServiceSpec) -> Result<(), Failure> {
        let wanted = SocketAddr::new(spec.address, spec.host_port);
        let publisher = all.iter().find(|c| is_up(c.phase) && c.takes(wanted));
        if let Some(container) = publisher {
            return Err(taken(spec, &format!("by container {}", container.name)));
        }
        if self.engine.endpoint().is_local() && !ports::is_free(wanted) {
            return Err(taken(spec, &local_holder(wanted)));
        }
        Ok(())
    }
}

fn is_up(phase: Phase) -> bool {
    matches!(phase, Phase::Running | Phase::Paused | Phase::Restarting)
}

fn local_holder(place: SocketAddr) -> String {
    ports::holder(place).map_or_else(
        || "by a process that cannot be seen from here".to_owned(),
        |holder| format!("by {holder}"),
    )
}

/// Port `spec.host_port` is taken; `by` says by whom.
fn taken(spec: &ServiceSpec, by: &str) -> Failure {
    let (port, kind, project) = (spec.host_port, spec.id.kind, &spec.id.project);
    Failure::operation(format!("port {port} for {kind} of {project} is taken {by}")).with_hint(
        format!("free it, or set {kind} = PORT under [projects.{project}.ports] in the hub file"),
    )
}

/// What to say when the engine itself found the port taken between our check and its start.
pub(super) fn port_conflict(spec: &ServiceSpec, error: &EngineError) -> Failure {
    let place = SocketAddr::new(spec.address, spec.host_port);
    let failure = taken(spec, &local_holder(place));
    Failure::operation(format!("{} ({error})", failure.message))
        .with_hint(failure.hint.unwrap_or_default().as_str())
}
