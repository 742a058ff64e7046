//! Projects that Docker Compose made, as the list of containers tells them: which they are, what they are called here,
//! which services play the four parts, and what depends on what.

mod naming;
pub mod order;
pub mod roles;

use super::{
    defaults::{self, STOP_GRACE},
    entry::ImportedEntry,
    spec::WireCheck,
};
use crate::domain::{
    Compose, Limits, Origin, PerService, Phase, Project, ProjectName, Safe, ServiceKind,
    container::{ComposeLabels, PortUse, Summary},
};
pub use naming::shown_name;
use order::{Need, Node};
use roles::Facts;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// Compose projects that are adopted; a host with more than these is looked at with other tools.
pub const ADOPTED_MAX: usize = 64;
/// Containers of one service that are known; the rest is Compose's alone.
const CONTAINERS_MAX: usize = 16;

/// What the engine's containers and the hub file say of projects that Compose made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Discovery {
    /// The projects, by the names that are shown.
    pub projects: BTreeMap<ProjectName, Adopted>,
    /// How many more there are.
    pub left_out: usize,
}

/// A project that Compose made.
#[derive(Debug, Clone, PartialEq)]
pub struct Adopted {
    /// What it is called here.
    pub name: ProjectName,
    /// What Compose calls it: the value of its label.
    pub compose: String,
    /// The folder that Compose was called in.
    pub folder: Option<PathBuf>,
    /// The files that it was made from.
    pub files: Safe,
    /// Its services, by Compose's names.
    pub services: Vec<AdoptedService>,
    /// What the hub file says of it, if it is in there.
    pub entry: Option<ImportedEntry>,
}

/// A service of a project that Compose made.
#[derive(Debug, Clone, PartialEq)]
pub struct AdoptedService {
    /// Compose's name.
    pub service: String,
    /// The part that it plays.
    pub kind: Option<ServiceKind>,
    /// What its label says that it needs.
    pub needs: Vec<Need>,
    /// Its containers, by number; none if it is known from the hub file only.
    pub containers: Vec<AdoptedContainer>,
}

/// A container of such a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedContainer {
    /// The engine's id.
    pub id: String,
    /// Its name.
    pub name: Safe,
    /// Its number among those of its service.
    pub number: u32,
    /// What it was made from.
    pub image: Safe,
    /// What it was doing when the list was read.
    pub phase: Phase,
    /// TCP ports inside, and where the host publishes each.
    pub ports: Vec<PortUse>,
}

/// What stands in `list`, all containers of the engine, and in the hub file. `names` are those of the hub file's own
/// projects.
#[must_use]
pub fn discover<'a>(
    list: &[Summary],
    names: impl IntoIterator<Item = &'a ProjectName>,
    imported: &BTreeMap<ProjectName, ImportedEntry>,
) -> Discovery {
    let mut groups = groups(list);
    let mut taken: BTreeSet<ProjectName> = names.into_iter().cloned().collect();
    taken.extend(imported.keys().cloned());
    let mut found = Discovery::default();
    for (name, entry) in imported {
        let group = groups.remove(&entry.compose).unwrap_or_default();
        let adopted = adopt(name, &entry.compose, &group, Some(entry));
        found.projects.insert(name.clone(), adopted);
    }
    // Names that stay as they are come first: none of them ever has to give way to one that is made.
    let mut rest: Vec<_> = groups.into_iter().collect();
    rest.sort_by_key(|(compose, _)| compose.parse::<ProjectName>().is_err());
    for (compose, group) in rest {
        let name = shown_name(&compose, |name| taken.contains(name));
        match name.filter(|_| found.projects.len() < ADOPTED_MAX) {
            Some(name) => {
                taken.insert(name.clone());
                let adopted = adopt(&name, &compose, &group, None);
                found.projects.insert(name, adopted);
            }
            None => found.left_out += 1,
        }
    }
    found
}

type Group<'a> = Vec<(&'a Summary, &'a ComposeLabels)>;

/// The containers of each of Compose's projects.
fn groups(list: &[Summary]) -> BTreeMap<String, Group<'_>> {
    let mut groups: BTreeMap<String, Group<'_>> = BTreeMap::new();
    for row in list {
        if let Some(labels) = &row.compose {
            let group = groups.entry(labels.project.clone()).or_default();
            group.push((row, labels));
        }
    }
    groups
}

fn adopt(
    name: &ProjectName,
    compose: &str,
    group: &Group<'_>,
    entry: Option<&ImportedEntry>,
) -> Adopted {
    let first = group.first().map(|(_, labels)| *labels);
    let text = |of: fn(&ComposeLabels) -> &String| first.map(of).filter(|text| !text.is_empty());
    let folder = text(|labels| &labels.folder).map(PathBuf::from);
    let mut adopted = Adopted {
        name: name.clone(),
        compose: compose.to_owned(),
        folder: folder.or_else(|| entry.and_then(|entry| entry.path.clone())),
        files: Safe::new(text(|labels| &labels.files).map_or("", String::as_str)),
        services: services(group),
        entry: entry.cloned(),
    };
    adopted.add_missing();
    adopted.cast(group);
    adopted
}

fn services(group: &Group<'_>) -> Vec<AdoptedService> {
    let mut services: BTreeMap<&str, AdoptedService> = BTreeMap::new();
    for (row, labels) in group {
        let service = services
            .entry(&labels.service)
            .or_insert_with(|| AdoptedService {
                service: labels.service.clone(),
                kind: None,
                needs: order::parse(&labels.needs),
                containers: Vec::new(),
            });
        service.containers.push(AdoptedContainer {
            id: row.id.clone(),
            name: row.name.clone(),
            number: labels.number,
            image: row.image.clone(),
            phase: row.phase,
            ports: row.ports.clone(),
        });
    }
    let mut services: Vec<_> = services.into_values().collect();
    services.iter_mut().for_each(AdoptedService::settle);
    services
}

impl AdoptedService {
    /// One container for each number: while Compose makes one anew there are two, and the one that runs counts.
    fn settle(&mut self) {
        let runs = |container: &AdoptedContainer| container.phase == Phase::Running;
        self.containers
            .sort_by_key(|c| (c.number, Reverse(runs(c)), c.name.clone()));
        self.containers.dedup_by_key(|c| c.number);
        self.containers.truncate(CONTAINERS_MAX);
    }

    /// The container that stands for the service: the first.
    #[must_use]
    pub fn container(&self) -> Option<&AdoptedContainer> {
        self.containers.first()
    }

    fn node(&self) -> Node<'_> {
        Node {
            service: &self.service,
            kind: self.kind,
            needs: &self.needs,
        }
    }

    /// Where its part is published.
    fn published(&self) -> Option<SocketAddr> {
        published(self.kind?, &self.container()?.ports)
    }
}

/// The check of a part from outside, and where, if the host publishes it on one of these ports.
#[must_use]
pub fn wire(kind: ServiceKind, ports: &[PortUse]) -> Option<(WireCheck, SocketAddr)> {
    Some((check_of(kind), reachable(published(kind, ports)?)))
}

/// The published port that the part is known by. An application may have any: else it is the lowest one inside.
fn published(kind: ServiceKind, ports: &[PortUse]) -> Option<SocketAddr> {
    let known = roles::ports_of(kind).iter().find_map(|usual| {
        let is_usual = |port: &&PortUse| port.inside == *usual && port.outside.is_some();
        ports.iter().find(is_usual)?.outside
    });
    let any = || ports.iter().find_map(|port| port.outside);
    match kind {
        ServiceKind::Postgres | ServiceKind::Redis => known,
        ServiceKind::Backend | ServiceKind::Frontend => known.or_else(any),
    }
}

fn check_of(kind: ServiceKind) -> WireCheck {
    match kind {
        // Nobody has told which role and database there are: whoever answers that they are unknown answers.
        ServiceKind::Postgres => WireCheck::Postgres {
            user: "postgres".to_owned(),
            database: "postgres".to_owned(),
        },
        ServiceKind::Redis => WireCheck::Redis,
        ServiceKind::Backend | ServiceKind::Frontend => WireCheck::AnyHttp { root: false },
    }
}

/// Where an address that means all of the host's is reached from here.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

impl Adopted {
    /// The services that the hub file names and that have no container now.
    fn add_missing(&mut self) {
        let Some(entry) = &self.entry else { return };
        for (_, wished) in entry.services.iter() {
            let Some(service) = &wished.service else {
                continue;
            };
            if self.services.iter().any(|known| known.service == *service) {
                continue;
            }
            self.services.push(AdoptedService {
                service: service.clone(),
                kind: None,
                needs: Vec::new(),
                containers: Vec::new(),
            });
        }
        self.services.sort_by(|a, b| a.service.cmp(&b.service));
    }

    /// Gives the four parts: as the hub file says, else to whoever fits best.
    fn cast(&mut self, group: &Group<'_>) {
        let parts = self.parts(group);
        for (kind, at) in parts.iter() {
            if let Some(service) = at.and_then(|at| self.services.get_mut(at)) {
                service.kind = Some(kind);
            }
        }
    }

    fn parts(&self, group: &Group<'_>) -> PerService<Option<usize>> {
        let of = |kind: ServiceKind| self.entry.as_ref()?.services[kind].service.as_ref();
        let at = |name: &String| self.services.iter().position(|s| s.service == *name);
        let said = PerService::from_fn(|kind| of(kind).and_then(at));
        if self.entry.is_some() {
            return said;
        }
        let ports: Vec<Vec<u16>> = self.services.iter().map(ports_inside).collect();
        let services = self.services.iter().zip(&ports);
        let facts: Vec<Facts<'_>> = services
            .map(|(service, ports)| {
                let is_its = |(_, labels): &&(_, &ComposeLabels)| labels.service == service.service;
                let row = group.iter().find(is_its).map(|(row, _)| *row);
                Facts {
                    project: &self.compose,
                    service: &service.service,
                    image: row.map_or("", |row| row.image.as_str()),
                    ports,
                    command: row.map_or("", |row| row.command.as_str()),
                }
            })
            .collect();
        roles::cast(&facts)
    }

    /// The service that plays this part.
    #[must_use]
    pub fn service(&self, kind: ServiceKind) -> Option<&AdoptedService> {
        self.services
            .iter()
            .find(|service| service.kind == Some(kind))
    }

    /// The containers that stand for none of the four parts, each with its service.
    pub fn others(&self) -> impl Iterator<Item = (&AdoptedService, &AdoptedContainer)> {
        self.services.iter().flat_map(|service| {
            let first = usize::from(service.kind.is_some());
            let rest = service.containers.iter().skip(first);
            rest.map(move |container| (service, container))
        })
    }

    /// Indexes of its services in the order of a start.
    #[must_use]
    pub fn waves(&self) -> Vec<Vec<usize>> {
        order::waves(&self.nodes())
    }

    fn nodes(&self) -> Vec<Node<'_>> {
        self.services.iter().map(AdoptedService::node).collect()
    }

    /// What front ends show of it.
    #[must_use]
    pub fn project(&self) -> Project {
        let said = |kind: ServiceKind| self.entry.as_ref()?.ports[kind];
        let published = |kind| self.service(kind)?.published();
        let port = |kind| published(kind).map(|address| address.port());
        let name = |kind| Some(Safe::new(&self.service(kind)?.service));
        Project {
            name: self.name.clone(),
            path: self.folder.clone(),
            number: None,
            // What people open in a browser is what they ask for.
            address: published(ServiceKind::Frontend)
                .or_else(|| published(ServiceKind::Backend))
                .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| {
                    reachable(address).ip()
                }),
            ports: PerService::from_fn(|kind| port(kind).or_else(|| said(kind))),
            limits: PerService::from_fn(|kind| self.wished(kind)),
            protected: self.entry.as_ref().is_some_and(|entry| entry.protected),
            origin: Origin::Compose(Box::new(Compose {
                name: Safe::new(&self.compose),
                files: self.files.clone(),
                imported: self.entry.is_some(),
                services: PerService::from_fn(name),
                needs: order::needs(&self.nodes()),
            })),
        }
    }

    /// How long a start of a service may take until it is healthy.
    #[must_use]
    pub fn start_timeout(&self, kind: ServiceKind) -> Duration {
        let said = self.entry.as_ref().map(|entry| &entry.services[kind]);
        said.and_then(|service| service.start_timeout)
            .unwrap_or(defaults::start_timeout(kind))
    }

    /// How long a stop of a service waits before it kills.
    #[must_use]
    pub fn stop_grace(&self, kind: Option<ServiceKind>) -> Duration {
        let said = |kind| Some(&self.entry.as_ref()?.services[kind]);
        kind.and_then(said)
            .and_then(|service| service.stop_grace)
            .unwrap_or(STOP_GRACE)
    }

    /// The limits that the hub file wishes; zero where it wishes none.
    #[must_use]
    pub fn wished(&self, kind: ServiceKind) -> Limits {
        let entry = self.entry.as_ref().map(|entry| entry.limits(kind));
        Limits::NONE.with(entry.unwrap_or_default())
    }
}

fn ports_inside(service: &AdoptedService) -> Vec<u16> {
    let ports = service.container().map(|container| &container.ports);
    ports
        .into_iter()
        .flatten()
        .map(|port| port.inside)
        .collect()
}

#[cfg(test)]
mod tests;
