//! Views, missing pages and differences.

use super::super::*;
use super::Seen;
use super::samples::{ada, guest, moment, rows, site};

fn view(shell: Shell<'_>) -> Seen {
    let page = ViewPage {
        shell,
        content: &"<p>The text.</p>",
        content_language: None,
        outline: &[],
        old_revision: None,
    };
    Seen::new("view", &page)
}

#[test]
fn the_page_text_stands_in_the_content_as_it_is() {
    let page = view(Shell::new(site(), "Apple"));
    assert_eq!(page.text("#content > p"), "The text.");
    assert_eq!(page.text("title"), "Apple – Orchard");
}

#[test]
fn the_trail_has_a_link_per_page_and_names_the_wiki_of_foreign_ones() {
    let link = |href, label, wiki, presence| TrailLink {
        href,
        label,
        wiki,
        presence,
    };
    let trail = [
        link(
            "http://localhost:8081/Wheel",
            "Wheel",
            Some("Mill"),
            Presence::Elsewhere,
        ),
        link("/orchard/Gone", "Gone", None, Presence::Missing),
        link("/orchard/Apple", "Apple", None, Presence::Here),
    ];
    let page = view(Shell {
        trail: &trail,
        ..Shell::new(site(), "Apple")
    });
    assert_eq!(page.all("#trail a").len(), 3);
    assert_eq!(
        page.text("#trail a[href='http://localhost:8081/Wheel']"),
        "Mill Wheel"
    );
    assert_eq!(page.text("#trail a.missing"), "Gone");
    assert_eq!(page.text("#trail a[aria-current=page]"), "Apple");
}

#[test]
fn without_visited_pages_there_is_no_trail() {
    assert!(!view(Shell::new(site(), "Apple")).has("#trail"));
}

#[test]
fn a_page_that_brings_its_own_heading_gets_no_second_one() {
    assert!(
        !view(Shell {
            heading: None,
            ..Shell::new(site(), "Apple")
        })
        .has("h1")
    );
    assert_eq!(view(Shell::new(site(), "Apple")).text("h1"), "Apple");
}

#[test]
fn who_may_not_edit_sees_the_word_locked() {
    let bar = |editing| EditBar {
        page: "/orchard/Apple",
        editing,
        files: 0,
        actions: &[PageAction::History, PageAction::Delete],
    };
    let open = view(Shell {
        edit_bar: Some(bar(Editing::Open)),
        ..Shell::new(site(), "Apple")
    });
    assert_eq!(
        open.text(".edit-bar a[href='/orchard/Apple?action=edit']"),
        "Edit"
    );
    let locked = view(Shell {
        edit_bar: Some(bar(Editing::Locked)),
        ..Shell::new(site(), "Apple")
    });
    assert_eq!(locked.text(".edit-bar .locked"), "Locked");
    assert!(!locked.has("a[href$='action=edit']"));
}

#[test]
fn rare_actions_stand_under_more_actions_and_the_others_beside_edit() {
    let actions = [
        PageAction::History,
        PageAction::Raw,
        PageAction::Rename,
        PageAction::Delete,
    ];
    let bar = |actions| {
        Some(EditBar {
            page: "/orchard/Apple",
            editing: Editing::Open,
            files: 3,
            actions,
        })
    };
    let page = view(Shell {
        edit_bar: bar(&actions),
        ..Shell::new(site(), "Apple")
    });
    assert_eq!(page.all(".more a").len(), 2);
    assert_eq!(
        page.text(".edit-bar > ul > li > a[href$='action=info']"),
        "History"
    );
    let few = view(Shell {
        edit_bar: bar(&actions[..2]),
        ..Shell::new(site(), "Apple")
    });
    assert!(!few.has(".more"));
}

#[test]
fn a_guest_is_offered_login_and_registration_where_they_are_possible() {
    let page = view(Shell {
        visitor: guest(),
        ..Shell::new(site(), "Apple")
    });
    assert!(page.has("a[href$='action=login']") && page.has("a[href$='action=newaccount']"));
    let closed = Visitor::Guest {
        login: None,
        register: None,
    };
    let page = view(Shell {
        visitor: closed,
        ..Shell::new(site(), "Apple")
    });
    assert!(!page.has("a[href$='action=login']") && !page.has("a[href$='action=newaccount']"));
}

#[test]
fn a_logged_in_visitor_can_log_out_on_every_page() {
    let page = view(Shell {
        visitor: ada(),
        ..Shell::new(site(), "Apple")
    });
    assert_eq!(
        page.attribute(
            "form[method=post][action$='action=logout'] input[name=ticket]",
            "value"
        ),
        "ticket-logout"
    );
    assert_eq!(page.text(".user-name"), "Ada");
}

#[test]
fn the_banner_of_an_acting_superuser_names_both_and_leads_back() {
    let acting = Acting {
        real_name: "Reeve",
        reason: "checking",
        return_to: "/orchard/?action=suid",
        ticket: "ticket-su",
    };
    let Visitor::User(menu) = ada() else {
        unreachable!()
    };
    let visitor = Visitor::User(UserMenu {
        acting: Some(acting),
        ..menu
    });
    let page = view(Shell {
        visitor,
        ..Shell::new(site(), "Apple")
    });
    let banner = page.text(".acting p");
    assert!(
        banner.contains("You are Reeve, acting as Ada.") && banner.contains("checking"),
        "{banner}"
    );
    assert!(page.has("form[action='/orchard/?action=suid'][method=post] button[name=return]"));
    assert_eq!(page.attribute("meta[name=grange-user]", "content"), "Ada");
}

#[test]
fn a_message_is_shown_above_the_content_with_its_role() {
    let message = Message {
        kind: MessageKind::Done,
        text: "You are now logged out.",
    };
    let page = view(Shell {
        message: Some(message),
        ..Shell::new(site(), "Apple")
    });
    assert_eq!(page.text("[role=status]"), "You are now logged out.");
    assert_eq!(MessageKind::Refusal.role(), "alert");
}

#[test]
fn an_old_revision_says_so_and_leads_to_the_current_text() {
    let old = OldRevision {
        number: 3,
        moment: Some(moment()),
        current: "/orchard/Apple",
        diff: None,
    };
    let shell = Shell::new(site(), "Apple");
    let page = ViewPage {
        shell,
        content: &"",
        content_language: Some("he"),
        outline: &[],
        old_revision: Some(old),
    };
    let page = Seen::new("old", &page);
    assert!(
        page.text(".message")
            .starts_with("This is revision 3 of 5 January 2026, 10:00.")
    );
    assert!(page.has(".message a[href='/orchard/Apple']"));
    assert_eq!(page.attribute("#content", "dir"), "rtl");
}

#[test]
fn two_headings_need_no_list_of_headings() {
    let outline = [OutlineEntry {
        level: 2,
        id: "soil",
        text: "Soil",
    }; 3];
    let page = |outline| {
        let shell = Shell::new(site(), "Apple");
        Seen::new(
            "view",
            &ViewPage {
                shell,
                content: &"",
                content_language: None,
                outline,
                old_revision: None,
            },
        )
    };
    assert!(!page(&outline[..2]).has(".outline"));
    assert_eq!(page(&outline).all(".outline a[href='#soil']").len(), 3);
}

#[test]
fn a_page_of_thousands_of_headings_lists_the_first_and_counts_the_others() {
    let outline = vec![
        OutlineEntry {
            level: 2,
            id: "soil",
            text: "Soil",
        };
        5_000
    ];
    let page = ViewPage {
        shell: Shell::new(site(), "Apple"),
        content: &"",
        content_language: None,
        outline: &outline,
        old_revision: None,
    };
    let seen = Seen::new("view", &page);
    assert_eq!(seen.all(".outline a").len(), 300);
    assert_eq!(seen.text(".outline li:last-child"), "and 4700 more");
}

#[test]
fn the_title_that_the_content_brings_along_is_no_section() {
    let entry = |level, id| OutlineEntry {
        level,
        id,
        text: "words",
    };
    let outline = [entry(1, "title"), entry(2, "a"), entry(2, "b"), entry(3, "c")];
    let page = |heading| {
        let shell = Shell {
            heading,
            ..Shell::new(site(), "Apple")
        };
        let outline = &outline;
        Seen::new(
            "view",
            &ViewPage {
                shell,
                content: &"",
                content_language: None,
                outline,
                old_revision: None,
            },
        )
    };
    assert_eq!(page(None).all(".outline a").len(), 3);
    assert_eq!(page(Some("Apple")).all(".outline a").len(), 4);
}

#[test]
fn a_missing_page_is_offered_to_those_who_may_write_it() {
    let missing = |create, login, gone| {
        let shell = Shell::new(site(), "Pear");
        Seen::new(
            "missing",
            &MissingPage {
                shell,
                name: "Pear",
                create,
                login,
                gone,
            },
        )
    };
    assert_eq!(
        missing(Some("/orchard/Pear?action=edit"), None, None).text("#content a.main"),
        "Create this page"
    );
    assert!(missing(None, Some("/l"), None).has("#content a[href='/l']"));
    let history = "/orchard/Pear?action=info";
    let deleted = missing(None, None, Some(Gone::Deleted { history }));
    assert!(deleted.text("#content").contains("any more"));
    assert!(deleted.has("a[href$='action=info']"));
    let to = Link {
        href: "/orchard/Quince",
        label: "Quince",
    };
    let renamed = missing(None, None, Some(Gone::Renamed { to }));
    assert!(
        renamed.has("#content a[href='/orchard/Quince']") && !renamed.text("#content").contains("deleted")
    );
}

#[test]
fn a_difference_marks_what_is_gone_and_what_is_new() {
    let rows = rows("new words");
    let side = |revision| DiffSide {
        revision,
        href: "/r",
        moment: None,
        author: None,
        comment: "",
    };
    let shell = Shell::new(site(), "Apple");
    let page = DiffPage {
        shell,
        old: side(1),
        new: side(2),
        rows: &rows,
        earlier: Some("/e"),
        later: None,
    };
    let page = Seen::new("diff", &page);
    assert_eq!(page.text(".removed del"), "old words");
    assert_eq!(page.text(".added ins"), "new words");
    assert_eq!(page.text("a[rel~=prev]"), "Earlier change");
    assert!(!page.has("a[rel~=next]"));
}

#[test]
fn equal_texts_are_said_to_be_equal() {
    let side = |revision| DiffSide {
        revision,
        href: "/r",
        moment: None,
        author: None,
        comment: "",
    };
    let shell = Shell::new(site(), "Apple");
    let page = DiffPage {
        shell,
        old: side(1),
        new: side(2),
        rows: &[],
        earlier: None,
        later: None,
    };
    assert!(
        Seen::new("diff", &page)
            .text("#content")
            .contains("The two texts are the same.")
    );
}
