//! A company stays in its zone.

use crate::bench::*;
use serde_json::json;
use std::fs;

#[test]
fn a_reload_with_another_zone_is_refused_and_says_what_to_do() {
    let mut bench = server();
    resolved(&bench, "C-1");
    let before = bench.fingerprint();
    let zone = ("zone = \"Asia/Shanghai\"", "zone = \"Asia/Tokyo\"");
    amend(&bench.policies(), "company.toml", zone.0, zone.1);
    for dry in ["", "?dry_run=true"] {
        let problem = bench.reload(dry).problem(422, "policies-refused");
        let told = &problem["companies"]["fuheng"];
        assert_eq!((&told["result"], &told["stage"]), (&json!("refused"), &json!("check")));
        for lang in ["zh", "en"] {
            let why = told["why"][lang].as_str().unwrap();
            assert!(
                why.contains(zone.0) && why.contains(zone.1) && why.contains("id"),
                "{why}"
            );
        }
    }
    assert_eq!(bench.status()["companies"]["fuheng"]["policies"], "stale");
    assert_eq!(bench.fingerprint(), before);
    bench.restart();
    assert_eq!(bench.status()["companies"]["fuheng"]["stale"]["stage"], "check");
    assert_eq!(bench.fingerprint(), before);
    amend(&bench.policies(), "company.toml", zone.1, zone.0);
    assert_eq!(bench.reload("").expect(200)["unchanged"], json!(["fuheng"]));
    // A company that has no record yet may be anywhere.
    copy(&bench.policies().join("fuheng"), &bench.policies().join("tokyo"));
    for file in ["company.toml", "follow-up.toml"] {
        let path = bench.policies().join("tokyo").join(file);
        let text = fs::read_to_string(&path).unwrap().replace(zone.0, zone.1);
        fs::write(&path, text.replace("id = \"fuheng", "id = \"tokyo")).unwrap();
    }
    let answer = bench.reload("?company=tokyo").expect(200);
    assert_eq!(answer["changed"], json!(["tokyo"]), "{answer}");
}

#[test]
fn a_draft_with_another_zone_is_not_tried_and_says_what_to_do() {
    let bench = server();
    let text = fs::read_to_string(bench.policies().join("fuheng/company.toml")).unwrap();
    let draft = text.replace("zone = \"Asia/Shanghai\"", "zone = \"Asia/Tokyo\"");
    let body = json!({ "files": { "company.toml": draft }, "from": "2026-03-01", "to": "2026-03-02" });
    let path = "/v1/companies/fuheng/simulate";
    let problem = bench
        .ask("POST", path, "application/json", body.to_string())
        .problem(422, "other-zone");
    assert_eq!(problem["pointer"], "/files");
    for said in ["detail", "detail_zh"] {
        assert!(
            problem[said].as_str().unwrap().contains("zone = \"Asia/Shanghai\""),
            "{problem}"
        );
    }
}
