//! Claims about saving: what is merged, what is a conflict, and that no text is lost.

use super::*;
use crate::wiki::tests::{Bench, name, now, save};

const POEM: &str = "roses\nviolets\nsugar\nand you\n";

fn conflict(result: Result<Saved, SaveError>) -> Conflict {
    match result {
        Err(SaveError::Conflict(conflict)) => *conflict,
        other => panic!("no conflict: {other:?}"),
    }
}

#[tokio::test]
async fn edits_of_different_places_are_merged_and_saved_as_such() {
    let bench = Bench::new();
    bench.save("Poem", 0, POEM).await.unwrap();
    bench
        .save("Poem", 1, &POEM.replace("roses", "tulips"))
        .await
        .unwrap();
    let saved = bench
        .save("Poem", 1, &POEM.replace("and you", "and me"))
        .await
        .unwrap();
    let both = "tulips\nviolets\nsugar\nand me\n";
    assert_eq!(
        saved,
        Saved::Merged {
            revision: 3,
            text: both.into()
        }
    );
    assert_eq!(bench.text("Poem").await.as_deref(), Some(both));
}

#[tokio::test]
async fn edits_of_one_place_are_a_conflict_with_all_three_texts() {
    let bench = Bench::new();
    bench.save("Poem", 0, POEM).await.unwrap();
    bench.save("Poem", 1, "theirs\n").await.unwrap();
    let conflict = conflict(bench.save("Poem", 1, "mine\n").await);
    assert_eq!(
        (&*conflict.current.text, conflict.current.revision),
        ("theirs\n", 2)
    );
    assert_eq!(conflict.base_text.as_deref(), Some(POEM));
    assert_eq!(&*conflict.yours, "mine\n");
    assert_eq!(
        bench.text("Poem").await.as_deref(),
        Some("theirs\n"),
        "nothing was written"
    );
    let looked = bench
        .save("Poem", conflict.current.revision, "mine after all\n")
        .await
        .unwrap();
    assert_eq!(looked, Saved::New { revision: 3 });
}

#[tokio::test]
async fn a_page_that_somebody_else_made_meanwhile_is_a_conflict() {
    let bench = Bench::new();
    bench.save("Page", 0, "theirs\n").await.unwrap();
    let conflict = conflict(bench.save("Page", 0, "mine\n").await);
    assert_eq!((&*conflict.current.text, conflict.base_text), ("theirs\n", None));
    assert_eq!(
        bench.save("Page", 0, "theirs\n").await.unwrap(),
        Saved::Unchanged { revision: 1 }
    );
}

#[tokio::test]
async fn two_first_edits_of_a_default_page_are_merged_over_the_file() {
    let bench = Bench::new();
    bench.write_file("Poem.md", POEM);
    bench
        .save("Poem", 0, &POEM.replace("roses", "tulips"))
        .await
        .unwrap();
    let saved = bench
        .save("Poem", 0, &POEM.replace("and you", "and me"))
        .await
        .unwrap();
    assert!(matches!(saved, Saved::Merged { revision: 2, .. }), "{saved:?}");
}

#[tokio::test]
async fn saving_a_page_that_was_deleted_meanwhile_is_a_conflict_and_then_possible() {
    let bench = Bench::new();
    bench.save("Page", 0, "one\n").await.unwrap();
    let gone = bench.delete("Page").await;
    let conflict = conflict(bench.save("Page", 1, "one, edited\n").await);
    assert!(conflict.current.is_deletion());
    assert_eq!(conflict.current.revision, gone);
    assert_eq!(
        bench.save("Page", gone, "one, edited\n").await.unwrap(),
        Saved::New { revision: 3 }
    );
}

#[tokio::test]
async fn saving_a_page_that_was_renamed_meanwhile_is_a_conflict() {
    let bench = Bench::new();
    bench.save("Old", 0, "one\n").await.unwrap();
    bench.rename("Old", "New").await;
    let conflict = conflict(bench.save("Old", 1, "one, edited\n").await);
    assert!(conflict.current.is_deletion());
    assert_eq!(bench.text("Old").await, None);
}

#[tokio::test]
async fn a_text_that_says_what_the_page_says_makes_no_revision() {
    let bench = Bench::new();
    bench.save("Page", 0, "one\ntwo\n").await.unwrap();
    assert_eq!(
        bench.save("Page", 1, "one\r\ntwo\r\n").await.unwrap(),
        Saved::Unchanged { revision: 1 }
    );
    assert_eq!(bench.wiki.history(&name("Page"), None, 9).await.unwrap().len(), 1);
    bench.write_file("Help.md", "file");
    assert_eq!(
        bench.save("Help", 0, "file").await.unwrap(),
        Saved::Unchanged { revision: 0 }
    );
}

#[tokio::test]
async fn the_same_edit_saved_twice_is_there_once() {
    let bench = Bench::new();
    bench.save("Page", 0, "one\n").await.unwrap();
    assert_eq!(
        bench.save("Page", 1, "two\n").await.unwrap(),
        Saved::New { revision: 2 }
    );
    assert_eq!(
        bench.save("Page", 1, "two\n").await.unwrap(),
        Saved::Unchanged { revision: 2 }
    );
}

#[tokio::test]
async fn an_empty_text_is_a_text() {
    let bench = Bench::new();
    bench.save("Page", 0, "").await.unwrap();
    assert_eq!(bench.text("Page").await.as_deref(), Some(""));
    bench.save("Page", 1, "x").await.unwrap();
    bench.save("Page", 2, "").await.unwrap();
    assert!(bench.wiki.exists(&name("Page")).await.unwrap());
}

#[tokio::test]
async fn a_text_over_the_limit_is_refused_also_when_only_the_merge_is() {
    let bench = Bench::with(|settings| settings.max_page_bytes = 20);
    let refused = bench.save("Page", 0, &"x".repeat(21)).await;
    assert!(
        matches!(refused, Err(SaveError::TooLarge { limit: 20 })),
        "{refused:?}"
    );
    bench.save("Page", 0, "a\nb\nc\n").await.unwrap();
    bench.save("Page", 1, "aaaaaaaaaa\nb\nc\n").await.unwrap();
    let merged = bench.save("Page", 1, "a\nb\ncccccccccc\n").await;
    assert!(matches!(merged, Err(SaveError::TooLarge { .. })), "{merged:?}");
    assert_eq!(
        bench.save("Page", 2, &"y".repeat(20)).await.unwrap().revision(),
        3
    );
}

#[tokio::test]
async fn a_read_only_wiki_takes_nothing() {
    let bench = Bench::with(|settings| settings.read_only = true);
    assert!(matches!(
        bench.save("Page", 0, "text").await,
        Err(SaveError::ReadOnly)
    ));
    assert_eq!(bench.text("Page").await, None);
}

#[tokio::test]
async fn links_are_kept_for_both_ends() {
    use crate::store::Links;

    let bench = Bench::new();
    bench
        .save("Team/Rota", 0, "See [[Home]], [[/May]] and [there](../Minutes).")
        .await
        .unwrap();
    let here = name("Team/Rota");
    let links = bench.wiki.store.links(Links::From(&here)).await.unwrap();
    assert_eq!(links, [name("Home"), name("Team/Minutes"), name("Team/Rota/May")]);
    bench.rename("Team/Rota", "Plans/Rota").await;
    let back = bench
        .wiki
        .store
        .links(Links::To(&name("Plans/Minutes")))
        .await
        .unwrap();
    assert_eq!(
        back,
        [name("Plans/Rota")],
        "relative links are followed from the new place"
    );
}

#[tokio::test]
async fn many_who_save_at_once_through_two_openings_lose_no_line() {
    let bench = Bench::new();
    let start: String = (0..16).map(|n| format!("line {n}\nbetween\nbetween\n")).collect();
    bench.save("Page", 0, &start).await.unwrap();
    let wikis = [Arc::new(bench.another()), Arc::new(bench.another())];
    let writers: Vec<_> = (0..16)
        .map(|n| {
            let (wiki, old, new) = (
                wikis[n % 2].clone(),
                format!("line {n}\n"),
                format!("written by {n}\n"),
            );
            let text = start.replace(&old, &new);
            tokio::spawn(async move { save(&wiki, "Page", 1, &text).await.unwrap() })
        })
        .collect();
    let mut revisions = Vec::new();
    for writer in writers {
        revisions.push(writer.await.unwrap().revision());
    }
    revisions.sort_unstable();
    assert_eq!(revisions, (2..18).collect::<Vec<_>>());
    let text = bench.text("Page").await.unwrap();
    assert!(
        (0..16).all(|n| text.contains(&format!("written by {n}\n"))),
        "{text}"
    );
}

#[tokio::test]
async fn author_comment_kind_and_time_are_in_the_history() {
    let bench = Bench::new();
    let author = Author {
        acting: Some("Root".into()),
        ..Author::named("Ada")
    };
    let plain = Save::new(name("Page"), "text", 0, author.clone(), now());
    let minor = Save {
        comment: "typo".into(),
        kind: ChangeKind::Minor,
        ..plain
    };
    bench.wiki.save(minor).await.unwrap();
    let history = bench.wiki.history(&name("Page"), None, 9).await.unwrap();
    let [change] = history.as_slice() else {
        panic!("{history:?}")
    };
    assert_eq!((&change.author, change.comment.as_str()), (&author, "typo"));
    assert_eq!(
        (change.kind, change.time, change.bytes),
        (ChangeKind::Minor, now(), 4)
    );
}

#[tokio::test]
async fn what_was_just_saved_here_does_not_hide_what_was_saved_elsewhere_since() {
    let bench = Bench::new();
    let other = bench.another();
    bench.save("Page", 0, "one").await.unwrap();
    for base in 1..6 {
        assert_eq!(
            bench.text("Page").await,
            crate::wiki::tests::text(&other, "Page").await
        );
        let (first, second) = if base % 2 == 0 {
            (&bench.wiki, &other)
        } else {
            (&other, &bench.wiki)
        };
        let text = format!("number {base}");
        save(first, "Page", 2 * base - 1, &text).await.unwrap();
        save(second, "Page", 2 * base, &format!("{text}, again"))
            .await
            .unwrap();
        let seen = crate::wiki::tests::text(first, "Page").await.unwrap();
        assert_eq!(seen, format!("{text}, again"));
    }
}

#[tokio::test]
async fn a_late_answer_of_an_older_save_is_not_shown_as_the_newest() {
    let bench = Bench::new();
    bench.save("Page", 0, "one").await.unwrap();
    bench.save("Page", 1, "two").await.unwrap();
    let older = bench.wiki.history(&name("Page"), None, 9).await.unwrap()[1].clone();
    assert_eq!(bench.text("Page").await.as_deref(), Some("two"));
    bench.wiki.remember(older, "one".into());
    assert_eq!(bench.text("Page").await.as_deref(), Some("two"));
}
