//! What a service is looked at as, whoever made it: where its container is, how it is checked, and what it is held
//! against.

use crate::{
    domain::{Container, LimitsChange, Safe, ServiceId, ServiceKind},
    stack::{
        ServiceSpec,
        adopt::{self, Adopted},
        spec::{ExecCheck, WireCheck},
    },
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

/// The environment in which the official image of PostgreSQL is told its first role.
const POSTGRES_USER: &str = "POSTGRES_USER";
/// … and its first database.
const POSTGRES_DB: &str = "POSTGRES_DB";

/// How a service is checked from here.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Means {
    /// Its own protocol, through the published port.
    Wire(WireCheck, SocketAddr),
    /// Its command, inside the container.
    Exec(ExecCheck),
}

impl Means {
    /// What is asked, and where: for whoever wants to know what a check was.
    pub(super) fn words(&self) -> Safe {
        Safe::new(match self {
            Self::Wire(WireCheck::Postgres { user, database }, address) => {
                format!("PostgreSQL handshake as {user} for {database} at {address}")
            }
            Self::Wire(WireCheck::Redis, address) => format!("PING at {address}"),
            Self::Wire(WireCheck::Http { path }, address) => format!("GET http://{address}{path}"),
            Self::Wire(WireCheck::AnyHttp { root: true }, address) => {
                format!("GET http://{address}/")
            }
            Self::Wire(WireCheck::AnyHttp { root: false }, address) => {
                format!("GET http://{address}/health")
            }
            Self::Exec(exec) => format!("'{}' in the container", exec.argv.join(" ")),
        })
    }
}

/// One service as it is looked at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Subject {
    pub(super) id: ServiceId,
    /// Name of its container, if it is known.
    pub(super) container: Option<String>,
    /// How long a start may take until it is healthy.
    pub(super) start_timeout: Duration,
    maker: Maker,
}

/// Who made it: decides how it is checked, and what its container is held against.
#[derive(Debug, Clone, PartialEq)]
enum Maker {
    /// This program, from a spec.
    Us(Box<ServiceSpec>),
    /// Compose. Nothing is run in its containers.
    Compose {
        /// The hub file's limits.
        wished: LimitsChange,
        /// Its `/health` is known not to be known.
        root: bool,
    },
}

impl Subject {
    /// A service that this program makes.
    pub(super) fn ours(spec: ServiceSpec) -> Self {
        Self {
            id: spec.id.clone(),
            container: Some(spec.container.clone()),
            start_timeout: spec.start_timeout,
            maker: Maker::Us(Box::new(spec)),
        }
    }

    /// A service that Compose made; `None` if the project has no such service.
    pub(super) fn adopted(project: &Adopted, kind: ServiceKind) -> Option<Self> {
        let service = project.service(kind)?;
        let entry = project.entry.as_ref();
        Some(Self {
            id: ServiceId::new(&project.name, kind),
            container: service.container().map(|c| c.name.to_string()),
            start_timeout: project.start_timeout(kind),
            maker: Maker::Compose {
                wished: entry.map(|entry| entry.limits(kind)).unwrap_or_default(),
                root: false,
            },
        })
    }

    /// How it is checked, if the engine is on this machine (`local`) or not; `None`: nobody is asked but the engine, which
    /// may check it itself.
    pub(super) fn means(&self, container: Option<&Container>, local: bool) -> Option<Means> {
        match &self.maker {
            Maker::Us(spec) => Some(match &spec.wire {
                Some(wire) if local => Means::Wire(wire.clone(), address_of(spec)),
                _ => Means::Exec(spec.exec.clone()),
            }),
            Maker::Compose { root, .. } if local => of_others(self.id.kind, *root, container?),
            Maker::Compose { .. } => None,
        }
    }

    /// How it is checked when somebody asks: as it sees itself from inside, where that is ours to do.
    pub(super) fn means_now(&self, container: Option<&Container>, local: bool) -> Option<Means> {
        match &self.maker {
            Maker::Us(spec) => Some(Means::Exec(spec.exec.clone())),
            Maker::Compose { .. } => self.means(container, local),
        }
    }

    /// Its `/health` is not known: no need to ask for it again.
    pub(super) fn ask_root(&mut self) {
        if let Maker::Compose { root, .. } = &mut self.maker {
            *root = true;
        }
    }

    /// Takes another version of itself; what was learnt of the same container stays.
    pub(super) fn replace(&mut self, new: Self) {
        let is_same = self.container == new.container;
        let knew = matches!(self.maker, Maker::Compose { root: true, .. });
        *self = new;
        if is_same && knew {
            self.ask_root();
        }
    }

    /// True if `container` is not what is wished.
    pub(super) fn is_drift(&self, container: &Container) -> bool {
        match &self.maker {
            Maker::Us(spec) => {
                container.spec_hash() != Some(spec.hash().as_str())
                    || container.limits() != spec.limits
            }
            Maker::Compose { wished, .. } => container.limits().with(*wished) != container.limits(),
        }
    }
}

/// The check of a container that Compose made, through a published port.
fn of_others(kind: ServiceKind, root: bool, container: &Container) -> Option<Means> {
    let (wire, address) = adopt::wire(kind, &container.settings.published)?;
    let wire = match wire {
        // What its owner asks of it says more than a page that nobody has told us about.
        WireCheck::AnyHttp { .. } if container.engine_health.is_some() => return None,
        WireCheck::AnyHttp { .. } => WireCheck::AnyHttp { root },
        wire => told(wire, container),
    };
    Some(Means::Wire(wire, address))
}

fn address_of(spec: &ServiceSpec) -> SocketAddr {
    let ip = match spec.address {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, spec.host_port)
}

/// Asks for the role and the database that the container was told, so that the server does not log unknown ones.
fn told(wire: WireCheck, container: &Container) -> WireCheck {
    let WireCheck::Postgres { user, database } = wire else {
        return wire;
    };
    let told = |name: &str| container.settings.env_value(name).map(str::to_owned);
    let told_user = told(POSTGRES_USER);
    WireCheck::Postgres {
        database: told(POSTGRES_DB).or(told_user.clone()).unwrap_or(database),
        user: told_user.unwrap_or(user),
    }
}
