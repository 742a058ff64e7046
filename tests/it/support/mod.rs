//! What several tests share: the real engine, a run that cleans up after itself, and the program in a hub of its own.

pub mod random_input;
mod raw;
mod run;
pub mod sandbox;
pub mod second;
pub mod terminal;

pub use raw::{
    block_on, exec, exec_text, http_get, raw_create, raw_create_network, raw_delete, raw_get,
    raw_get_text, raw_post, wait_until, write_private,
};
pub use run::{Run, require_engine};
