//! The tree that Markdown becomes; how it looks as HTML is in `specs/`. These tests look at what HTML
//! does not show: places of macros, depth, that no word is lost.
//! Start at `words_are_never_lost` for the widest claim.

use proptest::prelude::*;

use super::super::tree::{
    AlertKind, Alignment, Footnote, Image, Item, Link, ListKind, MAX_DEPTH, MacroCall, Place, Table, Target,
    Task,
};
use super::super::walk::{block_text, macro_calls, plain_text};
use super::*;
use crate::PageName;
use crate::markup::links::links;

fn blocks(source: &str) -> Vec<Block> {
    parse_markdown(source).blocks
}

fn inlines(source: &str) -> Vec<Inline> {
    match blocks(source).remove(0) {
        Block::Paragraph(inlines) => inlines,
        other => panic!("{other:?} is no paragraph"),
    }
}

fn call(name: &str, arguments: &str, source: &str, place: Place) -> MacroCall {
    MacroCall {
        name: name.into(),
        arguments: arguments.into(),
        source: source.into(),
        place,
    }
}

/// How many blocks and inlines are nested in each other.
fn depth(blocks: &[Block]) -> usize {
    let inner = |block: &Block| match block {
        Block::Quote(content) | Block::Alert { content, .. } => depth(content),
        Block::List { items, .. } => items.iter().map(|item| depth(&item.content)).max().unwrap_or(0),
        Block::Paragraph(content) | Block::Plain(content) => inline_depth(content),
        _ => 0,
    };
    1 + blocks.iter().map(inner).max().unwrap_or(0)
}

fn inline_depth(inlines: &[Inline]) -> usize {
    let inner = |inline: &Inline| match inline {
        Inline::Emphasis(content) | Inline::Strong(content) | Inline::Strikethrough(content) => {
            inline_depth(content)
        }
        Inline::Link(link) => inline_depth(&link.content),
        _ => 0,
    };
    1 + inlines.iter().map(inner).max().unwrap_or(0)
}

#[test]
fn an_empty_text_is_an_empty_document() {
    assert_eq!(parse_markdown(""), Document::default());
    assert_eq!(parse_markdown(" \n\t\n"), Document::default());
}

#[test]
fn a_macro_alone_in_its_paragraph_is_a_block() {
    assert_eq!(
        blocks("<<A(b)>>"),
        [Block::Macro(call("A", "b", "<<A(b)>>", Place::Block))]
    );
    assert_eq!(
        blocks("> <<A>>"),
        [Block::Quote(vec![Block::Macro(call(
            "A",
            "",
            "<<A>>",
            Place::Block
        ))])]
    );
    assert!(matches!(blocks("<<A>> <<B>>").as_slice(), [Block::Paragraph(parts)] if parts.len() == 3));
}

#[test]
fn parentheses_without_arguments_can_be_told_from_none() {
    let calls = macro_calls(&parse_markdown("<<A()>> <<A>>"));
    assert_eq!(
        calls.iter().map(MacroCall::has_parentheses).collect::<Vec<_>>(),
        [true, false]
    );
}

#[test]
fn the_calls_of_a_page_are_each_listed_once_in_order() {
    let document = parse_markdown("<<B>> <<A>> <<B>>\n\n[^n]\n\n[^n]: <<C>>\n\n| <<D>> |\n|-|");
    let names: Vec<String> = macro_calls(&document).into_iter().map(|call| call.name).collect();
    assert_eq!(names, ["B", "A", "D", "C"]);
}

#[test]
fn a_wiki_link_holds_its_words_and_target() {
    let target = Target::Page {
        name: "/Sub".into(),
        query: None,
        anchor: Some("a b".into()),
    };
    let content = vec![Inline::emphasis("x"), Inline::text(" y")];
    assert_eq!(
        inlines("[[/Sub#a b|*x* y]]"),
        [Inline::Link(Link {
            target,
            title: None,
            content
        })]
    );
}

#[test]
fn words_of_a_link_that_would_be_a_block_stay_words() {
    for words in ["# a *b*", "- a *b*", "> a *b*"] {
        let Inline::Link(link) = inlines(&format!("[[P|{words}]]")).remove(0) else {
            panic!("no link")
        };
        assert_eq!(plain_text(&link.content), words);
    }
}

#[test]
fn an_image_has_the_plain_words_of_its_description() {
    let image = Image {
        source: "x y.png".into(),
        alt: "a b c d".into(),
        title: Some("t".into()),
    };
    assert_eq!(
        inlines("![a *b* `c` [[d]]](<x y.png> \"t\")"),
        [Inline::Image(image)]
    );
}

#[test]
fn a_list_knows_its_kind_and_its_tasks() {
    let item = |task, words: &str| Item {
        task,
        content: vec![Block::Plain(vec![Inline::text(words)])],
    };
    let items = vec![
        item(Some(Task::Done), "a"),
        item(Some(Task::Open), "b"),
        item(None, "c"),
    ];
    assert_eq!(
        blocks("7. [x] a\n8. [ ] b\n9. c"),
        [Block::List {
            kind: ListKind::Numbers { start: 7 },
            items
        }]
    );
}

#[test]
fn a_table_has_a_head_rows_and_alignments() {
    let cell = |words: &str| vec![Inline::text(words)];
    let table = Table {
        alignments: vec![Alignment::Left, Alignment::Unset],
        head: vec![cell("a"), cell("b")],
        rows: vec![vec![cell("c"), cell("d")]],
    };
    assert_eq!(blocks("|a|b|\n|:-|-|\n|c|d|"), [Block::Table(table)]);
}

#[test]
fn notes_are_kept_apart_from_the_text() {
    let document = parse_markdown("a[^b]");
    assert_eq!(
        document.blocks,
        [Block::text("a[^b]")],
        "without a note it is text"
    );
    let document = parse_markdown("a[^Xy]\n\n[^Xy]: b");
    assert_eq!(
        document.footnotes,
        [Footnote {
            label: "Xy".into(),
            content: vec![Block::text("b")]
        }]
    );
}

#[test]
fn an_alert_is_one_of_five() {
    for (word, kind) in [
        ("NOTE", AlertKind::Note),
        ("TIP", AlertKind::Tip),
        ("IMPORTANT", AlertKind::Important),
        ("WARNING", AlertKind::Warning),
        ("CAUTION", AlertKind::Caution),
    ] {
        let alert = Block::Alert {
            kind,
            content: vec![Block::text("a")],
        };
        assert_eq!(blocks(&format!("> [!{word}]\n> a")), [alert]);
    }
    assert!(matches!(blocks("> [!OTHER]\n> a").as_slice(), [Block::Quote(_)]));
}

#[test]
fn what_is_nested_too_deep_is_laid_flat_and_nothing_is_lost() {
    let quotes = (0..200)
        .map(|level| format!("{}q{level}\n\n", ">".repeat(level % 20)))
        .collect::<String>();
    let lists = (0..200)
        .map(|level| format!("{}- l{level}\n", "  ".repeat(level)))
        .collect::<String>();
    let emphasis = format!("{}x{}", "*a _".repeat(150), "_ b*".repeat(150));
    let links = format!("{}x{}", "[*a ".repeat(150), " b*](c)".repeat(150));
    for source in [quotes, lists, emphasis, links] {
        let blocks = blocks(&source);
        assert!(depth(&blocks) <= MAX_DEPTH + 4, "{}", depth(&blocks));
        let words: String = block_text(&blocks)
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let expected = source.replace("](c)", "");
        let expected: String = expected.chars().filter(char::is_ascii_alphanumeric).collect();
        assert_eq!(words.replace('c', ""), expected.replace('c', ""));
    }
}

#[test]
fn a_bare_address_ends_before_the_punctuation_of_its_sentence() {
    for (text, address) in [
        ("see https://e.org/a.", "https://e.org/a"),
        ("(https://e.org/a_(b)).", "https://e.org/a_(b)"),
        ("HTTP://E.org/~x/?a=b&c=d#e, and", "HTTP://E.org/~x/?a=b&c=d#e"),
        ("https://e.org/ü/日本 x", "https://e.org/ü/日本"),
        ("\"https://e.org\"", "https://e.org"),
    ] {
        let external = |inline: &Inline| match inline {
            Inline::Link(Link {
                target: Target::External(address),
                ..
            }) => Some(address.clone()),
            _ => None,
        };
        assert_eq!(
            inlines(text).iter().find_map(external).as_deref(),
            Some(address),
            "{text}"
        );
        assert_eq!(plain_text(&inlines(text)), text);
    }
}

#[test]
fn what_only_resembles_an_address_is_text() {
    for text in [
        "https://",
        "xhttps://e.org",
        "https:/e.org",
        "://",
        "http://.",
        "ftp://e.org",
    ] {
        assert!(matches!(inlines(text).as_slice(), [Inline::Text(_)]), "{text}");
    }
}

#[test]
fn addresses_that_hang_together_without_end_are_text_and_are_read_once() {
    // Read again at each of its pieces, this took minutes.
    let page = "http://a.".repeat(100_000);
    assert!(matches!(inlines(&page).as_slice(), [Inline::Text(text)] if *text == page));
    let behind = format!("{page} https://e.org");
    assert!(matches!(
        inlines(&behind).as_slice(),
        [Inline::Text(_), Inline::Link(_)]
    ));
    assert!(matches!(
        inlines("http://-http://e.org").as_slice(),
        [Inline::Text(_), Inline::Link(_)]
    ));
}

#[test]
fn line_ends_of_every_system_are_the_same() {
    let unix = parse_markdown("# a\n\nb\nc <<D(e)>>\n\n- f\n");
    assert_eq!(parse_markdown("# a\r\n\r\nb\r\nc <<D(e)>>\r\n\r\n- f\r\n"), unix);
}

#[test]
fn what_is_almost_a_macro_is_shown_as_typed() {
    for source in ["<<a b>>", "<<a b", "<<<a b>>>", "<<a href=x>>"] {
        assert_eq!(block_text(&blocks(source)), source);
    }
}

proptest! {
    /// Ordinary prose says the same after parsing: not a word is lost.
    #[test]
    fn words_are_never_lost(words in prop::collection::vec("[a-zäö]{1,3}", 1..20), joints in prop::collection::vec(
        prop::sample::select(vec![" ", "\n", "\n\n", " *", "* ", "\n- ", "\n> ", " [[", "]] ", " <<", ">> ", " | ", "\n# ", " ~~ "]), 20)) {
        let source: String = words.iter().zip(&joints).flat_map(|(word, joint)| [word.as_str(), joint]).collect();
        let document = parse_markdown(&source);
        let mut said = block_text(&document.blocks);
        for call in macro_calls(&document) {
            said += &call.source;
        }
        for page in links(&document, &PageName::parse("P").unwrap()) {
            said += page.as_str();
        }
        for word in &words {
            prop_assert!(said.contains(word.as_str()), "{word} of {source:?} is not in {said:?}");
        }
    }
}
