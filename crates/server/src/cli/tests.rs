//! The command line as people and scripts type it: what is understood and what is refused.
//!
//! Nothing is done to a farm here; the end-to-end tests run the whole program. A line of the
//! manual that stops being understood breaks somebody's script, so each has its place below.

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("grange").chain(line.split_whitespace()))
}

#[track_caller]
fn understood(line: &str) -> Cli {
    parse(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

#[test]
fn the_definition_has_no_contradictions() {
    Cli::command().debug_assert();
}

#[test]
fn every_line_of_the_manual_is_understood() {
    for line in [
        "",
        "--log json",
        "serve",
        "serve --log json",
        "check",
        "check --json",
        "check --matrix",
        "explain http://example.org/wiki1/",
        "sharing",
        "sharing --json",
        "sharing --svg",
        "sharing --svg sharing.svg",
        "config show --wiki wiki1",
        "config show --wiki wiki1 --why",
        "config schema",
        "reload",
        "user add Mia --wiki wiki1",
        "user add Mia --wiki wiki1 --email mia@example.org --password-stdin",
        "user passwd Mia --wiki wiki1 --password-stdin",
        "user list --wiki wiki1",
        "user list --wiki wiki1 --json",
        "user disable Mia --wiki wiki1",
        "user enable Mia --wiki wiki1",
        "user delete Mia --wiki wiki1",
        "session list --wiki wiki1",
        "session kill Mia --wiki wiki1",
        "session kill __guest__ --wiki wiki1",
        "session kill --all --wiki wiki1",
        "session sweep --wiki wiki1",
        "page list --wiki wiki1",
        "page cat FrontPage --wiki wiki1",
        "page put FrontPage --wiki wiki1",
        "page put FrontPage --wiki wiki1 --comment better --author Mia",
        "macro new Hello",
        "macro new Hello --dir macros --typed",
        "macro check Hello.py Other.py",
        "macro check Hello.py --json",
        "macro run Hello --wiki wiki1",
        "macro run Hello moon --wiki wiki1 --as Mia --session {\"test\":5} --page FrontPage --query a=1",
        "macro test",
        "macro test Hello --dir macros",
        "macro port Old.py",
        "macro port Old.py --write --json",
    ] {
        understood(line);
    }
}

#[test]
fn the_configuration_is_named_before_or_after_the_command() {
    for line in [
        "--config f.toml check",
        "check --config f.toml",
        "page --config f.toml list --wiki a",
        "--config f.toml",
    ] {
        assert_eq!(understood(line).config, PathBuf::from("f.toml"), "{line}");
    }
    assert_eq!(understood("check").config, PathBuf::from("farmconfig.toml"));
}

#[test]
fn a_kill_names_somebody_or_everybody_and_never_both() {
    assert!(parse("session kill --wiki a").is_err());
    assert!(parse("session kill Mia --all --wiki a").is_err());
}

#[test]
fn commands_about_a_wiki_ask_for_it() {
    for line in [
        "user list",
        "user add Mia",
        "page list",
        "page cat X",
        "config show",
    ] {
        assert_eq!(
            parse(line).unwrap_err().kind(),
            ErrorKind::MissingRequiredArgument,
            "{line}"
        );
    }
}

#[test]
fn a_password_is_never_an_argument() {
    assert!(parse("user add Mia secret --wiki a").is_err());
    assert!(parse("user add Mia --password secret --wiki a").is_err());
}

#[test]
fn help_lists_the_commands_that_work_and_no_others() {
    let mut names: Vec<String> = Cli::command()
        .get_subcommands()
        .map(|one| one.get_name().to_owned())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "check", "config", "explain", "macro", "page", "reload", "serve", "session", "sharing", "user"
        ]
    );
    let page = Cli::command().render_help().to_string();
    assert!(names.iter().all(|name| page.contains(name.as_str())), "{page}");
}

#[test]
fn a_mistake_ends_with_status_2_and_help_with_0() {
    assert_eq!(parse("frobnicate").unwrap_err().exit_code(), 2);
    assert_eq!(parse("check --jsn").unwrap_err().exit_code(), 2);
    assert_eq!(parse("--help").unwrap_err().exit_code(), 0);
}

#[test]
fn an_option_of_serve_is_not_swallowed_by_other_commands() {
    let refused = obey(understood("--log json check")).unwrap_err();
    assert_eq!(refused.to_string(), "--log belongs to `grange serve`");
}

#[test]
fn a_configuration_that_is_not_there_is_refused_with_its_name() {
    for line in [
        "user list --wiki a",
        "page list --wiki a",
        "session list --wiki a",
        "config show --wiki a",
        "explain http://a/",
        "sharing",
    ] {
        let refused = obey(understood(&format!("--config /nowhere/farm.toml {line}"))).unwrap_err();
        assert!(refused.to_string().contains("/nowhere/farm.toml"), "{refused}");
    }
}
