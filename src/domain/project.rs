//! A project as the hub file describes it, after defaults and overrides have been resolved.

use super::{
    compose::{Compose, Origin},
    limits::Limits,
    service::{Needs, PerService, ServiceKind},
};
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr};

/// Longest name of a project, in characters.
pub const NAME_MAX: usize = 39;

/// A project's name: `[a-z0-9][a-z0-9-]{0,38}`, unique in a hub.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectName(String);

/// A word that cannot name a project.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' cannot name a project: use 1 to 39 of a-z, 0-9 and -, beginning with a letter or digit"
)]
pub struct InvalidName(pub String);

impl ProjectName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProjectName {
    type Err = InvalidName;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let body = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fits = (1..=NAME_MAX).contains(&word.len());
        if fits && word.bytes().all(body) && !word.starts_with('-') {
            Ok(Self(word.to_owned()))
        } else {
            Err(InvalidName(super::safe::one_line(word)))
        }
    }
}

impl TryFrom<String> for ProjectName {
    type Error = InvalidName;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        word.parse()
    }
}

impl From<ProjectName> for String {
    fn from(name: ProjectName) -> Self {
        name.0
    }
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a front end shows of a project: wishes from the hub file, never status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Project {
    /// Its name.
    pub name: ProjectName,
    /// The folder that the services see at `/workspace`; Compose's working folder, where it is known.
    pub path: Option<PathBuf>,
    /// Its number, from 1, kept for good; the default ports derive from it. Compose's projects have none.
    pub number: Option<u16>,
    /// Address of the host that the ports are bound to; the loopback where that is not known.
    pub address: IpAddr,
    /// Host ports; Compose need not publish any.
    pub ports: PerService<Option<u16>>,
    /// The wished limits; zero where nothing is wished.
    pub limits: PerService<Limits>,
    /// What interrupts it, or loses something of it, is asked for with its name typed.
    pub protected: bool,
    /// Who made its containers.
    pub origin: Origin,
}

impl Project {
    /// What is known of it as a Compose project, if it is one.
    #[must_use]
    pub fn compose(&self) -> Option<&Compose> {
        self.origin.compose()
    }

    /// True if it has this service; a Compose project may lack some of the four.
    #[must_use]
    pub fn has(&self, kind: ServiceKind) -> bool {
        self.compose().is_none_or(|compose| compose.has(kind))
    }

    /// Which of its services needs which.
    #[must_use]
    pub fn needs(&self) -> Needs {
        self.compose()
            .map_or_else(Needs::default, |compose| compose.needs)
    }

    /// Its folder for people; a dash where it is not known.
    #[must_use]
    pub fn folder(&self) -> String {
        let path = self.path.as_ref().map(|path| path.to_string_lossy());
        path.map_or_else(unknown, |path| super::Safe::new(path).to_string())
    }

    /// The host port of a service for people; a dash where none is published.
    #[must_use]
    pub fn port_word(&self, kind: ServiceKind) -> String {
        self.ports[kind].map_or_else(unknown, |port| port.to_string())
    }
}

fn unknown() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_follow_the_contract() {
        for good in ["a", "0", "shop", "shop-2", "a-", &"x".repeat(39)] {
            assert!(good.parse::<ProjectName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "-a",
            "Shop",
            "a_b",
            "a b",
            "ä",
            "a/b",
            "a\n",
            &"x".repeat(40),
        ] {
            assert!(bad.parse::<ProjectName>().is_err(), "{bad}");
        }
    }
}
