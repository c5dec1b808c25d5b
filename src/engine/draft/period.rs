//! The draws of samples at the ends of periods.

use super::Draft;
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::sample;
use crate::policy::model::Id;
use chrono::NaiveDate;
use std::collections::BTreeSet;

impl Draft<'_> {
    /// Draws the periods that are over by an instant and have not been drawn; returns the cases that were.
    pub(super) fn draw_samples(&mut self, now: Instant) -> BTreeSet<u32> {
        let zone = self.history.zone();
        let over: Vec<(NaiveDate, Id, Instant)> = self
            .world
            .frames
            .keys()
            .filter_map(|(last_on, id)| Some((*last_on, id.clone(), zone.end_of(*last_on).ok()?)))
            .take_while(|(.., end)| *end <= now)
            .collect();
        let mut drawn = BTreeSet::new();
        for (last_on, id, end) in over {
            let key = (last_on, id);
            let candidates = self.world.frames.get(&key).into_iter().flatten();
            let frame: Vec<(Id, &Case)> = candidates
                .filter_map(|ix| Some((self.id_at(*ix)?, self.case_at(*ix)?)))
                .collect();
            if let Some(draw) = sample::draw_period(&self.world.seed, &frame, &key.1, last_on, end) {
                drawn.extend(draw.lot.drawn.iter().filter_map(|e| self.world.by_id.get(&e.member)));
                let drawings = self.changes.drawings.get_or_insert_with(|| self.world.drawings.clone());
                drawings.add(draw);
            }
            self.changes.framed.push(key);
        }
        drawn
    }
}
