//! What Python's own modules have and the interpreter's do not: `re.U`, `collections.OrderedDict`.
//!
//! Only names that macros are known to use stand here; the rest shows when it is called. Start reading at [`instead`].

use crate::python::hints;
use crate::python::port::code::Code;

const NO_BLANKS: &str = "begin the pattern with (?x)";
const UNICODE: &str = "leave it out, every pattern is Unicode";
const NO_LOCALE: &str = "leave it out, every pattern is Unicode and no machine's locale counts";
const FROM_SECONDS: &str = "write datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=n)";
const KEEPS_ORDER: &str = "a dict keeps its order";

/// Module, name and what to write.
const MISSING: &[(&str, &[&str], &str)] = &[
    ("re", &["U", "UNICODE"], UNICODE),
    ("re", &["L", "LOCALE"], NO_LOCALE),
    ("re", &["X", "VERBOSE"], NO_BLANKS),
    ("re", &["DEBUG"], "leave it out"),
    (
        "re",
        &["subn"],
        "re.sub changes the text, len(re.findall(…)) counts",
    ),
    ("re", &["purge"], "leave it out"),
    ("datetime", &["fromtimestamp", "utcfromtimestamp"], FROM_SECONDS),
    ("collections", &["OrderedDict"], KEEPS_ORDER),
    ("functools", &["cmp_to_key"], "sort with key=…"),
    ("functools", &["wraps"], "leave it out"),
];

/// What to write for something that a module does not have.
pub(super) fn instead(module: &str, name: &str) -> Option<&'static str> {
    let mut missing = MISSING.iter();
    let found = missing.find(|(of, names, _)| *of == module && names.contains(&name));
    found.map(|(.., instead)| *instead)
}

/// The module that a name stands for, where only imports give it a meaning. The class `datetime` is called like its
/// module, and has the same methods.
pub(super) fn module(code: &Code, place: usize) -> Option<&str> {
    let name = code.text(place);
    let is_listed = MISSING.iter().any(|(module, ..)| *module == name);
    if !is_listed || code.is_attribute(place) && name != "datetime" {
        return None;
    }
    let statements = code.statements();
    let mut binding = statements
        .iter()
        .filter(|statement| hints::bound_by(code, statement).contains(name))
        .peekable();
    binding.peek()?;
    let is_import = |first: usize| code.is_name(first, "import") || code.is_name(first, "from");
    binding
        .all(|statement| is_import(statement.first))
        .then_some(name)
}
