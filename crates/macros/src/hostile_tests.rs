//! Claims about macros that go wrong: each costs one box, and the page around it is shown.
//!
//! `Rogue` does on demand what a broken or hostile macro does. Start at its `expand`.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use grange_wiki::markup::{Block, Inline};
use grange_wiki::render::Fragment;

use crate::testing::{TestFarm, Visitor};
use crate::*;

/// `<<Rogue(what, n)>>`.
struct Rogue;

static ROGUE: Definition = Definition {
    name: "Rogue",
    summary: "",
    help: "",
    arguments: Arguments::List(&[
        Argument {
            name: "what",
            kind: Kind::Text,
            need: Need::Required,
            help: "",
        },
        Argument {
            name: "n",
            kind: Kind::Int,
            need: Need::Default("1"),
            help: "",
        },
    ]),
    dependencies: &[Dependency::Session],
    example: Example {
        call: "<<Rogue(fine)>>",
        shows: "",
    },
};

#[async_trait]
impl Macro for Rogue {
    fn definition(&self) -> &'static Definition {
        &ROGUE
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let n = args.int("n").unwrap_or(0);
        let many = usize::try_from(n).unwrap();
        match args.text("what").unwrap_or_default() {
            "error" => {
                cx.session().insert("before", "the error")?;
                Err(MacroError::said("boom & <b>"))
            }
            "panic" => {
                cx.session().insert("before", "the panic")?;
                panic!("a defect")
            }
            "write" => Ok(Fragment::text("x".repeat(many))),
            "store" => {
                cx.session().insert("large", "x".repeat(many))?;
                Ok(Fragment::text("stored"))
            }
            "script" => Ok(Fragment::Blocks(vec![Block::paragraph(vec![
                Inline::text("<script>alert(1)</script>"),
                Inline::address_link("javascript:alert(1)", "press"),
            ])])),
            "put" => {
                cx.session().insert("put", n)?;
                Ok(Fragment::text(format!("put {n}")))
            }
            "get" => Ok(Fragment::text(format!(
                "got {:?}",
                cx.session().get_as::<i64>("put")?
            ))),
            _ => Ok(Fragment::text("fine")),
        }
    }
}

async fn farm(text: &str) -> TestFarm {
    TestFarm::with(&[("Front", text)]).await.knowing(Rogue)
}

async fn shown(text: &str) -> (String, Visitor) {
    let farm = farm(text).await;
    let mut visitor = Visitor::returning();
    (farm.show("Front", &mut visitor).await, visitor)
}

#[tokio::test]
async fn an_error_is_a_box_in_its_place_and_the_page_goes_on() {
    let (html, _) = shown("before\n\n<<Rogue(error)>>\n\nafter <<Rogue(fine)>>").await;
    assert!(
        html.contains("&lt;&lt;Rogue: boom &amp; &lt;b&gt;&gt;&gt;"),
        "{html}"
    );
    let (before, after) = (html.find("before").unwrap(), html.find("after").unwrap());
    let error = html.find("boom").unwrap();
    assert!(before < error && error < after && html.contains("fine"), "{html}");
}

#[tokio::test]
async fn what_a_failing_macro_wrote_to_the_session_is_dropped() {
    for what in ["error", "panic"] {
        let (html, mut visitor) = shown(&format!("<<Rogue(put, 7)>> <<Rogue({what})>>")).await;
        assert!(html.contains("put 7"), "{html}");
        assert!(!visitor.session.contains_key("before"), "{what}");
        assert!(visitor.session.remove("put").is_some(), "{what}");
    }
}

#[tokio::test]
async fn a_panic_is_a_box_that_does_not_tell_the_cause() {
    let (html, _) = shown("<<Rogue(panic)>>\n\nafter").await;
    assert!(html.contains("Rogue: the macro failed"), "{html}");
    assert!(!html.contains("defect") && html.contains("after"), "{html}");
}

#[tokio::test]
async fn a_macro_that_never_ends_is_left_when_the_time_is_over() {
    let farm = farm("<<Rogue(fine)>> <<Hang>>\n\n<<Rogue(fine)>>").await;
    let mut farm = farm.knowing(Hang);
    farm.limits.time = Duration::from_millis(20);
    let watch = Stopwatch::start();
    let html = farm
        .view_with("Front", &mut Visitor::returning(), &watch)
        .await
        .text();
    assert_eq!(html.matches("fine").count(), 1, "{html}");
    assert!(html.contains("Hang: not run to its end"), "{html}");
    assert!(html.contains("Rogue: not run to its end"), "{html}");
}

/// Waits for ever.
struct Hang;

static HANG: Definition = Definition {
    name: "Hang",
    summary: "",
    help: "",
    arguments: Arguments::List(&[]),
    dependencies: &[Dependency::Time],
    example: Example {
        call: "<<Hang>>",
        shows: "",
    },
};

#[async_trait]
impl Macro for Hang {
    fn definition(&self) -> &'static Definition {
        &HANG
    }

    async fn expand(&self, _: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn no_macro_begins_when_the_time_is_over() {
    let farm = farm("<<Rogue(fine)>>").await;
    farm.clock.set(farm.limits.time);
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(
        html.contains("may take 3600 s at most") && !html.contains("fine"),
        "{html}"
    );
}

#[tokio::test]
async fn output_beyond_the_limit_is_a_box_and_a_shorter_one_still_fits() {
    let mut farm = farm("<<Rogue(write, 5000)>>\n\n<<Rogue(write, 50)>>").await;
    farm.limits.output_bytes = 1000;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert!(html.contains("may write 1000 bytes at most"), "{html}");
    assert_eq!(html.matches('x').count(), 50, "{html}");
}

#[tokio::test]
async fn many_outputs_together_stay_within_the_limit() {
    let mut farm = farm(&"<<Rogue(write, 400)>>\n\n".repeat(50)).await;
    farm.limits.output_bytes = 1000;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert_eq!(html.matches('x').count(), 800, "{html}");
}

#[tokio::test]
async fn a_value_too_large_for_a_session_is_a_box_and_nothing_is_stored() {
    let (html, visitor) = shown("<<Rogue(store, 70000)>>\n\nafter").await;
    assert!(
        html.contains("a session takes at most 64 KiB") && html.contains("after"),
        "{html}"
    );
    assert!(visitor.session.is_empty());
}

#[tokio::test]
async fn ten_thousand_macros_end_at_the_limit_and_the_page_is_shown() {
    let farm = farm(&format!("{}\n\nthe end", "<<Rogue(fine)>> ".repeat(10_000))).await;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert_eq!(html.matches("fine").count(), farm.limits.holes);
    assert_eq!(
        html.matches("may run 1000 macros at most").count(),
        10_000 - farm.limits.holes
    );
    assert!(html.contains("the end"));
}

#[tokio::test]
async fn a_macro_cannot_put_script_into_a_page() {
    let (html, _) = shown("<<Rogue(script)>>").await;
    assert!(
        !html.contains("<script") && !html.contains("href=\"javascript"),
        "{html}"
    );
    assert!(html.contains("&lt;script&gt;"), "{html}");
}

#[tokio::test]
async fn holes_run_in_page_order_and_see_each_others_writes() {
    let (html, _) = shown("<<Rogue(get)>> <<Rogue(put, 7)>> <<Rogue(get)>>").await;
    let order: Vec<usize> = ["got None", "put 7", "got Some(7)"]
        .iter()
        .map(|text| html.find(text).unwrap())
        .collect();
    assert!(order.is_sorted(), "{html}");
}

#[tokio::test]
async fn an_unknown_macro_is_named() {
    let (html, _) = shown("<<NoSuchMacro(a)>> <<Rogue(fine)>>").await;
    assert!(
        html.contains("&lt;&lt;NoSuchMacro: the macro \"NoSuchMacro\" is not known&gt;&gt;"),
        "{html}"
    );
    assert!(html.contains("fine"), "{html}");
}

#[tokio::test]
async fn wrong_arguments_are_told_in_the_page() {
    let (html, _) = shown("<<Rogue(fine, n=x)>> <<Rogue>> <<Rogue(a, 1, 2)>> <<Rogue(a, z=1)>>").await;
    for words in [
        "Argument \"n\" must be an integer value, not \"x\"",
        "Argument \"what\" is required",
        "Too many arguments",
        "No argument named \"z\"",
    ] {
        assert!(
            html.contains(words) || html.contains(&words.replace('"', "&quot;")),
            "{words}: {html}"
        );
    }
}

#[tokio::test]
async fn output_inside_an_included_page_counts_once() {
    let pages = [
        ("Inmost", "<<Rogue(write, 600)>>"),
        ("Inner", "<<Include(Inmost)>>"),
        ("Front", "<<Include(Inner)>>"),
    ];
    let mut farm = TestFarm::with(&pages).await.knowing(Rogue);
    farm.limits.output_bytes = 1000;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert_eq!(html.matches('x').count(), 600, "{html}");
}

#[tokio::test]
async fn macros_of_a_page_too_large_to_be_included_do_not_run() {
    let large = format!("{}\n\n{}", "word ".repeat(1000), "<<Rogue(fine)>> ".repeat(5));
    let text = "<<Include(Large)>>\n\n<<Rogue(fine)>>\n\n<<Rogue(fine)>>";
    let mut farm = TestFarm::with(&[("Large", &large), ("Front", text)])
        .await
        .knowing(Rogue);
    farm.limits.output_bytes = 2000;
    farm.limits.holes = 3;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert_eq!(html.matches("fine").count(), 2, "{html}");
    assert!(html.contains("may write 1.9 KiB at most"), "{html}");
}

#[tokio::test]
async fn several_included_pages_end_at_the_one_that_is_too_much() {
    let macros = "<<Rogue(fine)>> ".repeat(5);
    let text = "<<Include(^Day/)>>\n\n<<Rogue(fine)>>\n\n<<Rogue(fine)>>";
    let pages = [
        ("Day/1", "x".repeat(1500)),
        ("Day/2", "x".repeat(1500)),
        ("Day/3", macros),
        ("Front", text.into()),
    ];
    let pages = pages.each_ref().map(|(name, text)| (*name, text.as_str()));
    let mut farm = TestFarm::with(&pages).await.knowing(Rogue);
    farm.limits.output_bytes = 2000;
    farm.limits.holes = 3;
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert_eq!(html.matches("fine").count(), 2, "{html}");
}

#[tokio::test]
async fn arguments_that_can_never_become_right_are_refused_once_and_not_at_each_view() {
    let calls = "<<PageList(regex:[)>>\n\n<<PageList(regex:\\w{1,500})>>\n\n<<TableOfContents(many)>>";
    let farm = farm(calls).await;
    assert_eq!(farm.holes("Front").await, 0);
    let html = farm.show("Front", &mut Visitor::returning()).await;
    assert_eq!(html.matches("macro-error").count(), 3, "{html}");
    assert!(
        html.contains("unclosed character class") && html.contains("it is too large"),
        "{html}"
    );
}

/// A clock that goes on by a second whenever somebody looks at it.
#[derive(Default)]
struct Hasty(std::sync::atomic::AtomicU64);

#[async_trait]
impl MacroClock for Hasty {
    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    async fn reaches(&self, _: Duration) {
        std::future::pending().await
    }
}

#[tokio::test]
async fn between_macros_that_take_long_other_visitors_are_served() {
    let farm = farm(&"<<Rogue(fine)>> ".repeat(20)).await;
    let page = farm
        .wiki
        .page(&crate::testing::name("Front"))
        .await
        .unwrap()
        .unwrap();
    let (clock, mut visitor) = (Hasty::default(), Visitor::returning());
    let expander = Expander::new(
        &farm.registry,
        &farm,
        &crate::testing::TestRandomness,
        &clock,
        farm.now,
    );
    let rendered = farm.wiki.render(&page, "/team", &expander).await.unwrap();
    let mut cx = MacroContext::new(View {
        registry: &farm.registry,
        wiki: &farm.wiki,
        viewer: &visitor.viewer,
        session: &mut visitor.session,
        page: &page.name,
        headings: &rendered.headings,
        base: "/team",
        query: &[],
        now: farm.now,
        farm: &farm,
        randomness: &crate::testing::TestRandomness,
        clock: &clock,
        limits: farm.limits,
        python: None,
        accept_language: "",
        is_robot: false,
        keeping: crate::context::Keeping::Dropped,
    });
    let mut filling = std::pin::pin!(fill(&rendered, &mut cx));
    let mut rests = 0;
    while filling.as_mut().now_or_never().is_none() {
        rests += 1;
    }
    assert_eq!(rests, 20);
}

#[tokio::test]
async fn a_page_does_not_fill_the_session_that_the_macros_of_all_pages_share() {
    let calls: String = (0..100).map(|n| format!("<<SessionTest(k{n})>>\n\n")).collect();
    let farm = farm(&calls).await;
    let mut visitor = Visitor::returning();
    visitor.session = grange_session::Session::for_test([("mine", 1)], None);
    let html = farm.show("Front", &mut visitor).await;
    assert_eq!(html.matches("Set to value").count(), 64);
    assert_eq!(html.matches("may add 64 values").count(), 36);
    assert_eq!(visitor.session.len(), 65);
    let html = farm.show("Front", &mut visitor).await;
    assert_eq!(html.matches("Loaded value").count(), 64, "what is there goes on");
}
