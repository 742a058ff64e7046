//! The restart of one service: in place where its spec is unchanged, else a new container beside the old one, which comes
//! back if the new one does not get healthy.

use super::{
    Failure,
    ensure::is_same,
    gate::row,
    lifecycle::{Lifecycle, nothing_to_restart},
};
use crate::{
    domain::{Phase, Safe, ServiceKind, Timestamp},
    engine::EngineError,
    stack::{ServiceSpec, StackSpec},
};

impl Lifecycle {
    /// Restarts one service and leaves the others alone: the same container if its spec is unchanged, else a new one.
    pub(super) async fn restart_service(&self, kind: ServiceKind) -> Result<Safe, Failure> {
        self.report.expect_steps(2);
        let stack = StackSpec::resolve(&self.entry)?;
        let spec = &stack.services[kind];
        // A replacement that was interrupted left the container under another name.
        self.remove_leftovers().await?;
        let all = self.own_containers().await?;
        if all.is_empty() {
            return Err(nothing_to_restart(&self.entry.name));
        }
        let existing = match row(&all, spec) {
            Some(_) => {
                self.retried(kind.as_str(), || self.engine.inspect(&spec.container))
                    .await?
            }
            None => None,
        };
        let how = match existing {
            Some(container)
                if is_same(spec, &container)
                    && container.phase != Phase::Dead
                    && self
                        .retried(kind.as_str(), || self.bring_limits(spec, &container))
                        .await? =>
            {
                self.restart_in_place(spec).await?;
                "restarted"
            }
            Some(container) => {
                self.replace(&stack, spec).await?;
                if is_same(spec, &container) {
                    "made anew"
                } else {
                    "made anew from its changed spec"
                }
            }
            None => {
                self.check_folder()?;
                let ground = self.prepare(&stack).await?;
                self.bring_up(spec, &ground).await?;
                "made anew"
            }
        };
        Ok(Safe::new(format!("{} is {how} and healthy", spec.id)))
    }

    async fn restart_in_place(&self, spec: &ServiceSpec) -> Result<(), Failure> {
        let what = spec.id.kind.as_str();
        self.report.say(format!("{what}: restarting"));
        let before = self.retried(what, || self.started_at(spec)).await?;
        self.retried(what, || async move {
            // After a lost answer the restart may have happened: a new start time tells.
            if self.started_at(spec).await? > before {
                return Ok(());
            }
            self.engine.restart(&spec.container, spec.stop_grace).await
        })
        .await?;
        self.report.step_done(format!("{what}: restarted"));
        self.gate(spec).await?;
        self.report.step_done(format!("{what}: healthy"));
        Ok(())
    }

    async fn started_at(&self, spec: &ServiceSpec) -> Result<Option<Timestamp>, EngineError> {
        let container = self.engine.inspect(&spec.container).await?;
        Ok(container.and_then(|c| c.started_at))
    }

    /// Sets the old container aside, makes and gates a new one; if that fails, the old one comes back.
    async fn replace(&self, stack: &StackSpec, spec: &ServiceSpec) -> Result<(), Failure> {
        self.check_folder()?;
        let ground = self.prepare(stack).await?;
        let what = spec.id.kind.as_str();
        let aside = format!("{}-old-{}", spec.container, Timestamp::now().as_second());
        self.report.say(format!("{what}: replacing"));
        self.retried(what, || self.set_aside(spec, &aside)).await?;
        let replaced = async {
            self.retried(what, || self.stop_once(&aside, spec.stop_grace))
                .await?;
            self.bring_up(spec, &ground).await
        };
        match replaced.await {
            Ok(_) => self.retried(what, || self.engine.remove(&aside)).await,
            Err(failure) => Err(self.bring_back(spec, &aside, failure).await),
        }
    }

    async fn set_aside(&self, spec: &ServiceSpec, aside: &str) -> Result<(), EngineError> {
        if self.engine.inspect(aside).await?.is_some() {
            return Ok(());
        }
        self.engine.rename(&spec.container, aside).await
    }

    async fn bring_back(&self, spec: &ServiceSpec, aside: &str, failure: Failure) -> Failure {
        let what = spec.id.kind.as_str();
        let back = self.retried(what, || self.bring_back_once(spec, aside));
        let what = match back.await {
            Ok(()) => "the old container runs again".to_owned(),
            Err(error) => format!("and the old container could not be started again: {error}"),
        };
        Failure {
            message: Safe::new(format!("{}; {what}", failure.message)),
            ..failure
        }
    }

    async fn bring_back_once(&self, spec: &ServiceSpec, aside: &str) -> Result<(), EngineError> {
        // After a lost answer it may have its name back: then what has the name is not the failed successor.
        if self.engine.inspect(aside).await?.is_some() {
            self.engine.remove(&spec.container).await?;
            self.engine.rename(aside, &spec.container).await?;
        }
        self.engine.start(&spec.container).await
    }
}
