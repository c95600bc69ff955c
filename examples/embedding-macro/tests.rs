//! What a page shows that calls the macro of this program, asked of a whole farm.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use grange_farm::{Farm, FarmServices, NoEnvironment, OpenWiki, load_text};
use grange_macros::{Expander, Keeping, Limits, MacroContext, NoFarm, Registry, Stopwatch, View, fill};
use grange_session::{Session, SystemRandomness};
use grange_wiki::PageName;
use grange_wiki::rights::Viewer;
use jiff::Timestamp;

use crate::greeting::Greeting;

fn farm(dir: &Path) -> Farm {
    let text = "[wiki.garden]\nat = [\"*\"]\n";
    let loaded = load_text(&dir.join("farmconfig.toml"), text, &NoEnvironment);
    let services = FarmServices::new(Registry::builtin(), Arc::new(SystemRandomness));
    let builder = Farm::builder().register(Greeting);
    builder
        .build(loaded.config.unwrap(), &Arc::new(services))
        .unwrap()
}

async fn shown(wiki: &OpenWiki, call: &str, viewer: &Viewer) -> String {
    let (now, clock): (Timestamp, _) = ("2026-11-21T12:00:00Z".parse().unwrap(), Stopwatch::start());
    let page = PageName::parse("Start").unwrap();
    let expander = Expander::new(&wiki.registry, &NoFarm, &SystemRandomness, &clock, now);
    let rendered = wiki.wiki.render_text(&page, call, "", &expander).await.unwrap();
    let mut session = Session::unsaved();
    let mut cx = MacroContext::new(View {
        registry: &wiki.registry,
        wiki: &wiki.wiki,
        viewer,
        session: &mut session,
        page: &page,
        headings: &rendered.headings,
        base: "",
        query: &[],
        now,
        farm: &NoFarm,
        randomness: &SystemRandomness,
        clock: &clock,
        limits: Limits::default(),
        python: None,
        accept_language: "",
        is_robot: false,
        keeping: Keeping::Allowed,
    });
    fill(&rendered, &mut cx).await.html.to_string()
}

#[actix_web::test]
async fn a_page_calls_the_macro_and_each_visitor_sees_their_own_name() {
    let dir = tempfile::tempdir().unwrap();
    let wiki = farm(dir.path()).open(0).await.unwrap();
    let mia = Viewer {
        user_id: Some("1".to_owned()),
        name: Some("Mia".to_owned()),
        ..Viewer::anonymous()
    };
    assert!(shown(&wiki, "<<Greeting>>", &mia).await.contains("Hello, Mia!"));
    let guest = shown(&wiki, "<<Greeting(Good day)>>", &Viewer::anonymous()).await;
    assert!(guest.contains("Good day, guest!"), "{guest}");
}

#[actix_web::test]
async fn a_reload_keeps_the_macro_and_the_built_in_ones() {
    let dir = tempfile::tempdir().unwrap();
    let farm = farm(dir.path());
    let text = "[wiki.garden]\nat = [\"*\"]\nsitename = \"Garden\"\n";
    let loaded = load_text(&dir.path().join("farmconfig.toml"), text, &NoEnvironment);
    let next = farm.reload(loaded.config.unwrap()).unwrap();
    let wiki = next.open(0).await.unwrap();
    assert!(wiki.registry.find("Greeting").is_some() && wiki.registry.find("PageList").is_some());
}
