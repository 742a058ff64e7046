//! The projects that are known, whoever made them: the hub file's own, and those of Compose's that the engine's list of
//! containers tells of. The one place where whoever asks once looks them up; the screen hears of them from the refresh.

use super::{Failure, subject::Subject};
use crate::{
    config::Hub,
    domain::{Limits, Project, ProjectName, Safe, ServiceKind, container::Summary},
    engine::{Engine, EngineError},
    stack::{
        ProjectEntry, StackSpec,
        adopt::{self, Adopted},
    },
};
use std::collections::BTreeMap;

/// A project, by who made its containers.
#[derive(Debug, Clone)]
pub enum Known {
    /// This program.
    Ours(Box<ProjectEntry>),
    /// Compose.
    Compose(Box<Adopted>),
}

impl Known {
    /// The project of that name, if the hub file describes it as one of its own.
    #[must_use]
    pub fn ours(hub: &Hub, name: &ProjectName) -> Option<Self> {
        let entry = hub.projects.get(name)?;
        Some(Self::Ours(Box::new(entry.clone())))
    }

    /// What it is called here.
    #[must_use]
    pub fn name(&self) -> &ProjectName {
        match self {
            Self::Ours(entry) => &entry.name,
            Self::Compose(project) => &project.name,
        }
    }

    /// What front ends show of it.
    #[must_use]
    pub fn project(&self) -> Project {
        match self {
            Self::Ours(entry) => entry.project(),
            Self::Compose(project) => project.project(),
        }
    }

    /// What is known of it as a project of Compose's, if it is one.
    #[must_use]
    pub fn adopted(&self) -> Option<&Adopted> {
        match self {
            Self::Ours(_) => None,
            Self::Compose(project) => Some(project),
        }
    }

    /// Compose's name of the service that plays this part, if Compose made it.
    #[must_use]
    pub fn compose_name(&self, kind: ServiceKind) -> Option<Safe> {
        let service = self.adopted()?.service(kind)?;
        Some(Safe::new(&service.service))
    }

    /// The wished limits; zero where nothing is wished.
    #[must_use]
    pub fn limits(&self, kind: ServiceKind) -> Limits {
        match self {
            Self::Ours(entry) => entry.limits(kind),
            Self::Compose(project) => project.wished(kind),
        }
    }

    /// True if it has this service; a project of Compose's may lack some of the four.
    #[must_use]
    pub fn has(&self, kind: ServiceKind) -> bool {
        self.adopted()
            .is_none_or(|project| project.service(kind).is_some())
    }

    /// True if somebody has asked for it: it is in the hub file.
    #[must_use]
    pub fn is_in_hub_file(&self) -> bool {
        self.adopted().is_none_or(|project| project.entry.is_some())
    }

    /// What its four services are looked at as; `None` for what it lacks.
    pub(super) fn subjects(&self) -> Result<[Option<Subject>; 4], Failure> {
        Ok(match self {
            Self::Ours(entry) => {
                let stack = StackSpec::resolve(entry)?;
                ServiceKind::ALL.map(|kind| Some(Subject::ours(stack.services[kind].clone())))
            }
            Self::Compose(project) => ServiceKind::ALL.map(|kind| Subject::adopted(project, kind)),
        })
    }
}

/// True if a name that the hub file does not know may still be one of Compose's.
#[must_use]
pub fn may_be_composes(hub: &Hub) -> bool {
    hub.settings.hub.adopt || !hub.imported.is_empty()
}

/// The projects of Compose's in `list`, all containers of the engine, as far as the hub file wants to know of them.
pub(super) fn in_list(list: &[Summary], hub: &Hub) -> BTreeMap<ProjectName, Adopted> {
    let mut found = adopt::discover(list, hub.projects.keys(), &hub.imported).projects;
    if !hub.settings.hub.adopt {
        found.retain(|_, project| project.entry.is_some());
    }
    found
}

/// The projects of Compose's, as the engine and the hub file tell them now.
///
/// # Errors
/// The engine cannot be asked.
pub async fn of_compose(
    engine: &Engine,
    hub: &Hub,
) -> Result<BTreeMap<ProjectName, Adopted>, EngineError> {
    if !may_be_composes(hub) {
        return Ok(BTreeMap::new());
    }
    Ok(in_list(&engine.list_all().await?, hub))
}

/// All projects: the hub file's own by name, then Compose's.
///
/// # Errors
/// The engine cannot be asked.
pub async fn all(engine: &Engine, hub: &Hub) -> Result<Vec<Known>, EngineError> {
    let compose = of_compose(engine, hub).await?.into_values();
    let compose = compose.map(|project| Known::Compose(Box::new(project)));
    let own = hub
        .projects
        .keys()
        .filter_map(|name| Known::ours(hub, name));
    Ok(own.chain(compose).collect())
}

/// What to say to whoever asks for a part that nobody plays.
#[must_use]
pub fn not_played(project: &Adopted, kind: ServiceKind) -> Failure {
    let name = &project.name;
    let played: Vec<&str> = ServiceKind::ALL
        .into_iter()
        .filter(|kind| project.service(*kind).is_some())
        .map(ServiceKind::as_str)
        .collect();
    let text = format!("{name} has no {kind}: none of its containers plays that part");
    Failure::input(text).with_hint(format!("it has {}", played.join(", ")))
}
