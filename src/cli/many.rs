//! Start, stop and restart of several things: one after the other, and what became of each.

use super::{
    Context,
    args::Several,
    dry, named,
    output::{CliError, Code, note, print_json},
    run::{Attempt, attempt, run},
};
use crate::{
    domain::{ProjectName, Safe, ServiceKind, Target},
    hub::{Batch, Failure, FailureKind, JobState, Pace, Request, Sequence},
};
use serde::Serialize;

/// What became of one of them; the JSON with `--json`.
#[derive(Debug, Serialize)]
struct Row {
    project: ProjectName,
    service: Option<ServiceKind>,
    /// `done`, `failed`, `cancelled` or `not tried`.
    result: &'static str,
    message: Safe,
}

/// Does `request` to all that is named.
pub(super) async fn many(
    context: &Context,
    some: &Several,
    pace: Pace,
    request: impl Fn(Target) -> Request,
) -> Result<Code, CliError> {
    let mut targets = named::targets(&some.named);
    // One of them is an operation like any other: that it is refused is in the journal, too.
    if targets.len() > 1 {
        targets = named::whole(context, &some.named).await?;
    }
    let requests: Vec<Request> = targets.into_iter().map(request).collect();
    let json = some.json;
    if some.dry_run {
        return Box::pin(dry::say(context, &requests, json)).await;
    }
    context.guard(&requests)?;
    match requests.as_slice() {
        [one] if !json => run(context, one.clone()).await,
        _ => in_turn(context, Batch { requests, pace }, json).await,
    }
}

async fn in_turn(context: &Context, batch: Batch, json: bool) -> Result<Code, CliError> {
    let requests = batch.requests.clone();
    let mut rows: Vec<Option<Row>> = requests.iter().map(|_| None).collect();
    let mut sequence = Sequence::new(batch);
    let mut code = Code::Done;
    while let Some((n, request)) = sequence.due(1).pop() {
        let target = request.target();
        let (state, after, message) = one(context, request).await?;
        sequence.ended(n, &state);
        if let Some(row) = rows.get_mut(n) {
            *row = Some(Row::new(&target, word(&state), message));
        }
        if after != Code::Done {
            code = after;
        }
        // Without an engine, or after a signal, nothing more is tried.
        if matches!(after, Code::Engine | Code::Signal(_)) {
            sequence.stop(target);
        }
    }
    if json {
        let why = sequence.why_not();
        let rest = |request: &Request| Row::new(&request.target(), "not tried", why.clone());
        let rows = rows.into_iter().zip(&requests);
        let rows: Vec<Row> = rows
            .map(|(row, r)| row.unwrap_or_else(|| rest(r)))
            .collect();
        print_json(&rows)?;
    }
    note(sequence.summary());
    Ok(code)
}

/// Does one of them and says what became of it.
async fn one(context: &Context, request: Request) -> Result<(JobState, Code, Safe), CliError> {
    let target = request.target();
    match attempt(context, request).await {
        Ok(Attempt::Done(text)) => {
            note(&text);
            Ok((JobState::Done(text.clone()), Code::Done, text))
        }
        Ok(Attempt::Ended(signal)) => {
            Ok((JobState::Cancelled, Code::Signal(signal), Safe::default()))
        }
        Err(CliError::Failed(failure)) => {
            let code = match failure.kind {
                FailureKind::Engine => Code::Engine,
                _ => Code::Failed,
            };
            let message = failure.message.clone();
            CliError::from(named_in(Failure::clone(&failure), &target)).report();
            Ok((JobState::Failed(*failure), code, message))
        }
        Err(error) => Err(error),
    }
}

fn named_in(failure: Failure, target: &Target) -> Failure {
    let name = target.to_string();
    match failure.message.contains(&name) {
        true => failure,
        false => failure.about(name),
    }
}

const fn word(state: &JobState) -> &'static str {
    match state {
        JobState::Done(_) => "done",
        JobState::Cancelled => "cancelled",
        JobState::Failed(_) | JobState::Waiting | JobState::Running => "failed",
    }
}

impl Row {
    fn new(target: &Target, result: &'static str, message: Safe) -> Self {
        Self {
            project: target.project.clone(),
            service: target.service,
            result,
            message,
        }
    }
}
