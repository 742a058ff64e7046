//! Integration tests.

mod event_loop;
mod fixture;
mod screens;
mod sizes;
mod update;
