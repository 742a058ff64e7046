//! What becomes of lines that hold JSON.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::domain::{LogStream, Timestamp, log::Part, safe::LogText};

fn line(text: &str) -> LogLine {
    LogLine {
        at: "2026-07-01T14:02:11.500Z".parse::<Timestamp>().unwrap(),
        stream: LogStream::Out,
        text: LogText::from_bytes(text.as_bytes()),
        cut: 0,
        part: Part::Whole,
    }
}

fn flat(text: &str) -> String {
    Shape::Flat.text_of(&line(text), true).into_owned()
}

fn pretty(text: &str) -> String {
    Shape::Pretty.text_of(&line(text), true).into_owned()
}

#[test]
fn flat_is_the_message_and_then_the_keys_in_their_order() {
    for (text, expected) in [
        (r#"{"z":1,"a":"x","msg":"it works"}"#, "it works z=1 a=x"),
        (
            r#"{"n":1.10,"big":12345678901234567890123}"#,
            "n=1.10 big=12345678901234567890123",
        ),
        (
            r#"{"s":"two words","e":"","t":"true","n":"17","q":"a\"b c"}"#,
            r#"s="two words" e="" t="true" n="17" q="a\"b c""#,
        ),
        (
            r#"{"req":{"method":"GET","user":{"id":7}},"ids":[1, 2],"o":{}}"#,
            "req.method=GET req.user.id=7 ids=[1, 2] o={}",
        ),
        (
            r#"{"errors":[{"at":"a"},{"at":"b"}]}"#,
            "errors.0.at=a errors.1.at=b",
        ),
        (
            r#"{"odd key":null,"a=b":false}"#,
            r#""odd key"=null "a=b"=false"#,
        ),
        (
            r#"{"msg":"one\ntwo\n","stack":"E\n  at f"}"#,
            r#"one\ntwo stack="E\n  at f""#,
        ),
        (r#"{"msg":7,"event":"ready"}"#, "ready msg=7"),
        (r#"{"k":1,"k":2}"#, "k=1 k=2"),
    ] {
        assert_eq!(flat(text), expected);
    }
}

#[test]
fn pretty_has_a_row_for_each_key_and_says_everything() {
    let text = r#"worker-1 {"level":"error","time":"2026-07-01T14:02:11Z","msg":"it failed","n":"7",
        "err":{"stack":"Error: x\n    at f (a.js:1)\n    at g","code":null},"tags":["a","b"],"list":[{"x":1}]}"#;
    let expected = "worker-1 it failed
  level: error
  time: 2026-07-01T14:02:11Z
  n: \"7\"
  err:
    stack:
      Error: x
          at f (a.js:1)
          at g
    code: null
  tags: [\"a\",\"b\"]
  list:
    0:
      x: 1";
    assert_eq!(pretty(&text.replace("\n        ", "")), expected);
    assert_eq!(pretty(r#"{"a":1,"b":2}"#), "a: 1\n  b: 2");
}

#[test]
fn a_time_and_a_level_that_stand_before_the_line_are_not_said_again() {
    let said = r#"{"level":"error","ts":1782914531.2,"msg":"x"}"#;
    assert_eq!(flat(said), "x");
    let without = Shape::Flat.text_of(&line(said), false).into_owned();
    assert_eq!(without, "x ts=1782914531.2");
    for (text, expected) in [
        (r#"{"level":50,"time":1782914531999,"msg":"x"}"#, "x"),
        (
            r#"{"level":"info","time":"2026-07-01T16:02:11+02:00"}"#,
            "level=info",
        ),
        (
            r#"{"time":"2026-07-01T14:02:09Z","a":1}"#,
            "time=2026-07-01T14:02:09Z a=1",
        ),
        (
            r#"{"time":"2026-07-01 14:02:11","a":1}"#,
            r#"time="2026-07-01 14:02:11" a=1"#,
        ),
        (
            r#"{"severity":"WARNING","data":{"level":"error"}}"#,
            "data.level=error",
        ),
        (r#"INFO: {"level":"error"}"#, "INFO: level=error"),
    ] {
        assert_eq!(flat(text), expected);
    }
}

#[test]
fn what_is_no_object_stays_as_it_is_and_what_stands_before_one_is_kept() {
    for text in [
        "plain",
        "",
        "{}",
        "[1]",
        r#"{"a":1"#,
        r#"{"a":1} and more"#,
        "fn main() {",
        r#"{"a":1}{"b":2} {"c":}"#,
        r#"{"a":"\x"}"#,
    ] {
        assert_eq!(
            (flat(text), pretty(text)),
            (text.to_owned(), text.to_owned())
        );
    }
    assert_eq!(
        flat(r#"at {x} [{"no"}] got { "a": 1 } "#),
        "at {x} [{\"no\"}] got a=1"
    );
    let coloured = "\u{1b}[32mINFO {\"a\":\u{1b}[33m1\u{1b}[0m}\u{1b}[0m";
    assert_eq!(flat(coloured), "\u{1b}[32mINFO\u{1b}[0m a=1");
}

#[test]
fn what_escapes_stand_for_is_harmless() {
    let text = r#"{"msg":"a\u001b[2J\u202eb\u0007","\u001b]0;x\u0007k":"\u001b[31mred\r\nnext\u2028x\u009b5m","\ud800":1,"e":"\u6f22\u5b57"}"#;
    for shaped in [flat(text), pretty(text)] {
        for row in shaped.split('\n') {
            assert_eq!(LogText::from_bytes(row.as_bytes()).as_str(), row);
        }
        assert!(
            !shaped.contains(['\u{1b}', '\u{202e}', '\u{7}', '\u{9b}', '\r']),
            "{shaped:?}"
        );
    }
    let text = text.replace(r#""\ud800":1,"#, "");
    assert!(flat(&text).ends_with("e=漢字"), "{}", flat(&text));
    assert!(
        pretty(&text).starts_with("a‹U+202E›b\n"),
        "{}",
        pretty(&text)
    );
}

#[test]
fn long_and_deep_lines_stay_bounded() {
    let deep = format!("{}1{}", r#"{"a":"#.repeat(9_000), "}".repeat(9_000));
    let wide = format!(
        r#"{{"{}":{{{}"x":1}}}}"#,
        "k".repeat(9_000),
        r#""x":1,"#.repeat(9_000)
    );
    let hidden = format!(r#"{{"msg":"{}","a":1}}"#, r"\u202e".repeat(10_000));
    let rows = format!(r#"{{"msg":"{}","a":1}}"#, r"\n".repeat(30_000));
    for text in [deep, wide, hidden, rows] {
        assert!(text.len() <= LINE_MAX, "{}", text.len());
        for shaped in [flat(&text), pretty(&text)] {
            assert!(shaped.len() <= SHAPED_MAX + 8, "{}", shaped.len());
        }
    }
    let wide = format!(
        r#"{{"{}":{{{}"y":1}}}}"#,
        "k".repeat(9_000),
        r#""x":1,"#.repeat(90)
    );
    assert!(flat(&wide).ends_with(" …") && pretty(&wide).ends_with("y: 1"));
}
