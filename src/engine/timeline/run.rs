//! A timeline, run: its events go the way of every event, in the order in which they are recorded; each expectation
//! is asked when everything it may know has been recorded.

use super::branches::Taken;
use super::compare::{Difference, Snapshot, list, or_none};
use super::{Expect, Failure, Happens, Timeline, Written};
use super::{refer, sample};
use crate::domain::event::Event;
use crate::domain::zone::Instant;
use crate::engine::case::{Case, Context, in_order};
use crate::engine::draft::{Draft, Past, PastError};
use crate::engine::history::History;
use crate::engine::obligation::Key;
use crate::engine::outcome::Notice;
use crate::engine::seen::{Seen, seen};
use crate::engine::world::World;
use crate::engine::{draw, guidance, intake, number};
use crate::policy::model::{Company, Draw, Id, Trigger};
use crate::script::with_room;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// How many seeds are tried for one that draws the cases named.
const MAX_SEEDS: u64 = 4_000_000;

/// Runs a timeline against a company; returns what did not come out as it says.
pub fn run(company: &Arc<Company>, timeline: &Timeline) -> Vec<Failure> {
    with_room(|| run_here(company, timeline, None).0)
}

/// The same, and which branches of the rules it takes; a timeline that fails takes none.
pub(super) fn run_and_look(company: &Arc<Company>, timeline: &Timeline) -> (Vec<Failure>, Taken) {
    let (failures, taken) = with_room(|| run_here(company, timeline, Some(Taken::default())));
    match failures.is_empty() {
        true => (failures, taken.unwrap_or_default()),
        false => (failures, Taken::default()),
    }
}

fn run_here(company: &Arc<Company>, timeline: &Timeline, taken: Option<Taken>) -> (Vec<Failure>, Option<Taken>) {
    let faults = refer::faults(company, timeline);
    if !faults.is_empty() {
        return (faults, None);
    }
    let seed = match seed_for(company, timeline) {
        Ok(seed) => seed,
        Err(failure) => return (vec![failure], None),
    };
    let mut machine = Machine::new(company, seed);
    machine.taken = taken;
    machine.play(timeline, true);
    machine.failures.sort_by_key(|f| f.line);
    (machine.failures, machine.taken)
}

/// The cases that a timeline's events leave at an instant, by id; none: an event is refused, or names what there is not.
/// What it expects is not asked, and nothing is drawn.
pub fn left(company: &Arc<Company>, timeline: &Timeline, at: Instant) -> Option<Vec<(Id, Case)>> {
    if !refer::faults(company, timeline).is_empty() {
        return None;
    }
    let mut machine = Machine::new(company, [0; 32]);
    machine.play(timeline, false);
    machine.pass(Some(at));
    machine.failures.is_empty().then(|| machine.cases(at, None))
}

/// The recorded events.
pub(super) struct Record(Vec<Event>);

impl Past for Record {
    fn events(&self, case: &str, head: u64) -> Result<Vec<Event>, PastError> {
        let mine = self.0.iter().filter(|e| e.case.as_ref() == case && e.seq <= head);
        Ok(mine.cloned().collect())
    }
}

impl Record {
    /// The events of a case that occurred by an instant, as recorded.
    pub(super) fn known(&self, case: &str, at: Instant) -> Vec<Event> {
        let mine = self.0.iter().filter(|e| e.case.as_ref() == case && e.occurred_at <= at);
        mine.cloned().collect()
    }

    /// The events of a case that stand and occurred by an instant, with the case as each left it.
    pub(super) fn seen(&self, case: &str, at: Instant, ctx: &Context<'_>) -> Vec<Seen> {
        seen(case, &self.counted(case, at, ctx.history), ctx)
    }

    /// The events of a case that count at an instant, in order.
    pub(super) fn counted(&self, case: &str, at: Instant, history: &History) -> Vec<Event> {
        let mine: Vec<Event> = self.0.iter().filter(|e| e.case.as_ref() == case).cloned().collect();
        let mut events = in_order(&mine, history);
        events.retain(|e| e.occurred_at <= at);
        events
    }

    /// The type of an event.
    pub(super) fn kind_of(&self, id: &str, case: &str) -> Option<&Id> {
        let event = self.0.iter().find(|e| e.id.as_ref() == id && e.case.as_ref() == case);
        event.map(|e| &e.kind)
    }
}

struct Machine<'c> {
    company: &'c Arc<Company>,
    world: World,
    record: Record,
    next_seq: u64,
    notices: Vec<Notice>,
    effects_from: Option<Instant>,
    failures: Vec<Failure>,
    /// The branches taken so far; none: nobody asks.
    taken: Option<Taken>,
}

/// What is next: an event is recorded, or an expectation is asked.
enum Turn<'t> {
    Event(&'t Happens),
    Expect(&'t Expect),
}

impl<'c> Machine<'c> {
    fn new(company: &'c Arc<Company>, seed: [u8; 32]) -> Machine<'c> {
        Machine {
            company,
            world: World::new(History::new(company.clone()), seed),
            record: Record(Vec::new()),
            next_seq: 1,
            notices: Vec::new(),
            effects_from: None,
            failures: Vec::new(),
            taken: None,
        }
    }

    fn play(&mut self, timeline: &Timeline, asks: bool) {
        let zone = self.company.zone;
        self.effects_from = timeline.effects_from.as_ref().and_then(|at| refer::instant(zone, at));
        let mut turns: Vec<(Instant, bool, Turn<'_>)> = Vec::new();
        for happens in &timeline.events {
            let occurs = Written(happens.event.occurred_at.clone());
            let at = refer::instant(zone, happens.recorded_at.as_ref().unwrap_or(&occurs));
            turns.extend(at.map(|at| (at, false, Turn::Event(happens))));
        }
        for expect in timeline.expects.iter().filter(|_| asks) {
            let at = refer::instant(zone, expect.known_at.as_ref().unwrap_or(&expect.at));
            turns.extend(at.map(|at| (at, true, Turn::Expect(expect))));
        }
        turns.sort_by_key(|(at, asks, _)| (*at, *asks));
        for (at, _, turn) in turns {
            let (line, done) = match turn {
                Turn::Event(happens) => (happens.line, self.take(happens, at)),
                Turn::Expect(expect) => (expect.line, self.ask(expect, at)),
            };
            if let Err(e) = done {
                self.failures
                    .push(Failure::new(line, format!("记录读不出来：{e}"), e.to_string()));
            }
        }
    }

    fn take(&mut self, happens: &Happens, now: Instant) -> Result<(), PastError> {
        let mut draft = Draft::new(&self.world, &self.record, self.next_seq);
        draft.advance(now);
        let judged = match intake::take(self.company, &happens.event, now) {
            Ok(mut event) => {
                event.effects_from = self.effects_from;
                let judged = draft.admit(&event)?;
                if let Some(taken) = &mut self.taken {
                    taken.event(&self.world, &self.record, &event, happens, judged.as_ref().err());
                }
                judged.map(|()| event)
            }
            Err(refusal) => Err(refusal),
        };
        let event = match (judged, &happens.refused) {
            (Ok(event), None) => event,
            (Ok(_), Some(code)) => {
                self.failures.push(Failure::new(
                    happens.line,
                    format!("应以 {code} 退回，实际收下了"),
                    format!("expected a refusal with {code}, but it was taken"),
                ));
                return Ok(());
            }
            (Err(refusal), wanted) => {
                let (code, Some(wanted)) = (refusal.code, wanted) else {
                    self.failures.push(Failure::new(
                        happens.line,
                        format!("退回（{}）：{}", refusal.code, refusal.message.zh),
                        format!("refused ({}): {}", refusal.code, refusal.message.en),
                    ));
                    return Ok(());
                };
                if wanted != code {
                    self.failures.push(Failure::new(
                        happens.line,
                        format!("应以 {wanted} 退回，实为 {code}：{}", refusal.message.zh),
                        format!("expected a refusal with {wanted}, found {code}: {}", refusal.message.en),
                    ));
                }
                if let Some(unmet) = &happens.unmet {
                    let (want, found) = (list(unmet), list(refusal.unmet.iter().map(|u| &u.title)));
                    let field = "unmet";
                    if want != found {
                        let difference = Difference { field, want, found };
                        self.failures
                            .push(difference.failure(happens.line, &happens.event.kind));
                    }
                }
                return Ok(());
            }
        };
        let recorded = draft.record(event)?;
        self.next_seq = draft.next_seq();
        let changes = draft.finish();
        self.world.apply(changes);
        if let (Some(wanted), Some(first)) = (&happens.hints, recorded.first()) {
            self.hints(happens.line, wanted, &first.event);
        }
        if let (Some(want), Some(first)) = (&happens.number, recorded.first()) {
            let found = or_none(number::of(&self.world.history, &first.event));
            let (field, want) = ("number", want.clone());
            if want != found {
                let difference = Difference { field, want, found };
                self.failures.push(difference.failure(happens.line, &first.event.id));
            }
        }
        for one in recorded {
            self.notices.extend(one.outcome.notices);
            self.record.0.push(Event::clone(&one.event));
        }
        Ok(())
    }

    /// What of the guidance that comes with an event is not as expected.
    fn hints(&mut self, line: u32, wanted: &[String], event: &Event) {
        let Some((_, slot)) = self.world.case(&event.case) else {
            return;
        };
        let come = guidance::with_event(&self.world.history, event, &slot.case);
        let (want, found) = (list(wanted), list(come.iter().map(|g| &*g.id)));
        if want != found {
            let field = "hints";
            self.failures
                .push(Difference { field, want, found }.failure(line, &event.id));
        }
    }

    /// Lets time pass.
    fn pass(&mut self, to: Option<Instant>) {
        let Some(to) = to else { return };
        let mut draft = Draft::new(&self.world, &self.record, self.next_seq);
        draft.advance(to);
        let changes = draft.finish();
        self.world.apply(changes);
    }

    fn ask(&mut self, expect: &Expect, known_at: Instant) -> Result<(), PastError> {
        self.pass(Some(known_at));
        let Some(at) = refer::instant(self.company.zone, &expect.at) else {
            return Ok(());
        };
        let snapshot = Snapshot {
            company: self.company,
            world: &self.world,
            record: &self.record,
            notices: &self.notices,
            cases: self.cases(at, expect.known_at.as_ref().map(|_| known_at)),
            at,
        };
        let (failures, matched) = snapshot.check(expect);
        if let Some(taken) = &mut self.taken {
            taken.expect(&snapshot, expect, &matched);
        }
        self.failures.extend(failures);
        Ok(())
    }

    /// All cases as they were at an instant, by what is known now.
    fn cases(&self, at: Instant, known_at: Option<Instant>) -> Vec<(Id, Case)> {
        let known = known_at.map(|known_at| self.world.history.as_known(known_at));
        let mut ctx = self.world.context();
        if let Some(history) = &known {
            ctx.history = history;
        }
        let mut cases = Vec::new();
        for slot in self.world.slots() {
            let events = self.record.counted(&slot.id, at, ctx.history);
            let mut case = Case::fold(&slot.id, &events, &ctx);
            case.advance(&slot.id, at, &ctx);
            cases.push((slot.id.clone(), case));
        }
        cases
    }

    /// What is subject to a draw: its case, its key, its draw.
    fn drawable(&self) -> Vec<(Id, Key, Draw)> {
        let mut found = Vec::new();
        for slot in self.world.slots() {
            for obligation in &slot.case.obligations {
                let draw = obligation.duty.draw.clone();
                found.extend(draw.map(|draw| (slot.id.clone(), obligation.key(), draw)));
            }
        }
        found
    }
}

/// A seed with which exactly the cases named are drawn the moment they come to be. Whether something is subject to a
/// draw does not depend on the seed, so that one run with any seed says what there is to draw from.
fn seed_for(company: &Arc<Company>, timeline: &Timeline) -> Result<[u8; 32], Failure> {
    let any = [0; 32];
    let duties = || company.editions().flat_map(|p| &p.duties);
    let draws = duties().any(|d| d.draw.is_some() || matches!(d.on, Trigger::Sampled(_)));
    let (mut members, mut named) = (Vec::new(), Vec::new());
    if draws {
        let mut machine = Machine::new(company, any);
        machine.play(timeline, false);
        machine.pass(sample::latest(company, timeline));
        members = machine.drawable();
        named = sample::named(&machine.world, timeline);
    }
    let is_member = |case: &&String| {
        members.iter().any(|(member, ..)| member.as_ref() == case.as_str()) || named.iter().any(|n| n.could(case))
    };
    if let Some(case) = timeline.drawn.iter().find(|case| !is_member(case)) {
        return Err(Failure::new(
            timeline.line,
            format!("drawn 里的案件 `{case}` 没有要抽的义务"),
            format!("`drawn` names the case `{case}`, of which nothing is subject to a draw"),
        ));
    }
    // Those that must be drawn are the less likely ones: tried first, they end most tries.
    let wanted = |case: &Id| timeline.drawn.iter().any(|c| c.as_str() == case.as_ref());
    members.sort_by_key(|(case, ..)| !wanted(case));
    for n in 0..MAX_SEEDS {
        let seed = if n == 0 {
            any
        } else {
            Sha256::digest(n.to_le_bytes()).into()
        };
        let fits = members
            .iter()
            .all(|(case, key, draw)| draw::draws(&seed, draw, case, key) == wanted(case))
            && named.iter().all(|n| n.fits(&seed, timeline));
        if fits {
            return Ok(seed);
        }
    }
    let count = members.len();
    Err(Failure::new(
        timeline.line,
        format!("{count} 件里抽中这几件的概率太小，找不到这样的抽签；把时间线拆小"),
        format!("a draw of exactly these out of {count} is too unlikely to be found; split the timeline"),
    ))
}
