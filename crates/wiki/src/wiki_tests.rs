//! Claims about a wiki as a whole: what stands where, and when its generations move.
//!
//! [`Bench`] is the vocabulary of the tests beside it too: a temporary wiki with default pages.

use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::history::{Delete, Rename, Revert};
use crate::page::Author;
use crate::save::{Save, SaveError, Saved};
use crate::underlay::MonotonicClock;

/// A wiki in a temporary directory, with default pages in files whose changes show at once.
pub struct Bench {
    root: TempDir,
    pub wiki: Wiki,
}

/// Every question comes an hour after the last: a directory is looked through each time.
#[derive(Default)]
struct Hurried(std::sync::atomic::AtomicU64);

impl MonotonicClock for Hurried {
    fn elapsed(&self) -> Duration {
        Duration::from_secs(3_600 * self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }
}

impl Bench {
    pub fn new() -> Bench {
        Bench::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut WikiSettings)) -> Bench {
        let root = tempfile::tempdir().unwrap();
        let wiki = open(&root, change);
        Bench { root, wiki }
    }

    /// The same wiki as another process would see it.
    pub fn another(&self) -> Wiki {
        open(&self.root, |_| {})
    }

    pub fn write_file(&self, file: &str, text: &str) {
        let path = self.root.path().join("pages").join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn remove_file(&self, file: &str) {
        std::fs::remove_file(self.root.path().join("pages").join(file)).unwrap();
    }

    pub async fn save(&self, page: &str, base: RevisionNumber, text: &str) -> Result<Saved, SaveError> {
        save(&self.wiki, page, base, text).await
    }

    pub async fn delete(&self, page: &str) -> RevisionNumber {
        let (page, author) = (name(page), Author::named("Ada"));
        self.wiki
            .delete(Delete {
                page,
                author,
                comment: String::new(),
                now: now(),
            })
            .await
            .unwrap()
    }

    pub async fn revert(&self, page: &str, revision: RevisionNumber) -> RevisionNumber {
        let (page, author, comment) = (name(page), Author::named("Ada"), String::new());
        self.wiki
            .revert(Revert {
                page,
                revision,
                author,
                comment,
                now: now(),
            })
            .await
            .unwrap()
    }

    pub async fn rename(&self, from: &str, to: &str) -> RevisionNumber {
        let (from, to, author) = (name(from), name(to), Author::named("Ada"));
        self.wiki
            .rename(Rename {
                from,
                to,
                author,
                comment: String::new(),
                now: now(),
            })
            .await
            .unwrap()
    }

    pub async fn text(&self, page: &str) -> Option<String> {
        text(&self.wiki, page).await
    }

    pub async fn names(&self) -> Vec<String> {
        self.wiki
            .page_names()
            .await
            .unwrap()
            .iter()
            .map(|name| name.to_string())
            .collect()
    }
}

fn open(root: &TempDir, change: impl FnOnce(&mut WikiSettings)) -> Wiki {
    let mut settings = WikiSettings::new("team", root.path().join("data"));
    let pages = root.path().join("pages");
    settings.underlays = vec![Arc::new(Underlay::with_clock(
        pages,
        Box::new(Hurried::default()),
    ))];
    change(&mut settings);
    let store = Arc::new(SqlitePageStore::at(&settings.data_dir));
    Wiki::with_store(settings, store)
}

pub fn name(text: &str) -> PageName {
    PageName::parse(text).unwrap()
}

pub fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

pub async fn save(wiki: &Wiki, page: &str, base: RevisionNumber, text: &str) -> Result<Saved, SaveError> {
    wiki.save(Save::new(name(page), text, base, Author::named("Ada"), now()))
        .await
}

pub async fn text(wiki: &Wiki, page: &str) -> Option<String> {
    wiki.page(&name(page))
        .await
        .unwrap()
        .map(|page| page.text.to_string())
}

#[tokio::test]
async fn viewing_a_wiki_makes_nothing_on_disk() {
    let bench = Bench::new();
    assert_eq!(bench.text("Page").await, None);
    assert_eq!(bench.names().await, [""; 0]);
    bench.wiki.generation().await.unwrap();
    bench.wiki.history(&name("Page"), None, 10).await.unwrap();
    assert_eq!(std::fs::read_dir(bench.root.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_default_page_stands_until_somebody_edits_it() {
    let bench = Bench::new();
    bench.write_file("Help.md", "from the file");
    let page = bench.wiki.page(&name("Help")).await.unwrap().unwrap();
    assert!(page.is_underlay() && page.revision == 0);
    assert_eq!(
        bench.save("Help", 0, "edited").await.unwrap(),
        Saved::New { revision: 1 }
    );
    bench.write_file("Help.md", "the file goes on changing");
    assert_eq!(bench.text("Help").await.as_deref(), Some("edited"));
    let file = bench.wiki.revision(&name("Help"), 0).await.unwrap().unwrap();
    assert_eq!(&*file.text, "the file goes on changing");
}

#[tokio::test]
async fn a_deleted_default_page_comes_back_as_the_file_and_follows_it() {
    let bench = Bench::new();
    bench.write_file("Help.md", "one");
    assert_eq!(bench.delete("Help").await, 1);
    assert_eq!(bench.text("Help").await, None);
    assert_eq!(bench.names().await, [""; 0]);
    assert_eq!(bench.revert("Help", 0).await, 2);
    bench.write_file("Help.md", "one, then two");
    let page = bench.wiki.page(&name("Help")).await.unwrap().unwrap();
    assert_eq!((&*page.text, page.is_underlay()), ("one, then two", true));
    assert_eq!(bench.names().await, ["Help"]);
    assert_eq!(
        bench.save("Help", 0, "edited").await.unwrap(),
        Saved::New { revision: 3 }
    );
    let kept = bench.wiki.revision(&name("Help"), 2).await.unwrap().unwrap();
    assert_eq!(&*kept.text, "one", "history keeps what the file held then");
}

#[tokio::test]
async fn of_two_underlays_the_first_that_holds_a_page_counts() {
    let (own, help) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(own.path().join("FrontPage.md"), "ours").unwrap();
    std::fs::write(help.path().join("FrontPage.md"), "the farm's").unwrap();
    std::fs::write(help.path().join("HelpOnEditing.md"), "help").unwrap();
    let at = |directory: &TempDir| Arc::new(Underlay::at(directory.path().to_owned()));
    let bench = Bench::with(|settings| settings.underlays = vec![at(&own), at(&help)]);
    assert_eq!(bench.text("FrontPage").await.as_deref(), Some("ours"));
    assert_eq!(bench.text("HelpOnEditing").await.as_deref(), Some("help"));
    assert_eq!(bench.names().await, ["FrontPage", "HelpOnEditing"]);
}

#[tokio::test]
async fn page_names_come_from_store_and_files_without_what_is_gone() {
    let bench = Bench::new();
    for file in ["B.md", "D.md", "E/F.md"] {
        bench.write_file(file, "file");
    }
    bench.save("C", 0, "stored").await.unwrap();
    bench.save("A", 0, "stored").await.unwrap();
    bench.save("B", 0, "both").await.unwrap();
    bench.delete("D").await;
    bench.delete("C").await;
    assert_eq!(bench.names().await, ["A", "B", "E/F"]);
    bench.delete("B").await;
    bench.rename("A", "Z").await;
    assert_eq!(bench.names().await, ["E/F", "Z"]);
}

#[tokio::test]
async fn the_generation_moves_with_everything_visible_and_with_nothing_else() {
    let bench = Bench::new();
    let mut seen = vec![bench.wiki.generation().await.unwrap()];
    let mut note = async |what: &str| {
        let generation = bench.wiki.generation().await.unwrap();
        assert!(!seen.contains(&generation), "{what} did not move the generation");
        assert_eq!(bench.wiki.generation().await.unwrap(), generation);
        assert_eq!(
            bench.another().generation().await.unwrap(),
            generation,
            "{what}: another opening agrees"
        );
        seen.push(generation);
    };
    bench.save("Page", 0, "one").await.unwrap();
    note("a first save").await;
    bench.save("Page", 1, "two").await.unwrap();
    note("a second save").await;
    save(&bench.another(), "Page", 2, "three").await.unwrap();
    note("another process's save").await;
    bench.write_file("Help.md", "file");
    note("a new file").await;
    bench.write_file("Help.md", "file, changed");
    note("a changed file").await;
    bench.delete("Page").await;
    note("a deletion").await;
}

#[tokio::test]
async fn the_link_generation_moves_only_when_pages_begin_or_cease_to_exist() {
    let bench = Bench::new();
    bench.save("Page", 0, "one").await.unwrap();
    bench.write_file("Help.md", "file");
    let before = bench.wiki.link_generation().await.unwrap();
    bench.save("Page", 1, "two").await.unwrap();
    bench.write_file("Help.md", "file, changed");
    assert_eq!(bench.wiki.link_generation().await.unwrap(), before);
    bench.save("Another", 0, "x").await.unwrap();
    let after = bench.wiki.link_generation().await.unwrap();
    assert_ne!(after, before);
    bench.remove_file("Help.md");
    assert_ne!(bench.wiki.link_generation().await.unwrap(), after);
}

#[tokio::test]
async fn a_store_made_by_another_process_after_we_looked_is_noticed() {
    let bench = Bench::new();
    assert_eq!(bench.text("Page").await, None);
    save(&bench.another(), "Page", 0, "from elsewhere").await.unwrap();
    assert_eq!(bench.text("Page").await.as_deref(), Some("from elsewhere"));
    assert_eq!(bench.names().await, ["Page"]);
}

#[tokio::test]
async fn what_another_process_does_to_a_page_shows_on_the_next_view() {
    let bench = Bench::new();
    let other = bench.another();
    bench.save("Page", 0, "one").await.unwrap();
    assert_eq!(text(&other, "Page").await.as_deref(), Some("one"));
    bench.save("Elsewhere", 0, "x").await.unwrap();
    assert_eq!(text(&other, "Page").await.as_deref(), Some("one"));
    bench.save("Page", 1, "two").await.unwrap();
    assert_eq!(text(&other, "Page").await.as_deref(), Some("two"));
    bench.rename("Page", "Moved").await;
    assert_eq!(text(&other, "Page").await, None);
    assert_eq!(text(&other, "Moved").await.as_deref(), Some("two"));
    bench.delete("Moved").await;
    assert_eq!(text(&other, "Moved").await, None);
}

#[tokio::test]
async fn rights_are_those_of_the_settings() {
    let known = Viewer {
        name: Some("Ada".into()),
        user_id: Some("1".into()),
        ..Viewer::anonymous()
    };
    let wiki = Bench::new().wiki;
    let page = name("Page");
    assert!(wiki.may(&Viewer::anonymous(), Right::Read, &page).await.unwrap());
    assert!(!wiki.may(&Viewer::anonymous(), Right::Write, &page).await.unwrap());
    assert!(wiki.may(&known, Right::Write, &page).await.unwrap());
}
