//! Syntax errors: one problem each, and the rest of the file still read.
//!
//! A parser that has lost its way reports echoes of one mistake for many lines. So the first error is taken, the
//! statement it belongs to is blanked out (byte positions stay), and the rest is parsed again, until nothing is wrong.
//! Below a broken `[header]` everything up to the next one is blanked: nobody can know where it belongs.

use std::ops::Range;

use toml::de::{DeTable, Error};

/// One syntax error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What is underlined.
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) remedy: &'static str,
    /// What cannot be read because of it.
    pub(crate) region: Range<usize>,
}

/// The text with everything unreadable blanked out, and why.
pub(crate) fn repair(text: &str) -> (String, Vec<Fault>) {
    let mut readable = text.to_owned();
    let mut faults = Vec::new();
    for _ in 0..most_rounds(text.len()) {
        let (_, errors) = DeTable::parse_recoverable(&readable);
        let place = |error: &Error| error.span().map_or(usize::MAX, |span| span.start);
        let Some(error) = errors.into_iter().min_by_key(place) else {
            break;
        };
        let fault = locate(&readable, &error);
        let blanked = blank(&readable, &fault.region);
        faults.push(fault);
        if blanked == readable {
            break;
        }
        readable = blanked;
    }
    faults.sort_by_key(|fault| fault.span.start);
    (readable, faults)
}

/// Every round parses the whole text, and nobody mends a hundred errors at once.
fn most_rounds(length: usize) -> usize {
    ((64 << 20) / length.max(1)).clamp(4, 64)
}

fn blank(text: &str, region: &Range<usize>) -> String {
    let bytes = text.bytes().enumerate();
    let blanked = bytes.map(|(at, byte)| {
        if region.contains(&at) && byte != b'\n' {
            b' '
        } else {
            byte
        }
    });
    // A region is whole lines, so no character is cut in two.
    String::from_utf8(blanked.collect()).unwrap_or_default()
}

fn locate(text: &str, error: &Error) -> Fault {
    let span = error.span().unwrap_or(text.len()..text.len());
    let start = span.start.min(text.len());
    let line = line_start(text, start);
    let message = error.message();
    if message.contains("multi-line") {
        let front = text.get(..start).unwrap_or_default();
        let opened = front.rfind("\"\"\"").max(front.rfind("'''")).unwrap_or(start);
        return unclosed(text, line_start(text, opened), line_end(text, opened));
    }
    // A statement or header where an item was due: the list above it is the culprit.
    let begins_line = text
        .get(line..start)
        .is_some_and(|front| matches!(front.trim(), "" | "["));
    if let Some(opened) = opener_above(text, line).filter(|_| begins_line) {
        let next = is_statement(line_at(text, line));
        return unclosed(text, opened, if next { line } else { line_end(text, start) });
    }
    let statement = statement_above(text, line);
    let is_header = line_at(text, statement).trim_start().starts_with('[');
    let end = if is_header {
        next_header(text, line_end(text, start))
    } else {
        line_end(text, start)
    };
    Fault {
        span: start..span.end.clamp(start, text.len()),
        message: format!("This is not TOML: {message}."),
        remedy: remedy(message),
        region: statement..end,
    }
}

fn unclosed(text: &str, statement: usize, end: usize) -> Fault {
    let shown = line_at(text, statement);
    let first = statement + (shown.len() - shown.trim_start().len());
    Fault {
        span: first..first + shown.trim().len(),
        message: "This is not TOML: what begins here is not closed.".to_owned(),
        remedy: "End a list with ], a text with the quotes it began with.",
        region: statement..end,
    }
}

/// The statement above this line whose list or table is still open here.
fn opener_above(text: &str, line: usize) -> Option<usize> {
    let (mut at, mut open) = (line, 0);
    while at > 0 {
        at = line_start(text, at - 1);
        let shown = line_at(text, at);
        let count = |brackets: [char; 2]| shown.chars().filter(|c| brackets.contains(c)).count();
        open += count(['[', '{']) as i64 - count([']', '}']) as i64;
        if open > 0 && is_statement(shown) && shown.contains('=') {
            return Some(at);
        }
    }
    None
}

/// Where the statement begins that this line belongs to: the line itself or one above.
fn statement_above(text: &str, line: usize) -> usize {
    let mut at = line_start(text, line);
    while at > 0 && !is_statement(line_at(text, at)) {
        at = line_start(text, at - 1);
    }
    match is_statement(line_at(text, at)) {
        true => at,
        false => line_start(text, line),
    }
}

/// `key = …` or `[table]`; items of a list that stand on lines of their own are neither.
fn is_statement(line: &str) -> bool {
    let line = line.trim_start();
    let key = line.split_once('=').map(|(key, _)| key.trim_end());
    let is_key =
        |key: &str| !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-. \"'".contains(c));
    line.starts_with('[') || key.is_some_and(is_key)
}

fn next_header(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let mut at = from;
    for line in rest.split_inclusive('\n') {
        if line.trim_start().starts_with('[') {
            return at;
        }
        at += line.len();
    }
    text.len()
}

fn line_start(text: &str, at: usize) -> usize {
    let front = text.as_bytes().get(..at.min(text.len())).unwrap_or_default();
    front
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |newline| newline + 1)
}

/// Behind the line's newline.
fn line_end(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    rest.iter()
        .position(|&byte| byte == b'\n')
        .map_or(text.len(), |newline| at + newline + 1)
}

fn line_at(text: &str, start: usize) -> &str {
    text.get(start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default()
}

/// What helps against the most common errors.
fn remedy(message: &str) -> &'static str {
    const REMEDIES: &[(&str, &str)] = &[
        ("duplicate key", "Keep one of the two."),
        ("must be quoted", "Put the text in quotes: \"…\"."),
        ("invalid boolean", "Write true or false, in lower case."),
        ("key with no value", "Write `key = value`."),
        ("comma", "Put a comma between the items."),
        (
            "unicode",
            "In double quotes a \\ begins an escape: write \\\\, or put the text in single quotes.",
        ),
        (
            "escape",
            "In double quotes a \\ begins an escape: write \\\\, or put the text in single quotes.",
        ),
        ("unclosed table", "End the header with ]."),
    ];
    let known = REMEDIES.iter().find(|(words, _)| message.contains(words));
    known.map_or(
        "Texts stand in quotes, lists in [ ], each key on a line of its own: `key = value`.",
        |(_, r)| r,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lines of the faults, and whether the last line could still be read.
    #[track_caller]
    fn faults(text: &str) -> Vec<usize> {
        let text = format!("{text}\n[last]\nlast = 1\n");
        let (readable, faults) = repair(&text);
        assert!(
            readable.contains("\n[last]\nlast = 1\n"),
            "{readable}: {faults:?}"
        );
        faults
            .iter()
            .map(|fault| text[..fault.span.start].matches('\n').count() + 1)
            .collect()
    }

    #[test]
    fn a_good_text_is_left_alone() {
        let text = "a = 1 # é\n[b]\nc = [\n1,\n]\n";
        assert_eq!(repair(text), (text.to_owned(), Vec::new()));
    }

    #[test]
    fn every_common_mistake_is_one_fault_on_its_line() {
        for mistake in [
            "at = [\"a.example.org\"",
            "at = [\"a.example.org]",
            "at [\"a.example.org\"]",
            "at = a.example.org",
            "at = [\"a\" \"b\"]",
            "at =",
            "at: \"a\"",
            "at = True",
            "at = \"x",
            "at = \"C:\\x\"",
            "at = (0, 12)",
            "at = \"a\" \"b\"",
            "= 5",
            "at = {",
            "[wiki.a",
            "[[wiki.a]",
            "at = '''x",
        ] {
            let alone = faults(&format!("[wiki.w]\nfirst = 1\n{mistake}\nsecond = 2"));
            assert_eq!(alone, [3], "{mistake}");
        }
    }

    #[test]
    fn an_unclosed_list_swallows_nothing_that_follows() {
        let (readable, faults) =
            repair("[wiki.a]\nat = [\n\"x\",\n\"y\"\nsitename = \"s\"\n[wiki.b]\nat = [\"b\"]\n");
        assert_eq!(faults.len(), 1);
        let table: toml::Table = readable.parse().unwrap();
        assert_eq!(table["wiki"]["a"]["sitename"].as_str(), Some("s"));
        assert_eq!(table["wiki"]["b"]["at"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_table_that_stands_twice_is_one_fault() {
        assert_eq!(faults("[wiki.a]\nat = 1\n[wiki.a]\nat = 2\nx = 3"), [3]);
    }

    #[test]
    fn two_mistakes_are_two_faults() {
        assert_eq!(
            faults("[wiki.a]\nat = [\"x\"\nsitename = \"y\ntrail = 5\nfoo"),
            [2, 3, 5]
        );
    }

    proptest! {
        #[test]
        fn positions_stay_and_it_ends(text in "(\\PC|\n|=|\\[|\\]|\"|'|a|,){0,80}") {
            let (readable, faults) = repair(&text);
            prop_assert_eq!(readable.len(), text.len());
            for fault in faults {
                prop_assert!(fault.span.start <= fault.span.end && fault.span.end <= text.len());
                prop_assert!(text.is_char_boundary(fault.region.start) && text.is_char_boundary(fault.region.end));
            }
        }
    }
}
