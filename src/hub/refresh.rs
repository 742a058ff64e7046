//! The periodic matrix. Events make it quick, the list makes it right, probes make it true. All questions are under way at
//! once in one task, so a stuck service delays no other; of each kind there is at most one per service.

mod compose;
mod counters;
mod dependants;
mod due;
mod others;
mod past;
mod words;

pub(super) use words::Words;

use super::{
    Fact,
    containers::Containers,
    round::Answer,
    subject::Subject,
    timeline::Seen,
    watched::{Counted, Watched},
};
use crate::{
    config::{HealthSettings, Hub},
    domain::{
        Health, ProjectName, Safe, ServiceId, ServiceKind, Target, Timestamp, container::Summary,
        log::LastWord,
    },
    engine::{ContainerEvent, Engine, EngineError, EventAction},
    stack::{ServiceSpec, StackSpec, hardening},
};
use compose::ComposeProjects;
pub(super) use counters::Count;
use counters::Counters;
use due::{SAMPLE_REST, SAMPLE_SECOND};
use futures_util::{
    FutureExt, Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream, FuturesUnordered},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Notify, mpsc, watch},
    time::{Instant, sleep_until},
};

/// The list is read and all containers are inspected this often while events arrive; an event may be missed, and the
/// list does not show all …
pub(super) const RESYNC: Duration = Duration::from_secs(30);
/// … and the list is read this often while they do not.
const RESYNC_BLIND: Duration = Duration::from_secs(5);
/// What the refresh listens to and speaks to.
#[derive(Debug)]
pub(super) struct Links {
    pub(super) engine: watch::Receiver<Option<Engine>>,
    pub(super) hub: watch::Receiver<Arc<Hub>>,
    pub(super) busy: watch::Receiver<BTreeSet<ProjectName>>,
    pub(super) watched: watch::Receiver<Option<ProjectName>>,
    pub(super) checks: mpsc::Receiver<Target>,
    pub(super) facts: mpsc::Sender<Fact>,
    /// The folder with the projects' secrets.
    pub(super) secrets: PathBuf,
    /// Hears of events.
    pub(super) seen: mpsc::Sender<Seen>,
    /// Where the containers are that Compose made.
    pub(super) containers: watch::Sender<Containers>,
    /// Tells the connection task that something smells of a dead engine.
    pub(super) nudge: Arc<Notify>,
}

type Inspected = Result<Option<Box<crate::domain::Container>>, EngineError>;
type Events = BoxStream<'static, Result<ContainerEvent, EngineError>>;

struct Refresh {
    links: Links,
    settings: HealthSettings,
    services: BTreeMap<ServiceId, Watched>,
    /// The services among them that this program makes.
    own: BTreeSet<ServiceId>,
    compose: ComposeProjects,
    /// Projects whose entry or folder makes no stack, and why.
    unusable: BTreeMap<ProjectName, Safe>,
    /// Their services that nobody was told of yet.
    untold: Vec<(ServiceId, Safe)>,
    counters: Counters,
    work: FuturesUnordered<BoxFuture<'static, Answer>>,
    events: Events,
    hears_events: bool,
    listing: bool,
    list_due: Instant,
}

/// Keeps the matrix true until the front end is gone.
pub(super) async fn run(mut links: Links) {
    let hub = links.hub.borrow_and_update().clone();
    let mut refresh = Refresh {
        links,
        settings: hub.settings.health.clone(),
        services: BTreeMap::new(),
        own: BTreeSet::new(),
        compose: ComposeProjects::default(),
        unusable: BTreeMap::new(),
        untold: Vec::new(),
        counters: Counters::new(),
        work: FuturesUnordered::new(),
        events: stream::pending().boxed(),
        hears_events: false,
        listing: false,
        list_due: Instant::now(),
    };
    refresh.take_hub(&hub);
    while refresh.turn().await.is_some() {}
}

impl Refresh {
    /// One turn: waits for something to happen, takes it, asks what is due. `None` when the hub is gone.
    async fn turn(&mut self) -> Option<()> {
        let due = self.next_due();
        tokio::select! {
            changed = self.links.engine.changed() => {
                changed.ok()?;
                self.take_engine();
            }
            changed = self.links.hub.changed() => {
                changed.ok()?;
                let hub = self.links.hub.borrow_and_update().clone();
                self.take_hub(&hub);
            }
            target = self.links.checks.recv() => self.check_now(&target?),
            Some(answer) = self.work.next() => self.take(answer).await,
            event = self.events.next() => self.take_event(event),
            () = sleep_until(due) => {}
        }
        self.ask_what_is_due();
        self.tell().await
    }

    fn engine(&self) -> Option<Engine> {
        self.links.engine.borrow().clone()
    }

    fn take_engine(&mut self) {
        let engine = self.links.engine.borrow_and_update().clone();
        self.listing = false;
        self.work.clear();
        for watched in self.services.values_mut() {
            watched.checking = false;
            watched.inspecting = false;
            watched.sampling = false;
            watched.words.forget_question();
            watched.counted = Counted::Unknown;
        }
        self.counters = Counters::new();
        self.compose.others.forget_questions();
        match engine {
            Some(engine) => {
                self.list_due = Instant::now();
                self.listen(&engine);
            }
            None => {
                self.events = stream::pending().boxed();
                self.hears_events = false;
                self.services.values_mut().for_each(Watched::lose);
                let why = "the engine is out of reach".into();
                self.compose.others.lose(&why, Timestamp::now());
            }
        }
    }

    fn listen(&mut self, engine: &Engine) {
        self.events = self.events_of(engine);
        self.hears_events = true;
    }

    /// What happens to containers of ours, or, where projects of Compose are looked at, to all.
    fn events_of(&self, engine: &Engine) -> Events {
        match self.lists_all() {
            true => engine.all_events().boxed(),
            false => engine.events().boxed(),
        }
    }

    fn lists_all(&self) -> bool {
        self.compose.needs_all()
    }

    fn take_hub(&mut self, hub: &Hub) {
        self.settings = hub.settings.health.clone();
        let mut known = BTreeSet::new();
        let mut unusable = BTreeMap::new();
        for entry in hub.projects.values() {
            match StackSpec::resolve(entry) {
                Ok(stack) => {
                    known.extend(stack.services.0.iter().map(|spec| spec.id.clone()));
                    stack
                        .services
                        .0
                        .into_iter()
                        .for_each(|spec| self.take_spec(spec));
                }
                Err(error) => {
                    unusable.insert(entry.name.clone(), Safe::new(error.to_string()));
                }
            }
        }
        self.own = known;
        let (own, compose) = (&self.own, &self.compose);
        self.services
            .retain(|id, _| own.contains(id) || compose.has(id));
        self.take_unusable(unusable);
        self.take_imported(hub);
    }

    fn take_spec(&mut self, spec: ServiceSpec) {
        let local = self.is_local();
        let subject = Subject::ours(spec);
        if let Some(watched) = self.services.get_mut(&subject.id) {
            return watched.resubject(subject, &self.settings, local);
        }
        let id = subject.id.clone();
        let watched = Watched::new(subject, &self.settings);
        self.services.insert(id, watched);
        self.list_due = Instant::now();
    }

    /// What cannot be resolved cannot be looked at: it stays in the matrix as unknown, with the reason.
    fn take_unusable(&mut self, unusable: BTreeMap<ProjectName, Safe>) {
        for (project, why) in &unusable {
            if self.unusable.get(project) != Some(why) {
                let ids = ServiceKind::ALL.map(|kind| ServiceId::new(project, kind));
                self.untold.extend(ids.map(|id| (id, why.clone())));
            }
        }
        self.unusable = unusable;
    }

    async fn take(&mut self, answer: Answer) {
        match answer {
            Answer::Listed(listed) => self.take_list(listed),
            Answer::Inspected(id, container) => self.take_container(&id, container).await,
            Answer::Other(id, container) => self.take_other(&id, container),
            Answer::Checked {
                service,
                check,
                asked,
                hung,
                root,
            } => {
                let (local, phase) = (self.is_local(), self.phase(&service));
                let served = self.serves(&service);
                if let Some(watched) = self.services.get_mut(&service) {
                    if root {
                        watched.subject.ask_root();
                    }
                    watched.tracker.see_question(asked);
                    watched.checked(check, hung, local, phase);
                }
                self.ask_who_needs(&service, served);
            }
            Answer::Sampled(id, sample) => self.take_sample(&id, sample).await,
            Answer::LastWords(id, words) => self.take_last_words(id, words).await,
            Answer::Past(id, ends) => self.take_past(&id, &ends),
            Answer::Counted(count) => self.take_count(count).await,
        }
    }

    fn take_list(&mut self, listed: Result<Vec<Summary>, EngineError>) {
        self.listing = false;
        if !self.unusable.is_empty() {
            // The mend may be in the project's folder, whose changes nobody tells.
            let hub = self.links.hub.borrow().clone();
            self.take_hub(&hub);
        }
        let pause = if self.hears_events {
            RESYNC
        } else {
            RESYNC_BLIND
        };
        self.list_due = Instant::now() + pause.min(self.settings.interval * 6);
        let Ok(rows) = listed else {
            self.links.nudge.notify_one();
            return;
        };
        self.adopt(&rows);
        self.look_for_differences(&rows);
    }

    fn look_for_differences(&mut self, rows: &[Summary]) {
        let rows: BTreeMap<_, _> = rows.iter().map(|row| (row.name.as_str(), row)).collect();
        // A restart in between and limits that were changed show in no list.
        let age = if self.hears_events {
            Duration::ZERO
        } else {
            RESYNC - RESYNC_BLIND
        };
        for watched in self.services.values_mut() {
            let name = watched.subject.container.as_deref();
            let row = name.and_then(|name| rows.get(name));
            let same = match (row, &watched.container) {
                (None, None) => watched.tracker.health().state == crate::domain::State::Missing,
                (Some(row), Some(container)) => {
                    row.id == container.id && row.phase == container.phase
                }
                _ => false,
            };
            watched.inspect_again |= !same || watched.is_doubtful(age);
        }
    }

    async fn take_container(&mut self, id: &ServiceId, container: Inspected) {
        let (planned, local) = (self.is_planned(&id.project), self.is_local());
        let served = self.serves(id);
        let Some(watched) = self.services.get_mut(id) else {
            return;
        };
        watched.inspecting = false;
        let Ok(container) = container else {
            // The next list asks again; a dead engine is the connection task's to tell.
            watched.doubt();
            self.links.nudge.notify_one();
            return;
        };
        let first = watched.container.is_none();
        watched.inspected(container.map(|c| *c), planned, local);
        let doubtful = watched.container.as_ref();
        let doubtful = doubtful.filter(|c| first && past::is_doubtful(c));
        if let Some(container) = doubtful.map(|c| c.id.clone()) {
            self.ask_past(id, container);
        }
        self.ask_who_needs(id, served);
        let Some(watched) = self.services.get(id) else {
            return;
        };
        if let Some(container) = &watched.container {
            let limits = Fact::Limits(id.clone(), container.limits());
            let findings = Fact::Findings(id.clone(), hardening::audit(container));
            for fact in [limits, findings] {
                // The outbox always reads; it is gone only together with the front end.
                let _ = self.links.facts.send(fact).await;
            }
        }
    }

    async fn take_sample(
        &mut self,
        id: &ServiceId,
        sample: Result<Option<crate::domain::Sample>, EngineError>,
    ) {
        let is_watched = self.links.watched.borrow().as_ref() == Some(&id.project);
        let Some(watched) = self.services.get_mut(id) else {
            return;
        };
        watched.sampling = false;
        // Two samples make a CPU figure: the second one comes soon.
        let pause = match (watched.was_sampled(), is_watched) {
            (false, _) => SAMPLE_SECOND,
            (true, true) => self.settings.interval.max(SAMPLE_SECOND),
            (true, false) => SAMPLE_REST,
        };
        watched.sample_due = Instant::now() + pause;
        if let Ok(Some(sample)) = sample {
            let usage = watched.sampled(&sample);
            // As above: the outbox always reads.
            let _ = self.links.facts.send(Fact::Usage(id.clone(), usage)).await;
        }
    }

    async fn take_last_words(&mut self, id: ServiceId, words: Option<Vec<LastWord>>) {
        let Some(watched) = self.services.get_mut(&id) else {
            return;
        };
        if let Some(words) = watched.words.heard(words) {
            // As above: the outbox always reads.
            let _ = self.links.facts.send(Fact::LastWords(id, words)).await;
        }
    }

    fn take_event(&mut self, event: Option<Result<ContainerEvent, EngineError>>) {
        let Some(Ok(event)) = event else {
            // Ended or unreadable: what happened meanwhile is in the list.
            self.hears_events = false;
            self.events = later(self.engine(), self.lists_all()).boxed();
            self.list_due = Instant::now();
            self.links.nudge.notify_one();
            return;
        };
        self.hears_events = true;
        self.hear_of_compose(&event);
        let id = self.service_of(&event);
        if let Some(id) = &id {
            // One that does not get through is an entry less in a timeline.
            let seen = Seen::Event(id.clone(), event.clone());
            let _ = self.links.seen.try_send(seen);
        }
        if let Some(watched) = id.and_then(|id| self.services.get_mut(&id)) {
            match event.action {
                EventAction::Oom => watched.tracker.see_oom(event.at),
                EventAction::Die {
                    exit_code: Some(code),
                } => watched.tracker.see_exit(code, event.at),
                _ => {}
            }
            watched.inspect_again = true;
        }
    }

    fn is_local(&self) -> bool {
        let engine = self.links.engine.borrow();
        engine.as_ref().is_some_and(|e| e.endpoint().is_local())
    }

    async fn tell(&mut self) -> Option<()> {
        self.tell_of_compose().await?;
        for (id, message) in self.untold.drain(..) {
            let health = Health {
                message,
                ..Health::default()
            };
            let fact = Fact::Health(id, Box::new(health));
            self.links.facts.send(fact).await.ok()?;
        }
        for (id, watched) in &mut self.services {
            if let Some(health) = watched.news() {
                let fact = Fact::Health(id.clone(), Box::new(health));
                self.links.facts.send(fact).await.ok()?;
            }
        }
        Some(())
    }
}

/// The events again, after a pause: an engine that ends every stream at once must not be asked in a loop.
fn later(
    engine: Option<Engine>,
    all: bool,
) -> impl Stream<Item = Result<ContainerEvent, EngineError>> + Send + 'static {
    let Some(engine) = engine else {
        return stream::pending().boxed();
    };
    let pause = tokio::time::sleep(RESYNC_BLIND);
    let events = move |()| match all {
        true => engine.all_events().boxed(),
        false => engine.events().boxed(),
    };
    pause.map(events).flatten_stream().boxed()
}
