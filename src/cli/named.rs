//! Which services the words after `logs` and `limits` mean.

use super::{Context, output::CliError};
use crate::{
    config::Hub,
    domain::{ProjectName, ServiceId, ServiceKind, Target},
    hub::{Failure, operation::entry_of},
};

/// The services that are meant, each once, in the order in which they were named. A word that is the name of a service
/// belongs to the project before it.
///
/// # Errors
/// A word that is neither a project of the hub nor a service.
pub(super) fn services(context: &Context, words: &[Target]) -> Result<Vec<ServiceId>, CliError> {
    let targets = targets(words);
    check(&context.hub()?, &targets, |_| false)?;
    let mut services = Vec::new();
    for service in targets.iter().flat_map(Target::services) {
        if !services.contains(&service) {
            services.push(service);
        }
    }
    Ok(services)
}

/// Refuses a word that is neither a project of the hub, nor one for which `or_else` holds.
fn check(
    hub: &Hub,
    targets: &[Target],
    or_else: impl Fn(&ProjectName) -> bool,
) -> Result<(), Failure> {
    for (n, target) in targets.iter().enumerate() {
        if hub.projects.contains_key(&target.project) || or_else(&target.project) {
            continue;
        }
        if n > 0 && target.service.is_none() {
            return Err(neither(target));
        }
        entry_of(hub, &target.project)?;
    }
    Ok(())
}

/// Projects and services that are meant, each once; a service goes without saying where its project is meant.
///
/// # Errors
/// As [`services()`]; what Compose made may be named, too. Whether one that is not in the hub file is there is for the engine
/// to say, where nothing else is named.
pub(super) fn whole(context: &Context, words: &[Target]) -> Result<Vec<Target>, CliError> {
    let all = targets(words);
    let hub = context.hub()?;
    let asks = hub.settings.hub.adopt && all.len() == 1;
    check(&hub, &all, |name| asks || hub.imported.contains_key(name))?;
    let is_within =
        |one: &Target| one.service.is_some() && all.contains(&Target::project(&one.project));
    let mut meant = Vec::new();
    for target in all.iter().filter(|target| !is_within(target)) {
        if !meant.contains(target) {
            meant.push(target.clone());
        }
    }
    Ok(meant)
}

/// True if one of the words names a project without a service of it.
pub(super) fn has_whole_project(words: &[Target]) -> bool {
    targets(words).iter().any(|target| target.service.is_none())
}

/// What is meant, a project or a service each.
pub(super) fn targets(words: &[Target]) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for word in words {
        let kind = word.project.as_str().parse::<ServiceKind>().ok();
        match (kind.filter(|_| word.service.is_none()), targets.last_mut()) {
            (Some(kind), Some(last)) if last.service.is_none() => last.service = Some(kind),
            (Some(kind), Some(last)) => {
                let project = last.project.clone();
                targets.push(Target {
                    project,
                    service: Some(kind),
                });
            }
            _ => targets.push(word.clone()),
        }
    }
    targets
}

fn neither(target: &Target) -> Failure {
    let word = &target.project;
    Failure::input(format!(
        "'{word}' is neither a project nor one of the services postgres, redis, backend or frontend"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn word(project: &str, service: Option<ServiceKind>) -> Target {
        Target {
            project: project.parse().unwrap(),
            service,
        }
    }

    #[test]
    fn a_word_that_is_a_service_belongs_to_the_project_before_it() {
        use ServiceKind::{Backend, Redis};
        let bare = |word_: &str| word(word_, None);
        for (words, meant) in [
            (vec![bare("shop")], vec![word("shop", None)]),
            (
                vec![bare("shop"), bare("redis"), bare("backend"), bare("blog")],
                vec![
                    word("shop", Some(Redis)),
                    word("shop", Some(Backend)),
                    bare("blog"),
                ],
            ),
            (
                vec![
                    word("shop", Some(Redis)),
                    word("blog", Some(Backend)),
                    bare("redis"),
                ],
                vec![
                    word("shop", Some(Redis)),
                    word("blog", Some(Backend)),
                    word("blog", Some(Redis)),
                ],
            ),
            // The first word is a project, whatever its name.
            (
                vec![bare("redis"), bare("redis")],
                vec![word("redis", Some(Redis))],
            ),
        ] {
            assert_eq!(targets(&words), meant);
        }
    }
}
