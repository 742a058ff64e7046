//! A project with Compose's labels on the real engine: it appears, is read, limited, restarted, imported and audited, and its
//! containers are the same ones afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::{
    hub_world::reporter,
    sim_world::{Front, service},
    support::{require_engine, sandbox::Sandbox},
};
use cchub::{
    config::HubFile,
    domain::{
        Bytes, LimitsChange, ServiceId,
        ServiceKind::{self, Backend, Postgres, Redis},
        State,
    },
    engine::Engine,
    hub::{
        HubConfig, Request, Timing,
        journal::Journal,
        operation::{World, perform},
        retry::Policy,
    },
};
use std::process::Command;

/// The containers of one Compose project; removed at the end, whatever happened.
struct Made {
    project: String,
}

fn docker(args: &[&str]) -> String {
    let ran = Command::new("docker").args(args).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "docker {args:?}: {said}");
    String::from_utf8_lossy(&ran.stdout).trim().to_owned()
}

impl Made {
    /// A database, a cache, an API that needs both, and a worker with the engine's socket.
    fn new(project: &str) -> Self {
        let made = Self {
            project: project.to_owned(),
        };
        let secret = ["-e", "POSTGRES_PASSWORD=hunter2"];
        made.run("db", "", &secret, &["cchub-test/postgres:15"]);
        made.run("cache", "", &[], &["cchub-test/redis:7"]);
        let api = [
            "cchub-test/backend:py3.11",
            "python3",
            "-u",
            "-m",
            "http.server",
            "8000",
        ];
        let needs = "db:service_started:false,cache:service_started:false";
        made.run("api", needs, &["-p", "127.0.0.1::8000"], &api);
        let worker = ["cchub-test/base:bookworm", "sleep", "infinity"];
        let socket = ["-v", "/var/run/docker.sock:/var/run/docker.sock"];
        made.run("worker", "", &socket, &worker);
        made
    }

    /// One container, as Compose would make it.
    fn run(&self, service: &str, needs: &str, options: &[&str], image: &[&str]) {
        let name = format!("{}-{service}-1", self.project);
        let labels = [
            ("project", self.project.as_str()),
            ("service", service),
            ("container-number", "1"),
            ("oneoff", "False"),
            ("project.working_dir", "/srv/store"),
            ("depends_on", needs),
        ];
        let labels = labels.map(|(key, value)| format!("com.docker.compose.{key}={value}"));
        let mut args = vec!["run", "-d", "--name", name.as_str()];
        labels
            .iter()
            .for_each(|label| args.extend(["--label", label]));
        args.extend(options);
        args.extend(image);
        docker(&args);
    }

    fn ids(&self) -> Vec<String> {
        let filter = format!("label=com.docker.compose.project={}", self.project);
        let ids = docker(&["ps", "-aq", "--no-trunc", "--filter", &filter]);
        let mut ids: Vec<String> = ids.lines().map(str::to_owned).collect();
        ids.sort();
        ids
    }

    fn of(&self, kind: ServiceKind) -> ServiceId {
        ServiceId::new(&self.project.parse().unwrap(), kind)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for id in self.ids() {
            docker(&["rm", "-f", "-v", &id]);
        }
    }
}

async fn run(engine: &Engine, sandbox: &Sandbox, request: Request) -> String {
    let (report, _progress) = reporter(&request);
    let world = World {
        engine: Some(engine.clone()),
        hub_file: HubFile::new(sandbox.hub_file()),
        policy: Policy::CHANGE,
        journal: Journal::none(),
    };
    perform(&world, &request, &report)
        .await
        .unwrap()
        .to_string()
}

#[tokio::test]
async fn it_appears_is_read_limited_and_restarted_with_the_same_containers() {
    let engine = require_engine().await;
    let sandbox = Sandbox::empty();
    let made = Made::new(&sandbox.project);
    let (project, before) = (made.project.as_str(), made.ids());
    let mut front = Front::new(cchub::hub::open(HubConfig {
        hub_file: HubFile::new(sandbox.hub_file()),
        endpoint: engine.endpoint().clone(),
        timing: Timing::default(),
        journal: Journal::none(),
    }));
    let is = |front: &Front, kind, state| front.of(project, kind).is_some_and(|h| h.state == state);
    front
        .until("its parts are known", |front| {
            is(front, Postgres, State::Unchecked)
                && is(front, Redis, State::Unchecked)
                && is(front, Backend, State::Healthy)
        })
        .await;
    let name = project.parse().unwrap();
    assert_eq!(front.others[&name][0].service.as_str(), "worker");
    front.follow(service(project, Backend)).await;
    front
        .until("its log is read", |front| {
            front
                .lines(project, Backend)
                .iter()
                .any(|line| line.contains("GET /"))
        })
        .await;
    let change = LimitsChange {
        memory: Some(Bytes::mib(300)),
        ..LimitsChange::default()
    };
    let request = Request::Limits {
        service: made.of(Backend),
        change,
        seen: None,
        below_use: false,
    };
    let said = run(&engine, &sandbox, request).await;
    assert!(
        said.contains("services: api: { mem_limit: 300m }"),
        "{said}"
    );
    let api = format!("{project}-api-1");
    let changed = engine.inspect(&api).await.unwrap().unwrap();
    assert_eq!(changed.limits().memory, Bytes::mib(300));
    run(&engine, &sandbox, Request::restart(made.of(Backend))).await;
    let restarted = engine.inspect(&api).await.unwrap().unwrap();
    assert!(restarted.started_at > changed.started_at);
    assert_eq!(restarted.limits().memory, Bytes::mib(300));
    run(&engine, &sandbox, Request::stop(made.of(Redis))).await;
    run(&engine, &sandbox, Request::start(made.of(Redis))).await;
    assert_eq!(made.ids(), before);
}

#[tokio::test]
async fn it_is_imported_and_audited_and_nothing_on_it_changes() {
    let _engine = require_engine().await;
    let sandbox = Sandbox::empty();
    let made = Made::new(&sandbox.project);
    let (project, before) = (made.project.as_str(), made.ids());
    std::fs::write(sandbox.hub_file(), "# mine\nversion = 1 # one\n").unwrap();
    let dry = sandbox
        .run(&["project", "import", project, "--dry-run"])
        .expect(0);
    assert!(dry.stdout.contains("service = \"db\""), "{}", dry.stdout);
    let read = || std::fs::read_to_string(sandbox.hub_file()).unwrap();
    assert_eq!(read(), "# mine\nversion = 1 # one\n");
    sandbox.run(&["project", "import", project]).expect(0);
    let text = read();
    assert!(text.starts_with("# mine\nversion = 1 # one\n"), "{text}");
    assert!(text.ends_with(&dry.stdout), "{text}");
    let again = sandbox.run(&["project", "import", project]).expect(2);
    assert!(again.stderr.contains("already"), "{}", again.stderr);
    let found = sandbox.run(&["audit", project, "--json"]).expect(1).json();
    let of = |service: &str| {
        let rows = found.as_array().unwrap().iter();
        rows.filter(|row| row["service"] == service)
            .flat_map(|row| row["findings"].as_array().unwrap())
            .map(|f| (f["what"].as_str().unwrap().to_owned(), f["serious"] == true))
            .collect::<Vec<_>>()
    };
    let worker = of("worker");
    assert!(worker[0].0.contains("socket") && worker[0].1, "{worker:?}");
    let status = sandbox.run(&["status", project]).expect(0).stdout;
    assert!(status.contains("Compose's api"), "{status}");
    sandbox.run(&["logs", project]).expect(0);
    let db: Vec<String> = of("postgres").into_iter().map(|(what, _)| what).collect();
    for what in [
        "secrets in the environment: POSTGRES_PASSWORD",
        "no memory limit",
        "writable root file system",
    ] {
        assert!(db.iter().any(|found| found == what), "{what}: {db:?}");
    }
    assert!(!found.to_string().contains("hunter2"));
    sandbox.run(&["project", "remove", project]).expect(0);
    assert_eq!(read(), "# mine\nversion = 1 # one\n");
    assert_eq!(made.ids(), before);
}
