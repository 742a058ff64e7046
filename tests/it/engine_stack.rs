//! The whole life of a stack on the real engine with the four real services, driven by the program itself.

use crate::support::{
    block_on, exec, exec_text, http_get, raw_create, raw_create_network, raw_delete, raw_get,
    raw_get_text, require_engine, sandbox::Sandbox, wait_until, write_private,
};
use cchub::{
    domain::{Container, ServiceKind},
    stack::hardening::audit,
};
use std::{collections::BTreeMap, net::TcpListener, process::Child, thread::sleep, time::Duration};

use ServiceKind::{Backend, Frontend, Postgres, Redis};

fn inspect(sandbox: &Sandbox, kind: ServiceKind) -> Option<Container> {
    let name = sandbox.container(kind);
    block_on(async { require_engine().await.inspect(&name).await.unwrap() })
}

/// Id and start time of each running service.
fn identities(sandbox: &Sandbox) -> BTreeMap<ServiceKind, (String, String)> {
    ServiceKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let container = inspect(sandbox, kind)?;
            let started = container
                .started_at
                .map(|t| t.to_string())
                .unwrap_or_default();
            Some((kind, (container.id, started)))
        })
        .collect()
}

fn containers_of(sandbox: &Sandbox) -> Vec<String> {
    raw_get(&format!(
        "/containers/json?all=1&filters=%7B%22label%22%3A%5B%22io.cchub.project%3D{}%22%5D%7D",
        sandbox.project
    ))
    .as_array()
    .unwrap()
    .iter()
    .map(|c| c["Names"][0].as_str().unwrap().to_owned())
    .collect()
}

fn leftovers(sandbox: &Sandbox) -> (usize, usize, Vec<String>) {
    let networks = raw_get("/networks");
    let network = format!("cchub-{}", sandbox.project);
    let networks = networks
        .as_array()
        .unwrap()
        .iter()
        .filter(|n| n["Name"] == network.as_str());
    let volumes = raw_get("/volumes");
    let prefix = format!("cchub-{}-", sandbox.project);
    let volumes = volumes["Volumes"].as_array().cloned().unwrap_or_default();
    let volumes = volumes.iter().filter_map(|v| v["Name"].as_str());
    (
        containers_of(sandbox).len(),
        networks.count(),
        volumes
            .filter(|v| v.starts_with(&prefix))
            .map(str::to_owned)
            .collect(),
    )
}

#[test]
fn the_daily_job_works_from_the_command_line() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    sandbox.run(&["start", project]).expect(0);

    let health = sandbox.run(&["health", project, "--json"]).expect(0).json();
    assert_eq!(health["project"], project);
    assert_eq!(health["overall_healthy"], true);
    for kind in ServiceKind::ALL {
        let service = &health["services"][kind.as_str()];
        assert_eq!(service["healthy"], true, "{health}");
        assert_eq!(service["service"], kind.as_str());
        assert!(service["latency_ms"].as_f64().unwrap() > 0.0);
    }
    assert!(health["timestamp"].is_string());

    http_get(sandbox.ports[2], "/log?lines=40&kind=plain");
    let tail = sandbox
        .run(&["logs", project, "backend", "--tail", "5"])
        .expect(0);
    assert_eq!(tail.stdout.lines().count(), 5, "{}", tail.stdout);
    let merged = sandbox
        .run(&["logs", project, "--tail", "30", "--json"])
        .expect(0);
    let times: Vec<_> = merged
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["time"].to_string())
        .collect();
    assert_eq!(times.len(), 30);
    assert!(times.is_sorted(), "{times:?}");
    let grep = |level: &str| {
        let what = [
            "--tail",
            "200",
            "--grep",
            "DATABASE|ready to accept",
            "--level",
            level,
        ];
        let args = [&["logs", project, "postgres", "--json"][..], &what].concat();
        sandbox.run(&args).expect(0).stdout
    };
    let ready = grep("info");
    let ready: Vec<&str> = ready.lines().collect();
    assert!(!ready.is_empty());
    for line in ready {
        assert!(
            line.contains("ready to accept") && line.contains(r#""level":"info""#),
            "{line}"
        );
    }
    assert_eq!(grep("error"), "");

    let before = identities(&sandbox);
    sandbox
        .run(&["limits", project, "backend", "--memory", "300m"])
        .expect(0);
    assert_eq!(memory_limit(&sandbox, Backend), 300 << 20);
    assert_eq!(
        identities(&sandbox),
        before,
        "a limit changes without a restart"
    );
    let hub = std::fs::read_to_string(sandbox.hub_file()).unwrap();
    assert!(hub.contains("300m"), "{hub}");

    sandbox.run(&["restart", project, "redis"]).expect(0);
    let after = identities(&sandbox);
    for kind in [Postgres, Backend, Frontend] {
        assert_eq!(before[&kind], after[&kind], "{kind} is left alone");
    }
    assert_eq!(before[&Redis].0, after[&Redis].0, "the same container");
    assert_ne!(before[&Redis].1, after[&Redis].1, "started again");

    let status = sandbox.run(&["status", project, "--json"]).expect(0).json();
    assert_eq!(status.as_array().unwrap().len(), 4);
    assert_eq!(status[2]["limits"]["memory"], 300 << 20);
    assert!(status[0]["usage"]["memory"].as_u64().unwrap() > 0);

    sandbox.run(&["stop", project]).expect(0);
    let (containers, networks, volumes) = leftovers(&sandbox);
    assert_eq!((containers, networks), (0, 0));
    assert!(
        volumes.contains(&format!("cchub-{project}-postgres-data")),
        "{volumes:?}"
    );
    assert!(
        !volumes.iter().any(|v| v.ends_with("-secrets")),
        "{volumes:?}"
    );
    sandbox.run(&["health", project]).expect(1);

    sandbox
        .run(&["project", "remove", project, "--data"])
        .expect(0);
    assert_eq!(leftovers(&sandbox), (0, 0, Vec::new()));
    sandbox.run(&["status", project]).expect(2);
}

/// The memory limit as the kernel has it, read inside the container (cgroup v1 or v2).
fn memory_limit(sandbox: &Sandbox, kind: ServiceKind) -> u64 {
    let files = "/sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max";
    let text = exec_text(
        &sandbox.container(kind),
        &format!("cat {files} 2>/dev/null"),
    );
    text.trim().parse().unwrap()
}

#[test]
fn a_second_start_changes_nothing_and_data_survives_a_stop() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    sandbox.run(&["start", project]).expect(0);
    let before = identities(&sandbox);
    let again = sandbox.run(&["start", project]).expect(0);
    assert!(again.stderr.contains("running already"), "{}", again.stderr);
    assert_eq!(identities(&sandbox), before);

    let sql = |text: &str| {
        let argv = ["psql", "-U", "commandcenter", "-tAc", text].map(str::to_owned);
        let (code, output) = exec(&sandbox.container(Postgres), &argv);
        assert_eq!(code, 0, "{output}");
        output.trim().to_owned()
    };
    sql("create table kept (n int)");
    sql("insert into kept values (42)");
    sandbox.run(&["stop", project]).expect(0);
    sandbox.run(&["start", project]).expect(0);
    assert_eq!(sql("select n from kept"), "42");
    // The backend logs in with the password from the secrets for every health request.
    assert_eq!(sandbox.get(Backend, "/health").0, 200);
}

#[test]
fn p71_containers_are_hardened_as_the_kernel_sees_them() {
    let sandbox = Sandbox::new();
    sandbox.run(&["start", &sandbox.project]).expect(0);
    for (kind, uid) in [
        (Postgres, "999"),
        (Redis, "999"),
        (Backend, "1000"),
        (Frontend, "1000"),
    ] {
        let name = sandbox.container(kind);
        assert_eq!(exec_text(&name, "id -u").trim(), uid, "{kind}");
        let status = exec_text(&name, "cat /proc/1/status");
        let field = |key: &str| {
            let line = status.lines().find(|line| line.starts_with(key));
            line.unwrap_or_default()
                .split_whitespace()
                .last()
                .unwrap_or_default()
                .to_owned()
        };
        assert_eq!(field("CapEff"), "0000000000000000", "{kind}");
        assert_eq!(field("NoNewPrivs"), "1", "{kind}");
        assert_eq!(field("Seccomp:"), "2", "{kind}");
        let touch = exec(
            &name,
            &["sh", "-c", "touch /etc/written"].map(str::to_owned),
        );
        assert_ne!(touch.0, 0, "{kind} has a read-only root");
        let container = inspect(&sandbox, kind).unwrap();
        assert_eq!(audit(&container), [], "{kind}");
        assert_eq!(memory_limit(&sandbox, kind), container.settings.memory.0);
    }
    // Nothing was written into the project's folder on the host, and the frontend can write beside its sources.
    let write = [
        "sh",
        "-c",
        "echo x > /workspace/frontend/written && cat /workspace/frontend/written",
    ];
    let (code, output) = exec(&sandbox.container(Frontend), &write.map(str::to_owned));
    assert_eq!((code, output.trim()), (0, "x"));
    assert!(!sandbox.workspace().join("frontend/written").exists());
    let (code, _) = exec(
        &sandbox.container(Backend),
        &["touch", "/workspace/x"].map(str::to_owned),
    );
    assert_ne!(code, 0, "the backend sees the folder read-only");
}

#[test]
fn p70_secrets_are_nowhere_to_be_read() {
    let sandbox = Sandbox::new();
    sandbox.run(&["start", &sandbox.project]).expect(0);
    let password = exec_text(
        &sandbox.container(Postgres),
        "cat /run/secrets/postgres_password",
    );
    let key = exec_text(&sandbox.container(Backend), "cat /run/secrets/secret_key");
    let url = exec_text(&sandbox.container(Backend), "cat /run/secrets/database_url");
    let (password, key) = (password.trim(), key.trim());
    assert!(password.len() >= 32 && key.len() >= 32 && url.contains(password));
    let clean = |what: &str, text: &str| {
        assert!(
            !text.contains(password) && !text.contains(key),
            "a secret is in {what}"
        );
    };
    for kind in ServiceKind::ALL {
        let name = sandbox.container(kind);
        clean(
            "inspect",
            &raw_get_text(&format!("/containers/{name}/json")),
        );
        clean(
            "logs",
            &raw_get_text(&format!("/containers/{name}/logs?stdout=1&stderr=1")),
        );
        clean(
            "top",
            &raw_get_text(&format!("/containers/{name}/top?ps_args=aux")),
        );
    }
    clean("containers", &raw_get_text("/containers/json?all=1"));
    clean("volumes", &raw_get_text("/volumes"));
    clean("networks", &raw_get_text("/networks"));
    let now = cchub::domain::Timestamp::now().as_second();
    clean(
        "events",
        &raw_get_text(&format!("/events?since={}&until={now}", now - 600)),
    );
    let project = sandbox.project.as_str();
    for args in [
        vec!["logs", project],
        vec!["status", project, "--json"],
        vec!["project", "show", project, "--json"],
        vec!["doctor", "--json"],
    ] {
        let ran = sandbox.run(&args);
        clean("stdout", &ran.stdout);
        clean("stderr", &ran.stderr);
    }
    clean(
        "the hub file",
        &std::fs::read_to_string(sandbox.hub_file()).unwrap(),
    );
    let owner = exec_text(
        &sandbox.container(Backend),
        "stat -c '%u %a' /run/secrets/secret_key",
    );
    assert_eq!(owner.trim(), "1000 400");
    let (code, _) = exec(
        &sandbox.container(Backend),
        &["sh", "-c", "echo x > /run/secrets/secret_key"].map(str::to_owned),
    );
    assert_ne!(code, 0, "the secrets cannot be written");
}

#[test]
fn preflight_names_the_folder_and_who_holds_a_port() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    let listener = TcpListener::bind(("127.0.0.1", sandbox.ports[0])).unwrap();
    let ran = sandbox.run(&["start", project]).expect(1);
    assert!(
        ran.stderr.contains(&format!("port {}", sandbox.ports[0])),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("postgres"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains(&format!("pid {}", std::process::id())),
        "{}",
        ran.stderr
    );
    assert_eq!(
        containers_of(&sandbox),
        Vec::<String>::new(),
        "nothing was made"
    );
    drop(listener);

    sandbox.run(&["start", project]).expect(0);
    let rival = Sandbox::new();
    let text = std::fs::read_to_string(rival.hub_file()).unwrap();
    let text = text.replace(&rival.ports[1].to_string(), &sandbox.ports[1].to_string());
    std::fs::write(rival.hub_file(), text).unwrap();
    let ran = rival.run(&["start", &rival.project]).expect(1);
    let holder = sandbox.container(Redis);
    assert!(
        ran.stderr.contains(&holder),
        "names the container: {}",
        ran.stderr
    );

    std::fs::remove_dir_all(rival.workspace()).unwrap();
    let ran = rival.run(&["start", &rival.project]).expect(2);
    assert!(ran.stderr.contains("project"), "{}", ran.stderr);
}

#[test]
fn a_missing_image_says_which_and_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.set(Redis, "image", "\"cchub-test/does-not-exist:1\"");
    let ran = sandbox.run(&["start", &sandbox.project]).expect(1);
    assert!(
        ran.stderr.contains("cchub-test/does-not-exist:1"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("redis"), "{}", ran.stderr);
}

#[test]
fn p17_a_service_that_exits_fails_the_start_at_once_with_code_and_last_lines() {
    let sandbox = Sandbox::new();
    let command = r#"["sh", "-c", "echo about to fail >&2; exit 7"]"#;
    sandbox.set(Backend, "command", command);
    let began = std::time::Instant::now();
    let ran = sandbox.run(&["start", &sandbox.project]).expect(1);
    assert!(ran.stderr.contains("exit code 7"), "{}", ran.stderr);
    assert!(ran.stderr.contains("about to fail"), "{}", ran.stderr);
    assert!(
        began.elapsed() < Duration::from_secs(45),
        "not after the 60 s timeout"
    );
    assert!(inspect(&sandbox, Postgres).is_some(), "what is up stays up");
    assert!(
        inspect(&sandbox, Frontend).is_none(),
        "the next wave did not begin"
    );

    // A stop cleans it up, and the next start works once the cause is gone.
    let before = identities(&sandbox);
    let text = std::fs::read_to_string(sandbox.hub_file()).unwrap();
    let text: Vec<_> = text
        .lines()
        .filter(|line| !line.contains("about to fail"))
        .collect();
    std::fs::write(sandbox.hub_file(), text.join("\n")).unwrap();
    sandbox.run(&["stop", &sandbox.project]).expect(0);
    sandbox.run(&["start", &sandbox.project]).expect(0);
    assert_ne!(identities(&sandbox), before);
}

#[test]
fn an_unhealthy_backend_fails_after_its_timeout_and_says_what_the_check_said() {
    let sandbox = Sandbox::new();
    sandbox.set(Backend, "start_timeout", "\"4s\"");
    let app = sandbox.workspace().join("app/main.py");
    std::fs::write(
        app,
        "from fastapi import FastAPI\nfrom fastapi.responses import JSONResponse\napp = FastAPI()\n\
         @app.get('/health')\ndef health():\n    return JSONResponse({'status': 'healthy'}, 503)\n",
    )
    .unwrap();
    let ran = sandbox.run(&["start", &sandbox.project]).expect(1);
    assert!(
        ran.stderr.contains("not healthy after 4s"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("503"), "{}", ran.stderr);
    let health = sandbox
        .run(&["health", &sandbox.project, "--json"])
        .expect(1)
        .json();
    assert_eq!(health["overall_healthy"], false);
    assert_eq!(health["services"]["postgres"]["healthy"], true);
    assert_eq!(health["services"]["backend"]["healthy"], false);
}

#[test]
fn p14_two_programs_that_start_one_project_make_four_containers() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    let both = [(); 2].map(|()| sandbox.spawn(&["start", project]));
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(containers_of(&sandbox).len(), 4);
    assert_eq!(leftovers(&sandbox).1, 1, "one network");
}

#[test]
fn p18_a_start_that_was_killed_is_completed_by_the_next_one() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    // Ten moments from before the first request to after the last service was made.
    for moment in 0..10_u64 {
        let mut child = sandbox.spawn(&["start", project]);
        sleep(Duration::from_millis(40 + moment * 450));
        kill(&mut child);
        let ran = sandbox.run(&["start", project]);
        assert_eq!(ran.code, 0, "killed at moment {moment}: {}", ran.stderr);
        assert_eq!(containers_of(&sandbox).len(), 4, "moment {moment}");
        sandbox.run(&["stop", project]).expect(0);
        assert_eq!(leftovers(&sandbox).0, 0);
    }
}

fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_changed_spec_shows_as_drift_and_a_restart_makes_the_container_anew() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    sandbox.run(&["start", project]).expect(0);
    let before = identities(&sandbox);
    sandbox.set(Redis, "env", "{ COLOUR = \"red\" }");
    let status = sandbox.run(&["status", project, "--json"]).expect(0).json();
    assert_eq!(status[1]["drift"], true);
    assert_eq!(status[0]["drift"], false);
    sandbox.run(&["start", project]).expect(0);
    assert_eq!(
        identities(&sandbox),
        before,
        "a start leaves what runs alone"
    );
    sandbox.run(&["restart", project, "redis"]).expect(0);
    let after = identities(&sandbox);
    assert_ne!(before[&Redis].0, after[&Redis].0, "made anew");
    assert_eq!(before[&Postgres], after[&Postgres]);
    assert_eq!(containers_of(&sandbox).len(), 4, "the old one is gone");
    assert_eq!(
        exec_text(&sandbox.container(Redis), "echo $COLOUR").trim(),
        "red"
    );

    // A new spec that does not come up brings the old container back.
    sandbox.set(Redis, "command", r#"["sh", "-c", "exit 3"]"#);
    let ran = sandbox.run(&["restart", project, "redis"]).expect(1);
    assert!(
        ran.stderr.contains("the old container runs again"),
        "{}",
        ran.stderr
    );
    assert_eq!(identities(&sandbox)[&Redis].0, after[&Redis].0);
    wait_until(10, || {
        exec_text(&sandbox.container(Redis), "redis-cli ping").contains("PONG")
    });
}

#[test]
fn restart_of_a_project_keeps_the_containers_and_their_order() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    sandbox.run(&["start", project]).expect(0);
    let before = identities(&sandbox);
    sandbox.run(&["restart", project]).expect(0);
    let after = identities(&sandbox);
    for kind in ServiceKind::ALL {
        assert_eq!(
            before[&kind].0, after[&kind].0,
            "{kind} keeps its container"
        );
        assert!(before[&kind].1 < after[&kind].1, "{kind} was started again");
    }
    assert!(after[&Postgres].1 < after[&Backend].1 && after[&Redis].1 < after[&Backend].1);
    assert!(after[&Backend].1 < after[&Frontend].1);
}

#[test]
fn p16_a_foreign_container_of_the_same_name_is_refused_and_left_alone() {
    let sandbox = Sandbox::new();
    let name = sandbox.container(Redis);
    let id = raw_create(&name, "cchub-test/redis:7");
    let ran = sandbox.run(&["start", &sandbox.project]).expect(1);
    assert!(
        ran.stderr.contains(&name) && ran.stderr.contains("left alone"),
        "{}",
        ran.stderr
    );
    let container = raw_get(&format!("/containers/{id}/json"));
    assert_eq!(container["State"]["Status"], "created");
    raw_delete(&format!("/containers/{id}?force=1&v=1"));
}

#[test]
fn data_made_with_other_secrets_is_never_given_a_new_password() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    sandbox.run(&["start", project]).expect(0);
    sandbox.run(&["stop", project]).expect(0);
    let secrets = sandbox
        .folder()
        .join("secrets")
        .join(format!("{project}.toml"));
    let kept = std::fs::read(&secrets).unwrap();
    std::fs::remove_file(&secrets).unwrap();
    let ran = sandbox.run(&["start", project]).expect(1);
    assert!(ran.stderr.contains("another password"), "{}", ran.stderr);
    assert!(!secrets.exists(), "nothing was regenerated");
    write_private(&secrets, &kept);
    sandbox.run(&["start", project]).expect(0);
}

#[test]
fn limits_that_the_engine_refuses_change_nothing_anywhere() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    sandbox.run(&["start", project]).expect(0);
    let hub = std::fs::read_to_string(sandbox.hub_file()).unwrap();
    let before = inspect(&sandbox, Backend).unwrap().limits();
    let ran = sandbox
        .run(&["limits", project, "backend", "--memory", "8m"])
        .expect(2);
    assert!(
        ran.stderr.contains("uses") && ran.stderr.contains("--below-use"),
        "{}",
        ran.stderr
    );
    let ran = sandbox
        .run(&["limits", project, "backend", "--cpus", "64"])
        .expect(2);
    assert!(ran.stderr.contains("allowed is 0.01 to"), "{}", ran.stderr);
    assert_eq!(inspect(&sandbox, Backend).unwrap().limits(), before);
    assert_eq!(std::fs::read_to_string(sandbox.hub_file()).unwrap(), hub);

    sandbox
        .run(&[
            "limits", project, "backend", "--cpus", "0.5", "--pids", "100",
        ])
        .expect(0);
    let after = inspect(&sandbox, Backend).unwrap();
    assert_eq!(after.limits().cpus.to_string(), "0.50");
    assert_eq!(after.limits().pids, 100);
    assert_eq!(
        after.settings.memory_swap,
        i64::try_from(after.settings.memory.0).unwrap()
    );
    // They hold through a stop and a start.
    sandbox.run(&["stop", project]).expect(0);
    sandbox.run(&["start", project]).expect(0);
    assert_eq!(inspect(&sandbox, Backend).unwrap().limits(), after.limits());
}

#[test]
fn backend_and_frontend_are_built_on_a_base_image_and_cached() {
    let sandbox = Sandbox::empty();
    let (project, path) = (sandbox.project.as_str(), sandbox.workspace());
    let add = ["project", "add", project, "--path", path.to_str().unwrap()];
    let images = [
        "--image",
        "postgres=cchub-test/postgres:15-uid70",
        "--image",
        "redis=cchub-test/redis:7",
    ];
    sandbox.run(&[&add[..], &images[..]].concat()).expect(0);
    sandbox.pin_ports();
    sandbox.set(Backend, "base", "\"cchub-test/backend:py3.11\"");
    sandbox.set(Frontend, "base", "\"cchub-test/frontend:node\"");
    sandbox.set(Frontend, "command", r#"["node", "/srv/serve.mjs"]"#);
    let first = sandbox.run(&["start", project]).expect(0);
    assert!(
        first.stderr.contains("building"),
        "progress is shown: {}",
        first.stderr
    );
    assert_eq!(sandbox.get(Frontend, "/api/health").0, 200);
    assert_eq!(
        exec_text(&sandbox.container(Backend), "id -u").trim(),
        "1000"
    );
    sandbox.run(&["stop", project]).expect(0);
    let second = sandbox.run(&["start", project]).expect(0);
    assert!(
        !second.stderr.contains("building"),
        "built once: {}",
        second.stderr
    );

    // A step that fails says so in the builder's own words.
    std::fs::write(
        sandbox.workspace().join("requirements.txt"),
        "no-such-package==0\n",
    )
    .unwrap();
    sandbox.run(&["stop", project]).expect(0);
    let failed = sandbox.run(&["start", project]).expect(1);
    assert!(
        failed.stderr.contains("cannot be built"),
        "{}",
        failed.stderr
    );
    assert!(failed.stderr.contains("pip"), "{}", failed.stderr);
}

#[test]
fn logs_follow_the_service_through_a_restart_without_loss_or_repetition() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    sandbox.run(&["start", project]).expect(0);
    let mut follower = sandbox.spawn(&["logs", project, "backend", "--follow", "--tail", "1"]);
    sleep(Duration::from_millis(700));
    http_get(sandbox.ports[2], "/log?lines=20&kind=plain&stream=stdout");
    sandbox.run(&["restart", project, "backend"]).expect(0);
    http_get(sandbox.ports[2], "/log?lines=30&kind=plain&stream=stdout");
    sleep(Duration::from_secs(3));
    kill(&mut follower);
    let output = follower.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    for of in [20, 30] {
        for n in 1..=of {
            let line = format!("line {n} of {of}");
            let count = text
                .lines()
                .filter(|l| l.contains(&line))
                .filter(|l| !l.contains(&format!("{line}0")))
                .count();
            assert_eq!(count, 1, "{line}: {text}");
        }
    }
    let notices = String::from_utf8_lossy(&output.stderr);
    assert!(notices.contains("restarted"), "{notices}");
}

#[test]
fn a_cancelled_start_can_be_completed_or_stopped() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    let child = sandbox.spawn(&["start", project]);
    sleep(Duration::from_millis(1500));
    let pid = child.id().to_string();
    std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(130),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    sandbox.run(&["start", project]).expect(0);
    sandbox.run(&["stop", project]).expect(0);
    assert_eq!(leftovers(&sandbox).0, 0);
}

#[test]
fn p72_projects_cannot_reach_each_other_and_publish_on_loopback_only() {
    let (one, two) = (Sandbox::new(), Sandbox::new());
    one.run(&["start", &one.project]).expect(0);
    two.run(&["start", &two.project]).expect(0);
    let other = raw_get(&format!("/containers/{}/json", two.container(Redis)));
    let networks = other["NetworkSettings"]["Networks"]
        .as_object()
        .unwrap()
        .clone();
    let ip = networks.values().next().unwrap()["IPAddress"]
        .as_str()
        .unwrap()
        .to_owned();
    let ping = |host: &str| {
        let argv = ["redis-cli", "-h", host, "ping"].map(str::to_owned);
        exec(
            &one.container(Redis),
            &["timeout".to_owned(), "4".to_owned()]
                .iter()
                .chain(&argv)
                .cloned()
                .collect::<Vec<_>>(),
        )
        .1
    };
    assert!(!ping(&ip).contains("PONG"), "by address");
    assert!(!ping(&two.container(Redis)).contains("PONG"), "by name");
    assert!(ping("redis").contains("PONG"), "its own");
    for kind in ServiceKind::ALL {
        let container = inspect(&one, kind).unwrap();
        assert!(
            container
                .settings
                .ports
                .iter()
                .all(|p| p.address == "127.0.0.1"),
            "{kind}"
        );
    }
}

#[test]
fn a_network_that_a_killed_start_made_twice_is_made_one_again() {
    let sandbox = Sandbox::new();
    let name = format!("cchub-{}", sandbox.project);
    raw_create_network(&name, &sandbox.project);
    raw_create_network(&name, &sandbox.project);
    sandbox.run(&["start", &sandbox.project]).expect(0);
    assert_eq!(leftovers(&sandbox).1, 1);

    // And one that appears after the containers were made, before they start again.
    let ids: Vec<_> = identities(&sandbox)
        .into_values()
        .map(|(id, _)| id)
        .collect();
    for id in &ids {
        block_on(async {
            let engine = require_engine().await;
            engine.stop(id, Duration::from_secs(5)).await.unwrap();
        });
    }
    raw_create_network(&name, &sandbox.project);
    sandbox.run(&["start", &sandbox.project]).expect(0);
    assert_eq!(leftovers(&sandbox).1, 1);
}
