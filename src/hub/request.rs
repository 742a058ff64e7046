//! Operations as data: what a key or a subcommand asks for.

use super::{Job, JobId, JobState, Progress, Verb};
use crate::domain::{
    Limits, LimitsChange, ProjectName, Safe, ServiceId, ServiceKind, Target, Timestamp,
};
use std::{path::PathBuf, time::Duration};

/// The longest grace that may be asked for; the shortest is none at all.
pub const GRACE_MAX: Duration = Duration::from_mins(10);

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Start what is missing of a project; of one service, what it needs and then itself.
    Start(Target),
    /// Stop a project, of which only the data stays, or one service, which keeps its container, too.
    Stop {
        /// What.
        target: Target,
        /// How long each service has to end before it is killed, up to [`GRACE_MAX`]; `None`: what its entry says.
        grace: Option<Duration>,
    },
    /// Restart one service or all four in order.
    Restart {
        /// What.
        target: Target,
        /// What becomes of containers and dependants.
        how: Again,
        /// As for a stop.
        grace: Option<Duration>,
    },
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
    /// Take a project that Compose made into the hub file.
    Import(ProjectName),
    /// Add a project to the hub file.
    Add(NewProject),
    /// Protect a project, or no longer.
    Protect {
        /// The project.
        project: ProjectName,
        /// Protected from now on.
        on: bool,
    },
    /// Stop a project and forget it.
    Remove {
        /// The project.
        project: ProjectName,
        /// Its data and secrets, too.
        data: bool,
    },
}

/// How a restart is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub enum Again {
    /// The same container, unless its spec has changed.
    #[default]
    InPlace,
    /// The service, then those that depend on it, one wave after the other. Of a project the same as in place.
    WithDependants,
    /// A new container, whatever the old one is like.
    Anew,
}

impl Request {
    /// Start a project or one service, as usual.
    #[must_use]
    pub fn start(target: impl Into<Target>) -> Self {
        Self::Start(target.into())
    }

    /// Stop a project or one service, as usual.
    #[must_use]
    pub fn stop(target: impl Into<Target>) -> Self {
        Self::Stop {
            target: target.into(),
            grace: None,
        }
    }

    /// Restart a project or one service, as usual.
    #[must_use]
    pub fn restart(target: impl Into<Target>) -> Self {
        Self::Restart {
            target: target.into(),
            how: Again::InPlace,
            grace: None,
        }
    }

    /// What it does, in one word.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Self::Start(_) => Verb::Start,
            Self::Stop { .. } => Verb::Stop,
            Self::Restart { .. } => Verb::Restart,
            Self::Limits { .. } | Self::ReapplyLimits { .. } | Self::KeepLimits(_) => Verb::Limits,
            Self::Add(_) | Self::Import(_) => Verb::Add,
            Self::Protect { .. } => Verb::Protect,
            Self::Remove { .. } => Verb::Remove,
        }
    }

    /// What it is about.
    #[must_use]
    pub fn target(&self) -> Target {
        match self {
            Self::Start(target) | Self::Stop { target, .. } | Self::Restart { target, .. } => {
                target.clone()
            }
            Self::Remove { project, .. } | Self::Protect { project, .. } => {
                Target::project(project)
            }
            Self::Limits { service, .. }
            | Self::ReapplyLimits { service, .. }
            | Self::KeepLimits(service) => service.clone().into(),
            Self::Add(new) => Target::project(&new.name),
            Self::Import(name) => Target::project(name),
        }
    }

    /// How long what it stops has to end; `None`: what the entry says.
    #[must_use]
    pub fn grace(&self) -> Option<Duration> {
        match self {
            Self::Stop { grace, .. } | Self::Restart { grace, .. } => *grace,
            _ => None,
        }
    }

    /// What it does, in the words of the journal: `restart recreate`.
    #[must_use]
    pub fn did(&self) -> Safe {
        super::journal::what(self)
    }

    /// A job for it that has not begun.
    #[must_use]
    pub fn job(&self, id: JobId, asked: Timestamp) -> Job {
        Job {
            id,
            verb: self.verb(),
            did: self.did(),
            target: self.target(),
            asked,
            progress: Progress::default(),
            state: JobState::Running,
        }
    }

    /// True if it interrupts something, or something may be lost by it: of a protected project it is asked for with its
    /// name.
    #[must_use]
    pub fn is_hard(&self) -> bool {
        match self {
            Self::Stop { .. } | Self::Restart { .. } | Self::Remove { .. } => true,
            Self::Limits { below_use, .. } | Self::ReapplyLimits { below_use, .. } => *below_use,
            Self::Start(_)
            | Self::KeepLimits(_)
            | Self::Import(_)
            | Self::Add(_)
            | Self::Protect { .. } => false,
        }
    }

    /// True if it needs no engine.
    #[must_use]
    pub fn is_file_only(&self) -> bool {
        matches!(self, Self::Add(_) | Self::Protect { .. })
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
