//! Everything that the facts have told so far: the newest of each, nothing else.

use crate::{
    domain::{
        Health, Limits, Other, PerService, Project, ProjectName, Safe, ServiceId, ServiceKind,
        State, Timestamp, Usage,
        host::HostUse,
        limits::{Capacity, Preset},
        log::LastWord,
        timeline::Entry,
        usage::History,
    },
    hub::{EngineState, Fact, Job, JobId, JobState, Verb},
    stack::hardening::Finding,
};
use std::{collections::BTreeMap, net::IpAddr, sync::Arc, time::Duration};

/// A smaller change of the round-trip time is noise, and noise must not draw.
const RTT_STEP: Duration = Duration::from_millis(2);
/// Operations that are remembered; the oldest finished ones go first.
const JOBS_MAX: usize = 50;

/// What is known of one project.
#[derive(Debug, Clone)]
pub struct Row {
    /// The wishes of the hub file, or what Compose's labels tell.
    pub project: Project,
    /// Health; the default where nothing is known yet.
    pub health: PerService<Health>,
    /// What it uses; `None` where nobody measures.
    pub usage: PerService<Option<Usage>>,
    /// What it used before, for charts.
    pub used: PerService<History>,
    /// The limits in force in the engine.
    pub limits: PerService<Option<Limits>>,
    /// The findings of the audit.
    pub findings: PerService<Option<Vec<Finding>>>,
    /// What its sick services said last, oldest first.
    pub last_words: PerService<Vec<LastWord>>,
    /// What happened to it, oldest first.
    pub timeline: Vec<Arc<Entry>>,
    /// What else belongs to it; only Compose's projects have more than the four.
    pub others: Vec<Other>,
    /// What an operation is doing to it right now.
    pub busy: Option<Verb>,
}

impl Row {
    /// What does not run uses nothing, and what is out of reach uses nobody knows how much.
    fn learn_health(&mut self, kind: ServiceKind, health: Health) {
        if !health.state.is_up() {
            self.usage[kind] = None;
        }
        // What was said in trouble is no news when that is over.
        if !health.is_problem() {
            self.last_words[kind].clear();
        }
        self.health[kind] = health;
    }

    fn new(project: Project) -> Self {
        let health = PerService::from_fn(|_| Health::default());
        Self {
            project,
            health,
            others: Vec::new(),
            usage: PerService::from_fn(|_| None),
            used: PerService::from_fn(|_| History::default()),
            limits: PerService::from_fn(|_| None),
            findings: PerService::from_fn(|_| None),
            last_words: PerService::from_fn(|_| Vec::new()),
            timeline: Vec::new(),
            busy: None,
        }
    }

    /// The same row for another version of its project.
    fn with(self, project: Project) -> Self {
        let mut row = Self { project, ..self };
        for kind in ServiceKind::ALL {
            let is_absent = row.health[kind].state == State::Absent;
            match row.project.has(kind) {
                true if is_absent => row.health[kind] = Health::default(),
                false if !is_absent => row.health[kind] = Health::absent(),
                _ => {}
            }
        }
        row
    }

    /// The limits in force, or the wished ones where there is no container, or the engine has not told.
    #[must_use]
    pub fn limits_of(&self, kind: ServiceKind) -> Limits {
        self.in_force(kind).unwrap_or(self.project.limits[kind])
    }

    fn in_force(&self, kind: ServiceKind) -> Option<Limits> {
        let is_there = !matches!(self.health[kind].state, State::Missing | State::Absent);
        self.limits[kind].filter(|_| is_there)
    }

    /// The limits in force and the wished ones, where they differ and no operation of ours is under way that explains
    /// it: somebody else changed them.
    #[must_use]
    pub fn drift(&self, kind: ServiceKind) -> Option<(Limits, Limits)> {
        let now = self.in_force(kind).filter(|_| self.busy.is_none())?;
        let wished = self.project.limits[kind].or(now);
        (wished != now).then_some((now, wished))
    }
}

/// Everything that is known.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The engine, and when that was learnt.
    pub engine: Option<(EngineState, Timestamp)>,
    /// Its round-trip time as it is shown: steady until it is really another one.
    pub rtt: Duration,
    /// What its host uses as a whole, where that can be seen.
    pub host_use: Option<HostUse>,
    /// Why the hub file cannot be used.
    pub hub_file: Option<Safe>,
    /// The projects by name; `None` until the hub file was read once.
    pub rows: BTreeMap<ProjectName, Row>,
    /// The presets of the hub file, besides the built-in ones.
    pub presets: Vec<Preset>,
    /// True once the hub file was read.
    pub projects_read: bool,
    /// Operations, oldest first.
    pub jobs: BTreeMap<JobId, Job>,
}

impl Known {
    /// Takes in a fact. Facts about projects that are not in the hub are ignored.
    pub fn learn(&mut self, fact: Fact, now: Timestamp) {
        match fact {
            Fact::Engine(state) => self.set_engine(state, now),
            Fact::Projects(projects) => {
                self.projects_read = true;
                self.set_projects(projects, false);
            }
            Fact::Presets(presets) => self.presets = presets,
            Fact::Adopted(projects) => self.set_projects(projects, true),
            Fact::Others(project, others) => self.set_others(&project, others),
            Fact::HubFile(problem) => self.hub_file = problem,
            Fact::Health(id, health) => self.put(id, |row, kind| row.learn_health(kind, *health)),
            Fact::Usage(id, usage) => self.put(id, |row, kind| {
                row.usage[kind] = Some(usage);
                row.used[kind].push(&usage, now);
            }),
            Fact::Host(used) => self.host_use = Some(used),
            Fact::Limits(id, limits) => self.put(id, |row, kind| row.limits[kind] = Some(limits)),
            Fact::Findings(id, list) => self.put(id, |row, kind| row.findings[kind] = Some(list)),
            Fact::LastWords(id, words) => self.put(id, |row, kind| row.last_words[kind] = words),
            Fact::Job(job) => self.set_job(job),
            Fact::Timeline(name, entries) => {
                if let Some(row) = self.rows.get_mut(&name) {
                    row.timeline = entries;
                }
            }
            Fact::Keys(_) | Fact::Theme(_) | Fact::Alarm(_) | Fact::Notice(_) => {}
        }
    }

    fn set_engine(&mut self, state: EngineState, now: Timestamp) {
        if let EngineState::Live { rtt, .. } = &state
            && rtt.abs_diff(self.rtt) > RTT_STEP.max(self.rtt / 4)
        {
            self.rtt = *rtt;
        }
        if !matches!(state, EngineState::Live { .. }) {
            self.host_use = None;
        }
        self.engine = Some((state, now));
    }

    fn put(&mut self, id: ServiceId, set: impl FnOnce(&mut Row, ServiceKind)) {
        if let Some(row) = self.rows.get_mut(&id.project) {
            set(row, id.kind);
        }
    }

    /// The projects of one origin are all named; those of the other stay. A name of the hub file's is the hub file's.
    fn set_projects(&mut self, projects: Vec<Project>, are_adopted: bool) {
        let mut old = std::mem::take(&mut self.rows);
        let other = |row: &Row| row.project.compose().is_some() != are_adopted;
        self.rows = old.extract_if(.., |_, row| other(row)).collect();
        for project in projects {
            let name = project.name.clone();
            if are_adopted && self.rows.contains_key(&name) {
                continue;
            }
            let row = old.remove(&name);
            let row = row.unwrap_or_else(|| Row::new(project.clone()));
            self.rows.insert(name, row.with(project));
        }
    }

    fn set_others(&mut self, project: &ProjectName, others: Vec<Other>) {
        if let Some(row) = self.rows.get_mut(project) {
            row.others = others;
        }
    }

    fn set_job(&mut self, job: Job) {
        let name = job.target.project.clone();
        self.jobs.insert(job.id, job);
        self.drop_oldest_job();
        let running = |job: &&Job| job.target.project == name && job.state == JobState::Running;
        let busy = self.jobs.values().find(running).map(|job| job.verb);
        if let Some(row) = self.rows.get_mut(&name) {
            row.busy = busy;
        }
    }

    fn drop_oldest_job(&mut self) {
        if self.jobs.len() <= JOBS_MAX {
            return;
        }
        let oldest = self.jobs.values().find(|job| job.state.is_over());
        if let Some(id) = oldest.map(|job| job.id) {
            self.jobs.remove(&id);
        }
    }

    /// What the engine's host has.
    #[must_use]
    pub fn capacity(&self) -> Capacity {
        match &self.engine {
            Some((EngineState::Live { host, .. }, _)) => *host,
            _ => Capacity::UNKNOWN,
        }
    }

    /// True if the engine answers.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.engine, Some((EngineState::Live { .. }, _)))
    }

    /// Where the engine is looked for, as one word.
    #[must_use]
    pub fn host(&self) -> String {
        let endpoint = match &self.engine {
            None => return "local".to_owned(),
            Some((
                EngineState::Connecting { endpoint }
                | EngineState::Live { endpoint, .. }
                | EngineState::Lost { endpoint, .. },
                _,
            )) => endpoint,
        };
        match endpoint.split_once("://") {
            Some(("unix", _)) => "local".to_owned(),
            Some((_, host)) => host.trim_end_matches('/').to_owned(),
            None => endpoint.to_string(),
        }
    }

    /// The engine's host, where that is another one than this: its name or address.
    #[must_use]
    pub fn remote_host(&self) -> Option<String> {
        let host = self.host();
        let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((v6, _)) => v6,
            None => host
                .rsplit_once(':')
                .map_or(host.as_str(), |(name, _)| name),
        };
        let is_here = ["local", "localhost"].contains(&name)
            || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        (!is_here).then(|| name.to_owned())
    }

    /// Operations that are not over, oldest first.
    pub fn open_jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values().filter(|job| !job.state.is_over())
    }

    /// True if something runs right now.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.open_jobs().next().is_some()
    }

    /// The newest operation on `project`.
    #[must_use]
    pub fn last_job(&self, project: &ProjectName) -> Option<&Job> {
        self.jobs
            .values()
            .rev()
            .find(|job| job.target.project == *project)
    }

    /// The operation of `project` that runs now, or waits.
    #[must_use]
    pub fn open_job(&self, project: &ProjectName) -> Option<&Job> {
        let mine = |job: &&Job| job.target.project == *project;
        self.open_jobs()
            .filter(mine)
            .find(|job| job.state == JobState::Running)
            .or_else(|| self.open_jobs().find(mine))
    }
}
