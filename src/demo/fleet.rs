//! Who is in the fleet: eight projects, each with a part to play, and the hub file that names them.

use crate::{
    domain::{ProjectName, ServiceKind},
    stack::ports::default_port,
};
use std::{
    fmt::Write as _,
    fs, io,
    net::{IpAddr, Ipv4Addr, TcpListener},
    path::Path,
};

/// The projects, by name.
const NAMES: [&str; 8] = [
    "atlas", "billing", "clinic", "harbor", "ledger", "mosaic", "orchid", "transit",
];
/// Ports of the demo begin with these project numbers: the first ones are likely to be in use.
const NUMBERS: [u16; 4] = [41, 141, 241, 341];

/// What happens to a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All is well.
    Well,
    /// Its postgres refuses to work, and its backend suffers.
    Outage,
    /// Its backend ends again and again.
    CrashLoop,
    /// Its backend needs more memory than it may have.
    OutOfMemory,
    /// Its backend answers late.
    Slow,
    /// All is well until the screen has been open for a while.
    Surprise,
    /// Nobody has started it.
    Asleep,
}

const PARTS: [Part; 8] = [
    Part::Well,
    Part::Outage,
    Part::CrashLoop,
    Part::Surprise,
    Part::OutOfMemory,
    Part::Slow,
    Part::Well,
    Part::Asleep,
];

/// A project and its part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) project: ProjectName,
    pub(super) part: Part,
}

impl Role {
    /// True if it runs when the screen opens.
    pub(super) fn runs(&self) -> bool {
        self.part != Part::Asleep
    }
}

/// Gives each project its part.
pub(super) fn cast(seed: u64) -> Vec<Role> {
    let mut parts = PARTS;
    fastrand::Rng::with_seed(seed).shuffle(&mut parts);
    let roles = NAMES.iter().zip(parts);
    roles
        .filter_map(|(name, part)| {
            let project = name.parse().ok()?;
            Some(Role { project, part })
        })
        .collect()
}

/// The hub file of the fleet; makes the projects' folders in `folder`.
pub(super) fn hub_file(fleet: &[Role], folder: &Path) -> io::Result<String> {
    let (address, number) = free_place(fleet.len());
    let mut text = String::from("version = 1\n[health]\ninterval = \"2s\"\n");
    for (number, role) in (number..).zip(fleet) {
        let name = &role.project;
        let path = folder.join(name.as_str());
        fs::create_dir(&path)?;
        let memory = match role.part {
            Part::OutOfMemory => "384m",
            _ => "512m",
        };
        // Slow because it may not run as much as it wants to.
        let cpus = match role.part {
            Part::Slow => "0.5",
            _ => "1.0",
        };
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n[projects.{name}]\npath = {path:?}\nnumber = {number}\naddress = \"{address}\"\n\
             [projects.{name}.services.backend]\nimage = \"{name}/backend:2.4\"\nmemory = \"{memory}\"\ncpus = {cpus}\n\
             [projects.{name}.services.frontend]\nimage = \"{name}/frontend:2.4\"\n"
        );
    }
    Ok(text)
}

/// A loopback address and a first number, so that the ports of so many projects are free. Where only one loopback
/// address exists, that one is taken.
fn free_place(projects: usize) -> (IpAddr, u16) {
    let [high, low] = u16::try_from(std::process::id() % 64_000)
        .unwrap_or_default()
        .to_be_bytes();
    let own = Ipv4Addr::new(127, 64 + high % 64, low, 1);
    let addresses = [own, Ipv4Addr::LOCALHOST].map(IpAddr::V4);
    let places = addresses
        .into_iter()
        .flat_map(|address| NUMBERS.map(|number| (address, number)));
    let fallback = (IpAddr::V4(Ipv4Addr::LOCALHOST), 41);
    let free = |place: &(IpAddr, u16)| is_free(*place, projects);
    places.into_iter().find(free).unwrap_or(fallback)
}

/// True if so many projects, numbered from there, find all their ports free.
fn is_free((address, first): (IpAddr, u16), projects: usize) -> bool {
    let last = first + u16::try_from(projects).unwrap_or_default();
    let ports_of = |number| ServiceKind::ALL.map(|kind| default_port(kind, number));
    let mut ports = (first..last).flat_map(ports_of);
    ports.all(|port| TcpListener::bind((address, port)).is_ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_place_with_one_port_taken_is_not_chosen() {
        let (address, first) = free_place(NAMES.len());
        let port = default_port(ServiceKind::Frontend, first + 7);
        let _taken = TcpListener::bind((address, port)).unwrap();
        assert_ne!(free_place(NAMES.len()), (address, first));
    }

    #[test]
    fn every_part_is_played_once_and_the_seed_decides_by_whom() {
        let fleet = cast(1);
        assert_eq!(fleet, cast(1));
        assert_ne!(fleet, cast(2));
        assert_eq!(fleet.len(), NAMES.len());
        assert!(
            PARTS
                .iter()
                .all(|part| fleet.iter().any(|role| role.part == *part))
        );
    }
}
