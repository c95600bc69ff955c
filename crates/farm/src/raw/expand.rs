//! `"${NAME}"` anywhere inside a string becomes the variable's value.
//!
//! The value itself is never part of an error: a variable may hold a password. A `$` without `{` is itself.

use crate::environment::Environment;

/// Why a string cannot be filled from the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ExpandError {
    /// A variable is not there.
    #[error("the environment variable {0} is not set")]
    Unset(String),
    /// `${` without `}`.
    #[error("\"${{\" begins a variable, and no \"}}\" ends it")]
    Open,
    /// Something else than a name between the braces.
    #[error("\"${{{0}}}\" is no variable: a name has letters, digits and _ and begins with no digit")]
    Name(String),
}

/// The string with every `${NAME}` replaced; `None` where there is nothing to replace.
///
/// # Errors
/// * [`ExpandError`]: the first variable that cannot be replaced.
pub(crate) fn expand(text: &str, environment: &dyn Environment) -> Result<Option<String>, ExpandError> {
    if !text.contains("${") {
        return Ok(None);
    }
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').ok_or(ExpandError::Open)?;
        if !is_name(name) {
            return Err(ExpandError::Name(name.to_owned()));
        }
        expanded.push_str(before);
        expanded.push_str(
            &environment
                .var(name)
                .ok_or_else(|| ExpandError::Unset(name.to_owned()))?,
        );
        rest = after;
    }
    expanded.push_str(rest);
    Ok(Some(expanded))
}

fn is_name(name: &str) -> bool {
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn with_host(text: &str) -> Result<Option<String>, ExpandError> {
        let environment = BTreeMap::from([
            ("HOST".to_owned(), "example.org".to_owned()),
            ("NESTED".to_owned(), "${HOST}".to_owned()),
            ("EMPTY".to_owned(), String::new()),
        ]);
        expand(text, &environment)
    }

    #[test]
    fn a_variable_is_replaced_anywhere_and_as_often_as_it_stands() {
        assert_eq!(
            with_host("wiki.${HOST}:80/${HOST}").unwrap().unwrap(),
            "wiki.example.org:80/example.org"
        );
        assert_eq!(with_host("a${EMPTY}b").unwrap().unwrap(), "ab");
    }

    #[test]
    fn a_text_without_variables_is_left_alone() {
        for text in ["", "plain", "$HOST", "100 $", "{HOST}"] {
            assert_eq!(with_host(text).unwrap(), None);
        }
    }

    #[test]
    fn a_value_is_never_expanded_again() {
        assert_eq!(with_host("${NESTED}").unwrap().unwrap(), "${HOST}");
    }

    #[test]
    fn what_is_no_variable_is_refused() {
        assert_eq!(with_host("${MISSING}"), Err(ExpandError::Unset("MISSING".into())));
        assert_eq!(with_host("x${HOST"), Err(ExpandError::Open));
        assert_eq!(with_host("${}"), Err(ExpandError::Name(String::new())));
        assert_eq!(with_host("${1X}"), Err(ExpandError::Name("1X".into())));
        assert_eq!(with_host("${A B}"), Err(ExpandError::Name("A B".into())));
    }
}
