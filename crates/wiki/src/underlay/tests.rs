//! Claims about default pages: which files are pages, and that changes on disk are noticed in time.
//!
//! Time is moved by hand; nothing here waits.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::AtomicU64;

use tempfile::TempDir;

use super::*;

/// A directory of pages and a clock that stands still until it is moved.
struct Directory {
    root: TempDir,
    clock: ByHand,
}

#[derive(Clone, Default)]
struct ByHand(Arc<AtomicU64>);

impl MonotonicClock for ByHand {
    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

impl Directory {
    fn with(files: &[(&str, &str)]) -> Directory {
        let directory = Directory {
            root: tempfile::tempdir().unwrap(),
            clock: ByHand::default(),
        };
        for (path, text) in files {
            directory.write(path, text);
        }
        directory
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join("pages").join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn underlay(&self) -> Underlay {
        Underlay::with_clock(self.path(""), Box::new(self.clock.clone()))
    }

    fn pass(&self, milliseconds: u64) {
        self.clock.0.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

fn name(text: &str) -> PageName {
    PageName::parse(text).unwrap()
}

async fn text(underlay: &Underlay, page: &str) -> Option<String> {
    underlay.page(&name(page)).await.map(|page| page.text.to_string())
}

async fn names(underlay: &Underlay) -> Vec<String> {
    underlay.names().await.into_iter().map(String::from).collect()
}

#[tokio::test]
async fn a_file_is_the_page_its_path_spells() {
    let directory = Directory::with(&[("FrontPage.md", "front"), ("Team/Minutes v1.2.md", "minutes")]);
    let underlay = directory.underlay();
    assert_eq!(names(&underlay).await, ["FrontPage", "Team/Minutes v1.2"]);
    let page = underlay.page(&name("Team/Minutes v1.2")).await.unwrap();
    assert_eq!(
        (&*page.text, page.revision, page.is_underlay()),
        ("minutes", 0, true)
    );
    assert_eq!(text(&underlay, "Team").await, None, "a directory is no page");
    assert_eq!(text(&underlay, "frontpage").await, None, "case counts");
}

#[tokio::test]
async fn a_directory_that_does_not_exist_holds_no_pages_until_it_does() {
    let directory = Directory::with(&[]);
    let underlay = directory.underlay();
    assert_eq!(names(&underlay).await, [""; 0]);
    assert_eq!(text(&underlay, "Page").await, None);
    directory.write("Page.md", "here");
    assert_eq!(text(&underlay, "Page").await.as_deref(), Some("here"));
}

#[tokio::test]
async fn the_asked_file_is_looked_at_every_time() {
    let directory = Directory::with(&[("Page.md", "one")]);
    let underlay = directory.underlay();
    assert_eq!(text(&underlay, "Page").await.as_deref(), Some("one"));
    let before = underlay.stamp().await;
    directory.write("Page.md", "changed");
    directory.write("New.md", "new");
    assert_eq!(
        underlay.stamp().await,
        before,
        "nobody asked, and no second has passed"
    );
    assert_eq!(text(&underlay, "Page").await.as_deref(), Some("changed"));
    assert_ne!(underlay.stamp().await, before);
    assert_eq!(text(&underlay, "New").await.as_deref(), Some("new"));
    fs::remove_file(directory.path("Page.md")).unwrap();
    assert_eq!(text(&underlay, "Page").await, None);
    assert_eq!(names(&underlay).await, ["New"]);
}

#[tokio::test]
async fn a_second_later_everything_is_noticed() {
    let directory = Directory::with(&[("A.md", "a"), ("B.md", "b")]);
    let underlay = directory.underlay();
    let mut before = underlay.stamp().await;
    let changes: [(&dyn Fn(), bool); 3] = [
        (&|| directory.write("A.md", "a, longer"), false),
        (&|| directory.write("C/D.md", "d"), true),
        (&|| fs::remove_file(directory.path("B.md")).unwrap(), true),
    ];
    for (change, changes_names) in changes {
        change();
        directory.pass(999);
        assert_eq!(underlay.stamp().await, before);
        directory.pass(1);
        let after = underlay.stamp().await;
        assert_ne!(after.content, before.content);
        assert_eq!(after.names != before.names, changes_names);
        before = after;
        directory.pass(1_000);
        assert_eq!(underlay.stamp().await, before, "looking changes nothing");
    }
    assert_eq!(names(&underlay).await, ["A", "C/D"]);
}

#[tokio::test]
async fn equal_directories_have_equal_stamps_in_another_opening() {
    let directory = Directory::with(&[("A.md", "a"), ("B.md", "b")]);
    assert_eq!(
        directory.underlay().stamp().await,
        directory.underlay().stamp().await
    );
}

#[tokio::test]
async fn symbolic_links_out_of_the_directory_are_not_followed() {
    let directory = Directory::with(&[
        ("Real.md", "real"),
        ("../secret.md", "secret"),
        ("../apart/X.md", "x"),
    ]);
    symlink(directory.path("Real.md"), directory.path("Inside.md")).unwrap();
    symlink(directory.path("../secret.md"), directory.path("Outside.md")).unwrap();
    symlink("../secret.md", directory.path("Relative.md")).unwrap();
    symlink("/nowhere/at/all", directory.path("Dangling.md")).unwrap();
    symlink(directory.path("../apart"), directory.path("Apart")).unwrap();
    symlink(directory.path(""), directory.path("Loop")).unwrap();
    let underlay = directory.underlay();
    assert_eq!(names(&underlay).await, ["Inside", "Real"]);
    assert_eq!(text(&underlay, "Inside").await.as_deref(), Some("real"));
    for page in ["Outside", "Relative", "Dangling", "Apart/X", "Loop/Real"] {
        assert_eq!(text(&underlay, page).await, None, "{page}");
    }
}

#[tokio::test]
async fn a_page_that_becomes_a_link_out_of_the_directory_is_gone() {
    let directory = Directory::with(&[("Page.md", "page"), ("../secret.md", "secret")]);
    let underlay = directory.underlay();
    assert_eq!(text(&underlay, "Page").await.as_deref(), Some("page"));
    fs::remove_file(directory.path("Page.md")).unwrap();
    symlink(directory.path("../secret.md"), directory.path("Page.md")).unwrap();
    assert_eq!(text(&underlay, "Page").await, None);
}

#[tokio::test]
async fn files_that_cannot_be_pages_are_left_out() {
    let directory = Directory::with(&[
        ("Good.md", "good"),
        ("Old.moin", "= moin ="),
        ("notes.txt", "text"),
        ("_private.md", "a name no page may have"),
        (".git/HEAD.md", "hidden"),
        (".hidden.md", "hidden"),
        ("Sub/.hidden/X.md", "hidden"),
    ]);
    directory.write(&format!("{}.md", "x".repeat(241)), "too long");
    let underlay = directory.underlay();
    assert_eq!(names(&underlay).await, ["Good"]);
    for page in ["Old", "notes", ".hidden", ".git/HEAD", "Sub/.hidden/X"] {
        assert_eq!(text(&underlay, page).await, None, "{page}");
    }
}

#[tokio::test]
async fn asking_for_a_file_that_was_left_out_does_not_look_through_the_directory_again() {
    let directory = Directory::with(&[("../secret.md", "secret"), ("Page.md", "page")]);
    symlink(directory.path("../secret.md"), directory.path("Outside.md")).unwrap();
    let underlay = directory.underlay();
    underlay.stamp().await;
    directory.write("Later.md", "later");
    assert_eq!(text(&underlay, "Outside").await, None);
    assert_eq!(names(&underlay).await, ["Page"], "no scan has seen Later");
}

#[tokio::test]
async fn of_two_files_that_spell_one_name_the_first_is_the_page() {
    let directory = Directory::with(&[("My Page.md", "second"), ("My  Page.md", "first")]);
    assert_eq!(
        text(&directory.underlay(), "My Page").await.as_deref(),
        Some("first")
    );
}

#[tokio::test]
async fn a_name_written_decomposed_on_disk_is_found_composed() {
    let directory = Directory::with(&[("Cafe\u{301}.md", "coffee")]);
    assert_eq!(
        text(&directory.underlay(), "Caf\u{e9}").await.as_deref(),
        Some("coffee")
    );
}

#[tokio::test]
async fn a_byte_order_mark_and_foreign_line_ends_do_not_reach_the_text() {
    let directory = Directory::with(&[("Page.md", "\u{feff}one\r\ntwo\r\n")]);
    directory.write("Latin.md", b"caf\xe9");
    let underlay = directory.underlay();
    assert_eq!(text(&underlay, "Page").await.as_deref(), Some("one\ntwo\n"));
    assert_eq!(text(&underlay, "Latin").await.as_deref(), Some("caf\u{fffd}"));
}

#[tokio::test]
async fn many_who_come_at_once_all_see_the_first_scan() {
    let directory = Directory::with(&[("Page.md", "page")]);
    let underlay = Arc::new(directory.underlay());
    let comers: Vec<_> = (0..16)
        .map(|_| {
            let underlay = underlay.clone();
            tokio::spawn(async move { text(&underlay, "Page").await })
        })
        .collect();
    for comer in comers {
        assert_eq!(comer.await.unwrap().as_deref(), Some("page"));
    }
}
