//! `grange config show`: every setting of one wiki, and with `--why` where each comes from.
//!
//! The output is TOML, so that it can be pasted; what is nowhere written and has no value is a comment. It works on
//! layers, so it also answers while the configuration is refused.

use std::fmt::Write as _;

use crate::check::session::Spelling;
use crate::check::{Loaded, disguise};
use crate::layers::{Effective, Layer};
use crate::raw::key::{Default, Since};
use crate::raw::keys::{cookie, look, places};
use crate::raw::value::quote;
use crate::raw::{Entry, Key, unknown};

/// There is no such wiki.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no wiki \"{wiki}\"{}", near.as_ref().map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default())]
pub struct UnknownWiki {
    /// The id that was asked for.
    pub wiki: String,
    /// An id that resembles it.
    pub near: Option<String>,
}

/// Every setting in force for a wiki, one a line; with `why` each with its layer, file and line.
///
/// # Errors
/// * [`UnknownWiki`]: no file has a `[wiki.ID]` of this id.
pub fn show_config(loaded: &Loaded, wiki: &str, why: bool) -> Result<String, UnknownWiki> {
    let settings = settings_of(loaded, wiki)?;
    let mut shown = String::new();
    for (key, held) in settings.all() {
        let Some(line) = line(loaded, &settings, key, held) else {
            continue;
        };
        // Writing to a String cannot fail.
        _ = match why {
            true => writeln!(shown, "{line:<50} # {}", origin(loaded, &settings, held)),
            false => writeln!(shown, "{line}"),
        };
    }
    Ok(shown)
}

/// The same for machines: an object with a key for each setting, each with its `value` (`null` where it is not set or
/// was refused) and its `origin`, the layer with file and line.
///
/// # Errors
/// * as [`show_config`]
pub fn show_config_json(loaded: &Loaded, wiki: &str) -> Result<serde_json::Value, UnknownWiki> {
    let settings = settings_of(loaded, wiki)?;
    let mut shown = serde_json::Map::new();
    for (key, held) in settings.all() {
        let Some(line) = line(loaded, &settings, key, held) else {
            continue;
        };
        let origin = origin(loaded, &settings, held);
        let value = json_value(key, &line);
        shown.insert(
            key.name.to_owned(),
            serde_json::json!({ "value": value, "origin": origin }),
        );
    }
    Ok(shown.into())
}

/// The value of a line as [`show_config`] writes it.
fn json_value(key: &Key, line: &str) -> serde_json::Value {
    let table: Option<serde_json::Map<_, _>> = toml::from_str(line).ok();
    table
        .and_then(|mut table| table.remove(key.name))
        .unwrap_or_default()
}

fn settings_of<'a>(loaded: &'a Loaded, wiki: &str) -> Result<Effective<'a>, UnknownWiki> {
    let wikis = &loaded.layers.raw.wikis;
    let table = wikis.find(wiki).ok_or_else(|| UnknownWiki {
        wiki: wiki.to_owned(),
        near: unknown::closest(wiki, wikis.ids()).map(str::to_owned),
    })?;
    Ok(loaded.layers.effective(table))
}

fn line(
    loaded: &Loaded,
    settings: &Effective<'_>,
    key: &Key,
    held: Option<(Layer, &Entry)>,
) -> Option<String> {
    if let Some((_, entry)) = held {
        return Some(format!("{} = {}", key.name, entry.value.to_toml()));
    }
    match (derived(loaded, settings, key), key.default, key.since) {
        (Some(value), _, _) => Some(format!("{} = {value}", key.name)),
        // What is not available yet is not set either, and nobody asked.
        (None, _, Since::Later(_)) => None,
        (None, Default::Words(words), _) => Some(format!("# {} is not set: {words}", key.name)),
        (None, Default::Toml(_), _) => None,
    }
}

/// The value of a setting that others decide.
fn derived(loaded: &Loaded, settings: &Effective<'_>, key: &Key) -> Option<String> {
    let is = |other: &Key| key.name == other.name;
    if is(&look::SITENAME) || is(&look::INTERWIKINAME) {
        return Some(quote(&settings.wiki.id));
    }
    if [&places::DATA_DIR, &places::SESSION_DIR, &places::USER_DIR]
        .into_iter()
        .any(is)
    {
        return Some(quote(&disguise::shown_directory(&loaded.layers, settings, key)));
    }
    if is(&cookie::COOKIE_PATH) {
        return Some(quote("/"));
    }
    if is(&cookie::COOKIE_LIFETIME) {
        let (anonymous, logged_in) = Spelling::in_force(settings)?.pair();
        return Some(format!("[{anonymous}, {logged_in}]"));
    }
    None
}

fn origin(loaded: &Loaded, settings: &Effective<'_>, held: Option<(Layer, &Entry)>) -> String {
    let Some((layer, entry)) = held else {
        return "built-in".to_owned();
    };
    let place = loaded.sources.file_line(entry.key_place);
    match layer {
        Layer::BuiltIn => "built-in".to_owned(),
        Layer::Defaults => format!("[defaults] {place}"),
        Layer::Group => format!("[group.{}] {place}", settings.group.map_or("", |group| &group.id)),
        Layer::Wiki => format!("[wiki.{}] {place}", settings.wiki.id),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::lint::testing::{check, check_with};

    const LAYERED: &str = "[defaults]\ntrail_size = 7\nfront_page = \"Start\"\n[group.g]\nfront_page = \"Home\"\n\
                           [wiki.a]\nat = [\"a.example.org\"]\ngroup = \"g\"\nsitename = \"A\"\n";

    fn shown(text: &str, why: bool) -> String {
        show_config(&check(text), "a", why).unwrap()
    }

    fn line_of<'a>(shown: &'a str, key: &str) -> &'a str {
        shown
            .lines()
            .find(|line| line.split(' ').next() == Some(key))
            .unwrap_or_else(|| panic!("{key}: {shown}"))
    }

    #[test]
    fn every_setting_tells_the_layer_file_and_line_it_comes_from() {
        let shown = shown(LAYERED, true);
        for (key, value, origin) in [
            ("trail_size", "7", "[defaults] /farm/farmconfig.toml:2"),
            ("front_page", "\"Home\"", "[group.g] /farm/farmconfig.toml:5"),
            ("sitename", "\"A\"", "[wiki.a] /farm/farmconfig.toml:9"),
            ("same_site", "\"lax\"", "built-in"),
        ] {
            let line = line_of(&shown, key);
            assert!(
                line.starts_with(&format!("{key} = {value} ")) && line.ends_with(&format!("# {origin}")),
                "{line}"
            );
        }
    }

    #[test]
    fn machines_get_values_with_their_origins() {
        let shown = show_config_json(&check(LAYERED), "a").unwrap();
        assert_eq!(shown["trail_size"]["value"], 7);
        assert_eq!(
            shown["trail_size"]["origin"],
            "[defaults] /farm/farmconfig.toml:2"
        );
        assert_eq!(shown["at"]["value"], serde_json::json!(["a.example.org"]));
        assert_eq!(shown["cookie_lifetime"]["value"][1].as_f64(), Some(12.0));
        assert_eq!(shown["logo"]["value"], serde_json::Value::Null);
        assert!(show_config_json(&check(LAYERED), "b").is_err());
    }

    #[test]
    fn what_is_shown_is_toml_that_means_the_same() {
        let shown = shown(LAYERED, false);
        let again = show_config(
            &check(&format!("[wiki.a]\n{}", shown.replace("group = \"g\"", ""))),
            "a",
            false,
        );
        assert_eq!(
            again.unwrap(),
            shown.replace("group = \"g\"", "# group is not set: none")
        );
    }

    #[test]
    fn directories_and_names_that_nobody_wrote_are_shown_as_they_will_be() {
        let shown = shown("[farm]\ndata_dir = \"/srv\"\n[wiki.a]\nat = [\"*\"]\n", false);
        assert_eq!(line_of(&shown, "data_dir"), "data_dir = \"/srv/a\"");
        assert_eq!(
            line_of(&shown, "session_dir"),
            "session_dir = \"/srv/a/sessions\""
        );
        assert_eq!(line_of(&shown, "sitename"), "sitename = \"a\"");
    }

    #[test]
    fn an_anonymous_key_alone_is_shown_with_the_pair_it_makes() {
        let shown = shown("[wiki.a]\nat = [\"*\"]\nanonymous_session_lifetime = 1\n", false);
        assert_eq!(line_of(&shown, "cookie_lifetime"), "cookie_lifetime = [1, 12]");
        assert_eq!(
            line_of(&shown, "anonymous_session_lifetime"),
            "anonymous_session_lifetime = 1"
        );
    }

    #[test]
    fn a_value_from_the_environment_is_never_shown() {
        let environment = BTreeMap::from([("SECRET".to_owned(), "hush".to_owned())]);
        let text = "[farm]\ndata_dir = \"/x/${SECRET}\"\n[wiki.a]\nat = [\"${SECRET}.example.org\"]\n\
                    sitename = \"${SECRET}\"\ncookie_domain = \".${SECRET}.example.org\"\n";
        let loaded = check_with(text, &environment);
        assert!(loaded.config.is_some(), "{:?}", loaded.problems);
        let shown = show_config(&loaded, "a", true).unwrap();
        assert!(shown.contains("${SECRET}") && !shown.contains("hush"), "{shown}");
    }

    #[test]
    fn an_unknown_wiki_is_told_the_one_that_was_meant() {
        let loaded = check("[wiki.kitchen]\nat = [\"*\"]");
        let error = show_config(&loaded, "kichen", false).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no wiki \"kichen\"; did you mean \"kitchen\"?"
        );
        assert_eq!(show_config(&loaded, "zzz", false).unwrap_err().near, None);
    }

    #[test]
    fn a_refused_configuration_is_shown_all_the_same() {
        let shown = shown("[wiki.a]\nat = [\"*\"]\ntrail_size = \"x\"\n", false);
        assert_eq!(line_of(&shown, "trail_size"), "trail_size = (refused)");
    }
}
