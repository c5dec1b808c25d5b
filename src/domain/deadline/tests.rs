//! Worked cases.

use super::super::calendar::CalendarLayer;
use super::super::calendar::tests::{date, layer, national, national_layer, six_day, span};
use super::*;

pub(super) fn shanghai() -> Zone {
    Zone::parse("Asia/Shanghai").unwrap()
}

pub(super) fn at(text: &str) -> Instant {
    shanghai().parse_instant(text).unwrap()
}

pub(super) fn paused(list: &[(&str, &str)]) -> Pauses {
    Pauses::from_intervals(
        list.iter()
            .map(|(from, to)| (at(from), (!to.is_empty()).then(|| at(to)))),
    )
}

struct Case {
    calendar: Calendar,
    end: End,
    shift: Shift,
    pauses: Pauses,
}

fn plain() -> Case {
    Case {
        calendar: national(),
        end: End::Midnight,
        shift: Shift::None,
        pauses: Pauses::none(),
    }
}

impl Case {
    fn how(&self) -> Counting<'_> {
        Counting {
            zone: shanghai(),
            calendar: &self.calendar,
            end: self.end,
            shift: self.shift,
            pauses: &self.pauses,
        }
    }

    fn reckon(&self, start: &str, term: &str) -> Result<Reckoned, TimeError> {
        reckon(at(start), term.parse().unwrap(), &self.how())
    }

    fn day(&self, start: &str, term: &str) -> String {
        match self.reckon(start, term).unwrap().due {
            Due::Day { on, at } => {
                assert_eq!(at, shanghai().end_of(on).unwrap());
                on.to_string()
            }
            other => panic!("{other:?}"),
        }
    }

    fn instant(&self, start: &str, term: &str) -> String {
        match self.reckon(start, term).unwrap().due {
            Due::Instant { at } => shanghai().local(at).format("%Y-%m-%dT%H:%M:%S").to_string(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn calendar_days_weeks_months_years() {
    let table = [
        ("2026-03-02T10:00:00", "3d", "2026-03-05"),
        ("2026-03-02T16:30:00Z", "3d", "2026-03-06"),
        ("2026-09-28T11:00:00", "3d", "2026-10-01"),
        ("2026-03-03T22:00:00", "1w", "2026-03-10"),
        ("2026-03-02T23:59:59", "0d", "2026-03-02"),
        ("1991-04-14T01:30:00", "3d", "1991-04-17"),
        ("2026-06-30T23:00:00", "3d", "2026-07-03"),
        ("2026-07-01T00:10:00", "2d", "2026-07-03"),
        ("2024-11-20T10:00:00", "3d", "2024-11-23"),
        ("2026-10-31T10:00:00", "3d", "2026-11-03"),
        ("2026-01-31T16:00:00", "1mo", "2026-02-28"),
        ("2026-01-31T16:00:00", "2mo", "2026-03-31"),
        ("2026-02-28T16:00:00", "1mo", "2026-03-28"),
        ("2024-01-31T16:00:00", "1mo", "2024-02-29"),
        ("2025-12-31T16:00:00", "2mo", "2026-02-28"),
        ("2024-02-29T16:00:00", "1y", "2025-02-28"),
        ("2024-02-29T16:00:00", "4y", "2028-02-29"),
    ];
    for (start, term, want) in table {
        assert_eq!(plain().day(start, term), want, "{start} {term}");
    }
}

#[test]
fn working_days() {
    let table = [
        ("2026-02-12T15:00:00", "3bd", "2026-02-24"),
        ("2026-10-03T10:00:00", "1bd", "2026-10-08"),
        ("2026-03-06T09:00:00", "3bd", "2026-03-11"),
        ("2026-03-05T10:00:00", "3bd", "2026-03-10"),
        ("2026-03-31T23:00:00", "5bd", "2026-04-08"),
        ("2026-03-06T00:00:00", "1bd", "2026-03-09"),
    ];
    for (start, term, want) in table {
        assert_eq!(plain().day(start, term), want, "{start} {term}");
    }
    let six = Case {
        calendar: six_day(),
        ..plain()
    };
    assert_eq!(six.day("2026-03-06T09:00:00", "3bd"), "2026-03-10");
}

#[test]
fn an_amended_notice_moves_the_thirtieth_working_day() {
    let published = |days_off: &[(&str, &str, &str)], make_up: &[&str]| {
        let covered = Some((date("2019-01-01"), date("2019-12-28")));
        Case {
            calendar: Calendar::build(
                "y2019",
                &[&CalendarLayer {
                    covered,
                    ..layer(days_off, make_up)
                }],
            ),
            ..plain()
        }
    };
    let qingming = ("清明节", "2019-04-05", "2019-04-05");
    let first = published(&[qingming, ("劳动节", "2019-05-01", "2019-05-01")], &[]);
    let amended = published(
        &[qingming, ("劳动节", "2019-05-01", "2019-05-04")],
        &["2019-04-28", "2019-05-05"],
    );
    assert_eq!(first.day("2019-03-18T10:00:00", "30bd"), "2019-04-30");
    assert_eq!(amended.day("2019-03-18T10:00:00", "30bd"), "2019-04-29");
}

#[test]
fn shifts_move_a_last_day_that_is_free() {
    let case = |shift| Case { shift, ..plain() };
    assert_eq!(case(Shift::Next).day("2026-09-28T11:00:00", "3d"), "2026-10-08");
    assert_eq!(case(Shift::Previous).day("2026-09-28T11:00:00", "3d"), "2026-09-30");
    assert_eq!(
        case(Shift::Next).day("2026-10-07T11:00:00", "3d"),
        "2026-10-10",
        "a make-up Saturday stays"
    );
    assert_eq!(
        case(Shift::Previous).day("2026-10-02T11:00:00", "1d"),
        "2026-10-03",
        "no working day since the start"
    );
}

#[test]
fn hours_run_through_nights() {
    assert_eq!(plain().instant("2026-03-07T21:15:00", "24h"), "2026-03-08T21:15:00");
    assert_eq!(
        plain().instant("1991-04-13T12:00:00", "24h"),
        "1991-04-14T13:00:00",
        "the clocks went forward"
    );
    let due = plain().reckon("2026-03-07T21:15:00", "24h").unwrap().due;
    assert!(due.on_time(at("2026-03-08T21:15:00")) && !due.on_time(at("2026-03-08T21:15:01")));
    assert_eq!(due.date(shanghai()), date("2026-03-08"));
    let due = plain().reckon("2026-03-02T10:00:00", "3d").unwrap().due;
    assert!(due.on_time(at("2026-03-05T23:59:59")) && due.passed(at("2026-03-06T00:00:00")));
}

#[test]
fn open_time_runs_while_open() {
    let table = [
        ("2026-03-06T17:00:00", "2bh", "2026-03-09T10:00:00"),
        ("2026-03-03T12:15:00", "30bmin", "2026-03-03T14:00:00"),
        ("2026-05-02T10:00:00", "2bh", "2026-05-06T11:00:00"),
        ("2026-03-03T09:00:00", "3bh", "2026-03-03T12:00:00"),
        ("2026-03-03T10:30:00", "6bh", "2026-03-03T18:00:00"),
        ("2026-03-03T18:00:00", "1bh", "2026-03-04T10:00:00"),
        ("2026-10-09T17:30:00", "1bh", "2026-10-10T09:30:00"),
    ];
    for (start, term, want) in table {
        assert_eq!(plain().instant(start, term), want, "{start} {term}");
    }
    let closed = Case {
        calendar: Calendar::build("closed", &[]),
        ..plain()
    };
    assert_eq!(closed.reckon("2026-03-02T10:00:00", "1bh"), Err(TimeError::NeverOpen));
    let always = CalendarLayer {
        hours: Some(vec![span("00:00:00", "00:00:00")]),
        ..CalendarLayer::default()
    };
    let always = Case {
        calendar: Calendar::build("always", &[&national_layer(), &always]),
        ..plain()
    };
    assert_eq!(always.instant("2026-03-06T10:00:00", "24bh"), "2026-03-09T10:00:00");
    assert_eq!(always.instant("2026-03-06T10:00:00", "14bh"), "2026-03-07T00:00:00");
}

#[test]
fn the_end_of_the_last_day() {
    let close = Case {
        end: End::Close,
        ..plain()
    };
    assert_eq!(close.instant("2026-03-02T10:00:00", "3d"), "2026-03-05T18:00:00");
    assert_eq!(close.instant("2026-03-06T18:00:00", "0d"), "2026-03-06T18:00:00");
    assert_eq!(close.instant("2026-03-06T18:00:01", "0d"), "2026-03-09T18:00:00");
    assert_eq!(close.instant("2026-09-30T19:00:00", "0d"), "2026-10-08T18:00:00");
    assert_eq!(
        close.instant("2026-03-05T10:00:00", "2d"),
        "2026-03-09T18:00:00",
        "a Saturday has no close"
    );
    let noon = Case {
        end: End::At("12:00:00".parse().unwrap()),
        ..plain()
    };
    assert_eq!(noon.instant("2026-03-02T10:00:00", "3d"), "2026-03-05T12:00:00");
    assert_eq!(noon.instant("2026-03-06T12:00:00", "0d"), "2026-03-06T12:00:00");
    assert_eq!(noon.instant("2026-03-06T13:00:00", "0d"), "2026-03-07T12:00:00");
    let next = Case {
        shift: Shift::Next,
        end: noon.end,
        ..plain()
    };
    assert_eq!(next.instant("2026-03-06T13:00:00", "0d"), "2026-03-09T12:00:00");
    let never = Case {
        calendar: Calendar::build("closed", &[]),
        ..close
    };
    assert_eq!(never.reckon("2026-03-02T10:00:00", "3d"), Err(TimeError::NeverOpen));
    let late = CalendarLayer {
        hours: Some(vec![span("08:00:00", "00:00:00")]),
        ..CalendarLayer::default()
    };
    let late = Case {
        calendar: Calendar::build("late", &[&national_layer(), &late]),
        end: End::Close,
        ..plain()
    };
    assert_eq!(late.day("2026-03-02T10:00:00", "3d"), "2026-03-05");
}

#[test]
fn pauses_leave_days_unconsumed() {
    let two_nights = Case {
        pauses: paused(&[("2026-03-04T10:00:00", "2026-03-06T15:00:00")]),
        ..plain()
    };
    assert_eq!(two_nights.day("2026-03-02T10:00:00", "3d"), "2026-03-07");
    let weekend = Case {
        pauses: paused(&[("2026-03-06T16:00:00", "2026-03-09T09:00:00")]),
        ..plain()
    };
    assert_eq!(weekend.day("2026-03-05T10:00:00", "3bd"), "2026-03-11");
    let to_midnight = Case {
        pauses: paused(&[("2026-03-04T20:00:00", "2026-03-05T00:00:00")]),
        ..plain()
    };
    assert_eq!(to_midnight.day("2026-03-02T10:00:00", "3d"), "2026-03-06");
    let from_midnight = Case {
        pauses: paused(&[("2026-03-05T00:00:00", "2026-03-05T23:59:59")]),
        ..plain()
    };
    assert_eq!(from_midnight.day("2026-03-02T10:00:00", "3d"), "2026-03-05");
    assert_eq!(two_nights.day("2026-02-15T10:00:00", "1mo"), "2026-03-17");
    assert_eq!(two_nights.day("2026-03-01T10:00:00", "1w"), "2026-03-10");
    assert_eq!(two_nights.day("2026-03-04T09:00:00", "0d"), "2026-03-06");
}

#[test]
fn pauses_stop_the_clock() {
    let case = Case {
        pauses: paused(&[("2026-03-06T17:30:00", "2026-03-09T09:15:00")]),
        ..plain()
    };
    assert_eq!(case.instant("2026-03-06T17:00:00", "2bh"), "2026-03-09T10:45:00");
    assert_eq!(case.instant("2026-03-06T17:00:00", "30min"), "2026-03-06T17:30:00");
    assert_eq!(case.instant("2026-03-06T17:00:00", "45min"), "2026-03-09T09:30:00");
    assert_eq!(case.instant("2026-03-08T12:00:00", "1h"), "2026-03-09T10:15:00");
}

#[test]
fn without_a_resumption_there_is_only_a_projection() {
    let case = Case {
        pauses: paused(&[("2026-03-04T20:00:00", "")]),
        ..plain()
    };
    for term in ["3d", "3bd", "1w", "1mo", "1y", "90h", "24bh"] {
        assert_eq!(
            case.reckon("2026-03-02T10:00:00", term),
            Err(TimeError::StillPaused),
            "{term}"
        );
    }
    assert_eq!(
        case.day("2026-03-01T10:00:00", "2d"),
        "2026-03-03",
        "due before the pause"
    );
    let due = paused_due(
        at("2026-03-02T10:00:00"),
        Term::Days(3),
        &case.how(),
        at("2026-03-05T00:00:00"),
    )
    .unwrap()
    .due;
    assert_eq!(due.date(shanghai()), date("2026-03-06"));
}

#[test]
fn beyond_the_published_notices_results_are_provisional() {
    let reckoned = |start, term| plain().reckon(start, term).unwrap();
    assert!(!reckoned("2026-12-24T10:00:00", "2bd").provisional);
    assert!(reckoned("2026-12-24T10:00:00", "3bd").provisional);
    assert!(reckoned("2026-12-31T10:00:00", "1bh").provisional);
    assert!(
        !reckoned("2026-12-31T10:00:00", "3d").provisional,
        "calendar days need no notice"
    );
    let next = Case {
        shift: Shift::Next,
        ..plain()
    };
    let due = next.reckon("2026-12-31T10:00:00", "1d").unwrap();
    assert_eq!((due.due.date(shanghai()), due.provisional), (date("2027-01-04"), true));
}

#[test]
fn results_outside_the_years_are_errors() {
    for term in ["1d", "1bd", "1w", "1mo", "1y", "24h"] {
        assert_eq!(
            plain().reckon("9999-12-31T12:00:00", term),
            Err(TimeError::OutOfRange),
            "{term}"
        );
    }
    assert_eq!(
        plain().reckon("9990-01-01T00:00:00", "100y"),
        Err(TimeError::OutOfRange)
    );
}
