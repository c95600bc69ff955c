//! Hostile pages: whatever somebody types, the HTML is well formed, made of what we write, leads
//! nowhere else, and is not much longer than the page. That these tests end at all is part of the claim.
//! The attacks stand in `attacks.txt`, the texts made to take for ever in `pathological.rs`.

use proptest::prelude::*;

use super::RawHtml;
use super::pathological::pathological;
use super::testing::{html, rendered, with_holes};

/// Attributes that our HTML has; none of them runs anything.
const ATTRIBUTES: &[&str] = &[
    "alt",
    "aria-label",
    "checked",
    "class",
    "cite",
    "colspan",
    "datetime",
    "dir",
    "disabled",
    "height",
    "href",
    "id",
    "lang",
    "loading",
    "open",
    "rel",
    "reversed",
    "role",
    "rowspan",
    "scope",
    "span",
    "src",
    "start",
    "title",
    "type",
    "width",
];
const VOID: &[&str] = &["br", "hr", "img", "input", "wbr", "col"];
const NEVER: &[&str] = &[
    "script", "style", "iframe", "object", "embed", "form", "base", "meta", "link", "svg", "math",
];

/// Reads HTML as strictly as we write it; says what is wrong.
fn check(html: &str) -> Result<(), String> {
    let mut open = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let end = end_of_tag(after)
            .ok_or_else(|| format!("a tag without end: {}", &after[..after.len().min(80)]))?;
        let (tag, behind) = (&after[..end], &after[end + 1..]);
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes nothing"));
            }
            continue;
        }
        let name = tag.split(' ').next().unwrap_or_default();
        if !name.chars().all(|c| c.is_ascii_alphanumeric()) || NEVER.contains(&name) {
            return Err(format!("<{name}> is no element of ours"));
        }
        check_attributes(&tag[name.len()..])?;
        if !VOID.contains(&name) {
            open.push(name);
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!("{open:?} are not closed"))
    }
}

fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quoted = false;
    tag.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    })
}

fn check_attributes(attributes: &str) -> Result<(), String> {
    let mut rest = attributes;
    while !rest.is_empty() {
        let attribute = rest.strip_prefix(' ').ok_or_else(|| format!("odd: {rest}"))?;
        let (name, value) = attribute
            .split_once("=\"")
            .ok_or_else(|| format!("odd: {rest}"))?;
        let (value, behind) = value.split_once('"').ok_or_else(|| format!("odd: {rest}"))?;
        rest = behind;
        if !ATTRIBUTES.contains(&name) {
            return Err(format!("the attribute {name:?}"));
        }
        let leads = ["/w/", "#", "http://", "https://", "mailto:"]
            .iter()
            .any(|start| {
                value
                    .get(..start.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(start))
            });
        if (name == "href" || name == "src") && !leads {
            return Err(format!("{name} leads to {value:?}"));
        }
    }
    Ok(())
}

/// The page with an element in each hole. The quote before it would end the attribute in which no hole may be.
fn filled(markdown: &str, raw_html: RawHtml) -> String {
    with_holes(&rendered(markdown, raw_html), |_| "\"<wbr>".to_owned())
}

fn assert_harmless(markdown: &str) {
    for html in [
        filled(markdown, RawHtml::ShownAsText),
        filled(markdown, RawHtml::Sanitised),
    ] {
        let start = markdown.chars().take(200).collect::<String>();
        check(&html).unwrap_or_else(|problem| panic!("{problem}\nfrom {start:?}"));
    }
}

#[test]
fn the_check_finds_what_it_looks_for() {
    for bad in [
        "<p>",
        "</p>",
        "<p></b>",
        "<script></script>",
        "<p onclick=\"x\"></p>",
        "<a href=\"javascript:x\"></a>",
        "<a href=\"//x\"></a>",
        "<p class=x></p>",
        "<p",
        "<img src=\"data:x\">",
        "<p class=\"a\"b=\"c\"></p>",
    ] {
        assert!(check(bad).is_err(), "{bad}");
    }
    check("<p class=\"a\">x<br><a href=\"/w/x\">y</a></p>").unwrap();
}

#[test]
fn known_attacks_do_nothing() {
    for attack in include_str!("attacks.txt").split("\n----\n") {
        assert_harmless(attack);
    }
}

#[test]
fn breaking_out_of_an_attribute_fails() {
    let title = html("[a](Team '\"><script>x</script>')");
    assert_eq!(
        title,
        "<p><a href=\"/w/Team\" title=\"&quot;&gt;&lt;script&gt;x&lt;/script&gt;\">a</a></p>\n"
    );
    let alt = html("![\" onerror=\"x](https://e.example/%22onerror=x)");
    assert!(alt.contains("alt=\"&quot; onerror=&quot;x\""), "{alt}");
    let missing = html("[[a\" onclick=x b]]");
    assert!(
        missing.contains("title=\"a&quot; onclick=x b (this page"),
        "{missing}"
    );
}

#[test]
fn pages_made_to_stop_the_server_are_rendered_and_stay_in_bounds() {
    for (name, page) in pathological(50_000) {
        let html = filled(&page, RawHtml::ShownAsText);
        check(&html).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        // Page links are the longest thing that few bytes become.
        assert!(
            html.len() <= 40 * page.len() + 10_000_000,
            "{name}: {} from {}",
            html.len(),
            page.len()
        );
    }
}

#[test]
fn pages_made_to_stop_the_sanitiser_are_rendered_and_stay_in_bounds() {
    for (name, page) in pathological(20_000) {
        let html = filled(&page, RawHtml::Sanitised);
        check(&html).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        assert!(
            html.len() <= 40 * page.len() + 10_000_000,
            "{name}: {} from {}",
            html.len(),
            page.len()
        );
    }
}

#[test]
fn nesting_is_no_deeper_than_the_tree_may_be() {
    let html = html(&"> ".repeat(50_000));
    assert!(html.matches("<blockquote>").count() <= crate::markup::MAX_DEPTH);
    let emphasis = super::testing::html(&("*a **b ".repeat(1_000) + &"c** d* ".repeat(1_000)));
    assert!(emphasis.matches("<em>").count() >= 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_at_all_is_harmless(text in "\\PC{0,200}") {
        assert_harmless(&text);
    }

    #[test]
    fn any_heap_of_markup_is_harmless(text in heap()) {
        assert_harmless(&text);
    }

    #[test]
    fn rendering_says_the_same_twice(text in heap()) {
        prop_assert_eq!(html(&text), html(&text));
    }
}

/// Markup thrown together.
fn heap() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(super::pathological::PIECES);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}
