//! What a container may use up: memory, CPU, processes, disk.

use super::{ANEW, Check, Finding, LOG_DRIVER, LOG_OPTIONS, RESTART_POLICY};
use crate::domain::container::Settings;

/// The worst come first.
#[rustfmt::skip] // a table: one point a line
pub(super) const CHECKS: [Check; 6] = [
    Check::new(memory, false, "mem_limit: 512m", "cchub-tui limits PROJECT SERVICE --memory 512m"),
    Check::new(swap, false, "memswap_limit: the same as mem_limit", "cchub-tui limits PROJECT SERVICE --reapply"),
    Check::new(cpus, false, "cpus: 1.0", "cchub-tui limits PROJECT SERVICE --cpus 1"),
    Check::new(pids, false, "pids_limit: 200", "cchub-tui limits PROJECT SERVICE --pids 200"),
    Check::new(logs, false, r#"logging: { driver: json-file, options: { max-size: 10m, max-file: "3" } }"#, ANEW),
    Check::new(restart_policy, false, "restart: unless-stopped", ANEW),
];

fn memory(settings: &Settings) -> Option<Finding> {
    (settings.memory.0 == 0).then(|| {
        Finding::new(
            "no memory limit",
            "one service that leaks takes down all of them",
            "set a memory limit",
        )
    })
}

/// Without a memory limit the one finding about that is enough.
fn swap(settings: &Settings) -> Option<Finding> {
    let same = u64::try_from(settings.memory_swap) == Ok(settings.memory.0);
    (settings.memory.0 > 0 && !same).then(|| {
        Finding::new(
            "may swap",
            "instead of being ended at its limit it slows the whole host down",
            "set the memory limit again: memory and swap go together",
        )
    })
}

fn cpus(settings: &Settings) -> Option<Finding> {
    (settings.cpus.0 == 0).then(|| {
        Finding::new(
            "no CPU limit",
            "one busy service slows all of them down",
            "set a CPU limit",
        )
    })
}

fn pids(settings: &Settings) -> Option<Finding> {
    (settings.pids.unwrap_or_default() <= 0).then(|| {
        Finding::new(
            "no limit of processes",
            "a fork bomb in it stops the host",
            "set a limit of processes",
        )
    })
}

fn logs(settings: &Settings) -> Option<Finding> {
    let [(max_size, example), _] = LOG_OPTIONS;
    if settings.log_driver != LOG_DRIVER {
        return Some(Finding::new(
            format!("logs go to the driver '{}'", settings.log_driver),
            "their size is not known to be bounded, and it may not be possible to read them back",
            "make it again with the driver json-file and rotation",
        ));
    }
    let bound = settings.log_options.get(max_size);
    let bounded = bound.is_some_and(|size| size.starts_with(|c: char| ('1'..='9').contains(&c)));
    (!bounded).then(|| {
        Finding::new(
            "logs without rotation",
            "they grow until the disk is full",
            &format!("make it again with the log option {max_size}={example}"),
        )
    })
}

fn restart_policy(settings: &Settings) -> Option<Finding> {
    (settings.restart_policy != RESTART_POLICY).then(|| {
        let policy = match settings.restart_policy.as_str() {
            "" => "no",
            policy => policy,
        };
        Finding::new(
            format!("restart policy '{policy}'"),
            "it stays down after a crash, or comes back after it was stopped on purpose",
            "set the restart policy unless-stopped",
        )
    })
}
