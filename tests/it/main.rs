//! Integration tests, in one binary: one link instead of ten. Modules `engine_*` need a real engine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    missing_debug_implementations
)]

mod cli;
mod engine_api;
mod engine_proxy;
mod engine_screen;
mod engine_stack;
mod event_loop;
mod fake_engine;
mod fixture;
mod hub_engine;
mod hub_ensure;
mod hub_file;
mod hub_lifecycle;
mod hub_limits;
mod hub_live;
mod hub_retry;
mod hub_tail;
mod hub_world;
mod journal;
mod layers;
mod log_search;
mod probes;
mod save_faults;
mod screens;
mod session;
mod session_engine;
mod sizes;
mod support;
mod update;
