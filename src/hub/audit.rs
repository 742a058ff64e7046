//! The audit of containers, asked once: those of the hub's projects, and all of the projects that Compose made.

use super::{Failure, known, operation::entry_of};
use crate::{
    config::Hub,
    domain::{ProjectName, Safe, ServiceKind, Target, container::Summary},
    engine::{Engine, EngineError},
    stack::{
        adopt::Adopted,
        hardening::{self, Finding},
    },
};
use futures_util::{StreamExt, TryStreamExt, stream};

/// Containers that are inspected side by side.
const AT_ONCE: usize = 4;

/// A container that was looked at.
#[derive(Debug, Clone)]
pub struct Audited {
    /// The project.
    pub project: ProjectName,
    /// Which of the four it is.
    pub part: Option<ServiceKind>,
    /// Compose's name of its service, if Compose made it.
    pub compose: Option<Safe>,
    /// The container's name.
    pub container: Safe,
    /// What it lacks, the worst first.
    pub findings: Vec<Finding>,
}

/// A container that is to be looked at.
struct Candidate {
    id: String,
    audited: Audited,
}

/// Looks at the containers of `targets`; without any at all that are known. What went away meanwhile is left out.
///
/// # Errors
/// A target that nobody knows, or the engine's.
pub async fn audit(
    engine: &Engine,
    hub: &Hub,
    targets: &[Target],
) -> Result<Vec<Audited>, Failure> {
    let list = engine.list_all().await?;
    let found = known::in_list(&list, hub);
    for target in targets {
        if !found.contains_key(&target.project) {
            entry_of(hub, &target.project)?;
        }
    }
    let own = list.iter().filter_map(|row| of_ours(hub, row));
    let all = own.chain(found.values().flat_map(of_compose));
    let meant = all.filter(|candidate| is_meant(targets, &candidate.audited));
    let looks = meant.map(|candidate| look(engine, candidate));
    let looked: Vec<Option<Audited>> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
    let mut looked: Vec<Audited> = looked.into_iter().flatten().collect();
    looked.sort_by(|a, b| {
        (&a.project, a.part.is_none(), a.part).cmp(&(&b.project, b.part.is_none(), b.part))
    });
    Ok(looked)
}

fn is_meant(targets: &[Target], audited: &Audited) -> bool {
    let means = |target: &Target| {
        let service = target.service;
        target.project == audited.project && (service.is_none() || service == audited.part)
    };
    targets.is_empty() || targets.iter().any(means)
}

fn of_ours(hub: &Hub, row: &Summary) -> Option<Candidate> {
    let project = row.project.clone()?;
    let kind = row.service?;
    let audited = Audited {
        part: Some(kind),
        compose: None,
        container: row.name.clone(),
        findings: Vec::new(),
        project,
    };
    let is_known = hub.projects.contains_key(&audited.project);
    is_known.then(|| Candidate {
        id: row.id.clone(),
        audited,
    })
}

fn of_compose(project: &Adopted) -> Vec<Candidate> {
    let mut all = Vec::new();
    for service in &project.services {
        for (n, container) in service.containers.iter().enumerate() {
            all.push(Candidate {
                id: container.id.clone(),
                audited: Audited {
                    project: project.name.clone(),
                    part: service.kind.filter(|_| n == 0),
                    compose: Some(Safe::new(&service.service)),
                    container: container.name.clone(),
                    findings: Vec::new(),
                },
            });
        }
    }
    all
}

async fn look(engine: &Engine, candidate: Candidate) -> Result<Option<Audited>, EngineError> {
    let found = engine.inspect(&candidate.id).await?;
    Ok(found.map(|container| Audited {
        findings: hardening::audit(&container),
        ..candidate.audited
    }))
}
