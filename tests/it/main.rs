//! Integration tests.

mod probes;
