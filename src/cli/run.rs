//! Operations from the command line: the same as on the screen, with progress on stderr, until done, failed or Ctrl-C.

use super::{
    Context,
    args::{RestartArgs, Several, StopArgs},
    many::many,
    named,
    output::{CliError, Code, ProgressLine, note, print},
};
use crate::{
    domain::{ProjectName, Safe, ServiceKind, Timestamp},
    hub::{
        Fact, Failure, JobId, NewProject, Pace, Request,
        journal::{Journal, Origin},
        known::may_be_composes,
        operation::{World, entry_of, perform},
        preview_import,
        report::Reporter,
        retry::Policy,
    },
};
use std::path::PathBuf;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

/// Reports that may wait to be printed.
const REPORTS_MAX: usize = 64;

pub(super) async fn start(context: &Context, args: &Several) -> Result<Code, CliError> {
    Box::pin(many(context, args, Pace::Together, Request::Start)).await
}

pub(super) async fn stop(context: &Context, args: &StopArgs) -> Result<Code, CliError> {
    let grace = args.grace;
    let request = |target| Request::Stop { target, grace };
    Box::pin(many(context, &args.some, Pace::Together, request)).await
}

pub(super) async fn restart(context: &Context, args: &RestartArgs) -> Result<Code, CliError> {
    if args.dependants && named::has_whole_project(&args.some.named) {
        let words = "--dependants is for single services: write PROJECT/SERVICE";
        return Err(Failure::input(words).into());
    }
    let (how, grace) = (args.how(), args.grace);
    let request = |target| Request::Restart { target, how, grace };
    Box::pin(many(context, &args.some, args.pace(), request)).await
}

pub(super) async fn add(
    context: &Context,
    name: ProjectName,
    path: PathBuf,
    images: Vec<(ServiceKind, String)>,
) -> Result<Code, CliError> {
    let new = NewProject { name, path, images };
    run(context, Request::Add(new)).await
}

/// Takes a project of Compose's into the hub file, or says what that would write.
pub(super) async fn import(
    context: &Context,
    name: ProjectName,
    dry_run: bool,
) -> Result<Code, CliError> {
    if !dry_run {
        return run(context, Request::Import(name)).await;
    }
    let engine = context.engine().await?;
    let text = preview_import(&engine, &context.hub()?, &name).await?;
    print(text.trim_end())?;
    Ok(Code::Done)
}

pub(super) async fn remove(
    context: &Context,
    project: ProjectName,
    data: bool,
) -> Result<Code, CliError> {
    run(context, Request::Remove { project, data }).await
}

pub(super) async fn protect(
    context: &Context,
    project: ProjectName,
    on: bool,
) -> Result<Code, CliError> {
    run(context, Request::Protect { project, on }).await
}

/// How an operation ended that did not fail.
#[derive(Debug)]
pub(super) enum Attempt {
    /// It did what was asked; what that was, in a sentence.
    Done(Safe),
    /// A signal of this number ended it.
    Ended(u8),
}

/// Runs `request` to its end, and says what it did.
pub(super) async fn run(context: &Context, request: Request) -> Result<Code, CliError> {
    Ok(match attempt(context, request).await? {
        Attempt::Done(done) => {
            note(done);
            Code::Done
        }
        Attempt::Ended(signal) => Code::Signal(signal),
    })
}

/// Runs `request` to its end, with progress on stderr.
pub(super) async fn attempt(context: &Context, request: Request) -> Result<Attempt, CliError> {
    context.guard([&request])?;
    let (facts, reports) = mpsc::channel(REPORTS_MAX);
    let report = Reporter::new(request.job(JobId(1), Timestamp::now()), facts);
    let work = async move {
        tokio::select! {
            outcome = carry_out(context, &request, &report) => outcome.map(Attempt::Done),
            signal = interrupted() => Ok(Attempt::Ended(signal)),
        }
    };
    let (outcome, ()) = tokio::join!(work, show(reports));
    if matches!(outcome, Ok(Attempt::Ended(_))) {
        note("cancelled: what was reached stays; the next start or stop works from there");
    }
    outcome
}

/// Asks the engine for its presence, then does what is asked. Without an engine that is in the journal, too.
async fn carry_out(
    context: &Context,
    request: &Request,
    report: &Reporter,
) -> Result<Safe, CliError> {
    let journal = super::journal::open(Origin::Command);
    let record = journal.record(request, report);
    match world(context, request, journal).await {
        Ok(world) => {
            record.withdraw();
            Ok(perform(&world, request, report).await?)
        }
        Err(CliError::Failed(failure)) => {
            record.end(&*failure).await;
            Err(CliError::Failed(failure))
        }
        Err(error) => Err(error),
    }
}

/// What the operation works on: nothing is asked of an engine before the project is known.
async fn world(context: &Context, request: &Request, journal: Journal) -> Result<World, CliError> {
    let hub = context.hub()?;
    let engine = if request.is_file_only() {
        None
    } else {
        let known = entry_of(&hub, &request.target().project).map(drop);
        match known {
            // Only the engine knows the projects that Compose made.
            Err(unknown) if may_be_composes(&hub) => {
                Some(context.engine().await.map_err(|_unreachable| unknown)?)
            }
            known => {
                known?;
                Some(context.engine().await?)
            }
        }
    };
    Ok(World {
        engine,
        hub_file: context.hub_file.clone(),
        policy: Policy::CHANGE,
        journal,
    })
}

/// Prints progress until the reporter is gone.
async fn show(mut reports: mpsc::Receiver<Fact>) {
    let mut line = ProgressLine::new();
    while let Some(fact) = reports.recv().await {
        match fact {
            Fact::Job(job) => {
                line.show(job.progress.done, job.progress.steps, &job.progress.text);
            }
            Fact::Notice(text) => {
                line.end();
                note(text);
            }
            _ => {}
        }
    }
    line.end();
}

/// Waits for a signal that asks us to end; gives its number.
pub(super) async fn interrupted() -> u8 {
    let number = |kind: SignalKind| u8::try_from(kind.as_raw_value()).unwrap_or_default();
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    let waits = kinds.map(|kind| {
        Box::pin(async move {
            match signal(kind) {
                Ok(mut signals) => {
                    signals.recv().await;
                }
                // Without a handler the signal ends the process as it always did.
                Err(_) => std::future::pending::<()>().await,
            }
            number(kind)
        })
    });
    futures_util::future::select_all(waits).await.0
}
