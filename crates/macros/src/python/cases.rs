//! Tests in a macro's docstring: a call, who looks, and what they then see.
//!
//! ```text
//! """Greets whoever looks.
//!
//!     >>> # with Names " Ada:: Countess"
//!     >>> <<Greeting>>
//!     Hello, guest!
//!     >>> <<Greeting(loud)>>  # as Mia  # session {"test": 5}  # page Start
//!     HELLO, ...
//! """
//! ```
//! A line `>>>` with a call is a case; what follows up to the next `>>>` or an empty line is what a reader
//! sees, blanks counting as one and `...` standing for anything. With a `<` in it, it is the markup that is
//! compared. Settings stand behind the call for this case, or on a line of their own for all that follow.
//! Nothing is run here. Start reading at [`cases`].

use std::collections::BTreeMap;

use grange_session::Value;
use jiff::Timestamp;

use super::tokens::{TokenKind, tokens};

/// One call and what is to come of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The line of the file that it stands on, from 1.
    pub line: usize,
    /// The call: `<<Name(args)>>`.
    pub call: String,
    /// Who looks, and at what.
    pub setting: Setting,
    /// What they see; blanks are single.
    pub expected: String,
}

/// Who looks at the call, and where it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setting {
    /// `# as USER`: a user; a guest without it.
    pub user: Option<String>,
    /// `# session {"test": 5}`: what the session holds. Without it the session of the case before goes on.
    pub session: Option<BTreeMap<String, Value>>,
    /// `# new`: a browser that has not sent a cookie back yet.
    pub is_new: bool,
    /// `# page P`: the page that the call stands on.
    pub page: Option<String>,
    /// `# query a=1&b=2`: the query of the address.
    pub query: Option<String>,
    /// `# now 2030-01-01T12:00:00Z`: the moment.
    pub now: Option<Timestamp>,
    /// `# with NAME "text"`: pages that there are.
    pub pages: Vec<(String, String)>,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct CaseError {
    /// The line of the file, from 1.
    pub line: usize,
    /// What is wrong.
    pub why: String,
}

/// The cases of a macro's file, in order.
///
/// # Errors
/// * The first line that cannot be read.
pub fn cases(source: &str) -> Result<Vec<Case>, CaseError> {
    let Some((docstring, first_line)) = docstring(source) else {
        return Ok(Vec::new());
    };
    let mut all: Vec<Case> = Vec::new();
    let mut common = Setting::default();
    let mut is_open = false;
    for (number, written) in docstring.lines().enumerate() {
        let (line, text) = (first_line + number, written.trim());
        let refused = |why: String| CaseError { line, why };
        if let Some(prompt) = text.strip_prefix(">>>") {
            let (call, settings) = split_prompt(prompt.trim()).map_err(refused)?;
            let Some(call) = call else {
                read_settings(&mut common, &settings).map_err(refused)?;
                is_open = false;
                continue;
            };
            let mut setting = common.clone();
            read_settings(&mut setting, &settings).map_err(refused)?;
            all.push(Case {
                line,
                call,
                setting,
                expected: String::new(),
            });
            is_open = true;
        } else if text.is_empty() {
            is_open = false;
        } else if let Some(case) = all.last_mut().filter(|_| is_open) {
            case.expected = single_blanks(&format!("{} {text}", case.expected));
        }
    }
    Ok(all)
}

/// The text at a file's head as it is written, and the line it begins on.
#[must_use]
pub fn docstring(source: &str) -> Option<(String, usize)> {
    let all = tokens(source);
    let first = all
        .iter()
        .find(|token| token.is_significant() && token.kind != TokenKind::Newline)?;
    let (_, inner) = first.literal()?;
    Some((inner.to_owned(), first.line))
}

/// A call up to its `>>`, and the settings behind it.
fn split_prompt(prompt: &str) -> Result<(Option<String>, Vec<String>), String> {
    if prompt.starts_with('#') {
        return Ok((None, split_settings(prompt)));
    }
    if !prompt.starts_with("<<") {
        return Err("behind >>> stands a call, <<Name(arguments)>>, or a setting, # as USER".to_owned());
    }
    // Arguments may hold `>>` and `#`; a setting begins behind the last `>>` before it.
    let closes = prompt.match_indices(">>").map(|(place, _)| place + 2);
    let end = closes.clone().find(|end| {
        let rest = prompt.get(*end..).unwrap_or_default().trim_start();
        rest.is_empty() || rest.starts_with("# ")
    });
    let end =
        end.ok_or_else(|| "the call is not closed with >>, or more than settings follow it".to_owned())?;
    let (call, rest) = prompt.split_at(end);
    Ok((Some(call.to_owned()), split_settings(rest)))
}

/// Settings begin with `# ` and a word that is known; others belong to the setting before.
fn split_settings(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for piece in text.split("# ").map(str::trim).filter(|piece| !piece.is_empty()) {
        let word = piece.split_whitespace().next().unwrap_or_default();
        match all.last_mut() {
            Some(last) if !SETTINGS.contains(&word) => {
                last.push_str(" # ");
                last.push_str(piece);
            }
            _ => all.push(piece.to_owned()),
        }
    }
    all
}

const SETTINGS: &[&str] = &["as", "session", "new", "page", "query", "now", "with"];

fn read_settings(setting: &mut Setting, settings: &[String]) -> Result<(), String> {
    for written in settings {
        let (word, value) = written.split_once(char::is_whitespace).unwrap_or((written, ""));
        let value = value.trim();
        if value.is_empty() != (word == "new") && SETTINGS.contains(&word) {
            return Err(format!(
                "\"# {word}\" stands with a value; \"# new\" alone stands without one"
            ));
        }
        match word {
            "as" => setting.user = Some(value.to_owned()),
            "session" => setting.session = Some(values(value)?),
            "new" => setting.is_new = true,
            "page" => setting.page = Some(value.to_owned()),
            "query" => setting.query = Some(value.to_owned()),
            "now" => {
                let moment = value.parse();
                setting.now = Some(
                    moment.map_err(|_| format!("\"{value}\" is no moment such as 2030-01-01T12:00:00Z"))?,
                );
            }
            "with" => setting.pages.push(page(value)?),
            _ => {
                return Err(format!(
                    "\"{word}\" is no setting; there are {}",
                    SETTINGS.join(", ")
                ));
            }
        }
    }
    Ok(())
}

/// The values of a session, written in JSON.
///
/// # Errors
/// * It is no JSON object of values that a session can hold.
pub fn values(json: &str) -> Result<BTreeMap<String, Value>, String> {
    serde_json::from_str(json)
        .map_err(|error| format!("a session is written {{\"test\": 5}}, in JSON: {error}"))
}

fn page(written: &str) -> Result<(String, String), String> {
    let wrong = || "a page is written NAME \"text\", the text in JSON".to_owned();
    let start = written.find('"').ok_or_else(wrong)?;
    let (name, text) = written.split_at(start);
    let text = serde_json::from_str(text).map_err(|error| format!("{}: {error}", wrong()))?;
    match name.trim() {
        "" => Err(wrong()),
        name => Ok((name.to_owned(), text)),
    }
}

impl Case {
    /// Whether what came of it is what is expected.
    #[must_use]
    pub fn is_met_by(&self, html: &str) -> bool {
        matches(&self.expected, &self.seen(html))
    }

    /// What came of it in the form in which it is compared.
    #[must_use]
    pub fn seen(&self, html: &str) -> String {
        match self.expected.contains('<') && !self.expected.starts_with("<<") {
            true => single_blanks(html),
            false => text_of(html),
        }
    }
}

/// Whether a text is as expected, with `...` for anything.
fn matches(expected: &str, seen: &str) -> bool {
    let mut parts = expected.split("...");
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let Some((last, middle)) = rest.split_last() else {
        return expected == seen;
    };
    let Some(mut left) = seen.strip_prefix(first) else {
        return false;
    };
    for part in middle {
        let Some(place) = left.find(part) else {
            return false;
        };
        left = left.get(place + part.len()..).unwrap_or_default();
    }
    left.ends_with(last)
}

fn single_blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Elements inside a line: no blank between a word and them.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "s", "small", "span", "strong", "sub",
    "sup", "time", "tt", "u",
];

/// What a reader sees of markup: no tags, blanks where blocks end.
#[must_use]
pub fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        if !INLINE.contains(&name.as_str()) {
            text.push(' ');
        }
        rest = after;
    }
    text.push_str(rest);
    single_blanks(&without_entities(&text))
}

fn without_entities(text: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&nbsp;", " "),
    ];
    let mut plain = text.to_owned();
    for (entity, sign) in named {
        plain = plain.replace(entity, sign);
    }
    plain.replace("&amp;", "&")
}
