//! The lints of `grange check`: what is well-formed and still wrong, within a wiki and between wikis.
//!
//! One file per family, one function per lint; each says its number. All of them run over all wikis, every comparison
//! goes through a table, so ten thousand wikis cost ten thousand steps. A wiki whose settings were refused is left out
//! of comparisons that would only guess. Keys that do not exist (L-38) are `raw/unknown.rs`.

use crate::check::{FarmConfig, WikiConfig};
use crate::layers::{Effective, Layers};
use crate::problem::{Findings, Sources};
use crate::raw::Key;

mod acl;
mod actions;
mod addresses;
mod admins;
mod central_login;
mod cookie_domain;
mod cookie_name;
mod cookie_path;
mod directories;
mod hosts;
mod hsts;
mod jar;
mod lifetime;
mod listeners;
mod modes;
mod one_host;
mod persistent;
mod realm;
mod renames;
mod secrets;
mod server_stores;
mod subjects;
mod transport;
mod usable;

#[cfg(test)]
pub(crate) mod testing;

pub use actions::ACTION_NAMES;

/// What the lints look at.
pub(crate) struct Study<'a> {
    pub(crate) layers: &'a Layers,
    pub(crate) farm: &'a FarmConfig,
    pub(crate) sources: &'a Sources,
}

/// A wiki with its settings as written.
pub(crate) struct Member<'a> {
    /// Its index in the farm.
    pub(crate) index: usize,
    pub(crate) config: &'a WikiConfig,
    pub(crate) settings: Effective<'a>,
}

impl<'a> Study<'a> {
    /// Every wiki.
    pub(crate) fn members(&self) -> impl Iterator<Item = Member<'a>> {
        let wikis = self.farm.wikis.iter().enumerate();
        wikis.filter_map(|(index, _)| self.member(index))
    }

    /// Every wiki none of whose settings `keys` was refused.
    pub(crate) fn sound_members(&self, keys: &'static [&'static Key]) -> impl Iterator<Item = Member<'a>> {
        self.members()
            .filter(move |member| !member.settings.any_broken(keys))
    }

    /// One wiki.
    pub(crate) fn member(&self, index: usize) -> Option<Member<'a>> {
        let config = self.farm.wikis.get(index)?;
        let table = self.layers.raw.wikis.find(&config.id)?;
        Some(Member {
            index,
            config,
            settings: self.layers.effective(table),
        })
    }
}

/// All lints.
pub(crate) fn lint_farm(study: &Study<'_>, findings: &mut Findings) {
    let lints: &[fn(&Study<'_>, &mut Findings)] = &[
        listeners::lint,
        admins::lint,
        addresses::lint,
        directories::lint,
        modes::lint,
        renames::lint,
        usable::lint,
        secrets::lint,
        cookie_domain::lint,
        cookie_path::lint,
        cookie_name::lint,
        jar::lint,
        hosts::lint,
        one_host::lint,
        realm::lint,
        server_stores::lint,
        lifetime::lint,
        persistent::lint,
        transport::lint,
        hsts::lint,
        central_login::lint,
        acl::lint,
        actions::lint,
    ];
    for lint in lints {
        lint(study, findings);
    }
}

/// `"a", "b" and 3 more`.
fn names(study: &Study<'_>, wikis: &[usize]) -> String {
    const SHOWN: usize = 4;
    let ids = wikis.iter().filter_map(|index| study.farm.wikis.get(*index));
    let shown: Vec<String> = ids.take(SHOWN).map(|wiki| format!("\"{}\"", wiki.id)).collect();
    match wikis.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
