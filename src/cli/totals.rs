//! How many services are in which state, below a table.

use super::output::note;
use crate::domain::Verdict;

/// Says how many services are well, and how many of each kind are not: what only suffers from another apart from what is
/// wrong by itself.
pub(super) fn say_totals(verdicts: impl Iterator<Item = Verdict>) {
    let verdicts: Vec<Verdict> = verdicts.collect();
    if !verdicts.is_empty() {
        note(format_args!("{}", totals(&verdicts)));
    }
}

fn totals(verdicts: &[Verdict]) -> String {
    let mut words: Vec<(Verdict, usize)> = Verdict::ALL
        .into_iter()
        .filter(|verdict| *verdict != Verdict::Absent)
        .map(|wanted| (wanted, verdicts.iter().filter(|v| **v == wanted).count()))
        .filter(|(_, count)| *count > 0)
        .collect();
    words.sort_by_key(|(verdict, _)| (*verdict != Verdict::Ok, *verdict));
    let words = words
        .iter()
        .map(|(v, count)| format!("{count} {}", v.word()));
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_and_victims_are_counted_apart() {
        use Verdict::{Blocked, Down, Ok};
        let verdicts = [Down, Ok, Blocked, Blocked, Ok, Ok];
        assert_eq!(totals(&verdicts), "3 ok, 1 down, 2 blocked");
    }
}
