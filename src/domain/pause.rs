//! Pauses of a case: the stretches of time in which its deadlines do not run.

use chrono::TimeDelta;

use super::zone::{Instant, TimeError};

/// Disjoint pauses in order, each `[from, to)`; `to` is `None` while the case is still paused. The union over all
/// reasons: overlapping and touching pauses are one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pauses(Vec<(Instant, Option<Instant>)>);

impl Pauses {
    /// Never paused.
    pub fn none() -> Pauses {
        Pauses(Vec::new())
    }

    /// The union of intervals `[from, to)` in any order; empty and inverted ones are left out.
    pub fn from_intervals(intervals: impl IntoIterator<Item = (Instant, Option<Instant>)>) -> Pauses {
        let mut sorted: Vec<_> = intervals
            .into_iter()
            .filter(|(from, to)| to.is_none_or(|to| *from < to))
            .collect();
        sorted.sort_unstable();
        let mut union: Vec<(Instant, Option<Instant>)> = Vec::with_capacity(sorted.len());
        for (from, to) in sorted {
            match union.last_mut() {
                Some((_, last)) if last.is_none_or(|last| from <= last) => {
                    *last = last.and_then(|last| to.map(|to| last.max(to)));
                }
                _ => union.push((from, to)),
            }
        }
        Pauses(union)
    }

    /// The pauses, in order.
    pub fn intervals(&self) -> &[(Instant, Option<Instant>)] {
        &self.0
    }

    /// Whether there is no pause at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the case is paused at this instant: from the pause on, no longer at the resumption.
    pub fn paused_at(&self, at: Instant) -> bool {
        self.0
            .iter()
            .any(|(from, to)| *from <= at && to.is_none_or(|to| at < to))
    }

    /// Whether the day that this midnight ends was paused at its 24:00, which makes it a day that is not consumed. The
    /// 24:00 of a day is its last moment: a pause that ends with it covers it, one that begins with it does not.
    /// [`TimeError::StillPaused`] if that pause has no end, so that every later day would be paused as well.
    pub fn day_ends_paused(&self, midnight: Instant) -> Result<bool, TimeError> {
        match self
            .0
            .iter()
            .find(|(from, to)| *from < midnight && to.is_none_or(|to| midnight <= to))
        {
            Some((_, None)) => Err(TimeError::StillPaused),
            Some((_, Some(_))) => Ok(true),
            None => Ok(false),
        }
    }

    /// When the pause without an end began; `None` if there is none.
    pub fn open_since(&self) -> Option<Instant> {
        self.0.last().filter(|(_, to)| to.is_none()).map(|(from, _)| *from)
    }

    /// These pauses if the case were resumed at `at`, the base of a projection. A pause without an end that begins
    /// later than that is left out.
    pub fn resumed_at(&self, at: Instant) -> Pauses {
        Pauses::from_intervals(self.0.iter().map(|(from, to)| (*from, Some(to.unwrap_or(at)))))
    }

    /// The stretches of `[from, to)` that are not paused, in order.
    pub fn running(&self, from: Instant, to: Instant) -> Vec<(Instant, Instant)> {
        let mut stretches = Vec::new();
        let mut cursor = from;
        for (pause, resume) in &self.0 {
            let until = (*pause).min(to);
            if cursor < until {
                stretches.push((cursor, until));
            }
            match resume {
                Some(resume) => cursor = cursor.max(*resume),
                None => return stretches,
            }
        }
        if cursor < to {
            stretches.push((cursor, to));
        }
        stretches
    }

    /// How much of `[from, to)` was not paused.
    pub fn running_time(&self, from: Instant, to: Instant) -> TimeDelta {
        self.running(from, to)
            .iter()
            .fold(TimeDelta::zero(), |sum, (from, to)| {
                sum.checked_add(&to.signed_duration_since(*from))
                    .unwrap_or(TimeDelta::MAX)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Instant {
        Instant::from_timestamp(minute * 60, 0).unwrap()
    }

    fn pauses(list: &[(i64, Option<i64>)]) -> Pauses {
        Pauses::from_intervals(list.iter().map(|(from, to)| (at(*from), to.map(at))))
    }

    #[test]
    fn the_union_does_not_depend_on_order_or_cuts() {
        let whole = pauses(&[(10, Some(30))]);
        assert_eq!(pauses(&[(20, Some(30)), (10, Some(20))]), whole);
        assert_eq!(
            pauses(&[
                (10, Some(25)),
                (15, Some(30)),
                (12, Some(13)),
                (40, Some(40)),
                (50, Some(45))
            ]),
            whole
        );
        assert_eq!(pauses(&[(10, None), (20, Some(30))]), pauses(&[(10, None)]));
        assert_eq!(pauses(&[(10, Some(20)), (20, None)]).open_since(), Some(at(10)));
    }

    #[test]
    fn a_pause_holds_from_its_start_to_before_its_end() {
        let pauses = pauses(&[(10, Some(30))]);
        let paused: Vec<_> = [9, 10, 29, 30]
            .into_iter()
            .map(|minute| pauses.paused_at(at(minute)))
            .collect();
        assert_eq!(paused, [false, true, true, false]);
    }

    #[test]
    fn the_end_of_a_day_is_its_last_moment() {
        let pauses = pauses(&[(10, Some(30))]);
        let ends = |minute| pauses.day_ends_paused(at(minute)).unwrap();
        assert_eq!([ends(10), ends(11), ends(30), ends(31)], [false, true, true, false]);
        let open = Pauses::from_intervals([(at(10), None)]);
        assert_eq!(open.day_ends_paused(at(10)), Ok(false));
        assert_eq!(open.day_ends_paused(at(11)), Err(TimeError::StillPaused));
    }

    #[test]
    fn running_stretches_leave_out_the_pauses() {
        let cut = pauses(&[(10, Some(20)), (30, None)]);
        assert_eq!(cut.running(at(0), at(25)), [(at(0), at(10)), (at(20), at(25))]);
        assert_eq!(cut.running(at(12), at(50)), [(at(20), at(30))]);
        assert_eq!(cut.running(at(30), at(50)), []);
        assert_eq!(cut.running_time(at(0), at(60)), TimeDelta::minutes(20));
        assert_eq!(
            cut.resumed_at(at(40)).running(at(12), at(50)),
            [(at(20), at(30)), (at(40), at(50))]
        );
    }
}
