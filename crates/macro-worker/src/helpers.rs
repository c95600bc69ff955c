//! Files beside a macro (`_name.py`) that it imports.
//!
//! The interpreter cannot be handed a module with functions from outside. An import of a helper is therefore
//! replaced, in its own place and on as many lines, by statements that run the helper's text and take the
//! names out of it; a helper may import helpers in the same way.

use std::fmt::Write as _;

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_stmt};
use ruff_python_ast::{Alias, ModModule, Stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged;

/// How far helpers may import helpers; two that import each other end here.
const MOST_DEPTH: usize = 4;
/// How much text of helpers is laid in; an import beyond it stays as it is, and fails.
const MOST_BYTES: usize = 1 << 20;

/// The text with imports of helpers replaced.
#[must_use]
pub fn resolve(source: &str, tree: &ModModule, helpers: &[(String, String)]) -> String {
    let mut room = MOST_BYTES;
    resolve_to(source, tree, helpers, MOST_DEPTH, &mut room)
}

fn resolve_to(
    source: &str,
    tree: &ModModule,
    helpers: &[(String, String)],
    depth: usize,
    room: &mut usize,
) -> String {
    let mut imports = Imports::default();
    if !helpers.is_empty() && depth > 0 {
        imports.visit_body(&tree.body);
    }
    let mut text = source.to_owned();
    for (start, end, wanted) in imports.found.into_iter().rev() {
        let Some((name, helper)) = helpers.iter().find(|(name, _)| *name == wanted.module()) else {
            continue;
        };
        let Some(rest) = room.checked_sub(helper.len()) else {
            continue;
        };
        *room = rest;
        let helper = match parse_module(helper) {
            Ok(parsed) => resolve_to(helper, parsed.syntax(), helpers, depth - 1, room),
            Err(_) => helper.clone(),
        };
        let lines = source.get(start..end).unwrap_or_default().matches('\n').count();
        let mut statements = wanted.statements(name, &helper);
        statements.push_str(&"\n".repeat(lines));
        text.replace_range(start..end, &statements);
    }
    text
}

/// An import of one module.
enum Wanted {
    /// `import _name as other`.
    Module { name: String, bound: String },
    /// `from _name import a as b`.
    Names {
        module: String,
        names: Vec<(String, String)>,
    },
}

impl Wanted {
    fn module(&self) -> &str {
        match self {
            Wanted::Module { name, .. } => name,
            Wanted::Names { module, .. } => module,
        }
    }

    fn statements(&self, name: &str, text: &str) -> String {
        let space = format!("_grange_in{name}");
        let mut statements = format!("{space} = {{}}; exec({}, {space})", quoted(text));
        match self {
            Wanted::Module { bound, .. } => {
                let _ = write!(statements, "; {bound} = type({}, (), {space})", quoted(name));
            }
            Wanted::Names { names, .. } => {
                for (name, bound) in names {
                    let _ = write!(statements, "; {bound} = {space}[{}]", quoted(name));
                }
            }
        }
        statements
    }
}

#[derive(Default)]
struct Imports {
    found: Vec<(usize, usize, Wanted)>,
}

impl<'a> SourceOrderVisitor<'a> for Imports {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let bound = |alias: &Alias| alias.asname.as_ref().unwrap_or(&alias.name).to_string();
        let wanted = match statement {
            Stmt::Import(import) => match import.names.as_slice() {
                [only] => Some(Wanted::Module {
                    name: only.name.to_string(),
                    bound: bound(only),
                }),
                _ => None,
            },
            Stmt::ImportFrom(import) => import.module.as_ref().map(|module| Wanted::Names {
                module: module.to_string(),
                names: import
                    .names
                    .iter()
                    .map(|alias| (alias.name.to_string(), bound(alias)))
                    .collect(),
            }),
            _ => None,
        };
        if let Some(wanted) = wanted {
            self.found
                .push((statement.start().to_usize(), statement.end().to_usize(), wanted));
        }
        walk_stmt(self, statement);
    }
}

/// A Python literal on one line.
fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' | '\\' => {
                literal.push('\\');
                literal.push(sign);
            }
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\0' => literal.push_str("\\x00"),
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}
