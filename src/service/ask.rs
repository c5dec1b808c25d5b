//! Questions about a company at an instant: its cases, their obligations, who was told what.

mod whynot;

use crate::domain::event::Event;
use crate::domain::zone::Instant;
use crate::engine::case::{self, Case, Context, TopUp};
use crate::engine::cited::Cited;
use crate::engine::explain::{self, Explanation};
use crate::engine::history::History;
use crate::engine::intake::Unmet;
use crate::engine::member::{Adds, Member};
use crate::engine::obligation::{Key, Obligation};
use crate::engine::occasion::{self, Occasions};
use crate::engine::sample::Drawings;
use crate::engine::seen::{Seen, seen};
use crate::engine::view::ObligationView;
use crate::engine::{escalation, gate, rota, who};
use crate::policy::model::{Company, Id};
use crate::service::digest::{self, DigestView};
use crate::service::members::Counted;
use crate::service::reads::Reads;
use crate::service::record::{EffectView, EventView, event_view, next};
use crate::service::sight::{Outlook, Window};
use crate::service::{Live, ServiceError, Shared};
use crate::store::ReadRow;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A case as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct CaseView {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// The kind's name for people.
    pub title: String,
    /// As things stand at this instant.
    pub as_of: String,
    /// Its data.
    pub data: serde_json::Map<String, serde_json::Value>,
    /// Its area.
    pub area: Option<String>,
    /// Its course: 1, or more after it was reopened.
    pub cycle: u16,
    /// The case that it came from, if the engine opened it.
    pub origin: Option<String>,
    /// Its events, in the order in which they were recorded.
    pub events: Vec<EventView>,
    /// Its obligations, in the order in which they came to be.
    pub obligations: Vec<ObligationView>,
}

/// What is due next for a case, and what it takes.
#[derive(Clone, Debug, Serialize)]
pub struct NextView {
    /// The case.
    pub case: String,
    /// As things stand at this instant.
    pub as_of: String,
    /// What is due, by due time.
    pub next: Vec<ObligationView>,
    /// What will be: its window has not opened.
    pub upcoming: Vec<ObligationView>,
    /// The events that the case takes.
    pub events: Vec<TakenView>,
    /// Which of them it would refuse now whatever they said.
    pub refused: Vec<RefusedView>,
}

/// An event that a case takes.
#[derive(Clone, Debug, Serialize)]
pub struct TakenView {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Id,
    /// Its name for people.
    pub title: Id,
    /// The data that it must say.
    pub needs: Vec<Id>,
    /// The form that it fills.
    pub record: Option<Id>,
}

/// An event that a case would not take.
#[derive(Clone, Debug, Serialize)]
pub struct RefusedView {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Id,
    /// What stands in its way.
    pub unmet: Vec<Unmet>,
}

/// A question about a company at an instant.
pub struct Question<'a> {
    shared: &'a Shared,
    outlook: Outlook<'a>,
    pub(super) as_of: Instant,
    pub(super) known_at: Option<Instant>,
    pub(super) now: Instant,
    /// What the past is folded from, if the question asks for it.
    frozen: Option<Frozen>,
}

/// How a question is put.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'q> {
    /// As things stood then; none: now.
    pub as_of: Option<Instant>,
    /// As it was known then; none: now.
    pub known_at: Option<Instant>,
    /// Who asks; none: nobody in particular, who may see what everybody may.
    pub viewer: Option<&'q str>,
}

/// What takes a case with its events, and what the fold is given.
pub type EachPast<'e> = dyn FnMut(&str, &Case, &[Event], &Context<'_>) + 'e;

/// What cases are folded from when a question asks for the past: taken at once, so that the live state is free again.
struct Frozen {
    history: History,
    seed: [u8; 32],
    topped: HashMap<Id, TopUp>,
    drawings: Drawings,
    /// Number, id and latest event of each case.
    heads: Vec<(u32, Id, u64)>,
    /// The cases to which things can happen that are due for others.
    raisers: Vec<(Id, u64)>,
    occasions: OnceLock<Occasions>,
}

impl Frozen {
    fn of(world: &Window<'_>, known_at: Option<Instant>, now: Instant) -> Frozen {
        let known_by = known_at.unwrap_or(now).min(now);
        let ctx = world.context();
        Frozen {
            history: match known_at {
                Some(at) => ctx.history.as_known(at),
                None => ctx.history.clone(),
            },
            seed: *ctx.seed,
            topped: ctx.topped.clone(),
            drawings: world.drawn(known_by).until(known_by),
            heads: world
                .slots()
                .map(|(ix, slot)| (ix, slot.id.clone(), slot.case.head))
                .collect(),
            raisers: world.heads_of(&occasion::raisers(&ctx)),
            occasions: OnceLock::new(),
        }
    }

    fn context<'f>(&'f self, occasions: &'f Occasions) -> Context<'f> {
        Context {
            history: &self.history,
            seed: &self.seed,
            topped: &self.topped,
            occasions,
            drawings: &self.drawings,
        }
    }
}

impl<'a> Question<'a> {
    /// A question to a company.
    pub fn new(shared: &'a Shared, live: &'a Live, asked: Asked<'_>) -> Question<'a> {
        let now = shared.clock.now();
        let Asked { known_at, viewer, .. } = asked;
        let as_of = asked.as_of.unwrap_or(now);
        let outlook = Outlook::new(live, viewer, now);
        let latest = outlook.window().latest_at();
        // The live state knows all events; an instant before the latest of them asks for a part of them only.
        let historic = known_at.is_some_and(|k| k < now) || latest.is_some_and(|latest| as_of < latest && as_of < now);
        let historic = historic || outlook.window().context().history.turns_between(as_of, now);
        let frozen = historic.then(|| Frozen::of(&outlook.window(), known_at, now));
        Question {
            shared,
            outlook,
            as_of,
            known_at,
            now,
            frozen,
        }
    }

    /// The instant that is asked about.
    pub fn as_of(&self) -> Instant {
        self.as_of
    }

    /// Whether it asks for the past, which is folded from recorded events.
    pub(super) fn is_historic(&self) -> bool {
        self.frozen.is_some()
    }

    /// The live state, without what whoever asks may not see.
    pub(super) fn window(&self) -> Window<'_> {
        self.outlook.window()
    }

    /// What samples have drawn at the ends of periods that were over by the instant asked about.
    pub(super) fn drawings(&self) -> Drawings {
        let drawn = match &self.frozen {
            Some(frozen) => frozen.drawings.clone(),
            None => self.window().drawn(self.now),
        };
        drawn.until(self.as_of)
    }

    /// Notes that a case is handed out, for where it does not go through `each_case`.
    pub(super) fn hand(&self, id: &str, case: &Case) {
        self.outlook.hand(id, case, false);
    }

    /// The people whom cases name as those who owe something.
    pub fn named_people(&self) -> Vec<String> {
        self.window().named_people().map(str::to_owned).collect()
    }

    /// Ends the question: who asked, and which cases whose showing is to be recorded were handed out.
    pub fn into_reads(self) -> Reads {
        let company = self.outlook.company_no();
        let viewer = self.outlook.viewer().map(|v| v.to_string());
        Reads::new(company, viewer, self.outlook.into_handed())
    }

    /// Who was shown which cases from one instant to another, both included; of cases that whoever asks may see.
    pub fn reads(&self, from: Instant, to: Instant) -> Result<Vec<ReadRow>, ServiceError> {
        let (from, to) = (from.timestamp_millis(), to.timestamp_millis());
        let rows = self.shared.reads(self.outlook.company_no(), from, to)?;
        let window = self.window();
        Ok(rows
            .into_iter()
            .filter(|row| window.case(&row.case).is_some())
            .collect())
    }

    fn known(&self, event: &Event) -> bool {
        event.occurred_at <= self.as_of && self.known_at.is_none_or(|k| event.recorded_at <= k)
    }

    /// A case folded from its recorded events, as far as they count for the question.
    fn fold(&self, frozen: &Frozen, id: &str, head: u64) -> Result<Case, ServiceError> {
        let events = self.past(id, head)?;
        let ctx = frozen.context(self.occasions(frozen)?);
        let mut case = Case::fold(id, &events, &ctx);
        case.advance(id, self.as_of, &ctx);
        Ok(case)
    }

    /// What had happened to cases that was due for others, as far as it counts for the question.
    fn occasions<'f>(&self, frozen: &'f Frozen) -> Result<&'f Occasions, ServiceError> {
        if let Some(known) = frozen.occasions.get() {
            return Ok(known);
        }
        let (none, mut occasions) = (Occasions::default(), Occasions::default());
        for (id, head) in &frozen.raisers {
            let case = Case::fold(id, &self.past(id, *head)?, &frozen.context(&none));
            occasions.replace(&[], &case.raised);
        }
        Ok(frozen.occasions.get_or_init(|| occasions))
    }

    /// Hands every case to `each`, at the instant asked about.
    pub fn each_case(&self, each: &mut dyn FnMut(u32, &str, &Case)) -> Result<(), ServiceError> {
        if let Some(frozen) = &self.frozen {
            for (ix, id, head) in &frozen.heads {
                let case = self.fold(frozen, id, *head)?;
                if self.outlook.admits(&case) {
                    self.hand(id, &case);
                    each(*ix, id, &case);
                }
            }
            return Ok(());
        }
        let world = self.window();
        let woken = world.woken(self.as_of, self.now);
        for (ix, slot) in world.slots() {
            let case = woken.get(&ix).map_or(&slot.case, |case| case);
            self.hand(&slot.id, case);
            each(ix, &slot.id, case);
        }
        Ok(())
    }

    /// Hands every case that is wanted to `each` at the instant asked about, with its events as far as they count and
    /// what the fold is given.
    pub fn each_past(&self, wanted: &dyn Fn(&Case) -> bool, each: &mut EachPast<'_>) -> Result<(), ServiceError> {
        let mut cases: Vec<(String, Case)> = Vec::new();
        self.each_case(&mut |_, id, case| {
            if wanted(case) {
                cases.push((id.to_owned(), case.clone()));
            }
        })?;
        let own;
        let frozen = match &self.frozen {
            Some(frozen) => frozen,
            None => {
                own = Frozen::of(&self.window(), None, self.now);
                &own
            }
        };
        let occasions = self.occasions(frozen)?;
        for (id, case) in cases {
            let events = self.events(&id, case.head)?;
            each(&id, &case, &events, &frozen.context(occasions));
        }
        Ok(())
    }

    /// The events of a case that stand, each with what was known of the case then.
    pub fn seen(&self, id: &str, events: &[Event]) -> Vec<Seen> {
        match &self.frozen {
            // What a case says does not depend on what happens to others.
            Some(frozen) => seen(id, events, &frozen.context(&Occasions::default())),
            None => seen(id, events, &self.window().context()),
        }
    }

    /// The policies that serve.
    pub fn company(&self) -> std::sync::Arc<Company> {
        self.window().company().clone()
    }

    /// The sets of policies that have served.
    pub fn history(&self) -> History {
        self.window().history().clone()
    }

    fn past(&self, id: &str, head: u64) -> Result<Vec<Event>, ServiceError> {
        let mut events = self.shared.past(id, head)?;
        events.retain(|e| self.known(e));
        Ok(events)
    }

    /// The recorded events of a case, as far as they count for the question and may be shown.
    pub fn events(&self, id: &str, head: u64) -> Result<Vec<Event>, ServiceError> {
        let mut events = self.past(id, head)?;
        let window = self.window();
        events.retain(|e| window.shows_event(e));
        Ok(events)
    }

    /// One case at the instant asked about.
    pub fn case(&self, id: &str) -> Result<Case, ServiceError> {
        let world = self.window();
        let missing = || ServiceError::NotFound {
            what: "case",
            id: id.to_owned(),
        };
        let (ix, slot) = world.case(id).ok_or_else(missing)?;
        let Some(frozen) = &self.frozen else {
            let case = world.woken(self.as_of, self.now).remove(&ix);
            let case = case.map_or_else(|| slot.case.clone(), |case| *case);
            self.outlook.hand(id, &case, true);
            return Ok(case);
        };
        let head = slot.case.head;
        drop(world);
        let case = self.fold(frozen, id, head)?;
        if case.count == 0 || !self.outlook.admits(&case) {
            return Err(missing());
        }
        self.outlook.hand(id, &case, true);
        Ok(case)
    }

    /// One case with its events, as it is shown.
    pub fn case_view(&self, id: &str) -> Result<CaseView, ServiceError> {
        let case = self.case(id)?;
        let company = self.company();
        let events = self.events(id, case.head)?;
        let world = self.window();
        let last = |role: &Id, person: &Id, before| world.last_turn(role, person, before);
        Ok(CaseView {
            id: id.to_owned(),
            kind: case.kind.to_string(),
            title: company
                .kinds
                .get(&case.kind)
                .map(|k| k.title.to_string())
                .unwrap_or_default(),
            as_of: company.zone.rfc3339(self.as_of),
            data: crate::engine::body::json(&case.data),
            area: who::area_of(&company, &case.data).map(|a| a.to_string()),
            cycle: case.cycle,
            origin: case.cause.as_ref().map(|c| c.case.to_string()),
            events: events.iter().map(|e| event_view(&company, e)).collect(),
            obligations: case
                .obligations
                .iter()
                .filter(|o| !o.is_hidden(self.as_of))
                .map(|o| rota::shown(&company, id, &case, o, self.as_of, &last))
                .collect(),
        })
    }

    /// An obligation of a case, as it is shown.
    pub fn obligation_view(&self, id: &str, case: &Case, obligation: &Obligation) -> ObligationView {
        let world = self.window();
        let last = |role: &Id, person: &Id, before| world.last_turn(role, person, before);
        rota::shown(world.company(), id, case, obligation, self.as_of, &last)
    }

    /// An obligation of a case, explained.
    pub fn explanation(&self, id: &str, case: &Case, obligation: &Obligation) -> Explanation {
        let mut explanation = explain::explain(&self.history(), id, case, obligation, self.as_of);
        let world = self.window();
        let last = |role: &Id, person: &Id, before| world.last_turn(role, person, before);
        rota::explain(world.company(), case, obligation, &mut explanation, self.as_of, &last);
        explanation
    }

    /// What is due next for a case, what will be, and which events it can take.
    pub fn next(&self, id: &str) -> Result<NextView, ServiceError> {
        let case = self.case(id)?;
        let live = {
            let world = self.window();
            let last = |role: &Id, person: &Id, before| world.last_turn(role, person, before);
            next(world.company(), id, &case, self.as_of, &last)
        };
        let (upcoming, next): (Vec<_>, Vec<_>) = live.into_iter().partition(|o| o.standing == "scheduled");
        let refused = self.refused(id)?;
        let company = self.company();
        let kinds = company.kinds.get(&case.kind).into_iter();
        let taken = kinds.flat_map(|kind| kind.events.values()).map(|e| TakenView {
            kind: e.id.clone(),
            title: e.title.clone(),
            needs: e.needs.to_vec(),
            record: e.record.as_ref().map(|r| r.id.clone()),
        });
        Ok(NextView {
            case: id.to_owned(),
            as_of: company.zone.rfc3339(self.as_of),
            next,
            upcoming,
            events: taken.collect(),
            refused,
        })
    }

    /// Which events a case would not take now whatever they said, each with what stands in their way.
    pub fn refused(&self, id: &str) -> Result<Vec<RefusedView>, ServiceError> {
        let case = self.case(id)?;
        let history = self.history();
        let events = case::in_order(&self.events(id, case.head)?, &history);
        let world = self.window();
        let own = world.case(id).map_or(u32::MAX, |(ix, _)| ix);
        let claimed = |claim: &str| world.claimed(claim, own);
        let before = gate::Before {
            history: &history,
            case: &case,
            events: &events,
            claimed: &claimed,
        };
        let refused = gate::refused_now(&before, self.as_of).into_iter();
        Ok(refused.map(|(kind, unmet)| RefusedView { kind, unmet }).collect())
    }

    /// The case of an obligation's id, and the obligation's place in it.
    pub fn obligation(&self, id: &str) -> Result<(String, Case, usize), ServiceError> {
        let missing = || ServiceError::NotFound {
            what: "obligation",
            id: id.to_owned(),
        };
        let (case_id, key) = Key::parse(id).ok_or_else(missing)?;
        let case = self.case(case_id).map_err(|_| missing())?;
        let found = case.find(&key).filter(|(_, o)| !o.is_hidden(self.as_of));
        let at = found.map(|(at, _)| at).ok_or_else(missing)?;
        Ok((case_id.to_owned(), case, at))
    }

    /// What went out from one instant to another, both included: what one recipient is told at one instant is one message.
    pub fn digests(&self, from: Instant, to: Instant) -> Result<Vec<DigestView>, ServiceError> {
        let effects = self.effects(from, to)?.into_iter().map(|counted| counted.row);
        Ok(digest::digests(effects.collect(), self.company().zone))
    }

    /// Who was told what from one instant to another, both included, in the order of time; where a threshold was reached,
    /// with what it had counted.
    pub fn effects(&self, from: Instant, to: Instant) -> Result<Vec<Counted<EffectView>>, ServiceError> {
        let company = self.company();
        let zone = company.zone;
        let mut effects: Vec<(Instant, EffectView, Option<Vec<Member>>)> = Vec::new();
        self.each_case(&mut |_, id, case| {
            for obligation in &case.obligations {
                let moved = obligation.moved().map(|moved| (moved.at, "due-changed"));
                let settled = obligation.settled().map(|settled| match settled.provisional {
                    true => (settled.at, "due-assumed"),
                    false => (settled.at, "due-confirmed"),
                });
                for (at, kind) in moved.chain(settled).filter(|(at, _)| from <= *at && *at <= to) {
                    // Nobody is told of what is known to be waived.
                    if obligation.known_waived_at(at) {
                        continue;
                    }
                    let told = obligation
                        .roles
                        .iter()
                        .map(|role| recounted(&company, (id, case), obligation, role, (at, kind)));
                    effects.extend(told.map(|effect| (at, effect, None)));
                }
                for fired in escalation::fired(case, obligation, zone, self.as_of) {
                    let mut tell = |kind, at: Instant| {
                        let found = who::resolve(&company, &fired.step.to, &case.data);
                        let effect = EffectView {
                            kind,
                            rule: obligation.duty.id.to_string(),
                            clause: obligation
                                .duty
                                .clauses
                                .first()
                                .map(|c| c.to_string())
                                .unwrap_or_default(),
                            edition: obligation.duty.head.edition.to_string(),
                            event: obligation.trigger.event.to_string(),
                            events: None,
                            title: obligation.duty.title.to_string(),
                            case: id.to_owned(),
                            obligation: Some(obligation.key().id(id)),
                            level: Some(fired.step.level),
                            to: fired.step.to.to_string(),
                            person: found.person.map(|p| p.id.to_string()),
                            stands_in: found.stands_in.map(str::to_owned),
                            nominal_at: zone.rfc3339(fired.step.nominal_at),
                            at: zone.rfc3339(at),
                        };
                        // What waited is listed where it was told: nobody who asks from where he stopped misses it.
                        let nominal =
                            kind != "withdraw" && !fired.at_start && fired.step.told_at == fired.step.nominal_at;
                        let placed = if nominal { fired.step.nominal_at } else { at };
                        if from <= placed && placed <= to {
                            effects.push((placed, effect, None));
                        }
                    };
                    tell("escalate", fired.at);
                    if let Some(at) = fired.withdrawn_at {
                        tell("withdraw", at);
                    }
                }
            }
        })?;
        let world = self.window();
        for (notice, taken_back) in world.notices() {
            let empty = Case::default();
            let case = world.case(&notice.cause.case).map_or(&empty, |(_, slot)| &slot.case);
            self.hand(&notice.cause.case, case);
            let mut told = crate::service::record::notice_view(&company, &notice, case);
            let counted = world.counted_for(&notice.cause);
            told.events = Some(Cited::of(counted.iter().map(|(_, event)| event)));
            let members: Vec<Member> = counted.into_iter().map(hit).collect();
            let mut tell = |kind, at: Instant| {
                let known = at <= self.as_of && self.known_at.is_none_or(|k| at <= k);
                if known && from <= at && at <= to {
                    let at_text = zone.rfc3339(at);
                    let effect = EffectView {
                        kind,
                        at: at_text,
                        ..told.clone()
                    };
                    effects.push((at, effect, Some(members.clone())));
                }
            };
            tell("notify", notice.at);
            if let Some(at) = taken_back {
                tell("withdraw", at);
            }
        }
        effects.sort_by(|(at, a, _), (b_at, b, _)| (at, &a.case, a.level).cmp(&(b_at, &b.case, b.level)));
        let effects = effects.into_iter();
        Ok(effects.map(|(_, row, members)| Counted { row, members }).collect())
    }
}

/// An event that a threshold counted.
fn hit((case, event): (Id, Id)) -> Member {
    Member {
        case,
        key: None,
        events: vec![event],
        adds: Adds::Share {
            counts: 1,
            population: 1,
        },
    }
}

/// That somebody is told what came into force did to a due time.
fn recounted(
    company: &Company,
    (id, case): (&str, &Case),
    obligation: &Obligation,
    role: &Id,
    (at, kind): (Instant, &'static str),
) -> EffectView {
    let found = who::resolve(company, role, &case.data);
    let duty = &obligation.duty;
    EffectView {
        kind,
        rule: duty.id.to_string(),
        clause: duty.clauses.first().map(ToString::to_string).unwrap_or_default(),
        edition: duty.head.edition.to_string(),
        event: obligation.trigger.event.to_string(),
        events: None,
        title: duty.title.to_string(),
        case: id.to_owned(),
        obligation: Some(obligation.key().id(id)),
        level: None,
        to: role.to_string(),
        person: found.person.map(|p| p.id.to_string()),
        stands_in: found.stands_in.map(str::to_owned),
        nominal_at: company.zone.rfc3339(at),
        at: company.zone.rfc3339(at),
    }
}
