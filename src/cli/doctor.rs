//! `doctor`: what is wrong with engine, permissions, ports and files, each with its mend. Changes nothing.

use super::{
    Context,
    output::{CliError, Code, print, print_json},
};
use crate::{
    domain::{Phase, Safe, ServiceKind, container::Summary},
    engine::Engine,
    hub::Failure,
    stack::{ProjectEntry, StackSpec, folder, hardening, names, ports, secrets::Secrets},
};
use serde::Serialize;
use std::net::SocketAddr;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Diagnosis {
    what: Safe,
    ok: bool,
    /// What was seen.
    seen: Safe,
    /// What to do, if it is not well.
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<Safe>,
}

impl Diagnosis {
    fn good(what: impl AsRef<str>, seen: impl AsRef<str>) -> Self {
        Self {
            what: Safe::new(what),
            ok: true,
            seen: Safe::new(seen),
            mend: None,
        }
    }

    fn bad(what: impl AsRef<str>, failure: &Failure) -> Self {
        Self {
            what: Safe::new(what),
            ok: false,
            seen: failure.message.clone(),
            mend: failure.hint.clone(),
        }
    }
}

/// Looks at everything; exit code 1 if something is wrong, 3 if it is the engine.
pub(super) async fn doctor(context: &Context, json: bool) -> Result<Code, CliError> {
    let mut found = Vec::new();
    let entries = check_hub_file(context, &mut found);
    let engine = check_engine(context, &mut found).await;
    let containers = match &engine {
        Some(engine) => engine.list_all().await.unwrap_or_default(),
        None => Vec::new(),
    };
    for entry in &entries {
        check_project(context, entry, engine.as_ref(), &containers, &mut found).await;
    }
    if json {
        print_json(&found)?;
    } else {
        for diagnosis in &found {
            print(as_line(diagnosis))?;
        }
    }
    Ok(match (engine, found.iter().all(|d| d.ok)) {
        (None, _) => Code::Engine,
        (Some(_), true) => Code::Done,
        (Some(_), false) => Code::Failed,
    })
}

fn as_line(diagnosis: &Diagnosis) -> String {
    let mark = if diagnosis.ok { "ok " } else { "BAD" };
    let mend = diagnosis
        .mend
        .as_ref()
        .map_or_else(String::new, |mend| format!("\n      mend: {mend}"));
    format!("{mark} {}: {}{mend}", diagnosis.what, diagnosis.seen)
}

fn check_hub_file(context: &Context, found: &mut Vec<Diagnosis>) -> Vec<ProjectEntry> {
    let path = context.hub_file.path().display().to_string();
    match context.hub_file.load() {
        Ok(hub) => {
            let count = hub.projects.len();
            found.push(Diagnosis::good(
                "hub file",
                format!("{path}: {count} projects"),
            ));
            hub.projects.into_values().collect()
        }
        Err(error) => {
            found.push(Diagnosis::bad("hub file", &error.into()));
            Vec::new()
        }
    }
}

async fn check_engine(context: &Context, found: &mut Vec<Diagnosis>) -> Option<Engine> {
    match context.engine().await {
        Ok(engine) => {
            let info = engine.info();
            found.push(Diagnosis::good(
                "engine",
                format!(
                    "{} answers: version {}, API {}, {} CPUs, {}",
                    engine.endpoint().label(),
                    info.version,
                    info.api,
                    info.host.cpus,
                    info.host.memory
                ),
            ));
            for warning in &info.warnings {
                found.push(Diagnosis::good("engine", format!("note: {warning}")));
            }
            Some(engine)
        }
        Err(CliError::Failed(failure)) => {
            found.push(Diagnosis::bad("engine", &failure));
            None
        }
        Err(CliError::BrokenPipe) => None,
    }
}

async fn check_project(
    context: &Context,
    entry: &ProjectEntry,
    engine: Option<&Engine>,
    containers: &[Summary],
    found: &mut Vec<Diagnosis>,
) {
    let name = &entry.name;
    let mut problems = Vec::new();
    if let Err(error) = folder::check_folder(&entry.path) {
        problems.push(Failure::from(error));
    }
    if let Err(error) = StackSpec::resolve(entry) {
        problems.push(Failure::from(error));
    }
    if let Err(error) = Secrets::load(&context.hub_file.secrets_dir(), name) {
        problems.push(Failure::from(error));
    }
    let local = engine.is_some_and(|e| e.endpoint().is_local());
    problems.extend(
        ServiceKind::ALL
            .into_iter()
            .filter_map(|kind| port_problem(entry, kind, containers, local)),
    );
    if let Some(engine) = engine {
        problems.extend(hardening_problems(engine, entry).await);
    }
    if problems.is_empty() {
        found.push(Diagnosis::good(
            name.as_str(),
            "folder, ports, secrets and containers are fine",
        ));
    }
    found.extend(
        problems
            .iter()
            .map(|failure| Diagnosis::bad(name.as_str(), failure)),
    );
}

fn port_problem(
    entry: &ProjectEntry,
    kind: ServiceKind,
    containers: &[Summary],
    local: bool,
) -> Option<Failure> {
    let port = entry.port(kind);
    let wanted = SocketAddr::new(entry.address, port);
    let own = names::container(&entry.name, kind);
    let publisher = containers
        .iter()
        .find(|c| c.phase == Phase::Running && c.takes(wanted));
    let by = match publisher {
        Some(container) if container.name.as_str() == own => return None,
        Some(container) => format!("container {}", container.name),
        None if local && !ports::is_free(wanted) => {
            ports::holder(wanted).map_or_else(|| "another process".to_owned(), |h| h.to_string())
        }
        None => return None,
    };
    Some(
        Failure::operation(format!("port {port} for {kind} is taken by {by}")).with_hint(format!(
            "free it, or set {kind} = PORT under [projects.{}.ports]",
            entry.name
        )),
    )
}

async fn hardening_problems(engine: &Engine, entry: &ProjectEntry) -> Vec<Failure> {
    let mut problems = Vec::new();
    for kind in ServiceKind::ALL {
        let name = names::container(&entry.name, kind);
        let Ok(Some(container)) = engine.inspect(&name).await else {
            continue;
        };
        for finding in hardening::audit(&container) {
            let what = format!("{kind}: {} ({})", finding.what, finding.why);
            problems.push(Failure::operation(what).with_hint(finding.mend.as_str()));
        }
    }
    problems
}
