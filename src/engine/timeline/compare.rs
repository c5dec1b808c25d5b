//! What a timeline expects at an instant, against what is so then.

use super::run::Record;
use super::{At, Expect, Failure, Figure, Next, Opened, Reached, Told, refer};
use crate::domain::event::MARKED;
use crate::domain::obligation::Standing;
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::escalation;
use crate::engine::outcome::Notice;
use crate::engine::rate::{self, Tally, parse_period};
use crate::engine::turn::Moved;
use crate::engine::world::World;
use crate::policy::model::{Company, Id};

/// Everything as it is at an instant.
pub(super) struct Snapshot<'a> {
    pub company: &'a Company,
    pub world: &'a World,
    pub record: &'a Record,
    pub notices: &'a [Notice],
    /// The cases, folded to the instant, in the order in which they were first heard of.
    pub cases: Vec<(Id, Case)>,
    pub at: Instant,
}

/// A field that is not as it should be.
pub(super) struct Difference {
    pub field: &'static str,
    pub want: String,
    pub found: String,
}

impl Difference {
    /// It, in words.
    pub fn failure(&self, line: u32, what: &str) -> Failure {
        let Difference { field, want, found } = self;
        Failure::new(
            line,
            format!("{what}：应为 {field} = {want}，实为 {found}"),
            format!("{what}: expected {field} = {want}, found {found}"),
        )
    }
}

/// Texts in one order, as they are compared and shown.
pub(super) fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let mut texts: Vec<String> = texts.into_iter().map(|t| t.as_ref().to_owned()).collect();
    texts.sort();
    format!("[{}]", texts.join(", "))
}

/// A value, or `none`.
pub(super) fn or_none<T: ToString>(value: Option<T>) -> String {
    value.map_or("none".to_owned(), |v| v.to_string())
}

impl<'a> Snapshot<'a> {
    /// What is not as expected.
    pub fn check(&self, expect: &Expect) -> Vec<Failure> {
        let mut failures = Vec::new();
        if let Some(owed) = &expect.obligations {
            self.obligations(owed, expect.only, expect.line, &mut failures);
        }
        for figure in expect.rates.iter().flatten() {
            self.figure(figure, &mut failures);
        }
        for measured in expect.metrics.iter().flatten() {
            self.measured(measured, &mut failures);
        }
        if let Some(charged) = &expect.penalties {
            self.charged(charged, expect.line, &mut failures);
        }
        self.samples(expect, &mut failures);
        if let Some(told) = &expect.effects {
            self.effects(told, expect.line, &mut failures);
        }
        if let Some(opened) = &expect.spawned {
            self.spawned(opened, expect.line, &mut failures);
        }
        for turn in expect.turns.iter().flatten() {
            self.turns(turn, &mut failures);
        }
        for hour in expect.hours.iter().flatten() {
            self.hours(hour, &mut failures);
        }
        if let Some(next) = &expect.next {
            self.next(next, expect.line, &mut failures);
        }
        for posted in expect.notices.iter().flatten() {
            self.posted(posted, &mut failures);
        }
        for visible in expect.visible.iter().flatten() {
            self.visible(visible, &mut failures);
        }
        failures
    }

    fn figure(&self, At { line, what }: &At<Figure>, failures: &mut Vec<Failure>) {
        let Some(rule) = refer::rate(self.company, &what.rate) else {
            return;
        };
        let Some(on) = parse_period(rule.per, &what.period.0) else {
            return;
        };
        let zone = self.company.zone;
        let (first_on, last_on) = crate::engine::open::period_of(rule.per, on);
        let mut tally = Tally::default();
        for (_, case) in &self.cases {
            tally.add(&rate::tally(case, &rule.of, first_on, last_on, zone, self.at));
        }
        let figures = rate::figures(rule, on, tally, self.world.decisions(), zone, self.at);
        let target = figures.target.map(|t| t.to_string());
        let wanted = |text: &String| {
            text.parse::<crate::domain::fraction::Fraction>()
                .map_or(text.clone(), |f| f.to_string())
        };
        let pairs = [
            (
                "population",
                what.population.map(|n| n.to_string()),
                figures.tally.population.to_string(),
            ),
            ("done", what.done.map(|n| n.to_string()), figures.tally.done.to_string()),
            (
                "on_time",
                what.on_time.map(|n| n.to_string()),
                figures.tally.on_time.to_string(),
            ),
            ("target", what.target.as_ref().map(wanted), or_none(target)),
            (
                "required",
                what.required.map(|n| n.to_string()),
                or_none(figures.required),
            ),
            ("status", what.status.clone(), figures.status.word().to_owned()),
            ("met", what.met.map(|Reached(met)| or_none(met)), or_none(figures.met)),
        ];
        let name = format!("{} {}", what.rate, what.period);
        for (field, want, found) in pairs {
            if let Some(want) = want.filter(|want| *want != found) {
                failures.push(Difference { field, want, found }.failure(*line, &name));
            }
        }
    }

    /// Who was told by then and not told otherwise since: case, rule, level, role, when.
    fn told(&self) -> Vec<(Id, Id, Option<u8>, Id, Instant)> {
        let mut told = Vec::new();
        for (id, case) in &self.cases {
            for obligation in &case.obligations {
                let heard = |m: &&Moved| obligation.waived_at(m.at).is_none();
                for moved in obligation.moved().filter(heard) {
                    let told_of = |to: &Id| (id.clone(), obligation.duty.id.clone(), None, to.clone(), moved.at);
                    told.extend(obligation.roles.iter().map(told_of));
                }
                let fired = escalation::fired(case, obligation, self.company.zone, self.at);
                for one in fired.into_iter().filter(|f| f.withdrawn_at.is_none()) {
                    let at = if one.at_start { one.at } else { one.step.nominal_at };
                    let level = one.step.level;
                    told.push((id.clone(), obligation.duty.id.clone(), Some(level), one.step.to, at));
                }
            }
        }
        for notice in self.notices.iter().filter(|n| n.at <= self.at) {
            let gone = self
                .world
                .spawned
                .values()
                .flatten()
                .any(|s| s.cause == notice.cause && !s.stands);
            // What leaves nothing in the record is told as long as it counts.
            let counts = || {
                let case = self.cases.iter().find(|(id, _)| *id == notice.cause.case);
                let mut hits = case.into_iter().flat_map(|(_, case)| &case.hits);
                hits.any(|h| h.threshold.id == notice.threshold.id && h.event == notice.cause.event)
            };
            if !gone && (!notice.threshold.only_tells() || counts()) {
                told.push((
                    notice.cause.case.clone(),
                    notice.threshold.id.clone(),
                    None,
                    notice.to.clone(),
                    notice.at,
                ));
            }
        }
        told
    }

    fn effects(&self, wanted: &[At<Told>], line: u32, failures: &mut Vec<Failure>) {
        let zone = self.company.zone;
        let told = self.told();
        let show = |(_, _, level, to, at): &(Id, Id, Option<u8>, Id, Instant)| {
            let level = level.map(|l| format!("{l} ")).unwrap_or_default();
            format!("{level}{to} {}", zone.rfc3339(*at))
        };
        for At { line, what } in wanted {
            let at = what.at.as_ref().and_then(|at| refer::instant(zone, at));
            let of_rule = |t: &&(Id, Id, Option<u8>, Id, Instant)| *t.0 == *what.case && *t.1 == *what.rule;
            let fits = |t: &(Id, Id, Option<u8>, Id, Instant)| {
                (what.level.is_none() || what.level == t.2)
                    && what.to.as_ref().is_none_or(|to| *to == *t.3)
                    && at.is_none_or(|at| at == t.4)
            };
            if told.iter().filter(of_rule).any(fits) {
                continue;
            }
            let found: Vec<String> = told.iter().filter(of_rule).map(show).collect();
            let found = if found.is_empty() {
                "none".to_owned()
            } else {
                found.join("; ")
            };
            let parts = [
                what.level.map(|l| l.to_string()),
                what.to.clone(),
                at.map(|at| zone.rfc3339(at)),
            ];
            let difference = Difference {
                field: "effects",
                want: parts.into_iter().flatten().collect::<Vec<_>>().join(" "),
                found,
            };
            failures.push(difference.failure(*line, &format!("{} {}", what.case, what.rule)));
        }
        if wanted.is_empty() {
            for one in &told {
                let (case, rule) = (&one.0, &one.1);
                let difference = Difference {
                    field: "effects",
                    want: "none".to_owned(),
                    found: show(one),
                };
                failures.push(difference.failure(line, &format!("{case} {rule}")));
            }
        }
    }

    fn spawned(&self, wanted: &[At<Opened>], line: u32, failures: &mut Vec<Failure>) {
        let mut there = Vec::new();
        for own in self.world.spawned.values().flatten().filter(|s| s.stands) {
            let opens = refer::threshold(self.company, &own.cause.rule).and_then(|t| t.open.as_ref());
            let kind = self.record.kind_of(&own.event, &own.case);
            let shown = |kind: &Id| opens.is_some_and(|o| o.event == *kind) || kind.as_ref() == MARKED;
            if let Some(kind) = kind.filter(|kind| shown(kind)) {
                there.push((own.cause.rule.to_string(), own.cause.case.to_string(), kind.to_string()));
            }
        }
        there.sort();
        let show = |(threshold, from, event): &(String, String, String)| format!("{threshold} {from} {event}");
        for At { line, what } in wanted {
            let want = (what.threshold.clone(), what.from.clone(), what.event.clone());
            match there.iter().position(|t| *t == want) {
                Some(at) => {
                    there.remove(at);
                }
                None => {
                    let want = show(&want);
                    failures.push(Failure::new(
                        *line,
                        format!("应另立 {want}，实际没有"),
                        format!("expected {want} to be opened, but it was not"),
                    ));
                }
            }
        }
        for extra in &there {
            let extra = show(extra);
            failures.push(Failure::new(
                line,
                format!("spawned：还有没列出的 {extra}"),
                format!("spawned: there is also {extra}, which is not listed"),
            ));
        }
    }

    fn next(&self, wanted: &[At<Next>], line: u32, failures: &mut Vec<Failure>) {
        let zone = self.company.zone;
        let mut due = Vec::new();
        for (number, (id, case)) in self.cases.iter().enumerate() {
            for (ix, o) in case
                .obligations
                .iter()
                .enumerate()
                .filter(|(_, o)| o.is_live() && o.is_owed())
            {
                let standing = o.standing(self.at, case.paused(&o.duty, self.at));
                if matches!(standing, Standing::Open | Standing::Paused | Standing::Overdue) {
                    due.push((o.due.at(), number, ix, id, &o.duty.id, o.due.date(zone)));
                }
            }
        }
        due.sort();
        let show = |case: &str, rule: &str, on: String| format!("{case} {rule} {on}");
        let mut found = due.iter().map(|(.., id, rule, on)| (*id, *rule, *on));
        for (nth, At { line, what }) in wanted.iter().enumerate() {
            let (want_on, seen) = (what.due_on.as_ref().and_then(refer::date), found.next());
            let fits = seen.is_some_and(|(id, rule, on)| {
                **id == *what.case && **rule == *what.rule && want_on.is_none_or(|want| want == on)
            });
            if !fits {
                let difference = Difference {
                    field: "next",
                    want: show(&what.case, &what.rule, or_none(want_on)),
                    found: or_none(seen.map(|(id, rule, on)| show(id, rule, on.to_string()))),
                };
                failures.push(difference.failure(*line, &format!("next {}", nth + 1)));
            }
        }
        if let Some((id, rule, on)) = found.next().filter(|_| wanted.is_empty()) {
            let difference = Difference {
                field: "next",
                want: "none".to_owned(),
                found: show(id, rule, on.to_string()),
            };
            failures.push(difference.failure(line, "next"));
        }
    }
}
