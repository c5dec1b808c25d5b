//! Checklists, hints, named hours and what customers wish, in words.

use super::condition::{condition, provided};
use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{begun, both, is_empty, join};
use super::time;
use crate::policy::finding::Text;
use crate::policy::model::{Advice, Consent, Guidance, Hours, Limit};

/// Guidance in sentences.
pub(super) fn said(guidance: &Guidance, lexicon: &Lexicon<'_>) -> Said {
    let mut said = Said::new("guidance", &guidance.id, &guidance.title, &guidance.clauses);
    let text = match &guidance.advice {
        Advice::Checklist(steps) => {
            let steps = steps.iter().enumerate().map(|(at, step)| {
                let n = at.saturating_add(1);
                both!("（{n}）{step}", "({n}) {step}", n, step)
            });
            join(&steps.collect::<Vec<_>>(), "；", "; ")
        }
        Advice::Hint(text) => both!("{text}", "{text}", text),
    };
    let text = said.part("text", text);
    said.lead = both!("做法：{text}", "How it is done: {text}", text);
    let when = said.part("condition", provided(&guidance.when, lexicon));
    let mut shown = Vec::new();
    if !guidance.of.is_empty() {
        let of = lexicon.rules(&guidance.of);
        shown.push(both!("办{of}时", "with {of}", of));
    }
    if !guidance.on.is_empty() {
        let on = lexicon.events(&guidance.on);
        shown.push(both!("登记{on}时", "when {on} is recorded", on));
    }
    let shown = join(&shown, "和", " and ");
    match (is_empty(&shown), is_empty(&when)) {
        (true, _) => {}
        (false, true) => said.say("trigger", both!("{shown}提示", "It is shown {shown}", shown)),
        (false, false) => said.say(
            "trigger",
            both!("{shown}，{when}，提示", "It is shown {shown}, {when}", shown, when),
        ),
    }
    said.assume(guidance.assume.as_ref());
    said
}

/// Named hours in sentences.
pub(super) fn hours(hours: &Hours) -> Said {
    let mut said = Said::new("hours", &hours.id, &hours.title, &hours.clauses);
    let (working, rest) = hours.calendar.spans();
    let (title, working, rest) = (&hours.title, time::spans(working), time::spans(rest));
    let text = said.part(
        "hours",
        match working == rest {
            true => both!("每天{working}", "{working} every day", working),
            false => both!(
                "工作日{working}，休息日{rest}",
                "{working} on working days, {rest} on days off",
                working,
                rest
            ),
        },
    );
    said.lead = begun(both!("{title}是{text}", "{title}: {text}", title, text));
    said.assume(hours.assume.as_ref());
    said
}

/// What customers wish, in sentences.
pub(super) fn consent(consent: &Consent, lexicon: &Lexicon<'_>) -> Said {
    let mut said = Said::new("consent", &consent.id, &consent.title, &consent.clauses);
    let of = said.part("rules", lexicon.all_rules(&consent.of));
    let when = said.part("condition", condition(&consent.when, lexicon));
    let limit = match &consent.limit {
        Limit::Stretch(times) => both!("间隔加长到{times}倍", "its interval is {times} times as long", times),
        Limit::Stop => Text::new("不再办", "it is not owed any more"),
        Limit::Channels(channels) => {
            let channels = lexicon.fields(channels);
            both!("只用{channels}", "only {channels} may be used", channels)
        }
    };
    let limit = said.part("limit", limit);
    said.lead = begun(match is_empty(&when) {
        true => both!("{of}{limit}", "of {of}, {limit}", of, limit),
        false => both!("{when}的，{of}{limit}", "if {when}: of {of}, {limit}", when, of, limit),
    });
    said.assume(consent.assume.as_ref());
    said
}
