//! Every call of the engine layer against an engine that misbehaves: deadlines, odd answers, other versions.

use crate::{hub_world::named, sim_world::SimWorld};
use cchub::{
    domain::{Bytes, Cpus, Limits, ServiceKind::Redis},
    engine::{Endpoint, Engine, EngineError, ImageInfo, LogQuery, VolumeFile},
    hub::{FailureKind, Request},
    sim::{Disorder, Garble, How, Reply, Settings},
    stack::{ServiceSpec, StackSpec, spec::Recipe},
};
use futures_util::{
    FutureExt, Stream, StreamExt,
    future::{BoxFuture, join_all},
};
use std::{collections::BTreeMap, os::unix::process::CommandExt, time::Duration};
use tokio::time::Instant;

const NAME: &str = "cchub-shop-redis";
const GRACE: Duration = Duration::from_secs(1);

type Asking = BoxFuture<'static, Result<(), EngineError>>;

/// A call of the engine layer.
struct Call {
    /// The request that is met by a fault.
    pattern: &'static str,
    /// Seconds in which it ends, whatever comes or does not.
    deadline: u64,
    /// Its answer has no body that is waited for: the status is enough.
    status_counts: bool,
    /// The answer is read word by word and must be whole.
    reads_json: bool,
    ask: fn(Engine, ServiceSpec) -> Asking,
}

/// A call whose answer is read.
const fn reads(
    pattern: &'static str,
    deadline: u64,
    ask: fn(Engine, ServiceSpec) -> Asking,
) -> Call {
    Call {
        pattern,
        deadline,
        status_counts: false,
        reads_json: true,
        ask,
    }
}

/// A call that asks for something to be done.
const fn does(
    pattern: &'static str,
    deadline: u64,
    ask: fn(Engine, ServiceSpec) -> Asking,
) -> Call {
    Call {
        status_counts: true,
        reads_json: false,
        ..reads(pattern, deadline, ask)
    }
}

/// The last word of a stream.
async fn end_of<T>(items: impl Stream<Item = Result<T, EngineError>>) -> Result<(), EngineError> {
    let mut items = std::pin::pin!(items);
    while let Some(item) = items.next().await {
        item?;
    }
    Ok(())
}

fn limits() -> Limits {
    Limits {
        cpus: Cpus::millis(500),
        memory: Bytes::mib(128),
        pids: 64,
    }
}

fn files() -> Vec<VolumeFile> {
    vec![VolumeFile {
        name: "word".to_owned(),
        bytes: b"x".to_vec(),
        uid: 1,
        gid: 1,
        mode: 0o400,
    }]
}

fn recipe() -> Recipe {
    Recipe {
        tag: "cchub/shop-backend:1".to_owned(),
        base: "b:1".to_owned(),
        dockerfile: "FROM b:1\n".to_owned(),
        files: BTreeMap::new(),
    }
}

macro_rules! ask {
    (|$engine:ident, $spec:ident| $work:expr) => {
        |$engine, $spec| {
            async move {
                // Some calls need only one of the two.
                let _ = (&$engine, &$spec);
                $work.await.map(drop)
            }
            .boxed()
        }
    };
}

fn calls() -> Vec<Call> {
    vec![
        reads("GET /containers/json", 5, ask!(|e, _s| e.list())),
        reads(
            "GET /containers/cchub-shop-redis/json",
            5,
            ask!(|e, s| e.inspect(&s.container)),
        ),
        reads(
            "GET /containers/cchub-shop-redis/stats",
            5,
            ask!(|e, s| e.sample(&s.container)),
        ),
        reads("GET /networks", 5, ask!(|e, s| e.networks(&s.id.project))),
        reads(
            "GET /volumes/",
            5,
            ask!(|e, _s| e.volume("cchub-shop-postgres-secrets")),
        ),
        reads("GET /images/", 5, ask!(|e, _s| e.image("b:1"))),
        Call {
            reads_json: false,
            ..reads(
                "GET /containers/cchub-shop-redis/logs",
                300,
                ask!(|e, s| end_of(e.logs(&s.container, LogQuery::default()))),
            )
        },
        reads(
            "POST /containers/create",
            30,
            ask!(|e, s| {
                let spec = ServiceSpec {
                    container: "other".to_owned(),
                    ..s
                };
                async move { e.create(&spec, &ImageInfo::default(), "net", "hash").await }
            }),
        ),
        does(
            "POST /containers/cchub-shop-redis/start",
            30,
            ask!(|e, s| e.start(&s.container)),
        ),
        does(
            "POST /containers/cchub-shop-redis/stop",
            11,
            ask!(|e, s| e.stop(&s.container, GRACE)),
        ),
        does(
            "POST /containers/cchub-shop-redis/restart",
            11,
            ask!(|e, s| e.restart(&s.container, GRACE)),
        ),
        does(
            "POST /containers/cchub-shop-redis/update",
            30,
            ask!(|e, s| e.update_limits(&s.container, limits())),
        ),
        does(
            "POST /containers/cchub-shop-redis/rename",
            30,
            ask!(|e, s| e.rename(&s.container, "other")),
        ),
        does(
            "DELETE /containers/cchub-shop-redis",
            30,
            ask!(|e, s| e.remove(&s.container)),
        ),
        does(
            "PUT /containers/cchub-shop-redis/archive",
            30,
            ask!(|e, s| e.upload(&s.container, "/run", Vec::new())),
        ),
        Call {
            reads_json: false,
            ..reads(
                "POST /containers/cchub-shop-redis/exec",
                5,
                ask!(|e, s| e.exec(&s.container, &s.exec.argv, Duration::from_secs(5))),
            )
        },
        reads(
            "GET /exec/",
            5,
            ask!(|e, s| e.exec(&s.container, &s.exec.argv, Duration::from_secs(5))),
        ),
        reads(
            "POST /networks/create",
            30,
            ask!(|e, _s| {
                let project = named("other");
                async move { e.ensure_network("cchub-other", &project).await }
            }),
        ),
        does(
            "DELETE /networks/",
            30,
            ask!(|e, _s| e.remove_network("cchub-shop")),
        ),
        reads(
            "POST /volumes/create",
            30,
            ask!(|e, _s| {
                let labels = BTreeMap::new();
                async move { e.create_volume("other", &labels).await }
            }),
        ),
        does(
            "DELETE /volumes/",
            30,
            ask!(|e, _s| e.remove_volume("other")),
        ),
        does(
            "PUT /containers/*/archive",
            30,
            ask!(|e, s| {
                let files = files();
                async move {
                    e.fill_volume("data", "helper", "b:1", &s.id.project, &files)
                        .await
                }
            }),
        ),
        Call {
            reads_json: false,
            ..reads(
                "POST /images/create",
                600,
                ask!(|e, _s| end_of(e.pull("b:1"))),
            )
        },
        Call {
            reads_json: false,
            ..reads(
                "POST /build",
                1800,
                ask!(|e, s| {
                    let recipe = recipe();
                    async move { end_of(e.build(&recipe, &s.id.project)).await }
                }),
            )
        },
    ]
}

fn redis(world: &SimWorld) -> ServiceSpec {
    let hub = world.hub_file().load().unwrap();
    let entry = hub.projects.values().next().unwrap();
    let services = StackSpec::resolve(entry).unwrap().services;
    services[Redis].clone()
}

impl Call {
    /// One call on an engine of its own that meets `how`; says how long it took.
    async fn meet(&self, how: How) -> (Result<(), EngineError>, Duration) {
        let world = SimWorld::new();
        world.start(&["shop"]).await;
        let engine = world.engine().await;
        world.sim.server.fault(self.pattern, usize::MAX, how);
        let began = Instant::now();
        let outcome = (self.ask)(engine, redis(&world)).await;
        assert!(world.count(self.pattern) > 0, "{} was asked", self.pattern);
        (outcome, began.elapsed())
    }
}

fn is_time_out(outcome: &Result<(), EngineError>) -> bool {
    matches!(outcome, Err(EngineError::TimedOut { .. }))
}

#[tokio::test(start_paused = true)]
async fn p05_every_call_ends_by_its_deadline_when_nothing_is_answered() {
    for call in calls() {
        let (outcome, took) = call.meet(How::Silent).await;
        let name = call.pattern;
        assert!(is_time_out(&outcome), "{name}: {outcome:?}");
        let limit = Duration::from_secs(call.deadline + 1);
        assert!(took <= limit, "{name}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn p05_every_call_ends_by_its_deadline_when_silence_follows_the_headers() {
    for call in calls() {
        let (outcome, took) = call.meet(How::HeadOnly).await;
        let name = call.pattern;
        let told = call.status_counts && outcome.is_ok();
        assert!(told || is_time_out(&outcome), "{name}: {outcome:?}");
        let limit = Duration::from_secs(call.deadline + 1);
        assert!(took <= limit, "{name}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn p05_every_call_ends_by_its_deadline_when_its_answer_drips() {
    for call in calls() {
        // A pull or a build that brings a byte each second goes on: only one that is stuck is given up.
        let pace = Duration::from_secs(if call.deadline > 60 { 10 } else { 1 });
        let (outcome, took) = call.meet(How::Dripping(pace)).await;
        let name = call.pattern;
        assert!(is_time_out(&outcome), "{name}: {outcome:?}");
        let limit = Duration::from_secs(call.deadline + 1);
        assert!(took <= limit, "{name}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn p05_a_pull_that_drips_as_slowly_as_a_bad_line_goes_on() {
    let calls = calls();
    let pull = calls
        .iter()
        .find(|call| call.pattern.contains("images/create"));
    let (outcome, _) = pull
        .unwrap()
        .meet(How::Dripping(Duration::from_millis(500)))
        .await;
    outcome.unwrap();
}

#[tokio::test(start_paused = true)]
async fn p08_no_garbled_answer_of_any_call_does_more_than_fail_it() {
    for call in calls() {
        for garble in [Garble::WrongTypes, Garble::Nulls, Garble::UnknownWords] {
            let (outcome, took) = call.meet(How::Garbled(garble)).await;
            let name = call.pattern;
            let typed = match &outcome {
                Ok(()) => true,
                Err(error) => matches!(
                    error,
                    EngineError::Malformed { .. } | EngineError::Refused { .. }
                ),
            };
            assert!(typed, "{name} {garble:?}: {outcome:?}");
            assert!(took < Duration::from_secs(5), "{name} {garble:?}: {took:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn p08_an_answer_that_ends_at_any_byte_is_a_typed_error() {
    for call in calls().into_iter().filter(|call| call.reads_json) {
        let world = SimWorld::new();
        world.start(&["shop"]).await;
        let (engine, spec) = (world.engine().await, redis(&world));
        // Short answers at every byte, long ones at every 97th.
        for at in (0..64).chain((64..2000).step_by(97)) {
            world.sim.machine().containers.remove("other");
            world.sim.machine().networks.remove("cchub-other");
            world.sim.server.fault(call.pattern, 1, How::Truncated(at));
            let asking = (call.ask)(engine.clone(), spec.clone());
            let outcome = asking.await;
            world.sim.server.heal();
            let name = call.pattern;
            let cut = matches!(outcome, Err(EngineError::Malformed { .. }));
            assert!(cut || outcome.is_ok(), "{name} at {at}: {outcome:?}");
            // The shortest answer is an empty list or object with a name.
            assert!(cut || at > 1, "{name} at {at}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn p08_no_answer_however_large_deep_or_empty_does_more_than_fail_the_call() {
    let large = format!("[\"{}\"]", "x".repeat(50 << 20));
    let deep = "[".repeat(200_000);
    let bodies = [
        large,
        deep,
        String::new(),
        "<html>".to_owned(),
        "7".to_owned(),
    ];
    for call in calls().into_iter().filter(|call| call.reads_json) {
        for body in &bodies {
            let how = How::Instead(Reply::json(200, body.clone()));
            let (outcome, _) = call.meet(how).await;
            let (name, begin) = (call.pattern, body.chars().take(9).collect::<String>());
            let typed = matches!(outcome, Err(EngineError::Malformed { .. }));
            // What is no object has none of the fields that are asked for, and some calls need none.
            assert!(
                typed || (outcome.is_ok() && body == "7"),
                "{name} {begin}: {outcome:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn p08_a_page_of_a_proxy_is_told_in_words_and_tried_again_where_it_may_pass() {
    let world = SimWorld::new();
    let page = Reply::Page(502, "<html><h1>Bad Gateway</h1></html>".to_owned());
    let start = "POST /containers/cchub-shop-redis/start";
    world
        .sim
        .server
        .fault(start, usize::MAX, How::Instead(page));
    let failure = world.run(Request::start(named("shop"))).await.unwrap_err();
    assert!(failure.message.contains("502"), "{failure}");
    assert!(!failure.message.contains('<'), "{failure}");
    assert_eq!(world.count(start), 4);
}

#[tokio::test(start_paused = true)]
async fn p10_a_project_starts_and_stops_on_old_and_new_engines() {
    for minor in [41, 44, 53, 60] {
        let world = SimWorld::with(
            Settings {
                minor,
                ..Settings::default()
            },
            &["shop"],
        );
        world.start(&["shop"]).await;
        assert_eq!(world.sim.machine().containers.len(), 4, "1.{minor}");
        world.run(Request::stop(named("shop"))).await.unwrap();
        assert!(world.sim.machine().containers.is_empty(), "1.{minor}");
        let newest = world
            .sim
            .server
            .asked("")
            .into_iter()
            .filter_map(|asked| asked.version);
        assert!(newest.max().unwrap_or_default() <= minor, "1.{minor}");
    }
}

#[tokio::test(start_paused = true)]
async fn p10_an_engine_that_is_too_old_is_told_in_one_line_and_changed_in_nothing() {
    let world = SimWorld::with(
        Settings {
            minor: 40,
            ..Settings::default()
        },
        &["shop"],
    );
    let mut front = world.open();
    front.until("it is told", |front| front.is_lost()).await;
    let told = front.loss();
    assert!(told.contains("speaks API 1.40; 1.41"), "{told}");
    assert!(told.contains("update Docker"), "{told}");
    let command = cchub::hub::Command::Run(Request::start(named("shop")));
    let failure = crate::hub_world::failure_of({
        front.send(command).await;
        crate::hub_world::end_of(&mut front.hub, 1).await
    });
    assert_eq!(failure.kind, FailureKind::Engine);
    assert_eq!(world.count("POST "), 0);
    assert_eq!(world.count("GET /containers"), 0);
}

#[tokio::test(start_paused = true)]
async fn p07_a_frame_of_four_gigabytes_costs_no_memory_and_one_error() {
    let world = SimWorld::new();
    world.start(&["shop"]).await;
    world.print(NAME, "before");
    let engine = world.engine().await;
    let before = resident();
    let each = (0..50).map(|_| {
        let how = How::Stream(Disorder::HugeFrame);
        world.sim.server.fault("GET /containers/*/logs", 1, how);
        engine.logs(NAME, LogQuery::default()).collect::<Vec<_>>()
    });
    for items in join_all(each).await {
        assert_eq!(items.len(), 2, "{items:?}");
        assert!(matches!(items[1], Err(EngineError::Malformed { .. })));
    }
    let more = resident().saturating_sub(before);
    assert!(more < 8 << 20, "{more} bytes more");
}

/// Bytes of memory that this process holds.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

#[tokio::test]
async fn p03_a_socket_that_this_user_may_not_open_is_told_with_what_to_do() {
    use std::{fs, os::unix::fs::PermissionsExt, process::Command};
    const NOBODY: u32 = 65534;
    let world = SimWorld::new();
    let open = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    open(world.folder.path(), 0o755);
    open(&world.socket(), 0o000);
    let program = world.folder.path().join("cchub-tui");
    fs::copy(env!("CARGO_BIN_EXE_cchub-tui"), &program).unwrap();
    let Endpoint::Unix(socket) = world.endpoint() else {
        unreachable!()
    };
    let asked = tokio::task::spawn_blocking(move || {
        let mut doctor = Command::new(program);
        doctor
            .args(["--host", &format!("unix://{}", socket.display()), "doctor"])
            .env_clear()
            .env("HOME", "/nonexistent");
        // No mode keeps root out; everybody else is kept out of what is their own, too.
        if rustix::process::geteuid().is_root() {
            doctor.uid(NOBODY).gid(NOBODY);
        }
        doctor.output().unwrap()
    });
    let output = asked.await.unwrap();
    let words = [output.stdout, output.stderr].concat();
    let words = String::from_utf8_lossy(&words).into_owned();
    assert_eq!(output.status.code(), Some(3), "{words}");
    assert!(words.contains("ermission denied"), "{words}");
    assert!(words.contains("group docker"), "{words}");
}
