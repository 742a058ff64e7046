//! A container with our settings has no finding; each deviation alone has exactly one.

use super::*;
use crate::domain::{
    Bytes, Cpus,
    container::{MountPoint, PortBinding, Settings},
};
use std::path::Path;

fn mount(kind: &str, source: &str) -> MountPoint {
    MountPoint {
        kind: kind.to_owned(),
        source: source.to_owned(),
        target: "/workspace".to_owned(),
        writable: false,
    }
}

fn port(address: &str) -> PortBinding {
    PortBinding {
        container: 5432,
        address: address.to_owned(),
        host: 5442,
    }
}

/// As the engine reports a backend of ours.
fn ours() -> Settings {
    Settings {
        user: "1000:1000".to_owned(),
        env: [
            "PATH=/usr/bin",
            "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
            "POSTGRES_PASSWORD_FILE=/run/secrets/postgres_password",
            "REDIS_URL=redis://redis:6379/0",
            "PROJECT_NAME=shop",
        ]
        .map(str::to_owned)
        .to_vec(),
        cap_drop: vec![CAP_DROP.to_owned()],
        security_opt: vec![SECURITY_OPT.to_owned()],
        read_only: true,
        memory: Bytes::mib(512),
        memory_swap: 512 << 20,
        cpus: Cpus::millis(500),
        pids: Some(256),
        init: true,
        restart_policy: RESTART_POLICY.to_owned(),
        log_driver: LOG_DRIVER.to_owned(),
        log_options: LOG_OPTIONS
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        network_mode: "cchub-shop".to_owned(),
        ipc_mode: "private".to_owned(),
        mounts: vec![
            mount("bind", "/srv/projects/shop"),
            mount("bind", "/home/ann/shop"),
            mount("bind", "/root/shop"),
            mount("volume", "cchub-shop-secrets"),
            mount("tmpfs", ""),
        ],
        ports: vec![port("127.0.0.1"), port("::1")],
        ..Settings::default()
    }
}

fn findings(settings: Settings) -> Vec<Finding> {
    audit(&Container {
        settings,
        ..Container::default()
    })
}

#[test]
fn a_container_with_our_settings_has_no_finding() {
    assert_eq!(findings(ours()), []);
    let without_init = Settings {
        init: false,
        ..ours()
    };
    assert_eq!(findings(without_init), []);
    for option in ["no-new-privileges", "no-new-privileges=true"] {
        let security_opt = vec![option.to_owned()];
        assert_eq!(
            findings(Settings {
                security_opt,
                ..ours()
            }),
            [],
            "{option}"
        );
    }
}

/// Applies `change` to settings of ours; there must be one finding, about `what`.
fn one(what: &str, change: impl FnOnce(&mut Settings)) {
    let mut settings = ours();
    change(&mut settings);
    let found = findings(settings);
    assert_eq!(found.len(), 1, "{what}: {found:#?}");
    assert!(found[0].what.contains(what), "{what}: {found:#?}");
    assert!(!found[0].why.is_empty() && !found[0].mend.is_empty());
}

#[test]
fn p71_every_deviation_of_the_process_is_one_finding() {
    for user in ["", "0", "root", "0:0", "root:root", "00", "0:1000"] {
        one("runs as root", |s| s.user = user.to_owned());
    }
    one("default capabilities", |s| s.cap_drop.clear());
    one("default capabilities", |s| {
        s.cap_drop = vec!["NET_RAW".to_owned()]
    });
    one("capabilities added: CAP_SYS_ADMIN", |s| {
        s.cap_add = vec!["CAP_SYS_ADMIN".to_owned()]
    });
    one("new privileges", |s| s.security_opt.clear());
    one("new privileges", |s| {
        s.security_opt = vec!["no-new-privileges:false".to_owned()]
    });
    for off in [
        "seccomp=unconfined",
        "seccomp:unconfined",
        "apparmor=unconfined",
        "systempaths=unconfined",
        "label=disable",
    ] {
        one("protection switched off", |s| {
            s.security_opt.push(off.to_owned())
        });
    }
    one("writable root", |s| s.read_only = false);
    one("terminal", |s| s.tty = true);
    one("standard input", |s| s.open_stdin = true);
}

#[test]
fn p70_secrets_in_the_environment_are_found_by_name_and_never_shown() {
    for entry in [
        "POSTGRES_PASSWORD=hunter2",
        "secret_key=hunter2",
        "GITHUB_TOKEN=hunter2",
        "DATABASE_URL=postgresql://user:hunter2@postgres:5432/db",
    ] {
        let mut settings = ours();
        settings.env.push(entry.to_owned());
        let found = findings(settings);
        assert_eq!(found.len(), 1, "{entry}");
        assert!(!format!("{found:?}").contains("hunter2"));
    }
    for entry in ["TOKEN=", "URL=http://user@host/a:b@c", "X=a:b@c", "NAME"] {
        let mut settings = ours();
        settings.env.push(entry.to_owned());
        assert_eq!(findings(settings), [], "{entry}");
    }
}

#[test]
fn every_missing_limit_is_one_finding() {
    one("no memory limit", |s| s.memory = Bytes(0));
    for swap in [-1, 0, 1 << 30] {
        one("may swap", |s| s.memory_swap = swap);
    }
    one("no CPU limit", |s| s.cpus = Cpus(0));
    for pids in [None, Some(0), Some(-1)] {
        one("no limit of processes", |s| s.pids = pids);
    }
    one("without rotation", |s| s.log_options.clear());
    one("without rotation", |s| {
        s.log_options.insert("max-size".to_owned(), "-1".to_owned());
    });
    for driver in ["none", "syslog", ""] {
        one("logs go to the driver", |s| {
            s.log_driver = driver.to_owned()
        });
    }
    for (policy, what) in [
        ("", "'no'"),
        ("always", "'always'"),
        ("on-failure", "'on-failure'"),
    ] {
        one(what, |s| s.restart_policy = policy.to_owned());
    }
}

#[test]
fn p72_every_way_to_the_host_is_one_finding() {
    one("privileged", |s| s.privileged = true);
    one("2 devices", |s| s.devices = 2);
    one("legacy bind", |s| {
        s.binds = vec!["/srv/shop:/workspace:ro".to_owned()]
    });
    for mode in ["host", "container:abc"] {
        one("network namespace", |s| s.network_mode = mode.to_owned());
        one("pid namespace", |s| s.pid_mode = mode.to_owned());
        one("ipc namespace", |s| s.ipc_mode = mode.to_owned());
    }
    one("uts namespace", |s| s.uts_mode = "host".to_owned());
    one("user namespace", |s| s.userns_mode = "host".to_owned());
    one("default network", |s| s.network_mode = "bridge".to_owned());
    for address in ["", "0.0.0.0", "::", "192.168.1.4", "nonsense"] {
        one("ports open", |s| s.ports.push(port(address)));
    }
}

#[test]
fn p72_folders_of_the_host_are_found_however_they_are_written() {
    for socket in [
        "/var/run/docker.sock",
        "/run/docker.sock",
        "/home/ann/docker.sock",
        "/run/containerd/containerd.sock",
    ] {
        one("socket", |s| s.mounts.push(mount("bind", socket)));
    }
    for path in [
        "/",
        "//",
        "/etc",
        "/etc/ssl/",
        "/proc",
        "/sys/fs",
        "/var",
        "/var/run/x",
        "/var/lib/docker/volumes",
        "/root",
        "/home",
        "/home/ann",
        "/home/ann/",
        "/srv/../etc",
        "/srv/./../..",
        "/home/ann/.ssh",
        "/dev/sda",
        "/run/user/1000",
    ] {
        one("folders of the host", |s| {
            s.mounts.push(mount("bind", path))
        });
    }
    for path in [
        "/var/www/shop",
        "/opt/shop",
        "/etcetera",
        "/home/ann/shop/etc",
        "/tmp/shop",
    ] {
        assert!(!belongs_to_host(Path::new(path)), "{path}");
    }
}

#[test]
fn what_a_foreign_container_is_called_cannot_reach_the_terminal_raw() {
    let mut settings = ours();
    settings.cap_add = vec!["\x1b[2J\u{202e}X".to_owned()];
    let found = findings(settings);
    assert_eq!(found[0].what.as_str(), "capabilities added: ‹U+202E›X");
}

#[test]
fn every_point_has_a_mend_for_both_makers_and_the_grave_ones_come_first() {
    let found = findings(Settings {
        privileged: true,
        devices: 1,
        cap_add: vec!["NET_ADMIN".to_owned()],
        ports: vec![port("0.0.0.0")],
        ..Settings::default()
    });
    assert!(found.len() > 12, "{found:#?}");
    let grave = found.iter().take_while(|finding| finding.is_grave).count();
    assert_eq!(grave, 4);
    assert!(found.iter().skip(grave).all(|finding| !finding.is_grave));
    for finding in &found {
        let compose = finding.mend_of("shop", "backend", Some("api"));
        assert!(
            compose.starts_with("under services: api: ") && compose.len() > 24,
            "{compose}"
        );
        let own = finding.mend_of("shop", "backend", None);
        assert!(own.contains("shop") && !own.contains("PROJECT"), "{own}");
    }
}
