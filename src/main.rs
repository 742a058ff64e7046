//! Starts the runtime, runs the invocation and maps the outcome to an exit code.

use std::process::ExitCode;

/// Two workers: the drawing has the main thread for itself, the rest waits for the engine most of the time.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    Box::pin(cchub::cli::main()).await
}
