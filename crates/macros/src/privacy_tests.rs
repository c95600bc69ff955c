//! Claims about privacy: whatever a macro declares, what it made for one visitor is shown to no other.
//!
//! Each macro here declares no dependency and looks at the visitor all the same. Start at `Curious`.

use async_trait::async_trait;
use grange_wiki::render::Fragment;

use crate::testing::{TestFarm, Visitor};
use crate::*;

/// What a curious macro looks at.
#[derive(Clone, Copy)]
enum Look {
    SessionWrite,
    SessionRead,
    Viewer,
    Rights,
    TimeZone,
    Language,
    Query,
    Nothing,
    Pages,
}

/// A macro whose declaration says: I depend on nothing.
struct Curious(Look);

static NO_DEPENDENCY: Definition = Definition {
    name: "Curious",
    summary: "",
    help: "",
    arguments: Arguments::List(&[]),
    dependencies: &[],
    example: Example {
        call: "<<Curious>>",
        shows: "",
    },
};

#[async_trait]
impl Macro for Curious {
    fn definition(&self) -> &'static Definition {
        &NO_DEPENDENCY
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        let seen = match self.0 {
            Look::SessionWrite => {
                let count = cx.session().get_as::<i64>("count")?.unwrap_or(0) + 1;
                cx.session().insert("count", count)?;
                format!("count {count}")
            }
            Look::SessionRead => format!("new: {}", cx.session().is_new()),
            Look::Viewer => format!("name: {:?}", cx.viewer().name),
            Look::Rights => {
                let secret = testing::name("Secret");
                format!("may read: {}", cx.may_read(&secret).await?)
            }
            Look::TimeZone => format!("zone: {:?}", cx.time_zone().iana_name()),
            Look::Language => format!("language: {}", cx.language()),
            Look::Query => format!("query: {:?}", cx.query("q")),
            Look::Nothing => "nothing".to_owned(),
            Look::Pages => format!("{} pages", cx.wiki().page_names().await?.len()),
        };
        Ok(Fragment::text(seen))
    }
}

async fn farm(look: Look) -> TestFarm {
    TestFarm::with_rights("Ada:read", &[("Front", "<<Curious>>")])
        .await
        .knowing(Curious(look))
}

#[tokio::test]
async fn what_the_session_holds_is_shown_to_its_visitor_alone() {
    let farm = farm(Look::SessionWrite).await;
    let (mut one, mut two) = (Visitor::returning(), Visitor::user("Bob"));
    assert!(farm.show("Front", &mut one).await.contains("count 1"));
    assert!(farm.show("Front", &mut one).await.contains("count 2"));
    assert!(farm.show("Front", &mut two).await.contains("count 1"));
    assert!(
        farm.show("Front", &mut Visitor::new_here())
            .await
            .contains("count 1")
    );
    assert!(farm.show("Front", &mut one).await.contains("count 3"));
    assert!(farm.view("Front", &mut one).await.private);
}

#[tokio::test]
async fn a_macro_that_only_looks_at_the_session_is_private_too() {
    let farm = farm(Look::SessionRead).await;
    assert!(
        farm.show("Front", &mut Visitor::new_here())
            .await
            .contains("new: true")
    );
    assert!(
        farm.show("Front", &mut Visitor::returning())
            .await
            .contains("new: false")
    );
    assert!(farm.view("Front", &mut Visitor::new_here()).await.private);
}

#[tokio::test]
async fn the_viewers_name_is_shown_to_that_viewer_alone() {
    let farm = farm(Look::Viewer).await;
    for (mut visitor, shown) in [
        (Visitor::user("Ada"), "Ada"),
        (Visitor::user("Bob"), "Bob"),
        (Visitor::returning(), "None"),
        (Visitor::user("Ada"), "Ada"),
    ] {
        let filled = farm.view("Front", &mut visitor).await;
        assert!(filled.text().contains(shown), "{}", filled.text());
        assert!(filled.private);
    }
}

#[tokio::test]
async fn an_answer_that_depends_on_rights_is_private() {
    let farm = farm(Look::Rights).await;
    let ada = farm.view("Front", &mut Visitor::user("Ada")).await;
    assert!(ada.text().contains("may read: true") && ada.private);
    let guest = farm.view("Front", &mut Visitor::returning()).await;
    assert!(guest.text().contains("may read: false") && guest.private);
}

#[tokio::test]
async fn a_macro_that_looks_at_the_visitor_leaves_a_hole_whatever_it_declares() {
    for look in [
        Look::SessionWrite,
        Look::SessionRead,
        Look::Viewer,
        Look::Rights,
        Look::TimeZone,
        Look::Language,
        Look::Query,
    ] {
        assert_eq!(farm(look).await.holes("Front").await, 1);
    }
}

#[tokio::test]
async fn a_macro_that_looks_at_nothing_is_part_of_the_page() {
    let farm = farm(Look::Nothing).await;
    assert_eq!(farm.holes("Front").await, 0);
    let filled = farm.view("Front", &mut Visitor::returning()).await;
    assert!(!filled.private && filled.holds == Holds::UntilPagesChange);
    assert!(filled.text().contains("nothing"));
}

#[tokio::test]
async fn a_macro_that_reads_pages_without_saying_so_is_made_again_when_pages_change() {
    let farm = farm(Look::Pages).await;
    assert_eq!(farm.holes("Front").await, 0);
    assert!(
        farm.show("Front", &mut Visitor::returning())
            .await
            .contains("1 pages")
    );
    farm.save("Second", "text").await;
    assert!(
        farm.show("Front", &mut Visitor::returning())
            .await
            .contains("2 pages")
    );
}

#[tokio::test]
async fn an_output_by_language_is_not_private_but_marked() {
    let farm = farm(Look::Language).await;
    let mut german = Visitor::returning();
    german.viewer.language = "de".into();
    let filled = farm.view("Front", &mut german).await;
    assert!(filled.text().contains("language: de"));
    assert!(filled.by_language && !filled.private);
    let filled = farm.view("Front", &mut Visitor::returning()).await;
    assert!(filled.text().contains("language: en"), "{}", filled.text());
}

#[tokio::test]
async fn a_page_that_may_be_read_by_every_guest_makes_nothing_private() {
    let farm = TestFarm::with(&[("Front", "<<Curious>>")])
        .await
        .knowing(Curious(Look::Rights));
    let filled = farm.view("Front", &mut Visitor::user("Ada")).await;
    assert!(filled.text().contains("may read: true"));
    assert!(!filled.private);
    assert_eq!(farm.holes("Front").await, 0);
}

/// Declares the dependency it is given and looks at nothing.
struct Careful(&'static Definition);

const fn careful(name: &'static str, dependencies: &'static [Dependency]) -> Definition {
    let (arguments, example) = (Arguments::List(&[]), Example { call: "", shows: "" });
    Definition {
        name,
        summary: "",
        help: "",
        arguments,
        dependencies,
        example,
    }
}

static BY_SESSION: Definition = careful("BySession", &[Dependency::Session]);
static BY_USER: Definition = careful("ByUser", &[Dependency::User]);
static BY_LANGUAGE: Definition = careful("ByLanguage", &[Dependency::Language]);
static BY_TIME: Definition = careful("ByTime", &[Dependency::Time]);

#[async_trait]
impl Macro for Careful {
    fn definition(&self) -> &'static Definition {
        self.0
    }

    async fn expand(&self, _: &mut MacroContext<'_>, _: Args) -> Result<Fragment, MacroError> {
        Ok(Fragment::text("shown"))
    }
}

#[tokio::test]
async fn what_is_declared_counts_even_when_it_was_not_touched() {
    for (definition, private, by_language) in [
        (&BY_SESSION, true, false),
        (&BY_USER, true, false),
        (&BY_LANGUAGE, false, true),
        (&BY_TIME, false, false),
    ] {
        let text = format!("<<{}>>", definition.name);
        let farm = TestFarm::with(&[("Front", &text)])
            .await
            .knowing(Careful(definition));
        assert_eq!(farm.holes("Front").await, 1, "{text}");
        let filled = farm.view("Front", &mut Visitor::returning()).await;
        assert!(filled.text().contains("shown"), "{text}");
        assert_eq!(
            (filled.private, filled.by_language),
            (private, by_language),
            "{text}"
        );
        assert_eq!(filled.holds, Holds::ThisMoment, "{text}");
    }
}
