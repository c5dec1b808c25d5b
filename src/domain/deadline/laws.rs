//! The laws of time, against a reference that goes day by day and minute by minute.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::super::calendar::tests::{DAYS_OFF, MAKE_UP, date, layer, national, national_layer, span};
use super::super::calendar::{CalendarLayer, Day};
use super::tests::{at, shanghai};
use super::*;

/// Minutes since the first of October 2025, local time.
fn minute(n: i64) -> Instant {
    at("2025-10-01T00:00:00") + TimeDelta::minutes(n)
}

const FOUR_MONTHS: i64 = 120 * 1440;

fn term() -> impl Strategy<Value = Term> {
    prop_oneof![
        (0_u32..40).prop_map(Term::Days),
        (1_u32..30).prop_map(Term::WorkingDays),
        (1_u32..6).prop_map(Term::Weeks),
        (1_u32..6).prop_map(Term::Months),
        (0_u32..1).prop_map(|_| Term::Years(1)),
        (0_u32..9000).prop_map(Term::Minutes),
        (1_u32..2000).prop_map(Term::OpenMinutes),
    ]
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        Just(End::Midnight),
        Just(End::Close),
        Just(End::At("12:00:00".parse().unwrap()))
    ]
}

fn shift() -> impl Strategy<Value = Shift> {
    prop_oneof![Just(Shift::None), Just(Shift::Next), Just(Shift::Previous)]
}

fn intervals() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec(
        (0..FOUR_MONTHS, 0_i64..8000).prop_map(|(from, long)| (from, from + long)),
        0..5,
    )
}

fn pauses(list: &[(i64, i64)]) -> Pauses {
    Pauses::from_intervals(list.iter().map(|(from, to)| (minute(*from), Some(minute(*to)))))
}

/// Open on rest days too, so that both kinds of hours take part.
fn open_calendar() -> Calendar {
    let rest = CalendarLayer {
        rest_hours: Some(vec![span("10:00:00", "16:00:00")]),
        ..CalendarLayer::default()
    };
    Calendar::build("open", &[&national_layer(), &rest])
}

fn naive_working(on: NaiveDate) -> bool {
    let text = on.to_string();
    let off = DAYS_OFF
        .iter()
        .any(|(_, from, to)| *from <= text.as_str() && text.as_str() <= *to);
    MAKE_UP.contains(&text.as_str()) || (!off && on.weekday().number_from_monday() <= 5)
}

/// Due dates by plain counting: a list of days that are consumed, of which the n-th is taken.
fn naive_days(start: i64, n: usize, working_only: bool, paused: &[(i64, i64)]) -> NaiveDate {
    let ends_paused = |day: i64| {
        paused
            .iter()
            .any(|(from, to)| *from < (day + 1) * 1440 && (day + 1) * 1440 <= *to)
    };
    let on = |day: i64| date("2025-10-01") + TimeDelta::days(day);
    let consumed: Vec<i64> = (start / 1440 + 1..400)
        .filter(|day| (!working_only || naive_working(on(*day))) && !ends_paused(*day))
        .collect();
    on(consumed[n - 1])
}

/// Whether the calendar is open in the minute that begins then.
fn naive_open(minute_of: i64) -> bool {
    let (day, clock) = (minute_of / 1440, minute_of % 1440);
    naive_working(date("2025-10-01") + TimeDelta::days(day))
        && ((540..720).contains(&clock) || (810..1080).contains(&clock))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// The code agrees with plain counting, pauses and all.
    #[test]
    fn days_are_those_of_plain_counting(start in 0..FOUR_MONTHS, n in 1_u32..40, working: bool, list in intervals()) {
        let (calendar, pauses) = (national(), pauses(&list));
        let how = Counting { zone: shanghai(), calendar: &calendar, end: End::Midnight, shift: Shift::None, pauses: &pauses };
        let term = if working { Term::WorkingDays(n) } else { Term::Days(n) };
        let due = reckon(minute(start), term, &how).unwrap().due;
        prop_assert_eq!(due.date(shanghai()), naive_days(start, n as usize, working, &list));
    }

    /// Minute by minute: the due instant is where the running (and open) minutes reach the term. Law 9.
    #[test]
    fn minutes_are_those_of_plain_counting(start in 0..FOUR_MONTHS / 2, n in 1_u32..1500, open: bool, list in intervals()) {
        let (calendar, pauses) = (national(), pauses(&list));
        let how = Counting { zone: shanghai(), calendar: &calendar, end: End::Midnight, shift: Shift::None, pauses: &pauses };
        let term = if open { Term::OpenMinutes(n) } else { Term::Minutes(n) };
        let mut left = n;
        let runs = |now: i64| (!open || naive_open(now)) && !list.iter().any(|(from, to)| (*from..*to).contains(&now));
        let due = (start..).find(|now| { left -= u32::from(runs(*now)); left == 0 }).unwrap() + 1;
        prop_assert_eq!(reckon(minute(start), term, &how).unwrap().due, Due::Instant { at: minute(due) });
    }

    /// Law 4: one more is later; a later start is never due earlier.
    #[test]
    fn more_is_later(start in 0..FOUR_MONTHS, later in 0_i64..4000, term in term(), end in end(), shift in shift()) {
        let (calendar, pauses) = (open_calendar(), Pauses::none());
        let how = Counting { zone: shanghai(), calendar: &calendar, end, shift, pauses: &pauses };
        let due = |start: i64, term| reckon(minute(start), term, &how).unwrap().due.at();
        prop_assert!(due(start, term) <= due(start + later, term));
        let plain = Counting { end: End::Midnight, shift: Shift::None, ..how };
        let due = |term| reckon(minute(start), term, &plain).unwrap().due.at();
        let more = match term {
            Term::Days(n) => Term::Days(n + 1),
            Term::WorkingDays(n) => Term::WorkingDays(n + 1),
            Term::Weeks(n) => Term::Weeks(n + 1),
            Term::Months(n) => Term::Months(n + 1),
            Term::Years(n) => Term::Years(n + 1),
            Term::Minutes(n) => Term::Minutes(n + 1),
            Term::OpenMinutes(n) => Term::OpenMinutes(n + 1),
        };
        prop_assert!(due(term) < due(more));
    }

    /// Laws 5 and 6: working-day terms end on working days; previous <= unshifted <= next.
    #[test]
    fn shifts_keep_their_side(start in 0..FOUR_MONTHS, term in term()) {
        let (calendar, pauses) = (national(), Pauses::none());
        let on = |shift| {
            let how = Counting { zone: shanghai(), calendar: &calendar, end: End::Midnight, shift, pauses: &pauses };
            reckon(minute(start), term, &how).unwrap().due.date(shanghai())
        };
        prop_assert!(on(Shift::Previous) <= on(Shift::None) && on(Shift::None) <= on(Shift::Next));
        if term.is_day_kind() {
            prop_assert!(naive_working(on(Shift::Next)));
        }
        if matches!(term, Term::WorkingDays(_)) {
            prop_assert!(naive_working(on(Shift::None)));
        }
    }

    /// Law 7: a longer pause is never due earlier; a pause cut in two is the same.
    #[test]
    fn pauses_only_put_off(start in 0..FOUR_MONTHS, term in term(), end in end(), shift in shift(), list in intervals(), longer in 0_i64..5000) {
        let calendar = open_calendar();
        let due = |pauses: &Pauses| {
            let how = Counting { zone: shanghai(), calendar: &calendar, end, shift, pauses };
            reckon(minute(start), term, &how).unwrap().due.at()
        };
        let longer: Vec<_> = list.iter().map(|(from, to)| (*from, to + longer)).collect();
        prop_assert!(due(&Pauses::none()) <= due(&pauses(&list)));
        prop_assert!(due(&pauses(&list)) <= due(&pauses(&longer)));
        let cut: Vec<_> = list.iter().flat_map(|(from, to)| [((from + to) / 2, *to), (*from, (from + to) / 2)]).collect();
        prop_assert_eq!(due(&pauses(&list)), due(&pauses(&cut)));
    }

    /// Law 13: the steps alone, replayed, lead to the due date.
    #[test]
    fn steps_lead_to_the_due_date(start in 0..FOUR_MONTHS, term in term(), end in end(), shift in shift(), list in intervals()) {
        let (calendar, pauses) = (open_calendar(), pauses(&list));
        let how = Counting { zone: shanghai(), calendar: &calendar, end, shift, pauses: &pauses };
        let (reckoned, steps) = reckon_steps(minute(start), term, &how).unwrap();
        prop_assert_eq!(reckon(minute(start), term, &how), Ok(reckoned));
        let on = reckoned.due.date(shanghai());
        prop_assert_eq!(steps.first(), Some(&Step::sure(shanghai().date(minute(start)), StepWhy::Start)));
        prop_assert_eq!(steps.last(), Some(&Step { on, why: StepWhy::End(reckoned.due), certain: !reckoned.provisional }));
        prop_assert_eq!(steps.iter().any(|step| !step.certain), reckoned.provisional);
        let (mut last, mut counted, mut used, mut now) = (steps[0].on, 0, TimeDelta::zero(), minute(start));
        let one_by_one = matches!(term, Term::WorkingDays(_) | Term::Days(1..));
        for step in &steps {
            match &step.why {
                StepWhy::Counted(n) => {
                    counted += 1;
                    prop_assert_eq!(*n, counted);
                    last = step.on;
                }
                StepWhy::Paused if !one_by_one => last += TimeDelta::days(1),
                StepWhy::CorrespondingDay | StepWhy::MonthEndClamp => last = step.on,
                StepWhy::Open { from, to, .. } => { used += *to - *from; now = *to; }
                StepWhy::Elapsed { minutes } => { used += TimeDelta::minutes(*minutes); now += TimeDelta::minutes(*minutes); }
                StepWhy::PausedTime { to, .. } => now = *to,
                _ => {}
            }
        }
        match term {
            Term::Minutes(n) | Term::OpenMinutes(n) => {
                prop_assert_eq!(used, TimeDelta::minutes(i64::from(n)));
                prop_assert_eq!(reckoned.due, Due::Instant { at: now });
            }
            Term::Days(n) | Term::WorkingDays(n) => {
                prop_assert_eq!(counted, n);
                if shift == Shift::None && end == End::Midnight {
                    prop_assert_eq!(on, last);
                }
            }
            _ => if shift == Shift::None && end == End::Midnight {
                prop_assert_eq!(on, last);
            },
        }
    }

    /// Law 14: a notice that says what was assumed changes nothing but the flag.
    #[test]
    fn publishing_the_assumption_changes_only_the_flag(start in 0_i64..900_000, term in term(), end in end(), shift in shift()) {
        let assumed = national();
        let fixed = ["01-01", "05-01", "05-02", "10-01", "10-02", "10-03"];
        let days: Vec<String> = ["2027", "2028", "2029"].iter().flat_map(|y| fixed.iter().map(move |d| format!("{y}-{d}"))).collect();
        let days: Vec<_> = days.iter().map(|on| ("节", on.as_str(), on.as_str())).collect();
        let notice = CalendarLayer { covered: Some((date("2026-12-29"), date("2029-12-31"))), ..layer(&days, &[]) };
        let published = Calendar::build("statutory", &[&national_layer(), &notice]);
        let pauses = Pauses::none();
        let due = |calendar| {
            let how = Counting { zone: shanghai(), calendar, end, shift, pauses: &pauses };
            reckon(minute(start), term, &how).unwrap()
        };
        let (before, after) = (due(&assumed), due(&published));
        prop_assert_eq!(before.due, after.due);
        prop_assert!(!after.provisional);
    }
}

#[test]
fn the_reference_and_the_calendar_agree_on_each_day() {
    let calendar = national();
    for on in date("2025-01-01")
        .iter_days()
        .take_while(|on| *on <= date("2026-12-28"))
    {
        let Day { working, certain, .. } = calendar.day(on);
        assert!(certain && working == naive_working(on), "{on}");
    }
}
