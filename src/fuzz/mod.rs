//! Input that is nasty on purpose, and the rules that must hold whatever comes in. Built for tests and for cargo-fuzz
//! only; the second makes its input itself.

#[cfg(test)]
mod dice;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hub_file;
#[cfg(test)]
mod input;
#[cfg(test)]
mod json;
#[cfg(test)]
mod run;
mod sanitise;
#[cfg(test)]
mod screen;
#[cfg(test)]
mod wire;

pub use sanitise::{assert_harmless, assert_nothing_forbidden, sanitise};
