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
        operation::entry_of,
        snapshot::{self, Ask, ServiceSnapshot},
    },
    stack::ProjectEntry,
};
use args::{Command, Invocation, ProjectCommand};
use clap::{CommandFactory, Parser};
use output::{CliError, Code, unreachable};
use std::process::ExitCode;

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
        Command::Theme(command) => theme::theme(&command),
        Command::Shell(args) => Box::pin(shell::shell(&context, args)).await,
        Command::Keys { preset, json } => keys::keys(&context, preset, json),
        Command::Ports {
            project,
            service,
            json,
        } => ports::ports(&context, &project, service, json),
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

    /// The named project, or all of them.
    fn entries(&self, name: Option<&ProjectName>) -> Result<Vec<ProjectEntry>, CliError> {
        match name {
            Some(name) => Ok(vec![self.entry(name)?]),
            None => Ok(self.hub()?.projects.into_values().collect()),
        }
    }

    /// The named project or all of them, read from the engine now.
    async fn read(
        &self,
        project: Option<&ProjectName>,
        ask: Ask,
    ) -> Result<Vec<(ProjectEntry, PerService<ServiceSnapshot>)>, CliError> {
        let entries = self.entries(project)?;
        let settings = self.hub()?.settings.health;
        let engine = self.engine().await?;
        let read = snapshot::read(&engine, &entries, &settings, ask).await?;
        Ok(entries.into_iter().zip(read).collect())
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
