//! The forms: field names that scripts rely on, and what is offered to whom.

use super::super::*;
use super::Seen;
use super::samples::{form, moment, rows, site};

fn edit(form: EditForm<'_>) -> Seen {
    Seen::new(
        "edit",
        &EditPage {
            shell: Shell::new(site(), "Apple"),
            form,
            preview: None,
            changes: &[],
        },
    )
}

#[test]
fn the_editor_has_the_fields_that_scripts_fill() {
    let fields = [
        "ticket",
        "rev",
        "savetext",
        "comment",
        "trivial",
        "button_save",
        "button_preview",
        "button_cancel",
    ];
    let page = edit(form("text"));
    assert_eq!(page.fields("form[method=post]"), fields);
    assert_eq!(page.attribute("input[name=rev]", "value"), "6");
    assert!(!page.has("input[name=trivial][checked]"));
    assert!(
        edit(EditForm {
            triviality: Triviality::Trivial,
            ..form("")
        })
        .has("input[name=trivial][checked]")
    );
}

#[test]
fn a_text_that_begins_with_an_empty_line_keeps_it() {
    let page = edit(form("\nsecond line\n"));
    let text: String = page.all("textarea[name=savetext]")[0].text().collect();
    assert_eq!(text, "\nsecond line\n");
}

#[test]
fn guests_are_told_that_their_address_is_recorded() {
    let page = edit(EditForm {
        signed_as: Some("192.0.2.1"),
        ..form("")
    });
    assert!(page.text("form .hint").contains("192.0.2.1"));
    assert!(!edit(form("")).has("form .hint"));
}

#[test]
fn a_preview_is_shown_as_html_beside_the_text_it_was_made_of() {
    let shell = Shell::new(site(), "Apple");
    let rows = rows("new words");
    let page = EditPage {
        shell,
        form: form("*Soon*"),
        preview: Some("<p><em>Soon</em></p>"),
        changes: &rows,
    };
    let page = Seen::new("preview", &page);
    assert_eq!(page.text("#preview em"), "Soon");
    assert_eq!(page.text("textarea[name=savetext]"), "*Soon*");
    assert!(page.has("details .diff"));
}

#[test]
fn a_conflict_shows_both_texts_and_only_yours_can_be_changed() {
    let rows = rows("mine");
    let page = ConflictPage {
        shell: Shell::new(site(), "Apple"),
        form: form("mine"),
        theirs: "theirs",
        their_author: Some(Author {
            name: "Bob",
            acting: None,
        }),
        their_moment: Some(moment()),
        changes: &rows,
    };
    let page = Seen::new("conflict", &page);
    assert_eq!(page.text("textarea[readonly]"), "theirs");
    assert_eq!(page.text("textarea[name=savetext]"), "mine");
    assert!(
        page.text("#content")
            .contains("Saved by Bob, 5 January 2026, 10:00")
    );
}

fn login(remember_me: RememberMe) -> Seen {
    let form = LoginForm {
        action: "/a",
        ticket: "ticket-login",
        name: "Ada",
        remember_me,
    };
    let shell = Shell::new(site(), "Log in");
    Seen::new(
        "login",
        &LoginPage {
            shell,
            form: Some(form),
            register: Some("/r"),
            shared_with: &[],
        },
    )
}

#[test]
fn the_login_form_offers_remember_me_only_where_it_counts() {
    assert_eq!(
        login(RememberMe::Offered).fields("form.card"),
        ["ticket", "name", "password", "remember_me"]
    );
    assert_eq!(
        login(RememberMe::Withheld).fields("form.card"),
        ["ticket", "name", "password"]
    );
}

#[test]
fn a_name_comes_back_after_a_failed_login_and_a_password_never() {
    let page = login(RememberMe::Withheld);
    assert_eq!(page.attribute("input[name=name]", "value"), "Ada");
    assert!(!page.has("input[type=password][value]"));
}

#[test]
fn where_logging_in_is_disabled_the_page_says_so_and_has_no_form() {
    let shell = Shell::new(site(), "Log in");
    let page = Seen::new(
        "login",
        &LoginPage {
            shell,
            form: None,
            register: None,
            shared_with: &[],
        },
    );
    assert!(
        page.text("#content")
            .starts_with("Logging in is disabled on this wiki.")
    );
    assert!(!page.has("form"));
}

#[test]
fn the_login_page_names_the_wikis_that_share_the_login() {
    let form = LoginForm {
        action: "/a",
        ticket: "t",
        name: "",
        remember_me: RememberMe::Withheld,
    };
    let link = |href, label| Link { href, label };
    let wikis = [
        link("/mill", "Mill"),
        link("/inn", "Inn"),
        link("/forge", "Forge"),
    ];
    let shell = Shell::new(site(), "Log in");
    let page = LoginPage {
        shell,
        form: Some(form),
        register: None,
        shared_with: &wikis,
    };
    let hint = Seen::new("login", &page).text("form .hint");
    assert_eq!(hint, "You will also be logged in on Mill, Inn and Forge.");
}

#[test]
fn the_registration_form_has_the_fields_that_scripts_fill() {
    let form = NewAccountForm {
        action: "/a",
        ticket: "ticket-new",
        name: "Ada",
        email: "",
    };
    let shell = Shell::new(site(), "Make an account");
    let page = Seen::new(
        "newaccount",
        &NewAccountPage {
            shell,
            form: Some(form),
            login: Some("/l"),
        },
    );
    assert_eq!(
        page.fields("form.card"),
        ["ticket", "name", "password1", "password2", "email"]
    );
}

#[test]
fn where_registration_is_closed_there_is_no_form() {
    let page = |login| {
        let shell = Shell::new(site(), "Make an account");
        Seen::new(
            "newaccount",
            &NewAccountPage {
                shell,
                form: None,
                login,
            },
        )
    };
    let closed = page(Some("/l"));
    assert!(!closed.has("form") && closed.text("#content").contains("administrators only"));
    let nobody_logs_in = page(None);
    assert!(
        !nobody_logs_in.has("form") && nobody_logs_in.text("#content").contains("Logging in is disabled")
    );
}

#[test]
fn the_questions_before_a_change_have_the_fields_that_scripts_fill() {
    let fields: Vec<(&str, Vec<String>)> = super::samples::every_page()
        .iter()
        .filter(|page| ["delete", "rename", "revert", "suid"].contains(&page.name))
        .map(|page| (page.name, page.fields("#content form")))
        .collect();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let expected = [
        ("delete", names(&["ticket", "comment"])),
        ("rename", names(&["ticket", "newname", "comment"])),
        ("revert", names(&["ticket", "rev"])),
        ("suid", names(&["ticket", "name", "reason"])),
    ];
    assert_eq!(fields, expected);
}

#[test]
fn an_error_page_tells_its_status_one_sentence_and_ways_onward() {
    let links = [Link {
        href: "/orchard/",
        label: "Front page",
    }];
    let shell = Shell::new(site(), "Something went wrong");
    let page = ErrorPage {
        shell,
        status: 500,
        sentence: "It was noted.",
        links: &links,
        request_id: Some("r-17"),
    };
    let page = Seen::new("error", &page);
    assert_eq!(page.text("h1"), "Something went wrong");
    assert_eq!(page.text("#content li a"), "Front page");
    assert_eq!(page.text("#content code"), "r-17");
    assert!(page.text("#content").contains("Status 500"));
}

#[test]
fn where_there_is_no_wiki_the_page_names_none() {
    let sentence = "No wiki is configured at this address.";
    let page = Seen::new(
        "bare",
        &BareErrorPage {
            title: "No such wiki",
            sentence,
            style: "/_static/x/style.css",
        },
    );
    assert_eq!(page.text("main p"), sentence);
    assert!(!page.has("meta[name=grange-wiki]") && !page.has("script"));
    assert!(page.has("link[rel=stylesheet]"));
}
