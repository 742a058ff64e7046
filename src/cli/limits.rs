//! `limits`: shows what is in force, wished and used, lists the presets, or changes limits live.

mod change;
mod presets;

use super::{
    Context,
    args::LimitsArgs,
    named,
    output::{CliError, Code, print, print_json, table},
};
use crate::{
    domain::{
        Limits, PerService, ProjectName, ServiceId, ServiceKind, Usage,
        limits::{Evidence, Risk},
    },
    hub::snapshot::{Ask, ServiceSnapshot},
    stack::ProjectEntry,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// One service; the JSON of `limits --json`.
#[derive(Debug, Serialize)]
struct Row {
    project: ProjectName,
    service: ServiceKind,
    wished: Limits,
    in_force: Option<Limits>,
    usage: Option<Usage>,
    /// What speaks against the limits in force.
    risks: Vec<String>,
}

/// Shows or sets.
pub(super) async fn limits(context: &Context, args: &LimitsArgs) -> Result<Code, CliError> {
    if args.presets {
        return presets::list(context, args.json);
    }
    let services = named::services(context, &args.named)?;
    if args.changes() {
        return Box::pin(change::change(context, args, services)).await;
    }
    show(context, &services, args.json).await
}

async fn show(context: &Context, services: &[ServiceId], json: bool) -> Result<Code, CliError> {
    let mut projects = BTreeMap::new();
    for service in services {
        if !projects.contains_key(&service.project) {
            let read = context.read(Some(&service.project), Ask::HealthAndUse);
            projects.extend(
                read.await?
                    .into_iter()
                    .map(|read| (read.0.name.clone(), read)),
            );
        }
    }
    let row_of = |id: &ServiceId| projects.get(&id.project).map(|read| row(id.kind, read));
    let rows: Vec<Row> = services.iter().filter_map(row_of).collect();
    if json {
        print_json(&rows)?;
    } else {
        print(as_table(&rows, projects.len() > 1))?;
    }
    Ok(Code::Done)
}

fn row(kind: ServiceKind, (entry, snapshots): &(ProjectEntry, PerService<ServiceSnapshot>)) -> Row {
    let snapshot = &snapshots[kind];
    let (wished, usage) = (entry.limits(kind), snapshot.usage);
    let in_force = snapshot.container.as_ref().map(|c| c.limits());
    let risks = in_force.map_or_else(Vec::new, |limits| {
        let known = Evidence::of_service(limits, usage, &snapshot.health);
        let risks = known.of(limits).into_iter().flatten();
        risks.map(|Risk { text, .. }| text).collect()
    });
    Row {
        project: entry.name.clone(),
        service: kind,
        wished,
        in_force,
        usage,
        risks,
    }
}

fn as_table(rows: &[Row], many: bool) -> String {
    let heads = [
        "SERVICE", "CPUS", "USED", "MEMORY", "USED", "PIDS", "USED", "",
    ];
    let cells: Vec<_> = rows.iter().map(|row| cells(row, many)).collect();
    table(&heads, &cells)
}

fn cells(row: &Row, many: bool) -> Vec<String> {
    let dash = || "–".to_owned();
    let limits = row.in_force.unwrap_or(row.wished);
    let name = if many {
        format!("{}/{}", row.project, row.service)
    } else {
        row.service.to_string()
    };
    vec![
        name,
        limits.cpus.to_string(),
        row.usage
            .and_then(|u| u.cpus)
            .map_or_else(dash, |c| format!("{:.2}", c.as_f64())),
        limits.memory.to_string(),
        row.usage.map_or_else(dash, |u| u.memory.to_string()),
        limits.pids.to_string(),
        row.usage.map_or_else(dash, |u| u.pids.to_string()),
        note_of(row),
    ]
}

fn note_of(row: &Row) -> String {
    let drift = match row.in_force {
        None => Some("no container: for the next start".to_owned()),
        Some(in_force) if in_force != row.wished => {
            let wished = row.wished;
            Some(format!(
                "≠ hub file: {} CPUs, {}, {} pids",
                wished.cpus, wished.memory, wished.pids
            ))
        }
        Some(_) => None,
    };
    let notes = drift.into_iter().chain(row.risks.iter().cloned());
    notes.collect::<Vec<_>>().join("; ")
}
