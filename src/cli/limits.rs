//! `limits`: shows what is in force, wished and used, or changes it live.

use super::{
    Context,
    args::LimitsArgs,
    output::{CliError, Code, print, print_json, table},
    run,
};
use crate::{
    domain::{Limits, LimitsChange, PerService, ProjectName, ServiceId, ServiceKind, Usage},
    hub::{
        Request,
        snapshot::{Ask, ServiceSnapshot},
    },
    stack::ProjectEntry,
};
use serde::Serialize;

/// One service; the JSON of `limits --json`.
#[derive(Debug, Serialize)]
struct Row {
    project: ProjectName,
    service: ServiceKind,
    wished: Limits,
    in_force: Option<Limits>,
    usage: Option<Usage>,
}

/// Shows or sets.
pub(super) async fn limits(context: &Context, args: &LimitsArgs) -> Result<Code, CliError> {
    let change = LimitsChange {
        cpus: args.cpus,
        memory: args.memory,
        pids: args.pids,
    };
    match args.service {
        Some(kind) if !change.is_empty() => {
            let request = Request::Limits {
                service: ServiceId::new(&args.project, kind),
                change,
                seen: None,
                below_use: args.below_use,
            };
            run::run(context, request).await
        }
        _ => show(context, args).await,
    }
}

async fn show(context: &Context, args: &LimitsArgs) -> Result<Code, CliError> {
    let read = context.read(Some(&args.project), Ask::HealthAndUse).await?;
    let rows: Vec<_> = read.iter().flat_map(|read| rows(args, read)).collect();
    if args.json {
        print_json(&rows)?;
    } else {
        print(as_table(&rows))?;
    }
    Ok(Code::Done)
}

fn rows(
    args: &LimitsArgs,
    (entry, snapshots): &(ProjectEntry, PerService<ServiceSnapshot>),
) -> Vec<Row> {
    let asked = |kind: &ServiceKind| args.service.is_none_or(|service| service == *kind);
    ServiceKind::ALL
        .into_iter()
        .filter(asked)
        .map(|kind| Row {
            project: entry.name.clone(),
            service: kind,
            wished: entry.limits(kind),
            in_force: snapshots[kind].container.as_ref().map(|c| c.limits()),
            usage: snapshots[kind].usage,
        })
        .collect()
}

fn as_table(rows: &[Row]) -> String {
    let heads = [
        "SERVICE", "CPUS", "USED", "MEMORY", "USED", "PIDS", "USED", "",
    ];
    let cells: Vec<_> = rows.iter().map(cells).collect();
    table(&heads, &cells)
}

fn cells(row: &Row) -> Vec<String> {
    let dash = || "–".to_owned();
    let limits = row.in_force.unwrap_or(row.wished);
    let note = match row.in_force {
        None => "no container: for the next start".to_owned(),
        Some(in_force) if in_force != row.wished => {
            let wished = row.wished;
            format!(
                "≠ hub file: {} CPUs, {}, {} pids",
                wished.cpus, wished.memory, wished.pids
            )
        }
        Some(_) => String::new(),
    };
    vec![
        row.service.to_string(),
        limits.cpus.to_string(),
        row.usage
            .and_then(|u| u.cpus)
            .map_or_else(dash, |c| format!("{:.2}", c.as_f64())),
        limits.memory.to_string(),
        row.usage.map_or_else(dash, |u| u.memory.to_string()),
        limits.pids.to_string(),
        row.usage.map_or_else(dash, |u| u.pids.to_string()),
        note,
    ]
}
