//! Open hours at an instant: whether it is open, and when it opens next.

use chrono::{Days, NaiveDate, NaiveTime};

use super::calendar::Calendar;
use super::date::SEARCH_DAYS;
use super::zone::{Instant, Zone};

/// How it stands with open hours at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Whether it is open. The end of a stretch is not.
    pub open: bool,
    /// When it closes, if it is open and does at all.
    pub closes_at: Option<Instant>,
    /// When it opens next after that instant, if it does at all.
    pub next_opening: Option<Instant>,
    /// Whether the calendar assumed the day.
    pub provisional: bool,
}

/// How it stands with the hours of a calendar at an instant.
pub fn opening(calendar: &Calendar, zone: Zone, at: Instant) -> Opening {
    let on = zone.date(at);
    let mut stretches = Stretches::from(calendar, zone, on);
    let mut opening = Opening {
        open: false,
        closes_at: None,
        next_opening: None,
        provisional: !calendar.day(on).certain,
    };
    while let Some((from, to)) = stretches.next() {
        if at < from {
            opening.next_opening = Some(from);
            return opening;
        }
        if to.is_none_or(|to| at < to) {
            opening.open = true;
            opening.closes_at = to;
        }
    }
    opening
}

/// The first open moment from an instant on, before another, if there is one.
pub fn next_open(calendar: &Calendar, zone: Zone, from: Instant, before: Instant) -> Option<Instant> {
    let mut stretches = Stretches::from(calendar, zone, zone.date(from));
    while let Some((begins, ends)) = stretches.next() {
        if ends.is_some_and(|ends| ends <= from) {
            continue;
        }
        let at = begins.max(from);
        return (at < before).then_some(at);
    }
    None
}

/// The open stretches in order; those that touch at midnight are one. The end of one that does not end within
/// [`SEARCH_DAYS`] is not known.
struct Stretches<'c> {
    calendar: &'c Calendar,
    zone: Zone,
    on: Option<NaiveDate>,
    left: u32,
    today: Vec<(Instant, Instant)>,
}

impl<'c> Stretches<'c> {
    fn from(calendar: &'c Calendar, zone: Zone, on: NaiveDate) -> Stretches<'c> {
        Stretches {
            calendar,
            zone,
            on: Some(on),
            left: SEARCH_DAYS,
            today: Vec::new(),
        }
    }

    /// The next stretch of one day.
    fn piece(&mut self) -> Option<(Instant, Instant)> {
        while self.today.is_empty() {
            let on = self.on.filter(|_| self.left > 0)?;
            self.left = self.left.saturating_sub(1);
            self.today = spans(self.calendar, self.zone, on);
            self.on = on.checked_add_days(Days::new(1));
        }
        Some(self.today.remove(0))
    }

    fn next(&mut self) -> Option<(Instant, Option<Instant>)> {
        let (from, mut to) = self.piece()?;
        loop {
            match self.piece() {
                Some((again, until)) if again <= to => to = to.max(until),
                Some(later) => {
                    self.today.insert(0, later);
                    return Some((from, Some(to)));
                }
                None => {
                    let known = self.left > 0 || self.on.is_none() || self.today_is_closed(to);
                    return Some((from, known.then_some(to)));
                }
            }
        }
    }

    /// Whether the day after the last one looked at begins closed.
    fn today_is_closed(&self, to: Instant) -> bool {
        self.on.is_none_or(|on| {
            let next = spans(self.calendar, self.zone, on);
            next.first().is_none_or(|(from, _)| *from > to)
        })
    }
}

/// The open stretches of a local date.
fn spans(calendar: &Calendar, zone: Zone, on: NaiveDate) -> Vec<(Instant, Instant)> {
    let moment = |time: NaiveTime| zone.resolve_forward(on.and_time(time)).ok();
    let found = calendar.open_spans(on).iter().filter_map(|(from, to)| {
        let from = moment(*from)?;
        let to = match *to {
            NaiveTime::MIN => zone.end_of(on).ok()?,
            to => moment(to)?,
        };
        (from < to).then_some((from, to))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::super::calendar::tests::national_layer;
    use super::super::calendar::{Calendar, CalendarLayer};
    use super::*;

    fn zone() -> Zone {
        Zone::parse("Asia/Shanghai").unwrap()
    }

    fn at(text: &str) -> Instant {
        zone().parse_instant(text).unwrap()
    }

    fn time(text: &str) -> NaiveTime {
        NaiveTime::parse_from_str(text, "%H:%M").unwrap()
    }

    fn hours(workday: &[(&str, &str)], rest: &[(&str, &str)]) -> Calendar {
        let spans = |list: &[(&str, &str)]| Some(list.iter().map(|(from, to)| (time(from), time(to))).collect());
        let layer = CalendarLayer {
            hours: spans(workday),
            rest_hours: spans(rest),
            ..CalendarLayer::default()
        };
        Calendar::build("hours", &[&national_layer(), &layer])
    }

    fn asked(calendar: &Calendar, when: &str) -> (bool, Option<Instant>, Option<Instant>) {
        let found = opening(calendar, zone(), at(when));
        (found.open, found.closes_at, found.next_opening)
    }

    #[test]
    fn a_reception_is_open_by_kind_of_day() {
        let reception = hours(&[("08:00", "17:30")], &[("08:00", "16:30")]);
        // 14 February 2026 is a Saturday that is worked, 15 February a holiday.
        let (next, last) = (Some(at("2026-02-15T08:00")), Some(at("2026-02-14T17:30")));
        assert_eq!(asked(&reception, "2026-02-14T17:29"), (true, last, next));
        assert_eq!(asked(&reception, "2026-02-14T17:30"), (false, None, next));
        let (next, last) = (Some(at("2026-02-16T08:00")), Some(at("2026-02-15T16:30")));
        assert_eq!(asked(&reception, "2026-02-15T16:29"), (true, last, next));
        assert_eq!(asked(&reception, "2026-02-15T17:00"), (false, None, next));
    }

    #[test]
    fn what_never_closes_has_no_end_and_what_never_opens_no_next() {
        let always = hours(&[("00:00", "00:00")], &[("00:00", "00:00")]);
        assert_eq!(asked(&always, "2026-03-02T03:00"), (true, None, None));
        let night = hours(
            &[("00:00", "06:00"), ("22:00", "00:00")],
            &[("00:00", "06:00"), ("22:00", "00:00")],
        );
        let (next, last) = (Some(at("2026-03-03T22:00")), Some(at("2026-03-03T06:00")));
        assert_eq!(asked(&night, "2026-03-02T23:00"), (true, last, next));
        assert_eq!(asked(&hours(&[], &[]), "2026-03-02T23:00"), (false, None, None));
    }

    #[test]
    fn the_next_moment_in_a_window_is_before_the_end_or_there_is_none() {
        let calls = [("10:00", "11:30"), ("15:30", "17:00")];
        let calls = hours(&calls, &calls);
        let end = at("2026-03-03T00:00");
        let next = |from: &str| next_open(&calls, zone(), at(from), end);
        assert_eq!(next("2026-03-02T08:00"), Some(at("2026-03-02T10:00")));
        assert_eq!(next("2026-03-02T10:20"), Some(at("2026-03-02T10:20")));
        assert_eq!(next("2026-03-02T11:30"), Some(at("2026-03-02T15:30")));
        assert_eq!(next("2026-03-02T17:00"), None);
    }
}
