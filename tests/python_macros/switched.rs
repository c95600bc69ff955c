//! Turning a macro off on the farm's admin page.

use super::save;
use crate::harness::worker::build_worker;
use crate::harness::{Farm, PASSWORD, Visitor};

const FRONT: &str = "http://one.example/Front";
const PAGE: &str = "http://one.example/_farm/macros";
const SAYS: &str = "def execute(macro, args):\n    return macro.formatter.text('it runs')\n";

fn farm() -> Farm {
    build_worker();
    let farm = Farm::start(
        "[farm]\nlisten = [\"127.0.0.1:0\"]\nadmins = [\"main:Ada\"]\n\n\
         [wiki.main]\nat = [\"one.example\"]\nsuperuser = [\"Ada\"]\n\n\
         [wiki.other]\nat = [\"two.example\"]\n",
    );
    save(&farm, "Says", SAYS);
    farm.write("wikis/other/macros/Says.py", SAYS);
    for wiki in ["main", "other"] {
        farm.put_page(wiki, "Front", "<<Says>>");
    }
    farm.add_user("main", "Ada", PASSWORD);
    farm
}

/// Presses a button of the page; the status of what the browser shows then.
fn turn(ada: &mut Visitor, to: &str, wiki: &str, name: &str) -> u16 {
    let shown = ada.get(PAGE);
    let tickets = shown.attributes("form[action$=\"_farm/macros\"] input[name=ticket]", "value");
    let ticket = tickets.first().expect("a form").clone();
    let fields = [
        ("ticket", &*ticket),
        ("wiki", wiki),
        ("macro", name),
        ("turn", to),
    ];
    let answer = ada.post(PAGE, &fields);
    ada.follow(PAGE, answer).status
}

fn runs(farm: &Farm, url: &str) -> bool {
    farm.visitor().get(url).content().contains("it runs")
}

#[test]
fn a_macro_that_is_turned_off_stays_off_after_kill_9_and_runs_when_turned_on() {
    let mut farm = farm();
    assert!(runs(&farm, FRONT));
    let mut ada = farm.logged_in(FRONT, "Ada");
    assert_eq!(turn(&mut ada, "off", "main", "Says"), 200);
    assert!(!runs(&farm, FRONT) && runs(&farm, "http://two.example/Front"));
    farm.kill();
    farm.restart();
    assert!(!runs(&farm, FRONT) && runs(&farm, "http://two.example/Front"));
    let mut ada = farm.logged_in(FRONT, "Ada");
    assert!(ada.get(PAGE).text().contains("Says"));
    assert_eq!(turn(&mut ada, "on", "main", "Says"), 200);
    assert!(runs(&farm, FRONT));
}

#[test]
fn a_switch_that_cannot_be_written_down_works_still_and_says_so() {
    let farm = farm();
    assert!(runs(&farm, FRONT));
    std::fs::create_dir(farm.path().join("wikis/main/macros-off")).expect("something in its place");
    let mut ada = farm.logged_in(FRONT, "Ada");
    assert_eq!(turn(&mut ada, "off", "main", "Says"), 500);
    assert!(!runs(&farm, FRONT));
    assert!(farm.log().contains("macros-off"), "{}", farm.log());
}

#[test]
fn what_is_no_macro_of_a_wiki_is_not_turned_off() {
    let farm = farm();
    runs(&farm, FRONT);
    let mut ada = farm.logged_in(FRONT, "Ada");
    for (wiki, name, to) in [
        ("none", "Says", "off"),
        ("main", "", "off"),
        ("main", "A\nB", "off"),
        ("main", "Says", "sideways"),
    ] {
        assert_eq!(turn(&mut ada, to, wiki, name), 400, "{wiki} {name} {to}");
    }
    assert!(!farm.path().join("wikis/main/macros-off").exists());
}
