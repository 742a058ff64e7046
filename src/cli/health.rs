//! `health`: a check now, for people and for scripts.

use super::{
    Context,
    output::{CliError, Code, print, print_json, table},
    totals::say_totals,
};
use crate::{
    domain::{
        PerService, ProjectName, Safe, ServiceKind, State, Timestamp, Verdict, cause,
        verdict::{Course, verdict},
    },
    hub::{
        known::Known,
        snapshot::{Ask, ServiceSnapshot},
    },
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a check of a project found; the JSON of `health --json`.
#[derive(Debug, Serialize)]
struct ProjectHealth {
    project: ProjectName,
    /// Compose made it.
    compose: bool,
    overall_healthy: bool,
    services: BTreeMap<&'static str, ServiceHealth>,
    timestamp: Timestamp,
}

#[derive(Debug, Serialize)]
struct ServiceHealth {
    healthy: bool,
    service: &'static str,
    state: State,
    verdict: Verdict,
    /// The service whose trouble this one suffers from; it is no trouble of its own.
    blocked_by: Option<ServiceKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Safe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Safe>,
    latency_ms: Option<f64>,
}

/// Checks one project or all; exit code 1 if something is not healthy that is named or in the hub file: what else runs on
/// the engine fails no script that does not ask for it.
pub(super) async fn health(
    context: &Context,
    project: Option<&ProjectName>,
    json: bool,
) -> Result<Code, CliError> {
    let read = context.read(project, Ask::Health).await?;
    let found: Vec<_> = read
        .iter()
        .map(|(known, snapshots)| judge(known, snapshots))
        .collect();
    match (json, project) {
        (true, Some(_)) => print_json(&found.first())?,
        (true, None) => print_json(&found)?,
        (false, _) => {
            print(as_table(&found))?;
            let services = found.iter().flat_map(|project| project.services.values());
            say_totals(services.map(|service| service.verdict));
        }
    }
    let counts = |known: &Known| project.is_some() || known.is_in_hub_file();
    let mut counted = read
        .iter()
        .zip(&found)
        .filter(|((known, _), _)| counts(known));
    let healthy = counted.all(|(_, found)| found.overall_healthy);
    Ok(if healthy { Code::Done } else { Code::Failed })
}

fn judge(known: &Known, snapshots: &PerService<ServiceSnapshot>) -> ProjectHealth {
    let states = PerService::from_fn(|kind| snapshots[kind].health.clone());
    let now = Timestamp::now();
    let all = snapshots.iter().filter(|(kind, _)| known.has(*kind));
    let services = all.map(|(kind, snapshot)| {
        let health = &snapshot.health;
        let healthy = health.serves();
        let words = if healthy {
            health.message.clone()
        } else {
            Safe::new(cause::why(kind, &states, now))
        };
        let service = ServiceHealth {
            healthy,
            service: kind.as_str(),
            state: health.state,
            verdict: verdict(kind, &states, Course::None),
            blocked_by: cause::blocked_by(kind, &states),
            message: healthy.then(|| words.clone()),
            error: (!healthy).then_some(words),
            latency_ms: health
                .latency
                .map(|l| (l.as_secs_f64() * 10_000.0).round() / 10.0),
        };
        (kind.as_str(), service)
    });
    ProjectHealth {
        project: known.name().clone(),
        compose: known.adopted().is_some(),
        overall_healthy: cause::overall_healthy(&states),
        services: services.collect(),
        timestamp: now,
    }
}

fn as_table(found: &[ProjectHealth]) -> String {
    let rows: Vec<_> = found.iter().flat_map(rows).collect();
    table(
        &["PROJECT", "SERVICE", "HEALTHY", "LATENCY", "SAYS", ""],
        &rows,
    )
}

fn rows(project: &ProjectHealth) -> Vec<Vec<String>> {
    let row = |name: &'static str| {
        let service = project.services.get(name)?;
        let words = service.message.as_ref().or(service.error.as_ref());
        Some(vec![
            project.project.to_string(),
            name.to_owned(),
            match (service.healthy, service.state) {
                (true, _) => "yes",
                (false, State::Unchecked) => "–",
                (false, _) => "NO",
            }
            .to_owned(),
            service
                .latency_ms
                .map_or_else(|| "–".to_owned(), |ms| format!("{ms} ms")),
            words.map(ToString::to_string).unwrap_or_default(),
            if project.compose { "Compose's" } else { "" }.to_owned(),
        ])
    };
    let names = ServiceKind::ALL.into_iter().map(ServiceKind::as_str);
    names.filter_map(row).collect()
}
