//! `status`: state, ports, uptime, limits and use of every service.

use super::{
    Context,
    args::{StatusArgs, StatusColumn},
    output::{CliError, Code, print, print_json, table},
    totals::say_totals,
};
use crate::{
    domain::{
        Health, Limits, PerService, ProjectName, Safe, ServiceKind, State, Timestamp, Usage,
        Verdict, cause,
        units::age,
        verdict::{Course, verdict},
    },
    hub::{
        known::Known,
        snapshot::{Ask, ServiceSnapshot},
    },
};
use serde::Serialize;
use std::cmp::Ordering;

/// One service; the JSON of `status --json`.
#[derive(Debug, Serialize)]
struct Row {
    project: ProjectName,
    service: ServiceKind,
    /// Compose's name of it, if Compose made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    compose: Option<Safe>,
    state: State,
    verdict: Verdict,
    /// The service whose trouble this one suffers from.
    blocked_by: Option<ServiceKind>,
    since: Option<Timestamp>,
    message: Safe,
    /// None if Compose publishes none.
    port: Option<u16>,
    started_at: Option<Timestamp>,
    restarts: u32,
    limits: Limits,
    usage: Option<Usage>,
    drift: bool,
    container: Option<String>,
}

/// Prints one project or all.
pub(super) async fn status(context: &Context, args: &StatusArgs) -> Result<Code, CliError> {
    let read = context
        .read(args.project.as_ref(), Ask::HealthAndUse)
        .await?;
    let mut rows: Vec<_> = read.iter().flat_map(rows_of).collect();
    if let Some(column) = args.sort {
        sort(&mut rows, column, args.reverse);
    }
    if args.json {
        print_json(&rows)?;
    } else {
        print(as_table(&rows))?;
        say_totals(rows.iter().map(|row| row.verdict));
    }
    Ok(Code::Done)
}

fn rows_of((known, snapshots): &(Known, PerService<ServiceSnapshot>)) -> Vec<Row> {
    let states = PerService::from_fn(|kind| snapshots[kind].health.clone());
    let ports = known.project().ports;
    let kinds = ServiceKind::ALL.into_iter().filter(|kind| known.has(*kind));
    kinds
        .map(|kind| Row {
            port: ports[kind],
            ..row(known, kind, &states, &snapshots[kind])
        })
        .collect()
}

fn row(
    known: &Known,
    kind: ServiceKind,
    states: &PerService<Health>,
    snapshot: &ServiceSnapshot,
) -> Row {
    let wished = known.limits(kind);
    Row {
        project: known.name().clone(),
        service: kind,
        compose: known.compose_name(kind),
        state: snapshot.health.state,
        verdict: verdict(kind, states, Course::None),
        blocked_by: cause::blocked_by(kind, states),
        since: snapshot.health.since,
        message: snapshot.health.message.clone(),
        port: None,
        started_at: snapshot.health.started_at,
        restarts: snapshot.health.restarts,
        limits: snapshot.container.as_ref().map_or(wished, |c| c.limits()),
        usage: snapshot.usage,
        drift: snapshot.health.drift,
        container: snapshot
            .container
            .as_ref()
            .map(|c| c.id.chars().take(12).collect()),
    }
}

/// Sorts rows that are in the order of their names; of what nobody knows comes last either way.
fn sort(rows: &mut [Row], column: StatusColumn, reverse: bool) {
    let turned = |order: Ordering| match reverse {
        true => order.reverse(),
        false => order,
    };
    // The highest first.
    let number = |row: &Row| match column {
        StatusColumn::Cpu => row.usage.and_then(|usage| usage.cpus).map(|cpus| cpus.0),
        StatusColumn::Memory => row.usage.map(|usage| usage.memory.0),
        StatusColumn::Restarts => Some(u64::from(row.restarts)),
        StatusColumn::Port => row.port.map(|port| u64::from(u16::MAX - port)),
        StatusColumn::Up => {
            let started = row.started_at.filter(|_| row.state.is_up());
            started.and_then(|at| u64::try_from(at.as_second()).ok())
        }
        StatusColumn::Name | StatusColumn::State => None,
    };
    match column {
        StatusColumn::Name => rows.sort_by(|a, b| {
            turned((&a.project, a.service.index()).cmp(&(&b.project, b.service.index())))
        }),
        StatusColumn::State => rows.sort_by(|a, b| turned(a.verdict.cmp(&b.verdict))),
        _ => rows.sort_by(|a, b| match (number(a), number(b)) {
            (Some(a), Some(b)) => turned(b.cmp(&a)),
            (a, b) => a.is_none().cmp(&b.is_none()),
        }),
    }
}

fn as_table(rows: &[Row]) -> String {
    let heads = [
        "PROJECT", "SERVICE", "STATE", "PORT", "UP", "RESTARTS", "CPU", "MEMORY", "",
    ];
    let cells: Vec<_> = rows.iter().map(cells).collect();
    table(&heads, &cells)
}

fn cells(row: &Row) -> Vec<String> {
    let up = row.started_at.filter(|_| row.state.is_up()).map_or_else(
        || "–".to_owned(),
        |started| age(Timestamp::now().as_second() - started.as_second()),
    );
    let usage = row.usage;
    let cpu = usage
        .and_then(|u| u.cpus)
        .map_or_else(|| "–".to_owned(), |c| format!("{:.2}", c.as_f64()));
    let memory = usage.map_or_else(|| "–".to_owned(), |u| u.memory.short());
    vec![
        row.project.to_string(),
        row.service.to_string(),
        state_word(row),
        row.port
            .map_or_else(|| "–".to_owned(), |port| port.to_string()),
        up,
        row.restarts.to_string(),
        match row.limits.cpus.0 {
            0 => format!("{cpu}, no limit"),
            _ => format!("{cpu} of {}", row.limits.cpus),
        },
        match row.limits.memory.0 {
            0 => format!("{memory}, no limit"),
            _ => format!("{memory} of {}", row.limits.memory.short()),
        },
        notes(row),
    ]
}

fn notes(row: &Row) -> String {
    let compose = row.compose.as_ref().map(|name| format!("Compose's {name}"));
    let drift = row.drift.then(|| "≠ differs from the hub file".to_owned());
    let notes: Vec<String> = compose.into_iter().chain(drift).collect();
    notes.join("; ")
}

/// The state, and whose fault it is where it is another's.
fn state_word(row: &Row) -> String {
    let state = row.state.word();
    match row.blocked_by {
        Some(root) => format!("{state}, waits for {root}"),
        None => state.to_owned(),
    }
}
