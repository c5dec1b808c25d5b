//! What happens to one case and is due for others reaches them.

use super::{Draft, PastError};
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::occasion::{Occasion, Place};
use crate::policy::model::Id;
use std::sync::Arc;

impl Draft<'_> {
    /// Brings the cases up to date for which what happened to another is due. Only cases of that kind are touched; those
    /// that have gone no further than the occasion go on from there, the others are folded anew.
    pub(super) fn spread(
        &mut self,
        before: &[Arc<Occasion>],
        after: &[Arc<Occasion>],
        now: Instant,
    ) -> Result<(), PastError> {
        let mut occasions = self.context().occasions.clone();
        let changed = occasions.replace(before, after);
        if changed.is_empty() {
            return Ok(());
        }
        self.changes.occasions = Some(occasions);
        for (kind, first) in changed {
            for (ix, id) in self.of_kind(&kind) {
                let Some(known) = self.case_at(ix) else { continue };
                let mut case = match reached(known, &first) {
                    false => known.clone(),
                    true => Case::fold(&id, &self.events(ix, &id)?, &self.context()),
                };
                case.advance(&id, now, &self.context());
                self.changes.cases.insert(ix, Box::new(case));
            }
        }
        Ok(())
    }

    /// The cases of a kind, those of this draft included.
    fn of_kind(&self, kind: &Id) -> Vec<(u32, Id)> {
        let known = (0u32..).zip(self.world.slots()).map(|(ix, slot)| (ix, slot.id.clone()));
        let new = self.changes.new_cases.iter().map(|(id, ix)| (*ix, id.clone()));
        let all = known.chain(new);
        all.filter(|(ix, _)| self.case_at(*ix).is_some_and(|case| case.kind == *kind))
            .collect()
    }
}

/// Whether a case has gone further than to an occasion: then what comes of it is not what came of the case before it.
fn reached(case: &Case, first: &Place) -> bool {
    let at = first.0;
    case.heard.as_ref().is_some_and(|heard| heard >= first)
        || case.last.is_some_and(|last| last.occurred_at > at)
        || case.moved_at.is_some_and(|moved| moved > at)
}
