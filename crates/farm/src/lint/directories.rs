//! L-32: wikis in each other's directories.
//!
//! Two wikis in one directory would overwrite each other's pages; a wiki inside another is backed up, moved and removed
//! with it. Directories are compared by their real path. Owners, modes and disks are `modes.rs`, whether they can be used
//! at all is `usable.rs`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{Member, Study};
use crate::check::StorePlace;
use crate::check::paths::RealPaths;
use crate::problem::{Finding, Findings, Place};
use crate::raw::Key;
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
    for member in study.sound_members(PLACES) {
        lint_inside(&member, &taken, &mut real, findings);
        lint_way_out(&member, &mut real, findings);
    }
}

/// Settings that say where a wiki's things are.
const PLACES: &[&Key] = &[
    &places::DATA_DIR,
    &places::SESSION_DIR,
    &places::SESSION_STORE,
    &places::USER_DIR,
    &places::USER_STORE,
];

/// The directories of a wiki that exist on a disk, with their keys.
pub(super) fn directories<'a>(member: &Member<'a>) -> Vec<(&'static Key, &'a Path)> {
    let config = member.config;
    let mut found: Vec<(&'static Key, &Path)> = vec![(&places::DATA_DIR, &config.data_dir)];
    for (key, store) in [
        (&places::SESSION_DIR, &config.session_store),
        (&places::USER_DIR, &config.user_store),
    ] {
        if let StorePlace::Sqlite(dir) = store {
            found.push((key, dir));
        }
    }
    found
}

/// Whose data_dir is around which directory of this wiki.
fn lint_inside(
    member: &Member<'_>,
    taken: &HashMap<PathBuf, (&str, Place)>,
    real: &mut RealPaths,
    findings: &mut Findings,
) {
    let home = real.of(&member.config.data_dir);
    if taken.get(&home).is_some_and(|(id, _)| *id != &*member.config.id) {
        // Two wikis in one directory have been told.
        return;
    }
    for (key, dir) in directories(member) {
        let dir = real.of(dir);
        let around = dir
            .ancestors()
            .filter_map(|above| taken.get(above))
            .find(|(id, _)| *id != &*member.config.id);
        let Some((other, place)) = around else { continue };
        let message = format!(
            "The {} of wiki \"{}\" is inside the data_dir of wiki \"{other}\": what moves, copies or removes that \
             wiki does the same to it.",
            key.name, member.config.id
        );
        let finding = Finding::error("L-32", member.settings.place(key), message);
        let finding = finding.related(*place, "the wiki around it");
        findings.push(finding.remedy(beside(key, &member.config.id)));
        if key.name == places::DATA_DIR.name {
            // What is in it is inside as well.
            return;
        }
    }
}

/// Where a directory does no harm to another wiki.
fn beside(key: &Key, wiki: &str) -> String {
    let place = match key.name {
        name if name == places::DATA_DIR.name => format!("wikis/{wiki}"),
        name if name == places::USER_DIR.name => "wikis/_shared/users".to_owned(),
        _ => "wikis/_shared/sessions".to_owned(),
    };
    format!(
        "Put it beside the other wiki, such as `{} = \"{place}\"`.",
        key.name
    )
}

/// A default directory that a symbolic link leads out of the wiki.
fn lint_way_out(member: &Member<'_>, real: &mut RealPaths, findings: &mut Findings) {
    let home = real.of(&member.config.data_dir);
    for (key, dir) in directories(member) {
        if member.settings.text(key).is_some() || real.of(dir).starts_with(&home) {
            continue;
        }
        let message = format!(
            "The default {} of wiki \"{}\" is a symbolic link out of its data_dir, so a copy of the wiki is not whole.",
            key.name, member.config.id
        );
        let finding = Finding::warning("L-32", member.settings.place(key), message);
        findings.push(finding.remedy(format!("Write where it is: `{}`.", key.line())));
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use crate::lint::testing::{clean, finds};
    use crate::problem::Severity;

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

    #[test]
    fn a_wiki_inside_another_is_an_error() {
        let inside = |line: &str| {
            format!("[wiki.a]\nat = [\"a.example.org\"]\n[wiki.b]\nat = [\"b.example.org\"]\n{line}\n")
        };
        for (key, place) in [
            ("session_dir", "wikis/_shared/sessions"),
            ("user_dir", "wikis/_shared/users"),
            ("data_dir", "wikis/b"),
        ] {
            let problem = finds("L-32", &inside(&format!("{key} = \"wikis/a/x\"")));
            assert!(problem.message.contains(key), "{problem:?}");
            assert!(
                problem.remedy.contains(&format!("`{key} = \"{place}\"`")),
                "{problem:?}"
            );
        }
        clean(&inside("session_dir = \"wikis/ab/x\""));
        clean(&inside("session_dir = \"wikis/b/deep/x\""));
    }

    #[test]
    fn a_link_out_of_the_wiki_is_a_warning_and_one_inside_is_fine() {
        let dir = tempfile::tempdir().unwrap();
        let link = |to: &str| {
            let wiki = dir.path().join("wiki");
            std::fs::create_dir_all(wiki.join("inside")).unwrap();
            _ = std::fs::remove_file(wiki.join("sessions"));
            std::os::unix::fs::symlink(to, wiki.join("sessions")).unwrap();
            std::fs::create_dir_all(dir.path().join("outside")).unwrap();
            for private in ["wiki/inside", "outside"] {
                let mode = std::fs::Permissions::from_mode(0o700);
                std::fs::set_permissions(dir.path().join(private), mode).unwrap();
            }
            format!(
                "[wiki.a]\nat = [\"a.example.org\"]\ndata_dir = \"{}\"\n",
                wiki.display()
            )
        };
        assert_eq!(finds("L-32", &link("../outside")).severity, Severity::Warning);
        clean(&link("inside"));
    }
}
