//! Integration tests: one binary, one module per subject. Modules that need a real Docker Engine begin with `engine_`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod engine_api;
mod fake_engine;
mod support;
