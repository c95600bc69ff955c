//! Claims about searching a store: whatever its index has come to, no page is missed.

use super::*;
use crate::search::probe::Probe;

fn piece(text: &str) -> Probe {
    Probe::Piece(text.to_owned())
}

/// The candidates in byte order, each once; nothing where the store has no index.
async fn candidates(store: &Arc<dyn PageStore>, probe: Probe) -> Option<Vec<String>> {
    let found = store.candidates(&probe).await.unwrap()?;
    let mut names: Vec<String> = found.iter().map(ToString::to_string).collect();
    names.sort_unstable();
    names.dedup();
    Some(names)
}

/// Every one of the pages is a candidate.
async fn proposes(store: &Arc<dyn PageStore>, probe: Probe, pages: &[&str]) {
    if let Some(found) = candidates(store, probe.clone()).await {
        for page in pages {
            assert!(
                found.iter().any(|name| name == page),
                "{probe:?} misses {page}: {found:?}"
            );
        }
    }
}

async fn index_all(store: &Arc<dyn PageStore>) {
    while store.index_more().await.unwrap() == Indexing::More {}
}

pub async fn no_page_is_missed_wherever_the_index_stands(place: &impl Place) {
    let store = place.open();
    proposes(&store, piece("apple"), &[]).await;
    index_all(&store).await;
    for nth in 0..100 {
        let page = format!("Page {nth}");
        save(
            &store,
            edit(&page, 0, &format!("An apple, number <{nth}>\nof a tree")),
        )
        .await;
        if nth % 30 == 0 {
            store.index_more().await.unwrap();
        }
    }
    let all: Vec<String> = (0..100).map(|nth| format!("Page {nth}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    for _ in 0..2 {
        proposes(&store, piece("apple"), &all).await;
        proposes(&store, piece("of a tree"), &all).await;
        proposes(&store, piece("page 7"), &["Page 7", "Page 77"]).await;
        proposes(&store, piece("<77>"), &["Page 77"]).await;
        let both = Probe::All(vec![piece("<77>"), piece("apple")]);
        proposes(&store, both, &["Page 77"]).await;
        let one_of = Probe::Any(vec![piece("<77>"), piece("<3>")]);
        proposes(&store, one_of, &["Page 3", "Page 77"]).await;
        index_all(&store).await;
    }
    proposes(&place.open(), piece("<99>"), &["Page 99"]).await;
}

pub async fn the_index_follows_edits_deletions_and_renamings(place: &impl Place) {
    let store = place.open();
    for nth in 0..200 {
        save(&store, edit(&format!("P{nth}"), 0, "old words")).await;
    }
    index_all(&store).await;
    for nth in 0..100 {
        let page = format!("P{nth}");
        match nth % 2 {
            0 => save(&store, edit(&page, 1, "new words")).await,
            _ => save(&store, deletion(&page, 1)).await,
        };
    }
    let renaming = Renaming {
        from: name("P150"),
        to: name("Elsewhere"),
        base: 1,
        text: "old words".into(),
        links: Vec::new(),
        author: Author::named("Ada"),
        comment: String::new(),
        time: second(9),
    };
    store.rename(renaming).await.unwrap();
    for _ in 0..2 {
        proposes(&store, piece("new words"), &["P0", "P98"]).await;
        proposes(&store, piece("elsewhere"), &["Elsewhere"]).await;
        proposes(&store, piece("old words"), &["P100", "P199", "Elsewhere"]).await;
        index_all(&store).await;
    }
    if let Some(found) = candidates(&store, piece("old words")).await {
        for gone in ["P0", "P1", "P150"] {
            assert!(!found.iter().any(|name| name == gone), "{gone} is still proposed");
        }
        assert_eq!(found.len(), 100);
    }
}

pub async fn texts_come_for_every_name_that_has_a_history(place: &impl Place) {
    let store = place.open();
    assert_eq!(store.texts(&[name("A")]).await.unwrap(), []);
    save(&store, edit("A", 0, "one")).await;
    save(&store, edit("A", 1, "two")).await;
    save(&store, edit("B", 0, "gone")).await;
    save(&store, deletion("B", 1)).await;
    let texts = store.texts(&[name("A"), name("B"), name("C")]).await.unwrap();
    let told: Vec<_> = texts
        .iter()
        .map(|revision| {
            (
                revision.change.page.as_str(),
                &*revision.text,
                revision.change.standing,
            )
        })
        .collect();
    assert_eq!(told, [("A", "two", Standing::Text), ("B", "", Standing::Nothing)]);
}
