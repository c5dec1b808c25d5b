//! When a recurring duty is due again and again, as the author wrote it.

use super::codes;
use super::condition;
use super::fields::{self, View};
use super::model::{Beat, FieldType, Id, Pace, Period, Rhythm, Timing};
use super::names::Names;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use super::terms;
use super::timing;
use crate::domain::calendar::Calendar;
use crate::domain::recurrence::{Every, HolidayRule, Overflow};
use crate::domain::term::Term;
use chrono::NaiveDate;
use std::sync::Arc;
use toml::de::DeValue;

/// What rhythms are read with.
struct Around<'n, 'a> {
    views: &'n [View<'n>],
    names: &'n Names<'a>,
    calendar: Option<&'n Calendar>,
}

/// A pace as it was read, and what was written beside it.
struct Read<'a> {
    pace: Pace,
    secret: Option<Node<'a>>,
}

/// The timing of a `[recurring]`; `until` are the events that end it. `views` is what can be looked at when it begins,
/// `cases` what the cases themselves carry.
pub(super) fn recurring<'a>(
    table: &mut Table<'a>,
    until: Vec<Id>,
    (views, cases): (&[View<'_>], &[View<'_>]),
    names: &Names<'a>,
    calendar: Option<&Calendar>,
) -> Option<(Timing, Node<'a>)> {
    let around = Around { views, names, calendar };
    let node = table.need("every");
    let overflow = table
        .take("overflow")
        .and_then(|node| node.one_of(&[("last-day", Overflow::LastDay), ("skip", Overflow::Skip)]));
    let holidays = table.take("holidays").and_then(|node| {
        node.one_of(&[
            ("none", HolidayRule::None),
            ("next", HolidayRule::Next),
            ("previous", HolidayRule::Previous),
            ("skip", HolidayRule::Skip),
        ])
    });
    let count = table.take("times").and_then(|node| node.positive());
    // Only what the cases carry can move later.
    let through = table.text("through");
    let through = through.filter(|word| timing::moment_field(word, cases).is_some());
    let lead = table.take("lead");
    let secret = table.take("secret");
    let node = node?;
    let mut read = around.paces(&node);
    if let Some(lead) = lead {
        for one in &mut read {
            if one.pace.lead.is_some() {
                twice(&lead);
            }
            one.pace.lead = around.lead(&lead, &one.pace.beat);
        }
    }
    let inner = read.iter().find_map(|one| one.secret);
    let hides = secret.or(inner);
    if let Some(node) = hides.filter(|_| !read.iter().any(|one| matches!(one.pace.beat, Beat::RandomDay(_)))) {
        node.at.find(
            codes::CONFLICTING_KEYS,
            say!(
                "只有抽定的日子才谈得上保密：日子写明了，谁都知道",
                "only a day that is drawn can be secret; one that is written everybody knows"
            ),
            say!("删去 secret，或写 random_day", "remove `secret`, or write `random_day`"),
        );
    }
    let secret = hides.and_then(|node| node.boolean()).unwrap_or(false);
    if read.is_empty() {
        return None;
    }
    let rhythm = Rhythm {
        paces: read.into_iter().map(|one| one.pace).collect(),
        overflow: overflow.unwrap_or_default(),
        holidays: holidays.unwrap_or_default(),
        count,
        through: through.map(|word| names.id(word.text)),
        secret,
    };
    Some((Timing::Recurring { rhythm, until }, node))
}

fn twice(node: &Node<'_>) {
    let name = node.name;
    node.at.find(
        codes::CONFLICTING_KEYS,
        say!("“{name}”写了两处", "`{name}` is written in two places"),
        say!("只留一处", "keep one of them"),
    );
}

impl Around<'_, '_> {
    /// `every` as a list of alternatives, or as the one pace.
    fn paces<'t>(&self, node: &Node<'t>) -> Vec<Read<'t>> {
        let DeValue::Array(_) = node.value else {
            return self.pace(node).into_iter().collect();
        };
        let items = node.list();
        let mut read: Vec<Read<'t>> = Vec::new();
        for (n, item) in items.iter().enumerate() {
            let Some(mut table) = item.table() else { continue };
            let when = table.take("when");
            let inner = table.need("every");
            let lead = table.take("lead");
            table.finish();
            let is_last = n.saturating_add(1) == items.len();
            if when.is_some() == is_last {
                item.at.find(
                    codes::BAD_VALUE,
                    say!(
                        "几种周期从上到下取第一个成立的：前面的都要有 when，最后一项不能有",
                        "the first pace that holds counts: all but the last have a `when`, and the last has none"
                    ),
                    say!(
                        "在最后写一项没有 when 的：{{ every = … }}",
                        "write a last entry without `when`: {{ every = … }}"
                    ),
                );
            }
            let when = when
                .map(|node| condition::read(&node, self.views, self.names))
                .unwrap_or_default();
            let Some(mut one) = inner.and_then(|node| self.pace(&node)) else {
                continue;
            };
            one.pace.when = when;
            if let Some(lead) = lead {
                if one.pace.lead.is_some() {
                    twice(&lead);
                }
                one.pace.lead = self.lead(&lead, &one.pace.beat);
            }
            read.push(one);
        }
        if items.is_empty() {
            node.bad_value("至少一种周期", "at least one pace");
        }
        read
    }

    fn pace<'t>(&self, node: &Node<'t>) -> Option<Read<'t>> {
        let plain = |beat: Beat| Read {
            pace: Pace {
                when: Default::default(),
                beat,
                lead: None,
            },
            secret: None,
        };
        if node.as_text().is_some() {
            let every = node.one_of(&[
                ("month-end", Every::MonthLast),
                ("quarter-end", Every::QuarterLast),
                ("year-end", Every::YearLast),
                ("day", Every::Days(1)),
                ("week", Every::Weeks(1)),
            ])?;
            return Some(plain(Beat::Fixed(every)));
        }
        let mut table = node.table()?;
        let chosen = table.exactly_one(&[
            "days",
            "weeks",
            "months",
            "weekdays",
            "day_of_month",
            "working_day_of_month",
            "yearly",
            "festival",
            "birthday",
            "field",
            "random_day",
        ]);
        let lead = table.take("lead");
        let secret = table.take("secret");
        table.finish();
        let beat = self.beat(&chosen?)?;
        let mut read = plain(beat);
        read.pace.lead = lead.and_then(|node| self.lead(&node, &read.pace.beat));
        read.secret = secret;
        Some(read)
    }

    fn beat(&self, node: &Node<'_>) -> Option<Beat> {
        let fixed = |every: Option<Every>| every.map(Beat::Fixed);
        match node.name {
            "days" => fixed(node.positive().map(Every::Days)),
            "weeks" => fixed(node.positive().map(Every::Weeks)),
            "months" => fixed(node.positive().map(Every::Months)),
            "weekdays" => fixed(terms::weekdays(node).map(Every::Weekdays)),
            "day_of_month" => fixed(days_of_month(node).map(Every::DaysOfMonth)),
            "working_day_of_month" => fixed(ranged(node, 1, 23).map(Every::WorkingDayOfMonth)),
            "yearly" => fixed(yearly(node)),
            "festival" => fixed(self.festivals(node)),
            "birthday" => {
                let word = node.text()?;
                timing::date_field(&word, self.views);
                Some(Beat::Birthday(self.names.id(word.text)))
            }
            "field" => {
                let word = node.text()?;
                self.number_field(&word);
                Some(Beat::Interval(self.names.id(word.text)))
            }
            _ => node
                .one_of(&[
                    ("month", Period::Month),
                    ("quarter", Period::Quarter),
                    ("year", Period::Year),
                ])
                .map(Beat::RandomDay),
        }
    }

    fn festivals(&self, node: &Node<'_>) -> Option<Every> {
        let words = node.texts();
        if words.is_empty() {
            node.bad_value(
                " \"all\"，或节日的名字，如 [\"春节\", \"中秋节\"]",
                "\"all\", or names of festivals such as [\"春节\", \"中秋节\"]",
            );
            return None;
        }
        if let [word] = words.as_slice()
            && word.text == "all"
        {
            return Some(Every::Festivals(Vec::new()));
        }
        let known = self.calendar.map(Calendar::festival_names).unwrap_or_default();
        let mut wanted = Vec::new();
        for word in &words {
            if known.is_empty() || known.iter().any(|name| name.contains(word.text)) {
                wanted.push(Arc::from(word.text));
            } else {
                unknown(
                    codes::BAD_VALUE,
                    word,
                    ("节日", "festival"),
                    known.iter().map(AsRef::as_ref),
                );
            }
        }
        (!wanted.is_empty()).then_some(Every::Festivals(wanted))
    }

    fn number_field(&self, word: &Word<'_>) {
        let types = fields::everywhere(self.views, word);
        if types.iter().any(|known| **known != FieldType::Number) {
            let name = word.text;
            word.at.find(
                codes::WRONG_TYPE,
                say!("字段“{name}”不是整数", "the field `{name}` is not a number"),
                say!(
                    "在 data 里写 {name} = \"number\"",
                    "declare {name} = \"number\" in data"
                ),
            );
        }
    }

    fn lead(&self, node: &Node<'_>, beat: &Beat) -> Option<Term> {
        if beat.is_interval() {
            node.at.find(
                codes::CONFLICTING_KEYS,
                say!(
                    "按间隔数的周期没有可以提前的日子",
                    "what is counted in intervals has no date to be ahead of"
                ),
                say!(
                    "删去 lead，或按日历写 every",
                    "remove `lead`, or give `every` dates of the calendar"
                ),
            );
            return None;
        }
        terms::day_term(node)
    }
}

fn days_of_month(node: &Node<'_>) -> Option<Vec<u32>> {
    if !node.value.is_array() {
        return ranged(node, 1, 31).map(|day| vec![day]);
    }
    let mut days: Vec<u32> = node.list().iter().filter_map(|item| ranged(item, 1, 31)).collect();
    if days.is_empty() && node.value.as_array().is_some_and(|list| list.is_empty()) {
        node.bad_value("至少一天，如 [15, 30]", "at least one day, such as [15, 30]");
    }
    days.sort_unstable();
    days.dedup();
    (!days.is_empty()).then_some(days)
}

fn ranged(node: &Node<'_>, low: u32, high: u32) -> Option<u32> {
    let number = node.int()?;
    let fitting = u32::try_from(number).ok().filter(|n| (low..=high).contains(n));
    if fitting.is_none() {
        node.bad_value(
            &format!(" {low} 到 {high} 的整数"),
            &format!("a whole number from {low} to {high}"),
        );
    }
    fitting
}

fn yearly(node: &Node<'_>) -> Option<Every> {
    let text = node.text()?.text;
    let numbers = text
        .split_once('-')
        .and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
    let numbers = numbers.filter(|(month, day)| NaiveDate::from_ymd_opt(2024, *month, *day).is_some());
    if numbers.is_none() {
        node.bad_value("月-日，如 \"12-31\"", "month and day, such as \"12-31\"");
    }
    numbers.map(|(month, day)| Every::Yearly { month, day })
}
