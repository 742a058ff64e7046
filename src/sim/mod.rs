//! A simulated Docker Engine: a server on a private unix socket that speaks the part of the Engine API that this program
//! uses. The very same engine layer talks to it, so what the demo and the tests show holds for the real one; and it
//! misbehaves on demand.

mod fault;
mod http;
mod machine;
mod ports;
mod server;
mod shell;
mod source;
pub mod voice;

pub use fault::{Disorder, Faults, Garble, How, Pattern};
pub use http::{Asked, Reply, Tape, frame};
pub use machine::{
    Conduct, Container, Counts, Incident, Machine, Manner, Phase, Protocol, Quirks, Readiness,
    Settings, Spoken, TICK,
};
pub use server::Server;
pub use shell::Shell;

use crate::domain::Timestamp;
use ports::Ports;
use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

/// A simulated engine that listens. Dropping it ends it.
#[derive(Debug)]
pub struct Sim {
    /// Its socket, its faults and what was asked.
    pub server: Server,
    machine: Arc<Mutex<Machine>>,
    /// Ticks so far.
    ticks: watch::Receiver<u64>,
    life: JoinHandle<()>,
}

impl Sim {
    /// Listens at `path` as an engine that remembers `machine`; keeps the last `remember` requests for whoever counts
    /// them. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub fn start(path: &Path, machine: Machine, remember: usize) -> io::Result<Self> {
        let machine = Arc::new(Mutex::new(machine));
        let answering = Arc::clone(&machine);
        let answer = move |asked: &Asked| locked(&answering).answer(asked, Timestamp::now());
        let (ticked, ticks) = watch::channel(0);
        Ok(Self {
            server: Server::start(path, remember, answer)?,
            life: tokio::spawn(live(Arc::clone(&machine), ticked)),
            machine,
            ticks,
        })
    }

    /// Waits until what was changed shows everywhere, on the published ports, too: the end of the next whole tick.
    pub async fn settled(&self) {
        let mut ticks = self.ticks.clone();
        let now = *ticks.borrow_and_update();
        // It fails when the engine ended, and then nothing changes any more.
        let _ = ticks.wait_for(|count| *count > now).await;
    }

    /// What it remembers, to look at or to change. Held, it keeps every answer waiting.
    pub fn machine(&self) -> MutexGuard<'_, Machine> {
        locked(&self.machine)
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.life.abort();
    }
}

/// Lets time pass for the engine, as long as it is not dropped.
async fn live(machine: Arc<Mutex<Machine>>, ticked: watch::Sender<u64>) {
    let mut ports = Ports::default();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut before = Timestamp::now();
    loop {
        ticks.tick().await;
        let now = Timestamp::now();
        let mut machine = locked(&machine);
        machine.tick(before, now);
        if machine.is_lively() {
            ports.follow(&machine);
        }
        before = now;
        ticked.send_modify(|count| *count += 1);
    }
}

/// What a holder that panicked leaves is still an engine, if an odd one: that is what it is for.
fn locked(machine: &Mutex<Machine>) -> MutexGuard<'_, Machine> {
    machine.lock().unwrap_or_else(PoisonError::into_inner)
}
