//! What a timeline expects at an instant, against what is so then.

use super::run::Record;
use super::{At, Expect, Failure, Figure, Next, Opened, Reached, Told, Written, refer};
use crate::domain::event::MARKED;
use crate::domain::obligation::Standing;
use crate::domain::value::Fields;
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::outcome::Notice;
use crate::engine::rate::{self, Figures, Tally, parse_period};
use crate::engine::turn::Moved;
use crate::engine::world::World;
use crate::engine::{escalation, who};
use crate::policy::model::{Company, Id, Rate};
use std::collections::BTreeSet;

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

/// That a role was told.
struct Message {
    case: Id,
    rule: Id,
    level: Option<u8>,
    to: Id,
    person: Option<Id>,
    stands_in: Option<Id>,
    /// When by the rule.
    at: Instant,
    /// When it went out.
    told_at: Instant,
}

impl<'a> Snapshot<'a> {
    /// What is not as expected, and the ids of the obligations that are.
    pub fn check(&self, expect: &Expect) -> (Vec<Failure>, BTreeSet<String>) {
        let mut failures = Vec::new();
        let mut matched = BTreeSet::new();
        if let Some(owed) = &expect.obligations {
            matched = self.obligations(owed, expect.only, expect.line, &mut failures);
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
        (failures, matched)
    }

    /// The rate that an expectation is about, with its figures.
    pub fn figures(&self, what: &Figure) -> Option<(&'a Rate, Figures)> {
        let rule = refer::rate(self.company, &what.rate)?;
        let on = parse_period(rule.per, &what.period.0)?;
        let zone = self.company.zone;
        let (first_on, last_on) = crate::engine::open::period_of(rule.per, on);
        let mut tally = Tally::default();
        for (_, case) in &self.cases {
            tally.add(&rate::tally(case, &rule.of, first_on, last_on, zone, self.at));
        }
        let figures = rate::figures(rule, on, tally, self.world.decisions(), zone, self.at);
        Some((rule, figures))
    }

    fn figure(&self, At { line, what }: &At<Figure>, failures: &mut Vec<Failure>) {
        let Some((_, figures)) = self.figures(what) else {
            return;
        };
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
            (
                "waived",
                what.waived.map(|n| n.to_string()),
                figures.tally.waived.to_string(),
            ),
            (
                "drawn",
                what.drawn.map(|n| n.to_string()),
                figures.tally.drawn.to_string(),
            ),
            (
                "coverage_pct",
                what.coverage_pct.clone(),
                or_none(figures.tally.coverage_pct()),
            ),
            (
                "timeliness_pct",
                what.timeliness_pct.clone(),
                or_none(figures.tally.timeliness_pct()),
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

    /// Who was told by then and not told otherwise since.
    fn told(&self) -> Vec<Message> {
        let mut told = Vec::new();
        for (id, case) in &self.cases {
            for obligation in &case.obligations {
                let message = |level, to: &Id, at, told_at| {
                    let found = who::resolve(self.company, to, &case.data);
                    Message {
                        case: id.clone(),
                        rule: obligation.duty.id.clone(),
                        level,
                        to: to.clone(),
                        person: found.person.map(|p| p.id.clone()),
                        stands_in: found.stands_in.map(Id::from),
                        at,
                        told_at,
                    }
                };
                let heard = |m: &&Moved| !obligation.known_waived_at(m.at);
                for moved in obligation.moved().filter(heard) {
                    let roles = obligation.roles.iter();
                    told.extend(roles.map(|to| message(None, to, moved.at, moved.at)));
                }
                let fired = escalation::fired(case, obligation, self.company.zone, self.at);
                for one in fired.into_iter().filter(|f| f.withdrawn_at.is_none()) {
                    let at = if one.at_start { one.at } else { one.step.nominal_at };
                    told.push(message(Some(one.step.level), &one.step.to, at, one.at));
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
            let stands = || {
                let same = |told: &Notice| told.cause == notice.cause && told.at == notice.at;
                let mut told = self.world.told.values().flatten();
                told.any(|told| same(&told.notice) && told.taken_back.is_none())
            };
            if !gone && (!notice.threshold.only_tells() || stands()) {
                let empty = Fields::default();
                let case = self.cases.iter().find(|(id, _)| *id == notice.cause.case);
                let data = case.map_or(&empty, |(_, case)| &case.data);
                let found = who::resolve(self.company, &notice.to, data);
                told.push(Message {
                    person: found.person.map(|p| p.id.clone()),
                    stands_in: found.stands_in.map(Id::from),
                    case: notice.cause.case.clone(),
                    rule: notice.threshold.id.clone(),
                    level: None,
                    to: notice.to.clone(),
                    at: notice.at,
                    told_at: notice.at,
                });
            }
        }
        told
    }

    fn effects(&self, wanted: &[At<Told>], line: u32, failures: &mut Vec<Failure>) {
        let zone = self.company.zone;
        let told = self.told();
        let show = |m: &Message, whole: bool| {
            let level = m.level.map(|l| format!("{l} ")).unwrap_or_default();
            let mut said = format!("{level}{} {}", m.to, zone.rfc3339(m.at));
            if whole {
                let (person, stands_in) = (or_none(m.person.as_ref()), or_none(m.stands_in.as_ref()));
                let told_at = zone.rfc3339(m.told_at);
                said += &format!(" (person {person}, stands_in {stands_in}, told_at {told_at})");
            }
            said
        };
        for At { line, what } in wanted {
            let instant = |at: &Option<Written>| at.as_ref().and_then(|at| refer::instant(zone, at));
            let (at, told_at) = (instant(&what.at), instant(&what.told_at));
            let of_rule = |m: &&Message| *m.case == *what.case && *m.rule == *what.rule;
            let fits = |m: &Message| {
                (what.level.is_none() || what.level == m.level)
                    && what.to.as_ref().is_none_or(|to| *to == *m.to)
                    && what.person.as_ref().is_none_or(|p| *p == or_none(m.person.as_ref()))
                    && what
                        .stands_in
                        .as_ref()
                        .is_none_or(|r| *r == or_none(m.stands_in.as_ref()))
                    && at.is_none_or(|at| at == m.at)
                    && told_at.is_none_or(|at| at == m.told_at)
            };
            if told.iter().filter(of_rule).any(fits) {
                continue;
            }
            let whole = told_at.is_some() || what.person.is_some() || what.stands_in.is_some();
            let found = told.iter().filter(of_rule).map(|m| show(m, whole));
            let found: Vec<String> = found.collect();
            let found = if found.is_empty() {
                "none".to_owned()
            } else {
                found.join("; ")
            };
            let parts = [
                what.level.map(|l| l.to_string()),
                what.to.clone(),
                at.map(|at| zone.rfc3339(at)),
                what.person.as_ref().map(|p| format!("person {p}")),
                what.stands_in.as_ref().map(|r| format!("stands_in {r}")),
                told_at.map(|at| format!("told_at {}", zone.rfc3339(at))),
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
                let (case, rule) = (&one.case, &one.rule);
                let difference = Difference {
                    field: "effects",
                    want: "none".to_owned(),
                    found: show(one, false),
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
