//! What a process uses, from `/proc`.

use super::Result;
use std::{fs, time::Duration};

/// A process.
#[derive(Debug, Clone, Copy)]
pub struct Process(pub u32);

impl Process {
    /// The first process of this name.
    pub fn named(name: &str) -> Option<Self> {
        let entries = fs::read_dir("/proc").ok()?.flatten();
        let mut pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.find(|pid| {
            let comm = fs::read_to_string(format!("/proc/{pid}/comm"));
            comm.is_ok_and(|comm| comm.trim() == name)
        })
        .map(Self)
    }

    /// CPU time of all its threads that live.
    pub fn cpu(self) -> Result<Duration> {
        let mut nanoseconds = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.0))?.flatten() {
            // It may have ended meanwhile.
            let Ok(stat) = fs::read_to_string(task.path().join("schedstat")) else {
                continue;
            };
            let used = stat.split_whitespace().next();
            nanoseconds += used.and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Resident memory in bytes: now, and the most there ever was.
    pub fn memory(self) -> Result<(u64, u64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            number.ok_or("a process without a status")
        };
        Ok((field("VmRSS:")? * 1024, field("VmHWM:")? * 1024))
    }
}
