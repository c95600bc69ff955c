//! L-32: two wikis in one directory would overwrite each other's pages.
//!
//! Directories are compared by their real path. Owners and modes are looked at when the farm opens them.

use std::collections::HashMap;
use std::path::PathBuf;

use super::Study;
use crate::check::paths::RealPaths;
use crate::problem::{Finding, Findings, Place};
use crate::raw::keys::places;

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    let mut real = RealPaths::default();
    let mut taken: HashMap<PathBuf, (&str, Place)> = HashMap::new();
    for member in study.sound_members(&[&places::DATA_DIR]) {
        let place = member.settings.place(&places::DATA_DIR);
        let directory = real.of(&member.config.data_dir);
        let Some((first, first_place)) = taken.get(&directory) else {
            taken.insert(directory, (&member.config.id, place));
            continue;
        };
        let message = format!(
            "Wikis \"{first}\" and \"{}\" have the same data_dir: their pages would be one heap.",
            member.config.id
        );
        let finding = Finding::error("L-32", place, message).related(*first_place, "here first");
        findings.push(finding.remedy("Give each wiki a data_dir of its own, or leave it out."));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{clean, finds};

    #[test]
    fn two_wikis_in_one_directory_are_an_error_however_it_is_spelled() {
        finds(
            "L-32",
            "[wiki.a]\nat = [\"a.example.org\"]\ndata_dir = \"x\"\n[wiki.b]\nat = [\"b.example.org\"]\ndata_dir = \"y/../x\"",
        );
        finds(
            "L-32",
            "[wiki.a]\nat = [\"a.example.org\"]\n[wiki.b]\nat = [\"b.example.org\"]\ndata_dir = \"wikis/a\"",
        );
        clean("[wiki.a]\nat = [\"a.example.org\"]\n[wiki.b]\nat = [\"b.example.org\"]\ndata_dir = \"x\"");
    }
}
