//! What a simulated engine remembers, and how each request of the Engine API that this program sends changes it
//! (<https://docs.docker.com/reference/api/engine/version/v1.44/>). No sockets and no clock here: requests and moments come in.

mod conduct;
mod container;
mod exec;
mod life;
mod lifecycle;
mod logs;
mod objects;
mod plan;
mod usage;

pub use conduct::{Conduct, Manner, Protocol, Readiness};
pub use container::{Container, Phase};
pub use logs::Spoken;
pub use plan::Incident;
pub use usage::Counts;

use super::{
    http::{Asked, Reply, Tape},
    voice::Voice,
};
use crate::domain::Timestamp;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};
use tokio::sync::watch;

/// Events that are remembered; whoever listens reads them as they come.
const EVENTS_KEPT: usize = 512;

/// What the engine says of itself, and how much happens by itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its version.
    pub version: String,
    /// Minor version of the newest API that it speaks: 44 is 1.44.
    pub minor: u32,
    /// CPUs of its host.
    pub cpus: u32,
    /// Bytes of memory of its host.
    pub memory: u64,
    /// Containers live: they take time to start, print, use, fail and answer on their ports.
    pub lively: bool,
    /// What happens by chance follows from it.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: "99.1".to_owned(),
            minor: 44,
            cpus: 2,
            memory: 4 << 30,
            lively: false,
            seed: 0,
        }
    }
}

/// What a test wants to go otherwise than with a real engine.
#[derive(Debug, Default)]
pub struct Quirks {
    /// Images that are not there until they are pulled or built.
    pub absent_images: BTreeSet<String>,
    /// Containers whose check says no.
    pub sick: BTreeSet<String>,
    /// Exit code of a check that says no, if it is not 1.
    pub says_no_with: Option<i64>,
    /// Containers that end as soon as they start, with this code.
    pub dies: BTreeMap<String, i64>,
    /// Fields of an update that the engine ignores.
    pub ignores: BTreeSet<&'static str>,
    /// Log streams end after so many bytes: one number per opened stream, then none is cut.
    pub log_cuts: Vec<usize>,
    /// How far its clock is ahead of ours; negative behind. It may jump.
    pub ahead: SignedDuration,
}

/// A simulated engine: everything that it remembers.
#[derive(Debug)]
pub struct Machine {
    /// Containers by name.
    pub containers: BTreeMap<String, Container>,
    /// Labels of networks by name.
    pub networks: BTreeMap<String, Value>,
    /// Labels of volumes by name.
    pub volumes: BTreeMap<String, Value>,
    /// Images that were built here.
    pub built: BTreeSet<String>,
    /// What helpers were given, by the container.
    pub uploads: Vec<String>,
    /// Its oddities.
    pub quirks: Quirks,
    pub(super) settings: Settings,
    execs: VecDeque<exec::Exec>,
    execs_made: usize,
    events: watch::Sender<Tape>,
    made: u64,
    plan: VecDeque<plan::Planned>,
    rng: fastrand::Rng,
    /// The moment of the request or tick at hand.
    now: Timestamp,
}

impl Machine {
    /// An engine without anything.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            containers: BTreeMap::new(),
            networks: BTreeMap::new(),
            volumes: BTreeMap::new(),
            built: BTreeSet::new(),
            uploads: Vec::new(),
            quirks: Quirks::default(),
            execs: VecDeque::new(),
            execs_made: 0,
            events: watch::Sender::new(Tape::of(EVENTS_KEPT)),
            made: 0,
            plan: VecDeque::new(),
            rng: fastrand::Rng::with_seed(settings.seed),
            now: Timestamp::UNIX_EPOCH,
            settings,
        }
    }

    /// What its clock says now.
    #[must_use]
    pub fn clock(&self) -> Timestamp {
        self.by_its_clock(Timestamp::now())
    }

    fn by_its_clock(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.quirks.ahead).unwrap_or(now)
    }

    /// True if things happen by themselves.
    #[must_use]
    pub const fn is_lively(&self) -> bool {
        self.settings.lively
    }

    /// Answers a request at this moment.
    pub fn answer(&mut self, asked: &Asked, now: Timestamp) -> Reply {
        self.now = self.by_its_clock(now);
        if asked
            .version
            .is_some_and(|minor| minor > self.settings.minor)
        {
            return self.too_new(asked.version.unwrap_or_default());
        }
        let words = asked.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let method = asked.line.split(' ').next().unwrap_or_default();
        match (method, words.as_slice()) {
            ("GET", ["_ping"]) => Reply::Page(200, "OK".to_owned()),
            ("GET", ["version"]) => self.version(),
            ("GET", ["info"]) => self.info(),
            ("GET", ["events"]) => self.events(asked),
            (_, ["containers", ..]) => self.of_containers(method, &words, asked),
            (_, ["exec", ..]) => self.of_execs(method, &words),
            (_, ["networks" | "volumes" | "images" | "build", ..]) => {
                self.of_objects(method, &words, asked)
            }
            _ => unknown(asked),
        }
    }

    fn of_containers(&mut self, method: &str, words: &[&str], asked: &Asked) -> Reply {
        match (method, words) {
            ("GET", [_, "json"]) => self.list(asked),
            ("POST", [_, "create"]) => self.create(asked),
            ("GET", [_, name, "json"]) => self.inspect(name),
            ("GET", [_, name, "logs"]) => self.logs(name, asked),
            ("GET", [_, name, "stats"]) => self.stats(name),
            ("DELETE", [_, name]) => self.remove(name),
            ("PUT", [_, name, "archive"]) => self.upload(name),
            ("POST", [_, name, "rename"]) => self.rename(name, asked),
            ("POST", [_, name, "update"]) => self.update(name, &asked.json()),
            ("POST", [_, name, "exec"]) => self.exec(name, &asked.json()),
            ("POST", [_, name, "start"]) => self.start(name),
            ("POST", [_, name, "stop"]) => self.stop(name),
            ("POST", [_, name, "restart"]) => self.restart(name),
            _ => unknown(asked),
        }
    }

    fn too_new(&self, wanted: u32) -> Reply {
        let newest = self.settings.minor;
        Reply::refuse(
            400,
            &format!(
                "client version 1.{wanted} is too new. Maximum supported API version is 1.{newest}"
            ),
        )
    }

    fn version(&self) -> Reply {
        let api = format!("1.{}", self.settings.minor);
        let version = &self.settings.version;
        Reply::value(&json!({"Version": version, "ApiVersion": api, "MinAPIVersion": "1.24"}))
    }

    fn info(&self) -> Reply {
        Reply::value(&json!({
            "NCPU": self.settings.cpus,
            "MemTotal": self.settings.memory,
            "SecurityOptions": ["name=seccomp,profile=default"],
            "CgroupDriver": "brandnew",
        }))
    }

    /// What happens from now on, or, with an end, what has happened. Of filters only the container's counts.
    fn events(&self, asked: &Asked) -> Reply {
        if asked.query("until").is_some() {
            return self.past_events(asked);
        }
        let so_far = self.events.borrow().len();
        Reply::Follow(self.events.subscribe(), so_far)
    }

    fn past_events(&self, asked: &Asked) -> Reply {
        let [since, until] = ["since", "until"].map(|name| logs::moment_of(&asked.query(name)?));
        let filters = asked.query("filters").unwrap_or_default();
        let is_of_all = !filters.contains("\"container\":");
        let tape = self.events.borrow();
        let wanted = |line: &Vec<u8>| {
            let event: Value = serde_json::from_slice(line).unwrap_or_default();
            let nanos = event["timeNano"].as_i64().map(i128::from);
            let at = nanos.and_then(|nanos| Timestamp::from_nanosecond(nanos).ok());
            let id = event["Actor"]["ID"].as_str();
            id.is_some_and(|id| is_of_all || filters.contains(id)) && at >= since && at <= until
        };
        let past = tape.since(tape.first()).into_iter().filter(wanted);
        Reply::Chunks(past.collect())
    }

    /// Tells whoever listens that something happened to a container.
    pub fn tell(&self, name: &str, action: &str) {
        let Some(container) = self.containers.get(name) else {
            return;
        };
        let mut attributes = container.body["Labels"].clone();
        if !attributes.is_object() {
            attributes = json!({});
        }
        attributes["name"] = json!(name);
        attributes["image"] = container.body["Image"].clone();
        attributes["exitCode"] = json!(container.exit_code.to_string());
        let nanos = i64::try_from(self.now.as_nanosecond()).unwrap_or_default();
        let event = json!({"Type": "container", "Action": action, "scope": "local",
            "time": self.now.as_second(), "timeNano": nanos,
            "Actor": {"ID": container.id, "Attributes": attributes}});
        let line = format!("{event}\n").into_bytes();
        self.events.send_modify(|tape| tape.push(line));
    }

    /// The name of a container, by its name or id.
    fn key(&self, name: &str) -> Option<String> {
        let mut all = self.containers.iter();
        all.find(|(key, container)| *key == name || container.id == name)
            .map(|(key, _)| key.clone())
    }

    /// The container of that name or id, to be changed.
    fn known(&mut self, name: &str) -> Result<(String, &mut Container), Reply> {
        let key = self.key(name).ok_or_else(|| no_container(name))?;
        let container = self.containers.get_mut(&key);
        container
            .map(|container| (key, container))
            .ok_or_else(|| no_container(name))
    }

    /// From now on things happen by themselves.
    pub fn enliven(&mut self) {
        self.settings.lively = true;
        let mut containers = std::mem::take(&mut self.containers);
        for container in containers.values_mut() {
            container.voice = self.voice_for(&container.body);
            container.log.send_replace(Tape::of(container::LIVELY_LOG));
        }
        self.containers = containers;
    }

    /// A voice for a container that prints.
    fn voice_for(&mut self, body: &Value) -> Option<Voice> {
        let lively = self.settings.lively;
        let seed = self.rng.u64(..);
        lively.then(|| conduct::voice_of(body, seed)).flatten()
    }
}

fn unknown(asked: &Asked) -> Reply {
    Reply::refuse(
        501,
        &format!("the simulated engine knows no {}", asked.line),
    )
}

fn no_container(name: &str) -> Reply {
    Reply::refuse(404, &format!("No such container: {name}"))
}

/// Time between two ticks of [`Machine::tick`].
pub const TICK: Duration = Duration::from_millis(200);
