//! `<<RecentChanges>>`: what was changed lately, by day, each page once with its newest change.
//!
//! Changes of pages that the viewer may not read are left out, and so is the other name of a renamed page. Days are days in the viewer's time zone.
//! Only so many changes are looked at, so that a busy wiki's page stays quick.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use grange_wiki::attachment::address::{self, Doing};
use grange_wiki::markup::{Block, Inline, Target};
use grange_wiki::render::Fragment;
use grange_wiki::{Author, Change, ChangeKind, FileName, PageName, RevisionNumber};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind, Need};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// See the module.
pub struct RecentChanges;

/// So many changes are looked at.
const LOOKED_AT: usize = 2000;
/// The longest time back.
const MOST_DAYS: i64 = 366;
/// The times back that a reader may choose from.
const OFFERED: [i64; 8] = [1, 2, 3, 7, 14, 30, 60, 90];

static DEFINITION: Definition = Definition {
    name: "RecentChanges",
    summary: "Lists the pages that were changed lately, by day.",
    help: "Each page is listed once, with its newest change, who made it and a link that shows what was \
        changed. A reader may choose another number of days.",
    arguments: Arguments::List(&[Argument {
        name: "days",
        kind: Kind::Int,
        need: Need::Default("7"),
        help: "How many days back.",
    }]),
    dependencies: &[Dependency::Time, Dependency::Pages, Dependency::User],
    example: Example {
        call: "<<RecentChanges(30)>>",
        shows: "a new rota",
    },
};

#[async_trait]
impl Macro for RecentChanges {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let days = wanted_days(cx, &args)?;
        let since = beginning(cx.now(), days);
        let changes = cx.readable_changes(since, LOOKED_AT).await?;
        let mut blocks = vec![offer(days)];
        if changes.is_empty() {
            blocks.push(Block::text("No changes."));
        }
        let lines = once_per_page(&changes);
        let seen = Seen {
            others: readable_others(cx, &lines).await?,
            from_files: pages_from_files(cx, &lines).await,
            zone: cx.time_zone(),
        };
        blocks.extend(days_of(&lines, &seen));
        Ok(Fragment::Blocks(vec![Block::section("recent-changes", blocks)]))
    }
}

/// What the lines say beside the changes themselves.
struct Seen {
    /// The other names of renamed pages that the reader may know.
    others: HashSet<PageName>,
    /// Pages that came with the wiki: their first edit makes no new page.
    from_files: HashSet<PageName>,
    zone: TimeZone,
}

async fn readable_others(
    cx: &mut MacroContext<'_>,
    lines: &[Line<'_>],
) -> Result<HashSet<PageName>, MacroError> {
    let mut readable = HashSet::new();
    for other in lines.iter().filter_map(|line| line.newest.other.as_ref()) {
        if cx.may_read(other).await? {
            readable.insert(other.clone());
        }
    }
    Ok(readable)
}

/// The files are only looked through where it matters.
async fn pages_from_files(cx: &mut MacroContext<'_>, lines: &[Line<'_>]) -> HashSet<PageName> {
    match lines.iter().any(|line| is_first_edit(line.newest)) {
        true => cx.wiki().underlay_names().await.into_iter().collect(),
        false => HashSet::new(),
    }
}

fn is_first_edit(change: &Change) -> bool {
    change.kind == ChangeKind::Edit && change.revision == 1
}

/// The reader's choice in the address goes before the author's.
fn wanted_days(cx: &mut MacroContext<'_>, args: &Args) -> Result<i64, MacroError> {
    let chosen = cx.query("max_days").and_then(|days| days.parse().ok());
    match chosen.or(args.int("days")).unwrap_or(7) {
        days if (1..=MOST_DAYS).contains(&days) => Ok(days),
        days => Err(MacroError::said(format!(
            "{days} days: there may be from 1 to {MOST_DAYS}"
        ))),
    }
}

fn beginning(now: Timestamp, days: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * days))
        .unwrap_or(Timestamp::MIN)
}

/// "Changes of the last 1 2 3 7 … days", each number a link but the present one.
fn offer(days: i64) -> Block {
    let mut line = vec![Inline::text("Days: ")];
    for (nth, offered) in OFFERED.into_iter().enumerate() {
        if nth > 0 {
            line.push(Inline::text(" "));
        }
        line.push(match offered == days {
            true => Inline::strong(offered.to_string()),
            false => Inline::link(
                Target::Page {
                    name: String::new(),
                    query: Some(format!("max_days={offered}")),
                    anchor: None,
                },
                offered.to_string(),
            ),
        });
    }
    Block::paragraph(line)
}

/// A page's newest change, and what else happened to it in the listed time.
struct Line<'c> {
    newest: &'c Change,
    /// The oldest and the newest revision among its changes; none where only files came or went.
    revisions: Option<(RevisionNumber, RevisionNumber)>,
    count: usize,
}

/// A heading line and a list for each day, the newest first.
fn days_of(lines: &[Line<'_>], seen: &Seen) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut day: Option<(Date, Vec<Vec<Inline>>)> = None;
    for line in lines {
        let date = line.newest.time.to_zoned(seen.zone.clone()).date();
        match &mut day {
            Some((current, lines)) if *current == date => lines.push(line.show(seen)),
            _ => {
                blocks.extend(
                    day.replace((date, vec![line.show(seen)]))
                        .map(show_day)
                        .into_iter()
                        .flatten(),
                );
            }
        }
    }
    blocks.extend(day.map(show_day).into_iter().flatten());
    blocks
}

fn show_day((date, lines): (Date, Vec<Vec<Inline>>)) -> [Block; 2] {
    let title = Inline::Strong(vec![Inline::time(date.to_string(), date.to_string())]);
    [Block::paragraph(vec![title]), Block::bullets(lines)]
}

/// In the order of the newest changes.
fn once_per_page(changes: &[Change]) -> Vec<Line<'_>> {
    let mut places: HashMap<&PageName, usize> = HashMap::new();
    let mut lines: Vec<Line<'_>> = Vec::new();
    for change in changes {
        let place = *places.entry(&change.page).or_insert(lines.len());
        match lines.get_mut(place) {
            Some(line) => {
                line.revisions = match (line.revisions, revision_of(change)) {
                    (Some((oldest, newest)), Some(one)) => Some((oldest.min(one), newest.max(one))),
                    (known, one) => known.or(one.map(|one| (one, one))),
                };
                line.count += 1;
            }
            None => lines.push(Line {
                newest: change,
                revisions: revision_of(change).map(|one| (one, one)),
                count: 1,
            }),
        }
    }
    lines
}

/// Changes of files make no revision.
fn revision_of(change: &Change) -> Option<RevisionNumber> {
    change.file.is_none().then_some(change.revision)
}

impl Line<'_> {
    fn show(&self, seen: &Seen) -> Vec<Inline> {
        let change = self.newest;
        let time = change
            .time
            .to_zoned(seen.zone.clone())
            .strftime("%H:%M")
            .to_string();
        let name = change.page.as_str();
        let mut line = vec![
            Inline::time(change.time.to_string(), time),
            Inline::text(" "),
            Inline::page_link(name, name),
        ];
        line.extend(
            self.difference()
                .into_iter()
                .flat_map(|link| [Inline::text(" "), link]),
        );
        if let Some(word) = word_for(change, seen) {
            line.extend([Inline::text(" "), Inline::emphasis(word)]);
        }
        if let Some(other) = change.other.as_ref().filter(|other| seen.others.contains(*other)) {
            let way = if change.removes_page() { " to " } else { " from " };
            line.extend([
                Inline::text(way),
                Inline::page_link(other.as_str(), other.as_str()),
            ]);
        }
        if let Some(file) = &change.file {
            line.extend([Inline::text(" "), file_link(change, file)]);
        }
        if self.count > 1 {
            line.push(Inline::text(format!(" ({} changes)", self.count)));
        }
        line.push(Inline::text(format!(" · {}", shown_author(&change.author))));
        if !change.comment.is_empty() {
            line.push(Inline::text(": "));
            line.push(Inline::span(
                "comment",
                vec![Inline::text(change.comment.as_str())],
            ));
        }
        line
    }

    /// A link that shows all the listed changes of the page at once.
    fn difference(&self) -> Option<Inline> {
        let (oldest, newest) = self.revisions?;
        let before = oldest.saturating_sub(1).max(1);
        (before < newest).then(|| {
            let target = Target::Page {
                name: self.newest.page.as_str().to_owned(),
                query: Some(format!("action=diff&rev1={before}&rev2={newest}")),
                anchor: None,
            };
            Inline::link(target, "diff")
        })
    }
}

/// The name of a file, and a link to it where it is.
fn file_link(change: &Change, file: &FileName) -> Inline {
    match change.kind {
        ChangeKind::Attach | ChangeKind::Replace => Inline::link(
            Target::Page {
                name: change.page.as_str().to_owned(),
                query: Some(address::query(Doing::View, file, None)),
                anchor: None,
            },
            file.as_str(),
        ),
        _ => Inline::text(file.as_str()),
    }
}

fn word_for(change: &Change, seen: &Seen) -> Option<&'static str> {
    match change.kind {
        ChangeKind::Delete => Some("deleted"),
        ChangeKind::Rename => Some("renamed"),
        ChangeKind::Revert => Some("reverted"),
        ChangeKind::Import => Some("imported"),
        ChangeKind::Minor => Some("minor"),
        ChangeKind::Attach => Some("attached"),
        ChangeKind::Replace => Some("replaced"),
        ChangeKind::Detach => Some("file deleted:"),
        ChangeKind::Edit => {
            let is_new = is_first_edit(change) && !seen.from_files.contains(&change.page);
            is_new.then_some("new")
        }
    }
}

/// The name, and while a superuser acted under it, first the superuser's: that is who was at the keyboard.
fn shown_author(author: &Author) -> String {
    let name = author.label().unwrap_or("anonymous");
    match &author.acting {
        Some(superuser) => format!("{superuser} as {name}"),
        None => name.to_owned(),
    }
}
