//! What `check` finds of rules that never fire, overlap or leave gaps is what trying every case finds: nothing is missed,
//! nothing is invented, and each witness can be run.
//!
//! Small policies are drawn from a seed; every value of their fields (numbers at every bound, and one beside it) is
//! reported as an event to the evaluator that serves, on several days. The judge looks at nothing but the obligations
//! and notices that come of it.

use crate::size;
use guicheng::domain::event::Event;
use guicheng::engine::draft::{Draft, Past, PastError};
use guicheng::engine::history::History;
use guicheng::engine::intake::{Incoming, take};
use guicheng::engine::timeline::{parse, run, witness};
use guicheng::engine::waiver::WaivedBy;
use guicheng::engine::world::World;
use guicheng::policy::finding::Finding;
use guicheng::policy::model::Company;
use guicheng::policy::{Compiled, Folder, Shows, Source, compile};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A sequence that depends on nothing but its seed (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len() as u64) as usize]
    }
}

/// A test of one field, as the judge knows it: only to tell which values all rules treat alike.
#[derive(Clone, Debug)]
enum Test {
    In(Vec<&'static str>),
    Numbers {
        one_of: Option<i64>,
        low: Option<i64>,
        high: Option<i64>,
    },
}

type When = Vec<(&'static str, Test)>;

/// A value of each field: `a`, `b`, `n`.
type Point = (&'static str, &'static str, i64);

struct Policy {
    text: String,
    /// The conditions of the duties, in their order.
    duties: Vec<When>,
    /// What each exception waives.
    waives: Vec<Vec<usize>>,
    a: Vec<&'static str>,
    b: Vec<&'static str>,
    n: Vec<i64>,
}

const A: [&str; 4] = ["a1", "a2", "a3", "a4"];
const B: [&str; 3] = ["b1", "b2", "b3"];

/// A condition, and its TOML.
fn condition(
    chance: &mut Chance,
    a: &[&'static str],
    b: &[&'static str],
    bounds: &mut BTreeSet<i64>,
) -> (When, String) {
    let (mut when, mut parts): (When, Vec<String>) = (Vec::new(), Vec::new());
    for (field, values) in [("a", a), ("b", b)] {
        if chance.below(5) < if field == "a" { 3 } else { 1 } {
            let mut some: Vec<&'static str> = values.iter().copied().filter(|_| chance.one_in(3)).collect();
            if some.is_empty() {
                some.push(*chance.pick(values));
            }
            let list: Vec<String> = some.iter().map(|v| format!("\"{v}\"")).collect();
            parts.push(match list.as_slice() {
                [one] => format!("{field} = {one}"),
                list => format!("{field} = [{}]", list.join(", ")),
            });
            when.push((field, Test::In(some)));
        }
    }
    if chance.below(5) < 3 || when.is_empty() {
        let number = |chance: &mut Chance| 5 * (chance.below(5) as i64);
        let (x, y) = (number(chance), number(chance));
        let (low, high) = (x.min(y), x.max(y));
        let mut keys = Vec::new();
        let mut test = (None, None, None);
        let shape = chance.below(7);
        if [0, 2, 4].contains(&shape) {
            let over = chance.one_in(2);
            keys.push(format!("{} = {low}", if over { "more_than" } else { "at_least" }));
            test.1 = Some(low + i64::from(over));
            bounds.insert(low);
        }
        if [1, 2].contains(&shape) && (shape == 1 || high > low + 1) {
            let under = chance.one_in(2);
            keys.push(format!("{} = {high}", if under { "less_than" } else { "at_most" }));
            test.2 = Some(high - i64::from(under));
            bounds.insert(high);
        }
        if [4, 5, 6].contains(&shape) {
            let one = number(chance);
            keys.push(format!("one_of = [{one}]"));
            test.0 = Some(one);
            bounds.insert(one);
        }
        if keys.is_empty() {
            keys.push(format!("at_least = {low}"));
            test.1 = Some(low);
            bounds.insert(low);
        }
        parts.push(format!("n = {{ {} }}", keys.join(", ")));
        let (one_of, low, high) = test;
        when.push(("n", Test::Numbers { one_of, low, high }));
    }
    (when, format!("{{ {} }}", parts.join(", ")))
}

const TERMS: [&str; 8] = ["1天", "2天", "3天", "7天", "1周", "24小时", "2个工作日", "5个工作日"];

fn policy(seed: u64) -> Policy {
    let mut chance = Chance(seed);
    let a: Vec<&str> = A[..2 + chance.below(3) as usize].to_vec();
    let b: Vec<&str> = B[..2 + chance.below(2) as usize].to_vec();
    let mut bounds = BTreeSet::new();
    let list = |values: &[&str]| values.iter().map(|v| format!("\"{v}\"")).collect::<Vec<_>>().join(", ");
    let mut text = format!(
        r#"
[procedure]
id = "small/p"
title = "小规程"
effective = 2024-01-01
[role.boss]
title = "主任"
[role.clerk]
title = "职员"
[role.other]
title = "旁人"
[case.t]
title = "事"
data = {{ a = [{}], b = [{}], n = "number" }}
[case.t.events]
raised = {{ title = "提出", needs = ["a", "b", "n"] }}
done = "办好"
"#,
        list(&a),
        list(&b)
    );
    // Often all rules ask about the same field in turn, as a table does.
    let is_table = chance.one_in(3);
    let many = 2 + chance.below(5) as usize;
    let mut duties = Vec::new();
    for nth in 0..many {
        let (when, written) = if is_table && nth < a.len() {
            let value = a[nth];
            (vec![("a", Test::In(vec![value]))], format!("{{ a = \"{value}\" }}"))
        } else if chance.one_in(9) {
            (Vec::new(), String::new())
        } else {
            condition(&mut chance, &a, &b, &mut bounds)
        };
        text += &format!(
            "[clause.r{nth}]\ntext = \"第{nth}条\"\n[deadline.r{nth}]\ntitle = \"规则\"\nclause = \"r{nth}\"\n"
        );
        text += "on = \"t.raised\"\ndone = \"t.done\"\n";
        if !when.is_empty() {
            text += &format!("when = {written}\n");
        }
        let term = *chance.pick(&TERMS);
        if chance.one_in(4) {
            let (_, entry) = condition(&mut chance, &a, &b, &mut bounds);
            let other = chance.pick(&TERMS);
            text += &format!("within = [{{ when = {entry}, term = \"{other}\" }}, {{ term = \"{term}\" }}]\n");
        } else {
            text += &format!("within = \"{term}\"\n");
        }
        if chance.one_in(3) {
            let (_, entry) = condition(&mut chance, &a, &b, &mut bounds);
            text += &format!("bearer = [{{ when = {entry}, role = \"boss\" }}, {{ role = \"clerk\" }}]\n");
        } else {
            text += &format!("bearer = \"{}\"\n", chance.pick(&["clerk", "other"]));
        }
        duties.push(when);
    }
    if chance.one_in(2) {
        let (_, written) = condition(&mut chance, &a, &b, &mut bounds);
        text += "[clause.tell]\ntext = \"告知\"\n[escalation.tell]\ntitle = \"告知\"\nclause = \"tell\"\n";
        text += &format!("on = \"t.raised\"\nwhen = {written}\nto = \"boss\"\n");
    }
    let mut waives = Vec::new();
    for nth in 0..chance.below(3) {
        let (_, written) = condition(&mut chance, &a, &b, &mut bounds);
        let mut rules = vec![chance.below(many as u64) as usize, chance.below(many as u64) as usize];
        rules.dedup();
        let list: Vec<String> = rules.iter().map(|r| format!("\"r{r}\"")).collect();
        text +=
            &format!("[clause.w{nth}]\ntext = \"例外\"\n[exception.w{nth}]\ntitle = \"例外\"\nclause = \"w{nth}\"\n");
        text += &format!(
            "waives = [{}]\nwhen = {written}\nfrom = 2024-01-01\nuntil = 2024-12-31\n",
            list.join(", ")
        );
        text += "by = \"boss\"\nwhy = \"断路\"\n";
        waives.push(rules);
    }
    let mut n: BTreeSet<i64> = bounds.iter().flat_map(|n| [n - 1, *n, n + 1]).collect();
    n.insert(0);
    Policy {
        text,
        duties,
        waives,
        a,
        b,
        n: n.into_iter().collect(),
    }
}

fn compiled(text: &str) -> Compiled {
    const COMPANY: &str = r#"
[company]
id = "small"
title = "小公司"
zone = "Asia/Shanghai"
calendar = "cn"
[person.wang]
name = "王"
holds = [{ role = "clerk" }, { role = "boss" }, { role = "other" }]
"#;
    let calendar = format!("{}/policies/calendars/cn.toml", env!("CARGO_MANIFEST_DIR"));
    let calendar = std::fs::read_to_string(calendar).unwrap();
    let source = |name: &str, text: &str| Source {
        name: name.into(),
        text: text.into(),
    };
    compile(&Folder {
        id: "small".into(),
        files: vec![source("company.toml", COMPANY), source("p.toml", text)],
        calendars: vec![source("cn.toml", &calendar)],
        scripts: vec![],
    })
}

struct Nothing;

impl Past for Nothing {
    fn events(&self, _: &str, _: u64) -> Result<Vec<Event>, PastError> {
        Ok(Vec::new())
    }
}

/// What came of an event: each rule with when it is due and who owes it.
type Came = BTreeMap<usize, (i64, Vec<String>)>;

/// What trying everything finds.
#[derive(Default)]
struct Tried {
    /// For each case the rules that open an obligation.
    opens: BTreeMap<Point, BTreeSet<usize>>,
    /// The pairs that both do, with another due date or another bearer.
    pairs: BTreeSet<(usize, usize)>,
    /// The rules with an obligation that the boss bears.
    by_boss: BTreeSet<usize>,
    /// The exceptions that waive an obligation when it comes to be, each with its rule.
    waived: BTreeSet<(usize, usize)>,
    told: bool,
    events: usize,
}

/// From the first day on: every weekday, and a holiday.
const DAYS: u32 = 7;

/// Reports every case to the evaluator; `shift` is added to each number on the way.
fn try_all(company: &Arc<Company>, policy: &Policy, shift: i64) -> Tried {
    let mut tried = Tried::default();
    let mut world = World::new(History::new(company.clone()), [0; 32]);
    let mut next_seq = 1;
    for day in 1..=DAYS {
        let now = company
            .zone
            .parse_instant(&format!("2024-01-{day:02}T10:00:00"))
            .unwrap();
        for a in &policy.a {
            for b in &policy.b {
                for n in &policy.n {
                    let case = format!("{a}-{b}-{n}-{day}");
                    let data = json!({ "a": a, "b": b, "n": n + shift });
                    let incoming = Incoming {
                        id: case.clone(),
                        kind: "t.raised".into(),
                        case: case.clone(),
                        occurred_at: format!("2024-01-{day:02}T10:00:00"),
                        data: data.as_object().unwrap().clone(),
                        ..Incoming::default()
                    };
                    let event = take(company, &incoming, now).unwrap();
                    let mut draft = Draft::new(&world, &Nothing, next_seq);
                    let recorded = draft.record(event).unwrap();
                    next_seq = draft.next_seq();
                    let changes = draft.finish();
                    world.apply(changes);
                    tried.told |= recorded.iter().any(|one| !one.outcome.notices.is_empty());
                    tried.events += 1;
                    let came = came(&world, &case);
                    tried.by_boss.extend(
                        came.iter()
                            .filter(|(_, (_, roles))| roles == &["boss"])
                            .map(|(r, _)| *r),
                    );
                    tried.waived.extend(waived(&world, &case));
                    for (x, one) in &came {
                        tried.pairs.extend(
                            came.iter()
                                .filter(|(y, other)| x < *y && *other != one)
                                .map(|(y, _)| (*x, *y)),
                        );
                    }
                    tried.opens.entry((a, b, *n)).or_default().extend(came.into_keys());
                }
            }
        }
    }
    tried
}

fn came(world: &World, case: &str) -> Came {
    let (_, slot) = world.case(case).unwrap();
    let of = slot.case.obligations.iter();
    of.map(|o| {
        let mut roles: Vec<String> = o.roles.iter().map(|r| r.to_string()).collect();
        roles.sort();
        let is_day = i64::from(matches!(o.due, guicheng::domain::deadline::Due::Day { .. }));
        (number(&o.duty.id), (2 * o.due.at().timestamp_millis() + is_day, roles))
    })
    .collect()
}

fn waived(world: &World, case: &str) -> Vec<(usize, usize)> {
    let (_, slot) = world.case(case).unwrap();
    let all = slot.case.obligations.iter();
    let all = all.flat_map(|o| o.waivers().iter().map(|w| (&w.by, number(&o.duty.id))));
    all.map(|(by, rule)| match by {
        WaivedBy::Exception(exception) => (exception.id.strip_prefix('w').unwrap().parse().unwrap(), rule),
        other => panic!("{other:?}"),
    })
    .collect()
}

fn number(rule: &str) -> usize {
    rule.strip_prefix('r').unwrap().parse().unwrap()
}

/// The cases without an obligation that are gaps, by the definition in `docs/analysis.md`.
fn gaps(policy: &Policy, tried: &Tried) -> BTreeSet<Point> {
    if policy.duties.iter().any(Vec::is_empty) {
        return BTreeSet::new();
    }
    let n: Vec<i64> = policy.n.iter().copied().filter(|n| *n >= 0).collect();
    let rules = |p: &Point| &tried.opens[p];
    let is_gap = |(a, b, m): Point| {
        if !rules(&(a, b, m)).is_empty() {
            return false;
        }
        let mut beside: BTreeSet<&BTreeSet<usize>> = BTreeSet::new();
        let lines: [Vec<Point>; 2] = [
            policy.a.iter().map(|a| (*a, b, m)).collect(),
            policy.b.iter().map(|b| (a, *b, m)).collect(),
        ];
        for line in lines {
            let open = line.iter().filter(|p| rules(p).is_empty()).count();
            if open != line.len() && open != 1 {
                return false;
            }
            beside.extend(line.iter().map(rules).filter(|r| !r.is_empty()));
        }
        let line: Vec<Point> = n.iter().map(|n| (a, b, *n)).collect();
        let covered = |p: &Point| !rules(p).is_empty();
        if line.iter().any(covered) {
            let below = line.iter().filter(|p| p.2 < m).any(covered);
            let above = line.iter().filter(|p| p.2 > m).any(covered);
            // On one side of a single stretch, or between others.
            let first = line.iter().position(|p| !covered(p)).unwrap();
            let last = line.iter().rposition(|p| !covered(p)).unwrap();
            let one_stretch = line[first..=last].iter().all(|p| !covered(p));
            if !(one_stretch || (below && above)) {
                return false;
            }
            beside.extend(line.iter().map(rules).filter(|r| !r.is_empty()));
        }
        beside.len() > 1
    };
    let points = tried.opens.keys().filter(|p| p.2 >= 0);
    points.copied().filter(|p| is_gap(*p)).collect()
}

/// How every rule answers about one field's value.
fn answers(policy: &Policy, field: &str, value: &serde_json::Value) -> Vec<bool> {
    let tests = policy.duties.iter().flatten().filter(|(f, _)| *f == field);
    tests
        .flat_map(|(_, test)| match test {
            Test::In(values) => vec![values.iter().any(|v| value == v)],
            Test::Numbers { one_of, low, high } => {
                let n = value.as_i64().unwrap();
                vec![
                    one_of.is_none_or(|one| n == one),
                    low.is_none_or(|low| n >= low),
                    high.is_none_or(|high| n <= high),
                ]
            }
        })
        .collect()
}

/// What the analysis says, in the judge's terms.
struct Said<'f> {
    never: BTreeSet<String>,
    pairs: BTreeSet<(usize, usize)>,
    gaps: Vec<&'f Finding>,
    idle_bearers: BTreeSet<usize>,
    /// The exceptions that never hold, each with one of its rules; without one: for none of them.
    unwaived: BTreeSet<(usize, Option<usize>)>,
}

fn said(findings: &[Finding]) -> Said<'_> {
    let of = |code: &'static str| findings.iter().filter(move |f| f.code == code);
    let clause = |f: &Finding| f.clause.as_deref().unwrap().to_owned();
    let pair = |f: &Finding| match &f.witness.as_ref().unwrap().shows {
        Shows::Owed(rules) => (number(&rules[0]), number(&rules[1])),
        other => panic!("{other:?}"),
    };
    Said {
        never: of("rule-never-fires").map(clause).collect(),
        pairs: of("overlapping-rules").map(pair).collect(),
        gaps: of("value-without-rule").collect(),
        idle_bearers: of("entry-never-applies")
            .filter(|f| f.message.zh.contains("的 bearer 的"))
            .map(|f| number(&clause(f)))
            .collect(),
        unwaived: of("exception-never-holds")
            .map(|f| {
                let mut names = f.message.zh.split(['“', '”']).skip(1).step_by(2);
                let exception = names.next().unwrap().strip_prefix('w').unwrap();
                (exception.parse().unwrap(), names.next().map(number))
            })
            .collect(),
    }
}

/// Where what was said and what was tried differ.
fn differences(policy: &Policy, findings: &[Finding], tried: &Tried) -> Vec<String> {
    let said = said(findings);
    let mut wrong = Vec::new();
    let fires: BTreeSet<usize> = tried.opens.values().flatten().copied().collect();
    let mut never: BTreeSet<String> = (0..policy.duties.len())
        .filter(|r| !fires.contains(r))
        .map(|r| format!("r{r}"))
        .collect();
    if policy.text.contains("[escalation.tell]") && !tried.told {
        never.insert("tell".into());
    }
    if said.never != never {
        wrong.push(format!("never: said {:?}, found {never:?}", said.never));
    }
    if said.pairs != tried.pairs {
        wrong.push(format!("pairs: said {:?}, found {:?}", said.pairs, tried.pairs));
    }
    let blocks = policy.text.split("[deadline.r").skip(1).enumerate();
    let two = blocks.filter(|(_, block)| block.split("\n[").next().unwrap().contains("role = \"boss\""));
    let idle: BTreeSet<usize> = two
        .map(|(r, _)| r)
        .filter(|r| fires.contains(r) && !tried.by_boss.contains(r))
        .collect();
    if said.idle_bearers != idle {
        wrong.push(format!("bearers: said {:?}, found {idle:?}", said.idle_bearers));
    }
    let each = |exception: usize| policy.waives[exception].iter().map(move |rule| (exception, *rule));
    let said_of = said.unwaived.iter();
    let unwaived: BTreeSet<(usize, usize)> = said_of
        .flat_map(|(exception, rule)| match rule {
            Some(rule) => vec![(*exception, *rule)],
            None => each(*exception).collect(),
        })
        .collect();
    let all = (0..policy.waives.len()).flat_map(each);
    let idle: BTreeSet<(usize, usize)> = all.filter(|one| !tried.waived.contains(one)).collect();
    if unwaived != idle {
        wrong.push(format!("exceptions: said {unwaived:?}, found {idle:?}"));
    }
    let gaps = gaps(policy, tried);
    let alike = |finding: &Finding, point: &Point| {
        let data = &finding.witness.as_ref().unwrap().data;
        let fields = [("a", json!(point.0)), ("b", json!(point.1)), ("n", json!(point.2))];
        let same = |(field, value): &(&str, serde_json::Value)| match data.get(field) {
            None => true,
            Some(chosen) => {
                let chosen = chosen
                    .as_text()
                    .map_or_else(|| json!(chosen.to_string().parse::<i64>().unwrap()), |t| json!(t));
                let named = finding.message.zh.contains(&format!("{field} "));
                !named || answers(policy, field, &chosen) == answers(policy, field, value)
            }
        };
        fields.iter().all(same)
    };
    for gap in gaps.iter().filter(|gap| !said.gaps.iter().any(|f| alike(f, gap))) {
        if said.gaps.len() < 20 {
            wrong.push(format!("gap not found: {gap:?}"));
        }
    }
    for finding in said.gaps.iter().filter(|f| !gaps.iter().any(|gap| alike(f, gap))) {
        wrong.push(format!("no gap: {}", finding.message.zh));
    }
    wrong
}

/// Runs a finding's witness; what is wrong with it.
fn witnessed(company: &Arc<Company>, finding: &Finding) -> Result<(), String> {
    let text = witness(company, finding).ok_or("it cannot be written")?;
    let suite = parse("witness.toml", &text).map_err(|failures| format!("{failures:?}\n{text}"))?;
    let [timeline] = &suite.timelines[..] else {
        return Err(text);
    };
    let failures = run(company, timeline);
    let owed = timeline.expects[0].obligations.as_ref().unwrap();
    let shows = match finding.code {
        "overlapping-rules" => {
            let said = |o: &guicheng::engine::timeline::Owed| (o.due_on.clone(), o.due_at.clone(), o.roles.clone());
            owed.len() == 2 && owed.iter().all(|o| !o.what.none) && said(&owed[0].what) != said(&owed[1].what)
        }
        "value-without-rule" => owed.len() > 1 && owed.iter().all(|o| o.what.none),
        _ => !owed.is_empty(),
    };
    if failures.is_empty() && shows {
        Ok(())
    } else {
        Err(format!("{failures:?}\n{text}"))
    }
}

#[test]
fn what_is_found_of_rules_together_is_what_trying_every_case_finds() {
    let mut figures = [0_usize; 7];
    let mut wrong = String::new();
    for seed in 0..size(100, 1000) as u64 {
        let policy = policy(seed);
        let Compiled { company, findings, .. } = compiled(&policy.text);
        let company = Arc::new(company.unwrap_or_else(|| panic!("{findings:#?}\n{}", policy.text)));
        let tried = try_all(&company, &policy, 0);
        for difference in differences(&policy, &findings, &tried) {
            wrong += &format!("seed {seed}: {difference}\n");
        }
        let said = said(&findings);
        let counts = [
            said.never.len(),
            said.pairs.len(),
            said.gaps.len(),
            said.idle_bearers.len(),
            said.unwaived.len(),
        ];
        figures.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
        figures[6] += tried.events;
        for finding in findings.iter().filter(|f| f.witness.is_some()) {
            figures[5] += 1;
            if let Err(why) = witnessed(&company, finding) {
                wrong += &format!(
                    "seed {seed}: witness of {}: {}: {why}\n",
                    finding.code, finding.message.zh
                );
            }
        }
    }
    let [never, pairs, gaps, bearers, exceptions, witnesses, events] = figures;
    println!(
        "{} policies, {events} events tried: rules that never fire {never}, overlapping pairs {pairs}, gaps {gaps}, idle \
         entries {bearers}, exceptions that never hold {exceptions}; witnesses run {witnesses}",
        size(100, 1000)
    );
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(figures.iter().all(|n| *n > 10), "too little was tried: {figures:?}");
}

#[test]
fn a_judge_that_is_off_by_one_does_not_agree() {
    let mut seen = 0;
    for seed in 0..30 {
        let policy = policy(seed);
        let Compiled { company, findings, .. } = compiled(&policy.text);
        let company = Arc::new(company.unwrap());
        let tried = try_all(&company, &policy, 1);
        seen += usize::from(!differences(&policy, &findings, &tried).is_empty());
    }
    println!("of 30 policies judged off by one, {seen} differ");
    assert!(seen > 0);
}

/// Runs the program; its exit code and what it printed.
fn program(arguments: &[&str]) -> (i32, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_guicheng"))
        .args(arguments)
        .env("GUICHENG_LANG", "zh")
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(printed).unwrap();
    (output.status.code().unwrap(), text)
}

#[test]
fn a_witness_is_a_file_that_the_company_s_tests_can_take() {
    let dir = std::env::temp_dir().join(format!("guicheng-acceptance-{}", std::process::id()));
    let (policies, witnesses) = (dir.join("policies"), dir.join("witnesses"));
    std::fs::create_dir_all(policies.join("small/tests")).unwrap();
    std::fs::create_dir_all(policies.join("calendars")).unwrap();
    let calendar = format!("{}/policies/calendars/cn.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(calendar, policies.join("calendars/cn.toml")).unwrap();
    let company = r#"
[company]
id = "small"
title = "小公司"
zone = "Asia/Shanghai"
calendar = "cn"
[person.wang]
name = "王"
holds = [{ role = "clerk" }]
"#;
    let rules = r#"
[procedure]
id = "small/p"
title = "小规程"
effective = 2024-01-01
[clause."1"]
text = "按级别答复。"
[role.clerk]
title = "职员"
[case.t]
title = "事"
data = { level = ["a", "b", "c"] }
[case.t.events]
raised = { title = "提出", needs = ["level"] }
done = "答复"
[deadline.first]
title = "一"
clause = "1"
on = "t.raised"
when = { level = ["a", "b"] }
within = "3天"
done = "t.done"
bearer = "clerk"
[deadline.second]
title = "二"
clause = "1"
on = "t.raised"
when = { level = "b" }
within = "3个工作日"
done = "t.done"
bearer = "clerk"
"#;
    std::fs::write(policies.join("small/company.toml"), company).unwrap();
    std::fs::write(policies.join("small/p.toml"), rules).unwrap();
    let (policies_arg, witnesses_arg) = (policies.to_str().unwrap(), witnesses.to_str().unwrap());
    let (code, said) = program(&["check", "--policies", policies_arg, "--witness", witnesses_arg]);
    assert_eq!(code, 0, "{said}");
    let mut written: Vec<String> = std::fs::read_dir(&witnesses)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    written.sort();
    let wanted = [
        "calendar-not-covering-second-1.toml",
        "overlapping-rules-second-1.toml",
        "value-without-rule-first-1.toml",
    ];
    assert_eq!(written, wanted[1..], "{said}");
    for name in &written {
        assert!(said.contains(name.as_str()), "{name}: {said}");
        std::fs::copy(witnesses.join(name), policies.join("small/tests").join(name)).unwrap();
    }
    let (code, said) = program(&["test", "--policies", policies_arg]);
    assert_eq!(code, 0, "{said}");
    // Repaired, the witness no longer holds.
    let repaired = rules.replace("when = { level = [\"a\", \"b\"] }", "when = { level = [\"a\", \"c\"] }");
    std::fs::write(policies.join("small/p.toml"), repaired).unwrap();
    let (code, said) = program(&["test", "--policies", policies_arg]);
    assert_eq!(code, 4, "{said}");
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn the_shipped_companies_have_no_error_and_nothing_to_look_at() {
    let root = env!("CARGO_MANIFEST_DIR");
    let (policies, scripts) = (format!("{root}/policies"), format!("{root}/scripts"));
    let (code, said) = program(&[
        "check",
        "--policies",
        &policies,
        "--scripts",
        &scripts,
        "--format",
        "json",
    ]);
    assert_eq!(code, 0, "{said}");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let findings = said["findings"].as_array().unwrap().iter();
    let serious: Vec<_> = findings
        .filter(|f| f["severity"] != "info")
        .map(|f| (&f["code"], &f["message"]["zh"]))
        .collect();
    assert!(serious.is_empty(), "{serious:#?}");
}
