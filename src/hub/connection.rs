//! The way to the engine: connect, ping, notice that it is gone, come back with growing waits. For ever: an operator's
//! screen outlives restarts of the engine.

use super::{EngineState, Fact, retry::Waits, supervisor::Timing};
use crate::{
    domain::Safe,
    engine::{Endpoint, Engine, EngineError},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc, watch},
    time::sleep,
};

/// Pings in a row that must fail before the engine counts as gone.
const MISSES_MAX: u32 = 2;

/// Longest wait after a try that hung: an engine that holds its socket may go on at any moment, and a try costs it nothing.
const STALLED_WAIT: Duration = Duration::from_secs(2);

/// What the connection task speaks to.
#[derive(Debug)]
pub(super) struct Links {
    pub(super) endpoint: Endpoint,
    pub(super) engine: watch::Sender<Option<Engine>>,
    pub(super) facts: mpsc::Sender<Fact>,
    /// Somebody had trouble with the engine: look now.
    pub(super) suspect: Arc<Notify>,
    /// The operator wants the next try now.
    pub(super) reconnect: Arc<Notify>,
    pub(super) timing: Timing,
}

/// Keeps the connection until the front end is gone.
pub(super) async fn run(links: Links) {
    let mut waits = Waits::new(links.timing.reconnect_first, links.timing.reconnect_longest);
    let mut attempt = 0;
    let connecting = EngineState::Connecting {
        endpoint: links.endpoint.label(),
    };
    if links.facts.send(Fact::Engine(connecting)).await.is_err() {
        return;
    }
    loop {
        let socket = links.endpoint.socket_file();
        let error = match Engine::connect(&links.endpoint).await {
            Ok(engine) => {
                waits.reset();
                attempt = 0;
                links.live(engine).await
            }
            Err(error) => error,
        };
        attempt += 1;
        let wait = match error {
            EngineError::TimedOut { .. } => waits.next_wait().min(STALLED_WAIT),
            _ => waits.next_wait(),
        };
        if links.lost(&error, attempt, wait).await.is_none() {
            return;
        }
        tokio::select! {
            () = sleep(wait) => {}
            () = links.reconnect.notified() => {}
            // The engine is on its way, and may need a few tries more.
            () = links.endpoint.new_socket(socket) => waits.reset(),
        }
    }
}

impl Links {
    /// Pings until the engine is gone; gives the reason.
    async fn live(&self, engine: Engine) -> EngineError {
        // The refresh and the tails work with it from here on.
        self.engine.send_replace(Some(engine.clone()));
        let mut misses = 0;
        loop {
            match engine.ping().await {
                Ok(rtt) => {
                    misses = 0;
                    self.say_live(&engine, rtt).await;
                }
                Err(error) => {
                    misses += 1;
                    if misses >= MISSES_MAX || !matches!(error, EngineError::TimedOut { .. }) {
                        self.engine.send_replace(None);
                        return error;
                    }
                    continue;
                }
            }
            tokio::select! {
                () = sleep(self.timing.ping) => {}
                () = self.suspect.notified() => {}
                () = self.reconnect.notified() => {}
            }
        }
    }

    async fn say_live(&self, engine: &Engine, rtt: Duration) {
        let live = EngineState::Live {
            endpoint: self.endpoint.label(),
            version: engine.info().version.clone(),
            rtt,
            host: engine.info().host,
        };
        // The outbox always reads; it is gone only together with the front end.
        let _ = self.facts.send(Fact::Engine(live)).await;
    }

    async fn lost(&self, error: &EngineError, attempt: u32, wait: Duration) -> Option<()> {
        let lost = EngineState::Lost {
            endpoint: self.endpoint.label(),
            error: Safe::new(error.to_string()),
            hint: error.hint(),
            attempt,
            retry_in: wait,
        };
        self.facts.send(Fact::Engine(lost)).await.ok()
    }
}
