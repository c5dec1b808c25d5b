//! Figures counted again from what their rows cite, by hand: nothing here asks the engine's own counting.

use crate::office::root;
use guicheng::domain::event::Event;
use guicheng::domain::value::Value as Said;
use guicheng::policy::model::{Amount, Company, Measure, Metric};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

/// What is counted of obligations, by the names of the fields of a rate.
pub type Counts = BTreeMap<&'static str, u64>;

/// The fields of a member that add up to those of a row.
pub const FIELDS: [&str; 7] = [
    "population",
    "done",
    "on_time",
    "waived",
    "waived_late",
    "in_time",
    "overdue",
];

/// What cites these events.
pub fn cited<'i>(ids: impl IntoIterator<Item = &'i str>) -> Value {
    let ids: BTreeSet<&str> = ids.into_iter().collect();
    let text: String = ids.iter().map(|id| format!("{id}\n")).collect();
    let digest: String = Sha256::digest(text.as_bytes())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    serde_json::json!({ "count": ids.len(), "first": ids.first(), "last": ids.last(), "digest": digest })
}

fn instant(text: &Value) -> i64 {
    crate::office::ms(text.as_str().unwrap())
}

/// What an obligation, as it is shown at an instant, adds to a figure. `distinct`: for whom each of its performances was,
/// with its instant, in the order of time, where several are asked for.
pub fn counts(o: &Value, as_of: i64, distinct: &dyn Fn(&Value) -> Vec<(String, i64)>) -> Counts {
    let standing = o["standing"].as_str().unwrap();
    let mut counts: Counts = FIELDS.map(|field| (field, 0)).into_iter().collect();
    if standing == "cancelled" {
        return counts;
    }
    let asked = &o["count"];
    let members = match (asked["members"].as_u64(), asked["required"].as_u64()) {
        (None, _) => 1,
        (Some(0), required) => required.unwrap(),
        (Some(members), _) => members,
    };
    let would_be = o["waived"]["would_be"].as_str();
    if let Some(would_be) = would_be.filter(|w| *w != "fulfilled") {
        counts.insert("waived", members);
        let late = ["overdue", "fulfilled_late"].contains(&would_be);
        counts.insert("waived_late", if late { members } else { 0 });
        return counts;
    }
    let (day, due) = (o["due"]["kind"] == "day", &o["due"]["at"]);
    let in_time = |at: i64| due.is_null() || if day { at < instant(due) } else { at <= instant(due) };
    let (done, on_time) = if asked.is_null() {
        let done = ["fulfilled", "fulfilled_late"].contains(&standing);
        (u64::from(done), u64::from(done && in_time(instant(&o["ended_at"]))))
    } else {
        // For whom it was done first, and when; what came after it was done often enough does not count.
        let mut first: Vec<(String, i64)> = Vec::new();
        for (whom, at) in distinct(o) {
            if !first.iter().any(|(known, _)| *known == whom) {
                first.push((whom, at));
            }
        }
        let done = asked["done"].as_u64().unwrap();
        assert!(first.len() as u64 >= done, "{o}: {first:?}");
        first.truncate(done as usize);
        let on_time = first.iter().filter(|(_, at)| in_time(*at)).count() as u64;
        (done.min(members), on_time.min(members))
    };
    counts.insert("population", members);
    counts.insert("done", done);
    counts.insert("on_time", on_time);
    let ended = ["fulfilled", "fulfilled_late"].contains(&standing);
    let undrawn = o["flags"].as_array().unwrap().iter().any(|f| f == "undrawn");
    match (ended, in_time(as_of)) {
        (true, _) => {}
        (false, true) => drop(counts.insert("in_time", members - done)),
        (false, false) => drop(counts.insert("overdue", if undrawn { 0 } else { members - done })),
    }
    counts
}

/// `done` of `population` in percent with two decimals, rounded half up.
pub fn percent(done: u64, population: u64) -> Value {
    if population == 0 {
        return Value::Null;
    }
    let hundredths = (done * 20_000 + population) / (2 * population);
    format!("{}.{:02}", hundredths / 100, hundredths % 100).into()
}

/// A number without loss.
#[derive(Clone, Copy, Debug)]
pub struct Exact(pub i128, pub i128);

impl PartialEq for Exact {
    fn eq(&self, other: &Exact) -> bool {
        self.0 * other.1 == other.0 * self.1
    }
}

impl Exact {
    /// As answers write it: `1/3`, `37.5%`, `86.5`.
    pub fn read(text: &str) -> Exact {
        if let Some((over, under)) = text.split_once('/') {
            return Exact(over.parse().unwrap(), under.parse().unwrap());
        }
        let (text, per) = text.strip_suffix('%').map_or((text, 1), |text| (text, 100));
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let scale = 10_i128.pow(u32::try_from(part.len()).unwrap());
        Exact(format!("{whole}{part}").parse().unwrap(), scale * per)
    }

    fn plus(self, other: Exact) -> Exact {
        Exact(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }

    fn times(self, other: Exact) -> Exact {
        Exact(self.0 * other.0, self.1 * other.1)
    }
}

fn number(said: &Said) -> Option<Exact> {
    match said {
        Said::Int(n) => Some(Exact(i128::from(*n), 1)),
        Said::Decimal(text) => Some(Exact::read(text)),
        _ => None,
    }
}

/// A figure of a metric over events, from the events of its members alone: the value and over how many it is; `field`: of
/// the answers in that field alone. The first event of each member is the one that counts.
pub fn measured(metric: &Metric, field: Option<&str>, members: &[Vec<&Event>], cases: bool) -> (Option<Exact>, u64) {
    let ratio = |counts: u64, of: u64| (of > 0).then_some(Exact(i128::from(counts), i128::from(of)));
    let counting = members.iter().map(|events| events[0]);
    match &metric.measure {
        Measure::Duties(_) => panic!("{} is over obligations", metric.id),
        Measure::Count(on) => {
            assert!(counting.clone().all(|e| on.contains(&e.kind)), "{}", metric.id);
            (Some(Exact(counting.count() as i128, 1)), members.len() as u64)
        }
        Measure::Share(share) => {
            let fields = share.fields.iter().filter(|f| field.is_none_or(|only| only == &***f));
            let answers = fields.flat_map(|f| counting.clone().filter_map(|e| e.data.get(f)));
            let answers: Vec<&Said> = answers.filter(|a| !a.to_string().is_empty()).collect();
            let good = answers.iter().filter(|a| share.counts_as.contains(a)).count() as u64;
            (ratio(good, answers.len() as u64), answers.len() as u64)
        }
        Measure::Score(score) => {
            let mean = |field: &str| {
                let given: Vec<Exact> = counting.clone().filter_map(|e| number(e.data.get(field)?)).collect();
                let sum = given.iter().copied().fold(Exact(0, 1), Exact::plus);
                (!given.is_empty()).then(|| sum.times(Exact(1, given.len() as i128)))
            };
            let mut weighed = score.weights.iter().map(|(field, weight)| {
                let weight = Exact(i128::from(weight.numerator()), i128::from(weight.denominator()));
                Some(mean(field)?.times(weight))
            });
            let score = weighed.try_fold(Exact(0, 1), |sum, one| Some(sum.plus(one?)));
            (score, members.len() as u64)
        }
        Measure::Points { earn, spend } => {
            let moved = |list: &[(guicheng::policy::model::Id, Amount)], e: &Event| {
                let amount = list.iter().find(|(kind, _)| *kind == e.kind).map(|(_, amount)| amount);
                match amount {
                    None => 0,
                    Some(Amount::Fixed(n)) => i128::from(*n),
                    Some(Amount::Field(field)) => number(e.data.get(field).unwrap()).unwrap().0,
                }
            };
            let sum: i128 = counting.clone().map(|e| moved(earn, e) - moved(spend, e)).sum();
            let of: BTreeSet<&str> = counting.clone().map(|e| &*e.case).collect();
            let population = if cases { of.len() } else { members.len() };
            (Some(Exact(sum, 1)), population as u64)
        }
        Measure::Handled { opened, closed, .. } => {
            let opens = |events: &&Vec<&Event>| opened.contains(&events[0].kind);
            assert!(members.iter().all(|m| opens(&m)), "{}", metric.id);
            let is_closed = |m: &&Vec<&Event>| m.get(1).is_some_and(|e| closed.contains(&e.kind));
            let good = members.iter().filter(is_closed).count() as u64;
            (ratio(good, members.len() as u64), members.len() as u64)
        }
    }
}

/// The field of which each performance of an obligation must say another value.
pub fn distinct_field(company: &Company, rule: &str) -> Option<String> {
    let duty = company.editions().flat_map(|p| &p.duties).find(|d| &*d.id == rule)?;
    duty.count.as_ref()?.distinct.as_ref().map(ToString::to_string)
}

/// Runs the program of `docs/samples.md` on what `/samples/{id}` answers; whether all draws agree, and what it printed.
pub fn repeated(answer: &Value) -> (bool, String) {
    let document = fs::read_to_string(root().join("docs/samples.md")).unwrap();
    let program = document
        .split("```python\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let python = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut python = python.unwrap_or_else(|e| {
        panic!("install Python 3.8 or later as `python3` (apt-get install python3): it repeats the draw ({e})")
    });
    let stdin = python.stdin.take();
    stdin.unwrap().write_all(answer.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    (output.status.success(), said.concat())
}
