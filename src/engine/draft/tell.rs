//! Who was told by thresholds that leave nothing in the record, and when that was taken back.

use super::Draft;
use crate::domain::event::{Cause, Event};
use crate::engine::case::Case;
use crate::engine::outcome::Notice;
use crate::engine::threshold::Hit;
use crate::engine::world::{Told, WatchKey};
use std::collections::BTreeSet;

impl Draft<'_> {
    /// Brings what was told of some keys up to date with what reaches their thresholds after an event; returns what had
    /// been told before, and not taken back.
    pub(super) fn tell(&mut self, touched: &[WatchKey], before: &Case, event: &Event) -> Vec<Cause> {
        let mut stood = Vec::new();
        let rules: BTreeSet<_> = touched.iter().map(|(rule, _)| rule).collect();
        for rule in rules {
            let keys: Vec<&WatchKey> = touched.iter().filter(|(of, _)| of == rule).collect();
            let mut lists: Vec<Vec<Told>> = keys.iter().map(|key| self.told_of(key).to_vec()).collect();
            let after = self.case(&event.case);
            let of_rule = |h: &&Hit| h.threshold.id == *rule && h.threshold.only_tells();
            let tells = before
                .hits
                .iter()
                .chain(after.into_iter().flat_map(|c| &c.hits))
                .any(|h| of_rule(&h));
            if !tells && lists.iter().all(Vec::is_empty) {
                continue;
            }
            let reached = keys.iter().enumerate();
            let reached =
                reached.flat_map(|(at, key)| self.reached(rule, &self.hits(key)).into_iter().map(move |r| (at, r)));
            let mut wanted: Vec<_> = reached.collect();
            let mut moved: Vec<(usize, Told)> = Vec::new();
            for (at, list) in lists.iter_mut().enumerate() {
                let (standing, mut kept): (Vec<Told>, Vec<Told>) = list.drain(..).partition(|t| t.taken_back.is_none());
                for mut told in standing {
                    stood.push(told.notice.cause.clone());
                    match wanted.iter().position(|(_, (cause, _))| *cause == told.notice.cause) {
                        Some(place) if wanted.get(place).is_some_and(|(under, _)| *under == at) => {
                            wanted.remove(place);
                            kept.push(told);
                        }
                        Some(place) => moved.push((wanted.remove(place).0, told)),
                        None => {
                            told.taken_back = Some(event.recorded_at);
                            kept.push(told);
                        }
                    }
                }
                *list = kept;
            }
            for (at, (cause, threshold)) in wanted.into_iter().filter(|(_, (_, t))| t.only_tells()) {
                let nth = self
                    .case(&cause.case)
                    .map_or(1, |case| case.nth_hit(&threshold, &cause.event));
                if let Some(to) = threshold.told(nth).cloned() {
                    let notice = Notice {
                        threshold,
                        to,
                        cause,
                        at: event.recorded_at,
                    };
                    moved.push((
                        at,
                        Told {
                            notice,
                            taken_back: None,
                        },
                    ));
                }
            }
            for (at, told) in moved {
                if let Some(list) = lists.get_mut(at) {
                    list.push(told);
                }
            }
            let lists = keys.into_iter().cloned().zip(lists);
            self.changes.told.extend(lists);
        }
        stood
    }

    fn told_of(&self, key: &WatchKey) -> &[Told] {
        let list = self.changes.told.get(key).or_else(|| self.world.told.get(key));
        list.map_or(&[], Vec::as_slice)
    }
}
