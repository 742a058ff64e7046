//! The containers of Compose projects that play none of the four parts: how they are, as the engine tells. They are
//! inspected when the list or an event says that something is new, and at no other time.

use crate::{
    domain::{
        Container, Other, ProjectName, Safe, Timestamp,
        compose::OTHERS_MAX,
        container::Summary,
        health::{SLOW, Tracker},
    },
    engine::{ContainerEvent, EventAction},
    stack::{
        adopt::{Adopted, AdoptedContainer, AdoptedService},
        hardening,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// One that says of itself that it is starting is believed for so long.
const START_TIMEOUT: Duration = Duration::from_mins(2);

/// All of them, by the engine's ids.
#[derive(Debug, Default)]
pub(super) struct Others {
    all: BTreeMap<String, Seen>,
    /// What was told of each project.
    told: BTreeMap<ProjectName, Vec<Other>>,
}

/// One of them.
#[derive(Debug)]
struct Seen {
    project: ProjectName,
    /// Where it stands among its project's.
    place: usize,
    other: Other,
    tracker: Tracker,
    /// The engine's words in the list, without ages: other words are news.
    words: (String, &'static str),
    inspecting: bool,
    inspect_again: bool,
}

impl Others {
    /// Takes the list: who is there, and about whom there is news.
    pub(super) fn take<'a>(
        &mut self,
        projects: impl Iterator<Item = &'a Adopted>,
        rows: &[Summary],
    ) {
        let statuses: BTreeMap<&str, &Summary> =
            rows.iter().map(|row| (row.id.as_str(), row)).collect();
        let mut there = BTreeSet::new();
        let mut projects_there = BTreeSet::new();
        for project in projects {
            projects_there.insert(&project.name);
            let listed = project.others().take(OTHERS_MAX).enumerate();
            for (place, (service, container)) in listed {
                there.insert(container.id.clone());
                let row = statuses.get(container.id.as_str()).copied();
                self.meet(project, place, service, container, row);
            }
        }
        self.all.retain(|id, _| there.contains(id));
        self.told
            .retain(|project, _| projects_there.contains(project));
    }

    fn meet(
        &mut self,
        project: &Adopted,
        place: usize,
        service: &AdoptedService,
        container: &AdoptedContainer,
        row: Option<&Summary>,
    ) {
        let words = row.map(words_of).unwrap_or_default();
        let seen = self
            .all
            .entry(container.id.clone())
            .or_insert_with(|| Seen {
                project: project.name.clone(),
                place,
                other: described(service, container),
                tracker: Tracker::new(SLOW, START_TIMEOUT),
                words: words.clone(),
                inspecting: false,
                inspect_again: true,
            });
        seen.inspect_again |= seen.words != words;
        seen.words = words;
        seen.project.clone_from(&project.name);
        seen.place = place;
        seen.other = Other {
            health: seen.other.health.clone(),
            findings: seen.other.findings,
            ..described(service, container)
        };
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.all.contains_key(id)
    }

    pub(super) fn project(&self, id: &str) -> Option<&ProjectName> {
        self.all.get(id).map(|seen| &seen.project)
    }

    pub(super) fn hear(&mut self, event: &ContainerEvent) {
        let Some(seen) = self.all.get_mut(&event.container) else {
            return;
        };
        match event.action {
            EventAction::Oom => seen.tracker.see_oom(event.at),
            EventAction::Die {
                exit_code: Some(code),
            } => seen.tracker.see_exit(code, event.at),
            _ => {}
        }
        seen.inspect_again = true;
    }

    /// Ids of those that have to be inspected now, at most `most`.
    pub(super) fn due(&mut self, most: usize) -> Vec<String> {
        let due = self.all.iter_mut();
        let due = due.filter(|(_, seen)| seen.inspect_again && !seen.inspecting);
        due.take(most)
            .map(|(id, seen)| {
                seen.inspect_again = false;
                seen.inspecting = true;
                id.clone()
            })
            .collect()
    }

    /// How many are being inspected.
    pub(super) fn under_way(&self) -> usize {
        self.all.values().filter(|seen| seen.inspecting).count()
    }

    /// What was asked was not answered, or nobody will: the next list asks again.
    pub(super) fn doubt(&mut self, id: &str) {
        if let Some(seen) = self.all.get_mut(id) {
            seen.inspecting = false;
            seen.words = Default::default();
        }
    }

    /// No answer is under way any more.
    pub(super) fn forget_questions(&mut self) {
        for seen in self.all.values_mut() {
            seen.inspecting = false;
            seen.inspect_again = true;
        }
    }

    /// The engine is out of reach.
    pub(super) fn lose(&mut self, why: &Safe, now: Timestamp) {
        for seen in self.all.values_mut() {
            seen.tracker.lose(why.clone(), now);
            seen.other.health = seen.tracker.health().clone();
        }
    }

    pub(super) fn inspected(
        &mut self,
        id: &str,
        container: Option<&Container>,
        planned: bool,
        now: Timestamp,
    ) {
        let Some(seen) = self.all.get_mut(id) else {
            return;
        };
        seen.inspecting = false;
        seen.tracker.see_container(container, planned, now);
        let said = container.and_then(|c| c.engine_health.as_ref());
        seen.tracker.see_engine_health(said, now);
        seen.other.health = seen.tracker.health().clone();
        seen.other.findings = container.map(|container| hardening::audit(container).len());
    }

    /// The projects of which something else is to be told than before, with all of theirs that were looked at.
    pub(super) fn news(&mut self) -> Vec<(ProjectName, Vec<Other>)> {
        let mut now: BTreeMap<&ProjectName, Vec<&Seen>> = self
            .told
            .keys()
            .map(|project| (project, Vec::new()))
            .collect();
        for seen in self.all.values().filter(|seen| seen.findings_known()) {
            now.entry(&seen.project).or_default().push(seen);
        }
        let mut news = Vec::new();
        for (project, mut seen) in now {
            seen.sort_by_key(|seen| seen.place);
            let told = self.told.get(project).map_or(&[][..], Vec::as_slice);
            if !told.iter().eq(seen.iter().map(|seen| &seen.other)) {
                let others: Vec<Other> = seen.iter().map(|seen| seen.other.clone()).collect();
                news.push((project.clone(), others));
            }
        }
        self.told.extend(news.iter().cloned());
        news
    }
}

impl Seen {
    /// It was inspected at least once.
    fn findings_known(&self) -> bool {
        self.other.findings.is_some()
    }
}

fn described(service: &AdoptedService, container: &AdoptedContainer) -> Other {
    let name = match container.number {
        1 => Safe::new(&service.service),
        number => Safe::new(format!("{} #{number}", service.service)),
    };
    Other {
        service: name,
        container: container.name.clone(),
        image: container.image.clone(),
        ports: container
            .ports
            .iter()
            .filter_map(|port| Some(port.outside?.port()))
            .collect(),
        health: crate::domain::Health::default(),
        findings: None,
    }
}

/// What the list says of it: the phase and, in brackets, its health. Ages change all the time and are no news.
fn words_of(row: &Summary) -> (String, &'static str) {
    let health = ["(healthy)", "(unhealthy)", "(health: starting)"];
    let said = health.into_iter().find(|word| row.status.contains(word));
    (format!("{:?}", row.phase), said.unwrap_or_default())
}
