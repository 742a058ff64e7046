//! The four services of a stack, always these four, always in this order.

use super::project::ProjectName;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    ops::{Index, IndexMut},
    str::FromStr,
};

/// One of the four services of every project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceKind {
    /// The database.
    Postgres,
    /// The cache and queue.
    Redis,
    /// The HTTP API.
    Backend,
    /// The dev server that the operator's browser talks to.
    Frontend,
}

impl ServiceKind {
    /// All four, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Postgres, Self::Redis, Self::Backend, Self::Frontend];

    /// The order of a start: each wave waits until the one before is healthy. A stop runs it backwards.
    pub const WAVES: [&'static [Self]; 3] = [
        &[Self::Postgres, Self::Redis],
        &[Self::Backend],
        &[Self::Frontend],
    ];

    /// The name, as it is typed, shown and resolved on the project's network.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Backend => "backend",
            Self::Frontend => "frontend",
        }
    }

    /// The services that this one cannot serve without.
    #[must_use]
    pub const fn needs(self) -> &'static [Self] {
        match self {
            Self::Postgres | Self::Redis => &[],
            Self::Backend => &[Self::Postgres, Self::Redis],
            Self::Frontend => &[Self::Backend],
        }
    }

    /// The services that must be up before this one is: all that it needs, directly or not, and itself; in order of the
    /// stack.
    #[must_use]
    pub fn with_needs(self) -> Vec<Self> {
        let is_needed = |other: &Self| *other == self || other.dependants().contains(&self);
        Self::ALL.into_iter().filter(is_needed).collect()
    }

    /// The services that suffer, directly or not, when this one is down; in order of the stack.
    #[must_use]
    pub const fn dependants(self) -> &'static [Self] {
        match self {
            Self::Postgres | Self::Redis => &[Self::Backend, Self::Frontend],
            Self::Backend => &[Self::Frontend],
            Self::Frontend => &[],
        }
    }

    /// Position in [`Self::ALL`], 0 to 3.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for ServiceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is not one of the four services.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no service '{0}': use postgres, redis, backend or frontend")]
pub struct UnknownService(pub String);

impl FromStr for ServiceKind {
    type Err = UnknownService;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| UnknownService(super::safe::one_line(word)))
    }
}

/// One service of one project.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceId {
    /// The project.
    pub project: ProjectName,
    /// Which of its four services.
    pub kind: ServiceKind,
}

impl ServiceId {
    /// `kind` of `project`.
    #[must_use]
    pub fn new(project: &ProjectName, kind: ServiceKind) -> Self {
        Self {
            project: project.clone(),
            kind,
        }
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.kind, self.project)
    }
}

/// What an operation or a log is about: a whole project or one service of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// The project.
    pub project: ProjectName,
    /// One service, or all four.
    pub service: Option<ServiceKind>,
}

impl Target {
    /// All four services of `project`.
    #[must_use]
    pub fn project(project: &ProjectName) -> Self {
        Self {
            project: project.clone(),
            service: None,
        }
    }

    /// The services that are meant, in stack order.
    #[must_use]
    pub fn kinds(&self) -> Vec<ServiceKind> {
        self.service
            .map_or_else(|| ServiceKind::ALL.to_vec(), |kind| vec![kind])
    }

    /// The same with the project's name.
    #[must_use]
    pub fn services(&self) -> Vec<ServiceId> {
        let kinds = self.kinds().into_iter();
        kinds
            .map(|kind| ServiceId::new(&self.project, kind))
            .collect()
    }
}

impl From<ProjectName> for Target {
    fn from(project: ProjectName) -> Self {
        Self {
            project,
            service: None,
        }
    }
}

impl From<ServiceId> for Target {
    fn from(id: ServiceId) -> Self {
        Self {
            project: id.project,
            service: Some(id.kind),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.service {
            Some(kind) => write!(f, "{kind} of {}", self.project),
            None => write!(f, "{}", self.project),
        }
    }
}

/// One value for each of the four services, indexed by [`ServiceKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PerService<T>(pub [T; 4]);

impl<T> PerService<T> {
    /// Makes the four values, in stack order.
    pub fn from_fn(mut make: impl FnMut(ServiceKind) -> T) -> Self {
        Self(ServiceKind::ALL.map(&mut make))
    }

    /// The four values with their services, in stack order.
    pub fn iter(&self) -> impl Iterator<Item = (ServiceKind, &T)> {
        ServiceKind::ALL.into_iter().zip(&self.0)
    }
}

impl<T> Index<ServiceKind> for PerService<T> {
    type Output = T;

    fn index(&self, kind: ServiceKind) -> &T {
        &self.0[kind.index()]
    }
}

impl<T> IndexMut<ServiceKind> for PerService<T> {
    fn index_mut(&mut self, kind: ServiceKind) -> &mut T {
        &mut self.0[kind.index()]
    }
}

/// Which services each of the four cannot serve without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs(PerService<[bool; 4]>);

impl Default for Needs {
    /// Those of the stack of this program.
    fn default() -> Self {
        Self::new(PerService::from_fn(|kind| kind.needs().to_vec()))
    }
}

impl Needs {
    /// What each one needs directly.
    #[must_use]
    pub fn new(needs: PerService<Vec<ServiceKind>>) -> Self {
        let flags = |kind: ServiceKind| ServiceKind::ALL.map(|need| needs[kind].contains(&need));
        Self(PerService::from_fn(flags))
    }

    /// What `kind` needs directly, in stack order.
    pub fn of(&self, kind: ServiceKind) -> impl Iterator<Item = ServiceKind> + use<> {
        let flags = self.0[kind];
        ServiceKind::ALL
            .into_iter()
            .filter(move |need| flags[need.index()])
    }

    /// The services that suffer, directly or not, when `kind` is down; in stack order.
    pub fn dependants(&self, kind: ServiceKind) -> Vec<ServiceKind> {
        let mut hit = vec![kind];
        while let Some(next) = ServiceKind::ALL
            .into_iter()
            .find(|other| !hit.contains(other) && self.of(*other).any(|need| hit.contains(&need)))
        {
            hit.push(next);
        }
        hit.retain(|other| *other != kind);
        hit.sort_unstable();
        hit
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_round_trip_and_unknown_ones_list_the_four() {
        for kind in ServiceKind::ALL {
            assert_eq!(kind.as_str().parse::<ServiceKind>().unwrap(), kind);
        }
        let error = "db".parse::<ServiceKind>().unwrap_err().to_string();
        assert_eq!(
            error,
            "no service 'db': use postgres, redis, backend or frontend"
        );
    }

    #[test]
    fn waves_respect_what_each_service_needs() {
        let mut up = Vec::new();
        for wave in ServiceKind::WAVES {
            for kind in wave {
                assert!(kind.needs().iter().all(|need| up.contains(need)));
            }
            up.extend(wave);
        }
        assert_eq!(up, ServiceKind::ALL);
    }

    #[test]
    fn the_needs_of_the_stack_are_those_of_its_services() {
        let needs = Needs::default();
        for kind in ServiceKind::ALL {
            assert_eq!(needs.of(kind).collect::<Vec<_>>(), kind.needs());
            assert_eq!(needs.dependants(kind), kind.dependants());
        }
        let ring = Needs::new(PerService::from_fn(|kind| match kind {
            ServiceKind::Postgres => vec![ServiceKind::Redis],
            ServiceKind::Redis => vec![ServiceKind::Postgres],
            _ => Vec::new(),
        }));
        assert_eq!(ring.dependants(ServiceKind::Redis), [ServiceKind::Postgres]);
    }

    #[test]
    fn a_service_comes_after_all_that_it_needs() {
        use ServiceKind::{Backend, Frontend, Postgres, Redis};
        assert_eq!(Postgres.with_needs(), [Postgres]);
        assert_eq!(Backend.with_needs(), [Postgres, Redis, Backend]);
        assert_eq!(Frontend.with_needs(), ServiceKind::ALL);
    }

    #[test]
    fn dependants_are_the_transitive_reverse_of_needs() {
        for kind in ServiceKind::ALL {
            for other in ServiceKind::ALL {
                let direct = other.needs().contains(&kind);
                let through = other.needs().iter().any(|n| n.needs().contains(&kind));
                assert_eq!(kind.dependants().contains(&other), direct || through);
            }
        }
    }
}
