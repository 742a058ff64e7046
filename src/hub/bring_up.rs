//! One service from whatever it is to healthy. What runs well stays as it is; what ran before and does not pass its gate
//! is begun afresh once, where that can help: its entry or its folder may have been mended since it was started.

use super::{
    Failure,
    ensure::{Ensured, is_same},
    gate::Unwell,
    lifecycle::{Ground, Lifecycle},
};
use crate::{
    domain::{Container, Phase},
    engine::EngineError,
    stack::ServiceSpec,
};

impl Lifecycle {
    /// Makes sure that the service runs and is healthy.
    ///
    /// # Errors
    /// It cannot be started, or does not pass its gate; what ran before has been begun afresh then, if that could help.
    pub(super) async fn bring_up(
        &self,
        spec: &ServiceSpec,
        ground: &Ground,
    ) -> Result<Ensured, Failure> {
        let mut done = self.ensure_running(spec, ground).await?;
        match self.gate(spec).await {
            Err(unwell) if done == Ensured::Ran => {
                done = self.begin_afresh(spec, ground, unwell).await?;
                self.gate(spec).await?;
            }
            outcome => outcome?,
        }
        self.report.step_done(format!("{}: healthy", spec.id.kind));
        Ok(done)
    }

    /// Begins what ran and is not healthy afresh: made anew from a changed spec, else restarted if it ended.
    ///
    /// # Errors
    /// What it is unwell with, where a fresh beginning cannot help: of an unchanged spec it may only be slow.
    async fn begin_afresh(
        &self,
        spec: &ServiceSpec,
        ground: &Ground,
        unwell: Unwell,
    ) -> Result<Ensured, Failure> {
        let what = spec.id.kind.as_str();
        let found = self.retried(what, || self.engine.inspect(&spec.container));
        let Some(old) = found.await? else {
            return Err(unwell.into());
        };
        match unwell {
            Unwell::Unhealthy(_) | Unwell::Ended(_) if !is_same(spec, &old) => {
                self.make_anew(spec, ground, &old).await
            }
            Unwell::Ended(_) if self.retried(what, || self.fits(spec, &old)).await? => {
                self.restart_once(spec).await?;
                Ok(Ensured::Started)
            }
            Unwell::Ended(_) => self.make_anew(spec, ground, &old).await,
            Unwell::Unhealthy(_) | Unwell::Unknown(_) => Err(unwell.into()),
        }
    }

    /// By its id: what somebody else has put in its place meanwhile stays.
    async fn make_anew(
        &self,
        spec: &ServiceSpec,
        ground: &Ground,
        old: &Container,
    ) -> Result<Ensured, Failure> {
        let what = spec.id.kind.as_str();
        self.refuse_foreign(spec, old)?;
        self.report.say(format!(
            "{what}: the old one is not healthy: making it anew"
        ));
        let grace = self.grace.unwrap_or(spec.stop_grace);
        self.retried(what, || self.stop_once(&old.id, grace))
            .await?;
        self.retried(what, || self.engine.remove(&old.id)).await?;
        self.ensure_running(spec, ground).await
    }

    /// True if `container` can go on as it is: made from this spec, whole, and with its limits, which are brought back
    /// if they are others.
    ///
    /// # Errors
    /// What may pass.
    pub(super) async fn fits(
        &self,
        spec: &ServiceSpec,
        container: &Container,
    ) -> Result<bool, EngineError> {
        Ok(is_same(spec, container)
            && container.phase != Phase::Dead
            && self.bring_limits(spec, container).await?)
    }
}
