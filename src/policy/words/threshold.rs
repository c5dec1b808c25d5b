//! What is counted, and what follows at once, in words.

use super::condition::provided;
use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{both, is_empty, join};
use super::time;
use crate::policy::finding::Text;
use crate::policy::model::{Id, Threshold};

/// A threshold in sentences; one that the first event reaches is an escalation.
pub(super) fn said(rule: &Threshold, lexicon: &Lexicon<'_>) -> Said {
    let mut said = Said::new("threshold", &rule.id, &rule.title, &rule.clauses);
    let events = lexicon.events(&rule.on);
    let trigger = said.part("trigger", events.clone());
    let when = said.part("condition", provided(&rule.when, lexicon));
    let count = said.part("count", count(rule, &events, lexicon));
    let mut then = Vec::new();
    if !rule.to.is_empty() {
        then.push(said.part("to", told(&rule.to, lexicon)));
    }
    if let Some(open) = &rule.open {
        let event = lexicon.events(std::slice::from_ref(&open.event));
        then.push(said.part("open", both!("另立{event}", "{event} is opened", event)));
        let data = lexicon.data(&open.data);
        if !is_empty(&data) {
            said.say("data", both!("新的案件里，{data}", "In the new case: {data}", data));
        }
    }
    if let Some(mark) = &rule.mark {
        let (field, value) = (lexicon.word(&mark.field), lexicon.value(&mark.value));
        then.push(said.part(
            "mark",
            both!(
                "在案件上记{field}为{value}",
                "the case is marked: {field} is {value}",
                field,
                value
            ),
        ));
    }
    if let Some(back) = &rule.back {
        let on = lexicon.events(std::slice::from_ref(&back.on));
        let event = lexicon.events(std::slice::from_ref(&back.event));
        let data = lexicon.data(&back.data);
        said.say(
            "back",
            both!(
                "{on}后，写回{event}：{data}",
                "After {on}, {event} is written back: {data}",
                on,
                event,
                data
            ),
        );
    }
    if then.is_empty() {
        then.push(Text::new("记录在案", "this is noted"));
    }
    said.bearers = rule.to.first().map(|_| lexicon.roles(&rule.to)).unwrap_or_default();
    let then = join(&then, "，并", ", and ");
    let what = match is_empty(&count) {
        true => both!("有{trigger}时", "On {trigger}", trigger),
        false => both!("{count}时", "When {count}", count),
    };
    said.lead = match is_empty(&when) {
        true => both!("{what}，立即{then}", "{what}: {then}", what, then),
        false => both!("{what}，{when}，立即{then}", "{what}, {when}: {then}", what, when, then),
    };
    said.assume(rule.assume.as_ref());
    said
}

/// How many of what: 客户相同的维修“报修”，1年之内满3次.
fn count(rule: &Threshold, events: &Text, lexicon: &Lexicon<'_>) -> Text {
    let n = rule.at_least;
    if n == 1 && rule.key.is_empty() && rule.span.is_none() && rule.consecutive.is_none() {
        return Text::default();
    }
    let which = match rule.key.is_empty() {
        true => both!("{events}", "{events}", events),
        false => {
            let key = lexicon.fields(&rule.key);
            both!("{key}相同的{events}", "{events} with the same {key}", key, events)
        }
    };
    let span = match rule.span {
        None => Text::default(),
        Some(span) => {
            let span = time::term(span);
            both!("{span}之内", " within {span}", span)
        }
    };
    match (&rule.consecutive, &rule.count_distinct) {
        (Some(field), _) => {
            let field = lexicon.word(field);
            both!(
                "{which}，{span}接连满{n}次{field}都相同",
                "{which} has happened {n} times in an unbroken run of the same {field}{span}",
                which,
                span,
                n,
                field
            )
        }
        (None, Some(field)) => {
            let field = lexicon.word(field);
            both!(
                "{which}，{span}满{n}个不同的{field}",
                "{which} has shown {n} different {field}{span}",
                which,
                span,
                n,
                field
            )
        }
        (None, None) => both!(
            "{which}，{span}满{n}次",
            "{which} has happened {n} times{span}",
            which,
            span,
            n
        ),
    }
}

/// Who is told, the first time and the next ones.
fn told(to: &[Id], lexicon: &Lexicon<'_>) -> Text {
    if let [only] = to {
        let role = lexicon.role(only);
        return both!("告知{role}", "{role} is told", role);
    }
    let each = to.iter().enumerate().map(|(at, role)| {
        let (n, role) = (at.saturating_add(1), lexicon.role(role));
        both!("第{n}次告知{role}", "{role} is told (occurrence {n})", n, role)
    });
    join(&each.collect::<Vec<_>>(), "、", ", ")
}
