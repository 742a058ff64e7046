//! The HTTP API: start, requests, warnings, failures with their traces, and what it says while it misses the database or
//! the cache.

use super::{
    Moment,
    record::{Level, Record},
    speech::Speech,
    style::{Form, Style},
};
use crate::domain::{LogStream, ServiceKind, Timestamp};
use serde_json::{Value, json};

/// Memory that it begins with, in MiB …
const HEAP_START: u32 = 180;
/// … and may use.
const HEAP_MAX: u32 = 512;
/// Items of a batch that is logged whole; so many stay below 4 KiB with everything around them.
const BATCH_MAX: u32 = 40;

const POSTGRES_REFUSED: &str =
    "connection to server at \"postgres\" (172.20.0.2), port 5432 failed: Connection refused";
const REDIS_REFUSED: &str = "Error 111 connecting to redis:6379. Connection refused.";

#[derive(Debug, Clone)]
pub(super) struct Backend {
    style: Style,
    /// Since when the database is out of reach.
    no_database: Option<Timestamp>,
    /// Since when the cache is out of reach.
    no_cache: Option<Timestamp>,
    heap: u32,
}

/// What is asked of it.
struct Request {
    method: &'static str,
    path: String,
    /// The status if all goes well.
    good: u16,
}

/// A list of named values of an entry.
type Fields<'a> = &'a [(&'a str, Value)];

impl Backend {
    pub const fn new(style: Style) -> Self {
        Self {
            style,
            no_database: None,
            no_cache: None,
            heap: HEAP_START,
        }
    }

    pub fn speak(&mut self, moment: Moment, s: &mut Speech) {
        match moment {
            Moment::Boot => self.boot(s),
            Moment::Ready => self.ready(s),
            Moment::Ordinary => self.ordinary(s),
            Moment::Slow => self.slow(s),
            Moment::Lost(kind) => self.lost(kind, s),
            Moment::Back(kind) => self.back(kind, s),
            Moment::MemoryTight => self.memory_tight(s),
            Moment::Crash => self.crash(s),
            Moment::Stop => self.stop(s),
        }
    }

    /// One entry. What an application for people has to complain about goes to standard error; collectors of JSON read
    /// standard output only.
    fn log(&self, s: &mut Speech, level: Level, logger: &str, msg: &str, fields: Fields) {
        let record = Record {
            level,
            logger,
            msg,
            fields,
        };
        let is_bad = level >= Level::Warning && self.style.form != Form::Json;
        let stream = if is_bad {
            LogStream::Err
        } else {
            LogStream::Out
        };
        s.say(stream, record.written(self.style.form, s.now));
    }

    fn info(&self, s: &mut Speech, logger: &str, msg: &str) {
        self.log(s, Level::Info, logger, msg, &[]);
    }

    fn boot(&mut self, s: &mut Speech) {
        *self = Self::new(self.style);
        self.info(s, "uvicorn.error", "Started server process [1]");
        self.info(s, "uvicorn.error", "Waiting for application startup.");
        let routes = s.rng.u32(24..90);
        let fields = [("routes", json!(routes)), ("workers", json!(1))];
        let name = format!("{} api 🚀", self.style.trade.name);
        self.log(s, Level::Info, "app.main", &name, &fields);
    }

    fn ready(&self, s: &mut Speech) {
        let fields = [("min", json!(2)), ("max", json!(10))];
        self.log(s, Level::Info, "app.db", "pool open", &fields);
        self.info(s, "uvicorn.error", "Application startup complete.");
        let address = "Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)";
        self.info(s, "uvicorn.error", address);
    }

    fn ordinary(&mut self, s: &mut Speech) {
        if self.no_database.is_some() {
            return self.without_database(s);
        }
        if self.no_cache.is_some() && s.chance(20) {
            let fields = [("error", json!(REDIS_REFUSED))];
            return self.log(
                s,
                Level::Warning,
                "app.cache",
                "cache miss, cache is away",
                &fields,
            );
        }
        match s.rng.u32(..1000) {
            0..20 => self.failure(s),
            20..45 => self.warning(s),
            45..51 => self.batch(s),
            51..75 => self.remark(s),
            _ => self.request(s),
        }
    }

    fn request(&self, s: &mut Speech) {
        let request = self.any_request(s);
        let status = match s.rng.u32(..100) {
            0..2 => 404,
            2 => 401,
            3 => 422,
            4..10 if request.method == "GET" => 304,
            _ => request.good,
        };
        let high = if self.no_cache.is_some() { 900 } else { 240 };
        let ms = s.skewed(3, high);
        self.access(s, &request, status, ms);
    }

    fn any_request(&self, s: &mut Speech) -> Request {
        let thing = s.pick(&self.style.trade.things);
        let (id, page) = (s.rng.u32(100..90_000), s.rng.u32(1..9));
        let (method, path, good) = match s.rng.u32(..100) {
            0..25 => ("GET", format!("/api/{thing}"), 200),
            25..35 => ("GET", format!("/api/{thing}?page={page}&size=50"), 200),
            35..70 => ("GET", format!("/api/{thing}/{id}"), 200),
            70..80 => ("POST", format!("/api/{thing}"), 201),
            80..88 => ("PATCH", format!("/api/{thing}/{id}"), 200),
            88..91 => ("DELETE", format!("/api/{thing}/{id}"), 204),
            _ => ("GET", "/health".to_owned(), 200),
        };
        Request { method, path, good }
    }

    /// The line of one answered request.
    fn access(&self, s: &mut Speech, request: &Request, status: u16, ms: u32) {
        let (method, path) = (request.method, request.path.as_str());
        let (port, id) = (s.rng.u32(32_768..60_999), s.rng.u32(..));
        if self.style.form == Form::Plain {
            let msg = format!("172.20.0.5:{port} - \"{method} {path} HTTP/1.1\" {status} {ms}ms");
            return self.info(s, "uvicorn.access", &msg);
        }
        let fields = [
            ("method", json!(method)),
            ("path", json!(path)),
            ("status", json!(status)),
            ("ms", json!(ms)),
            ("request_id", json!(format!("{id:08x}"))),
        ];
        self.log(s, Level::Info, "access", "request", &fields);
    }

    /// A request that ends with status 500; now and then with the trace of it.
    fn failure(&self, s: &mut Speech) {
        let request = self.any_request(s);
        let trace = self.trace(s);
        let fields = [("path", json!(request.path))];
        let msg = "unhandled exception";
        if s.chance(60) {
            self.log(s, Level::Error, "app.errors", msg, &fields);
        } else if self.style.form == Form::Json {
            let [path] = fields;
            let fields = [path, ("exc", json!(trace.join("\n")))];
            self.log(s, Level::Error, "app.errors", msg, &fields);
        } else {
            self.log(s, Level::Error, "app.errors", msg, &fields);
            trace.into_iter().for_each(|line| s.err(line));
        }
        let ms = s.skewed(8, 400);
        self.access(s, &request, 500, ms);
    }

    /// A traceback of Python, line by line.
    fn trace(&self, s: &mut Speech) -> [String; 8] {
        let thing = s.pick(&self.style.trade.things);
        let (outer, inner) = (s.rng.u32(40..140), s.rng.u32(20..260));
        let (call, error) = s.pick(&[
            (
                "total = sum(row.amount for row in found.rows)",
                "AttributeError: 'NoneType' object has no attribute 'rows'",
            ),
            (
                "when = datetime.fromisoformat(body[\"at\"])",
                "ValueError: Invalid isoformat string: 'demain, 9h30'",
            ),
            ("label = names[row.kind]", "KeyError: 'archivé'"),
            (
                "share = done / len(batch)",
                "ZeroDivisionError: division by zero",
            ),
        ]);
        [
            "Traceback (most recent call last):".to_owned(),
            format!("  File \"/workspace/backend/app/main.py\", line {outer}, in dispatch"),
            "    return await handler(request)".to_owned(),
            format!(
                "  File \"/workspace/backend/app/api/{thing}.py\", line {inner}, in show_{thing}"
            ),
            format!("    return render(await load_{thing}(request))"),
            format!(
                "  File \"/workspace/backend/app/services/{thing}.py\", line {}, in load_{thing}",
                inner / 2 + 7
            ),
            format!("    {call}"),
            error.to_owned(),
        ]
    }

    fn warning(&self, s: &mut Speech) {
        let thing = s.pick(&self.style.trade.things);
        let (ms, left) = (s.rng.u32(400..980), s.rng.u32(1..4));
        let (logger, msg, field) = match s.rng.u32(..4) {
            0 => (
                "app.db",
                format!("slow query on {thing}"),
                ("ms", json!(ms)),
            ),
            1 => (
                "app.db",
                "pool is nearly used up".to_owned(),
                ("free", json!(left)),
            ),
            2 => (
                "app.jobs",
                format!("retrying job for {thing}"),
                ("attempt", json!(left)),
            ),
            _ => (
                "app.api",
                format!("deprecated parameter 'sort' used for {thing}"),
                ("since", json!("v2")),
            ),
        };
        self.log(s, Level::Warning, logger, &msg, &[field]);
    }

    /// A remark of the application itself, in whatever script its users write.
    fn remark(&self, s: &mut Speech) {
        let word = s.pick(&self.style.trade.words);
        let (count, ms) = (s.rng.u32(1..900), s.skewed(9, 4_000));
        if s.chance(40) {
            let fields = [("count", json!(count)), ("ms", json!(ms))];
            let msg = format!("{} done ✅", self.style.trade.job);
            self.log(s, Level::Info, "app.jobs", &msg, &fields);
        } else {
            let fields = [("q", json!(word)), ("hits", json!(count))];
            self.log(s, Level::Info, "app.search", "searched", &fields);
        }
    }

    /// A whole batch in one long line.
    fn batch(&self, s: &mut Speech) {
        let count = s.rng.u32(BATCH_MAX / 2..=BATCH_MAX);
        let items: Vec<Value> = (0..count)
            .map(|_| {
                let (id, cents) = (s.rng.u32(100..90_000), s.rng.u32(90..9_000));
                let word = s.pick(&self.style.trade.words);
                json!({"id": id, "label": word, "price": f64::from(cents) / 100.0, "tags": ["new"]})
            })
            .collect();
        let fields = [("count", json!(count)), ("batch", Value::Array(items))];
        self.log(s, Level::Debug, "app.sync", "batch received", &fields);
    }

    fn slow(&self, s: &mut Speech) {
        let request = self.any_request(s);
        let ms = s.rng.u32(1_800..9_500);
        let fields = [("path", json!(request.path)), ("ms", json!(ms))];
        self.log(s, Level::Warning, "app.api", "slow request", &fields);
        self.access(s, &request, request.good, ms);
    }

    fn lost(&mut self, kind: ServiceKind, s: &mut Speech) {
        match kind {
            ServiceKind::Postgres => {
                self.no_database.get_or_insert(s.now);
                let fields = [("error", json!(POSTGRES_REFUSED))];
                self.log(s, Level::Error, "app.db", "database is away", &fields);
                self.unavailable(s);
            }
            ServiceKind::Redis => {
                self.no_cache.get_or_insert(s.now);
                let fields = [("error", json!(REDIS_REFUSED))];
                self.log(
                    s,
                    Level::Error,
                    "app.cache",
                    "cache is away, going on without",
                    &fields,
                );
            }
            ServiceKind::Backend | ServiceKind::Frontend => {}
        }
    }

    fn without_database(&self, s: &mut Speech) {
        if s.chance(75) {
            return self.unavailable(s);
        }
        let wait = s.pick(&[1, 2, 4, 8]);
        let fields = [
            ("error", json!(POSTGRES_REFUSED)),
            ("again_in_s", json!(wait)),
        ];
        self.log(s, Level::Error, "app.db", "cannot connect", &fields);
    }

    fn unavailable(&self, s: &mut Speech) {
        let request = self.any_request(s);
        let ms = s.skewed(1, 30);
        self.access(s, &request, 503, ms);
    }

    fn back(&mut self, kind: ServiceKind, s: &mut Speech) {
        let (lost, logger) = match kind {
            ServiceKind::Postgres => (self.no_database.take(), "app.db"),
            ServiceKind::Redis => (self.no_cache.take(), "app.cache"),
            ServiceKind::Backend | ServiceKind::Frontend => return,
        };
        let after = lost.map_or(0, |since| s.since(since)) / 1000;
        let fields = [("after_s", json!(after))];
        let msg = format!("reconnected to {kind}");
        self.log(s, Level::Info, logger, &msg, &fields);
    }

    fn memory_tight(&mut self, s: &mut Speech) {
        let room = HEAP_MAX - self.heap;
        self.heap += s.rng.u32(room / 4..=room / 2);
        let entries = self.heap * s.rng.u32(300..340);
        let fields = [
            ("heap_mib", json!(self.heap)),
            ("limit_mib", json!(HEAP_MAX)),
            ("cache_entries", json!(entries)),
        ];
        self.log(
            s,
            Level::Warning,
            "app.memory",
            "heap is growing, dropping cached pages",
            &fields,
        );
    }

    fn crash(&self, s: &mut Speech) {
        let msg = "worker died of an unhandled exception";
        self.log(s, Level::Critical, "app.main", msg, &[]);
        for line in self.trace(s) {
            s.err(line);
        }
    }

    fn stop(&self, s: &mut Speech) {
        for msg in [
            "Shutting down",
            "Waiting for application shutdown.",
            "Application shutdown complete.",
            "Finished server process [1]",
        ] {
            self.info(s, "uvicorn.error", msg);
        }
    }
}
