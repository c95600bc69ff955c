//! One definition per macro, from which its help, the editor's completion and a test are made.
//!
//! A [`Definition`] is plain constant text: what the macro is called, what it takes, what its output
//! depends on and an example. It does not expand anything; that is the macro's own file.
//! Start reading at [`Definition`]; `builtin/session_test.rs` is a short one to copy.

use crate::dependencies::{Dependency, Runs};

/// Everything that can be said about a macro without running it.
#[derive(Debug)]
pub struct Definition {
    /// The name between `<<` and `(`: letters, digits and underscores.
    pub name: &'static str,
    /// One line for lists and for the editor's completion.
    pub summary: &'static str,
    /// What a page author has to know, in paragraphs of Markdown.
    pub help: &'static str,
    /// What stands between the parentheses.
    pub arguments: Arguments,
    /// What the output depends on. It decides when the macro runs; see [`Dependency`].
    pub dependencies: &'static [Dependency],
    /// A call that shows the macro at work. It stands in the help, and a test runs it.
    pub example: Example,
}

/// How the text between the parentheses is read.
#[derive(Debug)]
pub enum Arguments {
    /// A list: commas, quotes, `name=value`.
    List(&'static [Argument]),
    /// All of it is one value, commas and quotes included: a search word, a point in time.
    Whole(Argument),
}

/// One argument that a macro takes.
#[derive(Debug)]
pub struct Argument {
    /// The name, for `name=value` and for error messages.
    pub name: &'static str,
    /// What it is converted to.
    pub kind: Kind,
    /// What happens when it is not given.
    pub need: Need,
    /// One line of help.
    pub help: &'static str,
}

/// What an argument's text is converted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `1 0 yes no true false`, in any case.
    Bool,
    /// Yes where its bare name stands anywhere in the list, as in `<<Include(^Team/, titlesonly)>>`.
    Flag,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Float,
    /// Any text.
    Text,
    /// One of these words, exactly.
    Choice(&'static [&'static str]),
}

/// Whether an argument must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A call without it is refused.
    Required,
    /// It may be left out.
    Optional,
    /// It may be left out and is then as if this had been written.
    Default(&'static str),
}

/// A call and what it shows.
#[derive(Debug)]
pub struct Example {
    /// The call as an author writes it: `<<PageList(regex:^Help)>>`.
    pub call: &'static str,
    /// Text that a reader then sees. The test of all examples looks for it.
    pub shows: &'static str,
}

impl Definition {
    /// When the macro has to run.
    #[must_use]
    pub fn runs(&self) -> Runs {
        Runs::of(self.dependencies)
    }

    /// The arguments, one after the other.
    #[must_use]
    pub fn argument_list(&self) -> &[Argument] {
        match &self.arguments {
            Arguments::List(arguments) => arguments,
            Arguments::Whole(argument) => std::slice::from_ref(argument),
        }
    }

    /// The call's pattern, as in `<<Include(page[, heading][, level])>>`.
    #[must_use]
    pub fn pattern(&self) -> String {
        let mut arguments = String::new();
        for argument in self.argument_list() {
            let comma = if arguments.is_empty() { "" } else { ", " };
            match argument.need {
                _ if argument.kind == Kind::Flag => {
                    arguments.push_str(&format!("[{comma}{}]", argument.name));
                }
                Need::Required => arguments.push_str(&format!("{comma}{}", argument.name)),
                Need::Optional => arguments.push_str(&format!("[{comma}{}]", argument.name)),
                Need::Default(value) => {
                    arguments.push_str(&format!("[{comma}{}={value}]", argument.name));
                }
            }
        }
        match arguments.is_empty() {
            true => format!("<<{}>>", self.name),
            false => format!("<<{}({arguments})>>", self.name),
        }
    }

    /// A section of Markdown about this macro, made of nothing but the definition.
    #[must_use]
    pub fn help_section(&self) -> String {
        let mut text = format!("## {}\n\n{}\n\n`{}`\n", self.name, self.summary, self.pattern());
        if !self.help.is_empty() {
            text.push_str(&format!("\n{}\n", self.help));
        }
        if !self.argument_list().is_empty() {
            text.push_str("\n| argument | is | what it does |\n|---|---|---|\n");
        }
        for argument in self.argument_list() {
            text.push_str(&argument.help_row());
        }
        text.push_str(&format!("\nExample: `{}`\n", self.example.call));
        text
    }
}

impl Argument {
    /// One that a call has to have.
    #[must_use]
    pub const fn required(name: &'static str, kind: Kind, help: &'static str) -> Argument {
        Argument {
            name,
            kind,
            need: Need::Required,
            help,
        }
    }

    /// One that may be left out.
    #[must_use]
    pub const fn optional(name: &'static str, kind: Kind, help: &'static str) -> Argument {
        Argument {
            name,
            kind,
            need: Need::Optional,
            help,
        }
    }

    /// One that is `value` where it is left out.
    #[must_use]
    pub const fn with_default(
        name: &'static str,
        kind: Kind,
        value: &'static str,
        help: &'static str,
    ) -> Argument {
        Argument {
            name,
            kind,
            need: Need::Default(value),
            help,
        }
    }

    fn help_row(&self) -> String {
        let need = match self.need {
            _ if self.kind == Kind::Flag => "optional".to_owned(),
            Need::Required => "required".to_owned(),
            Need::Optional => "optional".to_owned(),
            Need::Default(value) => format!("{value} unless given"),
        };
        format!(
            "| {} | {}, {need} | {} |\n",
            self.name,
            self.kind.in_words(),
            self.help
        )
    }
}

impl Kind {
    /// The kind as help and messages name it.
    #[must_use]
    pub fn in_words(self) -> String {
        match self {
            Kind::Bool => "yes or no".to_owned(),
            Kind::Flag => "a bare word".to_owned(),
            Kind::Int => "a whole number".to_owned(),
            Kind::Float => "a number".to_owned(),
            Kind::Text => "text".to_owned(),
            Kind::Choice(words) => format!("one of {}", words.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: Definition = Definition {
        name: "Sample",
        summary: "Shows a sample.",
        help: "",
        arguments: Arguments::List(&[
            Argument {
                name: "page",
                kind: Kind::Text,
                need: Need::Required,
                help: "Where from.",
            },
            Argument {
                name: "n",
                kind: Kind::Int,
                need: Need::Default("5"),
                help: "How many.",
            },
            Argument {
                name: "sort",
                kind: Kind::Choice(&["up", "down"]),
                need: Need::Optional,
                help: "Which way.",
            },
        ]),
        dependencies: &[Dependency::Pages],
        example: Example {
            call: "<<Sample(A, 3)>>",
            shows: "A",
        },
    };

    #[test]
    fn the_pattern_shows_what_may_be_left_out() {
        assert_eq!(SAMPLE.pattern(), "<<Sample(page[, n=5][, sort])>>");
    }

    #[test]
    fn the_help_section_tells_every_argument_and_the_example() {
        let help = SAMPLE.help_section();
        assert!(help.starts_with("## Sample\n\nShows a sample.\n"), "{help}");
        assert!(
            help.contains("| n | a whole number, 5 unless given | How many. |"),
            "{help}"
        );
        assert!(
            help.contains("| sort | one of up, down, optional | Which way. |"),
            "{help}"
        );
        assert!(help.contains("Example: `<<Sample(A, 3)>>`"), "{help}");
    }

    #[test]
    fn a_definition_knows_when_its_macro_runs() {
        assert_eq!(SAMPLE.runs(), Runs::WhenPagesChange);
    }
}
