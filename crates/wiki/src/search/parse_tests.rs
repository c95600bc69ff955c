//! The grammar, row by row as MoinMoin 1.9.11 reads it, and where this one does better on purpose.

use super::*;

/// A query on one line: `and(…)`, `or(…)`, `not …`, a term with its prefixes in a fixed order.
fn told(query: &Query) -> String {
    match query {
        Query::All(parts) => format!("and({})", list(parts)),
        Query::Any(parts) => format!("or({})", list(parts)),
        Query::Not(part) => format!("not {}", told(part)),
        Query::Term(term) => {
            let field = match term.field {
                Field::Anywhere => "",
                Field::Title => "title:",
                Field::LinkTo => "linkto:",
                Field::Category => "category:",
                Field::Language => "language:",
                Field::MimeType => "mimetype:",
                Field::Domain => "domain:",
            };
            let reading = if term.reading == Reading::Expression {
                "re:"
            } else {
                ""
            };
            let case = if term.case == Case::Counts { "case:" } else { "" };
            format!("{field}{reading}{case}<{}>", term.pattern)
        }
    }
}

fn list(parts: &[Query]) -> String {
    parts.iter().map(told).collect::<Vec<_>>().join(" ")
}

fn read(text: &str, defaults: Defaults) -> String {
    match Query::parse(text, defaults) {
        Ok(query) => told(&query),
        Err(error) => format!("{error:?}"),
    }
}

fn reads(text: &str, tree: &str) {
    assert_eq!(read(text, Defaults::FULL_TEXT), tree, "{text}");
}

#[test]
fn words_phrases_and_brackets_are_read_as_moinmoin_reads_them() {
    for (text, tree) in [
        ("two words", "and(<two> <words>)"),
        ("'single phrase'", "<single phrase>"),
        ("a b or c", "or(and(<a> <b>) <c>)"),
        ("(a or b) c", "and(or(<a> <b>) <c>)"),
        ("a -b", "and(<a> not <b>)"),
        ("a OR b", "or(<a> <b>)"),
        ("a and b", "and(<a> <b>)"),
        ("((a) (b))", "and(<a> <b>)"),
        ("a\"b", "<a\"b>"),
        ("\"a \"\"b\"\" c\"", "<a \"b\" c>"),
        ("日本", "<日本>"),
        (" ", "and()"),
        ("a b c", "and(<a> <b> <c>)"),
        ("*", "<*>"),
    ] {
        reads(text, tree);
    }
}

#[test]
fn prefixes_are_stacked_and_shortened_as_in_moinmoin() {
    for (text, tree) in [
        ("title:x", "title:<x>"),
        ("title:\"a b\"", "title:<a b>"),
        ("t:x", "title:<x>"),
        ("regex:a.*b", "re:<a.*b>"),
        ("re:x", "re:<x>"),
        ("c:Word", "case:<Word>"),
        ("ca:x", "case:<x>"),
        ("cat:x", "category:<x>"),
        ("case:title:X", "title:case:<X>"),
        ("l:Page", "linkto:<Page>"),
        ("la:de", "language:<de>"),
        ("category:CategoryX", "category:<CategoryX>"),
        ("mimetype:image", "mimetype:<image>"),
        ("domain:system", "domain:<system>"),
        ("no_highlight:x", "<x>"),
        ("-title:x", "not title:<x>"),
        ("title:regex:case:\"A b\"", "title:re:case:<A b>"),
    ] {
        reads(text, tree);
    }
    let Query::Term(term) = Query::parse("no_highlight:x", Defaults::FULL_TEXT).unwrap() else {
        panic!("not a term")
    };
    assert_eq!(term.marks, Marks::Hidden);
}

#[test]
fn the_boxes_of_a_form_hold_for_every_term() {
    let titles = Defaults::TITLES;
    let case = Defaults {
        case: Case::Counts,
        ..Defaults::FULL_TEXT
    };
    let regex = Defaults {
        reading: Reading::Expression,
        ..Defaults::FULL_TEXT
    };
    assert_eq!(read("word", titles), "title:<word>");
    assert_eq!(read("word", case), "case:<word>");
    assert_eq!(read("a -b", regex), "and(re:<a> not re:<b>)");
    assert_eq!(read("title:x", titles), "title:<x>");
    assert_eq!(read("title:x", case), "title:case:<x>");
    assert_eq!(read("linkto:x", titles), "linkto:<x>");
}

#[test]
fn broken_queries_are_refused_with_the_reason() {
    for (text, error) in [
        ("or", "NothingToOr"),
        ("or a", "NothingToOr"),
        ("a or", "NothingToOr"),
        ("a or or b", "NothingToOr"),
        ("(a", "MissingBracket"),
        ("a)", "StrayBracket"),
        ("()", "EmptyBrackets"),
        ("a -()", "EmptyBrackets"),
        ("\"a", "MissingQuote('\"')"),
        ("title:'a", "MissingQuote('\\'')"),
        ("unknown:x", "UnknownPrefix(\"unknown\")"),
        ("a:b:c", "UnknownPrefix(\"a\")"),
        ("title:", "NothingAfter(\"title:\")"),
        ("(title:)", "NothingAfter(\"title:\")"),
        ("\"\"", "NothingAfter(\"\\\"\\\"\")"),
        ("title:linkto:x", "TwoPlaces(\"title\", \"linkto\")"),
    ] {
        reads(text, error);
    }
}

#[test]
fn what_moinmoin_reads_by_accident_is_read_as_it_was_meant() {
    // MoinMoin looks for the word "title", then for the group.
    reads("title:(a or b)", "or(title:<a> title:<b>)");
    // There the group is not negated.
    reads("a -(b or c)", "and(<a> not or(<b> <c>))");
    // There a quoted "or" is an operator, and a lone hyphen negates the word "None".
    reads("\"or\"", "<or>");
    reads("a - b", "and(<a> <-> <b>)");
    // There an expression ends at its own bracket, and an address has an unknown prefix.
    reads("regex:^(A|B)[)]c d", "and(re:<^(A|B)[)]c> <d>)");
    reads("(re:a(b) or c)", "or(re:<a(b)> <c>)");
    reads("https://example.org/x", "<https://example.org/x>");
    reads("12:30", "<12:30>");
}

#[test]
fn huge_and_nested_queries_are_refused_and_quickly() {
    reads(&"a".repeat(LONGEST + 1), "TooLong");
    reads(&"a ".repeat(LONGEST / 2), "TooManyTerms");
    reads(&"(".repeat(LONGEST), "TooDeep");
    reads(&format!("{}a{}", "-(".repeat(500), ")".repeat(500)), "TooDeep");
}

#[test]
fn a_name_typed_in_parts_is_the_name() {
    reads("u\u{308}ber\0", "<über>");
}

#[test]
fn every_short_text_is_read_or_refused() {
    let pieces = [
        "(", ")", "\"", "'", "-", "or", ":", "re:", "\\", "[", " ", "ä", "a",
    ];
    for a in pieces {
        for b in pieces {
            for c in pieces {
                for d in pieces {
                    let _ = Query::parse(&[a, b, c, d].concat(), Defaults::FULL_TEXT);
                }
            }
        }
    }
}
