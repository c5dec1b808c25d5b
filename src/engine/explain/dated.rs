//! How a due date hangs on what the case says: a date or an instant of it, a term by case, a change of either.

use super::count::Count;
use super::{Counted, Step, words};
use crate::domain::deadline::{Counting, before};
use crate::domain::term::{Shift, Term};
use crate::domain::zone::TimeError;
use crate::engine::moment::{self, Moment};
use crate::engine::obligation::Obligation;
use crate::engine::open;
use crate::engine::recount::Basis;
use crate::policy::finding::Text;
use crate::policy::model::{CaseTerm, Id};

type Told = Result<Vec<Counted>, Option<TimeError>>;

impl Count<'_> {
    /// The steps of a term by case.
    pub(super) fn by_case(&self, o: &Obligation, terms: &[CaseTerm], how: &Counting<'_>, what: &Text) -> Told {
        let basis = o.more.as_ref().and_then(|m| m.basis).ok_or(None)?;
        let anchor = open::anchor_of(self.case, o, self.company.zone);
        let changed = Text::new("案件改变", "the case changed");
        let from = if basis.from == anchor { what } else { &changed };
        let mut steps = self.reckoned(basis.from, basis.term, how, from)?;
        let term = words::term(basis.term);
        let entry = terms.iter().find(|entry| entry.term == basis.term);
        let when = entry.map(|entry| words::condition(&entry.when)).unwrap_or_default();
        let (zh, en) = match when.zh.is_empty() {
            true => ("其余情形".to_owned(), "in all other cases".to_owned()),
            false => (when.zh, when.en),
        };
        let why = match basis.since {
            None => Text::new(format!("{zh}：{}", term.zh), format!("{en}: {}", term.en)),
            Some(_) => Text::new(
                format!("改为 {zh}：{}", term.zh),
                format!("changed, {en} from now on: {}", term.en),
            ),
        };
        let note = self.at(basis.since.unwrap_or(basis.from), Step::Start, why);
        steps.insert(1.min(steps.len()), note);
        Ok(steps)
    }

    /// The steps to a date or an instant of the case itself.
    pub(super) fn by(&self, o: &Obligation, field: &Id, how: &Counting<'_>) -> Told {
        let moment = self.moment(field)?;
        let mut steps = vec![self.starts(moment, field, false)];
        if let Some(steps) = self.floored(o, how, &mut steps)? {
            return Ok(steps);
        }
        let due = moment::by(moment, how)?.due;
        let (on, zone) = (moment.date(how.zone), how.zone);
        if due.date(zone) != on {
            let day = words::reason(&how.calendar.day(on).reason);
            let why = Text::new(format!("{}，移开", day.zh), format!("{}: moved", day.en));
            steps.push(self.on(on, Step::Passed, why));
        }
        steps.push(self.end(due));
        Ok(steps)
    }

    /// The steps back from a date or an instant of the case.
    pub(super) fn before(&self, o: &Obligation, field: &Id, term: Term, how: &Counting<'_>) -> Told {
        let moment = self.moment(field)?;
        let mut steps = vec![self.starts(moment, field, term.is_day_kind())];
        if let Some(steps) = self.floored(o, how, &mut steps)? {
            return Ok(steps);
        }
        if term.is_day_kind() {
            self.days_back(moment, term, how, &mut steps)?;
        }
        let due = moment::before(moment, term, how)?.due;
        if !term.is_day_kind() {
            let term = words::term(term);
            let why = Text::new(format!("往前{}", term.zh), format!("{} before it", term.en));
            steps.push(self.at(due.at(), Step::Counted, why));
        }
        steps.push(self.end(due));
        Ok(steps)
    }

    /// The steps back from the date that a reminder is about.
    pub(super) fn reminds(&self, o: &Obligation, field: &Id, how: &Counting<'_>) -> Told {
        let about = o.more.as_ref().and_then(|m| m.reminds.as_ref()).ok_or(None)?;
        let mut steps = vec![self.starts(Moment::Day(about.of), field, true)];
        let on = o.due.date(how.zone);
        for distance in &about.distances {
            let day = before(about.of, *distance, how)?;
            let term = words::term(*distance);
            let why = Text::new(format!("往前{}", term.zh), format!("{} before it", term.en));
            steps.push(self.on(day, Step::Counted, why));
            if day < on {
                let why = Text::new(
                    "知道日期时已过，当天提醒",
                    "past when the date became known: on that day instead",
                );
                steps.push(self.on(on, Step::Counted, why));
            }
        }
        steps.push(self.end(o.due));
        Ok(steps)
    }

    fn starts(&self, moment: Moment, field: &Id, not_counted: bool) -> Counted {
        let (zh, en) = match (moment, not_counted) {
            (_, true) => (
                format!("{field}，当天不计"),
                format!("`{field}`; this day is not counted"),
            ),
            (Moment::Day(_), false) => (format!("{field}"), format!("`{field}`")),
            (Moment::At(at), false) => {
                let time = self.style.time(at);
                (format!("{field} {time}"), format!("`{field}` at {time}"))
            }
        };
        self.on(moment.date(self.company.zone), Step::Start, Text::new(zh, en))
    }

    /// Where the date was moved to a day that had passed: the day of the change is the last one.
    fn floored(
        &self,
        o: &Obligation,
        how: &Counting<'_>,
        steps: &mut Vec<Counted>,
    ) -> Result<Option<Vec<Counted>>, Option<TimeError>> {
        let Some(Basis { from, term, .. }) = o.more.as_ref().and_then(|m| m.basis) else {
            return Ok(None);
        };
        let mut steps = std::mem::take(steps);
        let what = Text::new("改成了已过的日期", "it was moved to a day that had passed");
        steps.extend(self.reckoned(from, term, how, &what)?);
        Ok(Some(steps))
    }

    fn days_back(
        &self,
        moment: Moment,
        term: Term,
        how: &Counting<'_>,
        steps: &mut Vec<Counted>,
    ) -> Result<(), Option<TimeError>> {
        let date = moment.date(how.zone);
        let plain = before(
            date,
            term,
            &Counting {
                shift: Shift::None,
                ..*how
            },
        )?;
        if let Term::WorkingDays(_) = term {
            let (mut on, mut n) = (date, 0);
            while on > plain {
                on = on.pred_opt().ok_or(None)?;
                let day = how.calendar.day(on);
                if day.working {
                    n += 1;
                    let why = Text::new(format!("往前第{n}个工作日"), format!("working day {n} before it"));
                    steps.push(Counted {
                        nth: Some(n),
                        certain: day.certain,
                        ..self.on(on, Step::Counted, why)
                    });
                } else {
                    let why = words::reason(&day.reason);
                    let why = Text::new(format!("{}，不计", why.zh), format!("{}: not counted", why.en));
                    steps.push(Counted {
                        certain: day.certain,
                        ..self.on(on, Step::Passed, why)
                    });
                }
            }
        } else {
            let term = words::term(term);
            let why = Text::new(format!("往前{}", term.zh), format!("{} before it", term.en));
            steps.push(self.on(plain, Step::Counted, why));
        }
        let on = before(date, term, how)?;
        if on != plain {
            let day = words::reason(&how.calendar.day(plain).reason);
            let why = Text::new(format!("{}，提前", day.zh), format!("{}: moved back", day.en));
            steps.push(self.on(plain, Step::Passed, why));
        }
        Ok(())
    }

    fn moment(&self, field: &Id) -> Result<Moment, Option<TimeError>> {
        Moment::of(&self.case.data, field, self.company.zone).ok_or(None)
    }
}
