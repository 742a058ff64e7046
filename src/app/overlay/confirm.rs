//! Questions before anything is interrupted or lost: the way back is focused, the text names who else is hit.

use crate::{
    app::{field::Field, known::Known},
    domain::{Bytes, ProjectName, ServiceId, ServiceKind, Target},
    hub::{Command, Request},
};
use std::{collections::BTreeSet, time::Duration};

/// Keys within this time after a question opened were meant for what was there before.
pub const GUARD: Duration = Duration::from_millis(150);

/// What a "yes" does.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Sends a command.
    Send(Command),
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
        let body = match target.service {
            Some(kind) => vec![
                hit_by(kind),
                "Its container and its data are kept.".to_owned(),
            ],
            None => vec![
                "All four services stop, frontend first; containers and network are removed."
                    .to_owned(),
                "The data is kept.".to_owned(),
            ],
        };
        let title = format!("Stop {target} on {}", known.host());
        let deed = Deed::Send(Command::Run(Request::stop(target.clone())));
        Self::new(title, body, "Stop", deed)
    }

    /// Restart a service or a project.
    #[must_use]
    pub fn restart(known: &Known, target: &Target) -> Self {
        let title = format!("Restart {target} on {}", known.host());
        let body = match target.service {
            Some(kind) => vec![hit_by(kind)],
            None => vec!["All four services restart, one after the other.".to_owned()],
        };
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
        let host = known.host();
        if !data {
            let body = vec![
                "The project is stopped and forgotten. Its folder is not touched.".to_owned(),
                "Its data volume and its secrets are kept.".to_owned(),
            ];
            return Self::new(format!("Remove {project} on {host}"), body, "Remove", deed);
        }
        let body = vec![
            "The project is stopped and forgotten, and its database and secrets are deleted."
                .to_owned(),
            "They cannot be brought back. Its folder is not touched.".to_owned(),
        ];
        let title = format!("Remove {project} with its data on {host}");
        Self {
            typed: Some((project.clone(), Field::new(""))),
            ..Self::new(title, body, "Delete", deed)
        }
    }

    /// Apply limits of which memory is below what is in use.
    #[must_use]
    pub fn below_use(known: &Known, service: &ServiceId, command: Command, text: String) -> Self {
        let title = format!("Limit {service} on {}", known.host());
        let body = vec![
            text,
            "The kernel may kill the service for memory at once.".to_owned(),
        ];
        Self::new(title, body, "Apply", Deed::Send(command))
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

fn hit_by(kind: ServiceKind) -> String {
    let names: Vec<&str> = kind.dependants().iter().map(|k| k.as_str()).collect();
    match names.as_slice() {
        [] => "No other service depends on it.".to_owned(),
        [one] => format!("{one} depends on it and will be unhealthy meanwhile."),
        many => format!(
            "{} depend on it and will be unhealthy meanwhile.",
            many.join(" and ")
        ),
    }
}

/// Why a limit below the use is asked about.
#[must_use]
pub fn below_use_text(service: &ServiceId, limit: Bytes, used: Bytes) -> String {
    format!(
        "{} uses {used} now, more than the new limit of {limit}.",
        service.kind
    )
}
