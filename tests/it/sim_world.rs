//! What a test of the promises works with: a hub on a simulated engine, and all that a front end gets to know of it. The
//! clock of these tests is paused as a rule: both ends of the socket live in one runtime, so time passes only when
//! neither has anything to do, and an hour of silence costs an instant.

use crate::hub_world::{named, reporter};
use cchub::{
    app::{Model, Msg},
    config::HubFile,
    domain::{
        Health, Limits, Other, PerService, Project, ProjectName, Safe, ServiceId, ServiceKind,
        Target, Timestamp, Verdict,
        alarm::Alarm,
        log::{LastWord, Window},
        timeline::Entry,
        verdict::{Course, verdict},
    },
    engine::{Endpoint, Engine},
    hub::{
        Command, EngineState, Fact, Failure, Follow, FollowId, HubConfig, HubHandle, Job, JobId,
        LogBatch, LogEvent, Request, Timing,
        journal::{Journal, Origin},
        operation::{World, perform},
        retry::Policy,
    },
    sim::{Machine, Settings, Sim, Spoken},
};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};

/// Nothing takes longer. With a paused clock this costs nothing.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// Requests that are remembered.
const REMEMBERED: usize = 100_000;
/// Every world has a loopback address of its own.
static WORLDS: AtomicU32 = AtomicU32::new(1);

/// A simulated engine with a hub file beside it.
pub struct SimWorld {
    /// Dropped before its folder.
    pub sim: Sim,
    pub folder: tempfile::TempDir,
}

impl SimWorld {
    /// An engine at rest and the project `shop`.
    pub fn new() -> Self {
        Self::with(Settings::default(), &["shop"])
    }

    /// An engine of these settings and these projects.
    pub fn with(settings: Settings, projects: &[&str]) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("cchub-sim-")
            .tempdir()
            .unwrap();
        fs::create_dir(folder.path().join("hub")).unwrap();
        let socket = folder.path().join("docker.sock");
        let world = Self {
            sim: Sim::start(&socket, Machine::new(settings), REMEMBERED).unwrap(),
            folder,
        };
        world.write_hub(projects, "1s");
        world
    }

    /// Writes the hub file anew, with an interval of checks: every time with an address of its own.
    pub fn write_hub(&self, projects: &[&str], interval: &str) {
        let (pid, n) = (std::process::id(), WORLDS.fetch_add(1, Ordering::Relaxed));
        let address = format!("127.{}.{}.{n}", 100 + pid / 200 % 100, pid % 200);
        let mut text =
            format!("version = 1\n[health]\ninterval = \"{interval}\"\ntimeout = \"1s\"\n");
        for (number, name) in (1..).zip(projects) {
            let path = self.folder.path().join(name);
            fs::create_dir_all(&path).unwrap();
            write!(
                text,
                "[projects.{name}]\npath = {path:?}\nnumber = {number}\naddress = {address:?}\n\
                 [projects.{name}.services.backend]\nimage = \"b:1\"\nstart_timeout = \"20s\"\n\
                 [projects.{name}.services.frontend]\nimage = \"f:1\"\n"
            )
            .unwrap();
        }
        fs::write(self.folder.path().join("hub/hub.toml"), text).unwrap();
    }

    pub fn hub_file(&self) -> HubFile {
        HubFile::new(self.folder.path().join("hub/hub.toml"))
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint::Unix(self.socket())
    }

    pub async fn engine(&self) -> Engine {
        Engine::connect(&self.endpoint()).await.unwrap()
    }

    /// Runs an operation to its end.
    pub async fn run(&self, request: Request) -> Result<Safe, Failure> {
        let (report, _progress) = reporter(&request);
        let world = World {
            engine: Some(self.engine().await),
            hub_file: self.hub_file(),
            policy: Policy::CHANGE,
            journal: Journal::none(),
        };
        // Far above the deadlines of all steps together.
        timeout(PATIENCE * 10, perform(&world, &request, &report))
            .await
            .expect("it ends")
    }

    /// Starts projects and expects that it works.
    pub async fn start(&self, projects: &[&str]) {
        for name in projects {
            self.run(Request::start(named(name))).await.unwrap();
        }
    }

    /// A front end on a hub with the waits of every day.
    pub fn open(&self) -> Front {
        self.open_with(Journal::none())
    }

    /// The same, with a journal and a timeline beside it.
    pub fn open_noting(&self) -> Front {
        self.open_with(self.journal(Origin::Screen))
    }

    fn open_with(&self, journal: Journal) -> Front {
        Front::new(cchub::hub::open(HubConfig {
            hub_file: self.hub_file(),
            endpoint: self.endpoint(),
            timing: Timing::default(),
            journal,
        }))
    }

    /// The folder of journal and timeline.
    pub fn state_dir(&self) -> PathBuf {
        self.folder.path().join("state/cchub")
    }

    pub fn journal(&self, origin: Origin) -> Journal {
        Journal::open(self.state_dir(), origin)
    }

    /// How often the last requests are of that kind.
    pub fn count(&self, pattern: &str) -> usize {
        self.sim.server.count(pattern)
    }

    /// Lets a container print a line now, by the engine's clock.
    pub fn print(&self, container: &str, text: &str) {
        let now = self.sim.machine().clock();
        self.print_at(container, now, text);
    }

    /// Lets a container print a line at a moment.
    pub fn print_at(&self, container: &str, at: Timestamp, text: &str) {
        let machine = self.sim.machine();
        let text = text.to_owned();
        let stream = cchub::domain::LogStream::Out;
        machine.containers[container].print(&Spoken { at, stream, text });
    }
}

/// What a front end knows: the last fact of each kind, and all lines.
pub struct Front {
    pub hub: HubHandle,
    pub engine: Option<EngineState>,
    /// Tries that failed: number and wait.
    pub losses: Vec<(u32, Duration)>,
    pub health: BTreeMap<ServiceId, Health>,
    pub limits: BTreeMap<ServiceId, Limits>,
    /// Projects of the hub file.
    pub projects: Vec<Project>,
    /// Projects that Compose made.
    pub adopted: Vec<Project>,
    /// What else belongs to them.
    pub others: BTreeMap<ProjectName, Vec<Other>>,
    /// Operations, as far as they got.
    pub jobs: BTreeMap<JobId, Job>,
    /// Lines as they came, by service.
    pub lines: BTreeMap<ServiceId, Vec<String>>,
    /// Words of ours between the lines.
    pub notices: Vec<String>,
    /// What happened to each project.
    pub timelines: BTreeMap<ProjectName, Vec<Arc<Entry>>>,
    /// What sick services said last.
    pub last_words: BTreeMap<ServiceId, Vec<LastWord>>,
    /// Calls for the operator.
    pub alarms: Vec<Alarm>,
    /// What the operator should read once.
    pub said: Vec<String>,
}

impl Front {
    pub fn new(hub: HubHandle) -> Self {
        Self {
            hub,
            engine: None,
            losses: Vec::new(),
            health: BTreeMap::new(),
            limits: BTreeMap::new(),
            projects: Vec::new(),
            adopted: Vec::new(),
            others: BTreeMap::new(),
            jobs: BTreeMap::new(),
            lines: BTreeMap::new(),
            notices: Vec::new(),
            timelines: BTreeMap::new(),
            last_words: BTreeMap::new(),
            alarms: Vec::new(),
            said: Vec::new(),
        }
    }

    /// Reads until `holds` does, at most [`PATIENCE`]; tells how long it took.
    pub async fn until(&mut self, what: &str, holds: impl FnMut(&Self) -> bool) -> Duration {
        self.within(PATIENCE, what, holds).await
    }

    /// Reads until `holds` does, at most so long; tells how long it took.
    pub async fn within(
        &mut self,
        limit: Duration,
        what: &str,
        mut holds: impl FnMut(&Self) -> bool,
    ) -> Duration {
        let began = Instant::now();
        while !holds(self) {
            assert!(
                began.elapsed() < limit,
                "not in {limit:?}: {what}; {:?}; {:?}; {:?}",
                self.engine,
                self.lines,
                self.notices
            );
            self.read_for(Duration::from_millis(50)).await;
        }
        began.elapsed()
    }

    /// Reads whatever comes for so long.
    pub async fn read_for(&mut self, span: Duration) {
        let end = sleep(span);
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = &mut end => return,
                Some(fact) = self.hub.facts.recv() => self.take(fact),
                Some(batch) = self.hub.logs.recv() => self.take_lines(batch),
            }
        }
    }

    fn take(&mut self, fact: Fact) {
        match fact {
            Fact::Engine(state) => {
                if let EngineState::Lost {
                    attempt, retry_in, ..
                } = &state
                {
                    self.losses.push((*attempt, *retry_in));
                }
                self.engine = Some(state);
            }
            Fact::Health(id, health) => drop(self.health.insert(id, *health)),
            Fact::Limits(id, limits) => drop(self.limits.insert(id, limits)),
            Fact::Projects(projects) => self.projects = projects,
            Fact::Adopted(projects) => self.adopted = projects,
            Fact::Others(project, others) => drop(self.others.insert(project, others)),
            Fact::Job(job) => drop(self.jobs.insert(job.id, job)),
            Fact::Timeline(project, entries) => drop(self.timelines.insert(project, entries)),
            Fact::LastWords(id, words) => drop(self.last_words.insert(id, words)),
            Fact::Alarm(alarm) => self.alarms.push(alarm),
            Fact::Notice(text) => self.said.push(text.to_string()),
            _ => {}
        }
    }

    fn take_lines(&mut self, batch: LogBatch) {
        for event in batch.events {
            match event {
                LogEvent::Line(line) => {
                    let lines = self.lines.entry(batch.service.clone()).or_default();
                    lines.push(line.text.plain().to_string());
                }
                LogEvent::Notice(_, text) => self.notices.push(text.to_string()),
                LogEvent::Secrets(_) => {}
            }
        }
    }

    pub async fn send(&self, command: Command) {
        self.hub.commands.send(command).await.unwrap();
    }

    /// Follows a project or one of its services.
    pub async fn follow(&self, target: Target) {
        let follow = Follow {
            id: FollowId(1),
            services: target.services(),
            window: Window::Tail(1000),
        };
        self.send(Command::Follow(follow)).await;
    }

    pub fn is_live(&self) -> bool {
        matches!(self.engine, Some(EngineState::Live { .. }))
    }

    pub fn is_lost(&self) -> bool {
        matches!(self.engine, Some(EngineState::Lost { .. }))
    }

    /// The verdict on a service, as its cell shows it.
    pub fn verdict(&self, project: &str, kind: ServiceKind) -> Verdict {
        let of = |kind| self.of(project, kind).cloned().unwrap_or_default();
        verdict(kind, &PerService::from_fn(of), Course::None)
    }

    /// The services that called for the operator so far.
    pub fn called(&self) -> Vec<ServiceKind> {
        self.alarms.iter().map(|alarm| alarm.service.kind).collect()
    }

    /// A screen that knows what is known here.
    pub fn screen(&self) -> Model {
        let mut model = crate::fixture::empty();
        let (now, up) = (Timestamp::now(), Duration::from_secs(1));
        model.update(Msg::Clock { now, up });
        let engine = self.engine.clone().map(Fact::Engine);
        let projects = Fact::Projects(self.projects.clone());
        let health = self.health.iter();
        let health = health.map(|(id, health)| Fact::Health(id.clone(), Box::new(health.clone())));
        for fact in engine.into_iter().chain([projects]).chain(health) {
            model.update(Msg::Fact(fact));
        }
        model
    }

    /// The words of the last loss: error and hint.
    pub fn loss(&self) -> String {
        match &self.engine {
            Some(EngineState::Lost { error, hint, .. }) => format!("{error}: {hint}"),
            other => format!("not lost: {other:?}"),
        }
    }

    /// An operation that has ended.
    pub fn ended(&self, id: u64) -> Option<&Job> {
        let job = self.jobs.get(&JobId(id));
        job.filter(|job| job.state.is_over())
    }

    /// The health of a service.
    pub fn of(&self, project: &str, kind: ServiceKind) -> Option<&Health> {
        self.health.get(&ServiceId::new(&named(project), kind))
    }

    /// Lines of a service so far.
    pub fn lines(&self, project: &str, kind: ServiceKind) -> Vec<String> {
        let id = ServiceId::new(&named(project), kind);
        self.lines.get(&id).cloned().unwrap_or_default()
    }

    /// Waits until the limits of so many services were read: the first look at each is over.
    pub async fn looked(&mut self, services: usize) {
        self.until("all are looked at", |front| {
            front.is_live() && front.limits.len() == services
        })
        .await;
    }
}

/// A service of `project`, to be followed.
pub fn service(project: &str, kind: ServiceKind) -> Target {
    ServiceId::new(&named(project), kind).into()
}

/// A whole project, to be followed.
pub fn whole(project: &str) -> Target {
    let project: ProjectName = named(project);
    Target::project(&project)
}
