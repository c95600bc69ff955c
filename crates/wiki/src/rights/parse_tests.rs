//! The line grammar, entry by entry: what is taken, what is ignored, what is reported.
//!
//! The odd cases (a blank before a colon, a second colon, capitals) are MoinMoin's answers, which
//! imported wikis depend on.

use super::*;

fn entries(line: &str) -> Vec<String> {
    parse(line).0.into_iter().map(|entry| entry.written).collect()
}

fn problems(line: &str) -> Vec<AclProblem> {
    parse(line).1
}

fn only(line: &str) -> (Scope, Vec<String>, RightSet) {
    let (mut entries, _) = parse(line);
    assert_eq!(entries.len(), 1, "{line:?}");
    let EntryKind::Names { scope, names, rights } = entries.remove(0).kind else {
        panic!("{line:?} is no entry with names")
    };
    (
        scope,
        names.iter().map(|name| name.as_str().to_owned()).collect(),
        rights,
    )
}

fn rights(words: &[Right]) -> RightSet {
    words.iter().copied().collect()
}

#[test]
fn an_empty_line_has_no_entries_and_no_problems() {
    assert_eq!(parse(""), (vec![], vec![]));
    assert_eq!(parse("   \t "), (vec![], vec![]));
}

#[test]
fn names_and_rights_are_lists_with_commas() {
    let (scope, names, set) = only("Mia,Tom:read,revert");
    assert_eq!(scope, Scope::Every);
    assert_eq!(names, ["Mia", "Tom"]);
    assert_eq!(set, rights(&[Right::Read, Right::Revert]));
}

#[test]
fn a_name_may_hold_blanks_also_after_another_entry() {
    assert_eq!(only("Mia von Berg:write").1, ["Mia von Berg"]);
    assert_eq!(
        entries("Tom:read Mia von Berg,Tom Lee:write"),
        ["Tom:read", "Mia von Berg,Tom Lee:write"]
    );
}

#[test]
fn plus_and_minus_are_modifiers_only_at_the_front() {
    assert_eq!(only("+Mia:write").0, Scope::Grant);
    assert_eq!(only("-Mia:write").0, Scope::Deny);
    let (scope, names, _) = only("Mia-Sue,+Tom:write");
    assert_eq!(
        (scope, names),
        (Scope::Every, vec!["Mia-Sue".to_owned(), "+Tom".to_owned()])
    );
}

#[test]
fn many_blanks_and_tabs_between_entries_are_one() {
    assert_eq!(
        entries("  Mia:read  \t Tom:write   All: "),
        ["Mia:read", "Tom:write", "All:"]
    );
}

#[test]
fn an_entry_without_rights_has_an_empty_set() {
    assert!(only("Mia:").2.is_empty());
    assert_eq!(entries("Mia: Tom:read"), ["Mia:", "Tom:read"]);
}

#[test]
fn default_is_a_word_of_its_own() {
    let kinds: Vec<EntryKind> = parse("Mia:read Default All:")
        .0
        .into_iter()
        .map(|e| e.kind)
        .collect();
    assert_eq!(kinds[1], EntryKind::Default);
    assert_eq!(parse("+Default").0[0].kind, EntryKind::Default);
    assert_eq!(parse("Default:read").0[0].kind, EntryKind::Default);
    assert_eq!(only("Defaults:read").1, ["Defaults"]);
    assert_eq!(only("Default,Mia:read").1, ["Default", "Mia"]);
}

#[test]
fn special_names_count_with_their_capital_only() {
    let (entries, _) = parse("All,Known,Trusted,all,KNOWN:read");
    let EntryKind::Names { names, .. } = &entries[0].kind else {
        panic!()
    };
    assert_eq!(names[..3], [Name::All, Name::Known, Name::Trusted]);
    assert!(matches!(&names[3], Name::Other { written, .. } if written == "all"));
    assert!(matches!(&names[4], Name::Other { written, .. } if written == "KNOWN"));
}

#[test]
fn an_unknown_right_is_ignored_and_reported() {
    assert_eq!(only("Mia:read,wriet").2, rights(&[Right::Read]));
    assert_eq!(
        problems("Mia:read,wriet"),
        [AclProblem::UnknownRight {
            entry: "Mia:read,wriet".into(),
            word: "wriet".into()
        }]
    );
    assert!(problems("Mia:read,wriet")[0].to_string().contains("\"wriet\""));
}

#[test]
fn a_right_in_capitals_is_unknown() {
    assert!(only("Mia:READ").2.is_empty());
    assert_eq!(problems("Mia:READ").len(), 1);
}

#[test]
fn a_second_colon_belongs_to_the_rights_and_is_unknown() {
    assert!(only("Mia:read:write").2.is_empty());
    assert!(
        matches!(&problems("Mia:read:write")[0], AclProblem::UnknownRight { word, .. } if word == "read:write")
    );
}

#[test]
fn a_blank_after_a_comma_makes_the_next_word_a_name_and_is_reported() {
    assert_eq!(
        entries("Mia:read, write Tom:read"),
        ["Mia:read,", "write Tom:read"]
    );
    assert_eq!(
        problems("Mia, Tom:read"),
        [AclProblem::BlankAroundName {
            entry: "Mia, Tom:read".into(),
            name: " Tom".into()
        }]
    );
}

#[test]
fn a_blank_before_the_colon_is_reported() {
    assert!(matches!(&problems("Mia :read")[0], AclProblem::BlankAroundName { name, .. } if name == "Mia "));
}

#[test]
fn an_entry_that_names_nobody_is_reported() {
    assert_eq!(
        problems(":read"),
        [AclProblem::NoName {
            entry: ":read".into()
        }]
    );
    assert!(only(":read").1.is_empty());
}

#[test]
fn a_rest_without_colon_ends_the_line_and_is_reported() {
    assert_eq!(entries("Mia:read the rest"), ["Mia:read"]);
    assert_eq!(
        problems("Mia:read the rest"),
        [AclProblem::NoColon {
            rest: "the rest".into()
        }]
    );
}

#[test]
fn what_follows_an_all_entry_without_modifier_is_reported() {
    let found = problems("Mia:write All:read Tom:write");
    assert_eq!(
        found,
        [AclProblem::NeverReached {
            entry: "Tom:write".into(),
            decided_by: "All:read".into()
        }]
    );
    assert!(problems("+All:read Tom:write").is_empty());
    assert!(problems("Mia:write All:read").is_empty());
}

proptest::proptest! {
    #[test]
    fn no_line_whatsoever_makes_the_parser_fail_or_loop(line in "[-+:, \tA-Za-zäÖß\u{3042}]{0,60}") {
        let (entries, _) = parse(&line);
        proptest::prop_assert!(entries.len() <= line.len());
        for entry in entries {
            proptest::prop_assert!(entry.written == "Default" || line.contains(&entry.written));
        }
    }
}
