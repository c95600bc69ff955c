//! `grange config schema`: farmconfig.toml as a JSON Schema, for editors such as Taplo.
//!
//! Made from the same definitions that read the file, so a key cannot be in one and not in the other. Draft 7, which
//! is what editors of TOML understand.

use serde_json::{Map, Value as Json, json};

use crate::raw::Key;
use crate::raw::key::{Default, Kind, Since};
use crate::raw::keys::Scope;

/// The schema.
pub fn schema() -> Json {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "farmconfig.toml",
        "description": "A Grange wiki farm. Files named by `include` have [group.X] and [wiki.Y] only.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "farm": table(Scope::Farm, "The process; in the main file only."),
            "defaults": { "$ref": "#/definitions/wiki", "description": "Every wiki inherits these." },
            "group": {
                "description": "Settings that wikis with `group = \"X\"` inherit.",
                "type": "object",
                "propertyNames": { "pattern": "^[A-Za-z0-9_.-]{1,64}$" },
                "additionalProperties": { "$ref": "#/definitions/wiki" },
            },
            "wiki": {
                "description": "The wikis by their ids.",
                "type": "object",
                "propertyNames": { "pattern": "^[a-z0-9][a-z0-9-]{0,31}$" },
                "additionalProperties": { "$ref": "#/definitions/wiki" },
            },
        },
        "definitions": { "wiki": table(Scope::Wiki, "A wiki, or what wikis inherit.") },
    })
}

fn table(scope: Scope, description: &str) -> Json {
    let properties: Map<String, Json> = scope
        .keys()
        .map(|key| (key.name.to_owned(), property(key)))
        .collect();
    json!({
        "type": "object",
        "description": description,
        "additionalProperties": false,
        "properties": properties,
    })
}

fn property(key: &Key) -> Json {
    let mut property = match key.since {
        Since::Now => kind(&key.kind),
        Since::Later([]) => json!({ "not": {} }),
        Since::Later(allowed) => {
            json!({ "enum": allowed.iter().map(|value| from_toml(value)).collect::<Vec<_>>() })
        }
    };
    let Some(fields) = property.as_object_mut() else {
        return property;
    };
    let mut description = key.meaning();
    if key.since != Since::Now {
        description.push_str(" (Not available yet.)");
    }
    match key.default {
        Default::Toml(value) => _ = fields.insert("default".into(), from_toml(value)),
        Default::Words(words) => description.push_str(&format!(" Default: {words}.")),
    }
    fields.insert("description".into(), description.into());
    fields.insert("examples".into(), json!([from_toml(key.example)]));
    property
}

/// A `${NAME}` can stand for any word, so an editor must let it pass.
fn word(words: &[&str]) -> Json {
    json!({ "anyOf": [{ "enum": words }, { "type": "string", "pattern": "\\$\\{" }] })
}

fn kind(kind: &Kind) -> Json {
    let list = |items: Json| json!({ "type": "array", "items": items });
    match kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Text(_) | Kind::Path => json!({ "type": "string" }),
        Kind::Texts(_) | Kind::Paths => list(json!({ "type": "string" })),
        Kind::Word { now, .. } => word(now),
        Kind::Store { now, .. } => json!({
            "anyOf": [{ "enum": now }, { "type": "string", "pattern": "://|\\$\\{" }]
        }),
        Kind::Words { now, .. } => list(word(now)),
        Kind::Whole { min, max } | Kind::Bytes { min, max } => {
            json!({ "type": "integer", "minimum": min, "maximum": max })
        }
        Kind::Seconds => json!({ "type": "number", "exclusiveMinimum": 0 }),
        Kind::Hours => json!({ "type": "number", "minimum": 0 }),
        Kind::Lifetime => json!({
            "anyOf": [
                { "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 },
                { "type": "number" },
            ]
        }),
    }
}

/// A value of a definition, which is TOML.
fn from_toml(value: &str) -> Json {
    let document: Option<toml::Table> = format!("value = {value}").parse().ok();
    let value = document.and_then(|mut table| table.remove("value"));
    value
        .and_then(|value| serde_json::to_value(value).ok())
        .unwrap_or(Json::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wiki_key(name: &str) -> Json {
        schema()["definitions"]["wiki"]["properties"][name].clone()
    }

    #[test]
    fn every_key_has_a_meaning_a_default_or_words_for_it_and_an_example() {
        for key in Scope::Farm.keys().chain(Scope::Wiki.keys()) {
            let property = property(key);
            let description = property["description"].as_str().unwrap();
            assert!(
                description.len() > 10 && !description.contains("  "),
                "{}: {description}",
                key.name
            );
            assert!(
                property.get("default").is_some() || description.contains("Default: "),
                "{}",
                key.name
            );
            assert!(!property["examples"][0].is_null(), "{}", key.name);
        }
    }

    #[test]
    fn types_defaults_and_ranges_are_those_of_the_definition() {
        assert_eq!(wiki_key("trail_size")["maximum"], 100);
        assert_eq!(wiki_key("cookie_lifetime")["default"], json!([0, 12]));
        assert_eq!(
            wiki_key("same_site")["anyOf"][0]["enum"],
            json!(["lax", "strict", "none", "off"])
        );
        assert_eq!(
            schema()["properties"]["farm"]["properties"]["listen"]["type"],
            "array"
        );
    }

    #[test]
    fn what_is_not_available_yet_is_refused_by_the_schema_too() {
        assert_eq!(wiki_key("mail_from")["not"], json!({}));
        assert_eq!(wiki_key("acl_hierarchic")["enum"], json!([false]));
    }

    /// Lines such as `key = value` or `# key = value`: the key, its value if the line is a comment.
    fn documented(lines: &str) -> Vec<(&str, Option<&str>)> {
        let named = lines.lines().filter_map(|line| {
            let (name, value) = line.trim_start_matches("# ").split_once(" = ")?;
            let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            is_name.then_some((name, line.starts_with('#').then_some(value)))
        });
        named.collect()
    }

    #[test]
    fn the_demo_farm_has_every_key_with_its_default_and_no_other() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../farmconfig.toml");
        let text = std::fs::read_to_string(file).unwrap();
        let (farm, rest) = text.split_once("\n[defaults]\n").unwrap();
        let (wikis, _) = rest.split_once("\n[group.").unwrap();
        for (scope, part) in [(Scope::Farm, farm), (Scope::Wiki, wikis)] {
            let documented = documented(part);
            for key in scope.keys() {
                let has_it = documented.iter().any(|(name, _)| *name == key.name);
                let is_the_wikis_own = ["at", "aliases", "group"].contains(&key.name);
                assert!(has_it || is_the_wikis_own, "{} is missing", key.name);
            }
            for (name, value) in documented {
                let key = scope.keys().find(|key| key.name == name);
                let key = key.unwrap_or_else(|| panic!("there is no key {name}"));
                if let (Default::Toml(default), Some(value)) = (key.default, value) {
                    assert_eq!(from_toml(value), from_toml(default), "{name}");
                }
            }
        }
    }

    #[test]
    fn unknown_keys_and_tables_are_refused() {
        let schema = schema();
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["definitions"]["wiki"]["additionalProperties"], false);
        assert_eq!(schema["properties"]["farm"]["additionalProperties"], false);
    }
}
