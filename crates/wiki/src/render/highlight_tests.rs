//! Which code is coloured, and how. The grammars are syntect's and two-face's and change with them;
//! the tests therefore ask for classes of single words, not for whole colourings.
//! The colours' contrast is computed as WCAG 2.2 says.

use super::*;

fn tokens(language: &str, code: &str) -> Option<Vec<(Option<&'static str>, String)>> {
    let tokens = Highlighter::new().tokens(language, code)?;
    Some(
        tokens
            .into_iter()
            .map(|token| (token.class, token.text.to_owned()))
            .collect(),
    )
}

fn class_of(language: &str, code: &str, word: &str) -> Option<&'static str> {
    let tokens = tokens(language, code).unwrap();
    tokens
        .into_iter()
        .find(|(_, text)| text.contains(word))
        .and_then(|(class, _)| class)
}

#[test]
fn words_have_the_class_of_what_they_are() {
    let python = "def f(x):\n    return \"s\" + 1  # c\n";
    for (word, class) in [
        ("f", "hl-function"),
        ("return", "hl-keyword"),
        ("\"s\"", "hl-string"),
        ("# c", "hl-comment"),
    ] {
        let found = class_of("python", python, word);
        assert!(
            found == Some(class) || (word == "f" && found == Some("hl-keyword")),
            "{word}: {found:?}"
        );
    }
    assert_eq!(class_of("toml", "[a]\nb = 1\n", "1"), Some("hl-number"));
    assert_eq!(class_of("diff", "+a\n-b\n", "+a"), Some("hl-inserted"));
}

#[test]
fn tokens_are_the_code_and_nothing_else() {
    for (language, code) in [
        ("rust", "fn a() {}\r\n/* ä\n\n*/"),
        ("html", "<p>&amp;<script>1</script>"),
        ("json", "{\"a\": [1]"),
    ] {
        let together: String = tokens(language, code)
            .unwrap()
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        assert_eq!(together, code);
    }
}

#[test]
fn languages_are_found_by_name_and_extension_in_any_case() {
    for language in ["rs", "Rust", "PYTHON", "typescript", "toml", "dockerfile", "sh"] {
        assert!(tokens(language, "a\n").is_some(), "{language}");
    }
}

#[test]
fn unknown_languages_and_plain_text_have_no_tokens() {
    for language in ["", "text", "Plain", "no-such-language", &"x".repeat(100)] {
        assert_eq!(tokens(language, "a\n"), None, "{language}");
    }
}

#[test]
fn what_would_take_long_has_no_tokens() {
    assert_eq!(tokens("js", &"a".repeat(LONGEST_LINE + 1)), None, "one long line");
    assert_eq!(
        tokens("js", &("a".repeat(LONGEST_LINE) + "\n").repeat(20)),
        None,
        "many rather long lines"
    );
    assert_eq!(
        tokens("js", &"a;\n".repeat(MOST_WORK / 9 + 1)),
        None,
        "very many lines"
    );
    assert!(
        tokens("js", &"let a = 1;\n".repeat(1_000)).is_some(),
        "a thousand ordinary lines"
    );
}

#[test]
fn nothing_is_loaded_before_it_is_needed() {
    let highlighter = Highlighter::new();
    assert!(highlighter.tokens("text", "a").is_none() && highlighter.loaded.get().is_none());
    assert_eq!(format!("{highlighter:?}"), "Highlighter(\"not loaded\")");
    assert!(highlighter.tokens("rust", "a").is_some() && highlighter.loaded.get().is_some());
}

#[test]
fn every_class_has_a_colour_in_both_schemes() {
    for scheme in [Scheme::Light, Scheme::Dark] {
        let css = stylesheet(scheme);
        for (_, class) in CLASSES {
            assert!(css.contains(&format!(".{class}{{color:#")), "{class}");
        }
    }
    assert_ne!(stylesheet(Scheme::Light), stylesheet(Scheme::Dark));
}

#[test]
fn every_scope_is_one() {
    assert_eq!(Loaded::new().classes.len(), CLASSES.len());
}

#[test]
fn every_colour_can_be_read_on_its_ground() {
    let channel = |hex: &str| {
        let value = f64::from(u8::from_str_radix(hex, 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    let luminance = |colour: &str| {
        0.2126 * channel(&colour[1..3]) + 0.7152 * channel(&colour[3..5]) + 0.0722 * channel(&colour[5..7])
    };
    for (class, light, dark) in COLOURS {
        for (colour, ground) in [(light, "#f6f8fa"), (dark, "#161b22")] {
            let (a, b) = (luminance(colour), luminance(ground));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast >= 4.5, "{class} {colour} on {ground}: {contrast:.2}");
        }
    }
}
