//! `stats`: what services use beside their limits, once or again and again.

use super::{
    Context,
    args::StatsArgs,
    containers,
    named::{self, Meant},
    output::{CliError, Code, print, print_json, table},
    run::interrupted,
};
use crate::{
    domain::{
        Cpus, Limits, ProjectName, ServiceId, ServiceKind, Timestamp, Usage,
        usage::{memory_words, throttle_words},
    },
    hub::{
        known::Known,
        meter::{Meter, Reading},
    },
};
use serde::Serialize;
use std::time::Duration;
use tokio::time::sleep;

/// Between the two readings that make a rate.
const FIRST: Duration = Duration::from_secs(1);
/// Between two readings that are followed.
const PACE: Duration = Duration::from_secs(3);

/// One service; the JSON of `stats --json`, and a line of `stats --follow --json`.
#[derive(Debug, Serialize)]
struct Row {
    time: Timestamp,
    project: ProjectName,
    service: ServiceKind,
    limits: Option<Limits>,
    usage: Option<Usage>,
    /// What the figures mean, where a limit is too low.
    findings: Vec<String>,
}

impl From<Reading> for Row {
    fn from(reading: Reading) -> Self {
        let known = reading.usage.zip(reading.limits);
        let findings = known.map_or_else(Vec::new, |(usage, limits)| {
            let memory = memory_words(&usage, limits).map(|(_, words)| words);
            let all = memory.into_iter().chain(throttle_words(&usage, limits));
            all.collect()
        });
        Self {
            time: Timestamp::now(),
            project: reading.service.project,
            service: reading.service.kind,
            limits: reading.limits,
            usage: reading.usage,
            findings,
        }
    }
}

/// Prints a table of the named services, or of all; with `--follow` until a signal ends it.
pub(super) async fn stats(context: &Context, args: &StatsArgs) -> Result<Code, CliError> {
    let Meant { services, projects } = meant(context, args).await?;
    let containers = containers(projects.values());
    let mut meter = Meter::new(context.engine().await?, services, containers);
    let mut end = std::pin::pin!(interrupted());
    let mut pause = FIRST;
    meter.read().await?;
    loop {
        tokio::select! {
            signal = &mut end => return Ok(Code::Signal(signal)),
            () = sleep(pause) => {}
        }
        let read = meter.read().await?;
        let rows: Vec<Row> = read.into_iter().map(Row::from).collect();
        show(&rows, args)?;
        if !args.follow {
            return Ok(Code::Done);
        }
        pause = PACE;
    }
}

/// What is named, or all: the hub's own projects, then Compose's.
async fn meant(context: &Context, args: &StatsArgs) -> Result<Meant, CliError> {
    if !args.named.is_empty() {
        return named::services(context, &args.named).await;
    }
    let all = context.all().await?;
    let of = |known: &Known| {
        let kinds = ServiceKind::ALL.into_iter().filter(|kind| known.has(*kind));
        let ids = kinds.map(|kind| ServiceId::new(known.name(), kind));
        ids.collect::<Vec<_>>()
    };
    Ok(Meant {
        services: all.iter().flat_map(of).collect(),
        projects: all
            .into_iter()
            .map(|known| (known.name().clone(), known))
            .collect(),
    })
}

fn show(rows: &[Row], args: &StatsArgs) -> Result<(), CliError> {
    match (args.json, args.follow) {
        (true, false) => print_json(&rows),
        // A line each: whoever reads along does not have to wait for an end.
        (true, true) => rows
            .iter()
            .try_for_each(|row| print(serde_json::to_string(row).unwrap_or_default())),
        (false, _) => print(as_table(rows)),
    }
}

fn as_table(rows: &[Row]) -> String {
    let heads = [
        "SERVICE",
        "CPU",
        "LIMIT",
        "MEMORY",
        "LIMIT",
        "PEAK",
        "PIDS",
        "LIMIT",
        "NET IN/S",
        "NET OUT/S",
        "READ/S",
        "WRITTEN/S",
        "",
    ];
    let cells: Vec<_> = rows.iter().map(cells).collect();
    table(&heads, &cells)
}

fn cells(row: &Row) -> Vec<String> {
    let dash = || "–".to_owned();
    let (usage, limits) = (row.usage, row.limits);
    let two = |cpus: Cpus| format!("{:.2}", cpus.as_f64());
    let used = |word: &dyn Fn(Usage) -> Option<String>| usage.and_then(word).unwrap_or_else(dash);
    let most = |word: &dyn Fn(Limits) -> Option<String>| limits.and_then(word).unwrap_or_else(dash);
    vec![
        format!("{}/{}", row.project, row.service),
        used(&|usage| usage.cpus.map(two)),
        most(&|limits| (limits.cpus.0 > 0).then(|| two(limits.cpus))),
        used(&|usage| Some(usage.memory.to_string())),
        most(&|limits| (limits.memory.0 > 0).then(|| limits.memory.to_string())),
        used(&|usage| Some(usage.most.to_string())),
        used(&|usage| Some(usage.pids.to_string())),
        most(&|limits| (limits.pids > 0).then(|| limits.pids.to_string())),
        used(&|usage| usage.network.map(|it| it.received.short())),
        used(&|usage| usage.network.map(|it| it.sent.short())),
        used(&|usage| usage.disk.map(|it| it.read.short())),
        used(&|usage| usage.disk.map(|it| it.written.short())),
        row.findings.join("; "),
    ]
}
