//! The one writer: takes what is posted, decides it, commits it, answers.
//!
//! What waits in the mailbox is taken together and committed together; nobody is told "recorded" before the commit is
//! on disk. A batch is taken whole or not at all. What was decided becomes visible to questions after the commit.

use crate::domain::zone::Instant;
use crate::engine::draft::{Changes, Draft};
use crate::engine::intake::{Incoming, Refusal};
use crate::script::room;
use crate::service::desk::Desk;
use crate::service::index::Index;
use crate::service::record::{Answer, BatchAnswer, RefusedLine};
use crate::service::stage::Candidate;
use crate::service::{Live, ServiceError, Shared, StorePast, swap};
use crate::store::{MAX_READS, ReadRow, Reader, Store};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How many requests may wait for the writer.
pub const MAX_WAITING: usize = 4_096;

/// How many events are committed together at most, beyond the batch that reaches it.
pub const MAX_TOGETHER: usize = 4_096;

/// How often time is let pass while nothing is posted.
const TICK: Duration = Duration::from_secs(1);

/// Takes an answer; called on the writer's thread, after the commit.
pub type Reply<T> = Box<dyn FnOnce(Result<T, PostError>) + Send>;

/// Why what was posted was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The event was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Lines of the batch were refused, and so all of it was.
    #[error("{} of the batch's lines are refused, and so nothing of it was taken", .0.refused.len())]
    Batch(BatchAnswer),
    /// The operation failed.
    #[error(transparent)]
    Failed(#[from] ServiceError),
}

/// How a batch is taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Batch {
    /// Whether the good lines are taken although others are refused.
    pub partial: bool,
    /// Only to say what would come of it.
    pub dry_run: bool,
    /// History in bulk: what would have been told before this instant is not told.
    pub effects_from: Option<Instant>,
}

/// What the writer is asked to do.
pub enum Request {
    /// Record one event.
    One {
        /// The company.
        company: Arc<Live>,
        /// The event.
        event: Box<Incoming>,
        /// Takes the answer.
        reply: Reply<Answer>,
    },
    /// Record a batch.
    Many {
        /// The company.
        company: Arc<Live>,
        /// The events, with their lines.
        events: Vec<(usize, Incoming)>,
        /// Lines that could not even be read.
        unread: Vec<RefusedLine>,
        /// How they are taken.
        how: Batch,
        /// Takes the answer.
        reply: Reply<BatchAnswer>,
    },
    /// Record who was shown which cases.
    Reads {
        /// The number of the company.
        company: u32,
        /// What was shown.
        reads: Vec<ReadRow>,
        /// Takes the answer.
        reply: Reply<()>,
    },
    /// Let a company serve other policies.
    TakeUp {
        /// The policies, which went through all stages before.
        candidate: Box<Candidate>,
        /// Takes since when they serve.
        reply: Reply<Instant>,
    },
    /// Finish.
    Stop,
}

/// The way to the writer.
#[derive(Clone)]
pub struct Mailbox(SyncSender<Request>);

impl Mailbox {
    /// Puts a request in; fails at once if the mailbox is full or the writer is gone.
    pub fn send(&self, request: Request) -> Result<(), ServiceError> {
        self.0.try_send(request).map_err(|e| match e {
            TrySendError::Full(_) => ServiceError::Busy,
            TrySendError::Disconnected(_) => ServiceError::Stopped("the writer has stopped".to_owned()),
        })
    }

    /// Puts a request in, and waits for room; fails if the writer is gone. Not for handlers of requests.
    pub fn wait(&self, request: Request) -> Result<(), ServiceError> {
        let gone = |_| ServiceError::Stopped("the writer has stopped".to_owned());
        self.0.send(request).map_err(gone)
    }

    /// Asks the writer to finish what waits and stop.
    pub fn stop(&self) {
        // A writer that is gone has stopped already.
        let _ = self.0.send(Request::Stop);
    }
}

/// The writer's own state.
pub struct Writer {
    pub(super) store: Store,
    pub(super) reader: Reader,
    pub(super) index: Index,
    pub(super) shared: Arc<Shared>,
    pub(super) latest_at: Instant,
    /// When each company's latest event was recorded.
    pub(super) recorded: HashMap<u32, Instant>,
    /// Until when time alone changes nothing in any company; none: not known.
    pub(super) quiet_until: Option<Instant>,
}

/// A request that was worked out and waits for the commit.
pub(super) type Pending = Box<dyn FnOnce(Result<(), &ServiceError>) + Send>;

/// What is in the transaction that runs.
#[derive(Default)]
pub(super) struct Running {
    pub(super) replies: Vec<Pending>,
    pub(super) changes: Vec<(Arc<Live>, Changes)>,
    /// Bodies of events that are not committed yet, by place.
    pub(super) bodies: HashMap<u64, (String, Instant)>,
    pub(super) added: Vec<(u64, u64)>,
}

impl Writer {
    /// Starts the writer's thread.
    pub fn start(self) -> Result<(Mailbox, JoinHandle<()>), std::io::Error> {
        let (sender, receiver) = sync_channel(MAX_WAITING);
        // Scripts run where they are asked for: here, without another thread for each call.
        let thread = room::spawn("writer", move || self.run(&receiver))?;
        Ok((Mailbox(sender), thread))
    }

    fn run(mut self, mailbox: &Receiver<Request>) {
        loop {
            let first = match mailbox.recv_timeout(TICK) {
                Ok(request) => Some(request),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut requests: Vec<Request> = Vec::new();
            let mut events = 0;
            let mut stop = false;
            for request in first.into_iter().chain(mailbox.try_iter()) {
                events += match &request {
                    Request::Many { events, .. } => events.len(),
                    Request::Stop => {
                        stop = true;
                        break;
                    }
                    _ => 1,
                };
                let swaps = matches!(request, Request::TakeUp { .. });
                requests.push(request);
                // A swap is a transaction of its own: events before it and after it see different policies.
                if events >= MAX_TOGETHER || swaps {
                    break;
                }
            }
            let taken_up = match requests.last() {
                Some(Request::TakeUp { .. }) => requests.pop(),
                _ => None,
            };
            self.take(requests);
            if let Some(Request::TakeUp { candidate, reply }) = taken_up {
                reply(swap::take_up(&mut self, &candidate).map_err(PostError::Failed));
            }
            if stop {
                return;
            }
        }
    }

    /// Lets time pass for all companies, then records what was posted, in one transaction.
    pub fn take(&mut self, requests: Vec<Request>) {
        let stopped = self.shared.stopped.read().clone();
        if let Some(why) = stopped {
            for request in requests {
                refuse(request, || ServiceError::Stopped(why.clone()));
            }
            return;
        }
        self.latest_at = self.shared.clock.now().max(self.latest_at);
        let now = self.latest_at;
        let mut groups: Vec<(Arc<Live>, Vec<Request>)> = Vec::new();
        for request in requests {
            let (request, company) = match request {
                Request::Reads { company, reads, reply } => {
                    reply(self.keep_reads(company, &reads).map_err(PostError::Failed));
                    continue;
                }
                Request::One { ref company, .. } | Request::Many { ref company, .. } => {
                    let company = company.clone();
                    (request, company)
                }
                Request::TakeUp { .. } | Request::Stop => continue,
            };
            match groups.iter_mut().find(|(live, _)| live.no == company.no) {
                Some((_, list)) => list.push(request),
                None => groups.push((company, vec![request])),
            }
        }
        if self.quiet_until.is_none_or(|until| until <= now) {
            self.wake(now);
        }
        if !groups.is_empty() {
            self.commit(groups, now);
        }
    }

    /// Records who was shown which cases.
    fn keep_reads(&mut self, company: u32, reads: &[ReadRow]) -> Result<(), ServiceError> {
        let kept = (|| {
            let mut txn = self.store.write()?;
            txn.add_reads(company, reads, MAX_READS)?;
            txn.commit()
        })();
        if let Err(error) = &kept
            && error.stops_writing()
        {
            *self.shared.stopped.write() = Some(error.to_string());
        }
        Ok(kept?)
    }

    /// Lets time pass for all companies.
    fn wake(&mut self, now: Instant) {
        let idle: Vec<Arc<Live>> = self.shared.companies.read().values().cloned().collect();
        let mut quiet_until = Instant::MAX_UTC;
        for live in idle {
            let woken = live.world.read().wakes_at().is_some_and(|at| at <= now);
            // Between events of one instant no time passes: the record alone must tell a rebuild when it did.
            let passed = self.recorded.get(&live.no).is_none_or(|at| *at < now);
            if woken && passed {
                let changes = {
                    let world = live.world.read();
                    let past = StorePast(&self.reader);
                    let mut draft = Draft::new(&world, &past, 0);
                    draft.advance(now);
                    draft.finish()
                };
                live.world.write().apply(changes);
            }
            quiet_until = live
                .world
                .read()
                .wakes_at()
                .map_or(quiet_until, |at| at.min(quiet_until));
        }
        self.quiet_until = Some(quiet_until);
    }

    fn commit(&mut self, groups: Vec<(Arc<Live>, Vec<Request>)>, now: Instant) {
        let mut next_seq = self.store.last_seq() + 1;
        let mut running = Running::default();
        let result = (|| {
            let mut txn = self.store.write()?;
            for (live, requests) in groups {
                let world = live.world.read();
                let past = StorePast(&self.reader);
                let mut desk = Desk {
                    live: &live,
                    reader: &self.reader,
                    index: &mut self.index,
                    past: &past,
                    draft: Draft::new(&world, &past, next_seq),
                    txn: &mut txn,
                    running: &mut running,
                    now,
                };
                for request in requests {
                    desk.decide(request)?;
                }
                next_seq = desk.draft.next_seq();
                let changes = desk.draft.finish();
                drop(world);
                running.changes.push((live, changes));
            }
            Ok::<(), ServiceError>(txn.commit()?)
        })();
        match result {
            Ok(()) => {
                for (live, changes) in running.changes {
                    self.recorded.insert(live.no, now);
                    let mut world = live.world.write();
                    world.apply(changes);
                    let wakes_at = world.wakes_at().unwrap_or(Instant::MAX_UTC);
                    self.quiet_until = self.quiet_until.map(|until| until.min(wakes_at));
                }
                for reply in running.replies {
                    reply(Ok(()));
                }
            }
            Err(error) => {
                // What was added to the index for this transaction must go again; rebuilding it is rare and safe.
                tracing::error!(error = %error, "a transaction failed, nothing of it was kept");
                self.index.remove(&running.added);
                if matches!(&error, ServiceError::Store(e) if e.stops_writing()) {
                    *self.shared.stopped.write() = Some(error.to_string());
                }
                for reply in running.replies {
                    reply(Err(&error));
                }
            }
        }
    }
}

fn refuse(request: Request, why: impl Fn() -> ServiceError) {
    match request {
        Request::One { reply, .. } => reply(Err(why().into())),
        Request::Many { reply, .. } => reply(Err(why().into())),
        Request::Reads { reply, .. } => reply(Err(why().into())),
        Request::TakeUp { reply, .. } => reply(Err(why().into())),
        Request::Stop => {}
    }
}
