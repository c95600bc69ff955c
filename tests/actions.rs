//! `actions_excluded` and `actions_superuser`: what is taken away is refused and no link leads there.
//!
//! What the actions do where they are there is tested with pages and accounts.

use crate::harness::{Farm, PASSWORD, SINGLE};

const PAGE: &str = "http://h.example/Plums";

fn farm(lines: &str) -> Farm {
    let rights = "acl_rights_default = \"All:read,write,delete,revert\"\nsuperuser = [\"Root\"]";
    let farm = Farm::start(&SINGLE.replace("at =", &format!("{rights}\n{lines}\nat =")));
    farm.put_page("main", "Plums", "They are ripe.");
    farm
}

#[test]
fn an_excluded_action_is_refused_under_each_of_its_names_and_linked_nowhere() {
    let farm = farm("actions_excluded = [\"RenamePage\", \"newaccount\"]");
    let mut visitor = farm.visitor();
    for name in ["rename", "RenamePage", "newaccount"] {
        let refused = visitor.get(&format!("{PAGE}?action={name}"));
        assert_eq!(refused.status, 403, "{name}");
        assert!(refused.text().contains("is turned off on this wiki."), "{name}");
        let posted = visitor.post(&format!("{PAGE}?action={name}"), &[("newname", "Pears")]);
        assert_eq!(posted.status, 403, "{name}");
    }
    let page = visitor.get(PAGE).text();
    assert!(
        page.contains("action=delete") && page.contains("action=login"),
        "the others are there"
    );
    assert!(
        !page.contains("action=rename") && !page.contains("action=newaccount"),
        "{page}"
    );
}

#[test]
fn the_macro_that_links_actions_links_none_that_is_turned_off_also_after_a_reload() {
    let farm = farm("");
    farm.put_page(
        "main",
        "Ways",
        "<<Action(rename, new name)>> <<Action(delete, gone)>>",
    );
    let url = "http://h.example/Ways";
    let links = |page: crate::harness::Answer| page.attributes("#content a[href*=action]", "href");
    let before = farm.visitor().get(url);
    assert_eq!(before.content(), "new name gone");
    assert_eq!(links(before).len(), 2);
    let rights = "acl_rights_default = \"All:read,write,delete,revert\"";
    farm.write_config(&SINGLE.replace(
        "at =",
        &format!("{rights}\nactions_excluded = [\"RenamePage\"]\nat ="),
    ));
    assert_eq!(farm.grange(&["reload"]).status, 0);
    let after = farm.visitor().get(url);
    assert_eq!(after.content(), "new name gone");
    assert_eq!(links(after), ["/Ways?action=delete"]);
}

#[test]
fn the_actions_that_are_listed_are_those_that_this_visitor_can_use_by_a_link() {
    let farm = farm("actions_excluded = [\"rename\"]");
    farm.add_user("main", "Root", PASSWORD);
    let listed = |answer: crate::harness::Answer| answer.attributes("#content li a", "href");
    let has = |links: &[String], action: &str| links.iter().any(|link| link.ends_with(&format!("={action}")));
    let nonsense = format!("{PAGE}?action=nonsense");
    let guests = listed(farm.visitor().get(&nonsense));
    for action in ["edit", "delete", "recall"] {
        assert!(has(&guests, action), "{action}: {guests:?}");
    }
    for other in ["rename", "suid", "revert", "newpage", "logout"] {
        assert!(!has(&guests, other), "{other}: {guests:?}");
    }
    let roots = listed(farm.logged_in(PAGE, "Root").get(&nonsense));
    assert!(has(&roots, "suid") && has(&roots, "logout"), "{roots:?}");
}

#[test]
fn a_link_to_logging_out_asks_and_sends_guests_to_the_page() {
    let farm = farm("");
    farm.add_user("main", "Mia", PASSWORD);
    let url = format!("{PAGE}?action=logout");
    let guest = farm.visitor().get(&url);
    assert_eq!((guest.status, guest.header("location")), (303, Some("/Plums")));
    let mut mia = farm.logged_in(PAGE, "Mia");
    let asked = mia.get(&url);
    assert_eq!(asked.status, 200);
    assert!(asked.has("#content form button.main"), "{}", asked.content());
    assert_eq!(mia.get(PAGE).user().as_deref(), Some("Mia"));
    let tickets = asked.attributes("#content input[name=ticket]", "value");
    assert_eq!(mia.post(&url, &[("ticket", &tickets[0])]).status, 303);
    assert_eq!(mia.get(PAGE).user(), None);
}

#[test]
fn where_nobody_may_edit_the_page_says_locked() {
    let farm = farm("actions_excluded = [\"edit\"]");
    let page = farm.visitor().get(PAGE).text();
    assert!(page.contains("Locked") && !page.contains("action=edit"), "{page}");
    let missing = farm.visitor().get("http://h.example/Pears").text();
    assert!(!missing.contains("action=edit"), "{missing}");
}

#[test]
fn an_action_for_superusers_is_theirs_alone() {
    let farm = farm("actions_superuser = [\"delete\"]");
    let deletion = format!("{PAGE}?action=delete");
    for name in ["Mia", "Root"] {
        farm.add_user("main", name, PASSWORD);
    }
    let (mut guest, mut mia, mut root) = (farm.visitor(), farm.visitor(), farm.visitor());
    mia.log_in(PAGE, "Mia", PASSWORD);
    root.log_in(PAGE, "Root", PASSWORD);
    for visitor in [&mut guest, &mut mia] {
        assert_eq!(visitor.get(&deletion).status, 403);
        assert!(!visitor.get(PAGE).text().contains("action=delete"));
    }
    assert!(root.get(PAGE).text().contains("action=delete"));
    assert_eq!(root.get(&deletion).status, 200);
}

const NEW: &str = "http://h.example/Plums?action=newpage";

#[test]
fn the_form_for_a_new_page_leads_to_the_editor_with_the_templates_text() {
    let farm = farm("");
    farm.put_page("main", "JamTemplate", "Sugar & <patience>");
    farm.put_page("main", "Shelf", "<<NewPage(JamTemplate, New jam, Jams)>>");
    let mut visitor = farm.visitor();
    let page = visitor.get("http://h.example/Shelf");
    let sent = page.attributes(".macro-form input[type=hidden]", "value");
    assert_eq!(sent, ["newpage", "JamTemplate", "Jams", "%s"]);

    let asked = format!("{NEW}&template=JamTemplate&parent=Jams&nametemplate=%25s&pagename=Plum+jam");
    let led = visitor.get(&asked);
    assert_eq!(led.status, 303);
    assert_eq!(
        led.header("location"),
        Some("/Jams/Plum%20jam?action=edit&template=JamTemplate")
    );
    let editor = visitor.follow(&asked, led);
    assert_eq!(
        editor.words("#savetext").as_deref().map(str::trim),
        Some("Sugar & <patience>")
    );
    assert_eq!(
        visitor.get("http://h.example/Jams/Plum%20jam").status,
        404,
        "nothing was made yet"
    );
}

#[test]
fn a_new_page_that_stands_already_is_shown_and_a_bad_name_is_told() {
    let farm = farm("");
    let mut visitor = farm.visitor();
    assert_eq!(
        visitor.get(&format!("{NEW}&pagename=Plums")).header("location"),
        Some("/Plums")
    );
    for name in ["", "_farm", "a%0Ab", "..", "x&nametemplate=%25!"] {
        assert_eq!(
            visitor.get(&format!("{NEW}&pagename={name}")).status,
            400,
            "{name}"
        );
    }
    for elsewhere in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        let led = visitor.get(&format!("{NEW}&pagename={elsewhere}"));
        let location = led.header("location").unwrap_or_default();
        assert!(
            !location.starts_with("//") && !location.starts_with("/\\") && location.starts_with('/'),
            "{location}"
        );
    }
    assert_eq!(visitor.post(NEW, &[("pagename", "Pears")]).status, 405);
}

#[test]
fn a_template_that_may_not_be_read_or_a_page_that_stands_changes_no_text() {
    let farm = farm("");
    farm.put_page("main", "JamTemplate", "Sugar");
    let mut visitor = farm.visitor();
    let text = |visitor: &mut crate::harness::Visitor, url: &str| visitor.get(url).words("#savetext");
    let plums = text(&mut visitor, &format!("{PAGE}?action=edit&template=JamTemplate")).unwrap();
    assert_eq!(plums.trim(), "They are ripe.");
    for none in ["Nowhere", "_farm", "", "%00"] {
        let shown = text(
            &mut visitor,
            &format!("http://h.example/Pears?action=edit&template={none}"),
        )
        .unwrap();
        assert_eq!(shown.trim(), "", "{none}");
    }
}
