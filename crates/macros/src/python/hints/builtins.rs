//! The names that a macro has without giving them a meaning: the language's words and what is built in.
//!
//! The list is the interpreter's, not Python's: monty 1.4.0's `BuiltinsFunctions`, `ExcType` and
//! `Type::from_builtin_name`, its names of modules, and Python 2's names that the worker adds. `open` is one of them,
//! but a macro has no files. Start reading at [`is_known`].

use std::collections::HashSet;

use grange_macro_protocol::names::MODULES;

use crate::python::members::meant;

const WORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "case", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "match", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

const FUNCTIONS: &[&str] = &[
    "abs",
    "all",
    "any",
    "bin",
    "chr",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "filter",
    "format",
    "getattr",
    "hasattr",
    "hash",
    "hex",
    "id",
    "isinstance",
    "len",
    "locals",
    "map",
    "max",
    "min",
    "next",
    "oct",
    "ord",
    "pow",
    "print",
    "repr",
    "reversed",
    "round",
    "setattr",
    "sorted",
    "sum",
    "type",
    "zip",
];

const TYPES: &[&str] = &[
    "bool",
    "bytes",
    "complex",
    "dict",
    "float",
    "frozenset",
    "int",
    "iter",
    "list",
    "object",
    "property",
    "range",
    "set",
    "slice",
    "str",
    "tuple",
];

/// Python 2's, which the worker adds.
const OLD: &[&str] = &["basestring", "long", "unichr", "unicode", "xrange"];

const VALUES: &[&str] = &[
    "Ellipsis",
    "NotImplemented",
    "__annotations__",
    "__debug__",
    "__doc__",
    "__file__",
    "__name__",
    "__package__",
    "__spec__",
];

const EXCEPTIONS: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "Exception",
    "FileExistsError",
    "FileNotFoundError",
    "ImportError",
    "IndexError",
    "IsADirectoryError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "MemoryError",
    "ModuleNotFoundError",
    "NameError",
    "NotADirectoryError",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PermissionError",
    "RecursionError",
    "RuntimeError",
    "StopIteration",
    "SyntaxError",
    "SystemExit",
    "TimeoutError",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "ValueError",
    "ZeroDivisionError",
];

const KEEP_NAMES: &str = "there is none here; keep names and values in a dict";
const NO_FILES: &str = "files are out of reach; keep the text on a wiki page or in macro.storage";
const NOBODY_TYPES: &str = "nobody types here; take the arguments or request.args";
const NO_METHODS: &str = "make it a function beside the class";

/// What to write for names that are not there.
const INSTEAD: &[(&str, &str)] = &[
    ("IOError", "it is OSError"),
    ("Page", "write: from MoinMoin.Page import Page"),
    ("UnicodeError", "name UnicodeDecodeError or UnicodeEncodeError"),
    ("_", "write: _ = macro.request.getText"),
    ("ascii", "repr(…) shows a value"),
    ("bytearray", "bytes is there"),
    (
        "callable",
        "there is none here; keep functions apart from other values",
    ),
    ("classmethod", NO_METHODS),
    ("cmp", "sort with key=…, or write (a > b) - (a < b)"),
    ("delattr", "set the attribute to None"),
    ("dir", KEEP_NAMES),
    ("file", NO_FILES),
    ("formatter", "write: formatter = macro.formatter"),
    ("globals", KEEP_NAMES),
    ("input", NOBODY_TYPES),
    (
        "issubclass",
        "classes have no base classes here; isinstance is there",
    ),
    ("open", NO_FILES),
    ("raw_input", NOBODY_TYPES),
    ("reduce", "write: from functools import reduce"),
    ("request", "write: request = macro.request"),
    ("staticmethod", NO_METHODS),
    (
        "super",
        "there are no base classes here; call the function itself",
    ),
    ("vars", KEEP_NAMES),
    ("wikiutil", "write: from MoinMoin import wikiutil"),
];

const BUILT_IN: [&[&str]; 6] = [WORDS, FUNCTIONS, TYPES, OLD, VALUES, EXCEPTIONS];

/// Whether a name has a meaning of its own.
pub(super) fn is_known(name: &str) -> bool {
    BUILT_IN.iter().any(|names| names.contains(&name))
}

/// What to write for a name without a meaning, in a file that gives these others one.
pub(super) fn instead(name: &str, bound: &HashSet<String>) -> Option<String> {
    if let Some((_, instead)) = INSTEAD.iter().find(|(missing, _)| *missing == name) {
        return Some((*instead).to_owned());
    }
    if MODULES.contains(&name) {
        return Some(format!("write: import {name}"));
    }
    // Too many other names are like a short one.
    const SHORTEST: usize = 3;
    let others = [FUNCTIONS, TYPES, EXCEPTIONS].concat();
    let others = others.into_iter().chain(bound.iter().map(String::as_str));
    (name.chars().count() >= SHORTEST).then(|| meant(name, others))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_an_advice_is_not_known() {
        for (name, _) in INSTEAD {
            assert!(!is_known(name), "{name}");
        }
    }
}
