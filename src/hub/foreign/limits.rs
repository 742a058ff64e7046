//! Limits of services that Compose made: changed live on the containers that are there. Compose's file does not know of it;
//! the hub file keeps it for projects that it has taken in.

use super::Foreign;
use crate::{
    domain::{Bytes, Limits, LimitsChange, Phase, Safe, ServiceId, ServiceKind, compose::snippet},
    hub::{Failure, FailureKind},
    stack::adopt::{AdoptedContainer, AdoptedService},
};

impl Foreign {
    /// Changes the limits of all containers of `kind` and of nothing else.
    pub(super) async fn set_limits(
        &self,
        kind: ServiceKind,
        change: LimitsChange,
        seen: Option<Limits>,
        below_use: bool,
    ) -> Result<Safe, Failure> {
        change.validate(self.engine.info().host)?;
        let service = self.service(kind)?;
        let id = ServiceId::new(&self.project.name, kind);
        if service.containers.is_empty() {
            return Err(self.no_container(&id));
        }
        let before = self.enforce(&id, service, change, below_use).await?;
        let kept = self.save(kind, change, seen)?;
        let difference = before.difference(before.with(change));
        Ok(Safe::new(match difference.is_empty() {
            true => format!("{id}: unchanged"),
            false => format!("{id}: {difference}; {kept}"),
        }))
    }

    /// Gives `kind` the limits that the hub file wishes again.
    pub(super) async fn reapply_limits(
        &self,
        kind: ServiceKind,
        below_use: bool,
    ) -> Result<Safe, Failure> {
        let id = ServiceId::new(&self.project.name, kind);
        let wished = self.project.entry.as_ref().map(|entry| entry.limits(kind));
        let Some(change) = wished.filter(|wished| !wished.is_empty()) else {
            return Err(self.not_in_the_hub_file(&id));
        };
        let service = self.service(kind)?;
        let before = self.enforce(&id, service, change, below_use).await?;
        let difference = before.difference(before.with(change));
        Ok(Safe::new(format!(
            "{id}: as the hub file says again, {difference}"
        )))
    }

    /// Writes the limits in force into the hub file.
    pub(super) async fn keep_limits(&self, kind: ServiceKind) -> Result<Safe, Failure> {
        let id = ServiceId::new(&self.project.name, kind);
        if self.project.entry.is_none() {
            return Err(self.not_in_the_hub_file(&id));
        }
        let container = self.service(kind)?.container();
        let Some(container) = container else {
            return Err(self.no_container(&id));
        };
        let now = self.limits_of(container).await?;
        let change = self.project.wished(kind).change_to(now);
        self.save(kind, change, None)?;
        Ok(Safe::new(format!("{id}: kept in the hub file")))
    }

    fn no_container(&self, id: &ServiceId) -> Failure {
        Failure::operation(format!(
            "{id} has no container, and only Compose makes them"
        ))
        .with_hint(self.compose("up -d"))
    }

    fn not_in_the_hub_file(&self, id: &ServiceId) -> Failure {
        let name = &self.project.name;
        Failure::input(format!(
            "{id} is Compose's: the hub file says nothing of its limits"
        ))
        .with_hint(format!("`cchub-tui project import {name}` takes it in"))
    }

    async fn limits_of(&self, container: &AdoptedContainer) -> Result<Limits, Failure> {
        let found = self
            .retried("limits", || self.engine.inspect(&container.id))
            .await?;
        let gone = || Failure::operation("its container went away meanwhile");
        found.map(|found| found.limits()).ok_or_else(gone)
    }

    /// Brings `change` into force in each container; gives what the first one had.
    async fn enforce(
        &self,
        id: &ServiceId,
        service: &AdoptedService,
        change: LimitsChange,
        below_use: bool,
    ) -> Result<Limits, Failure> {
        let mut first = None;
        for container in &service.containers {
            if !below_use {
                self.refuse_below_use(id, container, change).await?;
            }
            let before = self.limits_of(container).await?;
            let wanted = before.with(change);
            let kept = match before == wanted {
                true => wanted,
                false => {
                    // Only what is asked for is sent: of the rest Compose may have said more than we know.
                    let update = || self.engine.change_limits(&container.id, change);
                    self.retried("limit not applied", update).await?
                }
            };
            if kept.with(change) != kept {
                let text = format!(
                    "limit not applied: the engine kept {}",
                    kept.difference(wanted)
                );
                return Err(Failure::operation(text));
            }
            first = first.or(Some(before));
        }
        Ok(first.unwrap_or(Limits::NONE))
    }

    async fn refuse_below_use(
        &self,
        id: &ServiceId,
        container: &AdoptedContainer,
        change: LimitsChange,
    ) -> Result<(), Failure> {
        let Some(memory) = change.memory.filter(|_| container.phase == Phase::Running) else {
            return Ok(());
        };
        let sample = self
            .retried("usage", || self.engine.sample(&container.id))
            .await?;
        let used = sample.map_or(Bytes(0), |s| s.memory);
        if memory >= used {
            return Ok(());
        }
        let text = format!("{id} uses {used} now: with {memory} the kernel may kill it");
        Err(Failure::new(FailureKind::NeedsConfirm, text)
            .with_hint("say so if that is meant (--below-use), or choose more"))
    }

    /// Keeps the change where that can be done; says where it is kept, or how it would be.
    fn save(
        &self,
        kind: ServiceKind,
        change: LimitsChange,
        seen: Option<Limits>,
    ) -> Result<String, Failure> {
        if self.project.entry.is_some() {
            self.hub_file
                .set_limits(&self.project.name, kind, change, seen)?;
            return Ok("kept in the hub file; Compose's file does not know it".to_owned());
        }
        let service = &self.service(kind)?.service;
        Ok(format!(
            "Compose's file does not know it; to keep it, under services: {}",
            snippet(service, change)
        ))
    }
}
