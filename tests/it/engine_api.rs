//! What the client does with a real engine and the test images: each field read back, each refusal in its words.

use crate::support::{Run, require_engine};
use cchub::{
    domain::{
        Bytes, Cpus, Limits, LogStream, Phase, ServiceId, ServiceKind,
        container::{LABEL_PROJECT, LABEL_SECRETS},
    },
    engine::{Engine, ErrorClass, EventAction, LogQuery, VolumeFile},
    stack::{
        ServiceSpec,
        spec::{ExecCheck, ImageSource, Mount, Recipe},
    },
};
use futures_util::StreamExt;
use std::{collections::BTreeMap, net::TcpListener, time::Duration};

const IMAGE: &str = "cchub-test/backend:py3.11";
const GRACE: Duration = Duration::from_secs(2);
const EXEC: Duration = Duration::from_secs(20);

/// A port that is free now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A backend that runs `script` in a shell.
fn spec(run: &Run, script: &str) -> ServiceSpec {
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    ServiceSpec {
        id: ServiceId::new(&run.project, ServiceKind::Backend),
        container: run.name("backend"),
        image: ImageSource::Ready(IMAGE.to_owned()),
        user: "1000:1000".to_owned(),
        env: BTreeMap::from([("PROJECT_NAME".to_owned(), run.project.to_string())]),
        wrapper: Some("export MARK=wrapped; exec \"$@\"".to_owned()),
        command: Some(words(&["/bin/sh", "-c", script])),
        workdir: Some("/tmp".to_owned()),
        container_port: 8000,
        address: "127.0.0.1".parse().unwrap(),
        host_port: free_port(),
        read_only: true,
        tmpfs: BTreeMap::from([(
            "/tmp".to_owned(),
            "rw,noexec,nosuid,nodev,size=64m,uid=1000,gid=1000".to_owned(),
        )]),
        mounts: vec![
            Mount::Secrets {
                volume: run.name("secrets"),
                target: "/run/secrets".to_owned(),
            },
            Mount::Bind {
                source: std::env::temp_dir(),
                target: "/workspace".to_owned(),
                writable: false,
            },
        ],
        secret_files: Vec::new(),
        init: true,
        shm: Some(Bytes::mib(32)),
        nofile: (4096, 8192),
        stop_signal: "SIGTERM".to_owned(),
        engine_health: None,
        limits: Limits {
            cpus: Cpus::millis(250),
            memory: Bytes::mib(64),
            pids: 64,
        },
        exec: ExecCheck {
            argv: words(&["true"]),
            expect: None,
        },
        wire: None,
        start_timeout: Duration::from_secs(30),
        stop_grace: Duration::from_secs(10),
    }
}

/// Volume, network and container of `spec`.
async fn make(engine: &Engine, run: &Run, spec: &ServiceSpec) {
    let image = engine
        .image(IMAGE)
        .await
        .unwrap()
        .expect("the test images exist");
    let labels = BTreeMap::from([(LABEL_PROJECT.to_owned(), run.project.to_string())]);
    engine
        .create_volume(&run.name("secrets"), &labels)
        .await
        .unwrap();
    let network = engine
        .ensure_network(&run.name("net"), &run.project)
        .await
        .unwrap();
    let made = engine
        .create(spec, &image, &network, "hash-1")
        .await
        .unwrap();
    assert!(!made.id.is_empty());
    assert!(made.warnings.is_empty(), "{:?}", made.warnings);
}

/// The same, started.
async fn start(engine: &Engine, run: &Run, script: &str) -> String {
    let spec = spec(run, script);
    make(engine, run, &spec).await;
    engine.start(&spec.container).await.unwrap();
    spec.container
}

async fn shell(engine: &Engine, name: &str, script: &str) -> (Option<i64>, String) {
    let argv = ["/bin/sh", "-c", script].map(str::to_owned);
    let done = engine.exec(name, &argv, EXEC).await.unwrap();
    (done.exit_code, done.output.to_string())
}

#[tokio::test]
async fn every_field_that_is_sent_is_read_back() {
    let (engine, run) = (require_engine().await, Run::new());
    let spec = spec(&run, "sleep 60");
    make(&engine, &run, &spec).await;
    let found = engine.inspect(&spec.container).await.unwrap().unwrap();
    assert_eq!(found.phase, Phase::Created);
    assert!(found.started_at.is_none() && found.engine_health.is_none());
    assert!(found.belongs_to(&run.project, ServiceKind::Backend));
    assert_eq!(found.spec_hash(), Some("hash-1"));
    assert_eq!(found.limits(), spec.limits);
    assert!(found.image.starts_with("sha256:"));
    let settings = &found.settings;
    assert_eq!(settings.user, "1000:1000");
    assert!(!settings.tty && !settings.open_stdin && !settings.privileged);
    assert!(
        settings
            .env
            .contains(&format!("PROJECT_NAME={}", run.project))
    );
    assert!(settings.cap_add.is_empty() && settings.binds.is_empty());
    assert_eq!(settings.cap_drop, ["ALL"]);
    assert_eq!(settings.security_opt, ["no-new-privileges:true"]);
    assert!(settings.read_only && settings.init);
    assert_eq!(settings.memory_swap, 64 << 20);
    assert_eq!(settings.restart_policy, "unless-stopped");
    assert_eq!(settings.log_driver, "json-file");
    assert_eq!(settings.log_options["max-size"], "10m");
    assert_eq!(settings.log_options["max-file"], "3");
    assert_eq!(settings.ipc_mode, "private");
    assert!(settings.pid_mode.is_empty() && settings.userns_mode.is_empty());
    assert_eq!(settings.devices, 0);
    assert_eq!(settings.networks.len(), 1);
    let port = &settings.ports[0];
    assert_eq!((port.container, port.host), (8000, spec.host_port));
    assert_eq!(port.address, "127.0.0.1");
    let mount = |target: &str| settings.mounts.iter().find(|m| m.target == target).unwrap();
    assert_eq!(mount("/tmp").kind, "tmpfs");
    assert_eq!(mount("/run/secrets").source, run.name("secrets"));
    assert!(!mount("/run/secrets").writable && !mount("/workspace").writable);
    assert_eq!(mount("/workspace").kind, "bind");
}

#[tokio::test]
async fn p71_the_container_is_kept_in_its_place_from_inside() {
    let (engine, run) = (require_engine().await, Run::new());
    let name = start(&engine, &run, "sleep 60").await;
    let status = "grep -E '^(Uid|CapEff|NoNewPrivs|Seccomp):' /proc/1/status | tr '\\t\\n' '  '";
    let (_, status) = shell(&engine, &name, status).await;
    assert!(status.contains("Uid: 1000"), "{status}");
    assert!(status.contains("CapEff: 0000000000000000"), "{status}");
    assert!(
        status.contains("NoNewPrivs: 1") && status.contains("Seccomp: 2"),
        "{status}"
    );
    let (code, _) = shell(&engine, &name, "echo x > /etc/x").await;
    assert_ne!(code, Some(0), "the root file system is read-only");
    let (code, _) = shell(&engine, &name, "echo x > /tmp/x").await;
    assert_eq!(code, Some(0), "its tmpfs is not");
    let (_, mark) = shell(
        &engine,
        &name,
        "tr '\\0' '\\n' < /proc/7/environ 2>/dev/null || cat /proc/*/environ | tr '\\0' '\\n'",
    )
    .await;
    assert!(mark.contains("MARK=wrapped"), "the wrapper ran: {mark}");
    // The hard limits: some builds of the engine's runtime raise their own soft limit of open files at start and pass it
    // on, sometimes.
    let (_, limit) = shell(&engine, &name, "ulimit -Hn; ulimit -Hc").await;
    assert_eq!(limit, "8192 0");
}

#[tokio::test]
async fn an_exec_gives_the_commands_exit_code() {
    let (engine, run) = (require_engine().await, Run::new());
    let name = start(&engine, &run, "sleep 60").await;
    assert_eq!(shell(&engine, &name, "exit 0").await.0, Some(0));
    assert_eq!(
        shell(&engine, &name, "echo way >&2; echo no; exit 7").await,
        (Some(7), "no way".to_owned())
    );
    let argv = ["/bin/sh", "-c", "echo err >&2; echo PONG; echo more"].map(str::to_owned);
    let done = engine.exec(&name, &argv, EXEC).await.unwrap();
    assert_eq!(done.first_line.as_str(), "PONG");
    assert_eq!(done.output.as_str(), "PONG more err");
    let (_, flood) = shell(&engine, &name, "head -c 1000000 /dev/zero | tr '\\0' x").await;
    assert_eq!(flood.len(), 4096);
    let missing = engine
        .exec(&name, &["/no/such/program".to_owned()], EXEC)
        .await;
    let code = missing.as_ref().map(|done| done.exit_code);
    assert!(matches!(code, Ok(Some(126 | 127)) | Err(_)), "{missing:?}");
    engine.stop(&name, GRACE).await.unwrap();
    let error = engine
        .exec(&name, &["true".to_owned()], EXEC)
        .await
        .unwrap_err();
    assert_eq!(error.class(), ErrorClass::Conflict, "{error}");
}

#[tokio::test]
async fn p60_limits_are_changed_live_and_read_back() {
    let (engine, run) = (require_engine().await, Run::new());
    let name = start(&engine, &run, "sleep 60").await;
    let before = engine.inspect(&name).await.unwrap().unwrap();
    let limits = Limits {
        cpus: Cpus::millis(500),
        memory: Bytes::mib(300),
        pids: 99,
    };
    assert_eq!(engine.update_limits(&name, limits).await.unwrap(), limits);
    let after = engine.inspect(&name).await.unwrap().unwrap();
    assert_eq!(after.settings.memory_swap, 300 << 20);
    assert_eq!((after.id, after.started_at), (before.id, before.started_at));
    let tiny = Limits {
        memory: Bytes::mib(5),
        ..limits
    };
    let error = engine.update_limits(&name, tiny).await.unwrap_err();
    assert_eq!(error.to_string(), "Minimum memory limit allowed is 6MB");
    assert_eq!(error.class(), ErrorClass::Permanent);
    assert_eq!(
        engine.inspect(&name).await.unwrap().unwrap().limits(),
        limits
    );
}

#[tokio::test]
async fn usage_is_read_of_a_running_container_only() {
    let (engine, run) = (require_engine().await, Run::new());
    let name = start(&engine, &run, "sleep 60").await;
    let sample = engine.sample(&name).await.unwrap().expect("it runs");
    assert!(sample.pids >= 1 && sample.cpu_ns > 0 && sample.memory < Bytes::mib(64));
    engine.stop(&name, GRACE).await.unwrap();
    assert_eq!(engine.sample(&name).await.unwrap(), None);
}

const TALK: &str = "python3 -c \"import sys; print('a'*40000); sys.stderr.write('oops\\n'); print('last', end='')\"";

#[tokio::test]
async fn a_log_brings_long_lines_whole_and_both_streams() {
    let (engine, run) = (require_engine().await, Run::new());
    let script = format!("{TALK}; sleep 60");
    let name = start(&engine, &run, &script).await;
    let query = LogQuery {
        tail: Some(100),
        since: None,
        until: None,
        follow: true,
    };
    let first: Vec<_> = Box::pin(engine.logs(&name, query))
        .take(2)
        .map(Result::unwrap)
        .collect()
        .await;
    let long = first
        .iter()
        .find(|line| line.stream == LogStream::Out)
        .unwrap();
    assert_eq!((long.text.plain().len(), long.cut), (40_000, 0));
    let oops = first
        .iter()
        .find(|line| line.stream == LogStream::Err)
        .unwrap();
    assert_eq!(oops.text.plain(), "oops");
    assert!(long.at.as_second() > 1_700_000_000);
    engine.stop(&name, GRACE).await.unwrap();
    let all = LogQuery::default();
    let lines: Vec<_> = engine.logs(&name, all).map(Result::unwrap).collect().await;
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().any(|line| line.text.plain() == "last"));
    let since = LogQuery {
        since: Some(lines[0].at + jiff::SignedDuration::from_hours(1)),
        ..all
    };
    assert_eq!(engine.logs(&name, since).count().await, 0);
    let error = engine
        .logs("cchub-no-such", all)
        .next()
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.class(), ErrorClass::NotFound);
}

#[tokio::test]
async fn a_followed_log_ends_when_its_container_does() {
    let (engine, run) = (require_engine().await, Run::new());
    let name = start(&engine, &run, "echo up; exec sleep 60").await;
    let query = LogQuery {
        follow: true,
        ..LogQuery::default()
    };
    let mut log = Box::pin(engine.logs(&name, query));
    assert_eq!(log.next().await.unwrap().unwrap().text.plain(), "up");
    let (restarted, rest) = tokio::join!(engine.restart(&name, GRACE), log.next());
    restarted.unwrap();
    assert_eq!(rest, None);
    assert_eq!(
        engine.inspect(&name).await.unwrap().unwrap().phase,
        Phase::Running
    );
}

#[tokio::test]
async fn events_tell_what_happens_to_a_container_of_ours() {
    let (engine, run) = (require_engine().await, Run::new());
    let mut events = Box::pin(engine.events());
    let mine = run.project.clone();
    // The subscription is only known to stand once something has come: begin with a first container.
    let collect = async {
        let mut seen = Vec::new();
        while let Some(event) = events.next().await {
            let event = event.unwrap();
            if event.project.as_ref() != Some(&mine) {
                continue;
            }
            assert_eq!(event.service, Some(ServiceKind::Backend));
            assert!(!event.container.is_empty() && event.at.as_second() > 1_700_000_000);
            let last = event.action == EventAction::Destroy;
            seen.push(event.action);
            if last {
                break;
            }
        }
        seen
    };
    let act = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let name = start(&engine, &run, "exit 3").await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        engine.remove(&name).await.unwrap();
    };
    let both = async { tokio::join!(collect, act) };
    let (seen, ()) = tokio::time::timeout(Duration::from_secs(30), both)
        .await
        .expect("in time");
    for action in [
        EventAction::Create,
        EventAction::Start,
        EventAction::Die { exit_code: Some(3) },
    ] {
        assert!(seen.contains(&action), "{action:?} in {seen:?}");
    }
}

#[tokio::test]
async fn p70_a_volume_is_filled_with_owner_and_mode_and_without_a_trace() {
    let (engine, run) = (require_engine().await, Run::new());
    let spec = spec(&run, "sleep 60");
    make(&engine, &run, &spec).await;
    let secret = "s3cr3t-value";
    let file = |name: &str, uid: u32| VolumeFile {
        name: name.to_owned(),
        bytes: secret.as_bytes().to_vec(),
        uid,
        gid: uid,
        mode: 0o400,
    };
    let files = [file("secret_key", 1000), file("other", 999)];
    let volume = run.name("secrets");
    engine
        .fill_volume(&volume, &run.name("fill"), IMAGE, &run.project, &files)
        .await
        .unwrap();
    engine
        .fill_volume(&volume, &run.name("fill"), IMAGE, &run.project, &files)
        .await
        .unwrap();
    engine.start(&spec.container).await.unwrap();
    let look = "cd /run/secrets && stat -c '%n %u:%g %a' * && cat secret_key";
    let (code, text) = shell(&engine, &spec.container, look).await;
    assert!(
        text.starts_with("other 999:999 400 secret_key 1000:1000 400 s3cr3t-value"),
        "{text}"
    );
    assert_eq!(code, Some(0));
    let (code, _) = shell(
        &engine,
        &spec.container,
        "chmod 600 /run/secrets/secret_key",
    )
    .await;
    assert_ne!(code, Some(0), "the volume is read-only");
    let left = engine.list().await.unwrap();
    let mine = left
        .iter()
        .filter(|c| c.project.as_ref() == Some(&run.project));
    assert_eq!(mine.count(), 1, "no helper is left");
    let found = engine.inspect(&spec.container).await.unwrap().unwrap();
    assert!(!format!("{found:?}").contains(secret));
}

#[tokio::test]
async fn filling_fails_cleanly_without_its_image() {
    let (engine, run) = (require_engine().await, Run::new());
    let volume = run.name("secrets");
    let error = engine
        .fill_volume(
            &volume,
            &run.name("fill"),
            "cchub-test/nosuch:1",
            &run.project,
            &[],
        )
        .await;
    assert_eq!(error.unwrap_err().class(), ErrorClass::NotFound);
}

#[tokio::test]
async fn an_image_is_read_and_a_missing_one_is_none() {
    let engine = require_engine().await;
    let image = engine
        .image("cchub-test/postgres:15")
        .await
        .unwrap()
        .expect("a test image");
    assert!(image.id.starts_with("sha256:") && !image.entrypoint.is_empty());
    assert_eq!(engine.image("cchub-test/nosuch:1").await.unwrap(), None);
}

#[tokio::test]
async fn a_container_of_a_missing_image_is_refused() {
    let (engine, run) = (require_engine().await, Run::new());
    let mut spec = spec(&run, "true");
    spec.image = ImageSource::Ready("cchub-test/nosuch:1".to_owned());
    let network = engine
        .ensure_network(&run.name("net"), &run.project)
        .await
        .unwrap();
    let error = engine
        .create(&spec, &Default::default(), &network, "h")
        .await
        .unwrap_err();
    assert_eq!(error.class(), ErrorClass::NotFound);
    assert!(error.to_string().contains("No such image"), "{error}");
}

#[tokio::test]
async fn a_taken_port_is_a_conflict_whoever_holds_it() {
    let (engine, run) = (require_engine().await, Run::new());
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut spec = spec(&run, "sleep 60");
    spec.host_port = holder.local_addr().unwrap().port();
    make(&engine, &run, &spec).await;
    let error = engine.start(&spec.container).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Conflict, "{error}");
    assert!(error.hint().contains("port"), "{}", error.hint());
    drop(holder);
    engine.start(&spec.container).await.unwrap();
    let mut second = spec.clone();
    second.container = run.name("second");
    let image = engine.image(IMAGE).await.unwrap().unwrap();
    let network = engine
        .ensure_network(&run.name("net"), &run.project)
        .await
        .unwrap();
    engine.create(&second, &image, &network, "h").await.unwrap();
    let error = engine.start(&second.container).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Conflict, "{error}");
}

#[tokio::test]
async fn names_are_taken_given_up_and_changed() {
    let (engine, run) = (require_engine().await, Run::new());
    let spec = spec(&run, "sleep 60");
    make(&engine, &run, &spec).await;
    let image = engine.image(IMAGE).await.unwrap().unwrap();
    let error = engine
        .create(&spec, &image, &run.name("net"), "h")
        .await
        .unwrap_err();
    assert_eq!(error.class(), ErrorClass::Conflict, "{error}");
    let old = run.name("backend-old");
    engine.rename(&spec.container, &old).await.unwrap();
    assert_eq!(engine.inspect(&spec.container).await.unwrap(), None);
    let all = engine.list_all().await.unwrap();
    assert!(all.iter().any(|container| container.name.as_str() == old));
    engine.remove(&old).await.unwrap();
    engine.remove(&old).await.unwrap();
}

#[tokio::test]
async fn starting_and_stopping_twice_changes_nothing() {
    let (engine, run) = (require_engine().await, Run::new());
    let name = start(&engine, &run, "sleep 60").await;
    let first = engine.inspect(&name).await.unwrap().unwrap();
    engine.start(&name).await.unwrap();
    assert_eq!(
        engine.inspect(&name).await.unwrap().unwrap().started_at,
        first.started_at
    );
    engine.stop(&name, GRACE).await.unwrap();
    engine.stop(&name, GRACE).await.unwrap();
    let stopped = engine.inspect(&name).await.unwrap().unwrap();
    assert_eq!(stopped.phase, Phase::Exited);
    assert!(stopped.finished_at > first.started_at);
    let error = engine.stop(&run.name("nosuch"), GRACE).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::NotFound);
}

#[tokio::test]
async fn a_network_is_shared_by_name_kept_while_used_and_removed_twice() {
    let (engine, run) = (require_engine().await, Run::new());
    let name = start(&engine, &run, "sleep 60").await;
    let network = engine
        .ensure_network(&run.name("net"), &run.project)
        .await
        .unwrap();
    let known = engine.networks(&run.project).await.unwrap();
    assert_eq!(known, std::slice::from_ref(&network));
    let (_, address) = shell(&engine, &name, "getent hosts backend").await;
    assert!(
        address.contains("backend"),
        "the service's name resolves: {address}"
    );
    let error = engine.remove_network(&network).await.unwrap_err();
    assert!(error.to_string().contains("active endpoints"), "{error}");
    let stranger = "it-stranger".parse().unwrap();
    let error = engine
        .ensure_network(&run.name("net"), &stranger)
        .await
        .unwrap_err();
    assert_eq!(error.class(), ErrorClass::Conflict);
    engine.remove(&name).await.unwrap();
    engine.remove_network(&network).await.unwrap();
    engine.remove_network(&network).await.unwrap();
}

#[tokio::test]
async fn a_volume_keeps_its_labels_and_is_kept_while_used() {
    let (engine, run) = (require_engine().await, Run::new());
    let labels = BTreeMap::from([
        (LABEL_PROJECT.to_owned(), run.project.to_string()),
        (LABEL_SECRETS.to_owned(), "id-1".to_owned()),
    ]);
    let volume = run.name("secrets");
    let made = engine.create_volume(&volume, &labels).await.unwrap();
    assert_eq!(made, labels);
    let mut theirs = labels.clone();
    theirs.insert(LABEL_SECRETS.to_owned(), "id-2".to_owned());
    let made = engine.create_volume(&volume, &theirs).await.unwrap();
    assert_eq!(made, labels, "whoever came second learns of the first");
    let spec = spec(&run, "sleep 60");
    make(&engine, &run, &spec).await;
    assert_eq!(engine.volume(&volume).await.unwrap(), Some(labels));
    let error = engine.remove_volume(&volume).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Conflict);
    engine.remove(&spec.container).await.unwrap();
    engine.remove_volume(&volume).await.unwrap();
    engine.remove_volume(&volume).await.unwrap();
    assert_eq!(engine.volume(&volume).await.unwrap(), None);
}

/// The label comes first, so that the layers of a failed build are cleaned up, too.
fn recipe(run: &Run, step: &str) -> Recipe {
    let project = &run.project;
    Recipe {
        tag: format!("cchub/{project}:1"),
        base: IMAGE.to_owned(),
        dockerfile: format!(
            "FROM {IMAGE}\nLABEL {LABEL_PROJECT}={project}\nCOPY words.txt /words.txt\nRUN {step}\n"
        ),
        files: BTreeMap::from([("words.txt".to_owned(), b"hello".to_vec())]),
    }
}

#[tokio::test]
async fn an_image_is_built_with_its_steps_told_and_a_failed_step_explains_itself() {
    let (engine, run) = (require_engine().await, Run::new());
    let good = recipe(&run, "test \"$(cat /words.txt)\" = hello");
    let told: Vec<_> = engine
        .build(&good, &run.project)
        .map(Result::unwrap)
        .collect()
        .await;
    assert!(
        told.iter().any(|line| line.starts_with("Step 4/5")),
        "{told:?}"
    );
    assert!(engine.image(&good.tag).await.unwrap().is_some());
    let bad = recipe(&run, "echo the real reason; exit 9");
    let told: Vec<_> = engine.build(&bad, &run.project).collect().await;
    let error = told.last().unwrap().as_ref().unwrap_err();
    assert!(error.to_string().contains("non-zero code: 9"), "{error}");
    assert!(error.to_string().contains("the real reason"), "{error}");
    assert_eq!(error.class(), ErrorClass::Permanent);
}

#[tokio::test]
async fn the_engine_says_what_its_host_has() {
    let engine = require_engine().await;
    let info = engine.info();
    assert!(!info.host.is_unknown());
    assert!(info.host.memory > Bytes::mib(512) && info.host.cpus >= Cpus::millis(1000));
    assert!(!info.version.is_empty() && info.api.starts_with("1."));
    assert!(engine.ping().await.unwrap() < Duration::from_secs(3));
}
