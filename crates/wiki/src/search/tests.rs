//! Searches of a whole wiki: what is found, in which order, for whom, and within what time.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::name::PageName;
use crate::rights::{Acl, AclRules, Viewer};
use crate::wiki::Wiki;
use crate::wiki::tests::Bench;

fn search(query: &str) -> Search {
    let query = Query::parse(query, Defaults::FULL_TEXT).unwrap();
    Search {
        // However busy the machine is.
        clock: Arc::new(Still),
        ..Search::of(&query, "en").unwrap()
    }
}

/// A clock that stands.
struct Still;

impl MonotonicClock for Still {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}

async fn ask(wiki: &Wiki, search: Search) -> Found {
    wiki.search(search, &Viewer::anonymous()).await.unwrap()
}

fn names(found: &Found) -> Vec<&str> {
    found.hits.iter().map(|hit| hit.page.as_str()).collect()
}

async fn finds(wiki: &Wiki, query: &str, pages: &[&str]) {
    let found = ask(wiki, search(query)).await;
    assert_eq!(names(&found), pages, "{query}");
    assert_eq!((found.total, found.reach), (pages.len(), Reach::Whole), "{query}");
}

async fn garden() -> Bench {
    let bench = Bench::new();
    bench.write_file("Help.md", "How to prune an apple tree. See [[Apple]].\n");
    for (page, text) in [
        ("Apple", "# Apples\n\nA fruit. Some call it 林檎."),
        ("Garden/Apple trees", "They stand beside the [[Pear]]."),
        (
            "Pear",
            "Not an apple, but *Pear* is a fruit. [[Apple]]\n\n----\n[[CategoryFruit]]",
        ),
        ("Tools", "Spades and rakes. [[garden/apple Trees]]"),
    ] {
        bench.save(page, 0, text).await.unwrap();
    }
    bench
}

#[tokio::test]
async fn pages_are_found_by_names_and_texts_and_the_best_come_first() {
    let bench = garden().await;
    let wiki = &bench.wiki;
    finds(
        wiki,
        "apple",
        &["Apple", "Garden/Apple trees", "Help", "Pear", "Tools"],
    )
    .await;
    finds(wiki, "apple fruit", &["Apple", "Pear"]).await;
    finds(wiki, "apple -fruit", &["Garden/Apple trees", "Help", "Tools"]).await;
    finds(wiki, "\"prune an apple\"", &["Help"]).await;
    finds(wiki, "title:apple", &["Apple", "Garden/Apple trees"]).await;
    finds(wiki, "regex:^Spades", &["Tools"]).await;
    finds(wiki, "case:apple", &["Help", "Pear", "Tools"]).await;
    finds(wiki, "林檎", &["Apple"]).await;
    finds(wiki, "quince", &[]).await;
}

#[tokio::test]
async fn links_categories_and_domains_are_asked_for() {
    let bench = garden().await;
    let wiki = &bench.wiki;
    finds(wiki, "linkto:apple", &["Help", "Pear"]).await;
    finds(wiki, "linkto:case:Apple", &["Help", "Pear"]).await;
    finds(wiki, "linkto:case:apple", &[]).await;
    finds(wiki, "linkto:re:.*tree.", &["Tools"]).await;
    finds(wiki, "category:CategoryFruit", &["Pear"]).await;
    finds(wiki, "domain:system", &["Help"]).await;
    finds(wiki, "domain:standard fruit", &["Pear", "Apple"]).await;
    bench.save("Help", 0, "edited: apple").await.unwrap();
    finds(wiki, "domain:system", &[]).await;
    finds(wiki, "linkto:Apple", &["Pear"]).await;
}

#[tokio::test]
async fn what_changes_shows_in_the_next_search_wherever_it_changes() {
    let bench = garden().await;
    let other = bench.another();
    finds(&bench.wiki, "prune", &["Help"]).await;
    bench.write_file("Help.md", "Nothing about trees.");
    finds(&bench.wiki, "prune", &[]).await;
    bench.write_file("More.md", "How to prune.");
    finds(&bench.wiki, "prune", &["More"]).await;
    bench.remove_file("More.md");
    finds(&bench.wiki, "prune", &[]).await;
    bench.save("Pear", 1, "How to prune a pear").await.unwrap();
    finds(&other, "prune", &["Pear"]).await;
    bench.delete("Pear").await;
    finds(&other, "prune", &[]).await;
}

#[tokio::test]
async fn a_wiki_of_files_alone_is_searched_and_nothing_is_made_on_disk() {
    let bench = Bench::new();
    bench.write_file("Help.md", "prune");
    finds(&bench.wiki, "prune", &["Help"]).await;
    finds(&bench.wiki, "regex:pr.ne", &["Help"]).await;
    assert!(!bench.wiki.settings().data_dir.exists());
}

#[tokio::test]
async fn who_may_not_read_finds_nothing_and_counts_nothing() {
    let bench = Bench::with(|settings| {
        settings.rights = AclRules {
            default: Acl::parse("Known:read"),
            ..AclRules::default()
        };
    });
    bench.save("Secret", 0, "the treasure").await.unwrap();
    let ada = Viewer {
        user_id: Some("1".into()),
        name: Some("Ada".into()),
        ..Viewer::anonymous()
    };
    for query in ["treasure", "title:Secret", "-nothing", "regex:.", "linkto:re:.*"] {
        let found = ask(&bench.wiki, search(query)).await;
        assert_eq!((found.total, found.hits.len()), (0, 0), "{query}");
    }
    assert_eq!(
        ask(&bench.wiki, search("treasure")).await.audience,
        Audience::Viewer
    );
    let found = bench.wiki.search(search("treasure"), &ada).await.unwrap();
    assert_eq!(
        (names(&found), found.audience),
        (vec!["Secret"], Audience::Viewer)
    );
    let nothing = ask(&bench.wiki, search("title:quince")).await;
    assert_eq!(
        nothing.audience,
        Audience::Everybody,
        "nobody would find anything"
    );
}

#[tokio::test]
async fn excerpts_and_pieces_of_the_list_are_shown_as_asked_for() {
    let bench = garden().await;
    let first = Search {
        shown: 2,
        excerpts: Excerpts::Bytes(40),
        ..search("apple")
    };
    let found = ask(&bench.wiki, first).await;
    assert_eq!(
        (names(&found), found.total),
        (vec!["Apple", "Garden/Apple trees"], 5)
    );
    let marked: Vec<&str> = found.hits[0].excerpts[0]
        .iter()
        .filter(|span| span.standing == Standing::Found)
        .map(|span| span.text.as_str())
        .collect();
    assert_eq!(marked, ["Apple"]);
    assert_eq!(found.hits[1].title.len(), 3, "Garden/, Apple, trees");
    let rest = ask(
        &bench.wiki,
        Search {
            skipped: 4,
            ..search("apple")
        },
    )
    .await;
    assert_eq!((names(&rest), rest.total), (vec!["Tools"], 5));
    assert!(rest.hits[0].excerpts.is_empty());
    let beyond = ask(
        &bench.wiki,
        Search {
            skipped: 99,
            ..search("apple")
        },
    )
    .await;
    assert_eq!((beyond.hits.len(), beyond.total), (0, 5));
}

/// A clock that goes on by a second whenever somebody looks at it.
#[derive(Default)]
struct Hurried(AtomicU64);

impl MonotonicClock for Hurried {
    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

#[tokio::test]
async fn a_search_that_takes_too_long_shows_what_it_found_and_says_so() {
    let bench = Bench::new();
    for nth in 0..60 {
        bench.save(&format!("P{nth}"), 0, "some words").await.unwrap();
    }
    let hurried = |seconds| Search {
        time: Duration::from_secs(seconds),
        clock: Arc::new(Hurried::default()),
        ..search("regex:words")
    };
    let found = ask(&bench.wiki, hurried(200)).await;
    assert_eq!(found.reach, Reach::Partial);
    assert!((1..60).contains(&found.total), "{}", found.total);
    let found = ask(&bench.wiki, hurried(20)).await;
    assert_eq!((found.total, found.reach), (0, Reach::Partial));
}

#[tokio::test]
async fn of_ten_thousand_pages_the_wanted_ones_are_found_while_and_after_they_are_indexed() {
    let bench = Bench::new();
    fill(&bench.wiki, 10_000).await;
    for _ in 0..6 {
        finds(&bench.wiki, "\"number 4711\"", &["Page 4711"]).await;
    }
    while bench.wiki.store.index_more().await.unwrap() == crate::store::Indexing::More {}
    finds(&bench.wiki, "\"number 4711\"", &["Page 4711"]).await;
    let all = ask(
        &bench.wiki,
        Search {
            shown: 25,
            ..search("words")
        },
    )
    .await;
    assert_eq!((all.total, all.hits.len(), all.reach), (10_000, 25, Reach::Whole));
}

/// Writes many pages in one transaction, which a save never does.
async fn fill(wiki: &Wiki, pages: usize) {
    let directory = wiki.settings().data_dir.clone();
    let first = crate::page::Author::named("Ada");
    let save = crate::save::Save::new(
        PageName::parse("First").unwrap(),
        "the first",
        0,
        first,
        jiff::Timestamp::UNIX_EPOCH,
    );
    wiki.save(save).await.unwrap();
    let mut connection = rusqlite::Connection::open(directory.join("wiki.db")).unwrap();
    let transaction = connection.transaction().unwrap();
    for nth in 0..pages {
        let text = format!("This is number {nth}. {}", "It has some words. ".repeat(20));
        let hash = crate::store::content_hash(&text);
        transaction
            .execute(
                "INSERT INTO page (name, revision, standing) VALUES (?1, 1, 0)",
                [format!("Page {nth}")],
            )
            .unwrap();
        let page = transaction.last_insert_rowid();
        transaction
            .execute(
                "INSERT INTO revision (page, number, kind, standing, time, comment, bytes, hash, coding, text) \
                 VALUES (?1, 1, 'edit', 0, 0, '', ?2, ?3, 0, ?4)",
                rusqlite::params![page, text.len() as i64, hash, text.as_bytes()],
            )
            .unwrap();
    }
    transaction
        .execute("UPDATE store SET page_set = page_set + 1", [])
        .unwrap();
    transaction.commit().unwrap();
}

#[tokio::test]
async fn hostile_queries_are_answered_or_refused() {
    let bench = garden().await;
    bench.save("Long", 0, &"a".repeat(900_000)).await.unwrap();
    for query in [
        "regex:(a*)*b",
        "regex:^(a+)+$",
        "regex:(.*)(.*)(.*)x",
        "\"\"\"\"\"\"",
        "%_*^:",
        "-a -b -c",
    ] {
        if let Ok(query) = Query::parse(query, Defaults::FULL_TEXT) {
            let search = Search::of(&query, "en").unwrap();
            ask(&bench.wiki, search).await;
        }
    }
    // What FTS5 would take for operators is text.
    for query in [
        "\"a\"\"b AND c\"",
        "NEAR(abc)",
        "^abc*",
        "\"{text} : abc\"",
        "abc\u{1}def",
    ] {
        let query = Query::parse(query, Defaults::FULL_TEXT).unwrap();
        let found = ask(&bench.wiki, Search::of(&query, "en").unwrap()).await;
        assert_eq!(found.total, 0);
    }
}
