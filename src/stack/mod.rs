//! What should run: the four services of a project resolved from defaults and overrides. Pure: no engine, no async.

pub mod adopt;
pub mod console;
mod defaults;
pub mod durable;
pub mod entry;
pub mod folder;
pub mod hardening;
pub mod names;
pub mod overrides;
pub mod ports;
pub mod reach;
pub mod recipe;
mod resolve;
pub mod secrets;
pub mod spec;
pub mod wrapper;

pub use entry::{ProjectEntry, ServiceEntry};
pub use spec::{ServiceSpec, StackSpec};
