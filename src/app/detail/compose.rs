//! What the Why pane says of projects that Compose made: who owns the containers, what else belongs to them, and what may
//! be said of parts that nobody plays or checks.

use super::{Line, Tone, line, long_age};
use crate::{
    app::{
        fleet::{self, Verdict, verdict},
        known::Row,
        text,
    },
    domain::{Other, ServiceKind, Timestamp, cause},
};

/// Columns of the name of a container that plays no part.
const NAME: usize = 14;

/// Who made it, and what that means; nothing for the hub's own.
pub(super) fn maker(row: &Row) -> Option<Line> {
    let compose = row.project.compose()?;
    let files = match compose.files.is_empty() {
        true => String::new(),
        false => format!(" from {}", compose.files),
    };
    let known = match compose.imported {
        true => "; it is in the hub file, too",
        false => "",
    };
    let text = format!(
        "Docker Compose, as {}{files}; nothing is made or removed here{known}",
        compose.name
    );
    Some(line("made by", text, Tone::Dim))
}

/// Its containers that play none of the four parts, a row each.
pub(super) fn others(row: &Row, now: Timestamp) -> Vec<Line> {
    let mut label = "also";
    let rows = fleet::others(row).map(|(verdict, other)| {
        let line = line(label, summary(other, now), tone(verdict));
        // No label at all would make a sentence of it.
        label = " ";
        line
    });
    rows.collect()
}

fn summary(other: &Other, now: Timestamp) -> String {
    let health = &other.health;
    let since = health.since.map_or_else(String::new, |t| long_age(t, now));
    let name = text::cut(&other.service, NAME);
    let end = match health.exit_code.filter(|_| !health.state.is_up()) {
        Some(code) => format!("exit {code}"),
        None => health.state.word().to_owned(),
    };
    let ports: Vec<String> = other.ports.iter().map(|port| format!(":{port}")).collect();
    format!(
        "{name:NAME$}  {end:10}{since:>7}  {}  {}",
        other.image,
        ports.join(" ")
    )
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Down | Verdict::Loop => Tone::Bad,
        Verdict::Slow | Verdict::Blocked => Tone::Warn,
        Verdict::Ok | Verdict::Unchecked | Verdict::Starting => Tone::Plain,
        Verdict::Stale | Verdict::Stopped | Verdict::Unseen | Verdict::Absent => Tone::Dim,
    }
}

/// The sentences about those of them that are not well.
pub(super) fn other_problems(row: &Row, now: Timestamp) -> Vec<Line> {
    let ill = fleet::others(row).filter(|(verdict, _)| verdict.is_problem());
    let sentence = |(verdict, other): (Verdict, &Other)| {
        let text = cause::why_alone(&other.service, &other.health, now) + ".";
        line("", text, Tone::Lead(verdict))
    };
    ill.map(sentence).collect()
}

/// What may be said of a project in which nothing is wrong: who answers, and whom nobody asks.
pub(super) fn well(row: &Row) -> String {
    let is = |wanted: Verdict| {
        let has = move |kind: &ServiceKind| verdict(*kind, row) == wanted;
        ServiceKind::ALL.into_iter().filter(has)
    };
    let unchecked: Vec<&str> = is(Verdict::Unchecked).map(ServiceKind::as_str).collect();
    match (is(Verdict::Ok).count(), unchecked.as_slice()) {
        (4, _) => "All four services are healthy.".to_owned(),
        (1, []) => "Its service is healthy.".to_owned(),
        (n, []) => format!("All {n} services are healthy."),
        (n, rest) => {
            let verb = if n == 1 { "answers" } else { "answer" };
            format!(
                "{n} of {} {verb}; nobody checks {}.",
                n + rest.len(),
                rest.join(" and ")
            )
        }
    }
}

/// Which of Compose's services plays the part.
pub(super) fn plays(row: &Row, kind: ServiceKind) -> Option<Line> {
    let compose = row.project.compose()?;
    let service = compose.services[kind].as_ref()?;
    let text = format!("{service} of {}", compose.name);
    Some(line("Compose's", text, Tone::Dim))
}
