//! Who else is hit by what is done to a service or a project, in words.

use crate::{
    app::known::Known,
    domain::{Project, ServiceKind, Target, service::Needs},
};

/// What happens meanwhile to those that need what a question is about, and what it waits for itself.
#[must_use]
pub fn hit_by(known: &Known, target: &Target, until: &str) -> Vec<String> {
    let project = known.rows.get(&target.project).map(|row| &row.project);
    let others = target.service.map(|kind| needed_by(project, kind, until));
    others.into_iter().chain(waits(known, target)).collect()
}

/// Who needs `kind`, directly or through others.
fn needed_by(project: Option<&Project>, kind: ServiceKind, until: &str) -> String {
    let needs = project.map_or_else(Needs::default, Project::needs);
    let all = needs.dependants(kind).into_iter();
    let there = all.filter(|other| project.is_none_or(|project| project.has(*other)));
    let (direct, through): (Vec<_>, Vec<_>) =
        there.partition(|other| needs.of(*other).any(|need| need == kind));
    let both = direct.len() + through.len();
    let them = match both {
        1 => "it goes on running but is",
        _ => "they go on running but are",
    };
    let through = match through.is_empty() {
        true => String::new(),
        false => format!(", and through that by {}", listed(&through)),
    };
    match both {
        0 => "No other service depends on it.".to_owned(),
        _ => format!(
            "Needed by {}{through}: {them} unhealthy until {until}.",
            listed(&direct)
        ),
    }
}

fn listed(kinds: &[ServiceKind]) -> String {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    names.join(" and ")
}

/// One operation at a time per project.
fn waits(known: &Known, target: &Target) -> Option<String> {
    let job = known.open_job(&target.project)?;
    let (did, of) = (&job.did, &job.target);
    Some(format!("It begins when {did} of {of} is over."))
}
