//! What the engine says of one container, free of the engine client's types.

use super::{Bytes, Cpus, Limits, Safe, ServiceKind, Timestamp, project::ProjectName};
use std::{collections::BTreeMap, net::SocketAddr};

/// Label that names the project of a container, network or volume of ours.
pub const LABEL_PROJECT: &str = "io.cchub.project";
/// Label that names the service.
pub const LABEL_SERVICE: &str = "io.cchub.service";
/// Label with the hash of the spec that the container was made from.
pub const LABEL_SPEC: &str = "io.cchub.spec";
/// Label of a data volume with the id (not the value) of the secrets that its data was made with.
pub const LABEL_SECRETS: &str = "io.cchub.secrets";

/// Label of Compose's containers: the name of their project.
pub const COMPOSE_PROJECT: &str = "com.docker.compose.project";
/// The name of their service.
pub const COMPOSE_SERVICE: &str = "com.docker.compose.service";
/// The number of a container among those of its service, from 1.
pub const COMPOSE_NUMBER: &str = "com.docker.compose.container-number";
/// `True` for what `docker compose run` made.
pub const COMPOSE_ONEOFF: &str = "com.docker.compose.oneoff";
/// The folder that Compose was called in.
pub const COMPOSE_FOLDER: &str = "com.docker.compose.project.working_dir";
/// The files that the project was made from.
pub const COMPOSE_FILES: &str = "com.docker.compose.project.config_files";
/// What the service needs: `db:service_healthy:false,…`.
pub const COMPOSE_NEEDS: &str = "com.docker.compose.depends_on";

/// The engine's own word for what a container is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Phase {
    /// Made, never started (or its start failed).
    Created,
    /// Its process runs.
    Running,
    /// Frozen.
    Paused,
    /// Between an exit and the engine's next try.
    Restarting,
    /// On its way out.
    Removing,
    /// Its process ended.
    Exited,
    /// The engine could not clean it up.
    Dead,
    /// A word this program does not know.
    #[default]
    Other,
}

/// One row of the engine's list: cheap to get for all containers at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The engine's id.
    pub id: String,
    /// The name without its leading slash.
    pub name: Safe,
    /// Our project label, if it is there and valid.
    pub project: Option<ProjectName>,
    /// Our service label, if it is there and valid.
    pub service: Option<ServiceKind>,
    /// What it is doing.
    pub phase: Phase,
    /// The engine's words: `Up 3 seconds`, `Exited (137) 5 minutes ago`.
    pub status: Safe,
    /// Host addresses and ports that it publishes.
    pub published: Vec<SocketAddr>,
    /// Reference or id of the image that it was made from.
    pub image: Safe,
    /// What runs in it. Never shown: arguments may hold secrets.
    pub command: String,
    /// TCP ports inside, and where the host publishes each.
    pub ports: Vec<PortUse>,
    /// What Compose's labels say; none for what Compose did not make, and for what is ours.
    pub compose: Option<Box<ComposeLabels>>,
}

/// A TCP port inside a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortUse {
    /// The port.
    pub inside: u16,
    /// Where the host publishes it.
    pub outside: Option<SocketAddr>,
}

/// The labels of a container that Compose made, as they are: neither checked nor safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComposeLabels {
    /// The project.
    pub project: String,
    /// The service.
    pub service: String,
    /// Which of the service's containers, from 1.
    pub number: u32,
    /// The folder that Compose was called in; may be empty.
    pub folder: String,
    /// The files that it read; may be empty.
    pub files: String,
    /// What the service needs; may be empty.
    pub needs: String,
}

impl ComposeLabels {
    /// What `labels` say; `None` for what Compose did not make, for one-off commands, and for what carries our labels.
    #[must_use]
    pub fn read(labels: &BTreeMap<String, String>) -> Option<Self> {
        let text = |label: &str| labels.get(label).cloned().unwrap_or_default();
        let (project, service) = (text(COMPOSE_PROJECT), text(COMPOSE_SERVICE));
        let is_oneoff = text(COMPOSE_ONEOFF).eq_ignore_ascii_case("true");
        let is_ours = labels.contains_key(LABEL_PROJECT);
        if project.is_empty() || service.is_empty() || is_oneoff || is_ours {
            return None;
        }
        Some(Self {
            project,
            service,
            number: text(COMPOSE_NUMBER).parse().unwrap_or(1),
            folder: text(COMPOSE_FOLDER),
            files: text(COMPOSE_FILES),
            needs: text(COMPOSE_NEEDS),
        })
    }
}

impl Summary {
    /// True if nobody else can listen there for what it publishes.
    #[must_use]
    pub fn takes(&self, wanted: SocketAddr) -> bool {
        self.published.iter().any(|taken| clash(*taken, wanted))
    }
}

/// True if two listeners exclude each other: the same port of the same address, or of all addresses.
#[must_use]
pub fn clash(one: SocketAddr, other: SocketAddr) -> bool {
    let all = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() == other.port() && (all || one.ip().to_canonical() == other.ip().to_canonical())
}

/// Everything that is asked of one container: its state and the fields that [`crate::stack::hardening`] audits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Container {
    /// The engine's id.
    pub id: String,
    /// The name without its leading slash.
    pub name: Safe,
    /// All labels.
    pub labels: BTreeMap<String, String>,
    /// Id of the image that it runs.
    pub image: String,
    /// What it is doing.
    pub phase: Phase,
    /// When its process last started.
    pub started_at: Option<Timestamp>,
    /// When its process last ended.
    pub finished_at: Option<Timestamp>,
    /// Exit code of the last end; meaningful when it is not running.
    pub exit_code: i64,
    /// The engine says that the kernel killed it for memory. Sticky on old engines: trust events first.
    pub oom_killed: bool,
    /// Why the engine could not start it.
    pub error: Safe,
    /// How often the engine's restart policy has started it again.
    pub restart_count: u32,
    /// The engine's own health check, where the container has one.
    pub engine_health: Option<Safe>,
    /// Its first process, by the number that the engine's host knows it by; `None` while it does not run.
    pub pid: Option<u32>,
    /// The security and resource fields.
    pub settings: Settings,
}

/// The fields of a container that decide what it may do and use (`HostConfig` unless said).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// `Config.User`.
    pub user: String,
    /// `Config.Tty`.
    pub tty: bool,
    /// `Config.OpenStdin`.
    pub open_stdin: bool,
    /// `Config.Env`, `NAME=value`. Never shown: it may hold other people's secrets.
    pub env: Vec<String>,
    /// `CapAdd`.
    pub cap_add: Vec<String>,
    /// `CapDrop`.
    pub cap_drop: Vec<String>,
    /// `SecurityOpt`.
    pub security_opt: Vec<String>,
    /// `Privileged`.
    pub privileged: bool,
    /// `ReadonlyRootfs`.
    pub read_only: bool,
    /// `Memory`; 0 means no limit.
    pub memory: Bytes,
    /// `MemorySwap`: memory and swap together; -1 means no limit.
    pub memory_swap: i64,
    /// `NanoCpus`; 0 means no limit.
    pub cpus: Cpus,
    /// `PidsLimit`; `None`, 0 or -1 mean no limit.
    pub pids: Option<i64>,
    /// `Init`.
    pub init: bool,
    /// `RestartPolicy.Name`.
    pub restart_policy: String,
    /// `LogConfig.Type`.
    pub log_driver: String,
    /// `LogConfig.Config`.
    pub log_options: BTreeMap<String, String>,
    /// `NetworkMode`.
    pub network_mode: String,
    /// `PidMode`.
    pub pid_mode: String,
    /// `IpcMode`.
    pub ipc_mode: String,
    /// `UTSMode`.
    pub uts_mode: String,
    /// `UsernsMode`.
    pub userns_mode: String,
    /// Number of `Devices`.
    pub devices: usize,
    /// Legacy `Binds`.
    pub binds: Vec<String>,
    /// `Mounts` and tmpfs, as the engine reports them.
    pub mounts: Vec<MountPoint>,
    /// `PortBindings`: container port, host address, host port.
    pub ports: Vec<PortBinding>,
    /// `NetworkSettings.Ports`: the TCP ports inside, and where the host publishes each while it runs.
    pub published: Vec<PortUse>,
    /// Names or ids of the networks that it is attached to.
    pub networks: Vec<String>,
}

impl Settings {
    /// The value of a variable of the environment. Never to be shown.
    #[must_use]
    pub fn env_value(&self, name: &str) -> Option<&str> {
        let mut pairs = self.env.iter().filter_map(|entry| entry.split_once('='));
        pairs
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}

/// One mount of a container, from the engine's answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MountPoint {
    /// `bind`, `volume` or `tmpfs`.
    pub kind: String,
    /// Host path of a bind, name of a volume.
    pub source: String,
    /// Path in the container.
    pub target: String,
    /// True if the container can write there.
    pub writable: bool,
}

/// One published port, from the engine's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortBinding {
    /// Port in the container.
    pub container: u16,
    /// Address on the host; empty means all.
    pub address: String,
    /// Port on the host.
    pub host: u16,
}

impl Container {
    /// The hash label, if it is one of ours.
    #[must_use]
    pub fn spec_hash(&self) -> Option<&str> {
        self.labels.get(LABEL_SPEC).map(String::as_str)
    }

    /// True if it carries our labels for this project and service.
    #[must_use]
    pub fn belongs_to(&self, project: &ProjectName, kind: ServiceKind) -> bool {
        let is = |label: &str, word: &str| self.labels.get(label).is_some_and(|l| l == word);
        is(LABEL_PROJECT, project.as_str()) && is(LABEL_SERVICE, kind.as_str())
    }

    /// True if Compose made it for this service of this project of its own.
    #[must_use]
    pub fn is_composed(&self, project: &str, service: &str) -> bool {
        let labels = ComposeLabels::read(&self.labels);
        labels.is_some_and(|labels| labels.project == project && labels.service == service)
    }

    /// The limits that are in force; no limit reads as zero.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let pids = self.settings.pids.unwrap_or_default().max(0);
        Limits {
            cpus: self.settings.cpus,
            memory: self.settings.memory,
            pids: u32::try_from(pids).unwrap_or(u32::MAX),
        }
    }
}
