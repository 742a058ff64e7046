//! `shell`: a program inside a service that the operator, or a script, talks to.

use super::{
    Context,
    args::ShellArgs,
    output::{CliError, Code, note},
};
use crate::{
    domain::{ServiceId, ServiceKind, Target},
    hub::{
        Failure,
        shell::{self, ShellEnd, ShellWish},
    },
    tui::console,
};

/// Opens it and stays until it ends.
pub(super) async fn shell(context: &Context, args: ShellArgs) -> Result<Code, CliError> {
    let wish = ShellWish {
        service: service(&args.named)?,
        plain: args.plain,
        command: args.command,
        terminal: console::size(),
        term: std::env::var("TERM").ok().filter(|term| is_plain(term)),
    };
    let hub = context.hub()?;
    context.guard_change(&hub)?;
    let engine = context.engine().await?;
    let shell = shell::open(&engine, &hub, &wish).await?;
    if wish.terminal.is_some() && wish.command.is_empty() {
        note(format_args!("{}: {}", wish.service, console::WAYS_OUT));
    }
    match console::talk(shell).await? {
        ShellEnd::Code(code) => Ok(Code::Command(code)),
        ShellEnd::LetGo => Ok(Code::Signal(SIGHUP)),
    }
}

/// What a program has that is left alone.
const SIGHUP: u8 = 1;

/// True for a word that may be handed on as it is.
fn is_plain(word: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_+.".contains(c);
    !word.is_empty() && word.len() <= 64 && word.chars().all(fits)
}

/// The one service that the words name.
fn service(named: &[Target]) -> Result<ServiceId, Failure> {
    let of = |project, kind| ServiceId::new(project, kind);
    match named {
        [one] => {
            let service = one.service.map(|kind| of(&one.project, kind));
            service.ok_or_else(|| {
                Failure::input(format!("which service? write {}/backend", one.project))
            })
        }
        [one, word] if one.service.is_none() && word.service.is_none() => {
            let kind = word.project.as_str().parse::<ServiceKind>();
            let kind = kind.map_err(|error| Failure::input(error.to_string()))?;
            Ok(of(&one.project, kind))
        }
        _ => Err(Failure::input(
            "a shell is opened in one service: write PROJECT/SERVICE",
        )),
    }
}
