//! Without a subcommand: the full-screen program, if there is a terminal to fill.

use super::{
    Context,
    output::{self, CliError, Code},
    theme,
};
use crate::{
    config::{HubFile, Settings, paths},
    demo::{Demo, DemoError, SEED, Tally},
    engine::Endpoint,
    hub::{
        self, Failure, HubConfig, Timing,
        journal::{Journal, Origin},
    },
    tui::{self, Ended, OpenSettings},
};
use std::ffi::OsString;

/// Opens the screen and stays until the operator leaves it.
pub(super) async fn open(context: &Context) -> Result<Code, CliError> {
    check()?;
    match fill(
        &context.hub_file,
        context.endpoint()?,
        false,
        context.read_only,
    )
    .await?
    {
        Ended::Demo => open_demo(SEED, false, context.read_only).await,
        ended => Ok(code_of(ended)),
    }
}

/// Opens the screen on a simulated fleet; with `faults` its engine goes wrong all the time.
pub(super) async fn open_demo(seed: u64, faults: bool, read_only: bool) -> Result<Code, CliError> {
    check()?;
    let failed = |error: DemoError| Failure::operation(error.to_string());
    let mut demo = Demo::open(seed).await.map_err(failed)?;
    let (hub_file, endpoint) = (demo.hub_file(), demo.endpoint());
    let screen = fill(&hub_file, endpoint, true, read_only);
    if !faults {
        return Ok(code_of(screen.await?));
    }
    let mut tally = Tally::default();
    let ended = tokio::select! {
        ended = screen => ended?,
        trouble = demo.trouble(seed, &mut tally) => match trouble.map_err(failed)? {},
    };
    output::note(tally.to_string());
    Ok(code_of(ended))
}

fn code_of(ended: Ended) -> Code {
    let signal = u8::try_from(ended.code() - 128);
    signal.map_or(Code::Done, Code::Signal)
}

fn check() -> Result<(), CliError> {
    tui::terminal::check().map_err(|error| Failure::input(error.to_string()))?;
    Ok(())
}

async fn fill(
    hub_file: &HubFile,
    endpoint: Endpoint,
    demo: bool,
    asked: bool,
) -> Result<Ended, CliError> {
    // A hub file that cannot be used does not keep the screen closed: it opens read-only and says why.
    let settings = hub_file.load().map(|hub| hub.settings);
    let journal = match demo {
        true => Journal::none(),
        false => super::journal::open(Origin::Screen),
    };
    let program = program(hub_file, &endpoint);
    let hub = hub::open(HubConfig {
        hub_file: hub_file.clone(),
        endpoint,
        timing: Timing::default(),
        journal,
    });
    let why = match &settings {
        _ if asked => "--read-only",
        Ok(settings) if settings.hub.read_only => "[hub] read_only in the hub file",
        _ => "",
    };
    let read_only = settings.is_err() || !why.is_empty();
    let mut settings = open_settings(settings.unwrap_or_default(), read_only);
    settings.screen.why_read_only = why;
    settings.screen.demo = demo;
    settings.screen.program = program;
    let ended = tui::open(hub, settings)
        .await
        .map_err(|error| Failure::operation(format!("{error:#}")))?;
    Ok(ended)
}

/// This program once more, on the same hub file and engine.
fn program(hub_file: &HubFile, endpoint: &Endpoint) -> Vec<OsString> {
    let host = match endpoint {
        Endpoint::Unix(path) => format!("unix://{}", path.display()),
        Endpoint::Tcp { .. } => endpoint.to_string(),
    };
    let words = [
        "--config".into(),
        hub_file.path().into(),
        "--host".into(),
        host.into(),
    ];
    // The running program itself, also where a newer one has taken its place on the disk.
    [OsString::from("/proc/self/exe")]
        .into_iter()
        .chain(words)
        .collect()
}

fn open_settings(settings: Settings, read_only: bool) -> OpenSettings {
    let terminal = tui::look::detect(|name| std::env::var(name).ok());
    OpenSettings {
        screen: tui::ScreenSettings {
            keys: settings.keys,
            tail: settings.logs.tail,
            log_bytes: usize::try_from(settings.logs.buffer.0).unwrap_or(usize::MAX),
            read_only,
            mouse: settings.ui.mouse,
            columns: settings.ui.columns,
            call: settings.ui.notify,
            zone: jiff::tz::TimeZone::system(),
            home: std::env::var_os("HOME").map(Into::into),
            login: super::ports::login(),
            ..tui::ScreenSettings::default()
        },
        depth: terminal.depth,
        ascii: settings.ui.ascii.unwrap_or(terminal.ascii),
        light: terminal.light,
        themes: theme::own(&paths::themes_dir()),
        theme: Some(settings.ui.theme),
    }
}
