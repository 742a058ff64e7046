//! The dev server: a coloured banner, compiles and hot updates, page requests, warnings, and what it says while the API is
//! away.

use super::{
    Moment,
    speech::Speech,
    style::{DevServer, Style},
};
use crate::domain::{ServiceKind, Timestamp};

const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const CYAN: &str = "\u{1b}[36m";
const DIM: &str = "\u{1b}[2m";
const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// Memory that it begins with, in MiB …
const HEAP_START: u32 = 220;
/// … and may use.
const HEAP_MAX: u32 = 1024;

#[derive(Debug, Clone)]
pub(super) struct Frontend {
    style: Style,
    /// Since when the API is out of reach.
    no_backend: Option<Timestamp>,
    heap: u32,
}

impl Frontend {
    pub const fn new(style: Style) -> Self {
        Self {
            style,
            no_backend: None,
            heap: HEAP_START,
        }
    }

    pub fn speak(&mut self, moment: Moment, s: &mut Speech) {
        match moment {
            Moment::Boot => self.boot(s),
            Moment::Ready => self.ready(s),
            Moment::Ordinary => self.ordinary(s),
            Moment::Slow => self.slow(s),
            Moment::Lost(ServiceKind::Backend) => {
                self.no_backend.get_or_insert(s.now);
                self.proxy_failed(s);
            }
            Moment::Back(ServiceKind::Backend) => self.back(s),
            Moment::Lost(_) | Moment::Back(_) => {}
            Moment::MemoryTight => self.memory_tight(s),
            Moment::Crash => self.crash(s),
            Moment::Stop => self.stop(s),
        }
    }

    fn is_vite(&self) -> bool {
        self.style.server == DevServer::Vite
    }

    fn boot(&mut self, s: &mut Speech) {
        *self = Self::new(self.style);
        let command = match self.style.server {
            DevServer::Vite => "vite --host 0.0.0.0 --port 3000",
            DevServer::Next => "next dev --hostname 0.0.0.0 --port 3000",
        };
        s.out("");
        s.out(format!("> {}-web@0.4.2 dev", self.style.trade.name));
        s.out(format!("> {command}"));
        s.out("");
    }

    fn ready(&self, s: &mut Speech) {
        let ms = s.rng.u32(280..1_900);
        match self.style.server {
            DevServer::Vite => {
                s.out(format!("  {GREEN}{BOLD}VITE{PLAIN} {GREEN}v5.4.10{PLAIN}  {DIM}ready in{PLAIN} {BOLD}{ms}{PLAIN} ms"));
                s.out("");
                s.out(format!(
                    "  {GREEN}➜{PLAIN}  {BOLD}Local{PLAIN}:   {CYAN}http://localhost:3000/{PLAIN}"
                ));
                s.out(format!(
                    "  {GREEN}➜{PLAIN}  {BOLD}Network{PLAIN}: {CYAN}http://172.20.0.5:3000/{PLAIN}"
                ));
            }
            DevServer::Next => {
                s.out(format!("  {BOLD}▲ Next.js 14.2.15{PLAIN}"));
                s.out("  - Local:        http://localhost:3000");
                s.out("");
                s.out(format!(" {GREEN}✓{PLAIN} Starting..."));
                s.out(format!(" {GREEN}✓{PLAIN} Ready in {ms}ms"));
            }
        }
    }

    fn ordinary(&self, s: &mut Speech) {
        if self.no_backend.is_some() && s.chance(50) {
            return self.proxy_failed(s);
        }
        match s.rng.u32(..1000) {
            0..8 => self.compile_failed(s),
            8..35 => self.warning(s),
            35..120 => self.hot_update(s),
            120..200 => {
                let ms = s.skewed(90, 1_600);
                self.compiled(s, ms);
            }
            200..205 => self.props(s),
            _ => {
                let ms = s.skewed(4, 260);
                self.page(s, ms);
            }
        }
    }

    /// The name of a page and its component.
    fn any_page(&self, s: &mut Speech) -> (&'static str, String) {
        let thing = s.pick(&self.style.trade.things);
        let part = s.pick(&["Table", "Form", "Card", "Filter", "Page"]);
        let file = match self.style.server {
            DevServer::Vite => format!("src/pages/{thing}/{part}.tsx"),
            DevServer::Next => format!("src/app/{thing}/{part}.tsx"),
        };
        (thing, file)
    }

    /// One answered request.
    fn page(&self, s: &mut Speech, ms: u32) {
        let (thing, id) = (s.pick(&self.style.trade.things), s.rng.u32(100..90_000));
        let path = match s.rng.u32(..10) {
            0..2 => "/".to_owned(),
            2..6 => format!("/{thing}"),
            6..9 => format!("/{thing}/{id}"),
            _ => format!("/assets/{thing}.css"),
        };
        let (colour, status) = match s.rng.u32(..100) {
            0 => (RED, 500),
            1..3 => (YELLOW, 404),
            3..15 => (CYAN, 304),
            _ => (GREEN, 200),
        };
        let lead = if self.is_vite() {
            s.time("%H:%M:%S ")
        } else {
            " ".to_owned()
        };
        s.out(format!(
            "{lead}GET {path} {colour}{status}{PLAIN} in {ms}ms"
        ));
    }

    fn compiled(&self, s: &mut Speech, ms: u32) {
        let (thing, modules) = (s.pick(&self.style.trade.things), s.rng.u32(380..2_400));
        if !self.is_vite() {
            s.out(format!(" {DIM}○{PLAIN} Compiling /{thing} ..."));
        }
        s.out(format!(
            " {GREEN}✓{PLAIN} Compiled /{thing} in {ms} ms ({modules} modules)"
        ));
    }

    fn hot_update(&self, s: &mut Speech) {
        let (_, file) = self.any_page(s);
        if self.is_vite() {
            let at = s.time("%H:%M:%S");
            s.out(format!("{DIM}{at}{PLAIN} {CYAN}{BOLD}[vite]{PLAIN} {GREEN}hmr update {PLAIN}{DIM}/{file}{PLAIN}"));
        } else {
            let ms = s.skewed(30, 500);
            s.out(format!(
                " {GREEN}✓{PLAIN} Compiled in {ms}ms {DIM}({file}){PLAIN}"
            ));
        }
    }

    fn warning(&self, s: &mut Speech) {
        let (thing, file) = self.any_page(s);
        let word = s.pick(&self.style.trade.words);
        let text = match s.rng.u32(..4) {
            0 => format!("{file}: 'useMemo' is defined but never used"),
            1 => {
                format!("each child in a list should have a unique \"key\" prop: see <{thing}List>")
            }
            2 => format!("no translation for “{word}” (ja, fr), showing the original 🌐"),
            _ => format!("image /img/{thing}.png is 1.8 MB, resize it"),
        };
        s.err(format!(" {YELLOW}⚠{PLAIN} {text}"));
    }

    fn compile_failed(&self, s: &mut Speech) {
        let (thing, file) = self.any_page(s);
        let line = s.rng.u32(12..180);
        s.err(format!(" {RED}⨯{PLAIN} ./{file}:{line}:17"));
        s.err(format!(
            "{RED}Type error{PLAIN}: Property 'total' does not exist on type '{thing}Row'."
        ));
        s.err("");
        s.err(format!(
            "  {DIM}{} |{PLAIN}   const rows = use{thing}();",
            line - 1
        ));
        s.err(format!("{RED}>{PLAIN} {line} |   const sum = rows.total;"));
        s.err("    |                    ^^^^^");
    }

    /// What a page was drawn from, in one long line.
    fn props(&self, s: &mut Speech) {
        let thing = s.pick(&self.style.trade.things);
        let rows: Vec<serde_json::Value> = (0..s.rng.u32(10..30))
            .map(|_| {
                let (id, word) = (s.rng.u32(100..90_000), s.pick(&self.style.trade.words));
                serde_json::json!({"id": id, "label": word, "open": s.chance(30)})
            })
            .collect();
        let props = serde_json::json!({"page": thing, "rows": rows});
        s.out(format!("[debug] props {props}"));
    }

    fn slow(&self, s: &mut Speech) {
        let ms = s.rng.u32(3_000..14_000);
        self.compiled(s, ms);
        self.page(s, ms + 40);
        s.err(format!(
            " {YELLOW}⚠{PLAIN} slow page: answered after {ms} ms"
        ));
    }

    fn proxy_failed(&self, s: &mut Speech) {
        let thing = s.pick(&self.style.trade.things);
        if self.is_vite() {
            let at = s.time("%H:%M:%S");
            s.err(format!("{DIM}{at}{PLAIN} {RED}{BOLD}[vite]{PLAIN} {RED}http proxy error: /api/{thing}{PLAIN}"));
        } else {
            s.err(format!(
                " {RED}⨯{PLAIN} Failed to proxy http://backend:8000/api/{thing}"
            ));
        }
        s.err("Error: connect ECONNREFUSED 172.20.0.4:8000");
        s.err("    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1607:16)");
    }

    fn back(&mut self, s: &mut Speech) {
        let away = self.no_backend.take().map_or(0, |since| s.since(since)) / 1000;
        s.out(format!(
            " {GREEN}✓{PLAIN} backend answers again after {away} s"
        ));
        let ms = s.skewed(40, 900);
        self.page(s, ms);
    }

    fn memory_tight(&mut self, s: &mut Speech) {
        let room = HEAP_MAX - self.heap;
        self.heap += s.rng.u32(room / 4..=room / 2);
        let heap = self.heap;
        s.err(format!(
            " {YELLOW}⚠{PLAIN} heap at {heap} MB of {HEAP_MAX} MB, module cache is being trimmed"
        ));
    }

    fn crash(&self, s: &mut Speech) {
        if self.heap > HEAP_MAX / 2 {
            return heap_is_full(s);
        }
        s.err("node:events:497");
        s.err("      throw er; // Unhandled 'error' event");
        s.err("      ^");
        s.err("");
        s.err("Error: EMFILE: too many open files, watch '/workspace/frontend/src'");
        s.err("    at FSWatcher._handle.onchange (node:internal/fs/watchers:207:21)");
        s.err("Emitted 'error' event on FSWatcher instance at:");
        s.err("    at FSWatcher._handle.onchange (node:internal/fs/watchers:213:12)");
        s.err("");
        s.err("Node.js v20.18.0");
    }

    fn stop(&self, s: &mut Speech) {
        if self.is_vite() {
            s.err("npm error signal SIGTERM");
            s.err("npm error command sh -c vite --host 0.0.0.0 --port 3000");
        } else {
            s.out(format!(" {DIM}○{PLAIN} SIGTERM received, shutting down"));
        }
    }
}

fn heap_is_full(s: &mut Speech) {
    let up = s.rng.u32(40_000..900_000);
    s.err("");
    s.err("<--- Last few GCs --->");
    s.err("");
    s.err(format!("[21:0x7f2c]   {up} ms: Mark-Compact 1019.4 (1034.1) -> 1018.8 (1034.6) MB, 612.40 ms allocation failure"));
    s.err("");
    s.err("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory");
    s.err("----- Native stack trace -----");
    for (number, frame) in [
        (1, "node::OOMErrorHandler"),
        (2, "v8::internal::Heap::CollectGarbage"),
        (3, "v8::internal::Factory::NewFillerObject"),
    ] {
        s.err(format!(" {number}: {frame} [node]"));
    }
    s.err("Aborted (core dumped)");
}
