//! Claims about looking back and taking back.

use super::*;
use crate::wiki::tests::{Bench, name, now};

fn kinds(changes: &[Change]) -> Vec<(&str, RevisionNumber, ChangeKind)> {
    changes
        .iter()
        .map(|change| (change.page.as_str(), change.revision, change.kind))
        .collect()
}

fn reverting(page: &str, revision: RevisionNumber) -> Revert {
    Revert {
        page: name(page),
        revision,
        author: Author::nobody(),
        comment: String::new(),
        now: now(),
    }
}

fn renaming(from: &str, to: &str) -> Rename {
    let (from, to) = (name(from), name(to));
    Rename {
        from,
        to,
        author: Author::nobody(),
        comment: String::new(),
        now: now(),
    }
}

fn deleting(page: &str) -> Delete {
    Delete {
        page: name(page),
        author: Author::nobody(),
        comment: String::new(),
        now: now(),
    }
}

#[tokio::test]
async fn a_deleted_page_keeps_its_history_and_continues_its_numbers() {
    let bench = Bench::new();
    bench.save("Page", 0, "one").await.unwrap();
    assert_eq!(bench.delete("Page").await, 2);
    assert_eq!(bench.text("Page").await, None);
    assert!(matches!(
        bench.wiki.delete(deleting("Page")).await,
        Err(ChangeError::NoSuchPage(_))
    ));
    let deletion = bench.wiki.revision(&name("Page"), 2).await.unwrap().unwrap();
    assert!(deletion.is_deletion() && deletion.text.is_empty());
    assert_eq!(bench.save("Page", 0, "three").await.unwrap().revision(), 3);
    let history = bench.wiki.history(&name("Page"), None, 9).await.unwrap();
    let expected = [
        ("Page", 3, ChangeKind::Edit),
        ("Page", 2, ChangeKind::Delete),
        ("Page", 1, ChangeKind::Edit),
    ];
    assert_eq!(kinds(&history), expected);
}

#[tokio::test]
async fn reverting_makes_an_old_text_stand_again_as_a_new_revision() {
    let bench = Bench::new();
    bench.save("Page", 0, "one").await.unwrap();
    bench.save("Page", 1, "two").await.unwrap();
    assert_eq!(bench.revert("Page", 1).await, 3);
    assert_eq!(bench.text("Page").await.as_deref(), Some("one"));
    bench.delete("Page").await;
    assert_eq!(bench.revert("Page", 2).await, 5);
    assert_eq!(
        bench.text("Page").await.as_deref(),
        Some("two"),
        "a deletion can be reverted"
    );
}

#[tokio::test]
async fn only_a_text_can_be_reverted_to() {
    let bench = Bench::new();
    bench.save("Page", 0, "one").await.unwrap();
    bench.delete("Page").await;
    for revision in [0, 2, 3] {
        let refused = bench.wiki.revert(reverting("Page", revision)).await;
        assert!(
            matches!(refused, Err(ChangeError::NoSuchRevision { .. })),
            "{revision}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_renamed_page_moves_with_its_history_and_leaves_a_note() {
    let bench = Bench::new();
    bench.save("Old", 0, "one").await.unwrap();
    bench.save("Old", 1, "two").await.unwrap();
    assert_eq!(bench.rename("Old", "New").await, 3);
    assert_eq!(bench.text("Old").await, None);
    assert_eq!(bench.text("New").await.as_deref(), Some("two"));
    assert_eq!(
        &*bench.wiki.revision(&name("New"), 1).await.unwrap().unwrap().text,
        "one"
    );
    let recent = bench.wiki.recent_changes(None, 9).await.unwrap();
    let notes = [("New", 3, ChangeKind::Rename), ("Old", 3, ChangeKind::Rename)];
    assert_eq!(kinds(&recent)[..2], notes);
    assert_eq!(recent[1].other, Some(name("New")));
}

#[tokio::test]
async fn a_page_is_not_renamed_onto_another_be_it_stored_a_file_or_itself() {
    let bench = Bench::new();
    bench.save("Page", 0, "one").await.unwrap();
    bench.save("Stored", 0, "two").await.unwrap();
    bench.write_file("File.md", "three");
    for target in ["Stored", "File", "Page"] {
        let refused = bench.wiki.rename(renaming("Page", target)).await;
        assert!(
            matches!(refused, Err(ChangeError::TargetExists(_))),
            "{target}: {refused:?}"
        );
    }
    let refused = bench.wiki.rename(renaming("Nowhere", "Free")).await;
    assert!(matches!(refused, Err(ChangeError::NoSuchPage(_))), "{refused:?}");
}

#[tokio::test]
async fn a_default_page_can_be_renamed_and_its_file_no_longer_shows() {
    let bench = Bench::new();
    bench.write_file("File.md", "text");
    assert_eq!(bench.rename("File", "Page").await, 1);
    assert_eq!(bench.names().await, ["Page"]);
    assert_eq!(bench.text("Page").await.as_deref(), Some("text"));
    bench.revert("File", 0).await;
    assert_eq!(bench.names().await, ["File", "Page"]);
}

#[tokio::test]
async fn recent_changes_span_pages_and_can_begin_at_a_time() {
    let bench = Bench::new();
    for (second, page) in [(10, "A"), (20, "B"), (30, "A")] {
        let at = jiff::Timestamp::from_second(second).unwrap();
        let base = if second == 30 { 1 } else { 0 };
        let save = crate::Save::new(name(page), format!("{second}"), base, Author::nobody(), at);
        bench.wiki.save(save).await.unwrap();
    }
    let all = bench.wiki.recent_changes(None, 9).await.unwrap();
    let edits = [
        ("A", 2, ChangeKind::Edit),
        ("B", 1, ChangeKind::Edit),
        ("A", 1, ChangeKind::Edit),
    ];
    assert_eq!(kinds(&all), edits);
    let since = Timestamp::from_second(20).unwrap();
    assert_eq!(
        kinds(&bench.wiki.recent_changes(Some(since), 9).await.unwrap()),
        edits[..2]
    );
    assert_eq!(
        kinds(&bench.wiki.recent_changes(None, 1).await.unwrap()),
        edits[..1]
    );
}

#[tokio::test]
async fn a_read_only_wiki_takes_nothing_back_either() {
    let bench = Bench::new();
    bench.save("Page", 0, "one").await.unwrap();
    let read_only = Bench::with(|settings| {
        settings.data_dir = bench.wiki.settings().data_dir.clone();
        settings.read_only = true;
    });
    let wiki = &read_only.wiki;
    assert!(matches!(
        wiki.delete(deleting("Page")).await,
        Err(ChangeError::ReadOnly)
    ));
    assert!(matches!(
        wiki.rename(renaming("Page", "New")).await,
        Err(ChangeError::ReadOnly)
    ));
    assert!(matches!(
        wiki.revert(reverting("Page", 1)).await,
        Err(ChangeError::ReadOnly)
    ));
    assert_eq!(read_only.text("Page").await.as_deref(), Some("one"));
}
