//! One company's turn in a transaction: checks what was posted, lets the draft decide it, appends it.

use crate::domain::event::{Cause, Event, OWN_SOURCE};
use crate::domain::zone::Instant;
use crate::engine::body;
use crate::engine::case::Case;
use crate::engine::draft::{Draft, Mark, Past, Recorded};
use crate::engine::intake::{self, Incoming, Refusal};
use crate::engine::number;
use crate::engine::outcome::{Notice, Outcome};
use crate::engine::rota;
use crate::engine::threshold::Hit;
use crate::service::index::{self, Index};
use crate::service::record::{self, Answer, BatchAnswer, RefusedLine, SpawnedView};
use crate::service::writer::{Batch, PostError, Request, Running};
use crate::service::{Live, ServiceError, StorePast, instant};
use crate::store::{NewEvent, Reader, StoreError, WriteTxn};
use std::collections::HashMap;
use std::sync::Arc;

/// One company's turn in a transaction.
pub(super) struct Desk<'a, 'w, 't> {
    pub(super) live: &'a Arc<Live>,
    pub(super) reader: &'a Reader,
    pub(super) index: &'a mut Index,
    pub(super) past: &'w StorePast<'w>,
    pub(super) draft: Draft<'w>,
    pub(super) txn: &'a mut WriteTxn<'t>,
    pub(super) running: &'a mut Running,
    pub(super) now: Instant,
}

/// What is known of an event's identity.
enum Known {
    New,
    Same(u64),
    Other,
}

impl Desk<'_, '_, '_> {
    /// Works a request out; its answer waits for the commit. An error is the whole transaction's.
    pub(super) fn decide(&mut self, request: Request) -> Result<(), ServiceError> {
        match request {
            Request::One { event, reply, .. } => {
                let result = self.one(&event)?;
                self.running
                    .replies
                    .push(Box::new(move |committed| reply(answered(result, committed))));
            }
            Request::Many {
                events,
                unread,
                how,
                reply,
                ..
            } => {
                let result = self.many(&events, unread, how)?;
                self.running
                    .replies
                    .push(Box::new(move |committed| reply(answered(result, committed))));
            }
            Request::Reads { .. } | Request::TakeUp { .. } | Request::Stop => {}
        }
        Ok(())
    }

    fn one(&mut self, incoming: &Incoming) -> Result<Result<Answer, PostError>, ServiceError> {
        let event = match intake::take(self.draft.company(), incoming, self.now) {
            Ok(event) => event,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        match self.known(&event)? {
            Known::Other => return Ok(Err(conflict(&event).into())),
            Known::Same(seq) => return self.again(seq),
            Known::New => {}
        }
        if let Err(refusal) = self.authorise(&event) {
            return Ok(Err(refusal));
        }
        let recorded = self.draft.record(event)?;
        for row in &recorded {
            self.append(row)?;
        }
        let answer = recorded.first().map(|first| self.answer(first, &recorded));
        Ok(answer.ok_or_else(|| unanswered().into()))
    }

    fn many(
        &mut self,
        events: &[(usize, Incoming)],
        unread: Vec<RefusedLine>,
        how: Batch,
    ) -> Result<Result<BatchAnswer, PostError>, ServiceError> {
        let mut answer = BatchAnswer {
            refused: unread,
            ..BatchAnswer::default()
        };
        let mut taken: Vec<(usize, Event, bool)> = Vec::with_capacity(events.len());
        let mut in_batch: HashMap<(Arc<str>, Arc<str>), usize> = HashMap::with_capacity(events.len());
        for (line, incoming) in events {
            let checked = match intake::take(self.draft.company(), incoming, self.now) {
                Ok(event) => {
                    let event = Event {
                        effects_from: how.effects_from,
                        ..event
                    };
                    let identity = (event.source.clone(), event.id.clone());
                    let first = in_batch.get(&identity).and_then(|at| taken.get(*at));
                    match (first, self.known(&event)?) {
                        (Some((_, first, _)), _) if body::write(first) == body::write(&event) => Ok((event, true)),
                        (Some(_), _) | (None, Known::Other) => Err(conflict(&event)),
                        (None, Known::Same(_)) => Ok((event, true)),
                        (None, Known::New) => {
                            in_batch.insert(identity, taken.len());
                            Ok((event, false))
                        }
                    }
                }
                Err(refusal) => Err(refusal),
            };
            match checked {
                Ok((event, repeated)) => taken.push((*line, event, repeated)),
                Err(refusal) => answer
                    .refused
                    .push(RefusedLine::new(*line, Some(incoming.id.clone()), &refusal)),
            }
        }
        // Events whose permission depends on what came before them are rare; only with them can a batch fail midway.
        let delicate = taken.iter().any(|(_, e, _)| self.draft.is_delicate(e));
        if !answer.refused.is_empty() && !how.partial && !delicate {
            answer.refused.sort_by_key(|r| r.line);
            return Ok(Err(PostError::Batch(answer)));
        }
        let mark = (delicate || how.dry_run).then(|| self.draft.mark());
        let mut rows: Vec<Recorded> = Vec::with_capacity(taken.len());
        let mut turned_away: Vec<(Arc<str>, Arc<str>, Refusal)> = Vec::new();
        for (line, event, repeated) in taken {
            let id = event.id.to_string();
            if repeated {
                let first = turned_away
                    .iter()
                    .find(|(s, i, _)| *s == event.source && *i == event.id);
                match first {
                    Some((_, _, refusal)) => answer.refused.push(RefusedLine::new(line, Some(id), refusal)),
                    None => answer.repeated += 1,
                }
                continue;
            }
            match self.authorise(&event) {
                Ok(()) => {}
                Err(PostError::Refused(refusal)) => {
                    answer.refused.push(RefusedLine::new(line, Some(id), &refusal));
                    turned_away.push((event.source.clone(), event.id.clone(), refusal));
                    continue;
                }
                Err(other) => return Ok(self.undo(mark, other)),
            }
            match self.draft.record(event) {
                Ok(recorded) => rows.extend(recorded),
                // Half an event may be in the draft: the whole transaction must go.
                Err(e) => return Err(e.into()),
            }
            answer.accepted += 1;
        }
        answer.refused.sort_by_key(|r| r.line);
        if !answer.refused.is_empty() && !how.partial {
            answer.accepted = 0;
            answer.repeated = 0;
            return Ok(self.undo(mark, PostError::Batch(answer)));
        }
        if let (true, Some(mark)) = (how.dry_run, mark) {
            self.draft.undo(mark);
            return Ok(Ok(BatchAnswer {
                dry_run: true,
                ..answer
            }));
        }
        for row in &rows {
            self.append(row)?;
        }
        Ok(Ok(answer))
    }

    fn undo<T>(&mut self, mark: Option<Mark>, why: PostError) -> Result<T, PostError> {
        if let Some(mark) = mark {
            self.draft.undo(mark);
        }
        Err(why)
    }

    /// What is known of an event's identity: nothing, the same content, or other content.
    fn known(&self, event: &Event) -> Result<Known, ServiceError> {
        let hash = index::hash(self.live.no, &event.source, &event.id);
        for seq in self.index.candidates(hash) {
            let (old, _) = match self.running.bodies.get(&seq) {
                Some(known) => known.clone(),
                None => match self.reader.event(seq)? {
                    Some(row) if row.company == self.live.no => (row.body, instant(row.recorded_at_ms)),
                    _ => continue,
                },
            };
            let Ok(was) = body::read(seq, self.now, &old) else {
                continue;
            };
            if was.id == event.id && was.source == event.source {
                // Whether it was taken as history in bulk is no part of what it says.
                let content = |e: &Event| {
                    body::write(&Event {
                        effects_from: None,
                        ..e.clone()
                    })
                };
                let event = number::as_recorded(self.draft.context().history, event, &was);
                let same = content(&was) == content(&event);
                return Ok(if same { Known::Same(seq) } else { Known::Other });
            }
        }
        Ok(Known::New)
    }

    fn authorise(&self, event: &Event) -> Result<(), PostError> {
        match self.draft.admit(event) {
            Ok(verdict) => verdict.map_err(PostError::Refused),
            Err(e) => Err(ServiceError::from(e).into()),
        }
    }

    fn append(&mut self, row: &Recorded) -> Result<(), ServiceError> {
        let body = body::write(&row.event);
        let seq = self.txn.append(&NewEvent {
            company: self.live.no,
            prev: row.prev,
            recorded_at_ms: row.event.recorded_at.timestamp_millis(),
            body: &body,
            decided: row.outcome.decided(),
        })?;
        // INVARIANT: the draft numbers events as the store does, one after the other from the last committed one.
        debug_assert_eq!(seq, row.event.seq);
        let hash = index::hash(self.live.no, &row.event.source, &row.event.id);
        self.index.add(hash, seq);
        self.running.added.push((hash, seq));
        self.running.bodies.insert(seq, (body, row.event.recorded_at));
        Ok(())
    }

    fn answer(&self, first: &Recorded, all: &[Recorded]) -> Answer {
        let nothing = Case::default();
        let case = self.draft.case(&first.event.case).unwrap_or(&nothing);
        record::answer(
            self.draft.context().history,
            &first.event,
            &first.outcome,
            case,
            spawned(all.iter().map(|r| &*r.event)),
            &|role, person, before| self.draft.last_turn(role, person, before),
        )
    }

    /// The answer that an event got when it was taken: its case folded as it was known then.
    fn again(&self, seq: u64) -> Result<Result<Answer, PostError>, ServiceError> {
        if let Some((body, recorded_at)) = self.running.bodies.get(&seq) {
            // The first one waits for the same commit: the case is as it left it, or later events of the group.
            let event = body::read(seq, *recorded_at, body)?;
            let events = self.draft.events_of(&event.case);
            return Ok(events
                .map_err(|e| ServiceError::from(e).into())
                .and_then(|e| self.retell(event, &e, &[])));
        }
        let Some(row) = self.reader.event(seq)? else {
            return Ok(Err(unanswered().into()));
        };
        let event = body::read(seq, instant(row.recorded_at_ms), &row.body)?;
        let mut follow: Vec<Event> = Vec::new();
        let read = self
            .reader
            .scan::<StoreError>(seq + 1, seq + 64, &mut |row: crate::store::EventRefRow<'_>| {
                if let Ok(event) = body::read(row.seq, instant(row.recorded_at_ms), row.body) {
                    follow.push(event);
                }
                Ok(())
            });
        read?;
        let own: Vec<Event> = follow
            .into_iter()
            .take_while(|e| e.source.as_ref() == OWN_SOURCE && e.cause.is_some())
            .collect();
        let events = self.past.events(&event.case, event.seq);
        Ok(events
            .map_err(|e| ServiceError::from(e).into())
            .and_then(|e| self.retell(event, &e, &own)))
    }

    fn retell(&self, event: Event, events: &[Event], follow: &[Event]) -> Result<Answer, PostError> {
        let ctx = self.draft.context();
        let fold = |until: u64| {
            let known: Vec<Event> = events.iter().filter(|e| e.seq < until).cloned().collect();
            let mut case = Case::fold(&event.case, &known, &ctx);
            case.advance(&event.case, event.recorded_at, &ctx);
            case
        };
        let (before, after) = (fold(event.seq), fold(event.seq + 1));
        let mut outcome = Outcome::between(&before, &after);
        for own in follow.iter().filter(|e| e.retracts.is_none()) {
            let Some(cause) = &own.cause else { continue };
            let hit = after
                .hits
                .iter()
                .find(|h| h.threshold.id == cause.rule && h.event == cause.event);
            if let Some(hit) = hit.filter(|h| own.case != cause.case || h.threshold.open.is_none()) {
                tell(&mut outcome, &after, hit, &event);
            }
        }
        // Of thresholds that leave nothing in the record: those that one event reaches.
        let told = after.hits.iter().filter(|h| {
            h.event == event.id && h.threshold.only_tells() && h.threshold.key.is_empty() && h.threshold.at_least == 1
        });
        for hit in told {
            tell(&mut outcome, &after, hit, &event);
        }
        let shown = spawned(follow.iter());
        let last: rota::Last<'_> = &|role, person, before| self.draft.last_turn(role, person, before);
        Ok(Answer {
            repeated: true,
            ..record::answer(ctx.history, &event, &outcome, &after, shown, last)
        })
    }
}

/// Tells again what was told when an event was taken.
fn tell(outcome: &mut Outcome, case: &Case, hit: &Hit, event: &Event) {
    let Some(to) = hit.threshold.told(case.nth_hit(&hit.threshold, &hit.event)) else {
        return;
    };
    outcome.notify(Notice {
        threshold: hit.threshold.clone(),
        to: to.clone(),
        cause: Cause {
            rule: hit.threshold.id.clone(),
            case: event.case.clone(),
            event: hit.event.clone(),
        },
        at: event.recorded_at,
    });
}

fn spawned<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<SpawnedView> {
    let own = events.filter(|e| e.source.as_ref() == OWN_SOURCE);
    own.filter_map(|e| {
        Some(SpawnedView {
            threshold: e.cause.as_ref()?.rule.to_string(),
            kind: e.kind.to_string(),
            case: e.case.to_string(),
            event: e.id.to_string(),
        })
    })
    .collect()
}

fn answered<T>(result: Result<T, PostError>, committed: Result<(), &ServiceError>) -> Result<T, PostError> {
    match committed {
        Ok(()) => result,
        Err(error) => Err(ServiceError::Stopped(format!("nothing was recorded: {error}")).into()),
    }
}

fn unanswered() -> ServiceError {
    ServiceError::Stopped("an event was recorded without an answer".to_owned())
}

fn conflict(event: &Event) -> Refusal {
    let zh = format!(
        "编号 `{}` 已有另一内容的事件；要更正请另发一件，用 corrects 指明",
        event.id
    );
    let en = format!(
        "id `{}` has another event with other content; to correct it, post a new event with `corrects`",
        event.id
    );
    Refusal::new("conflict", "/id", zh, en)
}
