//! What people see of a wiki's settings: values from the environment stay `${NAME}`.
//!
//! Messages and `grange explain` ask here whenever a text is made from several settings, so that none slips through in
//! a cookie's name or in a directory below another.

use grange_session::SessionPolicy;

use super::WikiConfig;
use crate::address::Address;
use crate::layers::{Effective, Layers};
use crate::raw::keys::{cookie, farm, look, places};
use crate::raw::{Key, Text, Value};

/// The policy with the attributes as written; only for showing.
pub(crate) fn shown_policy(config: &WikiConfig, settings: &Effective<'_>) -> SessionPolicy {
    let mut policy = SessionPolicy::clone(&config.session);
    let written = |key: &Key| {
        settings
            .text(key)
            .and_then(|text| text.written.as_deref())
            .map(str::to_owned)
    };
    policy.cookie.name_part = shown_name_part(config, settings);
    if let Some(domain) = written(&cookie::COOKIE_DOMAIN) {
        policy.cookie.domain = Some(domain);
    }
    // Whether the path is `/` decides the prefix of the name, and says nothing else.
    if let Some(path) = written(&cookie::COOKIE_PATH).filter(|_| policy.cookie.path != "/") {
        policy.cookie.path = path;
    }
    policy
}

/// The part of the cookie's name that the wiki decides.
pub(crate) fn shown_name_part(config: &WikiConfig, settings: &Effective<'_>) -> String {
    let real = &config.session.cookie.name_part;
    match (
        settings.text(&cookie::COOKIE_NAME),
        settings.items(&look::AT).first(),
        config.canonical(),
    ) {
        (Some(Text { value, .. }), _, _) if &**value == "siteidmagic" => real.clone(),
        (Some(name), _, _) => name.shown().to_owned(),
        (
            None,
            Some(Text {
                written: Some(written),
                ..
            }),
            Some(address),
        ) if gives_name(written, address) => {
            format!("<from {written}>")
        }
        (None, _, _) => real.clone(),
    }
}

/// Whether port or path of an address, which make the name, came out of a variable.
fn gives_name(written: &str, address: &Address) -> bool {
    let rest = written.split_once("://").map_or(written, |(_, rest)| rest);
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port = authority
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse::<u16>().ok());
    port != address.port() || path.contains("${") || path.is_empty() != address.path().is_empty()
}

/// A directory as written, or what its default is made of.
pub(crate) fn shown_directory(layers: &Layers, settings: &Effective<'_>, key: &Key) -> String {
    if let Some(text) = settings.text(key) {
        return text.shown().to_owned();
    }
    let above = |key: &Key| shown_directory(layers, settings, key);
    if key.name == places::SESSION_DIR.name {
        format!("{}/sessions", above(&places::DATA_DIR))
    } else if key.name == places::USER_DIR.name {
        format!("{}/users", above(&places::DATA_DIR))
    } else {
        format!("{}/{}", shown_farm_directory(layers), settings.wiki.id)
    }
}

/// `data_dir` of `[farm]` as written.
pub(crate) fn shown_farm_directory(layers: &Layers) -> &str {
    match layers.farm(&farm::DATA_DIR).map(|entry| &entry.value) {
        Some(Value::Text(text)) => text.shown(),
        _ => "wikis",
    }
}

/// The secrets file as written, or what its default is made of.
pub(crate) fn shown_secrets_file(layers: &Layers) -> String {
    match layers.farm(&farm::SECRETS_FILE).map(|entry| &entry.value) {
        Some(Value::Text(text)) => text.shown().to_owned(),
        _ => format!("{}/_farm/secrets", shown_farm_directory(layers)),
    }
}
