//! Starts the runtime, runs the invocation and maps the outcome to an exit code.

fn main() {}
