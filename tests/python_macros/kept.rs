//! What macros keep in their storage: counted right by many at once, through kill -9.

use std::thread;

use super::{FRONT, farm_with, save};

const HITS: &str = "def execute(macro, args):\n    s = macro.storage\n    \
    s['hits'] = s.get('hits', 0) + 1\n    return macro.formatter.text('%d' % s['hits'])\n";

#[test]
fn every_view_is_counted_once_by_many_at_once_and_after_kill_9() {
    let mut farm = farm_with("Hits", HITS, "<<Hits>>");
    let visitors: Vec<_> = (0..8)
        .map(|_| {
            let mut visitor = farm.visitor();
            thread::spawn(move || (0..5).map(|_| visitor.get(FRONT).content()).collect::<Vec<_>>())
        })
        .collect();
    let seen = visitors.into_iter().flat_map(|visitor| visitor.join().unwrap());
    // On a machine with much else to do a view may be told that all workers are busy; that is none that counts.
    let mut seen: Vec<usize> = seen.filter_map(|words| words.parse().ok()).collect();
    seen.sort_unstable();
    assert!(
        !seen.is_empty() && seen.iter().copied().eq(1..=seen.len()),
        "{seen:?}"
    );
    farm.kill();
    farm.restart();
    assert_eq!(farm.visitor().get(FRONT).content(), (seen.len() + 1).to_string());
}

#[test]
fn a_macro_that_fails_keeps_nothing_and_other_macros_see_nothing_of_it() {
    let farm = farm_with("Hits", HITS, "<<Fails>> <<Hits>> <<Other>>");
    save(
        &farm,
        "Fails",
        "def execute(macro, args):\n    macro.storage['x'] = 1\n    raise KeyError('no')\n",
    );
    save(
        &farm,
        "Other",
        "def execute(macro, args):\n    return macro.formatter.text(str(sorted(macro.storage.keys())))\n",
    );
    let seen = farm.visitor().get(FRONT).content();
    assert!(seen.ends_with("1 []"), "{seen}");
    save(
        &farm,
        "Fails",
        "def execute(macro, args):\n    return macro.formatter.text(str(list(macro.storage.keys())))\n",
    );
    let seen = farm.visitor().get(FRONT).content();
    assert!(seen.starts_with("[] 2"), "{seen}");
}
