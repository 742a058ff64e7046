//! What a test of the hub works with: a hub file with projects, an engine that remembers, and short waits.

use crate::hub_engine::HubEngine;
use cchub::{
    config::HubFile,
    domain::{ProjectName, Safe, ServiceId, ServiceKind, Target, Timestamp},
    engine::Endpoint,
    hub::{
        Command, Fact, Failure, HubConfig, HubHandle, Job, JobId, JobState, Request, Timing,
        journal::{Journal, Origin},
        operation::{World, perform},
        report::Reporter,
        retry::Policy,
    },
};
use std::{
    fmt::Write as _,
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};

/// Nothing here takes longer, also on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Every test has a loopback address of its own, so that the ports of two never meet.
static WORLDS: AtomicU32 = AtomicU32::new(1);

/// A hub of its own for one test.
#[derive(Debug)]
pub struct HubWorld {
    pub engine: HubEngine,
    pub folder: tempfile::TempDir,
    /// The address that its projects publish on.
    pub address: String,
}

/// A project's name.
pub fn named(name: &str) -> ProjectName {
    name.parse().unwrap()
}

/// The project of most tests.
pub fn shop() -> ProjectName {
    named("shop")
}

/// Its service.
pub fn of_shop(kind: ServiceKind) -> ServiceId {
    ServiceId::new(&shop(), kind)
}

impl HubWorld {
    /// An empty engine and the project `shop`.
    pub fn new() -> Self {
        Self::with(&["shop"])
    }

    /// An empty engine and these projects.
    pub fn with(projects: &[&str]) -> Self {
        let world = Self {
            engine: HubEngine::start(),
            folder: tempfile::Builder::new()
                .prefix("cchub-hub-")
                .tempdir()
                .unwrap(),
            address: {
                let (pid, n) = (std::process::id(), WORLDS.fetch_add(1, Ordering::Relaxed));
                format!("127.{}.{}.{n}", 50 + pid / 200 % 200, pid % 200)
            },
        };
        fs::create_dir(world.folder.path().join("hub")).unwrap();
        world.write_hub(projects, "");
        world
    }

    /// Writes the hub file anew, with more lines at its end.
    pub fn write_hub(&self, projects: &[&str], more: &str) {
        let mut text = "version = 1\n[health]\ninterval = \"1s\"\ntimeout = \"1s\"\n".to_owned();
        for (at, name) in projects.iter().enumerate() {
            let path = self.folder.path().join(name);
            fs::create_dir_all(&path).unwrap();
            writeln!(
                text,
                "[projects.{name}]\npath = {path:?}\nnumber = {}\naddress = {:?}\n\
                 [projects.{name}.services.backend]\nimage = \"b:1\"\nstart_timeout = \"5s\"\n\
                 [projects.{name}.services.frontend]\nimage = \"f:1\"",
                at + 1,
                self.address
            )
            .unwrap();
        }
        fs::write(self.hub_path(), text + more).unwrap();
    }

    pub fn hub_path(&self) -> PathBuf {
        self.folder.path().join("hub/hub.toml")
    }

    pub fn hub_file(&self) -> HubFile {
        HubFile::new(self.hub_path())
    }

    /// Where its journal is.
    pub fn state_dir(&self) -> PathBuf {
        self.folder.path().join("state/cchub")
    }

    pub fn journal(&self) -> Journal {
        Journal::open(self.state_dir(), Origin::Screen)
    }

    /// What operations work on.
    pub async fn world(&self) -> World {
        World {
            engine: Some(self.engine.engine().await),
            hub_file: self.hub_file(),
            policy: quick().policy,
            journal: self.journal(),
        }
    }

    /// Runs an operation to its end; progress comes back, too.
    pub async fn run(&self, request: Request) -> (Result<Safe, Failure>, Vec<String>) {
        let (report, mut facts) = reporter(&request);
        let world = self.world().await;
        let outcome = timeout(PATIENCE, perform(&world, &request, &report))
            .await
            .expect("it ends");
        let mut said = Vec::new();
        while let Ok(Fact::Job(job)) = facts.try_recv() {
            said.push(job.progress.text.to_string());
        }
        (outcome, said)
    }

    /// Starts `shop` and expects that it works.
    pub async fn start_shop(&self) {
        self.run(Request::start(shop())).await.0.expect("it starts");
    }

    /// The hub on this engine.
    pub fn open(&self) -> HubHandle {
        self.open_at(self.engine.endpoint())
    }

    /// The hub on an engine somewhere else.
    pub fn open_at(&self, endpoint: Endpoint) -> HubHandle {
        cchub::hub::open(HubConfig {
            hub_file: self.hub_file(),
            endpoint,
            timing: quick(),
            journal: self.journal(),
        })
    }
}

/// Short waits.
pub fn quick() -> Timing {
    Timing {
        ping: Duration::from_millis(100),
        reconnect_first: Duration::from_millis(50),
        reconnect_longest: Duration::from_millis(200),
        policy: Policy {
            attempts: 4,
            first_wait: Duration::from_millis(10),
        },
    }
}

/// A reporter and what it says.
pub fn reporter(request: &Request) -> (Reporter, mpsc::Receiver<Fact>) {
    let (facts, inbox) = mpsc::channel(4096);
    let job = request.job(JobId(1), Timestamp::now());
    (Reporter::new(job, facts), inbox)
}

/// The whole of a project or one of its services.
pub fn target(kind: Option<ServiceKind>) -> Target {
    Target {
        project: shop(),
        service: kind,
    }
}

/// Sends a command.
pub async fn send(hub: &HubHandle, command: Command) {
    hub.commands.send(command).await.unwrap();
}

/// Reads facts until `wanted` makes something of one.
pub async fn until<T>(hub: &mut HubHandle, mut wanted: impl FnMut(&Fact) -> Option<T>) -> T {
    let found = timeout(PATIENCE, async {
        while let Some(fact) = hub.facts.recv().await {
            if let Some(found) = wanted(&fact) {
                return Some(found);
            }
        }
        None
    });
    found
        .await
        .expect("it comes in time")
        .expect("the hub lives")
}

/// Reads facts until a job is over.
pub async fn end_of(hub: &mut HubHandle, id: u64) -> Job {
    until(hub, |fact| match fact {
        Fact::Job(job) if job.id == JobId(id) && job.state.is_over() => Some(job.clone()),
        _ => None,
    })
    .await
}

/// The failure of a job that failed.
pub fn failure_of(job: Job) -> Failure {
    match job.state {
        JobState::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

/// Waits until `holds` does.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let waited = timeout(PATIENCE, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("never: {what}"));
}
