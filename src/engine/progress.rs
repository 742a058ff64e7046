//! Progress of pulls and builds: the engine's JSON lines become one line for people each, or the error that ends them.

use super::{Answer, EngineError};
use crate::domain::{Bytes, Safe};
use std::collections::VecDeque;

/// Longest JSON line that is read.
const LINE_MAX: usize = 1 << 20;
/// Lines of a failing step's output that its error carries.
const LAST_LINES: usize = 10;
/// Layers that are told apart; images have at most 127.
const LAYERS_MAX: usize = 256;

/// Cuts bytes into JSON objects, one a line.
#[derive(Debug, Default)]
pub(super) struct JsonLines {
    buffer: Vec<u8>,
}

impl JsonLines {
    /// Takes bytes as they come and hands out the objects that they complete.
    pub(super) fn push(
        &mut self,
        call: &'static str,
        bytes: &[u8],
    ) -> Vec<Result<Answer, EngineError>> {
        self.buffer.extend_from_slice(bytes);
        let Some(end) = self.buffer.iter().rposition(|byte| *byte == b'\n') else {
            return self.too_long(call);
        };
        let whole: Vec<u8> = self.buffer.drain(..=end).collect();
        let lines = whole.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let lines = lines.filter(|line| !line.is_empty());
        lines.map(|line| Answer::parse(call, line)).collect()
    }

    /// What is left when the bytes have ended: an object without a line end.
    pub(super) fn end(&mut self, call: &'static str) -> Option<Result<Answer, EngineError>> {
        let rest = std::mem::take(&mut self.buffer);
        let rest = rest.trim_ascii();
        (!rest.is_empty()).then(|| Answer::parse(call, rest))
    }

    fn too_long(&mut self, call: &'static str) -> Vec<Result<Answer, EngineError>> {
        if self.buffer.len() <= LINE_MAX {
            return Vec::new();
        }
        self.buffer.clear();
        let reason = Safe::new(format!("a line of more than {LINE_MAX} bytes"));
        vec![Err(EngineError::Malformed { call, reason })]
    }
}

/// What a pull has told so far.
#[derive(Debug, Default)]
pub(super) struct PullProgress {
    layers: Vec<Safe>,
    last: Safe,
}

impl PullProgress {
    /// The line for one message of the engine; `None` if nothing changed for people.
    pub(super) fn line(&mut self, message: &Answer) -> Result<Option<Safe>, EngineError> {
        if let Some(words) = failure(message) {
            return Err(EngineError::in_stream(&words));
        }
        let status = message.text("/status");
        let line = match self.layer(&message.text("/id"), &status) {
            Some(layer) => format!(
                "layer {layer} of {}: {}",
                self.layers.len(),
                describe(message, &status)
            ),
            None => status,
        };
        let line = Safe::new(line);
        if line.is_empty() || line == self.last {
            return Ok(None);
        }
        self.last = line.clone();
        Ok(Some(line))
    }

    /// Number of a layer, from 1. The first message's id is the tag and not a layer.
    fn layer(&mut self, id: &str, status: &str) -> Option<usize> {
        let about_layer = !id.is_empty() && !status.starts_with("Pulling from");
        if !about_layer {
            return None;
        }
        let id = Safe::new(id);
        let known = self.layers.iter().position(|layer| *layer == id);
        if known.is_none() && self.layers.len() < LAYERS_MAX {
            self.layers.push(id);
        }
        Some(known.map_or(self.layers.len(), |at| at + 1))
    }
}

/// `downloading 12 MB of 40 MB`
fn describe(message: &Answer, status: &str) -> String {
    let status = status.to_lowercase();
    let amount = |place: &str| message.count(place).filter(|bytes| *bytes > 0).map(Bytes);
    let current = amount("/progressDetail/current");
    match (current, amount("/progressDetail/total")) {
        (Some(current), Some(total)) => format!("{status} {current} of {total}"),
        (Some(current), None) => format!("{status} {current}"),
        _ => status,
    }
}

/// What a build has told so far.
#[derive(Debug, Default)]
pub(super) struct BuildProgress {
    partial: String,
    last: VecDeque<Safe>,
    base: PullProgress,
}

impl BuildProgress {
    /// The lines for one message of the engine.
    pub(super) fn lines(&mut self, message: &Answer) -> Result<Vec<Safe>, EngineError> {
        if let Some(words) = failure(message) {
            return Err(self.error(&words));
        }
        // Pulling the base image tells as a pull does.
        if !message.text("/status").is_empty() {
            return Ok(self.base.line(message)?.into_iter().collect());
        }
        self.partial.push_str(&message.text("/stream"));
        let Some((whole, rest)) = self.partial.rsplit_once('\n') else {
            if self.partial.len() <= LINE_MAX {
                return Ok(Vec::new());
            }
            let line = std::mem::take(&mut self.partial);
            return Ok(self.keep(vec![line]));
        };
        let lines = whole.split(['\n', '\r']).map(str::to_owned).collect();
        self.partial = rest.to_owned();
        Ok(self.keep(lines))
    }

    fn keep(&mut self, lines: Vec<String>) -> Vec<Safe> {
        let lines = lines.into_iter().map(|line| Safe::new(line.trim_end()));
        let lines: Vec<_> = lines.filter(|line| !line.trim().is_empty()).collect();
        for line in &lines {
            // A new step: what the ones before printed explains nothing.
            if line.starts_with("Step ") {
                self.last.clear();
            }
            self.last.push_back(line.clone());
            if self.last.len() > LAST_LINES {
                self.last.pop_front();
            }
        }
        lines
    }

    /// The engine says only which command failed; why is in what it printed last.
    fn error(&mut self, words: &str) -> EngineError {
        let rest = std::mem::take(&mut self.partial);
        self.keep(vec![rest]);
        let last: Vec<_> = self.last.iter().map(Safe::as_str).collect();
        let words = words.trim();
        if last.is_empty() {
            return EngineError::in_stream(words);
        }
        EngineError::refused(
            500,
            &format!("{words}; its last output: {}", last.join(" | ")),
        )
    }
}

/// The words of a message that ends a pull or build, although the status was 200.
fn failure(message: &Answer) -> Option<String> {
    let words = [message.text("/errorDetail/message"), message.text("/error")];
    words.into_iter().find(|words| !words.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::engine::ErrorClass;

    fn message(json: &str) -> Answer {
        Answer::parse("pull", json.as_bytes()).unwrap()
    }

    #[test]
    fn a_pull_tells_layer_and_amount_and_repeats_nothing() {
        let mut progress = PullProgress::default();
        let mut told = Vec::new();
        for json in [
            r#"{"status":"Pulling from library/redis","id":"7-alpine"}"#,
            r#"{"status":"Pulling fs layer","progressDetail":{},"id":"aa"}"#,
            r#"{"status":"Pulling fs layer","progressDetail":{},"id":"bb"}"#,
            r#"{"status":"Downloading","progressDetail":{"current":12582912,"total":41943040},"id":"aa"}"#,
            r#"{"status":"Downloading","progressDetail":{"current":12582913,"total":41943040},"id":"aa"}"#,
            r#"{"status":"Download complete","progressDetail":{},"id":"bb"}"#,
            r#"{"status":"Status: Downloaded newer image for redis:7-alpine"}"#,
        ] {
            told.extend(progress.line(&message(json)).unwrap());
        }
        let told: Vec<_> = told.iter().map(Safe::as_str).collect();
        assert_eq!(told[0], "Pulling from library/redis");
        assert_eq!(told[2], "layer 2 of 2: pulling fs layer");
        assert_eq!(told[3], "layer 1 of 2: downloading 12 MB of 40 MB");
        assert_eq!(
            told.last(),
            Some(&"Status: Downloaded newer image for redis:7-alpine")
        );
    }

    #[test]
    fn p08_layers_with_endless_names_take_little_memory() {
        let mut progress = PullProgress::default();
        for n in 0..2 * LAYERS_MAX {
            let json =
                serde_json::json!({"status": "x", "id": format!("{n}{}", "y".repeat(100_000))});
            progress.line(&message(&json.to_string())).unwrap();
        }
        let held: usize = progress.layers.iter().map(|layer| layer.len()).sum();
        assert!(held <= LAYERS_MAX * crate::domain::safe::TEXT_MAX, "{held}");
    }

    #[test]
    fn an_error_inside_the_stream_is_classed_by_its_words() {
        for (words, class) in [
            (
                "manifest for x:1 not found: manifest unknown",
                ErrorClass::NotFound,
            ),
            (
                "pull access denied for x, repository does not exist",
                ErrorClass::Permanent,
            ),
            (
                "toomanyrequests: You have reached your pull rate limit",
                ErrorClass::Transient,
            ),
            (
                "Get https://registry: net/http: TLS handshake timeout",
                ErrorClass::Transient,
            ),
            ("write /x: no space left on device", ErrorClass::Permanent),
        ] {
            let json = serde_json::json!({"errorDetail": {"message": words}, "error": words});
            let error = PullProgress::default()
                .line(&message(&json.to_string()))
                .unwrap_err();
            assert_eq!(error.class(), class, "{words}");
            assert_eq!(error.to_string(), words);
        }
    }

    #[test]
    fn a_failed_build_step_carries_its_last_output() {
        let mut build = BuildProgress::default();
        for json in [
            r#"{"stream":"Step 1/2 : FROM x\n"}"#,
            r#"{"stream":" ---\u003e abc\n"}"#,
            r#"{"stream":"Step 2/2 : RUN pip install -r requirements.txt\n"}"#,
            r#"{"stream":"ERROR: No matching "}"#,
            r#"{"stream":"distribution found for nosuch\n"}"#,
            r#"{"aux":{"ID":"sha256:1"}}"#,
        ] {
            build.lines(&message(json)).unwrap();
        }
        let error = build.lines(&message(r#"{"errorDetail":{"code":1,"message":"The command '/bin/sh -c pip' returned a non-zero code: 1"}}"#));
        let text = error.unwrap_err().to_string();
        assert!(text.starts_with("The command '/bin/sh -c pip'"), "{text}");
        assert!(
            text.contains("ERROR: No matching distribution found for nosuch"),
            "{text}"
        );
        assert!(!text.contains("Step 1/2"), "{text}");
    }

    #[test]
    fn json_lines_survive_every_cut() {
        let wire = b"{\"status\":\"a\"}\r\n{\"status\":\"b\"}\n\n{\"status\":\"c\"}";
        for cut in 0..=wire.len() {
            let (head, tail) = wire.split_at(cut);
            let mut lines = JsonLines::default();
            let mut got = lines.push("pull", head);
            got.extend(lines.push("pull", tail));
            got.extend(lines.end("pull"));
            let got: Vec<_> = got
                .into_iter()
                .map(|answer| answer.unwrap().text("/status"))
                .collect();
            assert_eq!(got, ["a", "b", "c"], "cut at {cut}");
        }
    }
}
