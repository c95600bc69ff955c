//! Recognises `<<Name(args)>>` and `[[target|text]]` at one place of a source.
//!
//! Both must end before the next blank line. Where that line, the next `)>>` and the next `]]` are
//! is remembered between calls, so that a page of nothing but `<<A(` is scanned once and not once
//! per candidate. What a macro or a link means is not decided here.

/// The longest `[[…]]` in bytes: what is inside is looked at for every `[[`, so it must have an end.
const LONGEST_LINK: usize = 2_000;

/// Scans a source from front to back.
pub struct Scanner<'a> {
    source: &'a str,
    blank_line: Ahead,
    macro_end: Ahead,
    link_end: Ahead,
}

/// `<<Name>>` or `<<Name(arguments)>>`.
#[derive(Debug, PartialEq, Eq)]
pub struct FoundMacro<'a> {
    pub name: &'a str,
    pub arguments: &'a str,
    pub end: usize,
}

/// `[[target]]` or `[[target|text]]`.
#[derive(Debug, PartialEq, Eq)]
pub struct FoundLink<'a> {
    pub target: &'a str,
    pub text: Option<&'a str>,
    pub end: usize,
}

impl<'a> Scanner<'a> {
    /// A scanner of `source`; the places asked about must not go backwards.
    pub fn new(source: &'a str) -> Scanner<'a> {
        Scanner {
            source,
            blank_line: Ahead::default(),
            macro_end: Ahead::default(),
            link_end: Ahead::default(),
        }
    }

    /// The macro call that begins at `at`.
    pub fn macro_at(&mut self, at: usize) -> Option<FoundMacro<'a>> {
        let rest = self.source.get(at..)?.strip_prefix("<<")?;
        let length = rest.find(|c: char| !is_word(c))?;
        let name = rest.get(..length).filter(|name| !name.is_empty())?;
        let after = at + 2 + length;
        let behind = self.source.get(after..)?;
        if behind.starts_with(">>") {
            return Some(FoundMacro {
                name,
                arguments: "",
                end: after + 2,
            });
        }
        let begin = after + behind.strip_prefix('(').map(|_| 1)?;
        let end = self.macro_end.next(self.source, begin, |text| text.find(")>>"))?;
        if end > self.end_of_paragraph(begin) {
            return None;
        }
        Some(FoundMacro {
            name,
            arguments: self.source.get(begin..end)?,
            end: end + 3,
        })
    }

    /// The wiki link that begins at `at`.
    pub fn link_at(&mut self, at: usize) -> Option<FoundLink<'a>> {
        let begin = at + self.source.get(at..)?.strip_prefix("[[").map(|_| 2)?;
        let end = self.link_end.next(self.source, begin, |text| text.find("]]"))?;
        if end - begin > LONGEST_LINK || end > self.end_of_paragraph(begin) {
            return None;
        }
        // `[[1]](https://…)` is a Markdown link whose words are in brackets.
        if self.source.get(end + 2..)?.starts_with('(') {
            return None;
        }
        let inner = self.source.get(begin..end)?;
        let (target, text) = match inner.split_once('|') {
            // In a table people write `\|`, as Markdown asks them to.
            Some((target, text)) => (target.strip_suffix('\\').unwrap_or(target), Some(text.trim())),
            None => (inner, None),
        };
        let target = target.trim();
        let odd =
            target.is_empty() || target.starts_with('^') || target.contains(['[', ']', '\n', '\r', '<']);
        let nested = text.is_some_and(|text| text.contains("[["));
        (!odd && !nested).then_some(FoundLink {
            target,
            text: text.filter(|text| !text.is_empty()),
            end: end + 2,
        })
    }

    fn end_of_paragraph(&mut self, from: usize) -> usize {
        self.blank_line
            .next(self.source, from, blank_line)
            .unwrap_or(self.source.len())
    }
}

/// Letters, digits and `_` of any script, as in a macro's name.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where a line end is followed by a line of nothing but blanks.
fn blank_line(text: &str) -> Option<usize> {
    let mut last = None;
    for (at, byte) in text.bytes().enumerate() {
        match (byte, last) {
            (b'\n', Some(found)) => return Some(found),
            (b'\n', None) => last = Some(at),
            (b' ' | b'\t' | b'\r', _) => {}
            _ => last = None,
        }
    }
    None
}

/// The next place of something, remembered until the scan has passed it.
#[derive(Default)]
struct Ahead {
    /// Where a search began and what it found.
    known: Option<(usize, Option<usize>)>,
}

impl Ahead {
    fn next(&mut self, source: &str, from: usize, find: impl Fn(&str) -> Option<usize>) -> Option<usize> {
        if let Some((began, found)) = self.known
            && began <= from
            && found.is_none_or(|at| at >= from)
        {
            return found;
        }
        let found = source.get(from..).and_then(find).map(|at| from + at);
        self.known = Some((from, found));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn macro_in(source: &str) -> Option<(&str, &str)> {
        Scanner::new(source)
            .macro_at(0)
            .map(|found| (found.name, found.arguments))
    }

    fn link_in(source: &str) -> Option<(&str, Option<&str>)> {
        Scanner::new(source)
            .link_at(0)
            .map(|found| (found.target, found.text))
    }

    #[test]
    fn a_macro_is_a_word_with_or_without_arguments() {
        assert_eq!(macro_in("<<Date>>"), Some(("Date", "")));
        assert_eq!(macro_in("<<Date()>>"), Some(("Date", "")));
        assert_eq!(
            macro_in("<<Größe_2(a, \"b\")>> more"),
            Some(("Größe_2", "a, \"b\""))
        );
    }

    #[test]
    fn arguments_end_at_the_first_closing_and_may_hold_parentheses() {
        assert_eq!(macro_in("<<A(f(x))>> )>>"), Some(("A", "f(x)")));
        assert_eq!(macro_in("<<A(x >> y)>>"), Some(("A", "x >> y")));
    }

    #[test]
    fn arguments_may_span_a_line_but_not_a_blank_line() {
        assert_eq!(macro_in("<<A(b\nc)>>"), Some(("A", "b\nc")));
        assert_eq!(macro_in("<<A(b\n\nc)>>"), None);
        assert_eq!(macro_in("<<A(b\r\n \t\r\nc)>>"), None);
    }

    #[test]
    fn what_only_looks_like_a_macro_is_none() {
        for text in [
            "<<>>", "<<<>>>", "<<a b>>", "<<a(>>", "<<a()b>>", "<a>", "<<a", "<<", "<<-a>>",
        ] {
            assert_eq!(macro_in(text), None, "{text}");
        }
    }

    #[test]
    fn a_wiki_link_has_a_target_and_perhaps_a_text() {
        assert_eq!(link_in("[[Page]]"), Some(("Page", None)));
        assert_eq!(
            link_in("[[ Page | some text ]]"),
            Some(("Page", Some("some text")))
        );
        assert_eq!(link_in("[[Page\\|text]]"), Some(("Page", Some("text"))));
        assert_eq!(link_in("[[Page|]]"), Some(("Page", None)));
    }

    #[test]
    fn what_only_looks_like_a_wiki_link_is_none() {
        for text in [
            "[[]]",
            "[[ ]]",
            "[[|x]]",
            "[[a\nb]]",
            "[[a]b]]",
            "[[1]](https://x)",
            "[[^1]]",
            "[[a|[[b]]",
        ] {
            assert_eq!(link_in(text), None, "{text}");
        }
    }

    #[test]
    fn a_wiki_link_is_not_endless() {
        assert!(link_in(&format!("[[A|{}]]", "x".repeat(LONGEST_LINK - 2))).is_some());
        assert_eq!(link_in(&format!("[[A|{}]]", "x".repeat(LONGEST_LINK - 1))), None);
    }

    #[test]
    fn each_search_looks_at_the_source_once() {
        let source = "<<A(".repeat(10_000);
        let mut scanner = Scanner::new(&source);
        assert!(
            (0..source.len())
                .step_by(4)
                .all(|at| scanner.macro_at(at).is_none())
        );
        assert_eq!(
            scanner.macro_end.known,
            Some((4, None)),
            "the first search answered all the others"
        );
    }
}
