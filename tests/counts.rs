//! No update of one session is lost, however many requests make one at the same moment.
//!
//! What each session store promises is claimed in the session crate; here whole servers keep it.

use grange_test_servers::{PostgresServer, RedisServer};

use crate::harness::{Farm, SINGLE, Visitor};

const COUNT: &str = "http://h.example/Count";

fn farm(store: &str) -> Farm {
    let farm = Farm::start(&format!(
        "{SINGLE}cookie_lifetime = [1, 12]\nsession_store = \"{store}\"\n"
    ));
    farm.put_page("main", "Count", "<<VisitCount>>");
    for n in 0..50 {
        farm.put_page("main", &format!("Own{n}"), &format!("<<SessionTest(own{n})>>"));
    }
    farm
}

/// Gets the page numbered so by each of `requests`, `tabs` at a time, spread over the servers.
fn reload(visitors: &[Visitor], tabs: usize, requests: usize, page: impl Fn(usize) -> String + Sync) {
    let page = &page;
    std::thread::scope(|threads| {
        for tab in 0..tabs {
            let mut visitor = visitors[tab % visitors.len()].clone();
            threads.spawn(move || {
                for n in (tab..requests).step_by(tabs) {
                    assert_eq!(visitor.get(&page(n)).status, 200);
                }
            });
        }
    });
}

fn nothing_is_lost(visitors: &mut [Visitor]) {
    visitors[0].get(COUNT);
    for index in 1..visitors.len() {
        visitors[index].jar = visitors[0].jar.clone();
    }
    reload(visitors, 20, 200, |_| COUNT.to_owned());
    assert_eq!(visitors[0].get(COUNT).content(), "Visits counted: 201");
    let own = |n: usize| format!("http://h.example/Own{n}");
    reload(visitors, 50, 50, own);
    for n in 0..50 {
        let kept = visitors[0].get(&own(n)).content();
        assert!(kept.starts_with("Loaded value "), "Own{n}: {kept}");
    }
}

#[test]
fn two_hundred_counts_and_fifty_keys_at_once_are_all_kept() {
    for store in ["sqlite", "memory"] {
        let farm = farm(store);
        nothing_is_lost(&mut [farm.visitor()]);
    }
}

#[test]
fn two_hundred_counts_and_fifty_keys_at_once_are_all_kept_by_two_servers() {
    let (redis, postgres) = (RedisServer::start(), PostgresServer::start());
    for store in ["sqlite".to_owned(), redis.url(), postgres.url()] {
        let farm = farm(&store);
        let second = farm.second_process();
        nothing_is_lost(&mut [farm.visitor(), second.visitor()]);
    }
}
