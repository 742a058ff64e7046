//! The hub file as it is written, key by key. What is not written here is an unknown key.

use super::{
    HealthSettings, HubSettings, LogSettings, Settings, UiSettings,
    value::{CpuCount, HostPort, MemoryLimit, Pids, Size, Time, Whole, Words},
};
use crate::{
    domain::{
        Call, Column, KeyWish, KeyWishes, LimitsChange, PerService, ProjectName, ServiceKind,
        limits::Preset,
    },
    stack::{
        entry::{ProjectEntry, ServiceEntry, Workspace},
        ports::NUMBER_MAX,
    },
};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
};

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawHub {
    /// Format; read before the rest, because it decides what the rest may be.
    #[serde(rename = "version")]
    _version: i64,
    hub: RawProgram,
    health: RawHealth,
    logs: RawLogs,
    ui: RawUi,
    keys: BTreeMap<String, Words>,
    limits: RawLimits,
    /// Overrides for all projects.
    services: PerServiceTable<RawService>,
    /// Projects by name.
    pub projects: BTreeMap<ProjectName, RawProject>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawProgram {
    adopt: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawHealth {
    interval: Option<Time<1_000, 300_000>>,
    timeout: Option<Time<100, 60_000>>,
    slow: Option<Time<1, 60_000>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawLogs {
    tail: Option<Whole<1, 10_000>>,
    buffer: Option<Size<0x10_0000, 0x1_0000_0000>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawUi {
    theme: Option<String>,
    mouse: Option<bool>,
    ascii: Option<bool>,
    columns: Option<Vec<Column>>,
    notify: Option<Call>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawLimits {
    presets: BTreeMap<String, RawPreset>,
}

/// Limits for all services, and others for single ones.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawPreset {
    cpus: Option<CpuCount>,
    memory: Option<MemoryLimit>,
    pids: Option<Pids>,
    postgres: RawAmounts,
    redis: RawAmounts,
    backend: RawAmounts,
    frontend: RawAmounts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawAmounts {
    cpus: Option<CpuCount>,
    memory: Option<MemoryLimit>,
    pids: Option<Pids>,
}

/// One project.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawProject {
    /// Its folder.
    pub path: PathBuf,
    number: Whole<1, { NUMBER_MAX as u32 }>,
    address: Option<IpAddr>,
    engine_health: Option<Time<1_000, 3_600_000>>,
    #[serde(default)]
    ports: PerServiceTable<Option<HostPort>>,
    #[serde(default)]
    services: PerServiceTable<RawService>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PerServiceTable<T> {
    postgres: T,
    redis: T,
    backend: T,
    frontend: T,
}

impl<T> PerServiceTable<T> {
    fn map<U>(self, mut each: impl FnMut(T) -> U) -> PerService<U> {
        PerService([
            each(self.postgres),
            each(self.redis),
            each(self.backend),
            each(self.frontend),
        ])
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawService {
    image: Option<String>,
    base: Option<String>,
    command: Option<Vec<String>>,
    env: BTreeMap<String, String>,
    user: Option<String>,
    tmpfs: Vec<String>,
    workdir: Option<String>,
    health: Option<Vec<String>>,
    workspace: Option<RawWorkspace>,
    read_only: Option<bool>,
    start_timeout: Option<Time<1_000, 3_600_000>>,
    stop_grace: Option<Time<1_000, 600_000>>,
    cpus: Option<CpuCount>,
    memory: Option<MemoryLimit>,
    pids: Option<Pids>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawWorkspace {
    Ro,
    Copy,
    Rw,
}

impl RawHub {
    /// The settings, with defaults for what is not written; and the overrides for all projects.
    pub fn into_parts(
        self,
    ) -> (
        Settings,
        PerService<ServiceEntry>,
        BTreeMap<ProjectName, RawProject>,
    ) {
        let settings = Settings {
            hub: self.hub.into(),
            health: self.health.into(),
            logs: self.logs.into(),
            ui: self.ui.into(),
            keys: wishes(self.keys),
            presets: self
                .limits
                .presets
                .into_iter()
                .map(|(name, raw)| raw.into_preset(name))
                .collect(),
        };
        (
            settings,
            self.services.map(ServiceEntry::from),
            self.projects,
        )
    }
}

impl RawPreset {
    fn into_preset(self, name: String) -> Preset {
        let all = RawAmounts {
            cpus: self.cpus,
            memory: self.memory,
            pids: self.pids,
        };
        let (all, own) = (
            LimitsChange::from(all),
            [self.postgres, self.redis, self.backend, self.frontend],
        );
        Preset {
            name,
            values: PerService(own.map(|own| LimitsChange::from(own).or(all))),
        }
    }
}

impl From<RawAmounts> for LimitsChange {
    fn from(raw: RawAmounts) -> Self {
        Self {
            cpus: raw.cpus.map(|cpus| cpus.0),
            memory: raw.memory.map(|memory| memory.0),
            pids: raw.pids.map(|pids| pids.0),
        }
    }
}

/// Name of the key in `[keys]` that names no action.
pub const PRESET: &str = "preset";

/// The wishes, without their lines.
fn wishes(keys: BTreeMap<String, Words>) -> KeyWishes {
    let wish = |Words(words)| KeyWish { words, line: 0 };
    let mut actions: BTreeMap<String, KeyWish> = keys
        .into_iter()
        .map(|(name, words)| (name, wish(words)))
        .collect();
    KeyWishes {
        preset: actions.remove(PRESET),
        actions,
    }
}

impl RawProject {
    /// The project's own entry, without the overrides for all.
    pub fn into_entry(self, name: ProjectName) -> ProjectEntry {
        ProjectEntry {
            name,
            path: self.path,
            number: as_u16(self.number.0),
            address: self.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            ports: self.ports.map(|port| port.map(|port| as_u16(port.0))),
            engine_health: self.engine_health.map(|time| time.0),
            services: self.services.map(ServiceEntry::from),
        }
    }
}

/// Ranges of ports and numbers end below 65536.
fn as_u16(number: u32) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

impl From<RawProgram> for HubSettings {
    fn from(raw: RawProgram) -> Self {
        let default = Self::default();
        Self {
            adopt: raw.adopt.unwrap_or(default.adopt),
        }
    }
}

impl From<RawHealth> for HealthSettings {
    fn from(raw: RawHealth) -> Self {
        let default = Self::default();
        Self {
            interval: raw.interval.map_or(default.interval, |time| time.0),
            timeout: raw.timeout.map_or(default.timeout, |time| time.0),
            slow: raw.slow.map_or(default.slow, |time| time.0),
        }
    }
}

impl From<RawLogs> for LogSettings {
    fn from(raw: RawLogs) -> Self {
        let default = Self::default();
        Self {
            tail: raw.tail.map_or(default.tail, |tail| tail.0),
            buffer: raw.buffer.map_or(default.buffer, |buffer| buffer.0),
        }
    }
}

/// What is named twice stands where it was named first.
fn each_once(columns: Vec<Column>) -> Vec<Column> {
    let mut once = Vec::new();
    for column in columns {
        if !once.contains(&column) {
            once.push(column);
        }
    }
    once
}

impl From<RawUi> for UiSettings {
    fn from(raw: RawUi) -> Self {
        let default = Self::default();
        Self {
            theme: raw.theme.unwrap_or(default.theme),
            theme_line: 0,
            mouse: raw.mouse.unwrap_or(default.mouse),
            ascii: raw.ascii.or(default.ascii),
            columns: raw.columns.map_or(default.columns, each_once),
            notify: raw.notify.unwrap_or(default.notify),
        }
    }
}

impl From<RawService> for ServiceEntry {
    fn from(raw: RawService) -> Self {
        Self {
            image: raw.image,
            base: raw.base,
            command: raw.command,
            env: raw.env,
            user: raw.user,
            tmpfs: raw.tmpfs,
            workdir: raw.workdir,
            health: raw.health,
            workspace: raw.workspace.map(Workspace::from),
            read_only: raw.read_only,
            start_timeout: raw.start_timeout.map(|time| time.0),
            stop_grace: raw.stop_grace.map(|time| time.0),
            cpus: raw.cpus.map(|cpus| cpus.0),
            memory: raw.memory.map(|memory| memory.0),
            pids: raw.pids.map(|pids| pids.0),
        }
    }
}

impl From<RawWorkspace> for Workspace {
    fn from(raw: RawWorkspace) -> Self {
        match raw {
            RawWorkspace::Ro => Self::ReadOnly,
            RawWorkspace::Copy => Self::Copy,
            RawWorkspace::Rw => Self::ReadWrite,
        }
    }
}

/// The project's own overrides on top of those for all: word by word; environment and tmpfs folders add up.
pub fn merge(
    all: &PerService<ServiceEntry>,
    own: &PerService<ServiceEntry>,
) -> PerService<ServiceEntry> {
    PerService::from_fn(|kind: ServiceKind| over(&all[kind], &own[kind]))
}

fn over(all: &ServiceEntry, own: &ServiceEntry) -> ServiceEntry {
    let mut env = all.env.clone();
    env.extend(own.env.clone());
    // A base of the project's own means that it wants its image built, whatever is ready for the others.
    let ready = if own.base.is_some() {
        None
    } else {
        all.image.clone()
    };
    ServiceEntry {
        image: own.image.clone().or(ready),
        base: own.base.clone().or_else(|| all.base.clone()),
        command: own.command.clone().or_else(|| all.command.clone()),
        env,
        user: own.user.clone().or_else(|| all.user.clone()),
        tmpfs: [all.tmpfs.clone(), own.tmpfs.clone()].concat(),
        workdir: own.workdir.clone().or_else(|| all.workdir.clone()),
        health: own.health.clone().or_else(|| all.health.clone()),
        workspace: own.workspace.or(all.workspace),
        read_only: own.read_only.or(all.read_only),
        start_timeout: own.start_timeout.or(all.start_timeout),
        stop_grace: own.stop_grace.or(all.stop_grace),
        cpus: own.cpus.or(all.cpus),
        memory: own.memory.or(all.memory),
        pids: own.pids.or(all.pids),
    }
}
