//! From errors of the layers below to one line and the next step for the operator.

use super::{Failure, FailureKind, retry::Retryable};
use crate::{
    config::HubFileError,
    domain::{LogLine, Safe, limits::LimitsError, log::Masker},
    engine::{EngineError, ErrorClass},
    stack::{folder::FolderError, secrets::SecretsError, spec::SpecError},
};
use std::fmt;

impl Failure {
    /// A failure with one line and no next step yet.
    #[must_use]
    pub fn new(kind: FailureKind, message: impl AsRef<str>) -> Self {
        Self {
            kind,
            message: Safe::new(message),
            hint: None,
            log: Vec::new(),
        }
    }

    /// What was asked for is wrong.
    #[must_use]
    pub fn input(message: impl AsRef<str>) -> Self {
        Self::new(FailureKind::Input, message)
    }

    /// It was tried and did not work.
    #[must_use]
    pub fn operation(message: impl AsRef<str>) -> Self {
        Self::new(FailureKind::Operation, message)
    }

    /// Adds the next step.
    #[must_use]
    pub fn with_hint(self, hint: impl AsRef<str>) -> Self {
        Self {
            hint: Some(Safe::new(hint)),
            ..self
        }
    }

    /// Adds the last log lines of the service that failed.
    #[must_use]
    pub fn with_log(self, log: Vec<LogLine>) -> Self {
        Self { log, ..self }
    }

    /// Hides secrets in what it quotes of the engine and of a service.
    #[must_use]
    pub fn masked(self, masker: &Masker) -> Self {
        let text = |text: &Safe| Safe::new(masker.text(text));
        let line = |line: &LogLine| LogLine {
            text: masker.line(line).into_owned(),
            ..line.clone()
        };
        Self {
            kind: self.kind,
            message: text(&self.message),
            hint: self.hint.as_ref().map(text),
            log: self.log.iter().map(line).collect(),
        }
    }

    /// Says what the failure is about, in front of its message.
    #[must_use]
    pub fn about(self, what: impl fmt::Display) -> Self {
        Self {
            message: Safe::new(format!("{what}: {}", self.message)),
            ..self
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let kind = if error.is_unreachable() {
            FailureKind::Engine
        } else {
            FailureKind::Operation
        };
        Self {
            hint: Some(error.hint()).filter(|hint| !hint.is_empty()),
            ..Self::new(kind, error.to_string())
        }
    }
}

impl From<HubFileError> for Failure {
    fn from(error: HubFileError) -> Self {
        Self::input(error.to_string())
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        Self::input(error.to_string())
    }
}

impl From<SpecError> for Failure {
    fn from(error: SpecError) -> Self {
        Self::input(error.to_string())
    }
}

impl From<SecretsError> for Failure {
    fn from(error: SecretsError) -> Self {
        Self::operation(error.to_string())
    }
}

impl From<LimitsError> for Failure {
    fn from(error: LimitsError) -> Self {
        Self::input(error.to_string())
    }
}

/// What one step of an operation can fail with: the engine's no, which may pass, or a verdict, which does not.
#[derive(Debug)]
pub(super) enum StepError {
    /// The engine's.
    Engine(EngineError),
    /// Ours.
    Verdict(Box<Failure>),
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(error) => error.fmt(f),
            Self::Verdict(failure) => failure.fmt(f),
        }
    }
}

impl Retryable for StepError {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Engine(error) if error.class() == ErrorClass::Transient)
    }
}

impl From<EngineError> for StepError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<Failure> for StepError {
    fn from(failure: Failure) -> Self {
        Self::Verdict(Box::new(failure))
    }
}

impl From<StepError> for Failure {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Engine(error) => error.into(),
            StepError::Verdict(failure) => *failure,
        }
    }
}
