//! Requests that somebody else's page makes a browser send: tickets, Origin, Sec-Fetch-Site.
//!
//! How tickets are made and how long they live is tested in the session crate.

use crate::harness::{Answer, Farm, PASSWORD, SINGLE, Visitor};

const PAGE: &str = "http://h.example/Page";

fn farm() -> Farm {
    let farm = Farm::start(SINGLE);
    farm.add_user("main", "Mia", PASSWORD);
    farm.add_user("main", "Tom", PASSWORD);
    farm
}

fn logged_in(farm: &Farm, name: &str) -> Visitor {
    let mut visitor = farm.visitor();
    assert_eq!(visitor.log_in(PAGE, name, PASSWORD).user().as_deref(), Some(name));
    visitor
}

fn ticket(visitor: &mut Visitor, action: &str) -> String {
    visitor
        .get(&format!("{PAGE}?action={action}"))
        .ticket(action)
        .unwrap()
}

/// Sends an edit with this ticket and these headers.
fn send_edit(visitor: &mut Visitor, ticket: &str, headers: &[(&str, &str)]) -> Answer {
    let fields = [
        ("ticket", ticket),
        ("rev", "0"),
        ("savetext", "precious words"),
        ("button_save", "Save"),
    ];
    visitor.post_with(&format!("{PAGE}?action=edit"), &fields, headers)
}

fn is_saved(farm: &Farm) -> bool {
    farm.visitor().get(PAGE).status == 200
}

#[test]
fn an_edit_without_a_good_ticket_is_refused_and_gives_the_text_back() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    let good = ticket(&mut mia, "edit");
    for bad in [
        "",
        "x",
        &good[1..],
        &good.to_ascii_uppercase(),
        &format!("{good}x"),
    ] {
        let refused = send_edit(&mut mia, bad, &[]);
        assert_eq!(refused.status, 403, "{bad}");
        assert_eq!(refused.field("savetext").as_deref(), Some("precious words"));
        assert!(!is_saved(&farm));
    }
    let refused = send_edit(&mut mia, "", &[]);
    let fresh = refused.ticket("edit").expect("a fresh ticket");
    assert_eq!(
        send_edit(&mut mia, &fresh, &[]).status,
        303,
        "the same form can be sent again"
    );
    assert!(is_saved(&farm));
}

#[test]
fn the_text_that_is_given_back_is_text() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    let hostile = "</textarea><script>alert(1)</script>";
    let refused = mia.post(
        &format!("{PAGE}?action=edit"),
        &[("savetext", hostile), ("comment", "\"><script>"), ("rev", "0")],
    );
    assert_eq!(
        (refused.status, refused.field("savetext").as_deref()),
        (403, Some(hostile))
    );
    assert!(!refused.text().contains("<script>alert"), "{}", refused.text());
}

#[test]
fn a_ticket_serves_one_action() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    mia.edit(PAGE, "words");
    let logout = mia.get(PAGE).ticket("logout").unwrap();
    assert_eq!(send_edit(&mut mia, &logout, &[]).status, 403);
    let edit = ticket(&mut mia, "edit");
    for action in ["logout", "rename", "delete", "revert", "login", "newaccount"] {
        let fields = [("ticket", edit.as_str()), ("newname", "Elsewhere"), ("rev", "1")];
        assert_eq!(
            mia.post(&format!("{PAGE}?action={action}"), &fields).status,
            403,
            "{action}"
        );
    }
    assert_eq!(mia.get(PAGE).user().as_deref(), Some("Mia"));
    assert!(is_saved(&farm));
}

#[test]
fn a_ticket_serves_one_user_and_one_session() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    let hers = ticket(&mut mia, "edit");
    assert_eq!(send_edit(&mut logged_in(&farm, "Tom"), &hers, &[]).status, 403);
    assert_eq!(
        send_edit(&mut logged_in(&farm, "Mia"), &hers, &[]).status,
        403,
        "not even on her other device"
    );
    mia.log_in(PAGE, "Mia", PASSWORD);
    assert_eq!(
        send_edit(&mut mia, &hers, &[]).status,
        403,
        "nor after a new login"
    );
    assert!(!is_saved(&farm));
}

#[test]
fn a_ticket_serves_many_times_and_in_two_tabs() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    let (one, other) = (ticket(&mut mia, "edit"), ticket(&mut mia, "edit"));
    assert_ne!(one, other, "equal pages do not leak it byte by byte");
    for (n, ticket) in [&one, &other, &one].into_iter().enumerate() {
        let (rev, text) = (n.to_string(), format!("text {n}"));
        let fields = [
            ("ticket", ticket.as_str()),
            ("rev", &rev),
            ("savetext", &text),
            ("button_save", "Save"),
        ];
        assert_eq!(mia.post(&format!("{PAGE}?action=edit"), &fields).status, 303);
    }
}

#[test]
fn a_ticket_of_one_wiki_is_worth_nothing_on_its_sibling() {
    let farm = Farm::start(
        "[group.g]\ncookie_name = \"g\"\nsession_dir = \"wikis/_g/s\"\nuser_dir = \"wikis/_g/u\"\n\n\
         [wiki.one]\nat = [\"h.example/one\"]\ngroup = \"g\"\n\n[wiki.two]\nat = [\"h.example/two\"]\ngroup = \"g\"\n",
    );
    farm.add_user("one", "Mia", PASSWORD);
    let mut mia = farm.visitor();
    mia.log_in("http://h.example/one/Page", "Mia", PASSWORD);
    let ticket = mia
        .get("http://h.example/one/Page?action=edit")
        .ticket("edit")
        .unwrap();
    let fields = [
        ("ticket", ticket.as_str()),
        ("rev", "0"),
        ("savetext", "x"),
        ("button_save", "Save"),
    ];
    assert_eq!(
        mia.post("http://h.example/two/Page?action=edit", &fields).status,
        403
    );
    assert_eq!(
        mia.post("http://h.example/one/Page?action=edit", &fields).status,
        303
    );
}

#[test]
fn a_request_of_another_site_is_refused_even_with_a_good_ticket() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    let good = ticket(&mut mia, "edit");
    let foreign: [(&str, &str); 12] = [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("origin", ""),
        ("origin", "http://h.example.evil.example"),
        ("origin", "http://evil-h.example"),
        ("origin", "http://h.example:8080"),
        ("origin", "http://h.example@evil.example"),
        ("origin", "http://sub.h.example"),
        ("origin", "file://"),
        ("origin", "h.example"),
        ("sec-fetch-site", "cross-site"),
        ("origin", "http://h.example/x http://evil.example"),
    ];
    for header in foreign {
        assert_eq!(send_edit(&mut mia, &good, &[header]).status, 403, "{header:?}");
        assert!(!is_saved(&farm), "{header:?}");
    }
}

#[test]
fn a_request_of_our_own_page_is_accepted_and_one_that_says_nothing_too() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    let good = ticket(&mut mia, "edit");
    for headers in [
        vec![],
        vec![("origin", "http://h.example")],
        vec![("origin", "http://h.example:80")],
        vec![("origin", "http://H.EXAMPLE")],
        vec![("origin", "http://h.example"), ("sec-fetch-site", "same-origin")],
        vec![("sec-fetch-site", "none")],
        // A proxy that nobody told us of may have ended TLS.
        vec![("origin", "https://h.example")],
    ] {
        assert_eq!(send_edit(&mut mia, &good, &headers).status, 303, "{headers:?}");
    }
}

#[test]
fn behind_a_trusted_proxy_the_scheme_counts_as_well() {
    let farm = Farm::start(&format!(
        "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\ntrusted_proxies = [\"127.0.0.1\"]\n{SINGLE}"
    ));
    farm.add_user("main", "Mia", PASSWORD);
    let page = "https://h.example/Page";
    let mut mia = farm.visitor();
    mia.log_in(page, "Mia", PASSWORD);
    let good = mia.get(&format!("{page}?action=edit")).ticket("edit").unwrap();
    let fields = [
        ("ticket", good.as_str()),
        ("rev", "0"),
        ("savetext", "x"),
        ("button_save", "Save"),
    ];
    let mut send = |origin| {
        mia.post_with(&format!("{page}?action=edit"), &fields, &[("origin", origin)])
            .status
    };
    assert_eq!(send("http://h.example"), 403);
    assert_eq!(send("https://h.example:444"), 403);
    assert_eq!(send("https://h.example:443"), 303);
    assert_eq!(send("https://h.example"), 303);
}

#[test]
fn on_another_port_the_origin_names_the_port() {
    let farm = farm();
    let page = "http://h.example:8001/Page";
    let mut mia = farm.visitor();
    mia.log_in(page, "Mia", PASSWORD);
    let good = mia.get(&format!("{page}?action=edit")).ticket("edit").unwrap();
    let fields = [
        ("ticket", good.as_str()),
        ("rev", "0"),
        ("savetext", "x"),
        ("button_save", "Save"),
    ];
    let mut send = |origin| {
        mia.post_with(&format!("{page}?action=edit"), &fields, &[("origin", origin)])
            .status
    };
    assert_eq!(
        [
            send("http://h.example"),
            send("http://h.example:8002"),
            send("http://h.example:8001")
        ],
        [403, 403, 303]
    );
}

#[test]
fn nobody_is_logged_in_by_another_site() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let good = ticket(&mut visitor, "login");
    let login = format!("{PAGE}?action=login");
    let fields = [("ticket", good.as_str()), ("name", "Mia"), ("password", PASSWORD)];
    for header in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let refused = visitor.post_with(&login, &fields, &[header]);
        assert_eq!(
            (refused.status, refused.set_cookies().len()),
            (403, 0),
            "{header:?}"
        );
    }
    let without = visitor.post(&login, &fields[1..]);
    assert_eq!((without.status, without.set_cookies().len()), (403, 0));
    assert_eq!(visitor.post(&login, &fields).status, 303);
}

#[test]
fn nobody_is_logged_out_by_another_site_or_by_a_link() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    let good = mia.get(PAGE).ticket("logout").unwrap();
    let logout = format!("{PAGE}?action=logout");
    assert_eq!(
        mia.post_with(
            &logout,
            &[("ticket", &good)],
            &[("origin", "http://evil.example")]
        )
        .status,
        403
    );
    assert_eq!(mia.post(&logout, &[]).status, 403);
    assert_eq!(mia.get(&logout).status, 200, "a link only asks");
    assert_eq!(mia.get(PAGE).user().as_deref(), Some("Mia"));
    assert_eq!(mia.post(&logout, &[("ticket", &good)]).status, 303);
    assert_eq!(mia.get(PAGE).user(), None);
}

#[test]
fn an_account_is_not_made_by_another_site() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let good = ticket(&mut visitor, "newaccount");
    let url = format!("{PAGE}?action=newaccount");
    let fields = [
        ("ticket", good.as_str()),
        ("name", "Kim"),
        ("password1", PASSWORD),
        ("password2", PASSWORD),
    ];
    assert_eq!(
        visitor
            .post_with(&url, &fields, &[("sec-fetch-site", "cross-site")])
            .status,
        403
    );
    assert_eq!(visitor.post(&url, &fields[1..]).status, 403);
    assert_eq!(
        visitor.log_in(PAGE, "Kim", PASSWORD).user(),
        None,
        "there is no Kim"
    );
}

#[test]
fn a_guests_ticket_verifies_without_any_cookie() {
    let farm = Farm::start(&format!("{SINGLE}acl_rights_default = \"All:read,write\"\n"));
    let mut guest = farm.visitor();
    let form = guest.get(&format!("{PAGE}?action=edit"));
    assert!(form.set_cookies().is_empty());
    assert_eq!(
        send_edit(&mut guest, &form.ticket("edit").unwrap(), &[]).status,
        303
    );
    assert_eq!(send_edit(&mut guest, "", &[]).status, 403);
}

#[test]
fn a_guests_ticket_is_not_a_users() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let as_guest = ticket(&mut visitor, "login");
    visitor.log_in(PAGE, "Mia", PASSWORD);
    let fields = [
        ("ticket", as_guest.as_str()),
        ("name", "Tom"),
        ("password", PASSWORD),
    ];
    assert_eq!(visitor.post(&format!("{PAGE}?action=login"), &fields).status, 403);
    assert_eq!(visitor.get(PAGE).user().as_deref(), Some("Mia"));
}

#[test]
fn reading_an_address_changes_nothing_whatever_its_query_says() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    mia.edit(PAGE, "words");
    let good = ticket(&mut mia, "delete");
    for query in [
        format!("action=delete&ticket={good}&comment=x"),
        "action=edit&savetext=x&button_save=1&rev=1".to_owned(),
        format!("action=rename&newname=Elsewhere&ticket={good}"),
        "action=suid&name=Tom".to_owned(),
        format!("action=newaccount&name=Kim&password1={PASSWORD}&password2={PASSWORD}").replace(' ', "+"),
    ] {
        mia.get(&format!("{PAGE}?{query}"));
    }
    let seen = mia.get(PAGE);
    assert_eq!(
        (seen.status, seen.content().as_str(), seen.user().as_deref()),
        (200, "words", Some("Mia"))
    );
    assert_eq!(farm.visitor().log_in(PAGE, "Kim", PASSWORD).user(), None);
}

#[test]
fn refused_requests_are_in_the_log_without_their_tickets() {
    let farm = farm();
    let mut mia = logged_in(&farm, "Mia");
    let good = ticket(&mut mia, "edit");
    send_edit(&mut mia, &good, &[("origin", "http://evil.example")]);
    mia.post(&format!("{PAGE}?action=logout"), &[("ticket", &good)]);
    assert_eq!(farm.log().matches("ticket_refused").count(), 2, "{}", farm.log());
    assert!(!farm.log().contains(&good));
}
