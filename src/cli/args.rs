//! What may be typed: commands, options and their checks. Everything that can be refused here is refused before any request.

use crate::{
    domain::{
        Bytes, Cpus, LimitsChange, ProjectName, ServiceKind, Target, Timestamp,
        limits::{Capacity, parse_cpus, parse_memory, parse_pids},
        log::{Level, Query, Syntax, TAIL_DEFAULT, parse_tail},
        service::UnknownService,
        units::parse_duration,
    },
    hub::{Again, GRACE_MAX, Pace},
};
use clap::{Args, Parser, Subcommand};
use std::{path::PathBuf, time::Duration};

/// Runs four-service project stacks on Docker: full screen without a command, scripts with one.
#[derive(Debug, Parser)]
#[command(name = "cchub-tui", version, about, propagate_version = true)]
pub struct Invocation {
    /// The hub file [default: ~/.config/cchub/hub.toml]
    #[arg(long, global = true, env = "CCHUB_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The engine: unix:///path or tcp://host:port [default: DOCKER_HOST, the current Docker context, the local socket]
    #[arg(long, global = true, value_name = "URL")]
    pub host: Option<String>,
    /// Change nothing: the screen and every command refuse what would
    #[arg(long, global = true, env = "CCHUB_READ_ONLY", value_parser = clap::builder::FalseyValueParser::new())]
    pub read_only: bool,
    /// Stop, restart or remove a protected project all the same: its name
    #[arg(long, global = true, value_name = "PROJECT")]
    pub yes_protected: Vec<ProjectName>,
    /// Show a simulated fleet: no Docker and no hub file are needed, and none is touched
    #[arg(long)]
    pub demo: bool,
    /// Which story the simulated fleet tells
    #[arg(long, value_name = "N", requires = "demo", default_value_t = crate::demo::SEED)]
    pub demo_seed: u64,
    /// Let the simulated engine go wrong all the time, and say at the end what was done to it: for scripts/soak
    #[arg(long, requires = "demo", hide = true)]
    pub demo_faults: bool,
    /// What to do; without it the screen opens
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add, list, show and remove projects
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Start what is missing of projects, or services and what they need, and wait until they are healthy
    Start(Several),
    /// Stop projects (containers and network go, data stays), or services (their containers stay)
    Stop(StopArgs),
    /// Restart services (the others are left alone), or projects, all four in order
    Restart(RestartArgs),
    /// State, ports, uptime, limits and use
    Status(StatusArgs),
    /// CPU, memory, network, disk and processes beside their limits, once or again and again
    Stats(StatsArgs),
    /// Check now; exit code 1 if something is not healthy
    Health {
        /// One project only
        project: Option<ProjectName>,
        /// JSON on stdout
        #[arg(long)]
        json: bool,
    },
    /// Say why services are not well: a sentence for each, and what speaks for it; exit code 1 if something is not healthy
    Why {
        /// Projects, and services of them: shop, shop backend, shop/backend blog/redis
        #[arg(required = true, value_name = "PROJECT[/SERVICE]", value_parser = parse_named)]
        named: Vec<Target>,
        /// JSON on stdout
        #[arg(long)]
        json: bool,
    },
    /// Print logs of any services of any projects, merged by time
    Logs(LogsArgs),
    /// Show limits, or change them live
    Limits(LimitsArgs),
    /// What containers lack in hardening, with the mend; exit code 1 if something is serious
    Audit(AuditArgs),
    /// Show who changed what, when, and how it ended
    Journal(JournalArgs),
    /// Show what happened to projects: health, starts and ends, operations, limits, bursts of errors
    Timeline(TimelineArgs),
    /// List the themes of the screen, or check one of your own
    #[command(subcommand)]
    Theme(ThemeCommand),
    /// URLs and ports of a project, what its database is called with, and the ssh line that brings the ports elsewhere
    Ports {
        /// The project
        project: ProjectName,
        /// This service's first
        service: Option<ServiceKind>,
        /// JSON on stdout
        #[arg(long)]
        json: bool,
    },
    /// Open psql, redis-cli or a shell inside a service, or run a command there; the exit code is that of the command
    Shell(ShellArgs),
    /// Which key does what; exit code 1 if a wish of the hub file cannot be had
    Keys {
        /// The keys of this preset instead of those of the hub file: default, lazydocker or k9s
        #[arg(long, value_name = "PRESET", value_parser = clap::builder::PossibleValuesParser::new(crate::tui::PRESETS.map(|preset| preset.name)))]
        preset: Option<String>,
        /// JSON on stdout
        #[arg(long)]
        json: bool,
    },
    /// Look for what is wrong with engine, permissions, ports and files, and how to mend it
    Doctor {
        /// JSON on stdout
        #[arg(long)]
        json: bool,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Projects and services; several are done one after the other.
#[derive(Debug, Args)]
pub struct Several {
    /// Projects, and services of them: shop, shop backend, shop/backend blog/redis
    #[arg(required = true, value_name = "PROJECT[/SERVICE]", value_parser = parse_named)]
    pub named: Vec<Target>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// What became of each as JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// `shell …`
#[derive(Debug, Args)]
pub struct ShellArgs {
    /// The service: shop/postgres, or shop postgres
    #[arg(required = true, num_args = 1..=2, value_name = "PROJECT/SERVICE", value_parser = parse_named)]
    pub named: Vec<Target>,
    /// A shell, also where there is psql or redis-cli
    #[arg(long, conflicts_with = "command")]
    pub plain: bool,
    /// This command instead, as it stands
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// `stop …`
#[derive(Debug, Args)]
pub struct StopArgs {
    /// Of what.
    #[command(flatten)]
    pub some: Several,
    /// How long each service has to end before it is killed, up to 10m [default: what its entry says, 10s]
    #[arg(long, value_name = "TIME", value_parser = parse_grace)]
    pub grace: Option<Duration>,
}

/// `restart …`
#[derive(Debug, Args)]
pub struct RestartArgs {
    /// Of what.
    #[command(flatten)]
    pub some: Several,
    /// Restart those that depend on the service after it, too
    #[arg(long, alias = "with-dependants", conflicts_with = "recreate")]
    pub dependants: bool,
    /// Of several: each only when the one before is healthy, and none after the first that fails
    #[arg(long)]
    pub rolling: bool,
    /// Make new containers, also where nothing has changed
    #[arg(long)]
    pub recreate: bool,
    /// How long each service has to end before it is killed, up to 10m [default: what its entry says, 10s]
    #[arg(long, value_name = "TIME", value_parser = parse_grace)]
    pub grace: Option<Duration>,
}

impl RestartArgs {
    /// How the restart is meant.
    #[must_use]
    pub const fn how(&self) -> Again {
        match (self.recreate, self.dependants) {
            (true, _) => Again::Anew,
            (false, true) => Again::WithDependants,
            (false, false) => Again::InPlace,
        }
    }

    /// What happens to the rest if one fails.
    #[must_use]
    pub const fn pace(&self) -> Pace {
        match self.rolling {
            true => Pace::Rolling,
            false => Pace::Together,
        }
    }
}

/// What can be done with themes.
#[derive(Debug, Subcommand)]
pub enum ThemeCommand {
    /// The themes there are; T goes through them on the screen
    List {
        /// JSON on stdout
        #[arg(long)]
        json: bool,
    },
    /// Say what is wrong in a theme file: exit code 2 if it cannot be used, 1 if a text is hard to read
    Check {
        /// The file
        file: PathBuf,
    },
}

/// What can be done with the list of projects.
#[derive(Debug, Subcommand)]
pub enum ProjectCommand {
    /// Add a project to the hub
    Add {
        /// Its name: 1 to 39 of a-z, 0-9 and -
        name: ProjectName,
        /// Its folder: an absolute path
        #[arg(long, value_name = "DIR")]
        path: PathBuf,
        /// A ready image for a service, instead of the default or a build
        #[arg(long = "image", value_name = "SERVICE=IMAGE", value_parser = parse_image)]
        images: Vec<(ServiceKind, String)>,
    },
    /// Take a project that Compose made into the hub file; nothing on its containers changes
    Import {
        /// The project, as the list shows it
        name: ProjectName,
        /// Print what would be written, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List all projects
    List {
        /// JSON on stdout
        #[arg(long)]
        json: bool,
    },
    /// Show one project as it is resolved from defaults and overrides
    Show {
        /// The project
        name: ProjectName,
        /// JSON on stdout
        #[arg(long)]
        json: bool,
    },
    /// Protect a project of the hub file: stop, restart, removal and limits below use ask for its name
    Protect {
        /// The project
        name: ProjectName,
    },
    /// Protect a project no more
    Unprotect {
        /// The project
        name: ProjectName,
    },
    /// Stop a project and forget it
    Remove {
        /// The project
        name: ProjectName,
        /// Delete its data volumes and secrets, too: they cannot be brought back
        #[arg(long)]
        data: bool,
    },
}

/// `logs …`
#[derive(Debug, Args)]
pub struct LogsArgs {
    /// Projects, and services of them: shop, shop backend redis, shop/backend blog/redis
    #[arg(required = true, value_name = "PROJECT[/SERVICE]", value_parser = parse_named)]
    pub named: Vec<Target>,
    /// The last lines in all, 1 to 10000 [default: 100, with --since all]
    #[arg(long, value_name = "N", value_parser = parse_tail, allow_negative_numbers = true)]
    pub tail: Option<u32>,
    /// The first lines in all, 1 to 10000
    #[arg(long, value_name = "N", value_parser = parse_tail, allow_negative_numbers = true, conflicts_with_all = ["tail", "follow"])]
    pub head: Option<u32>,
    /// Go on with new lines until Ctrl-C
    #[arg(long, short)]
    pub follow: bool,
    /// Only lines since then: 10m, 2h, or a time such as 2026-01-31T14:00:00Z
    #[arg(long, value_name = "T", value_parser = parse_since)]
    pub since: Option<Since>,
    /// Only lines up to then, written like --since
    #[arg(long, value_name = "T", value_parser = parse_since, conflicts_with = "follow")]
    pub until: Option<Since>,
    /// Of these, only entries that match a regular expression (case matters if it has capitals)
    #[arg(long, value_name = "RE", value_parser = parse_grep)]
    pub grep: Option<Query>,
    /// Of these, only entries that do not match --grep
    #[arg(long, short = 'v', requires = "grep")]
    pub invert: bool,
    /// So many lines before and after each that is picked, whatever they are: 0 to 1000
    #[arg(long, short = 'C', value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=1000))]
    pub context: u16,
    /// Of these, only entries that are at least so bad: debug, info, warn or error
    #[arg(long, value_name = "LEVEL", value_parser = parse_level)]
    pub level: Option<Level>,
    /// Of these, only what was printed to standard error
    #[arg(long)]
    pub stderr: bool,
    /// Print secrets, too: without it known ones and what looks like one are shown as ******
    #[arg(long)]
    pub reveal: bool,
    /// Print each line's time (UTC) in front of it
    #[arg(long, short)]
    pub timestamps: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// `limits …`
#[derive(Debug, Args)]
pub struct LimitsArgs {
    /// Projects, and services of them: shop, shop backend, shop/backend blog/redis
    #[arg(required_unless_present = "presets", value_name = "PROJECT[/SERVICE]", value_parser = parse_named)]
    pub named: Vec<Target>,
    /// New CPU limit of these services: 0.01 up to the host's CPUs
    #[arg(long, value_name = "X", value_parser = cpus, allow_negative_numbers = true)]
    pub cpus: Option<Cpus>,
    /// New memory limit: 6m up to the host's memory (512m, 2g, 1.5GiB)
    #[arg(long, value_name = "M", value_parser = memory, allow_negative_numbers = true)]
    pub memory: Option<Bytes>,
    /// New limit of processes
    #[arg(long, value_name = "N", value_parser = pids, allow_negative_numbers = true)]
    pub pids: Option<u32>,
    /// New limits by name, for services or whole projects: small, default, large, huge, or one of the hub file
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// Bring the limits of the hub file into force again, whoever changed them
    #[arg(long, conflicts_with_all = ["cpus", "memory", "pids", "preset"])]
    pub reapply: bool,
    /// Write the limits in force into the hub file, whoever set them
    #[arg(long, conflicts_with_all = ["cpus", "memory", "pids", "preset", "reapply", "below_use"])]
    pub keep: bool,
    /// Say what would be changed, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Memory may be less than what is in use: the kernel may kill the service
    #[arg(long)]
    pub below_use: bool,
    /// List the presets
    #[arg(long, conflicts_with_all = ["named", "cpus", "memory", "pids", "preset", "reapply", "keep", "below_use"])]
    pub presets: bool,
    /// JSON on stdout
    #[arg(long)]
    pub json: bool,
}

impl LimitsArgs {
    /// The limits that are named one by one.
    #[must_use]
    pub fn amounts(&self) -> LimitsChange {
        LimitsChange {
            cpus: self.cpus,
            memory: self.memory,
            pids: self.pids,
        }
    }

    /// True if something is to be changed.
    #[must_use]
    pub fn changes(&self) -> bool {
        !self.amounts().is_empty() || self.preset.is_some() || self.reapply || self.keep
    }
}

/// `status …`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// One project only
    pub project: Option<ProjectName>,
    /// Sort by this column: what is worst or most first
    #[arg(long, value_enum, value_name = "COLUMN")]
    pub sort: Option<StatusColumn>,
    /// The other way round
    #[arg(long, requires = "sort")]
    pub reverse: bool,
    /// JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// A column of `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum StatusColumn {
    /// Project and service by name
    Name,
    /// Worst first
    State,
    /// Lowest port first
    Port,
    /// Youngest first
    Up,
    /// Most restarts first
    Restarts,
    /// Most CPU first
    Cpu,
    /// Most memory first
    Memory,
}

/// `stats …`
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// Projects, and services of them: shop, shop backend, shop/backend blog/redis; all without one
    #[arg(value_name = "PROJECT[/SERVICE]", value_parser = parse_named)]
    pub named: Vec<Target>,
    /// Again every few seconds, until it is interrupted
    #[arg(long, short)]
    pub follow: bool,
    /// JSON on stdout; with --follow one object a line
    #[arg(long)]
    pub json: bool,
}

/// `audit …`
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Projects, and services of them; Compose's, too [default: all]
    #[arg(value_name = "PROJECT[/SERVICE]", value_parser = parse_named)]
    pub named: Vec<Target>,
    /// JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// `journal …`
#[derive(Debug, Args)]
pub struct JournalArgs {
    /// One project only
    #[arg(long, value_name = "PROJECT")]
    pub project: Option<ProjectName>,
    /// The last operations, 1 to 10000
    #[arg(long, value_name = "N", default_value_t = TAIL_DEFAULT, value_parser = parse_tail, allow_negative_numbers = true)]
    pub last: u32,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// `timeline …`
#[derive(Debug, Args)]
pub struct TimelineArgs {
    /// Projects, and services of them: shop, shop backend, shop/backend blog/redis [default: all]
    #[arg(value_name = "PROJECT[/SERVICE]", value_parser = parse_named)]
    pub named: Vec<Target>,
    /// Only what happened since then: 10m, 2h, or a time such as 2026-01-31T14:00:00Z
    #[arg(long, value_name = "T", value_parser = parse_since)]
    pub since: Option<Since>,
    /// The last entries, 1 to 10000
    #[arg(long, value_name = "N", default_value_t = TAIL_DEFAULT, value_parser = parse_tail, allow_negative_numbers = true)]
    pub last: u32,
    /// As Markdown, a chapter for each project
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// A moment in the past, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So long ago.
    Ago(Duration),
    /// Then.
    At(Timestamp),
}

impl Since {
    /// The moment, if it is `now`.
    #[must_use]
    pub fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Ago(ago) => now.checked_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }
}

fn parse_named(word: &str) -> Result<Target, String> {
    let (project, service) = match word.split_once('/') {
        Some((project, service)) => (project, Some(service)),
        None => (word, None),
    };
    let service = service.map(str::parse).transpose();
    Ok(Target {
        project: project.parse().map_err(|error| format!("{error}"))?,
        service: service.map_err(|error: UnknownService| error.to_string())?,
    })
}

fn parse_since(word: &str) -> Result<Since, String> {
    let ago = parse_duration(word).map(Since::Ago);
    ago.or_else(|| word.parse().ok().map(Since::At))
        .ok_or_else(|| "write 10m, 2h or a time such as 2026-01-31T14:00:00Z".to_owned())
}

fn parse_grace(word: &str) -> Result<Duration, String> {
    let grace = parse_duration(word).filter(|grace| *grace <= GRACE_MAX);
    grace.ok_or_else(|| "write a time from 0s to 10m, such as 30s".to_owned())
}

fn parse_grep(text: &str) -> Result<Query, String> {
    Query::new(text, Syntax::Regex).map_err(|error| error.to_string())
}

fn parse_level(word: &str) -> Result<Level, String> {
    Level::parse(word).ok_or_else(|| "write trace, debug, info, warn or error".to_owned())
}

fn parse_image(word: &str) -> Result<(ServiceKind, String), String> {
    let (service, image) = word
        .split_once('=')
        .filter(|(_, image)| !image.is_empty())
        .ok_or("write SERVICE=IMAGE, for example backend=registry.example/app:1.2")?;
    let kind = service
        .parse::<ServiceKind>()
        .map_err(|error| error.to_string())?;
    Ok((kind, image.to_owned()))
}

// Only the lower bounds can be checked before the engine has said what its host has.
fn cpus(word: &str) -> Result<Cpus, String> {
    parse_cpus(word, Capacity::UNKNOWN).map_err(|error| error.to_string())
}

fn memory(word: &str) -> Result<Bytes, String> {
    parse_memory(word, Capacity::UNKNOWN).map_err(|error| error.to_string())
}

fn pids(word: &str) -> Result<u32, String> {
    parse_pids(word).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Invocation::command().debug_assert();
    }

    #[test]
    fn a_since_is_an_age_or_a_time() {
        let now: Timestamp = "2026-01-31T14:00:00Z".parse().unwrap();
        let ten_minutes_ago = parse_since("10m").unwrap().moment(now);
        assert_eq!(ten_minutes_ago.to_string(), "2026-01-31T13:50:00Z");
        let fixed = parse_since("2026-01-01T00:00:00Z").unwrap().moment(now);
        assert_eq!(fixed.to_string(), "2026-01-01T00:00:00Z");
        assert!(parse_since("yesterday").is_err());
    }

    #[test]
    fn an_image_names_its_service() {
        let (kind, image) = parse_image("backend=shop/api:3").unwrap();
        assert_eq!((kind, image.as_str()), (ServiceKind::Backend, "shop/api:3"));
        for bad in ["backend", "backend=", "db=postgres:15", "=x"] {
            assert!(parse_image(bad).is_err(), "{bad}");
        }
    }
}
