//! `grange check`, `explain` and `config`: what an admin is told about a configuration before and while it serves.

use std::process::Command;

use crate::harness::farm::{GRANGE, Told, told};
use crate::harness::{Farm, SINGLE};

const FIVE_MISTAKES: &str = r#"[farm]
listen = ["127.0.0.1:0"]

[wiki.one]
at = ["one.example"]
sitname = "One"
cookie_lifetime = [-1, 12]

[wiki.two]
at = ["one.example"]
superuser = "Ada"
state = "asleep"
"#;

/// What `check` says about a configuration.
fn check(toml: &str) -> Told {
    Farm::prepare(toml).grange(&["check"])
}

/// What `check --json` says is wrong, one object per problem; what is only worth knowing left out.
fn problems(toml: &str) -> Vec<serde_json::Value> {
    let said = Farm::prepare(toml).grange(&["check", "--json"]);
    let mut told: Vec<serde_json::Value> =
        serde_json::from_str(&said.out).unwrap_or_else(|cause| panic!("{cause}: {said:?}"));
    told.retain(|problem| problem["severity"] != "info");
    told
}

/// The codes of a configuration's problems with this severity, in order.
fn codes(toml: &str, severity: &str) -> Vec<String> {
    let of = |problem: &&serde_json::Value| problem["severity"] == severity;
    problems(toml)
        .iter()
        .filter(of)
        .map(|problem| problem["code"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn five_mistakes_are_told_at_once_each_with_its_line_and_code() {
    let said = check(FIVE_MISTAKES);
    assert_eq!(said.status, 2, "{said:?}");
    for line in [6, 7, 10, 11, 12] {
        assert_eq!(
            said.out.matches(&format!("farmconfig.toml:{line}:")).count(),
            1,
            "line {line}: {}",
            said.out
        );
    }
    assert_eq!(said.out.matches("error[").count(), 5, "{}", said.out);
    for word in ["error[L-38]", "sitename", "error[L-20]", "^^^^^^^", "= help:"] {
        assert!(said.out.contains(word), "{word}: {}", said.out);
    }
    assert!(
        said.out.contains("farmconfig.toml:5:"),
        "the other entry of the pair: {}",
        said.out
    );
}

#[test]
fn machines_get_one_array_with_the_same_problems() {
    let found = problems(FIVE_MISTAKES);
    assert_eq!(found.len(), 5);
    for problem in &found {
        let keys: Vec<&str> = problem.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["code", "file", "line", "message", "remedy", "severity"]);
        assert_eq!(problem["severity"], "error");
        assert!(problem["file"].as_str().unwrap().ends_with("farmconfig.toml"));
        assert!(
            !problem["message"].as_str().unwrap().is_empty()
                && !problem["remedy"].as_str().unwrap().is_empty()
        );
    }
    let lines: Vec<_> = found
        .iter()
        .map(|problem| problem["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [6, 7, 10, 11, 12]);
}

#[test]
fn a_clean_configuration_is_0_and_a_warning_1() {
    let clean = check(SINGLE);
    assert_eq!(clean.status, 0, "{clean:?}");
    assert_eq!(problems(SINGLE), Vec::<serde_json::Value>::new());
    let warned = check(&SINGLE.replace("at =", "cookie_lifetime = 12\nat ="));
    assert_eq!(warned.status, 1, "{warned:?}");
    assert!(
        warned.out.contains("cookie_lifetime = [0, 12]"),
        "it shows the pair to write: {}",
        warned.out
    );
}

#[test]
fn old_spellings_of_lifetimes_warn_with_the_pair_to_write() {
    for (key, pair) in [
        ("cookie_lifetime = 0", "[0, -9600]"),
        ("cookie_lifetime = -3", "[0, -3]"),
        ("anonymous_session_lifetime = 2", "[2, 12]"),
        ("anonymous_cookie_lifetime = 2", "[2, 12]"),
    ] {
        let said = check(&SINGLE.replace("at =", &format!("{key}\nat =")));
        assert_eq!(said.status, 1, "{key}: {said:?}");
        assert!(said.out.contains(pair), "{key}: {}", said.out);
    }
    let both = SINGLE.replace(
        "at =",
        "cookie_lifetime = [0, 12]\nanonymous_session_lifetime = 2\nat =",
    );
    assert_eq!(check(&both).status, 2);
}

#[test]
fn keys_of_times_to_come_are_refused_and_never_ignored() {
    let keys = [
        "page_store = \"postgres://db/x\"",
        "attachment_store = \"s3://bucket/x\"",
        "user_store = \"postgres://db/x\"",
        "mail_from = \"wiki@example.org\"",
        "mail_smarthost = \"smtp://mail\"",
        "auth = [\"password\", \"http\"]",
        "auth = [\"given\"]",
        "auth = [\"oidc\"]",
        "textchas = { \"2+2\" = \"4\" }",
        "surge_lockout_time = 60",
        "quota_bytes = 1000",
        "quota_pages = 10",
        "page_group_regex = \"Group$\"",
        "page_dict_regex = \"Dict$\"",
        "page_template_regex = \"Template$\"",
        "page_category_regex = \"^Category\"",
        "theme = \"dark\"",
        "default_format = \"moin\"",
        "acl_hierarchic = true",
    ];
    for key in keys {
        let said = check(&SINGLE.replace("at =", &format!("{key}\nat =")));
        assert_eq!(said.status, 2, "{key}: {said:?}");
        assert!(said.out.contains("not available yet"), "{key}: {}", said.out);
    }
}

#[test]
fn a_value_from_the_environment_is_used_and_never_shown() {
    let config = "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmin_listen = \"\"\n[wiki.main]\nat = [\"*\"]\nsitename = \"${GRANGE_TEST_NAME}\"\ntimezone = \"${GRANGE_TEST_NAME}\"\n";
    let farm = Farm::prepare(config);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(GRANGE);
        command
            .args(arguments)
            .arg("--config")
            .arg(farm.config())
            .env("GRANGE_TEST_NAME", "hush-hush");
        told(command, "")
    };
    for arguments in [
        &["check"][..],
        &["check", "--json"],
        &["serve"],
        &["reload"],
        &["config", "show", "--wiki", "main"],
    ] {
        let said = run(arguments);
        assert_eq!(said.status, 2, "no such time zone: {said:?}");
        assert!(
            !said.out.contains("hush-hush") && !said.err.contains("hush-hush"),
            "{arguments:?}: {said:?}"
        );
        assert!(
            format!("{}{}", said.out, said.err).contains("GRANGE_TEST_NAME"),
            "{arguments:?}: {said:?}"
        );
    }
    farm.write_config(&config.replace("timezone = \"${GRANGE_TEST_NAME}\"\n", ""));
    for arguments in [
        &["config", "show", "--wiki", "main", "--why"][..],
        &["explain", "http://x.example/"],
    ] {
        let said = run(arguments);
        assert_eq!(said.status, 0, "{said:?}");
        assert!(
            said.out.contains("${GRANGE_TEST_NAME}") && !said.out.contains("hush-hush"),
            "{said:?}"
        );
    }
    let unset = farm.grange(&["check"]);
    assert!(
        unset.status == 2 && unset.out.contains("GRANGE_TEST_NAME"),
        "{unset:?}"
    );
}

#[test]
fn problems_of_an_included_file_name_that_file() {
    let farm = Farm::prepare("[farm]\nlisten = [\"127.0.0.1:0\"]\ninclude = [\"wikis/*/wiki.toml\"]\n");
    farm.write(
        "wikis/one/wiki.toml",
        "[wiki.one]\nat = [\"one.example\"]\ncolour = \"red\"\n",
    );
    farm.write(
        "wikis/two/wiki.toml",
        "[wiki.one]\nat = [\"two.example\"]\n[farm]\nlisten = []\n",
    );
    let said = farm.grange(&["check"]);
    assert_eq!(said.status, 2);
    assert!(said.out.contains("wikis/one/wiki.toml:3:"), "{}", said.out);
    assert!(
        said.out.contains("wikis/two/wiki.toml:1:") && said.out.contains("wikis/one/wiki.toml:1:"),
        "one id in two files names both: {}",
        said.out
    );
    assert!(
        said.out.contains("wikis/two/wiki.toml:3:"),
        "[farm] stands in the main file only: {}",
        said.out
    );
}

#[test]
fn a_file_that_is_no_toml_or_not_there_is_a_problem_like_any_other() {
    let broken = check("[farm]\nlisten = [\"127.0.0.1:0\"\n");
    assert!(
        broken.status == 2 && broken.out.contains("farmconfig.toml:"),
        "{broken:?}"
    );
    let farm = Farm::prepare(SINGLE);
    std::fs::remove_file(farm.config()).unwrap();
    let missing = farm.grange(&["check"]);
    assert!(
        missing.status == 2
            && missing.out.contains("There is no ")
            && missing.out.contains("farmconfig.toml"),
        "{missing:?}"
    );
    assert!(
        !missing.out.contains("| \n") && !missing.out.contains('^'),
        "{}",
        missing.out
    );
}

#[test]
fn wikis_that_would_take_each_others_cookies_are_an_error() {
    let same = "[wiki.one]\nat = [\"example.org/one\"]\ncookie_name = \"x\"\n[wiki.two]\nat = [\"example.org/two\"]\ncookie_name = \"x\"\n";
    assert!(
        codes(same, "error").contains(&"L-07".to_owned()),
        "{:?}",
        problems(same)
    );
    let apart = same.replace("\"x\"", "\"siteidmagic\"");
    assert_eq!(codes(&apart, "error"), Vec::<String>::new());
}

#[test]
fn every_example_and_the_demo_farm_are_clean() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let examples = std::fs::read_dir(root.join("examples/farms"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("farmconfig.toml"));
    let mut seen = 0;
    for config in examples
        .filter(|config| config.exists())
        .chain([root.join("farmconfig.toml")])
    {
        let mut command = Command::new(GRANGE);
        command.args(["check", "--config"]).arg(&config);
        let said = told(command, "");
        assert_eq!(said.status, 0, "{}: {said:?}", config.display());
        seen += 1;
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn a_wrong_configuration_is_not_served() {
    let farm = Farm::prepare(FIVE_MISTAKES);
    for arguments in [&["serve"][..], &[]] {
        let said = farm.grange(arguments);
        assert_eq!((said.status, said.out.as_str()), (2, ""), "{said:?}");
        assert_eq!(said.err.matches("error[").count(), 5, "{}", said.err);
    }
    assert!(!farm.path().join("wikis").exists(), "nothing was made");
}

#[test]
fn explain_names_winner_losers_and_the_cookies() {
    let farm = Farm::prepare(
        "[wiki.one]\nat = [\"example.org\"]\ncookie_lifetime = [1, 12]\n[wiki.two]\nat = [\"example.org/wiki2\"]\n",
    );
    let two = farm.grange(&["explain", "http://example.org/wiki2/Page?x=y"]);
    assert_eq!(two.status, 0, "{two:?}");
    assert!(
        two.out.contains("\"example.org/wiki2\" of wiki two: matches"),
        "{}",
        two.out
    );
    assert!(
        two.out.contains("\"example.org\" of wiki one"),
        "the loser and why: {}",
        two.out
    );
    let cookies: Vec<&str> = two
        .out
        .lines()
        .filter(|line| line.starts_with("Set-Cookie:"))
        .collect();
    assert_eq!(
        cookies,
        ["Set-Cookie: GRANGE_SESSION_ROOT_wiki2=<id>; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"]
    );
    assert!(
        two.out.lines().any(|line| line == "none"),
        "a visitor gets none: {}",
        two.out
    );
    let one = farm.grange(&["explain", "https://example.org/"]);
    let cookies: Vec<&str> = one
        .out
        .lines()
        .filter(|line| line.starts_with("Set-Cookie:"))
        .collect();
    assert_eq!(
        cookies,
        [
            "Set-Cookie: __Host-GRANGE_SESSION_ROOT=<id>; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax",
            "Set-Cookie: __Host-GRANGE_SESSION_ROOT=<id>; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax",
        ]
    );
}

#[test]
fn explain_says_when_no_wiki_answers_and_when_the_url_is_none() {
    let farm = Farm::prepare("[wiki.one]\nat = [\"example.org/one\"]\n");
    let nobody = farm.grange(&["explain", "http://example.org/"]);
    assert!(
        nobody.out.contains("No wiki is configured") || nobody.out.contains("no wiki"),
        "{nobody:?}"
    );
    assert!(!nobody.out.contains("Set-Cookie"));
    let junk = farm.grange(&["explain", "http://a b/"]);
    assert_eq!(junk.status, 2, "{junk:?}");
}

#[test]
fn config_show_says_where_every_key_comes_from() {
    let farm = Farm::prepare(
        "[farm]\nlisten = [\"127.0.0.1:0\"]\n[defaults]\ntrail_size = 9\n[group.g]\nsitename = \"Group\"\n[wiki.one]\nat = [\"*\"]\ngroup = \"g\"\n",
    );
    let why = farm.grange(&["config", "show", "--wiki", "one", "--why"]);
    assert_eq!(why.status, 0, "{why:?}");
    let line = |key: &str| {
        why.out
            .lines()
            .find(|line| line.starts_with(key))
            .unwrap()
            .to_owned()
    };
    assert!(
        line("trail_size = 9").contains("[defaults]") && line("trail_size = 9").contains("farmconfig.toml:4")
    );
    assert!(line("sitename = \"Group\"").contains("[group.g]"));
    assert!(line("at = ").contains("[wiki.one]"));
    assert!(line("front_page = \"FrontPage\"").contains("built-in"));
    let plain = farm.grange(&["config", "show", "--wiki", "one"]);
    assert!(
        plain.out.contains("trail_size = 9") && !plain.out.contains("[defaults]"),
        "{}",
        plain.out
    );
    let shown: toml::Table = plain.out.parse().unwrap();
    assert_eq!(shown["trail_size"].as_integer(), Some(9), "what is shown is TOML");
    assert_eq!(farm.grange(&["config", "show", "--wiki", "none"]).status, 2);
}

#[test]
fn the_schema_is_json_and_knows_every_key_that_config_show_shows() {
    let farm = Farm::prepare(SINGLE);
    let schema: serde_json::Value = serde_json::from_str(&farm.grange(&["config", "schema"]).out).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    for table in ["farm", "defaults", "group", "wiki"] {
        assert!(schema["properties"][table].is_object(), "{table}");
    }
    let wiki = schema["definitions"]["wiki"]["properties"].as_object().unwrap();
    let shown: toml::Table = farm
        .grange(&["config", "show", "--wiki", "main"])
        .out
        .parse()
        .unwrap();
    for key in shown.keys() {
        assert!(wiki.contains_key(key), "{key}");
    }
}

/// Two wikis that share by path, and one on its own.
const VILLAGE: &str = r#"[farm]
listen = ["127.0.0.1:0"]

[group.village]
cookie_name = "village"
session_dir = "shared/sessions"
user_dir = "shared/users"

[wiki.orchard]
at = ["village.example/orchard"]
group = "village"

[wiki.mill]
at = ["village.example/mill"]
group = "village"

[wiki.lighthouse]
at = ["lighthouse.example"]
"#;

#[test]
fn what_is_worth_knowing_changes_no_status_and_drowns_nothing() {
    let said = check(VILLAGE);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(
        said.out.contains("no problems, 3 wikis in 2 realms"),
        "{}",
        said.out
    );
    assert_eq!(said.out.matches("one trust domain").count(), 1, "{}", said.out);
    assert!(said.out.lines().count() < 12, "{}", said.out);
    let rows = Farm::prepare(VILLAGE).grange(&["check", "--matrix"]);
    assert_eq!(rows.status, 0, "{rows:?}");
    for row in [
        "Wiki \"mill\": cookie GRANGE_SESSION_village, Domain none, Path /",
        "Wiki \"lighthouse\": cookie GRANGE_SESSION_ROOT",
    ] {
        assert!(rows.out.contains(row), "{row}: {}", rows.out);
    }
    let json = Farm::prepare(VILLAGE).grange(&["check", "--json"]);
    let told: Vec<serde_json::Value> = serde_json::from_str(&json.out).unwrap();
    let codes: Vec<&str> = told.iter().map(|note| note["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["L-14", "L-42", "L-42", "L-42"]);
    assert!(told.iter().all(|note| note["severity"] == "info"), "{told:?}");
}

#[test]
fn sharing_is_told_to_people_and_machines_and_drawn() {
    let farm = Farm::prepare(VILLAGE);
    let said = farm.grange(&["sharing"]);
    assert_eq!(said.status, 0, "{said:?}");
    let row = |name: &str| {
        let row = said.out.lines().find(|line| line.starts_with(name)).unwrap();
        row.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("orchard"), ["orchard", "A", "A", "A", "own"]);
    assert_eq!(row("lighthouse"), ["lighthouse", "own", "own", "own", "own"]);
    assert!(
        said.out
            .contains("village.example, told apart by path: orchard, mill"),
        "{}",
        said.out
    );
    let json: serde_json::Value = serde_json::from_str(&farm.grange(&["sharing", "--json"]).out).unwrap();
    assert_eq!(
        json["circles"][0]["wikis"],
        serde_json::json!(["orchard", "mill"])
    );
    assert_eq!(json["circles"][0]["login"], "together");
    assert_eq!(json["trust_domains"][0]["told_apart_by"], "path");
    let drawn = farm.grange(&["sharing", "--svg"]).out;
    assert!(drawn.starts_with("<svg ") && drawn.contains("<title "), "{drawn}");
    assert_eq!(farm.grange(&["sharing", "--svg", "drawing.svg"]).status, 0);
    assert_eq!(
        std::fs::read_to_string(farm.path().join("drawing.svg")).unwrap(),
        drawn
    );
    let refused = Farm::prepare("[wiki.a]\nat = 5\n").grange(&["sharing"]);
    assert_eq!((refused.status, refused.out.as_str()), (2, ""));
}
