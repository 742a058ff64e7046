//! What should run: the four services of a project resolved from defaults and overrides. Pure: no engine, no async.

pub mod entry;
pub mod hardening;
pub mod ports;
pub mod recipe;
pub mod secrets;
pub mod spec;

pub use entry::{ProjectEntry, ServiceEntry};
pub use spec::{ServiceSpec, StackSpec};
