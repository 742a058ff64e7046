//! Projects that Compose made, in the matrix: found in the list of containers, which is read anyway, and looked at like
//! any other. Nothing here changes one of their containers.

use super::{Refresh, Watched, others::Others};
use crate::{
    config::Hub,
    domain::{Project, ProjectName, ServiceId, ServiceKind, Timestamp, container::Summary},
    engine::{ContainerEvent, EventAction},
    hub::{Fact, containers::Containers, subject::Subject},
    stack::{
        adopt::{self, Adopted, Discovery},
        entry::ImportedEntry,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::Instant;

/// The list is read no more often than this, whatever happens on the engine.
const LIST_GAP: Duration = Duration::from_secs(1);

/// What is known of projects that Compose made.
#[derive(Debug, Default)]
pub(super) struct ComposeProjects {
    /// Whether the hub file wants them to be shown.
    is_on: bool,
    /// The names that are taken.
    own: BTreeSet<ProjectName>,
    imported: BTreeMap<ProjectName, ImportedEntry>,
    found: Discovery,
    /// Services by the id of each of their containers.
    by_id: BTreeMap<String, ServiceId>,
    pub(super) others: Others,
    /// When the list was last read.
    listed: Option<Instant>,
    /// What the front end was last told.
    told: Option<Vec<Project>>,
    /// The operator was told that there are more than are shown.
    told_left_out: bool,
}

impl ComposeProjects {
    /// True if the list has to hold all containers.
    pub(super) fn needs_all(&self) -> bool {
        self.is_on || !self.imported.is_empty()
    }

    fn services(&self) -> impl Iterator<Item = (&Adopted, ServiceKind)> {
        let all = self.found.projects.values();
        all.flat_map(|project| ServiceKind::ALL.map(|kind| (project, kind)))
    }

    /// True if `id` is a service of one of them.
    pub(super) fn has(&self, id: &ServiceId) -> bool {
        let project = self.found.projects.get(&id.project);
        project.is_some_and(|project| project.service(id.kind).is_some())
    }

    fn take_hub(&mut self, hub: &Hub) -> bool {
        let own: BTreeSet<ProjectName> = hub.projects.keys().cloned().collect();
        let is_news = self.is_on != hub.settings.hub.adopt
            || self.own != own
            || self.imported != hub.imported;
        self.is_on = hub.settings.hub.adopt;
        self.own = own;
        self.imported.clone_from(&hub.imported);
        is_news
    }

    fn take_list(&mut self, rows: &[Summary]) {
        self.listed = Some(Instant::now());
        self.found = adopt::discover(rows, &self.own, &self.imported);
        if !self.is_on {
            self.found
                .projects
                .retain(|_, project| project.entry.is_some());
            self.found.left_out = 0;
        }
        let ids = self.services().filter_map(|(project, kind)| {
            let container = project.service(kind)?.container()?;
            Some((container.id.clone(), ServiceId::new(&project.name, kind)))
        });
        self.by_id = ids.collect();
        self.others.take(self.found.projects.values(), rows);
    }

    /// What the front end has to be told, if it is something else than before.
    fn news(&mut self) -> Option<Fact> {
        let projects: Vec<_> = self.found.projects.values().map(Adopted::project).collect();
        let is_told = match &self.told {
            Some(told) => *told == projects,
            None => projects.is_empty(),
        };
        if is_told {
            return None;
        }
        self.told = Some(projects.clone());
        Some(Fact::Adopted(projects))
    }

    fn notice(&mut self) -> Option<Fact> {
        let more = self.found.left_out;
        if more == 0 || self.told_left_out {
            return None;
        }
        self.told_left_out = true;
        let most = adopt::ADOPTED_MAX;
        let text =
            format!("{more} Compose projects are not shown: this program shows {most} at most");
        Some(Fact::Notice(text.into()))
    }
}

impl Refresh {
    /// Takes what the hub file says of them.
    pub(super) fn take_imported(&mut self, hub: &Hub) {
        let heard_all = self.compose.needs_all();
        if !self.compose.take_hub(hub) {
            return;
        }
        self.list_due = Instant::now();
        if heard_all != self.compose.needs_all()
            && let Some(engine) = self.engine()
        {
            self.listen(&engine);
        }
    }

    /// Finds them in the list of all containers, and watches their services from now on.
    pub(super) fn adopt(&mut self, rows: &[Summary]) {
        self.compose.take_list(rows);
        let subjects: Vec<Subject> = self
            .compose
            .services()
            .filter_map(|(project, kind)| Subject::adopted(project, kind))
            .collect();
        for subject in subjects {
            self.watch(subject);
        }
        let (own, compose) = (&self.own, &self.compose);
        self.services
            .retain(|id, _| own.contains(id) || compose.has(id));
        let containers = Containers::of(self.compose.found.projects.values());
        self.links.containers.send_if_modified(|before| {
            let is_news = *before != containers;
            *before = containers;
            is_news
        });
    }

    fn watch(&mut self, subject: Subject) {
        let local = self.is_local();
        let planned = self.links.busy.borrow().contains(&subject.id.project);
        let has_container = subject.container.is_some();
        let id = subject.id.clone();
        match self.services.get_mut(&id) {
            Some(watched) => watched.resubject(subject, &self.settings, local),
            None => {
                let watched = Watched::new(subject, &self.settings);
                self.services.insert(id.clone(), watched);
            }
        }
        if let Some(watched) = self.services.get_mut(&id).filter(|_| !has_container) {
            watched.inspected(None, planned, local);
        }
    }

    /// The service that an event is about.
    pub(super) fn service_of(&self, event: &ContainerEvent) -> Option<ServiceId> {
        match (&event.project, event.service) {
            (Some(project), Some(kind)) => Some(ServiceId::new(project, kind)),
            _ => self.compose.by_id.get(&event.container).cloned(),
        }
    }

    /// Something happened to a container that Compose made: what the list alone tells may be something else now.
    pub(super) fn hear_of_compose(&mut self, event: &ContainerEvent) {
        if event.compose.is_none() || !self.compose.needs_all() {
            return;
        }
        self.compose.others.hear(event);
        let is_known = self.compose.by_id.contains_key(&event.container)
            || self.compose.others.has(&event.container);
        let shows = match event.action {
            EventAction::Create | EventAction::Destroy | EventAction::Rename => true,
            // The ports of what runs are in the list.
            EventAction::Start => true,
            _ => !is_known,
        };
        if shows {
            let soonest = self
                .compose
                .listed
                .map_or_else(Instant::now, |at| at + LIST_GAP);
            self.list_due = self.list_due.min(soonest.max(Instant::now()));
        }
    }

    /// Tells of them before anything is told of their services.
    pub(super) async fn tell_of_compose(&mut self) -> Option<()> {
        let facts = [self.compose.news(), self.compose.notice()];
        for fact in facts.into_iter().flatten() {
            self.links.facts.send(fact).await.ok()?;
        }
        for (project, others) in self.compose.others.news() {
            let fact = Fact::Others(project, others);
            self.links.facts.send(fact).await.ok()?;
        }
        Some(())
    }

    /// True if an operation of ours is at work on the project of an event or container.
    pub(super) fn is_planned(&self, project: &ProjectName) -> bool {
        self.links.busy.borrow().contains(project)
    }

    /// Takes what an inspect said of a container that plays no part.
    pub(super) fn take_other(&mut self, id: &str, container: super::Inspected) {
        let Ok(container) = container else {
            self.compose.others.doubt(id);
            self.links.nudge.notify_one();
            return;
        };
        let planned = self
            .compose
            .others
            .project(id)
            .is_some_and(|project| self.is_planned(project));
        self.compose
            .others
            .inspected(id, container.as_deref(), planned, Timestamp::now());
    }
}
