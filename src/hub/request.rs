//! Operations as data: what a key or a subcommand asks for.

use super::{Job, JobId, JobState, Progress, Verb};
use crate::domain::{Limits, LimitsChange, ProjectName, ServiceId, ServiceKind, Target, Timestamp};
use std::path::PathBuf;

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
        /// The limits in the hub file that the change is based on: if somebody changed the same ones since, it is
        /// refused. `None` means these limits, whatever was there.
        seen: Option<Limits>,
        /// Memory may be below what is in use.
        below_use: bool,
    },
    /// Give a service the limits of the hub file again, whoever changed them.
    ReapplyLimits {
        /// Which service.
        service: ServiceId,
        /// Memory may be below what is in use.
        below_use: bool,
    },
    /// Write the limits in force into the hub file, whoever set them.
    KeepLimits(ServiceId),
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
            Self::Limits { .. } | Self::ReapplyLimits { .. } | Self::KeepLimits(_) => Verb::Limits,
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
            Self::Limits { service, .. }
            | Self::ReapplyLimits { service, .. }
            | Self::KeepLimits(service) => service.clone().into(),
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

/// A project to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    /// Its name.
    pub name: ProjectName,
    /// Its folder.
    pub path: PathBuf,
    /// Ready images by service.
    pub images: Vec<(ServiceKind, String)>,
}
