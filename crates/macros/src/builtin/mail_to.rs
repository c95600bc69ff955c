//! `<<MailTo(address)>>`: a mail address that people read and collectors of addresses do not.
//!
//! It is written in words (`ada AT example DOT org`). Who is logged in gets a link, everybody else the words.

use async_trait::async_trait;
use grange_wiki::markup::{Inline, Target};
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct MailTo;

static DEFINITION: Definition = Definition {
    name: "MailTo",
    summary: "Shows a mail address: as a link to those who are logged in, in words to everybody else.",
    help: "Write `AT`, `DOT` and `DASH` for the signs. Other words in capitals are left out of the address, so \
        `ada AT NOSPAM example DOT org` is understood by people alone. Blanks do not count.",
    arguments: Arguments::List(&[
        Argument::required("address", Kind::Text, "The address, in words."),
        Argument::optional(
            "text",
            Kind::Text,
            "What the link says, or what stands before the address.",
        ),
    ]),
    dependencies: &[Dependency::User],
    example: Example {
        call: "<<MailTo(ada AT example DOT org, Ada)>>",
        shows: "Ada <code>&lt;ada AT example DOT org&gt;</code>",
    },
};

#[async_trait]
impl Macro for MailTo {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let address = args.text("address").unwrap_or_default();
        let text = args.text("text");
        Ok(Fragment::Inline(match cx.viewer().is_known() {
            true => link(&in_signs(address), text),
            false => in_words(address, text),
        }))
    }
}

fn link(address: &str, text: Option<&str>) -> Vec<Inline> {
    let target = Target::External(format!("mailto:{address}"));
    vec![Inline::link(target, text.unwrap_or(address))]
}

fn in_words(address: &str, text: Option<&str>) -> Vec<Inline> {
    let before = text.map(|text| Inline::text(format!("{text} ")));
    let address = Inline::code(format!("<{address}>"));
    before.into_iter().chain([address]).collect()
}

/// The address that the words mean.
fn in_signs(words: &str) -> String {
    let sign = |word| match word {
        "AT" => "@",
        "DOT" => ".",
        "DASH" => "-",
        _ if is_capitals(word) => "",
        _ => word,
    };
    words.split_whitespace().map(sign).collect()
}

/// Letters alone: a part of an address such as `X1` or `A.B` stays.
fn is_capitals(word: &str) -> bool {
    word.chars().all(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_signs_and_other_capitals_vanish() {
        for (words, address) in [
            ("ada AT example DOT org", "ada@example.org"),
            ("ada DASH l AT NOSPAM example DOT org", "ada-l@example.org"),
            ("ada@example.org", "ada@example.org"),
            ("ada DOT l @ex ample.org", "ada.l@example.org"),
            ("X1 AT a DOT b", "X1@a.b"),
            ("", ""),
        ] {
            assert_eq!(in_signs(words), address, "{words}");
        }
    }
}
