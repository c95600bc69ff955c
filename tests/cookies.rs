//! The exact Set-Cookie lines of logins: every key that shapes them, on http and on https.
//!
//! One farm carries a wiki for each setting, all with one list of accounts, so that a line of the table is
//! a claim. How long sessions live on the server is arithmetic, and tested where it is done.

use crate::harness::{Answer, Farm, PASSWORD, Visitor};

const HEAD: &str = "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\ntrusted_proxies = [\"127.0.0.1\"]\n\n\
                    [defaults]\nuser_dir = \"wikis/_users\"\n\n";

/// A farm where each wiki `w0`, `w1`, … at `/w0`, `/w1`, … has one of these settings, and Mia everywhere.
fn farm_of<'a>(settings: impl IntoIterator<Item = &'a str>) -> Farm {
    let tables = settings.into_iter().enumerate();
    let tables = tables.map(|(n, keys)| format!("[wiki.w{n}]\nat = [\"*/w{n}\"]\n{keys}\n\n"));
    let farm = Farm::start(&format!("{HEAD}{}", tables.collect::<String>()));
    farm.add_user("w0", "Mia", PASSWORD);
    farm
}

fn log_in(visitor: &mut Visitor, page: &str, remember: bool) -> Answer {
    let fields = [("name", "Mia"), ("password", PASSWORD), ("remember_me", "1")];
    visitor.fill_in(page, "login", &fields[..if remember { 3 } else { 2 }])
}

/// One claim a line: keys (`&` between two), scheme and whether *remember me* was ticked, the Set-Cookie line
/// with `@` for the name, the id and the path.
fn assert_lines(table: &str) {
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.contains('|'))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let settings: Vec<String> = rows.iter().map(|row| row[0].replace(" & ", "\n")).collect();
    let farm = farm_of(settings.iter().map(String::as_str));
    for (n, row) in rows.iter().enumerate() {
        let (scheme, remember) = row[1].split_once(' ').unwrap_or((row[1], ""));
        let page = format!("{scheme}://wiki.example.org/w{n}/Page");
        let answer = log_in(&mut farm.visitor(), &page, remember == "remember");
        assert_eq!(answer.status, 303, "{row:?}");
        let expected = row[2].replace('@', &format!("GRANGE_SESSION_ROOT_w{n}=ID; Path=/"));
        assert_eq!(answer.cookie_line(), Some(expected), "{row:?}");
    }
}

#[test]
fn lifetimes_become_whole_seconds_of_max_age() {
    assert_lines(
        "
                                     | http          | @; Max-Age=43200; HttpOnly; SameSite=Lax
                                     | http remember | @; Max-Age=34560000; HttpOnly; SameSite=Lax
        cookie_lifetime = [0, 0.5]   | http          | @; Max-Age=1800; HttpOnly; SameSite=Lax
        cookie_lifetime = [0, 0.29]  | http          | @; Max-Age=1044; HttpOnly; SameSite=Lax
        cookie_lifetime = [1, 0.0019]| http          | @; Max-Age=6; HttpOnly; SameSite=Lax
        cookie_lifetime = [0, -3]    | http          | @; Max-Age=10800; HttpOnly; SameSite=Lax
        cookie_lifetime = [0, -3]    | http remember | @; Max-Age=10800; HttpOnly; SameSite=Lax
        cookie_lifetime = [0, -9600] | http          | @; Max-Age=34560000; HttpOnly; SameSite=Lax
        ",
    );
}

#[test]
fn one_number_means_what_it_meant_to_moinmoin() {
    assert_lines(
        "
        cookie_lifetime = 12  | http          | @; Max-Age=43200; HttpOnly; SameSite=Lax
        cookie_lifetime = 12  | http remember | @; Max-Age=34560000; HttpOnly; SameSite=Lax
        cookie_lifetime = -12 | http          | @; Max-Age=43200; HttpOnly; SameSite=Lax
        cookie_lifetime = -12 | http remember | @; Max-Age=43200; HttpOnly; SameSite=Lax
        cookie_lifetime = 0   | http          | @; Max-Age=34560000; HttpOnly; SameSite=Lax
        cookie_lifetime = 0   | http remember | @; Max-Age=34560000; HttpOnly; SameSite=Lax
        ",
    );
}

#[test]
fn secure_and_its_prefix_follow_the_scheme_and_the_setting() {
    assert_lines(
        "
                              | https | __Host-@; Max-Age=43200; Secure; HttpOnly; SameSite=Lax
                              | http  | @; Max-Age=43200; HttpOnly; SameSite=Lax
        cookie_secure = true  | https | __Host-@; Max-Age=43200; Secure; HttpOnly; SameSite=Lax
        cookie_secure = true  | http  | __Host-@; Max-Age=43200; Secure; HttpOnly; SameSite=Lax
        cookie_secure = false | https | @; Max-Age=43200; HttpOnly; SameSite=Lax
        cookie_secure = false | http  | @; Max-Age=43200; HttpOnly; SameSite=Lax
        ",
    );
}

#[test]
fn domain_and_path_take_the_host_prefix_away() {
    let farm = farm_of([
        "cookie_domain = \".example.org\"",
        "cookie_path = \"/w1\"",
        "cookie_domain = \"example.org\"",
    ]);
    let line = |n: usize, scheme: &str| {
        log_in(
            &mut farm.visitor(),
            &format!("{scheme}://wiki.example.org/w{n}/Page"),
            false,
        )
        .cookie_line()
        .unwrap()
    };
    let tail = "Max-Age=43200; HttpOnly; SameSite=Lax";
    let secure = "Max-Age=43200; Secure; HttpOnly; SameSite=Lax";
    assert_eq!(
        line(0, "http"),
        format!("GRANGE_SESSION_ROOT_w0=ID; Domain=.example.org; Path=/; {tail}")
    );
    assert_eq!(
        line(0, "https"),
        format!("__Secure-GRANGE_SESSION_ROOT_w0=ID; Domain=.example.org; Path=/; {secure}")
    );
    assert_eq!(
        line(1, "http"),
        format!("GRANGE_SESSION_ROOT_w1=ID; Path=/w1; {tail}")
    );
    assert_eq!(
        line(1, "https"),
        format!("__Secure-GRANGE_SESSION_ROOT_w1=ID; Path=/w1; {secure}")
    );
    assert_eq!(
        line(2, "http"),
        format!("GRANGE_SESSION_ROOT_w2=ID; Domain=example.org; Path=/; {tail}")
    );
}

#[test]
fn same_site_httponly_and_session_cookies_follow_the_setting() {
    assert_lines(
        r#"
        same_site = "lax"        | https | __Host-@; Max-Age=43200; Secure; HttpOnly; SameSite=Lax
        same_site = "strict"     | https | __Host-@; Max-Age=43200; Secure; HttpOnly; SameSite=Strict
        same_site = "none" & cookie_secure = true | https | __Host-@; Max-Age=43200; Secure; HttpOnly; SameSite=None
        same_site = "off"        | https | __Host-@; Max-Age=43200; Secure; HttpOnly
        cookie_httponly = false  | http  | @; Max-Age=43200; SameSite=Lax
        use_session_cookie = true | http          | @; HttpOnly; SameSite=Lax
        use_session_cookie = true | http remember | @; HttpOnly; SameSite=Lax
        "#,
    );
}

#[test]
fn a_session_cookie_goes_when_the_browser_closes_and_another_stays() {
    let farm = farm_of(["use_session_cookie = true", ""]);
    for (page, stays) in [
        ("http://h.example/w0/Page", false),
        ("http://h.example/w1/Page", true),
    ] {
        let mut visitor = farm.visitor();
        assert_eq!(
            visitor.log_in(page, "Mia", PASSWORD).user().as_deref(),
            Some("Mia")
        );
        visitor.jar.close_browser();
        assert_eq!(visitor.get(page).user().is_some(), stays, "{page}");
    }
}

#[test]
fn remember_me_is_offered_only_where_it_counts() {
    let farm = farm_of([
        "",
        "cookie_lifetime = [0, -3]",
        "cookie_lifetime = -12",
        "cookie_lifetime = 0",
        "cookie_lifetime = 8",
    ]);
    for (n, offered) in [true, false, false, false, true].into_iter().enumerate() {
        let form = farm
            .visitor()
            .get(&format!("http://h.example/w{n}/Page?action=login"));
        assert_eq!(form.has("input[name=remember_me]"), offered, "w{n}");
    }
}

/// A farm whose only wiki let people log in, and does not any more.
fn closed_farm(prepare: impl FnOnce(&Farm)) -> Farm {
    let config = |keys: &str| format!("{HEAD}[wiki.main]\nat = [\"*\"]\n{keys}\n");
    let mut farm = Farm::start(&config("cookie_lifetime = [0, 12]"));
    farm.add_user("main", "Mia", PASSWORD);
    prepare(&farm);
    farm.write_config(&config("cookie_lifetime = [0, 0]"));
    farm.restart();
    farm
}

#[test]
fn where_logging_in_is_disabled_the_page_says_so_and_a_good_form_gives_nothing() {
    let page = "http://h.example/Page?action=login";
    let mut ticket = None;
    let farm = closed_farm(|farm| ticket = farm.visitor().get(page).ticket("login"));
    let shown = farm.visitor().get(page);
    assert_eq!((shown.status, shown.set_cookies().len()), (200, 0));
    assert!(
        shown.content().contains("Logging in is disabled on this wiki."),
        "{}",
        shown.content()
    );
    let fields = [
        ("ticket", ticket.as_deref().unwrap()),
        ("name", "Mia"),
        ("password", PASSWORD),
    ];
    let sent = farm.visitor().post(page, &fields);
    assert_eq!((sent.status, sent.cookie_line(), sent.user()), (200, None, None));
    assert!(
        sent.content().contains("Logging in is disabled on this wiki."),
        "{}",
        sent.content()
    );
    assert!(
        !farm.path().join("wikis/main/sessions/sessions.db").exists(),
        "no session either"
    );
}

#[test]
fn where_logging_in_is_disabled_a_new_account_is_no_way_around() {
    let page = "http://h.example/Page?action=newaccount";
    let mut ticket = None;
    let farm = closed_farm(|farm| ticket = farm.visitor().get(page).ticket("newaccount"));
    assert!(
        !farm.visitor().get(page).has("input[name=password1]"),
        "the form is not offered"
    );
    let fields = [
        ("ticket", ticket.as_deref().unwrap()),
        ("name", "Tom"),
        ("password1", PASSWORD),
        ("password2", PASSWORD),
    ];
    let sent = farm.visitor().post(page, &fields);
    assert_eq!((sent.status, sent.cookie_line()), (403, None));
    assert!(
        !farm
            .grange(&["user", "list", "--wiki", "main"])
            .out
            .contains("Tom")
    );
}

#[test]
fn where_logging_in_is_disabled_earlier_logins_rest() {
    let page = "http://h.example/Page";
    let mut mia = None;
    let farm = closed_farm(|farm| {
        let mut visitor = farm.visitor();
        visitor.log_in(page, "Mia", PASSWORD);
        mia = Some(visitor);
    });
    let seen = mia.unwrap().at(farm.address(0)).get(page);
    assert_eq!((seen.user(), seen.set_cookies().len()), (None, 0));
}

#[test]
fn a_logout_takes_back_the_cookie_with_the_attributes_it_came_with() {
    let farm = farm_of(["cookie_domain = \".example.org\"\ncookie_path = \"/w0\""]);
    let page = "https://wiki.example.org/w0/Page";
    let mut visitor = farm.visitor();
    log_in(&mut visitor, page, false);
    let ticket = visitor.get(page).ticket("logout").unwrap();
    let out = visitor.post(&format!("{page}?action=logout"), &[("ticket", &ticket)]);
    let line = out.cookie_line().unwrap();
    let expected = "__Secure-GRANGE_SESSION_ROOT_w0=; Domain=.example.org; Path=/w0; Max-Age=0; \
                    Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax";
    assert_eq!(line, expected);
    assert!(visitor.jar.cookies().is_empty(), "a browser forgets it");
}

#[test]
fn an_answer_that_sets_a_cookie_is_kept_by_no_cache() {
    let farm = farm_of(["", "cookie_lifetime = [1, 12]"]);
    let login = log_in(&mut farm.visitor(), "http://h.example/w0/Page", false);
    assert_eq!(login.header("cache-control"), Some("private, no-store"));
    farm.put_page("w1", "Page", "text");
    let first = farm
        .visitor()
        .get_with("http://h.example/w1/Page", &[("if-none-match", "*")]);
    assert_eq!(
        (first.status, first.header("cache-control")),
        (200, Some("private, no-store"))
    );
    assert!(first.cookie_line().is_some());
}

#[test]
fn forwarded_headers_of_strangers_make_no_cookie_secure() {
    let farm = Farm::start("[wiki.main]\nat = [\"*\"]\n");
    farm.add_user("main", "Mia", PASSWORD);
    let login = log_in(&mut farm.visitor(), "https://h.example/Page", false);
    assert_eq!(
        login.cookie_line().unwrap(),
        "GRANGE_SESSION_ROOT=ID; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"
    );
}

#[test]
fn ordinary_pages_of_a_fresh_login_carry_no_cookie() {
    let farm = farm_of([""]);
    farm.put_page("w0", "Page", "text");
    let mut visitor = farm.visitor();
    log_in(&mut visitor, "http://h.example/w0/Page", false);
    for path in [
        "Page",
        "Page?action=edit",
        "Missing",
        "Page?action=info",
        "Page?action=raw",
    ] {
        let shown = visitor.get(&format!("http://h.example/w0/{path}"));
        assert_eq!(shown.cookie_line(), None, "{path}");
    }
}
