//! Which month of which pages is wanted, from the call or from the address, and how it is written back there.
//!
//! The address has the same list of arguments as the call, so that one reader understands both.

use grange_wiki::PageName;
use jiff::civil::Date;

use crate::args::Args;
use crate::error::MacroError;

/// So many pages may share a calendar.
const MOST_PAGES: usize = 10;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// The pages with the days, the first of which gets new ones.
    pub pages: Vec<PageName>,
    pub year: Option<i64>,
    pub month: Option<i64>,
    pub offset: i64,
    pub offset2: i64,
    pub weeks: Weeks,
    pub days: Days,
    pub template: Option<String>,
}

/// How many weeks a month has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weeks {
    AsNeeded,
    AlwaysSix,
}

/// What the page of a day is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Days {
    OfOneYear,
    OfEveryYear,
}

impl Wish {
    pub(super) fn read(args: &Args, here: &PageName) -> Result<Wish, MacroError> {
        let template = args
            .text("template")
            .map(|written| resolve(here, written))
            .transpose()?;
        Ok(Wish {
            pages: match args.text("pages") {
                None => vec![here.clone()],
                Some(written) => pages(here, written)?,
            },
            year: args.int("year"),
            month: args.int("month"),
            offset: args.int("offset").unwrap_or(0),
            offset2: args.int("offset2").unwrap_or(0),
            weeks: match args.bool("height6") {
                Some(true) => Weeks::AlwaysSix,
                _ => Weeks::AsNeeded,
            },
            days: match args.bool("anniversary") {
                Some(true) => Days::OfEveryYear,
                _ => Days::OfOneYear,
            },
            template: template.map(|name| name.as_str().to_owned()),
        })
    }

    /// Turns the calendar to the month of another wish, if that is about the same pages and begins at the same
    /// month.
    pub(super) fn turn_to(&mut self, chosen: &Wish) {
        let same = (&self.pages, self.year, self.month, self.offset)
            == (&chosen.pages, chosen.year, chosen.month, chosen.offset);
        if same {
            self.offset2 = chosen.offset2;
        }
    }

    /// The month's first day.
    pub(super) fn first_day(&self, today: Date) -> Result<Date, MacroError> {
        let refused = || MacroError::said("there is no such month");
        let year = self.year.unwrap_or(i64::from(today.year()));
        let month = self.month.unwrap_or(i64::from(today.month()));
        if !(1..=12).contains(&month) {
            return Err(MacroError::said("Argument \"month\" must be from 1 to 12"));
        }
        let months = year
            .checked_mul(12)
            .and_then(|months| months.checked_add(month - 1))
            .and_then(|months| months.checked_add(self.offset))
            .and_then(|months| months.checked_add(self.offset2))
            .ok_or_else(refused)?;
        let year = i16::try_from(months.div_euclid(12))
            .ok()
            .filter(|year| (1..=9999).contains(year));
        let month = i8::try_from(months.rem_euclid(12) + 1).ok();
        let first = year
            .zip(month)
            .and_then(|(year, month)| Date::new(year, month, 1).ok());
        first.ok_or_else(refused)
    }

    /// The page of a day.
    pub(super) fn page_of(&self, page: &PageName, day: Date) -> String {
        let day = match self.days {
            Days::OfOneYear => day.to_string(),
            Days::OfEveryYear => format!("{:02}-{:02}", day.month(), day.day()),
        };
        format!("{page}/{day}")
    }

    /// The same so many months later, as it stands in the address.
    pub(super) fn moved_by(&self, months: i64) -> String {
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let pages: Vec<&str> = self.pages.iter().map(PageName::as_str).collect();
        let items = [
            quoted(&pages.join("*")),
            number(self.year),
            number(self.month),
            self.offset.to_string(),
            self.offset2.saturating_add(months).to_string(),
            u8::from(self.weeks == Weeks::AlwaysSix).to_string(),
            u8::from(self.days == Days::OfEveryYear).to_string(),
            quoted(self.template.as_deref().unwrap_or_default()),
        ];
        items.join(",")
    }
}

fn quoted(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("\"{}\"", text.replace('"', "\"\"")),
    }
}

fn pages(here: &PageName, written: &str) -> Result<Vec<PageName>, MacroError> {
    let pages = written.split('*').map(|one| resolve(here, one.trim()));
    let pages = pages.collect::<Result<Vec<_>, _>>()?;
    match pages.len() > MOST_PAGES {
        true => Err(MacroError::said(format!(
            "a calendar may have {MOST_PAGES} pages at most"
        ))),
        false => Ok(pages),
    }
}

fn resolve(here: &PageName, written: &str) -> Result<PageName, MacroError> {
    here.resolve(written)
        .map_err(|error| MacroError::said(format!("\"{written}\" is no page: {error}")))
}

#[cfg(test)]
mod tests {
    use super::super::DEFINITION;
    use super::*;

    fn wish(text: &str) -> Wish {
        let here = PageName::parse("Diary").unwrap();
        Wish::read(&Args::parse(&DEFINITION, text).unwrap(), &here).unwrap()
    }

    fn first(text: &str) -> Result<String, String> {
        let today = jiff::civil::date(2026, 5, 31);
        let first = wish(text).first_day(today);
        first
            .map(|day| day.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_month_is_this_one_or_a_given_one_and_offsets_count_from_there() {
        assert_eq!(first("").unwrap(), "2026-05-01");
        assert_eq!(first(",,2").unwrap(), "2026-02-01");
        assert_eq!(first(",2024,12,1").unwrap(), "2025-01-01");
        assert_eq!(first(",,,-5,-12").unwrap(), "2024-12-01");
    }

    #[test]
    fn months_that_no_calendar_has_are_refused() {
        for text in [
            ",,13",
            ",,0",
            ",0",
            ",10000",
            ",,,9223372036854775807,9223372036854775807",
            ",9223372036854775807",
            ",,,,-9223372036854775808",
        ] {
            assert!(first(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_stands_in_the_address_is_read_back_as_it_was() {
        for text in [
            "",
            "A*B, 2026, 5, 1, 2, 1, yes, T",
            "\"a,\"\"b\", , , -3",
            "Größe/x",
        ] {
            let before = wish(text);
            let after = wish(&before.moved_by(1));
            assert_eq!(
                after,
                Wish {
                    offset2: before.offset2 + 1,
                    ..before
                }
            );
        }
    }

    #[test]
    fn a_calendar_is_turned_only_by_what_is_about_its_own_pages() {
        let mut mine = wish("A");
        mine.turn_to(&wish("B,,,,7"));
        assert_eq!(mine.offset2, 0);
        mine.turn_to(&wish("A,,,,7"));
        assert_eq!(mine.offset2, 7);
    }

    #[test]
    fn too_many_pages_are_refused() {
        let here = PageName::parse("Diary").unwrap();
        let args = Args::parse(&DEFINITION, &"A*".repeat(10)).unwrap();
        assert!(Wish::read(&args, &here).is_err());
    }
}
