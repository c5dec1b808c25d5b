//! Differences added up by procedure, clause and rule.

use super::comparison::{Comparison, Count, Group, Totals};
use super::row::{Change, Depends, Row, What};
use super::{Side, Trial};
use crate::engine::obligation::Obligation;
use crate::policy::model::Id;
use std::collections::BTreeMap;

/// How many examples of each sort are kept.
const EXAMPLES: usize = 3;

/// What is added up.
pub(super) struct Sum {
    comparison: Comparison,
    groups: BTreeMap<(String, String, String), Part>,
    same: BTreeMap<Id, u64>,
    last: Option<String>,
}

#[derive(Default)]
struct Part {
    title: String,
    sorts: BTreeMap<(Depends, What, Change), Sort>,
}

#[derive(Default)]
struct Sort {
    count: u64,
    shifts: Vec<i64>,
    examples: Vec<Row>,
}

impl Sum {
    pub(super) fn new(trial: &Trial, sides: &[Side<'_>; 2]) -> Sum {
        let comparison = Comparison {
            company: trial.draft.id.to_string(),
            from: trial.from.to_string(),
            to: trial.to.to_string(),
            as_of: trial.draft.zone.rfc3339(sides[0].as_of),
            events: 0,
            totals: Totals::default(),
            groups: Vec::new(),
            rates: Vec::new(),
            load: Vec::new(),
        };
        Sum {
            comparison,
            groups: BTreeMap::new(),
            same: BTreeMap::new(),
            last: None,
        }
    }

    /// Adds an obligation that is the same under both.
    pub(super) fn same(&mut self, obligation: &Obligation) {
        self.comparison.totals.same += 1;
        match self.same.get_mut(&obligation.duty.id) {
            Some(count) => *count += 1,
            None => drop(self.same.insert(obligation.duty.id.clone(), 1)),
        }
    }

    /// Adds a difference. Those of one obligation come one after the other.
    pub(super) fn add(&mut self, row: &Row) {
        let totals = &mut self.comparison.totals;
        totals.rows += 1;
        match row.depends {
            Depends::Mechanical => totals.mechanical += 1,
            Depends::Behaviour => totals.behaviour += 1,
        }
        if matches!(row.what, What::Obligation) && self.last != row.obligation {
            totals.differing += 1;
            self.last.clone_from(&row.obligation);
        }
        let key = (row.procedure.clone(), row.clause.clone(), row.rule.clone());
        let part = self.groups.entry(key).or_default();
        part.title.clone_from(&row.title);
        let sort = part.sorts.entry((row.depends, row.what, row.change)).or_default();
        sort.count += 1;
        sort.shifts.extend(row.shift_minutes);
        if sort.examples.len() < EXAMPLES {
            sort.examples.push(row.clone());
        }
    }

    pub(super) fn finish(self, events: u64) -> Comparison {
        let Sum {
            mut comparison,
            groups,
            same,
            ..
        } = self;
        comparison.events = events;
        let groups = groups.into_iter().map(|((procedure, clause, rule), part)| Group {
            same: same.get(rule.as_str()).copied().unwrap_or(0),
            procedure,
            clause,
            rule,
            title: part.title,
            counts: part.sorts.into_iter().map(counted).collect(),
        });
        comparison.groups = groups.collect();
        comparison
    }
}

fn counted(((depends, what, change), mut sort): ((Depends, What, Change), Sort)) -> Count {
    sort.shifts.sort_unstable();
    let middle = sort.shifts.len().saturating_sub(1) / 2;
    Count {
        depends,
        what,
        change,
        count: sort.count,
        median_shift_minutes: sort.shifts.get(middle).copied(),
        examples: sort.examples,
    }
}
