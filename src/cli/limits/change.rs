//! `limits` with something to change: one operation per service, one after the other, and what became of each.

use super::super::{
    Context,
    args::LimitsArgs,
    dry, named,
    output::{CliError, Code, note, print_json},
    run::{self, Attempt},
};
use crate::{
    domain::{
        Limits, LimitsChange, ProjectName, Safe, ServiceId, ServiceKind,
        limits::{Preset, Promise},
    },
    hub::{Failure, FailureKind, Request},
};
use serde::Serialize;

/// What became of one service; the JSON of a change with `--json`.
#[derive(Debug, Serialize)]
struct Row {
    project: ProjectName,
    service: ServiceKind,
    /// It is as was asked for.
    done: bool,
    message: Safe,
}

/// Changes what is asked for.
pub(super) async fn change(
    context: &Context,
    args: &LimitsArgs,
    services: Vec<ServiceId>,
) -> Result<Code, CliError> {
    let preset = args.preset.as_deref().map(|name| preset(context, name));
    let preset = preset.transpose()?;
    let sets_amounts = !args.amounts().is_empty();
    // The same number for a database and a frontend is hardly what anybody means.
    if sets_amounts && named::has_whole_project(&args.named) {
        let words = "--cpus, --memory and --pids are for single services: write PROJECT/SERVICE";
        return Err(Failure::input(words).into());
    }
    let request = |service: &ServiceId| request(args, preset.as_ref(), service);
    let wishes: Vec<Wish> = services
        .into_iter()
        .map(|service| (request(&service), service))
        .collect();
    if args.dry_run {
        let requests: Vec<Request> = wishes.into_iter().map(|(request, _)| request).collect();
        return dry::say(context, &requests, args.json).await;
    }
    context.guard(wishes.iter().map(|(request, _)| request))?;
    warn(context, &wishes).await?;
    match wishes.as_slice() {
        [(request, _)] if !args.json => run::run(context, request.clone()).await,
        all => many(context, all, args.json).await,
    }
}

/// An operation and the service that it is about.
type Wish = (Request, ServiceId);

fn request(args: &LimitsArgs, preset: Option<&Preset>, service: &ServiceId) -> Request {
    let (service, below_use) = (service.clone(), args.below_use);
    if args.reapply {
        return Request::ReapplyLimits { service, below_use };
    }
    if args.keep {
        return Request::KeepLimits(service);
    }
    let preset = preset.map(|preset| preset.values[service.kind]);
    Request::Limits {
        service,
        change: args.amounts().or(preset.unwrap_or_default()),
        seen: None,
        below_use,
    }
}

fn preset(context: &Context, name: &str) -> Result<Preset, CliError> {
    let all = Preset::all(&context.hub()?.settings.presets);
    let names: Vec<&str> = all.iter().map(|preset| preset.name.as_str()).collect();
    let unknown = || {
        Failure::input(format!(
            "no preset '{name}': use one of {}",
            names.join(", ")
        ))
    };
    let found = all.iter().find(|preset| preset.name == name);
    Ok(found.cloned().ok_or_else(unknown)?)
}

/// Says if all projects together may use more than the host has, and more than before.
async fn warn(context: &Context, wishes: &[Wish]) -> Result<(), CliError> {
    let hub = context.hub()?;
    let all = || {
        hub.projects.values().flat_map(|entry| {
            let limits = |kind| (ServiceId::new(&entry.name, kind), entry.limits(kind));
            ServiceKind::ALL.map(limits)
        })
    };
    let changed = |(id, limits): (ServiceId, Limits)| {
        let wish = wishes.iter().find(|(_, service)| *service == id);
        wish.map_or(limits, |(request, _)| limits.with(change_of(request)))
    };
    let before: Promise = all().map(|(_, limits)| limits).collect();
    let after: Promise = all().map(changed).collect();
    if after.grows(before) {
        // Without an engine it is the operation that says so, and is written down.
        let engine = context.engine().await.ok();
        let excess = engine.and_then(|engine| after.excess(before, engine.info().host));
        excess.into_iter().for_each(note);
    }
    Ok(())
}

fn change_of(request: &Request) -> LimitsChange {
    match request {
        Request::Limits { change, .. } => *change,
        _ => LimitsChange::default(),
    }
}

/// One after the other. What is refused does not keep the others back; without an engine nothing more is tried.
async fn many(context: &Context, wishes: &[Wish], json: bool) -> Result<Code, CliError> {
    let mut rows = Vec::new();
    let mut code = Code::Done;
    for (request, service) in wishes {
        match run::attempt(context, request.clone()).await {
            Ok(Attempt::Done(text)) => {
                note(&text);
                rows.push(row(service, true, text));
            }
            Ok(Attempt::Ended(signal)) => {
                code = Code::Signal(signal);
                break;
            }
            Err(CliError::Failed(failure)) => {
                let away = failure.kind == FailureKind::Engine;
                code = if away { Code::Engine } else { Code::Failed };
                rows.push(row(service, false, failure.message.clone()));
                CliError::from(named_in(*failure, service)).report();
                if away {
                    break;
                }
            }
            Err(error) => return Err(error),
        }
    }
    if json {
        print_json(&rows)?;
    }
    sum_up(&rows, wishes.len());
    Ok(code)
}

fn named_in(failure: Failure, service: &ServiceId) -> Failure {
    let name = service.to_string();
    if failure.message.starts_with(&name) {
        return failure;
    }
    failure.about(name)
}

fn row(service: &ServiceId, done: bool, message: Safe) -> Row {
    Row {
        project: service.project.clone(),
        service: service.kind,
        done,
        message,
    }
}

fn sum_up(rows: &[Row], asked: usize) {
    let done = rows.iter().filter(|row| row.done).count();
    let failed = rows.len() - done;
    let rest = match asked - rows.len() {
        0 => String::new(),
        rest => format!(", {rest} not tried"),
    };
    note(format!("{done} of {asked} done, {failed} failed{rest}"));
}
