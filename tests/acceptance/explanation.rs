//! What is explained is enough: a script that has nothing but explanations reckons every due time again.

use crate::cases;
use crate::office::{self, Office, root};
use crate::size;
use guicheng::engine::explain::explain;
use guicheng::service::ask::{Asked, Question};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The instants that are asked about: in the middle of the month, at its end, and three weeks later.
const AT: [&str; 3] = [
    "2026-03-11T10:30:00+08:00",
    "2026-03-31T23:59:00+08:00",
    "2026-04-20T12:00:00+08:00",
];

/// Every obligation of the example data of all companies, explained at each of those instants.
fn of_the_examples() -> &'static Vec<Value> {
    static ALL: OnceLock<Vec<Value>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        for (company, events) in office::examples() {
            let office = Office::with_examples(&company, &events);
            let zone = office.live.company().zone;
            for at in AT {
                let asked = Asked {
                    as_of: Some(zone.parse_instant(at).unwrap()),
                    ..Asked::default()
                };
                let question = Question::new(&office.shared, &office.live, asked);
                let history = question.history();
                let explained = &mut |_: u32, id: &str, case: &guicheng::engine::case::Case| {
                    for obligation in &case.obligations {
                        let said = explain(&history, id, case, obligation, question.as_of());
                        all.push(serde_json::to_value(&said).unwrap());
                    }
                };
                question.each_case(explained).unwrap();
            }
        }
        all
    })
}

/// Runs `docs/recompute.py` on explanations; whether it found no difference, and what it printed.
fn recompute(explanations: &[Value]) -> (bool, String) {
    let python = Command::new("python3")
        .arg(root().join("docs/recompute.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut python = python.unwrap_or_else(|e| {
        panic!("install Python 3.8 or later as `python3` (apt-get install python3): docs/recompute.py reckons with it ({e})")
    });
    let lines: Vec<String> = explanations.iter().map(Value::to_string).collect();
    let mut stdin = python.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.join("\n").as_bytes()));
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    (output.status.success(), said.concat())
}

/// The kinds of stage that explanations hold.
fn stages(explanations: &[Value]) -> std::collections::BTreeMap<String, usize> {
    let mut kinds = std::collections::BTreeMap::new();
    for stage in explanations
        .iter()
        .flat_map(|e| e["reckoning"]["due"].as_array().unwrap())
    {
        *kinds.entry(stage["by"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    kinds
}

#[test]
fn a_script_reckons_every_due_time_of_the_examples_again() {
    let all = of_the_examples();
    let (agrees, said) = recompute(all);
    println!(
        "examples: {}; {:?}",
        said.lines().last().unwrap_or_default(),
        stages(all)
    );
    assert!(agrees, "{said}");
    assert!(all.len() > 3_000, "only {} explanations", all.len());
}

#[test]
fn a_script_reckons_every_due_time_of_the_worked_cases_again() {
    let all = cases::explanations();
    let (agrees, said) = recompute(&all);
    println!(
        "worked cases: {}; {:?}",
        said.lines().last().unwrap_or_default(),
        stages(&all)
    );
    assert!(agrees, "{said}");
    assert!(all.len() > 600, "only {} explanations", all.len());
}

/// Every day that decides is one that the script looks at: turned round, or taken away, it is noticed.
#[test]
fn the_script_notices_a_changed_day() {
    let all = of_the_examples();
    let (mut turned, mut spoilt) = (0, 0);
    let counted = |e: &&Value| {
        let stage = &e["reckoning"]["due"][0];
        let by_working_days = stage["by"] == "term" && stage["term"].as_str().unwrap().ends_with("bd");
        by_working_days && e["reckoning"]["due"].as_array().unwrap().len() == 1
    };
    for explanation in all.iter().filter(counted).take(size(12, 200)) {
        let (_, said) = recompute(std::slice::from_ref(explanation));
        assert!(said.contains(" 0 differences"), "{said}");
        let due_on = explanation["due"]["date"].as_str().unwrap();
        let days = explanation["reckoning"]["due"][0]["days"].as_array().unwrap();
        let last = days.iter().position(|d| d["on"] == due_on).unwrap();
        let mut wrong = explanation.clone();
        wrong["reckoning"]["due"][0]["days"][last]["working"] = json!(false);
        let (agrees, said) = recompute(&[wrong]);
        assert!(!agrees && said.contains(explanation["id"].as_str().unwrap()), "{said}");
        turned += 1;
        let mut wrong = explanation.clone();
        wrong["due"]["at"] = json!("2026-03-02T00:00:01+08:00");
        assert!(!recompute(&[wrong]).0);
        spoilt += 1;
    }
    println!("{turned} days turned round and {spoilt} due times spoilt were noticed");
    assert!(turned > 9, "only {turned}");
    assert!(!recompute(&[]).0, "nothing to read is no agreement");
}
