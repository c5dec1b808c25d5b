//! Terms: how much time a rule gives, as it is written.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveTime;

/// The most days that a term may have, about a hundred years; the other units are bounded alike.
pub const MAX_DAYS: u32 = 36_600;

/// An amount of time in the unit it was written in; units are never converted into each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// Calendar days; 0 is the same day.
    Days(u32),
    /// Working days of a calendar.
    WorkingDays(u32),
    /// Weeks of seven calendar days.
    Weeks(u32),
    /// Calendar months.
    Months(u32),
    /// Calendar years.
    Years(u32),
    /// Minutes of elapsed time; hours are written `h`.
    Minutes(u32),
    /// Minutes of open time of a calendar; hours of it are written `bh`.
    OpenMinutes(u32),
}

/// Where on its last day a term of days ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum End {
    /// At the midnight that ends the day: a deadline of the day kind.
    #[default]
    Midnight,
    /// At the close of business: a deadline of the instant kind.
    Close,
    /// At this local time: a deadline of the instant kind.
    At(NaiveTime),
}

/// What happens to a last day that is not a working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Shift {
    /// It stays.
    #[default]
    None,
    /// The next working day takes its place (Civil Code, art. 203).
    Next,
    /// The working day before it takes its place.
    Previous,
}

/// A text that is no term, and what to write instead.
#[derive(thiserror::Error, Clone, Debug, PartialEq, Eq)]
#[error("{text} is not accepted: {remedy}")]
pub struct TermError {
    /// What was written.
    pub text: String,
    /// What to write instead.
    pub remedy: String,
}

const UNITS: &str = "write a number with d, bd, w, mo, y, h, min, bh or bmin, such as 3d or 24h; \
                     or 天, 个工作日, 周, 个月, 年, 小时, 分钟, 个工作小时, such as 3天";

impl Term {
    /// Whether the term is counted in days, working days, weeks, months or years, and not in elapsed or open time.
    pub fn is_day_kind(&self) -> bool {
        !matches!(self, Term::Minutes(_) | Term::OpenMinutes(_))
    }

    /// The Chinese spelling: 3天, 当天, 2个工作日, 24小时.
    pub fn zh(&self) -> String {
        match *self {
            Term::Days(0) => "当天".to_owned(),
            Term::Days(n) => format!("{n}天"),
            Term::WorkingDays(n) => format!("{n}个工作日"),
            Term::Weeks(n) => format!("{n}周"),
            Term::Months(n) => format!("{n}个月"),
            Term::Years(n) => format!("{n}年"),
            Term::Minutes(n) => match hours(n) {
                Some(hours) => format!("{hours}小时"),
                None => format!("{n}分钟"),
            },
            Term::OpenMinutes(n) => match hours(n) {
                Some(hours) => format!("{hours}个工作小时"),
                None => format!("{n}个工作分钟"),
            },
        }
    }

    /// The term of a number and its unit, before its bounds are looked at; `None` for an unknown unit.
    fn of(n: u64, unit: &str) -> Option<(Unit, u64)> {
        let (unit, factor) = match unit {
            "d" | "天" | "日" => (Unit(Term::Days, MAX_DAYS, "d"), 1),
            "bd" | "个工作日" | "工作日" => (Unit(Term::WorkingDays, MAX_DAYS, "bd"), 1),
            "w" | "周" | "个星期" | "星期" => (Unit(Term::Weeks, MAX_DAYS / 7, "w"), 1),
            "mo" | "个月" => (Unit(Term::Months, 1200, "mo"), 1),
            "y" | "年" => (Unit(Term::Years, 100, "y"), 1),
            "h" | "小时" | "个小时" => (Unit(Term::Minutes, MAX_DAYS * 1440, "min"), 60),
            "min" | "分钟" => (Unit(Term::Minutes, MAX_DAYS * 1440, "min"), 1),
            "bh" | "个工作小时" | "工作小时" => (Unit(Term::OpenMinutes, MAX_DAYS * 1440, "bmin"), 60),
            "bmin" | "个工作分钟" | "工作分钟" => (Unit(Term::OpenMinutes, MAX_DAYS * 1440, "bmin"), 1),
            _ => return None,
        };
        Some((unit, n.checked_mul(factor)?))
    }
}

/// A unit: its terms, the most of it, its spelling.
struct Unit(fn(u32) -> Term, u32, &'static str);

fn hours(minutes: u32) -> Option<u32> {
    (minutes > 0 && minutes.is_multiple_of(60)).then_some(minutes / 60)
}

impl fmt::Display for Term {
    /// The canonical spelling: 3d, 2bd, 1w, 1mo, 1y, 24h, 90min, 8bh, 90bmin. Reads back as the same term.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Term::Days(n) => write!(f, "{n}d"),
            Term::WorkingDays(n) => write!(f, "{n}bd"),
            Term::Weeks(n) => write!(f, "{n}w"),
            Term::Months(n) => write!(f, "{n}mo"),
            Term::Years(n) => write!(f, "{n}y"),
            Term::Minutes(n) => match hours(n) {
                Some(hours) => write!(f, "{hours}h"),
                None => write!(f, "{n}min"),
            },
            Term::OpenMinutes(n) => match hours(n) {
                Some(hours) => write!(f, "{hours}bh"),
                None => write!(f, "{n}bmin"),
            },
        }
    }
}

impl FromStr for Term {
    type Err = TermError;

    /// Reads both spellings. 0 is accepted of days, hours and minutes only: 0d is the same day, and for the other units
    /// it would be a second way to write that. [`TermError`] says what to write instead.
    fn from_str(written: &str) -> Result<Term, TermError> {
        let refuse = |remedy: String| TermError {
            text: written.to_owned(),
            remedy,
        };
        let text = written.trim();
        if matches!(text, "当天" | "当日") {
            return Ok(Term::Days(0));
        }
        let Some((n, unit)) = number(text) else {
            return Err(refuse(known_remedy(text).unwrap_or_else(|| UNITS.to_owned())));
        };
        let unit = unit.trim_start();
        let Some((Unit(make, most, spelling), amount)) = Term::of(n, unit) else {
            return Err(refuse(unit_remedy(n, unit)));
        };
        let amount = u32::try_from(amount).ok().filter(|amount| *amount <= most);
        match amount.map(make) {
            None => Err(refuse(format!("write at most {most}{spelling}"))),
            Some(Term::WorkingDays(0)) => Err(refuse("write 0d for the same day, or 1bd".to_owned())),
            Some(Term::OpenMinutes(0)) => Err(refuse("write 0min for at once, or 1bmin".to_owned())),
            Some(Term::Weeks(0) | Term::Months(0) | Term::Years(0)) => {
                Err(refuse("write 0d for the same day".to_owned()))
            }
            Some(term) => Ok(term),
        }
    }
}

/// The number at the start of the text, in digits or as a Chinese numeral up to 九十九, and what follows it.
fn number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if end > 0 {
        let (digits, rest) = text.split_at_checked(end)?;
        return Some((digits.parse().unwrap_or(u64::MAX), rest));
    }
    let mut rest = text;
    let (mut n, mut digit) = (None, None);
    while let Some(c) = rest.chars().next() {
        match (digit_of(c), n, digit) {
            (Some(10), None, _) => n = Some(digit.take().unwrap_or(1_u64).checked_mul(10)?),
            (Some(value), _, None) if value < 10 => digit = Some(value),
            (Some(_), _, _) => return None,
            (None, _, _) => break,
        }
        rest = rest.get(c.len_utf8()..)?;
    }
    match (n, digit) {
        (None, None) => None,
        (tens, ones) => Some((tens.unwrap_or(0).checked_add(ones.unwrap_or(0))?, rest)),
    }
}

fn digit_of(c: char) -> Option<u64> {
    let digits = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];
    let c = match c {
        '零' => '〇',
        '两' => '二',
        other => other,
    };
    digits
        .iter()
        .position(|digit| *digit == c)
        .and_then(|value| u64::try_from(value).ok())
}

/// What to write for a text that does not begin with a number.
fn known_remedy(text: &str) -> Option<String> {
    let fixed = match text {
        "" => "write a term such as 3d or 3天",
        "半天" => "write 12h, or 0d for the same day",
        "半小时" | "半个小时" => "write 30min",
        "半个月" | "半月" => "write 15天, or day_of_month for a date in each month",
        "半年" => "write 6mo",
        "次日" | "第二天" | "隔天" => "write 1d",
        "立即" | "立刻" => "write 0min",
        _ => {
            if text.starts_with(['-', '−', '－']) {
                return Some("write a term without a sign; `before` counts backwards".to_owned());
            }
            return iso(text);
        }
    };
    Some(fixed.to_owned())
}

/// What to write for an ISO 8601 duration: P1D, P2W, P3M, P1Y, PT24H, PT90M. `None` if it is not one.
fn iso(text: &str) -> Option<String> {
    let body = text.strip_prefix(['P', 'p'])?;
    let (body, time) = match body.strip_prefix(['T', 't']) {
        Some(body) => (body, true),
        None => (body, false),
    };
    let unit = match (body.chars().next_back()?.to_ascii_uppercase(), time) {
        ('D', false) => "d",
        ('W', false) => "w",
        ('M', false) => "mo",
        ('Y', false) => "y",
        ('H', true) => "h",
        ('M', true) => "min",
        _ => return Some(UNITS.to_owned()),
    };
    let n: u64 = body.get(..body.len().checked_sub(1)?)?.parse().ok()?;
    Some(format!("write {n}{unit}"))
}

/// What to write for a number with an unknown unit.
fn unit_remedy(n: u64, unit: &str) -> String {
    let lower = unit.to_ascii_lowercase();
    let known = match lower.as_str() {
        "" => return format!("a unit is missing: {UNITS}"),
        "m" => return format!("write {n}min for minutes or {n}mo for months"),
        "月" => return format!("write {n}个月 for months; a month of the year is a day_of_month rule"),
        "分" | "mins" | "minute" | "minutes" => "min",
        "时" | "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" | "个自然日" | "自然日" => "d",
        "wd" | "个交易日" => "bd",
        "week" | "weeks" | "礼拜" | "个礼拜" => "w",
        "month" | "months" => "mo",
        "year" | "years" => "y",
        other if other != unit && Term::of(n, other).is_some() => other,
        other if other.starts_with('.') || other.starts_with("个半") || other.ends_with('半') => {
            return "write it in a smaller unit, without a fraction: 90min for one and a half hours".to_owned();
        }
        _ => return UNITS.to_owned(),
    };
    format!("write {n}{known}")
}

#[cfg(test)]
mod tests;
