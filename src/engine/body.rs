//! A service's spec as the body of a create request: every field that keeps a container in its place.

use super::ImageInfo;
use crate::{
    domain::container::{LABEL_PROJECT, LABEL_SERVICE, LABEL_SPEC},
    stack::{
        ServiceSpec,
        hardening::{CAP_DROP, LOG_DRIVER, LOG_OPTIONS, SECURITY_OPT},
        spec::Mount as SpecMount,
    },
};
use bollard::models::{
    ContainerCreateBody, EndpointSettings, HealthConfig, HostConfig, HostConfigLogConfig, Mount,
    MountBindOptions, MountBindOptionsPropagationEnum, MountType, NetworkingConfig, PortBinding,
    PortMap, ResourcesUlimits, RestartPolicy, RestartPolicyNameEnum,
};
use std::{collections::HashMap, time::Duration};

/// What `$0` is inside a start wrapper: it shows in the container's own messages.
const WRAPPER_NAME: &str = "cchub-start";
/// Longest time of one check by the engine, for projects that ask for such checks.
const ENGINE_CHECK: Duration = Duration::from_secs(5);
/// Failed checks in a row until the engine says unhealthy: the same as ours.
const ENGINE_RETRIES: i64 = crate::domain::health::FAILURES_MAX as i64;

/// The request that makes the container of `spec` on `network` (name or id); `hash` becomes its spec label.
pub(super) fn create_body(
    spec: &ServiceSpec,
    image: &ImageInfo,
    network: &str,
    hash: &str,
) -> ContainerCreateBody {
    let (entrypoint, cmd) = start_command(spec, image);
    ContainerCreateBody {
        image: Some(spec.image.reference().to_owned()),
        user: Some(spec.user.clone()),
        env: Some(
            spec.env
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect(),
        ),
        entrypoint,
        cmd,
        working_dir: spec.workdir.clone(),
        exposed_ports: Some(vec![port_key(spec)]),
        labels: Some(labels(spec, hash)),
        healthcheck: Some(healthcheck(spec)),
        stop_signal: Some(spec.stop_signal.clone()),
        stop_timeout: Some(whole_seconds(spec.stop_grace)),
        tty: Some(false),
        open_stdin: Some(false),
        attach_stdin: Some(false),
        attach_stdout: Some(false),
        attach_stderr: Some(false),
        host_config: Some(host_config(spec, network)),
        networking_config: Some(networking(spec, network)),
        ..ContainerCreateBody::default()
    }
}

/// With a wrapper the image's own entry point moves into the command, which the wrapper execs at its end.
fn start_command(
    spec: &ServiceSpec,
    image: &ImageInfo,
) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let Some(script) = &spec.wrapper else {
        return (None, spec.command.clone());
    };
    let shell = ["/bin/sh", "-ec", script, WRAPPER_NAME].map(str::to_owned);
    let own = || [image.entrypoint.clone(), image.command.clone()].concat();
    (
        Some(shell.to_vec()),
        Some(spec.command.clone().unwrap_or_else(own)),
    )
}

fn labels(spec: &ServiceSpec, hash: &str) -> HashMap<String, String> {
    let pairs = [
        (LABEL_PROJECT, spec.id.project.as_str()),
        (LABEL_SERVICE, spec.id.kind.as_str()),
        (LABEL_SPEC, hash),
    ];
    pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

/// `NONE` also switches off a check that the image brings along.
fn healthcheck(spec: &ServiceSpec) -> HealthConfig {
    let Some(interval) = spec.engine_health else {
        return HealthConfig {
            test: Some(vec!["NONE".to_owned()]),
            ..HealthConfig::default()
        };
    };
    let words = std::iter::once("CMD").chain(spec.exec.argv.iter().map(String::as_str));
    HealthConfig {
        test: Some(words.map(str::to_owned).collect()),
        interval: Some(nanoseconds(interval)),
        timeout: Some(nanoseconds(ENGINE_CHECK.min(interval))),
        retries: Some(ENGINE_RETRIES),
        start_period: Some(nanoseconds(spec.start_timeout)),
        ..HealthConfig::default()
    }
}

fn host_config(spec: &ServiceSpec, network: &str) -> HostConfig {
    let memory = i64::try_from(spec.limits.memory.0).unwrap_or(i64::MAX);
    HostConfig {
        memory: Some(memory),
        // The same value: no swap.
        memory_swap: Some(memory),
        nano_cpus: Some(i64::try_from(spec.limits.cpus.0).unwrap_or(i64::MAX)),
        pids_limit: Some(i64::from(spec.limits.pids)),
        ulimits: Some(vec![
            ulimit("nofile", spec.nofile.0, spec.nofile.1),
            ulimit("core", 0, 0),
        ]),
        shm_size: spec.shm.and_then(|size| i64::try_from(size.0).ok()),
        init: Some(spec.init),
        cap_drop: Some(vec![CAP_DROP.to_owned()]),
        security_opt: Some(vec![SECURITY_OPT.to_owned()]),
        privileged: Some(false),
        readonly_rootfs: Some(spec.read_only),
        tmpfs: Some(spec.tmpfs.clone().into_iter().collect()),
        mounts: Some(spec.mounts.iter().map(mount).collect()),
        port_bindings: Some(port_bindings(spec)),
        publish_all_ports: Some(false),
        network_mode: Some(network.to_owned()),
        ipc_mode: Some("private".to_owned()),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::UNLESS_STOPPED),
            maximum_retry_count: None,
        }),
        log_config: Some(HostConfigLogConfig {
            typ: Some(LOG_DRIVER.to_owned()),
            config: Some(
                LOG_OPTIONS
                    .map(|(k, v)| (k.to_owned(), v.to_owned()))
                    .into(),
            ),
        }),
        ..HostConfig::default()
    }
}

fn ulimit(name: &str, soft: i64, hard: i64) -> ResourcesUlimits {
    ResourcesUlimits {
        name: Some(name.to_owned()),
        soft: Some(soft),
        hard: Some(hard),
    }
}

/// Always a `Mount`, never a `Bind`: the engine would create a missing bind path as root.
fn mount(mount: &SpecMount) -> Mount {
    match mount {
        SpecMount::Data { volume, target } => volume_mount(volume, target, false),
        SpecMount::Secrets { volume, target } => volume_mount(volume, target, true),
        SpecMount::Bind {
            source,
            target,
            writable,
        } => Mount {
            typ: Some(MountType::BIND),
            source: Some(source.to_string_lossy().into_owned()),
            target: Some(target.clone()),
            read_only: Some(!writable),
            bind_options: Some(MountBindOptions {
                propagation: Some(MountBindOptionsPropagationEnum::RPRIVATE),
                ..MountBindOptions::default()
            }),
            ..Mount::default()
        },
    }
}

/// A named volume at `target`.
pub(super) fn volume_mount(volume: &str, target: &str, read_only: bool) -> Mount {
    Mount {
        typ: Some(MountType::VOLUME),
        source: Some(volume.to_owned()),
        target: Some(target.to_owned()),
        read_only: Some(read_only),
        ..Mount::default()
    }
}

fn port_key(spec: &ServiceSpec) -> String {
    format!("{}/tcp", spec.container_port)
}

fn port_bindings(spec: &ServiceSpec) -> PortMap {
    let binding = PortBinding {
        host_ip: Some(spec.address.to_string()),
        host_port: Some(spec.host_port.to_string()),
    };
    HashMap::from([(port_key(spec), Some(vec![binding]))])
}

/// The service's name resolves on the project's network.
fn networking(spec: &ServiceSpec, network: &str) -> NetworkingConfig {
    let settings = EndpointSettings {
        aliases: Some(vec![spec.id.kind.as_str().to_owned()]),
        ..EndpointSettings::default()
    };
    NetworkingConfig {
        endpoints_config: Some(HashMap::from([(network.to_owned(), settings)])),
    }
}

fn whole_seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

fn nanoseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        domain::{Bytes, Cpus, Limits, ServiceId, ServiceKind},
        stack::spec::{ExecCheck, ImageSource},
    };
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    fn spec() -> ServiceSpec {
        let text = str::to_owned;
        ServiceSpec {
            id: ServiceId::new(&"shop".parse().unwrap(), ServiceKind::Postgres),
            container: text("cchub-shop-postgres"),
            image: ImageSource::Ready(text("postgres:15-alpine")),
            user: text("999:999"),
            env: BTreeMap::from([(text("POSTGRES_USER"), text("commandcenter"))]),
            wrapper: None,
            command: None,
            workdir: None,
            container_port: 5432,
            address: "127.0.0.1".parse().unwrap(),
            host_port: 5442,
            read_only: true,
            tmpfs: BTreeMap::from([(text("/tmp"), text("rw,noexec,uid=999,gid=999"))]),
            mounts: vec![
                SpecMount::Data {
                    volume: text("cchub-shop-data"),
                    target: text("/var/lib/postgresql/data"),
                },
                SpecMount::Secrets {
                    volume: text("cchub-shop-secrets"),
                    target: text("/run/secrets"),
                },
                SpecMount::Bind {
                    source: "/srv/shop".into(),
                    target: text("/workspace"),
                    writable: false,
                },
            ],
            secret_files: Vec::new(),
            init: false,
            shm: Some(Bytes::mib(256)),
            nofile: (4096, 8192),
            stop_signal: text("SIGINT"),
            engine_health: None,
            limits: Limits {
                cpus: Cpus::millis(1000),
                memory: Bytes::mib(2048),
                pids: 200,
            },
            exec: ExecCheck {
                argv: vec![text("pg_isready"), text("-h"), text("127.0.0.1")],
                expect: None,
            },
            wire: None,
            start_timeout: Duration::from_secs(30),
            stop_grace: Duration::from_secs(60),
        }
    }

    fn image() -> ImageInfo {
        ImageInfo {
            entrypoint: vec!["docker-entrypoint.sh".to_owned()],
            command: vec!["postgres".to_owned()],
            ..ImageInfo::default()
        }
    }

    fn sent(spec: &ServiceSpec) -> Value {
        serde_json::to_value(create_body(spec, &image(), "net-1", "hash-1")).unwrap()
    }

    #[test]
    fn every_hardening_field_is_sent() {
        let body = sent(&spec());
        for (place, expected) in [
            ("/User", json!("999:999")),
            ("/Image", json!("postgres:15-alpine")),
            ("/Env", json!(["POSTGRES_USER=commandcenter"])),
            ("/Tty", json!(false)),
            ("/OpenStdin", json!(false)),
            ("/AttachStdin", json!(false)),
            ("/StopSignal", json!("SIGINT")),
            ("/StopTimeout", json!(60)),
            ("/ExposedPorts", json!({"5432/tcp": {}})),
            ("/Healthcheck", json!({"Test": ["NONE"]})),
            ("/Labels/io.cchub.project", json!("shop")),
            ("/Labels/io.cchub.service", json!("postgres")),
            ("/Labels/io.cchub.spec", json!("hash-1")),
            ("/HostConfig/CapDrop", json!(["ALL"])),
            ("/HostConfig/SecurityOpt", json!(["no-new-privileges:true"])),
            ("/HostConfig/Privileged", json!(false)),
            ("/HostConfig/ReadonlyRootfs", json!(true)),
            ("/HostConfig/Memory", json!(2_147_483_648_u64)),
            ("/HostConfig/MemorySwap", json!(2_147_483_648_u64)),
            ("/HostConfig/NanoCpus", json!(1_000_000_000)),
            ("/HostConfig/PidsLimit", json!(200)),
            ("/HostConfig/ShmSize", json!(268_435_456)),
            ("/HostConfig/Init", json!(false)),
            ("/HostConfig/IpcMode", json!("private")),
            ("/HostConfig/NetworkMode", json!("net-1")),
            ("/HostConfig/RestartPolicy/Name", json!("unless-stopped")),
            (
                "/HostConfig/Tmpfs",
                json!({"/tmp": "rw,noexec,uid=999,gid=999"}),
            ),
            (
                "/HostConfig/LogConfig",
                json!({"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}),
            ),
            (
                "/HostConfig/Ulimits",
                json!([{"Name": "nofile", "Soft": 4096, "Hard": 8192}, {"Name": "core", "Soft": 0, "Hard": 0}]),
            ),
            (
                "/HostConfig/PortBindings",
                json!({"5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": "5442"}]}),
            ),
            (
                "/NetworkingConfig/EndpointsConfig/net-1/Aliases",
                json!(["postgres"]),
            ),
        ] {
            assert_eq!(body.pointer(place), Some(&expected), "{place}");
        }
        for absent in [
            "Binds",
            "CapAdd",
            "PidMode",
            "UTSMode",
            "UsernsMode",
            "Devices",
            "CgroupParent",
        ] {
            assert_eq!(body["HostConfig"].get(absent), None, "{absent}");
        }
        for absent in ["Entrypoint", "Cmd", "WorkingDir"] {
            assert_eq!(body.get(absent), None, "{absent}");
        }
    }

    #[test]
    fn mounts_are_mounts_and_only_data_is_writable() {
        let body = sent(&spec());
        let mounts = body["HostConfig"]["Mounts"].as_array().unwrap().clone();
        let of = |at: usize, field: &str| mounts[at][field].clone();
        assert_eq!(
            (of(0, "Type"), of(0, "ReadOnly")),
            (json!("volume"), json!(false))
        );
        assert_eq!(
            (of(1, "Type"), of(1, "ReadOnly")),
            (json!("volume"), json!(true))
        );
        assert_eq!(
            (of(2, "Type"), of(2, "ReadOnly")),
            (json!("bind"), json!(true))
        );
        assert_eq!(of(2, "Source"), json!("/srv/shop"));
        assert_eq!(of(2, "BindOptions")["Propagation"], json!("rprivate"));
    }

    #[test]
    fn a_wrapper_takes_the_images_own_command_unless_there_is_another() {
        let mut spec = spec();
        spec.wrapper = Some("exec \"$@\"".to_owned());
        let body = sent(&spec);
        assert_eq!(
            body["Entrypoint"],
            json!(["/bin/sh", "-ec", "exec \"$@\"", "cchub-start"])
        );
        assert_eq!(body["Cmd"], json!(["docker-entrypoint.sh", "postgres"]));
        spec.command = Some(vec!["uvicorn".to_owned()]);
        assert_eq!(sent(&spec)["Cmd"], json!(["uvicorn"]));
        spec.wrapper = None;
        spec.workdir = Some("/workspace".to_owned());
        let body = sent(&spec);
        assert_eq!(
            (&body["Cmd"], &body["WorkingDir"]),
            (&json!(["uvicorn"]), &json!("/workspace"))
        );
        assert_eq!(body.get("Entrypoint"), None);
    }

    #[test]
    fn the_engine_checks_only_where_the_project_asks_for_it() {
        let mut spec = spec();
        spec.engine_health = Some(Duration::from_secs(30));
        let check = sent(&spec)["Healthcheck"].clone();
        assert_eq!(
            check["Test"],
            json!(["CMD", "pg_isready", "-h", "127.0.0.1"])
        );
        assert_eq!(check["Interval"], json!(30_000_000_000_u64));
        assert_eq!(check["Timeout"], json!(5_000_000_000_u64));
        assert_eq!(check["Retries"], json!(3));
    }
}
