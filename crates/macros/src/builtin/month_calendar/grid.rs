//! The month as a table: a row for each week, which begins on Monday, and a bar to other months above it.
//!
//! Signs have words for those who do not see them. Which days have pages was found out before.

use std::collections::BTreeSet;

use grange_wiki::PageName;
use grange_wiki::markup::{Block, Inline, Link, Target};
use jiff::civil::Date;

use super::days_of_month;
use super::wish::{Weeks, Wish};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// What is drawn.
pub(super) struct Grid<'a> {
    pub wish: &'a Wish,
    pub first: Date,
    pub today: Date,
    pub written: &'a BTreeSet<PageName>,
}

impl Grid<'_> {
    pub(super) fn show(&self) -> Block {
        let head = WEEKDAYS.map(|day| vec![Inline::text(day)]).to_vec();
        let table = Block::table(head, self.weeks());
        Block::section("month-calendar", vec![self.bar(), table])
    }

    fn bar(&self) -> Block {
        let title = self.first.strftime("%B %Y").to_string();
        let line = vec![
            self.turn(-12, "«", "Previous year"),
            Inline::text(" "),
            self.turn(-1, "‹", "Previous month"),
            Inline::text(" "),
            Inline::strong(title),
            Inline::text(" "),
            self.turn(1, "›", "Next month"),
            Inline::text(" "),
            self.turn(12, "»", "Next year"),
        ];
        Block::navigation("Months", vec![Block::paragraph(line)])
    }

    fn turn(&self, months: i64, sign: &str, word: &str) -> Inline {
        Inline::Link(Link {
            target: Target::query("", &[("calparms", &self.wish.moved_by(months))]),
            title: None,
            content: vec![Inline::symbol(sign, word)],
        })
    }

    fn weeks(&self) -> Vec<Vec<Vec<Inline>>> {
        let before = usize::try_from(self.first.weekday().to_monday_zero_offset()).unwrap_or_default();
        let mut cells = vec![Vec::new(); before];
        cells.extend(days_of_month(self.first).map(|day| self.day(day)));
        let weeks = match self.wish.weeks {
            Weeks::AsNeeded => cells.len().div_ceil(7),
            Weeks::AlwaysSix => 6,
        };
        cells.resize(7 * weeks, Vec::new());
        cells.chunks(7).map(<[_]>::to_vec).collect()
    }

    fn day(&self, day: Date) -> Vec<Inline> {
        let link = self.link(day);
        match day == self.today {
            true => vec![Inline::span(
                "today",
                vec![
                    link,
                    Inline::span("visually-hidden", vec![Inline::text(" (today)")]),
                ],
            )],
            false => vec![link],
        }
    }

    /// To the first page that has the day, else to the page that would be made.
    fn link(&self, day: Date) -> Inline {
        let names = self.wish.pages.iter().map(|page| self.wish.page_of(page, day));
        let names: Vec<String> = names.collect();
        let number = day.day().to_string();
        let is_written = |name: &&String| self.written.contains(name.as_str());
        if let Some(written) = names.iter().find(is_written) {
            let link = Inline::Link(Link {
                target: Target::page(written.as_str()),
                title: Some(written.clone()),
                content: vec![Inline::text(number)],
            });
            return Inline::span("has-page", vec![link]);
        }
        let name = names.into_iter().next().unwrap_or_default();
        let target = match &self.wish.template {
            Some(template) => Target::query(name, &[("action", "edit"), ("template", template)]),
            None => Target::page(name),
        };
        Inline::link(target, number)
    }
}
