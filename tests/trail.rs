//! The visited pages: what is on the trail, in which order, for whom, and where its links lead.

use crate::harness::{Answer, Farm, PASSWORD, SINGLE, Visitor};

const BASE: &str = "http://h.example/";

/// One wiki with pages A to F and Mia.
fn farm_with(keys: &str) -> Farm {
    let farm = Farm::start(&format!("{SINGLE}{keys}"));
    for page in ["A", "B", "C", "D", "E", "F"] {
        farm.put_page("main", page, "words");
    }
    farm.add_user("main", "Mia", PASSWORD);
    farm
}

/// Mia, whose login left nothing on her trail.
fn mia(farm: &Farm) -> Visitor {
    let mut visitor = farm.visitor();
    assert_eq!(
        visitor
            .log_in(&format!("{BASE}Nowhere"), "Mia", PASSWORD)
            .user()
            .as_deref(),
        Some("Mia")
    );
    visitor
}

fn walk(visitor: &mut Visitor, pages: &[&str]) -> Answer {
    let mut last = None;
    for page in pages {
        last = Some(visitor.get(&format!("{BASE}{page}")));
    }
    last.unwrap()
}

fn trail(answer: &Answer) -> Vec<String> {
    answer.trail().unwrap_or_default()
}

#[test]
fn the_trail_ends_with_the_page_being_viewed() {
    let farm = farm_with("");
    let mut visitor = mia(&farm);
    assert_eq!(trail(&walk(&mut visitor, &["A"])), ["A"]);
    let seen = walk(&mut visitor, &["B", "C"]);
    assert_eq!(trail(&seen), ["A", "B", "C"]);
    assert_eq!(seen.trail_hrefs(), ["/A", "/B", "/C"]);
}

#[test]
fn a_page_seen_again_moves_to_the_end() {
    let farm = farm_with("");
    let mut visitor = mia(&farm);
    assert_eq!(trail(&walk(&mut visitor, &["A", "B", "A", "A"])), ["B", "A"]);
}

#[test]
fn the_trail_keeps_the_last_five_pages_or_as_many_as_configured() {
    let farm = farm_with("");
    assert_eq!(
        trail(&walk(&mut mia(&farm), &["A", "B", "C", "D", "E", "F"])),
        ["B", "C", "D", "E", "F"]
    );
    let farm = farm_with("trail_size = 2\n");
    assert_eq!(trail(&walk(&mut mia(&farm), &["A", "B", "C"])), ["B", "C"]);
}

#[test]
fn a_trail_size_of_zero_means_no_trail() {
    let farm = farm_with("trail_size = 0\n");
    assert_eq!(walk(&mut mia(&farm), &["A", "B"]).trail(), None);
}

#[test]
fn missing_pages_errors_and_other_looks_at_a_page_leave_no_trace() {
    let farm = farm_with("acl_rights_before = \"\"\n");
    let mut visitor = mia(&farm);
    let elsewhere = [
        "Missing",
        "B?action=raw",
        "B?action=info",
        "B?action=edit",
        "B?action=nosuch",
        "B?rev=99",
    ];
    walk(&mut visitor, &["A"]);
    walk(&mut visitor, &elsewhere);
    assert_eq!(trail(&walk(&mut visitor, &["C"])), ["A", "C"]);
}

#[test]
fn a_head_request_leaves_no_trace() {
    let farm = farm_with("");
    let mut visitor = mia(&farm);
    walk(&mut visitor, &["A"]);
    visitor.head(&format!("{BASE}B"));
    assert_eq!(trail(&walk(&mut visitor, &["C"])), ["A", "C"]);
}

#[test]
fn a_robot_leaves_no_trace() {
    let farm = farm_with("");
    let mut visitor = mia(&farm);
    walk(&mut visitor, &["A"]);
    visitor.get_with(
        &format!("{BASE}B"),
        &[("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1)")],
    );
    assert_eq!(trail(&walk(&mut visitor, &["C"])), ["A", "C"]);
}

#[test]
fn without_a_stored_session_there_is_no_trail() {
    let farm = farm_with("");
    assert_eq!(walk(&mut farm.visitor(), &["A", "B"]).trail(), None);
    let farm = farm_with("cookie_lifetime = [1, 12]\n");
    let mut guest = farm.visitor();
    assert_eq!(
        walk(&mut guest, &["A"]).trail(),
        None,
        "the first visit is not remembered"
    );
}

#[test]
fn guests_with_sessions_have_a_trail_from_the_second_page_on() {
    let farm = farm_with("cookie_lifetime = [1, 12]\n");
    let mut guest = farm.visitor();
    assert_eq!(trail(&walk(&mut guest, &["A", "B", "C"])), ["B", "C"]);
}

#[test]
fn a_login_and_a_logout_begin_a_new_trail() {
    let farm = farm_with("cookie_lifetime = [1, 12]\n");
    let mut visitor = farm.visitor();
    walk(&mut visitor, &["A", "B"]);
    visitor.log_in(&format!("{BASE}C"), "Mia", PASSWORD);
    assert_eq!(trail(&walk(&mut visitor, &["D"])), ["C", "D"]);
    let goodbye = visitor.log_out(&format!("{BASE}D"));
    assert!(
        !trail(&goodbye).contains(&"C".to_owned()),
        "guests do not see where users were"
    );
}

#[test]
fn a_page_that_is_gone_is_not_shown_any_more() {
    let farm = farm_with("");
    let mut visitor = mia(&farm);
    walk(&mut visitor, &["A", "B"]);
    assert_eq!(
        visitor
            .submit(&format!("{BASE}A"), "delete", &[("comment", "old")])
            .status,
        404
    );
    assert_eq!(trail(&walk(&mut visitor, &["C"])), ["B", "C"]);
}

const SHARED: &str = "[group.g]\ncookie_name = \"g\"\ncookie_domain = \".example.org\"\n\
    session_dir = \"wikis/_g/sessions\"\nuser_dir = \"wikis/_g/users\"\n\n\
    [wiki.one]\nat = [\"one.example.org\"]\ngroup = \"g\"\nsitename = \"Wiki One\"\n\n\
    [wiki.two]\nat = [\"www.example.org/two\"]\ngroup = \"g\"\n";

fn shared_farm(more: &str) -> (Farm, Visitor) {
    let farm = Farm::start(&format!("{SHARED}{more}"));
    farm.put_page("one", "A", "words");
    farm.put_page("two", "B", "words");
    farm.add_user("one", "Mia", PASSWORD);
    let mut visitor = farm.visitor();
    visitor.log_in("http://one.example.org/Nowhere", "Mia", PASSWORD);
    (farm, visitor)
}

#[test]
fn the_trail_goes_across_the_wikis_that_share_a_session() {
    let (_farm, mut visitor) = shared_farm("");
    visitor.get("http://one.example.org/A");
    let seen = visitor.get("http://www.example.org/two/B");
    assert_eq!(seen.trail_hrefs(), ["http://one.example.org/A", "/two/B"]);
    assert!(
        trail(&seen)[0].ends_with('A') && trail(&seen)[0].contains("Wiki One"),
        "{:?}",
        seen.trail()
    );
    let back = visitor.get("http://one.example.org/A");
    assert_eq!(back.trail_hrefs(), ["http://www.example.org/two/B", "/A"]);
    assert_eq!(
        visitor.get(&back.trail_hrefs()[0]).status,
        200,
        "the link leads there"
    );
}

#[test]
fn a_page_that_may_not_be_read_is_not_shown_any_more() {
    let (mut farm, mut visitor) = shared_farm("");
    visitor.get("http://one.example.org/A");
    assert_eq!(visitor.get("http://www.example.org/two/B").trail_hrefs().len(), 2);
    farm.write_config(&SHARED.replace("sitename = \"Wiki One\"", "acl_rights_default = \"All:\""));
    farm.restart();
    let seen = visitor.at(farm.address(0)).get("http://www.example.org/two/B");
    assert_eq!(seen.trail_hrefs(), ["/two/B"]);
}

#[test]
fn a_forbidden_page_leaves_no_trace() {
    let (mut farm, visitor) = shared_farm("");
    farm.write_config(&SHARED.replace("sitename = \"Wiki One\"", "acl_rights_default = \"All:\""));
    farm.restart();
    let mut visitor = visitor.at(farm.address(0));
    assert_eq!(visitor.get("http://one.example.org/A").status, 403);
    farm.write_config(SHARED);
    farm.restart();
    let seen = visitor.at(farm.address(0)).get("http://www.example.org/two/B");
    assert_eq!(seen.trail_hrefs(), ["/two/B"]);
}
