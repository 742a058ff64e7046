//! Projects that Compose made, on the simulated engine: found, looked at, and left as they are.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::{
    hub_world::named,
    sim_world::{Front, SimWorld},
};
use ServiceKind::{Backend, Frontend, Postgres, Redis};
use cchub::{
    domain::{Bytes, Cpus, LimitsChange, ServiceId, ServiceKind, State},
    hub::{Again, FailureKind, Request},
    sim::{Phase, Settings},
};
use serde_json::{Value, json};

/// A service as a compose file would have it.
pub struct Service {
    pub name: &'static str,
    pub image: &'static str,
    /// Inside and on the host; 0 is not published.
    pub port: (u16, u16),
    /// It has a health check of its own.
    pub check: bool,
    pub needs: &'static str,
}

pub const fn service(name: &'static str, image: &'static str) -> Service {
    Service {
        name,
        image,
        port: (0, 0),
        check: false,
        needs: "",
    }
}

impl Service {
    pub const fn at(self, inside: u16, outside: u16) -> Self {
        Self {
            port: (inside, outside),
            ..self
        }
    }

    pub const fn checked(self) -> Self {
        Self {
            check: true,
            ..self
        }
    }

    pub const fn needing(self, needs: &'static str) -> Self {
        Self { needs, ..self }
    }

    /// The create request that Compose would send.
    pub fn body(&self, project: &str, address: &str) -> Value {
        let (inside, outside) = self.port;
        let inside = format!("{inside}/tcp");
        let mut body = json!({"Image": self.image, "Env": ["POSTGRES_PASSWORD=hunter2", "TZ=UTC"],
            "ExposedPorts": {}, "HostConfig": {"PortBindings": {}, "NetworkMode": format!("{project}_default")},
            "Labels": {"com.docker.compose.project": project, "com.docker.compose.service": self.name,
                "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "False",
                "com.docker.compose.project.working_dir": format!("/srv/{project}"),
                "com.docker.compose.depends_on": self.needs}});
        if self.port.0 > 0 {
            body["ExposedPorts"][&inside] = json!({});
        }
        if outside > 0 {
            body["HostConfig"]["PortBindings"][&inside] =
                json!([{"HostIp": address, "HostPort": outside.to_string()}]);
        }
        if self.check {
            body["Healthcheck"] = json!({"Test": ["CMD", "true"]});
        }
        body
    }
}

/// Makes and starts containers as `docker compose up` would.
pub fn up(world: &SimWorld, project: &str, address: &str, services: &[Service]) {
    let mut machine = world.sim.machine();
    for service in services {
        let name = format!("{project}-{}-1", service.name);
        machine.put(&name, service.body(project, address));
        machine.begin(&name);
    }
}

/// The usual four and one more, nothing published.
pub fn shop() -> [Service; 5] {
    [
        service("db", "postgres:15").checked(),
        service("cache", "redis:7"),
        service("api", "shop-api")
            .checked()
            .needing("db:service_healthy:false"),
        service("web", "shop-web").at(3000, 0),
        service("worker", "shop-api"),
    ]
}

fn is(front: &Front, project: &str, kind: ServiceKind, state: State) -> bool {
    front
        .of(project, kind)
        .is_some_and(|health| health.state == state)
}

/// Requests that change something.
fn changes(world: &SimWorld) -> usize {
    ["POST ", "PUT ", "DELETE "]
        .map(|method| world.count(method))
        .iter()
        .sum()
}

mod looking {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn projects_of_compose_appear_with_their_services_and_the_rest_below() {
        let world = SimWorld::with(Settings::default(), &[]);
        up(&world, "shop", "127.0.0.1", &shop());
        let mut front = world.open();
        front
            .until("all are known", |front| {
                is(front, "shop", Postgres, State::Healthy)
                    && is(front, "shop", Backend, State::Healthy)
                    && is(front, "shop", Redis, State::Unchecked)
                    && is(front, "shop", Frontend, State::Unchecked)
                    && front.others.len() == 1
            })
            .await;
        let project = &front.adopted[0];
        assert_eq!(
            (project.name.as_str(), project.folder().as_str()),
            ("shop", "/srv/shop")
        );
        let others = &front.others[&named("shop")];
        assert_eq!((others.len(), others[0].service.as_str()), (1, "worker"));
        assert_eq!(others[0].health.state, State::Unchecked);
        front.read_for(std::time::Duration::from_secs(120)).await;
        assert_eq!(changes(&world), 0, "nothing is changed by looking");
    }

    #[tokio::test(start_paused = true)]
    async fn what_happens_to_them_is_seen_at_once() {
        let world = SimWorld::with(Settings::default(), &[]);
        up(&world, "shop", "127.0.0.1", &shop());
        let mut front = world.open();
        front
            .until("it is up", |front| {
                is(front, "shop", Postgres, State::Healthy)
            })
            .await;
        world.sim.machine().end("shop-db-1", 1);
        let took = front
            .until("the end is seen", |front| {
                is(front, "shop", Postgres, State::Stopped)
            })
            .await;
        assert!(took.as_secs() < 2, "{took:?}");
        assert_eq!(front.of("shop", Postgres).unwrap().exit_code, Some(1));
        world.sim.machine().end("shop-worker-1", 3);
        front
            .until("the other one, too", |front| {
                front.others[&named("shop")][0].health.exit_code == Some(3)
            })
            .await;
        // A new one of the same service under the same name.
        world.sim.machine().remove("shop-db-1");
        up(
            &world,
            "shop",
            "127.0.0.1",
            &[shop().into_iter().next().unwrap()],
        );
        front
            .until("it is up again", |front| {
                is(front, "shop", Postgres, State::Healthy)
            })
            .await;
        // Down: nothing is left of it.
        let names: Vec<String> = world.sim.machine().containers.keys().cloned().collect();
        for name in names {
            world.sim.machine().remove(&name);
        }
        front
            .until("it is gone", |front| front.adopted.is_empty())
            .await;
        assert_eq!(changes(&world), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_hub_file_can_switch_it_off() {
        let world = SimWorld::with(Settings::default(), &[]);
        up(&world, "shop", "127.0.0.1", &shop());
        let file = world.hub_file();
        let off = "version = 1\n[hub]\nadopt = false\n";
        std::fs::write(file.path(), off).unwrap();
        let mut front = world.open();
        front.read_for(std::time::Duration::from_secs(60)).await;
        assert!(front.is_live() && front.adopted.is_empty() && front.health.is_empty());
        assert_eq!(world.count("GET /containers/shop-db-1/json"), 0);
        std::fs::write(file.path(), off.replace("false", "true")).unwrap();
        front
            .until("it is there", |front| front.adopted.len() == 1)
            .await;
        std::fs::write(file.path(), off).unwrap();
        front
            .until("it is gone", |front| front.adopted.is_empty())
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_engine_that_comes_back_makes_all_known_again() {
        let mut world = SimWorld::with(Settings::default(), &[]);
        up(&world, "shop", "127.0.0.1", &shop());
        let mut front = world.open();
        front
            .until("it is up", |front| {
                is(front, "shop", Postgres, State::Healthy)
            })
            .await;
        world.sim.server.stop();
        front
            .until("nothing is known", |front| {
                is(front, "shop", Postgres, State::Unknown)
                    && front.others[&named("shop")][0].health.state == State::Unknown
            })
            .await;
        world
            .sim
            .machine()
            .containers
            .get_mut("shop-cache-1")
            .unwrap()
            .phase = Phase::Exited;
        world.sim.server.resume().unwrap();
        front
            .until("all is known", |front| {
                is(front, "shop", Postgres, State::Healthy)
                    && is(front, "shop", Redis, State::Stopped)
                    && front.others[&named("shop")][0].health.state == State::Unchecked
            })
            .await;
    }
}

mod wire {
    use super::*;

    #[tokio::test]
    async fn what_is_published_is_asked_in_its_own_protocol() {
        let settings = Settings {
            lively: true,
            ..Settings::default()
        };
        let world = SimWorld::with(settings, &[]);
        let address = format!("127.99.{}.1", std::process::id() % 250);
        let services = [
            service("db", "postgres:15").at(5432, 15432),
            service("cache", "redis:7").at(6379, 16379),
            service("api", "shop-api").at(8000, 18000),
            service("web", "shop-web").at(3000, 13000),
        ];
        up(&world, "shop", &address, &services);
        let mut front = world.open();
        front
            .until("all answer", |front| {
                ServiceKind::ALL
                    .iter()
                    .all(|kind| is(front, "shop", *kind, State::Healthy))
            })
            .await;
        let said = front.of("shop", Backend).unwrap().message.clone();
        assert_eq!(said.as_str(), "HTTP 200 at /health");
        assert!(front.of("shop", Redis).unwrap().latency.is_some());
        assert_eq!(changes(&world), 0);
    }
}

mod acting {
    use super::*;
    use cchub::domain::Target;
    use std::collections::BTreeMap;

    fn ids(world: &SimWorld) -> BTreeMap<String, String> {
        let machine = world.sim.machine();
        let all = machine.containers.iter();
        all.map(|(name, c)| (c.id.clone(), name.clone())).collect()
    }

    /// Which services were asked for this, in order.
    fn order(world: &SimWorld, what: &str) -> Vec<String> {
        let ids = ids(world);
        let asked = world
            .sim
            .server
            .asked(&format!("POST /containers/*/{what}"));
        let name = |line: &str| {
            let id = line.split('/').nth(2).unwrap().to_owned();
            let name = ids.get(&id).unwrap_or(&id);
            name.trim_start_matches("shop-")
                .trim_end_matches("-1")
                .to_owned()
        };
        asked.iter().map(|asked| name(asked.target())).collect()
    }

    /// Nothing was made, renamed or removed.
    fn made_or_removed(world: &SimWorld) -> usize {
        let patterns = [
            "DELETE ",
            "POST /containers/create",
            "POST /containers/*/rename",
        ];
        patterns.map(|pattern| world.count(pattern)).iter().sum()
    }

    fn of(kind: ServiceKind) -> Target {
        ServiceId::new(&named("shop"), kind).into()
    }

    fn there() -> SimWorld {
        let world = SimWorld::with(Settings::default(), &[]);
        up(&world, "shop", "127.0.0.1", &shop());
        world
    }

    #[tokio::test(start_paused = true)]
    async fn a_project_stops_in_reverse_and_starts_in_order_with_the_same_containers() {
        let world = there();
        let before = ids(&world);
        let said = world.run(Request::stop(named("shop"))).await.unwrap();
        assert_eq!(said.as_str(), "shop is stopped; its containers are kept");
        let stops = order(&world, "stop");
        assert_eq!(stops[..3], ["worker", "web", "api"], "{stops:?}");
        assert_eq!(stops.len(), 5);
        let said = world.run(Request::start(named("shop"))).await.unwrap();
        assert_eq!(said.as_str(), "shop runs again; nothing was made anew");
        let starts = order(&world, "start");
        assert_eq!(starts[2..], ["api", "web", "worker"], "{starts:?}");
        world.run(Request::restart(named("shop"))).await.unwrap();
        assert_eq!(order(&world, "stop").len(), 10);
        assert_eq!(order(&world, "start").len(), 10);
        assert_eq!((ids(&world), made_or_removed(&world)), (before, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn one_service_is_restarted_in_place_and_alone_unless_its_dependants_are_meant() {
        let world = there();
        let before = ids(&world);
        world.run(Request::restart(of(Postgres))).await.unwrap();
        assert_eq!(order(&world, "restart"), ["db"]);
        let request = Request::Restart {
            target: of(Postgres),
            how: Again::WithDependants,
            grace: None,
        };
        world.run(request).await.unwrap();
        // Its label says that only the api needs it; the frontend's says nothing.
        let restarts = order(&world, "restart");
        assert_eq!(restarts[..3], ["db", "db", "api"], "{restarts:?}");
        world.run(Request::stop(of(Redis))).await.unwrap();
        assert_eq!(order(&world, "stop"), ["cache"]);
        world.run(Request::start(of(Redis))).await.unwrap();
        assert_eq!((ids(&world), made_or_removed(&world)), (before, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn what_would_make_or_remove_something_is_refused_with_what_to_do() {
        let world = there();
        let anew = Request::Restart {
            target: of(Postgres),
            how: Again::Anew,
            grace: None,
        };
        let remove = |data| Request::Remove {
            project: named("shop"),
            data,
        };
        for request in [anew, remove(false), remove(true)] {
            let failure = world.run(request).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Input);
            let hint = failure.hint.unwrap();
            assert!(
                hint.contains("docker compose") && hint.contains("/srv/shop"),
                "{hint}"
            );
        }
        world.sim.machine().remove("shop-web-1");
        let failure = world.run(Request::restart(of(Frontend))).await.unwrap_err();
        assert!(
            failure.message.contains("none of its containers"),
            "{failure}"
        );
        let failure = world.run(Request::stop(named("shops"))).await.unwrap_err();
        assert!(failure.message.contains("no project 'shops'"), "{failure}");
        assert_eq!(changes(&world), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_is_changed_live_alone_and_the_way_to_keep_it_is_said() {
        let world = there();
        let before = ids(&world);
        let limits = |change| Request::Limits {
            service: ServiceId::new(&named("shop"), Backend),
            change,
            seen: None,
            below_use: true,
        };
        let change = LimitsChange {
            memory: Some(Bytes::mib(512)),
            ..LimitsChange::default()
        };
        let said = world.run(limits(change)).await.unwrap();
        assert!(
            said.contains("under services: api: { mem_limit: 512m }"),
            "{said}"
        );
        let change = LimitsChange {
            cpus: Some(Cpus::millis(500)),
            pids: Some(200),
            ..LimitsChange::default()
        };
        let said = world.run(limits(change)).await.unwrap();
        assert!(
            said.contains("api: { cpus: 0.5, pids_limit: 200 }"),
            "{said}"
        );
        let asked = world.sim.server.asked("POST /containers/*/update");
        let last = String::from_utf8(asked.last().unwrap().body.clone()).unwrap();
        assert!(
            !last.contains("Memory"),
            "what nobody asked for is not sent: {last}"
        );
        let request = Request::ReapplyLimits {
            service: ServiceId::new(&named("shop"), Backend),
            below_use: true,
        };
        let failure = world.run(request).await.unwrap_err();
        assert!(failure.hint.unwrap().contains("project import shop"));
        assert_eq!((ids(&world), made_or_removed(&world)), (before, 0));
    }
}

mod importing {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_import_writes_an_entry_keeps_comments_and_changes_no_container() {
        let world = SimWorld::with(Settings::default(), &[]);
        up(&world, "shop", "127.0.0.1", &shop());
        let path = world.hub_file().path().to_owned();
        std::fs::write(&path, "# mine\nversion = 1 # one\n").unwrap();
        world.run(Request::Import(named("shop"))).await.unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# mine\nversion = 1 # one\n"), "{text}");
        for line in [
            "compose = \"shop\"",
            "path = \"/srv/shop\"",
            "[projects.shop.services.postgres]\nservice = \"db\"\nimage = \"postgres:15\"",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(!text.contains("worker"), "{text}");
        let failure = world.run(Request::Import(named("shop"))).await.unwrap_err();
        assert!(failure.message.contains("already"), "{failure}");
        assert_eq!(changes(&world), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_imported_stays_in_the_list_while_it_is_down_and_can_be_forgotten() {
        let world = SimWorld::with(Settings::default(), &[]);
        up(&world, "shop", "127.0.0.1", &shop());
        world.run(Request::Import(named("shop"))).await.unwrap();
        let names: Vec<String> = world.sim.machine().containers.keys().cloned().collect();
        for name in names {
            world.sim.machine().remove(&name);
        }
        let mut front = world.open();
        front
            .until("it is known and down", |front| {
                front.adopted.len() == 1 && is(front, "shop", Postgres, State::Missing)
            })
            .await;
        assert!(front.adopted[0].compose().unwrap().imported);
        let failure = world.run(Request::start(named("shop"))).await.unwrap_err();
        assert!(failure.hint.unwrap().contains("docker compose up"));
        let request = Request::Remove {
            project: named("shop"),
            data: false,
        };
        world.run(request).await.unwrap();
        assert!(world.hub_file().load().unwrap().imported.is_empty());
        front
            .until("it is gone", |front| front.adopted.is_empty())
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn limits_of_what_was_imported_are_kept_in_the_hub_file() {
        let world = SimWorld::with(Settings::default(), &[]);
        up(&world, "shop", "127.0.0.1", &shop());
        world.run(Request::Import(named("shop"))).await.unwrap();
        let service = ServiceId::new(&named("shop"), Backend);
        let change = LimitsChange {
            memory: Some(Bytes::mib(512)),
            ..LimitsChange::default()
        };
        let request = Request::Limits {
            service: service.clone(),
            change,
            seen: None,
            below_use: true,
        };
        let said = world.run(request).await.unwrap();
        assert!(said.contains("kept in the hub file"), "{said}");
        let hub = world.hub_file().load().unwrap();
        let kept = hub.imported[&named("shop")].limits(Backend);
        assert_eq!(kept.memory, Some(Bytes::mib(512)));
        let request = Request::ReapplyLimits {
            service,
            below_use: true,
        };
        world.run(request).await.unwrap();
    }
}

#[test]
fn an_entry_of_composes_may_not_say_what_compose_decides() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.toml");
    let file = cchub::config::HubFile::new(path.clone());
    let head = "version = 1\n[projects.shop]\ncompose = \"shop\"\n";
    for (rest, key) in [
        ("number = 3\n", "projects.shop.number"),
        ("path = \"shop\"\n", "projects.shop.path"),
        (
            "services.redis.user = \"1\"\n",
            "projects.shop.services.redis.user",
        ),
    ] {
        std::fs::write(&path, format!("{head}{rest}")).unwrap();
        let error = file.load().unwrap_err().to_string();
        assert!(error.contains(key) && error.contains("line 4"), "{error}");
    }
    let own = "version = 1\n[projects.shop]\npath = \"/srv\"\nnumber = 1\nservices.redis.service = \"x\"\n";
    std::fs::write(&path, own).unwrap();
    let error = file.load().unwrap_err().to_string();
    assert!(
        error.contains("only for a project that Compose made"),
        "{error}"
    );
    std::fs::write(&path, head).unwrap();
    assert_eq!(file.load().unwrap().imported.len(), 1);
}
