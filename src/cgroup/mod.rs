//! What the kernel counts of containers on this machine, read from its own files: it costs the engine nothing. Both
//! versions of control groups (<https://docs.kernel.org/admin-guide/cgroup-v2.html> and `cgroup-v1`).
//!
//! A container's group is found through its first process, and only believed if the container's id is in its name: the
//! engine may be on another machine, where that number is another process. What cannot be read is `None`; whoever asked
//! can still ask the engine.

mod file;
mod host;
mod mounts;
mod net;
#[cfg(test)]
mod tests;
mod v1;
mod v2;

use crate::domain::{Bytes, Sample, host::HostSample};
use mounts::Mounts;
use std::path::{Path, PathBuf};

/// The shortest id that names one container and nothing else.
const ID_MIN: usize = 12;

/// The kernel of this machine.
#[derive(Debug, Clone)]
pub struct Kernel {
    root: PathBuf,
    mounts: Mounts,
}

/// Where the counters of one run of a container are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    group: Group,
    /// Its interfaces, unless it uses those of the host.
    net: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Group {
    V1(v1::Folders),
    V2(PathBuf),
}

impl Kernel {
    /// The kernel that this program runs on.
    #[must_use]
    pub fn here() -> Self {
        Self::below(Path::new("/"))
    }

    /// A kernel whose `proc` and `sys` are below `root`.
    #[must_use]
    pub fn below(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            mounts: Mounts::read(root),
        }
    }

    /// Where the counters of a container are, by its first process and its id; `None` if they are not here, or not to
    /// be read by this user. `own_network`: its interfaces are no other container's and not the host's.
    #[must_use]
    pub fn find(&self, pid: u32, id: &str, own_network: bool) -> Option<Place> {
        if id.len() < ID_MIN {
            return None;
        }
        let process = self.root.join("proc").join(pid.to_string());
        let text = file::text(&process.join("cgroup"))?;
        let folder = |controller: &str| self.mounts.folder(&text, controller, id);
        let group = match v1::Folders::find(folder) {
            Some(folders) => Group::V1(folders),
            None => Group::V2(folder("")?),
        };
        Some(Place {
            group,
            net: own_network.then(|| process.join("net/dev")),
        })
    }

    /// Reads the counters; `None` once the container has ended.
    #[must_use]
    pub fn sample(&self, place: &Place) -> Option<Sample> {
        let sample = match &place.group {
            Group::V1(folders) => v1::sample(folders)?,
            Group::V2(folder) => v2::sample(folder)?,
        };
        Some(Sample {
            network: place.net.as_deref().and_then(net::bytes),
            ..sample
        })
    }

    /// Reads what the whole machine uses; `disk` is a folder on the disk that counts. `None` if this is not the machine
    /// of an engine whose host has so much `memory`.
    #[must_use]
    pub fn host(&self, memory: Bytes, disk: &Path) -> Option<HostSample> {
        host::sample(&self.root, memory, disk)
    }
}
