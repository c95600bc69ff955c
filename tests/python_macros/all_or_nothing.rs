//! A call counts whole or not at all, and what goes wrong in it is told in few words.

use super::{FRONT, farm_with, save};
use crate::harness::PASSWORD;

/// Raises with a text of the length that its argument says.
const SHOUTS: &str = "def execute(macro, args):\n    raise ValueError('<' * int(args))\n";

/// Counts in the session and in the storage.
const COUNTS: &str = "Dependencies = ['session']\ndef execute(macro, args):\n    \
    s, kept = macro.request.session, macro.storage\n    \
    s['n'] = s.get('n', 0) + 1\n    kept['n'] = kept.get('n', 0) + 1\n    \
    return macro.formatter.text('%d/%d' % (s['n'], kept['n']))\n";

#[test]
fn the_words_of_an_exception_are_cut_in_the_page_and_in_the_log() {
    let page = "<<Shouts(5000000)>> ".repeat(20);
    let farm = farm_with("Shouts", SHOUTS, &page);
    let answer = farm.visitor().get(FRONT);
    assert_eq!(answer.status, 200);
    let bytes = answer.text().len();
    assert!(bytes < 400_000, "{bytes} bytes");
    let log = farm.log();
    assert!(log.contains("a macro failed"), "{log}");
    let longest = log.lines().map(str::len).max().unwrap_or_default();
    assert!(longest < 100_000, "{longest} bytes in a line of the log");
}

#[test]
fn calls_beside_two_long_exceptions_keep_their_output() {
    let farm = farm_with(
        "Shouts",
        SHOUTS,
        "<<Counts>> <<Shouts(9000000)>> <<Shouts(9000000)>> <<Counts>>",
    );
    farm.add_user("main", "Mia", PASSWORD);
    save(&farm, "Counts", COUNTS);
    let mut mia = farm.logged_in("http://h.example/Other", "Mia");
    let seen = mia.get(FRONT).content();
    assert!(
        seen.starts_with("1/1 <<Shouts: ") && seen.ends_with(" 2/2"),
        "{seen}"
    );
    let seen = mia.get(FRONT).content();
    assert!(seen.starts_with("3/3 ") && seen.ends_with(" 4/4"), "{seen}");
}

#[test]
fn a_call_whose_session_is_refused_keeps_nothing_in_its_storage() {
    let farm = farm_with("Count", COUNTS, "<<Count>> <<Refused>>");
    farm.add_user("main", "Mia", PASSWORD);
    let mut mia = farm.logged_in("http://h.example/Other", "Mia");
    for change in [
        // Beyond what a session holds, beyond the keys that a view may add, in a list where it is not seen at once.
        "s['x'] = 'y' * 70000",
        "s.update({'k%d' % n: n for n in range(65)})",
        "s['x'] = [float('inf')]",
        "s['x'] = float('nan')",
    ] {
        let body = format!(
            "def execute(macro, args):\n    s = macro.request.session\n    \
            macro.storage['kept'] = macro.storage.get('kept', 0) + 1\n    {change}\n    return 'x'\n"
        );
        save(&farm, "Refused", &body);
        for _ in 0..2 {
            let seen = mia.get(FRONT).content();
            assert!(seen.contains("<<Refused: "), "{change}: {seen}");
        }
        let tells = "def execute(macro, args):\n    \
            return macro.formatter.text('kept %d' % macro.storage.get('kept', 0))\n";
        save(&farm, "Refused", tells);
        let seen = mia.get(FRONT).content();
        assert!(seen.ends_with("kept 0"), "{change}: {seen}");
    }
}

#[test]
fn a_call_whose_output_the_page_has_no_room_for_keeps_nothing_in_its_storage() {
    let source = "def execute(macro, args):\n    n = macro.storage.get('n', 0)\n    \
        macro.storage['n'] = n + 1\n    return macro.formatter.text('%d' % n + 'x' * 1000000)\n";
    let farm = farm_with("Long", source, &"<<Long>> ".repeat(6));
    let seen = farm.visitor().get(FRONT).content();
    assert!(seen.contains("<<Long: "), "not all of them have room");
    let shown = seen.matches("xx ").count();
    let tells =
        "def execute(macro, args):\n    return macro.formatter.text('%d' % macro.storage.get('n', 0))\n";
    save(&farm, "Long", tells);
    farm.put_page("main", "Front", "<<Long>>");
    assert_eq!(farm.visitor().get(FRONT).content(), shown.to_string());
}

#[test]
fn no_number_without_end_is_stored_and_the_box_says_which() {
    for (number, words) in [("inf", "inf is no number"), ("nan", "nan is no number")] {
        for place in ["macro.storage['x'] = N", "macro.storage['x'] = [N]"] {
            let line = place.replace('N', &format!("float('{number}')"));
            let source = format!("def execute(macro, args):\n    {line}\n    return ''\n");
            let farm = farm_with("Keeps", &source, "<<Keeps>>");
            let seen = farm.visitor().get(FRONT).content();
            assert!(seen.contains(words), "{line}: {seen}");
        }
    }
}

#[test]
fn more_than_the_pipe_takes_costs_the_call_and_no_other() {
    let farm = farm_with("Count", COUNTS, "");
    farm.add_user("main", "Mia", PASSWORD);
    let mut mia = farm.logged_in("http://h.example/Other", "Mia");
    for (nth, line) in [
        "macro.storage['x'] = 'y' * 20000000",
        "macro.request.session['x'] = ['y' * 20000000]",
        "macro._('y' * 20000000)",
        "macro.request.user.may.read('y' * 20000000)",
    ]
    .iter()
    .enumerate()
    {
        save(
            &farm,
            "Big",
            &format!("def execute(macro, args):\n    {line}\n    return macro.formatter.text('went on')\n"),
        );
        farm.put_page("main", "Front", "<<Count>> <<Big>> <<Count>>");
        let seen = mia.get(FRONT).content();
        let (first, last) = (nth * 2 + 1, nth * 2 + 2);
        assert!(
            seen.starts_with(&format!("{first}/{first} ")) && seen.ends_with(&format!(" {last}/{last}")),
            "{line}: {seen}"
        );
        assert!(!seen.contains("broke its worker"), "{line}: {seen}");
    }
}

#[test]
fn an_exception_without_words_is_told_by_its_type() {
    for raised in ["ValueError('')", "ValueError(' ')"] {
        let source = format!("def execute(macro, args):\n    raise {raised}\n");
        let farm = farm_with("Silent", &source, "<<Silent>>");
        let seen = farm.visitor().get(FRONT).content();
        assert!(seen.contains("<<Silent: ValueError"), "{seen}");
    }
}

#[test]
fn a_builtin_that_calls_back_into_the_wiki_is_told_in_words_that_help() {
    let source = "def execute(macro, args):\n    \
        return ''.join(map(macro.formatter.text, ['a', 'b']))\n";
    let farm = farm_with("Maps", source, "<<Maps>>");
    let seen = farm.visitor().get(FRONT).content();
    assert!(
        seen.contains("write a comprehension") && !seen.contains("suspend"),
        "{seen}"
    );
}

#[test]
fn fields_and_buttons_of_raw_markup_are_not_seen() {
    let source = "def execute(macro, args):\n    return macro.formatter.rawHTML('<p>a <input type=\"text\" name=\"x\">\
        <input type=\"submit\" value=\"Go\"> <input type=\"checkbox\" checked></p>')\n";
    let farm = farm_with("Form", source, "<<Form>>");
    let page = farm.visitor().get(FRONT);
    assert_eq!(page.attributes("#content input[type=checkbox]", "type").len(), 1);
    assert_eq!(
        page.attributes("#content input:not([type=checkbox]):not([type=hidden])", "type")
            .len(),
        0
    );
}

#[test]
fn of_a_query_that_says_a_name_twice_the_first_counts() {
    let source = "def execute(macro, args):\n    return macro.formatter.text(macro.request.args['q'])\n";
    let farm = farm_with("Asks", source, "<<Asks>>");
    let seen = farm.visitor().get(&format!("{FRONT}?q=1&q=2")).content();
    assert_eq!(seen, "1");
}

#[test]
fn a_file_that_stops_loading_is_told_in_the_log_once() {
    let farm = farm_with("Shouts", SHOUTS, "<<Shouts(1)>>");
    farm.visitor().get(FRONT);
    save(&farm, "Shouts", "def execute(macro, args)\n    return ''\n");
    for _ in 0..3 {
        farm.visitor().get(FRONT);
    }
    let log = farm.log();
    assert_eq!(log.matches("does not load").count(), 1, "{log}");
}
