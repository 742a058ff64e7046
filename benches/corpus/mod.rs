//! Logs as services print them, and as an engine sends them.

#![allow(clippy::string_slice)]

use std::fmt::Write;

/// Bytes of a line of ordinary length, its end included.
pub const SHORT: usize = 120;
/// Bytes of a long line, its end included.
pub const LONG: usize = 1024;
/// Bytes of the stamp before each line, its blank included.
pub const STAMP: usize = 31;
/// Bytes of text in one log.
const TEXT: usize = 16 << 20;
/// Bytes that the network gives at once while there is more to read.
const PIECE: usize = 64 << 10;

/// PostgreSQL, uvicorn, Python, Node, Redis, JSON and logfmt. `#` stands for a number.
pub const PLAIN: [&str; 8] = [
    "2026-11-21 06:06:21.# UTC [#] LOG:  checkpoint complete: wrote # buffers (0.1%); 0 WAL file(s) added, sync=0.#",
    "INFO:     172.20.0.5:# - \"GET /api/orders/#?limit=50&offset=# HTTP/1.1\" 200 OK",
    "2026-11-21 06:06:21,# INFO     app.orders: order # of customer # was paid, took 0.# s",
    "GET /orders/# 200 in 31ms (compile: 4ms, proxy: 1ms, render: 26ms) request # of session #",
    "1:M 21 Nov 2026 06:06:21.# * 100 changes in 300 seconds. Saving... # keys in # bytes of memory",
    "{\"ts\":\"2026-11-21T06:06:21.#Z\",\"level\":\"info\",\"msg\":\"order paid\",\"order\":#,\"customer\":#,\"took_ms\":12}",
    "time=\"2026-11-21T06:06:21Z\" level=warning msg=\"slow answer of the payment service\" order=# took=#ms",
    "worker # took job # off the queue; # are left, the oldest has waited for 12 ms and is of the class bulk",
];
/// The same with colours, as development servers print it.
pub const COLOURED: [&str; 3] = [
    "\x1b[32mINFO\x1b[0m:     172.20.0.5:# - \"\x1b[1mGET /api/orders/#\x1b[0m\" \x1b[32m200 OK\x1b[0m",
    "\x1b[2m06:06:21\x1b[22m \x1b[36m\x1b[1m[vite]\x1b[22m\x1b[39m \x1b[90m(client)\x1b[39m hmr update \x1b[2m/src/orders/#.tsx\x1b[22m",
    "\x1b[38;5;244m2026-11-21 06:06:21,#\x1b[0m \x1b[33;1mWARNING\x1b[0m app.orders: order # is late by \x1b[31m# s\x1b[0m",
];
/// Chinese, Japanese and Korean.
pub const CJK: [&str; 3] = [
    "信息 订单#已付款，客户#，用时#毫秒，下一步：通知仓库并安排发货",
    "情報: 注文#の支払いが完了しました。顧客#、所要時間#ミリ秒",
    "정보: 주문 #의 결제가 완료되었습니다. 고객 #, 소요 시간 #밀리초",
];
/// Scripts whose characters join.
pub const HINDI: [&str; 2] = [
    "सूचना: ऑर्डर # का भुगतान हो गया, ग्राहक #, समय # मिलीसेकंड",
    "चेतावनी: सेवा # धीमी है, कृपया # प्रतीक्षा करें",
];
/// Words with pictures between them.
pub const EMOJI: [&str; 2] = [
    "🚀 server listens on port # ✅ database ready after # ms 🎉",
    "📦 order # packed by 👷🏽 number # and handed to 🚚 #",
];

/// A log of one container as it comes over the wire.
#[derive(Debug)]
pub struct Log {
    /// What it is.
    pub name: &'static str,
    /// Bytes of a line.
    pub width: usize,
    /// Its lines.
    pub count: usize,
    /// Frames with stamps.
    wire: Vec<u8>,
    /// Where each frame ends.
    ends: Vec<usize>,
}

impl Log {
    /// Lines of `width` bytes, made of `templates` in turn.
    pub fn new(name: &'static str, width: usize, templates: &[&str]) -> Self {
        let mut log = Self {
            name,
            width,
            count: TEXT / width,
            wire: Vec::new(),
            ends: Vec::new(),
        };
        for number in 0..log.count {
            let template = templates[number % templates.len()];
            log.send(number, &line(number, template, width - 1));
        }
        log
    }

    /// All that are measured.
    pub fn all() -> Vec<Self> {
        vec![
            Self::new("plain, 120 bytes", SHORT, &PLAIN),
            Self::new("plain, 1 KB", LONG, &PLAIN),
            Self::new("coloured, 120 bytes", SHORT, &COLOURED),
            Self::new("CJK, 120 bytes", SHORT, &CJK),
            Self::new("Hindi, 120 bytes", SHORT, &HINDI),
            Self::new("emoji, 120 bytes", SHORT, &EMOJI),
        ]
    }

    fn send(&mut self, number: usize, text: &[u8]) {
        let stamp = format!("2026-11-21T06:{:02}:21.{number:09}Z ", number / 9000 % 60);
        let length = u32::try_from(stamp.len() + text.len() + 1).expect("a short line");
        self.wire.extend([1, 0, 0, 0]);
        self.wire.extend(length.to_be_bytes());
        self.wire.extend(stamp.bytes());
        self.wire.extend(text);
        self.wire.push(b'\n');
        self.ends.push(self.wire.len());
    }

    /// Bytes of text, line ends included.
    pub fn bytes(&self) -> usize {
        self.count * self.width
    }

    /// The wire as it comes while there is more to read.
    pub fn pieces(&self) -> Vec<&[u8]> {
        self.wire.chunks(PIECE).collect()
    }

    /// The wire as it comes while the engine writes frame by frame.
    pub fn single_frames(&self) -> Vec<&[u8]> {
        let mut begin = 0;
        let frames = self.ends.iter().map(|end| {
            let frame = &self.wire[begin..*end];
            begin = *end;
            frame
        });
        frames.collect()
    }
}

/// `template` with numbers in it, again and again until it has `width` bytes.
fn line(number: usize, template: &str, width: usize) -> Vec<u8> {
    let mut text = String::new();
    while text.len() < width {
        let mut parts = template.split('#');
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let _ = write!(text, "{}{part}", number % 9973 + 17);
        }
        text.push(' ');
    }
    let end = text.floor_char_boundary(width);
    text.truncate(end);
    // No program stops in the middle of a colour.
    let last = text.rfind('\x1b');
    if let Some(begin) = last.filter(|begin| !text[*begin..].contains('m')) {
        text.truncate(begin);
    }
    let mut text = text.into_bytes();
    text.resize(width, b'.');
    text
}
