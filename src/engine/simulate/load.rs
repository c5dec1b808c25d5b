//! How much each role has to do in each week, under what served and under the draft.

use super::row::Depends;
use super::{Side, Trial};
use crate::domain::zone::Zone;
use crate::engine::case::Case;
use crate::engine::who;
use crate::policy::model::Id;
use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a role has to do in a week, by local dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Load {
    /// What came to be owed in it.
    pub opened: i64,
    /// What was owed at its end, or at the end of the span.
    pub open: i64,
    /// Of that, what was overdue.
    pub overdue: i64,
}

/// A week under both.
#[derive(Clone, Debug, Serialize)]
pub struct Week {
    /// Its name by ISO 8601: `2026-W10`.
    pub week: String,
    /// Its first local date in the span.
    pub first_on: String,
    /// What it was.
    pub before: Load,
    /// What it would have been.
    pub after: Load,
}

/// What a role has to do, where it differs.
#[derive(Clone, Debug, Serialize)]
pub struct RoleLoad {
    /// The role, or the person whom cases name.
    pub role: String,
    /// Its name for people.
    pub title: String,
    /// What is open and overdue hangs on when people did it.
    pub depends: Depends,
    /// The most that was open at the end of a week.
    pub peak_before: i64,
    /// The most that would have been.
    pub peak_after: i64,
    /// The weeks that differ.
    pub weeks: Vec<Week>,
}

/// What is counted for the load.
pub(super) struct Loads {
    from: NaiveDate,
    to: NaiveDate,
    monday: NaiveDate,
    weeks: usize,
    zone: Zone,
    sides: [BTreeMap<Id, Vec<Load>>; 2],
}

impl Loads {
    pub(super) fn new(trial: &Trial) -> Loads {
        let since_monday = u64::from(trial.from.weekday().num_days_from_monday());
        let monday = trial
            .from
            .checked_sub_days(Days::new(since_monday))
            .unwrap_or(trial.from);
        let mut loads = Loads {
            from: trial.from,
            to: trial.to,
            monday,
            weeks: 0,
            zone: trial.draft.zone,
            sides: [BTreeMap::new(), BTreeMap::new()],
        };
        loads.weeks = loads.week(trial.to).saturating_add(1);
        loads
    }

    /// The place of the week of a date; of one before the span, the first.
    fn week(&self, on: NaiveDate) -> usize {
        usize::try_from(on.signed_duration_since(self.monday).num_days() / 7).unwrap_or(0)
    }

    /// Adds what a case asks of whom. What begins is added, what ends is taken off, in its week; `finish` adds up.
    pub(super) fn add(&mut self, side: usize, case: &Case) {
        for obligation in case.obligations.iter().filter(|o| o.is_owed()) {
            let began_on = self.zone.date(obligation.opens_at.max(obligation.trigger.at));
            if began_on > self.to {
                continue;
            }
            let ended_on = obligation
                .end
                .as_ref()
                .map(|end| self.zone.date(end.by.at).max(began_on));
            let ended = ended_on.filter(|on| *on <= self.to).map(|on| self.week(on));
            let late_on = obligation.due.date(self.zone).max(began_on);
            let (began, late) = (self.week(began_on), self.week(late_on));
            let opened = self.from <= began_on;
            let (weeks, is_late) = (self.weeks, late_on <= self.to);
            let Some(by_role) = self.sides.get_mut(side) else {
                return;
            };
            for role in obligation.roles.iter() {
                if !by_role.contains_key(role) {
                    by_role.insert(role.clone(), vec![Load::default(); weeks]);
                }
                let Some(list) = by_role.get_mut(role) else { continue };
                let mut at = |week: usize, change: &dyn Fn(&mut Load)| list.get_mut(week).map(change);
                at(began, &|load| {
                    load.opened += i64::from(opened);
                    load.open += 1;
                });
                if let Some(ended) = ended {
                    at(ended, &|load| load.open -= 1);
                }
                if is_late && ended.is_none_or(|ended| ended > late) {
                    at(late, &|load| load.overdue += 1);
                    if let Some(ended) = ended {
                        at(ended, &|load| load.overdue -= 1);
                    }
                }
            }
        }
    }

    pub(super) fn finish(mut self, sides: &[Side<'_>; 2]) -> Vec<RoleLoad> {
        for list in self.sides.iter_mut().flat_map(BTreeMap::values_mut) {
            let mut sum = Load::default();
            for load in list {
                sum.open += load.open;
                sum.overdue += load.overdue;
                (load.open, load.overdue) = (sum.open, sum.overdue);
            }
        }
        let [before, after] = &self.sides;
        let roles: BTreeSet<&Id> = before.keys().chain(after.keys()).collect();
        let none = vec![Load::default(); self.weeks];
        let mut all = Vec::new();
        for role in roles {
            let (was, is) = (before.get(role).unwrap_or(&none), after.get(role).unwrap_or(&none));
            if was == is {
                continue;
            }
            let differ = (0..).zip(was.iter().zip(is)).filter(|(_, (was, is))| was != is);
            let weeks = differ.filter_map(|(week, (was, is))| {
                let first = self.monday.checked_add_days(Days::new(week * 7))?;
                let iso = first.iso_week();
                Some(Week {
                    week: format!("{:04}-W{:02}", iso.year(), iso.week()),
                    first_on: first.max(self.from).to_string(),
                    before: *was,
                    after: *is,
                })
            });
            let weeks: Vec<Week> = weeks.collect();
            let opened = weeks.iter().any(|w| w.before.opened != w.after.opened);
            let peak = |list: &[Load]| list.iter().map(|load| load.open).max().unwrap_or(0);
            let title = |side: &Side<'_>| side.company().roles.get(role).map(|r| r.title.to_string());
            let [old, new] = sides;
            let person = || who::person_of(role).unwrap_or(role).to_owned();
            all.push(RoleLoad {
                role: who::person_of(role).unwrap_or(role).to_owned(),
                title: title(new).or_else(|| title(old)).unwrap_or_else(person),
                depends: if opened {
                    Depends::Mechanical
                } else {
                    Depends::Behaviour
                },
                peak_before: peak(was),
                peak_after: peak(is),
                weeks,
            });
        }
        all
    }
}
