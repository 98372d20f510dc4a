//! The JSON Schema of the manifest and its reference page, both from the doc comments of [`crate::manifest`].

use super::Manifest;
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// The JSON Schema, as text.
///
/// # Panics
/// Never: a schema is JSON.
#[must_use]
pub fn schema() -> String {
    serde_json::to_string_pretty(&value()).expect("a schema is JSON") + "\n"
}

fn value() -> Value {
    let mut schema = schemars::schema_for!(Manifest).to_value();
    unfold(&mut schema);
    schema
}

/// Doc comments are folded to the width of the source; editors show them as they are.
fn unfold(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                match value {
                    Value::String(text) if key == "description" => *text = text.replace('\n', " "),
                    other => unfold(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(unfold),
        _ => {}
    }
}

/// The reference page, as Markdown.
#[must_use]
pub fn page() -> String {
    let schema = value();
    let empty = Map::new();
    let definitions = schema["$defs"].as_object().unwrap_or(&empty);
    let mut page = String::from(
        "# The manifest\n\nGenerated from the doc comments of `src/manifest.rs` by `cargo test`; `s3boot schema` prints the same as JSON Schema.\n",
    );
    let mut due = vec![("The top".to_owned(), &schema)];
    let mut done: Vec<String> = Vec::new();
    while let Some((title, object)) = due.pop() {
        let found = section(&mut page, &title, object);
        for name in found.into_iter().rev() {
            if !done.contains(&name) {
                done.push(name.clone());
                due.push((name.clone(), &definitions[&name]));
            }
        }
    }
    page
}

/// One table, and the names of the types that its keys have.
fn section(page: &mut String, title: &str, object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let _ = write!(page, "\n## {title}\n\n{}\n", object["description"].as_str().unwrap_or_default());
    if let Some(properties) = object["properties"].as_object() {
        let required: Vec<_> = object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        page.push_str("\n| key | | type | |\n| --- | --- | --- | --- |\n");
        for (key, property) in properties {
            let mark = if required.contains(&key.as_str()) { "required" } else { "" };
            let _ = writeln!(
                page,
                "| `{key}` | {mark} | {} | {} |",
                kind(property, &mut found),
                property["description"].as_str().unwrap_or_default()
            );
        }
    }
    if let Some(values) = object["oneOf"].as_array() {
        page.push_str("\n| value | |\n| --- | --- |\n");
        for value in values {
            let _ = writeln!(
                page,
                "| `{}` | {} |",
                value["const"].as_str().unwrap_or_default(),
                value["description"].as_str().unwrap_or_default()
            );
        }
    }
    if let Some(forms) = object["anyOf"].as_array() {
        page.push('\n');
        for form in forms {
            let _ =
                writeln!(page, "- {}: {}", kind(form, &mut found), form["description"].as_str().unwrap_or_default());
        }
    }
    found
}

fn kind(property: &Value, found: &mut Vec<String>) -> String {
    if let Some(name) = property["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/$defs/")) {
        found.push(name.to_owned());
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(forms) = property["anyOf"].as_array() {
        let kinds: Vec<_> = forms.iter().filter(|form| form["type"] != "null").map(|form| kind(form, found)).collect();
        return kinds.join(" or ");
    }
    let types: Vec<_> = match &property["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect(),
        Value::String(kind) => vec![kind.as_str()],
        _ => vec!["any"],
    };
    match types.as_slice() {
        ["array"] => format!("list of {}", kind(&property["items"], found)),
        ["object"] => match property.get("additionalProperties").filter(|value| value.is_object()) {
            Some(values) => format!("mapping to {}", kind(values, found)),
            None => "mapping".to_owned(),
        },
        types => types.join(" or "),
    }
}
