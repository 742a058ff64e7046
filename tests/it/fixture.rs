//! A hub as the screen learns it: projects in every state, at a fixed time. Nothing real runs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cchub::{
    app::{Effect, Model, Mouse, Msg, ScreenSettings},
    domain::{
        Bytes, Cpus, Health, KeyWish, KeyWishes, Limits, LogLine, LogStream, Origin, PerService,
        Project, ProjectName, Safe, ServiceId, ServiceKind, Target, Timestamp, Usage,
        health::{State, Tick},
        host::{HostUse, Space},
        limits::Capacity,
        log::LastWord,
        safe::LogText,
        timeline::{Entry, Step, What},
        usage::{Disk, Network, Share},
    },
    hub::{
        Arrival, EngineState, Fact, FollowId, Job, JobId, JobState, LogBatch, LogEvent, Progress,
        Verb,
    },
    ui::{self, ColourDepth, Glyphs, Look, Theme},
};
use ratatui::{Terminal, backend::TestBackend};
use std::{sync::Arc, time::Duration};

/// 2001-09-09T01:46:39Z: every fixture's now.
pub const NOW: i64 = 999_999_999;

pub fn name(word: &str) -> ProjectName {
    word.parse().expect("a valid name")
}

pub fn id(project: &str, kind: ServiceKind) -> ServiceId {
    ServiceId::new(&name(project), kind)
}

pub fn target(project: &str, service: Option<ServiceKind>) -> Target {
    Target {
        project: name(project),
        service,
    }
}

pub fn at(before_now: i64) -> Timestamp {
    Timestamp::from_second(NOW - before_now).expect("a time")
}

pub fn clock(up_ms: u64) -> Msg {
    Msg::Clock {
        now: at(0) + Duration::from_millis(up_ms),
        up: Duration::from_millis(up_ms),
    }
}

pub fn project(n: u16, word: &str) -> Project {
    let ports = [5432, 6379, 8000, 3000].map(|port| port + 10 * n);
    Project {
        name: name(word),
        path: Some(format!("/srv/{word}").into()),
        number: Some(n),
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        ports: PerService(ports.map(Some)),
        limits: PerService::from_fn(Limits::default_of),
        protected: false,
        origin: Origin::Hub,
    }
}

pub fn live() -> Fact {
    Fact::Engine(EngineState::Live {
        endpoint: Safe::new("unix:///var/run/docker.sock"),
        version: Safe::new("20.10.24"),
        rtt: Duration::from_millis(3),
        host: Capacity {
            cpus: Cpus::millis(8000),
            memory: Bytes::mib(24 * 1024),
        },
    })
}

pub fn lost() -> Fact {
    Fact::Engine(EngineState::Lost {
        endpoint: Safe::new("unix:///var/run/docker.sock"),
        error: Safe::new(
            "no Docker Engine answers at unix:///var/run/docker.sock: the file is not there",
        ),
        hint: Safe::new(
            "Is Docker installed and running? `systemctl start docker`, or choose another one with --host.",
        ),
        attempt: 5,
        retry_in: Duration::from_secs(4),
    })
}

pub fn health(state: State, since: i64, ms: u64) -> Health {
    let took = Duration::from_millis(ms);
    let tick = if took > Duration::from_secs(1) {
        Tick::Slow(took)
    } else {
        Tick::Ok(took)
    };
    Health {
        state,
        since: Some(at(since)),
        checked: Some(at(2)),
        latency: (ms > 0).then_some(took),
        started_at: (ms > 0).then(|| at(since)),
        history: [tick; 30].into(),
        ..Health::default()
    }
}

fn set(model: &mut Model, project: &str, all: [Health; 4]) {
    for (kind, health) in ServiceKind::ALL.into_iter().zip(all) {
        model.update(Msg::Fact(Fact::Health(id(project, kind), Box::new(health))));
    }
}

fn healthy(days: i64) -> [Health; 4] {
    [2, 1, 11, 8].map(|ms| health(State::Healthy, days * 86_400, ms))
}

fn all(state: State, since: i64) -> [Health; 4] {
    [(); 4].map(|()| Health {
        history: [].into(),
        checked: None,
        ..health(state, since, 0)
    })
}

/// The words of an out-of-memory kill, as the engine and the probe leave them.
fn killed() -> Health {
    let mut health = health(State::Unhealthy, 192, 0);
    health.message = Safe::new("connection refused");
    health.failures = 38;
    health.restarts = 5;
    health.exit_code = Some(137);
    health.oom_killed = true;
    health.ended_at = Some(at(192));
    health.limit = Some(Bytes::mib(512));
    health.peak = Some(Bytes::mib(511));
    health.asked = Safe::new("PostgreSQL handshake as app for app at 127.0.0.1:5442");
    health.history = (0..30)
        .map(|n| {
            if n < 22 {
                Tick::Ok(Duration::from_millis(2))
            } else {
                Tick::Failed
            }
        })
        .collect();
    health
}

fn shop() -> [Health; 4] {
    let mut waits = health(State::Unhealthy, 190, 0);
    waits.failures = 37;
    waits.message = Safe::new("503 Service Unavailable");
    waits.asked = Safe::new("GET http://127.0.0.1:8010/health");
    waits.history = killed().history;
    [
        killed(),
        health(State::Healthy, 900_000, 1),
        waits.clone(),
        waits,
    ]
}

fn blog() -> [Health; 4] {
    let mut all = healthy(3);
    let mut slow = health(State::Degraded, 121, 1240);
    slow.message = Safe::new("answers slowly");
    slow.history = (0..30)
        .map(|n| match n {
            0..24 => Tick::Ok(Duration::from_millis(300)),
            24..27 => Tick::Ok(Duration::from_millis(700)),
            _ => Tick::Slow(Duration::from_millis(1240)),
        })
        .collect();
    all[2] = slow;
    all
}

fn search() -> [Health; 4] {
    let mut all = healthy(0);
    for health in &mut all {
        health.since = Some(at(26));
    }
    all[2] = Health {
        message: Safe::new("connection refused"),
        history: [].into(),
        ..health(State::Starting, 21, 0)
    };
    all[3] = Health {
        history: [].into(),
        ..health(State::Starting, 21, 0)
    };
    all
}

fn loops() -> [Health; 4] {
    let mut all = healthy(1);
    all[3] = Health {
        restarts: 5,
        exit_code: Some(1),
        message: Safe::new("exit 1 after 2 s"),
        history: [Tick::Failed; 30].into(),
        ..health(State::CrashLooping, 120, 0)
    };
    all
}

fn last_words(kind: ServiceKind) -> Vec<LastWord> {
    let texts = match kind {
        ServiceKind::Postgres => vec![
            (193, "ERROR: out of memory"),
            (
                193,
                "DETAIL: Failed on request of size 67108864 in memory context \"ExecutorState\".",
            ),
        ],
        _ => vec![
            (
                189,
                "ERROR: query failed: could not connect to server: Connection refused",
            ),
            (2, "WARNING: GET /orders 503, the database is away"),
        ],
    };
    let word = |(ago, text): (i64, &str)| LastWord {
        at: at(ago),
        text: Safe::new(text),
    };
    texts.into_iter().map(word).collect()
}

pub fn usage(cpus: u64, mib: u64) -> Usage {
    Usage {
        cpus: Some(Cpus::millis(cpus)),
        memory: Bytes::mib(mib),
        peak: Bytes::mib(mib + 45),
        most: Bytes::mib(mib + 20),
        pids: 14,
        ..Usage::default()
    }
}

/// What a service uses at step `n` of a day like others: with a hump in the middle.
fn busy(kind: ServiceKind, n: u64) -> Usage {
    let hump = 50 - n.abs_diff(50).min(50);
    let place = u64::try_from(kind.index()).unwrap();
    let bytes = |n: u64| Bytes(n * 1024);
    Usage {
        cpus: Some(Cpus::millis(10 + (place + 1) * hump * 4)),
        memory: Bytes::mib(120 + place * 40 + hump * 3),
        peak: Bytes::mib(400),
        most: Bytes::mib(130 + place * 40 + 150),
        pids: 9 + u32::try_from(hump / 4).unwrap(),
        network: Some(Network {
            received: bytes(3 + hump * 7),
            sent: bytes(1 + hump * 2),
        }),
        disk: Some(Disk {
            read: bytes(hump % 7),
            written: bytes(hump),
        }),
        throttled: Some(Share::thousandths(if kind == ServiceKind::Backend {
            340
        } else {
            0
        })),
        pressure: None,
    }
}

/// Measures all services of a project so many times, five seconds apart, until now.
pub fn measure(model: &mut Model, project: &str, times: u64) {
    let (now, up) = (model.now, model.up);
    for n in 0..times {
        let ago = Duration::from_secs((times - n) * 5);
        model.update(Msg::Clock { now: now - ago, up });
        for kind in ServiceKind::ALL {
            model.update(Msg::Fact(Fact::Usage(id(project, kind), busy(kind, n))));
        }
    }
    model.update(Msg::Clock { now, up });
}

/// What the host of the fixture uses.
pub fn host_use() -> HostUse {
    HostUse {
        cpus: Some(Cpus::millis(3200)),
        memory: Bytes::mib(10_400),
        disk: Some(Space {
            all: Bytes::mib(100 << 10),
            free: Bytes::mib(9 << 10),
        }),
    }
}

/// A model that knows nothing yet, 80 × 24.
pub fn empty() -> Model {
    let mut model = Model::new(ScreenSettings::default());
    model.update(clock(0));
    model
}

/// Eight projects in every state there is; `shop` has lost its database.
pub fn fleet() -> Model {
    let mut model = empty();
    let names = [
        "shop",
        "blog",
        "crm",
        "docs",
        "lab",
        "search",
        "wiki",
        "billing-portal",
    ];
    let projects = (1..).zip(names).map(|(n, word)| project(n, word));
    model.update(Msg::Fact(live()));
    model.update(Msg::Fact(Fact::Projects(projects.collect())));
    set(&mut model, "shop", shop());
    set(&mut model, "blog", blog());
    set(&mut model, "crm", healthy(12));
    set(&mut model, "docs", healthy(12));
    set(&mut model, "lab", all(State::Missing, 345_600));
    set(&mut model, "search", search());
    set(&mut model, "wiki", loops());
    set(&mut model, "billing-portal", all(State::Unknown, 40));
    for (kind, (cpus, mib)) in
        ServiceKind::ALL
            .into_iter()
            .zip([(10, 211), (20, 12), (740, 800), (50, 130)])
    {
        model.update(Msg::Fact(Fact::Usage(id("shop", kind), usage(cpus, mib))));
    }
    for kind in [ServiceKind::Postgres, ServiceKind::Backend] {
        model.update(Msg::Fact(Fact::LastWords(
            id("shop", kind),
            last_words(kind),
        )));
    }
    play(&mut model, "g");
    model.toasts.clear();
    model
}

/// Wishes for keys, one a line.
pub fn key_wishes(pairs: &[(&str, &str)]) -> KeyWishes {
    let wish = |words: &str, line| KeyWish {
        words: words.split_whitespace().map(str::to_owned).collect(),
        line,
    };
    let lines = pairs.iter().zip(1..);
    KeyWishes {
        preset: None,
        actions: lines
            .map(|((name, words), line)| ((*name).to_owned(), wish(words, line)))
            .collect(),
    }
}

/// Lets the selection rest.
pub fn rest(model: &mut Model) -> Vec<Effect> {
    let up = model.up + Duration::from_millis(200);
    model.update(Msg::Clock { now: model.now, up })
}

/// Presses keys, written as in the hub file and separated by blanks.
pub fn play(model: &mut Model, keys: &str) -> Vec<Effect> {
    let press = |word: &str| Msg::Key(word.parse().expect(word));
    keys.split_whitespace()
        .flat_map(|word| model.update(press(word)))
        .collect()
}

/// Selects a project, or one of its services.
pub fn select(model: &mut Model, project: &str, kind: Option<ServiceKind>) {
    for _ in 0..4 {
        play(model, "left");
    }
    play(model, "g");
    while model.fleet.project != Some(name(project)) {
        play(model, "down");
    }
    for _ in 0..kind.map_or(0, |kind| kind.index() + 1) {
        play(model, "right");
    }
    rest(model);
}

pub fn job(id: u64, verb: Verb, target: Target, state: JobState) -> Fact {
    Fact::Job(Job {
        id: JobId(id),
        verb,
        did: verb.as_str().into(),
        target,
        asked: at(30),
        progress: Progress {
            done: 3,
            steps: 4,
            text: Safe::new("backend: waiting for health 21s of 60s"),
        },
        state,
    })
}

/// That each of these was done to a service or a project before, and how many milliseconds it took; oldest first.
pub fn done_before(done: &[(&str, u64)], target: &Target) -> Fact {
    let entry = |(n, (did, ms)): (usize, &(&str, u64))| {
        let what = What::Operation {
            id: Safe::new(n.to_string()),
            did: (*did).into(),
            step: Step::Done,
            by: Some("ann".into()),
            took_ms: Some(*ms),
        };
        let entry = Entry::once(at(9_000 - 60 * i64::try_from(n).unwrap()), what, "");
        Arc::new(entry.of(&target.project, target.service))
    };
    let entries = done.iter().enumerate().map(entry).collect();
    Fact::Timeline(target.project.clone(), entries)
}

pub fn line(seconds_ago: i64, text: &str, stream: LogStream) -> LogEvent {
    LogEvent::Line(LogLine {
        at: at(seconds_ago) + Duration::from_millis(203),
        stream,
        text: LogText::from_bytes(text.as_bytes()),
        cut: 0,
        part: cchub::domain::log::Part::Whole,
    })
}

pub fn batch(follow: u64, project: &str, kind: ServiceKind, events: Vec<LogEvent>) -> Msg {
    Msg::Logs(LogBatch {
        follow: FollowId(follow),
        arrival: Arrival::New,
        service: id(project, kind),
        events,
    })
}

/// For a terminal without colours and without UTF-8.
pub fn plain_look() -> Look {
    Look {
        theme: Theme::built_in("dark", ColourDepth::None).expect("a shipped theme"),
        glyphs: Glyphs::ascii(),
    }
}

pub fn look(theme: &str) -> Look {
    Look {
        theme: Theme::built_in(theme, ColourDepth::True).expect("a shipped theme"),
        glyphs: Glyphs::unicode(),
    }
}

/// Draws the model as it is on a terminal of that size; gives what was drawn and what is where.
pub fn seen(model: &mut Model, w: u16, h: u16, look: &Look) -> (TestBackend, ui::Hits) {
    model.update(Msg::Resized { w, h });
    let mut terminal = Terminal::new(TestBackend::new(w, h)).expect("infallible");
    let mut hits = ui::Hits::default();
    terminal
        .draw(|frame| hits = ui::draw(model, look, frame))
        .expect("infallible");
    (terminal.backend().clone(), hits)
}

/// Draws the model as it is on a terminal of that size.
pub fn draw(model: &mut Model, w: u16, h: u16, look: &Look) -> TestBackend {
    seen(model, w, h, look).0
}

/// Clicks on the first place of row `y` where `text` stands.
pub fn click(model: &mut Model, (w, h): (u16, u16), y: u16, text: &str) -> Vec<Effect> {
    let (backend, hits) = seen(model, w, h, &look("dark"));
    let buffer = backend.buffer();
    let from = |x: u16| (x..w).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    let x = (0..w).find(|x| from(*x).starts_with(text));
    let x = x.unwrap_or_else(|| panic!("no {text}: {}", from(0)));
    model.update(Msg::Mouse(Mouse::Click(hits.at(x, y))))
}

/// The text of the screen, without blanks at the ends of its rows.
pub fn screen(model: &mut Model, w: u16, h: u16) -> String {
    let backend = draw(model, w, h, &look("dark"));
    let buffer = backend.buffer();
    let row = |y: u16| {
        let cells = (0..w).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        cells.trim_end().to_owned()
    };
    (0..h).map(row).collect::<Vec<_>>().join("\n")
}
