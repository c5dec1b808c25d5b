use proptest::prelude::*;

use super::super::calendar::tests::{date, national};
use super::*;

fn rule(every: Every, holidays: HolidayRule) -> Recurrence {
    Recurrence {
        every,
        overflow: Overflow::LastDay,
        holidays,
        count: None,
        lead: None,
    }
}

fn dates(rule: &Recurrence, anchor: &str, from: &str, to: &str) -> Vec<String> {
    let found = rule.between(date(anchor), date(from), date(to), &national()).unwrap();
    found.iter().map(|occurrence| occurrence.on.to_string()).collect()
}

const MON_THU: [bool; 7] = [true, false, false, true, false, false, false];

#[test]
fn days_of_the_month() {
    let mut monthly = rule(Every::DaysOfMonth(vec![30]), HolidayRule::None);
    let all = ["2026-01-30", "2026-02-28", "2026-03-30", "2026-04-30"];
    assert_eq!(dates(&monthly, "2026-01-01", "2026-01-01", "2026-04-30"), all);
    monthly.overflow = Overflow::Skip;
    assert_eq!(
        dates(&monthly, "2026-01-01", "2026-01-01", "2026-04-30"),
        ["2026-01-30", "2026-03-30", "2026-04-30"]
    );
    let monthly = rule(Every::DaysOfMonth(vec![31, 25, 30]), HolidayRule::None);
    assert_eq!(
        dates(&monthly, "2026-02-01", "2026-02-01", "2026-02-28"),
        ["2026-02-25", "2026-02-28"]
    );
    let monthly = rule(Every::DaysOfMonth(vec![25]), HolidayRule::None);
    assert_eq!(
        dates(&monthly, "2026-01-25", "2026-01-01", "2026-02-01"),
        ["2026-01-25"],
        "the anchor day may be one"
    );
}

#[test]
fn shifted_weekdays_merge() {
    let weekly = rule(Every::Weekdays(MON_THU), HolidayRule::Next);
    let found = weekly
        .between(date("2026-02-12"), date("2026-02-12"), date("2026-02-26"), &national())
        .unwrap();
    let on: Vec<_> = found.iter().map(|occurrence| occurrence.on).collect();
    assert_eq!(on, [date("2026-02-12"), date("2026-02-24"), date("2026-02-26")]);
    assert_eq!(
        found[1].nominal,
        [date("2026-02-16"), date("2026-02-19"), date("2026-02-23")]
    );
    let next = weekly
        .next_after(date("2026-02-12"), date("2026-02-12"), &national())
        .unwrap();
    assert_eq!(next.as_ref(), found.get(1));
    let plain = rule(Every::Weekdays(MON_THU), HolidayRule::None);
    let all = ["2026-03-02", "2026-03-05", "2026-03-09", "2026-03-12"];
    assert_eq!(dates(&plain, "2026-03-02", "2026-03-02", "2026-03-12"), all);
    let skip = rule(Every::Weekdays(MON_THU), HolidayRule::Skip);
    assert_eq!(
        dates(&skip, "2026-02-12", "2026-02-12", "2026-02-26"),
        ["2026-02-12", "2026-02-26"]
    );
    let previous = rule(Every::Weekdays(MON_THU), HolidayRule::Previous);
    assert_eq!(
        dates(&previous, "2026-02-12", "2026-02-13", "2026-02-26"),
        ["2026-02-14", "2026-02-26"]
    );
}

#[test]
fn intervals_count_from_the_anchor() {
    let months = rule(Every::Months(1), HolidayRule::None);
    assert_eq!(
        dates(&months, "2026-01-31", "2026-01-31", "2026-04-30"),
        ["2026-02-28", "2026-03-31", "2026-04-30"]
    );
    assert_eq!(dates(&months, "2026-01-31", "2026-03-31", "2026-04-29"), ["2026-03-31"]);
    let weeks = rule(Every::Weeks(2), HolidayRule::None);
    assert_eq!(
        dates(&weeks, "2026-03-02", "2026-03-17", "2026-04-13"),
        ["2026-03-30", "2026-04-13"]
    );
    let counted = Recurrence {
        count: Some(3),
        ..rule(Every::Days(10), HolidayRule::None)
    };
    assert_eq!(
        dates(&counted, "2026-03-01", "2026-03-15", "2026-12-31"),
        ["2026-03-21", "2026-03-31"]
    );
    assert_eq!(
        counted.next_after(date("2026-03-01"), date("2026-03-31"), &national()),
        Ok(None)
    );
}

#[test]
fn placed_in_the_calendar() {
    let last = |every| {
        dates(
            &rule(every, HolidayRule::None),
            "2026-01-01",
            "2026-02-01",
            "2027-01-01",
        )
    };
    assert_eq!(
        last(Every::QuarterLast),
        ["2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31"]
    );
    assert_eq!(last(Every::YearLast), ["2026-12-31"]);
    assert_eq!(last(Every::MonthLast)[..2], ["2026-02-28", "2026-03-31"]);
    let nth = |n| {
        dates(
            &rule(Every::WorkingDayOfMonth(n), HolidayRule::None),
            "2026-01-01",
            "2026-02-01",
            "2026-02-28",
        )
    };
    assert_eq!(nth(3), ["2026-02-04"]);
    assert_eq!(nth(11), ["2026-02-14"]);
    assert_eq!(nth(30), ["2026-02-28"], "the last working day, a make-up Saturday");
    let birthday = rule(Every::Yearly { month: 2, day: 29 }, HolidayRule::None);
    assert_eq!(
        dates(&birthday, "1990-01-01", "2026-01-01", "2028-12-31"),
        ["2026-02-28", "2027-02-28", "2028-02-29"]
    );
    let named = [
        ("2026-06-19", "端午节"),
        ("2026-02-17", "春节"),
        ("2026-02-17", "again"),
    ];
    let festivals = Every::Dates(named.iter().map(|(on, name)| (date(on), Arc::from(*name))).collect());
    let festivals = rule(festivals, HolidayRule::Previous);
    assert_eq!(
        dates(&festivals, "2026-01-01", "2026-01-01", "2026-12-31"),
        ["2026-02-14", "2026-06-18"]
    );
}

#[test]
fn beyond_the_notices_occurrences_are_provisional() {
    let weekly = rule(Every::Weekdays(MON_THU), HolidayRule::Next);
    let found = weekly
        .between(date("2026-12-24"), date("2026-12-24"), date("2026-12-31"), &national())
        .unwrap();
    assert_eq!(
        found
            .iter()
            .map(|occurrence| occurrence.provisional)
            .collect::<Vec<_>>(),
        [false, false, true]
    );
}

#[test]
fn what_cannot_be_answered_is_an_error() {
    let ask =
        |every| rule(every, HolidayRule::None).between(date("1900-01-01"), date("1900-01-01"), LAST_DATE, &national());
    assert_eq!(ask(Every::Days(1)), Err(TimeError::TooMany { max: MAX_OCCURRENCES }));
    for never in [
        Every::Days(0),
        Every::Weekdays([false; 7]),
        Every::DaysOfMonth(vec![0]),
        Every::Yearly { month: 2, day: 30 },
    ] {
        assert_eq!(ask(never), Err(TimeError::NeverRecurs));
    }
    let daily = rule(Every::Days(1), HolidayRule::None);
    assert_eq!(daily.next_after(LAST_DATE, LAST_DATE, &national()), Ok(None));
}

fn every() -> impl Strategy<Value = Every> {
    prop_oneof![
        (1_u32..40).prop_map(Every::Days),
        (1_u32..6).prop_map(Every::Weeks),
        (1_u32..6).prop_map(Every::Months),
        any::<[bool; 7]>()
            .prop_filter("some day", |days| days.contains(&true))
            .prop_map(Every::Weekdays),
        prop::collection::vec(1_u32..=31, 1..4).prop_map(Every::DaysOfMonth),
        Just(Every::MonthLast),
        Just(Every::QuarterLast),
        (1_u32..25).prop_map(Every::WorkingDayOfMonth),
    ]
}

/// Whether a date is a nominal one, asked of each date on its own.
fn naive(every: &Every, anchor: NaiveDate, on: NaiveDate, calendar: &Calendar) -> bool {
    let gap = (on - anchor).num_days();
    let last = on.succ_opt().unwrap().day() == 1;
    let working = |on: NaiveDate| calendar.day(on).working;
    let of_month = || {
        on.iter_days()
            .map(|day| day.with_day(1).unwrap())
            .next()
            .unwrap()
            .iter_days()
            .take_while(|day| day.month() == on.month())
    };
    match every {
        Every::Days(n) => gap > 0 && gap % i64::from(*n) == 0,
        Every::Weeks(n) => gap > 0 && gap % (7 * i64::from(*n)) == 0,
        Every::Months(n) => {
            let months = (on.year() - anchor.year()) * 12 + on.month() as i32 - anchor.month() as i32;
            months > 0 && months % (*n as i32) == 0 && (on.day() == anchor.day() || (last && on.day() < anchor.day()))
        }
        Every::Weekdays(days) => gap >= 0 && days[on.weekday().num_days_from_monday() as usize],
        Every::DaysOfMonth(days) => gap >= 0 && days.iter().any(|day| *day == on.day() || (last && *day > on.day())),
        Every::MonthLast => gap >= 0 && last,
        Every::QuarterLast => gap >= 0 && last && [3, 6, 9, 12].contains(&on.month()),
        Every::WorkingDayOfMonth(n) => {
            let before = of_month().filter(|day| *day <= on && working(*day)).count();
            let all = of_month().filter(|day| working(*day)).count();
            gap >= 0 && working(on) && before == all.min(*n as usize)
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Law 12: each nominal date stands in exactly one occurrence, and they are those of plain asking.
    #[test]
    fn each_nominal_date_stands_once(every in every(), start in 0_u64..200, from in 0_u64..300, long in 0_u64..150, cut in 0_u64..150) {
        let calendar = national();
        let day = |n: u64| date("2025-06-01") + chrono::Days::new(n);
        let (anchor, from, to) = (day(start), day(from), day(from + long));
        let want: Vec<NaiveDate> = from.iter_days().take_while(|on| *on <= to).filter(|on| naive(&every, anchor, *on, &calendar)).collect();
        for holidays in [HolidayRule::None, HolidayRule::Next, HolidayRule::Previous] {
            let rule = rule(every.clone(), holidays);
            let nominal = |from, to| -> Vec<NaiveDate> {
                rule.between(anchor, from, to, &calendar).unwrap().into_iter().flat_map(|found| found.nominal).collect()
            };
            prop_assert_eq!(&nominal(from, to), &want);
            let middle = day(cut).clamp(from, to);
            let halves = [nominal(from, middle), nominal(middle.succ_opt().unwrap(), to)].concat();
            prop_assert_eq!(&halves, &want);
            let on: Vec<_> = rule.between(anchor, from, to, &calendar).unwrap().iter().map(|found| found.on).collect();
            prop_assert!(on.windows(2).all(|pair| pair[0] < pair[1]), "in order, one occurrence a day");
            let next = rule.next_after(anchor, from, &calendar).unwrap().map(|found| found.nominal[0]);
            let first = from.iter_days().skip(1).take(400).find(|on| naive(&rule.every, anchor, *on, &calendar));
            prop_assert!(first.is_none() || next == first);
        }
    }
}
