//! Changing limits of a running service: checked, applied live, read back, and only then written to the hub file; and
//! bringing those of the hub file back.

use super::{
    Failure, FailureKind,
    lifecycle::Lifecycle,
    retry::{Retryable, retry},
};
use crate::{
    config::{HubFileError, hub_file::check_seen},
    domain::{Bytes, Container, Limits, LimitsChange, Phase, Safe, ServiceId, ServiceKind},
    engine::EngineError,
    stack::{ServiceSpec, names},
};

impl Lifecycle {
    /// Changes the limits of `kind`. A stopped or missing container gets them at its next start.
    pub(super) async fn set_limits(
        &self,
        kind: ServiceKind,
        change: LimitsChange,
        seen: Option<Limits>,
        below_use: bool,
    ) -> Result<Safe, Failure> {
        change.validate(self.engine.info().host)?;
        // Before anything is sent, and once more when it is written.
        check_seen(&self.entry, kind, change, seen)?;
        let id = ServiceId::new(&self.entry.name, kind);
        let Some(container) = self.limited(kind).await? else {
            self.save(kind, change, seen)?;
            return Ok(Safe::new(format!(
                "{id}: limits saved; its next start uses them"
            )));
        };
        let before = container.limits();
        let wanted = before.with(change);
        self.enforce(&id, &container, wanted, below_use).await?;
        if let Err(error) = self.save(kind, change, seen) {
            if error.is_written() {
                return Err(error.into());
            }
            let failure = Failure::from(error).about("not saved");
            let name = names::container(&self.entry.name, kind);
            return Err(self.take_back(&name, before, wanted, failure).await);
        }
        Ok(Safe::new(format!("{id}: {}", describe(before, wanted))))
    }

    /// Gives `kind` the limits of the hub file again, whoever changed them. The file stays as it is.
    pub(super) async fn reapply_limits(
        &self,
        kind: ServiceKind,
        below_use: bool,
    ) -> Result<Safe, Failure> {
        let id = ServiceId::new(&self.entry.name, kind);
        let Some(container) = self.limited(kind).await? else {
            return Ok(Safe::new(format!(
                "{id} has no container: its next start uses the limits of the hub file"
            )));
        };
        let (before, wanted) = (container.limits(), self.entry.limits(kind));
        before.change_to(wanted).validate(self.engine.info().host)?;
        self.enforce(&id, &container, wanted, below_use).await?;
        Ok(Safe::new(match before.difference(wanted) {
            same if same.is_empty() => {
                format!("{id}: unchanged, the limits of the hub file are in force")
            }
            difference => format!("{id}: as the hub file says again, {difference}"),
        }))
    }

    /// Writes the limits of `kind` that are in force into the hub file. The container stays as it is.
    pub(super) async fn keep_limits(&self, kind: ServiceKind) -> Result<Safe, Failure> {
        let id = ServiceId::new(&self.entry.name, kind);
        let Some(container) = self.limited(kind).await? else {
            let none = format!("{id} has no container: there are no limits to keep");
            return Err(Failure::operation(none));
        };
        let wished = self.entry.limits(kind);
        let change = wished.change_to(container.limits());
        if change.is_empty() {
            return Ok(Safe::new(format!(
                "{id}: unchanged, the hub file says what is in force"
            )));
        }
        change.validate(self.engine.info().host)?;
        self.save(kind, change, Some(wished))?;
        let difference = wished.difference(container.limits());
        Ok(Safe::new(format!(
            "{id}: kept in the hub file, {difference}"
        )))
    }

    /// The container of `kind`, if there is one.
    async fn limited(&self, kind: ServiceKind) -> Result<Option<Container>, Failure> {
        let name = names::container(&self.entry.name, kind);
        let found = self
            .retried("limits", || self.engine.inspect(&name))
            .await?;
        match found {
            Some(container) if !container.belongs_to(&self.entry.name, kind) => Err(
                Failure::operation(format!("container {name} is not this program's")),
            ),
            found => Ok(found),
        }
    }

    /// Brings `wanted` into force, or leaves what was. Memory below what is in use is refused unless that is meant.
    async fn enforce(
        &self,
        id: &ServiceId,
        container: &Container,
        wanted: Limits,
        below_use: bool,
    ) -> Result<(), Failure> {
        let name = names::container(&id.project, id.kind);
        let before = container.limits();
        if !below_use {
            self.refuse_below_use(id, &name, container, before.change_to(wanted))
                .await?;
        }
        let kept = self.apply(&name, wanted).await?;
        if kept == wanted {
            return Ok(());
        }
        let failure = Failure::operation(format!(
            "limit not applied: the engine kept {}",
            words(kept)
        ));
        Err(self.take_back(&name, before, kept, failure).await)
    }

    /// Gives a container the limits of its spec again, if somebody else changed them. False if the engine does not take
    /// them; its words are reported, and the container has to be made anew.
    ///
    /// # Errors
    /// What may pass.
    pub(super) async fn bring_limits(
        &self,
        spec: &ServiceSpec,
        container: &Container,
    ) -> Result<bool, EngineError> {
        if container.limits() == spec.limits {
            return Ok(true);
        }
        let why = match self
            .engine
            .update_limits(&spec.container, spec.limits)
            .await
        {
            Ok(now) if now == spec.limits => return Ok(true),
            Ok(kept) => format!("the engine kept {}", words(kept)),
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => error.to_string(),
        };
        let kind = spec.id.kind;
        self.report
            .say(format!("{kind}: limits not applied: {why}; making it anew"));
        Ok(false)
    }

    async fn refuse_below_use(
        &self,
        id: &ServiceId,
        name: &str,
        container: &Container,
        change: LimitsChange,
    ) -> Result<(), Failure> {
        let Some(memory) = change.memory.filter(|_| container.phase == Phase::Running) else {
            return Ok(());
        };
        let sample = self.retried("usage", || self.engine.sample(name)).await?;
        let used = sample.map_or(Bytes(0), |s| s.memory);
        if memory >= used {
            return Ok(());
        }
        Err(Failure::new(
            FailureKind::NeedsConfirm,
            format!("{id} uses {used} now: with {memory} the kernel may kill it"),
        )
        .with_hint("say so if that is meant (--below-use), or choose more"))
    }

    /// Sends the limits; gives what the engine has afterwards.
    async fn apply(&self, name: &str, wanted: Limits) -> Result<Limits, Failure> {
        let failed = |attempt| self.report.attempt("limits", &attempt);
        let applied = retry(self.policy, failed, || async move {
            // After a lost answer they may be in force already.
            match self.engine.inspect(name).await? {
                Some(container) if container.limits() == wanted => Ok(wanted),
                _ => self.engine.update_limits(name, wanted).await,
            }
        });
        applied
            .await
            .map_err(|error| Failure::from(error).about("limit not applied"))
    }

    fn save(
        &self,
        kind: ServiceKind,
        change: LimitsChange,
        seen: Option<Limits>,
    ) -> Result<(), HubFileError> {
        self.hub_file
            .set_limits(&self.entry.name, kind, change, seen)
    }

    /// The old limits again, if others are in force: what failed must not have been done by half.
    async fn take_back(
        &self,
        name: &str,
        before: Limits,
        now: Limits,
        failure: Failure,
    ) -> Failure {
        if now == before {
            return failure;
        }
        let what = match self.apply(name, before).await {
            Ok(back) if back == before => "the old limits are in force again".to_owned(),
            Ok(kept) => format!("and the old limits did not come back: {}", words(kept)),
            Err(error) => format!("and the old limits could not be set again: {error}"),
        };
        Failure {
            message: Safe::new(format!("{}; {what}", failure.message)),
            ..failure
        }
    }
}

fn words(limits: Limits) -> String {
    format!(
        "{} CPUs, {} of memory, {} processes",
        limits.cpus, limits.memory, limits.pids
    )
}

/// What changed, in words.
fn describe(before: Limits, after: Limits) -> String {
    let difference = before.difference(after);
    if difference.is_empty() {
        return format!("unchanged: {}", words(after));
    }
    difference
}
