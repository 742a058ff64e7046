//! One entry of an application's log, and the three ways to write it down.

use super::style::Form;
use crate::domain::Timestamp;
use serde_json::Value;
use std::fmt::Write;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// One entry.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub level: Level,
    pub logger: &'a str,
    pub msg: &'a str,
    pub fields: &'a [(&'a str, Value)],
}

impl Record<'_> {
    /// The line that this entry is in a log of this `form`.
    pub fn written(&self, form: Form, now: Timestamp) -> String {
        match form {
            Form::Plain => self.plain(now),
            Form::Json => self.json(now),
            Form::Logfmt => self.logfmt(now),
        }
    }

    fn plain(&self, now: Timestamp) -> String {
        let at = now.strftime("%Y-%m-%d %H:%M:%S,%3f");
        let level = self.level.word().to_uppercase();
        let mut line = format!("{at} {level:<8} {}: {}", self.logger, self.msg);
        self.add_pairs(&mut line);
        line
    }

    /// By hand, because a JSON object built as a value would not keep the order that people expect.
    fn json(&self, now: Timestamp) -> String {
        let at = Value::from(iso(now));
        let (level, logger) = (Value::from(self.level.word()), Value::from(self.logger));
        let msg = Value::from(self.msg);
        let mut line = format!(r#"{{"ts":{at},"level":{level},"logger":{logger},"msg":{msg}"#);
        for (key, value) in self.fields {
            // Writing to a string cannot fail.
            let _ = write!(line, ",{}:{value}", Value::from(*key));
        }
        line.push('}');
        line
    }

    fn logfmt(&self, now: Timestamp) -> String {
        let msg = bare(&Value::from(self.msg));
        let (level, logger) = (self.level.word(), self.logger);
        let mut line = format!("ts={} level={level} logger={logger} msg={msg}", iso(now));
        self.add_pairs(&mut line);
        line
    }

    fn add_pairs(&self, line: &mut String) {
        for (key, value) in self.fields {
            // Writing to a string cannot fail.
            let _ = write!(line, " {key}={}", bare(value));
        }
    }
}

fn iso(now: Timestamp) -> String {
    now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// `value` as it stands behind an `=`: in quotes only where it would not be one word.
fn bare(value: &Value) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let is_word = !text.is_empty() && !text.contains([' ', '"', '=', '\n']);
    if is_word {
        text
    } else {
        Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_three_forms_of_one_entry() {
        let fields = [("path", json!("/api/x")), ("note", json!("a \"b\""))];
        let record = Record {
            level: Level::Warning,
            logger: "app",
            msg: "slow answer",
            fields: &fields,
        };
        let written = |form| record.written(form, Timestamp::UNIX_EPOCH);
        assert_eq!(
            written(Form::Plain),
            r#"1970-01-01 00:00:00,000 WARNING  app: slow answer path=/api/x note="a \"b\"""#
        );
        assert_eq!(
            written(Form::Json),
            r#"{"ts":"1970-01-01T00:00:00.000Z","level":"warning","logger":"app","msg":"slow answer","path":"/api/x","note":"a \"b\""}"#
        );
        assert_eq!(
            written(Form::Logfmt),
            r#"ts=1970-01-01T00:00:00.000Z level=warning logger=app msg="slow answer" path=/api/x note="a \"b\"""#
        );
    }
}
