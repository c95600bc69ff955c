//! What every page store promises, as claims that each implementation is put to.
//!
//! A store's own tests call [`passes_every_claim`] with a way to open it: the suite opens the same place
//! twice where it is about two processes. Claims about one implementation's files stand beside it.

mod attaching;
mod renaming;
mod searching;

use std::sync::Arc;

use jiff::Timestamp;

use super::*;

/// One empty place for pages, which can be opened any number of times.
pub trait Place {
    fn open(&self) -> Arc<dyn PageStore>;
}

/// Puts a store to every claim; `place` gives a new empty place each time.
pub async fn passes_every_claim<P: Place>(place: impl Fn() -> P) {
    an_empty_store_answers_nothing(&place()).await;
    a_saved_text_is_read_back(&place()).await;
    a_stale_base_saves_nothing(&place()).await;
    a_page_made_meanwhile_is_not_overwritten(&place()).await;
    numbers_continue_after_a_deletion(&place()).await;
    base_zero_fits_where_the_underlay_shows(&place()).await;
    history_comes_newest_first_in_pieces(&place()).await;
    the_change_log_is_one_sequence(&place()).await;
    the_position_tells_edits_from_births_and_deaths(&place()).await;
    another_opening_sees_every_commit(&place()).await;
    links_follow_the_standing_text(&place()).await;
    a_look_over_all_pages_takes_what_stands(&place()).await;
    renaming::a_renamed_page_takes_its_history_along(&place()).await;
    renaming::a_renaming_onto_a_page_is_refused(&place()).await;
    renaming::a_renaming_back_and_forth_repeats_no_number(&place()).await;
    renaming::an_underlay_page_can_be_renamed(&place()).await;
    attaching::a_file_is_a_name_with_versions(&place()).await;
    attaching::a_removed_file_stays_removed_under_its_name(&place()).await;
    attaching::files_are_entries_of_the_one_change_log(&place()).await;
    attaching::a_list_of_files_comes_in_parts_with_all_versions(&place()).await;
    attaching::what_happened_to_a_page_and_its_files_is_one_list(&place()).await;
    attaching::files_that_a_deletion_hid_are_counted(&place()).await;
    attaching::a_deleted_page_hides_its_files_and_brings_them_back(&place()).await;
    attaching::a_renamed_page_takes_its_files_along(&place()).await;
    attaching::a_page_of_the_underlay_can_have_files(&place()).await;
    searching::no_page_is_missed_wherever_the_index_stands(&place()).await;
    searching::the_index_follows_edits_deletions_and_renamings(&place()).await;
    searching::texts_come_for_every_name_that_has_a_history(&place()).await;
    every_fact_of_a_change_is_kept(&place()).await;
    of_many_writers_with_one_base_one_wins(&place()).await;
}

fn name(text: &str) -> PageName {
    PageName::parse(text).unwrap()
}

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn edit(page: &str, base: RevisionNumber, text: &str) -> NewRevision {
    NewRevision {
        page: name(page),
        base,
        content: Content::Text(text.into()),
        kind: ChangeKind::Edit,
        author: Author::named("Ada"),
        comment: String::new(),
        time: second(1_000),
        links: Vec::new(),
    }
}

fn deletion(page: &str, base: RevisionNumber) -> NewRevision {
    NewRevision {
        content: Content::Nothing,
        kind: ChangeKind::Delete,
        ..edit(page, base, "")
    }
}

async fn save(store: &Arc<dyn PageStore>, new: NewRevision) -> Change {
    match store.save(new).await.unwrap() {
        Saving::Saved(change) => change,
        Saving::Stale(change) => panic!("stale: {change:?}"),
    }
}

async fn text(store: &Arc<dyn PageStore>, page: &str, which: Which) -> Option<String> {
    store
        .read(&name(page), which)
        .await
        .unwrap()
        .map(|revision| revision.text.to_string())
}

async fn numbers(store: &Arc<dyn PageStore>, page: &str) -> Vec<(RevisionNumber, ChangeKind)> {
    let history = store.history(&name(page), None, 100).await.unwrap();
    history
        .into_iter()
        .map(|change| (change.revision, change.kind))
        .collect()
}

async fn an_empty_store_answers_nothing(place: &impl Place) {
    let store = place.open();
    assert_eq!(store.position().await.unwrap(), Position::default());
    assert_eq!(text(&store, "Page", Which::Current).await, None);
    assert_eq!(store.names().await.unwrap(), []);
    assert_eq!(store.history(&name("Page"), None, 10).await.unwrap(), []);
    assert_eq!(store.changes(Stretch::Newest, 10).await.unwrap(), []);
    assert_eq!(store.links(Links::To(&name("Page"))).await.unwrap(), []);
}

async fn a_saved_text_is_read_back(place: &impl Place) {
    let store = place.open();
    let long = "Änderung über Änderung. ".repeat(2_000);
    for (number, body) in (1..).zip(["", "short", "null \0 byte", &long]) {
        let saved = save(&store, edit("A/Ünï", number - 1, body)).await;
        assert_eq!((saved.revision, saved.bytes), (number, body.len() as u64));
        assert_eq!(text(&store, "A/Ünï", Which::Current).await.as_deref(), Some(body));
    }
    assert_eq!(
        text(&store, "A/Ünï", Which::Number(2)).await.as_deref(),
        Some("short")
    );
    assert_eq!(text(&store, "A/Ünï", Which::Number(9)).await, None);
    let read = store
        .read(&name("A/Ünï"), Which::Number(2))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read.change.fingerprint, fingerprint(&content_hash("short")));
    assert_eq!(text(&store, "a/ünï", Which::Current).await, None, "case counts");
}

async fn a_stale_base_saves_nothing(place: &impl Place) {
    let store = place.open();
    save(&store, edit("Page", 0, "one")).await;
    let second = save(&store, edit("Page", 1, "two")).await;
    let before = store.position().await.unwrap();
    for base in [1, 3] {
        let saving = store.save(edit("Page", base, "mine")).await.unwrap();
        assert_eq!(saving, Saving::Stale(second.clone()));
    }
    assert_eq!(store.position().await.unwrap(), before);
    assert_eq!(text(&store, "Page", Which::Current).await.as_deref(), Some("two"));
}

async fn a_page_made_meanwhile_is_not_overwritten(place: &impl Place) {
    let store = place.open();
    save(&store, edit("Page", 0, "theirs")).await;
    assert!(matches!(
        store.save(edit("Page", 0, "mine")).await.unwrap(),
        Saving::Stale(_)
    ));
}

async fn numbers_continue_after_a_deletion(place: &impl Place) {
    let store = place.open();
    save(&store, edit("Page", 0, "one")).await;
    let gone = save(&store, deletion("Page", 1)).await;
    assert!(gone.removes_page() && gone.revision == 2);
    assert_eq!(store.names().await.unwrap(), [(name("Page"), Standing::Nothing)]);
    assert!(matches!(
        store.save(edit("Page", 1, "late")).await.unwrap(),
        Saving::Stale(_)
    ));
    assert_eq!(save(&store, edit("Page", 0, "again")).await.revision, 3);
    assert_eq!(
        text(&store, "Page", Which::Number(1)).await.as_deref(),
        Some("one")
    );
    save(&store, deletion("Page", 3)).await;
    assert_eq!(save(&store, edit("Page", 4, "and again")).await.revision, 5);
}

async fn base_zero_fits_where_the_underlay_shows(place: &impl Place) {
    let store = place.open();
    save(&store, edit("Page", 0, "one")).await;
    let file = Content::Underlay("the file".into());
    let back = NewRevision {
        content: file,
        kind: ChangeKind::Revert,
        ..edit("Page", 1, "")
    };
    assert_eq!(save(&store, back).await.standing, Standing::Underlay);
    assert_eq!(
        text(&store, "Page", Which::Current).await.as_deref(),
        Some("the file")
    );
    assert_eq!(save(&store, edit("Page", 0, "three")).await.revision, 3);
}

async fn history_comes_newest_first_in_pieces(place: &impl Place) {
    let store = place.open();
    for base in 0..7 {
        save(&store, edit("Page", base, &base.to_string())).await;
        save(
            &store,
            edit("Other", base, "x ".repeat(base as usize + 1).as_str()),
        )
        .await;
    }
    let piece = |before, limit| {
        let store = store.clone();
        async move {
            let history = store.history(&name("Page"), before, limit).await.unwrap();
            history
                .into_iter()
                .map(|change| change.revision)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(piece(None, 3).await, [7, 6, 5]);
    assert_eq!(piece(Some(5), 3).await, [4, 3, 2]);
    assert_eq!(piece(Some(2), 3).await, [1]);
    assert_eq!(piece(Some(1), 3).await, [0; 0]);
    assert_eq!(piece(None, 0).await, [0; 0]);
}

async fn the_change_log_is_one_sequence(place: &impl Place) {
    let store = place.open();
    let at = |time, new: NewRevision| NewRevision {
        time: second(time),
        ..new
    };
    let one = save(&store, at(10, edit("A", 0, "1"))).await;
    let two = save(&store, at(30, edit("B", 0, "2"))).await;
    let imported = save(
        &store,
        at(
            20,
            NewRevision {
                kind: ChangeKind::Import,
                ..edit("C", 0, "3")
            },
        ),
    )
    .await;
    assert!(one.seq < two.seq && two.seq < imported.seq);
    let log = |stretch, limit| {
        let store = store.clone();
        async move { store.changes(stretch, limit).await.unwrap() }
    };
    assert_eq!(log(Stretch::Newest, 2).await, [imported.clone(), two.clone()]);
    assert_eq!(
        log(Stretch::After(one.seq), 9).await,
        [two.clone(), imported.clone()]
    );
    assert_eq!(log(Stretch::After(imported.seq), 9).await, []);
    assert_eq!(log(Stretch::Since(second(20)), 9).await, [two.clone(), imported]);
    assert_eq!(log(Stretch::Since(second(20)), 1).await, [two]);
}

async fn the_position_tells_edits_from_births_and_deaths(place: &impl Place) {
    let store = place.open();
    let mut before = store.position().await.unwrap();
    let steps = [
        (edit("Page", 0, "born"), true),
        (edit("Page", 1, "edited"), false),
        (edit("Page", 2, "edited again"), false),
        (deletion("Page", 3), true),
        (edit("Page", 0, "born again"), true),
    ];
    for (step, changes_the_set) in steps {
        save(&store, step).await;
        let after = store.position().await.unwrap();
        assert!(after.seq > before.seq);
        assert_eq!(
            after.page_set != before.page_set,
            changes_the_set,
            "{before:?} {after:?}"
        );
        assert_ne!(after.store, 0);
        before = after;
    }
    assert_eq!(store.position().await.unwrap(), before, "asking changes nothing");
}

async fn another_opening_sees_every_commit(place: &impl Place) {
    let (one, other) = (place.open(), place.open());
    assert_eq!(other.position().await.unwrap(), Position::default());
    for base in 0..5 {
        let (writer, reader) = if base % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let saved = save(writer, edit("Page", base, &base.to_string())).await;
        assert_eq!(reader.position().await.unwrap().seq, saved.seq);
        assert_eq!(reader.position().await.unwrap(), writer.position().await.unwrap());
        assert_eq!(text(reader, "Page", Which::Current).await, Some(base.to_string()));
    }
    assert_eq!(
        place.open().names().await.unwrap(),
        [(name("Page"), Standing::Text)]
    );
}

async fn a_look_over_all_pages_takes_what_stands(place: &impl Place) {
    let store = place.open();
    assert_eq!(store.link_pairs(9).await.unwrap(), []);
    assert_eq!(store.standing(Order::Largest, 9).await.unwrap(), []);
    for (page, text, seconds) in [
        ("A", "small", 30),
        ("B", "much larger", 20),
        ("Gone", "largest of all", 10),
    ] {
        let links = vec![name("B"), name("X")];
        save(
            &store,
            NewRevision {
                time: second(seconds),
                links,
                ..edit(page, 0, text)
            },
        )
        .await;
    }
    save(
        &store,
        NewRevision {
            time: second(40),
            links: vec![name("Y")],
            ..edit("A", 1, "smaller")
        },
    )
    .await;
    save(&store, deletion("Gone", 1)).await;
    let pairs = store.link_pairs(9).await.unwrap();
    assert_eq!(
        pairs,
        [
            (name("A"), name("Y")),
            (name("B"), name("B")),
            (name("B"), name("X"))
        ]
    );
    assert_eq!(store.link_pairs(2).await.unwrap().len(), 2);
    let pages = |changes: Vec<Change>| -> Vec<(String, RevisionNumber)> {
        changes
            .into_iter()
            .map(|change| (change.page.to_string(), change.revision))
            .collect()
    };
    let largest = pages(store.standing(Order::Largest, 9).await.unwrap());
    assert_eq!(largest, [("B".to_owned(), 1), ("A".to_owned(), 2)]);
    let oldest = pages(store.standing(Order::LongestUntouched, 9).await.unwrap());
    assert_eq!(oldest, [("B".to_owned(), 1), ("A".to_owned(), 2)]);
    assert_eq!(store.standing(Order::LongestUntouched, 1).await.unwrap().len(), 1);
}

async fn links_follow_the_standing_text(place: &impl Place) {
    let store = place.open();
    let linking = |base, links: &[&str]| {
        let links = links.iter().map(|link| name(link)).collect();
        NewRevision {
            links,
            ..edit("Page", base, &format!("{base}"))
        }
    };
    let (from, to_b) = (name("Page"), name("B"));
    save(&store, linking(0, &["B", "A", "B"])).await;
    assert_eq!(
        store.links(Links::From(&from)).await.unwrap(),
        [name("A"), name("B")]
    );
    save(&store, linking(1, &["C", "B"])).await;
    assert_eq!(
        store.links(Links::From(&from)).await.unwrap(),
        [name("B"), name("C")]
    );
    assert_eq!(store.links(Links::To(&name("A"))).await.unwrap(), []);
    save(
        &store,
        NewRevision {
            links: vec![to_b.clone()],
            ..edit("Another", 0, "x")
        },
    )
    .await;
    assert_eq!(
        store.links(Links::To(&to_b)).await.unwrap(),
        [name("Another"), name("Page")]
    );
    save(&store, deletion("Page", 2)).await;
    assert_eq!(store.links(Links::To(&to_b)).await.unwrap(), [name("Another")]);
}

async fn every_fact_of_a_change_is_kept(place: &impl Place) {
    let store = place.open();
    let full = Author {
        user_id: Some("1.2".into()),
        name: Some("Ada".into()),
        address: Some("192.0.2.0".into()),
        acting: Some("Root".into()),
    };
    for (base, kind) in (0..).zip(ChangeKind::ALL) {
        let author = if base % 2 == 0 {
            full.clone()
        } else {
            Author::nobody()
        };
        let comment = format!("{kind}, “quoted”");
        let time = Timestamp::from_microsecond(1_700_000_000_123_456).unwrap();
        let new = NewRevision {
            kind,
            author,
            comment,
            time,
            ..edit("Page", base, "text")
        };
        let saved = save(&store, new.clone()).await;
        let read = store
            .read(&name("Page"), Which::Current)
            .await
            .unwrap()
            .unwrap()
            .change;
        assert_eq!(read, saved);
        let facts = (saved.kind, saved.author, saved.comment, saved.time, saved.page);
        assert_eq!(facts, (new.kind, new.author, new.comment, new.time, new.page));
    }
}

async fn of_many_writers_with_one_base_one_wins(place: &impl Place) {
    let stores = [place.open(), place.open()];
    save(&stores[0], edit("Page", 0, "start")).await;
    let writers: Vec<_> = (0..12)
        .map(|n| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move { store.save(edit("Page", 1, &format!("writer {n}"))).await.unwrap() })
        })
        .collect();
    let mut winners = 0;
    for writer in writers {
        winners += usize::from(matches!(writer.await.unwrap(), Saving::Saved(_)));
    }
    assert_eq!(winners, 1);
    assert_eq!(numbers(&stores[1], "Page").await.len(), 2);
}
