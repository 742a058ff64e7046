//! Integration tests.

mod layers;
mod probes;
