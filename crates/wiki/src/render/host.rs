//! The border to the macros: who answers the calls of a page, and what an answer may be.
//!
//! [`MacroHost`] is implemented by the macros crate; this crate knows no macro. It is asked once
//! per different call while a page is rendered into segments, not when the page is viewed: views
//! fill the holes without coming here.

use std::collections::HashMap;

use async_trait::async_trait;

use crate::markup::{Document, MacroCall};
use crate::render::fragment::Fragment;
use crate::render::segments::Heading;
use crate::{PageName, Wiki};

/// Answers the macro calls of a page while it is rendered.
#[async_trait]
pub trait MacroHost: Send + Sync {
    /// Expands `call` if its output depends on nothing but the page, its arguments and the other
    /// pages; asks for a hole otherwise. It never fails: a macro that does is a fragment or a hole
    /// which says so.
    async fn expand_once(&self, call: &MacroCall, facts: &RenderFacts<'_>) -> Expansion;

    /// Another number after every change of the macros themselves. A page that calls any and was rendered
    /// under another edition is rendered again; hosts whose macros never change keep the default.
    fn edition(&self) -> u64 {
        0
    }
}

/// What a macro may know while its page is rendered; nothing about a visitor.
pub struct RenderFacts<'a> {
    /// The wiki.
    pub wiki: &'a Wiki,
    /// The page that is rendered.
    pub page: &'a PageName,
    /// The wiki's mount path, empty or beginning with a slash.
    pub base: &'a str,
    /// The headings of the page, for a table of contents.
    pub headings: &'a [Heading],
}

/// How long the answer of a macro holds.
#[derive(Debug, Clone)]
pub enum Expansion {
    /// Not at all: the macro runs at every view.
    Hole,
    /// As long as the page's text stays the same.
    Forever(Fragment),
    /// Until any page of the wiki changes.
    UntilPagesChange(Fragment),
}

/// The answers to the calls of one document.
///
/// The same call written twice has one answer: its output depends on the page only.
#[derive(Debug, Default)]
pub struct Expansions {
    fragments: HashMap<MacroCall, Fragment>,
    pages_matter: bool,
}

impl Expansions {
    /// Asks `host` for every different macro call in `document`, in the order of the page.
    pub async fn ask(document: &Document, host: &dyn MacroHost, facts: &RenderFacts<'_>) -> Expansions {
        let mut expansions = Expansions::default();
        for call in crate::markup::macro_calls(document) {
            let answer = host.expand_once(&call, facts).await;
            expansions.insert(call, answer);
        }
        expansions
    }

    /// Notes the answer to `call`.
    pub fn insert(&mut self, call: MacroCall, answer: Expansion) {
        match answer {
            Expansion::Hole => {}
            Expansion::Forever(fragment) => {
                self.fragments.insert(call, fragment);
            }
            Expansion::UntilPagesChange(fragment) => {
                self.pages_matter = true;
                self.fragments.insert(call, fragment);
            }
        }
    }

    /// The fragment that stands for `call`; `None` for a hole.
    pub fn fragment(&self, call: &MacroCall) -> Option<&Fragment> {
        self.fragments.get(call)
    }

    /// Whether an answer holds only until any page changes.
    pub fn depend_on_pages(&self) -> bool {
        self.pages_matter
    }
}
