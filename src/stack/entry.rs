//! A project as it is written in the hub file: wishes with gaps, which [`super::spec`] fills from the default stack.

use super::ports;
use crate::domain::{
    Bytes, Cpus, Limits, LimitsChange, Origin, PerService, Project, ProjectName, ServiceKind,
};
use std::{collections::BTreeMap, net::IpAddr, path::PathBuf, time::Duration};

/// One project of the hub file.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectEntry {
    /// Its name.
    pub name: ProjectName,
    /// Absolute path of its folder.
    pub path: PathBuf,
    /// Its number, from 1; never given to another project while this one exists.
    pub number: u16,
    /// Host address that the ports are bound to; loopback unless the project says otherwise.
    pub address: IpAddr,
    /// What interrupts it, or loses something of it, is asked for with its name typed.
    pub protected: bool,
    /// Host ports that differ from the number's own.
    pub ports: PerService<Option<u16>>,
    /// Interval of the engine's own health checks, for people who look with other tools; `None` turns them off.
    pub engine_health: Option<Duration>,
    /// Overrides by service: the hub's `[services.…]` with the project's own on top.
    pub services: PerService<ServiceEntry>,
}

impl ProjectEntry {
    /// What front ends show of it.
    #[must_use]
    pub fn project(&self) -> Project {
        Project {
            name: self.name.clone(),
            path: Some(self.path.clone()),
            number: Some(self.number),
            address: self.address,
            protected: self.protected,
            ports: PerService::from_fn(|kind| Some(self.port(kind))),
            limits: PerService::from_fn(|kind| self.limits(kind)),
            origin: Origin::Hub,
        }
    }

    /// The host port of a service: its own, or the one of the project's number.
    #[must_use]
    pub fn port(&self, kind: ServiceKind) -> u16 {
        self.ports[kind].unwrap_or(ports::default_port(kind, self.number))
    }

    /// The limits of a service: its own over the default ones.
    #[must_use]
    pub fn limits(&self, kind: ServiceKind) -> Limits {
        Limits::default_of(kind).with(self.services[kind].limits())
    }
}

/// A project of the hub file that Compose made: what is known of it while it is down, and what is wished of it. It is
/// never made from this.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportedEntry {
    /// Compose's name of it: the value of its label.
    pub compose: String,
    /// The folder that Compose was called in.
    pub path: Option<PathBuf>,
    /// Host ports, as they were when it was imported.
    pub ports: PerService<Option<u16>>,
    /// What interrupts it is asked for with its name typed.
    pub protected: bool,
    /// The four parts.
    pub services: PerService<ImportedService>,
}

impl ImportedEntry {
    /// The limits that are wished of a service.
    #[must_use]
    pub fn limits(&self, kind: ServiceKind) -> LimitsChange {
        let service = &self.services[kind];
        LimitsChange {
            cpus: service.cpus,
            memory: service.memory,
            pids: service.pids,
        }
    }
}

/// What the hub file says of a service that Compose made. Every field is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportedService {
    /// Compose's name of the service that plays the part; without it nobody does.
    pub service: Option<String>,
    /// What it was made from when it was imported; shown while it is down.
    pub image: Option<String>,
    /// How long a start may take until it is healthy.
    pub start_timeout: Option<Duration>,
    /// How long a stop waits before it kills.
    pub stop_grace: Option<Duration>,
    /// CPU limit.
    pub cpus: Option<Cpus>,
    /// Memory limit.
    pub memory: Option<Bytes>,
    /// Limit of processes.
    pub pids: Option<u32>,
}

/// Parts of a service that differ from the default stack. Every field is optional.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ServiceEntry {
    /// A ready image, used as it is instead of building or the default.
    pub image: Option<String>,
    /// The image that backend and frontend are built on.
    pub base: Option<String>,
    /// Command instead of the image's or the default stack's.
    pub command: Option<Vec<String>>,
    /// More environment, on top of the stack's.
    pub env: BTreeMap<String, String>,
    /// `uid` or `uid:gid`; never root.
    pub user: Option<String>,
    /// More tmpfs folders: absolute paths.
    pub tmpfs: Vec<String>,
    /// Working folder in the container.
    pub workdir: Option<String>,
    /// Health command (exit 0 = healthy) instead of the stack's; such a service is probed by exec only.
    pub health: Option<Vec<String>>,
    /// How the service sees the project folder.
    pub workspace: Option<Workspace>,
    /// `false` makes the root file system writable.
    pub read_only: Option<bool>,
    /// How long a start may take until it is healthy.
    pub start_timeout: Option<Duration>,
    /// How long a stop waits before it kills.
    pub stop_grace: Option<Duration>,
    /// CPU limit.
    pub cpus: Option<Cpus>,
    /// Memory limit.
    pub memory: Option<Bytes>,
    /// Limit of processes.
    pub pids: Option<u32>,
}

impl ServiceEntry {
    /// The limits that it names.
    #[must_use]
    pub fn limits(&self) -> LimitsChange {
        LimitsChange {
            cpus: self.cpus,
            memory: self.memory,
            pids: self.pids,
        }
    }
}

/// How a service sees the project folder at `/workspace`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workspace {
    /// Bind, read-only.
    ReadOnly,
    /// A writable snapshot, taken at each start from a read-only bind.
    Copy,
    /// Bind, writable: the container may change the folder on the host.
    ReadWrite,
}
