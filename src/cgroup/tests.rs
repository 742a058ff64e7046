#![allow(clippy::unwrap_used)]
use super::*;
use crate::domain::{
    host::Space,
    usage::{Disk, Network, Shortage, Throttling},
};
use std::fs;

const ID: &str = "7e90bb54ac988864fffbb36f44ec4a332190897378f2e4e7ed73669d8e8b86cf";
const PID: u32 = 4711;

/// A machine as its files show it.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new(mounts: &str, group: &str) -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        machine.write("proc/self/mountinfo", mounts);
        machine.write(&format!("proc/{PID}/cgroup"), group);
        machine.write(
            &format!("proc/{PID}/net/dev"),
            "Inter-|   Receive                            |  Transmit\n \
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    \
             lo:     500       4    0    0    0     0          0         0      500       4    0    0    0     0       0          0\n  \
             eth0:     736       8    0    0    0     0          0         0       42       1    0    0    0     0       0          0\n  \
             eth1:1000000000000   8    0    0    0     0          0         0        8       1    0    0    0     0       0          0\n",
        );
        machine
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Files of one folder.
    fn fill(&self, folder: &str, files: &[(&str, &str)]) {
        for (name, text) in files {
            self.write(&format!("{folder}/{name}"), text);
        }
    }

    fn kernel(&self) -> Kernel {
        Kernel::below(self.0.path())
    }

    fn sample(&self) -> Option<Sample> {
        let kernel = self.kernel();
        kernel.sample(&kernel.find(PID, ID, true)?)
    }
}

const V1_MOUNTS: &str = "\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n\
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n\
38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio\n\
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n\
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n\
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n\
a line that means nothing\n";

fn v1_group() -> String {
    let controllers = ["name=systemd", "pids", "blkio", "memory", "cpu,cpuacct"];
    let lines = (1..).zip(controllers);
    let lines: String = lines
        .map(|(n, list)| format!("{n}:{list}:/docker/{ID}\n"))
        .collect();
    format!("{lines}0::/docker/{ID}\n")
}

fn v1() -> Machine {
    let machine = Machine::new(V1_MOUNTS, &v1_group());
    let folder = |name: &str| format!("sys/fs/cgroup/{name}/docker/{ID}");
    machine.fill(
        &folder("cpu,cpuacct"),
        &[
            ("cpuacct.usage", "356212054\n"),
            (
                "cpu.stat",
                "nr_periods 35\nnr_throttled 32\nthrottled_time 2002376057\nnr_bursts 0\n",
            ),
        ],
    );
    machine.fill(
        &folder("memory"),
        &[
            ("memory.usage_in_bytes", "2293760\n"),
            ("memory.max_usage_in_bytes", "4079616\n"),
            ("memory.failcnt", "9\n"),
            ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"),
            (
                "memory.stat",
                "cache 1884160\ninactive_file 1\ntotal_cache 1884160\ntotal_inactive_file 1884160\n",
            ),
        ],
    );
    machine.fill(&folder("pids"), &[("pids.current", "14\n")]);
    machine.fill(
        &folder("blkio"),
        &[(
            "blkio.throttle.io_service_bytes",
            "8:0 Read 4096\n8:0 Write 100\n8:0 Sync 5\n8:0 Total 4196\n8:16 Read 4\nTotal 4200\n",
        )],
    );
    machine
}

const V2_MOUNTS: &str =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

fn v2(group: &str, folder: &str) -> Machine {
    let machine = Machine::new(V2_MOUNTS, group);
    machine.fill(
        folder,
        &[
            (
                "cpu.stat",
                "usage_usec 356212\nuser_usec 300000\nsystem_usec 56212\nnr_periods 35\nnr_throttled 32\nthrottled_usec 2002376\n",
            ),
            ("memory.current", "2293760\n"),
            ("memory.peak", "4079616\n"),
            ("memory.stat", "anon 106496\ninactive_anon 9\ninactive_file 1884160\n"),
            (
                "memory.events",
                "low 0\nhigh 1\nmax 8\noom 3\noom_kill 2\noom_group_kill 0\n",
            ),
            (
                "memory.pressure",
                "some avg10=3.39 avg60=3.76 avg300=3.11 total=27728674\nfull avg10=0.06 avg60=0.63 avg300=0.53 total=8793726\n",
            ),
            ("pids.current", "14\n"),
            (
                "io.stat",
                "8:0 rbytes=4096 wbytes=100 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=4 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n7:0\n",
            ),
        ],
    );
    machine
}

/// What both versions count of the same container.
fn expected() -> Sample {
    Sample {
        cpu_ns: 356_212_000,
        read_ns: 0,
        memory: Bytes(409_600),
        peak: Some(Bytes(4_079_616)),
        pids: 14,
        network: Some(Network {
            received: Bytes(1_000_000_000_736),
            sent: Bytes(50),
        }),
        disk: Some(Disk {
            read: Bytes(4_100),
            written: Bytes(100),
        }),
        throttling: Some(Throttling {
            periods: 35,
            held_up: 32,
        }),
        shortage: Some(Shortage {
            hits: 9,
            kills: 2,
            stalled_us: None,
        }),
    }
}

#[test]
fn version_1_is_read_from_a_tree_for_each_controller() {
    let read = v1().sample().unwrap();
    assert!(read.read_ns > 0);
    let read = Sample { read_ns: 0, ..read };
    let expected = Sample {
        cpu_ns: 356_212_054,
        ..expected()
    };
    assert_eq!(read, expected);
}

#[test]
fn version_2_is_read_from_one_tree_whoever_drives_it() {
    let slice = format!("system.slice/docker-{ID}.scope");
    for group in [format!("docker/{ID}"), slice] {
        let machine = v2(&format!("0::/{group}\n"), &format!("sys/fs/cgroup/{group}"));
        let read = machine.sample().unwrap();
        let mut expected = expected();
        if let Some(shortage) = &mut expected.shortage {
            shortage.stalled_us = Some(27_728_674);
        }
        assert_eq!(Sample { read_ns: 0, ..read }, expected);
    }
}

#[test]
fn what_a_container_makes_of_its_own_group_is_counted_with_it() {
    let machine = v2(
        &format!("0::/docker/{ID}/init\n"),
        &format!("sys/fs/cgroup/docker/{ID}"),
    );
    assert_eq!(machine.sample().unwrap().pids, 14);
}

#[test]
fn a_branch_that_is_mounted_alone_is_found_below_its_root() {
    let mounts = "30 23 0:26 /outer /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
    let machine = v2(
        &format!("0::/outer/docker/{ID}\n"),
        &format!("sys/fs/cgroup/docker/{ID}"),
    );
    machine.write("proc/self/mountinfo", mounts);
    assert_eq!(machine.sample().unwrap().pids, 14);
    // Another branch is not to be seen from here.
    machine.write(&format!("proc/{PID}/cgroup"), &format!("0::/other/{ID}\n"));
    assert_eq!(machine.sample(), None);
}

#[test]
fn a_process_that_is_not_of_the_container_is_not_believed() {
    let (other, id) = ("0".repeat(64), ID);
    for group in [
        format!("0::/docker/{other}\n"),
        "0::/\n".to_owned(),
        "0::/user.slice/session-1.scope\n".to_owned(),
        format!("0::/../../{id}\n"),
        String::new(),
        "what\n::\n0".to_owned(),
    ] {
        let machine = v2(&group, &format!("sys/fs/cgroup/docker/{id}"));
        assert_eq!(machine.sample(), None, "{group}");
    }
    // An id that is cut short, or missing, names no container.
    let machine = v2(&format!("0::/docker/{ID}\n"), "sys/fs/cgroup/x");
    for id in ["", "7e90bb54"] {
        assert_eq!(machine.kernel().find(PID, id, true), None);
    }
    assert_eq!(machine.kernel().find(PID + 1, ID, true), None);
}

#[test]
fn a_container_that_ended_has_no_sample() {
    for machine in [
        v1(),
        v2(
            &format!("0::/docker/{ID}\n"),
            &format!("sys/fs/cgroup/docker/{ID}"),
        ),
    ] {
        let kernel = machine.kernel();
        let place = kernel.find(PID, ID, true).unwrap();
        assert!(kernel.sample(&place).is_some());
        fs::remove_dir_all(machine.0.path().join("sys")).unwrap();
        assert_eq!(kernel.sample(&place), None);
    }
}

#[test]
fn what_a_kernel_does_not_count_is_not_zero() {
    let machine = v2(
        &format!("0::/docker/{ID}\n"),
        &format!("sys/fs/cgroup/docker/{ID}"),
    );
    let folder = machine.0.path().join("sys/fs/cgroup/docker").join(ID);
    for name in ["memory.peak", "memory.events", "io.stat", "pids.current"] {
        fs::remove_file(folder.join(name)).unwrap();
    }
    fs::write(folder.join("cpu.stat"), "usage_usec 5\n").unwrap();
    let kernel = machine.kernel();
    let read = kernel
        .sample(&kernel.find(PID, ID, false).unwrap())
        .unwrap();
    assert_eq!((read.peak, read.shortage, read.disk), (None, None, None));
    assert_eq!((read.throttling, read.network), (None, None));
    assert_eq!((read.cpu_ns, read.pids), (5_000, 0));
}

#[test]
fn files_that_are_nonsense_or_endless_do_no_harm() {
    let folder = format!("sys/fs/cgroup/docker/{ID}");
    let machine = v2(&format!("0::/docker/{ID}\n"), &folder);
    machine.write(
        &format!("{folder}/memory.stat"),
        "inactive_file -1\n\n  \n\u{1b}[31m 7",
    );
    machine.write(
        &format!("{folder}/io.stat"),
        "rbytes=18446744073709551615\nrbytes=9 rbytes",
    );
    machine.write(&format!("proc/{PID}/net/dev"), &"eth0: 1 ".repeat(100_000));
    let read = machine.sample().unwrap();
    assert_eq!(read.memory, Bytes(2_293_760));
    assert_eq!(read.disk.unwrap().read, Bytes(u64::MAX));
    machine.write(&format!("{folder}/memory.current"), "many\n");
    assert_eq!(machine.sample(), None);
}

#[test]
fn the_machine_is_the_engines_if_it_has_as_much_memory() {
    let machine = Machine::new(V2_MOUNTS, "");
    machine.write(
        "proc/meminfo",
        "MemTotal:       24571284 kB\nMemFree:         9000000 kB\nMemAvailable:   20000000 kB\n",
    );
    machine.write(
        "proc/stat",
        "cpu  100 10 50 800 40 0 0 5 77 0\ncpu0 1 2 3 4\nintr 5\n",
    );
    let kernel = machine.kernel();
    let all = Bytes(24_571_284 * 1024);
    let read = kernel.host(all, machine.0.path()).unwrap();
    assert_eq!((read.busy, read.all), (165, 1005));
    assert_eq!(read.memory, Bytes(4_571_284 * 1024));
    let disk = read.disk.unwrap();
    assert!(disk.all > Bytes(0) && disk.free <= disk.all);
    assert_eq!(kernel.host(Bytes(all.0 + 1), machine.0.path()), None);
    let nowhere = machine.0.path().join("nowhere");
    let read = kernel.host(all, &nowhere).unwrap();
    assert_eq!(read.disk, None::<Space>);
}
