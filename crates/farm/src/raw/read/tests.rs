//! Claims about reading: one problem a mistake, and the rest still read.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::lint::testing::{check, check_with, clean, finds, problems, underlined};
use crate::problem::{Problem, Severity};
use crate::raw::keys::Scope;
use crate::render_problems;

const WIKI: &str = "[wiki.a]\nat = [\"a.example.org\"]\n";

fn with(line: &str) -> String {
    format!("{WIKI}{line}\n")
}

fn summary(problems: &[Problem]) -> Vec<(&str, usize)> {
    problems
        .iter()
        .map(|problem| (problem.code, problem.line))
        .collect()
}

#[test]
fn five_different_mistakes_are_five_problems_with_their_lines() {
    let text = "[farm]\nlisten = \"127.0.0.1:80\"\n[wiki.a]\nat = [\"a.example.org\"]\ncookie_lifetme = [0, 12]\n\
                same_site = \"laxx\"\nsitename = \"x\nfront_page = 3\nuser_dir = \"${NOWHERE}\"\n";
    let expected = [
        ("type", 2),
        ("L-38", 5),
        ("value", 6),
        ("parse", 7),
        ("type", 8),
        ("env", 9),
    ];
    assert_eq!(summary(&problems(text)), expected);
}

#[test]
fn a_mistake_is_underlined_exactly() {
    for (line, shown) in [
        ("cookie_lifetme = 3", "cookie_lifetme"),
        ("trail_size = 101", "101"),
        ("aliases = [\"b.example.org\", \"c d\"]", "\"c d\""),
        ("same_site = 'laxx'", "'laxx'"),
        ("theme = \"x\"", "theme"),
        ("default_format = \"moin\"", "\"moin\""),
    ] {
        let text = with(line);
        let found = problems(&text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(underlined(&text, &found[0]), shown);
    }
}

#[test]
fn every_wrong_type_is_told_what_the_key_takes() {
    for (line, takes) in [
        ("cookie_httponly = \"yes\"", "true or false"),
        ("sitename = 5", "a text in quotes"),
        ("aliases = \"x\"", "a list of texts"),
        ("trail_size = \"5\"", "a whole number from 0 to 100"),
        ("trail_size = 5.0", "a whole number from 0 to 100"),
        (
            "macro_memory_bytes = \"64 MiB\"",
            "from 1048576 (1 MiB) to 1099511627776 (1 TiB)",
        ),
        ("session_life_time = true", "a number of seconds above 0"),
        ("cookie_lifetime = \"12\"", "a pair of hours"),
        ("session_dir = [\"x\"]", "a path in quotes"),
        ("state = 1979-05-27", "one of \"active\""),
        ("auth = \"password\"", "a list of \"password\""),
    ] {
        let problem = finds("type", &with(line));
        assert!(problem.message.contains(takes), "{}", problem.message);
    }
}

#[test]
fn a_text_where_a_list_belongs_is_told_the_list() {
    assert!(
        finds("type", "[wiki.a]\nat = \"a.example.org\"")
            .remedy
            .contains("`at = [\"a.example.org\"]`")
    );
}

#[test]
fn every_value_out_of_range_is_refused() {
    for line in [
        "trail_size = -1",
        "max_sessions_per_user = 0",
        "max_page_bytes = 9223372036854775807",
        "session_life_time = 0",
        "session_life_time = nan",
        "session_absolute_life_time = -1.5",
        "session_absolute_life_time = inf",
        "state = \"closed\"",
        "registration = \"Open\"",
        "timezone = \"Mars\"",
        "language_default = \"english\"",
        "front_page = \"\"",
        "session_dir = \"\"",
        "session_kind = \"a b\"",
        "session_store = \"sqlight\"",
        "logo = \"javascript:alert(1)\"",
    ] {
        assert_eq!(finds("value", &with(line)).severity, Severity::Error, "{line}");
    }
}

#[test]
fn numbers_may_be_written_as_toml_allows() {
    let farm = clean(&with(
        "trail_size = 0x1F\nmax_page_bytes = 1_000_000\nsession_life_time = 1e3",
    ));
    let wiki = &farm.wikis[0];
    assert_eq!((wiki.session.trail_size, wiki.max_page_bytes), (31, 1_000_000));
    assert_eq!(wiki.session.lifetimes.idle.unwrap().as_secs(), 1000);
}

#[test]
fn what_a_later_release_brings_is_refused_and_never_ignored() {
    for line in [
        "page_store = \"postgres://u:pw@db/wiki\"",
        "attachment_store = \"s3://bucket\"",
        "user_store = \"postgresql://db\"",
        "mail_from = \"x@example.org\"",
        "mail_smarthost = \"smtp://x\"",
        "auth = [\"http\"]",
        "auth = [\"given\"]",
        "auth = [\"oidc\"]",
        "textchas = []",
        "surge_action_limits = []",
        "surge_lockout_time = 3600",
        "quota_bytes = 1",
        "quota_pages = 1",
        "page_group_regex = \"x\"",
        "page_dict_regex = \"x\"",
        "page_template_regex = \"x\"",
        "page_category_regex = \"x\"",
        "theme = \"x\"",
        "acl_hierarchic = true",
        "default_format = \"moin\"",
        "shared_intermap = \"x\"",
    ] {
        let problem = finds("not-available", &with(line));
        assert!(problem.message.contains("not available yet"), "{line}");
        assert!(!problem.message.contains("pw@"), "{}", problem.message);
    }
}

#[test]
fn what_a_later_release_brings_may_be_written_with_what_holds_today() {
    clean(
        "[wiki.a]\nat = [\"*\"]\nacl_hierarchic = false\ndefault_format = \"markdown\"\n\
           auth = [\"password\"]\npage_store = \"sqlite\"\nattachment_store = \"file\"\nuser_store = \"memory\"\n\
           session_store = \"memory\"\n",
    );
}

#[test]
fn the_empty_list_of_login_methods_is_refused() {
    finds("value", &with("auth = []"));
}

#[test]
fn unknown_keys_and_tables_are_errors_with_a_did_you_mean() {
    for (text, meant) in [
        (with("sesion_dir = \"x\""), "`session_dir`"),
        ("[farm]\nlisen = []".to_owned(), "`listen`"),
        ("[wikis.a]\nat = [\"*\"]".to_owned(), "[wiki.ID]"),
        (with("zzz.life = 3"), "grange config schema"),
        (with("session_handler = \"x\""), "Sessions are built in"),
    ] {
        let problem = finds("L-38", &text);
        assert!(problem.remedy.contains(meant), "{}", problem.remedy);
        assert_eq!(problem.severity, Severity::Error);
    }
}

#[test]
fn a_table_where_a_value_belongs_and_a_value_where_a_table_belongs() {
    finds("type", "wiki = 3");
    finds("type", "farm = []");
    finds("type", "[wiki]\na = \"x\"");
    finds("type", &with("sitename.x = 3"));
}

#[test]
fn a_wiki_with_a_bad_id_is_an_error() {
    assert_eq!(finds("L-30", "[wiki.Team_1]\nat = [\"*\"]").line, 1);
}

#[test]
fn a_key_that_stands_twice_is_one_syntax_error() {
    let problem = finds("parse", &with("sitename = \"a\"\nsitename = \"b\""));
    assert_eq!(
        (problem.line, problem.remedy.as_str()),
        (4, "Keep one of the two.")
    );
}

#[test]
fn a_variable_is_replaced_and_an_unset_one_is_an_error() {
    let environment = BTreeMap::from([("HOST".to_owned(), "a.example.org".to_owned())]);
    let loaded = check_with("[wiki.a]\nat = [\"${HOST}:80\"]", &environment);
    assert_eq!(loaded.config.unwrap().wikis[0].at[0].port(), Some(80));
    let problem = finds("env", "[wiki.a]\nat = [\"x.example.org\", \"${HOST}\"]");
    assert!(problem.message.contains("HOST is not set"));
}

#[test]
fn a_value_from_the_environment_is_in_no_problem() {
    let environment = BTreeMap::from([
        ("BAD".to_owned(), "hush hush".to_owned()),
        ("LATER".to_owned(), "redis://:hush@db".to_owned()),
    ]);
    let text = "[farm]\nlisten = [\"${BAD}\"]\ntrusted_proxies = [\"${BAD}\"]\n[wiki.a]\nat = [\"${BAD}\"]\n\
                cookie_name = \"${BAD}\"\ncookie_domain = \"${BAD}\"\nsame_site = \"${BAD}\"\ngroup = \"${BAD}\"\n\
                session_store = \"${LATER}\"\nacl_rights_default = \"${BAD}\"\nfront_page = \"${BAD}\\u0000\"\n";
    let loaded = check_with(text, &environment);
    assert!(loaded.problems.len() >= 9, "{:#?}", loaded.problems);
    let told = format!(
        "{}{:?}",
        render_problems(&loaded.problems, &loaded.sources),
        loaded.problems
    );
    assert!(!told.contains("hush"), "{told}");
    assert!(told.contains("${BAD}"));
}

#[test]
fn a_syntax_error_is_one_problem_and_its_neighbours_are_read() {
    let text = "[wiki.a]\nat = [\"a.example.org\"\nsitename = \"x\"\ntrail_size = 101\n[wiki.b]\nat = [\"*\"]\nx = 1\n";
    assert_eq!(
        summary(&problems(text)),
        [("parse", 2), ("value", 4), ("L-38", 7)]
    );
    for broken in [
        "=",
        "[wiki",
        "a = ",
        "[[wiki]]\n",
        "\u{0}",
        "x = {",
        "'",
        "[wiki.a.",
        "a.b.c = \n= d",
    ] {
        assert!(!check(broken).problems.is_empty(), "{broken:?}");
    }
}

#[test]
fn what_may_only_be_unreadable_is_not_missed() {
    finds("parse", "[wiki.a]\nat [\"a.example.org\"]\nsitename = \"x\"\n");
    finds("parse", "[group.g\ncookie_name = \"x\"\n[wiki.a]\nat = [\"*\"]\n");
    let shared = "[group.g]\ncookie_name = \"x\"\nsession_dir = \"s\nuser_dir = \"u\"\n\
                  [wiki.a]\nat = [\"x.org/a\"]\ngroup = \"g\"\n[wiki.b]\nat = [\"x.org/b\"]\ngroup = \"g\"\n";
    finds("parse", shared);
}

#[test]
fn every_default_and_example_is_accepted_by_its_own_rule() {
    for (scope, header) in [(Scope::Farm, "[farm]\n"), (Scope::Wiki, "[defaults]\n")] {
        for key in scope
            .keys()
            .filter(|key| key.since == crate::raw::key::Since::Now)
        {
            let found = problems(&format!("{header}{}\n", key.line()));
            let wrong = found
                .iter()
                .filter(|problem| ["type", "value", "L-38", "parse"].contains(&problem.code));
            assert_eq!(wrong.count(), 0, "{found:?}");
            if let crate::raw::key::Default::Toml(value) = key.default {
                let found = problems(&format!("{header}{} = {value}\n", key.name));
                assert!(found.is_empty(), "{}: {found:?}", key.name);
            }
        }
    }
}

fn names() -> Vec<&'static str> {
    Scope::Wiki
        .keys()
        .chain(Scope::Farm.keys())
        .map(|key| key.name)
        .collect()
}

proptest! {
    #[test]
    fn no_text_makes_the_check_panic(text in "\\PC*") {
        let loaded = check(&text);
        render_problems(&loaded.problems, &loaded.sources);
    }

    #[test]
    fn no_text_that_looks_like_a_farm_makes_the_check_panic(
        lines in proptest::collection::vec(
            (proptest::sample::select(names()), "(\\[|\\{|\"|'|[0-9a-z.,:/*$ -]|\"\\]|\\}|#|=|\u{e9}|\n){0,12}"),
            0..12,
        ),
        headers in proptest::collection::vec("\\[(farm|defaults|group\\.g|wiki\\.[ab]|wiki|[a-z.]{0,4})\\]", 0..5),
    ) {
        let mut text = String::new();
        for (number, (key, value)) in lines.iter().enumerate() {
            if let Some(header) = headers.get(number) {
                text.push_str(header);
                text.push('\n');
            }
            text.push_str(&format!("{key} = {value}\n"));
        }
        let loaded = check(&text);
        render_problems(&loaded.problems, &loaded.sources);
    }

    #[test]
    fn no_value_of_any_key_makes_the_check_panic(key in proptest::sample::select(names()), value in "\\PC{0,20}") {
        let value = crate::raw::value::quote(&value);
        for text in [format!("[wiki.a]\nat = [\"*\"]\n{key} = {value}"), format!("[farm]\n{key} = [{value}]")] {
            let loaded = check(&text);
            render_problems(&loaded.problems, &loaded.sources);
        }
    }
}
