//! A macro's file on its way to the worker, and what the worker says of it.

use serde::{Deserialize, Serialize};

use crate::Value;

/// Names a module by its content (a SHA-256 of name and source): a changed file is another module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ModuleId(pub [u8; 32]);

/// A macro's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// What it is called by in jobs.
    pub id: ModuleId,
    /// The macro's name: `SessionTest`.
    pub name: String,
    /// The file's name as tracebacks show it: `SessionTest.py`.
    pub file: String,
    /// Its text.
    pub source: String,
    /// Helper files (`_name.py`) beside it that it may import, by module name without `.py`.
    pub helpers: Vec<(String, String)>,
}

/// What a module says about itself when it is loaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModuleFacts {
    /// Its `Dependencies`, if it has any such list: an empty one and none at all mean different things.
    pub dependencies: Option<Vec<String>>,
    /// What runs when the macro is called.
    pub entry: Entry,
    /// The text at its head.
    pub docstring: Option<String>,
}

/// The function that a call runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    /// `execute(macro, args)`: the text between the parentheses as it stands, or None.
    Execute,
    /// `macro_Name(macro, …)`: arguments read and converted by their defaults.
    Typed(Vec<Parameter>),
    /// None: a helper, whose name begins with `_`, is imported and never called.
    Helper,
}

/// A parameter of a typed entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its default; nothing for a parameter without one.
    pub default: Option<Value>,
}

/// Why a module cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyntaxError {
    /// What is wrong, in a sentence without place.
    pub message: String,
    /// The line, from 1; 0 where no line is to blame.
    pub line: u32,
    /// The column, from 1; 0 where none is known.
    pub column: u32,
    /// That line's text.
    pub text: String,
}
