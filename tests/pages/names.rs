//! What a page may be called, how its address is written, and where other spellings lead.

use super::{OPEN, at, raw};
use crate::harness::{Farm, PASSWORD, SINGLE, Visitor};

fn location(visitor: &mut Visitor, target: &str) -> (u16, String) {
    let answer = visitor.get(&at(target));
    (
        answer.status,
        answer.header("location").unwrap_or_default().to_owned(),
    )
}

#[test]
fn names_with_blanks_letters_of_all_languages_and_signs_work_from_editor_to_raw() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    let names = [
        ("Ripe%20plums", "Ripe plums"),
        ("%C3%84pfel", "Äpfel"),
        ("%E6%A2%85", "梅"),
        ("100%25", "100%"),
        ("a%3Fb", "a?b"),
        ("a%23b", "a#b"),
        ("a%2Bb", "a+b"),
        ("a%26b%3Dc", "a&b=c"),
        ("Fruit/Stone%20fruit/Plums", "Fruit/Stone fruit/Plums"),
        ("%F0%9F%8D%91", "🍑"),
        ("a%5Cb", "a\\b"),
        ("it%27s%20%22so%22%20%3Cb%3E", "it's \"so\" <b>"),
    ];
    for (address, name) in names {
        visitor.edit(&at(address), &format!("This is {address}"));
        let page = visitor.get(&at(address));
        assert_eq!(
            (page.status, page.words("h1").as_deref()),
            (200, Some(name)),
            "{address}"
        );
        assert_eq!(raw(&mut visitor, address), format!("This is {address}"));
        let listed = farm.grange(&["page", "list", "--wiki", "main"]);
        assert!(listed.out.contains(name), "{name}: {}", listed.out);
    }
}

#[test]
fn the_pages_above_a_page_stand_in_the_order_in_which_one_goes_down() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    visitor.edit(&at("Fruit/Stone/Plums"), "Ripe.");
    let page = visitor.get(&at("Fruit/Stone/Plums"));
    assert_eq!(
        page.attributes(".crumbs a", "href"),
        ["/Fruit", "/Fruit/Stone", "/Fruit/Stone/Plums"]
    );
}

#[test]
fn the_russian_help_is_announced_as_russian_and_the_english_as_english_until_somebody_rewrites_it() {
    let mut farm = Farm::prepare(&format!("{OPEN}language_default = \"de\"\n"));
    for name in ["ПомощьПоСеансам", "HelpContents", "Hilfe"] {
        farm.write(&format!("wikis/_shared/pages/{name}.md"), "Text.");
    }
    farm.restart();
    let mut visitor = farm.visitor();
    let mut language = |name: &str| visitor.get(&at(name)).attributes("#content", "lang").pop();
    assert_eq!(language("ПомощьПоСеансам").as_deref(), Some("ru"));
    assert_eq!(
        language("HelpContents"),
        None,
        "that of the whole page, which is English"
    );
    assert_eq!(language("Hilfe").as_deref(), Some("de"));
    farm.visitor().edit(&at("HelpContents"), "Alles anders.");
    assert_eq!(language("HelpContents").as_deref(), Some("de"));
}

#[test]
fn a_missing_front_page_leads_nowhere_but_to_being_written() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    assert!(!visitor.get(&at("FrontPage")).has("#content a[href='/']"));
    assert!(visitor.get(&at("Plums")).has("#content a[href='/']"));
}

#[test]
fn another_spelling_leads_to_the_canonical_one_with_the_query_kept() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    let spellings = [
        ("Ripe%20%20plums", "/Ripe%20plums"),
        ("Ripe+plums", "/Ripe%2Bplums"),
        ("%50lums", "/Plums"),
        ("Fruit//Plums", "/Fruit/Plums"),
        ("Fruit%2FPlums", "/Fruit/Plums"),
        ("Plums/", "/Plums"),
        ("/Plums", "/Plums"),
        ("A%CC%88pfel", "/%C3%84pfel"),
        ("%c3%84pfel", "/%C3%84pfel"),
    ];
    for (spelling, canonical) in spellings {
        assert_eq!(
            location(&mut visitor, spelling),
            (301, canonical.to_owned()),
            "{spelling}"
        );
        let with_query = format!("{spelling}?action=raw&rev=1&x=%20");
        assert_eq!(
            location(&mut visitor, &with_query),
            (301, format!("{canonical}?action=raw&rev=1&x=%20"))
        );
    }
}

#[test]
fn a_post_keeps_its_method_on_the_way_to_the_canonical_address() {
    let farm = Farm::start(OPEN);
    let moved = farm.visitor().post(
        "http://wiki.example.org/Ripe%20%20plums?action=edit",
        &[("savetext", "x")],
    );
    assert_eq!(
        (moved.status, moved.header("location")),
        (308, Some("/Ripe%20plums?action=edit"))
    );
    assert_eq!(farm.visitor().head(&at("Plums/")).status, 301);
}

#[test]
fn no_redirect_leads_to_another_host() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    for target in [
        "/evil.example/",
        "//evil.example//",
        "%2Fevil.example/",
        "%5Cevil.example/",
        "/%5Cevil.example//x",
    ] {
        let (status, location) = location(&mut visitor, target);
        assert!(
            status == 404
                || (location.starts_with('/') && !location.starts_with("//") && !location.starts_with("/\\")),
            "{target}: {status} {location}"
        );
    }
}

#[test]
fn the_front_page_stands_at_the_root_and_says_where_it_lives() {
    let farm = Farm::start(OPEN);
    farm.put_page("main", "FrontPage", "Welcome.");
    let mut visitor = farm.visitor();
    let root = visitor.get(&at(""));
    assert_eq!((root.status, root.content().as_str()), (200, "Welcome."));
    let canonical = root.attributes("link[rel=canonical]", "href");
    assert_eq!(canonical, ["http://wiki.example.org/FrontPage"]);
    assert_eq!(
        visitor
            .get(&at("FrontPage"))
            .attributes("link[rel=canonical]", "href"),
        canonical
    );
}

#[test]
fn another_front_page_can_be_chosen() {
    let farm = Farm::start(&OPEN.replace("at =", "front_page = \"Tor zur Welt\"\nat ="));
    farm.put_page("main", "Tor zur Welt", "Willkommen.");
    let root = farm.visitor().get(&at(""));
    assert_eq!(root.content(), "Willkommen.");
    assert_eq!(
        root.attributes("link[rel=canonical]", "href"),
        ["http://wiki.example.org/Tor%20zur%20Welt"]
    );
}

#[test]
fn names_that_no_page_may_have_are_404_with_the_reason_or_400_and_write_nothing() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    visitor.edit(&at("Plums"), "so that all stores are open");
    let before = files(&farm);
    let overlong = "x".repeat(241);
    let names = [
        ("..%2F..%2Fetc%2Fpasswd", 404),
        ("_x", 404),
        ("_farm", 404),
        ("%5Fx", 404),
        ("a%00b", 404),
        ("a%0D%0AX-Evil:%201", 404),
        ("a%E2%80%AEb", 404),
        ("a%E2%80%8Bb", 404),
        ("%20", 404),
        (&*overlong, 404),
        ("%FF%FE", 400),
        ("%C3", 400),
    ];
    for (name, status) in names {
        for action in ["", "?action=edit", "?action=raw"] {
            let answer = visitor.get(&at(&format!("{name}{action}")));
            assert_eq!(answer.status, status, "{name}{action}: {}", answer.text());
            assert_eq!(answer.header("x-evil"), None);
            assert_eq!(
                answer.wiki().as_deref(),
                Some("main"),
                "{name}: a page of the wiki says so"
            );
        }
        let posted = visitor.post(
            &at(&format!("{name}?action=edit")),
            &[("rev", "0"), ("savetext", "x"), ("button_save", "1")],
        );
        assert_eq!(posted.status, status, "{name}");
    }
    assert_eq!(
        visitor.get(&at(&"x".repeat(240))).status,
        404,
        "a long name is fine, there is just no such page"
    );
    assert_eq!(files(&farm), before);
}

#[test]
fn dots_in_a_raw_request_never_leave_the_wiki() {
    let farm = Farm::start(OPEN);
    let visitor = farm.visitor();
    let targets = [
        "/../../etc/passwd",
        "/..",
        "/.",
        "/%2E%2E",
        "/a/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/_static/../../etc/passwd",
    ];
    for target in targets {
        let answer = visitor
            .raw(format!("GET {target} HTTP/1.1\r\nHost: x.example\r\nConnection: close\r\n\r\n").as_bytes());
        assert!(
            answer.starts_with("HTTP/1.1 404") || answer.starts_with("HTTP/1.1 400"),
            "{target}: {answer}"
        );
        assert!(!answer.contains("root:"));
    }
}

/// Every file below the farm's directory except what stores grow and the log.
fn files(farm: &Farm) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![farm.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path.clone());
            }
            let text = path.display().to_string();
            if !text.ends_with("-wal") && !text.ends_with("-shm") && !text.contains(".db") {
                found.push(text);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_navigation_bar_invites_to_missing_pages_only_those_who_may_write_them() {
    let farm = Farm::start(SINGLE);
    farm.add_user("main", "Ada", PASSWORD);
    let mut ada = farm.visitor();
    let as_guest = ada.get("http://wiki.example.org/");
    assert!(!as_guest.text().contains("RecentChanges"));
    let as_editor = ada.log_in("http://wiki.example.org/FrontPage", "Ada", PASSWORD);
    assert!(as_editor.text().contains("/RecentChanges"));
}
