//! Texts, numbers and signs that Python 3 writes in another way, tabs, and the coding line.

use super::NoteKind::{ByHand, Changed, Look};
use super::code::Code;
use crate::python::tokens::TokenKind;

/// Carries all of them over.
pub(super) fn carry(code: &mut Code) {
    backticks(code);
    let divides = code.backwards().any(|place| code.is_name(place, "division"));
    for place in code.backwards() {
        match code.kind(place) {
            TokenKind::Text => text(code, place),
            TokenKind::Number => number(code, place),
            TokenKind::Space => tabs(code, place),
            TokenKind::Comment => coding(code, place),
            TokenKind::Operator if code.text(place) == "<>" => {
                code.note(Changed, place, "<>", "it is written != now");
                code.set(place, "!=");
            }
            TokenKind::Operator if !divides => division(code, place),
            TokenKind::Broken => {
                let what = format!("{} is no Python", excerpt(code.text(place)));
                code.note(ByHand, place, what, "close the text, or take the sign out");
            }
            TokenKind::Operator | TokenKind::Name | TokenKind::Newline => {}
        }
    }
}

/// The first words of something long.
fn excerpt(text: &str) -> String {
    text.chars().take(20).collect()
}

fn text(code: &mut Code, place: usize) {
    let Some((prefix, inner)) = code.token(place).and_then(|token| token.literal()) else {
        return;
    };
    if !prefix.contains('u') {
        return;
    }
    let is_raw = prefix.contains('r');
    let spells = is_raw && (inner.contains("\\u") || inner.contains("\\U"));
    let written = code.text(place).to_owned();
    let quoted = written.trim_start_matches(['u', 'U', 'r', 'R']);
    let new = if is_raw {
        format!("r{quoted}")
    } else {
        quoted.to_owned()
    };
    code.note(
        Changed,
        place,
        format!("text with the prefix {prefix}"),
        "every text is Unicode; the u is gone",
    );
    if spells {
        let instead = "write the characters themselves; a raw text does not spell them out any more";
        code.note(ByHand, place, "a raw text with \\u", instead);
    }
    code.rewrite(place, new);
}

fn number(code: &mut Code, place: usize) {
    let written = code.text(place).to_owned();
    let digits = written.trim_end_matches(['l', 'L']);
    let is_hex = written.starts_with("0x") || written.starts_with("0X");
    if digits != written && (is_hex || digits.chars().all(|c| c.is_ascii_digit())) {
        code.note(
            Changed,
            place,
            format!("long number {written}"),
            "all whole numbers are long; the L is gone",
        );
    }
    let is_octal =
        digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    let new = match is_octal {
        // Python 3 takes zeros without end, but nothing that only looks like a decimal number.
        true if digits.bytes().all(|byte| byte == b'0') => "0".to_owned(),
        true => {
            let new = format!("0o{}", digits.trim_start_matches('0'));
            code.note(
                Changed,
                place,
                format!("octal number {digits}"),
                &format!("it is written {new} now"),
            );
            new
        }
        false => digits.to_owned(),
    };
    if new != written {
        code.rewrite(place, new);
    }
}

/// Tabs before a statement become what Python 2 took them for: blanks up to the next multiple of eight.
fn tabs(code: &mut Code, place: usize) {
    let before = place.checked_sub(1);
    let starts_line = before.is_none_or(|before| code.kind(before) == TokenKind::Newline);
    let blanks = code.text(place);
    if !starts_line || !blanks.contains('\t') || blanks.contains(['\n', '\r']) {
        return;
    }
    let mut width = 0;
    for c in blanks.chars() {
        width += if c == '\t' { 8 - width % 8 } else { 1 };
    }
    const TAB: &str = "tabs before statements, from here on";
    // The last line comes first, and one word about all of them is enough.
    code.notes.retain(|note| note.what != TAB);
    code.note(Changed, place, TAB, "blanks up to the next multiple of eight");
    code.rewrite(place, " ".repeat(width));
}

/// The encoding that the first two lines name.
pub(super) fn named_encoding(comment: &str) -> Option<&str> {
    let (_, rest) = comment.split_once("coding")?;
    let rest = rest.strip_prefix([':', '='])?.trim_start();
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    let name = rest.get(..end.unwrap_or(rest.len()))?;
    (!name.is_empty()).then_some(name)
}

fn coding(code: &mut Code, place: usize) {
    let comment = code.text(place).to_owned();
    let Some(encoding) = named_encoding(&comment).filter(|_| code.line(place) <= 2) else {
        return;
    };
    if !is_utf8(encoding) {
        code.note(
            Changed,
            place,
            format!("coding line {encoding}"),
            "macros are files in UTF-8",
        );
        code.rewrite(place, comment.replacen(encoding, "utf-8", 1));
    }
}

pub(super) fn is_utf8(encoding: &str) -> bool {
    let encoding = encoding.to_lowercase().replace('_', "-");
    encoding == "utf-8" || encoding == "utf8"
}

/// Two by two, as they come; from the last pair on, so that the places of the others stay.
fn backticks(code: &mut Code) {
    let mut ticks: Vec<usize> = code
        .backwards()
        .filter(|place| code.is_operator(*place, "`"))
        .collect();
    if !ticks.len().is_multiple_of(2) {
        let last = ticks.remove(0);
        code.note(ByHand, last, "a backtick without another", "take it out");
    }
    for pair in ticks.chunks_exact(2) {
        let [close, open] = pair else { continue };
        code.note(Changed, *close, "backticks", "they are written repr(…) now");
        code.set(*close, ")");
        code.set(*open, "repr(");
    }
}

fn division(code: &mut Code, place: usize) {
    if !matches!(code.text(place), "/" | "/=") {
        return;
    }
    let is_exact = |place: usize| {
        let text = code.text(place);
        code.kind(place) == TokenKind::Number && text.contains(['.', 'e']) || text == "float"
    };
    let ends_term = |place: usize| {
        let ends = ["+", "-", "=", ",", ":", "return", "\n", "\r\n"];
        ends.contains(&code.text(place))
    };
    let mut earlier = (0..place).rev().take_while(|place| !ends_term(*place));
    if is_exact(code.after(place)) || earlier.any(is_exact) {
        return;
    }
    let what = "/ gives fractions: 1 / 2 is 0.5";
    code.note(
        Look,
        place,
        what,
        "write // where whole numbers are to stay whole",
    );
}
