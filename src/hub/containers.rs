//! Where the container of a service is, whoever made it: for those who read logs.

use crate::{
    domain::{ServiceId, ServiceKind},
    stack::{adopt::Adopted, names},
};
use std::collections::BTreeMap;

/// Names of the containers of services that this program did not make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Containers(BTreeMap<ServiceId, String>);

impl Containers {
    /// Those of `projects`.
    #[must_use]
    pub fn of<'a>(projects: impl IntoIterator<Item = &'a Adopted>) -> Self {
        let named = |project: &'a Adopted, kind: ServiceKind| {
            let container = project.service(kind)?.container()?;
            let id = ServiceId::new(&project.name, kind);
            Some((id, container.name.to_string()))
        };
        let of_project = |project: &'a Adopted| {
            let all = ServiceKind::ALL.into_iter();
            all.filter_map(move |kind| named(project, kind))
        };
        Self(projects.into_iter().flat_map(of_project).collect())
    }

    /// The names of all of them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// The name of the container of `service`; without one of somebody else's, the one that ours has.
    #[must_use]
    pub fn name(&self, service: &ServiceId) -> String {
        let known = self.0.get(service).cloned();
        known.unwrap_or_else(|| names::container(&service.project, service.kind))
    }
}
