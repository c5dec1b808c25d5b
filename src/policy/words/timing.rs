//! By when something is owed, in words.

use super::condition::by_case;
use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{all_of, both};
use super::time;
use crate::domain::deadline::OpenEdge;
use crate::domain::recurrence::{HolidayRule, Overflow};
use crate::domain::term::{End, Shift};
use crate::policy::finding::Text;
use crate::policy::model::{Beat, Duty, Id, Pace, Period, Rhythm, Timing};
use chrono::NaiveTime;

/// By when, as the leading sentence says it.
pub(super) struct Adverb {
    /// The words: 在3天内, within 3 days.
    pub text: Text,
    /// Whether it is owed again and again: the verb is 办一次.
    pub again: bool,
}

/// Says by when; answers what the leading sentence has of it.
pub(super) fn said(duty: &Duty, lexicon: &Lexicon<'_>, said: &mut Said) -> Adverb {
    let once = |text| Adverb { text, again: false };
    let field = |id: &Id| lexicon.word(id);
    let early = match &duty.timing {
        Timing::Within(_) | Timing::ByCase(_) | Timing::Same => None,
        _ => Some(duty.early_accepted),
    };
    let adverb = match &duty.timing {
        Timing::Within(term) => once(said.part("term", time::within(*term))),
        Timing::ByCase(terms) => {
            let terms = by_case(terms.iter().map(|t| (&t.when, time::within(t.term))), lexicon);
            said.say("term", both!("期限：{terms}", "The term: {terms}", terms));
            once(Text::new("按下述期限", "within the term below"))
        }
        Timing::By { field: by, opens } => {
            let by = field(by);
            let by = said.part("term", both!("不晚于{by}", "no later than {by}", by));
            if let Some(opens) = opens {
                let opens = field(opens);
                said.say(
                    "opens",
                    both!("{opens}起可以办", "It may be done from {opens} on", opens),
                );
            }
            once(by)
        }
        Timing::Same => once(said.part("term", Text::new("不晚于该事项的到期日", "by the time that one is due"))),
        Timing::Window { after, within, edge } => {
            let (after, within) = (time::term(*after), time::term(*within));
            if *edge == OpenEdge::Inclusive {
                let open = Text::new("满期的那一天就可以办", "the day on which that time is full is open");
                said.say("opens", open);
            }
            once(said.part(
                "term",
                both!(
                    "在满{after}后、{within}内",
                    "after {after} and within {within}",
                    after,
                    within
                ),
            ))
        }
        Timing::Midpoint { start, end, tolerance } => {
            let (start, end, tolerance) = (field(start), field(end), time::term(*tolerance));
            once(said.part(
                "term",
                both!(
                    "在{start}到{end}的正中前后{tolerance}内",
                    "within {tolerance} of the middle between {start} and {end}",
                    start,
                    end,
                    tolerance
                ),
            ))
        }
        Timing::Before { field: before, term } => {
            let (before, term) = (field(before), time::term(*term));
            once(said.part(
                "term",
                both!(
                    "最迟在{before}前{term}",
                    "at the latest {term} before {before}",
                    before,
                    term
                ),
            ))
        }
        Timing::Reminder {
            field: of,
            before,
            at,
            until,
        } => {
            let distances: Vec<Text> = before.iter().map(|term| time::term(*term)).collect();
            let (of, all) = (field(of), all_of(&distances));
            let text = said.part("term", both!("在{of}前{all}", "{all} before {of}", of, all));
            if *at != NaiveTime::MIN {
                let at = at.format("%H:%M").to_string();
                said.say(
                    "at",
                    both!("当天{at}起提醒", "It can be done from {at} of that day on", at),
                );
            }
            ends(until, lexicon, said);
            Adverb { text, again: true }
        }
        Timing::Recurring { rhythm, until } => {
            let text = again(rhythm, lexicon, said);
            ends(until, lexicon, said);
            if let Some(last) = &rhythm.through {
                let last = field(last);
                said.say("through", both!("最后一次不晚于{last}", "None lies after {last}", last));
            }
            Adverb { text, again: true }
        }
    };
    last_day(duty, said);
    if early == Some(true) {
        said.say("early", Text::new("提前办也算", "earlier performance counts"));
    }
    adverb
}

fn ends(until: &[Id], lexicon: &Lexicon<'_>, said: &mut Said) {
    if !until.is_empty() {
        let until = lexicon.events(until);
        said.say("until", both!("到{until}为止", "It ends with {until}", until));
    }
}

fn last_day(duty: &Duty, said: &mut Said) {
    let end = match duty.end {
        End::Midnight => Text::default(),
        End::Close => Text::new(
            "算到最后一天下班为止",
            "The term ends at the close of business of its last day",
        ),
        End::At(time) => {
            let time = time.format("%H:%M").to_string();
            both!(
                "算到最后一天{time}为止",
                "The term ends at {time} of its last day",
                time
            )
        }
    };
    said.say("end", end);
    let shift = match duty.shift {
        Shift::None => Text::default(),
        Shift::Next => Text::new(
            "最后一天是休息日的，顺延到下一个工作日",
            "A last day that is a day off moves to the next working day",
        ),
        Shift::Previous => Text::new(
            "最后一天是休息日的，提前到上一个工作日",
            "A last day that is a day off moves to the working day before",
        ),
    };
    said.say("shift", shift);
}

/// Says how often; answers what the leading sentence has of it.
fn again(rhythm: &Rhythm, lexicon: &Lexicon<'_>, said: &mut Said) -> Text {
    let text = match rhythm.paces.as_slice() {
        [only] if only.when.0.is_empty() => said.part("recurrence", pace(only, lexicon)),
        paces => {
            let all = by_case(paces.iter().map(|p| (&p.when, pace(p, lexicon))), lexicon);
            said.say("recurrence", both!("周期：{all}", "How often: {all}", all));
            Text::new("按下述周期", "as often as said below")
        }
    };
    if rhythm.overflow == Overflow::Skip {
        let text = Text::new("没有那一天的月份不办", "A month without that day has none");
        said.say("recurrence", text);
    }
    let holidays = match rhythm.holidays {
        HolidayRule::None => Text::default(),
        HolidayRule::Next => Text::new(
            "那一天是休息日的，改在下一个工作日",
            "A day off is replaced by the next working day",
        ),
        HolidayRule::Previous => Text::new(
            "那一天是休息日的，改在上一个工作日",
            "A day off is replaced by the working day before",
        ),
        HolidayRule::Skip => Text::new("那一天是休息日的，那一次不办", "On a day off there is none"),
    };
    said.say("shift", holidays);
    if let Some(n) = rhythm.count {
        said.say("count", both!("一共{n}次", "There are {n} in all", n));
    }
    if rhythm.secret {
        said.say(
            "secret",
            Text::new(
                "那一天到来以前，只有承担人看得到",
                "Until it opens nobody but its bearers may see it",
            ),
        );
    }
    text
}

fn pace(pace: &Pace, lexicon: &Lexicon<'_>) -> Text {
    let beat = match &pace.beat {
        Beat::Fixed(every) => {
            let every = time::every(every);
            match every.en.starts_with("every") {
                true => every,
                false => Text::new(every.zh, format!("on {}", every.en)),
            }
        }
        Beat::Birthday(field) => {
            let field = lexicon.word(field);
            both!("每年{field}那一天", "each year on the day of {field}", field)
        }
        Beat::Interval(field) => {
            let field = lexicon.word(field);
            both!("每隔“{field}”所写的天数", "every so many days as {field} says", field)
        }
        Beat::RandomDay(Period::Quarter) => Text::new("每季度抽定的一天", "on a day drawn in each quarter"),
        Beat::RandomDay(Period::Year) => Text::new("每年抽定的一天", "on a day drawn in each year"),
        Beat::RandomDay(_) => Text::new("每月抽定的一天", "on a day drawn in each month"),
    };
    match pace.lead {
        None => beat,
        Some(lead) => {
            let lead = time::term(lead);
            both!("在{beat}之前{lead}", "{lead} ahead, {beat}", lead, beat)
        }
    }
}
