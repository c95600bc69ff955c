//! What every page store promises about renaming; part of the suite beside it.
//!
//! A renamed page takes its history along, and no number is used twice under any name.

use super::*;

pub fn renaming(from: &str, to: &str, base: RevisionNumber, text: &str) -> Renaming {
    Renaming {
        from: name(from),
        to: name(to),
        base,
        text: text.into(),
        links: Vec::new(),
        author: Author::named("Ada"),
        comment: "a better name".into(),
        time: second(2_000),
    }
}

pub async fn a_renamed_page_takes_its_history_along(place: &impl Place) {
    let store = place.open();
    save(
        &store,
        NewRevision {
            links: vec![name("X")],
            ..edit("Old", 0, "one")
        },
    )
    .await;
    save(&store, edit("Old", 1, "two")).await;
    let moved = Renaming {
        links: vec![name("X")],
        ..renaming("Old", "New", 2, "two")
    };
    let Renamed::Done(change) = store.rename(moved).await.unwrap() else {
        panic!("not renamed")
    };
    assert_eq!(
        (change.page.clone(), change.revision, change.other.clone()),
        (name("New"), 3, Some(name("Old")))
    );
    let kinds = [
        (3, ChangeKind::Rename),
        (2, ChangeKind::Edit),
        (1, ChangeKind::Edit),
    ];
    assert_eq!(numbers(&store, "New").await, kinds);
    assert_eq!(
        text(&store, "New", Which::Number(1)).await.as_deref(),
        Some("one")
    );
    assert_eq!(text(&store, "New", Which::Current).await.as_deref(), Some("two"));
    let note = store.history(&name("Old"), None, 9).await.unwrap();
    assert_eq!(
        (note.len(), note[0].kind, note[0].removes_page()),
        (1, ChangeKind::Rename, true)
    );
    assert_eq!(note[0].other, Some(name("New")));
    assert_eq!(note[0].comment, "a better name");
    assert_eq!(store.links(Links::To(&name("X"))).await.unwrap(), [name("New")]);
    let standing = [(name("New"), Standing::Text), (name("Old"), Standing::Nothing)];
    assert_eq!(store.names().await.unwrap(), standing);
    assert_eq!(
        save(&store, edit("Old", 0, "another page")).await.revision,
        4,
        "no number twice"
    );
}

pub async fn a_renaming_onto_a_page_is_refused(place: &impl Place) {
    let store = place.open();
    save(&store, edit("Old", 0, "one")).await;
    let target = save(&store, edit("New", 0, "in the way")).await;
    let before = store.position().await.unwrap();
    assert_eq!(
        store.rename(renaming("Old", "New", 1, "one")).await.unwrap(),
        Renamed::TargetExists
    );
    let stale = store.rename(renaming("Old", "Free", 7, "one")).await.unwrap();
    assert!(matches!(stale, Renamed::Stale(change) if change.page == name("Old")));
    assert_eq!(store.position().await.unwrap(), before);
    save(&store, deletion("New", target.revision)).await;
    let done = store.rename(renaming("Old", "New", 1, "one")).await.unwrap();
    assert!(
        matches!(done, Renamed::Done(change) if change.revision == 4),
        "after the deleted page's numbers"
    );
    let kinds = [
        ChangeKind::Rename,
        ChangeKind::Edit,
        ChangeKind::Delete,
        ChangeKind::Edit,
    ];
    assert_eq!(
        numbers(&store, "New")
            .await
            .iter()
            .map(|(_, kind)| *kind)
            .collect::<Vec<_>>(),
        kinds
    );
    assert_eq!(
        text(&store, "New", Which::Number(1)).await.as_deref(),
        Some("in the way")
    );
}

pub async fn a_renaming_back_and_forth_repeats_no_number(place: &impl Place) {
    let store = place.open();
    save(&store, edit("A", 0, "one")).await;
    let (mut from, mut to) = ("A", "B");
    for _ in 0..4 {
        let base = numbers(&store, from).await[0].0;
        assert!(matches!(
            store.rename(renaming(from, to, base, "one")).await.unwrap(),
            Renamed::Done(_)
        ));
        std::mem::swap(&mut from, &mut to);
    }
    let newest: Vec<_> = store.changes(Stretch::Newest, 100).await.unwrap();
    let mut seen: Vec<_> = newest
        .iter()
        .map(|change| (change.page.clone(), change.revision))
        .collect();
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((seen.len(), all), (9, 9));
    assert_eq!(text(&store, "A", Which::Current).await.as_deref(), Some("one"));
}

pub async fn an_underlay_page_can_be_renamed(place: &impl Place) {
    let store = place.open();
    let done = store
        .rename(renaming("File", "Page", 0, "from the file"))
        .await
        .unwrap();
    assert!(matches!(done, Renamed::Done(change) if change.revision == 1));
    assert_eq!(
        text(&store, "Page", Which::Current).await.as_deref(),
        Some("from the file")
    );
    assert_eq!(numbers(&store, "File").await, [(1, ChangeKind::Rename)]);
    assert_eq!(store.names().await.unwrap()[0], (name("File"), Standing::Nothing));
}
