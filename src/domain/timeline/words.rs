//! An entry in words, for a row of the screen, a table and a report.

use super::{Entry, Step, What};
use crate::domain::{Limits, State, cause::exit_meaning, units::age};

impl Entry {
    /// What happened, in one line: `unhealthy, was healthy: /health answers 503, 3 times in 2m`.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = self.headline();
        if !self.text.is_empty() {
            words.push_str(": ");
            words.push_str(&self.text);
        }
        words + &self.repeats()
    }

    /// The same without its reason.
    #[must_use]
    pub fn headline(&self) -> String {
        match &self.what {
            What::Health {
                from: State::Unknown,
                to,
                ..
            } => format!("{}, first seen", to.word()),
            What::Health { from, to, .. } => format!("{}, was {}", to.word(), from.word()),
            What::Started { again: false } => "started".to_owned(),
            What::Started { again: true } => "started again".to_owned(),
            What::Ended { code } => ended(*code),
            What::OutOfMemory => "the kernel killed a process for memory".to_owned(),
            What::Paused => "paused".to_owned(),
            What::Resumed => "goes on after a pause".to_owned(),
            What::Operation {
                did,
                step,
                by,
                took_ms,
                ..
            } => operation(did, *step, by.as_deref(), *took_ms),
            What::Limits { from, to } => format!("limits are {}", difference(*from, *to)),
            What::Errors => self.errors(),
            What::Engine { answers: true } => "the engine answers again".to_owned(),
            What::Engine { answers: false } => "the engine is out of reach".to_owned(),
            What::Other => "something that this version does not know".to_owned(),
        }
    }

    fn errors(&self) -> String {
        match self.times {
            1 => "1 error in its log".to_owned(),
            many => format!("{many} errors in its log within {}", self.lasted()),
        }
    }

    /// How often within how long, if more than once.
    fn repeats(&self) -> String {
        match (&self.what, self.times) {
            (_, 0 | 1) | (What::Errors, _) => String::new(),
            (_, times) => format!(", {times} times in {}", self.lasted()),
        }
    }

    fn lasted(&self) -> String {
        age(self.last.duration_since(self.at).as_secs().max(1))
    }
}

fn ended(code: Option<i64>) -> String {
    match code.map(|code| (code, exit_meaning(code))) {
        None => "ended".to_owned(),
        Some((code, None)) => format!("ended with exit code {code}"),
        Some((code, Some(meaning))) => format!("ended with exit code {code} ({meaning})"),
    }
}

fn operation(did: &str, step: Step, by: Option<&str>, took_ms: Option<u64>) -> String {
    let by = by.map_or_else(String::new, |by| format!(" by {by}"));
    let took = took_ms.map_or_else(String::new, |ms| format!(" {:.1}s", ms as f64 / 1000.0));
    match step {
        Step::Begun => format!("{did} begun{by}"),
        Step::Done if took.is_empty() => format!("{did} done{by}"),
        Step::Done => format!("{did} done in{took}{by}"),
        Step::Refused => format!("{did} refused{by}"),
        Step::Failed if took.is_empty() => format!("{did} failed{by}"),
        Step::Failed => format!("{did} failed after{took}{by}"),
        Step::Cancelled => format!("{did} cancelled{by}"),
        Step::Unknown => format!("{did} ended somehow{by}"),
    }
}

/// What differs: `memory 256 MB (was 512 MB)`.
fn difference(from: Limits, to: Limits) -> String {
    let part = |differs: bool, text: String| differs.then_some(text);
    let parts = [
        part(
            from.cpus != to.cpus,
            format!("{} CPUs (was {})", to.cpus, from.cpus),
        ),
        part(
            from.memory != to.memory,
            format!("memory {} (was {})", to.memory, from.memory),
        ),
        part(
            from.pids != to.pids,
            format!("{} processes (was {})", to.pids, from.pids),
        ),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(", ")
}
