//! What the selection's containers lack in hardening: the worst first, each with the reason and the mend.

use crate::{
    app::known::Row,
    domain::{ServiceKind, Target},
    stack::hardening::Finding,
};

/// The dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// What it is about.
    pub title: String,
    /// What was found; at least one thing.
    pub items: Vec<Item>,
    /// The selected one.
    pub index: usize,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Whose it is: one of the four, or Compose's name.
    pub service: String,
    /// What is missing, and why that matters.
    pub what: String,
    /// Why it matters, and what to do.
    pub why: String,
    /// Where the mend has to be written, and as what.
    pub mend: String,
    /// It gives the host or the service away by itself.
    pub is_grave: bool,
}

impl Audit {
    /// The selected finding.
    #[must_use]
    pub fn chosen(&self) -> Option<&Item> {
        self.items.get(self.index)
    }
}

/// All that was found of `target`, the worst first; `None` if nothing was looked at yet.
#[must_use]
pub fn items(row: &Row, target: &Target) -> Option<Vec<Item>> {
    let kinds = ServiceKind::ALL.into_iter();
    let mut kinds = kinds.filter(|kind| target.service.is_none_or(|only| only == *kind));
    let looked = kinds.any(|kind| row.findings[kind].is_some());
    if !looked && row.others.iter().all(|other| other.findings.is_none()) {
        return None;
    }
    let kinds = ServiceKind::ALL.into_iter();
    let kinds = kinds.filter(|kind| target.service.is_none_or(|only| only == *kind));
    let of_kind = |kind: ServiceKind| {
        let found = row.findings[kind].iter().flatten();
        found.map(move |finding| item(row, kind, finding))
    };
    let mut items: Vec<Item> = kinds.flat_map(of_kind).collect();
    items.sort_by_key(|item| !item.is_grave);
    if target.service.is_none() {
        items.extend(of_others(row));
    }
    Some(items)
}

fn item(row: &Row, kind: ServiceKind, finding: &Finding) -> Item {
    let service = row
        .project
        .compose()
        .and_then(|c| c.services[kind].as_ref());
    let project = row.project.name.as_str();
    Item {
        service: kind.to_string(),
        what: finding.what.to_string(),
        why: format!("{}: {}.", finding.why, finding.mend),
        mend: finding.mend_of(project, kind.as_str(), service.map(|s| s.as_str())),
        is_grave: finding.is_grave,
    }
}

/// Containers that play no part: how much was found, and where it is read.
fn of_others(row: &Row) -> impl Iterator<Item = Item> {
    let found = row.others.iter().filter_map(|other| match other.findings {
        Some(n @ 1..) => Some((other, n)),
        _ => None,
    });
    found.map(|(other, n)| Item {
        service: other.service.to_string(),
        what: format!("{n} findings"),
        why: "It plays none of the four parts; its findings are listed on the command line."
            .to_owned(),
        mend: format!("cchub-tui audit {}", row.project.name),
        is_grave: false,
    })
}
