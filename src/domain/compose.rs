//! Projects that Docker Compose made: what this program knows of them besides what it knows of its own.

use super::{Health, LimitsChange, PerService, Safe, ServiceKind, health::State, service::Needs};
use serde::Serialize;

/// Services of a Compose project that play none of the four parts and are shown below them.
pub const OTHERS_MAX: usize = 32;

/// Who made a project's containers, and therefore may remove them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// This program, from the hub file.
    #[default]
    Hub,
    /// Docker Compose. Its containers are started, stopped and limited here, never made or removed.
    Compose(Box<Compose>),
}

impl Origin {
    /// What is known of the Compose project, if it is one.
    #[must_use]
    pub fn compose(&self) -> Option<&Compose> {
        match self {
            Self::Hub => None,
            Self::Compose(compose) => Some(compose),
        }
    }
}

/// A Compose project, as the labels of its containers tell it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Compose {
    /// The name that Compose knows it by: `docker compose -p NAME`.
    pub name: Safe,
    /// The files that it was made from, as Compose wrote them down.
    pub files: Safe,
    /// It is in the hub file, too.
    pub imported: bool,
    /// Compose's own names for the services that play the four parts.
    pub services: PerService<Option<Safe>>,
    /// Which of the four needs which.
    #[serde(skip)]
    pub needs: Needs,
}

impl Compose {
    /// True if one of its services plays this part.
    #[must_use]
    pub fn has(&self, kind: ServiceKind) -> bool {
        self.services[kind].is_some()
    }
}

/// What has to stand under `services:` in Compose's file for these limits to stay, on one line of YAML.
#[must_use]
pub fn snippet(service: &str, limits: LimitsChange) -> String {
    let keys = [
        limits
            .memory
            .map(|memory| format!("mem_limit: {}", memory.to_arg())),
        limits.cpus.map(|cpus| format!("cpus: {}", cpus.as_f64())),
        limits.pids.map(|pids| format!("pids_limit: {pids}")),
    ];
    let keys: Vec<String> = keys.into_iter().flatten().collect();
    format!("{service}: {{ {} }}", keys.join(", "))
}

/// A container of a Compose project that plays none of the four parts, or one more of a service that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Compose's name for its service; of a scaled one with the number of the container.
    pub service: Safe,
    /// The container's name.
    pub container: Safe,
    /// What it was made from.
    pub image: Safe,
    /// Ports of the host that reach it.
    pub ports: Vec<u16>,
    /// How it is, as the engine and its own health check tell.
    pub health: Health,
    /// Findings of the audit, once it was inspected.
    pub findings: Option<usize>,
}

impl Other {
    /// True for what ended because it was done, as a migration does.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.health.state == State::Stopped && !self.health.is_problem()
    }
}
