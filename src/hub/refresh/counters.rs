//! What this machine's kernel counts of running services: read for all of them at once, every interval, without the engine.

use super::Refresh;
use crate::{
    cgroup::{Kernel, Place},
    domain::{
        Container, Sample, ServiceId,
        host::{HostSample, HostUse},
        limits::Capacity,
    },
    engine::Engine,
    hub::{
        Fact,
        round::Answer,
        watched::{Counted, Watched},
    },
};
use futures_util::FutureExt;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout},
};

/// Files of the kernel are there at once; whoever takes longer is not asked again.
const READ_MAX: Duration = Duration::from_secs(5);
/// Network modes whose interfaces are the host's, another container's, or none.
const NOT_OWN: [&str; 3] = ["host", "none", "container:"];

/// The kernel of this machine, and when it is read next.
#[derive(Debug)]
pub(super) struct Counters {
    kernel: Arc<Kernel>,
    reading: bool,
    /// A reading did not end: there will be no other.
    stuck: bool,
    due: Instant,
    host: Option<HostSample>,
}

impl Counters {
    pub(super) fn new() -> Self {
        Self {
            kernel: Arc::new(Kernel::here()),
            reading: false,
            stuck: false,
            due: Instant::now(),
            host: None,
        }
    }

    /// When it is read next, if it is.
    pub(super) fn due(&self) -> Option<Instant> {
        (!self.reading && !self.stuck).then_some(self.due)
    }
}

/// What was read.
#[derive(Debug)]
pub(in crate::hub) struct Count {
    services: Vec<Read>,
    host: Option<HostSample>,
    /// It did not end in time.
    stuck: bool,
}

/// One service to read, and then what was read.
#[derive(Debug)]
struct Read {
    service: ServiceId,
    pid: u32,
    id: String,
    own_network: bool,
    place: Option<Place>,
    sample: Option<Sample>,
}

impl Read {
    /// Of a service that runs and may be counted here.
    fn wish(id: &ServiceId, watched: &Watched) -> Option<Self> {
        let container = watched.container.as_ref().filter(|_| watched.runs())?;
        let place = match &watched.counted {
            Counted::Elsewhere => return None,
            Counted::Unknown => None,
            Counted::Here(place) => Some(place.clone()),
        };
        Some(Self {
            service: id.clone(),
            // No process here has this number, so it will be found elsewhere.
            pid: container.pid.unwrap_or_default(),
            id: container.id.clone(),
            own_network: has_own_network(container),
            place,
            sample: None,
        })
    }

    fn read(&mut self, kernel: &Kernel) {
        if self.place.is_none() {
            self.place = kernel.find(self.pid, &self.id, self.own_network);
        }
        self.sample = self.place.as_ref().and_then(|place| kernel.sample(place));
    }
}

fn has_own_network(container: &Container) -> bool {
    let mode = container.settings.network_mode.as_str();
    !NOT_OWN.iter().any(|not| mode.starts_with(not))
}

/// Reads all on a thread where waiting harms nobody.
async fn count(
    kernel: Arc<Kernel>,
    mut services: Vec<Read>,
    host: Option<(Capacity, PathBuf)>,
) -> Answer {
    let work = spawn_blocking(move || {
        services.iter_mut().for_each(|read| read.read(&kernel));
        let host = host.and_then(|(host, disk)| kernel.host(host.memory, &disk));
        Count {
            services,
            host,
            stuck: false,
        }
    });
    let stuck = Count {
        services: Vec::new(),
        host: None,
        stuck: true,
    };
    Answer::Counted(match timeout(READ_MAX, work).await {
        Ok(Ok(count)) => count,
        _ => stuck,
    })
}

impl Refresh {
    /// Reads the kernel's counters if it is time, and if the engine is on this machine.
    pub(super) fn ask_counters(&mut self, engine: &Engine, now: Instant) {
        let is_due = self.counters.due().is_some_and(|due| due <= now);
        if !is_due || !engine.endpoint().is_local() {
            return;
        }
        self.counters.reading = true;
        let services = self.services.iter();
        let services = services.filter_map(|(id, watched)| Read::wish(id, watched));
        let info = engine.info();
        let host = info.data.clone().map(|disk| (info.host, disk));
        let work = count(self.counters.kernel.clone(), services.collect(), host);
        self.work.push(work.boxed());
    }

    pub(super) async fn take_count(&mut self, count: Count) {
        self.counters.reading = false;
        self.counters.stuck = count.stuck;
        self.counters.due = Instant::now() + self.settings.interval;
        if count.stuck {
            let all = self.services.values_mut();
            all.for_each(|watched| watched.counted = Counted::Elsewhere);
        }
        for read in count.services {
            self.take_read(read).await;
        }
        if let Some((now, engine)) = count.host.zip(self.engine()) {
            let before = self.counters.host.replace(now);
            let used = HostUse::between(before.as_ref(), &now, engine.info().host.cpus);
            // The outbox always reads; it is gone only together with the front end.
            let _ = self.links.facts.send(Fact::Host(used)).await;
        }
    }

    async fn take_read(&mut self, read: Read) {
        let Some(watched) = self.services.get_mut(&read.service) else {
            return;
        };
        let pid = watched
            .container
            .as_ref()
            .map(|c| c.pid.unwrap_or_default());
        if pid != Some(read.pid) {
            // Another run of it: that is another place.
            return;
        }
        let Some((place, sample)) = read.place.zip(read.sample) else {
            watched.counted = Counted::Elsewhere;
            return;
        };
        let first = !watched.was_sampled();
        watched.counted = Counted::Here(place);
        let usage = watched.sampled(&sample);
        if first {
            // A rate needs two.
            let soon = Instant::now() + super::SAMPLE_SECOND.min(self.settings.interval);
            self.counters.due = self.counters.due.min(soon);
        }
        let fact = Fact::Usage(read.service, usage);
        let _ = self.links.facts.send(fact).await;
    }
}
