//! Trouble on purpose, for `scripts/soak`: while the screen is open, the simulated engine spoils an answer every few
//! seconds and is gone for a moment once a minute.

use super::{Demo, DemoError};
use crate::sim::{Disorder, Garble, How, Reply};
use fastrand::Rng;
use std::{convert::Infallible, fmt, time::Duration};
use tokio::{
    runtime::Handle,
    time::{Instant, sleep},
};

/// Time between two faults, in milliseconds: at least and at most.
const BETWEEN: std::ops::Range<u64> = 1500..5000;
/// Time between two restarts of the engine.
const UP: Duration = Duration::from_mins(1);
/// How long it is gone.
const GONE: Duration = Duration::from_secs(3);
/// The requests whose answers are spoiled; the first are all.
const REQUESTS: [&str; 9] = [
    "",
    "GET /_ping",
    "GET /version",
    "GET /events",
    "GET /containers/json",
    "GET /containers/*/json",
    "GET /containers/*/logs",
    "GET /containers/*/stats",
    "POST /",
];

/// What was done to the engine, and how many tasks this process needed meanwhile.
#[derive(Debug, Default)]
pub struct Tally {
    spoiled: u32,
    restarts: u32,
    /// Fewest tasks at once in the current minute: what comes and goes does not count.
    tasks: Option<usize>,
    /// The same of whole minutes: the second one, when everything has been used once, and the last.
    second: Option<usize>,
    last: Option<usize>,
}

impl Tally {
    fn count_tasks(&mut self) {
        let alive = Handle::current().metrics().num_alive_tasks();
        self.tasks = Some(self.tasks.map_or(alive, |fewest| fewest.min(alive)));
    }

    fn end_minute(&mut self) {
        let fewest = self.tasks.take();
        self.restarts += 1;
        if self.restarts > 1 {
            self.second = self.second.or(fewest);
            self.last = fewest;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (spoiled, restarts) = (self.spoiled, self.restarts);
        write!(f, "{spoiled} faults, {restarts} restarts of the engine")?;
        if let (Some(second), Some(last)) = (self.second, self.last) {
            write!(
                f,
                "; tasks: {second} in the second minute, {last} in the last"
            )?;
        }
        Ok(())
    }
}

impl Demo {
    /// Makes trouble as long as it is polled, and notes it in `tally`.
    ///
    /// # Errors
    /// The engine's socket cannot be made again.
    pub async fn trouble(&mut self, seed: u64, tally: &mut Tally) -> Result<Infallible, DemoError> {
        let mut rng = Rng::with_seed(seed);
        loop {
            let end = Instant::now() + UP;
            while Instant::now() < end {
                sleep(Duration::from_millis(rng.u64(BETWEEN))).await;
                // A fault whose request never came is not kept.
                self.sim.server.heal();
                let request = rng.choice(REQUESTS).unwrap_or_default();
                self.sim.server.fault(request, 1, fault(&mut rng));
                tally.spoiled += 1;
                tally.count_tasks();
            }
            self.sim.server.stop();
            sleep(GONE).await;
            self.sim.server.resume()?;
            tally.end_minute();
        }
    }
}

fn fault(rng: &mut Rng) -> How {
    match rng.u8(..16) {
        0 => How::Late(Duration::from_millis(rng.u64(100..4000))),
        1 => How::Silent,
        2 => How::HeadOnly,
        3 => How::Dripping(Duration::from_millis(2)),
        4 => How::Cut(rng.usize(..600)),
        5 => How::Truncated(rng.usize(..600)),
        6 => How::Garbled(Garble::WrongTypes),
        7 => How::Garbled(Garble::Nulls),
        8 => How::Garbled(Garble::UnknownWords),
        9 => How::Instead(Reply::refuse(500, "simulated: something broke")),
        10 => How::Instead(Reply::refuse(503, "simulated: busy")),
        11 => How::After(Reply::refuse(500, "simulated: it broke afterwards")),
        12 => How::Stream(Disorder::Doubled),
        13 => How::Stream(Disorder::Swapped),
        14 => How::Stream(Disorder::HugeFrame),
        _ => How::Stream(Disorder::Deaf),
    }
}
