//! One operation from beginning to end: the same code for a key on the screen and for a subcommand.

use super::{
    Failure, NewProject, Request,
    foreign::{self, Foreign},
    journal::Journal,
    lifecycle::Lifecycle,
    lock::ProjectLock,
    report::Reporter,
    retry::Policy,
};
use crate::{
    config::{Hub, HubFile},
    domain::{ProjectName, Safe, ServiceKind, log::Masker},
    engine::Engine,
    stack::{ProjectEntry, secrets::Secrets},
};

/// What operations work on.
#[derive(Debug, Clone)]
pub struct World {
    /// The engine; `None` while it is out of reach.
    pub engine: Option<Engine>,
    /// The hub file.
    pub hub_file: HubFile,
    /// How changes are tried again.
    pub policy: Policy,
    /// Where it is written down.
    pub journal: Journal,
}

/// Does what `request` says and tells `report` how far it is. Dropping the future cancels it: every step looks before it
/// acts, so the next start or stop works from whatever was reached. The journal has it, however it ends.
///
/// # Errors
/// One line and the next step, with the engine's own words.
pub async fn perform(world: &World, request: &Request, report: &Reporter) -> Result<Safe, Failure> {
    let record = world.journal.record(request, report);
    record.begin().await;
    // On the heap: it holds the steps of every operation.
    let outcome = Box::pin(carry_out(world, request, report)).await;
    let outcome = outcome.map_err(|failure| failure.masked(&masker(world, request)));
    record.end(&outcome).await;
    outcome
}

/// Hides the secrets of the project that `request` is about; without them, what looks like one.
fn masker(world: &World, request: &Request) -> Masker {
    let project = request.target().project;
    let known = Secrets::known(&world.hub_file.secrets_dir(), &project);
    Masker::new(&known.unwrap_or_default())
}

async fn carry_out(world: &World, request: &Request, report: &Reporter) -> Result<Safe, Failure> {
    let hub = world.hub_file.load()?;
    if hub.settings.hub.read_only {
        return Err(hub_is_read_only());
    }
    if let Request::Add(new) = request {
        return add(world, new);
    }
    if let Request::Protect { project, on } = request {
        return protect(world, project, *on);
    }
    let target = request.target();
    if !hub.projects.contains_key(&target.project) {
        return Box::pin(on_foreign(world, &hub, request, report)).await;
    }
    let engine = world.engine.clone().ok_or_else(no_engine)?;
    let _lock = ProjectLock::acquire(&world.hub_file.lock_dir(), &target.project, report).await?;
    // Read again: whoever had the lock may have changed it.
    let entry = entry_of(&world.hub_file.load()?, &target.project)?.clone();
    let lifecycle = Lifecycle {
        engine,
        entry,
        hub_file: world.hub_file.clone(),
        report: report.clone(),
        policy: world.policy,
        grace: request.grace(),
        sign: fastrand::u32(..),
    };
    match request {
        Request::Start(target) => match target.service {
            Some(kind) => lifecycle.start_service(kind).await,
            None => lifecycle.start().await,
        },
        Request::Stop { target, .. } => match target.service {
            Some(kind) => lifecycle.stop_service(kind).await,
            None => lifecycle.stop().await,
        },
        Request::Restart { target, how, .. } => match target.service {
            Some(kind) => lifecycle.restart_service(kind, *how).await,
            None => lifecycle.restart_all(*how).await,
        },
        Request::Limits {
            service,
            change,
            seen,
            below_use,
        } => {
            lifecycle
                .set_limits(service.kind, *change, *seen, *below_use)
                .await
        }
        Request::ReapplyLimits { service, below_use } => {
            lifecycle.reapply_limits(service.kind, *below_use).await
        }
        Request::KeepLimits(service) => lifecycle.keep_limits(service.kind).await,
        Request::Remove { data, .. } => lifecycle.remove(*data).await,
        Request::Import(name) => Err(foreign::not_composes(&hub, name)),
        Request::Add(_) | Request::Protect { .. } => Err(no_engine()),
    }
}

/// On a project that is not the hub's own: Compose's, or nobody's.
async fn on_foreign(
    world: &World,
    hub: &Hub,
    request: &Request,
    report: &Reporter,
) -> Result<Safe, Failure> {
    let name = request.target().project;
    let Some(engine) = world.engine.clone() else {
        let is_known = hub.imported.contains_key(&name);
        return Err(match entry_of(hub, &name) {
            Err(unknown) if !is_known => unknown,
            _ => no_engine(),
        });
    };
    let _lock = ProjectLock::acquire(&world.hub_file.lock_dir(), &name, report).await?;
    let hub = world.hub_file.load()?;
    let Some(project) = foreign::find(&engine, &hub, &name).await? else {
        return entry_of(&hub, &name).map(|_| Safe::default());
    };
    let foreign = Foreign {
        engine,
        project,
        hub_file: world.hub_file.clone(),
        report: report.clone(),
        policy: world.policy,
        grace: request.grace(),
    };
    foreign.carry_out(request).await
}

fn add(world: &World, new: &NewProject) -> Result<Safe, Failure> {
    let entry = world.hub_file.add(&new.name, &new.path, &new.images)?;
    let ports = ServiceKind::ALL.map(|kind| entry.port(kind).to_string());
    Ok(Safe::new(format!(
        "added {} as number {}: ports {}",
        entry.name,
        entry.number,
        ports.join(", ")
    )))
}

fn protect(world: &World, project: &ProjectName, on: bool) -> Result<Safe, Failure> {
    world.hub_file.set_protected(project, on)?;
    Ok(Safe::new(match on {
        true => format!("{project} is protected: stop, restart and removal ask for its name"),
        false => format!("{project} is not protected any more"),
    }))
}

/// That the hub file says that nothing may be changed.
#[must_use]
pub fn hub_is_read_only() -> Failure {
    let mend = "set it to false in the hub file";
    read_only("[hub] read_only = true", mend)
}

/// That nothing may be changed, because of what, and what helps.
#[must_use]
pub fn read_only(why: &str, mend: &str) -> Failure {
    Failure::input(format!("read-only ({why}): nothing was changed")).with_hint(mend)
}

/// The project of that name.
///
/// # Errors
/// An unknown name, with the ones that exist.
pub fn entry_of<'a>(hub: &'a Hub, name: &ProjectName) -> Result<&'a ProjectEntry, Failure> {
    hub.projects.get(name).ok_or_else(|| {
        let known: Vec<_> = hub.projects.keys().map(ProjectName::as_str).collect();
        let known = if known.is_empty() {
            "there is none yet: add one with `cchub-tui project add NAME --path DIR`".to_owned()
        } else {
            format!("use one of {}", known.join(", "))
        };
        Failure::input(format!("no project '{name}': {known}"))
    })
}

fn no_engine() -> Failure {
    Failure::new(
        super::FailureKind::Engine,
        "the engine is out of reach: nothing was sent",
    )
    .with_hint("see the top line; Ctrl-R tries again now")
}
