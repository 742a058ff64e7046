//! What a real project's services use, beside what `docker stats` says of the same moment.

use crate::support::{block_on, require_engine, sandbox::Sandbox};
use cchub::{
    config::HubFile,
    domain::{
        Limits, ServiceId, ServiceKind::Backend, Usage, host::HostUse, usage::throttle_words,
    },
    hub::{Fact, HubConfig, Timing, journal::Journal, open},
};
use std::{process::Command, time::Duration};
use tokio::time::timeout;

/// Figures come every five seconds, and two make a rate.
const PATIENCE: Duration = Duration::from_secs(60);
const MIB: f64 = 1024.0 * 1024.0;

/// CPUs, memory in MiB and processes, as docker's own client counts them.
fn docker_stats(container: &str) -> (f64, f64, f64) {
    let format = "{{.CPUPerc}} {{.MemUsage}} {{.PIDs}}";
    let out = Command::new("docker")
        .args(["stats", "--no-stream", "--format", format, container])
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    // 49.87% 131.2MiB / 300MiB 9
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |word: &str, unit: &str| word.trim_end_matches(unit).parse::<f64>().unwrap();
    let memory = number(words[1], "MiB");
    (number(words[0], "%") / 100.0, memory, number(words[4], ""))
}

/// What the hub tells of the service once `holds` does, and of the host.
fn told(sandbox: &Sandbox, holds: impl Fn(&Usage) -> bool) -> (Usage, Option<HostUse>) {
    let service = ServiceId::new(&sandbox.project.parse().unwrap(), Backend);
    block_on(async {
        let mut hub = open(HubConfig {
            hub_file: HubFile::new(sandbox.hub_file()),
            endpoint: require_engine().await.endpoint().clone(),
            timing: Timing::default(),
            journal: Journal::none(),
        });
        let mut host = None;
        let wait = async {
            loop {
                match hub.facts.recv().await.unwrap() {
                    Fact::Host(used) => host = Some(used),
                    Fact::Usage(id, usage) if id == service && holds(&usage) => return usage,
                    _ => {}
                }
            }
        };
        let usage = timeout(PATIENCE, wait).await.expect("it is told in time");
        (usage, host)
    })
}

fn near(what: &str, ours: f64, theirs: f64, tolerance: f64) {
    assert!(
        (ours - theirs).abs() <= tolerance,
        "{what}: {ours}, docker stats {theirs}"
    );
}

#[test]
fn a_busy_service_is_told_as_docker_stats_tells_it_and_its_limit_is_named() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    sandbox.run(&["start", project]).expect(0);
    // So little that it is met on a busy machine, too.
    let limits = ["--cpus", "0.1", "--memory", "400m"];
    let args = [&["limits", project, "backend"][..], &limits].concat();
    sandbox.run(&args).expect(0);
    let container = sandbox.container(Backend);
    // 120 MiB that are really there, and a process that never rests.
    let hog = "import time; x = bytearray(b'x' * (120 << 20)); time.sleep(300)";
    for argv in [["python3", "-c", hog], ["sh", "-c", "while :; do :; done"]] {
        let mut docker = Command::new("docker");
        let done = docker.args(["exec", "-d", &container]).args(argv).status();
        assert!(done.unwrap().success());
    }

    let (usage, host) = told(&sandbox, |usage| {
        let is_loud = usage.throttled.is_some_and(|share| share.is_loud());
        is_loud && usage.memory.0 as f64 > 120.0 * MIB
    });
    let (cpus, memory, pids) = docker_stats(&container);
    near("CPUs", usage.cpus.unwrap().as_f64(), cpus, 0.2);
    near("memory", usage.memory.0 as f64 / MIB, memory, 40.0);
    near("processes", f64::from(usage.pids), pids, 4.0);
    assert!(usage.memory.0 as f64 > 120.0 * MIB, "{usage:?}");
    assert!(usage.network.is_some() && usage.disk.is_some(), "{usage:?}");
    let force = Limits {
        cpus: "0.1".parse().unwrap(),
        ..Limits::default_of(Backend)
    };
    let words = throttle_words(&usage, force).unwrap();
    assert!(
        words.ends_with("the limit of 0.1 CPUs is too low"),
        "{words}"
    );
    let host = host.expect("the engine is on this machine");
    assert!(
        host.memory.0 > usage.memory.0 && host.disk.is_some(),
        "{host:?}"
    );

    let stats = sandbox
        .run(&["stats", project, "backend", "--json"])
        .expect(0)
        .json();
    let row = &stats[0];
    near(
        "CPUs of the command",
        row["usage"]["cpus"].as_f64().unwrap(),
        cpus,
        0.2,
    );
    let bytes = row["usage"]["memory"].as_f64().unwrap();
    near("memory of the command", bytes / MIB, memory, 40.0);
    let finding = row["findings"][0].as_str().unwrap_or_default();
    assert!(finding.starts_with("throttled"), "{row}");
}
