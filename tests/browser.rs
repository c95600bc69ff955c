//! What only a browser can show, on the demo farm as newcomers meet it: in headless Chromium, by real
//! addresses on localhost, with scripts, styles, focus and the content security policy in force.
//!
//! The last one claims nothing and runs only when asked to: it leaves pictures of all kinds of pages in the
//! directory that `GRANGE_SCREENSHOTS` names.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use fantoccini::Locator;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::harness::chromium::{Screen, Window, in_browser};
use crate::harness::{Farm, PASSWORD};

/// The demo farm on two free ports.
struct Demo {
    farm: Farm,
    orchard: String,
    mill: String,
    lighthouse: String,
}

impl Demo {
    fn start() -> Demo {
        let sockets = [
            TcpListener::bind("127.0.0.1:0").unwrap(),
            TcpListener::bind("127.0.0.1:0").unwrap(),
        ];
        let [first, second] = sockets.map(|socket| socket.local_addr().unwrap().port());
        let here = |text: String| {
            text.replace("8080", &first.to_string())
                .replace("8081", &second.to_string())
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let config = fs::read_to_string(root.join("farmconfig.toml")).unwrap();
        let farm = Farm::prepare(&here(config).replace("[farm]", "[farm]\nadmin_listen = \"\""));
        for file in files_below(&root.join("wikis")) {
            let name = file.strip_prefix(&root).unwrap().to_str().unwrap();
            farm.write(name, &here(fs::read_to_string(&file).unwrap()));
        }
        let mut farm = farm;
        farm.restart();
        Demo {
            farm,
            orchard: format!("http://localhost:{first}/orchard/"),
            mill: format!("http://localhost:{second}/"),
            lighthouse: format!("http://lighthouse.localhost:{first}/"),
        }
    }
}

/// The pages and configurations of the demo farm; databases of one that ran here do not belong to it.
fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let kept = files.into_iter().filter(|path| {
        path.extension()
            .is_some_and(|ending| ending == "md" || ending == "toml")
    });
    kept.chain(folders.iter().flat_map(|folder| files_below(folder)))
        .collect()
}

/// Logs in through the form that the page's own button leads to.
async fn log_in(window: &Window, home: &str, name: &str) -> Result<(), CmdError> {
    window.goto(home).await?;
    window.follow(".visitor a[href*='action=login']").await?;
    window.fill("#name", name).await?;
    window.fill("#password", PASSWORD).await?;
    window.follow("form.card button.main").await
}

async fn background(window: &Window) -> Result<Value, CmdError> {
    window
        .ask("getComputedStyle(document.body).backgroundColor")
        .await
}

#[test]
fn somebody_reads_registers_edits_previews_saves_and_sees_the_trail() {
    let demo = Demo::start();
    in_browser(Screen::Desktop, |window| async move {
        window.goto(&demo.orchard).await?;
        assert!(window.words("h1").await?.contains("Orchard"));
        window.follow("#content a[href*='newaccount']").await?;
        window.fill("#name", "Ada").await?;
        window.fill("#password1", PASSWORD).await?;
        window.fill("#password2", PASSWORD).await?;
        window.follow("form.card button.main").await?;
        assert_eq!(window.words(".user-name").await?, "Ada");
        window.follow("#content a[href$='/SandBox']").await?;
        window.follow("nav.edit-bar a.edit").await?;
        window
            .fill("#savetext", "# My **plums**\n\nThey are ripe.")
            .await?;
        window.follow("button[name=button_preview]").await?;
        assert!(window.words("#preview").await?.contains("They are ripe."));
        window.follow("button[name=button_save]").await?;
        assert_eq!(window.words("#content h1 strong").await?, "plums");
        let trail = window.words("#trail").await?;
        assert!(
            trail.contains("FrontPage") && trail.contains("SandBox"),
            "{trail}"
        );
        assert_eq!(window.complaints().await?, Vec::<String>::new());
        Ok(())
    });
}

#[test]
fn whoever_logs_in_on_one_wiki_is_logged_in_on_its_sibling_and_nowhere_else() {
    let demo = Demo::start();
    demo.farm.add_user("orchard", "Ada", PASSWORD);
    in_browser(Screen::Desktop, |window| async move {
        log_in(&window, &demo.orchard, "Ada").await?;
        window.goto(&format!("{}SessionPage", demo.orchard)).await?;
        let number = window
            .words("#content blockquote")
            .await?
            .replace("Set to value", "Loaded value");
        assert!(number.starts_with("Loaded value "), "{number}");
        window.goto(&format!("{}SessionPage", demo.mill)).await?;
        assert_eq!(
            window.words(".user-name").await?,
            "Ada",
            "another port, the same person"
        );
        assert_eq!(
            window.words("#content blockquote").await?,
            number,
            "and the same session"
        );
        window.goto(&demo.lighthouse).await?;
        assert!(!window.has(".user-name").await?, "a guest on the wiki apart");
        window.goto(&demo.mill).await?;
        window.follow(".visitor form button").await?;
        assert!(
            window
                .words(".message")
                .await?
                .contains("You are now logged out.")
        );
        window.goto(&demo.orchard).await?;
        assert!(!window.has(".user-name").await?, "out on one, out on both");
        let said = window.complaints().await?;
        let has_forgotten = |line: &String| line.ends_with("Cleared data types: \"cache\".");
        assert!(said.len() == 1 && said.iter().all(has_forgotten), "{said:?}");
        Ok(())
    });
}

#[test]
fn the_back_button_shows_no_private_page_after_a_logout() {
    let demo = Demo::start();
    demo.farm.add_user("orchard", "Ada", PASSWORD);
    in_browser(Screen::Desktop, |window| async move {
        log_in(&window, &demo.orchard, "Ada").await?;
        for page in ["SessionPage", "SandBox?action=userprefs", "SandBox"] {
            window.goto(&format!("{}{page}", demo.orchard)).await?;
            assert_eq!(window.words(".user-name").await?, "Ada");
        }
        window.follow(".visitor form button").await?;
        for _ in 0..3 {
            window.back().await?;
            let page = window.source().await?;
            assert!(!page.contains("user-name") && !page.contains(">Ada<"), "{page}");
        }
        Ok(())
    });
}

#[test]
fn the_colours_can_be_chosen_and_stay_chosen() {
    let demo = Demo::start();
    in_browser(Screen::Desktop, |window| async move {
        window.goto(&demo.orchard).await?;
        window.press("[data-theme-choice=light]").await?;
        let light = background(&window).await?;
        window.press("[data-theme-choice=dark]").await?;
        let dark = background(&window).await?;
        assert_ne!(light, dark);
        window.goto(&format!("{}HelpContents", demo.orchard)).await?;
        assert_eq!(background(&window).await?, dark, "on the next page too");
        assert_eq!(
            window
                .ask("document.querySelector('[data-theme-choice=dark]').ariaPressed")
                .await?,
            json!("true")
        );
        window.press("[data-theme-choice=light]").await?;
        window.refresh().await?;
        assert_eq!(background(&window).await?, light);
        window.press("[data-theme-choice=auto]").await?;
        assert_eq!(
            window
                .ask("document.documentElement.dataset.theme ?? null")
                .await?,
            Value::Null
        );
        Ok(())
    });
}

#[test]
fn every_kind_of_page_fits_a_phone_and_complains_of_nothing() {
    let demo = Demo::start();
    demo.farm.add_user("orchard", "Ada", PASSWORD);
    demo.farm.put_page(
        "orchard",
        "Wide",
        &format!(
            "`{}`\n\n{}\n\n| a | b |\n|---|---|\n| {} | y |\n\n```\n{}\n```\n",
            "c".repeat(300),
            "w".repeat(300),
            "t".repeat(300),
            "p".repeat(300)
        ),
    );
    in_browser(Screen::Phone, |window| async move {
        log_in(&window, &demo.orchard, "Ada").await?;
        for page in PAGES
            .iter()
            .chain(&["Wide", "Wide?action=info", "Wide?action=diff"])
        {
            window.goto(&format!("{}{page}", demo.orchard)).await?;
            let widths = window
                .ask("[document.documentElement.scrollWidth, innerWidth]")
                .await?;
            assert_eq!(widths, json!([390, 390]), "{page} is as wide as the phone");
            let small = window.ask(SMALL_TARGETS).await?;
            assert_eq!(small, json!([]), "{page}: too small for a finger");
        }
        let complaints = window.complaints().await?;
        let is_expected = |line: &&String| line.contains("status of 404") || line.contains("status of 400");
        let grave: Vec<_> = complaints.iter().filter(|line| !is_expected(line)).collect();
        assert!(grave.is_empty(), "{grave:?}");
        Ok(())
    });
}

/// Whatever of the page's head is cut off, by the screen or by the row that it stands in.
const HIDDEN: &str = "[...document.querySelectorAll('.navi a, .visitor a, .visitor button, .crumbs a')].filter((one) => {\
    const [row, box] = [one.closest('nav, .visitor'), one.getBoundingClientRect()];\
    const cuts = getComputedStyle(row).overflowX !== 'visible' && row.scrollWidth > row.clientWidth;\
    return cuts || box.left < 0 || box.right > innerWidth; }).map((one) => one.outerHTML)";
/// Inputs that are higher than their one line of text.
const HIGH_INPUTS: &str = "[...document.querySelectorAll('.finder input')]\
    .filter((one) => one.getBoundingClientRect().height > 60).map((one) => one.outerHTML)";

#[test]
fn a_superuser_and_administrator_sees_the_whole_head_and_fields_of_one_line() {
    for screen in [Screen::Phone, Screen::Desktop] {
        let mut demo = Demo::start();
        let config = fs::read_to_string(demo.farm.config()).unwrap();
        demo.farm
            .write_config(&config.replace("[farm]", "[farm]\nadmins = [\"orchard:Reeve\"]"));
        demo.farm.restart();
        demo.farm.add_user("orchard", "Reeve", PASSWORD);
        let deep = format!("Fruit/Stone/{}", "Plums".repeat(40));
        in_browser(screen, |window| async move {
            log_in(&window, &demo.orchard, "Reeve").await?;
            for page in ["", "_farm/", "_farm/sessions", deep.as_str()] {
                window.goto(&format!("{}{page}", demo.orchard)).await?;
                let there = window
                    .ask("document.querySelectorAll('.visitor a').length")
                    .await?;
                assert_eq!(there, json!(4), "{page}: a superuser's head");
                assert_eq!(window.ask(HIDDEN).await?, json!([]), "{screen:?} {page}");
                assert_eq!(window.ask(HIGH_INPUTS).await?, json!([]), "{screen:?} {page}");
            }
            Ok(())
        });
    }
}

/// Pages of all kinds, below a wiki's root.
const PAGES: &[&str] = &[
    "",
    "HelpOnEditing",
    "HelpOnSessions",
    "RecentChanges",
    "TitleIndex",
    "SandBox?action=edit",
    "SandBox?action=info",
    "SandBox?action=rename",
    "SandBox?action=delete",
    "Nowhere",
    "SandBox?action=nonsense",
    "SandBox?action=fullsearch&value=session&context=180",
    "SandBox?action=fullsearch&value=(broken",
    "SandBox?action=linkto",
    "SandBox?action=LikePages",
    "SandBox?action=titleindex",
    "HelpOnAttachments",
    "HelpOnSearching",
    "SessionPage",
];

/// Buttons and links outside of running text that are lower than 24 pixels (WCAG 2.2, 2.5.8).
const SMALL_TARGETS: &str = "[...document.querySelectorAll('button, .button, .navi a, .edit-bar a, .visitor a, summary')]\
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24).map((one) => one.outerHTML)";

#[test]
fn the_keyboard_reaches_everything_and_shows_where_it_is() {
    let demo = Demo::start();
    in_browser(Screen::Desktop, |window| async move {
        window.goto(&demo.orchard).await?;
        press_key(&window, Key::Tab).await?;
        let skip = window
            .ask(
                "[document.activeElement.className, document.activeElement.getBoundingClientRect().top >= 0]",
            )
            .await?;
        assert_eq!(
            skip,
            json!(["skip", true]),
            "the first stop is the link over the navigation, and it is in sight"
        );
        press_key(&window, Key::Enter).await?;
        assert_eq!(window.ask("location.hash").await?, json!("#content"));
        press_key(&window, Key::Tab).await?;
        assert_eq!(
            window
                .ask("document.activeElement.closest('#content') !== null")
                .await?,
            json!(true)
        );
        for _ in 0..12 {
            press_key(&window, Key::Tab).await?;
            let shown = window.ask("(s => [document.activeElement.outerHTML, s.outlineStyle, parseFloat(s.outlineWidth)])(getComputedStyle(document.activeElement))").await?;
            assert_eq!(shown[1], json!("solid"), "{shown}");
            assert!(shown[2].as_f64().unwrap() >= 2.0, "{shown}");
        }
        Ok(())
    });
}

#[test]
fn macros_are_offered_while_their_call_is_typed() {
    let demo = Demo::start();
    let file = "\"\"\"\n  Includes nothing.\n\"\"\"\n\ndef macro_IncludeNot(macro, what):\n    return what\n";
    demo.farm.write("wikis/orchard/macros/IncludeNot.py", file);
    demo.farm.add_user("orchard", "Ada", PASSWORD);
    in_browser(Screen::Desktop, |window| async move {
        log_in(&window, &demo.orchard, "Ada").await?;
        window
            .goto(&format!("{}SandBox?action=edit", demo.orchard))
            .await?;
        window.fill("#savetext", "Before <<inc").await?;
        assert_eq!(
            window.words(".offers").await?.lines().next(),
            Some("<<Include(page)>> Shows another page, or several, inside this one.")
        );
        press_key(&window, Key::Down).await?;
        let chosen = window.words(".offers [aria-selected=true]").await?;
        assert!(chosen.starts_with("<<IncludeNot"), "{chosen}");
        press_key(&window, Key::Up).await?;
        press_key(&window, Key::Enter).await?;
        let text = "document.getElementById('savetext').value";
        assert_eq!(window.ask(text).await?, json!("Before <<Include(page)>>"));
        press_key(&window, 'F').await?;
        assert_eq!(
            window.ask(text).await?,
            json!("Before <<Include(F)>>"),
            "the argument is marked, so that it is written over"
        );
        window.fill("#savetext", "a << b <<Trail>> <<nosuchmacro").await?;
        assert_eq!(
            window.ask("document.querySelector('.offers').hidden").await?,
            json!(true)
        );
        window.fill("#savetext", "a <<").await?;
        assert_eq!(
            window.ask("document.querySelector('.offers').hidden").await?,
            json!(true),
            "two signs may be anything"
        );
        window.fill("#savetext", "<<Br").await?;
        press_key(&window, Key::Escape).await?;
        assert_eq!(
            window.ask("document.querySelector('.offers').hidden").await?,
            json!(true)
        );
        assert_eq!(window.complaints().await?, Vec::<String>::new());
        Ok(())
    });
}

async fn press_key(window: &Window, key: impl Into<char>) -> Result<(), CmdError> {
    let key = key.into();
    let stroke = KeyActions::new("keys".to_owned())
        .then(KeyAction::Down { value: key })
        .then(KeyAction::Up { value: key });
    window.perform_actions(stroke).await
}

#[test]
fn without_its_script_the_page_is_whole() {
    let demo = Demo::start();
    let mut visitor = demo.farm.visitor();
    let page = visitor.get(&demo.orchard);
    assert!(
        page.has(".theme[hidden]"),
        "a switch that would do nothing is not shown"
    );
    assert!(page.has("nav.edit-bar .locked") && page.has(".visitor a[href*='action=login']"));
}

#[test]
#[ignore = "not a claim: it takes pictures for people, `GRANGE_SCREENSHOTS=DIR cargo xtask test pictures -- --ignored`"]
fn pictures_are_left_where_somebody_wants_to_look() {
    let folder = std::env::var_os("GRANGE_SCREENSHOTS").expect("GRANGE_SCREENSHOTS names a directory");
    fs::create_dir_all(&folder).unwrap();
    for screen in [Screen::Phone, Screen::Desktop] {
        let (demo, folder) = (Demo::start(), folder.clone());
        demo.farm.add_user("orchard", "Ada", PASSWORD);
        demo.farm.put_page(
            "orchard",
            "SandBox",
            "# Fruit\n\nPlums, *quinces* and medlars.\n\nA line that stays.\n",
        );
        demo.farm.put_page(
            "orchard",
            "SandBox",
            "# Fruit\n\nRipe plums, *quinces* and `apples`.\n\nA line that stays.\n",
        );
        in_browser(screen, |window| async move {
            for theme in ["light", "dark"] {
                window.goto(&demo.orchard).await?;
                window.press(&format!("[data-theme-choice={theme}]")).await?;
                take(
                    &window,
                    &demo,
                    &folder,
                    &format!("{screen:?}-{theme}-guest"),
                    GUEST_PICTURES,
                )
                .await?;
                log_in(&window, &demo.orchard, "Ada").await?;
                take(
                    &window,
                    &demo,
                    &folder,
                    &format!("{screen:?}-{theme}-ada"),
                    USER_PICTURES,
                )
                .await?;
                window.follow(".visitor form button").await?;
            }
            Ok(())
        });
    }
}

const GUEST_PICTURES: &[(&str, &str)] = &[
    ("front", ""),
    ("login", "SandBox?action=login"),
    ("register", "SandBox?action=newaccount"),
    ("missing", "Nowhere"),
    ("help", "HelpOnEditing"),
    ("search", "?action=fullsearch&value=session+or+cookie&context=180"),
    ("search-broken", "?action=fullsearch&value=(session"),
    ("search-boxes", "HelpOnSearching"),
    ("titles", "?action=titleindex"),
];

const USER_PICTURES: &[(&str, &str)] = &[
    ("front", ""),
    ("page", "SandBox"),
    ("edit", "SandBox?action=edit"),
    ("history", "SandBox?action=info"),
    ("diff", "SandBox?action=diff"),
    ("changes", "RecentChanges"),
    ("unknown", "SandBox?action=nonsense"),
];

async fn take(
    window: &Window,
    demo: &Demo,
    folder: &std::ffi::OsStr,
    name: &str,
    pages: &[(&str, &str)],
) -> Result<(), CmdError> {
    for (kind, page) in pages {
        window.goto(&format!("{}{page}", demo.orchard)).await?;
        window.find(Locator::Css("body")).await?;
        let picture = window.screenshot().await?;
        fs::write(Path::new(folder).join(format!("{name}-{kind}.png")), picture).unwrap();
    }
    Ok(())
}
