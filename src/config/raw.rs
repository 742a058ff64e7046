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
        entry::{ImportedEntry, ImportedService, ProjectEntry, ServiceEntry, Workspace},
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
    read_only: Option<bool>,
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
    /// Compose's name of it; only what Compose made has one.
    compose: Option<String>,
    path: Option<PathBuf>,
    number: Option<Whole<1, { NUMBER_MAX as u32 }>>,
    address: Option<IpAddr>,
    #[serde(default)]
    protected: bool,
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
    const fn as_ref(&self) -> PerServiceTable<&T> {
        PerServiceTable {
            postgres: &self.postgres,
            redis: &self.redis,
            backend: &self.backend,
            frontend: &self.frontend,
        }
    }

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
    /// Compose's name of the service that plays the part.
    service: Option<String>,
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
    /// True for one that Compose made.
    pub const fn is_compose(&self) -> bool {
        self.compose.is_some()
    }

    /// The project's own entry, without the overrides for all.
    ///
    /// # Errors
    /// The key that is missing or does not belong here, and why.
    pub fn into_entry(self, name: ProjectName) -> Result<ProjectEntry, Wrong> {
        let path = self.path.ok_or((Vec::new(), "missing field `path`"))?;
        let number = self.number.ok_or((Vec::new(), "missing field `number`"))?;
        let named = self
            .services
            .as_ref()
            .map(|service| service.service.is_some());
        if let Some((kind, _)) = named.iter().find(|(_, named)| **named) {
            let reason =
                "only for a project that Compose made: one with a line `compose = \"NAME\"`";
            return Err((vec!["services", kind.as_str(), "service"], reason));
        }
        Ok(ProjectEntry {
            name,
            path,
            number: as_u16(number.0),
            address: self.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            protected: self.protected,
            ports: self.ports.map(|port| port.map(|port| as_u16(port.0))),
            engine_health: self.engine_health.map(|time| time.0),
            services: self.services.map(ServiceEntry::from),
        })
    }

    /// What is said of a project that Compose made.
    ///
    /// # Errors
    /// The key that does not belong here, and why.
    pub fn into_imported(self) -> Result<ImportedEntry, Wrong> {
        let compose = self.compose.filter(|name| !name.is_empty());
        let compose =
            compose.ok_or((vec!["compose"], "write the name that Compose knows it by"))?;
        if self.path.as_ref().is_some_and(|path| !path.is_absolute()) {
            return Err((
                vec!["path"],
                "not the path of a folder: write it in full, from /",
            ));
        }
        let strange = [
            ("number", self.number.is_some()),
            ("address", self.address.is_some()),
            ("engine_health", self.engine_health.is_some()),
        ];
        if let Some((key, _)) = strange.into_iter().find(|(_, there)| *there) {
            return Err((vec![key], COMPOSES));
        }
        let strange = self.services.as_ref().map(RawService::strange_to_compose);
        if let Some((kind, key)) = strange.iter().find_map(|(kind, key)| Some((kind, (*key)?))) {
            return Err((vec!["services", kind.as_str(), key], COMPOSES));
        }
        Ok(ImportedEntry {
            compose,
            path: self.path,
            protected: self.protected,
            ports: self.ports.map(|port| port.map(|port| as_u16(port.0))),
            services: self.services.map(ImportedService::from),
        })
    }
}

/// A key of a project that is wrong, and why.
pub type Wrong = (Vec<&'static str>, &'static str);

const COMPOSES: &str = "Compose decides about this: take it out, or the line `compose`";

impl RawService {
    /// A key that says what only Compose can.
    fn strange_to_compose(&self) -> Option<&'static str> {
        let keys = [
            ("base", self.base.is_some()),
            ("command", self.command.is_some()),
            ("env", !self.env.is_empty()),
            ("user", self.user.is_some()),
            ("tmpfs", !self.tmpfs.is_empty()),
            ("workdir", self.workdir.is_some()),
            ("health", self.health.is_some()),
            ("workspace", self.workspace.is_some()),
            ("read_only", self.read_only.is_some()),
        ];
        keys.into_iter()
            .find(|(_, there)| *there)
            .map(|(key, _)| key)
    }
}

impl From<RawService> for ImportedService {
    fn from(raw: RawService) -> Self {
        Self {
            service: raw.service,
            image: raw.image,
            start_timeout: raw.start_timeout.map(|time| time.0),
            stop_grace: raw.stop_grace.map(|time| time.0),
            cpus: raw.cpus.map(|cpus| cpus.0),
            memory: raw.memory.map(|memory| memory.0),
            pids: raw.pids.map(|pids| pids.0),
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
            read_only: raw.read_only.unwrap_or(default.read_only),
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
