//! How a due date was counted, day by day.

use super::words::{self, Style};
use super::{Counted, Step};
use crate::domain::deadline::{Counting, Due, OpenEdge, midpoint, reckon_steps};
use crate::domain::pause::Pauses;
use crate::domain::term::{End, Shift, Term};
use crate::domain::zone::{Instant, TimeError};
use crate::engine::case::Case;
use crate::engine::obligation::{Obligation, Occurrence};
use crate::engine::open;
use crate::policy::finding::Text;
use crate::policy::model::{Company, Duty, Id, Timing, Trigger};
use chrono::NaiveDate;

/// What is counted for.
pub(super) struct Count<'a> {
    pub company: &'a Company,
    pub case: &'a Case,
    pub style: Style,
    pub as_of: Instant,
}

/// The steps to the opening, where there is one, and to the due date.
#[derive(Default)]
pub(super) struct Steps {
    pub opening: Vec<Counted>,
    pub due: Vec<Counted>,
}

impl Count<'_> {
    /// All steps of an obligation. The last one is the due date that it has.
    pub fn steps(&self, obligation: &Obligation) -> Steps {
        // The dates of an occasion may be those of another case: then the due date stands for itself.
        let elsewhere = obligation.duty.audience.is_some()
            && matches!(
                obligation.duty.timing,
                Timing::Before { .. } | Timing::By { .. } | Timing::Midpoint { .. }
            );
        if elsewhere && obligation.more.as_ref().is_none_or(|m| m.fault.is_none()) {
            let what = self.trigger(&obligation.duty);
            let due = vec![
                self.at(obligation.trigger.at, Step::Start, what),
                self.end(obligation.due),
            ];
            return Steps {
                opening: Vec::new(),
                due,
            };
        }
        let mut steps = self.natural(obligation).unwrap_or_else(|e| Steps {
            opening: Vec::new(),
            due: vec![self.at(obligation.trigger.at, Step::Fault, fault(obligation, e))],
        });
        self.moved(obligation, &mut steps.due);
        steps
    }

    /// The steps as the rule alone gives them.
    fn natural(&self, obligation: &Obligation) -> Result<Steps, Option<TimeError>> {
        let duty = obligation.duty.as_ref();
        if obligation.more.as_ref().is_some_and(|m| m.fault.is_some()) {
            return Err(None);
        }
        let mut pauses = open::pauses_for(self.case, duty);
        if obligation.end.is_some() || pauses.open_since().is_some() {
            pauses = pauses.resumed_at(self.as_of);
        }
        let how = Counting {
            zone: self.company.zone,
            calendar: &duty.calendar,
            end: duty.end,
            shift: duty.shift,
            pauses: &pauses,
        };
        let anchor = open::anchor_of(self.case, obligation, self.company.zone);
        let what = self.anchor(obligation);
        let mut steps = Steps::default();
        match &duty.timing {
            Timing::Within(term) => steps.due = self.reckoned(anchor, *term, &how, &what)?,
            Timing::Same => {
                let parent = obligation.parent.and_then(|p| self.case.obligations.get(p as usize));
                let parent = parent.ok_or(None)?;
                let title = &parent.duty.title;
                let zh = format!("与“{title}”同时到期，照它数：");
                steps = self.steps(parent);
                let en = format!("due together with `{title}`, which is counted so:");
                steps.due.insert(0, self.at(anchor, Step::Start, Text::new(zh, en)));
            }
            Timing::Window { after, within, edge } => {
                let plain = Counting {
                    end: End::Midnight,
                    shift: Shift::None,
                    pauses: &Pauses::none(),
                    ..how
                };
                steps.opening = self.reckoned(anchor, *after, &plain, &what)?;
                self.opens(obligation, *after, *edge, &mut steps.opening);
                steps.due = self.reckoned(anchor, *within, &how, &what)?;
            }
            Timing::Midpoint { start, end, tolerance } => {
                let (from, to) = (self.date(start)?, self.date(end)?);
                let middle = midpoint(from, to);
                let days = to.signed_duration_since(from).num_days();
                let zh = format!("{start} 到 {end} 共{days}天，这一天在正中");
                let en = format!("the middle of the {days} days from `{start}` to `{end}`");
                let tolerated = words::term(*tolerance);
                steps.opening = vec![
                    self.on(from, Step::Start, Text::new(format!("{start}"), format!("`{start}`"))),
                    self.on(to, Step::Start, Text::new(format!("{end}"), format!("`{end}`"))),
                    self.on(middle, Step::Counted, Text::new(zh, en)),
                    self.at(
                        obligation.opens_at,
                        Step::End,
                        Text::new(
                            format!("往前{}，从这天起可办", tolerated.zh),
                            format!("{} before it; open from this day on", tolerated.en),
                        ),
                    ),
                ];
                let middle_at = self.company.zone.start_of(middle)?;
                steps.due = self.reckoned(middle_at, *tolerance, &how, &Text::new("正中", "the middle"))?;
            }
            Timing::ByCase(terms) => steps.due = self.by_case(obligation, terms, &how, &what)?,
            Timing::By { field, .. } => steps.due = self.by(obligation, field, &how)?,
            Timing::Before { field, term } => steps.due = self.before(obligation, field, *term, &how)?,
            Timing::Reminder { field, .. } => steps.due = self.reminds(obligation, field, &how)?,
            Timing::Recurring { rhythm, .. } => {
                let pace = crate::engine::rhythm::pace(rhythm, self.case);
                let rule = pace.map(|pace| words::beat(&pace.beat)).unwrap_or_default();
                let why = Text::new(
                    format!("规则定的日子：{}", rule.zh),
                    format!("the rule's date: {}", rule.en),
                );
                let nominal = self.nominal(obligation);
                let on = obligation.due.date(self.company.zone);
                for date in &nominal {
                    steps.due.push(self.on(*date, Step::Start, why.clone()));
                    if let Some(lead) = pace.and_then(|pace| pace.lead) {
                        let lead = words::term(lead);
                        let why = Text::new(format!("提前{}", lead.zh), format!("{} ahead of it", lead.en));
                        steps.due.push(self.on(on, Step::Counted, why));
                    } else if *date != on {
                        let day = words::reason(&duty.calendar.day(*date).reason);
                        let zh = format!("{}，移到工作日", day.zh);
                        let moved = Text::new(zh, format!("{}, moved to a working day", day.en));
                        steps.due.push(self.on(*date, Step::Passed, moved));
                    }
                }
                steps.due.push(self.end(obligation.due));
            }
        }
        Ok(steps)
    }

    /// The steps of a term; a fault stands in its place.
    pub(super) fn reckoned(
        &self,
        start: Instant,
        term: Term,
        how: &Counting<'_>,
        what: &Text,
    ) -> Result<Vec<Counted>, Option<TimeError>> {
        let (_, steps) = reckon_steps(start, term, how)?;
        Ok(steps
            .iter()
            .map(|step| self.said(step, start, term, how, what))
            .collect())
    }

    /// The due date.
    pub(super) fn end(&self, due: Due) -> Counted {
        let zone = self.company.zone;
        match due {
            Due::Day { on, .. } => self.on(
                on,
                Step::End,
                Text::new("到期，这一天24时为止", "due, through the end of this day"),
            ),
            Due::Instant { at } => {
                let time = self.style.time(at);
                let why = Text::new(format!("{time} 到期"), format!("due at {time}"));
                self.on(zone.date(at), Step::End, why)
            }
        }
    }

    /// The opening of a window, in place of the end of its first term.
    fn opens(&self, obligation: &Obligation, after: Term, edge: OpenEdge, steps: &mut Vec<Counted>) {
        steps.pop();
        let term = words::term(after);
        let (zh, en) = match edge {
            OpenEdge::Exclusive => (format!("满{}之后", term.zh), format!("after {} in full", term.en)),
            OpenEdge::Inclusive => (format!("满{}当天", term.zh), format!("{} on", term.en)),
        };
        let why = Text::new(format!("{zh}，从这天起可办"), format!("{en}; open from this day on"));
        steps.push(self.at(obligation.opens_at, Step::End, why));
    }

    /// What has moved the due date beyond the rule: so that the last step is always the due date that there is.
    fn moved(&self, obligation: &Obligation, steps: &mut Vec<Counted>) {
        let last = self.end(obligation.due);
        let more = obligation.more.as_deref();
        let extended = more.is_some_and(|m| m.first_due.is_some());
        let there = steps
            .last()
            .filter(|s| s.step == Step::End)
            .is_some_and(|s| s.on == last.on);
        if there && !extended {
            return;
        }
        let paused = self.case.paused(&obligation.duty, self.as_of) && obligation.is_live();
        let reason = more.and_then(|m| m.reason.as_deref()).unwrap_or_default();
        let why = if !obligation.let_off().is_empty() {
            Text::new(
                "免除期满，又欠着，当天为限",
                "the waiver is over: owed again, by the end of the day",
            )
        } else if extended {
            Text::new(
                format!("延期到这一天：{reason}"),
                format!("extended to this day: {reason}"),
            )
        } else if paused {
            let why = Text::new("现在恢复的话，这一天到期", "due on this day if the pause ended now");
            if let Some(end) = steps.last_mut() {
                end.why = why;
            }
            return;
        } else if let Some(draw) = obligation.duty.draw.as_ref().filter(|_| obligation.is_owed()) {
            let term = words::term(draw.top_up);
            Text::new(
                format!("期末补抽，给{}", term.zh),
                format!("drawn at the period's end, with {} for it", term.en),
            )
        } else if more.is_some_and(|m| m.fault.is_some()) {
            Text::new(
                "规则算不出，当天由管理员查看",
                "the rule cannot be carried out: somebody must look today",
            )
        } else {
            Text::new("到期日，以当时所知为准", "the due date, by what was known then")
        };
        if let Some(end) = steps.last_mut().filter(|s| s.step == Step::End) {
            end.step = Step::Counted;
            end.why = Text::new("原来的到期日", "the due date before");
        }
        steps.push(Counted { why, ..last });
    }

    /// What a term is counted from, in words.
    fn anchor(&self, obligation: &Obligation) -> Text {
        let duty = &obligation.duty;
        if let Some(from) = &duty.from {
            return self.event(from);
        }
        self.trigger(duty)
    }

    /// What brings a duty into being, in words.
    pub fn trigger(&self, duty: &Duty) -> Text {
        match &duty.on {
            Trigger::Events(kinds) => {
                let own = |kind: &&Id| kind.split('.').next() == Some(&*self.case.kind);
                let texts: Vec<Text> = kinds.iter().filter(own).map(|kind| self.event(kind)).collect();
                words::join(&texts, "或", " or ")
            }
            Trigger::Occasion(kinds) => {
                let texts: Vec<Text> = kinds.iter().map(|kind| self.event(kind)).collect();
                words::join(&texts, "或", " or ")
            }
            Trigger::Sampled(_) => Text::new(
                "期末抽中，从期间的最后一天起",
                "drawn at the end of the period, from its last day",
            ),
            Trigger::Opened(rules) => self.follows(rules, "产生", "came to be owed"),
            Trigger::Fulfilled(rules) => self.follows(rules, "办结", "was done"),
            Trigger::Breached(rules) => self.follows(rules, "逾期", "fell overdue"),
        }
    }

    fn follows(&self, rules: &[Id], zh: &str, en: &str) -> Text {
        let of_case = |rule: &&Id| self.case.obligations.iter().any(|o| o.duty.id == **rule);
        let titles = rules.iter().filter(of_case).filter_map(|rule| {
            let found = self.case.obligations.iter().find(|o| o.duty.id == *rule)?;
            let title = &found.duty.title;
            Some(Text::new(format!("“{title}”"), format!("`{title}`")))
        });
        let titles = words::join(&titles.collect::<Vec<_>>(), "或", " or ");
        Text::new(format!("{}{zh}", titles.zh), format!("{} {en}", titles.en))
    }

    /// An event type's name for people.
    pub fn event(&self, kind: &str) -> Text {
        let found = kind
            .split_once('.')
            .and_then(|(kind, event)| self.company.kinds.get(kind)?.events.get(event));
        let title = found.map_or(kind, |e| e.title.as_ref());
        Text::new(title, format!("`{title}`"))
    }

    fn nominal(&self, obligation: &Obligation) -> Vec<NaiveDate> {
        let several = obligation
            .more
            .as_ref()
            .map(|m| m.nominal.to_vec())
            .filter(|n| !n.is_empty());
        several.unwrap_or_else(|| match obligation.occurrence {
            Occurrence::On(on) => vec![on],
            Occurrence::Nth(_) => Vec::new(),
        })
    }

    fn date(&self, field: &Id) -> Result<NaiveDate, Option<TimeError>> {
        self.case.data.get(field).and_then(|v| v.as_date()).ok_or(None)
    }

    pub(super) fn at(&self, at: Instant, step: Step, why: Text) -> Counted {
        self.on(self.company.zone.date(at), step, why)
    }

    /// A step on a local date.
    pub(super) fn on(&self, on: NaiveDate, step: Step, why: Text) -> Counted {
        Counted {
            day: self.style.day(on),
            on: on.to_string(),
            step,
            nth: None,
            certain: true,
            why,
        }
    }
}

fn fault(obligation: &Obligation, e: Option<TimeError>) -> Text {
    let known = obligation.more.as_ref().and_then(|m| m.fault.clone());
    let said = known.or_else(|| e.map(|e| e.to_string())).unwrap_or_default();
    Text::new(format!("算不出：{said}"), format!("cannot be counted: {said}"))
}
