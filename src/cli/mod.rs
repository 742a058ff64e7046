//! The command line: what was typed becomes one call of the hub and an exit code. No screen here.

pub mod args;
mod audit;
mod doctor;
mod dry;
mod guard;
mod health;
mod journal;
mod keys;
mod limits;
mod logs;
mod many;
mod merge;
mod named;
pub mod output;
mod pick;
mod ports;
mod project;
mod run;
mod screen;
mod shell;
mod stats;
mod status;
mod theme;
mod timeline;
mod totals;
mod why;

use crate::{
    config::{Hub, HubFile, paths},
    domain::{PerService, ProjectName},
    engine::{Endpoint, Engine, endpoint::Environment},
    hub::{
        Failure,
        containers::Containers,
        known::{self, Known},
        operation::entry_of,
        snapshot::{self, Ask, ServiceSnapshot},
    },
    stack::ProjectEntry,
};
use args::{Command, Invocation, ProjectCommand};
use clap::{CommandFactory, Parser};
use output::{CliError, Code, unreachable};
use std::{collections::BTreeMap, process::ExitCode};

/// Runs what this process was started for.
pub async fn main() -> ExitCode {
    output::report_panics();
    let outcome = match Invocation::try_parse() {
        Ok(invocation) => Box::pin(dispatch(invocation)).await,
        Err(error) => output::answer_usage(&error),
    };
    outcome
        .unwrap_or_else(|error| {
            error.report();
            error.code()
        })
        .into()
}

async fn dispatch(invocation: Invocation) -> Result<Code, CliError> {
    if invocation.demo {
        return demo(&invocation).await;
    }
    let context = Context::new(&invocation)?;
    let Some(command) = invocation.command else {
        return screen::open(&context).await;
    };
    match command {
        Command::Project(command) => Box::pin(project_command(&context, command)).await,
        Command::Start(args) => run::start(&context, &args).await,
        Command::Stop(args) => run::stop(&context, &args).await,
        Command::Restart(args) => run::restart(&context, &args).await,
        Command::Status(args) => status::status(&context, &args).await,
        Command::Health { project, json } => health::health(&context, project.as_ref(), json).await,
        Command::Why { named, json } => why::why(&context, &named, json).await,
        Command::Logs(args) => logs::logs(&context, &args).await,
        Command::Limits(args) => limits::limits(&context, &args).await,
        Command::Stats(args) => stats::stats(&context, &args).await,
        Command::Audit(args) => audit::audit(&context, &args).await,
        Command::Journal(args) => journal::journal(&args),
        Command::Timeline(args) => timeline::timeline(&context, &args),
        Command::Theme(command) => theme::theme(&command).await,
        Command::Shell(args) => Box::pin(shell::shell(&context, args)).await,
        Command::Keys { preset, json } => keys::keys(&context, preset, json),
        Command::Ports {
            project,
            service,
            json,
        } => ports::ports(&context, &project, service, json).await,
        Command::Doctor { json } => doctor::doctor(&context, json).await,
        Command::Completions { shell } => completions(shell),
    }
}

async fn demo(invocation: &Invocation) -> Result<Code, CliError> {
    let refuse = |words: &str| Err(Failure::input(words).into());
    if invocation.command.is_some() {
        return refuse("--demo opens the screen on a simulated fleet: leave out the subcommand");
    }
    if invocation.host.is_some() {
        return refuse("--demo has a simulated engine of its own: leave out --host");
    }
    let read_only = invocation.read_only;
    screen::open_demo(invocation.demo_seed, invocation.demo_faults, read_only).await
}

async fn project_command(context: &Context, command: ProjectCommand) -> Result<Code, CliError> {
    match command {
        ProjectCommand::Add { name, path, images } => {
            Box::pin(run::add(context, name, path, images)).await
        }
        ProjectCommand::Import { name, dry_run } => {
            Box::pin(run::import(context, name, dry_run)).await
        }
        ProjectCommand::List { json } => project::list(context, json),
        ProjectCommand::Show { name, json } => project::show(context, &name, json),
        ProjectCommand::Protect { name } => run::protect(context, name, true).await,
        ProjectCommand::Unprotect { name } => run::protect(context, name, false).await,
        ProjectCommand::Remove { name, data } => run::remove(context, name, data).await,
    }
}

fn completions(shell: clap_complete::Shell) -> Result<Code, CliError> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Invocation::command(), "cchub-tui", &mut text);
    output::print(String::from_utf8_lossy(&text).trim_end())?;
    Ok(Code::Done)
}

/// Projects that are meant, by name.
pub(super) type Projects = BTreeMap<ProjectName, Known>;

/// Where the containers of those among them are that Compose made.
pub(super) fn containers<'a>(projects: impl IntoIterator<Item = &'a Known>) -> Containers {
    Containers::of(projects.into_iter().filter_map(Known::adopted))
}

/// What every subcommand works with: where the hub file is and which engine is meant.
#[derive(Debug)]
pub(super) struct Context {
    hub_file: HubFile,
    host: Option<String>,
    read_only: bool,
    yes_protected: Vec<ProjectName>,
}

impl Context {
    fn new(invocation: &Invocation) -> Result<Self, CliError> {
        Ok(Self {
            hub_file: HubFile::new(paths::hub_file(invocation.config.clone())),
            host: invocation.host.clone(),
            read_only: invocation.read_only,
            yes_protected: invocation.yes_protected.clone(),
        })
    }

    fn hub(&self) -> Result<Hub, CliError> {
        Ok(self.hub_file.load()?)
    }

    /// The project of that name, checked before the engine is asked anything.
    fn entry(&self, name: &ProjectName) -> Result<ProjectEntry, CliError> {
        Ok(entry_of(&self.hub()?, name)?.clone())
    }

    /// The projects of these names that there are, Compose's too. The engine is asked only where the hub file does not know
    /// a name, and where it is away, what it alone may know is not there.
    async fn known(&self, names: &[&ProjectName]) -> Result<Projects, CliError> {
        let hub = self.hub()?;
        let own = names.iter().filter_map(|name| Known::ours(&hub, name));
        let mut found: Projects = own.map(|known| (known.name().clone(), known)).collect();
        let is_all = names.iter().all(|name| found.contains_key(*name));
        if is_all || !known::may_be_composes(&hub) {
            return Ok(found);
        }
        let is_imported = names.iter().any(|name| hub.imported.contains_key(*name));
        let engine = match self.engine().await {
            Ok(engine) => engine,
            Err(away) if is_imported => return Err(away),
            Err(_away) => return Ok(found),
        };
        let compose = known::of_compose(&engine, &hub).await?.into_iter();
        let meant = compose.filter(|(name, _)| names.contains(&name));
        found.extend(meant.map(|(name, project)| (name, Known::Compose(Box::new(project)))));
        Ok(found)
    }

    /// The project of that name, whoever made it.
    async fn known_one(&self, name: &ProjectName) -> Result<Known, CliError> {
        match self.known(&[name]).await?.remove(name) {
            Some(known) => Ok(known),
            None => Err(self.unknown(name)),
        }
    }

    fn unknown(&self, name: &ProjectName) -> CliError {
        match self.entry(name) {
            Err(unknown) => unknown,
            Ok(_) => Failure::operation(format!("{name} was added just now: try again")).into(),
        }
    }

    /// All projects: the hub's own, then Compose's.
    async fn all(&self) -> Result<Vec<Known>, CliError> {
        Ok(known::all(&self.engine().await?, &self.hub()?).await?)
    }

    /// The named project or all of them, Compose's too, read from the engine now.
    async fn read(
        &self,
        project: Option<&ProjectName>,
        ask: Ask,
    ) -> Result<Vec<(Known, PerService<ServiceSnapshot>)>, CliError> {
        let projects = match project {
            Some(name) => vec![self.known_one(name).await?],
            None => self.all().await?,
        };
        let settings = self.hub()?.settings.health;
        let engine = self.engine().await?;
        let read = snapshot::read(&engine, &projects, &settings, ask).await?;
        Ok(projects.into_iter().zip(read).collect())
    }

    fn endpoint(&self) -> Result<Endpoint, CliError> {
        let environment = Environment::from_process();
        Endpoint::resolve(self.host.as_deref(), &environment).map_err(unreachable)
    }

    async fn engine(&self) -> Result<Engine, CliError> {
        Engine::connect(&self.endpoint()?)
            .await
            .map_err(unreachable)
    }
}
