//! What simulated processes use: memory, CPU, network, disk; and how their limits hold them up.

use super::{
    Conduct, Container, Machine,
    conduct::{base_cpu, base_memory, base_pids, base_traffic, kind_of},
    container::NEVER,
    lifecycle::since,
    no_container,
};
use crate::{
    domain::{Bytes, ServiceKind, Timestamp, usage::Disk, usage::Network, usage::Throttling},
    sim::http::Reply,
};
use serde_json::json;
use std::time::Duration;

/// A process has its usual memory this long after its start.
const WARM_UP: Duration = Duration::from_secs(12);
/// The scheduler's periods: ten in a second.
const PERIOD: Duration = Duration::from_millis(100);
/// How busy a project is, in percent of the usual: it wanders between these.
const LOAD: (u64, u64) = (35, 210);

/// What a container counts since its process was started.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// CPU time in nanoseconds.
    pub cpu_ns: u64,
    /// Bytes over the network.
    pub network: Network,
    /// Bytes from and to its disk.
    pub disk: Disk,
    /// Periods, and those in which its CPU limit was used up.
    pub throttling: Throttling,
    /// Times that its memory limit was met.
    pub hits: u64,
}

impl Machine {
    /// Lets a process use what it uses in `span`. One that does not run uses nothing.
    pub(super) fn use_resources(&mut self, name: &str, span: Duration) {
        let (step, jitter) = (self.rng.u64(..=12), self.rng.u64(..=60));
        let now = self.now;
        let Some(c) = self.containers.get_mut(name).filter(|c| c.runs()) else {
            return;
        };
        c.load = (c.load + step).saturating_sub(6).clamp(LOAD.0, LOAD.1);
        let up = c.started.map_or(Duration::ZERO, |at| since(at, now));
        c.uses = memory_of(c, up, jitter);
        c.peak = c.peak.max(c.uses);
        c.burn(span, jitter);
        c.move_bytes(span, jitter);
        if c.memory_limit()
            .is_some_and(|limit| c.uses > limit / 10 * 9)
        {
            c.counts.hits += 1;
        }
    }

    pub(super) fn stats(&self, name: &str) -> Reply {
        let found = self.key(name).and_then(|key| self.containers.get(&key));
        let Some(c) = found else {
            return no_container(name);
        };
        if !c.runs() {
            return Reply::value(
                &json!({"read": NEVER, "cpu_stats": {"cpu_usage": {"total_usage": 0}},
                "memory_stats": {}}),
            );
        }
        let Counts {
            network,
            disk,
            throttling,
            ..
        } = c.counts;
        Reply::value(&json!({
            "read": self.now.to_string(),
            "cpu_stats": {"cpu_usage": {"total_usage": c.counts.cpu_ns},
                "throttling_data": {"periods": throttling.periods, "throttled_periods": throttling.held_up}},
            "memory_stats": {"usage": c.uses, "max_usage": c.peak, "limit": c.memory_limit(),
                "failcnt": c.counts.hits, "stats": {}},
            "pids_stats": {"current": base_pids(kind_of(&c.body))},
            "networks": {"eth0": {"rx_bytes": network.received.0, "tx_bytes": network.sent.0}},
            "blkio_stats": {"io_service_bytes_recursive": [
                {"major": 8, "minor": 0, "op": "Read", "value": disk.read.0},
                {"major": 8, "minor": 0, "op": "Write", "value": disk.written.0}]},
        }))
    }
}

fn memory_of(c: &Container, up: Duration, jitter: u64) -> u64 {
    let usual = base_memory(kind_of(&c.body));
    let warmth = up.min(WARM_UP).as_millis() * 600 / WARM_UP.as_millis();
    let warmth = 400 + u64::try_from(warmth).unwrap_or(600);
    let leaked = match c.conduct {
        Conduct::Leak { per_second, to } => {
            (per_second * up.as_secs()).min(to.saturating_sub(usual))
        }
        _ => 0,
    };
    usual * warmth / 1000 + leaked + usual / 1000 * jitter / 2
}

impl Container {
    /// Uses CPU as far as its limit lets it, and counts the periods in which it wanted more.
    fn burn(&mut self, span: Duration, jitter: u64) {
        let usual = base_cpu(kind_of(&self.body)) * (70 + jitter) / 100;
        let wanted = match self.conduct {
            Conduct::Slow { .. } => usual * 9,
            _ => usual * self.load / 100,
        };
        let limit = self.body["HostConfig"]["NanoCpus"].as_u64().unwrap_or(0) / 1_000_000;
        let limit = if limit == 0 { u64::MAX } else { limit };
        let micros = u64::try_from(span.as_micros()).unwrap_or_default();
        self.counts.cpu_ns += wanted.min(limit) * micros;
        let periods = micros / u64::try_from(PERIOD.as_micros()).unwrap_or(1);
        let throttling = &mut self.counts.throttling;
        throttling.periods += periods;
        if wanted > limit {
            // The more it wants, the more of its periods are used up before they end.
            let share = (wanted - limit) * 100 / wanted;
            self.held_up += periods * share;
            throttling.held_up += self.held_up / 100;
            self.held_up %= 100;
        }
    }

    fn move_bytes(&mut self, span: Duration, jitter: u64) {
        let millis = u64::try_from(span.as_millis()).unwrap_or_default();
        let load = self.load * (70 + jitter) / 100;
        let some = |per_second: u64| Bytes(per_second * load / 100 * millis / 1000);
        let kind = kind_of(&self.body);
        let traffic = base_traffic(kind);
        let counts = &mut self.counts;
        counts.network.received.0 += some(traffic.received).0;
        counts.network.sent.0 += some(traffic.sent).0;
        counts.disk.read.0 += some(traffic.read).0;
        counts.disk.written.0 += some(traffic.written).0;
        // A database writes what it has gathered now and then, all at once.
        if kind == Some(ServiceKind::Postgres) && jitter == 0 {
            counts.disk.written.0 += some(traffic.written * 60).0;
        }
    }

    /// Its process begins anew.
    pub(super) fn count_anew(&mut self, now: Timestamp) {
        self.started = Some(now);
        self.counts = Counts::default();
    }
}
