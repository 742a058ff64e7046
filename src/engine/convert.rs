//! Answers of the engine as words of the domain.

use super::Answer;
use crate::domain::{
    Bytes, Container, Cpus, Phase, ProjectName, ServiceKind,
    container::{
        ComposeLabels, LABEL_PROJECT, LABEL_SERVICE, MountPoint, PortBinding, PortUse, Settings,
        Summary,
    },
};
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// The word for a phase, as list and inspect give it.
fn phase(word: &str) -> Phase {
    match word {
        "created" => Phase::Created,
        "running" => Phase::Running,
        "paused" => Phase::Paused,
        "restarting" => Phase::Restarting,
        "removing" => Phase::Removing,
        "exited" => Phase::Exited,
        "dead" => Phase::Dead,
        _ => Phase::Other,
    }
}

/// Whose container it is, by its labels; a label that is no valid name does not count.
pub(super) fn owner(
    labels: &BTreeMap<String, String>,
) -> (Option<ProjectName>, Option<ServiceKind>) {
    let project = labels.get(LABEL_PROJECT).and_then(|name| name.parse().ok());
    let service = labels.get(LABEL_SERVICE).and_then(|name| name.parse().ok());
    (project, service)
}

/// One row of `GET /containers/json`; `None` without an id.
pub(super) fn summary(row: &Answer) -> Option<Summary> {
    let id = row.text("/Id");
    let labels = row.texts("/Labels");
    let (project, service) = owner(&labels);
    // A container that is linked to has more names, with a slash in the middle.
    let names = row.words("/Names");
    let own = names.iter().map(|name| name.trim_start_matches('/'));
    let name = own
        .clone()
        .find(|name| !name.contains('/'))
        .or(own.clone().next());
    let mut published: Vec<_> = row.list("/Ports").iter().filter_map(published).collect();
    published.sort_unstable();
    published.dedup();
    (!id.is_empty()).then(|| Summary {
        id,
        name: name.unwrap_or_default().into(),
        project,
        service,
        phase: phase(&row.text("/State")),
        status: row.safe("/Status"),
        published,
        image: row.safe("/Image"),
        command: row.text("/Command"),
        ports: port_uses(row),
        compose: ComposeLabels::read(&labels).map(Box::new),
    })
}

/// The TCP ports of a row.
fn port_uses(row: &Answer) -> Vec<PortUse> {
    let of = |port: &Answer| {
        let is_tcp = matches!(port.text("/Type").as_str(), "tcp" | "");
        let inside = u16::try_from(port.number("/PrivatePort")?).ok()?;
        is_tcp.then(|| PortUse {
            inside,
            outside: published(port),
        })
    };
    each_once(row.list("/Ports").iter().filter_map(of).collect())
}

/// A port that is published for IPv4 and IPv6 comes twice; IPv4 sorts before IPv6 and stays.
fn each_once(mut ports: Vec<PortUse>) -> Vec<PortUse> {
    ports.sort_unstable();
    ports.dedup_by_key(|port| (port.inside, port.outside.map(|address| address.port())));
    ports
}

/// Where a port is published; an address that the engine does not tell may be any.
fn published(port: &Answer) -> Option<SocketAddr> {
    let number = u16::try_from(port.number("/PublicPort")?).ok()?;
    let address = port
        .text("/IP")
        .parse()
        .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    Some(SocketAddr::new(address, number))
}

/// The answer of `GET /containers/{id}/json`.
pub(super) fn container(answer: &Answer) -> Container {
    let restarts = answer.count("/RestartCount").unwrap_or_default();
    let health = answer.safe("/State/Health/Status");
    let checked = !health.is_empty() && health.as_str() != "none";
    Container {
        id: answer.text("/Id"),
        name: answer.text("/Name").trim_start_matches('/').into(),
        labels: answer.texts("/Config/Labels"),
        image: answer.text("/Image"),
        phase: phase(&answer.text("/State/Status")),
        started_at: answer.time("/State/StartedAt"),
        finished_at: answer.time("/State/FinishedAt"),
        exit_code: answer.number("/State/ExitCode").unwrap_or_default(),
        oom_killed: answer.flag("/State/OOMKilled").unwrap_or_default(),
        error: answer.safe("/State/Error"),
        restart_count: u32::try_from(restarts).unwrap_or(u32::MAX),
        engine_health: checked.then_some(health),
        pid: pid(answer),
        settings: settings(answer),
    }
}

/// The engine says 0 of a container that does not run.
fn pid(answer: &Answer) -> Option<u32> {
    let pid = answer.count("/State/Pid").filter(|pid| *pid > 0)?;
    u32::try_from(pid).ok()
}

fn settings(answer: &Answer) -> Settings {
    let host = |field: &str| format!("/HostConfig/{field}");
    let text = |field: &str| answer.text(&host(field));
    let words = |field: &str| answer.words(&host(field));
    let flag = |field: &str| answer.flag(&host(field)).unwrap_or_default();
    Settings {
        user: answer.text("/Config/User"),
        tty: answer.flag("/Config/Tty").unwrap_or_default(),
        open_stdin: answer.flag("/Config/OpenStdin").unwrap_or_default(),
        env: answer.words("/Config/Env"),
        cap_add: words("CapAdd"),
        cap_drop: words("CapDrop"),
        security_opt: words("SecurityOpt"),
        privileged: flag("Privileged"),
        read_only: flag("ReadonlyRootfs"),
        memory: Bytes(answer.count(&host("Memory")).unwrap_or_default()),
        memory_swap: answer.number(&host("MemorySwap")).unwrap_or_default(),
        cpus: Cpus(answer.count(&host("NanoCpus")).unwrap_or_default()),
        pids: answer.number(&host("PidsLimit")),
        init: flag("Init"),
        restart_policy: text("RestartPolicy/Name"),
        log_driver: text("LogConfig/Type"),
        log_options: answer.texts(&host("LogConfig/Config")),
        network_mode: text("NetworkMode"),
        pid_mode: text("PidMode"),
        ipc_mode: text("IpcMode"),
        uts_mode: text("UTSMode"),
        userns_mode: text("UsernsMode"),
        devices: answer.list(&host("Devices")).len(),
        binds: words("Binds"),
        mounts: mounts(answer),
        ports: ports(answer),
        published: published_ports(answer),
        networks: answer
            .map("/NetworkSettings/Networks")
            .into_keys()
            .collect(),
    }
}

/// Mounts as the engine made them, and the tmpfs folders, which it lists elsewhere.
fn mounts(answer: &Answer) -> Vec<MountPoint> {
    let made = answer.list("/Mounts").into_iter().map(|mount| {
        let kind = mount.text("/Type");
        let source = if kind == "volume" { "/Name" } else { "/Source" };
        MountPoint {
            source: mount.text(source),
            target: mount.text("/Destination"),
            writable: mount.flag("/RW").unwrap_or_default(),
            kind,
        }
    });
    let tmpfs = answer.texts("/HostConfig/Tmpfs").into_iter();
    let tmpfs = tmpfs.map(|(target, options)| MountPoint {
        kind: "tmpfs".to_owned(),
        source: String::new(),
        target,
        writable: !options.split(',').any(|option| option == "ro"),
    });
    made.chain(tmpfs).collect()
}

fn ports(answer: &Answer) -> Vec<PortBinding> {
    let bound = answer.map("/HostConfig/PortBindings").into_iter();
    bound
        .flat_map(|(port, bindings)| of_port(&port, &bindings))
        .collect()
}

/// The TCP ports of a container that runs, as the engine has really published them.
fn published_ports(answer: &Answer) -> Vec<PortUse> {
    let of = |(port, bindings): (String, Answer)| {
        let inside = port.strip_suffix("/tcp")?.parse().ok()?;
        let outside = |binding: &Answer| {
            let port = binding.text("/HostPort").parse().ok()?;
            let address = binding.text("/HostIp").parse();
            Some(SocketAddr::new(
                address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
                port,
            ))
        };
        let outside: Vec<_> = bindings.list("").iter().filter_map(outside).collect();
        let uses = |outside| PortUse { inside, outside };
        Some(match outside.as_slice() {
            [] => vec![uses(None)],
            all => all.iter().map(|at| uses(Some(*at))).collect(),
        })
    };
    let all = answer.map("/NetworkSettings/Ports").into_iter();
    each_once(all.filter_map(of).flatten().collect())
}

fn of_port(port: &str, bindings: &Answer) -> Vec<PortBinding> {
    let number = port
        .split('/')
        .next()
        .and_then(|number| number.parse().ok());
    let Some(container) = number else {
        return Vec::new();
    };
    let binding = |binding: &Answer| PortBinding {
        container,
        address: binding.text("/HostIp"),
        host: binding.text("/HostPort").parse().unwrap_or_default(),
    };
    bindings.list("").iter().map(binding).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::{Value, json};

    fn answer(value: &Value) -> Answer {
        Answer::parse("test", value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn every_phase_has_its_word() {
        for (word, expected) in [
            ("created", Phase::Created),
            ("running", Phase::Running),
            ("paused", Phase::Paused),
            ("restarting", Phase::Restarting),
            ("removing", Phase::Removing),
            ("exited", Phase::Exited),
            ("dead", Phase::Dead),
            ("", Phase::Other),
        ] {
            assert_eq!(phase(word), expected);
        }
    }

    #[test]
    fn an_inspect_answer_becomes_a_container() {
        let found = container(&answer(&json!({
            "Id": "abc", "Name": "/cchub-shop-redis", "Image": "sha256:1", "RestartCount": 4,
            "State": {"Status": "exited", "Pid": 4711, "ExitCode": 137, "OOMKilled": true, "Error": "",
                "StartedAt": "2026-11-21T01:42:38.5Z", "FinishedAt": "0001-01-01T00:00:00Z",
                "Health": {"Status": "unhealthy"}},
            "Config": {"User": "999:999", "Tty": false, "Env": ["A=b"],
                "Labels": {"io.cchub.project": "shop", "io.cchub.service": "redis", "io.cchub.spec": "h"}},
            "HostConfig": {"Memory": 1024, "MemorySwap": -1, "NanoCpus": 500_000_000, "PidsLimit": null,
                "CapDrop": ["ALL"], "CapAdd": null, "Init": true, "Tmpfs": {"/tmp": "rw", "/r": "ro,size=1m"},
                "PortBindings": {"6379/tcp": [{"HostIp": "127.0.0.1", "HostPort": "6389"}], "1/udp": null},
                "Devices": [{}, {}]},
            "Mounts": [{"Type": "volume", "Name": "v", "Source": "/var/lib/x", "Destination": "/data", "RW": true},
                {"Type": "bind", "Source": "/srv", "Destination": "/w", "RW": false}],
            "NetworkSettings": {"Networks": {"cchub-shop": {}}, "Ports": {"6379/tcp": [
                {"HostIp": "127.0.0.1", "HostPort": "6389"}], "80/tcp": null, "53/udp": [{"HostPort": "53"}]}},
        })));
        assert_eq!(found.name.as_str(), "cchub-shop-redis");
        assert!(found.belongs_to(&"shop".parse().unwrap(), ServiceKind::Redis));
        assert_eq!((found.phase, found.exit_code), (Phase::Exited, 137));
        assert!(found.oom_killed && found.started_at.is_some() && found.finished_at.is_none());
        assert_eq!(found.engine_health.unwrap().as_str(), "unhealthy");
        assert_eq!((found.restart_count, found.pid), (4, Some(4711)));
        let settings = found.settings;
        assert_eq!((settings.memory, settings.memory_swap), (Bytes(1024), -1));
        assert_eq!((settings.pids, settings.devices), (None, 2));
        assert_eq!(settings.mounts.len(), 4);
        let writable: Vec<_> = settings.mounts.iter().map(|m| m.writable).collect();
        assert_eq!(writable, [true, false, false, true]);
        assert_eq!(settings.mounts[0].source, "v");
        let port = PortBinding {
            container: 6379,
            address: "127.0.0.1".to_owned(),
            host: 6389,
        };
        assert_eq!(settings.ports, [port]);
        let published = settings
            .published
            .iter()
            .map(|port| (port.inside, port.outside));
        let outside = SocketAddr::from(([127, 0, 0, 1], 6389));
        assert!(published.eq([(80, None), (6379, Some(outside))]));
        assert_eq!(settings.networks, ["cchub-shop"]);
    }

    #[test]
    fn labels_that_are_no_valid_names_do_not_count() {
        let row = |project: &str, service: &str| {
            let labels = json!({"io.cchub.project": project, "io.cchub.service": service});
            summary(&answer(&json!({"Id": "a", "Labels": labels}))).unwrap()
        };
        assert!(row("shop", "redis").service.is_some());
        let odd = row("\u{1b}[31mshop", "mysql");
        assert_eq!((odd.project, odd.service), (None, None));
        assert_eq!(summary(&answer(&json!({"Names": ["/x"]}))), None);
    }

    #[test]
    fn what_compose_made_is_known_by_its_labels() {
        let row = |labels: Value| {
            summary(&answer(
                &json!({"Id": "a", "Image": "postgres:15", "Labels": labels,
                "Command": "docker-entrypoint.sh postgres", "Ports": [
                {"PrivatePort": 5432, "Type": "tcp"},
                {"IP": "::", "PrivatePort": 9000, "PublicPort": 9001, "Type": "tcp"},
                {"IP": "0.0.0.0", "PrivatePort": 9000, "PublicPort": 9001, "Type": "tcp"},
                {"PrivatePort": 53, "Type": "udp"}]}),
            ))
            .unwrap()
        };
        let labels = json!({"com.docker.compose.project": "shop", "com.docker.compose.service": "db",
            "com.docker.compose.container-number": "2", "com.docker.compose.depends_on": "x:service_started:false"});
        let found = row(labels.clone());
        let compose = found.compose.unwrap();
        assert_eq!(
            (compose.project.as_str(), compose.service.as_str()),
            ("shop", "db")
        );
        assert_eq!(
            (compose.number, compose.needs.as_str()),
            (2, "x:service_started:false")
        );
        let outside = |port: u16| Some(SocketAddr::from(([0, 0, 0, 0], port)));
        let ports = found.ports.iter().map(|port| (port.inside, port.outside));
        assert!(ports.eq([(5432, None), (9000, outside(9001))]));
        for (label, value) in [
            ("com.docker.compose.oneoff", "True"),
            ("io.cchub.project", "shop"),
            ("com.docker.compose.service", ""),
        ] {
            let mut labels = labels.clone();
            labels[label] = value.into();
            assert_eq!(row(labels).compose, None, "{label}");
        }
    }
}
