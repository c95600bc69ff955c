//! Central login: one login for wikis whose hosts share no domain, handed over with a code that is good once.
//!
//! Browsers send no Lax or Strict cookie with a POST from another site, so [`hop`] brings an empty jar; what a real
//! browser does with all of this is the last claim's. The hosts speak https, as `grange check` wants it. Codes in the
//! wrong hands are in central_login/attacks.rs, and what happens at once is in central_login/races.rs.

mod attacks;
mod races;

use crate::harness::chromium::{Screen, in_browser};
use crate::harness::visitor::absolute;
use crate::harness::{Answer, Farm, PASSWORD, Visitor};

const THERE: &str = "https://wiki.example.org/";
const HERE: &str = "https://notes.example.net/";
const ALSO: &str = "https://blog.example.com/";

fn config(further: &str) -> String {
    format!(
        "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\ntrusted_proxies = [\"127.0.0.1\"]\n\n\
         [group.g]\ncookie_name = \"g\"\nsession_dir = \"wikis/_g/sessions\"\nuser_dir = \"wikis/_g/users\"\n\
         central_login = \"wiki\"\ncookie_lifetime = [1, 12]\n\n\
         [wiki.wiki]\nat = [\"https://wiki.example.org\"]\ngroup = \"g\"\nsitename = \"Wiki\"\n\n\
         [wiki.notes]\nat = [\"https://notes.example.net\"]\ngroup = \"g\"\nsitename = \"Notes\"\n\n\
         [wiki.blog]\nat = [\"https://blog.example.com\", \"https://blog.example.info\"]\ngroup = \"g\"\nsitename = \"Blog\"\n{further}"
    )
}

fn farm() -> Farm {
    let farm = Farm::start(&config(""));
    farm.add_user("wiki", "Mia", PASSWORD);
    farm
}

/// A form as it stands on a page: where it goes, and its hidden fields.
#[derive(Debug, Clone)]
struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

impl Form {
    fn on(page: &Answer, url: &str) -> Form {
        let action = page.attributes("form.card", "action").pop();
        let action = action.unwrap_or_else(|| panic!("no form at {url}: {}", page.text()));
        let names = page.attributes("form.card input[type=hidden]", "name");
        let values = page.attributes("form.card input[type=hidden]", "value");
        Form {
            action: absolute(url, &action),
            fields: names.into_iter().zip(values).collect(),
        }
    }

    fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value)
    }

    fn send(&self, visitor: &mut Visitor, further: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut fields: Vec<(&str, &str)> = self
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        fields.extend_from_slice(further);
        visitor.post_with(&self.action, &fields, headers)
    }
}

fn origin(url: &str) -> &str {
    url.trim_end_matches('/')
}

fn host(url: &str) -> &str {
    origin(url).trim_start_matches("https://")
}

/// Begins at a page here and stops at the form that there shows: for the password, or for going on.
fn set_out(visitor: &mut Visitor, page: &str) -> (String, Answer) {
    let sent = visitor.get(&format!("{page}?action=login"));
    assert_eq!(sent.status, 303, "{}", sent.text());
    let there = sent.header("location").unwrap().to_owned();
    let shown = visitor.get(&there);
    (there, shown)
}

/// Proves who one is there, by password or by being logged in; the form with the code.
fn prove(visitor: &mut Visitor, name: &str, (url, shown): (String, Answer)) -> Form {
    let form = Form::on(&shown, &url);
    let answer = match shown.has("#password") {
        true => form.send(visitor, &[("name", name), ("password", PASSWORD)], &[]),
        false => form.send(visitor, &[], &[]),
    };
    assert_eq!(answer.status, 200, "{}", answer.text());
    Form::on(&answer, &url)
}

/// Sends a form from one site to another: the browser says from where, and brings no cookie.
fn hop(visitor: &mut Visitor, form: &Form, from: &str) -> Answer {
    let mut bare = visitor.clone();
    bare.jar.clear();
    let answer = form.send(
        &mut bare,
        &[],
        &[("origin", origin(from)), ("sec-fetch-site", "cross-site")],
    );
    assert!(answer.set_cookies().is_empty(), "a foreign POST changes nothing");
    answer
}

/// Both POSTs with a code; the answer to the second.
fn bring(visitor: &mut Visitor, form: &Form) -> Answer {
    let arrived = hop(visitor, form, THERE);
    assert_eq!(arrived.status, 200, "{}", arrived.text());
    let second = Form::on(&arrived, &form.action);
    second.send(visitor, &[], &[("sec-fetch-site", "same-origin")])
}

/// The whole way; the page here at its end.
fn log_in_across(visitor: &mut Visitor, name: &str, page: &str) -> Answer {
    let set_out = set_out(visitor, page);
    let form = prove(visitor, name, set_out);
    let answer = bring(visitor, &form);
    assert_eq!(answer.status, 303, "{}", answer.text());
    visitor.follow(&form.action, answer)
}

fn user(visitor: &mut Visitor, url: &str) -> Option<String> {
    visitor.get(&format!("{url}Start")).user()
}

fn mia() -> Option<String> {
    Some("Mia".to_owned())
}

#[test]
fn one_login_counts_on_hosts_that_share_no_domain() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let page = log_in_across(&mut visitor, "Mia", &format!("{HERE}Some/Page"));
    assert_eq!(
        (page.user(), page.wiki().as_deref()),
        (mia(), Some("notes")),
        "back on the page where it began"
    );
    assert_eq!(user(&mut visitor, THERE), mia());
    assert_eq!(user(&mut visitor, ALSO), None, "nothing goes where nobody asked");
    let (_, asked) = set_out(&mut visitor, &format!("{ALSO}Start"));
    assert!(!asked.has("#password"), "no second password");
    assert_eq!(
        asked.words("form.card button").as_deref(),
        Some("Go on to Blog as Mia")
    );
    log_in_across(&mut visitor, "Mia", &format!("{ALSO}Start"));
    assert_eq!(user(&mut visitor, ALSO), mia());
}

#[test]
fn each_host_has_a_cookie_of_its_own_and_the_attempts_go_away() {
    let farm = farm();
    let mut visitor = farm.visitor();
    log_in_across(&mut visitor, "Mia", &format!("{HERE}Start"));
    let cookies = visitor.jar.cookies();
    let mut kept: Vec<(&str, &str)> = cookies
        .iter()
        .map(|cookie| (cookie.domain.as_str(), cookie.name.as_str()))
        .collect();
    kept.sort_unstable();
    let name = "__Host-GRANGE_SESSION_g";
    assert_eq!(kept, [(host(HERE), name), (host(THERE), name)]);
    assert!(cookies.iter().all(|cookie| cookie.host_only && cookie.secure));
    assert_ne!(cookies[0].value, cookies[1].value);
}

#[test]
fn without_the_key_people_log_in_where_they_are() {
    let farm = Farm::start(&config("").replace("central_login = \"wiki\"\n", ""));
    farm.add_user("wiki", "Mia", PASSWORD);
    let mut visitor = farm.visitor();
    visitor.log_in(&format!("{HERE}Start"), "Mia", PASSWORD);
    assert_eq!(
        (user(&mut visitor, HERE), user(&mut visitor, THERE)),
        (mia(), None)
    );
    let refused = visitor.post(&format!("{HERE}Start?action=handover"), &[("code", "v1.a.b.c")]);
    assert_eq!(refused.status, 404);
}

#[test]
fn logging_out_anywhere_logs_out_everywhere_at_once() {
    let farm = farm();
    for out in [THERE, HERE, ALSO] {
        let mut visitor = farm.visitor();
        log_in_across(&mut visitor, "Mia", &format!("{HERE}Start"));
        log_in_across(&mut visitor, "Mia", &format!("{ALSO}Start"));
        let before = visitor.clone();
        visitor.log_out(&format!("{out}Start"));
        for url in [THERE, HERE, ALSO] {
            assert_eq!(user(&mut before.clone(), url), None, "out on {out}, {url}");
        }
    }
}

#[test]
fn a_logout_on_one_device_leaves_the_other_logged_in() {
    let farm = farm();
    let (mut laptop, mut phone) = (farm.visitor(), farm.visitor());
    log_in_across(&mut laptop, "Mia", &format!("{HERE}Start"));
    log_in_across(&mut phone, "Mia", &format!("{HERE}Start"));
    laptop.log_out(&format!("{HERE}Start"));
    assert_eq!((user(&mut phone, HERE), user(&mut phone, THERE)), (mia(), mia()));
}

#[test]
fn a_new_password_a_disabled_account_and_a_kill_end_it_on_all_hosts() {
    let farm = farm();
    let commands: [(&[&str], &str); 3] = [
        (&["session", "kill", "Mia", "--wiki", "notes"], ""),
        (
            &["user", "passwd", "Mia", "--wiki", "notes", "--password-stdin"],
            "plums and quinces\n",
        ),
        (&["user", "disable", "Mia", "--wiki", "notes"], ""),
    ];
    for (command, input) in commands {
        let mut visitor = farm.visitor();
        log_in_across(&mut visitor, "Mia", &format!("{HERE}Start"));
        let told = farm.grange_with_input(command, input);
        assert_eq!(told.status, 0, "{told:?}");
        assert_eq!(
            (user(&mut visitor, HERE), user(&mut visitor, THERE)),
            (None, None),
            "{command:?}"
        );
    }
}

#[test]
fn a_code_from_before_a_restart_is_good_after_it() {
    let mut farm = farm();
    let mut visitor = farm.visitor();
    let way = set_out(&mut visitor, &format!("{HERE}Start"));
    let form = prove(&mut visitor, "Mia", way);
    farm.restart();
    let mut visitor = visitor.at(farm.address(0));
    assert_eq!(bring(&mut visitor, &form).status, 303);
    assert_eq!(user(&mut visitor, HERE), mia());
}

#[test]
fn an_account_made_here_logs_in_there() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let made = visitor.fill_in(
        &format!("{HERE}Start"),
        "newaccount",
        &[("name", "Tom"), ("password1", PASSWORD), ("password2", PASSWORD)],
    );
    assert_eq!(made.status, 303, "a page loaded again must not make it again");
    let made = visitor.follow(&format!("{HERE}Start?action=newaccount"), made);
    assert!(made.ticket("login").is_some(), "{}", made.content());
    assert!(
        made.text().contains("Your account is made. Log in with it now."),
        "{}",
        made.content()
    );
    assert_eq!(user(&mut visitor, HERE), None);
    log_in_across(&mut visitor, "Tom", &format!("{HERE}Start"));
    assert_eq!(user(&mut visitor, THERE).as_deref(), Some("Tom"));
}

#[test]
fn a_second_address_of_a_wiki_begins_at_its_first() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let sent = visitor.get("https://blog.example.info/Start?action=login");
    assert_eq!(
        sent.header("location"),
        Some("https://blog.example.com/Start?action=login")
    );
    assert!(sent.set_cookies().is_empty());
}

#[test]
fn a_reload_turns_it_on_and_who_logged_in_before_gives_the_password_once_more() {
    let farm = Farm::start(&config("").replace("central_login = \"wiki\"\n", ""));
    farm.add_user("wiki", "Mia", PASSWORD);
    let mut visitor = farm.visitor();
    visitor.log_in(&format!("{THERE}Start"), "Mia", PASSWORD);
    farm.write_config(&config(""));
    let told = farm.grange(&["reload"]);
    assert_eq!(told.status, 0, "{told:?}");
    let (_, shown) = set_out(&mut visitor, &format!("{HERE}Start"));
    assert!(shown.has("#password"), "{}", shown.content());
    log_in_across(&mut visitor, "Mia", &format!("{HERE}Start"));
    visitor.log_out(&format!("{HERE}Start"));
    assert_eq!(user(&mut visitor, THERE), None);
}

#[test]
fn a_new_password_keeps_the_session_that_gave_it_and_ends_the_login_elsewhere() {
    let farm = farm();
    let new = "quinces and plums";
    let fields = [("old_password", PASSWORD), ("password1", new), ("password2", new)];
    let mut visitor = farm.visitor();
    log_in_across(&mut visitor, "Mia", &format!("{HERE}Start"));
    visitor.submit(&format!("{THERE}Start"), "userprefs", &fields);
    assert_eq!(user(&mut visitor, HERE), None, "void, and asked first");
    assert_eq!(user(&mut visitor, THERE), mia(), "which ends nothing there");
    log_in_across(&mut visitor, "Mia", &format!("{HERE}Start"));
    assert_eq!(user(&mut visitor, HERE), mia());
}

#[test]
fn the_recipe_does_what_it_says() {
    let recipe = include_str!("../examples/farms/domains-shared/farmconfig.toml");
    let listen = "listen          = [\"127.0.0.1:8080\"]";
    assert!(recipe.contains(listen));
    let free = "listen = [\"127.0.0.1:0\"]\nadmin_listen = \"\"";
    let farm = Farm::start(&recipe.replace(listen, free));
    farm.add_user("notes", "Mia", PASSWORD);
    let mut visitor = farm.visitor();
    let page = log_in_across(&mut visitor, "Mia", &format!("{HERE}Start"));
    assert_eq!((page.user(), user(&mut visitor, THERE)), (mia(), mia()));
    visitor.log_out(&format!("{THERE}Start"));
    assert_eq!(user(&mut visitor, HERE), None);
}

#[test]
fn in_a_real_browser_one_password_and_one_button_lead_from_site_to_site() {
    let farm = Farm::start(
        &config("")
            .replace("https://wiki.example.org", "wiki.localhost")
            .replace("https://notes.example.net", "127.0.0.1")
            .replace(
                "https://blog.example.com\", \"https://blog.example.info",
                "blog.localhost",
            ),
    );
    farm.add_user("wiki", "Mia", PASSWORD);
    for wiki in ["wiki", "notes", "blog"] {
        farm.put_page(wiki, "Start", "Here it starts.");
    }
    let port = farm.address(0).port();
    let address = |host: &str| format!("http://{host}:{port}/");
    let (there, here, also) = (
        address("wiki.localhost"),
        address("127.0.0.1"),
        address("blog.localhost"),
    );
    in_browser(Screen::Desktop, |window| async move {
        window.goto(&format!("{here}Start?action=login")).await?;
        assert!(window.current_url().await?.as_str().starts_with(&there));
        assert!(
            window
                .words(".message")
                .await?
                .contains("Log in to go on to Notes.")
        );
        window.fill("#name", "Mia").await?;
        window.fill("#password", PASSWORD).await?;
        window.press("form.card button.main").await?;
        window.arrive_at(&format!("{here}Start")).await?;
        assert_eq!(window.words(".user-name").await?, "Mia");
        // A third site: one button, no password.
        window.goto(&format!("{also}Start?action=login")).await?;
        assert_eq!(window.words("form.card button").await?, "Go on to Blog as Mia");
        window.press("form.card button.main").await?;
        window.arrive_at(&format!("{also}Start")).await?;
        assert_eq!(window.words(".user-name").await?, "Mia");
        assert_eq!(window.complaints().await?, Vec::<String>::new());
        window.follow("form[action*='action=logout'] button").await?;
        for site in [&there, &here, &also] {
            window.goto(&format!("{site}Start")).await?;
            assert!(!window.has(".user-name").await?, "{site}");
        }
        Ok(())
    });
}
