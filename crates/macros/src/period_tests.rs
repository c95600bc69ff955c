//! Claims about outputs that hold for a declared period, and about who gets to see them.
//!
//! `Counter` shows how often it ran, so a shared output is told from a new one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use grange_wiki::render::Fragment;
use jiff::SignedDuration;

use crate::testing::{TestFarm, Visitor};
use crate::*;

/// Counts how often it runs. With the argument `name` it looks at the viewer too, with `pages` at pages.
struct Counter(AtomicUsize);

static COUNTER: Definition = Definition {
    name: "Counter",
    summary: "",
    help: "",
    arguments: Arguments::List(&[
        Argument {
            name: "name",
            kind: Kind::Flag,
            need: Need::Default("no"),
            help: "",
        },
        Argument {
            name: "pages",
            kind: Kind::Flag,
            need: Need::Default("no"),
            help: "",
        },
    ]),
    dependencies: &[Dependency::TimeFor(Duration::from_secs(300))],
    example: Example {
        call: "<<Counter>>",
        shows: "",
    },
};

#[async_trait]
impl Macro for Counter {
    fn definition(&self) -> &'static Definition {
        &COUNTER
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let run = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        if args.bool("pages") == Some(true) {
            cx.readable_pages(|_| true).await?;
        }
        Ok(Fragment::text(match args.bool("name") {
            Some(true) => format!("run {run} for {:?}", cx.viewer().name),
            _ => format!("run {run}"),
        }))
    }
}

async fn farm(text: &str) -> TestFarm {
    TestFarm::with(&[("Front", text)])
        .await
        .knowing(Counter(AtomicUsize::new(0)))
}

#[tokio::test]
async fn an_output_holds_for_its_period_and_for_everybody() {
    let mut farm = farm("<<Counter>>").await;
    assert!(
        farm.show("Front", &mut Visitor::user("Ada"))
            .await
            .contains("run 1")
    );
    farm.now += SignedDuration::from_secs(299);
    let filled = farm.view("Front", &mut Visitor::new_here()).await;
    assert!(filled.text().contains("run 1"));
    assert!(!filled.private && filled.holds == Holds::For(Duration::from_secs(300)));
    farm.now += SignedDuration::from_secs(1);
    assert!(
        farm.show("Front", &mut Visitor::new_here())
            .await
            .contains("run 2")
    );
}

#[tokio::test]
async fn one_that_looked_at_pages_is_made_again_when_a_page_changes() {
    for (call, then) in [("<<Counter(pages)>>", "run 2"), ("<<Counter>>", "run 1")] {
        let farm = farm(call).await;
        let first = farm.show("Front", &mut Visitor::new_here()).await;
        assert!(first.contains("run 1"), "{call}: {first}");
        farm.save("Other", "text").await;
        let second = farm.show("Front", &mut Visitor::new_here()).await;
        assert!(second.contains(then), "{call}: {second}");
    }
}

#[tokio::test]
async fn one_that_looks_at_the_viewer_is_shared_with_nobody() {
    let farm = farm("<<Counter(name)>>").await;
    let ada = farm.view("Front", &mut Visitor::user("Ada")).await;
    assert!(ada.text().contains("Ada") && ada.private);
    let bob = farm.view("Front", &mut Visitor::user("Bob")).await;
    assert!(bob.text().contains("Bob") && !bob.text().contains("Ada"));
}
