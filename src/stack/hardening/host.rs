//! What a container may reach of its host: files, namespaces, devices, network.

use super::{ANEW, Check, Finding};
use crate::domain::container::{MountPoint, Settings};
use std::{
    net::IpAddr,
    path::{Component, Path, PathBuf},
};

/// The worst come first.
#[rustfmt::skip] // a table: one point a line
pub(super) const CHECKS: [Check; 12] = [
    Check::new(privileged, true, "take out: privileged: true", ANEW),
    Check::new(engine_socket, true, "volumes: take out the line with the socket", ANEW),
    Check::new(host_paths, true, r#"volumes: ["./data:/data:ro"], a folder of the project alone"#, ANEW),
    Check::new(binds, false, "volumes: [{ type: bind, source: ./data, target: /data, read_only: true }]", ANEW),
    Check::new(devices, true, "take out: devices", ANEW),
    Check::new(host_network, true, "take out: network_mode", ANEW),
    Check::new(network, false, "networks: [default]", ANEW),
    Check::new(pid, true, "take out: pid", ANEW),
    Check::new(ipc, false, "ipc: private", ANEW),
    Check::new(uts, false, "take out: uts", ANEW),
    Check::new(userns, false, "take out: userns_mode", ANEW),
    Check::new(ports, true, r#"ports: ["127.0.0.1:HOST:CONTAINER"]"#, r#"address = "127.0.0.1" under [projects.PROJECT], then a restart"#),
];

/// Sockets that make whoever can write to them root on the host.
const ENGINE_SOCKETS: [&str; 5] = [
    "docker.sock",
    "containerd.sock",
    "podman.sock",
    "crio.sock",
    "buildkitd.sock",
];
/// Folders of the host: neither they nor anything below them goes into a container.
const TREES: [&str; 9] = [
    "/etc",
    "/proc",
    "/sys",
    "/dev",
    "/boot",
    "/run",
    "/var/run",
    "/var/lib/docker",
    "/var/lib/containerd",
];
/// Folders that are too wide themselves, while one below them is fine.
const ROOTS: [&str; 12] = [
    "/", "/bin", "/sbin", "/lib", "/lib64", "/usr", "/var", "/var/lib", "/home", "/root", "/mnt",
    "/media",
];
/// Plain files in memory, although below a folder of devices: a folder of somebody's own there is fine.
const MEMORY: &str = "/dev/shm";
/// Folders in which people keep keys, wherever they are.
const KEYS: [&str; 5] = [".ssh", ".gnupg", ".aws", ".kube", ".docker"];

fn privileged(settings: &Settings) -> Option<Finding> {
    settings.privileged.then(|| {
        Finding::new(
            "privileged mode",
            "it may do on the host whatever root may",
            "make it again without privileged mode",
        )
    })
}

/// A bind, whatever old engines call it; volumes and tmpfs hold nothing of the host's.
fn is_bind(mount: &&MountPoint) -> bool {
    !matches!(
        mount.kind.as_str(),
        "volume" | "tmpfs" | "image" | "cluster"
    )
}

fn is_engine_socket(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    ENGINE_SOCKETS.contains(&name)
}

fn engine_socket(settings: &Settings) -> Option<Finding> {
    let mut binds = settings.mounts.iter().filter(is_bind);
    let socket = binds.find(|mount| is_engine_socket(&mount.source))?;
    Some(Finding::new(
        format!("the engine's socket {} is mounted", socket.source),
        "whoever speaks to the engine is root on the host, also through a read-only mount",
        "make it again without this mount",
    ))
}

fn host_paths(settings: &Settings) -> Option<Finding> {
    let binds = settings.mounts.iter().filter(is_bind);
    let sources: Vec<&str> = binds
        .map(|mount| mount.source.as_str())
        .filter(|source| !is_engine_socket(source) && belongs_to_host(Path::new(source)))
        .collect();
    (!sources.is_empty()).then(|| {
        Finding::new(
            format!("folders of the host are mounted: {}", sources.join(", ")),
            "they hold keys, settings or devices of the whole host",
            "mount only the project's own folder, read-only",
        )
    })
}

/// True for folders that hold what is the whole host's, or a person's keys. Symlinks are not followed.
#[must_use]
pub fn belongs_to_host(path: &Path) -> bool {
    let path = plain(path);
    let is_home = path.parent() == Some(Path::new("/home"));
    let in_memory = path != Path::new(MEMORY) && path.starts_with(MEMORY);
    is_home
        || ROOTS.iter().any(|root| path == Path::new(root))
        || !in_memory && TREES.iter().any(|tree| path.starts_with(tree))
        || path.iter().any(|name| KEYS.iter().any(|key| name == *key))
}

/// The path without `.` and `..`, as the kernel reads it where there are no symlinks.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::from("/");
    for component in path.components() {
        match component {
            Component::Normal(name) => plain.push(name),
            // Above the root is the root.
            Component::ParentDir => drop(plain.pop()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    plain
}

fn binds(settings: &Settings) -> Option<Finding> {
    let named = settings
        .binds
        .iter()
        .filter(|bind| bind.starts_with('/'))
        .count();
    (named > 0).then(|| {
        Finding::new(
            format!("{named} legacy bind mounts"),
            "where the folder is missing, the engine makes it, as root",
            "make it again with --mount instead of --volume",
        )
    })
}

fn devices(settings: &Settings) -> Option<Finding> {
    (settings.devices > 0).then(|| {
        Finding::new(
            format!("{} devices of the host", settings.devices),
            "a device is a way around every other limit",
            "make it again without devices",
        )
    })
}

fn host_network(settings: &Settings) -> Option<Finding> {
    shared(
        "network",
        &settings.network_mode,
        "it reaches everything that listens on this machine only",
    )
}

fn network(settings: &Settings) -> Option<Finding> {
    match settings.network_mode.as_str() {
        "default" | "bridge" => Some(Finding::new(
            "on the engine's default network",
            "every other container there can reach it",
            "give it a network of its own",
        )),
        _ => None,
    }
}

fn pid(settings: &Settings) -> Option<Finding> {
    shared(
        "pid",
        &settings.pid_mode,
        "it sees other processes, and what they were started with",
    )
}

fn ipc(settings: &Settings) -> Option<Finding> {
    shared(
        "ipc",
        &settings.ipc_mode,
        "it can read and write the shared memory of others",
    )
}

fn uts(settings: &Settings) -> Option<Finding> {
    shared("uts", &settings.uts_mode, "it shares the host's name")
}

fn userns(settings: &Settings) -> Option<Finding> {
    shared(
        "user",
        &settings.userns_mode,
        "the engine's mapping of users does not hold for it",
    )
}

fn shared(namespace: &str, mode: &str, why: &str) -> Option<Finding> {
    (mode == "host" || mode.starts_with("container:")).then(|| {
        Finding::new(
            format!("{namespace} namespace shared: {mode}"),
            why,
            "make it again with a namespace of its own",
        )
    })
}

fn ports(settings: &Settings) -> Option<Finding> {
    let is_local = |address: &str| address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    let open: Vec<String> = settings
        .ports
        .iter()
        .filter(|port| !is_local(&port.address))
        .map(|port| match port.address.as_str() {
            "" => format!("*:{}", port.host),
            address => format!("{address}:{}", port.host),
        })
        .collect();
    (!open.is_empty()).then(|| {
        Finding::new(
            format!("ports open to other machines: {}", open.join(", ")),
            "who reaches this host reaches the service; the engine's rules come before most firewalls",
            "bind them to 127.0.0.1 and use a tunnel or a proxy with a login",
        )
    })
}
