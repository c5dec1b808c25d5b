//! The obligations that a timeline expects, against those that are there.

use super::compare::{Difference, Snapshot, list, or_none};
use super::{At, Failure, Owed, Written, refer};
use crate::engine::case::Case;
use crate::engine::obligation::Obligation;
use crate::engine::rota;
use crate::engine::view::{DueView, ObligationView};
use crate::policy::model::{Company, Id};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// An obligation that is there.
struct Seen {
    view: ObligationView,
    cycle: u16,
    opens_on: NaiveDate,
    opens_at: String,
    edition: NaiveDate,
    /// The text of its notice, or what that lacks.
    notice: Result<String, Vec<String>>,
    taken: bool,
}

impl Snapshot<'_> {
    fn seen(&self, id: &Id, case: &Case, obligation: &Obligation) -> Seen {
        Seen {
            view: rota::shown(self.company, id, case, obligation, self.at, &|role, person, before| {
                self.world.last_turn(role, person, before, |_| false)
            }),
            cycle: obligation.cycle,
            opens_on: self.company.zone.date(obligation.opens_at),
            opens_at: self.company.zone.rfc3339(obligation.opens_at),
            edition: obligation.duty.head.effective,
            notice: self.notice(id, case, obligation),
            taken: false,
        }
    }

    /// What of the obligations is not as expected; returns the ids of those that expectations are about.
    pub(super) fn obligations(
        &self,
        owed: &[At<Owed>],
        only: bool,
        line: u32,
        failures: &mut Vec<Failure>,
    ) -> BTreeSet<String> {
        let cases: BTreeSet<&str> = owed.iter().map(|o| o.what.case.as_str()).collect();
        let mut there: Vec<Seen> = Vec::new();
        for (id, case) in self.cases.iter().filter(|(id, _)| cases.contains(id.as_ref())) {
            there.extend(case.obligations.iter().map(|o| self.seen(id, case, o)));
        }
        // What says most chooses first, so that what says less does not take it away.
        let mut order: Vec<&At<Owed>> = owed.iter().collect();
        order.sort_by_key(|o| std::cmp::Reverse(o.what.says()));
        for At { line, what } in order {
            let name = format!("{} {}", what.case, what.rule);
            let fits = |s: &Seen| {
                s.view.case == what.case && s.view.rule == what.rule && what.cycle.is_none_or(|c| c == s.cycle)
            };
            let mut best: Option<(usize, Vec<Difference>)> = None;
            for (ix, seen) in there
                .iter()
                .enumerate()
                .filter(|(_, s)| fits(s) && (what.none || !s.taken))
            {
                let differences = what.differences(self.company, seen);
                // Of two equally near ones the later is meant.
                if best.as_ref().is_none_or(|(_, d)| differences.len() <= d.len()) {
                    best = Some((ix, differences));
                }
            }
            match best {
                Some((ix, differences)) if what.none => {
                    let standing = there.get(ix).map_or("", |s| s.view.standing);
                    if differences.is_empty() {
                        failures.push(Failure::new(
                            *line,
                            format!("{name}：不应有，实际有（{standing}）"),
                            format!("{name}: expected none, but there is one ({standing})"),
                        ));
                    }
                }
                None if what.none => {}
                None => failures.push(self.absent(*line, what, &there)),
                Some((ix, differences)) => {
                    if let Some(seen) = there.get_mut(ix) {
                        seen.taken = true;
                    }
                    failures.extend(differences.iter().map(|d| d.failure(*line, &name)));
                }
            }
        }
        for seen in there.iter().filter(|s| only && !s.taken) {
            let (id, standing) = (&seen.view.id, seen.view.standing);
            failures.push(Failure::new(
                line,
                format!("only：还有没列出的 {id}（{standing}）"),
                format!("only: there is also {id} ({standing}), which is not listed"),
            ));
        }
        there.into_iter().filter(|s| s.taken).map(|s| s.view.id).collect()
    }

    fn absent(&self, line: u32, what: &Owed, there: &[Seen]) -> Failure {
        let (case, rule) = (&what.case, &what.rule);
        let have: Vec<&str> = there
            .iter()
            .filter(|s| s.view.case == *case && !s.taken)
            .map(|s| s.view.id.as_str())
            .collect();
        let have = if have.is_empty() {
            "none".to_owned()
        } else {
            have.join(", ")
        };
        Failure::new(
            line,
            format!("{case} {rule}：应有这项义务，实际没有；这件案件其余的有：{have}"),
            format!("{case} {rule}: expected this obligation, but there is none; the case has besides: {have}"),
        )
    }
}

impl Owed {
    /// How much is said.
    fn says(&self) -> usize {
        let said = [
            self.cycle.is_some(),
            self.standing.is_some(),
            self.due_on.is_some(),
            self.due_at.is_some(),
            self.opens_on.is_some(),
            self.opens_at.is_some(),
            self.roles.is_some(),
            self.persons.is_some(),
            self.fulfilled_by.is_some(),
            self.level.is_some(),
            self.flags.is_some(),
            self.missing.is_some(),
            self.waived.is_some(),
            self.breach.is_some(),
            self.breach_at.is_some(),
            self.breach_by.is_some(),
            self.original_due_on.is_some(),
            self.projected_due_on.is_some(),
            self.early_attempts.is_some(),
            self.nominal_on.is_some(),
            self.preferred_at.is_some(),
            self.channels.is_some(),
            self.count_required.is_some(),
            self.count_done.is_some(),
            self.edition.is_some(),
            self.checklist.is_some(),
            self.guidance.is_some(),
            self.notice.is_some(),
            self.notice_missing.is_some(),
        ];
        said.into_iter().filter(|s| *s).count()
    }

    fn differences(&self, company: &Company, seen: &Seen) -> Vec<Difference> {
        let view = &seen.view;
        let zone = company.zone;
        let parsed = |text: &String| zone.parse_instant(text).ok();
        let date_of = |at: &String| parsed(at).map(|at| zone.date(at).to_string());
        let last_on = |due: &Option<DueView>| match due.as_ref()? {
            DueView::Day { date, .. } => Some(date.clone()),
            DueView::Instant { at } => date_of(at),
        };
        let due_on = last_on(&view.due);
        let due_at = view.due.as_ref().map(|due| match due {
            DueView::Day { at, .. } | DueView::Instant { at } => at.clone(),
        });
        let time = |w: &Written| refer::instant(zone, w).map_or(w.0.clone(), |at| zone.rfc3339(at));
        let persons = || view.bearers.iter().filter_map(|b| b.person.as_ref());
        let (waived, is) = (self.waived.clone().unwrap_or_default(), view.waived.as_ref());
        let pairs = [
            (
                "waived.exception",
                waived.exception,
                or_none(is.and_then(|w| w.exception.as_ref())),
            ),
            ("waived.event", waived.event, or_none(is.and_then(|w| w.event.as_ref()))),
            ("waived.by", waived.by, or_none(is.map(|w| &w.by))),
            ("waived.why", waived.why, or_none(is.map(|w| &w.why))),
            (
                "waived.until",
                waived.until.map(|on| on.0),
                or_none(is.and_then(|w| w.until.as_ref())),
            ),
            ("waived.would_be", waived.would_be, or_none(is.map(|w| w.would_be))),
            ("standing", self.standing.clone(), view.standing.to_owned()),
            ("due_on", self.due_on.as_ref().map(|w| w.0.clone()), or_none(due_on)),
            ("due_at", self.due_at.as_ref().map(time), or_none(due_at)),
            (
                "opens_on",
                self.opens_on.as_ref().map(|w| w.0.clone()),
                seen.opens_on.to_string(),
            ),
            ("opens_at", self.opens_at.as_ref().map(time), seen.opens_at.clone()),
            ("nominal_on", self.nominal_on.as_ref().map(list), list(&view.nominal_on)),
            (
                "roles",
                self.roles.as_ref().map(list),
                list(view.bearers.iter().map(|b| &b.role)),
            ),
            ("persons", self.persons.as_ref().map(list), list(persons())),
            (
                "fulfilled_by",
                self.fulfilled_by.clone(),
                or_none(view.fulfilled_by.clone()),
            ),
            ("level", self.level.map(|n| n.to_string()), view.level.to_string()),
            ("flags", self.flags.as_ref().map(list), list(&view.flags)),
            ("missing", self.missing.as_ref().map(list), list(&view.missing)),
            (
                "breach",
                self.breach.clone(),
                or_none(view.breach.as_ref().map(|b| b.status)),
            ),
            (
                "breach_at",
                self.breach_at.as_ref().map(time),
                or_none(view.breach.as_ref().map(|b| &b.at)),
            ),
            (
                "breach_by",
                self.breach_by.clone(),
                or_none(view.breach.as_ref().and_then(|b| b.by.as_ref())),
            ),
            (
                "original_due_on",
                self.original_due_on.as_ref().map(|w| w.0.clone()),
                or_none(last_on(&view.original_due)),
            ),
            (
                "projected_due_on",
                self.projected_due_on.as_ref().map(|w| w.0.clone()),
                or_none(last_on(&view.projected_due)),
            ),
            (
                "early_attempts",
                self.early_attempts.as_ref().map(list),
                list(&view.early_attempts),
            ),
            (
                "preferred_at",
                self.preferred_at.as_ref().map(time),
                or_none(view.preferred_at.clone()),
            ),
            ("channels", self.channels.as_ref().map(list), list(&view.channels)),
            (
                "count_required",
                self.count_required.map(|n| n.to_string()),
                or_none(view.count.as_ref().map(|c| c.required)),
            ),
            (
                "count_done",
                self.count_done.map(|n| n.to_string()),
                or_none(view.count.as_ref().map(|c| c.done)),
            ),
            (
                "edition",
                self.edition.as_ref().map(|w| w.0.clone()),
                seen.edition.to_string(),
            ),
            (
                "checklist",
                self.checklist.as_ref().map(|steps| steps.join("; ")),
                view.checklist.join("; "),
            ),
            (
                "guidance",
                self.guidance.as_ref().map(list),
                list(view.hints.iter().map(|h| &h.id)),
            ),
            ("notice", self.notice.clone(), or_none(seen.notice.as_ref().ok())),
            (
                "notice_missing",
                self.notice_missing.as_ref().map(list),
                list(seen.notice.as_ref().err().into_iter().flatten()),
            ),
        ];
        let differ = pairs.into_iter().filter_map(|(field, want, found)| {
            want.filter(|want| *want != found)
                .map(|want| Difference { field, want, found })
        });
        differ.collect()
    }
}
