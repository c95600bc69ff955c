//! Whether the entry of a file can be called as macros are: `execute` with two arguments, `macro_Name` with at least one.
//!
//! A page would tell it too, in the words of a call that fails; here it is told when the file is loaded, with its line.

use ruff_python_ast::{ModModule, Parameters, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

/// What an entry is called with at least, and at most.
struct Called {
    least: usize,
    most: usize,
}

/// The last function of a name in a file: the one that counts.
pub fn function<'a>(tree: &'a ModModule, name: &str) -> Option<&'a StmtFunctionDef> {
    tree.body.iter().rev().find_map(|statement| match statement {
        Stmt::FunctionDef(function) if function.name.as_str() == name => Some(function),
        _ => None,
    })
}

/// Why the entry of a macro cannot be called, and where in the text it stands.
pub fn fault(tree: &ModModule, name: &str) -> Option<(usize, String)> {
    let typed = format!("macro_{name}");
    if let Some(function) = function(tree, &typed) {
        let takes_macro = takes(
            &function.parameters,
            Called {
                least: 1,
                most: usize::MAX,
            },
        );
        let words = || format!("{typed} is called with macro first: write def {typed}(macro, …):");
        return (!takes_macro).then(|| (function.start().to_usize(), words()));
    }
    let function = function(tree, "execute")?;
    let takes_both = takes(&function.parameters, Called { least: 2, most: 2 });
    let words = "execute is called with macro and args: write def execute(macro, args):";
    (!takes_both).then(|| (function.start().to_usize(), words.to_owned()))
}

/// Whether a function can be called with so many arguments by their places.
fn takes(parameters: &Parameters, called: Called) -> bool {
    let placed = || parameters.posonlyargs.iter().chain(&parameters.args);
    let needed = placed().filter(|parameter| parameter.default.is_none()).count();
    let has_room = parameters.vararg.is_some() || placed().count() >= called.least;
    let named = parameters.kwonlyargs.iter();
    let needs_names = called.most == called.least && named.clone().any(|named| named.default.is_none());
    has_room && needed <= called.most && !needs_names
}
