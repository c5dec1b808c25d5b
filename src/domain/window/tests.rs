use proptest::prelude::*;

use super::super::calendar::Calendar;
use super::super::calendar::tests::{date, national};
use super::super::deadline::{Reminder, reminders};
use super::super::zone::Zone;
use super::*;

fn shanghai() -> Zone {
    Zone::parse("Asia/Shanghai").unwrap()
}

fn at(text: &str) -> Instant {
    shanghai().parse_instant(text).unwrap()
}

fn with<T>(shift: Shift, pauses: &Pauses, ask: impl FnOnce(&Counting<'_>) -> T) -> T {
    let calendar: Calendar = national();
    ask(&Counting {
        zone: shanghai(),
        calendar: &calendar,
        end: End::Midnight,
        shift,
        pauses,
    })
}

fn edges(anchor: &str, after: &str, within: &str, edge: OpenEdge) -> (String, String) {
    let (after, within) = (after.parse().unwrap(), within.parse().unwrap());
    let window = with(Shift::None, &Pauses::none(), |how| {
        window(at(anchor), after, at(anchor), within, edge, how)
    });
    let window = window.unwrap();
    assert_eq!(window.opens_at, shanghai().start_of(window.opens_on).unwrap());
    (window.opens_on.to_string(), window.due.date(shanghai()).to_string())
}

fn pair(opens: &str, latest: &str) -> (String, String) {
    (opens.to_owned(), latest.to_owned())
}

#[test]
fn a_window_opens_when_its_time_has_run() {
    let (open, closed) = (OpenEdge::Inclusive, OpenEdge::Exclusive);
    assert_eq!(
        edges("2026-01-15T10:00:00", "1mo", "2mo", closed),
        pair("2026-02-16", "2026-03-15")
    );
    assert_eq!(
        edges("2026-01-15T10:00:00", "1mo", "2mo", open),
        pair("2026-02-15", "2026-03-15")
    );
    assert_eq!(
        edges("2026-01-31T10:00:00", "1mo", "2mo", closed),
        pair("2026-03-01", "2026-03-31")
    );
    assert_eq!(
        edges("2026-02-12T10:00:00", "1bd", "3bd", closed),
        pair("2026-02-14", "2026-02-24")
    );
    assert_eq!(
        edges("2026-02-12T10:00:00", "0d", "1d", closed),
        pair("2026-02-13", "2026-02-13")
    );
}

#[test]
fn hours_open_a_window_at_their_instant() {
    let window = with(Shift::None, &Pauses::none(), |how| {
        window(
            at("2026-03-02T10:00:00"),
            Term::Minutes(60),
            at("2026-03-02T12:00:00"),
            Term::Days(0),
            OpenEdge::Exclusive,
            how,
        )
    });
    let window = window.unwrap();
    assert_eq!(
        (window.opens_at, window.due.date(shanghai())),
        (at("2026-03-02T11:00:00"), date("2026-03-02"))
    );
}

#[test]
fn a_window_that_would_close_before_it_opens_is_an_error() {
    let empty = with(Shift::None, &Pauses::none(), |how| {
        let start = at("2026-03-02T10:00:00");
        window(start, Term::Days(3), start, Term::Days(3), OpenEdge::Exclusive, how)
    });
    assert_eq!(
        empty,
        Err(TimeError::WindowEmpty {
            opens_on: date("2026-03-06"),
            latest_on: date("2026-03-05")
        })
    );
}

#[test]
fn only_the_latest_edge_shifts_and_is_paused() {
    let start = at("2026-09-28T11:00:00");
    let pauses = Pauses::from_intervals([(at("2026-09-28T12:00:00"), Some(at("2026-09-30T12:00:00")))]);
    let ask =
        |how: &Counting<'_>| window(start, Term::Days(2), start, Term::Days(3), OpenEdge::Exclusive, how).unwrap();
    let shifted = with(Shift::Next, &Pauses::none(), ask);
    assert_eq!(
        (shifted.opens_on, shifted.due.date(shanghai())),
        (date("2026-10-01"), date("2026-10-08"))
    );
    let paused = with(Shift::None, &pauses, ask);
    assert_eq!(
        (paused.opens_on, paused.due.date(shanghai())),
        (date("2026-10-01"), date("2026-10-02"))
    );
}

#[test]
fn the_middle_of_two_dates() {
    assert_eq!(midpoint(date("2026-03-01"), date("2026-03-31")), date("2026-03-16"));
    assert_eq!(midpoint(date("2026-03-01"), date("2026-03-02")), date("2026-03-01"));
    assert_eq!(midpoint(date("2026-03-02"), date("2026-03-01")), date("2026-03-01"));
    let around = |tolerance: &str| {
        let tolerance: Term = tolerance.parse().unwrap();
        with(Shift::None, &Pauses::none(), |how| {
            midpoint_window(date("2026-03-01"), date("2026-03-31"), tolerance, how)
        })
    };
    let window = around("3d").unwrap();
    assert_eq!(
        (window.opens_on, window.due.date(shanghai())),
        (date("2026-03-13"), date("2026-03-19"))
    );
    let window = around("2bd").unwrap();
    assert_eq!(
        (window.opens_on, window.due.date(shanghai())),
        (date("2026-03-12"), date("2026-03-18"))
    );
    let window = around("0d").unwrap();
    assert_eq!(
        (window.opens_on, window.due.date(shanghai())),
        (date("2026-03-16"), date("2026-03-16"))
    );
    assert_eq!(
        around("24h"),
        Err(TimeError::NotDays {
            term: Term::Minutes(1440)
        })
    );
}

#[test]
fn dates_before_a_date() {
    let day = |on: &str, term: &str, shift| {
        let term: Term = term.parse().unwrap();
        with(shift, &Pauses::none(), |how| before(date(on), term, how))
            .unwrap()
            .to_string()
    };
    let table = [
        ("2026-04-10", "7d", Shift::None, "2026-04-03"),
        ("2026-04-10", "1d", Shift::None, "2026-04-09"),
        ("2026-02-25", "2bd", Shift::None, "2026-02-14"),
        ("2026-03-31", "1mo", Shift::None, "2026-02-28"),
        ("2026-10-09", "5d", Shift::Previous, "2026-09-30"),
        ("2026-10-09", "5d", Shift::Next, "2026-10-04"),
    ];
    for (on, term, shift, want) in table {
        assert_eq!(day(on, term, shift), want, "{on} {term}");
    }
}

fn plan(on: &str, distances: &[u32], known: &str) -> Vec<(String, Vec<u32>)> {
    let distances: Vec<Term> = distances.iter().map(|n| Term::Days(*n)).collect();
    let time = "09:00:00".parse().unwrap();
    let planned = with(Shift::None, &Pauses::none(), |how| {
        reminders(date(on), &distances, time, at(known), how)
    })
    .unwrap();
    let days = |term: &Term| if let Term::Days(n) = term { *n } else { 999 };
    let show = |Reminder { fires_at, distances }: &Reminder| {
        (
            shanghai().local(*fires_at).format("%m-%d %H:%M").to_string(),
            distances.iter().map(days).collect(),
        )
    };
    planned.iter().map(show).collect()
}

#[test]
fn reminders_fire_before_the_date() {
    let want = |list: &[(&str, &[u32])]| -> Vec<(String, Vec<u32>)> {
        list.iter()
            .map(|(when, distances)| ((*when).to_owned(), distances.to_vec()))
            .collect()
    };
    let three = [7, 3, 1];
    assert_eq!(
        plan("2026-04-10", &three, "2026-03-20T10:00:00"),
        want(&[("04-03 09:00", &[7]), ("04-07 09:00", &[3]), ("04-09 09:00", &[1])])
    );
    assert_eq!(
        plan("2026-04-15", &three, "2026-04-04T10:00:00"),
        want(&[("04-08 09:00", &[7]), ("04-12 09:00", &[3]), ("04-14 09:00", &[1])])
    );
    assert_eq!(
        plan("2026-04-10", &three, "2026-04-08T10:00:00"),
        want(&[("04-08 10:00", &[7, 3]), ("04-09 09:00", &[1])])
    );
    assert_eq!(
        plan("2026-04-10", &three, "2026-04-09T08:00:00"),
        want(&[("04-09 08:00", &[7, 3, 1])])
    );
    assert_eq!(plan("2026-01-10", &three, "2026-04-05T12:00:00"), want(&[]));
    assert_eq!(
        plan("2026-04-10", &[3, 3], "2026-04-01T12:00:00"),
        want(&[("04-07 09:00", &[3])])
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Law 8: the opening is never after the latest edge, or there is no window.
    #[test]
    fn a_window_is_open_at_its_opening(gap in 0_i64..40, after in 0_u32..40, within in 0_u32..40, inclusive: bool) {
        let start = at("2026-01-15T10:00:00");
        let later = start + chrono::TimeDelta::days(gap);
        let edge = if inclusive { OpenEdge::Inclusive } else { OpenEdge::Exclusive };
        let window = with(Shift::None, &Pauses::none(), |how| {
            window(start, Term::Days(after), later, Term::Days(within), edge, how)
        });
        let open_days = gap + i64::from(within) - i64::from(after) + i64::from(inclusive);
        match window {
            Ok(window) => prop_assert!(open_days > 0 && window.due.on_time(window.opens_at)),
            Err(error) => {
                prop_assert!(open_days <= 0);
                let empty = matches!(error, TimeError::WindowEmpty { .. });
                prop_assert!(empty);
            }
        }
    }
}
