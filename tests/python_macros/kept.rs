//! What macros keep in their storage: counted right by many at once, through kill -9.

use std::thread;

use super::{FRONT, farm_with, save};

const HITS: &str = "def execute(macro, args):\n    s = macro.storage\n    \
    s['hits'] = s.get('hits', 0) + 1\n    return macro.formatter.text('%d' % s['hits'])\n";

#[test]
fn every_view_is_counted_once_by_many_at_once_and_after_kill_9() {
    let mut farm = farm_with("Hits", HITS, "<<Hits>>");
    let counted: Vec<_> = (0..8)
        .map(|_| {
            let mut visitor = farm.visitor();
            thread::spawn(move || (0..5).for_each(|_| drop(visitor.get(FRONT))))
        })
        .collect();
    for visitor in counted {
        visitor.join().unwrap();
    }
    farm.kill();
    farm.restart();
    assert_eq!(farm.visitor().get(FRONT).content(), "41");
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
