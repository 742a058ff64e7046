//! The health gate: a service that was started counts as up only when its own check, run inside it, says so.

use super::{Failure, lifecycle::Lifecycle, retry::Retryable};
use crate::{
    domain::{Container, LogLine, Phase, cause, container::Summary, log::Masker},
    engine::{ContainerEvent, EngineError, EventAction, LogQuery},
    stack::ServiceSpec,
};
use futures_util::{Stream, StreamExt};
use std::{
    pin::{Pin, pin},
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};

/// Pause between two checks: an exec costs the engine some 50 ms of CPU.
const PAUSE: Duration = Duration::from_millis(400);
/// One check may take this long.
pub(super) const CHECK_TIMEOUT: Duration = Duration::from_secs(5);
/// Log lines that a failure quotes.
const QUOTED_LINES: u32 = 10;
/// Reading them may take this long.
const QUOTE_TIMEOUT: Duration = Duration::from_secs(5);

/// What a look at a service that is being waited for showed.
enum Look {
    Healthy,
    NotYet(String),
    Ended(Box<Container>),
    Gone,
}

/// Why a service does not pass its gate, for whoever may help it.
#[derive(Debug)]
pub(super) enum Unwell {
    /// Its process ended.
    Ended(Failure),
    /// It runs, and its check says no.
    Unhealthy(Failure),
    /// How it is cannot be told: it is gone, or the engine does not answer.
    Unknown(Failure),
}

impl From<Unwell> for Failure {
    fn from(unwell: Unwell) -> Self {
        match unwell {
            Unwell::Ended(failure) | Unwell::Unhealthy(failure) | Unwell::Unknown(failure) => {
                failure
            }
        }
    }
}

impl Lifecycle {
    /// Waits until `spec` is healthy.
    ///
    /// # Errors
    /// At once if it is seen to end or to disappear; else after its start timeout. Says the state, the exit code, what the
    /// last check said, and quotes the last log lines.
    pub(super) async fn gate(&self, spec: &ServiceSpec) -> Result<(), Unwell> {
        let mut events = pin!(self.engine.events());
        let restarts = self.restarts_so_far(spec).await;
        tokio::select! {
            outcome = self.poll(spec, restarts) => outcome,
            code = death(&mut events, spec) => {
                let container = self.engine.inspect(&spec.container).await.ok().flatten();
                Err(Unwell::Ended(self.ended(spec, code, &container.unwrap_or_default()).await))
            }
        }
    }

    async fn poll(&self, spec: &ServiceSpec, mut restarts: u32) -> Result<(), Unwell> {
        let began = Instant::now();
        let mut last = "not checked yet".to_owned();
        let mut answered = false;
        while began.elapsed() < spec.start_timeout {
            match self.look(spec, &mut restarts).await {
                Ok(Look::Healthy) => return Ok(()),
                Ok(Look::NotYet(why)) => (last, answered) = (why, true),
                Ok(Look::Ended(container)) => {
                    let failure = self.ended(spec, container.exit_code, &container).await;
                    return Err(Unwell::Ended(failure));
                }
                Ok(Look::Gone) => return Err(Unwell::Unknown(gone(spec))),
                Err(error) if error.is_transient() => (last, answered) = (error.to_string(), false),
                Err(error) => return Err(Unwell::Unknown(Failure::from(error).about(&spec.id))),
            }
            self.say_waiting(spec, began.elapsed(), &last);
            sleep(PAUSE).await;
        }
        let failure = self.timed_out(spec, &last).await;
        Err(match answered {
            true => Unwell::Unhealthy(failure),
            false => Unwell::Unknown(failure),
        })
    }

    async fn restarts_so_far(&self, spec: &ServiceSpec) -> u32 {
        let container = self.engine.inspect(&spec.container).await.ok().flatten();
        container.map_or(0, |c| c.restart_count)
    }

    /// `restarts`: how many the look before saw.
    async fn look(&self, spec: &ServiceSpec, restarts: &mut u32) -> Result<Look, EngineError> {
        let Some(container) = self.engine.inspect(&spec.container).await? else {
            return Ok(Look::Gone);
        };
        if container.phase != Phase::Running {
            return Ok(Look::Ended(Box::new(container)));
        }
        if container.restart_count > *restarts {
            // It runs again, so its exit code is not known any more. This run counts from the next look on: what ends
            // between any two looks never passes.
            *restarts = container.restart_count;
            return Ok(Look::NotYet(
                "it ended and the engine started it again".to_owned(),
            ));
        }
        let outcome = self
            .engine
            .exec(&spec.container, &spec.exec.argv, CHECK_TIMEOUT)
            .await;
        match outcome {
            Ok(outcome) => Ok(judge(spec, &outcome)),
            // The process may have ended between the look and the check: the next look tells.
            Err(EngineError::Refused { code: 409, message }) => {
                Ok(Look::NotYet(message.to_string()))
            }
            Err(EngineError::TimedOut { .. }) => Ok(Look::NotYet("the check hangs".to_owned())),
            Err(error) => Err(error),
        }
    }

    fn say_waiting(&self, spec: &ServiceSpec, waited: Duration, last: &str) {
        self.report.say(format!(
            "{}: waiting for health {}s of {}s: {last}",
            spec.id.kind,
            waited.as_secs(),
            spec.start_timeout.as_secs()
        ));
    }

    async fn ended(&self, spec: &ServiceSpec, code: i64, container: &Container) -> Failure {
        let meaning = cause::exit_meaning(code).map_or_else(String::new, |m| format!(", {m}"));
        let memory = if container.oom_killed {
            "; it was killed for memory"
        } else {
            ""
        };
        let error = if container.error.is_empty() {
            String::new()
        } else {
            format!(": {}", container.error)
        };
        Failure::operation(format!(
            "{} ended instead of getting healthy: exit code {code}{meaning}{memory}{error}",
            spec.id
        ))
        .with_hint(self.log_hint(spec))
        .with_log(self.last_lines(spec).await)
    }

    async fn timed_out(&self, spec: &ServiceSpec, last: &str) -> Failure {
        let seconds = spec.start_timeout.as_secs();
        Failure::operation(format!(
            "{} runs but is not healthy after {seconds}s: {last}",
            spec.id
        ))
        .with_hint(self.log_hint(spec))
        .with_log(self.last_lines(spec).await)
    }

    fn log_hint(&self, spec: &ServiceSpec) -> String {
        let (project, kind) = (&spec.id.project, spec.id.kind);
        format!(
            "what is up stays up for a look: `cchub-tui logs {project} {kind}`; start again completes it"
        )
    }

    /// The service's last log lines; none if they cannot be had in time.
    pub(super) async fn last_lines(&self, spec: &ServiceSpec) -> Vec<LogLine> {
        let query = LogQuery {
            tail: Some(QUOTED_LINES),
            ..LogQuery::default()
        };
        let lines = self.engine.logs(&spec.container, query);
        let collected = lines
            .filter_map(|line| std::future::ready(line.ok()))
            .collect();
        timeout(QUOTE_TIMEOUT, collected).await.unwrap_or_default()
    }
}

/// Waits until the service's process ends; gives its exit code.
async fn death(
    events: &mut Pin<&mut impl Stream<Item = Result<ContainerEvent, EngineError>>>,
    spec: &ServiceSpec,
) -> i64 {
    while let Some(Ok(event)) = events.next().await {
        if let EventAction::Die { exit_code } = event.action
            && event.name.as_str() == spec.container
        {
            return exit_code.unwrap_or(-1);
        }
    }
    // Without events the looks have to see it.
    std::future::pending().await
}

fn judge(spec: &ServiceSpec, outcome: &crate::engine::ExecOutcome) -> Look {
    match exec_verdict(&spec.exec, outcome) {
        Ok(_) => Look::Healthy,
        Err(why) => Look::NotYet(why),
    }
}

/// What an exec check means: exit code 0 and, where a word is expected, that word.
pub(super) fn exec_verdict(
    check: &crate::stack::spec::ExecCheck,
    outcome: &crate::engine::ExecOutcome,
) -> Result<String, String> {
    // What a check says of a connection may hold its password.
    let output = Masker::default().text(outcome.output.trim());
    let name = check.argv.first().map_or("check", String::as_str);
    match outcome.exit_code {
        Some(0) => match &check.expect {
            Some(word) if outcome.first_line.trim() != word.as_str() => {
                Err(format!("said '{output}' instead of {word}"))
            }
            _ if output.is_empty() => Ok(format!("{name} passed")),
            _ => Ok(output.into_owned()),
        },
        Some(code @ (126 | 127)) => Err(format!(
            "the check {name} cannot run (exit {code}): {output}"
        )),
        Some(code) if output.is_empty() => Err(format!("the check ended with {code}")),
        Some(code) => Err(format!("{output} (exit {code})")),
        None => Err("the check did not end".to_owned()),
    }
}

fn gone(spec: &ServiceSpec) -> Failure {
    Failure::operation(format!(
        "{} is gone: its container was removed by somebody else",
        spec.id
    ))
    .with_hint(format!(
        "`cchub-tui start {}` makes it again",
        spec.id.project
    ))
}

/// The row of `all` that is this service's container.
pub(super) fn row<'a>(all: &'a [Summary], spec: &ServiceSpec) -> Option<&'a Summary> {
    all.iter().find(|c| c.name.as_str() == spec.container)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::Safe, engine::ExecOutcome, stack::spec::ExecCheck};

    #[test]
    fn p70_what_a_check_says_of_a_connection_keeps_its_password() {
        let check = ExecCheck {
            argv: vec!["check".to_owned()],
            expect: None,
        };
        let outcome = ExecOutcome {
            exit_code: Some(1),
            first_line: Safe::default(),
            output: Safe::new("no connection to postgres://shop:hunter2@db/shop"),
        };
        let said = "no connection to postgres://shop:******@db/shop (exit 1)";
        assert_eq!(exec_verdict(&check, &outcome), Err(said.to_owned()));
    }
}
