//! Keeps the timelines: what the other tasks learn becomes entries, on the disk and for the front end, and alarms. It only
//! listens: nobody waits for it.

mod book;
mod ear;
mod others;
pub mod past;
mod pen;
mod said;

pub(in crate::hub) use ear::Ear;

use super::{
    EngineState, Fact, Job, JobId, JobState, containers::Containers, journal, journal::Journal,
};
use crate::{
    domain::{
        Health, Limits, Project, ProjectName, Safe, ServiceId, State, Timestamp,
        alarm::Alarms,
        log::Burst,
        timeline::{ENTRIES_MAX, Entry, Timeline, What},
    },
    engine::{ContainerEvent, Engine},
};
use book::Book;
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use others::Others;
use past::Past;
use pen::Pen;
use said::Ends;
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    task::{JoinHandle, spawn_blocking},
    time::{Instant, sleep_until, timeout},
};

/// What the others have told and is not taken yet. More than this in an instant has gaps: an event that is lost is only
/// an entry less, and the next look at a service tells its health anew.
pub(super) const SEEN_MAX: usize = 4_096;
/// Of it that is taken at once.
const TAKE_MAX: usize = 64;
/// What was written down may take this long to be read; the timeline begins without it else.
const READ_WAIT: Duration = Duration::from_secs(5);
/// A look at the journal may take this long.
const LOOK_WAIT: Duration = Duration::from_millis(200);
/// The journal is looked at this often for what other programs do.
const LOOK: Duration = Duration::from_secs(2);
/// A front end is told of the same project no more often.
const TELL: Duration = Duration::from_millis(200);
/// The longest sleep.
const NAP: Duration = Duration::from_secs(1);
/// What happened so long ago at most is asked of the engine when it answers; it remembers a few hundred events.
const EVENTS_BACK: Duration = Duration::from_hours(24);
/// Logs of services that turned red that are read at once.
const EARS_MAX: usize = 4;

/// Something that one of the other tasks has learnt.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// A fact on its way to the front end.
    Fact(Fact),
    /// An event of a service's container.
    Event(ServiceId, ContainerEvent),
    /// Errors in a log.
    Burst(ServiceId, Burst),
}

/// Passes on what a fact may mean for a timeline; one that is full has a gap.
pub(super) fn overhear(seen: &mpsc::Sender<Seen>, fact: &Fact) {
    if matches!(
        fact,
        Fact::Engine(_)
            | Fact::Projects(_)
            | Fact::Adopted(_)
            | Fact::Health(..)
            | Fact::Limits(..)
            | Fact::Job(_)
    ) {
        // See [`SEEN_MAX`].
        let _ = seen.try_send(Seen::Fact(fact.clone()));
    }
}

/// What it listens to and speaks to.
#[derive(Debug)]
pub(super) struct Links {
    pub(super) seen: mpsc::Receiver<Seen>,
    pub(super) engine: watch::Receiver<Option<Engine>>,
    pub(super) facts: mpsc::Sender<Fact>,
    /// Beside it the timeline is written.
    pub(super) journal: Journal,
    /// Where the containers are that Compose made.
    pub(super) containers: watch::Receiver<Containers>,
    /// The folder with the projects' secrets.
    pub(super) secrets: PathBuf,
    /// The engine's address.
    pub(super) endpoint: Safe,
}

type Look = JoinHandle<(Others, io::Result<Vec<journal::Entry>>)>;
type LastLines = BoxFuture<'static, Option<(ServiceId, Burst)>>;

/// Where projects are known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    HubFile,
    Compose,
}

struct Chronicle {
    links: Links,
    projects: BTreeMap<Origin, BTreeSet<ProjectName>>,
    began: Instant,
    book: Book,
    alarms: Alarms,
    /// The engine was out of reach when that was last told; `None` as long as nothing was.
    lost: Option<bool>,
    ends: Ends,
    /// When each job began; none while it waits.
    jobs: BTreeMap<JobId, Option<Timestamp>>,
    others: Option<Others>,
    /// A look at the journal that is under way, or hangs.
    look: Option<Look>,
    look_due: Instant,
    tell_due: Instant,
    ears: FuturesUnordered<LastLines>,
    past: BoxFuture<'static, Vec<ContainerEvent>>,
}

/// Listens until the others are gone.
pub(super) async fn run(links: Links) {
    let past = read_back(&links).await;
    let folder = links.journal.folder();
    let pen = folder.map(|f| Pen::new(f, links.endpoint.clone(), links.facts.clone()));
    let now = Instant::now();
    let mut chronicle = Chronicle {
        book: Book::new(past.pages, pen, links.secrets.clone()),
        others: folder.map(|folder| Others::new(folder.to_owned())),
        links,
        projects: BTreeMap::new(),
        began: now,
        alarms: Alarms::default(),
        lost: None,
        ends: Ends::default(),
        jobs: BTreeMap::new(),
        look: None,
        look_due: now + LOOK,
        tell_due: now,
        ears: FuturesUnordered::new(),
        past: std::future::pending().boxed(),
    };
    while chronicle.turn().await.is_some() {}
}

/// What was written down before, as far as it can be read in time.
async fn read_back(links: &Links) -> Past {
    let Some(folder) = links.journal.folder().map(ToOwned::to_owned) else {
        return Past::default();
    };
    let (shown, engine) = (folder.clone(), links.endpoint.clone());
    let read = spawn_blocking(move || past::read(&folder, Some(&engine), ENTRIES_MAX));
    let why = match timeout(READ_WAIT, read).await {
        Ok(Ok(Ok(past))) => return past,
        Ok(Ok(Err(error))) => error.to_string(),
        Ok(Err(error)) => error.to_string(),
        Err(_elapsed) => "its disk does not answer".to_owned(),
    };
    let text = format!(
        "the timeline in {} cannot be read and begins anew: {why}",
        shown.display()
    );
    // The outbox always reads; it is gone only together with the front end.
    let _ = links.facts.send(Fact::Notice(Safe::new(text))).await;
    Past::default()
}

impl Chronicle {
    /// One turn: waits for something to happen, takes it, says what is due. `None` when the hub is gone.
    async fn turn(&mut self) -> Option<()> {
        let mut seen = Vec::new();
        let wake = self.wake_at();
        tokio::select! {
            n = self.links.seen.recv_many(&mut seen, TAKE_MAX) => {
                if n == 0 { return None }
                seen.into_iter().for_each(|seen| self.take(seen));
            }
            changed = self.links.engine.changed() => {
                changed.ok()?;
                self.ask_for_the_past();
            }
            events = &mut self.past => self.take_past(&events),
            Some(heard) = self.ears.next() => self.take_heard(heard),
            () = sleep_until(wake) => {}
        }
        self.say_what_is_due().await
    }

    fn up(&self) -> Duration {
        self.began.elapsed()
    }

    fn wake_at(&self) -> Instant {
        let now = Instant::now();
        let notes = self
            .book
            .pages
            .values()
            .filter_map(|page| page.notes.next_due());
        let due = notes.chain(self.alarms.next_due());
        // What is due and held back is looked at with the next nap, not in a circle.
        let due = due.map(|due| self.began + due).filter(|due| *due > now);
        let tell = self.book.has_news().then_some(self.tell_due);
        let all = due.chain(tell).chain([now + NAP]);
        all.min().unwrap_or(now + NAP)
    }

    fn take(&mut self, seen: Seen) {
        match seen {
            Seen::Event(service, event) => {
                if let Some(entry) = self.ends.of_event(service, &event) {
                    self.book.add(entry);
                }
            }
            Seen::Burst(service, burst) => self.take_burst(&service, &burst),
            Seen::Fact(Fact::Health(id, health)) => self.take_health(&id, *health),
            Seen::Fact(Fact::Limits(id, limits)) => self.take_limits(&id, limits),
            Seen::Fact(Fact::Job(job)) => self.take_job(&job),
            Seen::Fact(Fact::Projects(projects)) => self.take_projects(Origin::HubFile, projects),
            Seen::Fact(Fact::Adopted(projects)) => self.take_projects(Origin::Compose, projects),
            Seen::Fact(Fact::Engine(state)) => self.take_engine(&state),
            Seen::Fact(_) => {}
        }
    }

    /// The projects of one origin are all named; those of the other stay.
    fn take_projects(&mut self, origin: Origin, projects: Vec<Project>) {
        let named = projects.into_iter().map(|project| project.name);
        self.projects.insert(origin, named.collect());
        let names: BTreeSet<ProjectName> = self.projects.values().flatten().cloned().collect();
        self.book.keep(&names);
        self.alarms.keep(&names);
        self.ends.keep(|name| names.contains(name));
    }

    fn take_health(&mut self, id: &ServiceId, health: Health) {
        let up = self.up();
        if let Some(page) = self.book.pages.get_mut(&id.project) {
            page.notes.see_health(id.kind, health.clone(), up);
            self.alarms.see(id, health);
        }
    }

    fn take_limits(&mut self, id: &ServiceId, limits: Limits) {
        let page = self.book.pages.get_mut(&id.project);
        let entry = page.and_then(|p| p.notes.see_limits(id.kind, limits, Timestamp::now()));
        if let Some(entry) = entry {
            self.book.add(entry);
        }
    }

    fn take_burst(&mut self, service: &ServiceId, burst: &Burst) {
        let entry = Entry::once(burst.at, What::Errors, burst.line.plain());
        self.book.join(Entry {
            last: burst.last,
            times: burst.errors,
            ..entry.of(&service.project, Some(service.kind))
        });
    }

    fn take_heard(&mut self, heard: Option<(ServiceId, Burst)>) {
        if let Some((service, burst)) = heard {
            self.take_burst(&service, &burst);
        }
    }

    fn take_job(&mut self, job: &Job) {
        let (now, up) = (Timestamp::now(), self.up());
        let id = said::id_of(job);
        if job.state == JobState::Waiting {
            self.jobs.insert(job.id, None);
        } else {
            let began = self.jobs.entry(job.id).or_insert(Some(job.asked));
            let began = *began.get_or_insert(now);
            let by = self.links.journal.user();
            let entry = said::of_job(job, by, began, now);
            entry.into_iter().for_each(|entry| self.book.join(entry));
            if let Some(deed) = said::deed_of(job.verb) {
                self.alarms.begin(&id, &job.target, deed, up);
            }
        }
        if job.state.is_over() {
            self.jobs.remove(&job.id);
            let done = matches!(job.state, JobState::Done(_));
            self.alarms.end(&id, done, up);
        }
    }

    fn take_engine(&mut self, state: &EngineState) {
        let (lost, why) = match state {
            EngineState::Connecting { .. } => return,
            EngineState::Live { .. } => (false, Safe::default()),
            EngineState::Lost { error, .. } => (true, error.clone()),
        };
        // Where there is no project, nothing happens to any.
        if self.book.pages.is_empty() {
            return;
        }
        let before = self.lost.replace(lost);
        // That it answers is news only after it did not.
        if before.unwrap_or(false) != lost {
            let what = What::Engine { answers: !lost };
            self.book
                .add(Entry::once(Timestamp::now(), what, why.as_str()));
        }
    }

    fn ask_for_the_past(&mut self) {
        let engine = self.links.engine.borrow_and_update().clone();
        self.past = match engine {
            Some(engine) => past_events(engine).boxed(),
            None => std::future::pending().boxed(),
        };
    }

    /// What happened while nobody listened. What came by the way has been counted; what both tell is one.
    fn take_past(&mut self, events: &[ContainerEvent]) {
        self.past = std::future::pending().boxed();
        let mut ends = Ends::default();
        let mut pages: BTreeMap<_, Timeline> = BTreeMap::new();
        let of_event = |event: &ContainerEvent| {
            let service = ServiceId::new(event.project.as_ref()?, event.service?);
            ends.of_event(service, event)
        };
        for entry in events.iter().filter_map(of_event) {
            let page = pages.entry(entry.project.clone());
            page.or_default().add(entry);
        }
        for entry in pages.values().flat_map(Timeline::entries) {
            self.book.join(Entry::clone(entry));
        }
    }

    /// Takes in what other programs of this user have done since the last look. One that hangs is not waited for twice.
    async fn look_at_others(&mut self) {
        let patience = match self.look {
            Some(_) => Duration::ZERO,
            None => LOOK_WAIT,
        };
        if let Some(mut others) = self.others.take() {
            self.look = Some(spawn_blocking(move || {
                let lines = others.look();
                (others, lines)
            }));
        }
        let Some(look) = &mut self.look else { return };
        let Ok(looked) = timeout(patience, look).await else {
            return;
        };
        self.look = None;
        if let Ok((others, lines)) = looked {
            self.others = Some(others);
            // A journal that cannot be read is told by whoever writes it.
            lines
                .into_iter()
                .flatten()
                .for_each(|line| self.take_line(&line));
        }
    }

    fn take_line(&mut self, line: &journal::Entry) {
        let up = self.up();
        if let Some(deed) = said::deed_of_words(&line.what) {
            let target = crate::domain::Target {
                project: line.project.clone(),
                service: line.service,
            };
            self.alarms.begin(&line.id, &target, deed, up);
            if line.result != journal::Outcome::Begun {
                let done = line.result == journal::Outcome::Done;
                self.alarms.end(&line.id, done, up);
            }
        }
        let entries = said::of_journal(line);
        entries.into_iter().for_each(|entry| self.book.join(entry));
    }

    async fn say_what_is_due(&mut self) -> Option<()> {
        if self.look_due <= Instant::now() {
            self.look_due = Instant::now() + LOOK;
            self.look_at_others().await;
        }
        self.raise_alarms().await?;
        self.note_changes();
        self.book.write_counted(Timestamp::now());
        if self.book.has_news() && self.tell_due <= Instant::now() {
            self.tell_due = Instant::now() + TELL;
            for fact in self.book.news() {
                self.links.facts.send(fact).await.ok()?;
            }
        }
        Some(())
    }

    /// Whoever restarts a service with another program has written so before: that is read first.
    async fn raise_alarms(&mut self) -> Option<()> {
        if !self.alarms.is_stirred(self.up()) {
            return Some(());
        }
        self.look_at_others().await;
        for alarm in self.alarms.due(self.up()) {
            self.links.facts.send(Fact::Alarm(alarm)).await.ok()?;
        }
        Some(())
    }

    fn note_changes(&mut self) {
        let (up, now) = (self.up(), Timestamp::now());
        let mut changes = Vec::new();
        for (name, page) in &mut self.book.pages {
            if page.notes.next_due().is_none_or(|due| due > up) {
                continue;
            }
            let intents = self.alarms.intents();
            let held = |kind| intents.hold(&ServiceId::new(name, kind), up);
            changes.extend(page.notes.due(held, up, now));
        }
        for entry in changes {
            self.note(entry);
        }
    }

    fn note(&mut self, entry: Entry) {
        if let Some(noted) = self.book.add(entry) {
            self.listen_to(&noted);
        }
    }

    /// A service that turned red may say why.
    fn listen_to(&mut self, entry: &Entry) {
        let is_red = matches!(
            entry.what,
            What::Health {
                to: State::Unhealthy | State::CrashLooping | State::Stopped,
                ..
            }
        );
        let (Some(project), Some(kind)) = (&entry.project, entry.service) else {
            return;
        };
        let engine = self.links.engine.borrow().clone();
        let free = is_red && entry.times == 1 && self.ears.len() < EARS_MAX;
        if let Some(engine) = engine.filter(|_| free) {
            let service = ServiceId::new(project, kind);
            let name = self.links.containers.borrow().name(&service);
            self.ears
                .push(ear::hear_last(engine, service, name).boxed());
        }
    }
}

async fn past_events(engine: Engine) -> Vec<ContainerEvent> {
    let now = Timestamp::now();
    let since = now.checked_sub(EVENTS_BACK).unwrap_or(now);
    engine.past_events(since, now).await
}
