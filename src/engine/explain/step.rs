//! A step of a counting, in words.

use super::count::Count;
use super::{Counted, Step, words};
use crate::domain::deadline::{Counting, Step as Reckoning, StepWhy};
use crate::domain::term::{Shift, Term};
use crate::domain::zone::Instant;
use crate::policy::finding::Text;

impl Count<'_> {
    /// A step of a reckoning, in words.
    pub(super) fn said(
        &self,
        step: &Reckoning,
        start: Instant,
        term: Term,
        how: &Counting<'_>,
        what: &Text,
    ) -> Counted {
        let (kind, why) = match &step.why {
            StepWhy::Start => (Step::Start, self.start(start, term, what)),
            StepWhy::Counted(n) => {
                let working = matches!(term, Term::WorkingDays(_));
                let zh = format!("第{n}{}", if working { "个工作日" } else { "天" });
                let en = format!("{} {n}", if working { "working day" } else { "day" });
                (Step::Counted, Text::new(zh, en))
            }
            StepWhy::NotWorking(reason) => {
                let day = words::reason(reason);
                (
                    Step::Passed,
                    Text::new(format!("{}，不计", day.zh), format!("{}: not counted", day.en)),
                )
            }
            StepWhy::Paused => (
                Step::Passed,
                Text::new("24时还在暂停，不计", "paused at its 24:00: not counted"),
            ),
            StepWhy::CorrespondingDay => {
                let term = words::term(term);
                let en = format!("the corresponding day after {}", term.en);
                (Step::Counted, Text::new(format!("满{}的对应日", term.zh), en))
            }
            StepWhy::MonthEndClamp => {
                let term = words::term(term);
                let zh = format!("满{}，当月没有对应日，取最后一天", term.zh);
                let en = format!("{} on; the month has no corresponding day, so its last", term.en);
                (Step::Counted, Text::new(zh, en))
            }
            StepWhy::Shifted(reason) => {
                let (day, back) = (words::reason(reason), how.shift == Shift::Previous);
                let zh = format!("{}，{}", day.zh, if back { "提前" } else { "顺延" });
                let en = format!("{}: moved {}", day.en, if back { "back" } else { "on" });
                (Step::Passed, Text::new(zh, en))
            }
            StepWhy::Open { from, to, minutes } => {
                let (from, to) = (self.style.time(*from), self.style.time(*to));
                let zh = format!("{from}–{to} 上班，用去{minutes}分钟");
                (
                    Step::Counted,
                    Text::new(zh, format!("open {from}-{to}: {minutes} minutes used")),
                )
            }
            StepWhy::Elapsed { minutes } => {
                let ran = words::term(Term::Minutes(u32::try_from(*minutes).unwrap_or(u32::MAX)));
                (
                    Step::Counted,
                    Text::new(format!("经过{}", ran.zh), format!("{} run", ran.en)),
                )
            }
            StepWhy::PausedTime { from, to } => {
                let (from, to) = (self.style.moment(*from), self.style.moment(*to));
                let zh = format!("{}至{}暂停，不计", from.zh, to.zh);
                (
                    Step::Passed,
                    Text::new(zh, format!("paused from {} to {}: not counted", from.en, to.en)),
                )
            }
            StepWhy::NoClose(reason) => {
                let day = words::reason(reason);
                (
                    Step::Passed,
                    Text::new(
                        format!("{}，没有下班时间", day.zh),
                        format!("{}: no closing time", day.en),
                    ),
                )
            }
            StepWhy::EndedBeforeStart => (
                Step::Passed,
                Text::new("时刻已过，算到后一天", "already past that time: on to the next day"),
            ),
            StepWhy::End(due) => return self.end(*due),
        };
        let nth = match step.why {
            StepWhy::Counted(n) => Some(n),
            _ => None,
        };
        Counted {
            nth,
            certain: step.certain,
            ..self.on(step.on, kind, why)
        }
    }

    fn start(&self, start: Instant, term: Term, what: &Text) -> Text {
        let time = self.style.time(start);
        match term {
            Term::Days(0) | Term::WorkingDays(0) => Text::new(
                format!("{}，当天为限", what.zh),
                format!("{}; due the same day", what.en),
            ),
            Term::Minutes(_) | Term::OpenMinutes(_) => {
                let en = format!("{} at {time}; counted from then on", what.en);
                Text::new(format!("{time} {}，从这时起数", what.zh), en)
            }
            _ => Text::new(
                format!("{}，当天不计", what.zh),
                format!("{}; this day is not counted", what.en),
            ),
        }
    }
}
