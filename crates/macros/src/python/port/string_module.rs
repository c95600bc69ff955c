//! `string.join(x, y)` and the other functions of the module `string`, which are methods of text now.
//!
//! There is no module `string` here; its constants become literals.

use super::NoteKind::{ByHand, Changed};
use super::code::Code;

/// Functions whose first argument is the text that the method belongs to.
const METHODS: &[&str] = &[
    "capitalize",
    "center",
    "count",
    "expandtabs",
    "find",
    "index",
    "ljust",
    "lower",
    "lstrip",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rstrip",
    "split",
    "splitfields",
    "strip",
    "swapcase",
    "translate",
    "upper",
    "zfill",
];

const CONVERSIONS: &[(&str, &str)] = &[("atoi", "int"), ("atol", "int"), ("atof", "float")];

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";

/// Carries all uses over. The import goes where nothing of it is left.
pub(super) fn carry(code: &mut Code) {
    if !imports_string(code) {
        return;
    }
    for place in code.backwards() {
        let dot = code.after(place);
        if code.is_name(place, "string") && !code.is_attribute(place) && code.is_operator(dot, ".") {
            use_of(code, place, code.after(dot));
        }
    }
}

fn imports_string(code: &Code) -> bool {
    code.statements().iter().any(|statement| {
        let mut words = statement.first..statement.end;
        code.is_name(statement.first, "import") && words.any(|place| code.is_name(place, "string"))
    })
}

/// What is left of the module after the others are carried over.
pub(super) fn is_used(code: &Code) -> bool {
    code.backwards().any(|place| {
        code.is_name(place, "string") && !code.is_attribute(place) && code.is_operator(code.after(place), ".")
    })
}

fn use_of(code: &mut Code, module: usize, name: usize) {
    let function = code.text(name).to_owned();
    if let Some(constant) = constant(&function) {
        code.note(
            Changed,
            module,
            format!("string.{function}"),
            "there is no module string; its letters are written out",
        );
        return code.replace(module..name + 1, &format!("'{constant}'"));
    }
    let open = code.after(name);
    let close = code.closing(open).filter(|_| code.is_operator(open, "("));
    if close.is_none() && METHODS.contains(&function.as_str()) {
        code.note(
            Changed,
            module,
            format!("string.{function}"),
            "it is a method of the text now",
        );
        return code.replace(module..name + 1, &format!("(lambda text: text.{function}())"));
    }
    let arguments: Vec<String> = code
        .arguments(open)
        .filter(|_| close.is_some())
        .unwrap_or_default()
        .into_iter()
        .map(|places| code.source_of(places))
        .collect();
    let new = as_method(&function, &arguments);
    match (new, close) {
        (Some(new), Some(close)) => {
            code.note(
                Changed,
                module,
                format!("string.{function}(…)"),
                "it is a method of the text now",
            );
            code.replace(module..close + 1, &new);
        }
        _ => code.note(
            ByHand,
            module,
            format!("string.{function}"),
            "there is no module string; take a method of the text",
        ),
    }
}

fn constant(name: &str) -> Option<String> {
    match name {
        "letters" | "ascii_letters" => Some([LOWER, UPPER].concat()),
        "lowercase" | "ascii_lowercase" => Some(LOWER.to_owned()),
        "uppercase" | "ascii_uppercase" => Some(UPPER.to_owned()),
        "digits" => Some(DIGITS.to_owned()),
        "hexdigits" => Some([DIGITS, "abcdef", "ABCDEF"].concat()),
        "whitespace" => Some(" \\t\\n\\r\\x0b\\x0c".to_owned()),
        _ => None,
    }
}

fn as_method(function: &str, arguments: &[String]) -> Option<String> {
    let (first, rest) = arguments.split_first()?;
    if let Some((_, new)) = CONVERSIONS.iter().find(|(old, _)| *old == function) {
        return Some(format!("{new}({})", arguments.join(", ")));
    }
    match function {
        "join" | "joinfields" => {
            let glue = rest.first().map_or("' '", String::as_str);
            Some(format!("{}.join({first})", as_object(glue)))
        }
        "splitfields" => Some(format!("{}.split({})", as_object(first), rest.join(", "))),
        _ if METHODS.contains(&function) => {
            Some(format!("{}.{function}({})", as_object(first), rest.join(", ")))
        }
        _ => None,
    }
}

/// A value that a method can be asked of: brackets around what is no single name, text or call.
fn as_object(source: &str) -> String {
    let code = Code::read(source);
    let last = code.backwards().next();
    let is_one = last.is_some_and(|last| code.ends_value(last) && code.value_start(last) == 0);
    match is_one {
        true => source.to_owned(),
        false => format!("({source})"),
    }
}
