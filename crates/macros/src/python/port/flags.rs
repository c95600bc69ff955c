//! `re.U` and `re.UNICODE`: every pattern is Unicode here, and the flag is not there.
//!
//! It is taken out where it stands as a flag, and is 0 anywhere else. Of the other flags that are missing `grange macro
//! check` tells what to do, and `moin.rs` passes that on. Start reading at [`carry`].

use super::NoteKind::Changed;
use super::code::Code;

const UNICODE: &[&str] = &["U", "UNICODE"];

/// Functions of `re` that take flags last.
const TAKE_FLAGS: &[&str] = &[
    "compile",
    "findall",
    "finditer",
    "fullmatch",
    "match",
    "search",
    "split",
    "sub",
    "subn",
];

/// Takes all of them out.
pub(super) fn carry(code: &mut Code) {
    for place in code.backwards() {
        if !UNICODE.contains(&code.text(place)) || !code.is_attribute(place) {
            continue;
        }
        let module = code.before(place).and_then(|dot| code.before(dot));
        let Some(module) = module.filter(|one| code.is_name(*one, "re") && !code.is_attribute(*one)) else {
            continue;
        };
        let what = format!("re.{}", code.text(place));
        code.note(Changed, place, what, "every pattern is Unicode");
        take_out(code, module, place);
    }
}

/// Takes a flag out that stands from one place to another.
fn take_out(code: &mut Code, first: usize, last: usize) {
    let (before, after) = (code.before(first), code.after(last));
    let is = |place: Option<usize>, signs: &[&str]| {
        place.is_none_or(|place| signs.iter().any(|sign| code.is_operator(place, sign)))
    };
    let begins = is(before, &["(", ",", "=", "|"]);
    // A line's end is no operator.
    let ends = is(Some(after), &[")", ",", "|", ";"]) || code.text(after).trim().is_empty();
    if begins && code.is_operator(after, "|") {
        return code.replace(first..code.after(after), "");
    }
    match before {
        Some(bar) if ends && code.is_operator(bar, "|") => {
            let kept = code.before(bar).map_or(bar, |kept| kept + 1);
            code.replace(kept..last + 1, "");
        }
        Some(before) => match argument(code, before, after) {
            Some(comma) => code.replace(comma..last + 1, ""),
            None => code.replace(first..last + 1, "0"),
        },
        None => code.replace(first..last + 1, "0"),
    }
}

/// The comma before the last argument of a function of `re`, where this is one.
fn argument(code: &Code, before: usize, after: usize) -> Option<usize> {
    let open = code.opening(after).filter(|_| code.is_operator(after, ")"))?;
    let function = code.before(open)?;
    if !TAKE_FLAGS.contains(&code.text(function)) {
        return None;
    }
    if code.is_operator(before, ",") {
        return Some(before);
    }
    let name = code.before(before).filter(|_| code.is_operator(before, "="))?;
    let comma = code.before(name).filter(|_| code.is_name(name, "flags"))?;
    code.is_operator(comma, ",").then_some(comma)
}
