//! What is owed, in words.

use super::condition::{condition, provided};
use super::escalation::escalation;
use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{begun, both, is_empty, join};
use super::{bearer, timing};
use crate::policy::finding::Text;
use crate::policy::model::{Audience, Count, Duty, Id, Many, Same, Timing, Trigger};

/// A duty in sentences.
pub(super) fn said(duty: &Duty, lexicon: &Lexicon<'_>) -> Said {
    let family = match (&duty.on, &duty.timing) {
        (Trigger::Occasion(_), _) => "occasion",
        (_, Timing::Recurring { .. }) => "recurring",
        (_, Timing::Reminder { .. }) => "reminder",
        _ => "deadline",
    };
    let mut said = Said::new(family, &duty.id, &duty.title, &duty.clauses);
    let recurring = matches!(duty.timing, Timing::Recurring { .. });
    let trigger = said.part("trigger", trigger(&duty.on, recurring, lexicon));
    let when = said.part("condition", provided(&duty.when, lexicon));
    let who = bearer::said(&duty.bearers, lexicon, &mut said);
    let by = timing::said(duty, lexicon, &mut said);
    let (title, adverb) = (&duty.title, &by.text);
    let start = match is_empty(&when) {
        true => trigger,
        false => both!("{trigger}，{when}", "{trigger}, {when}", trigger, when),
    };
    said.lead = begun(match by.again {
        true => both!(
            "{start}，{who}须{adverb}办一次“{title}”",
            "{start}, {who} must do “{title}” {adverb}",
            start,
            who,
            adverb,
            title
        ),
        false => both!(
            "{start}，{who}须{adverb}办完“{title}”",
            "{start}, {who} must complete “{title}” {adverb}",
            start,
            who,
            adverb,
            title
        ),
    });
    if let Some(audience) = &duty.audience {
        said.say("audience", self::audience(audience, lexicon));
    }
    if let Some(from) = &duty.from {
        let from = lexicon.events(std::slice::from_ref(from));
        said.say(
            "from",
            both!("期限从{from}起算", "The term is counted from {from}", from),
        );
    }
    counted_by(duty, lexicon, &mut said);
    performed(duty, lexicon, &mut said);
    if let Some(count) = &duty.count {
        self::count(count, lexicon, &mut said);
    }
    if let Some(draw) = &duty.draw {
        let rate = lexicon.rule(&draw.rate);
        said.say(
            "draw",
            both!("只有{rate}抽中的才须办", "It is owed only where {rate} draws it", rate),
        );
    }
    said.say("escalation", escalation(&duty.escalate, lexicon));
    around(duty, lexicon, &mut said);
    said.assume(duty.assume.as_ref());
    said
}

fn trigger(on: &Trigger, recurring: bool, lexicon: &Lexicon<'_>) -> Text {
    match on {
        Trigger::Events(events) if recurring => {
            let events = lexicon.events(events);
            both!("从{events}起", "From {events} on", events)
        }
        Trigger::Events(events) => {
            let events = lexicon.events(events);
            both!("{events}后", "After {events}", events)
        }
        Trigger::Occasion(events) => {
            let events = lexicon.events(events);
            both!("有{events}时", "On {events}", events)
        }
        Trigger::Opened(rules) => {
            let rules = lexicon.rules(rules);
            both!("须办{rules}时", "When {rules} is owed", rules)
        }
        Trigger::Fulfilled(rules) => {
            let rules = lexicon.rules(rules);
            both!("办完{rules}后", "When {rules} is done", rules)
        }
        Trigger::Breached(rules) => {
            let rules = lexicon.rules(rules);
            both!("{rules}逾期未办后", "When {rules} is overdue", rules)
        }
        Trigger::Sampled(_) => Text::new("抽中的", "For each case that is drawn"),
    }
}

fn audience(audience: &Audience, lexicon: &Lexicon<'_>) -> Text {
    let kind = lexicon.kind(&audience.kind);
    let pairs = audience.pairs.iter().map(|(field, same)| {
        let field = lexicon.word(field);
        match same {
            Same::Case => both!("{field}就是该案件", "{field} is that case", field),
            Same::Field(other) => {
                let other = lexicon.word(other);
                both!(
                    "{field}与其{other}相同",
                    "{field} agrees with its {other}",
                    field,
                    other
                )
            }
        }
    });
    let pairs = join(&pairs.collect::<Vec<_>>(), "，而且", " and ");
    match is_empty(&pairs) {
        true => both!("每一件“{kind}”都要办", "It is due for every case of “{kind}”", kind),
        false => both!(
            "{pairs}的每一件“{kind}”都要办",
            "It is due for every case of “{kind}” whose {pairs}",
            pairs,
            kind
        ),
    }
}

/// Which working days and hours count, where they are not the company's.
fn counted_by(duty: &Duty, lexicon: &Lexicon<'_>, said: &mut Said) {
    let (own, name) = (lexicon.company.calendar.name(), duty.calendar.name());
    if name != own {
        let name = lexicon.rule(name);
        said.say(
            "calendar",
            both!(
                "工作日和工作时间按{name}",
                "Working days and hours are those of {name}",
                name
            ),
        );
    }
}

fn performed(duty: &Duty, lexicon: &Lexicon<'_>, said: &mut Said) {
    let mut forms: Vec<(Option<&Id>, Vec<Id>)> = Vec::new();
    for done in &duty.done {
        let form = done.record.as_ref().map(|record| &record.title);
        match forms.iter_mut().find(|(known, _)| *known == form) {
            Some((_, events)) => events.push(done.event.clone()),
            None => forms.push((form, vec![done.event.clone()])),
        }
    }
    let each = forms.iter().map(|(form, events)| {
        let events = lexicon.events(events);
        match form {
            None => both!("{events}", "{events}", events),
            Some(form) => both!(
                "{events}（填《{form}》）",
                "{events} with the form “{form}”",
                events,
                form
            ),
        }
    });
    let done = join(&each.collect::<Vec<_>>(), "，或", ", or ");
    if !is_empty(&done) {
        said.say(
            "performed_by",
            both!("登记{done}，就算办完", "It is done when {done} is recorded", done),
        );
    }
    let when = condition(&duty.done_when, lexicon);
    if !is_empty(&when) {
        said.say("done_when", both!("其中{when}的才算", "It counts only if {when}", when));
    }
}

fn count(count: &Count, lexicon: &Lexicon<'_>, said: &mut Said) {
    let distinct = match &count.distinct {
        None => Text::default(),
        Some(field) => {
            let field = lexicon.word(field);
            both!("，{field}不重复计", ", each {field} counted once", field)
        }
    };
    let many = match &count.many {
        Many::Number(n) => both!(
            "一共要办{n}次{distinct}",
            "It must be done {n} times{distinct}",
            n,
            distinct
        ),
        Many::Share { shares, of } => {
            let shares = shares.iter().map(|s| {
                let share = s.share;
                (&s.when, both!("{share}", "{share}", share))
            });
            let (shares, of) = (super::condition::by_case(shares, lexicon), lexicon.word(of));
            both!(
                "要办够{of}的{shares}{distinct}",
                "It must be done for this share of the {of}: {shares}{distinct}",
                of,
                shares,
                distinct
            )
        }
        Many::Drawn { sample, of } => {
            let (sample, of) = (lexicon.rule(sample), lexicon.word(of));
            both!(
                "{sample}从{of}里抽中的，每一个都要办{distinct}",
                "It must be done for each of the {of} that {sample} draws{distinct}",
                sample,
                of,
                distinct
            )
        }
    };
    said.say("count", many);
}

/// What stands around a duty: pauses, late reports, hours, texts, consents, penalties.
fn around(duty: &Duty, lexicon: &Lexicon<'_>, said: &mut Said) {
    if !duty.pauses_for.is_empty() {
        let reasons = lexicon.fields(&duty.pauses_for);
        said.say(
            "pause",
            both!(
                "案件因{reasons}暂停时，期限停走",
                "Its term stands still while the case is paused for {reasons}",
                reasons
            ),
        );
    }
    if let Some(term) = duty.max_backdate {
        let term = super::time::term(term);
        said.say(
            "max_backdate",
            both!(
                "办完{term}以后才补报的，要经确认才算",
                "Reported later than {term} after it was done, it counts only once confirmed",
                term
            ),
        );
    }
    if let Some(hours) = &duty.prefer {
        let hours = lexicon.rule(&hours.id);
        said.say(
            "prefer",
            both!("最好在{hours}里办", "It is best done in {hours}", hours),
        );
    }
    let titles = |ids: Vec<Id>| lexicon.all_rules(&ids);
    let guidance: Vec<Id> = duty.texts.guidance.iter().map(|g| g.id.clone()).collect();
    if !guidance.is_empty() {
        let guidance = titles(guidance);
        said.say(
            "guidance",
            both!("做法见{guidance}", "How it is done: {guidance}", guidance),
        );
    }
    if let Some(notice) = &duty.texts.notice {
        let notice = lexicon.rule(&notice.id);
        said.say(
            "notice",
            both!("发出的文书见{notice}", "The text that goes out: {notice}", notice),
        );
    }
    let consents: Vec<Id> = duty.consents.iter().map(|c| c.id.clone()).collect();
    if !consents.is_empty() {
        let consents = titles(consents);
        said.say(
            "consent",
            both!(
                "客户的意愿可以限制它，见{consents}",
                "What customers wish may limit it: {consents}",
                consents
            ),
        );
    }
    let penalties: Vec<Id> = duty.penalties.iter().map(|p| p.id.clone()).collect();
    if !penalties.is_empty() {
        let penalties = titles(penalties);
        said.say(
            "penalty",
            both!(
                "逾期的罚则见{penalties}",
                "A breach is penalised: {penalties}",
                penalties
            ),
        );
    }
}

/// The sentences of a duty that belongs to another rule: added to what is said of that one.
pub(super) fn within(duty: &Duty, lexicon: &Lexicon<'_>, into: &mut Said) {
    let mut own = said(duty, lexicon);
    let task = std::mem::take(&mut own.lead);
    into.say("task", task);
    into.bearers = own.bearers;
    let slots = own.slots.into_iter();
    into.slots
        .extend(slots.filter(|slot| !slot.lead && slot.key != "assume"));
}
