//! The order of the three lists, the built-in default, and the reasons given.
//!
//! What one list decides is in `acl_tests.rs`; here it is only asked which list is asked when.

use super::*;

fn viewer(name: &str) -> Viewer {
    Viewer {
        user_id: Some("7".into()),
        name: Some(name.to_owned()),
        ..Viewer::anonymous()
    }
}

fn rules(before: &str, default: &str, after: &str) -> AclRules {
    AclRules {
        before: Acl::parse(before),
        default: Acl::parse(default),
        after: Acl::parse(after),
    }
}

#[test]
fn when_nothing_is_configured_everyone_reads_and_logged_in_users_edit() {
    let rules = AclRules::default();
    let (guest, mia) = (Viewer::anonymous(), viewer("Mia"));
    assert!(rules.allows(&guest, Right::Read));
    assert!(!rules.allows(&guest, Right::Write) && !rules.allows(&guest, Right::Delete));
    assert!(rules.allows(&mia, Right::Read) && rules.allows(&mia, Right::Write));
    assert!(rules.allows(&mia, Right::Delete) && rules.allows(&mia, Right::Revert));
    assert!(!rules.allows(&mia, Right::Admin));
    assert!(rules.problems().is_empty());
}

#[test]
fn before_wins_over_the_page_and_the_page_over_after() {
    let rules = rules("+Root:admin -Mia:write", "All:read", "+All:revert");
    let page = Acl::parse("+Mia:write,delete");
    let may = |name: &str, right| rules.ruling(&viewer(name), right, Some(&page), &NoGroups).granted;
    assert!(may("Root", Right::Admin));
    assert!(!may("Mia", Right::Write));
    assert!(may("Mia", Right::Delete));
    assert!(may("Mia", Right::Revert));
}

#[test]
fn the_default_list_is_not_asked_where_a_page_has_its_own() {
    let rules = rules("", "All:read,write", "");
    let page = Acl::parse("+Mia:write");
    assert!(
        !rules
            .ruling(&viewer("Tom"), Right::Read, Some(&page), &NoGroups)
            .granted
    );
    assert!(rules.ruling(&viewer("Tom"), Right::Read, None, &NoGroups).granted);
}

#[test]
fn an_empty_page_list_keeps_the_default_from_being_asked() {
    let rules = rules("", "All:read", "+Known:read");
    let page = Acl::parse("");
    assert!(
        rules
            .ruling(&viewer("Tom"), Right::Read, Some(&page), &NoGroups)
            .granted
    );
    assert!(
        !rules
            .ruling(&Viewer::anonymous(), Right::Read, Some(&page), &NoGroups)
            .granted
    );
}

#[test]
fn what_no_list_decides_is_denied() {
    let ruling = rules("", "", "").ruling(&viewer("Mia"), Right::Read, None, &NoGroups);
    assert_eq!(
        ruling,
        Ruling {
            granted: false,
            decided_by: None
        }
    );
    assert_eq!(ruling.to_string(), "denied: no list says anything");
}

#[test]
fn default_works_in_before_and_after_too() {
    let rules = rules("Default", "+Mia:write", "");
    assert!(
        rules
            .ruling(&viewer("Mia"), Right::Write, Some(&Acl::parse("All:")), &NoGroups)
            .granted
    );
}

#[test]
fn the_reason_names_list_entry_and_name() {
    let rules = rules("-Tom:write", "Known:read,write All:read", "");
    let ruling = rules.ruling(&viewer("tom"), Right::Write, None, &NoGroups);
    assert_eq!(
        ruling.to_string(),
        "denied by \"-Tom:write\" in acl_rights_before (as Tom)"
    );
    let ruling = rules.ruling(&viewer("Mia"), Right::Write, None, &NoGroups);
    assert_eq!(
        ruling.to_string(),
        "granted by \"Known:read,write\" in acl_rights_default (as Known)"
    );
    let page = Acl::parse("Default");
    let ruling = rules.ruling(&viewer("Mia"), Right::Write, Some(&page), &NoGroups);
    assert_eq!(ruling.decided_by.unwrap().list, AclList::Default);
}

#[test]
fn problems_say_in_which_list_they_are() {
    let rules = rules("Mia:raed", "Default All:read", "no colon here");
    let found = rules.problems();
    let lists: Vec<AclList> = found.iter().map(|(list, _)| *list).collect();
    assert_eq!(lists, [AclList::Before, AclList::After, AclList::Default]);
    assert_eq!(found[0].1.offending(), "raed");
    assert_eq!(found[1].1.offending(), "no colon here");
    assert_eq!(found[2].1, AclProblem::DefaultInsideDefault);
    for (_, problem) in found {
        assert!(problem.to_string().contains(problem.offending()));
    }
}
