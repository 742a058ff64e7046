//! Without a subcommand: the full-screen program, if there is a terminal to fill.

use super::{
    Context,
    output::{CliError, Code},
};
use crate::hub::{self, Failure, HubConfig, Timing};
use std::io::{self, IsTerminal};

/// Opens the screen and stays until the operator leaves it.
pub(super) async fn open(context: &Context) -> Result<Code, CliError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::input("the screen needs a terminal on stdin and stdout")
            .with_hint("in scripts use a subcommand: `cchub-tui status`, `cchub-tui health --json`; see --help")
            .into());
    }
    let hub = hub::open(HubConfig {
        hub_file: context.hub_file.clone(),
        endpoint: context.endpoint()?,
        timing: Timing::default(),
    });
    drop(hub);
    Ok(Code::Done)
}
