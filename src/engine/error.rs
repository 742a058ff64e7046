//! What can go wrong with an engine, in terms of what to do about it (`docs/ARCHITECTURE.md`, retry taxonomy).

use super::client::io_source;
use crate::domain::Safe;
use bollard::errors::Error;
use std::{io, time::Duration};

/// An error of the engine or of the way to it. Texts are the engine's own, sanitised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// Nobody answers there: no socket file, connection refused.
    #[error("no Docker Engine answers at {endpoint}: {reason}")]
    Absent {
        /// Where it was looked for.
        endpoint: Safe,
        /// The system's words.
        reason: Safe,
    },
    /// The socket may not be opened by this user, or is none.
    #[error("the Docker Engine at {endpoint} cannot be used: {reason}")]
    Denied {
        /// Where it was looked for.
        endpoint: Safe,
        /// The system's words.
        reason: Safe,
    },
    /// The way to the engine is named wrongly, or is of a kind this program does not speak.
    #[error("{0}")]
    Endpoint(Safe),
    /// The engine speaks an API below 1.41.
    #[error("the engine speaks API {found}; 1.41 (Docker 20.10) or newer is needed")]
    TooOld {
        /// Its API version.
        found: Safe,
    },
    /// The call took longer than its deadline: it may have had its effect.
    #[error("{call}: no answer within {}s", after.as_secs())]
    TimedOut {
        /// The call, in words.
        call: &'static str,
        /// The deadline.
        after: Duration,
    },
    /// The connection broke while the call was under way: it may have had its effect.
    #[error("{call}: connection lost: {reason}")]
    Lost {
        /// The call, in words.
        call: &'static str,
        /// The system's words.
        reason: Safe,
    },
    /// The engine answered with a status that says no.
    #[error("{message}")]
    Refused {
        /// HTTP status.
        code: u16,
        /// The engine's words.
        message: Safe,
    },
    /// The answer could not be read.
    #[error("{call}: the engine's answer could not be read: {reason}")]
    Malformed {
        /// The call, in words.
        call: &'static str,
        /// What was wrong.
        reason: Safe,
    },
}

/// What an error means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// May pass by itself: try again after a while.
    Transient,
    /// Something is in the way: inspect, then adopt, wait or refuse.
    Conflict,
    /// The thing is not there.
    NotFound,
    /// Trying again changes nothing.
    Permanent,
}

/// The reason of [`EngineError::Denied`] when the path is an ordinary file.
pub(super) const NOT_A_SOCKET: &str = "it is not a socket";

/// Words with which the engine says, under status 500, that somebody else has the port.
const PORT_TAKEN: [&str; 2] = ["port is already allocated", "address already in use"];
/// Words with which the engine says, under status 500, that it may work in a moment.
const PASSING: [&str; 8] = [
    "context deadline exceeded",
    "i/o timeout",
    "connection refused",
    "connection reset",
    "tls handshake timeout",
    "temporary failure",
    "already in progress",
    "unexpected eof",
];

impl EngineError {
    /// What the error means for the caller.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Absent { .. } | Self::TimedOut { .. } | Self::Lost { .. } => {
                ErrorClass::Transient
            }
            Self::Denied { .. }
            | Self::Endpoint(_)
            | Self::TooOld { .. }
            | Self::Malformed { .. } => ErrorClass::Permanent,
            Self::Refused { code, message } => class_of(*code, message),
        }
    }

    /// True if the call may have had its effect all the same: read back before it is sent again.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        matches!(
            self,
            Self::TimedOut { .. } | Self::Lost { .. } | Self::Malformed { .. }
        )
    }

    /// True if the engine itself could not be reached, whatever was asked of it.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Absent { .. }
            | Self::Denied { .. }
            | Self::TimedOut { .. }
            | Self::Lost { .. } => true,
            Self::Endpoint(_)
            | Self::TooOld { .. }
            | Self::Refused { .. }
            | Self::Malformed { .. } => false,
        }
    }

    /// The next step for the operator.
    #[must_use]
    pub fn hint(&self) -> Safe {
        let text = match self {
            Self::Absent { endpoint, reason } => absent_hint(endpoint, reason),
            Self::Denied { reason, .. } if reason.as_str() == NOT_A_SOCKET => {
                "name the engine's socket: --host unix:///var/run/docker.sock"
            }
            Self::Denied { .. } => {
                "add yourself to the group docker (sudo usermod -aG docker $USER, then log in again), or use sudo"
            }
            Self::Endpoint(_) => {
                "name the engine with --host unix:///var/run/docker.sock or DOCKER_HOST"
            }
            Self::TooOld { .. } => {
                "update Docker on that host to 20.10 or newer, or name another engine with --host"
            }
            Self::TimedOut { .. } => {
                "the engine is busy or hangs: look at systemctl status docker on its host"
            }
            Self::Lost { .. } => {
                "the engine went away: look at systemctl status docker on its host"
            }
            Self::Malformed { .. } => {
                "is that a Docker Engine? Check --host and DOCKER_HOST, and what stands in between"
            }
            Self::Refused { code, message } => refused_hint(*code, message),
        };
        Safe::from(text)
    }

    /// What an error of the client library means; `label` is the engine, `after` the deadline of the call.
    pub(super) fn from_library(
        label: &Safe,
        call: &'static str,
        after: Duration,
        error: &Error,
    ) -> Self {
        match error {
            Error::DockerResponseServerError {
                status_code,
                message,
            } => Self::refused(*status_code, message),
            Error::DockerStreamError { error } => Self::in_stream(error),
            Error::RequestTimeoutError => Self::TimedOut { call, after },
            Error::SocketNotFoundError(_) => Self::Absent {
                endpoint: label.clone(),
                reason: Safe::from("no such file or directory"),
            },
            Error::HyperLegacyError { err } if err.is_connect() => match io_source(err) {
                Some(io) => Self::from_io(label, io),
                None => Self::Absent {
                    endpoint: label.clone(),
                    reason: innermost(err),
                },
            },
            Error::HyperLegacyError { err } => Self::lost(call, err),
            Error::HyperResponseError { err } => Self::lost(call, err),
            Error::IOError { err } => Self::lost(call, err),
            other => Self::Malformed {
                call,
                reason: innermost(other),
            },
        }
    }

    /// Why a connection could not be made.
    pub(super) fn from_io(label: &Safe, error: &io::Error) -> Self {
        let endpoint = label.clone();
        let reason = Safe::new(error.to_string());
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Denied { endpoint, reason },
            _ => Self::Absent { endpoint, reason },
        }
    }

    /// A status that says no. Proxies answer with pages or with nothing instead of words.
    pub(super) fn refused(code: u16, message: &str) -> Self {
        let text = message.trim();
        let page = text.starts_with('<');
        let message = if text.is_empty() || page {
            Safe::new(format!(
                "status {code} and no message from the engine or what stands before it"
            ))
        } else {
            Safe::new(text)
        };
        Self::Refused { code, message }
    }

    /// An error that came inside a stream of progress, where the status was already 200: judged by its words.
    pub(super) fn in_stream(words: &str) -> Self {
        let lower = words.to_lowercase();
        let has = |any: &[&str]| any.iter().any(|word| lower.contains(word));
        let code = match () {
            () if has(&["toomanyrequests", "too many requests", "rate limit"]) => 429,
            () if has(&["denied", "unauthorized", "authentication required"]) => 403,
            () if has(&[
                "manifest unknown",
                "not found",
                "no such image",
                "does not exist",
            ]) =>
            {
                404
            }
            () => 500,
        };
        Self::refused(code, words)
    }

    fn lost(call: &'static str, error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Lost {
            call,
            reason: innermost(error),
        }
    }
}

/// The words of the error at the bottom: those around it only say that something failed.
fn innermost(error: &(dyn std::error::Error + 'static)) -> Safe {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    Safe::new(last.to_string())
}

fn class_of(code: u16, message: &str) -> ErrorClass {
    let lower = message.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|words| lower.contains(words));
    match code {
        404 => ErrorClass::NotFound,
        304 | 409 => ErrorClass::Conflict,
        408 | 429 | 502 | 503 | 504 => ErrorClass::Transient,
        500 if says(&PORT_TAKEN) => ErrorClass::Conflict,
        500 if says(&PASSING) => ErrorClass::Transient,
        _ => ErrorClass::Permanent,
    }
}

fn absent_hint(endpoint: &str, reason: &str) -> &'static str {
    let lower = reason.to_lowercase();
    if !endpoint.starts_with("unix://") {
        return "check the host and port of --host or DOCKER_HOST, and that the engine listens there";
    }
    if lower.contains("no such file") {
        return "is Docker installed and running? Try: sudo systemctl start docker; or name another engine with --host";
    }
    "nobody listens on the socket: try sudo systemctl start docker; or name another engine with --host"
}

fn refused_hint(code: u16, message: &str) -> &'static str {
    let lower = message.to_lowercase();
    let says = |words: &str| lower.contains(words);
    match code {
        _ if says("no space left") => {
            "the engine's disk is full: see docker system df, then docker system prune"
        }
        _ if PORT_TAKEN.iter().any(|words| says(words)) => {
            "stop what holds the port, or give the project another one"
        }
        _ if says("no such image") || says("manifest unknown") => "check the image's name and tag",
        409 if says("is already in use by container") => {
            "another container has that name: rename or remove it"
        }
        401 | 403 => "check what the user, the registry or the proxy before the engine allows",
        404 => "it is gone: look again, then start it anew",
        429 => "the registry limits pulls: wait, or log in to it on the engine's host",
        502..=504 => "the engine or a proxy before it is not ready: try again in a moment",
        _ => "the line above is the engine's own; its log says more: journalctl -u docker",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(kind: io::ErrorKind) -> EngineError {
        EngineError::from_io(&Safe::from("unix:///x"), &io::Error::from(kind))
    }

    #[test]
    fn p03_a_forbidden_socket_has_its_own_hint() {
        let error = from(io::ErrorKind::PermissionDenied);
        assert!(matches!(error, EngineError::Denied { .. }));
        assert_eq!(error.class(), ErrorClass::Permanent);
        assert!(error.is_unreachable() && error.hint().contains("group docker"));
        let absent = from(io::ErrorKind::ConnectionRefused);
        assert_eq!(absent.class(), ErrorClass::Transient);
        assert!(!absent.is_uncertain());
    }

    #[test]
    fn every_error_has_a_next_step() {
        let (reason, call) = (Safe::from("x"), "list");
        let after = Duration::from_secs(5);
        for error in [
            from(io::ErrorKind::NotFound),
            from(io::ErrorKind::PermissionDenied),
            EngineError::Endpoint(reason.clone()),
            EngineError::TooOld {
                found: reason.clone(),
            },
            EngineError::TimedOut { call, after },
            EngineError::Lost {
                call,
                reason: reason.clone(),
            },
            EngineError::Malformed { call, reason },
            EngineError::refused(500, "write /x: no space left on device"),
            EngineError::refused(418, "teapot"),
        ] {
            assert!(!error.hint().is_empty(), "{error}");
        }
        let full = EngineError::refused(500, "write /x: no space left on device");
        assert!(full.hint().contains("disk is full"));
    }

    #[test]
    fn only_what_may_have_had_an_effect_is_uncertain() {
        let (call, after) = ("start", Duration::from_secs(30));
        assert!(EngineError::TimedOut { call, after }.is_uncertain());
        assert!(!EngineError::refused(500, "no").is_uncertain());
        assert!(!from(io::ErrorKind::NotFound).is_uncertain());
    }
}
