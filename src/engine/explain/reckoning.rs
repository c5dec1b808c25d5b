//! From what a due time is reckoned: the stages of an obligation, found by the functions that placed it.

use super::stage::{DaySaid, How, Reckoning, Stage};
use super::words;
use crate::domain::calendar::Calendar;
use crate::domain::deadline::{Counting, Due, OpenEdge, Step, midpoint, reckon_steps};
use crate::domain::pause::Pauses;
use crate::domain::term::{End, Shift, Term};
use crate::domain::zone::{Instant, TimeError, Zone};
use crate::engine::case::Case;
use crate::engine::moment::{self, Moment};
use crate::engine::obligation::Obligation;
use crate::engine::open;
use crate::engine::view::due_view;
use crate::policy::model::{Duty, Id, Timing};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// The most days that are listed for one stage.
const MAX_DAYS: usize = 60_000;

/// What a due time is reckoned for.
pub(super) struct Reckoner<'a> {
    pub case: &'a Case,
    pub id: &'a str,
    pub zone: Zone,
    pub as_of: Instant,
}

type Found<T> = Result<T, Option<TimeError>>;

impl Reckoner<'_> {
    /// The stages to an obligation's opening and to its due time, as it is shown.
    pub fn reckoning(&self, o: &Obligation, shown: Due) -> Reckoning {
        Reckoning {
            zone: self.zone.name().to_owned(),
            opening: self.opening(o),
            due: self.stages(o, shown, o.end.as_ref().map(|end| end.by.at)),
        }
    }

    /// The stages to a due time; pauses count as far as they were known when it ended.
    fn stages(&self, o: &Obligation, shown: Due, ended_at: Option<Instant>) -> Vec<Stage> {
        let more = o.more.as_deref();
        let mut stages = Vec::new();
        let natural = match more.is_some_and(|m| m.fault.is_some()) {
            true => {
                let due = open::same_day(self.zone, o.trigger.at);
                let on = self.zone.date(o.trigger.at);
                stages.push(Stage::Fault {
                    from: self.at(o.trigger.at),
                    days: self.days(&o.duty.calendar, &BTreeSet::from([on]), None, false),
                });
                // What recurs is looked at on the day it should have come to be.
                if due == shown {
                    return stages;
                }
                None
            }
            false => self.natural(o, ended_at).ok().map(|(stage, due)| {
                stages.push(stage);
                due
            }),
        };
        if natural == Some(shown) {
            return stages;
        }
        if natural.is_none() {
            stages.clear();
        }
        if more.is_some_and(|m| m.first_due.is_some()) {
            stages.push(Stage::Extended {
                to: due_view(shown, self.zone),
                reason: more.and_then(|m| m.reason.as_ref()).map(ToString::to_string),
            });
            return stages;
        }
        if let Some((stage, due)) = self.topped_up(o).filter(|(_, due)| *due == shown)
            && natural.is_some_and(|natural| natural.at() < due.at())
        {
            stages.push(stage);
            return stages;
        }
        // Where the new edition asks for less time than is left, the due time stayed and no move is on record.
        let effective = o.duty.head.effective;
        let kept = (effective > self.zone.date(o.trigger.at)).then(|| self.zone.start_of(effective).ok());
        let kept = kept.flatten().map(|at| (at, shown));
        let turned = more.and_then(|m| m.moved.last()).map(|moved| (moved.at, moved.from));
        if let (Some((at, before)), Some(_)) = (turned.or(kept), natural)
            && let Ok(ends_at) = self.zone.end_of(self.zone.date(at))
        {
            stages.push(Stage::Turned {
                at: self.at(at),
                before: due_view(before, self.zone),
                ends_at: self.at(ends_at),
            });
            return stages;
        }
        vec![Stage::Stands {
            due: due_view(shown, self.zone),
        }]
    }

    /// The due time that the rule alone gives.
    fn natural(&self, o: &Obligation, ended_at: Option<Instant>) -> Found<(Stage, Due)> {
        let duty = o.duty.as_ref();
        let pauses = self.pauses(duty, ended_at);
        let how = open::counting(duty, &pauses, self.zone);
        let anchor = open::anchor_of(self.case, o, self.zone);
        if let Some(basis) = o.more.as_ref().and_then(|m| m.basis) {
            let since = basis.since.map(|at| self.at(at));
            return self.term(basis.from, basis.term, &how, since);
        }
        match &duty.timing {
            Timing::Within(term) => self.term(anchor, *term, &how, None),
            Timing::Window { within, .. } => self.term(anchor, *within, &how, None),
            Timing::ByCase(_) => Err(None),
            Timing::Same => self.together(o, ended_at),
            Timing::By { field, .. } => self.date(self.moment(o, field)?, &how),
            Timing::Before { field, term } => self.before(self.moment(o, field)?, *term, &how),
            Timing::Midpoint { start, end, tolerance } => {
                let (start_on, end_on) = (
                    self.moment(o, start)?.date(self.zone),
                    self.moment(o, end)?.date(self.zone),
                );
                let from = self.zone.start_of(midpoint(start_on, end_on))?;
                let (Stage::Term { how, .. }, due) = self.term(from, *tolerance, &how, None)? else {
                    return Err(None);
                };
                let stage = Stage::Middle {
                    start_on: start_on.to_string(),
                    end_on: end_on.to_string(),
                    term: tolerance.to_string(),
                    how,
                };
                Ok((stage, due))
            }
            Timing::Reminder { .. } => self.reminder(o, &how),
            Timing::Recurring { rhythm, .. } => self.occurrence(o, rhythm),
        }
    }

    fn term(&self, from: Instant, term: Term, how: &Counting<'_>, since: Option<String>) -> Found<(Stage, Due)> {
        let (reckoned, steps) = reckon_steps(from, term, how)?;
        let stage = Stage::Term {
            from: self.at(from),
            term: term.to_string(),
            since,
            edge: None,
            how: self.how(how, &self.touched(from, term, how, &steps, reckoned.due), term),
        };
        Ok((stage, reckoned.due))
    }

    /// The days that a reckoning looked at.
    fn touched(&self, from: Instant, term: Term, how: &Counting<'_>, steps: &[Step], due: Due) -> BTreeSet<NaiveDate> {
        let (start, last) = (self.zone.date(from), due.date(self.zone));
        let mut days: BTreeSet<NaiveDate> = steps.iter().map(|step| step.on).collect();
        days.extend([start, last]);
        if !term.is_day_kind() && !matches!(term, Term::OpenMinutes(_)) {
            return BTreeSet::new();
        }
        let looked_at = steps.iter().rev().nth(1).map_or(start, |step| step.on);
        let whole = !how.pauses.is_empty() || how.shift == Shift::Previous && !how.calendar.day(last).working;
        let first = if whole { start } else { looked_at.min(last) };
        days.extend(first.iter_days().take_while(|on| *on <= last).take(MAX_DAYS));
        days
    }

    fn date(&self, of: Moment, how: &Counting<'_>) -> Found<(Stage, Due)> {
        let due = moment::by(of, how)?.due;
        let stage = Stage::Date {
            of: self.moment_text(of),
            how: self.how(how, &self.between(of.date(self.zone), due), Term::Days(0)),
        };
        Ok((stage, due))
    }

    fn before(&self, of: Moment, term: Term, how: &Counting<'_>) -> Found<(Stage, Due)> {
        let due = moment::before(of, term, how)?.due;
        let stage = Stage::Before {
            of: self.moment_text(of),
            term: term.to_string(),
            how: self.how(how, &self.back(of.date(self.zone), term, how, due)?, Term::Days(0)),
        };
        Ok((stage, due))
    }

    /// The days that were looked at to count back from a date.
    fn back(&self, of: NaiveDate, term: Term, how: &Counting<'_>, due: Due) -> Found<BTreeSet<NaiveDate>> {
        let from = match term {
            Term::WorkingDays(_) => of,
            Term::Minutes(_) | Term::OpenMinutes(_) => return Ok(BTreeSet::new()),
            _ => crate::domain::deadline::before(
                of,
                term,
                &Counting {
                    shift: Shift::None,
                    ..*how
                },
            )?,
        };
        Ok(self.between(from, due))
    }

    /// The days from a date to a due time, in whichever order they lie.
    fn between(&self, on: NaiveDate, due: Due) -> BTreeSet<NaiveDate> {
        let last = due.date(self.zone);
        let (first, last) = (on.min(last), on.max(last));
        first.iter_days().take_while(|on| *on <= last).take(MAX_DAYS).collect()
    }

    fn together(&self, o: &Obligation, ended_at: Option<Instant>) -> Found<(Stage, Due)> {
        let parent = o
            .parent
            .and_then(|p| self.case.obligations.get(p as usize))
            .ok_or(None)?;
        let own = parent.end.as_ref().map(|end| end.by.at);
        let cut = own.into_iter().chain(ended_at).min();
        let mut due = parent.due;
        if o.due != due {
            // The other has moved since this one ended, or stands still.
            due = match self.natural(parent, cut) {
                Ok((_, due)) => due,
                Err(_) => o.due,
            };
        }
        let stage = Stage::Together {
            id: parent.key().id(self.id),
            due: self.stages(parent, due, cut),
        };
        Ok((stage, due))
    }

    fn reminder(&self, o: &Obligation, how: &Counting<'_>) -> Found<(Stage, Due)> {
        let about = o.more.as_ref().and_then(|m| m.reminds.as_ref()).ok_or(None)?;
        let known_on = self.zone.date(o.trigger.at);
        let mut days = BTreeSet::from([known_on]);
        let mut on = known_on;
        for distance in &about.distances {
            let day = crate::domain::deadline::before(about.of, *distance, how)?;
            on = on.max(day);
            days.extend(self.back(
                about.of,
                *distance,
                how,
                open::same_day(self.zone, self.zone.start_of(day)?),
            )?);
        }
        let stage = Stage::Reminder {
            of: about.of.to_string(),
            before: about.distances.iter().map(ToString::to_string).collect(),
            known_at: self.at(o.trigger.at),
            how: self.how(how, &days, Term::Days(0)),
        };
        let at = self.zone.end_of(on)?;
        Ok((stage, Due::Day { on, at }))
    }

    fn topped_up(&self, o: &Obligation) -> Option<(Stage, Due)> {
        let draw = o.duty.draw.as_ref()?;
        let (_, last_on) = open::period_of(draw.per, self.zone.date(o.trigger.at));
        let none = Pauses::none();
        let how = open::counting(&o.duty, &none, self.zone);
        let from = self.zone.start_of(last_on).ok()?;
        let (stage, due) = self.term(from, draw.top_up, &how, None).ok()?;
        let Stage::Term { from, term, how, .. } = stage else {
            return None;
        };
        Some((Stage::Drawn { from, term, how }, due))
    }

    fn opening(&self, o: &Obligation) -> Vec<Stage> {
        if o.more.as_ref().is_some_and(|m| m.fault.is_some()) {
            return Vec::new();
        }
        let found = match self.opened(o) {
            Ok(Some(found)) => found,
            _ => return Vec::new(),
        };
        let (stage, at) = found;
        let mut stages = vec![stage];
        if at < o.opens_at {
            stages.push(Stage::NotBefore {
                at: self.at(o.opens_at),
            });
        }
        stages
    }

    /// The opening that the rule gives, where it gives one.
    fn opened(&self, o: &Obligation) -> Found<Option<(Stage, Instant)>> {
        let duty = o.duty.as_ref();
        let none = Pauses::none();
        let plain = Counting {
            end: End::Midnight,
            shift: Shift::None,
            ..open::counting(duty, &none, self.zone)
        };
        match &duty.timing {
            Timing::Window { after, edge, .. } => {
                let anchor = open::anchor_of(self.case, o, self.zone);
                let (stage, due) = self.term(anchor, *after, &plain, None)?;
                let Stage::Term { from, term, how, .. } = stage else {
                    return Ok(None);
                };
                let inclusive = *edge == OpenEdge::Inclusive;
                let at = match due {
                    Due::Day { on, .. } if inclusive => self.zone.start_of(on)?,
                    due => due.at(),
                };
                let edge = Some(if inclusive { "inclusive" } else { "exclusive" });
                let stage = Stage::Term {
                    from,
                    term,
                    since: None,
                    edge,
                    how,
                };
                Ok(Some((stage, at)))
            }
            Timing::Midpoint { start, end, tolerance } => {
                let (start_on, end_on) = (
                    self.moment(o, start)?.date(self.zone),
                    self.moment(o, end)?.date(self.zone),
                );
                let middle = midpoint(start_on, end_on);
                let on = crate::domain::deadline::before(middle, *tolerance, &plain)?;
                let at = self.zone.start_of(on)?;
                let days = self.between(middle, open::same_day(self.zone, at));
                let stage = Stage::Middle {
                    start_on: start_on.to_string(),
                    end_on: end_on.to_string(),
                    term: tolerance.to_string(),
                    how: self.how(&plain, &days, *tolerance),
                };
                Ok(Some((stage, at)))
            }
            Timing::By { opens: Some(opens), .. } => {
                let of = self.moment(o, opens)?;
                let at = match of {
                    Moment::At(at) => at,
                    Moment::Day(on) => self.zone.start_of(on)?,
                };
                let on = BTreeSet::from([of.date(self.zone)]);
                let stage = Stage::Date {
                    of: self.moment_text(of),
                    how: self.how(&plain, &on, Term::Days(0)),
                };
                Ok(Some((stage, at)))
            }
            _ => Ok(None),
        }
    }

    /// A date or an instant of the case, or of the other case that this one is an occasion of.
    fn moment(&self, o: &Obligation, field: &Id) -> Found<Moment> {
        let lent = o.more.as_ref().and_then(|m| Moment::of(&m.lent, field, self.zone));
        lent.or_else(|| Moment::of(&self.case.data, field, self.zone))
            .ok_or(None)
    }

    fn pauses(&self, duty: &Duty, ended_at: Option<Instant>) -> Pauses {
        let all = open::pauses_for(self.case, duty);
        let Some(ended_at) = ended_at else {
            return all.resumed_at(self.as_of);
        };
        let known = all.intervals().iter().filter(|(from, _)| *from < ended_at);
        Pauses::from_intervals(known.map(|(from, to)| (*from, Some(to.unwrap_or(ended_at).min(ended_at)))))
    }

    fn how(&self, how: &Counting<'_>, days: &BTreeSet<NaiveDate>, term: Term) -> How {
        let hours = how.end == End::Close || matches!(term, Term::OpenMinutes(_));
        let pauses = how.pauses.intervals().iter();
        How {
            end: match how.end {
                End::Midnight => "midnight".to_owned(),
                End::Close => "close".to_owned(),
                End::At(time) => time.format("%H:%M").to_string(),
            },
            shift: match how.shift {
                Shift::None => "none",
                Shift::Next => "next",
                Shift::Previous => "previous",
            },
            pauses: pauses
                .filter_map(|(from, to)| Some([self.at(*from), self.at((*to)?)]))
                .collect(),
            days: self.days(how.calendar, days, Some(how.end), hours),
        }
    }

    pub(super) fn days(
        &self,
        calendar: &Calendar,
        days: &BTreeSet<NaiveDate>,
        end: Option<End>,
        hours: bool,
    ) -> Vec<DaySaid> {
        let zone = self.zone;
        let said = days.iter().filter_map(|on| {
            let day = calendar.day(*on);
            let instant = |time: chrono::NaiveTime| zone.resolve_forward(on.and_time(time)).ok();
            let open = hours.then(|| {
                let spans = calendar.open_spans(*on).iter().filter_map(|(from, to)| {
                    let to = match *to {
                        chrono::NaiveTime::MIN => zone.end_of(*on).ok()?,
                        to => instant(to)?,
                    };
                    Some([self.at(instant(*from)?), self.at(to)])
                });
                spans.collect()
            });
            Some(DaySaid {
                on: on.to_string(),
                working: day.working,
                certain: day.certain,
                why: words::reason(&day.reason),
                starts_at: self.at(zone.start_of(*on).ok()?),
                ends_at: self.at(zone.end_of(*on).ok()?),
                open,
                end_at: match end {
                    Some(End::At(time)) => Some(self.at(instant(time)?)),
                    _ => None,
                },
            })
        });
        said.collect()
    }

    pub(super) fn at(&self, at: Instant) -> String {
        self.zone.rfc3339(at)
    }

    fn moment_text(&self, of: Moment) -> String {
        match of {
            Moment::Day(on) => on.to_string(),
            Moment::At(at) => self.at(at),
        }
    }
}
