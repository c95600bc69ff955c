//! Claims about when a page is rendered anew and when from memory.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;

use super::*;
use crate::markup::{Inline, MacroCall};
use crate::render::{Expansion, Fragment};
use crate::wiki::tests::{Bench, name, save};

/// Knows `<<Forever>>` and `<<Pages>>`; both say how often any macro was asked. The rest are holes.
#[derive(Default)]
struct Counting(AtomicUsize);

#[async_trait]
impl MacroHost for Counting {
    async fn expand_once(&self, call: &MacroCall, _facts: &RenderFacts<'_>) -> Expansion {
        let times = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let fragment = Fragment::Inline(vec![Inline::text(format!("asked {times}"))]);
        match call.name.as_str() {
            "Forever" => Expansion::Forever(fragment),
            "Pages" => Expansion::UntilPagesChange(fragment),
            _ => Expansion::Hole,
        }
    }
}

async fn html(bench: &Bench, page: &str, host: &Counting) -> String {
    let page = bench.wiki.page(&name(page)).await.unwrap().unwrap();
    let rendered = bench.wiki.render(&page, "/w", host).await.unwrap();
    rendered.html_if_whole().unwrap().to_string()
}

#[tokio::test]
async fn a_page_is_rendered_once_while_nothing_it_shows_changes() {
    let (bench, host) = (Bench::new(), Counting::default());
    bench.save("Page", 0, "Hello, <<Forever>>.").await.unwrap();
    assert!(html(&bench, "Page", &host).await.contains("asked 1"));
    assert!(html(&bench, "Page", &host).await.contains("asked 1"));
    bench.save("Other", 0, "x").await.unwrap();
    bench.save("Other", 1, "y").await.unwrap();
    let before = html(&bench, "Page", &host).await;
    bench.save("Other", 2, "z").await.unwrap();
    assert_eq!(
        html(&bench, "Page", &host).await,
        before,
        "a plain edit elsewhere spoils nothing"
    );
    bench.save("Page", 1, "Good bye, <<Forever>>.").await.unwrap();
    assert!(html(&bench, "Page", &host).await.contains("Good bye"));
}

#[tokio::test]
async fn a_macro_that_looks_at_pages_is_asked_again_after_any_change() {
    let (bench, host) = (Bench::new(), Counting::default());
    bench.save("Page", 0, "<<Pages>> here").await.unwrap();
    bench.save("Other", 0, "x").await.unwrap();
    assert!(html(&bench, "Page", &host).await.contains("asked 1"));
    assert!(html(&bench, "Page", &host).await.contains("asked 1"));
    save(&bench.another(), "Other", 1, "y").await.unwrap();
    assert!(html(&bench, "Page", &host).await.contains("asked 2"));
}

#[tokio::test]
async fn links_change_when_their_page_begins_or_ceases_to_exist() {
    let (bench, host) = (Bench::new(), Counting::default());
    bench.save("Page", 0, "See [[Other]].").await.unwrap();
    let missing = html(&bench, "Page", &host).await;
    assert!(missing.contains("/w/Other"), "{missing}");
    bench.save("Other", 0, "x").await.unwrap();
    let present = html(&bench, "Page", &host).await;
    assert_ne!(present, missing);
    bench.delete("Other").await;
    assert_eq!(html(&bench, "Page", &host).await, missing);
    bench.write_file("Other.md", "a file does too");
    bench.revert("Other", 0).await;
    assert_eq!(html(&bench, "Page", &host).await, present);
}

#[tokio::test]
async fn a_default_page_is_rendered_anew_when_its_file_changes() {
    let (bench, host) = (Bench::new(), Counting::default());
    bench.write_file("Help.md", "one");
    assert!(html(&bench, "Help", &host).await.contains("one"));
    bench.write_file("Help.md", "two, longer");
    assert!(html(&bench, "Help", &host).await.contains("two"));
}

#[tokio::test]
async fn each_mount_path_has_links_of_its_own() {
    let (bench, host) = (Bench::new(), Counting::default());
    bench.save("Page", 0, "See [[Page/Sub one]].").await.unwrap();
    let page = bench.wiki.page(&name("Page")).await.unwrap().unwrap();
    for (base, href) in [
        ("", "\"/Page/Sub%20one"),
        ("/a", "\"/a/Page/Sub%20one"),
        ("", "\"/Page/Sub%20one"),
    ] {
        let rendered = bench.wiki.render(&page, base, &host).await.unwrap();
        let html = rendered.html_if_whole().unwrap().to_string();
        assert!(html.contains(href), "{base}: {html}");
    }
}

#[tokio::test]
async fn a_preview_is_rendered_each_time_and_holes_stay_holes() {
    let (bench, host) = (Bench::new(), Counting::default());
    for times in 1..=2 {
        let text = "<<Forever>>\r\n\r\n<<Now>>";
        let rendered = bench
            .wiki
            .render_draft(&name("Page"), text, "", &host)
            .await
            .unwrap();
        assert!(rendered.has_holes());
        assert_eq!(host.0.load(Ordering::Relaxed), 2 * times);
    }
    assert_eq!(bench.text("Page").await, None);
}

#[tokio::test]
async fn raw_html_is_shown_as_text_unless_the_wiki_allows_it() {
    let host = Counting::default();
    for (allowed, marked) in [(false, "&lt;b&gt;bold"), (true, "<b>bold")] {
        let bench = Bench::with(|settings| settings.raw_html = allowed);
        bench.save("Page", 0, "some <b>bold</b> words").await.unwrap();
        let html = html(&bench, "Page", &host).await;
        assert!(html.contains(marked), "{html}");
    }
}

#[tokio::test]
async fn a_crowd_that_asks_for_a_large_page_at_once_is_served_by_a_few_renderings() {
    let (bench, host) = (Bench::new(), Counting::default());
    let text = format!("<<Forever>>\n\n{}", "word ".repeat(20_000));
    bench.save("Large", 0, &text).await.unwrap();
    let page = bench.wiki.page(&name("Large")).await.unwrap().unwrap();
    let crowd = (0..100).map(|_| bench.wiki.render(&page, "/w", &host));
    for rendered in futures_util::future::join_all(crowd).await {
        assert!(rendered.unwrap().html_if_whole().is_some());
    }
    let seats = std::thread::available_parallelism().unwrap().get();
    let times = host.0.load(Ordering::Relaxed);
    assert!((1..=seats).contains(&times), "rendered {times} times");
}

#[tokio::test]
async fn a_large_page_is_rendered_like_a_small_one() {
    let (bench, host) = (Bench::new(), Counting::default());
    let text = "A line with [[Other]].\n\n".repeat(4_000);
    bench.save("Page", 0, &text).await.unwrap();
    let html = html(&bench, "Page", &host).await;
    assert_eq!(html.matches("/w/Other").count(), 4_000);
}

#[test]
fn code_is_coloured_where_it_holds_up_no_other_request() {
    assert_eq!(work_in("Hello *world*\n"), 14);
    for code in ["```rust\nfn main() {}\n```\n", "> ~~~~ sh\n> ls\n"] {
        assert_eq!(work_in(code), usize::MAX, "{code}");
    }
}

#[test]
fn a_snippet_of_code_needs_no_seat_and_much_code_does() {
    assert!(!takes_long("Look:\n\n```rust\nfn main() {}\n```\n"));
    assert!(takes_long(&format!(
        "```rust\n{}```\n",
        "let x = 1;\n".repeat(1_000)
    )));
    assert!(takes_long(&format!("```rust\n{}\n```\n", "x".repeat(499))));
    assert!(!takes_long(&"word ".repeat(3_000)) && takes_long(&"word ".repeat(4_000)));
}

#[tokio::test]
async fn while_long_drafts_wait_pages_are_rendered_and_a_crowd_of_drafts_is_refused() {
    let (bench, host) = (Bench::new(), Counting::default());
    let long = "word ".repeat(20_000);
    bench.save("Large", 0, &long).await.unwrap();
    let mut held = Vec::new();
    while let Some(Ok(seat)) = futures_util::FutureExt::now_or_never(
        bench
            .wiki
            .share
            .seat_for_a_draft(&bench.wiki.settings.cache.seats),
    ) {
        held.push(seat);
    }
    let page = name("Page");
    let draft = |text| bench.wiki.render_draft(&page, text, "/w", &host);
    let mut waiting: Vec<_> = (held.len()..4).map(|_| Box::pin(draft(&long))).collect();
    for one in &mut waiting {
        assert!(futures_util::FutureExt::now_or_never(one).is_none());
    }
    assert!(matches!(draft(&long).await, Err(DraftError::Crowded)));
    assert!(draft("short").await.is_ok());
    assert!(html(&bench, "Large", &host).await.contains("word"));
    drop(held);
    for one in waiting {
        assert!(one.await.is_ok());
    }
}
