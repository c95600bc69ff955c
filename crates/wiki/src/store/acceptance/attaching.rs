//! What every page store promises about attached files; part of the suite beside it.
//!
//! Files are entries of the one change log, belong to their page, and no number is used twice.

use super::*;
use crate::attachment::{Attachment, FileName};

fn file(text: &str) -> FileName {
    FileName::parse(text).unwrap()
}

fn new(page: &str, named: &str, overwrite: Overwrite) -> NewAttachment {
    NewAttachment {
        page: name(page),
        file: file(named),
        overwrite,
        bytes: 3,
        hash: content_hash("abc"),
        media_type: "text/plain".into(),
        author: Author::named("Ada"),
        comment: "for the record".into(),
        time: second(1_500),
    }
}

async fn attach(store: &Arc<dyn PageStore>, new: NewAttachment) -> Attachment {
    match store.attach(new).await.unwrap() {
        Attaching::Done(attachment) => *attachment,
        other => panic!("{other:?}"),
    }
}

async fn detach(store: &Arc<dyn PageStore>, page: &str, named: &str) -> Option<Change> {
    let removal = Removal {
        page: name(page),
        file: file(named),
        author: Author::named("Bob"),
        comment: String::new(),
        time: second(1_600),
    };
    store.detach(removal).await.unwrap()
}

async fn listed(store: &Arc<dyn PageStore>, page: &str) -> Vec<(String, u32)> {
    let found = store.attachments(&name(page)).await.unwrap();
    let counts = store.attachment_counts().await.unwrap();
    let counted = counts.iter().find(|(counted, _)| *counted == name(page));
    assert_eq!(counted.map_or(0, |(_, count)| *count), found.len());
    found
        .into_iter()
        .map(|found| (found.file.to_string(), found.version))
        .collect()
}

async fn versions(store: &Arc<dyn PageStore>, page: &str, named: &str) -> Vec<u32> {
    let found = store
        .attachment_versions(&name(page), &file(named))
        .await
        .unwrap();
    found.iter().map(|found| found.version).collect()
}

pub async fn a_file_is_a_name_with_versions(place: &impl Place) {
    let store = place.open();
    assert_eq!(listed(&store, "Page").await, []);
    save(&store, edit("Page", 0, "one")).await;
    let first = attach(&store, new("Page", "b.txt", Overwrite::Refused)).await;
    assert_eq!((first.version, first.seq), (1, 2));
    assert_eq!(
        (first.comment.as_str(), first.time, first.author.name.as_deref()),
        ("for the record", second(1_500), Some("Ada"))
    );
    assert_eq!(
        store
            .attach(new("Page", "b.txt", Overwrite::Refused))
            .await
            .unwrap(),
        Attaching::NameTaken
    );
    attach(&store, new("Page", "a.txt", Overwrite::Refused)).await;
    attach(&store, new("Page", "b.txt", Overwrite::Allowed)).await;
    assert_eq!(
        listed(&store, "Page").await,
        [("a.txt".into(), 1), ("b.txt".into(), 2)]
    );
    assert_eq!(versions(&store, "Page", "b.txt").await, [2, 1]);
    assert_eq!(numbers(&store, "Page").await.len(), 1, "a file makes no revision");
}

pub async fn a_removed_file_stays_removed_under_its_name(place: &impl Place) {
    let store = place.open();
    assert_eq!(detach(&store, "Page", "a.txt").await, None);
    save(&store, edit("Page", 0, "one")).await;
    attach(&store, new("Page", "a.txt", Overwrite::Refused)).await;
    let gone = detach(&store, "Page", "a.txt").await.unwrap();
    assert_eq!(
        (gone.kind, gone.file, gone.revision),
        (ChangeKind::Detach, Some(file("a.txt")), 0)
    );
    assert_eq!(detach(&store, "Page", "a.txt").await, None, "once");
    assert_eq!(
        (
            listed(&store, "Page").await,
            versions(&store, "Page", "a.txt").await
        ),
        (vec![], vec![])
    );
    let again = attach(&store, new("Page", "a.txt", Overwrite::Refused)).await;
    assert_eq!(again.version, 3);
    assert_eq!(
        versions(&store, "Page", "a.txt").await,
        [3],
        "what was removed does not come back"
    );
}

pub async fn files_are_entries_of_the_one_change_log(place: &impl Place) {
    let store = place.open();
    save(&store, edit("Page", 0, "one")).await;
    let before = store.position().await.unwrap();
    attach(&store, new("Page", "a.txt", Overwrite::Refused)).await;
    let attached = store.position().await.unwrap();
    assert!(attached.seq == before.seq + 1 && attached.page_set > before.page_set);
    attach(&store, new("Page", "a.txt", Overwrite::Allowed)).await;
    let overwritten = store.position().await.unwrap();
    assert_eq!(
        (overwritten.seq, overwritten.page_set),
        (before.seq + 2, attached.page_set)
    );
    save(&store, edit("Page", 1, "two")).await;
    detach(&store, "Page", "a.txt").await;
    let log = store.changes(Stretch::Newest, 9).await.unwrap();
    let kinds: Vec<_> = log.iter().map(|change| (change.seq, change.kind)).collect();
    assert_eq!(
        kinds,
        [
            (5, ChangeKind::Detach),
            (4, ChangeKind::Edit),
            (3, ChangeKind::Replace),
            (2, ChangeKind::Attach),
            (1, ChangeKind::Edit)
        ]
    );
    let after = store.changes(Stretch::After(2), 2).await.unwrap();
    assert_eq!(after.iter().map(|change| change.seq).collect::<Vec<_>>(), [3, 4]);
    let since = store.changes(Stretch::Since(second(1_500)), 9).await.unwrap();
    assert_eq!(
        since.iter().map(|change| change.seq).collect::<Vec<_>>(),
        [5, 3, 2]
    );
}

/// Page with b.txt of two versions, a.txt and one that was removed.
async fn page_with_files(store: &Arc<dyn PageStore>) {
    save(store, edit("Page", 0, "one")).await;
    for named in ["b.txt", "a.txt", "gone.txt"] {
        attach(store, new("Page", named, Overwrite::Refused)).await;
    }
    attach(store, new("Page", "b.txt", Overwrite::Allowed)).await;
    detach(store, "Page", "gone.txt").await;
    save(store, edit("Other", 0, "other")).await;
    attach(store, new("Other", "a.txt", Overwrite::Refused)).await;
}

pub async fn a_list_of_files_comes_in_parts_with_all_versions(place: &impl Place) {
    let store = place.open();
    let nothing = store.attachment_sheet(&name("Page"), 0, 9).await.unwrap();
    assert_eq!(nothing, AttachmentSheet::default());
    page_with_files(&store).await;
    let mut told = Vec::new();
    for first in 0..4 {
        let sheet = store.attachment_sheet(&name("Page"), first, 1).await.unwrap();
        assert_eq!(sheet.total, 3);
        told.extend(
            sheet
                .versions
                .into_iter()
                .map(|found| (found.file.to_string(), found.version)),
        );
    }
    assert_eq!(
        told,
        [("a.txt".into(), 1), ("b.txt".into(), 2), ("b.txt".into(), 1)]
    );
    let whole = store.attachment_sheet(&name("Page"), 0, 100).await.unwrap();
    assert_eq!(whole.versions.len(), 3);
    save(&store, deletion("Page", 1)).await;
    let hidden = store.attachment_sheet(&name("Page"), 0, 9).await.unwrap();
    assert_eq!(hidden, AttachmentSheet::default());
}

pub async fn what_happened_to_a_page_and_its_files_is_one_list(place: &impl Place) {
    let store = place.open();
    assert_eq!(
        store.page_log(&name("Page"), None, 9).await.unwrap(),
        PageLog::default()
    );
    page_with_files(&store).await;
    let whole = store.page_log(&name("Page"), None, 99).await.unwrap();
    let told: Vec<_> = whole
        .changes
        .iter()
        .map(|change| {
            (
                change.kind,
                change.revision,
                change.file.as_ref().map(FileName::as_str),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (ChangeKind::Detach, 0, Some("gone.txt")),
            (ChangeKind::Replace, 0, Some("b.txt")),
            (ChangeKind::Attach, 0, Some("gone.txt")),
            (ChangeKind::Attach, 0, Some("a.txt")),
            (ChangeKind::Attach, 0, Some("b.txt")),
            (ChangeKind::Edit, 1, None),
        ]
    );
    assert_eq!(whole.older, 0);
    for (before, limit, places, older) in [
        (None, 2, 0..2, 4),
        (Some(5), 2, 2..4, 2),
        (Some(3), 9, 4..6, 0),
        (Some(1), 9, 6..6, 0),
        (Some(99), 1, 0..1, 5),
    ] {
        let part = store.page_log(&name("Page"), before, limit).await.unwrap();
        assert_eq!(part.changes, whole.changes[places], "{before:?}");
        assert_eq!(part.older, older, "{before:?}");
    }
}

pub async fn files_that_a_deletion_hid_are_counted(place: &impl Place) {
    let store = place.open();
    page_with_files(&store).await;
    let count = async |change: &Change| {
        let counted = store.attachment_count_before(&change.page, change.seq).await;
        counted.unwrap()
    };
    let gone = save(&store, deletion("Page", 1)).await;
    assert_eq!(count(&gone).await, 2);
    save(&store, edit("Page", 0, "again")).await;
    detach(&store, "Page", "a.txt").await;
    assert_eq!(count(&gone).await, 2, "as it was then");
    let again = save(&store, deletion("Page", 3)).await;
    assert_eq!(count(&again).await, 1);
    assert_eq!(count(&save(&store, deletion("Other", 1)).await).await, 1);
}

pub async fn a_deleted_page_hides_its_files_and_brings_them_back(place: &impl Place) {
    let store = place.open();
    save(&store, edit("Page", 0, "one")).await;
    attach(&store, new("Page", "a.txt", Overwrite::Refused)).await;
    save(&store, deletion("Page", 1)).await;
    assert_eq!(
        (
            listed(&store, "Page").await,
            versions(&store, "Page", "a.txt").await
        ),
        (vec![], vec![])
    );
    assert_eq!(detach(&store, "Page", "a.txt").await, None);
    let refused = store
        .attach(new("Page", "b.txt", Overwrite::Refused))
        .await
        .unwrap();
    assert_eq!(refused, Attaching::NoPage);
    save(&store, edit("Page", 0, "one")).await;
    assert_eq!(listed(&store, "Page").await, [("a.txt".into(), 1)]);
}

pub async fn a_renamed_page_takes_its_files_along(place: &impl Place) {
    let store = place.open();
    // A deleted page of the new name had files as well.
    save(&store, edit("New", 0, "old page")).await;
    attach(&store, new("New", "a.txt", Overwrite::Refused)).await;
    attach(&store, new("New", "left.txt", Overwrite::Refused)).await;
    save(&store, deletion("New", 1)).await;
    save(&store, edit("Old", 0, "one")).await;
    attach(&store, new("Old", "a.txt", Overwrite::Refused)).await;
    attach(&store, new("Old", "b.txt", Overwrite::Refused)).await;
    let renamed = store
        .rename(super::renaming::renaming("Old", "New", 1, "one"))
        .await
        .unwrap();
    assert!(matches!(renamed, Renamed::Done(_)));
    assert_eq!(listed(&store, "Old").await, []);
    assert_eq!(
        listed(&store, "New").await,
        [("a.txt".into(), 3), ("b.txt".into(), 1)]
    );
    assert_eq!(
        versions(&store, "New", "a.txt").await,
        [3],
        "the other page's file is gone"
    );
}

pub async fn a_page_of_the_underlay_can_have_files(place: &impl Place) {
    let store = place.open();
    attach(&store, new("File", "a.txt", Overwrite::Refused)).await;
    assert_eq!(store.names().await.unwrap(), [(name("File"), Standing::Underlay)]);
    assert_eq!(store.read(&name("File"), Which::Current).await.unwrap(), None);
    let late = save(&store, edit("File", 7, "edited")).await;
    assert_eq!(
        late.revision, 1,
        "no revision stood there, whatever base was sent"
    );
    assert_eq!(listed(&store, "File").await, [("a.txt".into(), 1)]);
}
