//! `project list` and `project show`: what the hub file says, resolved. No engine is asked.

use super::{
    Context,
    output::{CliError, Code, print, print_json, table},
};
use crate::{
    domain::{Project, ProjectName, ServiceKind},
    stack::{ServiceSpec, StackSpec, spec::ImageSource},
};
use serde::Serialize;

/// Lists all projects.
pub(super) fn list(context: &Context, json: bool) -> Result<Code, CliError> {
    let hub = context.hub()?;
    let projects: Vec<Project> = hub.projects.values().map(|entry| entry.project()).collect();
    if json {
        print_json(&projects)?;
    } else {
        let rows: Vec<_> = projects.iter().map(row).collect();
        print(table(&["PROJECT", "NO", "PORTS", "FOLDER"], &rows))?;
    }
    Ok(Code::Done)
}

fn row(project: &Project) -> Vec<String> {
    vec![
        project.name.to_string(),
        project
            .number
            .map_or_else(|| "–".to_owned(), |number| number.to_string()),
        ServiceKind::ALL
            .map(|kind| project.port_word(kind))
            .join(" "),
        project.folder(),
    ]
}

/// One service of `project show --json`.
#[derive(Debug, Serialize)]
struct Service<'a> {
    #[serde(flatten)]
    spec: &'a ServiceSpec,
    limits: crate::domain::Limits,
    hash: String,
}

/// Shows one project as its containers would be made.
pub(super) fn show(context: &Context, name: &ProjectName, json: bool) -> Result<Code, CliError> {
    let entry = context.entry(name)?;
    let stack = StackSpec::resolve(&entry).map_err(crate::hub::Failure::from)?;
    if json {
        let services = ServiceKind::ALL.map(|kind| {
            let spec = &stack.services[kind];
            let hash = spec.hash();
            (
                kind.as_str(),
                Service {
                    spec,
                    limits: spec.limits,
                    hash,
                },
            )
        });
        let services: std::collections::BTreeMap<_, _> = services.into_iter().collect();
        print_json(&serde_json::json!({ "project": entry.project(), "services": services }))?;
        return Ok(Code::Done);
    }
    print(table(
        &["PROJECT", "NO", "PORTS", "FOLDER"],
        &[row(&entry.project())],
    ))?;
    print("")?;
    let rows: Vec<_> = stack
        .services
        .iter()
        .map(|(_, spec)| service_row(spec))
        .collect();
    print(table(
        &["SERVICE", "IMAGE", "USER", "PORT", "CPUS", "MEMORY", "PIDS"],
        &rows,
    ))?;
    Ok(Code::Done)
}

fn service_row(spec: &ServiceSpec) -> Vec<String> {
    let image = match &spec.image {
        ImageSource::Ready(reference) => reference.clone(),
        ImageSource::Built(recipe) => format!("built on {}", recipe.base),
    };
    vec![
        spec.id.kind.to_string(),
        crate::domain::Safe::new(image).to_string(),
        spec.user.clone(),
        format!("{}:{}", spec.address, spec.host_port),
        spec.limits.cpus.to_string(),
        spec.limits.memory.to_string(),
        spec.limits.pids.to_string(),
    ]
}
