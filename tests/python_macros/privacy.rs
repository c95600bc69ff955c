//! A wrong declaration costs speed and never privacy.

use super::{FRONT, save};
use crate::harness::worker::build_worker;
use crate::harness::{Farm, PASSWORD, SINGLE, Visitor};

/// Declares nothing and looks at the visitor.
const LOOKS: &str = "Dependencies = []\n\ndef execute(macro, args):\n    r = macro.request\n    \
    return macro.formatter.text('user=%s seen=%s' % (r.user.name or '-', r.session.get('seen', '-')))\n";

/// Stores who looked in the session.
const NOTES: &str = "def execute(macro, args):\n    s = macro.request.session\n    \
    s['seen'] = macro.request.user.name or 'guest'\n    return ''\n";

fn farm() -> Farm {
    build_worker();
    let farm = Farm::start(&format!("{SINGLE}cookie_lifetime = [1, 12]\n"));
    farm.add_user("main", "Ann", PASSWORD);
    farm.add_user("main", "Bob", PASSWORD);
    save(&farm, "Looks", LOOKS);
    save(&farm, "Notes", NOTES);
    farm.put_page("main", "Note", "<<Notes>>");
    farm.put_page("main", "Front", "<<Looks>>");
    farm
}

fn user(farm: &Farm, name: &str) -> Visitor {
    let mut visitor = farm.logged_in(FRONT, name);
    visitor.get("http://h.example/Note");
    visitor
}

#[test]
fn nobody_is_shown_what_a_macro_read_of_another() {
    let farm = farm();
    let (mut ann, mut bob) = (user(&farm, "Ann"), user(&farm, "Bob"));
    // Cold and warm, in both orders, guests in between.
    for _ in 0..2 {
        assert_eq!(ann.get(FRONT).content(), "user=Ann seen=Ann");
        assert_eq!(farm.visitor().get(FRONT).content(), "user=- seen=-");
        assert_eq!(bob.get(FRONT).content(), "user=Bob seen=Bob");
        assert_eq!(farm.visitor().get(FRONT).content(), "user=- seen=-");
        assert_eq!(ann.get(FRONT).content(), "user=Ann seen=Ann");
    }
}

#[test]
fn nothing_stays_in_a_macro_between_two_views() {
    let farm = farm();
    let source = "seen = []\n\ndef execute(macro, args):\n    seen.append(macro.request.user.name or 'guest')\n    \
        return macro.formatter.text(','.join(seen))\n";
    save(&farm, "Keeps", source);
    farm.put_page("main", "Front", "<<Keeps>> <<Keeps>>");
    let mut ann = farm.logged_in(FRONT, "Ann");
    for _ in 0..2 {
        assert_eq!(
            ann.get(FRONT).content(),
            "Ann Ann,Ann",
            "what one call kept, its neighbour may see"
        );
        assert_eq!(farm.visitor().get(FRONT).content(), "guest guest,guest");
    }
}

#[test]
fn a_page_whose_macro_looked_at_the_visitor_is_private_and_not_stored() {
    let farm = farm();
    let mut ann = farm.logged_in(FRONT, "Ann");
    let answer = ann.get(FRONT);
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
}
