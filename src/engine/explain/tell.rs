//! What an explanation says in single sentences.

use super::words::{self, Style};
use super::{BearerSaid, Explanation, NextSaid, StepState};
use crate::domain::deadline::Due;
use crate::domain::obligation::Standing;
use crate::domain::zone::Instant;
use crate::engine::obligation::{Breach, BreachStatus, Ending, Obligation};
use crate::engine::view::BearerView;
use crate::policy::finding::Text;

/// Who, with the role.
pub(super) fn name(bearer: &BearerView) -> Text {
    let title = &bearer.title;
    match &bearer.name {
        Some(name) if title.is_empty() => Text::new(name.clone(), name.clone()),
        Some(name) => Text::new(format!("{title}{name}"), format!("{name} ({title})")),
        None => Text::new(format!("{title}（空缺）"), format!("{title} (vacant)")),
    }
}

fn names(bearers: &[BearerSaid]) -> Text {
    let names: Vec<Text> = bearers.iter().map(|b| name(&b.bearer)).collect();
    words::join(&names, "、", " and ")
}

/// What is owed, by whom, by when, how that stands, and why.
pub(super) fn verdict(
    e: &Explanation,
    obligation: &Obligation,
    due: Due,
    standing: Standing,
    style: Style,
    as_of: Instant,
) -> Text {
    let who = names(&e.bearers);
    let by = style.due(due);
    let title = &e.title;
    let together = e.joint && e.bearers.len() > 1;
    let past = matches!(standing, Standing::Cancelled | Standing::Waived);
    let mut zh = format!(
        "{}{}须在{}以前{}办完“{title}”",
        who.zh,
        if past { "原" } else { "" },
        by.zh,
        if together { "一起" } else { "" }
    );
    let en_together = if together { "together " } else { "" };
    let owes = match e.bearers.len() {
        _ if past => "owed",
        0 | 1 => "owes",
        _ => "owe",
    };
    let mut en = format!("{} {owes} `{title}` {en_together}by {}", who.en, by.en);
    if !obligation.is_owed() && obligation.is_live() {
        zh = format!("“{title}”按比例抽取，这一件没有抽中");
        en = format!("`{title}` is owed only where it is drawn, and this one was not");
    }
    let now = state(e, obligation, due, standing, style, as_of);
    let clause = e.clauses.first().map(|c| {
        let document = e.procedure.document.as_ref().unwrap_or(&e.procedure.title);
        let (id, text) = (&c.id, &c.text);
        Text::new(
            format!("依据 {document} 第{id}条：{text}"),
            format!("Clause {id} of {document}: {text}"),
        )
    });
    let clause = clause.unwrap_or_default();
    Text::new(
        format!("{zh}；{}。{}", now.zh, clause.zh),
        format!("{en}; {}. {}", now.en, clause.en),
    )
}

fn state(e: &Explanation, o: &Obligation, due: Due, standing: Standing, style: Style, as_of: Instant) -> Text {
    let zone = style.zone;
    let days = |from: chrono::NaiveDate, to: chrono::NaiveDate| to.signed_duration_since(from).num_days();
    let (today, due_on) = (zone.date(as_of), due.date(zone));
    let ended = || {
        o.end
            .as_ref()
            .map(|end| (style.moment(end.by.at), end.by.event.to_string()))
    };
    let because = e
        .performance
        .reason
        .as_ref()
        .map(|r| (format!("（{r}）"), format!(" ({r})")))
        .unwrap_or_default();
    let (at, event) = ended().unwrap_or_default();
    match standing {
        Standing::Scheduled if !o.is_owed() => {
            Text::new("期末不足时还会补抽", "it may still be drawn at the period's end")
        }
        Standing::Scheduled => {
            let opens = style.day(zone.date(o.opens_at));
            Text::new(
                format!("还没到时候，{}起可办", opens.zh),
                format!("it is not open before {}", opens.en),
            )
        }
        Standing::Open => {
            let (zh, en) = match days(today, due_on) {
                0 => ("今天到期".to_owned(), "it is due today".to_owned()),
                1 => ("明天到期".to_owned(), "it is due tomorrow".to_owned()),
                n => (format!("还有{n}天"), format!("{n} days are left")),
            };
            let lacks = !e.performance.missing.is_empty();
            let (lacks_zh, lacks_en) = if lacks {
                ("；已办但还缺东西", ", and an attempt left something out")
            } else {
                ("", "")
            };
            Text::new(format!("待办，{zh}{lacks_zh}"), format!("{en}{lacks_en}"))
        }
        Standing::Paused => Text::new(
            "案件暂停，期限不走，以上是现在恢复的话",
            "the case is paused and its term stands still: that is how it would be if the pause ended now",
        ),
        Standing::Overdue => {
            let n = days(due_on, today);
            if n == 0 {
                Text::new("逾期未办", "it is overdue")
            } else {
                let en = format!("it is overdue by {n} day{}", if n == 1 { "" } else { "s" });
                Text::new(format!("逾期未办，已过{n}天"), en)
            }
        }
        Standing::Fulfilled => Text::new(
            format!("{}按期办结（{event}）", at.zh),
            format!("it was done in time on {} (`{event}`)", at.en),
        ),
        Standing::FulfilledLate => Text::new(
            format!("{}才办结，逾期（{event}）", at.zh),
            format!("it was done late on {} (`{event}`)", at.en),
        ),
        Standing::Waived => Text::new(
            format!("{}已免除{}", at.zh, because.0),
            format!("it was waived on {}{}", at.en, because.1),
        ),
        Standing::Cancelled if o.more.as_ref().is_some_and(|m| m.dropped.is_some()) => {
            let edition = o.more.as_ref().and_then(|m| m.dropped).unwrap_or_default();
            let day = style.day(edition);
            Text::new(
                format!("{}起不再欠：{}起执行的新版本没有这条规则", at.zh, day.zh),
                format!(
                    "it has not been owed since {}: the edition in force from {} has no such rule",
                    at.en, day.en
                ),
            )
        }
        Standing::Cancelled => Text::new(
            format!("{}起不再欠（{event}）", at.zh),
            format!("it has not been owed since {} (`{event}`)", at.en),
        ),
        Standing::Expired => Text::new("期已过，不会再欠", "the period is over: it will not be owed"),
    }
}

/// What comes next if nothing happens.
pub(super) fn next(
    e: &Explanation,
    obligation: &Obligation,
    due: Due,
    standing: Standing,
    style: Style,
) -> Option<NextSaid> {
    if !standing.is_live() {
        return None;
    }
    if !obligation.is_owed() {
        let what = Text::new(
            "期末若达不到比例，从没抽中的里补抽",
            "if the share is short at the period's end, more are drawn",
        );
        return Some(NextSaid {
            at: None,
            to: None,
            what,
        });
    }
    if standing == Standing::Paused {
        let what = Text::new(
            "恢复之后期限接着走；暂停时不上报",
            "the term runs on when the pause ends; until then nobody is told",
        );
        return Some(NextSaid {
            at: None,
            to: None,
            what,
        });
    }
    if standing == Standing::Scheduled {
        let opens = style.moment(obligation.opens_at);
        let what = Text::new(format!("{}起可办", opens.zh), format!("it opens on {}", opens.en));
        return Some(NextSaid {
            at: Some(e.opens_at.clone()),
            to: None,
            what,
        });
    }
    if let Some(step) = e.escalation.iter().find(|s| s.state == StepState::Planned) {
        let to = name(&step.to);
        let zh = format!("还没办的话，{}报{}", step.when.zh, to.zh);
        let what = Text::new(
            zh,
            format!("{} is told on {} if it is not done by then", to.en, step.when.en),
        );
        return Some(NextSaid {
            at: Some(step.at.clone()),
            to: Some(step.to.clone()),
            what,
        });
    }
    let (at, what) = match standing {
        Standing::Overdue => (
            None,
            Text::new(
                "不再上报，一直欠到办结",
                "nobody else is told; it stays owed until it is done",
            ),
        ),
        _ => {
            let by = style.due(due);
            let zh = format!("过了{}记为逾期，不上报", by.zh);
            let en = format!("after {} it is overdue; nobody is told", by.en);
            (Some(style.zone.rfc3339(due.at())), Text::new(zh, en))
        }
    };
    Some(NextSaid { at, to: None, what })
}

/// That an obligation was not met in time, and what became of that.
pub(super) fn breach(obligation: &Obligation, breach: Breach, style: Style) -> Text {
    let at = style.moment(breach.at);
    let by = obligation
        .end
        .as_ref()
        .map(|e| e.by.event.to_string())
        .unwrap_or_default();
    let waived = obligation.end.as_ref().is_some_and(|e| e.how == Ending::Waived);
    match breach.status {
        BreachStatus::Standing => Text::new(
            format!("{}逾期，记录在案", at.zh),
            format!("it was missed at {}; that stands", at.en),
        ),
        BreachStatus::Excused if waived => Text::new(
            format!("{}逾期，后经免除（{by}）", at.zh),
            format!("it was missed at {}, and excused (`{by}`)", at.en),
        ),
        BreachStatus::Excused => Text::new(
            format!("{}逾期，已免责", at.zh),
            format!("it was missed at {}, and excused", at.en),
        ),
        BreachStatus::Retracted => Text::new(
            format!("{}看似逾期，后来的报告（{by}）表明按期办了，撤回", at.zh),
            format!(
                "it seemed missed at {}, until `{by}` showed that it was done in time",
                at.en
            ),
        ),
    }
}
