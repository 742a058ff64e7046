//! An operator who is never idle: moves about, reads logs, looks at limits, restarts and stops things. Seeded.

use super::{Result, terminal::Terminal};
use fastrand::Rng;
use std::{
    fmt,
    thread::sleep,
    time::{Duration, Instant},
};

/// Time between two keys, in milliseconds: at least and at most.
const BETWEEN: std::ops::Range<u64> = 60..400;
/// Dialogs ignore keys for a moment after they open.
const HESITATION: Duration = Duration::from_millis(300);
/// Escapes that lead from anywhere to the list.
const ESCAPES: usize = 6;
/// A line that only the help has.
const HELP: &str = "Keys in the list";

/// Moving, and what one looks at on the way.
const WALK: [&str; 17] = [
    "j", "k", "j", "k", "\x1b[B", "\x1b[A", "\x1b[C", "\x1b[D", "g", "G", "\t", "\x1b[5~",
    "\x1b[6~", "d", "L", "o", "T",
];
/// What is read.
const READ: [&str; 6] = ["l", "l", "\r", "f", "F", "w"];

/// What the operator did.
#[derive(Debug)]
pub struct Operator {
    rng: Rng,
    keys: u32,
    restarts: u32,
    stops: u32,
    starts: u32,
}

impl Operator {
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            keys: 0,
            restarts: 0,
            stops: 0,
            starts: 0,
        }
    }

    /// Works for so long.
    pub fn work(&mut self, terminal: &mut Terminal, span: Duration) -> Result<()> {
        let end = Instant::now() + span;
        while Instant::now() < end {
            self.keys += 1;
            match self.rng.u8(..100) {
                0..74 => self.press_one(terminal, &WALK)?,
                74..92 => self.press_one(terminal, &READ)?,
                92..95 => {
                    self.restarts += 1;
                    self.order(terminal, "r")?;
                }
                95 => {
                    self.stops += 1;
                    self.order(terminal, "s")?;
                }
                96..98 => {
                    self.starts += 1;
                    self.order(terminal, "S")?;
                }
                _ => self.rest(terminal)?,
            }
            sleep(Duration::from_millis(self.rng.u64(BETWEEN)));
        }
        Ok(())
    }

    /// Back to the list and to what costs least there.
    pub fn rest(&mut self, terminal: &mut Terminal) -> Result<()> {
        for _ in 0..ESCAPES {
            terminal.keys("\x1b")?;
            sleep(Duration::from_millis(100));
        }
        terminal.keys("d")
    }

    /// Asks for the help and leaves it again: how long until it is there?
    pub fn ask_for_help(&mut self, terminal: &mut Terminal) -> Result<Duration> {
        terminal.keys("?")?;
        let took = terminal.wait_for(HELP)?;
        terminal.keys("\x1b")?;
        terminal.wait_without(HELP)?;
        Ok(took)
    }

    fn press_one(&mut self, terminal: &mut Terminal, keys: &[&str]) -> Result<()> {
        terminal.keys(self.rng.choice(keys).copied().unwrap_or_default())
    }

    /// An order from the list, and yes to whatever is asked.
    fn order(&mut self, terminal: &mut Terminal, key: &str) -> Result<()> {
        self.rest(terminal)?;
        terminal.keys(key)?;
        sleep(HESITATION);
        terminal.keys("y")?;
        sleep(HESITATION);
        terminal.keys("\x1b")
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            keys,
            restarts,
            stops,
            starts,
            ..
        } = self;
        write!(
            f,
            "{keys} turns, among them {restarts} restarts, {stops} stops, {starts} starts"
        )
    }
}
