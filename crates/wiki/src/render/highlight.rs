//! Code → tokens with a class: comment, string, keyword and a dozen more.
//!
//! The classes are ours and few (`hl-keyword`), so pages stay small and [`stylesheet`] is short;
//! syntect's own would be a hundred a page. The syntaxes (some 200 languages) are unpacked when the
//! first code block with a language is shown, which takes some 30 ms; whoever owns wikis
//! holds one [`Highlighter`] for all of them. No HTML is written here.

use std::sync::OnceLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};
use syntect::util::LinesWithEndings;

/// The most [`work`] for the code of one page: some 2,000 lines of ordinary code. On the worst text
/// for the worst grammar it is a second or two.
pub(super) const MOST_WORK: usize = 3_000_000;
/// A block with a longer line is shown without colours: minified code takes seconds and helps nobody.
const LONGEST_LINE: usize = 500;

/// Which kind of text a scope is; the first that fits the innermost scope wins.
const CLASSES: &[(&str, &str)] = &[
    ("comment", "hl-comment"),
    ("constant.character.escape", "hl-escape"),
    ("constant.numeric", "hl-number"),
    ("constant", "hl-constant"),
    ("string", "hl-string"),
    ("keyword.operator", "hl-operator"),
    ("keyword", "hl-keyword"),
    ("storage", "hl-keyword"),
    ("entity.name.function", "hl-function"),
    ("support.function", "hl-function"),
    ("variable.function", "hl-function"),
    ("entity.name.tag", "hl-tag"),
    ("entity.other.attribute-name", "hl-attribute"),
    ("support.type.property-name", "hl-attribute"),
    ("variable.other.key", "hl-attribute"),
    ("entity.name", "hl-type"),
    ("entity.other.inherited-class", "hl-type"),
    ("support", "hl-type"),
    ("variable.parameter", "hl-parameter"),
    ("variable.language", "hl-keyword"),
    ("markup.inserted", "hl-inserted"),
    ("markup.deleted", "hl-deleted"),
    ("markup.heading", "hl-heading"),
];

/// Finds the tokens of code.
#[derive(Default)]
pub struct Highlighter {
    loaded: OnceLock<Loaded>,
}

struct Loaded {
    syntaxes: SyntaxSet,
    classes: Vec<(Scope, &'static str)>,
}

/// A piece of code.
#[derive(Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// How it is coloured; `None` as the text around.
    pub class: Option<&'static str>,
    /// The code.
    pub text: &'a str,
}

/// Which background a style sheet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark text on a light ground.
    Light,
    /// Light text on a dark ground.
    Dark,
}

impl Highlighter {
    /// A highlighter that has loaded nothing yet.
    pub fn new() -> Highlighter {
        Highlighter::default()
    }

    /// The tokens of `code`, which together are `code`. `None` when the language is unknown or the
    /// code too big to be coloured.
    pub fn tokens<'a>(&self, language: &str, code: &'a str) -> Option<Vec<Token<'a>>> {
        let plain = ["", "text", "txt", "plain", "none"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(language));
        let too_big = work(code) > MOST_WORK || code.lines().any(|line| line.len() > LONGEST_LINE);
        if plain || too_big || language.len() > 40 {
            return None;
        }
        let loaded = self.loaded.get_or_init(Loaded::new);
        let syntax = loaded.syntaxes.find_syntax_by_token(language)?;
        loaded.tokens(syntax, code)
    }
}

impl Highlighter {
    /// The languages that can be coloured, by name, each with the words that may stand after a fence.
    /// Loads the syntaxes.
    pub fn languages(&self) -> Vec<(String, Vec<String>)> {
        let loaded = self.loaded.get_or_init(Loaded::new);
        let shown = loaded.syntaxes.syntaxes().iter().filter(|syntax| !syntax.hidden);
        let mut languages: Vec<_> = shown
            .map(|syntax| (syntax.name.clone(), syntax.file_extensions.clone()))
            .collect();
        languages.sort_by_cached_key(|(name, _)| name.to_lowercase());
        languages
    }
}

impl std::fmt::Debug for Highlighter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = if self.loaded.get().is_some() {
            "loaded"
        } else {
            "not loaded"
        };
        f.debug_tuple("Highlighter").field(&state).finish()
    }
}

impl Loaded {
    fn new() -> Loaded {
        let scope =
            |&(scope, class): &(&str, &'static str)| Scope::new(scope).ok().map(|scope| (scope, class));
        Loaded {
            syntaxes: two_face::syntax::extra_newlines(),
            classes: CLASSES.iter().filter_map(scope).collect(),
        }
    }

    fn tokens<'a>(&self, syntax: &SyntaxReference, code: &'a str) -> Option<Vec<Token<'a>>> {
        let mut state = ParseState::new(syntax);
        let mut stack = ScopeStack::new();
        let mut tokens = Vec::new();
        for line in LinesWithEndings::from(code) {
            let changes = state.parse_line(line, &self.syntaxes).ok()?;
            let mut done = 0;
            for (at, change) in changes {
                push(&mut tokens, self.class(&stack), line.get(done..at)?);
                done = at;
                stack.apply(&change).ok()?;
            }
            push(&mut tokens, self.class(&stack), line.get(done..)?);
        }
        Some(merged(tokens, code))
    }

    /// Punctuation and the like have no class and are coloured as what they stand in.
    fn class(&self, stack: &ScopeStack) -> Option<&'static str> {
        let of = |scope: &Scope| {
            self.classes
                .iter()
                .find(|(prefix, _)| prefix.is_prefix_of(*scope))
        };
        stack.scopes.iter().rev().find_map(of).map(|(_, class)| *class)
    }
}

/// What colouring `code` may cost: a grammar's expressions may look at the rest of a line from each
/// of its places, so a line costs the square of its length.
pub(crate) fn work(code: &str) -> usize {
    LinesWithEndings::from(code).fold(0, |work: usize, line| {
        work.saturating_add(line.len().saturating_pow(2))
    })
}

/// A token as its class and its length.
type Span = (Option<&'static str>, usize);

fn push(spans: &mut Vec<Span>, class: Option<&'static str>, text: &str) {
    match spans.last_mut() {
        _ if text.is_empty() => {}
        Some((last, length)) if *last == class || text.trim().is_empty() => *length += text.len(),
        _ => spans.push((class, text.len())),
    }
}

fn merged(spans: Vec<Span>, code: &str) -> Vec<Token<'_>> {
    let mut rest = code;
    let cut = |(class, length): Span| {
        let (text, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some(Token { class, text })
    };
    spans.into_iter().filter_map(cut).collect()
}

/// The rules that colour code on a ground of this scheme. Every colour has a contrast of at least
/// 4.5 : 1 on `#f6f8fa` (light) or `#161b22` (dark).
pub fn stylesheet(scheme: Scheme) -> String {
    let rule = |&(class, light, dark): &(&str, &str, &str)| {
        let colour = if scheme == Scheme::Light { light } else { dark };
        format!(".{class}{{color:{colour}}}\n")
    };
    let rules: String = COLOURS.iter().map(rule).collect();
    rules + ".hl-comment{font-style:italic}\n.hl-heading{font-weight:bold}\n"
}

/// Class, colour on a light ground, colour on a dark ground.
const COLOURS: &[(&str, &str, &str)] = &[
    ("hl-comment", "#5c6570", "#9198a1"),
    ("hl-escape", "#7a4a00", "#ffb86b"),
    ("hl-number", "#0b4fa8", "#7cb7ff"),
    ("hl-constant", "#0b4fa8", "#7cb7ff"),
    ("hl-string", "#1a6334", "#8fd6a3"),
    ("hl-operator", "#8f1d4f", "#ff9bc0"),
    ("hl-keyword", "#8f1d4f", "#ff9bc0"),
    ("hl-function", "#5b35a8", "#cfb0ff"),
    ("hl-tag", "#1a6334", "#8fd6a3"),
    ("hl-attribute", "#0b4fa8", "#7cb7ff"),
    ("hl-type", "#854100", "#f2b27a"),
    ("hl-parameter", "#3d4752", "#d0d7de"),
    ("hl-inserted", "#1a6334", "#8fd6a3"),
    ("hl-deleted", "#a3141c", "#ff9a92"),
    ("hl-heading", "#0b4fa8", "#7cb7ff"),
];

#[cfg(test)]
#[path = "highlight_tests.rs"]
mod tests;
