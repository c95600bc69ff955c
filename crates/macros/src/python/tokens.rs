//! Python source as tokens, which put together again are the source to the last byte.
//!
//! Both Pythons are read, 2 and 3: what differs is told apart by whoever reads the tokens. Nothing is
//! an error here. A text that is not closed and a sign that Python does not know become
//! [`TokenKind::Broken`], and the rest is read on. Start reading at [`tokens`].

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or a keyword.
    Name,
    /// A number, with all its letters: `0777L`, `1e-5`.
    Number,
    /// A text with its prefix and quotes.
    Text,
    /// An operator, a bracket, a comma, …
    Operator,
    /// From `#` to the end of the line, which is not part of it.
    Comment,
    /// The end of a line that ends a statement.
    Newline,
    /// Blanks, lines joined by `\`, and line ends inside brackets.
    Space,
    /// A text that is not closed, or a sign that is no Python.
    Broken,
}

/// A piece of source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// The piece itself.
    pub text: String,
    /// The line it begins on, from 1.
    pub line: usize,
}

impl Token {
    /// Whether it says something: no blanks, no comment. The end of a line does.
    #[must_use]
    pub fn is_significant(&self) -> bool {
        !matches!(self.kind, TokenKind::Space | TokenKind::Comment)
    }

    /// Whether it is this operator.
    #[must_use]
    pub fn is_operator(&self, operator: &str) -> bool {
        self.kind == TokenKind::Operator && self.text == operator
    }

    /// Whether it is this name or keyword.
    #[must_use]
    pub fn is_name(&self, name: &str) -> bool {
        self.kind == TokenKind::Name && self.text == name
    }

    /// A text literal's prefix in small letters, and what stands between its quotes, escapes and all.
    /// Nothing for other tokens.
    #[must_use]
    pub fn literal(&self) -> Option<(String, &str)> {
        if self.kind != TokenKind::Text {
            return None;
        }
        let start = self.text.find(['"', '\''])?;
        let (prefix, quoted) = self.text.split_at(start);
        let quote = quote_of(quoted)?;
        let inner = quoted.strip_prefix(quote)?.strip_suffix(quote)?;
        Some((prefix.to_lowercase(), inner))
    }
}

/// All tokens of a source, in order.
#[must_use]
pub fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader {
        rest: source,
        line: 1,
        depth: 0,
    };
    let mut all = Vec::new();
    while let Some(token) = reader.token() {
        all.push(token);
    }
    all
}

/// Longest first, so that the first that fits is the right one.
const OPERATORS: &[&str] = &[
    "**=", "//=", ">>=", "<<=", "...", "!=", "<>", "->", ":=", "**", "//", ">>", "<<", "<=", ">=", "==",
    "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "(", ")", "[", "]", "{", "}", ",", ":", ".", ";",
    "@", "=", "+", "-", "*", "/", "%", "&", "|", "^", "~", "<", ">", "`",
];

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    /// Brackets that are open.
    depth: usize,
}

impl Reader<'_> {
    fn token(&mut self) -> Option<Token> {
        let first = self.rest.chars().next()?;
        let (kind, length) = self.measure(first);
        let (text, rest) = self.rest.split_at_checked(length)?;
        let token = Token {
            kind,
            text: text.to_owned(),
            line: self.line,
        };
        self.line += text.matches('\n').count();
        self.rest = rest;
        if kind == TokenKind::Operator {
            self.count_brackets(text);
        }
        Some(token)
    }

    /// What comes next, and its length in bytes, which is never 0.
    fn measure(&self, first: char) -> (TokenKind, usize) {
        let space = self.space();
        if space > 0 {
            return (TokenKind::Space, space);
        }
        if let Some(end) = line_end(self.rest) {
            return (TokenKind::Newline, end);
        }
        if first == '#' {
            let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
            return (TokenKind::Comment, end);
        }
        if let Some(literal) = literal(self.rest) {
            return literal;
        }
        if starts_number(self.rest) {
            return (TokenKind::Number, number(self.rest));
        }
        if is_word(first) {
            return (TokenKind::Name, span(self.rest, is_word));
        }
        let operator = OPERATORS
            .iter()
            .find(|operator| self.rest.starts_with(**operator));
        match operator {
            Some(operator) => (TokenKind::Operator, operator.len()),
            None => (TokenKind::Broken, first.len_utf8()),
        }
    }

    /// Blanks and line ends that end nothing.
    fn space(&self) -> usize {
        let mut length = 0;
        loop {
            let Some(rest) = self.rest.get(length..) else {
                return length;
            };
            let blanks = span(rest, |c| matches!(c, ' ' | '\t' | '\x0c' | '\u{feff}'));
            let after = rest.get(blanks..).unwrap_or_default();
            let joined = match (self.depth, after.strip_prefix('\\')) {
                (_, Some(after)) => line_end(after).map(|end| end + 1),
                (0, None) => None,
                (_, None) => line_end(after),
            };
            match blanks + joined.unwrap_or(0) {
                0 => return length,
                more => length += more,
            }
        }
    }

    fn count_brackets(&mut self, operator: &str) {
        match operator {
            "(" | "[" | "{" => self.depth += 1,
            ")" | "]" | "}" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

fn line_end(text: &str) -> Option<usize> {
    ["\r\n", "\n", "\r"]
        .iter()
        .find(|end| text.starts_with(**end))
        .map(|end| end.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The bytes of the first characters that are of a kind.
fn span(text: &str, is: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is(c)).unwrap_or(text.len())
}

fn starts_number(text: &str) -> bool {
    text.strip_prefix('.')
        .unwrap_or(text)
        .starts_with(|c: char| c.is_ascii_digit())
}

/// Letters belong to it, and a sign after an exponent's `e`.
fn number(text: &str) -> usize {
    let is_hex = text.starts_with("0x") || text.starts_with("0X");
    let mut length = 0;
    let mut before = ' ';
    for c in text.chars() {
        let signs = matches!(c, '+' | '-') && matches!(before, 'e' | 'E') && !is_hex;
        if !(c.is_ascii_alphanumeric() || c == '.' || c == '_' || signs) {
            break;
        }
        length += c.len_utf8();
        before = c;
    }
    length
}

/// The quotes that a text begins with.
fn quote_of(text: &str) -> Option<&'static str> {
    ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|quote| text.starts_with(quote))
}

/// A text literal at the head of a source.
fn literal(source: &str) -> Option<(TokenKind, usize)> {
    let prefix = span(source, |c| "uUbBrRfF".contains(c));
    let quoted = source.get(prefix..).filter(|_| prefix <= 2)?;
    let quote = quote_of(quoted)?;
    let inner = quoted.strip_prefix(quote)?;
    let (kind, length) = match closing(inner, quote) {
        Ok(length) => (TokenKind::Text, length + quote.len()),
        Err(length) => (TokenKind::Broken, length),
    };
    Some((kind, prefix + quote.len() + length))
}

/// Where the closing quotes stand, or where the text breaks off.
fn closing(inner: &str, quote: &str) -> Result<usize, usize> {
    let mut escaped = false;
    for (place, c) in inner.char_indices() {
        let here = inner.get(place..).unwrap_or_default();
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' | '\r' if quote.len() == 1 => return Err(place),
            _ if here.starts_with(quote) => return Ok(place),
            _ => {}
        }
    }
    Err(inner.len())
}
