//! Claims about who shares what, in words and in the drawing.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::{Login, Sharing, SvgFor, ToldApart};
use crate::check::load_text;
use crate::environment::NoEnvironment;
use crate::lint::testing::check_with;

/// What a farm shares that has no errors.
fn sharing(text: &str) -> Sharing {
    let loaded = load_text(Path::new("/farm/farmconfig.toml"), text, &NoEnvironment);
    let farm = loaded.config.unwrap_or_else(|| panic!("{:#?}", loaded.problems));
    Sharing::of(&farm)
}

/// `id cookie sessions users pages` of each wiki.
fn table(sharing: &Sharing) -> Vec<String> {
    let row = |wiki: &super::SharingWiki| {
        let labels = [&wiki.cookie, &wiki.sessions, &wiki.users, &wiki.pages];
        let labels = labels.map(|label| label.as_deref().unwrap_or("-").to_owned());
        format!("{} {}", wiki.id, labels.join(" "))
    };
    sharing.wikis.iter().map(row).collect()
}

const VILLAGE: &str = "[group.g]\ncookie_name = \"g\"\nsession_dir = \"s\"\nuser_dir = \"u\"\n";

#[test]
fn wikis_of_a_group_on_one_host_share_all_but_their_pages() {
    let sharing = sharing(&format!(
        "{VILLAGE}[wiki.mill]\nat = [\"x.org:81\"]\ngroup = \"g\"\n[wiki.apart]\nat = [\"y.org\"]\n\
         [wiki.orchard]\nat = [\"x.org/orchard\"]\ngroup = \"g\"\n"
    ));
    assert_eq!(
        table(&sharing),
        ["mill A A A -", "orchard A A A -", "apart - - - -"]
    );
    assert_eq!(sharing.circles[0].login, Login::Together);
    let domain = &sharing.trust_domains[0];
    assert_eq!(
        (domain.host.as_deref(), domain.told_apart_by),
        (Some("x.org"), ToldApart::PathAndPort)
    );
    let text = sharing.to_text();
    assert!(text.contains("A: mill, orchard. Log in on one"), "{text}");
    assert!(text.contains("one trust domain"), "{text}");
}

#[test]
fn sessions_that_no_cookie_carries_over_are_told_as_such() {
    let hosts = |domain: &str| {
        sharing(&format!(
            "{VILLAGE}{domain}[wiki.a]\nat = [\"a.x.org\"]\ngroup = \"g\"\n[wiki.b]\nat = [\"b.x.org\"]\ngroup = \"g\"\n"
        ))
    };
    let apart = hosts("");
    assert_eq!(table(&apart), ["a - A A -", "b - A A -"]);
    assert_eq!(apart.circles[0].login, Login::CookieStaysBehind);
    assert!(apart.trust_domains.is_empty());
    let together = hosts("cookie_domain = \".x.org\"\n");
    assert_eq!(table(&together), ["a A A A -", "b A A A -"]);
}

#[test]
fn a_login_that_is_handed_over_is_told_with_the_wiki_it_comes_from() {
    let farm = |login: &str| {
        sharing(&format!(
            "{VILLAGE}{login}[wiki.a]\nat = [\"https://a.org\"]\ngroup = \"g\"\n\
             [wiki.b]\nat = [\"https://b.org\"]\ngroup = \"g\"\n"
        ))
    };
    let central = farm("central_login = \"a\"\n");
    assert_eq!(table(&central), ["a - A A -", "b - A A -"]);
    assert_eq!(central.circles[0].login, Login::HandedOver);
    let sentence = "Log in on a: the login is handed over from a to the others.";
    for told in [central.to_text(), central.to_svg(SvgFor::Page)] {
        assert!(told.contains(sentence), "{told}");
        assert!(!told.contains("no cookie goes from one to another"), "{told}");
    }
    assert_eq!(farm("").circles[0].login, Login::CookieStaysBehind);
}

#[test]
fn common_accounts_join_two_circles_into_one_with_parts() {
    let groups = "[defaults]\nuser_dir = \"u\"\n[group.g]\ncookie_name = \"g\"\nsession_dir = \"g\"\n\
                  [group.h]\ncookie_name = \"h\"\nsession_dir = \"h\"\n";
    let wiki = |id: &str, group: &str| format!("[wiki.{id}]\nat = [\"x.org/{id}\"]\ngroup = \"{group}\"\n");
    let wikis = [wiki("a", "g"), wiki("b", "h"), wiki("c", "g"), wiki("d", "h")].concat();
    let sharing = sharing(&format!("{groups}{wikis}"));
    assert_eq!(
        table(&sharing),
        ["a A1 A1 A -", "b A2 A2 A -", "c A1 A1 A -", "d A2 A2 A -"]
    );
    assert_eq!(sharing.circles[0].login, Login::InParts);
}

#[test]
fn accounts_alone_mean_a_login_on_each() {
    let sharing =
        sharing("[defaults]\nuser_dir = \"u\"\n[wiki.a]\nat = [\"a.org\"]\n[wiki.b]\nat = [\"b.org\"]\n");
    assert_eq!(table(&sharing), ["a - - A -", "b - - A -"]);
    assert_eq!(sharing.circles[0].login, Login::OnEach);
}

#[test]
fn separate_wikis_on_one_host_are_one_trust_domain_all_the_same() {
    let sharing = sharing("[wiki.a]\nat = [\"x.org/a\"]\n[wiki.b]\nat = [\"x.org/b\"]\n");
    assert!(sharing.circles.is_empty());
    assert_eq!(sharing.trust_domains[0].told_apart_by, ToldApart::Path);
    assert_eq!(sharing.trust_domains[0].wikis, [Arc::from("a"), Arc::from("b")]);
}

/// Groups of ten that share, and as many wikis alone.
fn crowd(groups: usize) -> Sharing {
    let mut text = String::new();
    for group in 0..groups {
        text += &format!(
            "[group.g{group}]\ncookie_name = \"g{group}\"\nsession_dir = \"s{group}\"\nuser_dir = \"u{group}\"\n"
        );
        for wiki in 0..10 {
            text +=
                &format!("[wiki.w{group}-{wiki}]\nat = [\"g{group}.org/w{wiki}\"]\ngroup = \"g{group}\"\n");
            text += &format!("[wiki.x{group}-{wiki}]\nat = [\"x{group}-{wiki}.org\"]\n");
        }
    }
    sharing(&text)
}

#[test]
fn three_hundred_wikis_are_a_handful_of_lines() {
    let sharing = crowd(15);
    assert_eq!((sharing.wikis.len(), sharing.circles.len()), (300, 15));
    let text = sharing.to_text();
    assert!(text.lines().count() < 60, "{text}");
    assert!(text.contains("w0-0, w0-1, w0-2, w0-3 and 6 more"), "{text}");
    assert!(
        text.contains("x0-0, x0-1, x0-2, x0-3 and 146 more    own"),
        "{text}"
    );
    assert!(sharing.to_svg(SvgFor::File).len() < 40_000);
}

#[test]
fn more_circles_than_anybody_reads_are_counted() {
    let text = crowd(250).to_text();
    assert!(text.contains("and 51 rows more; --json has them all"), "{text}");
    assert!(text.contains("and 210 circles more"), "{text}");
    assert!(text.contains("and 210 hosts more"), "{text}");
}

#[test]
fn the_drawing_is_static_and_says_in_words_what_it_shows() {
    let sharing = crowd(1);
    for purpose in [SvgFor::Page, SvgFor::File] {
        let svg = sharing.to_svg(purpose);
        for part in [
            "role=\"img\"",
            "<title id=\"sharing-title\">",
            "Log in on one",
            ">A</text>",
        ] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
        for active in ["<script", " onload", "style=", "href", "url("] {
            assert!(!svg.contains(active), "{active}: {svg}");
        }
        assert_eq!(svg.contains("prefers-color-scheme:dark"), purpose == SvgFor::File);
    }
}

#[test]
fn equal_neighbours_are_one_bar() {
    let svg = sharing(&format!(
        "{VILLAGE}[wiki.a]\nat = [\"x.org/a\"]\ngroup = \"g\"\n[wiki.b]\nat = [\"x.org/b\"]\ngroup = \"g\"\n\
         [wiki.c]\nat = [\"y.org\"]\n"
    ))
    .to_svg(SvgFor::Page);
    // Cookie, sessions and users of two; the pages of two and all four things of the third are their own.
    assert_eq!(
        (svg.matches("<rect").count(), svg.matches("<circle").count()),
        (3, 6)
    );
}

#[test]
fn nothing_from_the_environment_is_shown() {
    let environment = HashMap::from([("WHERE".to_owned(), "hidden.example:8123/deep".to_owned())]);
    let text = "[wiki.a]\nat = [\"${WHERE}/a\"]\n[wiki.b]\nat = [\"${WHERE}/b\"]\n";
    let loaded = check_with(text, &environment);
    let sharing = Sharing::of(&loaded.config.unwrap());
    let shown = format!("{sharing:?}{}{}", sharing.to_text(), sharing.to_svg(SvgFor::File));
    assert!(
        shown.contains("${WHERE}/a") && !shown.contains("hidden") && !shown.contains("8123"),
        "{shown}"
    );
}

#[test]
fn a_farm_without_wikis_shares_nothing() {
    let sharing = sharing("[farm]\n");
    assert_eq!(sharing.to_text(), "No wiki, so nothing is shared.\n");
    assert!(sharing.to_svg(SvgFor::Page).ends_with("</svg>\n"));
}
