//! `logs`: history and live lines on stdout, for reading and for pipes.

use super::{
    Context,
    args::LogsArgs,
    output::{CliError, Code, note, print, stdout_has_colour},
    pick::{Picked, Picker},
    run::interrupted,
};
use crate::{
    domain::{
        LogLine, LogStream, ServiceKind, Target, Timestamp,
        log::{Filter, Level, Masker, Part, TAIL_MAX, Window},
        safe::LogText,
    },
    engine::{Engine, LogQuery},
    hub::{EngineState, Fact, Failure, Follow, FollowId, LogBatch, LogEvent, Timing, stream},
    stack::{names, secrets::Secrets},
};
use futures_util::{StreamExt, future::try_join_all};
use serde::Serialize;
use std::{borrow::Cow, time::Duration};
use tokio::time::timeout;

/// Reading the history of one service may take this long: 10000 lines from a busy disk.
const HISTORY_TIMEOUT: Duration = Duration::from_secs(30);
/// Every service's name is padded to the longest one.
const NAME_WIDTH: usize = 8;

/// How lines are printed.
#[derive(Debug, Clone)]
struct Form {
    /// Hides secrets; absent if they are to be shown.
    masker: Option<Masker>,
    json: bool,
    timestamps: bool,
    names: bool,
    colour: bool,
}

/// One line as `logs --json` prints it.
#[derive(Debug, Serialize)]
struct JsonLine<'a> {
    time: Timestamp,
    service: ServiceKind,
    stream: &'static str,
    /// Of the entry that the line belongs to; absent if it says none.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
    text: &'a str,
}

/// Prints the last lines, then goes on if asked to.
pub(super) async fn logs(context: &Context, args: &LogsArgs) -> Result<Code, CliError> {
    context.entry(&args.project)?;
    let target = Target {
        project: args.project.clone(),
        service: args.service,
    };
    let form = Form {
        masker: (!args.reveal).then(|| masker(context, args)),
        json: args.json,
        timestamps: args.timestamps,
        names: args.service.is_none(),
        colour: stdout_has_colour() && !args.json,
    };
    let mut picker = Picker::new(Filter {
        query: args.grep.clone(),
        inverse: false,
        level: args.level,
        stderr: args.stderr,
    });
    let since = args.since.map(|since| since.moment(Timestamp::now()));
    if args.follow {
        return follow(context, target, args.tail, since, form, picker).await;
    }
    let engine = context.engine().await?;
    let kinds = target.kinds();
    let all = kinds
        .iter()
        .map(|kind| history(&engine, &target, *kind, args.tail, since));
    let mut lines: Vec<_> = try_join_all(all).await?.into_iter().flatten().collect();
    lines.sort_by_key(|(_, line)| line.at);
    let surplus = lines.len().saturating_sub(args.tail as usize);
    for picked in picker.take_all(lines.split_off(surplus)) {
        print_line(&form, &picked)?;
    }
    Ok(Code::Done)
}

/// Without the secrets of the project it still hides what looks like one. A stream that is followed tells them itself.
fn masker(context: &Context, args: &LogsArgs) -> Masker {
    if args.follow {
        return Masker::default();
    }
    let known = Secrets::known(&context.hub_file.secrets_dir(), &args.project);
    Masker::new(&known.unwrap_or_else(|error| {
        note(format_args!(
            "── not hidden are the project's secrets: {error} ──"
        ));
        Vec::new()
    }))
}

async fn history(
    engine: &Engine,
    target: &Target,
    kind: ServiceKind,
    tail: u32,
    since: Option<Timestamp>,
) -> Result<Vec<(ServiceKind, LogLine)>, CliError> {
    let name = names::container(&target.project, kind);
    if engine.inspect(&name).await?.is_none() {
        if target.service.is_some() {
            let project = &target.project;
            let absent =
                Failure::operation(format!("{kind} of {project} has no container, so no log"));
            return Err(absent
                .with_hint(format!("`cchub-tui start {project}`"))
                .into());
        }
        return Ok(Vec::new());
    }
    let query = LogQuery {
        tail: Some(if since.is_some() { TAIL_MAX } else { tail }),
        since,
        follow: false,
    };
    let read = async {
        let mut lines = std::pin::pin!(engine.logs(&name, query));
        let mut got = Vec::new();
        while let Some(line) = lines.next().await {
            let line = line?;
            if since.is_none_or(|since| line.at >= since) {
                got.push((kind, line));
            }
        }
        Ok(got)
    };
    let late = |_elapsed| Failure::operation(format!("the log of {kind} was not read in time"));
    timeout(HISTORY_TIMEOUT, read).await.map_err(late)?
}

async fn follow(
    context: &Context,
    target: Target,
    tail: u32,
    since: Option<Timestamp>,
    mut form: Form,
    mut picker: Picker,
) -> Result<Code, CliError> {
    let follow = Follow {
        id: FollowId(1),
        services: target.services(),
        window: Window::Tail(tail),
    };
    let secrets = context.hub_file.secrets_dir();
    // One try with its error in full, before anything waits for an engine that is not there.
    context.engine().await?;
    let mut streams = stream::open(context.endpoint()?, Timing::default(), &follow, &secrets);
    let mut end = std::pin::pin!(interrupted());
    loop {
        tokio::select! {
            signal = &mut end => return Ok(Code::Signal(signal)),
            Some(fact) = streams.facts.recv() => say_engine(&fact),
            batch = streams.logs.recv() => match batch {
                Some(batch) => print_batch(&mut form, &mut picker, batch, since)?,
                None => return Ok(Code::Done),
            },
        }
    }
}

fn say_engine(fact: &Fact) {
    if let Fact::Engine(EngineState::Lost {
        error, retry_in, ..
    }) = fact
    {
        let seconds = retry_in.as_secs_f64();
        note(format_args!(
            "engine lost: {error}; next try in {seconds:.1} s"
        ));
    }
}

fn print_batch(
    form: &mut Form,
    picker: &mut Picker,
    batch: LogBatch,
    since: Option<Timestamp>,
) -> Result<(), CliError> {
    let kind = batch.service.kind;
    for event in batch.events {
        match event {
            LogEvent::Line(line) if since.is_none_or(|since| line.at >= since) => {
                for picked in picker.take(kind, line) {
                    print_line(form, &picked)?;
                }
            }
            LogEvent::Line(_) => {}
            LogEvent::Secrets(secrets) => {
                if let Some(masker) = &mut form.masker {
                    masker.learn(secrets);
                }
            }
            LogEvent::Notice(_, text) => note(format_args!("── {kind} {text} ──")),
        }
    }
    Ok(())
}

fn print_line(form: &Form, picked: &Picked) -> Result<(), CliError> {
    let (service, line) = (picked.kind, &picked.line);
    let text = match &form.masker {
        Some(masker) => masker.line(line),
        None => Cow::Borrowed(&line.text),
    };
    if form.json {
        return print_json_line(picked, &text);
    }
    let time = if form.timestamps {
        format!("{:.3} ", line.at)
    } else {
        String::new()
    };
    let name = if form.names {
        format!("{:NAME_WIDTH$} ", service.as_str())
    } else {
        String::new()
    };
    let cut = match (line.cut, line.part) {
        (0, Part::Begun) => " …".to_owned(),
        (0, _) => String::new(),
        (bytes, _) => format!(" … {bytes} bytes cut"),
    };
    if form.colour {
        print(format_args!("{time}{name}{}\x1b[0m{cut}", text.as_str()))
    } else {
        print(format_args!("{time}{name}{}{cut}", text.uncoloured()))
    }
}

fn print_json_line(picked: &Picked, text: &LogText) -> Result<(), CliError> {
    let (service, line) = (picked.kind, &picked.line);
    let stream = match line.stream {
        LogStream::Out => "stdout",
        LogStream::Err => "stderr",
    };
    let text = text.uncoloured();
    let line = JsonLine {
        time: line.at,
        service,
        stream,
        level: picked.level.map(Level::as_str),
        text: &text,
    };
    let text = serde_json::to_string(&line)
        .map_err(|error| Failure::operation(format!("a line cannot be written: {error}")))?;
    print(text)
}
