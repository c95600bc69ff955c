//! The farm's admin pages: wikis, sharing, sessions, macros, configuration.
//!
//! Long lists come in pages. Nothing secret is in these structs: no session id, no value from the environment.

use askama::Template;

use super::sessions::SessionRow;
use super::shell::{Moment, Shell};

/// The links between the admin pages.
#[derive(Clone, Debug)]
pub struct FarmNavigation {
    /// `{base}/_farm/`.
    pub base: String,
    /// Which page is shown.
    pub here: &'static str,
}

impl FarmNavigation {
    /// Each page: its name, its address behind the base, and what people read.
    pub fn links(&self) -> [(&'static str, &'static str, &'static str); 5] {
        [
            ("wikis", "", "Wikis"),
            ("sharing", "sharing", "Who shares what"),
            ("sessions", "sessions", "Sessions"),
            ("macros", "macros", "Macros"),
            ("config", "config", "Configuration"),
        ]
    }
}

/// Which part of a long list is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// "1–100 of 10000"; empty when all is shown.
    pub said: String,
    /// The part before.
    pub earlier: Option<String>,
    /// The part behind.
    pub later: Option<String>,
}

impl Paging {
    /// The part of a list that begins at `first`; `base` is the address without `page`, with a query.
    pub fn new(base: &str, first: usize, shown: usize, total: usize, per_page: usize) -> Paging {
        let number = first / per_page.max(1) + 1;
        let last = first.saturating_add(shown);
        Paging {
            said: match shown {
                0 => String::new(),
                _ => format!("{}–{last} of {total}", first.saturating_add(1)),
            },
            earlier: (number > 1).then(|| format!("{base}&page={}", number - 1)),
            later: (shown > 0 && last < total).then(|| format!("{base}&page={}", number.saturating_add(1))),
        }
    }
}

/// `_farm/`.
#[derive(Template)]
#[template(path = "farm_wikis.html")]
pub struct FarmWikisPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// Between the admin pages.
    pub navigation: FarmNavigation,
    /// How many wikis the farm has.
    pub wikis: usize,
    /// Since when this configuration is in force.
    pub since: Moment,
    /// `q`: what the list is narrowed to.
    pub wanted: &'a str,
    /// The wikis.
    pub rows: &'a [FarmWikiRow],
    /// Which of them.
    pub paging: Paging,
}

/// One wiki.
#[derive(Clone, Debug)]
pub struct FarmWikiRow {
    /// `[wiki.ID]`.
    pub id: String,
    /// Its name.
    pub sitename: String,
    /// Where it is.
    pub href: Option<String>,
    /// Its addresses as written.
    pub addresses: String,
    /// The group it inherits from.
    pub group: Option<String>,
    /// In a word.
    pub state: &'static str,
    /// Where its sessions are listed.
    pub sessions: String,
}

/// `_farm/sharing`.
#[derive(Template)]
#[template(path = "farm_sharing.html")]
pub struct FarmSharingPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// Between the admin pages.
    pub navigation: FarmNavigation,
    /// SVG; every text from outside is escaped in it.
    pub drawing: &'a str,
    /// The same in words.
    pub text: &'a str,
}

/// `_farm/sessions`.
#[derive(Template)]
#[template(path = "farm_sessions.html")]
pub struct FarmSessionsPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// Between the admin pages.
    pub navigation: FarmNavigation,
    /// Where the forms post to.
    pub action: &'a str,
    /// `ticket`.
    pub ticket: &'a str,
    /// `wiki`: the wiki whose realm is shown.
    pub wiki: &'a str,
    /// All wikis of the realm.
    pub shared_with: &'a str,
    /// `user`: whose sessions; empty = everybody's.
    pub user: &'a str,
    /// The sessions.
    pub rows: &'a [SessionRow],
    /// Which of them.
    pub paging: Paging,
}

/// `_farm/macros`.
#[derive(Template)]
#[template(path = "farm_macros.html")]
pub struct FarmMacrosPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// Between the admin pages.
    pub navigation: FarmNavigation,
    /// Where the forms post to.
    pub action: &'a str,
    /// `ticket`.
    pub ticket: &'a str,
    /// The command that builds the missing worker.
    pub worker: Option<&'a str>,
    /// How many workers were started.
    pub started: u64,
    /// How many of them broke.
    pub broken: u64,
    /// The macros.
    pub rows: &'a [FarmMacroRow],
    /// Which of them.
    pub paging: Paging,
}

/// One macro of one wiki.
#[derive(Clone, Debug)]
pub struct FarmMacroRow {
    /// The wiki's id.
    pub wiki: String,
    /// The macro.
    pub name: String,
    /// How often it ran.
    pub calls: u64,
    /// The time within which half of the calls ended.
    pub half: String,
    /// The time within which 95 of 100 did.
    pub nearly_all: String,
    /// How often it ended in a box.
    pub errors: u64,
    /// The share of its calls that became part of a cached page.
    pub cached: String,
    /// What it looked at that keeps its output from being shown to everybody.
    pub looked_at: String,
    /// The last error, with its page.
    pub last_error: Option<String>,
    /// Whether it is turned off.
    pub is_off: bool,
}

/// `_farm/config`.
#[derive(Template)]
#[template(path = "farm_config.html")]
pub struct FarmConfigPage<'a> {
    /// Around the content.
    pub shell: Shell<'a>,
    /// Between the admin pages.
    pub navigation: FarmNavigation,
    /// farmconfig.toml.
    pub file: &'a str,
    /// Since when the configuration in force is.
    pub since: Moment,
    /// How many errors the files have.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
    /// The problems, and behind them what is worth knowing.
    pub problems: &'a [FarmProblem],
    /// How many more there are.
    pub more: usize,
}

/// One problem of the configuration.
#[derive(Clone, Debug)]
pub struct FarmProblem {
    /// error, warning or info.
    pub severity: &'static str,
    /// Which lint.
    pub code: String,
    /// File and line.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead; may be empty.
    pub remedy: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_several_pages_leads_on_and_back() {
        let paging = |first, shown, total| Paging::new("/_farm/?q=", first, shown, total, 100);
        let all = paging(0, 7, 7);
        assert_eq!(
            (all.said.as_str(), all.earlier, all.later),
            ("1–7 of 7", None, None)
        );
        let middle = paging(100, 100, 250);
        assert_eq!(middle.said, "101–200 of 250");
        assert_eq!(middle.earlier.as_deref(), Some("/_farm/?q=&page=1"));
        assert_eq!(middle.later.as_deref(), Some("/_farm/?q=&page=3"));
        assert_eq!(paging(200, 50, 250).later, None);
        assert_eq!(paging(usize::MAX, 0, 250).later, None, "far behind the end");
    }
}
