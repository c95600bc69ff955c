//! Claims about the rules of single texts.

use super::*;

#[track_caller]
fn accepts(rule: Rule, texts: &[&str]) {
    for text in texts {
        assert_eq!(rule(text), Ok(()), "{text:?}");
    }
}

#[track_caller]
fn refuses(rule: Rule, texts: &[&str]) {
    for text in texts {
        let complaint = rule(text).expect_err(text);
        assert!(
            !complaint.message.is_empty() && !complaint.message.ends_with('.'),
            "{complaint:?}"
        );
    }
}

#[test]
fn no_complaint_brings_a_full_stop_of_its_own() {
    for complaint in [page_name(""), user_name(""), wiki_id(""), address("")] {
        let message = complaint.unwrap_err().message;
        assert!(!message.ends_with('.'), "{message}");
    }
}

#[test]
fn a_wiki_id_is_short_lower_case_and_begins_with_no_hyphen() {
    accepts(wiki_id, &["a", "wiki1", "9lives", "a-b-", &"x".repeat(32)]);
    refuses(
        wiki_id,
        &["", "-a", "A", "a_b", "a.b", "é", "a/b", "..", &"x".repeat(33)],
    );
}

#[test]
fn a_language_is_a_tag() {
    accepts(language, &["en", "de", "pt-BR", "zh-Hans-CN", "gsw", "pt_BR"]);
    refuses(language, &["", "e", "english", "e1", "en-", "en--x", "en us"]);
}

#[test]
fn a_time_zone_has_a_name_that_the_database_knows() {
    accepts(time_zone, &["UTC", "Europe/Berlin", "America/New_York"]);
    refuses(time_zone, &["", "Europe/Atlantis", "+02:00", "../../etc/passwd"]);
}

#[test]
fn an_image_is_something_a_browser_loads_without_running_it() {
    accepts(
        image,
        &[
            "/_static/logo.svg",
            "logo.png",
            "https://example.org/l.png",
            "HTTP://x/y",
            "a/b:c.png",
        ],
    );
    refuses(
        image,
        &[
            "",
            " ",
            "javascript:alert(1)",
            "data:image/png;base64,AAAA",
            "a\nb",
        ],
    );
}

#[test]
fn a_listener_is_an_ip_address_with_a_port() {
    accepts(socket_address, &["127.0.0.1:8080", "[::1]:80", "0.0.0.0:0"]);
    refuses(
        socket_address,
        &["", "8080", "127.0.0.1", "example.org:80", "127.0.0.1:99999"],
    );
}

#[test]
fn a_listener_that_is_nearly_right_is_told_how_to_write_it() {
    for (wrong, right) in [
        ("*:8080", "0.0.0.0:8080"),
        (":8080", "0.0.0.0:8080"),
        ("localhost:8000", "127.0.0.1:8000"),
        ("127.0.0.1", "127.0.0.1:8080"),
    ] {
        assert_eq!(
            socket_address(wrong).unwrap_err().remedy,
            format!("Write \"{right}\".")
        );
    }
    assert_eq!(socket_address("example.org:80").unwrap_err().remedy, "");
}

#[test]
fn nothing_turns_the_admin_listener_off() {
    accepts(admin_address, &["", "127.0.0.1:8079"]);
    refuses(admin_address, &["off"]);
}

#[test]
fn a_trusted_proxy_is_an_address_or_a_network() {
    accepts(network, &["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"]);
    refuses(
        network,
        &["", "proxy.example.org", "10.0.0.0/33", "127.0.0.1:80", "*"],
    );
}

#[test]
fn a_cookie_name_is_a_token_of_at_most_64_characters() {
    accepts(cookie_name, &["siteidmagic", "my.farm", &"x".repeat(64)]);
    refuses(cookie_name, &["", "a b", "a;b", "é", &"x".repeat(65)]);
    assert_eq!(cookie_name("a b").unwrap_err().code, "L-06");
}

#[test]
fn a_cookie_domain_is_a_bare_host_name() {
    accepts(
        cookie_domain,
        &[".example.org", "example.org", "bücher.example", "localhost"],
    );
    refuses(
        cookie_domain,
        &[
            "",
            ".",
            "..example.org",
            "*.example.org",
            "example.org:80",
            "example.org/",
            "a b",
            "https://x.y",
        ],
    );
}

#[test]
fn a_cookie_path_can_stand_in_a_header() {
    accepts(cookie_path, &["/", "/wiki", "/a%20b/"]);
    let longest = format!("/{}", "a".repeat(1023));
    accepts(cookie_path, &[&longest]);
    refuses(cookie_path, &[&format!("{longest}a")]);
    refuses(cookie_path, &["", "wiki", "/a;b", "/a b", "/é", "/a\r\nX: y"]);
}

#[test]
fn what_the_session_keeps_itself_never_survives() {
    accepts(session_key, &["language", "users", "theme.dark"]);
    refuses(session_key, &["", "user.id", "user", "setuid", "trail", "csrf"]);
    assert_eq!(session_key("user.id").unwrap_err().code, "L-41");
}

#[test]
fn identifiers_words_and_names_have_no_room_for_tricks() {
    accepts(identifier, &["grange-session", "a.b_c"]);
    refuses(identifier, &["", "a b", "é", "a/b", &"x".repeat(65)]);
    accepts(word, &["MyWiki", "Вики", "a-b_c"]);
    refuses(word, &["", "a b", "a:b"]);
    accepts(user_name, &["JoeDoe", "Joe Doe", "Jürgen"]);
    refuses(user_name, &["", " Joe", "Joe\n"]);
    accepts(filled, &["Our team: the wiki"]);
    refuses(filled, &["", "  ", "a\nb"]);
}
