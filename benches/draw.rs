//! What a frame of the log pane costs at 200×50: by the size of the buffer, by what lines hold, by how they are shown.
#![allow(missing_docs, clippy::expect_used)]

use cchub::{
    app::{Model, Msg, ScreenSettings, logs::Shape},
    domain::{
        Bytes, Cpus, LogLine, LogStream, PerService, Project, Safe, ServiceId, ServiceKind,
        Timestamp,
        limits::Capacity,
        log::{LINE_MAX, Part, Query, Syntax},
        safe::LogText,
    },
    hub::{Arrival, EngineState, Fact, LogBatch, LogEvent},
    ui::{self, ColourDepth, Glyphs, Look, Theme},
};
use criterion::{Criterion, criterion_group, criterion_main};
use ratatui::{Terminal, backend::TestBackend};
use std::{hint::black_box, time::Duration};

const SIZE: (u16, u16) = (200, 50);
/// Lines of a batch.
const BATCH: usize = 256;

/// A line by its number.
type Text = fn(usize) -> String;

/// What lines hold.
const LOGS: [(&str, Text); 7] = [
    ("ascii", ascii),
    ("colours", |n| {
        let text = ascii(n);
        let (word, rest) = text.split_once(' ').expect("two words");
        format!("\u{1b}[1;32m{word}\u{1b}[0m \u{1b}[36m{rest}\u{1b}[39m")
    }),
    ("cjk", |n| {
        format!("{n} {}", "注文が完了しました。".repeat(4))
    }),
    ("json", |n| {
        format!(
            r#"{{"level":"info","msg":"request {n}","method":"GET","path":"/api/orders","user":{{"id":{n}}},"ms":14.2}}"#
        )
    }),
    ("64 KiB ascii", |n| {
        long(&format!("{n} the quick brown fox "))
    }),
    ("64 KiB cjk", |n| long(&format!("{n} 注文が完了しました。"))),
    ("64 KiB json", |n| {
        let members = format!(r#""key{n}":"a value of some length","#).repeat(LINE_MAX / 48);
        format!(r#"{{{members}"end":{n}}}"#)
    }),
];

fn ascii(n: usize) -> String {
    format!(
        "INFO:     127.0.0.1:51234 - \"GET /api/orders/{n}?page=1&sort=date HTTP/1.1\" 200 OK in 14 ms, 31 rows"
    )
}

fn long(part: &str) -> String {
    part.repeat(LINE_MAX / part.len())
}

/// The log of a project's four services on the full screen, its buffer full up to `bytes_max`.
fn full(bytes_max: usize, text: Text) -> Model {
    let mut model = Model::new(ScreenSettings {
        log_bytes: bytes_max,
        ..ScreenSettings::default()
    });
    let (w, h) = SIZE;
    model.update(Msg::Resized { w, h });
    model.update(Msg::Fact(Fact::Engine(EngineState::Live {
        endpoint: Safe::new("unix:///var/run/docker.sock"),
        version: Safe::new("20.10.24"),
        rtt: Duration::from_millis(3),
        host: Capacity {
            cpus: Cpus::millis(8_000),
            memory: Bytes::mib(24 * 1024),
        },
    })));
    let project = Project {
        name: "shop".parse().expect("a name"),
        path: Some("/srv/shop".into()),
        number: Some(1),
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        ports: PerService([5433, 6380, 8001, 3001].map(Some)),
        limits: PerService::from_fn(cchub::domain::Limits::default_of),
        protected: false,
        origin: cchub::domain::Origin::Hub,
    };
    model.update(Msg::Fact(Fact::Projects(vec![project])));
    for key in ["g", "l", "enter"] {
        model.update(Msg::Key(key.parse().expect("a key")));
    }
    model.update(Msg::Clock {
        now: Timestamp::UNIX_EPOCH,
        up: Duration::from_secs(1),
    });
    fill(&mut model, text);
    model
}

fn fill(model: &mut Model, text: Text) {
    let name = "shop".parse().expect("a name");
    for from in (0..).step_by(BATCH) {
        let kind = ServiceKind::ALL[from / BATCH % 4];
        model.update(Msg::Logs(LogBatch {
            follow: model.logs.follow.expect("an open log"),
            arrival: Arrival::New,
            service: ServiceId::new(&name, kind),
            events: (from..from + BATCH).map(|n| line(n, &text(n))).collect(),
        }));
        if model.logs.buffer.dropped() > 1_000 {
            return;
        }
    }
}

fn line(n: usize, text: &str) -> LogEvent {
    let millis = i64::try_from(n).expect("a small number");
    LogEvent::Line(LogLine {
        at: Timestamp::from_millisecond(millis).expect("a time"),
        stream: LogStream::Out,
        text: LogText::from_bytes(text.as_bytes()),
        cut: 0,
        part: Part::Whole,
    })
}

/// The frame is drawn into its cells; what of them goes to the terminal is not measured here.
fn frame(model: &Model, look: &Look, terminal: &mut Terminal<TestBackend>) {
    let mut frame = terminal.get_frame();
    black_box(ui::draw(model, look, &mut frame));
}

fn draw(criterion: &mut Criterion) {
    let look = Look {
        theme: Theme::built_in("dark", ColourDepth::True).expect("a shipped theme"),
        glyphs: Glyphs::unicode(),
    };
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("infallible");
    let mut group = criterion.benchmark_group("draw log pane");
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(1));
    group.warm_up_time(Duration::from_millis(300));
    for (name, text) in LOGS {
        for mb in [10, 64] {
            let mut model = full(mb << 20, text);
            let mut measure = |model: &Model, way: &str| {
                let id = format!("{name}, {mb} MB{way}");
                group.bench_function(id, |b| b.iter(|| frame(model, &look, &mut terminal)));
            };
            measure(&model, "");
            model.logs.toggle_wrap();
            measure(&model, ", wrapped");
            model.logs.toggle_wrap();
            if mb == 64 && name.contains("json") {
                model.logs.next_shape();
                measure(&model, ", flat");
                model.logs.next_shape();
                measure(&model, ", pretty");
                model.logs.shape = Shape::AsPrinted;
            }
            if mb == 64 {
                let query = Query::new("o", Syntax::Plain).expect("a query");
                model.logs.buffer.set_query(Some(query));
                while model.logs.buffer.scan() {}
                measure(&model, ", searched");
            }
        }
    }
    group.finish();
}

criterion_group!(benches, draw);
criterion_main!(benches);
