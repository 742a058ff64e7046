//! `timeline`: what happened to projects, read from what earlier runs of the screen wrote down and from the journal. No
//! engine is asked.

use super::{
    Context,
    args::TimelineArgs,
    named,
    output::{CliError, Code, note, print, table},
};
use crate::{
    config::paths,
    domain::{
        ProjectName, Target, Timestamp,
        timeline::{Entry, markdown},
    },
    hub::{
        Failure,
        timeline::past::{self, Pages},
    },
};
use serde::Serialize;
use std::sync::Arc;

/// Prints the last entries, the oldest first.
pub(super) fn timeline(context: &Context, args: &TimelineArgs) -> Result<Code, CliError> {
    let folder = paths::state_dir();
    let engine = context.endpoint()?.to_string();
    let past = past::read(&folder, Some(&engine), args.last as usize).map_err(|error| {
        let folder = folder.display();
        let text = format!("the timeline in {folder} cannot be read: {error}");
        Failure::operation(text).with_hint("run this as the user whose timeline it is")
    })?;
    if past.damaged > 0 {
        note(format_args!("{} damaged lines are left out", past.damaged));
    }
    let wanted = Wanted::new(args, Timestamp::now());
    if args.markdown {
        return print_markdown(&wanted, &past.pages);
    }
    let entries = wanted.entries(&past.pages);
    if args.json {
        entries.iter().try_for_each(|entry| print_line(entry))?;
    } else if entries.is_empty() {
        note("nothing is written down: it is while the screen is open, and of operations always");
    } else {
        print(as_table(&entries))?;
    }
    Ok(Code::Done)
}

/// What is asked for.
struct Wanted {
    targets: Vec<Target>,
    since: Option<Timestamp>,
    last: usize,
}

impl Wanted {
    fn new(args: &TimelineArgs, now: Timestamp) -> Self {
        Self {
            targets: named::targets(&args.named),
            since: args.since.map(|since| since.moment(now)),
            last: args.last as usize,
        }
    }

    /// Of all that is named, in order.
    fn entries<'a>(&self, pages: &'a Pages) -> Vec<&'a Arc<Entry>> {
        let all = pages.values().flat_map(|page| page.entries());
        self.last_of(all.filter(|entry| self.names(entry)))
    }

    fn last_of<'a>(&self, entries: impl Iterator<Item = &'a Arc<Entry>>) -> Vec<&'a Arc<Entry>> {
        // What counts on is as young as the last time that it happened.
        let is_young = |entry: &&Arc<Entry>| self.since.is_none_or(|since| entry.last >= since);
        let mut entries: Vec<_> = entries.filter(is_young).collect();
        entries.sort_by_key(|entry| entry.at);
        let surplus = entries.len().saturating_sub(self.last);
        entries.split_off(surplus)
    }

    fn names(&self, entry: &Entry) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|target| is_about(entry, target))
    }

    /// What is named, or every project that something is known of.
    fn subjects(&self, pages: &Pages) -> Vec<Target> {
        match self.targets.is_empty() {
            true => pages.keys().flatten().map(Target::project).collect(),
            false => self.targets.clone(),
        }
    }
}

/// What concerns no project alone concerns them all.
fn is_about(entry: &Entry, target: &Target) -> bool {
    let its_own = |project: &ProjectName| *project == target.project;
    entry.project.as_ref().is_none_or(its_own) && entry.concerns(target.service)
}

/// A chapter for each subject.
fn print_markdown(wanted: &Wanted, pages: &Pages) -> Result<Code, CliError> {
    let mut chapters = Vec::new();
    for subject in wanted.subjects(pages) {
        let all = pages.values().flat_map(|page| page.entries());
        let entries = wanted.last_of(all.filter(|entry| is_about(entry, &subject)));
        let entries = entries.iter().map(|entry| entry.as_ref());
        chapters.push(markdown(&subject, entries));
    }
    match chapters.is_empty() {
        true => note("nothing is written down"),
        false => print(chapters.join("\n").trim_end())?,
    }
    Ok(Code::Done)
}

/// An entry with the words that a screen would show for it.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    words: String,
}

fn print_line(entry: &Entry) -> Result<(), CliError> {
    let words = entry.words();
    let text = serde_json::to_string(&Line { entry, words })
        .map_err(|error| Failure::operation(format!("an entry cannot be written: {error}")))?;
    print(text)
}

fn as_table(entries: &[&Arc<Entry>]) -> String {
    let rows: Vec<_> = entries.iter().map(|entry| row(entry)).collect();
    table(&["TIME", "PROJECT", "SERVICE", "WHAT"], &rows)
}

fn row(entry: &Entry) -> Vec<String> {
    let dash = || "–".to_owned();
    let project = entry.project.as_ref().map(ToString::to_string);
    vec![
        format!("{:.0}", entry.at),
        project.unwrap_or_else(dash),
        entry.service.map_or_else(dash, |kind| kind.to_string()),
        entry.words(),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{
        ServiceKind::{Backend, Redis},
        timeline::{Timeline, What},
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn pages() -> Pages {
        let mut pages = Pages::new();
        for (second, project, kind) in [
            (10, Some("shop"), Some(Redis)),
            (20, Some("blog"), Some(Redis)),
            (30, Some("shop"), Some(Backend)),
            (40, None, None),
            (50, Some("shop"), None),
        ] {
            let entry = Entry {
                project: project.map(|name| name.parse().unwrap()),
                service: kind,
                ..Entry::once(at(second), What::Paused, "")
            };
            let page: &mut Timeline = pages.entry(entry.project.clone()).or_default();
            page.add(entry);
        }
        pages
    }

    fn wanted(words: &[&str], since: Option<i64>, last: usize) -> Wanted {
        let target = |word: &&str| {
            let (project, service) = word.split_once('/').unwrap_or((word, ""));
            Target {
                project: project.parse().unwrap(),
                service: service.parse().ok(),
            }
        };
        Wanted {
            targets: words.iter().map(target).collect(),
            since: since.map(at),
            last,
        }
    }

    #[test]
    fn what_is_named_since_then_and_no_more_than_asked_for() {
        for (words, since, last, seconds) in [
            (&[][..], None, 9, &[10, 20, 30, 40, 50][..]),
            (&["shop"], None, 9, &[10, 30, 40, 50]),
            (&["shop/redis"], None, 9, &[10, 40, 50]),
            (&["shop/redis", "blog"], None, 9, &[10, 20, 40, 50]),
            (&["shop"], Some(30), 9, &[30, 40, 50]),
            (&["shop"], None, 2, &[40, 50]),
        ] {
            let pages = pages();
            let entries = wanted(words, since, last).entries(&pages);
            let found: Vec<_> = entries.iter().map(|entry| entry.at.as_second()).collect();
            assert_eq!(found, seconds, "{words:?} {since:?} {last}");
        }
    }

    #[test]
    fn a_report_has_a_chapter_for_each_project() {
        let pages = pages();
        let names = |words: &[&str]| {
            let subjects = wanted(words, None, 9).subjects(&pages);
            subjects.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(names(&[]), ["blog", "shop"]);
        assert_eq!(names(&["shop"]), ["shop"]);
    }
}
