//! Where the groups of each controller are mounted, and where in there a process is.

use super::file;
use std::path::{Path, PathBuf};

/// Mounts of control groups.
#[derive(Debug, Clone, Default)]
pub(super) struct Mounts(Vec<Mount>);

#[derive(Debug, Clone)]
struct Mount {
    /// Where it is.
    at: PathBuf,
    /// Which part of the tree is there: in a container a branch only.
    root: String,
    /// Controllers of a mount of version 1; none for version 2.
    controllers: Vec<String>,
}

impl Mounts {
    /// The mounts that this process sees.
    pub(super) fn read(root: &Path) -> Self {
        let text = file::text(&root.join("proc/self/mountinfo")).unwrap_or_default();
        Self(text.lines().filter_map(|line| mount(root, line)).collect())
    }

    /// The folder of `controller` of the process whose `/proc/PID/cgroup` is `text`: up to the part that holds `id`,
    /// because what is below is the container's own affair. An empty controller means version 2.
    pub(super) fn folder(&self, text: &str, controller: &str, id: &str) -> Option<PathBuf> {
        let is_in = |list: &[String]| match controller {
            "" => list.is_empty(),
            _ => list.iter().any(|name| name == controller),
        };
        let (_, path) = text
            .lines()
            .filter_map(group)
            .find(|(list, _)| is_in(list))?;
        let mount = self.0.iter().find(|mount| is_in(&mount.controllers))?;
        let inside = match mount.root.as_str() {
            "/" => path,
            root => path.strip_prefix(root)?,
        };
        let parts = inside.split('/').filter(|part| !part.is_empty());
        let mut folder = mount.at.clone();
        for part in parts {
            // The name of a group is a name, and no way out.
            if part == ".." {
                return None;
            }
            folder.push(part);
            if part.contains(id) {
                return Some(folder);
            }
        }
        None
    }
}

/// Controllers and path of a line such as `4:cpu,cpuacct:/docker/ID`.
fn group(line: &str) -> Option<(Vec<String>, &str)> {
    let (_, rest) = line.split_once(':')?;
    let (controllers, path) = rest.split_once(':')?;
    Some((words(controllers), path))
}

/// A line such as `35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory`.
fn mount(root: &Path, line: &str) -> Option<Mount> {
    let (left, right) = line.split_once(" - ")?;
    let (left, right): (Vec<_>, Vec<_>) = (left.split(' ').collect(), right.split(' ').collect());
    let controllers = match *right.first()? {
        "cgroup" => words(right.get(2)?),
        "cgroup2" => Vec::new(),
        _ => return None,
    };
    Some(Mount {
        at: root.join(left.get(4)?.trim_start_matches('/')),
        root: (*left.get(3)?).to_owned(),
        controllers,
    })
}

fn words(list: &str) -> Vec<String> {
    let words = list.split(',').filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}
