//! An answer of the engine, read by what is asked of it: unknown fields, unknown words and nulls do no harm.

use super::EngineError;
use crate::domain::{Safe, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// A JSON answer. Places are JSON pointers (RFC 6901), such as `/State/ExitCode`; what is absent, null or of another
/// type reads as empty.
#[derive(Debug, Clone)]
pub(super) struct Answer(Value);

impl Answer {
    /// Reads `body`.
    pub(super) fn parse(call: &'static str, body: &[u8]) -> Result<Self, EngineError> {
        let malformed = |error: serde_json::Error| EngineError::Malformed {
            call,
            reason: Safe::new(error.to_string()),
        };
        serde_json::from_slice(body).map(Self).map_err(malformed)
    }

    /// The text at `place`, or an error: without it the answer makes no sense.
    pub(super) fn required(&self, call: &'static str, place: &str) -> Result<String, EngineError> {
        let text = self.at(place).and_then(Value::as_str);
        let reason = || Safe::new(format!("it has no {}", place.trim_start_matches('/')));
        let malformed = || EngineError::Malformed {
            call,
            reason: reason(),
        };
        text.map(str::to_owned).ok_or_else(malformed)
    }

    fn at(&self, place: &str) -> Option<&Value> {
        self.0.pointer(place)
    }

    /// Text.
    pub(super) fn text(&self, place: &str) -> String {
        self.at(place)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    /// Text for people.
    pub(super) fn safe(&self, place: &str) -> Safe {
        Safe::new(self.text(place))
    }

    /// A whole number.
    pub(super) fn number(&self, place: &str) -> Option<i64> {
        self.at(place).and_then(Value::as_i64)
    }

    /// A whole number that is not negative.
    pub(super) fn count(&self, place: &str) -> Option<u64> {
        self.at(place).and_then(Value::as_u64)
    }

    /// Yes or no.
    pub(super) fn flag(&self, place: &str) -> Option<bool> {
        self.at(place).and_then(Value::as_bool)
    }

    /// A moment; the engine's zero time (year 1) is none.
    pub(super) fn time(&self, place: &str) -> Option<Timestamp> {
        let at: Timestamp = self.text(place).parse().ok()?;
        (at > Timestamp::UNIX_EPOCH).then_some(at)
    }

    /// A list of texts.
    pub(super) fn words(&self, place: &str) -> Vec<String> {
        let list = self
            .at(place)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A list of answers.
    pub(super) fn list(&self, place: &str) -> Vec<Self> {
        let list = self
            .at(place)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        list.cloned().map(Self).collect()
    }

    /// A map of answers.
    pub(super) fn map(&self, place: &str) -> BTreeMap<String, Self> {
        let map = self
            .at(place)
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        map.map(|(key, value)| (key.clone(), Self(value.clone())))
            .collect()
    }

    /// A map of texts.
    pub(super) fn texts(&self, place: &str) -> BTreeMap<String, String> {
        let map = self.map(place).into_iter();
        map.map(|(key, value)| (key, value.text(""))).collect()
    }

    /// True for a list.
    pub(super) fn is_list(&self) -> bool {
        self.0.is_array()
    }
}

/// A list that the engine must answer with.
pub(super) fn listed(
    call: &'static str,
    answer: &Answer,
    place: &str,
) -> Result<Vec<Answer>, EngineError> {
    if place.is_empty() && !answer.is_list() {
        let reason = Safe::from("it is not a list");
        return Err(EngineError::Malformed { call, reason });
    }
    Ok(answer.list(place))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_absent_null_or_of_another_type_reads_as_empty() {
        let answer = Answer::parse(
            "x",
            br#"{"a":null,"b":7,"c":{"d":["x",1,"y"]},"t":"0001-01-01T00:00:00Z"}"#,
        )
        .unwrap();
        assert_eq!(answer.text("/a"), "");
        assert_eq!(answer.text("/b"), "");
        assert_eq!(answer.number("/b"), Some(7));
        assert_eq!(answer.words("/c/d"), ["x", "y"]);
        assert_eq!(answer.time("/t"), None);
        assert!(answer.words("/none").is_empty() && answer.map("/b").is_empty());
        assert_eq!(answer.flag("/b"), None);
    }

    #[test]
    fn p08_a_body_that_is_no_json_is_a_typed_error() {
        for body in [&b"<html>"[..], b"", b"{\"a\":", b"\xff\xfe"] {
            assert!(matches!(
                Answer::parse("list", body),
                Err(EngineError::Malformed { call: "list", .. })
            ));
        }
        let answer = Answer::parse("list", b"{}").unwrap();
        assert!(answer.required("inspect", "/Id").is_err());
        assert!(listed("list", &answer, "").is_err());
    }
}
