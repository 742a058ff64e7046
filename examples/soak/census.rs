//! What a process holds, from `/proc`.

use super::Result;
use std::{
    collections::HashSet,
    fmt, fs,
    thread::sleep,
    time::{Duration, Instant},
};

/// Requests come and go: the fewest descriptors within this time are those that stay.
const LOOKING: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);
/// State "listen" in `/proc/PID/net/tcp`.
const LISTENS: &str = "0A";

/// What a process holds, or how much more than before.
#[derive(Debug, Clone, Copy)]
pub struct Census {
    pub memory_kb: i64,
    /// Without the published ports of simulated containers, which come and go with these.
    pub descriptors: i64,
    /// Sockets among them.
    pub sockets: i64,
    pub threads: i64,
}

impl Census {
    /// Counts what stays.
    pub fn at_rest(pid: u32) -> Result<Self> {
        let end = Instant::now() + LOOKING;
        let mut least = Self::now(pid)?;
        while Instant::now() < end {
            sleep(PAUSE);
            let now = Self::now(pid)?;
            least.memory_kb = now.memory_kb;
            least.descriptors = least.descriptors.min(now.descriptors);
            least.sockets = least.sockets.min(now.sockets);
            least.threads = least.threads.min(now.threads);
        }
        Ok(least)
    }

    /// How much more it is than `earlier`.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            memory_kb: self.memory_kb - earlier.memory_kb,
            descriptors: self.descriptors - earlier.descriptors,
            sockets: self.sockets - earlier.sockets,
            threads: self.threads - earlier.threads,
        }
    }

    fn now(pid: u32) -> Result<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let listeners = listeners(pid)?;
        let (mut descriptors, mut sockets) = (0, 0);
        for entry in fs::read_dir(format!("/proc/{pid}/fd"))?.flatten() {
            // It may be closed meanwhile.
            let Ok(target) = fs::read_link(entry.path()) else {
                continue;
            };
            let target = target.to_string_lossy().into_owned();
            if !listeners.contains(&target) {
                descriptors += 1;
                sockets += i64::from(target.starts_with("socket:"));
            }
        }
        Ok(Self {
            memory_kb: field(&status, "VmRSS:")?,
            descriptors,
            sockets,
            threads: field(&status, "Threads:")?,
        })
    }
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            memory_kb,
            descriptors,
            sockets,
            threads,
        } = self;
        write!(
            f,
            "memory {memory_kb:>6} kB  descriptors {descriptors:>3}  of these sockets {sockets:>3}  threads {threads:>2}"
        )
    }
}

/// The listening TCP sockets of its network, as the links in `/proc/PID/fd` name them.
fn listeners(pid: u32) -> Result<HashSet<String>> {
    let table = fs::read_to_string(format!("/proc/{pid}/net/tcp"))?;
    let columns = table.lines().map(|line| line.split_whitespace());
    Ok(columns
        .filter_map(|mut columns| {
            let state = columns.nth(3)?;
            let inode = columns.nth(5)?;
            (state == LISTENS).then(|| format!("socket:[{inode}]"))
        })
        .collect())
}

fn field(status: &str, name: &str) -> Result<i64> {
    let value = status.lines().find_map(|line| line.strip_prefix(name));
    let number = value.and_then(|value| value.split_whitespace().next());
    Ok(number.ok_or("a process without a status")?.parse()?)
}
