//! Policies in sentences from the outside: `render`, `diff`, and over HTTP.

use crate::bench::{Temp, root, server};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guicheng"));
    for name in ["GUICHENG_POLICIES", "GUICHENG_SCRIPTS"] {
        command.env_remove(name);
    }
    command.env("GUICHENG_LANG", "zh").current_dir(root());
    command.args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &name),
            false => drop(fs::copy(&path, &name).unwrap()),
        }
    }
}

#[test]
fn render_writes_each_company_as_a_file_in_the_form_that_is_asked_for() {
    let temp = Temp::new();
    let out = temp.path().join("out");
    let out = out.to_str().unwrap();
    for (format, ending, begins) in [
        ("text", "md", "# "),
        ("html", "html", "<!doctype html>"),
        ("json", "json", "{"),
    ] {
        let done = run(&["render", "fuheng", "kexin", "--format", format, "--out", out]);
        assert_eq!(done.status.code(), Some(0));
        for company in ["fuheng", "kexin"] {
            let written = fs::read_to_string(format!("{out}/{company}.{ending}")).unwrap();
            assert!(written.starts_with(begins), "{company} {format}");
        }
    }
    let zh = text(&run(&["render", "fuheng"]));
    assert!(zh.contains("投诉“处理完毕”后，承担人须在3天内办完“投诉回访”"), "{zh}");
    let en = text(&run(&["render", "fuheng", "--lang", "en"]));
    assert!(
        en.contains("After “处理完毕” (投诉), the bearer must complete “投诉回访” within 3 days."),
        "{en}"
    );
    assert_eq!(run(&["check", "--format", "html"]).status.code(), Some(2));
    assert_eq!(run(&["render", "nobody"]).status.code(), Some(1));
}

#[test]
fn diff_tells_by_its_exit_code_whether_anything_changed() {
    let temp = Temp::new();
    let new = temp.path().join("policies");
    copy(&root().join("policies"), &new);
    let path = new.join("fuheng/follow-up.toml");
    let written = fs::read_to_string(&path).unwrap();
    let new = new.to_str().unwrap();
    fs::write(&path, format!("# 只是一句注\n{written}")).unwrap();
    let same = run(&["diff", "policies", new]);
    assert_eq!((same.status.code(), text(&same).trim()), (Some(0), "不同之处 0"));
    fs::write(&path, written.replacen("within = \"3天\"", "within = \"2天\"", 1)).unwrap();
    let changed = run(&["diff", "policies", new, "--company", "fuheng"]);
    let said = text(&changed);
    assert_eq!(changed.status.code(), Some(5), "{said}");
    for part in [
        "改动 · [4.1.1(1)] 期限 投诉回访",
        "期限：在3天内 → 在2天内",
        "执行日期 2024-01-01",
        "涉及 管理处主任",
        "不同之处 1",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let of_one = run(&["diff", "policies/fuheng", &format!("{new}/fuheng"), "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&text(&of_one)).unwrap();
    assert_eq!(
        (of_one.status.code(), &json["differences"]),
        (Some(5), &serde_json::json!(1))
    );
    let slot = &json["companies"][0]["changes"][0]["slots"][0];
    assert_eq!(
        (&slot["slot"], &slot["new"]["en"]),
        (&"term".into(), &"within 2 days".into())
    );
    assert_eq!(run(&["diff", "policies@2026-13-01", new]).status.code(), Some(2));
    fs::write(&path, written.replacen("within = \"3天\"", "within = \"3\"", 1)).unwrap();
    assert_eq!(run(&["diff", "policies", new]).status.code(), Some(3));
}

#[test]
fn diff_compares_the_editions_of_two_dates() {
    let temp = Temp::new();
    let dir = temp.path().join("policies");
    copy(&root().join("policies"), &dir);
    let written = fs::read_to_string(dir.join("fuheng/follow-up.toml")).unwrap();
    let second = written
        .replacen(
            "effective = 2024-01-01",
            "effective = 2026-07-01\ntransition = \"new_occurrences\"",
            1,
        )
        .replacen("at_least = \"30%\"", "at_least = \"40%\"", 1);
    fs::write(dir.join("fuheng/follow-up-2.toml"), second).unwrap();
    let dir = dir.join("fuheng");
    let on = |date: &str| format!("{}@{date}", dir.to_str().unwrap());
    assert_eq!(
        run(&["diff", &on("2026-01-01"), &on("2026-06-30")]).status.code(),
        Some(0)
    );
    let changed = run(&["diff", &on("2026-06-30"), &on("2026-07-01")]);
    let said = text(&changed);
    assert_eq!(changed.status.code(), Some(5), "{said}");
    for part in ["指标：30% → 40%", "执行日期 2026-07-01", "日子还没到的按这一版重排"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_procedure_is_answered_in_sentences_where_that_is_asked_for() {
    let bench = server();
    let html = bench.reply("/policies/follow-up?format=html&lang=en");
    assert_eq!((html.status, html.kind.as_str()), (200, "text/html; charset=utf-8"));
    assert!(
        html.text.contains("id=\"deadline-complaint-follow-up\""),
        "{}",
        html.text
    );
    assert!(html.text.contains("within 3 days"), "{}", html.text);
    let markdown = bench.reply("/policies/follow-up?format=markdown");
    assert_eq!(
        (markdown.status, markdown.kind.as_str()),
        (200, "text/markdown; charset=utf-8")
    );
    assert!(markdown.text.contains("办完“投诉回访”"), "{}", markdown.text);
    assert_eq!(bench.reply("/policies/follow-up?format=pdf").status, 400);
    assert_eq!(bench.reply("/policies/follow-up?format=html&lang=fr").status, 400);
}
