use proptest::prelude::*;

use super::*;

fn shanghai() -> Zone {
    Zone::parse("Asia/Shanghai").unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn utc(text: &str) -> Instant {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

#[test]
fn names_are_those_of_the_database() {
    assert_eq!(shanghai().name(), "Asia/Shanghai");
    assert_eq!(Zone::parse("Mars/Olympus"), None);
}

#[test]
fn an_instant_in_utc_belongs_to_the_local_day() {
    let at = shanghai().parse_instant("2026-03-02T16:30:00Z").unwrap();
    assert_eq!(shanghai().local(at).to_string(), "2026-03-03 00:30:00");
    assert_eq!(shanghai().date(at), date("2026-03-03"));
}

#[test]
fn midnights_have_the_offset_of_their_day() {
    let table = [
        ("2026-03-06", "2026-03-06T00:00:00+08:00"),
        ("1991-04-14", "1991-04-14T00:00:00+08:00"),
        ("1991-04-18", "1991-04-18T00:00:00+09:00"),
        ("1991-09-16", "1991-09-16T00:00:00+08:00"),
        ("1986-05-04", "1986-05-04T00:00:00+08:00"),
        ("1986-05-05", "1986-05-05T00:00:00+09:00"),
    ];
    for (on, want) in table {
        assert_eq!(shanghai().rfc3339(shanghai().start_of(date(on)).unwrap()), want);
    }
    let end = shanghai().end_of(date("2026-03-05")).unwrap();
    assert_eq!(shanghai().rfc3339(end), "2026-03-06T00:00:00+08:00");
}

#[test]
fn a_local_time_that_the_clocks_jumped_over_is_an_error() {
    let missing = shanghai().parse_instant("1991-04-14T02:30:00");
    assert!(
        matches!(
            missing,
            Err(TimeError::LocalTimeMissing {
                zone: "Asia/Shanghai",
                ..
            })
        ),
        "{missing:?}"
    );
    assert!(missing.unwrap_err().to_string().contains("does not exist"));
    let local = date("1991-04-14").and_hms_opt(2, 30, 0).unwrap();
    let forward = shanghai().resolve_forward(local).unwrap();
    assert_eq!(shanghai().rfc3339(forward), "1991-04-14T03:00:00+09:00");
    let offset = shanghai().parse_instant("1991-04-14T02:30:00+08:00").unwrap();
    assert_eq!(shanghai().rfc3339(offset), "1991-04-14T03:30:00+09:00");
}

#[test]
fn a_local_time_that_came_twice_is_the_earlier() {
    let twice = shanghai().parse_instant("1991-09-15T01:30:00").unwrap();
    assert_eq!(shanghai().rfc3339(twice), "1991-09-15T01:30:00+09:00");
}

#[test]
fn a_day_without_midnight_begins_after_the_jump() {
    let zone = Zone::parse("America/Sao_Paulo").unwrap();
    let start = zone.start_of(date("2018-11-04")).unwrap();
    assert_eq!(zone.rfc3339(start), "2018-11-04T01:00:00-02:00");
    let zone = Zone::parse("Pacific/Apia").unwrap();
    let start = zone.start_of(date("2011-12-30")).unwrap();
    assert_eq!(
        zone.rfc3339(start),
        "2011-12-31T00:00:00+14:00",
        "the day that Samoa left out begins where it ends"
    );
    assert_eq!(zone.end_of(date("2011-12-30")).unwrap(), start);
}

#[test]
fn times_are_read_strictly() {
    let zone = shanghai();
    assert_eq!(
        zone.parse_instant("2026-03-06T09:30").unwrap(),
        utc("2026-03-06T09:30:00+08:00")
    );
    assert_eq!(
        zone.parse_instant("2026-03-06 09:30:15").unwrap(),
        utc("2026-03-06T09:30:15+08:00")
    );
    assert_eq!(
        zone.parse_instant("2026-03-06T09:30:00.5").unwrap(),
        utc("2026-03-06T09:30:00.5+08:00")
    );
    for bad in [
        "",
        "2026-03-06",
        "09:30",
        "2026-02-30T00:00:00",
        "2026-03-06T24:00:00",
        "2026-12-31T23:59:60Z",
        "明天",
    ] {
        assert!(
            matches!(zone.parse_instant(bad), Err(TimeError::Unreadable { .. })),
            "{bad}"
        );
    }
    for far in [
        "1899-12-31T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1800-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
    ] {
        assert_eq!(zone.parse_instant(far), Err(TimeError::OutOfRange), "{far}");
    }
}

#[test]
fn the_last_day_has_no_midnight_that_ends_it() {
    assert_eq!(shanghai().end_of(date("9999-12-31")), Err(TimeError::OutOfRange));
    assert!(shanghai().start_of(date("9999-12-31")).is_ok());
    assert_eq!(shanghai().start_of(NaiveDate::MAX), Err(TimeError::OutOfRange));
    assert!(shanghai().start_of(date("1900-01-01")).is_ok());
    let _ = shanghai().local(Instant::MAX_UTC);
    let _ = shanghai().rfc3339(Instant::MIN_UTC);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Every local time within the years of summer time: found again, or missing because no instant shows it.
    #[test]
    fn resolve_finds_the_instant_that_shows_the_local_time(minute in 0_i64..(3 * 365 * 1440)) {
        let local = date("1989-12-01").and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(minute);
        let showing = |hours: i64| (local - TimeDelta::hours(hours)).and_utc();
        let candidates: Vec<_> = [9, 8].into_iter().map(showing).filter(|at| shanghai().local(*at) == local).collect();
        match shanghai().resolve(local) {
            Ok(at) => prop_assert_eq!(Some(&at), candidates.first()),
            Err(_) => prop_assert!(candidates.is_empty()),
        }
    }

    /// The text of an instant reads back as the same instant.
    #[test]
    fn rfc3339_reads_back(second in -2_200_000_000_i64..253_370_000_000) {
        let at = DateTime::from_timestamp(second, 0).unwrap();
        prop_assert_eq!(shanghai().parse_instant(&shanghai().rfc3339(at)), Ok(at));
    }
}
