//! Plain data shared by every layer: names, units, limits, containers, health. No I/O, no async, no clock.

pub mod alarm;
pub mod call;
pub mod cause;
pub mod column;
pub mod compose;
pub mod container;
pub mod health;
pub mod host;
pub mod keys;
pub mod limits;
pub mod log;
pub mod project;
pub mod safe;
pub mod secret;
pub mod service;
pub mod timeline;
pub mod units;
pub mod usage;
pub mod verdict;

pub use call::Call;
pub use column::Column;
pub use compose::{Compose, Origin, Other};
pub use container::{Container, Phase};
pub use health::{Health, State};
pub use keys::{KeyWish, KeyWishes};
pub use limits::{Limits, LimitsChange};
pub use log::{LogLine, LogStream};
pub use project::{Project, ProjectName};
pub use safe::Safe;
pub use secret::Secret;
pub use service::{PerService, ServiceId, ServiceKind, Target};
pub use units::{Bytes, Cpus};
pub use usage::{Sample, Share, Usage};
pub use verdict::Verdict;

/// A moment on the wall clock (the engine's or ours). Intervals and deadlines never use it: clocks jump.
pub use jiff::Timestamp;
