//! Which values by date (`[param.*]`) a rule takes, read off the text of its edition.

use chrono::NaiveDate;
use toml::{Table, Value};

/// A value by date that a rule takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Valued {
    /// The key of the rule that takes it, such as `within`; with a dot where it stands deeper.
    pub key: String,
    /// The name of the value.
    pub param: String,
    /// What it is, as written.
    pub value: String,
    /// From which local date on it is so.
    pub from: NaiveDate,
    /// The clauses that say so.
    pub clauses: Vec<String>,
    /// The next value and the local date from which on it is so.
    pub next: Option<(NaiveDate, String)>,
}

/// The values by date that a rule of a procedure takes on a local date. `text` is the procedure as written; of a text
/// that is none, and of a rule that is not in it, none.
pub fn values_of(text: &str, rule: &str, on: NaiveDate) -> Vec<Valued> {
    // Most have none, and need not be read for that.
    if !text.contains("[param.") {
        return Vec::new();
    }
    let Ok(root) = text.parse::<Table>() else {
        return Vec::new();
    };
    let Some(params) = root.get("param").and_then(Value::as_table) else {
        return Vec::new();
    };
    let families = root.iter().filter(|(family, _)| *family != "param");
    let written = families.filter_map(|(_, rules)| rules.as_table()?.get(rule)?.as_table());
    let mut found = Vec::new();
    for table in written {
        look(table, "", params, on, &mut found);
    }
    found
}

fn look(table: &Table, under: &str, params: &Table, on: NaiveDate, found: &mut Vec<Valued>) {
    if let (Some(Value::String(name)), 1) = (table.get("param"), table.len()) {
        found.extend(params.get(name).and_then(|param| valued(under, name, param, on)));
        return;
    }
    for (key, value) in table {
        let deeper = match under {
            "" => key.clone(),
            under => format!("{under}.{key}"),
        };
        match value {
            Value::Table(inner) => look(inner, &deeper, params, on, found),
            Value::Array(list) => {
                let tables = list.iter().filter_map(Value::as_table);
                tables.for_each(|inner| look(inner, &deeper, params, on, found));
            }
            _ => {}
        }
    }
}

fn valued(key: &str, name: &str, param: &Value, on: NaiveDate) -> Option<Valued> {
    let list = param.as_table()?.get("values")?.as_array()?;
    let dated = list.iter().filter_map(|one| {
        let one = one.as_table()?;
        let from = one.get("from")?;
        let from = from.as_str().map_or_else(|| from.to_string(), str::to_owned);
        let clauses = match one.get("clause") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(list)) => list.iter().filter_map(|c| Some(c.as_str()?.to_owned())).collect(),
            _ => Vec::new(),
        };
        Some((from.parse::<NaiveDate>().ok()?, written(one.get("value")?), clauses))
    });
    let dated: Vec<(NaiveDate, String, Vec<String>)> = dated.collect();
    let at = dated.iter().rposition(|(from, ..)| *from <= on)?;
    let (from, value, clauses) = dated.get(at)?.clone();
    let next = dated
        .get(at.saturating_add(1))
        .map(|(from, value, _)| (*from, value.clone()));
    Some(Valued {
        key: key.to_owned(),
        param: name.to_owned(),
        value,
        from,
        clauses,
        next,
    })
}

fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
[param.days]
values = [
  { from = 2026-01-01, value = "3d", clause = "4.1" },
  { from = 2026-07-01, value = "2d" },
]

[deadline.follow-up]
within = { param = "days" }
escalate = [ { after = { param = "days" }, to = "manager" } ]

[deadline.other]
within = "5d"
"#;

    fn on(date: &str) -> NaiveDate {
        date.parse().unwrap()
    }

    #[test]
    fn the_value_of_a_date_is_told_with_the_date_it_is_in_force_from() {
        let found = values_of(TEXT, "follow-up", on("2026-06-30"));
        let keys: Vec<&str> = found.iter().map(|v| v.key.as_str()).collect();
        assert_eq!(keys, ["escalate.after", "within"]);
        let within = found.last().unwrap();
        assert_eq!((within.value.as_str(), within.from), ("3d", on("2026-01-01")));
        assert_eq!(within.next, Some((on("2026-07-01"), "2d".to_owned())));
        assert_eq!(within.clauses, ["4.1"]);
        let later = values_of(TEXT, "follow-up", on("2026-07-01"));
        assert_eq!(
            later.last().map(|v| (v.value.as_str(), v.next.is_none())),
            Some(("2d", true))
        );
    }

    #[test]
    fn a_rule_without_one_and_a_date_before_all_have_none() {
        assert!(values_of(TEXT, "other", on("2026-07-01")).is_empty());
        assert!(values_of(TEXT, "follow-up", on("2025-12-31")).is_empty());
        assert!(values_of("no toml [", "follow-up", on("2026-07-01")).is_empty());
    }
}
