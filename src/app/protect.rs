//! Projects that the operator protects: what interrupts or loses something of them is asked for with their name typed.

use super::{
    Model,
    field::Field,
    overlay::confirm::{Confirm, Deed},
};
use crate::{
    domain::ProjectName,
    hub::{Command, Request},
};
use std::collections::BTreeSet;

impl Model {
    /// The question as it has to be asked: of a protected project with its name typed. Why it cannot be asked at all, if
    /// it is about several of them.
    pub(super) fn guarded(&self, confirm: Confirm) -> Result<Confirm, String> {
        let protected = self.protected(&confirm.deed);
        let names: Vec<&str> = protected.iter().map(ProjectName::as_str).collect();
        match protected.iter().next() {
            None => Ok(confirm),
            Some(_) if names.len() > 1 => Err(format!(
                "{} are protected: do it to them one by one",
                names.join(" and ")
            )),
            Some(name) => {
                let mut confirm = confirm;
                confirm.body.push(format!("{name} is protected."));
                confirm.typed = Some((name.clone(), Field::new("")));
                Ok(confirm)
            }
        }
    }

    /// The protected projects that a deed interrupts, or of which it loses something.
    fn protected(&self, deed: &Deed) -> BTreeSet<ProjectName> {
        let is_protected = |name: &ProjectName| {
            let row = self.known.rows.get(name);
            row.is_some_and(|row| row.project.protected)
        };
        let requests = requests(deed)
            .into_iter()
            .filter(|request| request.is_hard());
        let names = requests.map(|request| request.target().project);
        names.filter(is_protected).collect()
    }
}

fn requests(deed: &Deed) -> Vec<&Request> {
    match deed {
        Deed::Send(Command::Run(request)) => vec![request],
        Deed::Send(Command::Many(batch)) => batch.requests.iter().collect(),
        Deed::Limits(wishes, _) => wishes.iter().map(|(_, request)| request).collect(),
        _ => Vec::new(),
    }
}
