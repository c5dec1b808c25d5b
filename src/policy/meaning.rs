//! What a procedure says, apart from how it is written: two texts that differ in comments, blanks and line breaks alone
//! mean the same.

use super::compile::sha256;
use super::model::Id;
use toml::de::{DeTable, DeValue};

/// SHA-256 in hex over everything that a table says, in the order in which it is written.
pub(super) fn of(root: &DeTable<'_>) -> Id {
    let mut said = Vec::new();
    table(root, &mut said);
    sha256(said.iter().map(String::as_str))
}

fn table(table: &DeTable<'_>, said: &mut Vec<String>) {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    said.push("{".to_owned());
    for (key, of_key) in entries {
        said.push(key.get_ref().to_string());
        value(of_key.get_ref(), said);
    }
    said.push("}".to_owned());
}

fn value(value_: &DeValue<'_>, said: &mut Vec<String>) {
    match value_ {
        DeValue::String(text) => said.push(format!("\"{text}")),
        DeValue::Integer(n) => said.push(n.to_string()),
        DeValue::Float(n) => said.push(n.as_str().to_owned()),
        DeValue::Boolean(yes) => said.push(yes.to_string()),
        DeValue::Datetime(at) => said.push(at.to_string()),
        DeValue::Array(list) => {
            said.push("[".to_owned());
            for item in list.iter() {
                value(item.get_ref(), said);
            }
            said.push("]".to_owned());
        }
        DeValue::Table(of_value) => table(of_value, said),
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use toml::de::DeTable;

    fn meaning(text: &str) -> String {
        of(DeTable::parse(text).unwrap().get_ref()).to_string()
    }

    #[test]
    fn comments_and_blanks_mean_nothing() {
        let plain = meaning("[a]\nb = [1, \"x\"]\nc = { d = true }\n");
        let noted = meaning("# why\n[a]\nb = [\n  1, # one\n  \"x\",\n]\n\nc={d=true}");
        assert_eq!(plain, noted);
    }

    #[test]
    fn every_value_and_its_kind_means_something() {
        let texts = [
            "a = 1",
            "a = 2",
            "b = 1",
            "a = \"1\"",
            "a = [1]",
            "a = []",
            "a = {}",
            "a = { b = 1 }",
            "a = true",
            "a = 1.0",
            "a = 2026-01-01",
            "a = [1, [2]]",
            "a = [[1], 2]",
            "a = \"{\"",
        ];
        let meanings: std::collections::BTreeSet<String> = texts.iter().map(|text| meaning(text)).collect();
        assert_eq!(meanings.len(), texts.len());
    }
}
