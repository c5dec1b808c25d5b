//! Findings as a SARIF 2.1.0 log, which editors and code hosts show beside the lines.

use crate::policy::finding::{Finding, Lang, Severity, Text};
use crate::policy::{CODES, Code, Source};
use serde_json::{Value, json};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The log of one run. Messages are in `lang`; both languages stand in the properties of each result. A fault of a file
/// that several companies share is there once. Columns count UTF-16 code units from 1, ends are not included.
pub fn log(findings: &[Finding], sources: &[&Source], lang: Lang) -> Value {
    let mut results: Vec<Value> = Vec::new();
    for finding in findings {
        let text = sources.iter().find(|source| source.name == finding.file);
        let result = result(finding, text.map_or("", |source| &source.text), lang);
        if !results.contains(&result) {
            results.push(result);
        }
    }
    let rules: Vec<Value> = CODES.iter().map(|code| rule(code, lang)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "guicheng",
                "version": env!("CARGO_PKG_VERSION"),
                "language": language(lang),
                "rules": rules,
            } },
            "language": language(lang),
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    })
}

fn language(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn both(text: &Text) -> Value {
    json!({ "zh": text.zh, "en": text.en })
}

fn rule(code: &Code, lang: Lang) -> Value {
    let (means, effect) = (code.means(), code.effect());
    json!({
        "id": code.code,
        "shortDescription": { "text": means.in_lang(lang) },
        "fullDescription": { "text": format!("{} {}", means.in_lang(lang), effect.in_lang(lang)) },
        "help": {
            "text": code.example().in_lang(lang),
            "markdown": code.page(),
        },
        "defaultConfiguration": { "level": level(code.severity) },
        "properties": { "means": both(&means), "effect": both(&effect), "page": format!("docs/findings/{}.md", code.code) },
    })
}

fn result(finding: &Finding, text: &str, lang: Lang) -> Value {
    let (start, end) = (position(text, finding.span.start), position(text, finding.span.end));
    let said = |text: &Text| text.in_lang(lang).to_owned();
    let parts = [said(&finding.message), said(&finding.effect), said(&finding.remedy)];
    let message: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&finding.file) },
            "region": { "startLine": start.0, "startColumn": start.1, "endLine": end.0, "endColumn": end.1 },
        },
    });
    if let (Some(clause), Some(location)) = (&finding.clause, location.as_object_mut()) {
        location.insert(
            "logicalLocations".to_owned(),
            json!([{ "name": clause, "kind": "clause" }]),
        );
    }
    json!({
        "ruleId": finding.code,
        "ruleIndex": CODES.iter().position(|code| code.code == finding.code),
        "level": level(finding.severity),
        "message": { "text": message.join("\n") },
        "locations": [location],
        "properties": {
            "message": both(&finding.message),
            "effect": both(&finding.effect),
            "remedy": both(&finding.remedy),
        },
    })
}

/// Line and column of a byte, counted from 1, columns in UTF-16 code units.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
    let column = before.get(start..).unwrap_or_default().encode_utf16().count();
    (line, column.saturating_add(1))
}

/// A path as a URI reference: relative paths stay relative to where the command was run.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.trim_start_matches("./").bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
#[allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on must fail"
)]
mod tests {
    use super::*;
    use crate::policy::{Folder, compile};
    use std::collections::BTreeSet;

    /// A company whose role is misspelt behind a Chinese word and a sign of two UTF-16 units.
    fn faulty() -> Folder {
        let source = |name: &str, text: &str| Source {
            name: name.into(),
            text: text.into(),
        };
        let company = "[company]\nid = \"demo\"\ntitle = \"演示\"\nzone = \"Asia/Shanghai\"\ncalendar = \"cal\"\n";
        let rules = "[procedure]\nid = \"demo/p\"\ntitle = \"p\"\neffective = 2024-01-01\nwaive_by = [\"boss\"]\n\
            [clause.\"1\"]\ntext = \"一\"\n[role.boss]\ntitle = \"主任\"\n\
            [case.job]\ntitle = \"报修\"\n[case.job.events]\nasked = \"报\"\ndone = \"办\"\n\
            [deadline.fix]\ntitle = \"办\"\nclause = \"1\"\non = \"job.asked\"\nwithin = \"1天\"\ndone = \"job.done\"\n\
            bearer = \"boss\"\nescalate = [{ after = \"1天\", message = \"报😀\", to = \"bos\" }]\n";
        Folder {
            id: "demo".into(),
            files: vec![
                source("p/demo/company.toml", company),
                source("p/demo/规程 1.toml", rules),
            ],
            calendars: vec![source(
                "p/calendars/cal.toml",
                "[calendar]\ntitle = \"c\"\nweekdays = [\"mon\"]\ncovered = [2024-01-01, 2024-12-31]\n",
            )],
            scripts: vec![],
        }
    }

    fn made(lang: Lang) -> Value {
        let folder = faulty();
        let findings = compile(&folder).findings;
        let twice: Vec<Finding> = findings.iter().chain(&findings).cloned().collect();
        let sources: Vec<&Source> = folder.files.iter().chain(&folder.calendars).collect();
        log(&twice, &sources, lang)
    }

    #[test]
    fn a_region_counts_utf16_units_and_the_path_is_a_uri() {
        let made = made(Lang::En);
        let results = made["runs"][0]["results"].as_array().unwrap();
        let of = |code: &str| results.iter().filter(|r| r["ruleId"] == code).collect::<Vec<_>>();
        let [role] = of("unknown-role")[..] else {
            panic!("{made:#}")
        };
        let place = &role["locations"][0]["physicalLocation"];
        // 天 and 报 are one unit each, the face is two; columns count from 1.
        let line = "escalate = [{ after = \"1天\", message = \"报😀\", to = ";
        let column = line.chars().count() + 1 + 1;
        assert_eq!(place["region"]["startLine"], 22);
        assert_eq!(place["region"]["startColumn"], column);
        assert_eq!(place["region"]["endColumn"], column + 5);
        assert_eq!(place["artifactLocation"]["uri"], "p/demo/%E8%A7%84%E7%A8%8B%201.toml");
        assert_eq!(role["locations"][0]["logicalLocations"][0]["name"], "1");
        let text = role["message"]["text"].as_str().unwrap();
        assert!(
            text.contains("there is no role `bos`") && text.contains("did you mean `boss`?"),
            "{text}"
        );
    }

    #[test]
    fn the_log_has_the_shape_of_the_standard_in_both_languages() {
        for (lang, tag) in [(Lang::Zh, "zh-CN"), (Lang::En, "en")] {
            let made = made(lang);
            assert_eq!(made["version"], "2.1.0");
            let [run] = &made["runs"].as_array().unwrap()[..] else {
                panic!("one run")
            };
            assert_eq!(
                (&run["language"], &run["columnKind"]),
                (&json!(tag), &json!("utf16CodeUnits"))
            );
            let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
            let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
            assert_eq!(ids.len(), CODES.len());
            for rule in rules {
                let keys: BTreeSet<&str> = rule.as_object().unwrap().keys().map(String::as_str).collect();
                let known = [
                    "id",
                    "shortDescription",
                    "fullDescription",
                    "help",
                    "defaultConfiguration",
                    "properties",
                ];
                assert_eq!(keys, known.into_iter().collect());
                for text in ["shortDescription", "fullDescription", "help"] {
                    assert!(!rule[text]["text"].as_str().unwrap().is_empty(), "{rule}");
                }
            }
            let results = run["results"].as_array().unwrap();
            assert!(results.len() > 1);
            for (at, result) in results.iter().enumerate() {
                assert!(!results[..at].contains(result), "once each");
                let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                assert_eq!(rules[index]["id"], result["ruleId"]);
                assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
                assert!(!result["message"]["text"].as_str().unwrap().is_empty());
                for part in ["message", "effect", "remedy"] {
                    assert!(result["properties"][part]["zh"] != result["properties"][part]["en"]);
                }
                let region = &result["locations"][0]["physicalLocation"]["region"];
                for key in ["startLine", "startColumn", "endLine", "endColumn"] {
                    assert!(region[key].as_u64().unwrap() >= 1, "{result}");
                }
            }
        }
    }
}
