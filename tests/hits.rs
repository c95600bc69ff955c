//! Views of pages: which are counted, and that counts outlast a restart.

use crate::harness::{Farm, SINGLE};

const BASE: &str = "http://h.example/";

/// What the page with the two macros says, for a wiki that was asked for the first time.
fn counted(farm: &Farm) -> String {
    farm.visitor().get(&format!("{BASE}Counts")).content()
}

fn farm() -> Farm {
    let farm = Farm::start(SINGLE);
    farm.put_page("main", "Counts", "all: <<Hits(all)>>\n\n<<PageHits>>");
    farm.put_page("main", "A", "words");
    farm.put_page("main", "B", "words <<DateTime>>");
    farm
}

#[test]
fn views_of_readers_are_counted_whether_a_page_is_kept_or_made_for_them() {
    let farm = farm();
    let mut visitor = farm.visitor();
    for page in ["A", "B", "B", "A", "A", "Nowhere"] {
        visitor.get(&format!("{BASE}{page}"));
    }
    visitor.get(&format!("{BASE}A?action=raw"));
    visitor.head(&format!("{BASE}A"));
    let robot = farm.visitor();
    let mut robot = robot.with_header("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)");
    robot.get(&format!("{BASE}A"));
    let page = counted(&farm);
    assert_eq!(page, "all: 6 3 A 2 B 1 Counts");
}

#[test]
fn counts_outlast_a_restart() {
    let mut farm = farm();
    for _ in 0..3 {
        farm.visitor().get(&format!("{BASE}A"));
    }
    assert_eq!(farm.terminate(), 0);
    farm.restart();
    farm.visitor().get(&format!("{BASE}A"));
    let page = counted(&farm);
    assert_eq!(page, "all: 5 4 A 1 Counts");
}
