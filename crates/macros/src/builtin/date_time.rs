//! `<<DateTime>>` and `<<Date>>`: a point in time in the viewer's time zone; without an argument, now.
//!
//! Signatures in pages are made of these: `<<DateTime(2026-05-01T12:00:00Z)>>`. The page's HTML also
//! holds the moment for machines. A day without a time is the same day everywhere.

use async_trait::async_trait;
use grange_wiki::markup::Inline;
use grange_wiki::render::Fragment;
use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::args::Args;
use crate::context::MacroContext;
use crate::definition::{Argument, Arguments, Definition, Example, Kind, Need};
use crate::dependencies::Dependency;
use crate::error::MacroError;
use crate::macro_::Macro;

/// `<<DateTime>>`; see the module.
pub struct DateTime;

/// `<<Date>>`; see the module.
pub struct Date;

const STAMP: Arguments = Arguments::Whole(Argument {
    name: "stamp",
    kind: Kind::Text,
    need: Need::Optional,
    help: "A time as 2026-05-01T12:00:00Z (also with an offset as +02:00), a day as 2026-05-01, or seconds \
        since 1970.",
});

static DATE_TIME: Definition = Definition {
    name: "DateTime",
    summary: "Shows a date and time, or the present one, in your time zone.",
    help: "A time without `Z` or an offset is UTC.",
    arguments: STAMP,
    dependencies: &[Dependency::Time, Dependency::User],
    example: Example {
        call: "<<DateTime(2026-05-01T12:00:00Z)>>",
        shows: "2026-05-01 12:00:00",
    },
};

static DATE: Definition = Definition {
    name: "Date",
    summary: "Shows a date, or today's, in your time zone.",
    help: "",
    arguments: STAMP,
    dependencies: &[Dependency::Time, Dependency::User],
    example: Example {
        call: "<<Date(2026-05-01)>>",
        shows: "2026-05-01",
    },
};

#[async_trait]
impl Macro for DateTime {
    fn definition(&self) -> &'static Definition {
        &DATE_TIME
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let zone = cx.time_zone();
        Ok(shown(match stamp(cx, &args)? {
            Stamp::Moment(moment) => time_of(&moment.to_zoned(zone), "%Y-%m-%d %H:%M:%S"),
            Stamp::Day(day) => time_of_day(day),
        }))
    }
}

#[async_trait]
impl Macro for Date {
    fn definition(&self) -> &'static Definition {
        &DATE
    }

    async fn expand(&self, cx: &mut MacroContext<'_>, args: Args) -> Result<Fragment, MacroError> {
        let zone = cx.time_zone();
        Ok(shown(match stamp(cx, &args)? {
            Stamp::Moment(moment) => time_of(&moment.to_zoned(zone), "%Y-%m-%d"),
            Stamp::Day(day) => time_of_day(day),
        }))
    }
}

/// What an author may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stamp {
    Moment(Timestamp),
    Day(civil::Date),
}

fn stamp(cx: &mut MacroContext<'_>, args: &Args) -> Result<Stamp, MacroError> {
    match args.text("stamp") {
        None => Ok(Stamp::Moment(cx.now())),
        Some(text) => parse_stamp(text)
            .ok_or_else(|| MacroError::said(format!("\"{text}\" is neither a time nor a day"))),
    }
}

fn parse_stamp(text: &str) -> Option<Stamp> {
    if let Some(moment) = seconds_since_1970(text) {
        return Some(Stamp::Moment(moment));
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(Stamp::Moment(moment));
    }
    if text.len() <= "2026-05-01".len() {
        return text.parse().ok().map(Stamp::Day);
    }
    let utc = text
        .parse::<civil::DateTime>()
        .ok()?
        .to_zoned(TimeZone::UTC)
        .ok()?;
    Some(Stamp::Moment(utc.timestamp()))
}

fn seconds_since_1970(text: &str) -> Option<Timestamp> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let seconds: f64 = is_number.then(|| text.parse().ok()).flatten()?;
    let since = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    Timestamp::from_duration(since).ok()
}

fn shown(time: Inline) -> Fragment {
    Fragment::Inline(vec![time])
}

fn time_of(moment: &Zoned, format: &str) -> Inline {
    Inline::time(
        moment.timestamp().to_string(),
        moment.strftime(format).to_string(),
    )
}

fn time_of_day(day: civil::Date) -> Inline {
    Inline::time(day.to_string(), day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Option<Stamp> {
        Some(Stamp::Moment(text.parse().unwrap()))
    }

    #[test]
    fn a_time_may_have_an_offset_or_be_utc() {
        let noon = moment("2026-05-01T12:00:00Z");
        assert_eq!(parse_stamp("2026-05-01T12:00:00Z"), noon);
        assert_eq!(parse_stamp("2026-05-01T14:00:00+02:00"), noon);
        assert_eq!(parse_stamp("2026-05-01T14:00:00+0200"), noon);
        assert_eq!(parse_stamp("2026-05-01T12:00:00"), noon);
        assert_eq!(parse_stamp("2026-05-01 12:00:00"), noon);
    }

    #[test]
    fn a_number_is_seconds_since_1970() {
        assert_eq!(parse_stamp("0"), moment("1970-01-01T00:00:00Z"));
        assert_eq!(parse_stamp("1777636800.5"), moment("2026-05-01T12:00:00.5Z"));
        assert_eq!(parse_stamp("-1"), moment("1969-12-31T23:59:59Z"));
    }

    #[test]
    fn a_day_has_no_time() {
        assert_eq!(
            parse_stamp("2026-05-01"),
            Some(Stamp::Day(civil::date(2026, 5, 1)))
        );
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in [
            "tomorrow",
            "2026-13-01",
            "2026-05-01T25:00:00Z",
            "1e99",
            "99999999999999999999",
            "-",
            ".",
        ] {
            assert_eq!(parse_stamp(text), None, "{text}");
        }
    }
}
