//! `cchub-tui`: runs many isolated copies of one four-service stack on Docker, from a full-screen terminal program and
//! from the command line.
//!
//! The map is in `docs/ARCHITECTURE.md`. Arrows point one way: `domain` ← `stack` ← `engine` ← `hub` ← `cli` and
//! `tui` → `ui` → `app`; `tests/it/layers.rs` keeps them so.

pub mod app;
pub mod cgroup;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod engine;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod hub;
pub mod probe;
pub mod sim;
pub mod stack;
pub mod tui;
pub mod ui;
