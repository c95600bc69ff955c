//! What the sanitiser took out of a macro's markup, for tools that run one call: `form`, `input`, `style=`.
//!
//! The tags of the raw text are compared with those of what is left; the page path does none of this. It tells
//! authors what to look at and decides nothing. Start reading at [`taken_out`].

use std::collections::BTreeMap;

/// Text in these is none of the page's, whatever tags it seems to have.
const RAW: &[&str] = &["script", "style"];

/// Inputs that are no boxes are counted under a name that no element has.
const OTHER_INPUT: &str = "input ";

/// How often elements and attributes occur. Attributes end with `=`.
#[derive(Default)]
struct Counts(BTreeMap<String, usize>);

impl Counts {
    fn of(html: &str) -> Counts {
        let mut counts = Counts::default();
        let mut rest = html;
        while let Some((_, tag)) = rest.split_once('<') {
            rest = tag;
            let name = word(tag);
            if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            let (attributes, after) = tag.get(name.len()..).map_or((Vec::new(), ""), attributes);
            rest = after;
            let name = name.to_ascii_lowercase();
            if let Some(end) = RAW
                .iter()
                .find(|raw| **raw == name)
                .and_then(|raw| end_of(rest, raw))
            {
                rest = rest.get(end..).unwrap_or_default();
            }
            counts.add(&name, &attributes);
        }
        counts
    }

    fn add(&mut self, element: &str, attributes: &[(String, String)]) {
        let is_box = attributes
            .iter()
            .any(|(name, value)| name == "type" && value.eq_ignore_ascii_case("checkbox"));
        // What is left of any other input is a box that does nothing: it is as good as gone.
        let name = match element {
            "input" if !is_box => OTHER_INPUT,
            other => other,
        };
        *self.0.entry(name.to_owned()).or_default() += 1;
        // An element's own fate says enough about those of inputs.
        for (name, _) in attributes.iter().filter(|_| element != "input") {
            *self.0.entry(format!("{name}=")).or_default() += 1;
        }
    }
}

/// The elements and attributes (`style=`) that occur more often in `raw` than in `clean`, by name.
pub(super) fn taken_out(raw: &str, clean: &str) -> Vec<String> {
    let mut left = Counts::of(clean);
    left.0.remove(OTHER_INPUT);
    let mut gone: Vec<String> = Counts::of(raw)
        .0
        .into_iter()
        .filter(|(name, count)| left.0.get(name).is_none_or(|left| left < count))
        .map(|(name, _)| {
            if name == OTHER_INPUT {
                "input".to_owned()
            } else {
                name
            }
        })
        .collect();
    // Elements first.
    gone.sort_by_key(|name| name.ends_with('='));
    gone
}

/// The letters and digits at the beginning.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:".contains(c)));
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// The attributes of a tag in small letters with their values, and what follows the tag.
fn attributes(tag: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        let name = word(rest);
        if name.is_empty() {
            let mut signs = rest.chars();
            return match signs.next() {
                None => (found, ""),
                Some('>') => (found, signs.as_str()),
                Some(_) => {
                    rest = signs.as_str();
                    continue;
                }
            };
        }
        rest = rest.get(name.len()..).unwrap_or_default();
        let (value, after) = value(rest);
        found.push((name.to_ascii_lowercase(), value.to_owned()));
        rest = after;
    }
}

/// The value behind an attribute's name, without its quotes, and what follows it.
fn value(text: &str) -> (&str, &str) {
    let Some(value) = text.trim_start().strip_prefix('=') else {
        return ("", text);
    };
    let value = value.trim_start();
    for quote in ['"', '\''] {
        if let Some(quoted) = value.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = value.find(|c: char| c.is_whitespace() || c == '>');
    value
        .split_at_checked(end.unwrap_or(value.len()))
        .unwrap_or((value, ""))
}

/// Where the text of a raw element ends.
fn end_of(text: &str, element: &str) -> Option<usize> {
    text.to_ascii_lowercase().find(&format!("</{element}"))
}

#[cfg(test)]
mod tests {
    use grange_wiki::render::SafeHtml;

    use super::*;

    fn told(raw: &str) -> String {
        taken_out(raw, SafeHtml::clean(raw).as_str()).join(", ")
    }

    #[test]
    fn what_the_sanitiser_takes_out_is_told_by_its_name() {
        for (raw, gone) in [
            (
                "<form action='/x'><INPUT type=text name=q><input type=submit></form>",
                "form, input, action=",
            ),
            ("<input name=q>", "input"),
            ("<script>if (a <b) x = '<i>'</script><b>y</b>", "script"),
            (
                "<p style='color: red' onclick=\"x('>')\">y</p>",
                "onclick=, style=",
            ),
            ("<iframe src=x></iframe>", "iframe, src="),
            ("<a href='javascript:x'>y</a>", "href="),
            (
                "<select><option>x</select><button>y</button>",
                "button, option, select",
            ),
        ] {
            assert_eq!(told(raw), gone, "{raw}");
        }
    }

    #[test]
    fn what_stays_is_not_told() {
        for raw in [
            "plain &lt;form&gt; text",
            "<p class=x title='<form>'>a<br>b</p>",
            "<table><tr><td colspan=2>x</table>",
            "<a href=\"/x?a=1&amp;b=2\">y</a> <img src='/x.png' alt=''>",
            "<input type=checkbox checked> done",
            "a < b <",
            "<ul><li>x<li>y</ul>",
            "",
        ] {
            assert_eq!(told(raw), "", "{raw}");
        }
    }
}
