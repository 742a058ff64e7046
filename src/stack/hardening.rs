//! The security fields that every container gets, and the audit of any container against them (`SECURITY.md`; the
//! points follow the CIS Docker Benchmark, section 5, and OWASP's Docker rules).

use crate::domain::{Container, Safe, container::Settings};

mod host;
mod process;
mod resources;
#[cfg(test)]
mod tests;

pub use host::belongs_to_host;
pub use process::env_secrets;

/// `CapDrop`: every capability. The services never start as root, so they have no use for any.
pub const CAP_DROP: &str = "ALL";
/// `SecurityOpt`: no process gains rights through a set-user-id file. Seccomp and AppArmor keep the engine's profiles.
pub const SECURITY_OPT: &str = "no-new-privileges:true";
/// `RestartPolicy.Name`: what was not stopped on purpose comes back, also after a restart of the host.
pub const RESTART_POLICY: &str = "unless-stopped";
/// `LogConfig.Type`: the driver whose files the engine can read back with exact times.
pub const LOG_DRIVER: &str = "json-file";
/// `LogConfig.Config`: size and number of the files. Without them the engine's default is unlimited.
pub const LOG_OPTIONS: [(&str, &str); 2] = [("max-size", "10m"), ("max-file", "3")];

/// One way in which a container falls short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is missing, in a few words.
    pub what: Safe,
    /// Why it matters.
    pub why: Safe,
    /// What to do about it.
    pub mend: Safe,
    /// It gives the host or the service away by itself.
    pub is_grave: bool,
    /// What has to stand under the service in Compose's file, a line or two.
    pub compose: Safe,
    /// The same for a project of the hub: a key of its file, or a command.
    pub hub: Safe,
}

impl Finding {
    fn new(what: impl Into<Safe>, why: &str, mend: &str) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
            mend: mend.into(),
            is_grave: false,
            compose: Safe::default(),
            hub: Safe::default(),
        }
    }
}

impl Finding {
    /// The mend as it is written down: under a service of Compose's file, or for a project of the hub.
    #[must_use]
    pub fn mend_of(&self, project: &str, service: &str, compose: Option<&str>) -> String {
        match compose {
            Some(name) => format!("under services: {name}: {}", self.compose),
            None => self
                .hub
                .replace("PROJECT", project)
                .replace("SERVICE", service),
        }
    }
}

/// One point of the list.
struct Check {
    /// Finds what falls short.
    look: fn(&Settings) -> Option<Finding>,
    is_grave: bool,
    compose: &'static str,
    hub: &'static str,
}

impl Check {
    const fn new(
        look: fn(&Settings) -> Option<Finding>,
        is_grave: bool,
        compose: &'static str,
        hub: &'static str,
    ) -> Self {
        Self {
            look,
            is_grave,
            compose,
            hub,
        }
    }

    fn find(&self, settings: &Settings) -> Option<Finding> {
        Some(Finding {
            is_grave: self.is_grave,
            compose: self.compose.into(),
            hub: self.hub.into(),
            ..(self.look)(settings)?
        })
    }
}

/// What the program's own containers never are; somebody made this one otherwise.
const ANEW: &str = "cchub-tui restart PROJECT SERVICE --recreate";

/// Holds `container` against the list in `SECURITY.md`, the worst points first; empty means that it keeps every point.
/// Works for any container, not only for ours.
#[must_use]
pub fn audit(container: &Container) -> Vec<Finding> {
    let settings = &container.settings;
    let checks = host::CHECKS
        .iter()
        .chain(&process::CHECKS)
        .chain(&resources::CHECKS);
    let mut found: Vec<Finding> = checks.filter_map(|check| check.find(settings)).collect();
    found.sort_by_key(|finding| !finding.is_grave);
    found
}
