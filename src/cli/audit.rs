//! `audit`: what containers lack in hardening, whoever made them, with the reason and the mend.

use super::{
    Context,
    args::AuditArgs,
    output::{CliError, Code, note, print, print_json, table},
};
use crate::{
    domain::{ProjectName, Safe, ServiceKind},
    hub::audit::{Audited, audit as look},
    stack::hardening::Finding,
};
use serde::Serialize;

/// A container; the JSON of `audit --json`.
#[derive(Debug, Serialize)]
struct Row {
    project: ProjectName,
    service: Safe,
    part: Option<ServiceKind>,
    compose: bool,
    container: Safe,
    findings: Vec<Found>,
}

#[derive(Debug, Serialize)]
struct Found {
    what: Safe,
    why: Safe,
    mend: Safe,
    /// Where the mend has to be written, and as what.
    write: Safe,
    serious: bool,
}

/// Looks at what is named, or at all; exit code 1 if something serious was found.
pub(super) async fn audit(context: &Context, args: &AuditArgs) -> Result<Code, CliError> {
    let hub = context.hub()?;
    let engine = context.engine().await?;
    let looked = look(&engine, &hub, &args.named).await?;
    let rows: Vec<Row> = looked.iter().map(row).collect();
    if args.json {
        print_json(&rows)?;
    } else {
        print(as_table(&rows))?;
        let found = || rows.iter().flat_map(|row| &row.findings);
        let serious = found().filter(|found| found.serious).count();
        let (containers, all) = (rows.len(), found().count());
        note(format_args!(
            "{containers} containers, {all} findings, {serious} serious"
        ));
    }
    let mut all = rows.iter().flat_map(|row| &row.findings);
    Ok(match all.any(|found| found.serious) {
        true => Code::Failed,
        false => Code::Done,
    })
}

fn row(audited: &Audited) -> Row {
    let part = audited.part.map(|kind| Safe::new(kind.as_str()));
    let service = part.or_else(|| audited.compose.clone()).unwrap_or_default();
    let found = |finding: &Finding| Found {
        what: finding.what.clone(),
        why: finding.why.clone(),
        mend: finding.mend.clone(),
        write: Safe::new(finding.mend_of(
            audited.project.as_str(),
            &service,
            audited.compose.as_ref().map(Safe::as_str),
        )),
        serious: finding.is_grave,
    };
    Row {
        project: audited.project.clone(),
        part: audited.part,
        compose: audited.compose.is_some(),
        container: audited.container.clone(),
        findings: audited.findings.iter().map(found).collect(),
        service,
    }
}

fn as_table(rows: &[Row]) -> String {
    let mut lines: Vec<(bool, Vec<String>)> = Vec::new();
    for row in rows {
        for found in &row.findings {
            let level = if found.serious { "SERIOUS" } else { "" };
            let cells = [
                row.project.to_string(),
                row.service.to_string(),
                level.to_owned(),
                found.what.to_string(),
                found.write.to_string(),
            ];
            lines.push((!found.serious, cells.to_vec()));
        }
    }
    // The worst first, in the order of the projects otherwise.
    lines.sort_by_key(|(is_weak, _)| *is_weak);
    let cells: Vec<_> = lines.into_iter().map(|(_, cells)| cells).collect();
    table(&["PROJECT", "SERVICE", "", "FINDING", "MEND"], &cells)
}
