//! Questions before anything is interrupted or lost: the way back is focused, the text names who else is hit.

mod bulk;

use crate::{
    app::{
        field::Field,
        known::Known,
        overlay::{
            hit::hit_by,
            took::{self, last_time, took},
        },
    },
    domain::{ProjectName, ServiceId, Target},
    hub::{Command, Request},
};
use std::{collections::BTreeSet, time::Duration};

/// Keys within this time after a question opened were meant for what was there before.
pub const GUARD: Duration = Duration::from_millis(150);

/// Warnings that a question lists one by one.
const WARNINGS_MAX: usize = 5;

/// What a "yes" does.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Sends a command.
    Send(Command),
    /// Changes limits, and undoes these batches.
    Limits(Vec<(ServiceId, Request)>, Vec<u32>),
    /// Shows the secrets in the logs of these services, as long as they are what is shown.
    ShowSecrets(Vec<ServiceId>),
    /// Leaves the program.
    Quit,
}

/// A question with two buttons.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// What is going to happen, to what, where.
    pub title: String,
    /// Who else is hit, and what stays.
    pub body: Vec<String>,
    /// The button that does it.
    pub button: &'static str,
    /// What it does.
    pub deed: Deed,
    /// The focus is on the button that does it.
    pub accept: bool,
    /// A name that has to be typed, and what has been typed so far.
    pub typed: Option<(ProjectName, Field)>,
    /// When it opened.
    pub opened: Duration,
}

/// What is said of what has no way back.
const FINAL: &str = "This cannot be undone.";

impl Confirm {
    fn new(title: String, body: Vec<String>, button: &'static str, deed: Deed) -> Self {
        Self {
            title,
            body,
            button,
            deed,
            accept: false,
            typed: None,
            opened: Duration::ZERO,
        }
    }

    /// True once everything that has to be typed is typed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let fits = |(name, field): &(ProjectName, Field)| field.text().trim() == name.as_str();
        self.typed.as_ref().is_none_or(fits)
    }

    /// Stop a project or a service.
    #[must_use]
    pub fn stop(known: &Known, target: &Target) -> Self {
        let mut body = match target.service {
            _ if is_compose(known, target) => stops_of_compose(target),
            Some(_) => vec!["Its container and its data are kept.".to_owned()],
            None => vec![
                "All four services stop, frontend first; containers and network are removed."
                    .to_owned(),
                "The data is kept.".to_owned(),
            ],
        };
        body.splice(..0, hit_by(known, target, "it is started again"));
        body.push(took_before(known, "stop", target));
        let title = format!("Stop {target} on {}", known.host());
        let deed = Deed::Send(Command::Run(Request::stop(target.clone())));
        Self::new(title, body, "Stop", deed)
    }

    /// Start a project or a service.
    #[must_use]
    pub fn start(known: &Known, target: &Target) -> Self {
        let title = format!("Start {target} on {}", known.host());
        let mut body = vec!["What it needs is started, too; what runs stays as it is.".to_owned()];
        body.push(took_before(known, "start", target));
        let deed = Deed::Send(Command::Run(Request::start(target.clone())));
        Self::new(title, body, "Start", deed)
    }

    /// Restart a service or a project.
    #[must_use]
    pub fn restart(known: &Known, target: &Target) -> Self {
        let title = format!("Restart {target} on {}", known.host());
        let mut body = hit_by(known, target, "it is back");
        if target.service.is_none() {
            let words = "All four services restart, one after the other.";
            let of_compose = "All its services restart, one after the other.";
            let words = match is_compose(known, target) {
                true => of_compose,
                false => words,
            };
            body.insert(0, words.to_owned());
        }
        if is_compose(known, target) {
            body.push("Compose's: the same containers run again, nothing is made anew.".to_owned());
        }
        body.push(took_before(known, "restart", target));
        body.push(FINAL.to_owned());
        let deed = Deed::Send(Command::Run(Request::restart(target.clone())));
        Self::new(title, body, "Restart", deed)
    }

    /// Remove a project, with or without its data.
    #[must_use]
    pub fn remove(known: &Known, project: &ProjectName, data: bool) -> Self {
        let deed = Deed::Send(Command::Run(Request::Remove {
            project: project.clone(),
            data,
        }));
        let (what, kept) = match data {
            false => (
                "All four services stop, and the project is forgotten.",
                "This cannot be undone. Its folder, its data volume and its secrets are kept.",
            ),
            true => (
                "All four services stop, the project is forgotten, and its database and secrets are deleted.",
                "This cannot be undone. Its folder is not touched.",
            ),
        };
        let target = Target::project(project);
        let mut body = vec![what.to_owned(), kept.to_owned()];
        body.extend(hit_by(known, &target, ""));
        body.push(took_before(known, "stop", &target));
        let host = known.host();
        if !data {
            return Self::new(format!("Remove {project} on {host}"), body, "Remove", deed);
        }
        let title = format!("Remove {project} with its data on {host}");
        Self {
            typed: Some((project.clone(), Field::new(""))),
            ..Self::new(title, body, "Delete", deed)
        }
    }

    /// Take a project that Compose made into the hub file.
    #[must_use]
    pub fn import(known: &Known, project: &ProjectName) -> Self {
        let deed = Deed::Send(Command::Run(Request::Import(project.clone())));
        let body = vec![
            "Its name, folder, parts, ports and limits are written into the hub file.".to_owned(),
            "It stays Compose's: nothing on its containers changes.".to_owned(),
        ];
        let title = format!("Import {project} from {}", known.host());
        Self::new(title, body, "Import", deed)
    }

    /// Take a project that Compose made out of the hub file again.
    #[must_use]
    pub fn forget(known: &Known, project: &ProjectName) -> Self {
        let deed = Deed::Send(Command::Run(Request::Remove {
            project: project.clone(),
            data: false,
        }));
        let body = vec![
            "Its entry is taken out of the hub file. It is Compose's: its containers stay as they are."
                .to_owned(),
        ];
        let title = format!("Forget {project} on {}", known.host());
        Self::new(title, body, "Forget", deed)
    }

    /// Change limits although something speaks against it: `warnings` says what.
    #[must_use]
    pub fn limits(
        known: &Known,
        wishes: Vec<(ServiceId, Request)>,
        undoes: Vec<u32>,
        warnings: Vec<String>,
    ) -> Self {
        let what = match wishes.as_slice() {
            [(service, _)] => service.to_string(),
            many => format!("{} services", many.len()),
        };
        let title = format!("Limit {what} on {}", known.host());
        let mut body: Vec<String> = warnings.iter().take(WARNINGS_MAX).cloned().collect();
        if let more @ 1.. = warnings.len().saturating_sub(WARNINGS_MAX) {
            body.push(format!("And {more} more."));
        }
        if warnings.iter().any(|words| words.contains(" uses ")) {
            body.push("The kernel may kill the service for memory at once.".to_owned());
        }
        Self::new(title, body, "Apply", Deed::Limits(wishes, undoes))
    }

    /// Show secrets in the logs of `services`, of which there is one at least.
    #[must_use]
    pub fn show_secrets(known: &Known, services: &[ServiceId]) -> Self {
        let names: BTreeSet<&str> = services.iter().map(|s| s.project.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let what = match names.as_slice() {
            [] | [_] => names.concat(),
            [one, two] => format!("{one} and {two}"),
            [one, rest @ ..] => format!("{one} and {} others", rest.len()),
        };
        let body = vec![
            "Passwords, tokens and keys are shown as they were printed, and copied and saved so."
                .to_owned(),
            "They are hidden again with the same key, and when another log is opened.".to_owned(),
        ];
        let title = format!("Show secrets in the log of {what} on {}", known.host());
        Self::new(title, body, "Show", Deed::ShowSecrets(services.to_vec()))
    }

    /// Quit while operations run.
    #[must_use]
    pub fn quit(running: usize) -> Self {
        let what = if running == 1 {
            "An operation is".to_owned()
        } else {
            format!("{running} operations are")
        };
        let body = vec![
            format!("{what} still running and will be interrupted."),
            "The next start or stop completes what is left.".to_owned(),
        ];
        Self::new("Quit".to_owned(), body, "Quit", Deed::Quit)
    }
}

fn is_compose(known: &Known, target: &Target) -> bool {
    let row = known.rows.get(&target.project);
    row.is_some_and(|row| row.project.compose().is_some())
}

/// What a stop does to what Compose made.
fn stops_of_compose(target: &Target) -> Vec<String> {
    let stopped = match target.service {
        Some(_) => "Compose's: its container is stopped, nothing is removed;",
        None => "Compose's: its containers are stopped, nothing is removed;",
    };
    vec![format!("{stopped} `docker compose up` may change it.")]
}

/// How long `did` took the last times.
fn took_before(known: &Known, did: &str, target: &Target) -> String {
    let row = known.rows.get(&target.project);
    let timeline = row.map_or(&[][..], |row| row.timeline.as_slice());
    took(timeline, did, target.service)
}
