//! The only module that knows the engine's client library.

pub mod error;

pub use error::{EngineError, ErrorClass};
