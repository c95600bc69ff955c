//! `<<MonthCalendar>>`: a month in which each day is a link to its page, such as `Diary/2026-05-01`.
//!
//! The reader goes from month to month by the address (`calparms`); a calendar heeds it only when it is about
//! the same pages, so two calendars on one page move apart. Robots get none: the months have no end.
//! Start reading at `expand`; `month_calendar/wish.rs` reads what is wanted, `month_calendar/grid.rs` draws it.

use std::collections::BTreeSet;

use async_trait::async_trait;
use grange_wiki::PageName;
use grange_wiki::render::Fragment;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::{ForRobots, Macro};

mod grid;
mod wish;

use grid::Grid;
use wish::Wish;

/// See the module.
pub struct MonthCalendar;

static DEFINITION: Definition = Definition {
    name: "MonthCalendar",
    summary: "Shows a month in which each day links to its page.",
    help: "The page of a day is a subpage, `Diary/2026-05-01`; with `anniversary` it is the same in every year, \
        `Diary/05-01`. `<<MonthCalendar(Diary*Team/Log)>>` links the first of several pages that has the day. A \
        day that nobody has written about yet leads to the editor, and the page begins with the text of the \
        template.",
    arguments: Arguments::List(&[
        Argument::optional(
            "pages",
            Kind::Text,
            "The pages with the days, `*` between them; unless given, this one.",
        ),
        Argument::optional("year", Kind::Int, "The year; unless given, this one."),
        Argument::optional("month", Kind::Int, "The month, 1 to 12; unless given, this one."),
        Argument::with_default(
            "offset",
            Kind::Int,
            "0",
            "So many months later, or with a minus earlier.",
        ),
        Argument::with_default(
            "offset2",
            Kind::Int,
            "0",
            "So many months more; the arrows count here.",
        ),
        Argument::with_default(
            "height6",
            Kind::Bool,
            "no",
            "Always six weeks, so that months are equally high.",
        ),
        Argument::with_default("anniversary", Kind::Bool, "no", "Days without a year."),
        Argument::optional("template", Kind::Text, "The page with whose text new days begin."),
    ]),
    dependencies: &[Dependency::Time, Dependency::User, Dependency::Namespace],
    example: Example {
        call: "<<MonthCalendar(Diary, 2026, 5)>>",
        shows: "May 2026",
    },
};

#[async_trait]
impl Macro for MonthCalendar {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn for_robots(&self) -> ForRobots {
        ForRobots::Nothing
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let mut wish = Wish::read(&args, cx.page_name())?;
        let chosen = cx
            .query("calparms")
            .and_then(|text| Args::parse(&DEFINITION, text).ok());
        if let Some(chosen) = chosen.and_then(|args| Wish::read(&args, cx.page_name()).ok()) {
            wish.turn_to(&chosen);
        }
        let today = cx.now().to_zoned(cx.time_zone()).date();
        let first = wish.first_day(today)?;
        let written = written_days(cx, &wish, first).await?;
        let grid = Grid {
            wish: &wish,
            first,
            today,
            written: &written,
        };
        Ok(Fragment::Blocks(vec![grid.show()]))
    }
}

/// The pages of the month's days that stand and may be read. Only these names are looked up, however many
/// pages the wiki has.
async fn written_days(
    cx: &mut MacroContext<'_>,
    wish: &Wish,
    first: Date,
) -> Result<BTreeSet<PageName>, MacroError> {
    let names = cx.wiki().page_names().await?;
    let mut written = BTreeSet::new();
    for day in days_of_month(first) {
        for page in &wish.pages {
            let Ok(name) = PageName::parse(&wish.page_of(page, day)) else {
                continue;
            };
            if names.binary_search(&name).is_ok() && cx.may_read(&name).await? {
                written.insert(name);
            }
        }
    }
    Ok(written)
}

fn days_of_month(first: Date) -> impl Iterator<Item = Date> {
    (0..first.days_in_month()).filter_map(move |after| first.checked_add(i64::from(after).days()).ok())
}
