//! The resolved stack of a project: exactly what the engine is asked for, and the hash by which drift is seen.

use crate::domain::{Bytes, Limits, PerService, ProjectName, ServiceId};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, net::IpAddr, path::PathBuf, time::Duration};

pub use super::resolve::SpecError;

/// The role that the backend logs in with.
pub const DATABASE_USER: &str = "commandcenter";
/// The database that it uses.
pub const DATABASE: &str = "commandcenter";
/// Raised whenever the same spec makes another container (a new hardening field): running ones then show as drift.
const GENERATION: u32 = 1;

/// The four services of one project, ready to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct StackSpec {
    /// The project.
    pub project: ProjectName,
    /// Its folder on the host.
    pub path: PathBuf,
    /// Name of its private network.
    pub network: String,
    /// The services.
    pub services: PerService<ServiceSpec>,
}

/// One service, ready to be made. What is serialised is what the spec hash covers: everything that only a new
/// container can change. Limits and the timings of our own checks change without one, so they are skipped.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServiceSpec {
    /// Which service of which project.
    #[serde(skip)]
    pub id: ServiceId,
    /// Name of the container.
    pub container: String,
    /// Where the image comes from.
    pub image: ImageSource,
    /// `uid:gid`.
    pub user: String,
    /// Environment; never a secret.
    pub env: BTreeMap<String, String>,
    /// Shell script that runs before the command and ends in `exec "$@"`; `None` where none is needed.
    pub wrapper: Option<String>,
    /// The command; `None` means the image's own.
    pub command: Option<Vec<String>>,
    /// Working folder; `None` means the image's own.
    pub workdir: Option<String>,
    /// Port in the container.
    pub container_port: u16,
    /// Host address that the port is published on.
    pub address: IpAddr,
    /// Host port.
    pub host_port: u16,
    /// Read-only root file system.
    pub read_only: bool,
    /// Tmpfs folders with their options (`rw,noexec,…,uid=999,gid=999`).
    pub tmpfs: BTreeMap<String, String>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// Files that the secrets volume is filled with.
    pub secret_files: Vec<SecretFile>,
    /// An init process reaps zombies and passes signals on.
    pub init: bool,
    /// Size of `/dev/shm`; `None` means the engine's default.
    pub shm: Option<Bytes>,
    /// Open files: soft and hard limit.
    pub nofile: (i64, i64),
    /// Signal that asks the process to end.
    pub stop_signal: String,
    /// The engine's own health check, if the project wants one.
    pub engine_health: Option<Duration>,
    /// Limits; changed live.
    #[serde(skip)]
    pub limits: Limits,
    /// The check inside the container.
    #[serde(skip)]
    pub exec: ExecCheck,
    /// The check from outside, where the protocol is known.
    #[serde(skip)]
    pub wire: Option<WireCheck>,
    /// How long a start may take until it is healthy.
    #[serde(skip)]
    pub start_timeout: Duration,
    /// How long a stop waits before it kills.
    #[serde(skip)]
    pub stop_grace: Duration,
}

impl ServiceSpec {
    /// SHA-256 over everything that only a new container can change, as hex: the same for the same spec in every run
    /// of every build with the same generation.
    #[must_use]
    pub fn hash(&self) -> String {
        // JSON objects are sorted by key here, so the order of the fields above does not count.
        let spec = serde_json::to_value(self).unwrap_or_else(|_no_json| self.as_words());
        // The check is the container's business only where the engine runs it.
        let check = self.engine_health.map(|_| &self.exec);
        let covered = json!({ "generation": GENERATION, "check": check, "spec": spec });
        format!("{:x}", Sha256::digest(covered.to_string()))
    }

    /// For a path that JSON cannot hold; folders are checked to be UTF-8 before they get here.
    fn as_words(&self) -> Value {
        Value::String(format!("{:?} {:?}", self.container, self.mounts))
    }
}

/// Where a service's image comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ImageSource {
    /// A ready image: used if it is there, else pulled.
    Ready(String),
    /// Built on a base image.
    Built(Recipe),
}

impl ImageSource {
    /// The reference that the container is made from.
    #[must_use]
    pub fn reference(&self) -> &str {
        match self {
            Self::Ready(reference) => reference,
            Self::Built(recipe) => &recipe.tag,
        }
    }
}

/// How an image is built: a Dockerfile and the few files beside it. The tag stands for all of it in the spec hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recipe {
    /// `cchub/<project>-<service>:<hash of the recipe>`: another recipe is another image.
    pub tag: String,
    /// The image that it is built on.
    pub base: String,
    /// Text of the Dockerfile.
    #[serde(skip)]
    pub dockerfile: String,
    /// Files of the build context besides the Dockerfile: name and content.
    #[serde(skip)]
    pub files: BTreeMap<String, Vec<u8>>,
}

/// One mount of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Mount {
    /// A named volume that survives the stack.
    Data {
        /// Name of the volume.
        volume: String,
        /// Path in the container.
        target: String,
    },
    /// The volume with the secret files, read-only.
    Secrets {
        /// Name of the volume.
        volume: String,
        /// Path in the container.
        target: String,
    },
    /// A folder of the host.
    Bind {
        /// Path on the host.
        source: PathBuf,
        /// Path in the container.
        target: String,
        /// True only if the project asks for it.
        writable: bool,
    },
}

/// A file under `/run/secrets`, owned by the service's user, mode 0400.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecretFile {
    /// File name.
    pub name: String,
    /// What it holds.
    pub content: SecretContent,
}

/// What a secret file holds. The value itself is filled in when the volume is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum SecretContent {
    /// The database password.
    Password,
    /// `postgresql://user:password@postgres:5432/database`.
    DatabaseUrl,
    /// The application's secret key.
    SecretKey,
}

/// A check that runs inside the container: healthy if it exits with 0 and prints what is expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExecCheck {
    /// The command; fixed words, no shell.
    pub argv: Vec<String>,
    /// A word that the first line of the output must be.
    pub expect: Option<String>,
}

/// A check over the service's own protocol through the published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireCheck {
    /// PostgreSQL start-up handshake.
    Postgres {
        /// Role that is named in it.
        user: String,
        /// Database that is named in it.
        database: String,
    },
    /// Redis `PING`.
    Redis,
    /// HTTP GET; 200 is healthy.
    Http {
        /// Path of the request.
        path: String,
    },
    /// HTTP GET of a service that nobody has told us about: of `/health`, and where that is not known, of `/`. Whatever
    /// is no error of the server's is healthy.
    AnyHttp {
        /// `/health` is known not to be known.
        root: bool,
    },
}
