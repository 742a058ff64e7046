//! Projects that Docker Compose made, as the list of containers tells them: which they are, what they are called here,
//! which services play the four parts, and what depends on what.

mod naming;
pub mod order;
pub mod roles;

pub use naming::shown_name;
