//! The engine's answer about a container's counters as a sample.

use super::Answer;
use crate::domain::{
    Bytes, Sample,
    usage::{Disk, Network, Shortage, Throttling},
};

/// The answer of `GET /containers/{id}/stats`; `None` for a container that does not run: the engine then answers with
/// its zero time.
pub(super) fn sample(answer: &Answer) -> Option<Sample> {
    let read = answer.time("/read")?;
    let usage = answer.count("/memory_stats/usage")?;
    let pids = answer.count("/pids_stats/current").unwrap_or_default();
    Some(Sample {
        cpu_ns: answer.count("/cpu_stats/cpu_usage/total_usage")?,
        read_ns: read.as_nanosecond(),
        memory: Bytes(usage.saturating_sub(droppable(answer, usage))),
        peak: answer.count("/memory_stats/max_usage").map(Bytes),
        pids: u32::try_from(pids).unwrap_or(u32::MAX),
        network: network(answer),
        disk: disk(answer),
        throttling: throttling(answer),
        shortage: shortage(answer),
    })
}

/// Page cache that the kernel can drop: `total_inactive_file` with cgroup v1, `inactive_file` with v2. A value above
/// the usage is nonsense, and docker's own client ignores it, too.
fn droppable(answer: &Answer, usage: u64) -> u64 {
    let cache = |field: &str| answer.count(&format!("/memory_stats/stats/{field}"));
    let v1 = cache("total_inactive_file").filter(|bytes| *bytes < usage);
    let v2 = cache("inactive_file").filter(|bytes| *bytes < usage);
    v1.or(v2).unwrap_or_default()
}

/// All interfaces together; a container that shares another one's has none here.
fn network(answer: &Answer) -> Option<Network> {
    let interfaces = answer.map("/networks");
    let sum = |field: &str| {
        let counts = interfaces.values().filter_map(|one| one.count(field));
        Bytes(counts.fold(0, u64::saturating_add))
    };
    (!interfaces.is_empty()).then(|| Network {
        received: sum("/rx_bytes"),
        sent: sum("/tx_bytes"),
    })
}

/// All devices together. The words are `Read` and `Write` with cgroup v1, `read` and `write` with v2.
fn disk(answer: &Answer) -> Option<Disk> {
    let stats = answer.map("/blkio_stats");
    let counts = stats.get("io_service_bytes_recursive")?;
    let sum = |op: &str| {
        let rows = counts.list("").into_iter();
        let mine = rows.filter(|row| row.text("/op").eq_ignore_ascii_case(op));
        let counts = mine.filter_map(|row| row.count("/value"));
        Bytes(counts.fold(0, u64::saturating_add))
    };
    counts.is_list().then(|| Disk {
        read: sum("read"),
        written: sum("write"),
    })
}

fn throttling(answer: &Answer) -> Option<Throttling> {
    let count = |field: &str| answer.count(&format!("/cpu_stats/throttling_data/{field}"));
    Some(Throttling {
        periods: count("periods")?,
        held_up: count("throttled_periods")?,
    })
}

/// With cgroup v2 the engine does not tell. With v1 it leaves out a count of zero; the peak is there with v1 only.
fn shortage(answer: &Answer) -> Option<Shortage> {
    answer.count("/memory_stats/max_usage")?;
    Some(Shortage {
        hits: answer.count("/memory_stats/failcnt").unwrap_or_default(),
        kills: 0,
        stalled_us: None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::{Value, json};

    fn answer(value: &Value) -> Answer {
        Answer::parse("test", value.to_string().as_bytes()).unwrap()
    }

    fn stats(memory: &Value) -> Value {
        json!({"read": "2026-11-21T03:04:50.5Z", "pids_stats": {"current": 3},
            "cpu_stats": {"cpu_usage": {"total_usage": 77}}, "memory_stats": memory})
    }

    #[test]
    fn memory_is_counted_as_docker_counts_it_with_both_cgroup_versions() {
        for (memory, bytes, peak) in [
            (
                json!({"usage": 100, "max_usage": 120, "stats": {"total_inactive_file": 30, "inactive_file": 10}}),
                70,
                Some(120),
            ),
            (
                json!({"usage": 100, "stats": {"inactive_file": 10}}),
                90,
                None,
            ),
            (
                json!({"usage": 100, "stats": {"inactive_file": 200}}),
                100,
                None,
            ),
            (json!({"usage": 100}), 100, None),
        ] {
            let sample = sample(&answer(&stats(&memory))).unwrap();
            assert_eq!(sample.memory, Bytes(bytes), "{memory}");
            assert_eq!(sample.peak, peak.map(Bytes));
            assert_eq!((sample.cpu_ns, sample.pids), (77, 3));
            assert_eq!(sample.read_ns % 1_000_000_000, 500_000_000);
        }
    }

    #[test]
    fn a_stopped_container_has_no_sample() {
        let stopped = json!({"read": "0001-01-01T00:00:00Z", "cpu_stats": {"cpu_usage": {"total_usage": 0}}, "memory_stats": {}});
        assert_eq!(sample(&answer(&stopped)), None);
        assert_eq!(sample(&answer(&stats(&json!({})))), None);
    }

    #[test]
    fn all_interfaces_and_devices_are_summed_up() {
        let mut whole = stats(&json!({"usage": 100, "max_usage": 120, "failcnt": 9}));
        whole["networks"] = json!({"eth0": {"rx_bytes": 7, "tx_bytes": 1},
            "net1": {"rx_bytes": 30, "tx_bytes": u64::MAX}});
        whole["blkio_stats"]["io_service_bytes_recursive"] = json!([
            {"major": 8, "minor": 0, "op": "Read", "value": 100}, {"op": "write", "value": 20},
            {"op": "Write", "value": 3}, {"op": "Total", "value": 123}]);
        whole["cpu_stats"]["throttling_data"] =
            json!({"periods": 40, "throttled_periods": 4, "throttled_time": 99});
        let sample = sample(&answer(&whole)).unwrap();
        let network = sample.network.unwrap();
        assert_eq!((network.received.0, network.sent.0), (37, u64::MAX));
        let disk = sample.disk.unwrap();
        assert_eq!((disk.read.0, disk.written.0), (100, 23));
        let throttling = sample.throttling.unwrap();
        assert_eq!((throttling.periods, throttling.held_up), (40, 4));
        assert_eq!(sample.shortage.unwrap().hits, 9);
    }

    #[test]
    fn what_the_engine_does_not_tell_is_not_zero() {
        let mut bare = stats(&json!({"usage": 100}));
        bare["blkio_stats"]["io_service_bytes_recursive"] = Value::Null;
        let bare = sample(&answer(&bare)).unwrap();
        assert_eq!((bare.network, bare.disk), (None, None));
        assert_eq!((bare.throttling, bare.shortage), (None, None));
        let mut quiet = stats(&json!({"usage": 100, "max_usage": 120}));
        quiet["blkio_stats"]["io_service_bytes_recursive"] = json!([]);
        let quiet = sample(&answer(&quiet)).unwrap();
        assert_eq!(quiet.disk, Some(Disk::default()));
        assert_eq!(quiet.shortage, Some(Shortage::default()));
    }
}
