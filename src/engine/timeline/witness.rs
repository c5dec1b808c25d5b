//! Witnesses of findings, written as timelines that can be put beside others and run.

use super::run::left;
use super::{parse, run};
use crate::domain::deadline::Due;
use crate::domain::value::{Fields, Value};
use crate::engine::case::Case;
use crate::engine::obligation::Obligation;
use crate::engine::view::flags;
use crate::policy::finding::Finding;
use crate::policy::model::{Company, EventType, FieldType, Id, InForce, Kind, NeedTest, StandingCase};
use crate::policy::{Shows, Witness};
use chrono::{NaiveDateTime, TimeDelta};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

/// The case to which the events happen.
const CASE: &str = "W-1";
/// What stands in a text that may be anything.
const ANYTHING: &str = "某某";
/// The most events before the one that matters: what its gates wait for.
const MAX_EARLIER: usize = 20;

/// The timeline that shows what a finding says, as a file; none where the finding carries no witness, or where the
/// event is refused for reasons that the analysis does not know of, such as who reports it.
///
/// What it expects is what came of it here, so that it passes; that this is what the finding says is looked at before.
pub fn witness(company: &Arc<Company>, finding: &Finding) -> Option<String> {
    let witness = finding.witness.as_deref()?;
    let set = company.on(witness.on);
    let mut story = Story::of(company, set, witness)?;
    let at = witness.at();
    let cases = match story.cases(at) {
        Some(cases) => cases,
        None => {
            story.add_earlier(set, &witness.event);
            story.cases(at)?
        }
    };
    let case = cases.iter().find(|(id, _)| **id == *story.case).map(|(_, case)| case);
    let expected = story.expected(witness, case)?;
    let (zh, en) = (&finding.message.zh, &finding.message.en);
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = writeln!(text, "# guicheng check: {}\n# {zh}\n# {en}\n", finding.code);
    text.push_str(&story.written(&format!("{}：{}", finding.code, witness.rule)));
    let _ = writeln!(text, "\n[[timeline.expect]]\nat = \"{}\"", moment(at));
    let _ = writeln!(text, "obligations = [\n{expected}]");
    let timelines = parse(finding.code, &text).ok()?.timelines;
    timelines
        .iter()
        .all(|timeline| run(company, timeline).is_empty())
        .then_some(text)
}

/// The events of a witness.
struct Story<'c> {
    company: &'c Arc<Company>,
    case: String,
    events: Vec<Told>,
}

/// An event of a witness.
struct Told {
    event: Id,
    data: Fields,
    at: NaiveDateTime,
}

impl<'c> Story<'c> {
    fn of(company: &'c Arc<Company>, set: &InForce, witness: &Witness) -> Option<Story<'c>> {
        let (kind, event) = find(set, &witness.event)?;
        let case = match kind.standing {
            Some(StandingCase::Company) => kind.id.to_string(),
            Some(StandingCase::Area) => format!("{}:{}", kind.id, company.areas.first()?.id),
            None => CASE.to_owned(),
        };
        let mut data = needed(company, kind, event, witness.at());
        data.merge(&witness.data);
        let told = Told {
            event: witness.event.clone(),
            data,
            at: witness.at(),
        };
        Some(Story {
            company,
            case,
            events: vec![told],
        })
    }

    /// Puts before it what its gates wait for.
    fn add_earlier(&mut self, set: &InForce, event: &Id) {
        let mut waited = Vec::new();
        wait(set, event, &mut BTreeSet::from([event.clone()]), &mut waited);
        let Some(last) = self.events.last().map(|told| told.at) else {
            return;
        };
        for (nth, event) in waited.iter().take(MAX_EARLIER).enumerate() {
            let before = i64::try_from(waited.len().saturating_sub(nth)).unwrap_or(1);
            let at = last - TimeDelta::minutes(before);
            if let Some((kind, what)) = find(set, event) {
                let told = Told {
                    event: event.clone(),
                    data: needed(self.company, kind, what, at),
                    at,
                };
                self.events.insert(nth, told);
            }
        }
    }

    fn written(&self, title: &str) -> String {
        let mut text = format!("[[timeline]]\ntitle = {}\n", quoted(title));
        for told in &self.events {
            let _ = writeln!(text, "\n[[timeline.event]]\nat = \"{}\"", moment(told.at));
            let _ = writeln!(text, "type = {}\ncase = {}", quoted(&told.event), quoted(&self.case));
            if !told.data.is_empty() {
                let data: Vec<String> = told
                    .data
                    .iter()
                    .map(|(name, value)| format!("{} = {}", key(name), written(value)))
                    .collect();
                let _ = writeln!(text, "data = {{ {} }}", data.join(", "));
            }
        }
        text
    }

    /// The cases that the events leave; none: one of them is refused.
    fn cases(&self, at: NaiveDateTime) -> Option<Vec<(Id, Case)>> {
        let text = format!(
            "{}\n[[timeline.expect]]\nat = \"{}\"\neffects = []\n",
            self.written("?"),
            moment(at)
        );
        let suite = parse("?", &text).ok()?;
        let at = self.company.zone.resolve_forward(at).ok()?;
        left(self.company, suite.timelines.first()?, at)
    }

    /// The lines of the obligations that are to be expected, if they are what the finding says.
    fn expected(&self, witness: &Witness, case: Option<&Case>) -> Option<String> {
        let of = |rule: &Id| case.and_then(|case| case.obligations.iter().find(|o| o.duty.id == *rule));
        let mut lines = String::new();
        match &witness.shows {
            Shows::Owed(rules) => {
                for rule in rules {
                    let _ = writeln!(lines, "  {{ {} }},", self.owed(of(rule)?));
                }
            }
            Shows::NotOwed(rules) => {
                for rule in rules {
                    if of(rule).is_some() {
                        return None;
                    }
                    let case = quoted(&self.case);
                    let _ = writeln!(lines, "  {{ case = {case}, rule = {}, none = true }},", quoted(rule));
                }
            }
            Shows::Provisional(rule) => {
                let obligation = of(rule).filter(|o| o.provisional)?;
                let at = self.company.zone.resolve_forward(witness.at()).ok()?;
                let case = case?;
                let standing = obligation.standing(at, case.paused(&obligation.duty, at));
                let flags = flags(case, obligation, standing, self.company.zone, at);
                let flags: Vec<String> = flags.into_iter().map(quoted).collect();
                let _ = writeln!(
                    lines,
                    "  {{ {}, flags = [{}] }},",
                    self.owed(obligation),
                    flags.join(", ")
                );
            }
        }
        Some(lines)
    }

    fn owed(&self, obligation: &Obligation) -> String {
        let zone = self.company.zone;
        let due = match obligation.due {
            Due::Day { on, .. } => format!("due_on = \"{on}\""),
            Due::Instant { at } => format!("due_at = \"{}\"", moment(zone.local(at))),
        };
        let roles: Vec<String> = obligation.roles.iter().map(|role| quoted(role)).collect();
        let (case, rule) = (quoted(&self.case), quoted(&obligation.duty.id));
        format!("case = {case}, rule = {rule}, {due}, roles = [{}]", roles.join(", "))
    }
}

fn find<'s>(set: &'s InForce, event: &str) -> Option<(&'s Arc<Kind>, &'s Arc<EventType>)> {
    let (kind, name) = event.split_once('.')?;
    let kind = set.kinds.get(kind)?;
    Some((kind, kind.events.get(name)?))
}

/// The events that the gates of an event wait for, those first that others wait for.
fn wait(set: &InForce, event: &Id, seen: &mut BTreeSet<Id>, waited: &mut Vec<Id>) {
    let gates = set.procedures.iter().flat_map(|procedure| &procedure.gates);
    for need in gates
        .filter(|gate| gate.on.contains(event))
        .flat_map(|gate| &gate.needs)
    {
        let NeedTest::Happened(events) = &need.test else {
            continue;
        };
        for event in events {
            if seen.insert(event.clone()) {
                wait(set, event, seen, waited);
                waited.push(event.clone());
            }
        }
    }
}

/// What an event needs, filled with anything.
fn needed(company: &Company, kind: &Kind, event: &EventType, at: NaiveDateTime) -> Fields {
    let record = event.record.as_ref();
    let typed = |name: &Id| {
        let of_record = record.and_then(|record| record.fields.get(name));
        event.data.get(name).or(of_record).or(kind.fields.get(name))
    };
    let numbered = record
        .and_then(|record| record.number.as_ref())
        .map(|number| &number.field);
    let needs = event.needs.iter().filter(|name| Some(*name) != numbered);
    needs
        .filter_map(|name| Some((name.clone(), anything(company, name, typed(name)?, at)?)))
        .collect()
}

fn anything(company: &Company, name: &str, kind: &FieldType, at: NaiveDateTime) -> Option<Value> {
    let text = |text: &str| Value::Text(text.into());
    Some(match kind {
        FieldType::Choice(values) => text(values.first()?),
        FieldType::Number | FieldType::Members => Value::Int(1),
        FieldType::Bool => Value::Bool(true),
        FieldType::Date => text(&at.date().to_string()),
        FieldType::Time => text(&moment(at)),
        FieldType::Person => text(company.people.first().map_or(ANYTHING, |person| &person.id)),
        FieldType::List => Value::List([ANYTHING.into()].into()),
        FieldType::Roles => Value::List([company.roles.keys().next()?.clone()].into()),
        FieldType::Text | FieldType::Any => match (name, company.areas.first()) {
            ("area", Some(area)) => text(&area.id),
            ("building", Some(area)) => text(area.buildings.first().map_or(ANYTHING, |building| building)),
            _ => text(ANYTHING),
        },
    })
}

fn moment(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::Bool(yes) => yes.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Decimal(text) => text.to_string(),
        Value::Text(text) => quoted(text),
        Value::List(list) => {
            let list: Vec<String> = list.iter().map(|text| quoted(text)).collect();
            format!("[{}]", list.join(", "))
        }
    }
}
