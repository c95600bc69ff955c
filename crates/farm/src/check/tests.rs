//! Claims about whole configurations: inheritance, files, paths, the checked values.

use std::path::{Path, PathBuf};

use grange_session::{CookieUntil, SameSite, SecureRule};

use super::*;
use crate::environment::NoEnvironment;
use crate::lint::testing::{check, clean, finds, problems};

/// A directory with these files.
fn files(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    directory
}

fn load_from(directory: &tempfile::TempDir) -> Loaded {
    load(&directory.path().join("farmconfig.toml"), &NoEnvironment)
}

#[test]
fn a_later_layer_wins() {
    let farm = clean(
        "[defaults]\ntrail_size = 1\nfront_page = \"D\"\nsitename = \"D\"\n[group.g]\nfront_page = \"G\"\n\
         sitename = \"G\"\n[wiki.a]\nat = [\"a.x.org\"]\ngroup = \"g\"\nsitename = \"W\"\n[wiki.b]\nat = [\"b.x.org\"]\n",
    );
    let (a, b) = (&farm.wikis[0], &farm.wikis[1]);
    assert_eq!(
        (a.session.trail_size, a.front_page.as_str(), &*a.sitename),
        (1, "G", "W")
    );
    assert_eq!(
        (b.session.trail_size, b.front_page.as_str(), &*b.sitename),
        (1, "D", "D")
    );
    assert_eq!((a.group.as_deref(), b.group.as_deref()), (Some("g"), None));
}

#[test]
fn a_wiki_that_sets_nothing_has_the_documented_defaults() {
    let farm = clean("[wiki.team]\nat = [\"*\"]");
    let wiki = &farm.wikis[0];
    assert_eq!(
        (&*wiki.sitename, &*wiki.interwikiname, wiki.front_page.as_str()),
        ("team", "team", "FrontPage")
    );
    assert_eq!(
        (&*wiki.language_default, &*wiki.timezone, wiki.raw_html),
        ("en", "UTC", false)
    );
    assert_eq!(
        (wiki.state, wiki.registration),
        (WikiState::Active, Registration::Open)
    );
    assert_eq!(wiki.data_dir, Path::new("/farm/wikis/team"));
    assert_eq!(
        wiki.session_store,
        StorePlace::Sqlite("/farm/wikis/team/sessions".into())
    );
    assert_eq!(
        wiki.user_store,
        StorePlace::Sqlite("/farm/wikis/team/users".into())
    );
    assert_eq!(
        (
            wiki.max_page_bytes,
            wiki.max_attachment_bytes,
            wiki.session.max_sessions_per_user,
            wiki.session.trail_size
        ),
        (1 << 20, 16 << 20, 50, 5)
    );
    let cookie = &wiki.session.cookie;
    assert_eq!(
        (cookie.secure, cookie.same_site, cookie.until),
        (SecureRule::WhenHttps, SameSite::Lax, CookieUntil::MaxAge)
    );
    assert_eq!(
        (cookie.http_only, cookie.path.as_str(), cookie.domain.as_deref()),
        (true, "/", None)
    );
    assert_eq!(wiki.session.persistent_on_login, ["language"]);
    assert_eq!(*wiki.rights, grange_wiki::rights::AclRules::default());
    assert_eq!(farm.listen, ["127.0.0.1:8080".parse().unwrap()]);
    assert_eq!(
        farm.admin_listen,
        AdminListen::Default("127.0.0.1:8079".parse().unwrap())
    );
    assert_eq!(farm.secrets_file, Path::new("/farm/wikis/_farm/secrets"));
}

#[test]
fn every_setting_of_a_wiki_arrives() {
    let farm = clean(
        "[farm]\ntrusted_proxies = [\"10.0.0.1\"]\nadmin_listen = \"\"\nsecrets_file = \"s/secrets\"\n[wiki.a]\n\
         at = [\"https://a.example.org\"]\naliases = [\"old.example.org\"]\ninterwikiname = \"A\"\nlogo = \"/l.png\"\n\
         navi_bar = [\"X\"]\nlanguage_default = \"de\"\nlanguage_ignore_browser = true\ntimezone = \"Europe/Berlin\"\n\
         state = \"archived\"\nraw_html = true\nsession_store = \"memory\"\nuser_store = \"memory\"\n\
         cookie_domain = \".example.org\"\ncookie_secure = true\nsame_site = \"strict\"\nuse_session_cookie = true\n\
         session_absolute_life_time = 99999\nsession_persistent_fields_on_login = [\"a\"]\nsession_kind = \"k\"\n\
         session_persistent_fields_on_logout = []\nmax_sessions_per_user = 3\nregistration = \"closed\"\n\
         superuser = [\"Joe\"]\nacl_rights_before = \"Joe:admin\"\nacl_rights_after = \"All:read\"\n\
         actions_excluded = [\"raw\"]\nactions_superuser = [\"delete\"]\nmax_page_bytes = 2048\nmax_attachment_bytes = 4096\n",
    );
    let wiki = &farm.wikis[0];
    assert_eq!(
        (wiki.aliases.len(), &*wiki.interwikiname, wiki.logo.as_deref()),
        (1, "A", Some("/l.png"))
    );
    assert_eq!(
        (&*wiki.navi_bar, wiki.language_ignore_browser, wiki.state),
        (&["X".to_owned()][..], true, WikiState::Archived)
    );
    assert!(matches!(
        (&wiki.session_store, &wiki.user_store),
        (StorePlace::Memory(_), StorePlace::Memory(_))
    ));
    let session = &wiki.session;
    assert_eq!((session.kind.as_str(), session.max_sessions_per_user), ("k", 3));
    assert_eq!(
        (session.cookie.secure, session.cookie.same_site),
        (SecureRule::Always, SameSite::Strict)
    );
    assert_eq!(
        (session.cookie.until, session.lifetimes.absolute.as_secs()),
        (CookieUntil::BrowserCloses, 99999)
    );
    assert_eq!(
        (&*session.persistent_on_login, session.persistent_on_logout.len()),
        (&["a".to_owned()][..], 0)
    );
    assert_eq!(
        (wiki.registration, &*wiki.superusers),
        (Registration::Closed, &["Joe".to_owned()][..])
    );
    assert_eq!(
        (wiki.rights.before.as_str(), wiki.rights.after.as_str()),
        ("Joe:admin", "All:read")
    );
    assert_eq!(
        (&*wiki.actions_excluded, &*wiki.actions_superuser),
        (&["raw".to_owned()][..], &["delete".to_owned()][..])
    );
    assert_eq!(
        (wiki.max_page_bytes, wiki.max_attachment_bytes, wiki.raw_html),
        (2048, 4096, true)
    );
    assert_eq!(
        (farm.admin_listen, farm.secrets_file.as_path()),
        (AdminListen::Off, Path::new("/farm/s/secrets"))
    );
    assert_eq!(farm.trusted_proxies, ["10.0.0.1/32".parse().unwrap()]);
}

#[test]
fn cookie_names_are_those_of_the_documentation() {
    for (lines, name) in [
        ("at = [\"example.org/wiki1\"]", "GRANGE_SESSION_ROOT_wiki1"),
        ("at = [\"example.org:8001\"]", "GRANGE_SESSION_8001_ROOT"),
        ("at = [\"example.org/a_b\"]", "GRANGE_SESSION_ROOT_a-5Fb"),
        (
            "at = [\"example.org/x\", \"example.org:81\"]",
            "GRANGE_SESSION_ROOT_x",
        ),
        (
            "at = [\"example.org\"]\ncookie_name = \"siteidmagic\"",
            "GRANGE_SESSION_w",
        ),
        (
            "at = [\"example.org\"]\ncookie_name = \"myfarm\"",
            "GRANGE_SESSION_myfarm",
        ),
    ] {
        let farm = clean(&format!("[wiki.w]\n{lines}\n"));
        assert_eq!(farm.wikis[0].session.cookie_name(false), name);
        assert_eq!(farm.wikis[0].session.cookie_name(true), format!("__Host-{name}"));
    }
}

#[test]
fn an_unknown_group_is_an_error_with_a_did_you_mean() {
    let problem = finds(
        "group",
        "[group.team]\ntrail_size = 3\n[wiki.a]\nat = [\"*\"]\ngroup = \"teem\"\n",
    );
    assert_eq!(
        (problem.line, problem.remedy.as_str()),
        (5, "Did you mean \"team\"?")
    );
}

#[test]
fn a_group_of_groups_is_an_error_and_a_group_for_all_is_not() {
    assert_eq!(finds("group", "[group.g]\ngroup = \"h\"\n[group.h]\n").line, 2);
    let farm = clean("[defaults]\ngroup = \"g\"\n[group.g]\ntrail_size = 2\n[wiki.a]\nat = [\"*\"]\n");
    assert_eq!(farm.wikis[0].session.trail_size, 2);
}

#[test]
fn a_wiki_without_an_address_is_an_error() {
    assert_eq!(finds("address", "[wiki.a]\nsitename = \"x\"").line, 1);
    assert_eq!(finds("address", "[wiki.a]\nat = []").line, 2);
    assert_eq!(finds("address", "[wiki.a]\nat = [\"a b\"]").line, 2);
}

#[test]
fn a_farm_without_wikis_is_a_farm() {
    assert!(clean("").wikis.is_empty());
    finds("value", "[farm]\nlisten = []");
}

#[test]
fn paths_are_relative_to_the_file_they_stand_in() {
    let farm = files(&[
        (
            "farmconfig.toml",
            "[farm]\ninclude = [\"w/*/wiki.toml\"]\n[defaults]\nuser_dir = \"users\"\n",
        ),
        (
            "w/a/wiki.toml",
            "[wiki.a]\nat = [\"a.example.org\"]\ndata_dir = \".\"\nsession_dir = \"../s\"\n",
        ),
    ]);
    let root = std::fs::canonicalize(farm.path()).unwrap();
    let config = load_from(&farm).config.unwrap();
    assert_eq!(config.wikis[0].data_dir, farm.path().join("w/a"));
    assert_eq!(config.wikis[0].session_store.dir(), Some(&*root.join("w/s")));
    assert_eq!(config.wikis[0].user_store.dir(), Some(&*root.join("users")));
}

#[test]
fn included_files_are_watched_and_read_in_order() {
    let farm = files(&[
        (
            "farmconfig.toml",
            "[farm]\ninclude = [\"b.toml\", \"*.toml\"]\n[wiki.main]\nat = [\"m.example.org\"]\n",
        ),
        ("a.toml", "[wiki.a]\nat = [\"a.example.org\"]\ngroup = \"g\"\n"),
        (
            "b.toml",
            "[group.g]\ntrail_size = 9\n[wiki.b]\nat = [\"b.example.org\"]\n",
        ),
    ]);
    let config = load_from(&farm).config.unwrap();
    let ids: Vec<&str> = config.wikis.iter().map(|wiki| wiki.id.as_ref()).collect();
    assert_eq!(ids, ["main", "b", "a"]);
    assert_eq!(config.wikis[2].session.trail_size, 9);
    let names = ["farmconfig.toml", "b.toml", "a.toml"].map(|name| farm.path().join(name));
    assert_eq!(config.files, names);
    assert_eq!(
        config.include,
        [farm.path().join("b.toml"), farm.path().join("*.toml")].map(|p| p.display().to_string())
    );
}

#[test]
fn one_id_in_two_files_is_an_error_that_names_both() {
    let farm = files(&[
        (
            "farmconfig.toml",
            "[farm]\ninclude = [\"b.toml\"]\n[wiki.a]\nat = [\"a.example.org\"]\n[group.g]\n",
        ),
        ("b.toml", "[group.g]\n[wiki.a]\nat = [\"b.example.org\"]\n"),
    ]);
    let loaded = load_from(&farm);
    assert_eq!(loaded.problems.len(), 2, "{:?}", loaded.problems);
    for (problem, (line, first)) in loaded.problems.iter().zip([(1, 5), (2, 3)]) {
        assert_eq!(
            (problem.code, problem.line, problem.related[0].line),
            ("include", line, first)
        );
        assert!(problem.file.ends_with("b.toml") && problem.related[0].file.ends_with("farmconfig.toml"));
    }
}

#[test]
fn farm_and_defaults_stand_in_the_main_file_only() {
    let farm = files(&[
        ("farmconfig.toml", "[farm]\ninclude = [\"b.toml\"]\n"),
        (
            "b.toml",
            "[farm]\nlisten = [\"127.0.0.1:1\"]\n[defaults]\ntrail_size = 1\n",
        ),
    ]);
    let loaded = load_from(&farm);
    let found: Vec<_> = loaded
        .problems
        .iter()
        .map(|problem| (problem.code, problem.line))
        .collect();
    assert_eq!(found, [("include", 1), ("include", 3)]);
}

#[test]
fn a_syntax_error_in_one_file_does_not_hide_mistakes_in_another() {
    let farm = files(&[
        (
            "farmconfig.toml",
            "[farm]\ninclude = [\"*.toml\"]\n[wiki.m]\nat = [\"m.example.org\"\ntrail_size = 1\n",
        ),
        (
            "b.toml",
            "[wiki.b]\nat = [\"b.example.org\"]\ntrail_size = 1000\n",
        ),
    ]);
    let loaded = load_from(&farm);
    let codes: Vec<&str> = loaded.problems.iter().map(|problem| problem.code).collect();
    assert!(
        codes.contains(&"parse") && codes.contains(&"value"),
        "{:?}",
        loaded.problems
    );
    assert!(loaded.config.is_none());
}

#[test]
fn a_file_that_cannot_be_read_is_one_problem() {
    let loaded = load(Path::new("/nowhere/farmconfig.toml"), &NoEnvironment);
    assert_eq!(
        (
            loaded.problems.len(),
            loaded.problems[0].code,
            loaded.problems[0].line
        ),
        (1, "file", 1)
    );
    assert!(crate::render_problems(&loaded.problems, &loaded.sources).contains("/nowhere/farmconfig.toml"));
    let farm = files(&[]);
    let path: PathBuf = farm.path().join("farmconfig.toml");
    std::fs::write(&path, b"[wiki.a]\nat = [\"\xff\"]\n").unwrap();
    let loaded = load(&path, &NoEnvironment);
    assert_eq!((loaded.problems[0].code, loaded.problems[0].line), ("file", 2));
}

#[test]
fn an_included_file_that_cannot_be_read_is_named() {
    let farm = files(&[(
        "farmconfig.toml",
        "[farm]\ninclude = [\"*.toml\"]\n[wiki.a]\nat = [\"*\"]\n",
    )]);
    std::fs::write(farm.path().join("z.toml"), b"\xff").unwrap();
    let loaded = load_from(&farm);
    assert_eq!(loaded.problems.len(), 1);
    assert!(loaded.problems[0].file.ends_with("z.toml"));
}

#[test]
fn superusers_of_every_wiki_with_the_same_accounts_are_reserved() {
    let farm = clean(
        "[group.g]\nuser_dir = \"u\"\nsession_dir = \"s\"\ncookie_name = \"g\"\n\
         [wiki.a]\nat = [\"a.x.org\"]\ngroup = \"g\"\nsuperuser = [\"Joe\", \"Ann\"]\n\
         [wiki.b]\nat = [\"b.x.org\"]\ngroup = \"g\"\nsuperuser = [\"Joe\", \"Bob\"]\n\
         [wiki.c]\nat = [\"c.x.org\"]\n",
    );
    let reserved: Vec<&[String]> = farm.wikis.iter().map(|wiki| &*wiki.reserved_names).collect();
    assert_eq!(
        reserved,
        [&["Ann", "Bob", "Joe"][..], &["Ann", "Bob", "Joe"][..], &[][..]]
    );
    assert_eq!(&*farm.wikis[1].superusers, ["Joe", "Bob"]);
}

#[test]
fn the_names_of_farm_administrators_are_reserved_where_their_accounts_are() {
    let farm = clean(
        "[farm]\nadmins = [\"a:Chief\"]\n\
         [group.g]\nuser_dir = \"u\"\nsession_dir = \"s\"\ncookie_name = \"g\"\n\
         [wiki.a]\nat = [\"a.x.org\"]\ngroup = \"g\"\n\
         [wiki.b]\nat = [\"b.x.org\"]\ngroup = \"g\"\nsuperuser = [\"Joe\"]\n\
         [wiki.c]\nat = [\"c.x.org\"]\n",
    );
    let reserved: Vec<&[String]> = farm.wikis.iter().map(|wiki| &*wiki.reserved_names).collect();
    assert_eq!(reserved, [&["Chief", "Joe"][..], &["Chief", "Joe"][..], &[][..]]);
}

#[test]
fn names_to_which_configured_rights_give_something_are_reserved_where_the_accounts_are() {
    let farm = clean(
        "[defaults]\nacl_rights_after = \"All:read\"\n\
         [group.g]\nuser_dir = \"u\"\nsession_dir = \"s\"\ncookie_name = \"g\"\n\
         [wiki.a]\nat = [\"a.x.org\"]\ngroup = \"g\"\nacl_rights_before = \"Ann,Joe Doe:admin Known:read\"\n\
         [wiki.b]\nat = [\"b.x.org\"]\ngroup = \"g\"\nacl_rights_default = \"-Bob:write\"\n\
         [wiki.c]\nat = [\"c.x.org\"]\n",
    );
    let reserved: Vec<&[String]> = farm.wikis.iter().map(|wiki| &*wiki.reserved_names).collect();
    let shared = ["Ann", "Bob", "Joe Doe"];
    assert_eq!(reserved, [&shared[..], &shared[..], &[][..]]);
}

#[test]
fn ten_thousand_wikis_share_what_they_inherit() {
    let mut text =
        "[defaults]\nnavi_bar = [\"A\", \"B\"]\n[group.g]\ncookie_name = \"g\"\nsession_dir = \"s\"\n\
                    user_dir = \"u\"\n"
            .to_owned();
    for n in 0..10_000 {
        let group = if n % 2 == 0 { "group = \"g\"\n" } else { "" };
        text.push_str(&format!(
            "[wiki.w{n}]\nat = [\"w{n}.org/wiki\", \"w{n}.example.org\"]\n{group}"
        ));
    }
    let farm = clean(&text);
    assert_eq!(farm.wikis.len(), 10_000);
    let (first, last) = (&farm.wikis[0], &farm.wikis[9_999]);
    assert!(Arc::ptr_eq(&first.rights, &last.rights) && Arc::ptr_eq(&first.navi_bar, &last.navi_bar));
    assert_eq!(first.session.realm, farm.wikis[9_998].session.realm);
    assert_ne!(first.session.realm, last.session.realm);
    assert_eq!(&*last.id, "w9999");
}

#[test]
fn a_warning_does_not_keep_a_farm_from_being_built() {
    let loaded = check("[wiki.a]\nat = [\"*\"]\ncookie_httponly = false\n");
    assert_eq!((loaded.problems.len(), loaded.config.is_some()), (1, true));
    assert!(problems("[wiki.a]\nat = [\"*\"]\nx = 1\n").len() == 1);
    assert!(check("[wiki.a]\nat = [\"*\"]\nx = 1\n").config.is_none());
}

#[test]
fn every_example_farm_and_the_demo_farm_have_nothing_to_complain_about() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let examples = std::fs::read_dir(root.join("examples/farms")).unwrap();
    let examples = examples
        .map(|entry| entry.unwrap().path().join("farmconfig.toml"))
        .filter(|path| path.is_file());
    let farms: Vec<PathBuf> = examples.chain([root.join("farmconfig.toml")]).collect();
    assert!(farms.len() >= 7, "{farms:?}");
    for farm in farms {
        let loaded = load(&farm, &NoEnvironment);
        assert_eq!(
            crate::render_problems(&loaded.problems, &loaded.sources),
            "",
            "{}",
            farm.display()
        );
    }
}

#[test]
fn every_wiki_knows_the_longest_anonymous_lifetime_of_its_realm() {
    let shared = "cookie_name = \"x\"\nsession_dir = \"s\"\nuser_dir = \"u\"\n";
    let text = format!(
        "[defaults]\n{shared}[wiki.a]\nat = [\"h/a\"]\ncookie_lifetime = [1, 12]\n\
         [wiki.b]\nat = [\"h/b\"]\ncookie_lifetime = [24, 12]\n\
         [wiki.c]\nat = [\"c\"]\ncookie_lifetime = [48, 12]\nuser_dir = \"other\"\ncookie_name = \"y\"\n"
    );
    let loaded = load_text(Path::new("/srv/farm/farmconfig.toml"), &text, &NoEnvironment);
    let config = loaded.config.unwrap_or_else(|| panic!("{:#?}", loaded.problems));
    let longest: Vec<Option<u64>> = config
        .wikis
        .iter()
        .map(|wiki| wiki.session.longest_anonymous.map(|time| time.as_secs() / 3600))
        .collect();
    assert_eq!(longest, [Some(24), Some(24), Some(48)]);
}
