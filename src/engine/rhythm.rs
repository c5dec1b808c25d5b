//! The pace of a recurring duty for a case, at an instant: what the case's data and the company's secret make of a rule.

use crate::domain::recurrence::{Every, Recurrence};
use crate::domain::value::Value;
use crate::engine::case::{Case, Context};
use crate::engine::consent;
use crate::engine::open::period_of;
use crate::policy::model::{Beat, Duty, Pace, Period, Rhythm};
use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};

/// The most days that an interval of a case may have: a hundred years.
const MAX_INTERVAL: i64 = 36_500;

/// What a rhythm is for a case.
#[derive(Debug)]
pub enum Paced {
    /// It recurs so.
    So(Recurrence),
    /// A date that it depends on is not known: nothing is due until it is.
    Sleeps,
    /// It cannot be carried out, for this reason.
    Fault(String),
}

/// The pace that counts for a case now.
pub fn pace<'d>(rhythm: &'d Rhythm, case: &Case) -> Option<&'d Pace> {
    let mut paces = rhythm.paces.iter();
    paces.find(|pace| pace.when.holds_for(&case.data))
}

/// What a rhythm is for a case now. `span` is from the anchor to the date after which the next occurrence is looked for.
pub fn resolve(
    case: &Case,
    id: &str,
    duty: &Duty,
    rhythm: &Rhythm,
    span: (NaiveDate, NaiveDate),
    ctx: &Context<'_>,
) -> Paced {
    let Some(pace) = pace(rhythm, case) else {
        return Paced::Fault(format!("no pace of rule `{}` fits the case", duty.id));
    };
    let every = match &pace.beat {
        Beat::Fixed(every) => every.clone(),
        Beat::Birthday(field) => match case.data.get(field).and_then(Value::as_date) {
            Some(born) => Every::Yearly {
                month: born.month(),
                day: born.day(),
            },
            None => return Paced::Sleeps,
        },
        Beat::Interval(field) => {
            let days = match case.data.get(field) {
                Some(Value::Int(n)) if (1..=MAX_INTERVAL).contains(n) => u32::try_from(*n).ok(),
                _ => None,
            };
            match days {
                Some(days) => Every::Days(days),
                None => {
                    return Paced::Fault(format!(
                        "the case has no number of days `{field}`, by which rule `{}` recurs",
                        duty.id
                    ));
                }
            }
        }
        Beat::RandomDay(per) => Every::Dates(drawn_days(ctx.seed, duty, id, *per, span)),
    };
    Paced::So(Recurrence {
        every: every.stretched(consent::stretch(duty, &case.data)),
        overflow: rhythm.overflow,
        holidays: rhythm.holidays,
        count: rhythm.count,
        lead: pace.lead,
    })
}

/// The drawn days from the anchor's period to the one after next.
fn drawn_days(
    seed: &[u8; 32],
    duty: &Duty,
    id: &str,
    per: Period,
    (anchor, after): (NaiveDate, NaiveDate),
) -> Vec<(NaiveDate, std::sync::Arc<str>)> {
    let mut days = Vec::new();
    let (mut beyond, mut on) = (0, anchor);
    while beyond < 3 {
        let (first, last) = period_of(per, on);
        days.extend(drawn_day(seed, &duty.id, id, (first.max(anchor), last)).map(|day| (day, duty.title.clone())));
        if last > after {
            beyond += 1;
        }
        let Some(next) = last.succ_opt() else { break };
        on = next;
    }
    days
}

/// The day drawn from these, both included: the first eight bytes, big endian, of SHA-256 over the secret, the rule, a
/// zero byte, the case, a zero byte and the last day, modulo the number of days.
pub fn drawn_day(seed: &[u8; 32], rule: &str, case: &str, (first, last): (NaiveDate, NaiveDate)) -> Option<NaiveDate> {
    let mut hash = Sha256::new();
    hash.update(seed);
    hash.update(rule.as_bytes());
    hash.update([0]);
    hash.update(case.as_bytes());
    hash.update([0]);
    hash.update(last.to_string().as_bytes());
    let place = hash
        .finalize()
        .iter()
        .take(8)
        .fold(0u64, |n, byte| (n << 8) | u64::from(*byte));
    let days = u64::try_from(last.signed_duration_since(first).num_days())
        .ok()?
        .saturating_add(1);
    first.checked_add_days(chrono::Days::new(place.checked_rem(days)?))
}

#[cfg(test)]
mod tests;
