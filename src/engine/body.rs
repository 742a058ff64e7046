//! A service's spec as the body of a create request: every field that keeps a container in its place.

use super::ImageInfo;
use crate::{
    domain::container::{LABEL_PROJECT, LABEL_SERVICE, LABEL_SPEC},
    stack::{ServiceSpec, spec::Mount as SpecMount},
};
use bollard::models::{
    ContainerCreateBody, EndpointSettings, HealthConfig, HostConfig, HostConfigLogConfig, Mount,
    MountBindOptions, MountBindOptionsPropagationEnum, MountType, NetworkingConfig, PortBinding,
    PortMap, ResourcesUlimits, RestartPolicy, RestartPolicyNameEnum,
};
use std::{collections::HashMap, time::Duration};

/// What `$0` is inside a start wrapper: it shows in the container's own messages.
const WRAPPER_NAME: &str = "cchub-start";
/// Size and number of the log files that the engine keeps per container: without them they grow for ever.
const LOG_FILES: [(&str, &str); 2] = [("max-size", "10m"), ("max-file", "3")];
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
        cap_drop: Some(vec!["ALL".to_owned()]),
        security_opt: Some(vec!["no-new-privileges:true".to_owned()]),
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
            typ: Some("json-file".to_owned()),
            config: Some(LOG_FILES.map(|(k, v)| (k.to_owned(), v.to_owned())).into()),
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
