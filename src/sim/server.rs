//! The socket: connections in, one request each, faults applied, everything counted.

use super::{
    fault::{Faults, How, Pattern, garbled, truncated},
    http::{self, Asked, Reply, Waited, Wire},
    source::Source,
};
use std::{
    collections::VecDeque,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    net::{UnixListener, UnixStream},
    task::{JoinHandle, JoinSet},
};

/// A server on a unix socket. Dropping it ends it, and takes the socket away.
#[derive(Debug)]
pub struct Server {
    path: PathBuf,
    shared: Arc<Shared>,
    task: Option<JoinHandle<()>>,
}

struct Shared {
    source: Source,
    /// Requests that are remembered word by word; older ones are only counted.
    remember: usize,
    state: Mutex<State>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// What went over the wire, and what is still to go wrong.
#[derive(Debug, Default)]
struct State {
    faults: Faults,
    asked: VecDeque<Asked>,
    total: u64,
    /// Endless answers that the client ended.
    closed: usize,
    /// Connections that are open.
    open: usize,
    /// Requests that are not answered to their end, by method and path.
    under_way: Vec<String>,
}

/// A lock whose holder panicked guards nothing worse than a count.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    /// Listens at `path` and answers with `answer`; remembers the last `remember` requests. Must be called inside a
    /// tokio runtime.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub fn start(
        path: &Path,
        remember: usize,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        Self::of(path, remember, Source::Function(Box::new(answer)))
    }

    /// As [`Self::start`], but the real engine at `engine` answers.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub fn proxy(path: &Path, remember: usize, engine: &Path) -> io::Result<Self> {
        Self::of(path, remember, Source::Engine(engine.to_owned()))
    }

    fn of(path: &Path, remember: usize, source: Source) -> io::Result<Self> {
        let shared = Shared {
            source,
            remember,
            state: Mutex::default(),
        };
        let mut server = Self {
            path: path.to_owned(),
            shared: Arc::new(shared),
            task: None,
        };
        server.resume()?;
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Ends all connections and takes the socket away, as an engine does that is stopped.
    pub fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            // A socket that somebody removed already is as gone as it should be.
            let _ = std::fs::remove_file(&self.path);
        }
    }

    /// Listens again after [`Self::stop`].
    ///
    /// # Errors
    /// The socket cannot be made.
    pub fn resume(&mut self) -> io::Result<()> {
        let listener = UnixListener::bind(&self.path)?;
        self.task = Some(tokio::spawn(accept(listener, Arc::clone(&self.shared))));
        Ok(())
    }

    /// The next `times` requests that `pattern` names (see [`Pattern`]) go wrong.
    pub fn fault(&self, pattern: &str, times: usize, how: How) {
        self.state().faults.add(pattern, times, how);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// The last requests that `pattern` names, in order.
    #[must_use]
    pub fn asked(&self, pattern: &str) -> Vec<Asked> {
        let pattern = Pattern::new(pattern);
        let state = self.state();
        let meets = state.asked.iter().filter(|asked| pattern.meets(asked));
        meets.cloned().collect()
    }

    /// How many of the last requests `pattern` names.
    #[must_use]
    pub fn count(&self, pattern: &str) -> usize {
        let pattern = Pattern::new(pattern);
        let state = self.state();
        state
            .asked
            .iter()
            .filter(|asked| pattern.meets(asked))
            .count()
    }

    /// All requests so far.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.state().total
    }

    /// How many endless answers the client has closed.
    #[must_use]
    pub fn closed(&self) -> usize {
        self.state().closed
    }

    /// Connections that are open now.
    #[must_use]
    pub fn open(&self) -> usize {
        self.state().open
    }

    /// Requests that are not answered to their end yet: method and path of each.
    #[must_use]
    pub fn under_way(&self) -> Vec<String> {
        self.state().under_way.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.shared.state)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn accept(listener: UnixListener, shared: Arc<Shared>) {
    // Dropped with this task, and all connections with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((socket, _)) = accepted else { return };
                connections.spawn(serve(socket, Arc::clone(&shared)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(socket: UnixStream, shared: Arc<Shared>) {
    let _open = Open::new(&shared);
    // A connection that breaks is the client's affair, and often the point.
    if let Ok(Waited::Closed) = exchange(socket, &shared).await {
        locked(&shared.state).closed += 1;
    }
}

/// Counts a connection as open until it is dropped.
struct Open<'a>(&'a Shared);

impl<'a> Open<'a> {
    fn new(shared: &'a Shared) -> Self {
        locked(&shared.state).open += 1;
        Self(shared)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        locked(&self.0.state).open -= 1;
    }
}

/// Counts a request as under way until it is dropped.
struct UnderWay<'a>(&'a Shared, String);

impl<'a> UnderWay<'a> {
    fn new(shared: &'a Shared, asked: &Asked) -> Self {
        let target = asked.target().to_owned();
        locked(&shared.state).under_way.push(target.clone());
        Self(shared, target)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let under_way = &mut locked(&self.0.state).under_way;
        if let Some(at) = under_way.iter().position(|target| *target == self.1) {
            under_way.swap_remove(at);
        }
    }
}

async fn exchange(mut socket: UnixStream, shared: &Shared) -> io::Result<Waited> {
    let Some((asked, head)) = http::read(&mut socket).await? else {
        return Ok(Waited::Done);
    };
    let how = note(shared, &asked);
    let _under_way = UnderWay::new(shared, &asked);
    let mut wire = Wire {
        socket,
        pace: None,
        left: None,
    };
    if let Some(How::Instead(reply)) = how {
        return wire.send(reply).await;
    }
    let given = shared.source.ask(&asked, &head).await?;
    let reply = match how {
        None | Some(How::Instead(_)) => return given.pass(wire).await,
        Some(How::After(reply)) => {
            given.whole().await?;
            reply
        }
        Some(How::Late(by)) => {
            tokio::time::sleep(by).await;
            return given.pass(wire).await;
        }
        Some(How::Silent) => Reply::Hang,
        Some(How::HeadOnly) => return wire.head_then_hang().await,
        Some(How::Dripping(pace)) => {
            wire.pace = Some(pace);
            return given.pass(wire).await;
        }
        Some(How::Cut(at)) => {
            wire.left = Some(at);
            return given.pass(wire).await;
        }
        Some(How::Truncated(at)) => truncated(given.whole().await?, at),
        Some(How::Garbled(how)) => garbled(given.whole().await?, how),
        Some(How::Stream(how)) => return given.disordered(how).pass(wire).await,
    };
    wire.send(reply).await
}

fn note(shared: &Shared, asked: &Asked) -> Option<How> {
    let mut state = locked(&shared.state);
    state.total += 1;
    state.asked.push_back(asked.clone());
    if state.asked.len() > shared.remember {
        state.asked.pop_front();
    }
    state.faults.take(asked)
}
