//! What a version of a company's policies would change of what is owed, worked out while events and questions go on.

use crate::engine::change::{Comparison, Difference};
use crate::engine::draft::PastError;
use crate::engine::history::History;
use crate::engine::world::World;
use crate::policy::model::Company;
use crate::service::{Shared, swap};
use std::sync::Arc;

/// How many cases are looked at before the lock is let go for a moment.
const CHUNK: u32 = 128;

/// Holds a version against the one that serves. An event that is recorded meanwhile may be seen or not.
pub(super) fn of(shared: &Shared, id: &str, company: &Arc<Company>) -> Result<Difference, PastError> {
    let now = shared.clock.now();
    let Ok(live) = shared.live(id) else {
        let nothing = World::new(History::new(company.clone()), [0; 32]);
        let mut comparison = Comparison::new(nothing.history.clone(), company.clone(), 0, now);
        comparison.beginnings(&nothing, swap::beginnings(&nothing, company, now))?;
        return Ok(comparison.finish());
    };
    let (mut comparison, count) = {
        let world = live.world.read();
        let last = world.slots().map(|slot| slot.case.head).max().unwrap_or(0);
        let mut comparison = Comparison::new(world.history.clone(), company.clone(), last, now);
        comparison.beginnings(&world, swap::beginnings(&world, company, now))?;
        (comparison, u32::try_from(world.counts().0).unwrap_or(u32::MAX))
    };
    let mut from = 0;
    while from < count {
        let to = from.saturating_add(CHUNK).min(count);
        comparison.cases(&live.world.read(), from..to);
        from = to;
    }
    Ok(comparison.finish())
}
