//! `why`: the sentence and the evidence of the Why pane, for people and for scripts.

use super::{
    Context, named,
    output::{CliError, Code, print, print_json},
};
use crate::{
    domain::{
        Health, PerService, ProjectName, ServiceId, ServiceKind, State, Target, Timestamp, Verdict,
        cause::{self, Case, Evidence, Step},
        verdict::{Course, verdict},
    },
    engine::Engine,
    hub::snapshot::{self, Ask, ServiceSnapshot},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Columns of what a fact is about.
const ABOUT: usize = 10;

/// One service; the JSON of `why --json`.
#[derive(Debug, Serialize)]
struct Answer {
    project: ProjectName,
    service: ServiceKind,
    healthy: bool,
    state: State,
    verdict: Verdict,
    /// The service whose trouble this one suffers from.
    blocked_by: Option<ServiceKind>,
    /// The answer in one sentence.
    sentence: String,
    /// Who suffers because of it.
    victims: Option<String>,
    next: Vec<Next>,
    evidence: Vec<Evidence>,
}

/// What to do about it.
#[derive(Debug, Serialize)]
struct Next {
    /// In words.
    step: String,
    /// The command for it.
    command: String,
}

/// What was read of each project that was named.
type Read = BTreeMap<ProjectName, PerService<ServiceSnapshot>>;

/// Says why the services that are named are what they are; of a project that is named as a whole, those that are not well.
pub(super) async fn why(context: &Context, words: &[Target], json: bool) -> Result<Code, CliError> {
    let services = named::services(context, words)?;
    let (engine, read) = read(context, &services).await?;
    let mut answers = Vec::new();
    for service in &services {
        if let Some(all) = read.get(&service.project) {
            answers.push(answer(context, &engine, service, all).await);
        }
    }
    let healthy = answers.iter().all(|answer| answer.healthy);
    let ill_only = named::has_whole_project(words) && !healthy;
    answers.retain(|answer| !ill_only || !answer.healthy);
    match json {
        true => print_json(&answers)?,
        false => print(as_text(&answers))?,
    }
    Ok(if healthy { Code::Done } else { Code::Failed })
}

/// Checks each project once.
async fn read(context: &Context, services: &[ServiceId]) -> Result<(Engine, Read), CliError> {
    let mut entries = BTreeMap::new();
    for service in services {
        let entry = context.entry(&service.project)?;
        entries.insert(service.project.clone(), entry);
    }
    let settings = context.hub()?.settings.health;
    let engine = context.engine().await?;
    let entries: Vec<_> = entries.into_values().collect();
    let read = snapshot::read(&engine, &entries, &settings, Ask::Health).await?;
    let names = entries.into_iter().map(|entry| entry.name);
    Ok((engine, names.zip(read).collect()))
}

async fn answer(
    context: &Context,
    engine: &Engine,
    service: &ServiceId,
    all: &PerService<ServiceSnapshot>,
) -> Answer {
    let kind = service.kind;
    let health: PerService<Health> = PerService::from_fn(|kind| all[kind].health.clone());
    let secrets = context.hub_file.secrets_dir();
    let said = snapshot::last_words(engine, &secrets, service, &all[kind]).await;
    let case = Case {
        kind,
        health: &health,
        course: Course::None,
        last_words: &said,
        now: Timestamp::now(),
    };
    Answer {
        project: service.project.clone(),
        service: kind,
        healthy: health[kind].serves(),
        state: health[kind].state,
        verdict: verdict(kind, &health, Course::None),
        blocked_by: cause::blocked_by(kind, &health),
        sentence: case.sentence(),
        victims: case.victims(),
        next: case
            .steps()
            .into_iter()
            .map(|step| next(service, step))
            .collect(),
        evidence: case.evidence(),
    }
}

fn next(service: &ServiceId, step: Step) -> Next {
    let (project, kind) = (&service.project, service.kind);
    let of_it = match step {
        Step::LookAt(root) => format!("why {project}/{root}"),
        Step::Memory(Some(twice)) => {
            format!("limits {project}/{kind} --memory {}k", twice.0 / 1024)
        }
        Step::Memory(None) => format!("limits {project}/{kind}"),
        Step::Logs => format!("logs {project}/{kind}"),
        Step::Start => format!("start {project} {kind}"),
        Step::Restart => format!("restart {project} {kind}"),
    };
    Next {
        step: step.words(),
        command: format!("cchub-tui {of_it}"),
    }
}

fn as_text(answers: &[Answer]) -> String {
    let texts: Vec<String> = answers.iter().map(of_one).collect();
    texts.join("\n\n")
}

fn of_one(answer: &Answer) -> String {
    let mut lines = vec![format!("{}: {}", answer.project, answer.sentence)];
    lines.extend(answer.victims.iter().map(|victims| format!("  {victims}")));
    let next = answer.next.iter();
    lines.extend(next.map(|next| format!("  next: {}: {}", next.step, next.command)));
    let facts = answer.evidence.iter();
    lines.extend(facts.map(|fact| format!("  {:ABOUT$} {}", fact.about, fact.says)));
    lines.join("\n")
}
