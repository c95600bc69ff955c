//! Macros whose output holds for a period: what they keep is counted once for each output that is shown.

use super::{FRONT, farm_with, save};
use crate::harness::worker::build_worker;
use crate::harness::{Farm, PASSWORD};

/// Counts how often it ran in its storage.
const TALLY: &str = "Dependencies = ['time:300']\n\ndef execute(macro, args):\n    s = macro.storage\n    \
    s['runs'] = s.get('runs', 0) + 1\n    return macro.formatter.text('run %d' % s['runs'])\n";

/// The same, and looks at the visitor, whatever it declares.
const LOOKS: &str = "Dependencies = ['time:300']\n\ndef execute(macro, args):\n    s = macro.storage\n    \
    s['runs'] = s.get('runs', 0) + 1\n    \
    return macro.formatter.text('run %d %s' % (s['runs'], macro.request.user.valid))\n";

fn seen(farm: &Farm) -> String {
    farm.visitor().get(FRONT).content()
}

/// A macro file that changes ends all periods.
fn end_the_period(farm: &Farm) {
    save(farm, "Another", "def execute(macro, args):\n    return ''\n");
}

#[test]
fn an_output_that_all_share_counts_once_in_its_period() {
    let farm = farm_with("Tally", TALLY, "<<Tally>>");
    assert_eq!((seen(&farm), seen(&farm)), ("run 1".into(), "run 1".into()));
    end_the_period(&farm);
    assert_eq!((seen(&farm), seen(&farm)), ("run 2".into(), "run 2".into()));
}

#[test]
fn an_output_that_turns_out_private_counts_once_for_each_view() {
    let farm = farm_with("Looks", LOOKS, "<<Looks>>");
    let both = (seen(&farm), seen(&farm));
    assert_eq!(both, ("run 1 False".into(), "run 2 False".into()));
}

#[test]
fn a_view_that_counts_nothing_begins_no_period() {
    let farm = farm_with("Tally", TALLY, "<<Tally>>");
    assert_eq!(farm.visitor().head(FRONT).status, 200);
    assert_eq!(seen(&farm), "run 1");
    end_the_period(&farm);
    assert_eq!(seen(&farm), "run 2");
}

#[test]
fn the_attempt_to_make_an_output_for_all_is_one_of_the_calls_that_a_page_may_make() {
    let looks = "Dependencies = ['time:300']\n\ndef execute(macro, args):\n    \
        return macro.formatter.text('hello %s' % macro.request.user.valid)\n";
    let farm = farm_with("Looks", looks, "");
    farm.put_page("main", "Front", &"<<Looks>>\n\n".repeat(60));
    let seen = seen(&farm);
    assert_eq!(seen.matches("hello").count(), 50, "{seen}");
    assert_eq!(seen.matches("may run 100 Python macros").count(), 10, "{seen}");
}

#[test]
fn a_failure_that_everybody_gets_is_not_tried_again() {
    let counts = "Dependencies = ['time:300']\n\ndef execute(macro, args):\n    return 5\n";
    let farm = farm_with("Number", counts, "");
    save(&farm, "Word", "def execute(macro, args):\n    return 'word'\n");
    farm.put_page(
        "main",
        "Front",
        &format!("{}<<Word>>", "<<Number>>\n\n".repeat(99)),
    );
    assert!(seen(&farm).ends_with("word"));
}

#[test]
fn the_host_that_one_visitor_asked_for_is_in_no_output_that_others_get() {
    let links = "Dependencies = ['time:300']\n\ndef execute(macro, args):\n    f = macro.formatter\n    \
        return f.interwikilink(1, 'other', 'Page') + f.text('there') + f.interwikilink(0)\n";
    build_worker();
    let farm = Farm::start("[wiki.main]\nat = [\"*\"]\n[wiki.other]\nat = [\"*/other\"]\n");
    save(&farm, "Links", links);
    farm.put_page("main", "Front", "<<Links>>");
    for host in ["evil.example", "good.example", "evil.example"] {
        let answer = farm.visitor().get(&format!("http://{host}/Front"));
        let hrefs = answer.attributes("#content a", "href");
        assert_eq!(hrefs, [format!("http://{host}/other/Page")]);
    }
}

#[test]
fn what_gets_stuck_over_a_guest_only_is_run_for_a_user() {
    let source = "Dependencies = ['time:300']\ndef execute(macro, args):\n    name = macro.request.user.name\n    \
        if not name:\n        x = 7 ** (3 * 10 ** 7)\n    return macro.formatter.text('hello ' + name)\n";
    let farm = farm_with("Greets", source, "<<Greets>>");
    farm.add_user("main", "Eve", PASSWORD);
    let mut eve = farm.logged_in("http://h.example/Other", "Eve");
    assert_eq!(eve.get(FRONT).content(), "hello Eve");
    let seen = farm.visitor().get(FRONT).content();
    assert!(seen.contains("<<Greets: "), "{seen}");
    assert_eq!(eve.get(FRONT).content(), "hello Eve");
}

#[test]
fn a_save_elsewhere_does_not_end_the_period_of_what_looks_at_no_page() {
    let farm = farm_with("Tally", TALLY, "<<Tally>>");
    for n in 0..3 {
        assert_eq!(farm.visitor().get(FRONT).content(), "run 1");
        farm.put_page("main", "Other", &format!("text {n}"));
    }
    let names = "Dependencies = ['time:300']\n\ndef execute(macro, args):\n    \
        return macro.formatter.text(str('Brandnew' in macro.request.rootpage.getPageList()))\n";
    save(&farm, "Tally", names);
    assert_eq!(farm.visitor().get(FRONT).content(), "False");
    farm.put_page("main", "Brandnew", "here");
    assert_eq!(
        farm.visitor().get(FRONT).content(),
        "True",
        "what looks at pages shows them as they are"
    );
}
