//! Starts the tasks, hands out commands, and ends everything when the front end is gone. The only owner of tasks.

mod turns;

use super::{
    Command, Fact, Follow, HubHandle, JobState, LogBatch, Older, Request,
    batches::Batches,
    connection,
    containers::Containers,
    jobs::{Jobs, Ready},
    journal::Journal,
    older,
    operation::World,
    outbox, refresh,
    retry::Policy,
    tail::Tail,
    tails::{Broken, Followed, Tails},
    timeline::{self, Ear, SEEN_MAX, Seen},
};
use crate::{
    config::{Hub, HubFile, hub_file::Stamp},
    domain::{ProjectName, Safe, Target},
    engine::{Endpoint, Engine},
    stack::ProjectEntry,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Notify, mpsc, watch},
    task::{AbortHandle, JoinError, JoinSet},
    time::{MissedTickBehavior, interval, timeout},
};

/// Commands that may wait: more than anybody types while the hub is busy for an instant.
const COMMANDS_MAX: usize = 64;
/// Facts on their way to the front end; of what waits only the newest is kept (see [`super::outbox`]).
const FACTS_MAX: usize = 256;
/// Log batches on their way; the streams wait.
const BATCHES_MAX: usize = 8;
/// How often the hub file is looked at for changes by others: one `stat`.
const FILE_POLL: Duration = Duration::from_secs(2);
/// Tasks have this long to end when the program does.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long things wait; tests make it short.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// Between two pings of the engine.
    pub ping: Duration,
    /// First wait before connecting again.
    pub reconnect_first: Duration,
    /// Longest wait before connecting again.
    pub reconnect_longest: Duration,
    /// How changes are tried again.
    pub policy: Policy,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            ping: Duration::from_secs(2),
            reconnect_first: Duration::from_millis(500),
            reconnect_longest: Duration::from_secs(30),
            policy: Policy::CHANGE,
        }
    }
}

/// What the hub works with.
#[derive(Debug, Clone)]
pub struct HubConfig {
    /// The hub file.
    pub hub_file: HubFile,
    /// The engine's address.
    pub endpoint: Endpoint,
    /// How long things wait.
    pub timing: Timing,
    /// Where operations are written down.
    pub journal: Journal,
}

/// Opens the hub: its tasks run until the handle is dropped. Must be called inside a tokio runtime.
#[must_use]
pub fn open(config: HubConfig) -> HubHandle {
    let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
    let (out, facts) = mpsc::channel(FACTS_MAX);
    let (batches, logs) = mpsc::channel(BATCHES_MAX);
    tokio::spawn(Supervisor::start(config, out, batches).run(inbox));
    HubHandle {
        commands,
        facts,
        logs,
    }
}

/// How a task ended.
enum Ended {
    /// A task that runs as long as the hub.
    Core(&'static str),
    /// A log stream.
    Tail,
    /// A look for older lines.
    Older,
    /// An operation.
    Job(ProjectName, JobState),
    /// The timelines, which end with the hub.
    Timeline,
}

struct Supervisor {
    config: HubConfig,
    tasks: JoinSet<Ended>,
    jobs: Jobs,
    open_batches: Batches,
    job_tasks: BTreeMap<tokio::task::Id, ProjectName>,
    /// Tasks that the hub cannot go on without.
    core: [AbortHandle; 3],
    tails: Tails,
    engine: watch::Receiver<Option<Engine>>,
    hub: watch::Sender<Arc<Hub>>,
    busy: watch::Sender<BTreeSet<ProjectName>>,
    watched: watch::Sender<Option<ProjectName>>,
    checks: mpsc::Sender<Target>,
    containers: watch::Receiver<Containers>,
    reconnect: Arc<Notify>,
    facts: mpsc::Sender<Fact>,
    seen: mpsc::Sender<Seen>,
    /// The front end itself, for the last word when the outbox is gone.
    front_end: mpsc::Sender<Fact>,
    batches: mpsc::Sender<LogBatch>,
    stamp: Option<Stamp>,
    file_problem: Option<Safe>,
}

impl Supervisor {
    fn start(config: HubConfig, out: mpsc::Sender<Fact>, batches: mpsc::Sender<LogBatch>) -> Self {
        let mut tasks = JoinSet::new();
        let (facts, to_forward) = mpsc::channel(FACTS_MAX);
        let (engine_out, engine) = watch::channel(None);
        let (hub, hub_in) = watch::channel(Arc::new(Hub::default()));
        let (busy, busy_in) = watch::channel(BTreeSet::new());
        let (watched, watched_in) = watch::channel(None);
        let (checks, checks_in) = mpsc::channel(COMMANDS_MAX);
        let (seen, to_note) = mpsc::channel(SEEN_MAX);
        let (containers_out, containers) = watch::channel(Containers::default());
        let (suspect, reconnect) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let connection = connection::Links {
            endpoint: config.endpoint.clone(),
            engine: engine_out,
            facts: facts.clone(),
            suspect: suspect.clone(),
            reconnect: reconnect.clone(),
            timing: config.timing,
        };
        let refresh = refresh::Links {
            engine: engine.clone(),
            hub: hub_in,
            busy: busy_in,
            watched: watched_in,
            checks: checks_in,
            facts: facts.clone(),
            secrets: config.hub_file.secrets_dir(),
            seen: seen.clone(),
            containers: containers_out,
            nudge: suspect,
        };
        let timelines = timeline::Links {
            seen: to_note,
            engine: engine.clone(),
            facts: facts.clone(),
            journal: config.journal.clone(),
            containers: containers.clone(),
            secrets: config.hub_file.secrets_dir(),
            endpoint: Safe::new(config.endpoint.to_string()),
        };
        tasks.spawn(async move {
            timeline::run(timelines).await;
            Ended::Timeline
        });
        let front_end = out.clone();
        let overhears = seen.clone();
        let outbox = tasks.spawn(async move {
            outbox::forward(to_forward, out, overhears).await;
            Ended::Core("outbox")
        });
        let connection = tasks.spawn(async move {
            connection::run(connection).await;
            Ended::Core("connection")
        });
        let refresh = tasks.spawn(async move {
            refresh::run(refresh).await;
            Ended::Core("refresh")
        });
        Self {
            jobs: Jobs::new(facts.clone(), config.journal.clone()),
            config,
            tasks,
            open_batches: Batches::default(),
            job_tasks: BTreeMap::new(),
            core: [outbox, connection, refresh],
            tails: Tails::default(),
            engine,
            hub,
            busy,
            watched,
            checks,
            containers,
            reconnect,
            facts,
            seen,
            front_end,
            batches,
            stamp: None,
            file_problem: None,
        }
    }

    async fn run(mut self, mut inbox: mpsc::Receiver<Command>) {
        self.read_hub_file().await;
        let mut file_poll = interval(FILE_POLL);
        file_poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let why = loop {
            tokio::select! {
                command = inbox.recv() => match command {
                    Some(command) => self.obey(command).await,
                    None => break None,
                },
                Some(ended) = self.tasks.join_next_with_id() => {
                    if let Err(why) = self.take_end(ended).await { break Some(why) }
                }
                _ = file_poll.tick() => self.look_at_hub_file().await,
            }
        };
        if let Some(why) = why {
            let last_word = self.front_end.send(Fact::Notice(why));
            // A front end that does not read it has not got it in time.
            let _ = timeout(FAREWELL, last_word).await;
        }
        self.jobs.cancel_all();
        self.tasks.abort_all();
        // Whoever misses the deadline is aborted with the runtime.
        let _ = timeout(FAREWELL, async {
            while self.tasks.join_next().await.is_some() {}
        })
        .await;
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::CheckNow(target) => {
                // A full queue means that checks are under way already.
                let _ = self.checks.try_send(target);
            }
            Command::Reconnect => self.reconnect.notify_one(),
            Command::Run(request) => self.submit(request).await,
            Command::Many(batch) => self.take_batch(batch).await,
            Command::Cancel(id) => self.cancel(id).await,
            Command::Follow(follow) => self.follow(&follow),
            Command::Older(wish) => self.read_older(wish),
            Command::Unfollow(id) => self.tails.end(id),
            Command::Watch(project) => {
                self.watched.send_replace(project);
            }
        }
    }

    async fn submit(&mut self, request: Request) {
        if let Some(ready) = self.jobs.submit(request).await {
            self.begin(ready);
        }
        self.go_on().await;
    }

    fn begin(&mut self, ready: Ready) {
        let world = World {
            engine: self.engine.borrow().clone(),
            hub_file: self.config.hub_file.clone(),
            policy: self.config.timing.policy,
            journal: self.config.journal.clone(),
        };
        let project = ready.project.clone();
        let job = async move {
            let (project, state) = ready.run(world).await;
            Ended::Job(project, state)
        };
        let task = self.tasks.spawn(job);
        self.job_tasks.insert(task.id(), project);
    }

    fn follow(&mut self, follow: &Follow) {
        self.tails.end(follow.id);
        for service in &follow.services {
            self.read_log(Followed::new(follow.id, service.clone(), follow.window));
        }
    }

    /// Beside the live lines, which do not wait for it.
    fn read_older(&mut self, wish: Older) {
        let Some(open) = self.tails.free_for_older(&wish) else {
            return;
        };
        let (engine, batches) = (self.engine.clone(), self.batches.clone());
        let container = self.containers.borrow().name(&wish.service);
        *open = Some(self.tasks.spawn(async move {
            let batch = older::answer(engine, &container, &wish).await;
            // The front end is gone.
            let _ = batches.send(batch).await;
            Ended::Older
        }));
    }

    fn read_log(&mut self, followed: Followed) {
        let tail = Tail {
            follow: followed.follow,
            service: followed.service.clone(),
            window: followed.window,
            secrets: self.config.hub_file.secrets_dir(),
            containers: self.containers.clone(),
            engine: self.engine.clone(),
            batches: self.batches.clone(),
            place: followed.place.clone(),
            ear: Ear::new(followed.service.clone(), Some(self.seen.clone())),
        };
        let task = self.tasks.spawn(async move {
            tail.run().await;
            Ended::Tail
        });
        self.tails.begun(task, followed);
    }

    /// Takes the end of a task.
    ///
    /// # Errors
    /// The hub cannot go on without it; says why.
    async fn take_end(
        &mut self,
        ended: Result<(tokio::task::Id, Ended), JoinError>,
    ) -> Result<(), Safe> {
        match ended {
            Ok((id, Ended::Tail)) => self.tails.ended(id),
            Ok((_, Ended::Older | Ended::Timeline)) => {}
            Ok((id, Ended::Job(project, state))) => {
                self.job_tasks.remove(&id);
                self.job_ended(&project, state).await;
            }
            Ok((_, Ended::Core(task))) => return Err(stands_still(&format!("{task} ended"))),
            Err(error) if error.is_cancelled() => {}
            Err(error) if self.core.iter().any(|task| task.id() == error.id()) => {
                return Err(stands_still(&error.to_string()));
            }
            Err(error) => match self.job_tasks.remove(&error.id()) {
                Some(project) => {
                    let why = error.to_string();
                    let state = self.jobs.broke_down(&project, &why).await;
                    self.job_ended(&project, state).await;
                }
                None => self.log_broke_down(&error).await,
            },
        }
        Ok(())
    }

    /// One mistake of this program in one stream: nothing else stands still for it.
    async fn log_broke_down(&mut self, error: &JoinError) {
        let text = match self.tails.broke_down(error.id()) {
            Some(Broken::Again(followed)) => {
                let service = followed.service.clone();
                self.read_log(followed);
                format!("the log of {service} broke down and was opened again: {error}")
            }
            Some(Broken::Ended(service)) => format!(
                "the log of {service} broke down again and again and stays closed, select it anew to open it: {error}"
            ),
            None => format!("a task ended by a mistake in this program: {error}"),
        };
        self.say(text).await;
    }

    async fn job_ended(&mut self, project: &ProjectName, state: JobState) {
        if let Some(next) = self.jobs.ended(project, state) {
            self.begin(next);
        }
        self.go_on().await;
        self.read_hub_file().await;
    }

    async fn say(&self, text: String) {
        // The outbox always reads; it is gone only together with the front end.
        let _ = self.facts.send(Fact::Notice(Safe::new(text))).await;
    }

    async fn look_at_hub_file(&mut self) {
        if self.config.hub_file.stamp() != self.stamp || self.file_problem.is_some() {
            self.read_hub_file().await;
        }
    }

    /// Reads the hub file. One that cannot be used leaves what was known, read-only.
    async fn read_hub_file(&mut self) {
        self.stamp = self.config.hub_file.stamp();
        let known = self.hub.borrow().projects.len();
        let problem = match self.config.hub_file.load() {
            // No file is an empty hub, but not one that has just had projects.
            Ok(_) if self.stamp.is_none() && known > 0 => Some(self.file_gone(known)),
            Ok(hub) => {
                self.take_hub(hub).await;
                None
            }
            Err(error) => Some(Safe::new(error.to_string())),
        };
        if problem != self.file_problem {
            self.file_problem.clone_from(&problem);
            // As above.
            let _ = self.facts.send(Fact::HubFile(problem)).await;
        }
    }

    fn file_gone(&self, known: usize) -> Safe {
        let path = self.config.hub_file.path().display();
        Safe::new(format!(
            "{path} is gone; its {known} projects are shown as they were: put it back, or start the program again"
        ))
    }

    async fn take_hub(&mut self, hub: Hub) {
        let hub = Arc::new(hub);
        let projects = hub.projects.values().map(ProjectEntry::project).collect();
        // As above. Before the refresh hears of them: a front end takes no facts about projects that it does not know.
        let _ = self.facts.send(Fact::Projects(projects)).await;
        if hub.settings.presets != self.hub.borrow().settings.presets {
            let presets = hub.settings.presets.clone();
            // As above.
            let _ = self.facts.send(Fact::Presets(presets)).await;
        }
        self.hub.send_replace(hub);
    }
}

fn stands_still(why: &str) -> Safe {
    Safe::new(format!(
        "the screen no longer moves, start the program again: {why}"
    ))
}

#[cfg(test)]
#[path = "supervisor_tests.rs"]
mod tests;
