//! A procedure's head, its values by date and its rules, in words.

use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{both, join};
use super::{access, duty, gate, guidance, metric, notice, penalty, rate, record, sample, threshold};
use crate::domain::event::TARGET_DECIDED;
use crate::policy::finding::Text;
use crate::policy::model::{Dated, Duty, Head, Override, Procedure, Transition, Trigger};

/// What a new edition does to what is owed under the one before it, in words.
pub(crate) fn transition(transition: Transition) -> Text {
    match transition {
        Transition::Keep => Text::new(
            "以前已经产生的义务照旧，不受这一版影响",
            "What is owed already stays as it is",
        ),
        Transition::NewOccurrences => Text::new(
            "周期性的事项，日子还没到的按这一版重排；其他已经产生的义务照旧",
            "Occurrences whose day is still ahead are planned anew; all else that is owed already stays as it is",
        ),
        Transition::Rebase => Text::new(
            "还没逾期的义务，按这一版重新计算期限",
            "Terms of what is owed and not overdue are counted anew under this edition",
        ),
    }
}

/// The head in sentences.
pub(super) fn head(procedure: &Procedure, lexicon: &Lexicon<'_>) -> Said {
    let Head {
        id, title, effective, ..
    } = &*procedure.head;
    let head = &procedure.head;
    let mut said = Said::new("procedure", id, title, &[]);
    said.part("title", both!("{title}", "{title}", title));
    let from = said.part("effective", both!("{effective}", "{effective}", effective));
    let document = head
        .document
        .as_ref()
        .map(|d| both!("（{d}）", " ({d})", d))
        .unwrap_or_default();
    let document = said.part("document", document);
    said.lead = both!(
        "《{title}》{document}自{from}起执行",
        "“{title}”{document} is in force from {from}",
        title,
        document,
        from
    );
    said.say("transition", transition(head.transition));
    for (key, roles, zh, en) in [
        ("waive_by", &head.waive_by, "能免除义务", "may waive what is owed"),
        ("extend_by", &head.extend_by, "能延期", "may extend what is owed"),
    ] {
        if !roles.is_empty() {
            let (roles, verb) = (lexicon.roles(roles), Text::new(zh, en));
            said.say(key, both!("{roles}{verb}", "{roles} {verb}", roles, verb));
        }
    }
    if let Some(adoption) = &procedure.adoption {
        let base = &adoption.procedure;
        said.say(
            "adopts",
            both!(
                "采用通用规程 {base}，只改下面注明的几处",
                "It adopts the base procedure {base}, but for what is said below",
                base
            ),
        );
    }
    said
}

/// A value by date in sentences.
pub(super) fn dated(dated: &Dated) -> Said {
    let mut said = Said::new("param", &dated.id, &dated.title, &[]);
    let values = dated.values.iter().map(|(from, value)| {
        let value = value.trim_matches('"');
        both!("自{from}起为{value}", "{value} from {from} on", from, value)
    });
    let values = said.part("values", join(&values.collect::<Vec<_>>(), "，", ", "));
    let title = &dated.title;
    said.lead = both!("{title}：{values}", "{title}: {values}", title, values);
    said
}

/// All rules of a procedure, in the order of its file, forms last.
pub(super) fn rules(procedure: &Procedure, lexicon: &Lexicon<'_>) -> Vec<Said> {
    let mut all: Vec<(u32, Said)> = Vec::new();
    let derived = |duty: &Duty| {
        let of_rate = duty.done.iter().any(|done| *done.event == *TARGET_DECIDED);
        of_rate || duty.decides().is_some() || matches!(duty.on, Trigger::Sampled(_))
    };
    let duties = procedure.duties.iter().filter(|duty| !derived(duty));
    all.extend(duties.map(|r| (r.line, duty::said(r, lexicon))));
    let telling = |id| procedure.penalties.iter().any(|penalty| penalty.id == id);
    let counted = procedure.thresholds.iter().filter(|r| !telling(r.id.clone()));
    all.extend(counted.map(|r| (r.line, threshold::said(r, lexicon))));
    let gates = procedure.gates.iter();
    all.extend(gates.filter_map(|r| Some((r.line, gate::said(r, procedure, lexicon)?))));
    all.extend(procedure.rates.iter().map(|r| (r.line, rate::said(r, lexicon))));
    all.extend(procedure.samples.iter().map(|r| (r.line, sample::said(r, lexicon))));
    let penalties = procedure.penalties.iter();
    all.extend(penalties.map(|r| (r.line, penalty::said(r, procedure, lexicon))));
    all.extend(procedure.metrics.iter().map(|r| (r.line, metric::said(r, lexicon))));
    all.extend(procedure.guidance.iter().map(|r| (r.line, guidance::said(r, lexicon))));
    all.extend(procedure.hours.iter().map(|r| (r.line, guidance::hours(r))));
    all.extend(
        procedure
            .consents
            .iter()
            .map(|r| (r.line, guidance::consent(r, lexicon))),
    );
    all.extend(procedure.notices.iter().map(|r| (r.line, notice::said(r, lexicon))));
    all.extend(procedure.access.iter().map(|r| (r.line, access::said(r, lexicon))));
    all.sort_by_key(|(line, _)| *line);
    let forms = procedure.records.iter().map(|r| record::said(r, lexicon));
    let mut all: Vec<Said> = all.into_iter().map(|(_, said)| said).chain(forms).collect();
    for said in &mut all {
        for own in procedure.overrides_of(&said.id) {
            said.say("override", overridden(own));
        }
    }
    all
}

/// A value of the company's own, with the base's beside it.
pub(crate) fn overridden(own: &Override) -> Text {
    let plain = |value: &str| value.trim_matches('"').to_owned();
    let (key, value, reason) = (key(&own.key), plain(&own.value), own.reason.trim_end_matches('。'));
    match &own.base {
        Some(base) => {
            let base = plain(base);
            both!(
                "本公司的{key}是 {value}，通用规程是 {base}（{reason}）",
                "The {key} here is {value}, in the base {base} ({reason})",
                key,
                value,
                base,
                reason
            )
        }
        None => both!(
            "本公司的{key}是 {value}，通用规程没有（{reason}）",
            "The {key} here is {value}; the base has none ({reason})",
            key,
            value,
            reason
        ),
    }
}

/// What a key of a rule is called.
fn key(key: &str) -> Text {
    let slot = match key {
        "within" | "before" | "window" | "midpoint" => "term",
        "every" => "recurrence",
        "escalate" => "escalation",
        "when" => "condition",
        "done" => "performed_by",
        "share" => "target",
        "on" => "trigger",
        other => other,
    };
    super::slot::label(slot)
}
