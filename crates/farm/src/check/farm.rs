//! `[farm]`: listeners, proxies, places.
//!
//! Values are typed and known to parse; here they become what the server uses. Wikis follow in `check/wiki.rs`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{AdminListen, Checking, FarmAdmin, FarmConfig};
use crate::problem::{Finding, Sources};
use crate::raw::keys::farm as keys;
use crate::raw::{Entry, Key, Text, Value, include, rules};

/// The farm without its wikis.
pub(super) fn check_farm(checking: &mut Checking<'_>, path: &Path, sources: &Sources) -> FarmConfig {
    check_listen(checking);
    let data_dir = directory(checking, &keys::DATA_DIR);
    let secrets_file = match text(checking, &keys::SECRETS_FILE) {
        Some(file) => checking.absolute(file),
        None => data_dir.join("_farm").join("secrets"),
    };
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    FarmConfig {
        path: absolute(path),
        files: sources.paths().map(absolute).collect(),
        include: include_patterns(checking),
        listen: items(checking, &keys::LISTEN)
            .iter()
            .filter_map(|text| text.value.parse().ok())
            .collect(),
        admin_listen: admin_listen(checking),
        data_dir,
        trusted_proxies: networks(checking),
        admins: admins(checking),
        secrets_file,
        wikis: Vec::new(),
    }
}

fn check_listen(checking: &mut Checking<'_>) {
    let Some(entry) = checking.layers.farm(&keys::LISTEN) else {
        return;
    };
    if matches!(&entry.value, Value::Texts(texts) if texts.items.is_empty() && !texts.incomplete) {
        let message = "`listen` is empty: the farm would be reached nowhere.";
        let finding = Finding::error("value", entry.place, message);
        checking
            .findings
            .push(finding.remedy(format!("For example: `{}`.", keys::LISTEN.line())));
    }
}

fn admin_listen(checking: &Checking<'_>) -> AdminListen {
    let written = checking.layers.raw.farm.entry(&keys::ADMIN_LISTEN).is_some();
    let address = text(checking, &keys::ADMIN_LISTEN).and_then(|text| text.value.parse::<SocketAddr>().ok());
    match address {
        None => AdminListen::Off,
        Some(address) if written => AdminListen::Written(address),
        Some(address) => AdminListen::Default(address),
    }
}

fn include_patterns(checking: &Checking<'_>) -> Vec<String> {
    let directory = checking
        .directories
        .first()
        .map_or(Path::new("/"), PathBuf::as_path);
    let patterns = items(checking, &keys::INCLUDE).iter();
    patterns
        .map(|pattern| include::absolute_pattern(&pattern.value, directory))
        .collect()
}

fn networks(checking: &Checking<'_>) -> Vec<ipnet::IpNet> {
    items(checking, &keys::TRUSTED_PROXIES)
        .iter()
        .filter_map(|text| rules::parse_network(&text.value))
        .collect()
}

fn admins(checking: &Checking<'_>) -> Arc<[FarmAdmin]> {
    let admin = |text: &Text| {
        let (wiki, name) = text.value.split_once(':')?;
        Some(FarmAdmin {
            wiki: wiki.into(),
            name: name.to_owned(),
        })
    };
    items(checking, &keys::ADMINS).iter().filter_map(admin).collect()
}

fn directory(checking: &Checking<'_>, key: &Key) -> PathBuf {
    text(checking, key)
        .map(|text| checking.absolute(text))
        .unwrap_or_default()
}

fn text<'a>(checking: &Checking<'a>, key: &Key) -> Option<&'a Text> {
    match checking.layers.farm(key) {
        Some(Entry {
            value: Value::Text(text),
            ..
        }) => Some(text),
        _ => None,
    }
}

fn items<'a>(checking: &Checking<'a>, key: &Key) -> &'a [Text] {
    match checking.layers.farm(key) {
        Some(Entry {
            value: Value::Texts(texts),
            ..
        }) => &texts.items,
        _ => &[],
    }
}
