//! Decisions of one list, in tables: who may what under which line.
//!
//! A row shows all five rights at once (`+` granted, `-` denied, `.` not decided), so that a rule
//! that decides too much is seen as well as one that decides too little.

use super::*;

fn viewer(name: &str) -> Viewer {
    Viewer {
        user_id: Some(format!("id of {name}")),
        name: Some(name.to_owned()),
        ..Viewer::anonymous()
    }
}

fn trusted(name: &str) -> Viewer {
    Viewer {
        trusted: true,
        ..viewer(name)
    }
}

/// Read, write, delete, revert, admin: `+` granted, `-` denied, `.` not decided.
fn marks(line: &str, viewer: &Viewer) -> String {
    let default = Acl::parse("Known:read,write All:read");
    let acl = Acl::parse(line);
    let mark = |right| match acl.decide(viewer, right, &default) {
        Some(true) => '+',
        Some(false) => '-',
        None => '.',
    };
    Right::ALL.into_iter().map(mark).collect()
}

#[track_caller]
fn expect(line: &str, who: &Viewer, marked: &str) {
    assert_eq!(marks(line, who), marked, "{line:?} for {:?}", who.name);
}

#[test]
fn an_empty_list_decides_nothing() {
    expect("", &viewer("Mia"), ".....");
    expect("", &Viewer::anonymous(), ".....");
}

#[test]
fn without_modifier_an_entry_decides_every_right() {
    expect("Mia:read,delete", &viewer("Mia"), "+-+--");
    expect("Mia:read,delete", &viewer("Tom"), ".....");
}

#[test]
fn without_rights_an_entry_denies_everything() {
    expect("Mia: All:read,write", &viewer("Mia"), "-----");
    expect("Mia: All:read,write", &viewer("Tom"), "++---");
}

#[test]
fn plus_and_minus_decide_only_what_they_list() {
    expect("+Mia:write", &viewer("Mia"), ".+...");
    expect("-Mia:write,admin", &viewer("Mia"), ".-..-");
    expect("+Mia:", &viewer("Mia"), ".....");
    expect("+Mia:write -All:write,delete All:read", &viewer("Mia"), "++---");
}

#[test]
fn the_first_entry_that_matches_and_decides_wins() {
    expect("All:read Mia:read,write", &viewer("Mia"), "+----");
    expect("+Mia:read -Mia:read,write Mia:admin", &viewer("Mia"), "+---+");
    expect("-Mia:read +Mia:read,write", &viewer("Mia"), "-+...");
}

#[test]
fn all_known_and_trusted_match_whom_they_say() {
    let line = "Trusted:read,write,delete Known:read,write All:read";
    expect(line, &trusted("Mia"), "+++--");
    expect(line, &viewer("Mia"), "++---");
    expect(line, &Viewer::anonymous(), "+----");
}

#[test]
fn a_guest_is_neither_known_nor_trusted_nor_anybody_by_name() {
    let half_made = Viewer {
        trusted: true,
        ..Viewer::anonymous()
    };
    expect("Trusted,Known,Mia:read", &half_made, ".....");
    expect("Mia,:read", &Viewer::anonymous(), ".....");
}

#[test]
fn names_are_compared_as_accounts_are() {
    expect("mia VON berg:write", &viewer("Mia von Berg"), "-+---");
    expect("JU\u{308}RGEN:write", &viewer("Jürgen"), "-+---");
    expect("Mi:write", &viewer("Mia"), ".....");
}

#[test]
fn an_account_named_as_a_special_word_in_other_case_is_only_that_account() {
    expect("all:write", &viewer("Mia"), ".....");
    expect("known:write", &viewer("Mia"), ".....");
}

#[test]
fn a_name_with_a_blank_at_its_edge_matches_nobody() {
    expect("Mia :read All:write", &viewer("Mia"), "-+---");
    expect("Tom, Mia:read", &viewer("Mia"), ".....");
}

#[test]
fn a_mistyped_right_takes_every_right_away() {
    expect("Mia:raed All:read", &viewer("Mia"), "-----");
}

#[test]
fn default_stands_for_the_default_list_at_its_place() {
    expect("+Mia:delete Default", &viewer("Mia"), "+++--");
    expect("-All:write Default", &viewer("Mia"), "+----");
    expect("Default Mia:admin", &viewer("Mia"), "++---");
    expect("Default", &Viewer::anonymous(), "+----");
}

#[test]
fn default_inside_the_default_list_stands_for_nothing() {
    let default = Acl::parse("Default +Known:write");
    let decided = Acl::parse("Default").decide(&viewer("Mia"), Right::Write, &default);
    assert_eq!(decided, Some(true));
    assert_eq!(default.decide(&viewer("Mia"), Right::Read, &default), None);
}

#[test]
fn a_superuser_has_no_right_by_being_one() {
    let root = Viewer {
        superuser: true,
        ..viewer("Root")
    };
    expect("Mia:read,write", &root, ".....");
    expect("Root:", &root, "-----");
}

#[test]
fn the_ruling_names_the_entry_and_the_name_that_matched() {
    let (acl, default) = (
        Acl::parse("-Tom:read +Mia,Known:read Default"),
        Acl::parse("All:read,write"),
    );
    let ruling = acl
        .rule(&viewer("Sue"), Right::Read, &default, &NoGroups)
        .unwrap();
    assert_eq!(
        (ruling.granted, ruling.entry, ruling.name),
        (true, "+Mia,Known:read", "Known")
    );
    assert!(!ruling.through_default);
    let ruling = acl
        .rule(&viewer("Sue"), Right::Write, &default, &NoGroups)
        .unwrap();
    assert_eq!((ruling.entry, ruling.through_default), ("All:read,write", true));
}

/// Crew has Mia; Guests has everybody who is known.
struct TwoGroups;

impl GroupSource for TwoGroups {
    fn membership(&self, group: &str, name: Option<&str>) -> Membership {
        match (group, name) {
            ("Crew", Some("Mia")) => Membership::Member,
            ("Crew", _) => Membership::Group {
                special_members: vec![],
            },
            ("Guests", _) => Membership::Group {
                special_members: vec!["Known".into(), "Nobody".into()],
            },
            _ => Membership::NotAGroup,
        }
    }
}

fn with_groups(line: &str, viewer: &Viewer, right: Right) -> Option<bool> {
    let acl = Acl::parse(line);
    acl.rule(viewer, right, &Acl::default(), &TwoGroups)
        .map(|ruling| ruling.granted)
}

#[test]
fn a_group_stands_for_its_members() {
    assert_eq!(
        with_groups("Crew:write", &viewer("Mia"), Right::Write),
        Some(true)
    );
    assert_eq!(with_groups("Crew:write", &viewer("Tom"), Right::Write), None);
    assert_eq!(
        with_groups("-Crew:write All:write", &viewer("Mia"), Right::Write),
        Some(false)
    );
}

#[test]
fn special_words_work_as_members_of_a_group() {
    assert_eq!(
        with_groups("Guests:read", &viewer("Tom"), Right::Read),
        Some(true)
    );
    assert_eq!(
        with_groups("Guests:read", &Viewer::anonymous(), Right::Read),
        None
    );
}

#[test]
fn a_group_hides_an_account_of_the_same_name() {
    assert_eq!(with_groups("Crew:admin", &viewer("Crew"), Right::Admin), None);
}

#[test]
fn the_accounts_and_groups_of_a_list_are_named_and_its_special_words_are_not() {
    let acl = Acl::parse("Ada,Known:read -Joe Doe:write Default EditorGroup: All:read");
    assert_eq!(acl.named().collect::<Vec<_>>(), ["Ada", "Joe Doe", "EditorGroup"]);
}
