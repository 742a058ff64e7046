//! What no test may do to the machine's own engine: a second one is killed, stopped, frozen and cut off from its socket,
//! while the hub follows a log that a real container prints.

use crate::{
    hub_world::{HubWorld, of_shop, shop},
    sim_world::{Front, service},
    support::second::Second,
};
use cchub::{
    domain::{LimitsChange, ServiceId, ServiceKind::Redis, Target},
    hub::{Command, FailureKind, HubConfig, JobState, Request, Timing},
};
use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

/// Prints ten lines a second that no other run of it prints.
const PRINTER: &str =
    "run=$(date +%s); i=0; while :; do echo \"$run line $i\"; i=$((i + 1)); sleep 0.1; done";
/// Its container.
const NAME: &str = "cchub-shop-redis";
/// Sockets that this process may have open, however long an engine hangs: the promise.
const SOCKETS_MAX: usize = 64;

/// A second engine with a service that prints, the hub on it, and what the hub tells.
struct Scene {
    front: Front,
    second: Second,
    _world: HubWorld,
}

impl Scene {
    async fn new() -> Self {
        let second = Second::start();
        // Only for its hub file: nobody asks its engine.
        let world = HubWorld::with(&["shop", "blog"]);
        second.docker(&[
            "run",
            "--detach",
            "--name",
            NAME,
            "--label",
            "io.cchub.project=shop",
            "--label",
            "io.cchub.service=redis",
            "--network",
            "none",
            "--restart",
            "unless-stopped",
            "--stop-timeout",
            "1",
            second.image(),
            "sh",
            "-c",
            PRINTER,
        ]);
        let front = Front::new(cchub::hub::open(HubConfig {
            hub_file: world.hub_file(),
            endpoint: second.endpoint(),
            timing: Timing::default(),
            journal: world.journal(),
        }));
        front.follow(service("shop", Redis)).await;
        let mut scene = Self {
            front,
            second,
            _world: world,
        };
        scene.becomes_live(10).await;
        scene.goes_on().await;
        scene
    }

    async fn becomes_lost(&mut self, seconds: u64) -> Duration {
        let limit = Duration::from_secs(seconds);
        self.front.within(limit, "lost", Front::is_lost).await
    }

    async fn becomes_live(&mut self, seconds: u64) -> Duration {
        let limit = Duration::from_secs(seconds);
        self.front.within(limit, "live", Front::is_live).await
    }

    fn seen(&self) -> Vec<String> {
        self.front.lines("shop", Redis)
    }

    /// Waits for a second of new lines, then compares all that was seen with what the engine has.
    async fn goes_on(&mut self) {
        let before = self.seen().len();
        let limit = Duration::from_secs(20);
        let more = |front: &Front| front.lines("shop", Redis).len() >= before + 10;
        self.front.within(limit, "new lines", more).await;
        let log = self.second.docker(&["logs", NAME]);
        let truth: Vec<_> = log.lines().map(str::to_owned).collect();
        let all = |front: &Front| front.lines("shop", Redis).len() >= truth.len();
        self.front.within(limit, "all lines", all).await;
        let seen = self.seen();
        let differ = seen.iter().zip(&truth).position(|(a, b)| a != b);
        let around = differ.map(|at| (&seen[at.saturating_sub(2)..=at], &truth[at]));
        assert_eq!(around, None, "seen, and what the engine has there");
    }

    /// The engine has just ended: that is told, it is started again, and the log goes on.
    async fn comes_back(&mut self, what: &str, ended: Instant, options: &str) {
        self.becomes_lost(10).await;
        eprintln!("{what}: lost is told after {:?}", ended.elapsed());
        self.second.start_again(options);
        let live = self.becomes_live(15).await;
        eprintln!("{what}: live {live:?} after the engine answers");
        self.goes_on().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p02_an_engine_that_is_stopped_killed_or_loses_its_socket_costs_no_line() {
    let mut scene = Scene::new().await;

    let now = Instant::now();
    scene.second.stop();
    scene.comes_back("stopped", now, "").await;

    let now = Instant::now();
    scene.second.kill();
    scene.comes_back("killed", now, "--live-restore").await;

    let now = Instant::now();
    fs::remove_file(scene.second.socket()).unwrap();
    scene.becomes_lost(10).await;
    let loss = scene.front.loss();
    eprintln!("no socket: lost is told after {:?}: {loss}", now.elapsed());
    assert!(loss.contains("docker.sock"), "{loss}");
    scene.second.stop();
    scene.comes_back("no socket", now, "--live-restore").await;

    let runs: BTreeSet<_> = scene.seen().iter().map(|line| first(line)).collect();
    assert_eq!(runs.len(), 2, "only the stop ended the container: {runs:?}");
}

fn first(line: &str) -> String {
    line.split(' ').next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn p04_an_engine_that_is_frozen_is_told_waited_for_and_costs_no_line() {
    let mut scene = Scene::new().await;
    let blog = ServiceId::new(&"blog".parse().unwrap(), Redis);

    let frozen = Instant::now();
    scene.second.freeze();
    scene.front.send(limits(blog)).await;
    let lost = scene.becomes_lost(12).await;
    eprintln!("frozen: lost is told after {lost:?}");

    scene.front.send(limits(of_shop(Redis))).await;
    let limit = Duration::from_secs(2);
    let refused = |front: &Front| front.ended(2).is_some();
    scene.front.within(limit, "the second ends", refused).await;
    match &scene.front.ended(2).unwrap().state {
        JobState::Failed(failure) => assert_eq!(failure.kind, FailureKind::Engine, "{failure:?}"),
        other => panic!("an engine that is out of reach changes no limits: {other:?}"),
    }

    let mut most = 0;
    while frozen.elapsed() < Duration::from_secs(15) {
        scene
            .front
            .send(Command::CheckNow(Target::project(&shop())))
            .await;
        scene.front.read_for(Duration::from_millis(100)).await;
        most = most.max(sockets());
    }
    eprintln!("frozen: {most} sockets at most");
    assert!(most <= SOCKETS_MAX, "{most}");

    scene.second.thaw();
    let live = scene.becomes_live(10).await;
    eprintln!("thawed: live after {live:?}");
    scene.goes_on().await;
    let limit = Duration::from_secs(30);
    let over = |front: &Front| front.ended(1).is_some();
    scene.front.within(limit, "the first ends", over).await;
    eprintln!(
        "the first ended as {:?}",
        scene.front.ended(1).unwrap().state
    );
}

/// The limits of a service, to be as they are.
fn limits(service: ServiceId) -> Command {
    let change = LimitsChange {
        pids: Some(99),
        ..LimitsChange::default()
    };
    Command::Run(Request::Limits {
        service,
        change,
        seen: None,
        below_use: true,
    })
}

/// Sockets that this process has open.
fn sockets() -> usize {
    let open = fs::read_dir("/proc/self/fd").unwrap().flatten();
    let to = open.filter_map(|entry| fs::read_link(entry.path()).ok());
    to.filter(|to| to.to_string_lossy().starts_with("socket:"))
        .count()
}
