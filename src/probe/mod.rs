//! Checks over a service's own protocol: what its clients would see, without starting a process for it.

use crate::{domain::health::Check, stack::spec::WireCheck};
use std::{net::SocketAddr, time::Duration};

/// Checks the service at `address`, within `timeout` in all.
pub async fn check(wire: &WireCheck, address: SocketAddr, timeout: Duration) -> Check {
    let _ = (wire, address);
    Check {
        latency: timeout,
        result: Err("not checked".into()),
    }
}
