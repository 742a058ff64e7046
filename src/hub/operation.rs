//! One operation from beginning to end: the same code for a key on the screen and for a subcommand.

use super::{
    Failure, Job, JobId, JobState, NewProject, Progress, Verb, lifecycle::Lifecycle,
    lock::ProjectLock, report::Reporter, retry::Policy,
};
use crate::{
    config::{Hub, HubFile},
    domain::{LimitsChange, ProjectName, Safe, ServiceId, Target, Timestamp},
    engine::Engine,
    stack::ProjectEntry,
};

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Start what is missing of a project.
    Start(ProjectName),
    /// Stop a project; its data stays.
    Stop(ProjectName),
    /// Restart one service or all four in order.
    Restart(Target),
    /// Change limits.
    Limits {
        /// Of which service.
        service: ServiceId,
        /// What changes.
        change: LimitsChange,
        /// Memory may be below what is in use.
        below_use: bool,
    },
    /// Add a project to the hub file.
    Add(NewProject),
    /// Stop a project and forget it.
    Remove {
        /// The project.
        project: ProjectName,
        /// Its data and secrets, too.
        data: bool,
    },
}

impl Request {
    /// What it does, in one word.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Self::Start(_) => Verb::Start,
            Self::Stop(_) => Verb::Stop,
            Self::Restart(_) => Verb::Restart,
            Self::Limits { .. } => Verb::Limits,
            Self::Add(_) => Verb::Add,
            Self::Remove { .. } => Verb::Remove,
        }
    }

    /// What it is about.
    #[must_use]
    pub fn target(&self) -> Target {
        match self {
            Self::Start(project) | Self::Stop(project) | Self::Remove { project, .. } => {
                Target::project(project)
            }
            Self::Restart(target) => target.clone(),
            Self::Limits { service, .. } => service.clone().into(),
            Self::Add(new) => Target::project(&new.name),
        }
    }

    /// A job for it that has not begun.
    #[must_use]
    pub fn job(&self, id: JobId, asked: Timestamp) -> Job {
        Job {
            id,
            verb: self.verb(),
            target: self.target(),
            asked,
            progress: Progress::default(),
            state: JobState::Running,
        }
    }

    /// True if it needs no engine.
    #[must_use]
    pub fn is_file_only(&self) -> bool {
        matches!(self, Self::Add(_))
    }
}

/// What operations work on.
#[derive(Debug, Clone)]
pub struct World {
    /// The engine; `None` while it is out of reach.
    pub engine: Option<Engine>,
    /// The hub file.
    pub hub_file: HubFile,
    /// How changes are tried again.
    pub policy: Policy,
}

/// Does what `request` says and tells `report` how far it is. Dropping the future cancels it: every step looks before it
/// acts, so the next start or stop works from whatever was reached.
///
/// # Errors
/// One line and the next step, with the engine's own words.
pub async fn perform(world: &World, request: &Request, report: &Reporter) -> Result<Safe, Failure> {
    let hub = world.hub_file.load()?;
    if let Request::Add(new) = request {
        return add(world, new);
    }
    let target = request.target();
    let entry = entry_of(&hub, &target.project)?.clone();
    let engine = world.engine.clone().ok_or_else(no_engine)?;
    let _lock = ProjectLock::acquire(&world.hub_file.lock_dir(), &target.project, report).await?;
    let lifecycle = Lifecycle {
        engine,
        entry,
        hub_file: world.hub_file.clone(),
        report: report.clone(),
        policy: world.policy,
    };
    match request {
        Request::Start(_) => lifecycle.start().await,
        Request::Stop(_) => lifecycle.stop().await,
        Request::Restart(target) => match target.service {
            Some(kind) => lifecycle.restart_service(kind).await,
            None => lifecycle.restart_all().await,
        },
        Request::Limits {
            service,
            change,
            below_use,
        } => {
            lifecycle
                .set_limits(service.kind, *change, *below_use)
                .await
        }
        Request::Remove { data, .. } => lifecycle.remove(*data).await,
        Request::Add(_) => Err(no_engine()),
    }
}

fn add(world: &World, new: &NewProject) -> Result<Safe, Failure> {
    let entry = world.hub_file.add(&new.name, &new.path, &new.images)?;
    let ports = entry.project().ports.0.map(|port| port.to_string());
    Ok(Safe::new(format!(
        "added {} as number {}: ports {}",
        entry.name,
        entry.number,
        ports.join(", ")
    )))
}

/// The project of that name.
///
/// # Errors
/// An unknown name, with the ones that exist.
pub fn entry_of<'a>(hub: &'a Hub, name: &ProjectName) -> Result<&'a ProjectEntry, Failure> {
    hub.projects.get(name).ok_or_else(|| {
        let known: Vec<_> = hub.projects.keys().map(ProjectName::as_str).collect();
        let known = if known.is_empty() {
            "there is none yet: add one with `cchub-tui project add NAME --path DIR`".to_owned()
        } else {
            format!("use one of {}", known.join(", "))
        };
        Failure::input(format!("no project '{name}': {known}"))
    })
}

fn no_engine() -> Failure {
    Failure::new(
        super::FailureKind::Engine,
        "the engine is out of reach: nothing was sent",
    )
    .with_hint("see the top line; Ctrl-R tries again now")
}
