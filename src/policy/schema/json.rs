//! Shapes as JSON Schemas (draft 7, which the common editors of TOML understand).

use super::{Key, Of, Shape, Value};
use serde_json::{Map, json};

/// The schema of a kind of file.
pub fn generate(of: Of) -> serde_json::Value {
    let root = of.root();
    let mut definitions = Map::new();
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
    schema.insert("title".to_owned(), json!(format!("guicheng: {}", of.word())));
    schema.extend(table(root, &mut definitions));
    schema.insert("definitions".to_owned(), definitions.into());
    schema.into()
}

/// The schema as its file has it.
pub fn write(of: Of) -> String {
    let mut text = serde_json::to_string_pretty(&generate(of)).unwrap_or_default();
    text.push('\n');
    text
}

fn table(shape: &Shape, definitions: &mut Map<String, serde_json::Value>) -> Map<String, serde_json::Value> {
    let properties: Map<String, serde_json::Value> = shape
        .keys()
        .map(|key| (key.name.to_owned(), property(key, definitions)))
        .collect();
    let needed: Vec<&str> = shape.keys().filter(|key| key.needed).map(|key| key.name).collect();
    let mut made = Map::new();
    made.insert("description".to_owned(), json!(format!("{}\n{}", shape.zh, shape.en)));
    made.insert("type".to_owned(), json!("object"));
    made.insert("additionalProperties".to_owned(), json!(false));
    made.insert("properties".to_owned(), properties.into());
    if !needed.is_empty() {
        made.insert("required".to_owned(), json!(needed));
    }
    made
}

fn property(key: &Key, definitions: &mut Map<String, serde_json::Value>) -> serde_json::Value {
    let mut made = Map::new();
    made.insert("description".to_owned(), json!(format!("{}\n{}", key.zh, key.en)));
    if let serde_json::Value::Object(value) = value(&key.value, definitions) {
        made.extend(value);
    }
    let examples: Vec<serde_json::Value> = key
        .examples
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok())
        .collect();
    if !examples.is_empty() {
        made.insert("examples".to_owned(), examples.into());
    }
    made.into()
}

fn value(value_of: &Value, definitions: &mut Map<String, serde_json::Value>) -> serde_json::Value {
    match value_of {
        Value::Text => json!({ "type": "string" }),
        Value::Texts => json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] }),
        Value::Int => json!({ "type": "integer" }),
        Value::Positive => json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, parameter()] }),
        Value::Number => json!({ "type": "number" }),
        Value::Bool => json!({ "type": "boolean" }),
        Value::Date => json!({ "type": "string", "format": "date" }),
        Value::Term | Value::Share => {
            json!({ "anyOf": [{ "type": "string", "minLength": 1 }, parameter()] })
        }
        Value::Instant => json!({ "type": ["string", "integer"] }),
        Value::Words(words) => json!({ "type": "string", "enum": words }),
        Value::Any => json!({}),
        Value::Table(shape) => {
            if !definitions.contains_key(shape.name) {
                // Shapes may stand within themselves.
                definitions.insert(shape.name.to_owned(), json!({}));
                let made = table(shape, definitions);
                definitions.insert(shape.name.to_owned(), made.into());
            }
            json!({ "$ref": format!("#/definitions/{}", shape.name) })
        }
        Value::Map(each) => json!({ "type": "object", "additionalProperties": value(each, definitions) }),
        Value::List(each) => json!({ "type": "array", "items": value(each, definitions) }),
        Value::OneOf(all) => {
            let all: Vec<serde_json::Value> = all.iter().map(|one| value(one, definitions)).collect();
            json!({ "anyOf": all })
        }
    }
}

/// `{ param = "…" }`
fn parameter() -> serde_json::Value {
    json!({
        "type": "object",
        "description": "按日期取值的参数，见 [param.名字]\nA parameter whose value depends on the date, declared by [param.NAME]",
        "additionalProperties": false,
        "properties": { "param": { "type": "string" } },
        "required": ["param"],
    })
}
