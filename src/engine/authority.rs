//! Who may do what changes state beyond the kinds of the company: waive, extend, decide a target, let a record go; and
//! whether what an event corrects or takes back is there.

use crate::domain::deadline::{Counting, reckon};
use crate::domain::event::{CONFIRMED, DISPOSED, EXTENDED, Event, PENALTY_DECIDED, TARGET_DECIDED, WAIVED};
use crate::domain::pause::Pauses;
use crate::domain::term::{End, Shift};
use crate::domain::value::Value;
use crate::engine::case::Case;
use crate::engine::draft::PastError;
use crate::engine::intake::Refusal;
use crate::engine::obligation::{Key, Obligation};
use crate::engine::waiver::WaivedBy;
use crate::engine::{open, who};
use crate::policy::model::{Company, Id, Sum, Target};

/// Whether an event may be recorded. `case` is its case as it is now, `case_events` gives the recorded events of the
/// case; they are read only where the answer needs them.
pub fn authorise(
    company: &Company,
    case: Option<&Case>,
    case_events: &dyn Fn() -> Result<Vec<Event>, PastError>,
    event: &Event,
) -> Result<Result<(), Refusal>, PastError> {
    if let Some((target, pointer)) = amended(event) {
        let events = case_events()?;
        let found = of_source(&events, target, event);
        let Some(found) = found else {
            return Ok(Err(unknown_event(target, pointer, event)));
        };
        // What needed an authority needs it to be changed or taken back as well.
        if found.is_reserved()
            && let Err(refusal) = may(company, case, found, event)
        {
            return Ok(Err(refusal));
        }
    }
    if event.retracts.is_some() {
        return Ok(Ok(()));
    }
    if event.kind.as_ref() == DISPOSED {
        return Ok(disposable(company, case, &case_events()?, event));
    }
    if !event.is_reserved() {
        return Ok(Ok(()));
    }
    let allowed = may(company, case, event, event);
    Ok(allowed.and_then(|()| {
        if event.corrects.is_some() {
            Ok(())
        } else {
            owed(company, case, event)
        }
    }))
}

fn amended(event: &Event) -> Option<(&Id, &'static str)> {
    let corrects = event.corrects.as_ref().map(|id| (id, "/corrects"));
    corrects.or_else(|| event.retracts.as_ref().map(|id| (id, "/retracts")))
}

fn of_source<'e>(events: &'e [Event], id: &str, event: &Event) -> Option<&'e Event> {
    let named = || events.iter().filter(|e| e.id.as_ref() == id);
    named().find(|e| e.source == event.source).or_else(|| named().next())
}

fn unknown_event(id: &str, pointer: &str, event: &Event) -> Refusal {
    let case = &event.case;
    Refusal::new(
        "unknown-event",
        pointer,
        format!("案件 `{case}` 没有事件 `{id}`"),
        format!("case `{case}` has no event `{id}`"),
    )
}

fn text<'e>(event: &'e Event, field: &str) -> &'e str {
    event.data.get(field).and_then(Value::as_text).unwrap_or_default()
}

/// Whether the actor of `event` may do what `act` says: itself, or the reserved event that it changes.
fn may(company: &Company, case: Option<&Case>, act: &Event, event: &Event) -> Result<(), Refusal> {
    let role = event.actor.role.as_ref();
    match act.kind.as_ref() {
        WAIVED | EXTENDED | CONFIRMED => {
            let obligation = obligation(case, act)?;
            let (head, clause) = (&obligation.duty.head, obligation.duty.clauses.first());
            let (entitled, zh, en) = match act.kind.as_ref() {
                WAIVED => (&head.waive_by, "免除", "waive"),
                CONFIRMED => (&head.waive_by, "确认", "confirm"),
                _ => (&head.extend_by, "延期", "extend"),
            };
            if !role.is_some_and(|r| entitled.contains(r)) {
                return Err(not_authorised(company, entitled, role, (zh, en), clause));
            }
            let named = |person: &Id| {
                obligation
                    .roles
                    .iter()
                    .any(|r| who::person_of(r) == Some(person.as_ref()))
            };
            if event.actor.person.as_ref().is_some_and(named) {
                let zh = format!("这项义务由本人承担，不得自己{zh}");
                let en = format!("whoever owes this obligation cannot {en} it");
                return Err(refuse("not-authorised", "/actor/person", zh, en, clause));
            }
            if let Some(role) = role.filter(|r| obligation.roles.contains(r)) {
                let title = title(company, role);
                let zh = format!("{title}自己承担这项义务，不得自己{zh}");
                let en = format!("`{role}` owes this obligation and cannot {en} it");
                return Err(refuse("not-authorised", "/actor/role", zh, en, clause));
            }
            Ok(())
        }
        PENALTY_DECIDED => decides(company, obligation(case, act)?, act, role),
        TARGET_DECIDED => {
            let id = text(act, "rate");
            let rate = company
                .procedures
                .iter()
                .flat_map(|p| &p.rates)
                .find(|r| r.id.as_ref() == id);
            let Some(rate) = rate else {
                let (zh, en) = (format!("没有回访率规则 `{id}`"), format!("there is no rate `{id}`"));
                return Err(refuse("unknown-rate", "/data/rate", zh, en, None));
            };
            let clause = rate.clauses.first();
            match &rate.target {
                Target::AtLeast(share) => {
                    let zh = format!("“{}”的指标由规程定为 {share}，不由人决定", rate.title);
                    let en = format!("the target of `{id}` is fixed at {share} by the procedure");
                    Err(refuse("not-decidable", "/data/rate", zh, en, clause))
                }
                Target::DecidedBy(by) if role != Some(by) => {
                    let entitled = std::slice::from_ref(by);
                    Err(not_authorised(company, entitled, role, ("决定", "decide"), clause))
                }
                Target::DecidedBy(_) => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Whether a penalty may be decided so: by the role that it is left to, within its bounds.
fn decides(company: &Company, obligation: &Obligation, act: &Event, role: Option<&Id>) -> Result<(), Refusal> {
    let Some((penalty, least, most, by)) = obligation.duty.decides().and_then(|p| match &p.sum {
        Sum::Decided { least, most, by, .. } => Some((p, *least, *most, by)),
        _ => None,
    }) else {
        let (zh, en) = (
            format!("“{}”不是决定罚款的义务", obligation.duty.title),
            format!("`{}` is not the duty to decide a penalty", obligation.duty.id),
        );
        return Err(refuse(
            "not-decidable",
            "/data/obligation",
            zh,
            en,
            obligation.duty.clauses.first(),
        ));
    };
    let clause = penalty.clauses.first();
    if role != Some(by) {
        return Err(not_authorised(
            company,
            std::slice::from_ref(by),
            role,
            ("决定", "decide"),
            clause,
        ));
    }
    // The bounds are looked at where the sum is said; whoever takes a decision back says none.
    let amount = match act.data.get("amount_fen") {
        Some(Value::Int(amount)) => *amount,
        _ => return Ok(()),
    };
    if amount < i64::from(least) || amount > i64::from(most) {
        let zh = format!("“{}”须在 {least} 分到 {most} 分之间，这里是 {amount} 分", penalty.title);
        let en = format!(
            "`{}` must be between {least} and {most}, in fen; this is {amount}",
            penalty.id
        );
        return Err(refuse("out-of-range", "/data/amount_fen", zh, en, clause));
    }
    Ok(())
}

/// The obligation that a waiver or an extension names; it must be one of the event's own case.
fn obligation<'c>(case: Option<&'c Case>, event: &Event) -> Result<&'c Obligation, Refusal> {
    let id = text(event, "obligation");
    let named = Key::parse(id).filter(|(case, _)| *case == event.case.as_ref());
    let found = named
        .and_then(|(_, key)| case?.find(&key))
        .map(|(_, obligation)| obligation);
    found.ok_or_else(|| {
        let case = &event.case;
        let zh = format!("案件 `{case}` 没有义务 `{id}`；写成 `{case}~规则~1`");
        let en = format!("case `{case}` has no obligation `{id}`; write it like `{case}~rule~1`");
        refuse("unknown-obligation", "/data/obligation", zh, en, None)
    })
}

/// Whether what is waived or extended is still owed, and an extension leads to later.
fn owed(company: &Company, case: Option<&Case>, event: &Event) -> Result<(), Refusal> {
    if ![WAIVED, EXTENDED, CONFIRMED, PENALTY_DECIDED].contains(&event.kind.as_ref()) {
        return Ok(());
    }
    let obligation = obligation(case, event)?;
    let clause = obligation.duty.clauses.first();
    let zone = company.zone;
    if let Some(end) = &obligation.end {
        let on = zone.date(end.by.at);
        let zh = format!("这项义务已于 {on} 了结（{}），不再欠着", end.by.event);
        let en = format!(
            "this obligation ended on {on} (`{}`) and is no longer owed",
            end.by.event
        );
        return Err(refuse("not-owed", "/data/obligation", zh, en, clause));
    }
    if event.kind.as_ref() == WAIVED {
        let waived = obligation.waived_at(event.occurred_at).map(|w| &w.by);
        if let Some(WaivedBy::Event {
            event: before, until, ..
        }) = waived
        {
            let to = until.map(|on| on.to_string()).unwrap_or_default();
            let zh = format!("这项义务已经免除（{before}）{to}");
            let en = format!("this obligation is waived already (`{before}`) {to}");
            return Err(refuse("not-owed", "/data/obligation", zh, en, clause));
        }
        let today = zone.date(event.occurred_at);
        let until = event.data.get("until").and_then(Value::as_date);
        if let Some(until) = until.filter(|until| *until < today) {
            let zh = format!("免到 {until} 为止已经过了；until 写最后免的那一天，不早于 {today}");
            let en = format!("{until} is past; `until` is the last day that is waived, {today} or later");
            return Err(refuse("bad-value", "/data/until", zh, en, clause));
        }
    }
    if event.kind.as_ref() == EXTENDED && open::stands_still(obligation, zone) {
        let zh = "这项义务暂停着，没有到期日；恢复以后再延期".to_owned();
        let en = "this obligation is paused and has no due date; extend it after it is resumed".to_owned();
        return Err(refuse("bad-value", "/data/to", zh, en, clause));
    }
    let pending = obligation.more.as_ref().is_some_and(|m| m.pending.is_some());
    if event.kind.as_ref() == CONFIRMED && !pending {
        let zh = "没有补报的办理等着确认".to_owned();
        let en = "no late report of a performance waits to be confirmed".to_owned();
        return Err(refuse("nothing-pending", "/data/obligation", zh, en, clause));
    }
    let to = event.data.get("to").and_then(Value::as_date);
    let due_on = obligation.due.date(zone);
    let later = to
        .and_then(|to| zone.end_of(to).ok())
        .is_none_or(|at| at > obligation.due.at());
    if event.kind.as_ref() == EXTENDED && !later {
        let zh = format!("现在的到期日是 {due_on}，延期须在它之后");
        let en = format!("it is due on {due_on}; an extension must lead to a later date");
        return Err(refuse("bad-value", "/data/to", zh, en, clause));
    }
    Ok(())
}

/// Whether a record may go: nothing is owed in its case any more, and it has been kept for as long as it must be.
fn disposable(company: &Company, case: Option<&Case>, events: &[Event], event: &Event) -> Result<(), Refusal> {
    let id = text(event, "record");
    let found = of_source(events, id, event);
    let record = found.and_then(|e| {
        let (kind, name) = e.parts();
        company.kinds.get(kind)?.events.get(name)?.record.as_ref()
    });
    let (Some(found), Some(record)) = (found, record) else {
        let case = &event.case;
        let zh = format!("案件 `{case}` 没有带记录的事件 `{id}`");
        let en = format!("case `{case}` has no event `{id}` that carries a record");
        return Err(refuse("unknown-record", "/data/record", zh, en, None));
    };
    let clause = record.clauses.first();
    let is_owed = |o: &&Obligation| o.is_live() && o.is_owed() && o.waived_at(event.occurred_at).is_none();
    if let Some(owed) = case.and_then(|c| c.obligations.iter().find(is_owed)) {
        let (title, duty) = (&record.title, &owed.duty);
        let zh = format!("案件还有“{}”没有了结，{title}不得销毁", duty.title);
        let en = format!("`{}` is still owed in this case; its records must be kept", duty.id);
        return Err(refuse("record-retained", "/data/record", zh, en, duty.clauses.first()));
    }
    let Some(term) = record.retain else { return Ok(()) };
    let (none, zone) = (Pauses::none(), company.zone);
    let how = Counting {
        zone,
        calendar: &company.calendar,
        end: End::Midnight,
        shift: Shift::None,
        pauses: &none,
    };
    match reckon(found.occurred_at, term, &how) {
        Ok(kept) if kept.due.passed(event.occurred_at) => Ok(()),
        Ok(kept) => {
            let last = kept.due.date(zone);
            let first = last.succ_opt().unwrap_or(last);
            let title = &record.title;
            let zh = format!("{title}须保管到 {last}，{first} 起才可销毁");
            let en = format!("this record must be kept through {last}; it may go from {first} on");
            Err(refuse("record-retained", "/data/record", zh, en, clause))
        }
        Err(e) => {
            let zh = format!("保管期算不出来：{e}");
            let en = format!("how long it must be kept cannot be worked out: {e}");
            Err(refuse("record-retained", "/data/record", zh, en, clause))
        }
    }
}

fn title(company: &Company, role: &Id) -> Id {
    company.roles.get(role).map_or(role.clone(), |r| r.title.clone())
}

fn not_authorised(
    company: &Company,
    entitled: &[Id],
    role: Option<&Id>,
    (zh, en): (&str, &str),
    clause: Option<&Id>,
) -> Refusal {
    let titles: Vec<Id> = entitled.iter().map(|r| title(company, r)).collect();
    let who = if titles.is_empty() {
        "没有人".to_owned()
    } else {
        format!("只有{}", titles.join("、"))
    };
    let zh = match role {
        Some(role) => format!("{who}能{zh}，{}不能", title(company, role)),
        None => format!("{who}能{zh}；写明 actor.role"),
    };
    let roles = if entitled.is_empty() {
        "nobody".to_owned()
    } else {
        format!("only {}", entitled.join(", "))
    };
    let en = match role {
        Some(role) => format!("{roles} may {en}, not `{role}`"),
        None => format!("{roles} may {en}; give `actor.role`"),
    };
    refuse("not-authorised", "/actor/role", zh, en, clause)
}

fn refuse(code: &'static str, pointer: &str, zh: String, en: String, clause: Option<&Id>) -> Refusal {
    Refusal {
        clause: clause.cloned(),
        ..Refusal::new(code, pointer, zh, en)
    }
}
