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
        Limits, PerService, ProjectName, Safe, ServiceId, ServiceKind, Usage,
        limits::{Evidence, Risk},
    },
    hub::{
        known::Known,
        snapshot::{Ask, ServiceSnapshot},
    },
};
use serde::Serialize;
use std::collections::BTreeMap;

/// One service; the JSON of `limits --json`.
#[derive(Debug, Serialize)]
struct Row {
    project: ProjectName,
    service: ServiceKind,
    /// Compose's name of it, if Compose made it: of its limits the hub file need not say anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    compose: Option<Safe>,
    #[serde(skip)]
    drift: bool,
    wished: Limits,
    in_force: Option<Limits>,
    usage: Option<Usage>,
    /// What speaks against the limits in force.
    risks: Vec<String>,
}

impl Row {
    /// What the hub file wishes; of Compose's it need not wish all three.
    fn wished_words(&self) -> String {
        let Limits { cpus, memory, pids } = self.wished;
        let words = [
            (cpus.0 > 0).then(|| format!("{cpus} CPUs")),
            (memory.0 > 0).then(|| memory.to_string()),
            (pids > 0).then(|| format!("{pids} pids")),
        ];
        let words: Vec<String> = words.into_iter().flatten().collect();
        words.join(", ")
    }
}

/// Shows or sets.
pub(super) async fn limits(context: &Context, args: &LimitsArgs) -> Result<Code, CliError> {
    if args.presets {
        return presets::list(context, args.json);
    }
    let services = named::services(context, &args.named).await?.services;
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
                    .map(|read| (read.0.name().clone(), read)),
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

fn row(kind: ServiceKind, (known, snapshots): &(Known, PerService<ServiceSnapshot>)) -> Row {
    let snapshot = &snapshots[kind];
    let (wished, usage) = (known.limits(kind), snapshot.usage);
    let in_force = snapshot.container.as_ref().map(|c| c.limits());
    let risks = in_force.map_or_else(Vec::new, |limits| {
        let known = Evidence::of_service(limits, usage, &snapshot.health);
        let risks = known.of(limits).into_iter().flatten();
        risks.map(|Risk { text, .. }| text).collect()
    });
    Row {
        project: known.name().clone(),
        service: kind,
        compose: known.compose_name(kind),
        drift: snapshot.health.drift,
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
    let no_limit = || "no limit".to_owned();
    let name = if many {
        format!("{}/{}", row.project, row.service)
    } else {
        row.service.to_string()
    };
    vec![
        name,
        match limits.cpus.0 {
            0 => no_limit(),
            _ => limits.cpus.to_string(),
        },
        row.usage
            .and_then(|u| u.cpus)
            .map_or_else(dash, |c| format!("{:.2}", c.as_f64())),
        match limits.memory.0 {
            0 => no_limit(),
            _ => limits.memory.to_string(),
        },
        row.usage.map_or_else(dash, |u| u.memory.to_string()),
        match limits.pids {
            0 => no_limit(),
            _ => limits.pids.to_string(),
        },
        row.usage.map_or_else(dash, |u| u.pids.to_string()),
        note_of(row),
    ]
}

fn note_of(row: &Row) -> String {
    let drift = match row.in_force {
        None if row.compose.is_some() => Some("no container".to_owned()),
        None => Some("no container: for the next start".to_owned()),
        // Where the hub file is silent, nothing differs from it.
        Some(_) if row.compose.is_some() => row
            .drift
            .then(|| format!("≠ hub file: {}", row.wished_words())),
        Some(in_force) if in_force != row.wished => {
            Some(format!("≠ hub file: {}", row.wished_words()))
        }
        Some(_) => None,
    };
    let compose = row.compose.as_ref().map(|name| format!("Compose's {name}"));
    let notes = compose
        .into_iter()
        .chain(drift)
        .chain(row.risks.iter().cloned());
    notes.collect::<Vec<_>>().join("; ")
}
