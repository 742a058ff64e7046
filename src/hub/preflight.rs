//! What is checked before anything is made: the project's folder and its four host ports.

use super::{Failure, lifecycle::Lifecycle};
use crate::{
    domain::{Phase, ServiceKind, container::Summary},
    engine::EngineError,
    stack::{ServiceSpec, StackSpec, folder, ports},
};

impl Lifecycle {
    /// Checks the folder; nothing is sent.
    pub(super) fn check_folder(&self) -> Result<(), Failure> {
        folder::check_folder(&self.entry.path)?;
        Ok(())
    }

    /// Checks the ports of all services that do not run yet.
    pub(super) async fn check_ports(&self, stack: &StackSpec) -> Result<(), Failure> {
        let all = self.engine.list_all().await?;
        for (kind, spec) in stack.services.iter() {
            if !self.runs_already(&all, kind) {
                self.check_port(&all, spec)?;
            }
        }
        Ok(())
    }

    fn runs_already(&self, all: &[Summary], kind: ServiceKind) -> bool {
        all.iter()
            .filter(|c| c.project.as_ref() == Some(&self.entry.name) && c.service == Some(kind))
            .any(|c| is_up(c.phase))
    }

    fn check_port(&self, all: &[Summary], spec: &ServiceSpec) -> Result<(), Failure> {
        let port = spec.host_port;
        let publisher = all
            .iter()
            .find(|c| is_up(c.phase) && c.host_ports.contains(&port));
        if let Some(container) = publisher {
            return Err(taken(spec, &format!("by container {}", container.name)));
        }
        if self.engine.endpoint().is_local() && !ports::is_free(spec.address, port) {
            return Err(taken(spec, &local_holder(port)));
        }
        Ok(())
    }
}

fn is_up(phase: Phase) -> bool {
    matches!(phase, Phase::Running | Phase::Paused | Phase::Restarting)
}

fn local_holder(port: u16) -> String {
    ports::holder(port).map_or_else(
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
    let failure = taken(spec, &local_holder(spec.host_port));
    Failure::operation(format!("{} ({error})", failure.message))
        .with_hint(failure.hint.unwrap_or_default().as_str())
}
