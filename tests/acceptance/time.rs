//! Time: a published table of due dates, a second and naive way of counting, and dates that are none.

use crate::size;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc, Weekday};
use guicheng::domain::calendar::{Calendar, CalendarLayer};
use guicheng::domain::deadline::{Counting, Due, reckon};
use guicheng::domain::pause::Pauses;
use guicheng::domain::term::{End, Shift, Term};
use guicheng::domain::zone::Zone;
use guicheng::engine::intake::{Incoming, take};
use guicheng::files;
use guicheng::policy::compile;
use guicheng::policy::model::{Company, FieldType};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shanghai() -> Zone {
    Zone::parse("Asia/Shanghai").unwrap()
}

/// The published table: `vectors/make.py` works it out day by day from the calendar file alone.
#[test]
fn every_row_of_the_published_table_agrees() {
    let folders = files::read_policies(&root().join("policies"), &root().join("scripts")).unwrap();
    let fuheng = folders.iter().find(|folder| folder.id == "fuheng").unwrap();
    let company = compile(fuheng).company.unwrap();
    let zone = shanghai();
    let local = |text: &str| zone.resolve(text.parse().unwrap()).unwrap();
    let table = include_str!("vectors/deadlines.csv");
    let (mut rows, mut wrong) = (0, Vec::new());
    for line in table.lines().skip(1) {
        rows += 1;
        // Only the reason may hold a comma, and stands first.
        let mut cells: Vec<&str> = line.rsplitn(9, ',').collect();
        cells.reverse();
        let [_, start, term, end, shift, pauses, due_on, due_at, provisional] = cells[..] else {
            panic!("{line}")
        };
        let pauses = Pauses::from_intervals(pauses.split_whitespace().map(|pause| {
            let (from, to) = pause.split_once('/').unwrap();
            (local(from), Some(local(to)))
        }));
        let how = Counting {
            zone,
            calendar: &company.calendar,
            end: match end {
                "midnight" => End::Midnight,
                "close" => End::Close,
                time => End::At(time.parse().unwrap_or_else(|_| format!("{time}:00").parse().unwrap())),
            },
            shift: match shift {
                "none" => Shift::None,
                "next" => Shift::Next,
                _ => Shift::Previous,
            },
            pauses: &pauses,
        };
        let reckoned = reckon(local(start), term.parse().unwrap(), &how).unwrap();
        let found = (
            reckoned.due.date(zone).to_string(),
            zone.local(reckoned.due.at()).format("%Y-%m-%dT%H:%M:%S").to_string(),
            reckoned.provisional.to_string(),
        );
        if (found.0.as_str(), found.1.as_str(), found.2.as_str()) != (due_on, due_at, provisional) {
            wrong.push(format!("{line}\n    but {found:?}"));
        }
    }
    println!("published due dates: {rows} rows, {} wrong", wrong.len());
    assert!(wrong.is_empty() && rows >= 500, "{}", wrong.join("\n"));
}

/// A small generator of numbers, so that a run can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}

/// The same calendar twice: as the program builds it, and as a list of days that are worked.
struct Both {
    built: Calendar,
    worked: BTreeSet<NaiveDate>,
    open: Vec<(u32, u32)>,
}

fn day(n: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, 12, 1).unwrap() + TimeDelta::days(n as i64)
}

const DAYS: u64 = 1500;

fn calendar(dice: &mut Dice) -> Both {
    let mut weekdays = [true, true, true, true, true, dice.below(3) == 0, false];
    weekdays[dice.below(5) as usize] = true;
    let stretch = |dice: &mut Dice| {
        let from = dice.below(DAYS);
        (day(from), day(from + dice.below(9)), Arc::from("休"))
    };
    let days_off: Vec<(NaiveDate, NaiveDate, Arc<str>)> = (0..dice.below(30)).map(|_| stretch(dice)).collect();
    let make_up: Vec<(NaiveDate, Arc<str>)> = (0..dice.below(20))
        .map(|_| (day(dice.below(DAYS)), Arc::from("班")))
        .collect();
    let closed: Vec<(NaiveDate, NaiveDate, Arc<str>)> = (0..dice.below(6)).map(|_| stretch(dice)).collect();
    let open = dice
        .one(&[
            vec![(540, 720), (810, 1080)],
            vec![(480, 1200)],
            vec![(0, 60), (1320, 1440)],
        ])
        .clone();
    let time = |m: u32| NaiveTime::from_hms_opt(m / 60 % 24, m % 60, 0).unwrap();
    let base = CalendarLayer {
        weekdays: Some(weekdays),
        days_off: days_off.clone(),
        make_up: make_up.clone(),
        hours: Some(open.iter().map(|(from, to)| (time(*from), time(*to))).collect()),
        covered: Some((day(0), day(DAYS * 2))),
        ..CalendarLayer::default()
    };
    let own = CalendarLayer {
        days_off: closed.clone(),
        ..CalendarLayer::default()
    };
    let within =
        |list: &[(NaiveDate, NaiveDate, Arc<str>)], on: NaiveDate| list.iter().any(|(a, b, _)| *a <= on && on <= *b);
    let worked = (0..DAYS * 2)
        .map(day)
        .filter(|on| {
            let weekday = match on.weekday() {
                Weekday::Sat => weekdays[5],
                Weekday::Sun => weekdays[6],
                other => weekdays[other.num_days_from_monday() as usize],
            };
            let base = make_up.iter().any(|(made, _)| made == on) || (weekday && !within(&days_off, *on));
            base && !within(&closed, *on)
        })
        .collect();
    Both {
        built: Calendar::build("random", &[&base, &own]),
        worked,
        open,
    }
}

/// Due, counted with fingers: the last day, or the local minute.
fn naive(both: &Both, start: NaiveDateTime, term: Term, shift: Shift) -> Result<NaiveDate, NaiveDateTime> {
    let first = start.date();
    let months = |n: u32| {
        let (mut year, mut month) = (first.year(), first.month() + n);
        while month > 12 {
            (year, month) = (year + 1, month - 12);
        }
        (1..=first.day())
            .rev()
            .find_map(|d| NaiveDate::from_ymd_opt(year, month, d))
            .unwrap()
    };
    let last = match term {
        Term::Days(n) => (0..n).fold(first, |on, _| on.succ_opt().unwrap()),
        Term::Weeks(n) => (0..n * 7).fold(first, |on, _| on.succ_opt().unwrap()),
        Term::Months(n) => months(n),
        Term::Years(n) => months(12 * n),
        Term::WorkingDays(n) => {
            let (mut on, mut left) = (first, n);
            while left > 0 {
                on = on.succ_opt().unwrap();
                left -= u32::from(both.worked.contains(&on));
            }
            on
        }
        Term::Minutes(n) => return Err((0..n).fold(start, |at, _| at + TimeDelta::minutes(1))),
        Term::OpenMinutes(n) => {
            let (mut at, mut left) = (start, n);
            while left > 0 {
                let minute = at.hour() * 60 + at.minute();
                let open =
                    both.worked.contains(&at.date()) && both.open.iter().any(|(a, b)| *a <= minute && minute < *b);
                left -= u32::from(open);
                at += TimeDelta::minutes(1);
            }
            return Err(at);
        }
    };
    let mut to = last;
    while shift != Shift::None && !both.worked.contains(&to) {
        if shift == Shift::Previous && to <= first {
            return Ok(last);
        }
        to = if shift == Shift::Next {
            to.succ_opt().unwrap()
        } else {
            to.pred_opt().unwrap()
        };
    }
    Ok(to)
}

#[test]
fn a_naive_count_day_by_day_agrees() {
    let (mut dice, zone) = (Dice(20_260_301), shanghai());
    let triples = size(20_000, 1_000_000);
    let mut both = calendar(&mut dice);
    for n in 0..triples {
        if n % 500 == 0 {
            both = calendar(&mut dice);
        }
        let start = day(dice.below(DAYS))
            .and_hms_opt(dice.below(24) as u32, dice.below(60) as u32, 0)
            .unwrap();
        let term = match dice.below(20) {
            0..6 => Term::WorkingDays(1 + dice.below(40) as u32),
            6..10 => Term::Days(dice.below(60) as u32),
            10..12 => Term::Weeks(1 + dice.below(8) as u32),
            12..15 => Term::Months(1 + dice.below(14) as u32),
            15 => Term::Years(1),
            16..19 => Term::Minutes(dice.below(3000) as u32),
            _ => Term::OpenMinutes(1 + dice.below(600) as u32),
        };
        let shift = *dice.one(&[Shift::None, Shift::Next, Shift::Previous]);
        let pauses = Pauses::none();
        let how = Counting {
            zone,
            calendar: &both.built,
            end: End::Midnight,
            shift,
            pauses: &pauses,
        };
        let found = match reckon(zone.resolve(start).unwrap(), term, &how).unwrap().due {
            Due::Day { on, .. } => Ok(on),
            Due::Instant { at } => Err(zone.local(at)),
        };
        let expected = naive(&both, start, term, shift);
        assert_eq!(found, expected, "{term} from {start}, {shift:?}, the {n}th");
    }
    println!("naive counting: {triples} triples of start, term and calendar, 0 differences");
}

/// A text that is no date or no instant, by the way it is made.
fn no_date(dice: &mut Dice) -> String {
    let (month, day) = (1 + dice.below(12), 1 + dice.below(28));
    match dice.below(12) {
        0 => format!("2026-{:02}-{:02}", 13 + dice.below(80), day),
        1 => format!("2026-{month:02}-{}", 32 + dice.below(60)),
        2 => format!("{}-02-29", 2001 + 4 * dice.below(24)),
        3 => format!("2026-{}-31", dice.one(&["02", "04", "06", "09", "11"])),
        4 => format!("{day:02}/{month:02}/2026"),
        5 => format!("2026年{month}月{day}日"),
        6 => format!("２０２６-{month:02}-{day:02}"),
        7 => format!("{}", 1_700_000_000 + dice.below(100_000_000)),
        8 => format!("2026-W{:02}-{}", 1 + dice.below(52), 1 + dice.below(7)),
        9 => dice
            .one(&[
                "",
                " ",
                "明天",
                "today",
                "null",
                "NaN",
                "0000-00-00",
                "2026",
                "2026-3",
                "P3D",
            ])
            .to_string(),
        10 => format!("{:02}-{month:02}-{day:02}", dice.below(100)),
        _ => format!("2026-{month:02}-{day:02}x"),
    }
}

fn no_instant(dice: &mut Dice) -> String {
    let (month, day) = (1 + dice.below(12), 1 + dice.below(28));
    match dice.below(8) {
        0 => format!("{}T10:00:00", no_date(dice)),
        1 => format!("2026-{month:02}-{day:02}T{}:00:00", 24 + dice.below(70)),
        2 => format!("2026-{month:02}-{day:02}T10:{}:00+08:00", 60 + dice.below(39)),
        3 => format!("2026-{month:02}-{day:02}T10:00:60{}", dice.one(&["", "Z", "+08:00"])),
        // The clocks of Shanghai jumped over this hour (summer time began in 1986 to 1991).
        4 => format!("1987-04-12T02:{:02}:00", dice.below(60)),
        5 => format!("2026-{month:02}-{day:02}T10:00:00+{}:00", 25 + dice.below(70)),
        6 => format!("2026-{month:02}-{day:02}"),
        _ => format!("{}-01-01T00:00:00", dice.one(&["1899", "10000", "-0001", "99999"])),
    }
}

fn no_term(dice: &mut Dice) -> String {
    let n = 1 + dice.below(90);
    match dice.below(9) {
        0 => format!("P{n}D"),
        1 => format!("-{n}d"),
        2 => format!("{n}"),
        3 => format!("{n}m"),
        4 => format!("{n}.5d"),
        5 => format!(
            "{n}{}",
            dice.one(&["days", "日内", "天半", "bdd", "dh", "个", "刻", "季度"])
        ),
        6 => format!("{}d", 40_000 + dice.below(1_000_000_000)),
        7 => dice
            .one(&[
                "",
                "半年",
                "马上",
                "尽快",
                "0bd",
                "0mo",
                "0w",
                "三五天",
                "d3",
                "百天",
                "3 4d",
            ])
            .to_string(),
        _ => format!("{n}d{n}h"),
    }
}

fn company() -> Arc<Company> {
    let folders = files::read_policies(&root().join("policies"), &root().join("scripts")).unwrap();
    let found = folders.iter().find_map(|folder| {
        let company = compile(folder).company?;
        dated(&company).is_some().then_some(company)
    });
    Arc::new(found.expect("a shipped company has an event with a date"))
}

/// An event type with a date in its data.
fn dated(company: &Company) -> Option<(String, String)> {
    company.kinds.values().find_map(|kind| {
        let field = kind
            .fields
            .iter()
            .find(|(name, of)| matches!(of, FieldType::Date) && !kind.computes(name))?;
        let event = kind.events.values().next()?;
        Some((event.id.to_string(), field.0.to_string()))
    })
}

/// What is no date is an error that names the field, never nothing.
#[test]
fn what_is_no_date_is_refused_by_name() {
    let (mut dice, zone, company) = (Dice(7), shanghai(), company());
    let (kind, field) = dated(&company).unwrap();
    let now: DateTime<Utc> = "2026-11-02T00:00:00Z".parse().unwrap();
    let inputs = size(5_000, 100_000);
    for n in 0..inputs {
        let mut incoming = Incoming {
            id: format!("e-{n}"),
            kind: kind.clone(),
            case: "C-1".to_owned(),
            occurred_at: "2026-03-02T10:00:00".to_owned(),
            ..Incoming::default()
        };
        match n % 3 {
            0 => {
                incoming.occurred_at = no_instant(&mut dice);
                assert!(
                    zone.parse_instant(&incoming.occurred_at).is_err(),
                    "{}",
                    incoming.occurred_at
                );
                let refusal = take(&company, &incoming, now).expect_err(&incoming.occurred_at);
                assert_eq!(
                    (refusal.code, refusal.pointer.as_str()),
                    ("bad-time", "/occurred_at"),
                    "{}",
                    incoming.occurred_at
                );
            }
            1 => {
                let text = no_date(&mut dice);
                incoming.data.insert(field.clone(), text.clone().into());
                let refusal = take(&company, &incoming, now).expect_err(&text);
                assert_eq!(refusal.pointer, format!("/data/{field}"), "{text}");
            }
            _ => {
                let text = no_term(&mut dice);
                let error = text.parse::<Term>().expect_err(&text);
                assert!(!error.remedy.is_empty(), "{text}");
            }
        }
    }
    println!("bad dates, instants and terms: {inputs} inputs, 0 taken");
}
