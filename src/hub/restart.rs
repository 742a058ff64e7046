//! The restart of one service: in place where its spec is unchanged, else a new container beside the old one, which comes
//! back if the new one does not get healthy.

use super::{
    Again, Failure,
    ensure::is_same,
    gate::row,
    lifecycle::{Lifecycle, is_over, listed, nothing_to_restart},
};
use crate::{
    domain::{Safe, ServiceKind, Timestamp, container::Summary},
    engine::EngineError,
    stack::{ServiceSpec, StackSpec},
};

impl Lifecycle {
    /// Restarts one service and leaves the others alone, unless `how` says that those which depend on it come along: the
    /// same container if its spec is unchanged, else a new one.
    pub(super) async fn restart_service(
        &self,
        kind: ServiceKind,
        how: Again,
    ) -> Result<Safe, Failure> {
        let stack = StackSpec::resolve(&self.entry)?;
        // A replacement that was interrupted left the container under another name.
        self.remove_leftovers().await?;
        let all = self.own_containers().await?;
        if all.is_empty() {
            return Err(nothing_to_restart(&self.entry.name));
        }
        let along = match how {
            Again::WithDependants => running(&all, kind.dependants()),
            Again::InPlace | Again::Anew => Vec::new(),
        };
        self.report.expect_steps(2 * (1 + along.len()));
        let there = row(&all, &stack.services[kind]).is_some();
        let done = self.restart_one(&stack, kind, there, how).await?;
        for dependant in &along {
            self.restart_one(&stack, *dependant, true, how).await?;
        }
        let id = &stack.services[kind].id;
        let too = match along.as_slice() {
            [] => String::new(),
            all => format!("; {} came along", listed(all)),
        };
        Ok(Safe::new(format!("{id} is {done} and healthy{too}")))
    }

    /// `there`: it has a container. Gives the word for what was done.
    async fn restart_one(
        &self,
        stack: &StackSpec,
        kind: ServiceKind,
        there: bool,
        how: Again,
    ) -> Result<&'static str, Failure> {
        let spec = &stack.services[kind];
        let existing = match there {
            true => {
                self.retried(kind.as_str(), || self.engine.inspect(&spec.container))
                    .await?
            }
            false => None,
        };
        Ok(match existing {
            Some(container)
                if how != Again::Anew
                    && self
                        .retried(kind.as_str(), || self.fits(spec, &container))
                        .await? =>
            {
                self.restart_in_place(spec).await?;
                "restarted"
            }
            Some(container) => {
                self.replace(stack, spec).await?;
                match is_same(spec, &container) {
                    true => "made anew",
                    false => "made anew from its changed spec",
                }
            }
            None => {
                self.check_folder()?;
                let ground = self.prepare(stack).await?;
                self.bring_up(spec, &ground).await?;
                "made anew"
            }
        })
    }

    async fn restart_in_place(&self, spec: &ServiceSpec) -> Result<(), Failure> {
        let what = spec.id.kind.as_str();
        self.restart_once(spec).await?;
        self.report.step_done(format!("{what}: restarted"));
        self.gate(spec).await?;
        self.report.step_done(format!("{what}: healthy"));
        Ok(())
    }

    /// Restarts the same container, once also when answers get lost.
    pub(super) async fn restart_once(&self, spec: &ServiceSpec) -> Result<(), Failure> {
        let what = spec.id.kind.as_str();
        self.report.say(format!("{what}: restarting"));
        let before = self.retried(what, || self.started_at(spec)).await?;
        self.retried(what, || async move {
            // After a lost answer the restart may have happened: a new start time tells.
            if self.started_at(spec).await? > before {
                return Ok(());
            }
            let grace = self.grace.unwrap_or(spec.stop_grace);
            self.engine.restart(&spec.container, grace).await
        })
        .await
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
            let grace = self.grace.unwrap_or(spec.stop_grace);
            self.retried(what, || self.stop_once(&aside, grace)).await?;
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

/// Those of `kinds` that run.
fn running(all: &[Summary], kinds: &[ServiceKind]) -> Vec<ServiceKind> {
    let runs = |kind: &&ServiceKind| {
        let mut mine = all.iter().filter(|c| c.service == Some(**kind));
        mine.any(|c| !is_over(c.phase))
    };
    kinds.iter().filter(runs).copied().collect()
}
