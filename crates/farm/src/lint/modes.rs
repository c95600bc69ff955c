//! L-32: who else on this machine can get at the farm's directories, and what they are on.
//!
//! Only what exists is looked at: missing directories are made 0700 by the farm. Each directory is asked about once, each
//! disk once. What a finding is judged by is [`Facts`], so the judging needs no odd disks to be tested.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Study;
use super::subjects::{Subject, subjects};
use crate::problem::{Finding, Findings};
use crate::raw::keys::{farm, places};

/// Directories that web servers hand out to everybody, by a part of their path.
const SERVED: &[&str] = &["public_html", "htdocs", "wwwroot", "www-root"];
/// The same, by how the path begins.
const SERVED_BELOW: &[&str] = &["/var/www", "/srv/http", "/srv/www", "/usr/share/nginx"];

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    let mut looking = Looking {
        me: rustix::process::geteuid().as_raw(),
        disks: HashMap::new(),
    };
    for subject in subjects(study) {
        looking.look(&subject, findings);
    }
}

struct Looking {
    me: u32,
    disks: HashMap<u64, Disk>,
}

impl Looking {
    fn look(&mut self, subject: &Subject, findings: &mut Findings) {
        let path = &subject.path;
        // What is a file in place of a directory is told by `usable.rs`, and its mode is no matter.
        let Some(found) = std::fs::metadata(path)
            .ok()
            .filter(|found| found.is_dir() != subject.is_file())
        else {
            return;
        };
        let facts = Facts {
            mode: found.mode() & 0o7777,
            owner: found.uid(),
            me: self.me,
            disk: *self.disks.entry(found.dev()).or_insert_with(|| Disk::of(path)),
            is_served: is_served(path),
            is_everybodys: is_everybodys(path, found.mode()),
        };
        for finding in facts.judge(subject) {
            findings.push(finding);
        }
    }
}

/// The root, what stands directly below it and what has the sticky bit (`/tmp`) belong to the machine: taking others'
/// rights away there would break it.
fn is_everybodys(path: &Path, mode: u32) -> bool {
    let depth = path.components().count();
    depth <= 2 || mode & 0o1000 != 0
}

/// What a directory is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disk {
    Ordinary,
    Memory,
    Network,
}

impl Disk {
    #[cfg(target_os = "linux")]
    fn of(path: &Path) -> Disk {
        let kind = rustix::fs::statfs(path).map(|found| found.f_type);
        kind.ok()
            .and_then(|kind| u32::try_from(kind).ok())
            .map_or(Disk::Ordinary, Disk::by_magic)
    }

    #[cfg(not(target_os = "linux"))]
    fn of(_path: &Path) -> Disk {
        Disk::Ordinary
    }

    /// Linux's numbers for kinds of file systems.
    fn by_magic(kind: u32) -> Disk {
        match kind {
            // tmpfs, ramfs
            0x0102_1994 | 0x8584_58f6 => Disk::Memory,
            // NFS, SMB, CIFS, SMB2, AFS
            0x6969 | 0x517b | 0xff53_4d42 | 0xfe53_4d42 | 0x5346_414f => Disk::Network,
            _ => Disk::Ordinary,
        }
    }
}

fn is_served(path: &Path) -> bool {
    let part = |part: &std::ffi::OsStr| SERVED.iter().any(|served| part == *served);
    SERVED_BELOW.iter().any(|below| path.starts_with(below)) || path.iter().any(part)
}

/// Everything that decides.
#[derive(Debug, Clone, Copy)]
struct Facts {
    mode: u32,
    owner: u32,
    me: u32,
    disk: Disk,
    is_served: bool,
    is_everybodys: bool,
}

impl Facts {
    fn judge(self, subject: &Subject) -> Vec<Finding> {
        let (name, place) = (subject.key.name, subject.place);
        let Facts { mode, owner, me, .. } = self;
        let mut found = Vec::new();
        let is_data = name == places::DATA_DIR.name;
        // Reading a directory needs r, reaching a known name in it x; files in it are 0600 of their own.
        if !is_data && mode & 0o066 != 0 {
            let what = if name == farm::SECRETS_FILE.name {
                "600"
            } else {
                "700"
            };
            let remedy = self.mend(what, subject);
            let message = format!(
                "{name} can be read or changed by other users of this machine (mode {mode:04o}): who can do that can \
                 be anybody in the wiki."
            );
            found.push(Finding::error("L-32", place, message).remedy(remedy));
        }
        if is_data && mode & 0o002 != 0 {
            let message = format!("{name} can be changed by everybody on this machine (mode {mode:04o}).");
            found.push(Finding::error("L-32", place, message).remedy(self.mend("o-w", subject)));
        }
        // The superuser of the machine may look after a farm of somebody else.
        if owner != me && me != 0 {
            let message =
                format!("{name} belongs to user {owner} of this machine, and this process is user {me}.");
            let remedy =
                "Run `grange` as the user to whom the farm belongs, or give it away with `chown -R`.";
            found.push(Finding::warning("L-32", place, message).remedy(remedy));
        }
        found.extend(self.judge_place(subject));
        found
    }

    /// The whole command, unless it would be a bad one.
    fn mend(self, mode: &str, subject: &Subject) -> String {
        match self.is_everybodys {
            true => format!(
                "Write a directory of the farm's own, such as `{}`; this one belongs to the whole machine.",
                subject.key.line()
            ),
            false => format!("Run `chmod {mode} {}`.", subject.shown),
        }
    }

    fn judge_place(self, subject: &Subject) -> Vec<Finding> {
        let (name, place) = (subject.key.name, subject.place);
        let disk = match self.disk {
            Disk::Ordinary => None,
            Disk::Memory => Some((
                "is on a file system in memory, which is empty after a restart of the machine",
                "Put it on a disk; for sessions that may be lost, write session_store = \"memory\".",
            )),
            Disk::Network => Some((
                "is on a network file system, where databases cannot lock reliably",
                "Put it on a disk of this machine.",
            )),
        };
        let served = self.is_served.then_some((
            "is in a directory that web servers commonly hand out to everybody",
            "Move it to where no web server looks.",
        ));
        let told = disk.into_iter().chain(served);
        told.map(|(what, remedy)| Finding::warning("L-32", place, format!("{name} {what}.")).remedy(remedy))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::lint::testing::{clean, finds};
    use crate::problem::{Place, Severity};
    use crate::raw::Key;

    const GOOD: Facts = Facts {
        mode: 0o700,
        owner: 1000,
        me: 1000,
        disk: Disk::Ordinary,
        is_served: false,
        is_everybodys: false,
    };

    fn judged(key: &'static Key, facts: Facts) -> Vec<Finding> {
        facts.judge(&Subject {
            key,
            path: "/farm/there".into(),
            place: Place::default(),
            shown: "there".to_owned(),
        })
    }

    fn severities(key: &'static Key, facts: Facts) -> Vec<Severity> {
        let found = judged(key, facts);
        found.into_iter().map(|finding| finding.severity).collect()
    }

    #[test]
    fn the_advice_is_the_whole_command() {
        let open = Facts { mode: 0o777, ..GOOD };
        for (key, command) in [
            (&farm::SECRETS_FILE, "Run `chmod 600 there`."),
            (&places::SESSION_DIR, "Run `chmod 700 there`."),
            (&places::DATA_DIR, "Run `chmod o-w there`."),
            (&farm::DATA_DIR, "Run `chmod o-w there`."),
        ] {
            assert_eq!(judged(key, open)[0].remedy, command);
        }
    }

    #[test]
    fn nobody_is_advised_to_take_rights_away_from_what_belongs_to_the_machine() {
        for (path, mode) in [("/", 0o755), ("/var", 0o755), ("/var/tmp", 0o1777)] {
            assert!(is_everybodys(Path::new(path), mode), "{path}");
        }
        assert!(!is_everybodys(Path::new("/srv/farm"), 0o755));
        let problem = finds("L-32", "[wiki.a]\nat = [\"a.example.org\"]\nsession_dir = \"/\"");
        assert!(
            problem.remedy.contains("session_dir = ") && !problem.remedy.contains("chmod"),
            "{}",
            problem.remedy
        );
    }

    #[test]
    fn a_data_dir_of_the_farm_that_everybody_may_write_to_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let wikis = dir.path().join("wikis");
        fs::create_dir(&wikis).unwrap();
        let text = format!("[farm]\ndata_dir = \"{}\"\n", wikis.display());
        fs::set_permissions(&wikis, Permissions::from_mode(0o755)).unwrap();
        clean(&text);
        fs::set_permissions(&wikis, Permissions::from_mode(0o777)).unwrap();
        let problem = finds("L-32", &text);
        assert_eq!((problem.severity, problem.line), (Severity::Error, 2));
        assert_eq!(problem.remedy, format!("Run `chmod o-w {}`.", wikis.display()));
    }

    #[test]
    fn what_others_can_read_is_an_error_but_for_pages() {
        for mode in [0o740, 0o704, 0o720, 0o702, 0o777] {
            let facts = Facts { mode, ..GOOD };
            for key in [&places::SESSION_DIR, &places::USER_DIR, &farm::SECRETS_FILE] {
                assert_eq!(severities(key, facts), [Severity::Error], "{mode:o}");
            }
        }
        assert_eq!(severities(&places::SESSION_DIR, GOOD), []);
        assert_eq!(severities(&places::DATA_DIR, Facts { mode: 0o775, ..GOOD }), []);
        assert_eq!(
            severities(&places::DATA_DIR, Facts { mode: 0o777, ..GOOD }),
            [Severity::Error]
        );
    }

    #[test]
    fn somebody_elses_directory_is_a_warning_except_for_root() {
        let theirs = Facts { owner: 33, ..GOOD };
        assert_eq!(severities(&places::DATA_DIR, theirs), [Severity::Warning]);
        assert_eq!(severities(&places::DATA_DIR, Facts { me: 0, ..theirs }), []);
    }

    #[test]
    fn memory_and_network_disks_are_warnings() {
        for (magic, disk) in [
            (0x0102_1994, Disk::Memory),
            (0x6969, Disk::Network),
            (0xef53, Disk::Ordinary),
        ] {
            assert_eq!(Disk::by_magic(magic), disk);
            let expected = usize::from(disk != Disk::Ordinary);
            assert_eq!(
                severities(&places::SESSION_DIR, Facts { disk, ..GOOD }).len(),
                expected
            );
        }
    }

    #[test]
    fn where_web_servers_look_is_a_warning() {
        for path in ["/var/www/wikis/a", "/home/ada/public_html/x", "/opt/app/htdocs"] {
            assert!(is_served(Path::new(path)), "{path}");
        }
        assert!(!is_served(Path::new("/var/wwwx/my_htdocs")));
        let text = "[wiki.a]\nat = [\"a.example.org\"]\nsession_dir = \"";
        let dir = tempfile::tempdir().unwrap();
        let served = dir.path().join("htdocs/sessions");
        clean(&format!("{text}{}\"", served.display()));
        fs::create_dir_all(&served).unwrap();
        fs::set_permissions(&served, Permissions::from_mode(0o700)).unwrap();
        let problem = finds("L-32", &format!("{text}{}\"", served.display()));
        assert_eq!(problem.severity, Severity::Warning);
    }

    #[test]
    fn directories_and_secrets_on_disk_are_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        let set = |name: &str, mode: u32| {
            let path = dir.path().join(name);
            fs::create_dir_all(&path).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            path.display().to_string()
        };
        let secrets = dir.path().join("secrets");
        fs::write(
            &secrets,
            format!("{}\n", "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZmdoaWo"),
        )
        .unwrap();
        let text = |sessions: u32, users: u32, data: u32, mode: u32| {
            fs::set_permissions(&secrets, Permissions::from_mode(mode)).unwrap();
            let (sessions, users, data) = (set("s", sessions), set("u", users), set("d", data));
            format!(
                "[farm]\nsecrets_file = \"{}\"\n[wiki.a]\nat = [\"a.example.org\"]\nsession_dir = \"{sessions}\"\n\
                 user_dir = \"{users}\"\ndata_dir = \"{data}\"\n",
                secrets.display()
            )
        };
        clean(&text(0o700, 0o700, 0o755, 0o600));
        for (modes, line) in [
            ([0o750, 0o700, 0o755, 0o600], 5),
            ([0o700, 0o704, 0o755, 0o600], 6),
            ([0o700, 0o700, 0o777, 0o600], 7),
            ([0o700, 0o700, 0o755, 0o640], 2),
        ] {
            let [sessions, users, data, secrets] = modes;
            let problem = finds("L-32", &text(sessions, users, data, secrets));
            assert_eq!((problem.severity, problem.line), (Severity::Error, line));
        }
    }
}
