//! Integration tests, in one binary: one link instead of ten. Modules `engine_*` need a real engine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    missing_debug_implementations
)]

mod adopt;
mod adopt_screen;
mod bulk;
mod calls;
mod cli;
mod demo;
mod demo_screen;
mod engine_api;
mod engine_bench;
mod engine_bulk;
mod engine_compose;
mod engine_faults;
mod engine_proxy;
mod engine_reach;
mod engine_screen;
mod engine_second;
mod engine_shell;
mod engine_stack;
mod engine_timeline;
mod engine_usage;
mod event_loop;
mod evidence;
mod fake_engine;
mod features;
mod fixture;
mod gallery;
mod hands;
mod hub_afresh;
mod hub_drift;
mod hub_engine;
mod hub_ensure;
mod hub_file;
mod hub_lifecycle;
mod hub_limits;
mod hub_live;
mod hub_reach;
mod hub_retry;
mod hub_tail;
mod hub_world;
mod journal;
mod layers;
mod limits_cli;
mod limits_screen;
mod log_mask;
mod log_reach;
mod log_search;
mod log_shapes;
mod log_take;
mod marks;
mod probes;
mod protect;
mod race_world;
mod reliability;
mod resources;
mod save_faults;
mod screens;
mod screenshots;
mod session;
mod session_engine;
mod shell;
mod sim_clock;
mod sim_engine;
mod sim_hub;
mod sim_kills;
mod sim_races;
mod sim_streams;
mod sim_world;
mod sizes;
mod stats;
mod support;
mod timeline;
mod timeline_cli;
mod timeline_pane;
mod triage;
mod undo;
mod update;
mod voices;
mod why;
mod why_cli;
