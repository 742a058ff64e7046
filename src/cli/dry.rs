//! `--dry-run`: what would be done, from what is there now. Nothing is sent that changes anything.

use super::{
    Context,
    output::{CliError, Code, note, print, print_json},
};
use crate::{
    domain::{ProjectName, ServiceKind},
    hub::{Failure, Request, known::Known, plan::plan, snapshot::Ask},
};
use serde::Serialize;

/// What would be done to one thing; the JSON with `--json`.
#[derive(Debug, Serialize)]
struct Row {
    project: ProjectName,
    service: Option<ServiceKind>,
    would: String,
    steps: Vec<String>,
}

/// Says what each of `requests` would do, in their order.
pub(super) async fn say(
    context: &Context,
    requests: &[Request],
    json: bool,
) -> Result<Code, CliError> {
    let mut rows = Vec::new();
    for request in requests {
        rows.push(row(context, request).await?);
    }
    if json {
        print_json(&rows)?;
    } else {
        for (row, request) in rows.iter().zip(requests) {
            print(format_args!("{} {}:", row.would, request.target()))?;
            for step in &row.steps {
                print(format_args!("  {step}"))?;
            }
        }
    }
    // What would be refused is said, too; that it would is no failure of this.
    if let Err(refused) = context.guard(requests) {
        refused.report();
    }
    note("dry run: nothing was done");
    Ok(Code::Done)
}

async fn row(context: &Context, request: &Request) -> Result<Row, CliError> {
    let target = request.target();
    let ask = match request {
        Request::Limits { .. } => Ask::HealthAndUse,
        _ => Ask::Health,
    };
    let read = context.read(Some(&target.project), ask).await?;
    let steps = match read.first() {
        Some((Known::Ours(entry), now)) => plan(request, entry, now),
        Some((Known::Compose(project), _)) => {
            let name = &project.name;
            let words =
                format!("{name} is Compose's: what would be done is not worked out for those");
            return Err(Failure::input(words).into());
        }
        None => Vec::new(),
    };
    Ok(Row {
        project: target.project,
        service: target.service,
        would: request.did().to_string(),
        steps,
    })
}
