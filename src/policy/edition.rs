//! Editions: which text of each procedure is in force from which date on, values that change by date put in.

use super::codes;
use super::model::Dated;
use super::node::Word;
use super::param;
use super::source::{File, Place, say};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The most dates on which something changes that one folder may have.
pub(super) const MAX_DATES: usize = 200;

/// A procedure as it reads from a date on.
pub(super) struct Edition<'a> {
    /// The number of its file.
    pub number: usize,
    /// From which date on it reads like this, where that is not the file's own date.
    pub dated: Option<NaiveDate>,
    /// What it says.
    pub root: DeTable<'a>,
    /// The clauses that its values by date cite.
    pub cited: Vec<Word<'a>>,
    /// Its values by date.
    pub params: Vec<Dated>,
}

/// What is compiled together: what is in force from a date on.
pub(super) struct Together {
    /// The date; none: from the beginning.
    pub from: Option<NaiveDate>,
    /// The editions by their place in [`Plan::editions`], each with the earlier ones of its procedure, latest first.
    pub editions: Vec<(usize, Vec<usize>)>,
    /// Whether only a calendar came to be known then.
    pub known: bool,
}

/// All editions, and which of them are in force when.
pub(super) struct Plan<'a> {
    /// The editions, in the order of the files.
    pub editions: Vec<Edition<'a>>,
    /// What is in force from which date on, in their order.
    pub sets: Vec<Together>,
}

/// A procedure file, as far as its editions are concerned.
struct Head<'a> {
    number: usize,
    id: &'a str,
    id_at: Place<'a>,
    /// Where the date is written, or else the id.
    from_at: Place<'a>,
    from: NaiveDate,
}

/// Finds the editions of the files, and what is in force when. `known` are the dates on which a calendar changed.
pub(super) fn plan<'a>(files: &'a [File<'a>], procedures: &[usize], known: &BTreeSet<NaiveDate>) -> Plan<'a> {
    let file = |number: usize| files.get(number).map(|file| (number, file));
    let mut by_id: BTreeMap<&str, BTreeMap<NaiveDate, Head<'a>>> = BTreeMap::new();
    let mut plan = Plan {
        editions: Vec::new(),
        sets: Vec::new(),
    };
    // What has no head is read for its own faults.
    let mut headless = Vec::new();
    for (number, file) in procedures.iter().filter_map(|number| file(*number)) {
        let Some(head) = head(file, number) else {
            headless.push(number);
            continue;
        };
        let dates = by_id.entry(head.id).or_default();
        match dates.get(&head.from) {
            None => drop(dates.insert(head.from, head)),
            Some(first) => {
                twice(&head, first);
                headless.push(number);
            }
        }
    }
    let mut places: BTreeMap<usize, Vec<(&str, NaiveDate, usize)>> = BTreeMap::new();
    let mut last_of: BTreeMap<usize, Option<NaiveDate>> = BTreeMap::new();
    for dates in by_id.values() {
        for (from, head) in dates {
            let next = dates
                .range((std::ops::Bound::Excluded(*from), std::ops::Bound::Unbounded))
                .next();
            last_of.insert(head.number, next.map(|(from, _)| *from));
        }
    }
    let heads: BTreeMap<usize, &Head<'a>> = by_id
        .values()
        .flat_map(BTreeMap::values)
        .map(|h| (h.number, h))
        .collect();
    let mut always = Vec::new();
    for (number, file) in procedures.iter().filter_map(|number| file(*number)) {
        let params = param::read(file);
        let Some(head) = heads.get(&number) else {
            always.push(plan.editions.len());
            plan.editions.push(Edition {
                number,
                dated: None,
                root: param::put_in(file, &params, NaiveDate::MIN),
                cited: param::cited(&params),
                params: param::told(file, &params),
            });
            continue;
        };
        let until = last_of.get(&number).copied().flatten();
        param::gaps(&params, head.from);
        let mut dates = BTreeSet::from([head.from]);
        dates.extend(param::dates(&params).filter(|on| *on > head.from && until.is_none_or(|until| *on < until)));
        for on in dates {
            places
                .entry(number)
                .or_default()
                .push((head.id, on, plan.editions.len()));
            plan.editions.push(Edition {
                number,
                dated: (on != head.from).then_some(on).or(file.dated),
                root: param::put_in(file, &params, on),
                cited: param::cited(&params),
                params: param::told(file, &params),
            });
        }
    }
    // The editions of each procedure in their order, in the order of the procedures' first files.
    let mut of_procedure: Vec<(&str, Vec<(NaiveDate, usize)>)> = Vec::new();
    for (id, on, at) in places.into_values().flatten() {
        match of_procedure.iter_mut().find(|(known, _)| *known == id) {
            Some((_, list)) => list.push((on, at)),
            None => of_procedure.push((id, vec![(on, at)])),
        }
    }
    of_procedure.iter_mut().for_each(|(_, list)| list.sort_unstable());
    let changes: BTreeSet<NaiveDate> = of_procedure
        .iter()
        .flat_map(|(_, list)| list.iter().skip(1).map(|(on, _)| *on))
        .collect();
    let mut dates: BTreeSet<NaiveDate> = changes.union(known).copied().collect();
    if let Some((last, head)) = dates.iter().nth(MAX_DATES).copied().zip(heads.values().next()) {
        head.id_at.find(
            codes::BAD_VALUE,
            say!(
                "变动的日期超过 {MAX_DATES} 个",
                "something changes on more than {MAX_DATES} dates"
            ),
            say!("删去早已过去的版本和取值", "remove editions and values of long ago"),
        );
        dates.retain(|on| *on < last);
    }
    for from in std::iter::once(None).chain(dates.into_iter().map(Some)) {
        let mut editions: Vec<(usize, Vec<usize>)> = always.iter().map(|at| (*at, Vec::new())).collect();
        for (_, list) in &of_procedure {
            let passed = list
                .iter()
                .take_while(|(on, _)| from.is_some_and(|from| *on <= from))
                .count();
            let mut until_now: Vec<usize> = list.iter().take(passed.max(1)).map(|(_, at)| *at).collect();
            let Some(now) = until_now.pop() else { continue };
            let number = |at: &usize| plan.editions.get(*at).map(|edition| edition.number);
            until_now.reverse();
            until_now.retain(|at| number(at) != number(&now));
            until_now.dedup_by_key(|at| number(at));
            editions.push((now, until_now));
        }
        editions.sort_by_key(|(at, _)| *at);
        let known = from.is_some_and(|from| !changes.contains(&from));
        plan.sets.push(Together { from, editions, known });
    }
    plan
}

fn head<'a>(file: &'a File<'a>, number: usize) -> Option<Head<'a>> {
    let table = file.root.get("procedure")?.get_ref().as_table()?;
    let id = table.get("id")?;
    let at = file.place(id.span().start, id.span().end);
    let (from, from_at) = match file.dated {
        Some(from) => (from, at),
        None => {
            let effective = table.get("effective")?;
            (
                date(effective)?,
                file.place(effective.span().start, effective.span().end),
            )
        }
    };
    Some(Head {
        number,
        id: id.get_ref().as_str()?,
        id_at: at,
        from_at,
        from,
    })
}

fn twice(head: &Head<'_>, first: &Head<'_>) {
    let (id, from, there) = (head.id, head.from, first.id_at.label());
    head.from_at.find(
        codes::REDEFINED,
        say!(
            "规程“{id}”从 {from} 起执行的，在 {there} 已经有了",
            "the procedure `{id}`, in force from {from}, is already at {there}"
        ),
        say!(
            "新版本写另一个 effective；否则删去一处，或改一个名字",
            "give a new edition another `effective`; else remove one, or rename one"
        ),
    );
}

/// The local date that a value is.
pub(super) fn date(value: &Spanned<DeValue<'_>>) -> Option<NaiveDate> {
    let written = value.get_ref().as_datetime()?;
    let date = written
        .date
        .filter(|_| written.time.is_none() && written.offset.is_none())?;
    NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))
}
