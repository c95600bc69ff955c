//! `grange macro run` and `test`: what is run, where it is looked for, and what is told of it.

use std::process::Command;

use super::macros::farm_with;
use crate::harness::farm::{GRANGE, told};
use crate::harness::worker::build_worker;
use crate::harness::{Farm, PASSWORD, SINGLE};
use crate::python_macros::{FRONT, save};

const SAYS: &str = "Dependencies = []\ndef execute(macro, args):\n    return macro.formatter.text('x')\n";

const TWO: &str = "[wiki.one]\nat = [\"h.example/one\"]\n[wiki.two]\nat = [\"h.example/two\"]\n";

#[test]
fn a_test_of_a_file_that_does_not_compile_shows_the_place_and_fails() {
    let farm = farm_with(
        "Broken",
        "'''\n>>> <<Broken>>\nx\n'''\ndef execute(macro, args)\n    return ''\n",
    );
    for names in [&[][..], &["Broken"], &["wikis/main/macros/Broken.py"]] {
        let told = farm.grange(&[&["macro", "test"], names].concat());
        assert!(
            told.status == 2 && told.out.contains("Broken.py:5: ") && told.out.contains("1 file cannot run"),
            "{told:?}"
        );
    }
}

#[test]
fn a_test_that_found_no_case_is_no_success() {
    let farm = farm_with("Says", SAYS);
    let told = farm.grange(&["macro", "test", "Says"]);
    assert!(
        told.status == 2 && told.err.contains("nothing was tested"),
        "{told:?}"
    );
}

#[test]
fn files_and_the_macros_of_one_wiki_are_tested_on_their_own() {
    build_worker();
    let farm = Farm::prepare(TWO);
    farm.write(
        "wikis/one/macros/Good.py",
        &format!("'''\n>>> <<Good>>\nx\n'''\n{SAYS}"),
    );
    farm.write(
        "wikis/two/macros/Bad.py",
        &format!("'''\n>>> <<Bad>>\ny\n'''\n{SAYS}"),
    );
    assert_eq!(farm.grange(&["macro", "test"]).status, 2);
    for chosen in [
        &["--wiki", "one"][..],
        &["wikis/one/macros/Good.py"],
        &["Good", "--wiki", "one"],
    ] {
        let told = farm.grange(&[&["macro", "test"], chosen].concat());
        assert!(
            told.status == 0 && told.out == "1 case in 1 macro: all as expected\n",
            "{told:?}"
        );
    }
    let told = farm.grange(&["macro", "test", "--wiki", "three"]);
    assert!(
        told.status == 2 && told.err.contains("no wiki \"three\""),
        "{told:?}"
    );
}

#[test]
fn a_file_is_run_before_it_is_put_into_a_wiki() {
    let farm = farm_with("Says", SAYS);
    farm.write("drafts/Says.py", &SAYS.replace("'x'", "'from the draft'"));
    let told = farm.grange(&["macro", "run", "drafts/Says.py"]);
    assert!(
        told.status == 0 && told.out.starts_with("<p>from the draft"),
        "{told:?}"
    );
    let told = farm.grange(&["macro", "run", "Says"]);
    assert!(told.status == 0 && told.out.starts_with("<p>x"), "{told:?}");
    assert_eq!(farm.grange(&["macro", "run", "drafts/Nope.py"]).status, 2);
}

#[test]
fn a_run_of_a_file_that_does_not_compile_shows_the_place() {
    let farm = farm_with("Broken", "def execute(macro, args)\n    return ''\n");
    let told = farm.grange(&["macro", "run", "Broken"]);
    assert!(
        told.status == 2
            && told.err.contains("Broken.py:1: ")
            && told.err.contains("def execute(macro, args)\n"),
        "{told:?}"
    );
    farm.write("wikis/main/macros/Broken.py", "x = 1\n");
    let told = farm.grange(&["macro", "run", "Broken"]);
    assert!(
        told.status == 2 && !told.err.contains("Broken.py:0") && told.err.contains("Broken.py: "),
        "{told:?}"
    );
}

#[test]
fn links_of_a_run_lead_where_those_of_the_page_lead() {
    build_worker();
    let farm = Farm::prepare(TWO);
    let source = "Dependencies = ['namespace']\ndef execute(macro, args):\n    f = macro.formatter\n    \
        return f.pagelink(1, 'FrontPage') + 'a' + f.pagelink(0) + \
        f.interwikilink(1, 'two', 'FrontPage') + 'b' + f.interwikilink(0)\n";
    farm.write("wikis/one/macros/Links.py", source);
    farm.put_page("one", "FrontPage", "here");
    let told = farm.grange(&["macro", "run", "Links", "--wiki", "one"]);
    for words in [
        "href=\"/one/FrontPage\"",
        "href=\"http://h.example/two/FrontPage\"",
        "cached: no: it links to another wiki",
    ] {
        assert!(told.out.contains(words), "{words}: {told:?}");
    }
}

#[test]
fn a_superuser_is_told_where_a_missing_macro_was_looked_for_and_others_are_not() {
    build_worker();
    let farm = Farm::start(&format!("{SINGLE}superuser = [\"Root\"]\n"));
    farm.add_user("main", "Root", PASSWORD);
    farm.add_user("main", "Ann", PASSWORD);
    farm.put_page("main", "Front", "<<Nope>>");
    let root = farm.logged_in(FRONT, "Root").get(FRONT).content();
    assert!(
        root.contains("there is no Nope.py in") && root.contains("macros"),
        "{root}"
    );
    for mut visitor in [farm.visitor(), farm.logged_in(FRONT, "Ann")] {
        let told = visitor.get(FRONT).content();
        assert!(
            told.contains("is not known") && !told.contains("Nope.py"),
            "{told}"
        );
    }
    save(&farm, "Nope", SAYS);
    assert_eq!(farm.visitor().get(FRONT).content(), "x");
}

#[test]
fn a_configuration_further_up_is_named_and_not_taken() {
    let farm = Farm::prepare(SINGLE);
    farm.write("wikis/main/macros/Says.py", SAYS);
    let mut command = Command::new(GRANGE);
    command
        .args(["macro", "run", "Says"])
        .current_dir(farm.path().join("wikis/main/macros"));
    let told = told(command, "");
    assert!(
        told.status == 2 && told.err.contains("further up: --config ../../../farmconfig.toml"),
        "{told:?}"
    );
}

#[test]
fn one_badly_written_case_does_not_keep_the_other_files_from_being_tested() {
    let farm = farm_with("Good", &format!("'''\n>>> <<Good>>\nx\n'''\n{SAYS}"));
    farm.write(
        "wikis/main/macros/Bad.py",
        &format!("'''\n>>> <<Bad>>  # bogus thing\nx\n'''\n{SAYS}"),
    );
    let told = farm.grange(&["macro", "test"]);
    assert!(
        told.status == 2
            && told.out.contains("Bad.py:2: ")
            && told
                .out
                .contains("1 case in 2 macros: 0 not as expected, 1 file cannot run"),
        "{told:?}"
    );
    let told = farm.grange(&["macro", "test", "wikis/main/macros"]);
    assert!(told.status == 2 && told.err.contains("--dir"), "{told:?}");
}

#[test]
fn a_session_that_no_macro_could_have_is_refused_and_no_macro_is_blamed() {
    let farm = farm_with("Says", SAYS);
    let told = farm.grange(&["macro", "run", "Says", "--session", "{\"trail\": 1}"]);
    assert!(
        told.status == 2 && told.err.contains("--session: the key \"trail\""),
        "{told:?}"
    );
}

#[test]
fn what_failed_over_a_guest_is_not_told_of_the_user_who_runs_it() {
    let source = "Dependencies = ['time:300']\ndef execute(macro, args):\n    name = macro.request.user.name\n    \
        if not name:\n        raise ValueError('for users only')\n    return macro.formatter.text('hello ' + name)\n";
    let farm = farm_with("Greets", source);
    farm.add_user("main", "Mia", PASSWORD);
    let told = farm.grange(&["macro", "run", "Greets", "--as", "Mia"]);
    assert!(
        told.status == 0 && told.out.starts_with("<p>hello Mia") && !told.out.contains("error"),
        "{told:?}"
    );
    let told = farm.grange(&["macro", "run", "Greets"]);
    assert!(
        told.status == 2 && told.out.contains("error: ValueError: for users only"),
        "{told:?}"
    );
}
