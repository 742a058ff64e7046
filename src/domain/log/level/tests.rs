//! Lines as programs write them, and what must not be taken for a level.
#![allow(clippy::unwrap_used)]
use super::*;
use Level::{Debug, Error, Info, Trace, Warning};

const LINES: [(Level, &[&str]); 5] = [
    (
        Error,
        &[
            // Python
            "ERROR:root:it failed",
            "ERROR:    Exception in ASGI application",
            "2026-11-21 06:06:21,065 ERROR    app.db: cannot connect",
            "2026-11-21 06:06:21,065 - app.main - CRITICAL - no database",
            "[2026-11-21 06:06:21,065] ERROR in app: Exception on / [GET]",
            "2026-11-21 06:06:21.065 | ERROR    | app.main:run:12 - no database",
            "2026-11-21 06:06:21 [error    ] it failed                      code=7",
            "Traceback (most recent call last):",
            "ValueError: Invalid isoformat string: 'demain, 9h30'",
            "sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) refused",
            // PostgreSQL
            "2026-11-21 06:06:21.065 UTC [71] ERROR:  deadlock detected",
            "2026-11-21 06:06:21.065 UTC [71] FATAL:  terminating connection",
            "2026-11-21 06:06:21.065 UTC [1] PANIC:  could not write to file",
            "\u{1b}[31mERROR\u{1b}[0m:  canceling statement due to statement timeout",
            "FATAL:  password authentication failed for user \"app\"",
            // Node
            "Error: connect ECONNREFUSED 172.20.0.4:8000",
            "Uncaught TypeError: Cannot read properties of undefined",
            "npm ERR! code ELIFECYCLE",
            "npm error signal SIGTERM",
            " \u{1b}[31m⨯\u{1b}[0m ./src/pages/orders/Table.tsx:12:17",
            "06:06:21 [vite] http proxy error: /api/orders",
            "FATAL ERROR: Reached heap limit Allocation failed",
            // JSON
            r#"{"ts":"2026-11-21T06:06:21Z","level":"error","msg":"x"}"#,
            r#"{"level":50,"time":1780000000000,"msg":"x"}"#,
            r#"{"level": 60 , "msg":"x"}"#,
            r#"{"severity": "CRITICAL", "message": "x"}"#,
            r#"{"msg":"a \"level\":\"info\" in quotes","levelname":"ERROR"}"#,
            r#"{"req":{"level":"info"},"tags":["level","info"],"log.level":"fatal"}"#,
            // logfmt
            "ts=2026-11-21T06:06:21Z level=error msg=\"it failed\"",
            "time=\"2026-11-21T06:06:21Z\" level=fatal msg=x",
            "lvl=eror level=panic",
            "level=\"error\" msg=x",
            // The rest
            "2026/11/21 06:06:21 [error] 31#31: *1 open() failed",
            "2026/11/21 06:06:21 [emerg] 1#1: bind() failed",
            "2026-11-21T06:06:21Z ERROR crate::module: it failed",
            "2026-11-21T06:06:21.065Z\tERROR\tserver/main.go:12\tit failed",
            "panic: runtime error: index out of range",
            "fatal error: all goroutines are asleep - deadlock!",
            "thread 'main' panicked at src/main.rs:2:5:",
            "E1121 06:06:21.065  1 file.go:10] it failed",
            "[06:06:21 ERR] it failed",
            "src/main.c:3:5: error: expected ';'",
            "Exception in thread \"main\" java.lang.IllegalStateException",
            "06:06:21.065 [main] ERROR com.example.Shop - it failed",
        ],
    ),
    (
        Warning,
        &[
            "WARNING:root:slow",
            "WARNING:  there is no transaction in progress",
            "2026-11-21 06:06:21,065 WARNING  app.cache: cache is away",
            "ts=x level=warning logger=app msg=\"slow answer\"",
            r#"{"level":40,"msg":"x"}"#,
            r#"{"level":"WARN","msg":"x"}"#,
            "1:M 21 Nov 2026 06:06:21.065 # WARNING Memory overcommit must be enabled!",
            "1:M 21 Nov 2026 06:06:21.065 # Redis is now ready to exit, bye bye...",
            "(node:1) Warning: Setting the NODE_TLS_REJECT_UNAUTHORIZED",
            "(node:1) [DEP0040] DeprecationWarning: The punycode module is deprecated",
            "npm WARN deprecated inflight@1.0.6",
            "npm warn deprecated inflight@1.0.6",
            " ⚠ slow page: answered after 2000 ms",
            "2026/11/21 06:06:21 [warn] 1#1: conflicting server name",
            "W1121 06:06:21.065  1 file.go:10] slow",
            "warning: unused variable: `x`",
        ],
    ),
    (
        Info,
        &[
            "INFO:     127.0.0.1:51234 - \"GET /error HTTP/1.1\" 500",
            "2026-11-21 06:06:21.065 UTC [29] LOG:  checkpoint starting: time",
            "LOG:  database system is ready to accept connections",
            "NOTICE:  relation already exists, skipping",
            "1:M 21 Nov 2026 06:06:21.065 * Ready to accept connections tcp",
            "24:C 21 Nov 2026 06:06:21.065 * DB saved on disk",
            r#"{"level":30,"msg":"error: 7"}"#,
            r#"{"msg":"level","level":"info","error":"level"}"#,
            "level=info msg=\"level=error\" error=none",
            "[info] error handler installed",
        ],
    ),
    (
        Debug,
        &[
            "1:M 21 Nov 2026 06:06:21.065 - Accepted 172.20.0.4:41234",
            "1:M 21 Nov 2026 06:06:21.065 . DB 0: 12 keys",
            "[debug] props {\"page\":\"orders\"}",
            "DEBUG:asyncio:Using selector: EpollSelector",
            r#"{"level":20}"#,
            "lvl=debug",
        ],
    ),
    (Trace, &["level=trace", r#"{"level":10}"#, "TRACE x"]),
];

/// Lines that talk of errors without being any.
const TRAPS: [&str; 26] = [
    "",
    "   ",
    "0 errors",
    "Found 0 errors, 3 warnings",
    "errors: 0",
    "error_rate=0 p99=12",
    "/var/log/error/app.log opened",
    "GET /error 200 in 3ms",
    "127.0.0.1 - - [21/Nov/2026:06:06:21 +0000] \"GET /error HTTP/1.1\" 404 12",
    "ready in 412 ms",
    "Error 111 connecting to redis:6379. Connection refused.",
    "no warnings were found in this module",
    "the word ERROR stands in the middle",
    "msg=\"level=error\" code=7",
    "sublevel=error",
    "level=unknown",
    r#"{"msg":"error","code":7}"#,
    r#"{"request":{"level":"error"}}"#,
    r#"{"level":3}"#,
    r#"{"level":null,"msg":"error"}"#,
    r#"{"level":"error"#,
    "error:0",
    "1:M 21 Nov 2026",
    "Emitted 'error' event on FSWatcher instance at:",
    "slow request path=/api/errors ms=1412",
    "------ STACK TRACE ------",
];

#[test]
fn levels_are_recognised_in_every_format() {
    for (level, lines) in LINES {
        for line in lines {
            assert_eq!(Level::of(line), Some(level), "{line}");
        }
    }
    for line in TRAPS {
        assert_eq!(Level::of(line), None, "{line}");
    }
}

#[test]
fn only_the_beginning_of_a_line_is_looked_at() {
    let far = "x".repeat(1 << 20);
    assert_eq!(
        Level::of(&format!("{{\"a\":\"{far}\",\"level\":50}}")),
        None
    );
    assert_eq!(Level::of(&format!("level=error {far}")), Some(Error));
}

#[test]
fn any_cut_of_a_line_is_read_without_harm() {
    for (_, lines) in LINES {
        for line in lines {
            for end in (0..line.len()).filter(|end| line.is_char_boundary(*end)) {
                let _ = Level::of(line.get(..end).unwrap());
            }
        }
    }
}
