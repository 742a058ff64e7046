//! Which engine is meant: the flag, `DOCKER_HOST`, a docker context, or the default socket; unix and plain tcp only.
//!
//! Whatever is named and cannot be used is refused: falling back to another engine would act on the wrong host.

use super::EngineError;
use crate::domain::Safe;
use sha2::{Digest, Sha256};
use std::{
    fmt, io,
    net::IpAddr,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// The socket that Docker listens on when nobody says otherwise.
pub const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// Docker's port for plain TCP.
const TCP_PORT: u16 = 2375;
/// How often a socket that could not be used is looked at: one `stat`.
const SOCKET_POLL: Duration = Duration::from_secs(1);
/// Larger files are no docker configuration.
const CONFIG_MAX: u64 = 1 << 20;

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A unix socket.
    Unix(PathBuf),
    /// Plain HTTP over TCP, without TLS.
    Tcp {
        /// Name or address; IPv6 addresses without brackets.
        host: String,
        /// Port.
        port: u16,
    },
}

/// A socket as a file: one that is made anew is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketFile {
    number: u64,
    /// When it was made, or its permissions changed: seconds and nanoseconds.
    changed: (i64, i64),
}

/// What the process environment says about the engine, as the docker client reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// `DOCKER_HOST`.
    pub docker_host: Option<String>,
    /// `DOCKER_CONTEXT`.
    pub docker_context: Option<String>,
    /// `DOCKER_CONFIG`, or `.docker` in the home folder.
    pub docker_config_dir: Option<PathBuf>,
    /// `DOCKER_TLS_VERIFY`: any value asks for TLS over tcp.
    pub docker_tls_verify: Option<String>,
}

impl Environment {
    /// Reads the variables of this process; empty ones count as unset.
    #[must_use]
    pub fn from_process() -> Self {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let home = || set("HOME").map(|home| PathBuf::from(home).join(".docker"));
        Self {
            docker_host: set("DOCKER_HOST"),
            docker_context: set("DOCKER_CONTEXT"),
            docker_config_dir: set("DOCKER_CONFIG").map(PathBuf::from).or_else(home),
            docker_tls_verify: set("DOCKER_TLS_VERIFY"),
        }
    }
}

impl Endpoint {
    /// Finds out which engine is meant: `flag`, then `DOCKER_HOST`, then `DOCKER_CONTEXT` or the current context of
    /// docker's `config.json`, then the default socket.
    ///
    /// # Errors
    /// [`EngineError::Endpoint`] if what is named cannot be read, or is of a kind that is not spoken here.
    pub fn resolve(flag: Option<&str>, environment: &Environment) -> Result<Self, EngineError> {
        let named = flag.or(environment.docker_host.as_deref());
        let endpoint = match named {
            Some(address) => Self::parse(address)?,
            None => from_context(environment)?,
        };
        let tls = environment.docker_tls_verify.is_some();
        if tls && matches!(endpoint, Self::Tcp { .. }) {
            return Err(tls_later(&endpoint.to_string()));
        }
        Ok(endpoint)
    }

    /// Reads an address such as `unix:///var/run/docker.sock` or `tcp://127.0.0.1:2375`.
    ///
    /// # Errors
    /// [`EngineError::Endpoint`] with what is allowed and, for ssh and TLS, the way round.
    pub fn parse(address: &str) -> Result<Self, EngineError> {
        let address = address.trim();
        let Some((scheme, rest)) = address.split_once("://") else {
            return Err(unknown(address));
        };
        match scheme {
            "unix" if rest.starts_with('/') => Ok(Self::Unix(PathBuf::from(rest))),
            "unix" => Err(refusal(format!(
                "'{address}' has no absolute path: write unix:///var/run/docker.sock"
            ))),
            "tcp" => parse_tcp(address, rest),
            "ssh" => Err(refusal(format!(
                "{address}: ssh comes in a later version; until then run: ssh -N -L /tmp/docker.sock:{DEFAULT_SOCKET} {rest}, \
                 and use --host unix:///tmp/docker.sock"
            ))),
            "https" => Err(tls_later(address)),
            _ => Err(unknown(address)),
        }
    }

    /// True if ports that the engine publishes on its loopback address are reachable from here.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Unix(_) => true,
            Self::Tcp { host, .. } => {
                host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
            }
        }
    }

    /// Which file its socket is now, if there is one.
    #[must_use]
    pub fn socket_file(&self) -> Option<SocketFile> {
        let Self::Unix(path) = self else {
            return None;
        };
        let found = std::fs::metadata(path).ok()?;
        Some(SocketFile {
            number: found.ino(),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }

    /// Waits until its socket is there and another one than `known`, or has other permissions; for ever if it is none.
    pub async fn new_socket(&self, mut known: Option<SocketFile>) {
        loop {
            tokio::time::sleep(SOCKET_POLL).await;
            let now = self.socket_file();
            if now.is_some() && now != known {
                return;
            }
            known = now;
        }
    }

    /// The address for people.
    #[must_use]
    pub fn label(&self) -> Safe {
        Safe::new(self.to_string())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { host, port } if host.contains(':') => write!(f, "tcp://[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "tcp://{host}:{port}"),
        }
    }
}

fn parse_tcp(address: &str, rest: &str) -> Result<Endpoint, EngineError> {
    let bad = || {
        refusal(format!(
            "'{address}' is not a host and a port: write tcp://127.0.0.1:2375"
        ))
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.strip_prefix('[').map(|v6| v6.split_once(']')) {
        Some(Some((v6, port))) => (v6, port.strip_prefix(':')),
        Some(None) => return Err(bad()),
        None => match rest.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        },
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let port = port.map_or(Ok(TCP_PORT), |port| {
        port.parse().map_err(|_not_a_port| bad())
    })?;
    if host.is_empty() || port == 0 || !host.chars().all(plain) {
        return Err(bad());
    }
    let host = host.to_owned();
    Ok(Endpoint::Tcp { host, port })
}

fn from_context(environment: &Environment) -> Result<Endpoint, EngineError> {
    let default = || Ok(Endpoint::Unix(PathBuf::from(DEFAULT_SOCKET)));
    let folder = environment.docker_config_dir.as_deref();
    let name = match (&environment.docker_context, folder) {
        (Some(name), _) => Some(name.clone()),
        (None, Some(folder)) => current_context(folder)?,
        (None, None) => None,
    };
    let Some(name) = name.filter(|name| !name.is_empty() && name != "default") else {
        return default();
    };
    let Some(folder) = folder else {
        return Err(refusal(format!(
            "the docker context '{name}' cannot be read: no home folder; use --host"
        )));
    };
    context_endpoint(folder, &name)
}

/// `currentContext` of docker's `config.json`; no file means no context.
fn current_context(folder: &Path) -> Result<Option<String>, EngineError> {
    let path = folder.join("config.json");
    let Some(config) = read_json(&path)? else {
        return Ok(None);
    };
    let name = config.get("currentContext").and_then(|name| name.as_str());
    Ok(name.map(str::to_owned))
}

/// The engine of a context: docker keeps it in a folder named by the SHA-256 of the context's name.
fn context_endpoint(folder: &Path, name: &str) -> Result<Endpoint, EngineError> {
    let id: String = Sha256::digest(name)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let path = folder.join("contexts/meta").join(&id).join("meta.json");
    let missing = || {
        refusal(format!(
            "there is no docker context '{name}' ({}): see docker context ls, or use --host",
            path.display()
        ))
    };
    let meta = read_json(&path)?.ok_or_else(missing)?;
    let host = meta
        .pointer("/Endpoints/docker/Host")
        .and_then(|host| host.as_str());
    let endpoint = Endpoint::parse(host.ok_or_else(missing)?)?;
    let tls = folder.join("contexts/tls").join(&id).exists();
    if tls && matches!(endpoint, Endpoint::Tcp { .. }) {
        return Err(tls_later(&endpoint.to_string()));
    }
    Ok(endpoint)
}

fn read_json(path: &Path) -> Result<Option<serde_json::Value>, EngineError> {
    let bad = |reason: String| {
        refusal(format!(
            "{}: {reason}; mend it, or name the engine with --host",
            path.display()
        ))
    };
    let size = match std::fs::metadata(path) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(bad(error.to_string())),
    };
    if size > CONFIG_MAX {
        return Err(bad("too large for a docker configuration".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| bad(error.to_string()))
}

fn tls_later(address: &str) -> EngineError {
    refusal(format!(
        "{address}: TLS comes in a later version; until then forward the engine's socket (ssh -N -L \
         /tmp/docker.sock:{DEFAULT_SOCKET} HOST) and use --host unix:///tmp/docker.sock"
    ))
}

fn unknown(address: &str) -> EngineError {
    refusal(format!(
        "'{address}' does not name an engine: write unix:///path/to/docker.sock or tcp://host:port"
    ))
}

fn refusal(text: String) -> EngineError {
    EngineError::Endpoint(Safe::new(text))
}

#[cfg(test)]
mod tests;
