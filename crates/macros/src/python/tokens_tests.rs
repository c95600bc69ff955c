//! Claims about the tokenizer: what is told apart, and that nothing is lost.

use super::tokens::{Token, TokenKind, tokens};

/// Kinds and texts without the blanks.
fn read(source: &str) -> Vec<(TokenKind, String)> {
    tokens(source)
        .into_iter()
        .filter(|token| token.kind != TokenKind::Space)
        .map(|token| (token.kind, token.text))
        .collect()
}

fn texts(source: &str) -> Vec<String> {
    read(source).into_iter().map(|(_, text)| text).collect()
}

fn joined(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.text.as_str()).collect()
}

#[test]
fn nothing_is_lost_whatever_the_source() {
    for source in [
        "",
        "\n\n",
        "x = 1\r\nif x:\r\n\ty()\r\n",
        "\"\"\"a\n\"b\" ''' \\\"\"\" c\"\"\" + 'x'",
        "'not closed\nx = \"nor this",
        "\"\"\"never closed\n\n",
        "a = (1,\n  2) # two\n",
        "a = 1 + \\\n  2\n",
        "ü = u'ß' ? $ \u{feff}\0",
        "))]}(([{",
        "\\",
        "\\\\\n",
        "...<>!=**=//=",
    ] {
        assert_eq!(joined(&tokens(source)), source);
    }
}

#[test]
fn what_looks_like_code_in_texts_and_comments_is_none() {
    assert_eq!(
        read("x = 'print y' # print z"),
        [
            (TokenKind::Name, "x".to_owned()),
            (TokenKind::Operator, "=".to_owned()),
            (TokenKind::Text, "'print y'".to_owned()),
            (TokenKind::Comment, "# print z".to_owned()),
        ]
    );
}

#[test]
fn a_prefix_belongs_to_its_text() {
    assert_eq!(
        texts("ur'a' + bR\"b\" + u''"),
        ["ur'a'", "+", "bR\"b\"", "+", "u''"]
    );
    // `four` ends in letters that could be a prefix.
    assert_eq!(texts("four 'x'"), ["four", "'x'"]);
}

#[test]
fn a_text_ends_at_its_own_quotes_only() {
    assert_eq!(
        texts(r#"'a\'b' "c'd" '''e'f''' "#),
        [r"'a\'b'", "\"c'd\"", "'''e'f'''"]
    );
    assert_eq!(texts(r"r'\\' 'x'"), [r"r'\\'", "'x'"]);
    assert_eq!(texts("'' \"\""), ["''", "\"\""]);
}

#[test]
fn a_text_that_is_not_closed_is_broken_and_the_next_line_is_read() {
    let read = read("x = 'oops\ny = 2");
    assert!(read.contains(&(TokenKind::Broken, "'oops".to_owned())));
    assert_eq!(read.last(), Some(&(TokenKind::Number, "2".to_owned())));
}

#[test]
fn numbers_keep_their_letters_and_signs() {
    assert_eq!(
        texts("0777 10L 0xFFL 1e-5 1.5j 0x1e-5 3.x .5"),
        [
            "0777", "10L", "0xFFL", "1e-5", "1.5j", "0x1e", "-", "5", "3.x", ".5"
        ]
    );
}

#[test]
fn a_line_ends_a_statement_unless_it_is_joined_or_in_brackets() {
    let ends = |source: &str| {
        tokens(source)
            .iter()
            .filter(|token| token.kind == TokenKind::Newline)
            .count()
    };
    assert_eq!(ends("a\nb\n"), 2);
    assert_eq!(ends("a + \\\nb\n"), 1);
    assert_eq!(ends("f(a,\n\n  b)\n"), 1);
    assert_eq!(ends("[1, # one\n 2]\n"), 1);
}

#[test]
fn each_token_knows_its_line() {
    let all = tokens("a\n'''x\ny''' b\n\\\nc");
    let line = |name: &str| {
        all.iter()
            .find(|token| token.text == name)
            .map(|token| token.line)
    };
    assert_eq!(line("a"), Some(1));
    assert_eq!(line("b"), Some(3));
    assert_eq!(line("c"), Some(5));
}

#[test]
fn a_literal_tells_prefix_and_inside() {
    let literal = |source: &str| {
        let all = tokens(source);
        let (prefix, inner) = all.first()?.literal()?;
        Some((prefix, inner.to_owned()))
    };
    assert_eq!(literal("UR'a b'"), Some(("ur".to_owned(), "a b".to_owned())));
    assert_eq!(
        literal("\"\"\"x\"y\"\"\""),
        Some((String::new(), "x\"y".to_owned()))
    );
    assert_eq!(literal("x"), None);
}

#[test]
fn a_long_line_of_brackets_is_read_in_one_go() {
    let source = "(".repeat(200_000);
    assert_eq!(tokens(&source).len(), 200_000);
}
