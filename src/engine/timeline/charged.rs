//! The penalties that a timeline expects, against those in the ledger.

use super::compare::{Difference, Snapshot};
use super::{At, Charged, Failure};
use crate::engine::penalty::{Entry, ledger};
use crate::policy::model::Id;

impl Snapshot<'_> {
    /// What of the ledger is not as expected. Each entry stands for one expectation; an empty list means an empty ledger.
    pub(super) fn charged(&self, wanted: &[At<Charged>], line: u32, failures: &mut Vec<Failure>) {
        let ctx = self.world.context();
        let mut there: Vec<(Id, Entry)> = Vec::new();
        for (id, _) in &self.cases {
            let events = self.record.known(id, self.at);
            let entries = ledger(self.company, id, &events, &ctx, self.at);
            there.extend(entries.into_iter().map(|entry| (id.clone(), entry)));
        }
        if wanted.is_empty() {
            for (case, entry) in &there {
                let difference = Difference {
                    field: "penalties",
                    want: "none".to_owned(),
                    found: show(entry),
                };
                failures.push(difference.failure(line, &format!("{case} {}", entry.penalty.id)));
            }
        }
        // What says most chooses first, so that what says less does not take it away.
        let mut order: Vec<&At<Charged>> = wanted.iter().collect();
        order.sort_by_key(|w| std::cmp::Reverse(w.what.says()));
        for At { line, what } in order {
            let of_rule = |(case, entry): &(Id, Entry)| **case == *what.case && *entry.penalty.id == *what.penalty;
            match there.iter().position(|one| of_rule(one) && what.fits(&one.1)) {
                Some(at) => {
                    there.remove(at);
                }
                None => {
                    let found: Vec<String> = there.iter().filter(|one| of_rule(one)).map(|(_, e)| show(e)).collect();
                    let difference = Difference {
                        field: "penalties",
                        want: what.show(),
                        found: if found.is_empty() {
                            "none".to_owned()
                        } else {
                            found.join("; ")
                        },
                    };
                    failures.push(difference.failure(*line, &format!("{} {}", what.case, what.penalty)));
                }
            }
        }
    }
}

fn show(entry: &Entry) -> String {
    let amount = entry.amount_fen.map_or("none".to_owned(), |fen| fen.to_string());
    let word = |id: &Option<Id>| id.as_deref().unwrap_or("-").to_owned();
    format!(
        "{} {} {amount} {}",
        word(&entry.role),
        word(&entry.person),
        entry.status()
    )
}

impl Charged {
    fn says(&self) -> usize {
        let said = [
            self.role.is_some(),
            self.person.is_some(),
            self.amount_fen.is_some(),
            self.status.is_some(),
        ];
        said.into_iter().filter(|s| *s).count()
    }

    /// Whether an entry is as it says.
    pub(super) fn fits(&self, entry: &Entry) -> bool {
        let amount = entry.amount_fen.map_or("none".to_owned(), |fen| fen.to_string());
        (self.role.is_none() || self.role.as_deref() == entry.role.as_deref())
            && (self.person.is_none() || self.person.as_deref() == entry.person.as_deref())
            && self.amount_fen.as_ref().is_none_or(|wanted| wanted.0 == amount)
            && self.status.as_ref().is_none_or(|wanted| *wanted == entry.status())
    }

    fn show(&self) -> String {
        let word = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
        let amount = self.amount_fen.as_ref().map_or("-".to_owned(), |n| n.0.clone());
        format!(
            "{} {} {amount} {}",
            word(&self.role),
            word(&self.person),
            word(&self.status)
        )
    }
}
