//! `def macro_Name(macro, a, *args, **kw)`: pages give what is left over to parameters of other names.
//!
//! Start reading at [`Look::rest`].

use super::{Fault, Finding, Look};
use crate::python::port::code::Statement;

const PLACED: &str = "the parameter _trailing_args takes what is left over, as a list";
const NAMED: &str = "the parameter _kwargs takes other named arguments, as a dict";

impl Look<'_> {
    /// What pages never fill.
    pub(super) fn rest(&self) -> Vec<Finding> {
        let statements = self.code.statements().into_iter();
        let entries = statements.filter(|statement| self.is_entry(statement));
        entries.flat_map(|entry| self.rest_of(&entry)).collect()
    }

    /// A function that only pages call.
    fn is_entry(&self, statement: &Statement) -> bool {
        let code = self.code;
        let name = code.text(code.after(statement.first));
        let is_function = code.is_name(statement.first, "def") && code.indent_of(statement) == Some(0);
        is_function
            && name.starts_with("macro_")
            && code
                .backwards()
                .filter(|place| code.is_name(*place, name))
                .count()
                == 1
    }

    fn rest_of(&self, entry: &Statement) -> Vec<Finding> {
        let code = self.code;
        let name = code.after(entry.first);
        let parameters = code.arguments(code.after(name)).unwrap_or_default();
        let mut found = Vec::new();
        // The first one is the macro.
        for parameter in parameters
            .into_iter()
            .skip(1)
            .filter(|parameter| parameter.len() > 1)
        {
            let instead = match code.text(parameter.start) {
                "*" => PLACED,
                "**" => NAMED,
                _ => continue,
            };
            let what = format!("{} of {}", code.source_of(parameter.clone()), code.text(name));
            found.push(self.finding(parameter.start, Fault::NoEffect, what, instead.to_owned()));
        }
        found
    }
}
