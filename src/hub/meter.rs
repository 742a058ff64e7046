//! What services use, measured again and again for whoever has no screen. Two readings make a rate: the first one brings none.

use super::{Failure, containers::Containers};
use crate::{
    domain::{Limits, Phase, Sample, ServiceId, Usage, usage::Peaks},
    engine::{Engine, EngineError},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeMap;

/// Services that are read side by side.
const READS_MAX: usize = 8;

/// What one service uses.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The service.
    pub service: ServiceId,
    /// Its limits in force; `None` without a container.
    pub limits: Option<Limits>,
    /// What it uses; `None` if it does not run.
    pub usage: Option<Usage>,
}

/// Some services and their last readings.
#[derive(Debug)]
pub struct Meter {
    engine: Engine,
    services: Vec<ServiceId>,
    containers: Containers,
    last: BTreeMap<ServiceId, (Sample, Peaks)>,
}

impl Meter {
    /// Nothing is read yet. `containers` tells where those are that Compose made.
    #[must_use]
    pub fn new(engine: Engine, services: Vec<ServiceId>, containers: Containers) -> Self {
        Self {
            engine,
            services,
            containers,
            last: BTreeMap::new(),
        }
    }

    /// Reads all, in their order.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub async fn read(&mut self) -> Result<Vec<Reading>, Failure> {
        let each = self.services.iter().cloned();
        let each = each.map(|service| {
            let name = self.containers.name(&service);
            read(&self.engine, service, name)
        });
        let read: Vec<_> = stream::iter(each).buffered(READS_MAX).try_collect().await?;
        let learn = |(service, limits, sample)| self.learn(service, limits, sample);
        Ok(read.into_iter().map(learn).collect())
    }

    fn learn(
        &mut self,
        service: ServiceId,
        limits: Option<Limits>,
        sample: Option<Sample>,
    ) -> Reading {
        let before = self.last.remove(&service);
        let usage = sample.map(|now| {
            let (before, peaks) = before.unzip();
            let usage = Usage::between(before.as_ref(), &now, peaks.unwrap_or_default());
            self.last.insert(service.clone(), (now, usage.peaks()));
            usage
        });
        Reading {
            service,
            limits,
            usage,
        }
    }
}

async fn read(
    engine: &Engine,
    service: ServiceId,
    name: String,
) -> Result<(ServiceId, Option<Limits>, Option<Sample>), EngineError> {
    let container = engine.inspect(&name).await?;
    let limits = container.as_ref().map(|container| container.limits());
    let sample = match container.filter(|container| container.phase == Phase::Running) {
        Some(container) => engine.sample(&container.id).await?,
        None => None,
    };
    Ok((service, limits, sample))
}
