//! What the rules of a company mean together, beyond what each says by itself: which never apply, which contradict
//! each other, what falls between them. One question in each file; all look at what was compiled, none changes it.

mod dated;
mod entries;
mod event;
mod excepted;
mod fires;
mod gap;
mod grid;
mod horizon;
mod letters;
mod nobody;
mod numeral;
mod overlap;
mod place;
mod sight;
mod untested;
mod unused;
mod witness;
mod wording;

#[cfg(test)]
mod tests;

pub use sight::opaque;
pub use untested::untested;
pub use witness::{Shows, Witness};

use super::model::{Company, InForce};
use super::source::File;
use chrono::NaiveDate;
use place::Places;

/// One set of editions that are in force together, and for how long.
struct During<'c> {
    company: &'c Company,
    set: &'c InForce,
    /// The first date on which all of it is in force.
    from: NaiveDate,
    /// The date from which something else is in force; none: nothing is known to follow.
    until: Option<NaiveDate>,
}

/// Puts every question to a company that has no fault; what is found is added to its files.
pub(super) fn analyse(company: &Company, own: &[File<'_>], calendars: &[File<'_>], scripts: &[File<'_>]) {
    let places = Places(own);
    for during in all_during(company) {
        fires::find(&during, &places);
        entries::find(&during, &places);
        overlap::find(&during, &places);
        gap::find(&during, &places);
        nobody::find(&during, &places);
    }
    for procedure in company.editions() {
        wording::find(procedure, &places);
    }
    excepted::find(company, &places);
    horizon::find(company, own, calendars);
    dated::find(own);
    letters::find(own);
    unused::find(company, own, scripts);
}

/// The sets of editions, each with its dates; what is in force for no day is left out.
fn all_during(company: &Company) -> Vec<During<'_>> {
    let follow = company.in_force.iter().skip(1).map(|set| set.from).chain([None]);
    let sets = company.in_force.iter().zip(follow);
    // What only came to be known of a calendar changes no rule.
    let sets = sets.filter(|(set, _)| !set.known);
    let whole = sets.map(|(set, until)| During {
        company,
        set,
        from: set.from.map_or(set.whole_from, |from| from.max(set.whole_from)),
        until,
    });
    whole.filter(|d| d.until.is_none_or(|until| d.from < until)).collect()
}
