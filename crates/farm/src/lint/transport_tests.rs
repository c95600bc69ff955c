//! Claims about cookies and addresses on their way.

use crate::lint::testing::{clean, count, finds, problems};
use crate::problem::Severity;

const PROXY: &str = "[farm]\ntrusted_proxies = [\"127.0.0.1\"]\n";

fn wiki(at: &str, lines: &str) -> String {
    format!("{PROXY}[wiki.a]\nat = [\"{at}\"]\n{lines}\n")
}

#[test]
fn https_with_a_cookie_that_is_not_secure_is_an_error() {
    let text = wiki("https://a.example.org", "cookie_secure = false");
    assert_eq!(finds("L-18", &text).severity, Severity::Error);
    clean(&wiki("https://a.example.org", ""));
    clean(&wiki("https://a.example.org", "cookie_secure = true"));
    clean(&wiki("a.example.org", "cookie_secure = false"));
}

#[test]
fn http_is_a_warning_only_where_it_is_written_and_leaves_this_machine() {
    for at in [
        "http://a.example.org",
        "http://*.example.org",
        "http://*",
        "http://192.168.0.1:8080",
    ] {
        assert_eq!(finds("L-18", &wiki(at, "")).severity, Severity::Warning, "{at}");
    }
    for at in [
        "a.example.org",
        "http://localhost:8080",
        "http://127.0.0.1",
        "http://127.1.2.3",
        "http://[::1]:80",
        "http://*.localhost",
        "http://wiki.localhost/x",
    ] {
        clean(&wiki(at, ""));
    }
}

#[test]
fn same_site_none_needs_secure() {
    let text = wiki("a.example.org", "same_site = \"none\"");
    assert_eq!(finds("L-19", &text).severity, Severity::Error);
    finds(
        "L-19",
        &wiki("a.example.org", "same_site = \"none\"\ncookie_secure = false"),
    );
    clean(&wiki(
        "a.example.org",
        "same_site = \"none\"\ncookie_secure = true",
    ));
    clean(&wiki("https://a.example.org", "same_site = \"none\""));
}

#[test]
fn same_site_left_out_is_a_warning() {
    assert_eq!(
        finds("L-19", &wiki("a.example.org", "same_site = \"off\"")).severity,
        Severity::Warning
    );
    clean(&wiki("a.example.org", "same_site = \"strict\""));
}

#[test]
fn a_cookie_that_scripts_can_read_is_a_warning() {
    assert_eq!(
        finds("L-21", &wiki("a.example.org", "cookie_httponly = false")).severity,
        Severity::Warning
    );
    clean(&wiki("a.example.org", "cookie_httponly = true"));
}

#[test]
fn https_without_a_trusted_proxy_is_one_warning_for_the_farm() {
    let text = "[wiki.a]\nat = [\"https://a.example.org\"]\n[wiki.b]\nat = [\"https://b.example.org\"]\n";
    assert_eq!(finds("L-22", text).severity, Severity::Warning);
    clean(&format!("{PROXY}{text}"));
    clean(&text.replace("https://", ""));
}

#[test]
fn refused_proxies_are_not_missing_ones() {
    let text = "[farm]\ntrusted_proxies = [\"proxy\"]\n[wiki.a]\nat = [\"https://a.example.org\"]\n";
    assert_eq!(count("L-22", text), 0);
    assert_eq!(problems(text).len(), 1);
}

#[test]
fn to_trust_everybody_is_an_error() {
    for network in ["0.0.0.0/0", "::/0"] {
        let text = format!("[farm]\ntrusted_proxies = [\"10.0.0.0/8\", \"{network}\"]\n");
        assert_eq!(finds("L-23", &text).severity, Severity::Error);
    }
    clean("[farm]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n");
}
