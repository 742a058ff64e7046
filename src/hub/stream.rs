//! Log streams without the rest of the hub: what `logs --follow` needs.

use super::{
    Fact, Follow, LogBatch, connection, containers::Containers, supervisor::Timing, tail::Tail,
    timeline::Ear,
};
use crate::engine::Endpoint;
use std::{path::Path, sync::Arc};
use tokio::{
    sync::{Notify, mpsc, watch},
    task::JoinSet,
};

/// Facts about the engine that may wait for a reader.
const FACTS_MAX: usize = 16;
/// Batches on their way; the streams wait.
const BATCHES_MAX: usize = 8;

/// Open log streams; they end when this is dropped.
#[derive(Debug)]
pub struct LogStreams {
    /// Whether the engine can be reached.
    pub facts: mpsc::Receiver<Fact>,
    /// Lines.
    pub logs: mpsc::Receiver<LogBatch>,
    _tasks: JoinSet<()>,
}

/// Follows what `follow` names, through restarts of services and of the engine. `secrets` is the folder with the projects'
/// secrets, `containers` where those are that Compose made.
#[must_use]
pub fn open(
    endpoint: Endpoint,
    timing: Timing,
    follow: &Follow,
    secrets: &Path,
    containers: Containers,
) -> LogStreams {
    let (facts_out, facts) = mpsc::channel(FACTS_MAX);
    let (batches, logs) = mpsc::channel(BATCHES_MAX);
    let (engine_out, engine) = watch::channel(None);
    let (_, containers) = watch::channel(containers);
    let mut tasks = JoinSet::new();
    tasks.spawn(connection::run(connection::Links {
        endpoint,
        engine: engine_out,
        facts: facts_out,
        suspect: Arc::new(Notify::new()),
        reconnect: Arc::new(Notify::new()),
        timing,
    }));
    for service in &follow.services {
        let tail = Tail {
            follow: follow.id,
            service: service.clone(),
            window: follow.window,
            secrets: secrets.to_owned(),
            containers: containers.clone(),
            engine: engine.clone(),
            batches: batches.clone(),
            place: watch::Sender::default(),
            ear: Ear::new(service.clone(), None),
        };
        tasks.spawn(tail.run());
    }
    LogStreams {
        facts,
        logs,
        _tasks: tasks,
    }
}
