//! What thresholds make of events: who is told at once, which cases the engine opens by itself, and what it takes back.

use super::Draft;
use crate::domain::event::{Cause, Event, MARKED, OWN_SOURCE};
use crate::domain::value::Fields;
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::outcome::{Notice, Outcome};
use crate::engine::threshold::{self, Counted, Hit};
use crate::engine::world::{HitRef, Spawned, WatchKey, opened_case};
use crate::policy::model::{Id, Template, Threshold};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Draft<'_> {
    /// Brings the list of hits of a key up to date with a case.
    pub(super) fn rewatch(&mut self, key: &WatchKey, ix: u32, after: &Case) {
        let hits = self
            .changes
            .watch
            .entry(key.clone())
            .or_insert_with(|| self.world.watch.get(key).cloned().unwrap_or_default());
        hits.retain(|h| h.case != ix);
        hits.extend(
            after
                .hits
                .iter()
                .filter(|h| h.threshold.id == key.0 && h.key == key.1)
                .map(|h| HitRef {
                    at: h.at,
                    seq: h.seq,
                    case: ix,
                }),
        );
        hits.sort_unstable();
        hits.dedup();
    }

    /// Remembers an event that the engine itself reported.
    pub(super) fn note_own(&mut self, event: &Event) {
        let Some(cause) = event.cause.as_ref().filter(|_| event.source.as_ref() == OWN_SOURCE) else {
            return;
        };
        // What it opens and what it marks stands with the case that led to it.
        let opens = *event.case == *opened_case(cause);
        let of_case = if opens || event.case == cause.case {
            cause.case.clone()
        } else {
            back_key(&cause.case)
        };
        let key = (cause.rule.clone(), of_case);
        let list = self.spawned_mut(&key);
        let at = event.recorded_at;
        match list.iter_mut().find(|s| s.cause == *cause && s.case == event.case) {
            Some(own) => {
                own.stands = event.retracts.is_none();
                if event.retracts.is_none() {
                    own.event = event.id.clone();
                    own.times += 1;
                    own.told.push((at, None));
                } else if let Some((_, until)) = own.told.last_mut() {
                    until.get_or_insert(at);
                }
            }
            None => list.push(Spawned {
                cause: cause.clone(),
                case: event.case.clone(),
                event: event.id.clone(),
                told: vec![(at, None)],
                stands: event.retracts.is_none(),
                times: 1,
            }),
        }
    }

    fn spawned_mut(&mut self, key: &WatchKey) -> &mut Vec<Spawned> {
        let world = self.world;
        self.changes
            .spawned
            .entry(key.clone())
            .or_insert_with(|| world.spawned.get(key).cloned().unwrap_or_default())
    }

    /// What the engine has reported because of a case, by a rule.
    fn spawned_of(&self, rule: &Id, case: &Id) -> &[Spawned] {
        let key = (rule.clone(), case.clone());
        let list = self.changes.spawned.get(&key).or_else(|| self.world.spawned.get(&key));
        list.map_or(&[], Vec::as_slice)
    }

    /// All hits of a key, in the order in which they occurred.
    pub(super) fn hits(&self, key: &WatchKey) -> Vec<(Id, Hit)> {
        let refs = self.changes.watch.get(key).or_else(|| self.world.watch.get(key));
        let hits = refs.into_iter().flatten().filter_map(|r| {
            let (case, id) = (self.case_at(r.case)?, self.id_at(r.case)?);
            let of_key = |h: &&Hit| h.threshold.id == key.0 && h.key == key.1 && h.seq == r.seq;
            Some((id, case.hits.iter().find(of_key)?.clone()))
        });
        hits.collect()
    }

    /// What of these hits, all of one key, reaches their threshold.
    pub(super) fn reached(&self, rule: &Id, hits: &[(Id, Hit)]) -> Vec<(Cause, Arc<Threshold>)> {
        let Some(threshold) = hits.last().map(|(_, h)| h.threshold.clone()) else {
            return Vec::new();
        };
        let counted: Vec<Counted<'_>> = hits.iter().map(|(case, hit)| Counted { hit, case }).collect();
        let company = self.history.current();
        let mut reached = Vec::new();
        for at in threshold::reached(&threshold, &counted, company.zone, &company.calendar) {
            let Some((case, hit)) = hits.get(at) else { continue };
            // What history would have led to before the day from which it counts is not done now.
            let from = self.case(case).and_then(|c| c.effects_from);
            if from.is_some_and(|from| hit.at < from) {
                continue;
            }
            let cause = Cause {
                rule: rule.clone(),
                case: case.clone(),
                event: hit.event.clone(),
            };
            reached.push((cause, threshold.clone()));
        }
        reached
    }

    /// Compares what thresholds ask for, over all hits of the keys that an event touched, with what the engine has
    /// reported for them so far.
    pub(super) fn settle(
        &mut self,
        touched: &[WatchKey],
        told: &[Cause],
        event: &Event,
        outcome: &mut Outcome,
        follow: &mut Vec<Event>,
    ) {
        let rules: BTreeSet<&Id> = touched.iter().map(|(rule, _)| rule).collect();
        for rule in rules {
            // The event's own case may have no hit any more, and still have led to something.
            let mut cases: Vec<Id> = vec![event.case.clone()];
            let (mut hits_of, mut wanted) = (BTreeSet::new(), Vec::new());
            for key in touched.iter().filter(|(r, _)| r == rule) {
                let hits = self.hits(key);
                wanted.extend(self.reached(rule, &hits));
                for (case, hit) in &hits {
                    if cases.last() != Some(case) {
                        cases.push(case.clone());
                    }
                    hits_of.insert((case.clone(), hit.event.clone()));
                }
            }
            for (cause, threshold) in &wanted {
                let own = self.spawned_of(rule, &cause.case).iter().filter(|s| s.cause == *cause);
                let known = |case: &str| own.clone().find(|s| *s.case == *case);
                let told = told.contains(cause) || own.clone().any(|s| s.stands);
                let nth = self
                    .case(&cause.case)
                    .map_or(1, |case| case.nth_hit(threshold, &cause.event));
                if let Some(to) = threshold.told(nth).filter(|_| !told) {
                    outcome.notify(Notice {
                        threshold: threshold.clone(),
                        to: to.clone(),
                        cause: cause.clone(),
                        at: event.recorded_at,
                    });
                }
                let opened = known(&opened_case(cause));
                if !opened.is_some_and(|s| s.stands) {
                    let times = opened.map_or(0, |s| s.times);
                    follow.extend(self.spawn(cause, threshold, times, event.recorded_at));
                }
                let marked = known(&cause.case);
                if !marked.is_some_and(|s| s.stands) {
                    let times = marked.map_or(0, |s| s.times);
                    follow.extend(mark(cause, threshold, times, event.recorded_at));
                }
            }
            let mut seen = BTreeSet::new();
            for case in cases.into_iter().filter(|case| seen.insert(case.clone())) {
                for own in self.spawned_of(rule, &case).iter().filter(|s| s.stands) {
                    let is_wanted = wanted.iter().any(|(cause, _)| *cause == own.cause);
                    // A hit of this case that counts under another key is not asked about here.
                    let concerned = hits_of.contains(&(case.clone(), own.cause.event.clone())) || !self.is_hit(own);
                    if !is_wanted && concerned {
                        follow.push(Event {
                            id: format!("{}/retracted", own.event).into(),
                            retracts: Some(own.event.clone()),
                            case: own.case.clone(),
                            cause: Some(own.cause.clone()),
                            ..own_event(event.recorded_at, self.kind_of(own))
                        });
                    }
                }
            }
        }
    }

    /// Whether what led to something still counts for its rule.
    fn is_hit(&self, own: &Spawned) -> bool {
        let case = self.case(&own.cause.case);
        case.is_some_and(|c| {
            c.hits
                .iter()
                .any(|h| h.threshold.id == own.cause.rule && h.event == own.cause.event)
        })
    }

    fn kind_of(&self, own: &Spawned) -> Id {
        if own.case == own.cause.case {
            return Id::from(MARKED);
        }
        let opened = self.case(&own.case).and_then(|c| c.opened_by.clone());
        opened.unwrap_or_else(|| Id::from("unknown.event"))
    }

    fn spawn(&self, cause: &Cause, threshold: &Threshold, times: u32, at: Instant) -> Option<Event> {
        let open = threshold.open.as_ref()?;
        let origin = self.case(&cause.case)?;
        let hit = |h: &&Hit| h.threshold.id == cause.rule && h.event == cause.event;
        let mut known = origin.data.clone();
        // What the event itself says counts before what the case has come to say.
        if let Some(said) = origin.hits.iter().find(hit).and_then(|h| h.said.as_ref()) {
            known.merge(said);
        }
        let filled =
            |(field, template): &(Id, Template)| Some((field.clone(), threshold::fill(template, &cause.case, &known)?));
        let data: Fields = open.data.iter().filter_map(filled).collect();
        let again = again(times);
        Some(Event {
            id: format!("{}/{}/{}{again}", cause.rule, cause.case, cause.event).into(),
            case: opened_case(cause).into(),
            data,
            cause: Some(cause.clone()),
            ..own_event(at, open.event.clone())
        })
    }

    /// What a case that the engine opened writes back to the one it came from.
    pub(super) fn back(&self, after: &Case, event: &Event) -> Option<Event> {
        let cause = after.cause.as_ref()?;
        let origin = self.case(&cause.case)?;
        let threshold = &origin
            .hits
            .iter()
            .find(|h| h.threshold.id == cause.rule && h.event == cause.event)?
            .threshold;
        let back = threshold.back.as_ref().filter(|b| b.on == event.kind)?;
        let own = Cause {
            rule: cause.rule.clone(),
            case: event.case.clone(),
            event: event.id.clone(),
        };
        let key = (own.rule.clone(), back_key(&own.case));
        let known = self.changes.spawned.get(&key).or_else(|| self.world.spawned.get(&key));
        if known.is_some_and(|list| list.iter().any(|s| s.cause == own)) {
            return None;
        }
        let kind = back.event.replace('*', &origin.kind);
        let filled = back
            .data
            .iter()
            .filter_map(|(f, t)| Some((f.clone(), threshold::fill(t, &event.case, &after.data)?)));
        Some(Event {
            id: format!("{}/back/{}/{}", own.rule, own.case, own.event).into(),
            case: cause.case.clone(),
            data: filled.collect(),
            cause: Some(own),
            ..own_event(event.recorded_at, kind.into())
        })
    }
}

/// What marks the case that reached a threshold.
fn mark(cause: &Cause, threshold: &Threshold, times: u32, at: Instant) -> Option<Event> {
    let mark = threshold.mark.as_ref()?;
    let again = again(times);
    Some(Event {
        id: format!("{}/mark/{}/{}{again}", cause.rule, cause.case, cause.event).into(),
        case: cause.case.clone(),
        data: [(mark.field.clone(), mark.value.clone())].into_iter().collect(),
        cause: Some(cause.clone()),
        ..own_event(at, MARKED.into())
    })
}

fn again(times: u32) -> String {
    if times == 0 {
        return String::new();
    }
    format!("#{}", times + 1)
}

fn back_key(case: &str) -> Id {
    format!("back\n{case}").into()
}

fn own_event(at: Instant, kind: Id) -> Event {
    Event {
        seq: 0,
        id: Id::default(),
        source: OWN_SOURCE.into(),
        kind,
        case: Id::default(),
        occurred_at: at,
        recorded_at: at,
        actor: Default::default(),
        data: Fields::default(),
        corrects: None,
        retracts: None,
        cause: None,
        effects_from: None,
    }
}

/// The keys under which a case's hits changed.
pub(super) fn touched_keys(before: &Case, after: &Case) -> Vec<WatchKey> {
    let same = |a: &Hit, b: &Hit| {
        a.seq == b.seq && a.at == b.at && a.key == b.key && a.value == b.value && a.threshold.id == b.threshold.id
    };
    let mut keys: Vec<WatchKey> = Vec::new();
    let gone = before.hits.iter().filter(|b| !after.hits.iter().any(|a| same(a, b)));
    let come = after.hits.iter().filter(|a| !before.hits.iter().any(|b| same(a, b)));
    for hit in gone.chain(come) {
        let key = (hit.threshold.id.clone(), hit.key.clone());
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}
