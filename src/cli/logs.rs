//! `logs`: history and live lines on stdout, for reading and for pipes.

use super::{
    Context,
    args::LogsArgs,
    containers,
    merge::Merge,
    named::{self, Meant},
    output::{CliError, Code, note, print, stdout_has_colour},
    pick::{Picked, Picker},
    run::interrupted,
};
use crate::{
    domain::{
        LogLine, LogStream, ServiceId, ServiceKind, Timestamp,
        log::{Filter, Level, Masker, Part, TAIL_DEFAULT, Window},
        safe::LogText,
    },
    engine::{Engine, LogQuery},
    hub::{
        EngineState, Fact, Failure, Follow, FollowId, LogBatch, LogEvent, Timing,
        containers::Containers, stream,
    },
    stack::{hardening::env_secrets, secrets::Secrets},
};
use futures_util::{StreamExt, future::try_join_all};
use serde::Serialize;
use std::{
    borrow::Cow,
    collections::{BTreeSet, VecDeque},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// Reading the history of one service may take this long: three files of 10 MB from a busy disk.
const HISTORY_TIMEOUT: Duration = Duration::from_secs(30);
/// Lines of a service that are read where nobody says how many.
const HISTORY_MAX: u32 = 100_000;
/// Between lines that are picked and those around them, where others are left out.
const GAP: &str = "--";

/// How lines are printed.
#[derive(Debug, Clone)]
struct Form {
    /// Hides secrets; absent if they are to be shown.
    masker: Option<Masker>,
    json: bool,
    timestamps: bool,
    /// Columns of the services' names; 0 if all lines are of one.
    names: usize,
    /// They are of several projects.
    projects: bool,
    /// Lines are left out between those around what was picked.
    gaps: bool,
    colour: bool,
}

/// One line as `logs --json` prints it.
#[derive(Debug, Serialize)]
struct JsonLine<'a> {
    time: Timestamp,
    project: &'a str,
    service: ServiceKind,
    stream: &'static str,
    /// Of the entry that the line belongs to; absent if it says none.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
    text: &'a str,
}

/// Which lines are wanted.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    tail: Option<u32>,
    head: Option<u32>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Wanted {
    fn new(args: &LogsArgs, now: Timestamp) -> Self {
        Self {
            tail: args.tail,
            head: args.head,
            since: args.since.map(|since| since.moment(now)),
            until: args.until.map(|until| until.moment(now)),
        }
    }

    /// Lines at most, of each service and in all.
    fn most(self) -> usize {
        let usual = if self.since.is_some() {
            HISTORY_MAX
        } else {
            TAIL_DEFAULT
        };
        self.head.or(self.tail).unwrap_or(usual) as usize
    }

    fn holds(self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at <= until)
    }

    /// The engine counts `tail` from the log's end, whatever the moments.
    fn query(self) -> LogQuery {
        let from_end = self.head.is_none() && self.until.is_none();
        LogQuery {
            tail: from_end.then(|| u32::try_from(self.most()).unwrap_or(u32::MAX)),
            since: self.since,
            until: self.until,
            follow: false,
        }
    }

    fn window(self) -> Window {
        match (self.since, self.tail) {
            (Some(since), None) => Window::Since(since),
            (_, tail) => Window::Tail(tail.unwrap_or(TAIL_DEFAULT)),
        }
    }
}

/// Prints the lines that are there, or goes on if asked to.
pub(super) async fn logs(context: &Context, args: &LogsArgs) -> Result<Code, CliError> {
    let Meant { services, projects } = named::services(context, &args.named).await?;
    let containers = containers(projects.values());
    let mut form = Form::new(args, &services);
    form.masker = (!args.reveal).then(|| masker(context, args, &services));
    let filter = Filter {
        query: args.grep.clone(),
        inverse: args.invert,
        level: args.level,
        stderr: args.stderr,
    };
    let picker = Picker::new(filter, usize::from(args.context));
    let wanted = Wanted::new(args, Timestamp::now());
    let mut printer = Printer {
        form,
        picker,
        last: 0,
    };
    if args.follow {
        return follow(context, services, containers, wanted, printer).await;
    }
    let engine = context.engine().await?;
    printer.learn_from(&engine, &containers).await?;
    let lines = history(&engine, &services, &containers, wanted).await?;
    printer.print_all(lines)?;
    Ok(Code::Done)
}

/// Without the secrets of the projects it still hides what looks like one. A stream that is followed tells them itself.
fn masker(context: &Context, args: &LogsArgs, services: &[ServiceId]) -> Masker {
    let mut masker = Masker::default();
    if args.follow {
        return masker;
    }
    let projects: BTreeSet<_> = services.iter().map(|service| &service.project).collect();
    for project in projects {
        match Secrets::known(&context.hub_file.secrets_dir(), project) {
            Ok(secrets) => masker.learn(secrets),
            Err(error) => note(format_args!(
                "── not hidden are the secrets of {project}: {error} ──"
            )),
        }
    }
    masker
}

/// The lines of all services, merged by time.
async fn history(
    engine: &Engine,
    services: &[ServiceId],
    containers: &Containers,
    wanted: Wanted,
) -> Result<Vec<(ServiceId, LogLine)>, CliError> {
    let all = services
        .iter()
        .map(|service| history_of(engine, service, containers, wanted, services.len() == 1));
    let mut merge = Merge::default();
    for (service, lines) in services.iter().zip(try_join_all(all).await?) {
        for line in lines {
            merge.add(service, LogEvent::Line(line));
        }
    }
    let mut lines: Vec<_> = merge
        .flush()
        .filter_map(|(service, event)| match event {
            LogEvent::Line(line) => Some((service, line)),
            LogEvent::Notice(..) | LogEvent::Secrets(_) => None,
        })
        .collect();
    if wanted.head.is_some() {
        lines.truncate(wanted.most());
        return Ok(lines);
    }
    let surplus = match wanted.tail.is_none() && wanted.since.is_some() {
        true => 0,
        false => lines.len().saturating_sub(wanted.most()),
    };
    Ok(lines.split_off(surplus))
}

async fn history_of(
    engine: &Engine,
    service: &ServiceId,
    containers: &Containers,
    wanted: Wanted,
    is_only: bool,
) -> Result<VecDeque<LogLine>, CliError> {
    let name = containers.name(service);
    if engine.inspect(&name).await?.is_none() {
        return match is_only {
            true => Err(absent(service).into()),
            false => Ok(VecDeque::new()),
        };
    }
    let late = |_elapsed| Failure::operation(format!("the log of {service} was not read in time"));
    let read = read(engine, &name, wanted);
    let (lines, dropped) = timeout(HISTORY_TIMEOUT, read).await.map_err(late)??;
    let unsaid = wanted.tail.is_none() && wanted.since.is_some();
    if unsaid && (dropped || lines.len() == HISTORY_MAX as usize) {
        note(format_args!(
            "── {service}: only the last {HISTORY_MAX} lines ──"
        ));
    }
    Ok(lines)
}

/// The wanted lines, and whether there were more than may be.
async fn read(
    engine: &Engine,
    name: &str,
    wanted: Wanted,
) -> Result<(VecDeque<LogLine>, bool), CliError> {
    let mut lines = std::pin::pin!(engine.logs(name, wanted.query()));
    let (mut got, mut dropped) = (VecDeque::new(), false);
    while let Some(line) = lines.next().await {
        let line = line?;
        if !wanted.holds(line.at) {
            continue;
        }
        got.push_back(line);
        if got.len() == wanted.most() && wanted.head.is_some() {
            break;
        }
        if got.len() > wanted.most() {
            dropped = got.pop_front().is_some();
        }
    }
    Ok((got, dropped))
}

fn absent(service: &ServiceId) -> Failure {
    let absent = Failure::operation(format!("{service} has no container, so no log"));
    absent.with_hint(format!("`cchub-tui start {}`", service.project))
}

async fn follow(
    context: &Context,
    services: Vec<ServiceId>,
    containers: Containers,
    wanted: Wanted,
    mut printer: Printer,
) -> Result<Code, CliError> {
    let follow = Follow {
        id: FollowId(1),
        services,
        window: wanted.window(),
    };
    let secrets = context.hub_file.secrets_dir();
    // One try with its error in full, before anything waits for an engine that is not there.
    let engine = context.engine().await?;
    printer.learn_from(&engine, &containers).await?;
    let mut streams = stream::open(
        context.endpoint()?,
        Timing::default(),
        &follow,
        &secrets,
        containers,
    );
    let mut end = std::pin::pin!(interrupted());
    let mut merge = Merge::default();
    loop {
        tokio::select! {
            signal = &mut end => {
                printer.print_events(&mut merge, wanted)?;
                return Ok(Code::Signal(signal));
            }
            Some(fact) = streams.facts.recv() => say_engine(&fact),
            () = merge.due() => printer.print_events(&mut merge, wanted)?,
            batch = streams.logs.recv() => match batch {
                Some(batch) => merge.take(printer.learn(batch), Instant::now()),
                None => return Ok(Code::Done),
            },
        }
        // One service has nobody to wait for.
        if follow.services.len() == 1 {
            printer.print_events(&mut merge, wanted)?;
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

/// Picks lines and prints them.
#[derive(Debug)]
struct Printer {
    form: Form,
    picker: Picker,
    /// The number of the line that was printed last.
    last: u64,
}

impl Printer {
    /// Takes the secrets out of a batch: they count before any line that waits.
    fn learn(&mut self, mut batch: LogBatch) -> LogBatch {
        batch.events.retain_mut(|event| match event {
            LogEvent::Secrets(secrets) => {
                if let Some(masker) = &mut self.form.masker {
                    masker.learn(std::mem::take(secrets));
                }
                false
            }
            LogEvent::Line(_) | LogEvent::Notice(..) => true,
        });
        batch
    }

    /// What containers that Compose made were told in their environment is hidden like secrets of ours.
    async fn learn_from(
        &mut self,
        engine: &Engine,
        containers: &Containers,
    ) -> Result<(), CliError> {
        let Some(masker) = &mut self.form.masker else {
            return Ok(());
        };
        for name in containers.names() {
            if let Some(container) = engine.inspect(name).await? {
                masker.learn(env_secrets(&container.settings));
            }
        }
        Ok(())
    }

    fn print_all(&mut self, lines: Vec<(ServiceId, LogLine)>) -> Result<(), CliError> {
        let picked = self.picker.take_all(lines);
        picked.iter().try_for_each(|picked| self.print(picked))
    }

    fn print_events(&mut self, merge: &mut Merge, wanted: Wanted) -> Result<(), CliError> {
        for (service, event) in merge.flush() {
            match event {
                LogEvent::Line(line) if wanted.holds(line.at) => {
                    for picked in self.picker.take(service, line) {
                        self.print(&picked)?;
                    }
                }
                LogEvent::Line(_) | LogEvent::Secrets(_) => {}
                LogEvent::Notice(_, text) => {
                    let name = self.form.name_of(&service);
                    note(format_args!("── {name} {text} ──"));
                }
            }
        }
        Ok(())
    }

    fn print(&mut self, picked: &Picked) -> Result<(), CliError> {
        let left_out = self.last > 0 && picked.number != self.last + 1;
        if self.form.gaps && left_out {
            print(GAP)?;
        }
        self.last = picked.number;
        print_line(&self.form, picked)
    }
}

impl Form {
    fn new(args: &LogsArgs, services: &[ServiceId]) -> Self {
        let first = services.first().map(|service| &service.project);
        let projects = services
            .iter()
            .any(|service| Some(&service.project) != first);
        let mut form = Self {
            masker: None,
            json: args.json,
            timestamps: args.timestamps,
            names: 0,
            projects,
            gaps: args.context > 0 && !args.json,
            colour: stdout_has_colour() && !args.json,
        };
        if services.len() > 1 {
            let widths = services.iter().map(|service| form.name_of(service).len());
            form.names = widths.max().unwrap_or_default();
        }
        form
    }

    fn name_of(&self, service: &ServiceId) -> String {
        match self.projects {
            true => format!("{}/{}", service.project, service.kind),
            false => service.kind.to_string(),
        }
    }
}

fn print_line(form: &Form, picked: &Picked) -> Result<(), CliError> {
    let line = &picked.line;
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
    let name = match form.names {
        0 => String::new(),
        width => format!("{:width$} ", form.name_of(&picked.service)),
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
    let (service, line) = (&picked.service, &picked.line);
    let stream = match line.stream {
        LogStream::Out => "stdout",
        LogStream::Err => "stderr",
    };
    let text = text.uncoloured();
    let line = JsonLine {
        time: line.at,
        project: service.project.as_str(),
        service: service.kind,
        stream,
        level: picked.level.map(Level::as_str),
        text: &text,
    };
    let text = serde_json::to_string(&line)
        .map_err(|error| Failure::operation(format!("a line cannot be written: {error}")))?;
    print(text)
}
