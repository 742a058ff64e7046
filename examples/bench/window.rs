//! What happens between two moments: how far a log got on the screen, what that took, and how long a key takes meanwhile.

use super::{
    Result,
    engine::{BareReader, newest_in},
    process::Process,
    screen::Screen,
    settings::Settings,
    table::{
        Table,
        Target::{AtLeast, AtMost},
        Unit,
    },
};
use fastrand::Rng;
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// Frames a second, and what the ends of the window may add.
const FRAMES_MOST: f64 = 20.5;
/// Share of the bare reader's lines.
const RATIO_LEAST: f64 = 0.9;
/// From a key to the screen, in milliseconds.
const LATENCY_MOST: f64 = 50.0;
/// The bound of the log buffer (64 MB) and 30 MB more.
const MEMORY_MOST: f64 = (94 << 20) as f64;
/// Time between two keys, in milliseconds.
const BETWEEN: std::ops::Range<u64> = 60..240;
/// The engine's process.
const ENGINE: &str = "dockerd";

/// What was counted up to a moment.
struct Look {
    at: Instant,
    /// Number of the newest line on the screen.
    shown: u64,
    /// Number of the newest line that the bare reader got.
    bare: u64,
    /// The bare reader's bytes.
    bytes: u64,
    /// Bytes and frames to the terminal.
    written: (u64, u64),
    cpu: Duration,
    engine: Option<Duration>,
}

impl Look {
    fn now(screen: &Screen, bare: &BareReader) -> Result<Self> {
        Ok(Self {
            at: Instant::now(),
            shown: newest_in(&screen.text()),
            bare: bare.newest(),
            bytes: bare.bytes(),
            written: screen.written(),
            cpu: Process(screen.pid()).cpu()?,
            engine: Process::named(ENGINE).and_then(|engine| engine.cpu().ok()),
        })
    }
}

/// Between two looks.
pub struct Window {
    before: Look,
    after: Look,
}

impl Window {
    /// Lets it run for so long.
    pub fn watch(screen: &Screen, bare: &BareReader, span: Duration) -> Result<Self> {
        let before = Look::now(screen, bare)?;
        sleep(span);
        let after = Look::now(screen, bare)?;
        Ok(Self { before, after })
    }

    fn per_second(&self, count: impl Fn(&Look) -> u64) -> f64 {
        let grown = count(&self.after).saturating_sub(count(&self.before));
        grown as f64 / self.span().as_secs_f64()
    }

    fn span(&self) -> Duration {
        self.after.at - self.before.at
    }

    fn share(&self, before: Duration, after: Duration) -> f64 {
        let used = after.saturating_sub(before);
        100.0 * used.as_secs_f64() / self.span().as_secs_f64()
    }

    /// How fast the log got through, here and there.
    pub fn tell_speed(&self, table: &mut Table) {
        let bare = self.per_second(|look| look.bare);
        let shown = self.per_second(|look| look.shown);
        let bytes = self.per_second(|look| look.bytes);
        table.tell("bare reader beside it", Unit::Lines, bare);
        table.tell("bare reader beside it", Unit::BytesPerSecond, bytes);
        table.tell("program", Unit::Lines, shown);
        let least = AtLeast(RATIO_LEAST);
        table.want("program / bare reader", Unit::Ratio, shown / bare, least);
    }

    /// What it took to show it, and at most how much it may: CPU in percent, bytes a second.
    pub fn tell_cost(&self, table: &mut Table, cpu_most: Option<f64>, bytes_most: Option<f64>) {
        let mut tell = |name, unit, value, most: Option<f64>| match most {
            Some(most) => table.want(name, unit, value, AtMost(most)),
            None => table.tell(name, unit, value),
        };
        let cpu = self.share(self.before.cpu, self.after.cpu);
        tell("CPU of the program", Unit::Percent, cpu, cpu_most);
        if let (Some(before), Some(after)) = (self.before.engine, self.after.engine) {
            let cpu = self.share(before, after);
            tell("CPU of the engine", Unit::Percent, cpu, None);
        }
        let (bytes, frames) = (
            self.per_second(|look| look.written.0),
            self.per_second(|look| look.written.1),
        );
        tell("to the terminal", Unit::BytesPerSecond, bytes, bytes_most);
        tell("frames", Unit::PerSecond, frames, Some(FRAMES_MOST));
    }
}

/// Time from a key to what it does on the screen, again and again.
pub fn tell_latency(settings: &Settings, screen: &mut Screen, table: &mut Table) -> Result<()> {
    let Some((key, words)) = settings.toggle() else {
        return Ok(());
    };
    let (end, mut rng) = (Instant::now() + settings.span(), Rng::with_seed(1));
    let mut times = Vec::new();
    while Instant::now() < end {
        let there = screen.text().contains(&words);
        times.push(screen.react(&key, |text| text.contains(&words) != there)?);
        sleep(Duration::from_millis(rng.u64(BETWEEN)));
    }
    let [median, most] = quantiles(&mut times, [0.5, 0.99]);
    table.tell("key to screen, median", Unit::Milliseconds, median);
    let bound = AtMost(LATENCY_MOST);
    table.want("key to screen, p99", Unit::Milliseconds, most, bound);
    Ok(())
}

/// What the program holds, and held at most.
pub fn tell_memory(screen: &Screen, table: &mut Table) -> Result<()> {
    let (now, most) = Process(screen.pid()).memory()?;
    table.tell("resident memory", Unit::Bytes, now as f64);
    let bound = AtMost(MEMORY_MOST);
    table.want("resident memory, most", Unit::Bytes, most as f64, bound);
    Ok(())
}

/// Parts of the sorted `times`, in milliseconds.
pub fn quantiles<const N: usize>(times: &mut [Duration], parts: [f64; N]) -> [f64; N] {
    times.sort_unstable();
    parts.map(|part| {
        let at = (part * times.len() as f64).ceil().max(1.0) as usize - 1;
        let time = times.get(at);
        time.map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    })
}
