//! The Why pane: one sentence first, then everything that is known about the selection.

mod compose;

use super::{
    Action,
    fleet::{self, Verdict, verdict},
    known::{Known, Row},
    limits::Limit,
};
use crate::{
    domain::{
        Cpus, Limits, ServiceKind, Target, Timestamp, Usage,
        cause::{Case, Evidence, Step, Weight},
        health::State,
        units::long_age,
    },
    hub::{Failure, JobState},
};

/// How a line is meant to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The sentence that answers the question.
    Lead(Verdict),
    /// A fact.
    Plain,
    /// A fact that deserves a look.
    Warn,
    /// A fact that is wrong.
    Bad,
    /// Background.
    Dim,
    /// A log line of a service.
    Log,
}

/// One line of the pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is about; empty for sentences.
    pub label: String,
    /// What it says.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

fn line(label: &str, text: impl Into<String>, tone: Tone) -> Line {
    Line {
        label: label.to_owned(),
        text: text.into(),
        tone,
    }
}

/// Everything about `target`.
#[must_use]
pub fn lines(
    known: &Known,
    target: &Target,
    now: Timestamp,
    key: &dyn Fn(Action) -> String,
) -> Vec<Line> {
    let Some(row) = known.rows.get(&target.project) else {
        return Vec::new();
    };
    let (mut lines, facts) = match target.service {
        Some(kind) => of_service(row, kind, now, key),
        None => of_project(row, now),
    };
    lines.extend(of_last_job(known, target));
    lines.push(line("", "", Tone::Plain));
    lines.extend(facts);
    lines
}

/// The answer first, then the facts.
fn of_project(row: &Row, now: Timestamp) -> (Vec<Line>, Vec<Line>) {
    let sentences = ServiceKind::ALL.map(|kind| {
        let tone = Tone::Lead(verdict(kind, row));
        line("", case(kind, row, now).sentence(), tone)
    });
    let verdict = fleet::worst(row);
    let one = |text: &str| vec![line("", text, Tone::Lead(verdict))];
    let lead = match verdict {
        Verdict::Ok => one(&compose::well(row)),
        Verdict::Stopped => one("The project is stopped; its data is kept."),
        Verdict::Unseen => one("Nothing is known yet."),
        Verdict::Unchecked => one("It runs; nobody checks its services."),
        Verdict::Absent => one("None of its containers plays one of the four parts."),
        Verdict::Stale => one(&format!("Nothing current is known: {}.", why_stale(row))),
        _ => {
            let four = only_problems(row, sentences);
            let others = compose::other_problems(row, now);
            four.into_iter().chain(others).collect()
        }
    };
    let mut facts: Vec<Line> = ServiceKind::ALL
        .into_iter()
        .map(|kind| line(kind.as_str(), summary(row, kind, now), tone_of(row, kind)))
        .collect();
    facts.extend(compose::others(row, now));
    facts.push(line("", "", Tone::Plain));
    facts.extend(compose::maker(row));
    if row.project.protected {
        let text = "stop, restart and removal ask for its name";
        facts.push(line("protected", text, Tone::Plain));
    }
    facts.push(line("folder", row.project.folder(), Tone::Dim));
    let number = row.project.number.map(|number| number.to_string());
    facts.extend(number.map(|number| line("number", number, Tone::Dim)));
    (lead, facts)
}

/// Why nothing current is known, as the hub said it of the first service that is in the dark.
fn why_stale(row: &Row) -> &str {
    let mut dark = row.health.iter().filter(|(_, h)| h.state == State::Unknown);
    let why = dark.find_map(|(_, h)| (!h.message.is_empty()).then_some(h.message.as_str()));
    why.unwrap_or("no check has been answered yet")
}

/// The sentences of what is not well: a healthy service needs no explanation.
fn only_problems(row: &Row, sentences: [Line; 4]) -> Vec<Line> {
    ServiceKind::ALL
        .into_iter()
        .zip(sentences)
        .filter(|(kind, _)| {
            let verdict = verdict(*kind, row);
            verdict.is_problem() || verdict == Verdict::Starting
        })
        .map(|(_, line)| line)
        .collect()
}

fn tone_of(row: &Row, kind: ServiceKind) -> Tone {
    match verdict(kind, row) {
        Verdict::Down | Verdict::Loop => Tone::Bad,
        Verdict::Slow | Verdict::Blocked => Tone::Warn,
        Verdict::Ok | Verdict::Unchecked | Verdict::Starting => Tone::Plain,
        Verdict::Stale | Verdict::Stopped | Verdict::Unseen | Verdict::Absent => Tone::Dim,
    }
}

/// One line for a service in its project's pane: state, port, use of limits.
fn summary(row: &Row, kind: ServiceKind, now: Timestamp) -> String {
    let health = &row.health[kind];
    let state = health.state.word();
    if !row.project.has(kind) {
        return state.to_owned();
    }
    let since = health.since.map_or_else(String::new, |t| long_age(t, now));
    let port = row.project.port_word(kind);
    let limits = row.limits_of(kind);
    let (cpus, memory) = row.usage[kind].map_or_else(
        || (Limit::Cpus.shown(limits), Limit::Memory.shown(limits)),
        |usage| {
            let used = usage.cpus.map_or(0.0, Cpus::as_f64);
            (
                of_limit(format!("{used:.2}"), Limit::Cpus, limits),
                of_limit(usage.memory.to_string(), Limit::Memory, limits),
            )
        },
    );
    format!("{state:13}{since:>6}  :{port:<5}  {cpus:>12} CPUs {memory:>16}")
}

/// `52 MB of 512 MB`; what has no limit is told alone.
fn of_limit(used: String, limit: Limit, limits: Limits) -> String {
    match limit.is_none(limits) {
        true => used,
        false => format!("{used} of {}", limit.shown(limits)),
    }
}

fn short_limits(limits: Limits) -> String {
    format!(
        "{} CPUs, {}, {} processes",
        Limit::Cpus.shown(limits),
        Limit::Memory.shown(limits),
        Limit::Pids.shown(limits)
    )
}

fn use_of(usage: Usage, limits: Limits) -> String {
    let cpus = usage
        .cpus
        .map_or_else(|| "–".to_owned(), |c| format!("{:.2}", c.as_f64()));
    let none: Vec<&str> = Limit::ALL
        .into_iter()
        .filter(|limit| limit.is_none(limits))
        .map(Limit::word)
        .collect();
    let unlimited = match none.as_slice() {
        [] => String::new(),
        none => format!("; no limit of {}", none.join(", ")),
    };
    format!(
        "{} CPUs, {}{unlimited}",
        of_limit(cpus, Limit::Cpus, limits),
        of_limit(usage.memory.to_string(), Limit::Memory, limits)
    )
}

fn of_service(
    row: &Row,
    kind: ServiceKind,
    now: Timestamp,
    key: &dyn Fn(Action) -> String,
) -> (Vec<Line>, Vec<Line>) {
    let health = &row.health[kind];
    let tone = Tone::Lead(verdict(kind, row));
    let case = case(kind, row, now);
    let mut lead = vec![line("", case.sentence(), tone)];
    if !row.project.has(kind) {
        return (lead, compose::maker(row).into_iter().collect());
    }
    lead.extend(case.victims().map(|text| line("", text, Tone::Warn)));
    lead.extend(next_line(&case, row, key));
    let mut lines: Vec<Line> = case.evidence().into_iter().map(fact_line).collect();
    let port = row.project.port_word(kind);
    let port = match row.project.ports[kind] {
        Some(_) => format!("{port} on the host"),
        None => "none is published on the host".to_owned(),
    };
    lines.push(line("port", port, Tone::Plain));
    let uses = row.usage[kind].map_or_else(
        || short_limits(row.limits_of(kind)),
        |usage| use_of(usage, row.limits_of(kind)),
    );
    lines.push(line("limits", uses, Tone::Plain));
    if let Some((now, wished)) = row.drift(kind) {
        let difference = now.difference(wished);
        let text = format!("≠ somebody else changed limits; the hub file's again: {difference}");
        lines.push(line("drift", text, Tone::Warn));
    } else if health.drift {
        let text = "the container is not what the hub file asks for; a restart makes it anew";
        lines.push(line("drift", text, Tone::Warn));
    }
    lines.extend(compose::plays(row, kind));
    lines.extend(finding_lines(row, kind));
    (lead, lines)
}

/// The service among its siblings.
fn case(kind: ServiceKind, row: &Row, now: Timestamp) -> Case<'_> {
    Case {
        kind,
        health: &row.health,
        course: fleet::course(row),
        last_words: &row.last_words[kind],
        now,
    }
}

/// What to do next, each step with its key. What Compose made is started by Compose.
fn next_line(case: &Case<'_>, row: &Row, key: &dyn Fn(Action) -> String) -> Option<Line> {
    let is_ours = row.project.compose().is_none();
    let steps = case.steps().into_iter();
    let steps = steps.filter(|step| is_ours || *step != Step::Start);
    let words = steps.map(|step| match action_of(step) {
        Some(action) => format!("{}: {}", step.words(), key(action)),
        None => step.words(),
    });
    let words: Vec<String> = words.collect();
    let text = || format!("Next: {}.", words.join(", "));
    (!words.is_empty()).then(|| line("", text(), Tone::Plain))
}

const fn action_of(step: Step) -> Option<Action> {
    match step {
        Step::LookAt(_) => None,
        Step::Memory(_) => Some(Action::ShowLimits),
        Step::Logs => Some(Action::ShowLogs),
        Step::Start => Some(Action::Start),
        Step::Restart => Some(Action::Restart),
    }
}

fn fact_line(fact: Evidence) -> Line {
    let tone = match fact.weight {
        Weight::Plain => Tone::Plain,
        Weight::Warn => Tone::Warn,
        Weight::Bad => Tone::Bad,
        Weight::Dim => Tone::Dim,
        Weight::Log => Tone::Log,
    };
    line(fact.about, fact.says, tone)
}

fn finding_lines(row: &Row, kind: ServiceKind) -> Vec<Line> {
    let Some(findings) = &row.findings[kind] else {
        return Vec::new();
    };
    if findings.is_empty() {
        return vec![line("hardening", "every check passes", Tone::Dim)];
    }
    let grave = findings.iter().filter(|finding| finding.is_grave).count();
    let serious = match grave {
        0 => String::new(),
        n => format!(", {n} serious"),
    };
    let worst = findings.first().map_or("", |finding| finding.what.as_str());
    let tone = match grave {
        0 => Tone::Dim,
        _ => Tone::Warn,
    };
    let text = format!("{} findings{serious}; the worst: {worst}", findings.len());
    vec![line("hardening", text, tone)]
}

/// What the last operation on the project left behind, if it did not work.
fn of_last_job(known: &Known, target: &Target) -> Vec<Line> {
    let Some(job) = known.last_job(&target.project) else {
        return Vec::new();
    };
    let JobState::Failed(failure) = &job.state else {
        return Vec::new();
    };
    let other = |kind| target.service.is_some_and(|mine| mine != kind);
    if job.target.service.is_some_and(other) {
        return Vec::new();
    }
    let mut lines = vec![line("", "", Tone::Plain)];
    let what = format!("{} of {} failed: ", job.verb.as_str(), job.target);
    lines.push(line("last job", what + &failure.message, Tone::Bad));
    lines.extend(failure_lines(failure));
    lines
}

/// What went wrong and what to do, as one text.
#[must_use]
pub fn failure_text(failure: &Failure) -> String {
    let Some(hint) = &failure.hint else {
        return failure.message.to_string();
    };
    let message = failure.message.trim_end_matches(['.', ' ']);
    format!("{message}. {hint}")
}

fn failure_lines(failure: &Failure) -> Vec<Line> {
    let hint = failure
        .hint
        .iter()
        .map(|hint| line("next step", hint.as_str(), Tone::Warn));
    let log = failure
        .log
        .iter()
        .map(|l| line("log", l.text.plain(), Tone::Log));
    hint.chain(log).collect()
}
