//! How obligations come to be.

use crate::domain::calendar::Calendar;
use crate::domain::date::LAST_DATE;
use crate::domain::deadline::{self, Counting, Due};
use crate::domain::event::Event;
use crate::domain::pause::Pauses;
use crate::domain::term::Term;
use crate::domain::value::Fields;
use crate::domain::zone::{Instant, TimeError, Zone};
use crate::engine::case::{Case, Context, happening};
use crate::engine::history::Following;
use crate::engine::moment::{self, Moment};
use crate::engine::obligation::{Drawn, Happening, More, Obligation, Occurrence};
use crate::engine::occasion::Occasion;
use crate::engine::recount::Basis;
use crate::engine::{consent, draw, escalation, recur, remind, sample, who};
use crate::policy::model::{Bearers, Bearing, During, Duty, Id, Many, Period, Timing, term_of};
use chrono::NaiveTime;
use std::sync::Arc;

/// The role that looks after rules which could not be carried out.
pub const ADMINISTRATOR: &str = "administrator";

/// Opens what an event triggers.
pub fn open_for_event(case: &mut Case, id: &str, event: &Event, ctx: &Context<'_>) {
    if case.cancelled {
        return;
    }
    let what = happening(event);
    let mut anchored: Vec<Arc<Duty>> = Vec::new();
    for procedure in ctx.history.editions(event).iter() {
        for duty in procedure.duties.iter().filter(|d| d.from.is_some()) {
            let triggers = triggers(duty, &event.kind);
            if triggers || duty.from.as_ref() == Some(&event.kind) {
                case.marks.retain(|(kind, _)| *kind != event.kind);
                case.marks.push((event.kind.clone(), what.clone()));
                anchored.push(duty.clone());
            }
        }
    }
    let triggered = ctx.history.triggered(event).into_iter().filter(|d| d.from.is_none());
    let (recurring, once): (Vec<_>, Vec<_>) =
        triggered.partition(|duty| matches!(duty.timing, Timing::Recurring { .. }));
    recur::take(case, id, event, &recurring, ctx);
    for duty in once {
        if !duty
            .when
            .holds(|field| event.data.get(field).or_else(|| case.data.get(field)))
        {
            continue;
        }
        if matches!(duty.timing, Timing::Reminder { .. }) {
            remind::start(case, id, &duty, event, ctx);
        } else if !is_owed_already(case, &duty) {
            add(case, id, &duty, what.clone(), event.occurred_at, None, ctx);
        }
    }
    for duty in anchored {
        let mark = |kind: &Id| case.marks.iter().find(|(k, _)| k == kind).map(|(_, h)| h.clone());
        let trigger = match &duty.on {
            crate::policy::model::Trigger::Events(kinds) => kinds.iter().find_map(mark),
            _ => None,
        };
        let anchor = duty.from.as_ref().and_then(mark);
        let (Some(trigger), Some(anchor)) = (trigger, anchor) else {
            continue;
        };
        if duty.when.holds_for(&case.data) && !is_owed_already(case, &duty) {
            add(case, id, &duty, trigger, anchor.at, None, ctx);
        }
    }
}

fn triggers(duty: &Duty, kind: &Id) -> bool {
    matches!(&duty.on, crate::policy::model::Trigger::Events(kinds) if kinds.contains(kind))
}

/// A second trigger while the first obligation of a rule is still owed asks for nothing more.
fn is_owed_already(case: &Case, duty: &Duty) -> bool {
    // Each violation is decided for itself.
    if duty.decides().is_some() {
        return false;
    }
    case.obligations
        .iter()
        .any(|o| o.is_live() && o.cycle == case.cycle && o.duty.id == duty.id)
}

/// Opens what an occasion on another case asks for. Each asks for its own, whatever is owed already.
pub fn open_for_occasion(case: &mut Case, id: &str, occasion: &Occasion, ctx: &Context<'_>) {
    let (duty, what) = (&occasion.duty, occasion.what.clone());
    // The dates that the term hangs on may stand in the event; only they are lent to the case.
    let dates: Vec<&Id> = match &duty.timing {
        Timing::Before { field, .. } | Timing::By { field, opens: None } => vec![field],
        Timing::By {
            field,
            opens: Some(opens),
        } => vec![field, opens],
        Timing::Midpoint { start, end, .. } => vec![start, end],
        _ => Vec::new(),
    };
    let own = case.data.clone();
    let lent = dates.into_iter().filter(|field| own.get(field).is_none());
    let lent: Fields = lent
        .filter_map(|field| Some((field.clone(), occasion.data.get(field)?.clone())))
        .collect();
    for (field, date) in lent.iter() {
        case.data.set(field.clone(), date.clone());
    }
    let (at, first) = (what.at, case.obligations.len());
    add(case, id, duty, what, at, None, ctx);
    case.data = own;
    if lent.iter().next().is_some()
        && let Some(opened) = case.obligations.get_mut(first).filter(|o| o.duty.id == duty.id)
    {
        opened.more_mut().lent = lent;
    }
}

/// Opens what follows on an obligation that has been fulfilled by an event.
pub fn open_following_end(case: &mut Case, id: &str, parent: usize, event: &Event, ctx: &Context<'_>) {
    let Some(rule) = case.obligations.get(parent).map(|o| o.duty.id.clone()) else {
        return;
    };
    for duty in ctx.history.following(event, &rule, Following::Fulfilled) {
        if duty
            .when
            .holds(|field| event.data.get(field).or_else(|| case.data.get(field)))
        {
            add(case, id, &duty, happening(event), event.occurred_at, Some(parent), ctx);
        }
    }
}

/// Opens what follows on an obligation that a draw has made owed at an instant.
pub fn open_following_draw(case: &mut Case, id: &str, parent: usize, at: Instant, ctx: &Context<'_>) {
    open_following_birth(case, id, parent, at, ctx);
}

fn open_following_birth(case: &mut Case, id: &str, parent: usize, at: Instant, ctx: &Context<'_>) {
    let Some(obligation) = case.obligations.get(parent) else {
        return;
    };
    let mut what = obligation.trigger.clone();
    what.at = at;
    let parent_duty = obligation.duty.clone();
    // The obligation that follows stands in the same edition as the one it follows on.
    for duty in ctx
        .history
        .standing_in(&parent_duty)
        .and_then(|p| p.by_opened.get(&parent_duty.id))
        .cloned()
        .unwrap_or_default()
    {
        if duty.when.holds_for(&case.data) {
            add(case, id, &duty, what.clone(), at, Some(parent), ctx);
        }
    }
}

/// Opens what follows on an obligation that has fallen overdue, at the instant of its due time.
pub fn open_following_breach(case: &mut Case, id: &str, parent: usize, ctx: &Context<'_>) {
    let Some(obligation) = case.obligations.get(parent) else {
        return;
    };
    let mut what = obligation.trigger.clone();
    what.at = what.at.max(obligation.due.at());
    let (parent_duty, at) = (obligation.duty.clone(), what.at);
    let known = ctx.history.standing_in(&parent_duty);
    for duty in known
        .and_then(|p| p.by_breached.get(&parent_duty.id))
        .cloned()
        .unwrap_or_default()
    {
        if duty.when.holds_for(&case.data) {
            add(case, id, &duty, what.clone(), at, Some(parent), ctx);
        }
    }
}

/// Opens what the draw of a period asks of a case, from the period's end on.
pub fn add_sampled(
    case: &mut Case,
    id: &str,
    duty: &Arc<Duty>,
    trigger: Happening,
    last_on: chrono::NaiveDate,
    ctx: &Context<'_>,
) {
    let anchor = sample::anchor_of(&duty.timing, last_on, trigger.at, ctx.history.zone());
    put(
        case,
        id,
        duty,
        trigger,
        anchor,
        None,
        Some(Occurrence::On(last_on)),
        ctx,
    );
}

fn add(
    case: &mut Case,
    id: &str,
    duty: &Arc<Duty>,
    trigger: Happening,
    anchor: Instant,
    parent: Option<usize>,
    ctx: &Context<'_>,
) {
    put(case, id, duty, trigger, anchor, parent, None, ctx);
}

#[allow(clippy::too_many_arguments, reason = "what an obligation is made of")]
fn put(
    case: &mut Case,
    id: &str,
    duty: &Arc<Duty>,
    trigger: Happening,
    anchor: Instant,
    parent: Option<usize>,
    sampled: Option<Occurrence>,
    ctx: &Context<'_>,
) {
    if consent::stops(duty, &case.data) {
        return;
    }
    let zone = ctx.history.zone();
    let mut more = More::default();
    let mut wrong = None;
    if let Some(Many::Drawn { sample, of }) = duty.count.as_ref().map(|c| &c.many) {
        match sample::draw_of(case, sample, case.cycle) {
            Some(draw) => {
                more.members = draw.lot.drawn.len() as u64;
                more.required = u32::try_from(more.members).unwrap_or(u32::MAX);
            }
            None if case.data.get(of).is_some_and(|v| v.members() == 0) => return,
            None => {
                let rule = &duty.id;
                wrong = Some(format!(
                    "rule `{rule}` counts those whom `{sample}` draws from the list `{of}`, and none were drawn"
                ));
            }
        }
    } else if let Some(count) = &duty.count {
        (more.members, more.required) = count.many.required(&case.data);
        if more.required == 0 {
            return;
        }
    }
    let above = parent
        .and_then(|p| case.obligations.get(p))
        .map(|p| due_then(case, p, zone, anchor));
    let (mut roles, joint) = bearers(case, duty, parent, trigger.at, zone);
    let placed = match wrong.map_or_else(|| place(case, duty, anchor, above, zone), Err) {
        Ok(placed) => placed,
        Err(fault) => {
            more.fault = Some(fault);
            roles = Arc::from([Id::from(ADMINISTRATOR)]);
            let due = same_day(zone, trigger.at);
            Placed {
                opens_at: trigger.at,
                due,
                provisional: false,
            }
        }
    };
    if let Timing::ByCase(terms) = &duty.timing {
        more.basis = term_of(terms, &case.data).map(|term| Basis {
            from: anchor,
            term,
            since: None,
        });
    }
    let occurrence = sampled.unwrap_or_else(|| case.next_nth(duty));
    let mut obligation = Obligation {
        duty: duty.clone(),
        cycle: case.cycle,
        occurrence,
        opens_at: match sampled {
            Some(_) => placed.opens_at.max(trigger.at),
            None => placed.opens_at,
        },
        due: placed.due,
        provisional: placed.provisional,
        roles,
        joint,
        drawn: Drawn::All,
        end: None,
        parent: parent.and_then(|p| u32::try_from(p).ok()),
        trigger,
        more: None,
    };
    if let Some(draw) = &duty.draw {
        let (_, last_on) = period_of(draw.per, zone.date(obligation.trigger.at));
        let until = zone.end_of(last_on).unwrap_or(obligation.trigger.at);
        obligation.drawn = draw::on_the_fly(ctx.seed, draw, id, &obligation.key(), until);
    }
    if more.required > 0 || more.fault.is_some() || more.basis.is_some() {
        obligation.more = Some(Box::new(more));
    }
    let steps = escalation::steps_held(case, &obligation, zone, obligation.trigger.at);
    if !steps.is_empty() {
        obligation.more_mut().steps = steps.into();
    }
    let owed = obligation.is_owed();
    let at = obligation.trigger.at;
    case.obligations.push(obligation);
    if owed {
        open_following_birth(case, id, case.obligations.len() - 1, at, ctx);
    }
}

/// The day on which something happened, as a due date.
pub fn same_day(zone: Zone, at: Instant) -> Due {
    let on = zone.date(at);
    match zone.end_of(on) {
        Ok(end) => Due::Day { on, at: end },
        Err(_) => Due::Instant { at },
    }
}

/// Who owes a duty of this case that came to be at an instant.
pub fn bearers(case: &Case, duty: &Duty, parent: Option<usize>, at: Instant, zone: Zone) -> (Arc<[Id]>, bool) {
    match &duty.bearers {
        Bearers::Same => {
            let roles = parent.and_then(|p| case.obligations.get(p)).map(|p| p.roles.clone());
            (roles.unwrap_or_else(|| Arc::from([Id::from(ADMINISTRATOR)])), false)
        }
        Bearers::Choice(choices) => match choices.iter().find(|c| chosen(c, case, duty, at, zone)) {
            Some(choice) => match choice.person.as_ref().and_then(|field| case.data.get(field)) {
                Some(person) => (Arc::from([who::named(&person.text())]), false),
                None => (choice.roles.clone(), choice.joint),
            },
            None => (Arc::from([Id::from(ADMINISTRATOR)]), false),
        },
    }
}

/// Whether an entry of a duty's bearers is the one, where none before it is.
pub fn chosen(bearing: &Bearing, case: &Case, duty: &Duty, at: Instant, zone: Zone) -> bool {
    let filled = |field: &Id| case.data.get(field).is_some_and(|v| v.is_filled());
    let during = |during: During| {
        let open = in_open_time(&duty.calendar, zone, at);
        (during == During::Open) == open
    };
    bearing.when.holds_for(&case.data)
        && bearing.person.as_ref().is_none_or(filled)
        && bearing.during.is_none_or(during)
}

/// Whether a calendar is open at an instant.
fn in_open_time(calendar: &Calendar, zone: Zone, at: Instant) -> bool {
    let local = zone.local(at);
    let time = local.time();
    let mut spans = calendar.open_spans(local.date()).iter();
    // A span that ends at 24:00 ends at the midnight written 00:00.
    spans.any(|(from, to)| *from <= time && (time < *to || *to == NaiveTime::MIN))
}

/// Chooses the bearers of what is still owed anew, after the case's data changed.
pub fn resolve_bearers(case: &mut Case, zone: Zone) {
    for ix in 0..case.obligations.len() {
        let Some(obligation) = case.obligations.get(ix).filter(|o| o.is_live()) else {
            continue;
        };
        if obligation.more.as_ref().is_some_and(|m| m.fault.is_some()) {
            continue;
        }
        let duty = obligation.duty.clone();
        let parent = obligation.parent.map(|p| p as usize);
        let (roles, joint) = bearers(case, &duty, parent, obligation.trigger.at, zone);
        if roles == obligation.roles && joint == obligation.joint {
            continue;
        }
        if let Some(obligation) = case.obligations.get_mut(ix) {
            obligation.roles = roles;
            obligation.joint = joint;
        }
    }
}

/// When an obligation opens and by when it is owed.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// When it opens.
    pub opens_at: Instant,
    /// By when it is owed.
    pub due: Due,
    /// Whether a calendar was assumed.
    pub provisional: bool,
}

/// The pauses of a case that a duty stands still for.
pub fn pauses_for(case: &Case, duty: &Duty) -> Pauses {
    if duty.pauses_for.is_empty() {
        return Pauses::none();
    }
    let spans = case.pauses.iter().filter(|p| duty.pauses_for.contains(&p.reason));
    Pauses::from_intervals(spans.map(|p| (p.from, p.to)))
}

/// By when is owed what stands still in a pause without an end: later than anything happens, so that no time alone
/// makes it late. Its due time is counted when the pause ends, or when it ends itself.
fn never(zone: Zone) -> Due {
    let on = LAST_DATE.pred_opt().unwrap_or(LAST_DATE);
    Due::Day {
        on,
        at: zone.end_of(on).unwrap_or(Instant::MAX_UTC),
    }
}

/// By when an obligation is owed as of an instant: if it stands still, as if the pause ended then.
fn due_then(case: &Case, obligation: &Obligation, zone: Zone, at: Instant) -> Placed {
    match stands_still(obligation, zone) {
        true => projected(case, obligation, zone, at),
        false => placed(obligation),
    }
}

/// When an obligation opens and by when it is owed, as it is.
fn placed(obligation: &Obligation) -> Placed {
    Placed {
        opens_at: obligation.opens_at,
        due: obligation.due,
        provisional: obligation.provisional,
    }
}

/// Whether an obligation stands still in a pause without an end, and so has no due time.
pub fn stands_still(obligation: &Obligation, zone: Zone) -> bool {
    obligation.due == never(zone)
}

/// Settles by when was owed what an event has ended while it stood still.
pub fn settle_paused(case: &mut Case, zone: Zone) {
    if case.pauses.is_empty() {
        return;
    }
    for ix in 0..case.obligations.len() {
        let ended = case.obligations.get(ix).and_then(|o| Some((o, o.end.as_ref()?.by.at)));
        let due = ended.map(|(obligation, at)| due_then(case, obligation, zone, at));
        if let (Some(then), Some(obligation)) = (due, case.obligations.get_mut(ix)) {
            obligation.due = then.due;
            obligation.provisional = then.provisional;
        }
    }
}

/// Counts an obligation's term from its anchor. The error says in words what is wrong.
pub fn place(case: &Case, duty: &Duty, anchor: Instant, above: Option<Placed>, zone: Zone) -> Result<Placed, String> {
    let pauses = pauses_for(case, duty);
    let how = counting(duty, &pauses, zone);
    let moment = |field: &Id| {
        Moment::of(&case.data, field, zone)
            .ok_or_else(|| format!("the case has no `{field}`, which rule `{}` counts from", duty.id))
    };
    let date = |field: &Id| {
        case.data
            .get(field)
            .and_then(|v| v.as_date())
            .ok_or_else(|| format!("the case has no date `{field}`, which rule `{}` counts from", duty.id))
    };
    let fault = |e: TimeError| format!("the term of rule `{}` cannot be counted: {e}", duty.id);
    match &duty.timing {
        Timing::Within(term) => within(anchor, *term, &how).map_err(fault),
        Timing::ByCase(terms) => match term_of(terms, &case.data) {
            Some(term) => within(anchor, term, &how).map_err(fault),
            None => Err(format!("none of the terms of rule `{}` is for this case", duty.id)),
        },
        Timing::By { field, opens } => {
            let due = moment::by(moment(field)?, &how).map_err(fault)?;
            let opens_at = match opens.as_ref().map(moment).transpose()? {
                None => anchor,
                Some(Moment::At(at)) => at.max(anchor),
                Some(Moment::Day(on)) => zone.start_of(on).map_err(fault)?.max(anchor),
            };
            Ok(Placed {
                opens_at,
                due: due.due,
                provisional: due.provisional,
            })
        }
        Timing::Same => match above {
            Some(above) => Ok(Placed {
                opens_at: above.opens_at.max(anchor),
                ..above
            }),
            None => Err(format!(
                "rule `{}` is due with another obligation, and there is none",
                duty.id
            )),
        },
        Timing::Window { after, within, edge } => {
            let counted = |how: &Counting<'_>| deadline::window(anchor, *after, anchor, *within, *edge, how);
            let (w, stands_still) = match counted(&how) {
                // Pauses do not move the opening edge.
                Err(TimeError::StillPaused) => {
                    let pauses = &Pauses::none();
                    (counted(&Counting { pauses, ..how }), true)
                }
                w => (w, false),
            };
            let w = w.map_err(fault)?;
            Ok(Placed {
                opens_at: w.opens_at,
                due: if stands_still { never(zone) } else { w.due },
                provisional: w.provisional,
            })
        }
        Timing::Midpoint { start, end, tolerance } => {
            let w = deadline::midpoint_window(date(start)?, date(end)?, *tolerance, &how).map_err(fault)?;
            Ok(Placed {
                opens_at: w.opens_at,
                due: w.due,
                provisional: w.provisional,
            })
        }
        Timing::Before { field, term } => {
            let due = moment::before(moment(field)?, *term, &how).map_err(fault)?;
            Ok(Placed {
                opens_at: anchor,
                due: due.due,
                provisional: due.provisional,
            })
        }
        Timing::Reminder { .. } => Err(format!("rule `{}` reminds and has no single term", duty.id)),
        Timing::Recurring { .. } => Err(format!("rule `{}` recurs and has no single term", duty.id)),
    }
}

fn within(anchor: Instant, term: Term, how: &Counting<'_>) -> Result<Placed, TimeError> {
    let (due, provisional) = match deadline::reckon(anchor, term, how) {
        Err(TimeError::StillPaused) => (never(how.zone), false),
        r => r.map(|r| (r.due, r.provisional))?,
    };
    Ok(Placed {
        opens_at: anchor,
        due,
        provisional,
    })
}

/// How the terms of a duty are counted.
pub fn counting<'a>(duty: &'a Duty, pauses: &'a Pauses, zone: Zone) -> Counting<'a> {
    Counting {
        zone,
        calendar: &duty.calendar,
        end: duty.end,
        shift: duty.shift,
        pauses,
    }
}

/// Counts from what a change of the case has left an obligation to be counted from.
pub fn place_basis(case: &Case, duty: &Duty, basis: Basis, zone: Zone) -> Result<Placed, TimeError> {
    let pauses = pauses_for(case, duty);
    within(basis.from, basis.term, &counting(duty, &pauses, zone))
}

/// Counts the term of an obligation that is there anew. What hangs on a date does not stand still.
fn place_again(case: &Case, of: &Case, obligation: &Obligation, zone: Zone) -> Option<Placed> {
    let duty = &obligation.duty;
    if matches!(
        duty.timing,
        Timing::By { .. } | Timing::Before { .. } | Timing::Reminder { .. }
    ) {
        return None;
    }
    if let Some(basis) = obligation.more.as_ref().and_then(|m| m.basis) {
        let placed = place_basis(case, duty, basis, zone).ok()?;
        return Some(Placed {
            opens_at: obligation.opens_at,
            ..placed
        });
    }
    let parent = obligation
        .parent
        .and_then(|p| of.obligations.get(p as usize))
        .map(placed);
    place(case, duty, anchor_of(of, obligation, zone), parent, zone).ok()
}

/// The instant from which an obligation's term is counted.
pub fn anchor_of(case: &Case, obligation: &Obligation, zone: Zone) -> Instant {
    if let Some(at) = sample::anchor(obligation, zone) {
        return at;
    }
    let mark = obligation
        .duty
        .from
        .as_ref()
        .and_then(|from| case.marks.iter().find(|(kind, _)| kind == from));
    mark.map_or(obligation.trigger.at, |(_, happening)| happening.at)
}

/// Counts the terms anew of what is still owed and stands still in a pause, after a pause began or ended. A breach
/// that has happened is not healed.
pub fn recount_paused(case: &mut Case, zone: Zone) {
    for ix in 0..case.obligations.len() {
        let Some(obligation) = case.obligations.get(ix) else {
            break;
        };
        let counted = obligation.is_live() && !obligation.duty.pauses_for.is_empty();
        let extended = obligation.more.as_ref().is_some_and(|m| m.first_due.is_some());
        let last_pause = case
            .pauses
            .iter()
            .rfind(|p| obligation.duty.pauses_for.contains(&p.reason));
        let too_late = last_pause.is_some_and(|p| obligation.due.passed(p.from));
        if !counted || extended || too_late {
            continue;
        }
        if let (Some(placed), Some(obligation)) =
            (place_again(case, case, obligation, zone), case.obligations.get_mut(ix))
        {
            obligation.due = placed.due;
            obligation.provisional = placed.provisional;
        }
    }
}

/// The first and the last local date of the period in which a date lies, both included.
pub fn period_of(per: Period, on: chrono::NaiveDate) -> (chrono::NaiveDate, chrono::NaiveDate) {
    use chrono::{Datelike, Months, NaiveDate};
    let (year, month) = (on.year(), on.month());
    let (first_month, months) = match per {
        Period::Day => return (on, on),
        Period::Month => (month, 1),
        Period::Quarter => ((month - 1) / 3 * 3 + 1, 3),
        Period::Year => (1, 12),
    };
    let first = NaiveDate::from_ymd_opt(year, first_month, 1).unwrap_or(on);
    let next = first.checked_add_months(Months::new(months));
    (first, next.and_then(|d| d.pred_opt()).unwrap_or(on))
}

/// By when a paused obligation would be owed if the pause ended at an instant.
pub fn projected(case: &Case, obligation: &Obligation, zone: Zone, resumed_at: Instant) -> Placed {
    let mut resumed = Case {
        pauses: case.pauses.clone(),
        data: case.data.clone(),
        ..Case::default()
    };
    for pause in resumed.pauses.iter_mut().filter(|p| p.to.is_none()) {
        pause.to = Some(resumed_at);
    }
    place_again(&resumed, case, obligation, zone).unwrap_or_else(|| placed(obligation))
}
