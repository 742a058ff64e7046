//! Operations from the command line: the same as on the screen, with progress on stderr, until done, failed or Ctrl-C.

use super::{
    Context,
    output::{CliError, Code, ProgressLine, note},
};
use crate::{
    domain::{ProjectName, ServiceKind, Target, Timestamp},
    hub::{
        Fact, JobId, NewProject, Request,
        operation::{World, entry_of, perform},
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

pub(super) async fn start(context: &Context, project: ProjectName) -> Result<Code, CliError> {
    run(context, Request::Start(project)).await
}

pub(super) async fn stop(context: &Context, project: ProjectName) -> Result<Code, CliError> {
    run(context, Request::Stop(project)).await
}

pub(super) async fn restart(
    context: &Context,
    project: ProjectName,
    service: Option<ServiceKind>,
) -> Result<Code, CliError> {
    run(context, Request::Restart(Target { project, service })).await
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

pub(super) async fn remove(
    context: &Context,
    project: ProjectName,
    data: bool,
) -> Result<Code, CliError> {
    run(context, Request::Remove { project, data }).await
}

/// Runs `request` to its end.
pub(super) async fn run(context: &Context, request: Request) -> Result<Code, CliError> {
    let hub = context.hub()?;
    let engine = if request.is_file_only() {
        None
    } else {
        entry_of(&hub, &request.target().project)?;
        Some(context.engine().await?)
    };
    let world = World {
        engine,
        hub_file: context.hub_file.clone(),
        policy: Policy::CHANGE,
    };
    let (facts, reports) = mpsc::channel(REPORTS_MAX);
    let report = Reporter::new(request.job(JobId(1), Timestamp::now()), facts);
    let printer = show(reports);
    let work = async move {
        let outcome = tokio::select! {
            outcome = perform(&world, &request, &report) => outcome.map(Some),
            code = interrupted() => return Err(code),
        };
        drop(report);
        Ok(outcome)
    };
    let (outcome, ()) = tokio::join!(work, printer);
    match outcome {
        Ok(Ok(done)) => {
            note(done.unwrap_or_default());
            Ok(Code::Done)
        }
        Ok(Err(failure)) => Err(failure.into()),
        Err(signal) => {
            note("cancelled: what was reached stays; the next start or stop works from there");
            Ok(Code::Signal(signal))
        }
    }
}

/// Prints progress until the reporter is gone.
async fn show(mut reports: mpsc::Receiver<Fact>) {
    let mut line = ProgressLine::new();
    while let Some(fact) = reports.recv().await {
        if let Fact::Job(job) = fact {
            line.show(job.progress.done, job.progress.steps, &job.progress.text);
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
