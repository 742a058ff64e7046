//! One question for several services or whole projects: all that is hit is listed.

use super::{Confirm, Deed, FINAL, last_time};
use crate::{
    app::{known::Known, overlay::again::Choice, text},
    domain::{Project, ProjectName, ServiceId, ServiceKind, Target, service::Needs},
    hub::{Again, Batch, Command, Pace, Request, Verb},
};
use std::collections::BTreeMap;

/// Projects that a question names one by one.
const PROJECTS_MAX: usize = 4;
/// Services that are hit besides, by name.
const OTHERS_MAX: usize = 4;

impl Confirm {
    /// Start, stop or restart all of `targets`, of which there is one at least.
    #[must_use]
    pub fn many(known: &Known, verb: Verb, targets: &[Target], choice: Choice) -> Self {
        let requests = requests(verb, targets, choice.how);
        let did = requests.first().map_or_else(Default::default, Request::did);
        let mut body = listed(known, targets);
        body.extend(also_hit(known, verb, targets, choice.how));
        body.push(manner(verb, targets.len(), choice));
        body.push(times(known, &did, targets, choice.pace));
        let (button, word) = match verb {
            Verb::Start => ("Start", "Start"),
            Verb::Stop => ("Stop", "Stop"),
            _ if choice.pace == Pace::Rolling => ("Restart", "Rolling restart of"),
            _ => ("Restart", "Restart"),
        };
        let title = format!("{word} {} on {}", counted(targets), known.host());
        let pace = choice.pace;
        let deed = Deed::Send(Command::Many(Batch { requests, pace }));
        Self::new(title, body, button, deed)
    }
}

/// In the order in which they are to be done: what others need is started first and stopped last.
fn requests(verb: Verb, targets: &[Target], how: Again) -> Vec<Request> {
    let request = |target: &Target| match verb {
        Verb::Start => Request::start(target.clone()),
        Verb::Stop => Request::stop(target.clone()),
        _ => Request::Restart {
            target: target.clone(),
            how,
            grace: None,
        },
    };
    match verb {
        Verb::Stop => targets.iter().rev().map(request).collect(),
        _ => targets.iter().map(request).collect(),
    }
}

/// `shop`, `3 projects`, `2 services of shop`, `2 services and 1 project`.
fn counted(targets: &[Target]) -> String {
    if let [one] = targets {
        return one.to_string();
    }
    let projects = targets.iter().filter(|t| t.service.is_none()).count();
    let services = targets.len() - projects;
    match (services, projects) {
        (0, n) => number(n, "project"),
        (n, 0) => number(n, "service"),
        (n, m) => format!("{} and {}", number(n, "service"), number(m, "project")),
    }
}

fn number(n: usize, word: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {word}{s}", text::grouped(n as u64))
}

/// What is meant, a line per project.
fn listed(known: &Known, targets: &[Target]) -> Vec<String> {
    let mut projects: BTreeMap<&ProjectName, Vec<&str>> = BTreeMap::new();
    for target in targets {
        let kinds = projects.entry(&target.project).or_default();
        kinds.extend(target.service.map(ServiceKind::as_str));
    }
    let line = |(name, kinds): (&&ProjectName, &Vec<&str>)| {
        let what = match kinds.is_empty() {
            true => "the whole project".to_owned(),
            false => kinds.join(", "),
        };
        let waits = known
            .open_job(name)
            .map(|job| format!("; waits for {} first", job.did));
        format!("{name}: {what}{}", waits.unwrap_or_default())
    };
    let mut lines: Vec<String> = projects.iter().take(PROJECTS_MAX).map(line).collect();
    if let more @ 1.. = projects.len().saturating_sub(PROJECTS_MAX) {
        let rest: Vec<&str> = projects
            .keys()
            .skip(PROJECTS_MAX)
            .map(|p| p.as_str())
            .collect();
        let shown = rest.join(", ");
        lines.push(format!(
            "and {}: {}",
            number(more, "project"),
            text::cut(&shown, 120)
        ));
    }
    lines
}

/// What is not meant, and is unhealthy meanwhile all the same.
fn also_hit(known: &Known, verb: Verb, targets: &[Target], how: Again) -> Option<String> {
    let meant = |id: &ServiceId| {
        let whole = |t: &Target| t.service.is_none_or(|kind| kind == id.kind);
        targets.iter().any(|t| t.project == id.project && whole(t))
    };
    let hit_by = |target: &Target| {
        let project = known.rows.get(&target.project).map(|row| &row.project);
        let needs = project.map_or_else(Needs::default, Project::needs);
        let kinds = target.service.map(|kind| needs.dependants(kind));
        let ids = kinds.unwrap_or_default().into_iter();
        ids.map(|kind| ServiceId::new(&target.project, kind))
            .collect::<Vec<_>>()
    };
    if verb == Verb::Start {
        return None;
    }
    let mut hit: Vec<ServiceId> = targets
        .iter()
        .flat_map(hit_by)
        .filter(|id| !meant(id))
        .collect();
    hit.sort_unstable();
    hit.dedup();
    let names: Vec<String> = hit
        .iter()
        .take(OTHERS_MAX)
        .map(ToString::to_string)
        .collect();
    let more = match hit.len().saturating_sub(OTHERS_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let what = match how {
        Again::WithDependants => "Restarted with it",
        _ => "Unhealthy meanwhile",
    };
    (!hit.is_empty()).then(|| format!("{what}: {}{more}.", names.join(", ")))
}

/// How it is done.
fn manner(verb: Verb, count: usize, choice: Choice) -> String {
    let anew = match choice.how {
        Again::Anew => "New containers are made; the data is kept. ",
        _ => "",
    };
    let order = match (choice.pace, count) {
        (Pace::Rolling, _) => {
            "One after the other: the next begins when the one before is healthy, and the first failure stops it."
        }
        (Pace::Together, 1) => "Nothing else is touched.",
        (Pace::Together, _) => "Side by side; one that fails holds up no other.",
    };
    match verb {
        Verb::Stop => format!("{order} The data is kept."),
        Verb::Restart => format!("{anew}{order} {FINAL}"),
        _ => order.to_owned(),
    }
}

/// How long each took the last time.
fn times(known: &Known, did: &str, targets: &[Target], pace: Pace) -> String {
    let row = |target: &Target| known.rows.get(&target.project);
    let time = |target: &Target| last_time(&row(target)?.timeline, did, target.service);
    let times: Vec<_> = targets.iter().filter_map(time).collect();
    super::took::of_many(&times, targets.len(), pace == Pace::Rolling)
}
