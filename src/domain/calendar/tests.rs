use proptest::prelude::*;

use super::*;

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn span(from: &str, to: &str) -> Span {
    (from.parse().unwrap(), to.parse().unwrap())
}

/// Days off of 2025 and 2026, by the notices of the State Council.
pub(crate) const DAYS_OFF: [(&str, &str, &str); 13] = [
    ("元旦", "2025-01-01", "2025-01-01"),
    ("春节", "2025-01-28", "2025-02-04"),
    ("清明节", "2025-04-04", "2025-04-06"),
    ("劳动节", "2025-05-01", "2025-05-05"),
    ("端午节", "2025-05-31", "2025-06-02"),
    ("国庆节、中秋节", "2025-10-01", "2025-10-08"),
    ("元旦", "2026-01-01", "2026-01-03"),
    ("春节", "2026-02-15", "2026-02-23"),
    ("清明节", "2026-04-04", "2026-04-06"),
    ("劳动节", "2026-05-01", "2026-05-05"),
    ("端午节", "2026-06-19", "2026-06-21"),
    ("中秋节", "2026-09-25", "2026-09-27"),
    ("国庆节", "2026-10-01", "2026-10-07"),
];

/// Make-up workdays of 2025 and 2026.
pub(crate) const MAKE_UP: [&str; 11] = [
    "2025-01-26",
    "2025-02-08",
    "2025-04-27",
    "2025-09-28",
    "2025-10-11",
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
];

pub(crate) fn layer(days_off: &[(&str, &str, &str)], make_up: &[&str]) -> CalendarLayer {
    CalendarLayer {
        days_off: days_off
            .iter()
            .map(|(name, from, to)| (date(from), date(to), Arc::from(*name)))
            .collect(),
        make_up: make_up.iter().map(|on| (date(on), Arc::from("调休"))).collect(),
        ..CalendarLayer::default()
    }
}

pub(crate) fn national_layer() -> CalendarLayer {
    CalendarLayer {
        weekdays: Some([true, true, true, true, true, false, false]),
        hours: Some(vec![span("09:00:00", "12:00:00"), span("13:30:00", "18:00:00")]),
        covered: Some((date("2025-01-01"), date("2026-12-28"))),
        ..layer(&DAYS_OFF, &MAKE_UP)
    }
}

pub(crate) fn six_day_layer() -> CalendarLayer {
    CalendarLayer {
        weekdays: Some([true, true, true, true, true, true, false]),
        hours: Some(vec![span("08:30:00", "12:00:00"), span("14:00:00", "17:30:00")]),
        ..CalendarLayer::default()
    }
}

pub(crate) fn national() -> Calendar {
    Calendar::build("statutory", &[&national_layer()])
}

pub(crate) fn six_day() -> Calendar {
    Calendar::build("six_day", &[&national_layer(), &six_day_layer()])
}

fn working_days(calendar: &Calendar, year: i32) -> usize {
    let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
    first
        .iter_days()
        .take_while(|on| on.year() == year)
        .filter(|on| calendar.day(*on).working)
        .count()
}

#[test]
fn the_years_have_their_working_days() {
    assert_eq!(working_days(&national(), 2025), 248);
    assert_eq!(working_days(&national(), 2026), 248);
}

#[test]
fn each_day_says_why() {
    let calendar = national();
    let reason = |on: &str| calendar.day(date(on)).reason;
    assert_eq!(reason("2026-03-02"), DayReason::Weekday);
    assert_eq!(reason("2026-03-07"), DayReason::Weekend);
    assert_eq!(reason("2026-10-01"), DayReason::DayOff("国庆节".into()));
    assert_eq!(reason("2026-10-10"), DayReason::MakeUp("调休".into()));
    assert_eq!(reason("2027-10-01"), DayReason::AssumedStatutory(10, 1));
    assert_eq!(reason("2027-10-04"), DayReason::AssumedWeekday);
    assert_eq!(reason("2027-10-09"), DayReason::AssumedRest);
    assert_eq!(
        calendar.day(date("2027-01-01")),
        Day {
            working: false,
            certain: false,
            reason: DayReason::AssumedStatutory(1, 1)
        }
    );
}

#[test]
fn the_end_of_the_covered_time_is_not_monday_to_friday() {
    let calendar = national();
    assert!(calendar.covers(date("2026-12-28")) && !calendar.covers(date("2026-12-29")));
    assert!(calendar.day(date("2026-12-28")).certain && !calendar.day(date("2026-12-29")).certain);
    assert_eq!(
        calendar.nth_working_day_after(date("2026-12-25"), 1, &mut |_, _, _| {}),
        Ok((date("2026-12-28"), false))
    );
    assert_eq!(
        calendar.nth_working_day_after(date("2026-12-30"), 2, &mut |_, _, _| {}),
        Ok((date("2027-01-04"), true))
    );
}

#[test]
fn a_six_day_week_keeps_the_national_days_off() {
    let calendar = six_day();
    assert!(calendar.day(date("2026-03-07")).working);
    assert!(!calendar.day(date("2026-04-04")).working, "a Saturday inside Qingming");
    assert!(calendar.day(date("2026-01-04")).working, "a make-up Sunday");
    assert_eq!(
        calendar.open_spans(date("2026-03-07")),
        [span("08:30:00", "12:00:00"), span("14:00:00", "17:30:00")]
    );
}

#[test]
fn a_later_layer_wins_day_by_day() {
    let company = layer(
        &[
            ("厂庆", "2026-03-04", "2026-03-05"),
            ("盘点", "2026-10-08", "2026-10-10"),
        ],
        &["2026-10-02"],
    );
    let site = layer(&[], &["2026-03-05"]);
    let calendar = Calendar::build("site", &[&national_layer(), &company, &site]);
    assert_eq!(
        calendar.day(date("2026-03-04")).reason,
        DayReason::ExtraClosed("厂庆".into())
    );
    assert_eq!(
        calendar.day(date("2026-03-05")).reason,
        DayReason::ExtraOpen("调休".into())
    );
    let around: Vec<bool> = (1..=11)
        .map(|day| calendar.day(NaiveDate::from_ymd_opt(2026, 10, day).unwrap()).working)
        .collect();
    assert_eq!(
        around,
        [
            false, true, false, false, false, false, false, false, false, false, false
        ]
    );
    assert_eq!(
        calendar.day(date("2026-10-03")).reason,
        DayReason::DayOff("国庆节".into())
    );
}

#[test]
fn make_up_days_have_the_hours_of_working_days() {
    let rest = CalendarLayer {
        rest_hours: Some(vec![span("10:00:00", "00:00:00")]),
        ..CalendarLayer::default()
    };
    let calendar = Calendar::build("open", &[&national_layer(), &rest]);
    assert_eq!(
        calendar.open_spans(date("2026-10-10")),
        calendar.open_spans(date("2026-03-02"))
    );
    assert_eq!(calendar.open_spans(date("2026-10-01")), [span("10:00:00", "00:00:00")]);
    assert_eq!(national().open_spans(date("2026-10-01")), []);
}

#[test]
fn hours_are_in_order_and_faults_are_named() {
    let hours = vec![
        span("13:00:00", "00:00:00"),
        span("22:00:00", "06:00:00"),
        span("08:00:00", "10:00:00"),
        span("09:00:00", "12:00:00"),
        span("23:00:00", "23:30:00"),
    ];
    let bad = CalendarLayer {
        hours: Some(hours),
        fixed_statutory: Some(vec![(2, 29), (2, 30)]),
        days_off: vec![(date("2026-03-05"), date("2026-03-04"), "x".into())],
        ..CalendarLayer::default()
    };
    let (from, to) = span("22:00:00", "06:00:00");
    assert_eq!(
        bad.faults(),
        [
            LayerFault::Hours(from, to),
            LayerFault::Dates(date("2026-03-05"), date("2026-03-04")),
            LayerFault::MonthDay(2, 30)
        ]
    );
    let calendar = Calendar::build("bad", &[&bad]);
    assert_eq!(
        calendar.open_spans(date("2026-03-02")),
        [span("08:00:00", "12:00:00"), span("13:00:00", "00:00:00")]
    );
    assert!(national_layer().faults().is_empty());
}

#[test]
fn a_calendar_without_working_days_is_an_error() {
    let never = CalendarLayer {
        weekdays: Some([false; 7]),
        ..CalendarLayer::default()
    };
    let calendar = Calendar::build("never", &[&never]);
    assert_eq!(
        calendar.nth_working_day_after(date("2026-03-02"), 1, &mut |_, _, _| {}),
        Err(TimeError::NoWorkingDay)
    );
    assert_eq!(
        calendar.nth_working_day_before(date("2026-03-02"), 1),
        Err(TimeError::NoWorkingDay)
    );
}

#[test]
fn the_visitor_sees_each_day_on_the_way() {
    let mut seen = Vec::new();
    let end =
        national().nth_working_day_after(date("2026-02-12"), 3, &mut |on, day, n| seen.push((on, day.working, n)));
    assert_eq!(end, Ok((date("2026-02-24"), false)));
    assert_eq!(seen.len(), 12);
    assert_eq!(seen.iter().filter_map(|(_, _, n)| *n).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(seen.last(), Some(&(date("2026-02-24"), true, Some(3))));
}

proptest! {
    /// Stretches laid over each other say of each day what the last one laid over it says.
    #[test]
    fn the_last_stretch_over_a_day_decides(list in prop::collection::vec((0_u64..60, 0_u64..20, any::<bool>()), 0..12)) {
        let day = |n: u64| date("2026-03-01") + chrono::Days::new(n);
        let layers: Vec<CalendarLayer> = list.iter().map(|(from, long, work)| CalendarLayer {
            days_off: if *work { vec![] } else { vec![(day(*from), day(from + long), "off".into())] },
            make_up: if *work { vec![(day(*from), "on".into())] } else { vec![] },
            ..CalendarLayer::default()
        }).collect();
        let calendar = Calendar::build("laid", &layers.iter().collect::<Vec<_>>());
        for n in 0..85 {
            let last = list.iter().rev().find(|(from, long, work)| *from == n || (!work && (*from..=from + long).contains(&n)));
            let got = calendar.day(day(n));
            match last {
                Some((_, _, work)) => prop_assert!(got.certain && got.working == *work, "{n}"),
                None => prop_assert!(!got.certain, "{n}"),
            }
        }
    }
}
