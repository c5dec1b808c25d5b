//! The laws, over what is held against other cases, numbered, marked, merged and told up the line.

use super::history::{Act, Live, acts, amended, at, happens, minutes};
use super::{config, read, rearranged};
use crate::domain::event::Event;
use crate::engine::case::Case;
use crate::engine::draft::Draft;
use crate::policy::model::Company;
use crate::policy::{Folder, Source, compile};
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

const PROCEDURE: &str = r#"
[procedure]
id = "demo/sale"
title = "认购"
effective = 2020-01-01
[clause."1"]
text = "一条。"
[role.boss]
title = "主任"
[role.keeper]
title = "管家"
reports_to = "boss"
in_turn = "sale.visited"
[case.sale]
title = "认购"
data = { unit = "text", department = "text", key = "bool", number = "text" }
cancel_on = "withdrawn"
reopen_on = "reopened"
merge_on = "merged"
[case.sale.events]
received = "受理"
subscribed = { title = "认购", record = "form" }
withdrawn = "撤销"
reopened = "重办"
merged = { title = "并案", data = { into = "text" } }
visited = "回访"
[record.form]
title = "表"
clause = "1"
fields = { number = "text" }
number = { field = "number", per = "month", form = "{year}{month}-{n}" }
[gate.unit]
title = "封存"
clause = "1"
on = "sale.subscribed"
needs = [{ title = "未售", unique = ["unit"] }]
[threshold.key]
title = "重点"
clause = "1"
on = "sale.received"
key = ["unit"]
count_distinct = "department"
at_least = 2
mark = { field = "key", value = true }
[escalation.again]
title = "又来"
clause = "1"
on = "sale.received"
to = { above = "keeper" }
[deadline.visit]
title = "回访"
clause = "1"
on = "sale.subscribed"
within = "3天"
done = "sale.visited"
bearer = [{ when = { key = true }, role = "boss" }, { role = "keeper" }]
"#;

fn company() -> Arc<Company> {
    static COMPANY: LazyLock<Arc<Company>> = LazyLock::new(|| {
        let company = "[company]\nid = \"demo\"\ntitle = \"t\"\nzone = \"Asia/Shanghai\"\ncalendar = \"cn\"\n";
        let source = |name: &str, text: &str| Source {
            name: name.into(),
            text: text.into(),
        };
        let compiled = compile(&Folder {
            id: "demo".into(),
            files: vec![source("company.toml", company), source("sale.toml", PROCEDURE)],
            calendars: vec![read("policies/calendars/cn.toml")],
            scripts: vec![],
        });
        Arc::new(compiled.company.unwrap_or_else(|| panic!("{:?}", compiled.findings)))
    });
    COMPANY.clone()
}

fn events(acts: &[Act]) -> Vec<Event> {
    let start = at("2026-02-01T00:00");
    let mut events: Vec<Event> = Vec::new();
    for (n, act) in acts.iter().enumerate() {
        let v = act.variant;
        let data = json!({ "unit": (v % 2).to_string(), "department": (v / 3).to_string() });
        let (kind, data) = match act.what {
            0..3 => ("sale.received", data),
            3..6 => ("sale.subscribed", json!({ "unit": (v % 3).to_string() })),
            6 => ("sale.withdrawn", json!({})),
            7 => ("sale.reopened", json!({})),
            8 => ("sale.merged", json!({ "into": "other" })),
            9 => ("sale.visited", json!({})),
            _ => {
                events.extend(amended(&events, act, n, start));
                continue;
            }
        };
        let mut event = happens(
            n,
            &format!("S-{}", act.case),
            kind,
            "2026-02-01T00:00",
            "2026-02-01T00:00",
            data,
        );
        event.actor.person = Some(format!("p{}", v % 2).into());
        event.occurred_at = start + minutes(act.minute) + TimeDelta::seconds(n as i64 % 60);
        event.recorded_at = event.occurred_at + minutes(act.late);
        events.push(event);
    }
    events
}

/// Of each case: its data without its number, what it holds, whether it is merged.
fn brief(live: &Live) -> BTreeMap<String, String> {
    let show = |case: &Case| {
        let data = case.data.iter().filter(|(name, _)| name.as_ref() != "number");
        let claims: BTreeSet<_> = case.claims.iter().collect();
        format!(
            "{:?} {claims:?} {} {}",
            data.collect::<Vec<_>>(),
            case.merged,
            case.hits.len()
        )
    };
    live.world.slots().map(|s| (s.id.to_string(), show(&s.case))).collect()
}

/// Who holds what, worked out from the cases alone.
fn holders(live: &Live) -> BTreeMap<String, BTreeSet<u32>> {
    let mut holders: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for (ix, slot) in (0..).zip(live.world.slots()) {
        for claim in &slot.case.claims {
            holders.entry(claim.to_string()).or_default().insert(ix);
        }
    }
    holders
}

fn numbers(live: &Live) -> Vec<String> {
    let plain = live
        .record
        .iter()
        .filter(|e| e.corrects.is_none() && e.retracts.is_none());
    plain
        .filter_map(|e| e.data.get("number").map(|n| n.to_string()))
        .collect()
}

proptest! {
    #![proptest_config(config(120))]

    /// The order of arrival does not matter for what is held, marked, merged.
    #[test]
    fn any_order_of_arrival_ends_in_the_same(acts in acts(0..12, 24), keys in prop::collection::vec(any::<u32>(), 24)) {
        let events = events(&acts);
        let reported = |order: &[Event]| {
            let mut live = Live::new(&company());
            for (n, event) in order.iter().enumerate() {
                let now = at("2026-03-30T08:00") + minutes(n as u32);
                live.record(&[Event { recorded_at: now, ..event.clone() }]);
            }
            live
        };
        let (one, other) = (reported(&events), reported(&rearranged(&events, &keys)));
        prop_assert_eq!(brief(&one), brief(&other));
        prop_assert_eq!(one.opened(), other.opened());
    }

    /// A rebuild is the same as what grew; what is held is what the cases say; numbers have no gap and no double.
    #[test]
    fn a_rebuild_equals_what_grew(acts in acts(0..12, 40), together in 1usize..4) {
        let mut events = events(&acts);
        events.sort_by_key(|e| e.recorded_at);
        let mut live = Live::new(&company());
        for group in events.chunks(together) {
            let now = group.iter().map(|e| e.recorded_at).max().unwrap();
            let group: Vec<Event> = group.iter().map(|e| Event { recorded_at: now, ..e.clone() }).collect();
            live.record(&group);
        }
        let rebuilt = live.rebuilt(&company());
        prop_assert_eq!(brief(&live), brief(&rebuilt));
        prop_assert_eq!(&live.world.spawned, &rebuilt.world.spawned);
        prop_assert_eq!(&live.world.claims, &rebuilt.world.claims);
        prop_assert_eq!(&live.world.numbers, &rebuilt.world.numbers);
        let turns = |live: &Live| {
            let person = |p: &str| live.world.last_turn(&"keeper".into(), &p.into(), at("2027-01-01T00:00"), |_| false);
            (person("p0"), person("p1"))
        };
        prop_assert_eq!(turns(&live), turns(&rebuilt));
        let taken = live.world.slots().flat_map(|s| &s.case.stints).filter(|t| t.person.as_ref() == "p0").map(|t| t.at);
        prop_assert_eq!(taken.max(), turns(&live).0);
        let held: BTreeMap<_, _> = live.world.claims.iter().map(|(k, v)| (k.to_string(), v.clone())).collect();
        prop_assert_eq!(held, holders(&live));
        let tell = |live: &Live| format!("{:?}", live.world.notices().iter().map(|(n, _)| (&n.cause, &n.to, n.at)).collect::<Vec<_>>());
        prop_assert_eq!(tell(&live), tell(&rebuilt));

        let mut given: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for number in numbers(&live) {
            let (month, n) = number.split_once('-').unwrap();
            given.entry(month.to_owned()).or_default().push(n.parse().unwrap());
        }
        for (month, numbers) in given {
            let all: Vec<u32> = (1..=numbers.len() as u32).collect();
            prop_assert_eq!(numbers, all, "{}", month);
        }
    }

    /// Where every event must be admitted, no unit is held by two cases that stand.
    #[test]
    fn what_is_admitted_is_held_by_one_alone(acts in acts(0..10, 40)) {
        let mut live = Live::new(&company());
        let mut events = events(&acts);
        events.sort_by_key(|e| e.recorded_at);
        for event in events {
            let admitted = {
                let past = super::history::Recorded(&live.record);
                Draft::new(&live.world, &past, live.record.len() as u64 + 1).admit(&event).unwrap()
            };
            match admitted {
                Ok(()) => live.record(&[event]),
                Err(refusal) => prop_assert_eq!(refusal.code, "gate"),
            }
        }
        for (claim, holders) in holders(&live) {
            prop_assert_eq!(holders.len(), 1, "{}", claim);
        }
    }
}
