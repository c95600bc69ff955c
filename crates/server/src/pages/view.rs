//! A page being read, a page that nobody has written, and a page that is not for this visitor.
//!
//! The content arrives as finished HTML: rendering, macros and sanitising have happened elsewhere,
//! and these templates are the only ones that write it unescaped (with the editor's preview).

use askama::Template;
use std::fmt::Display;

use super::shell::{Direction, Link, Moment, Shell};

/// `GET {base}/Page`: the page as it stands, or one of its old revisions.
#[derive(Template)]
#[template(path = "view.html")]
pub struct ViewPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// Finished, safe HTML.
    pub content: &'a dyn Display,
    /// The language of the text when it differs from the interface's.
    pub content_language: Option<&'a str>,
    /// All headings of the content, for the list "On this page"; empty shows none.
    pub outline: &'a [OutlineEntry<'a>],
    /// Set when an old revision is shown.
    pub old_revision: Option<OldRevision<'a>>,
}

/// The pages that come with the farm, for every wiki, and the languages they are written in.
const HELP: &[(&str, &str)] = &[
    ("FindPage", "en"),
    ("HelpContents", "en"),
    ("HelpOnAttachments", "en"),
    ("HelpOnEditing", "en"),
    ("HelpOnMacros", "en"),
    ("HelpOnSearching", "en"),
    ("HelpOnSessions", "en"),
    ("RecentChanges", "en"),
    ("TitleIndex", "en"),
    ("ПомощьПоСеансам", "ru"),
];

impl ViewPage<'_> {
    /// The language of the content when it differs from the interface's: the wiki's, or that of a help page which nobody
    /// here has changed.
    pub fn language(&self) -> Option<&str> {
        let shell = &self.shell;
        let is_as_it_came =
            shell.parents.is_empty() && shell.last_change.is_none() && self.old_revision.is_none();
        let name = shell.page.map(|page| page.label).filter(|_| is_as_it_came);
        let help = HELP.iter().find(|(help, _)| Some(*help) == name);
        match help {
            Some((_, language)) => Some(*language).filter(|language| *language != shell.site.language),
            None => self.content_language,
        }
    }

    /// The headings that are listed, in order.
    pub fn sections(&self) -> &[OutlineEntry<'_>] {
        let all = self.worth_listing();
        all.get(..Self::MOST_SECTIONS).unwrap_or(all)
    }

    /// How many more there are: a longer list would lead nobody anywhere.
    pub fn more_sections(&self) -> usize {
        self.worth_listing().len().saturating_sub(Self::MOST_SECTIONS)
    }

    const MOST_SECTIONS: usize = 300;

    /// The headings without the title that the content brings along, and none where the reader sees
    /// them all at once anyway.
    fn worth_listing(&self) -> &[OutlineEntry<'_>] {
        const FEW: usize = 2;
        let sections = match self.outline {
            [title, rest @ ..] if self.shell.heading.is_none() && title.level == 1 => rest,
            all => all,
        };
        if sections.len() > FEW { sections } else { &[] }
    }
}

/// One heading of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutlineEntry<'a> {
    /// 1 to 6.
    pub level: u8,
    /// The heading's `id`.
    pub id: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// The note above an old revision.
#[derive(Clone, Debug)]
pub struct OldRevision<'a> {
    /// Its number.
    pub number: u32,
    /// When it was written; `None` for the underlay.
    pub moment: Option<Moment>,
    /// The current text.
    pub current: &'a str,
    /// What changed since; `None` when there is nothing to compare with.
    pub diff: Option<&'a str>,
}

/// 404: a page that nobody has written, or that was deleted.
#[derive(Template)]
#[template(path = "missing.html")]
pub struct MissingPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// The name that was asked for.
    pub name: &'a str,
    /// `?action=edit`, for visitors who may write it.
    pub create: Option<&'a str>,
    /// Where to log in, for guests who may not.
    pub login: Option<&'a str>,
    /// Where it went, when it existed once.
    pub gone: Option<Gone<'a>>,
}

/// Where a page went that is not there any more.
#[derive(Clone, Copy, Debug)]
pub enum Gone<'a> {
    /// It was deleted; its history stands at `?action=info`.
    Deleted {
        /// That address.
        history: &'a str,
    },
    /// It has another name now, and took its history along.
    Renamed {
        /// The page under its new name.
        to: Link<'a>,
    },
}

/// 403: not for this visitor.
#[derive(Template)]
#[template(path = "forbidden.html")]
pub struct ForbiddenPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// One sentence, as "You are not allowed to view this page."
    pub sentence: &'a str,
    /// Where to log in, for guests.
    pub login: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::HELP;

    #[test]
    fn the_language_of_every_page_that_comes_with_the_farm_is_known() {
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wikis/_shared/pages");
        let files = std::fs::read_dir(pages).unwrap();
        let there: BTreeSet<String> = files
            .map(|file| {
                file.unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        let known: BTreeSet<String> = HELP.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(known, there);
    }
}
