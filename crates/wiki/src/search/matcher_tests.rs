//! What a query says about a page, with its text and without.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::search::Defaults;
use crate::underlay::SinceStart;

fn meter() -> Meter {
    Meter::starting_now(Arc::new(SinceStart::now()), Duration::MAX)
}

fn judge(query: &str, page: &str, text: Option<&str>) -> Option<bool> {
    let query = Query::parse(query, Defaults::FULL_TEXT).unwrap();
    let matcher = Matcher::compile(&query, "de").unwrap();
    let name = PageName::parse(page).unwrap();
    let is_system = text.map(|_| false);
    matcher
        .judge(
            Facts {
                name: &name,
                text,
                is_system,
            },
            &meter(),
        )
        .unwrap()
}

fn weigh(query: &str, page: &str, text: &str) -> u32 {
    let query = Query::parse(query, Defaults::FULL_TEXT).unwrap();
    let matcher = Matcher::compile(&query, "de").unwrap();
    let name = PageName::parse(page).unwrap();
    let facts = Facts {
        name: &name,
        text: Some(text),
        is_system: None,
    };
    matcher.weigh(facts, &meter()).unwrap()
}

#[test]
fn a_name_alone_decides_what_it_can() {
    assert_eq!(judge("rota", "Team/Rota", None), Some(true));
    assert_eq!(judge("rota", "Plans", None), None);
    assert_eq!(judge("title:rota", "Plans", None), Some(false));
    assert_eq!(judge("title:rota apple", "Plans", None), Some(false));
    assert_eq!(judge("title:plans or apple", "Plans", None), Some(true));
    assert_eq!(judge("-rota", "Team/Rota", None), Some(false));
    assert_eq!(judge("-apple", "Plans", None), None);
}

#[test]
fn and_or_and_not_hold_together() {
    let text = Some("apples and pears");
    for (query, verdict) in [
        ("apples pears", true),
        ("apples plums", false),
        ("apples or plums", true),
        ("apples -plums", true),
        ("apples -(plums or pears)", false),
        ("-plums -cherries", true),
        ("(plums or apples) title:fruit", true),
        ("regex:ap+les", true),
        ("case:Apples", false),
        ("", true),
    ] {
        assert_eq!(judge(query, "Fruit", text), Some(verdict), "{query}");
    }
}

#[test]
fn a_category_stands_below_the_last_rule_as_a_whole_word() {
    let text = |below: &str| format!("CategoryTop\n\n----\nmiddle\n\n----\n{below}");
    let has = |below: &str| judge("category:CategoryTop", "P", Some(&text(below))).unwrap();
    assert!(has("[[CategoryTop]] [[CategoryOther]]"));
    assert!(has("## a remark\ncategorytop"));
    assert!(!has("[[CategoryTopics]]"));
    assert!(!has("## CategoryTop"));
    assert!(!has(""));
    assert_eq!(
        judge("category:CategoryTop", "P", Some("CategoryTop")),
        Some(false)
    );
}

#[test]
fn language_and_kind_are_those_of_the_wiki() {
    assert_eq!(judge("language:de", "P", None), Some(true));
    assert_eq!(judge("language:fr", "P", None), Some(false));
    assert_eq!(judge("mimetype:text", "P", None), Some(true));
    assert_eq!(judge("mimetype:image", "P", None), Some(false));
}

#[test]
fn domains_are_two() {
    assert_eq!(judge("domain:standard", "P", Some("")), Some(true));
    assert_eq!(judge("domain:system", "P", Some("")), Some(false));
    let query = Query::parse("domain:mine", Defaults::FULL_TEXT).unwrap();
    assert_eq!(
        Matcher::compile(&query, "").err(),
        Some(QueryError::UnknownDomain)
    );
}

#[test]
fn names_weigh_more_than_texts_and_whole_words_more_than_parts() {
    let weights = [
        weigh("rota", "Rota", ""),
        weigh("rota", "Team/Rota", ""),
        weigh("rota", "Rota of the team", ""),
        weigh("rota", "Rotation", ""),
        weigh("rota", "P", "# rota\nrota rota"),
        weigh("rota", "P", "rota rota"),
        weigh("rota", "P", "rotation rota"),
        weigh("rota", "P", "rotation"),
        weigh("-rota", "P", "rotation"),
    ];
    assert!(weights.is_sorted_by(|a, b| a > b), "{weights:?}");
    assert!(weigh("rota", "P", &"# rota rota\n".repeat(5000)) < weigh("rota", "Rotation", ""));
}
