//! The async task layer: what a front end may ask for (commands) and what it learns (facts). Owns every task.

mod ahead;
pub mod audit;
mod batches;
mod bring_up;
mod connection;
pub mod containers;
mod ensure;
mod failure;
mod foreign;
mod gate;
mod jobs;
pub mod journal;
pub mod known;
mod last_lines;
mod lifecycle;
mod limits;
mod lock;
pub mod meter;
mod news;
mod older;
mod one_service;
pub mod operation;
mod outbox;
mod place;
pub mod plan;
mod preflight;
mod refresh;
pub mod report;
mod request;
mod restart;
mod resume;
pub mod retry;
mod round;
pub mod sequence;
pub mod shell;
pub mod snapshot;
pub mod stream;
mod subject;
mod supervisor;
pub mod tail;
mod tails;
mod taste;
pub mod timeline;
mod watched;

pub use foreign::preview as preview_import;
pub use operation::{hub_is_read_only, read_only};
pub use request::{Again, GRACE_MAX, NewProject, Request};
pub use sequence::{Batch, Pace, Sequence};
pub use supervisor::{HubConfig, Timing, open};

use crate::{
    domain::{
        Health, KeyWishes, Limits, LogLine, Other, Project, ProjectName, Safe, Secret, ServiceId,
        Target, ThemeWish, Timestamp, Usage,
        alarm::Alarm,
        host::HostUse,
        limits::{Capacity, Preset},
        log::{LastWord, Window},
        timeline::Entry,
    },
    stack::hardening::Finding,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// What a front end may ask the hub to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Check these services now, inside their containers.
    CheckNow(Target),
    /// Try to reach the engine now instead of after the back-off.
    Reconnect,
    /// Run an operation: one at a time per project, the next waits.
    Run(Request),
    /// Run several: each becomes a job, and a notice sums them up in the end.
    Many(Batch),
    /// Cancel a running or waiting job.
    Cancel(JobId),
    /// Stream logs until [`Command::Unfollow`]. A second follow with the same id replaces the first.
    Follow(Follow),
    /// Load lines of a followed service that are older than those that came: answered by one [`LogBatch`] that arrives as
    /// [`Arrival::Older`]. One at a time for each service: what is asked meanwhile is not answered.
    Older(Older),
    /// Stop streaming.
    Unfollow(FollowId),
    /// The operator looks at this project: where the engine has to be asked what services use, it is asked about these
    /// at each interval, about the others once a minute.
    Watch(Option<ProjectName>),
}

/// Names a stream of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FollowId(pub u64);

/// A wish to see logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follow {
    /// Comes back in every [`LogBatch`].
    pub id: FollowId,
    /// The services, of any projects.
    pub services: Vec<ServiceId>,
    /// Where each log begins.
    pub window: Window,
}

/// A wish to see what was before. The engine has no names for lines, so it says where those begin that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Older {
    /// The stream.
    pub follow: FollowId,
    /// The service.
    pub service: ServiceId,
    /// The moment of the first line that is there; without one, the moment with which the window begins.
    pub before: Timestamp,
    /// Lines that are there and are of exactly that moment; 0 if there is none.
    pub same: u32,
    /// Lines that came, as far as is known: what lies before them is looked for so far from the log's end.
    pub kept: u64,
}

/// Lines of one service, in the engine's order.
#[derive(Debug, Clone, PartialEq)]
pub struct LogBatch {
    /// The stream.
    pub follow: FollowId,
    /// The service.
    pub service: ServiceId,
    /// What came.
    pub events: Vec<LogEvent>,
    /// Where it belongs.
    pub arrival: Arrival,
}

/// Where the events of a batch belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arrival {
    /// After everything of this service that came before.
    #[default]
    New,
    /// Before everything of this service that came before.
    Older {
        /// The engine has nothing that is still older.
        all: bool,
    },
}

/// One thing that a log stream brings.
#[derive(Debug, Clone, PartialEq)]
pub enum LogEvent {
    /// A line.
    Line(LogLine),
    /// A word of ours at that place: restarted, reconnected, no container yet.
    Notice(Timestamp, Safe),
    /// What must not be shown of the stream's lines, besides what was told before: the secrets of this service's project.
    /// Comes before the first line that may hold them.
    Secrets(Vec<Secret>),
}

impl LogEvent {
    /// When it happened; what is to be hidden has no moment.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Line(line) => Some(line.at),
            Self::Notice(at, _) => Some(*at),
            Self::Secrets(_) => None,
        }
    }
}

/// What a front end learns. The newest fact about a thing replaces the older ones.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// The engine's reachability changed, or its round-trip time was measured.
    Engine(EngineState),
    /// The hub file was read: all projects of it that this program runs itself, by name.
    Projects(Vec<Project>),
    /// The presets of the hub file, besides the built-in ones.
    Presets(Vec<Preset>),
    /// What keys the hub file wishes for, once it wishes for others.
    Keys(Box<KeyWishes>),
    /// The theme that the hub file wishes for, once that is another one.
    Theme(ThemeWish),
    /// All projects that Compose made, by name: those whose containers are there, and those of the hub file.
    Adopted(Vec<Project>),
    /// What else belongs to a project that Compose made.
    Others(ProjectName, Vec<Other>),
    /// The hub file cannot be used; the program goes on read-only. `None`: it can be again.
    HubFile(Option<Safe>),
    /// The health of a service.
    Health(ServiceId, Box<Health>),
    /// What a service uses.
    Usage(ServiceId, Usage),
    /// What the engine's host uses as a whole, where that can be seen.
    Host(HostUse),
    /// The limits that are in force in the engine.
    Limits(ServiceId, Limits),
    /// Hardening findings of a watched service's container.
    Findings(ServiceId, Vec<Finding>),
    /// A job began, moved or ended.
    Job(Job),
    /// The last lines of a sick service that say what is wrong, oldest first; told again when they are others.
    LastWords(ServiceId, Vec<LastWord>),
    /// What happened to a project, oldest first: all of it that is kept.
    Timeline(ProjectName, Vec<Arc<Entry>>),
    /// The operator is to be called.
    Alarm(Alarm),
    /// Something the operator should read once.
    Notice(Safe),
}

/// Whether the engine can be reached.
#[derive(Debug, Clone, PartialEq)]
pub enum EngineState {
    /// The first try is under way.
    Connecting {
        /// Where.
        endpoint: Safe,
    },
    /// It answers.
    Live {
        /// Where.
        endpoint: Safe,
        /// Its version.
        version: Safe,
        /// Round-trip time of the last ping.
        rtt: Duration,
        /// What its host has.
        host: Capacity,
    },
    /// It does not answer.
    Lost {
        /// Where.
        endpoint: Safe,
        /// Why, in the system's words.
        error: Safe,
        /// What the operator can do about it.
        hint: Safe,
        /// Which try failed, from 1.
        attempt: u32,
        /// When the next one is due.
        retry_in: Duration,
    },
}

/// Names a job within one run of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Start.
    Start,
    /// Stop.
    Stop,
    /// Restart.
    Restart,
    /// Change limits.
    Limits,
    /// Add a project.
    Add,
    /// Protect a project, or no longer.
    Protect,
    /// Remove a project.
    Remove,
    /// Check now.
    Check,
}

impl Verb {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Limits => "limits",
            Self::Add => "add",
            Self::Protect => "protect",
            Self::Remove => "remove",
            Self::Check => "check",
        }
    }
}

/// One operation, as far as it got.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub verb: Verb,
    /// The same with its parameters, in the words of the journal: `restart recreate`.
    pub did: Safe,
    /// To what.
    pub target: Target,
    /// When it was asked for.
    pub asked: Timestamp,
    /// How far it is.
    pub progress: Progress,
    /// Whether it still runs.
    pub state: JobState,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Steps done.
    pub done: u8,
    /// Steps in all.
    pub steps: u8,
    /// What is being done: `backend: waiting for health 21s of 60s`.
    pub text: Safe,
}

/// Whether a job still runs.
#[derive(Debug, Clone, PartialEq)]
pub enum JobState {
    /// Another operation on the same project runs first.
    Waiting,
    /// It runs.
    Running,
    /// It did what was asked; what that was, in a sentence.
    Done(Safe),
    /// It did not.
    Failed(Failure),
    /// The operator cancelled it.
    Cancelled,
}

impl JobState {
    /// True once nothing more will happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// Why an operation failed, for the operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What kind of failure, for exit codes and dialogs.
    pub kind: FailureKind,
    /// One line with the engine's own words.
    pub message: Safe,
    /// What to do next.
    pub hint: Option<Safe>,
    /// The last log lines of the service that failed.
    pub log: Vec<LogLine>,
}

/// Kinds of failure that a front end treats differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// What was asked for is wrong: nothing was sent.
    Input,
    /// The engine cannot be reached.
    Engine,
    /// It was tried and did not work.
    Operation,
    /// It works only if the operator says that it is meant (memory below what is in use).
    NeedsConfirm,
}

/// A front end's end of the hub.
#[derive(Debug)]
pub struct HubHandle {
    /// Commands to the hub.
    pub commands: mpsc::Sender<Command>,
    /// Facts from it. A front end that reads slowly slows only facts, never the engine's tasks.
    pub facts: mpsc::Receiver<Fact>,
    /// Log batches from it: bounded, the streams wait.
    pub logs: mpsc::Receiver<LogBatch>,
}
