//! Taking a project that Compose made into the hub file: its name, folder, parts, ports and the limits in force are written
//! down, so that it stays in the list while it is down and drift of its limits is seen. Nothing changes on its containers.

use super::{Foreign, find};
use crate::{
    config::{Hub, HubFile},
    domain::{Limits, PerService, ProjectName, Safe, ServiceKind},
    engine::{Engine, EngineError},
    hub::{Failure, operation::entry_of},
    stack::{
        adopt::Adopted,
        entry::{ImportedEntry, ImportedService},
    },
};

/// What an import of `name` would write into the hub file.
///
/// # Errors
/// No such project of Compose's, or one that is in the hub file already.
pub async fn preview(engine: &Engine, hub: &Hub, name: &ProjectName) -> Result<String, Failure> {
    let Some(project) = find(engine, hub, name).await? else {
        return Err(not_composes(hub, name));
    };
    if project.entry.is_some() {
        return Err(is_in_already(name));
    }
    let entry = entry(engine, &project).await?;
    Ok(HubFile::import_text(name, &entry)?)
}

impl Foreign {
    pub(super) async fn import(&self) -> Result<Safe, Failure> {
        let name = &self.project.name;
        if self.project.entry.is_some() {
            return Err(is_in_already(name));
        }
        let entry = entry(&self.engine, &self.project).await?;
        self.hub_file.import(name, &entry)?;
        let text = format!("{name} is in the hub file now; nothing on its containers has changed");
        Ok(Safe::new(text))
    }
}

/// Why a project of the hub file, or of nobody, is not taken in.
pub(in crate::hub) fn not_composes(hub: &Hub, name: &ProjectName) -> Failure {
    match entry_of(hub, name) {
        Ok(_) => Failure::input(format!(
            "{name} is the hub's own project: it is in the hub file"
        )),
        Err(unknown) => unknown,
    }
}

fn is_in_already(name: &ProjectName) -> Failure {
    Failure::input(format!("{name} is in the hub file already")).with_hint(format!(
        "`cchub-tui project remove {name}` takes it out again"
    ))
}

async fn entry(engine: &Engine, project: &Adopted) -> Result<ImportedEntry, EngineError> {
    let mut services: PerService<ImportedService> = PerService::default();
    for kind in ServiceKind::ALL {
        let Some(service) = project.service(kind) else {
            continue;
        };
        let container = service.container();
        let limits = match container {
            Some(container) => engine.inspect(&container.id).await?.map(|c| c.limits()),
            None => None,
        };
        let limits = Limits::NONE.change_to(limits.unwrap_or(Limits::NONE));
        services[kind] = ImportedService {
            service: Some(service.service.clone()),
            image: container.map(|container| container.image.to_string()),
            cpus: limits.cpus,
            memory: limits.memory,
            pids: limits.pids,
            ..ImportedService::default()
        };
    }
    Ok(ImportedEntry {
        compose: project.compose.clone(),
        path: project.folder.clone(),
        ports: project.project().ports,
        protected: false,
        services,
    })
}
