//! What depends on what in a Compose project, as its labels tell it, and the order of a start that follows from it.

use crate::domain::{PerService, ServiceKind, service::Needs};
use std::collections::BTreeSet;

/// One service that another one needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Compose's name of the service that is needed.
    pub service: String,
    /// It must have ended well, not run: a migration.
    pub completed: bool,
}

/// Reads the label: `db:service_healthy:false,migrate:service_completed_successfully:false`.
#[must_use]
pub fn parse(label: &str) -> Vec<Need> {
    let one = |part: &str| {
        let mut words = part.trim().split(':');
        let service = words.next().filter(|service| !service.is_empty())?;
        let completed = words.next() == Some("service_completed_successfully");
        Some(Need {
            service: service.to_owned(),
            completed,
        })
    };
    label.split(',').filter_map(one).collect()
}

/// A service as this file sees it.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    /// Compose's name.
    pub service: &'a str,
    /// The part that it plays.
    pub kind: Option<ServiceKind>,
    /// What its label says that it needs; empty if it says nothing.
    pub needs: &'a [Need],
}

/// Which of the four each of the four needs: as the labels say, also through services that play no part; where a label
/// says nothing, as in this program's own stack.
#[must_use]
pub fn needs(nodes: &[Node<'_>]) -> Needs {
    let stack = Needs::default();
    Needs::new(PerService::from_fn(|kind| {
        let said = nodes.iter().find(|node| node.kind == Some(kind));
        match said.filter(|node| !node.needs.is_empty()) {
            None => stack.of(kind).collect(),
            Some(node) => reached(nodes, node),
        }
    }))
}

/// The four's services that `from` needs, directly or through others.
fn reached(nodes: &[Node<'_>], from: &Node<'_>) -> Vec<ServiceKind> {
    let mut seen = BTreeSet::from([from.service]);
    let mut open: Vec<&str> = names(from).collect();
    let mut found = Vec::new();
    while let Some(service) = open.pop() {
        if !seen.insert(service) {
            continue;
        }
        match nodes.iter().find(|node| node.service == service) {
            Some(Node {
                kind: Some(kind), ..
            }) => found.push(*kind),
            Some(node) => open.extend(names(node)),
            None => {}
        }
    }
    found.sort_unstable();
    found
}

fn names<'a>(node: &Node<'a>) -> impl Iterator<Item = &'a str> {
    node.needs.iter().map(|need| need.service.as_str())
}

/// Indexes of `nodes` in the order of a start: each wave needs nothing of those after it. What plays no part and says
/// nothing of its needs comes last; services that need each other come together.
#[must_use]
pub fn waves(nodes: &[Node<'_>]) -> Vec<Vec<usize>> {
    let mut left: BTreeSet<usize> = (0..nodes.len()).collect();
    let mut waves = Vec::new();
    while !left.is_empty() {
        let is_ready = |at: &usize| !left.iter().any(|other| comes_before(nodes, *other, *at));
        let mut wave: Vec<usize> = left.iter().copied().filter(is_ready).collect();
        if wave.is_empty() {
            wave = left.iter().copied().collect();
        }
        left.retain(|at| !wave.contains(at));
        waves.push(wave);
    }
    waves
}

fn comes_before(nodes: &[Node<'_>], first: usize, then: usize) -> bool {
    let (first, then) = (&nodes[first], &nodes[then]);
    if !then.needs.is_empty() {
        return names(then).any(|name| name == first.service);
    }
    let stack = Needs::default();
    match (first.kind, then.kind) {
        (Some(first), Some(then)) => stack.of(then).any(|need| need == first),
        // Who waits for a service that plays no part has said so; everybody else may go first.
        (Some(_), None) => !names(first).any(|name| name == then.service),
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ServiceKind::{Backend, Frontend, Postgres, Redis};

    fn order(rows: &[(&str, Option<ServiceKind>, &str)]) -> (Vec<Vec<String>>, Needs) {
        let parsed: Vec<_> = rows.iter().map(|(_, _, label)| parse(label)).collect();
        let nodes: Vec<_> = rows
            .iter()
            .zip(&parsed)
            .map(|((service, kind, _), needs)| Node {
                service,
                kind: *kind,
                needs,
            })
            .collect();
        let name = |at: &usize| nodes[*at].service.to_owned();
        let waves = waves(&nodes);
        let waves = waves.iter().map(|wave| wave.iter().map(name).collect());
        (waves.collect(), needs(&nodes))
    }

    #[test]
    fn the_label_of_compose_is_read_whatever_it_holds() {
        let read =
            parse("db:service_healthy:false, migrate:service_completed_successfully:true,,x");
        let names: Vec<_> = read.iter().map(|need| need.service.as_str()).collect();
        assert_eq!(names, ["db", "migrate", "x"]);
        assert_eq!(
            read.iter().map(|n| n.completed).collect::<Vec<_>>(),
            [false, true, false]
        );
        assert!(parse("").is_empty() && parse(":service_started:").is_empty());
    }

    #[test]
    fn labels_decide_the_order_and_who_needs_whom_also_through_others() {
        let (waves, needs) = order(&[
            (
                "api",
                Some(Backend),
                "migrate:service_completed_successfully:false",
            ),
            ("cache", Some(Redis), ""),
            ("db", Some(Postgres), ""),
            ("migrate", None, "db:service_healthy:false"),
            (
                "web",
                Some(Frontend),
                "api:service_started:false,cache:service_started:false",
            ),
        ]);
        let expected = [
            vec!["cache", "db"],
            vec!["migrate"],
            vec!["api"],
            vec!["web"],
        ];
        assert_eq!(waves, expected);
        let of = |kind| needs.of(kind).collect::<Vec<_>>();
        assert_eq!(of(Backend), [Postgres]);
        assert_eq!(of(Frontend), [Redis, Backend]);
    }

    #[test]
    fn without_labels_the_order_is_that_of_the_stack_and_others_come_last() {
        let (waves, needs) = order(&[
            ("api", Some(Backend), ""),
            ("db", Some(Postgres), ""),
            ("mail", None, ""),
            ("web", Some(Frontend), ""),
        ]);
        assert_eq!(waves, [vec!["db"], vec!["api"], vec!["web"], vec!["mail"]]);
        assert_eq!(needs, Needs::default());
    }

    #[test]
    fn services_that_need_each_other_do_not_stop_a_start() {
        let (waves, _) = order(&[
            ("a", None, "b:service_started:false"),
            ("b", None, "a:service_started:false"),
            ("c", None, "gone:service_started:false"),
        ]);
        assert_eq!(waves, [vec!["c"], vec!["a", "b"]]);
    }
}
