//! Branches that show in what is counted, charged and seen.

use super::Look;
use crate::engine::access::Sight;
use crate::engine::penalty::{Entry, ledger};
use crate::engine::seen::Seen;
use crate::engine::timeline::branches::{Rows, Way, nth};
use crate::engine::timeline::{refer, sample};
use crate::policy::model::{Frame, Id, Offence, Sum, Threshold};
use std::collections::BTreeSet;

impl Look<'_> {
    /// Thresholds that are expected to have told somebody or opened a case, and those that are expected not to.
    pub(super) fn thresholds(&mut self) {
        let company = self.snapshot.company;
        for told in self.expect.effects.iter().flatten() {
            let Some(rule) = refer::threshold(company, &told.what.rule) else {
                continue;
            };
            self.taken.add("threshold", &rule.id, Way::Reached);
            let by_then = self.snapshot.notices.iter().filter(|n| n.at <= self.snapshot.at);
            let mine = by_then.filter(|n| n.threshold.id == rule.id && *n.cause.case == *told.what.case);
            let named = mine.filter(|n| told.what.to.as_ref().is_none_or(|to| *to == *n.to));
            for notice in named {
                let rung = rule.to.iter().position(|role| *role == notice.to);
                let ways = rung.into_iter().map(|ix| Way::Rung(nth(ix)));
                ways.for_each(|way| self.taken.add("threshold", &rule.id, way));
            }
        }
        let opened = self.expect.spawned.iter().flatten();
        let opened: BTreeSet<&str> = opened.map(|o| o.what.threshold.as_str()).collect();
        let nobody = self.expect.effects.as_ref().is_some_and(Vec::is_empty);
        for rule in company.procedures.iter().flat_map(|p| &p.thresholds) {
            let leaves = !rule.only_tells();
            let all_listed = self.expect.spawned.is_some() && leaves;
            if opened.contains(&*rule.id) {
                self.taken.add("threshold", &rule.id, Way::Reached);
            } else if all_listed || nobody && !rule.to.is_empty() {
                self.not_reached(rule);
            }
        }
    }

    fn not_reached(&mut self, rule: &Threshold) {
        let mut ways = BTreeSet::new();
        for (id, case) in self.cases() {
            if case.hits.iter().any(|hit| hit.threshold.id == rule.id) {
                ways.insert(Way::Below);
            }
            let other = |seen: &Seen| rule.on.contains(&seen.event.kind) && !seen.meets(&rule.when);
            if self.seen(id).iter().any(other) {
                ways.insert(Way::When(false));
            }
        }
        ways.into_iter()
            .for_each(|way| self.taken.add("threshold", &rule.id, way));
    }

    pub(super) fn rates(&mut self) {
        for figure in self.expect.rates.iter().flatten() {
            let Some((rule, figures)) = self.snapshot.figures(&figure.what) else {
                continue;
            };
            let way = figures.met.map(|met| if met { Way::Met } else { Way::Missed });
            let warning = figures.warning.then_some(Way::Warning);
            for way in way.into_iter().chain(warning) {
                self.taken.add("rate", &rule.id, way);
            }
        }
    }

    pub(super) fn samples(&mut self) {
        for figure in self.expect.samples.iter().flatten() {
            let Some(rule) = sample::sample(self.snapshot.company, &figure.what.sample) else {
                continue;
            };
            let of = figure.what.case.as_deref();
            let mut ways = BTreeSet::new();
            for (id, case) in self.cases().filter(|(id, _)| of.is_none_or(|of| *of == ***id)) {
                let members = matches!(rule.frame, Frame::Members { .. });
                let mut sizes = rule.size.iter();
                let size = sizes.position(|(when, _)| when.holds(|field| case.data.get(field).filter(|_| members)));
                ways.extend(size.map(|ix| Way::Row(Rows::Size, nth(ix))));
                let other = |seen: &Seen| rule.on.contains(&seen.event.kind) && !seen.meets(&rule.when);
                if self.seen(id).iter().any(other) {
                    ways.insert(Way::When(false));
                }
            }
            ways.into_iter().for_each(|way| self.taken.add("sample", &rule.id, way));
        }
    }

    pub(super) fn penalties(&mut self) {
        let Some(wanted) = &self.expect.penalties else {
            return;
        };
        if wanted.is_empty() {
            self.nothing_charged();
        }
        let (record, world, at) = (self.snapshot.record, self.snapshot.world, self.snapshot.at);
        let company = self.snapshot.company;
        for charged in wanted {
            let Some(rule) = refer::penalty(company, &charged.what.penalty) else {
                continue;
            };
            let case = &charged.what.case;
            let entries = ledger(company, case, &record.known(case, at), &world.context(), at);
            let mine = |entry: &&Entry| entry.penalty.id == rule.id && charged.what.fits(entry);
            for entry in entries.iter().filter(mine) {
                let decided = matches!(rule.sum, Sum::Decided { .. });
                let way = match entry.beside {
                    Some(ix) => Way::Beside(nth(ix)),
                    None if entry.is_proposed => Way::Proposed,
                    None if decided => Way::Decided,
                    None => Way::Charged,
                };
                self.taken.add("penalty", &rule.id, way);
            }
        }
    }

    /// An empty ledger shows that violations outside of a penalty's condition cost nothing.
    fn nothing_charged(&mut self) {
        for rule in self.snapshot.company.procedures.iter().flat_map(|p| &p.penalties) {
            let Offence::Violation { on, when, .. } = &rule.offence else {
                continue;
            };
            let other = |seen: &Seen| on.contains(&seen.event.kind) && !seen.meets(when);
            let cases: Vec<&Id> = self.cases().map(|(id, _)| id).collect();
            if cases.into_iter().any(|id| self.seen(id).iter().any(other)) {
                self.taken.add("penalty", &rule.id, Way::When(false));
            }
        }
    }

    pub(super) fn visible(&mut self) {
        for asked in self.expect.visible.iter().flatten() {
            let (Some(person), Some(_)) = (&asked.what.person, asked.what.visible) else {
                continue;
            };
            let Some((_, case)) = self.cases().find(|(id, _)| ***id == *asked.what.case) else {
                continue;
            };
            let sight = Sight::new(self.snapshot.world.company(), Some(person), self.snapshot.at);
            for (rule, may) in sight.each(case, person) {
                let way = if may { Way::Shown } else { Way::Hidden };
                self.taken.add("access", &rule, way);
            }
        }
    }
}
