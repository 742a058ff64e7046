//! Bytes over the interfaces of a process, from `/proc/PID/net/dev`.

use super::file;
use crate::domain::{Bytes, usage::Network};
use std::path::Path;

/// Where in a line the bytes that were sent stand, after the interface's name.
const SENT: usize = 8;

/// All interfaces together, but not the loopback.
pub(super) fn bytes(path: &Path) -> Option<Network> {
    let text = file::text(path)?;
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let counts = lines
        .filter(|(name, _)| name.trim() != "lo")
        .filter_map(|(_, counts)| {
            let number = |n| counts.split_whitespace().nth(n)?.parse::<u64>().ok();
            number(0).zip(number(SENT))
        });
    let (received, sent) = counts.fold((0_u64, 0_u64), |(received, sent), (r, s)| {
        (received.saturating_add(r), sent.saturating_add(s))
    });
    Some(Network {
        received: Bytes(received),
        sent: Bytes(sent),
    })
}
