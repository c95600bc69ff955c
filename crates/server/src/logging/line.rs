//! A log line as text, written the way `tracing_subscriber` writes it, only quicker.
//!
//! The library's way (each word through its styles, the date anew) is long. So our own lines are written here,
//! byte for byte the same; what other libraries say, with their spans, is left to the library. Start at
//! [`Lines`].

use std::cell::RefCell;
use std::fmt::{self, Debug, Write};

use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::clock::{Clock, SystemClock};

/// Writes log lines as text.
#[derive(Default)]
pub(super) struct Lines {
    others: Format<Full, SystemTime>,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        match is_ours(event.metadata().target()) {
            true => write_line(&mut writer, SystemClock.now(), event),
            false => self.others.format_event(context, writer, event),
        }
    }
}

/// We open no spans, so there is nothing to be said before the target.
fn is_ours(target: &str) -> bool {
    target.starts_with("grange") || target == "audit"
}

/// Put together in memory and handed over whole: a line has some thirty parts.
fn write_line(writer: &mut Writer<'_>, now: Timestamp, event: &Event<'_>) -> fmt::Result {
    with_empty_line(|line| {
        let about = event.metadata();
        write_start(line, now, about.level(), about.target());
        let mut fields = Fields { line, result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        line.push('\n');
        writer.write_str(line)
    })
}

/// Where a line is put together, kept by each thread for its next one.
pub(super) fn with_empty_line<R>(write: impl FnOnce(&mut String) -> R) -> R {
    LINE.with_borrow_mut(|line| {
        line.clear();
        write(line)
    })
}

/// What stands before the fields.
pub(super) fn write_start(line: &mut String, now: Timestamp, level: &Level, target: &str) {
    write_moment(line, now);
    line.push_str(level_text(level));
    line.push_str(target);
    line.push(':');
}

/// A field that holds a text, quoted.
pub(super) fn write_text(line: &mut String, name: &str, value: &str) {
    if needs_no_escape(value) {
        write_parts(line, &[" ", name, "=\"", value, "\""]);
    } else {
        // Nothing that writes to memory fails.
        let _ = write!(line, " {name}={value:?}");
    }
}

/// A field that holds a number.
pub(super) fn write_number(line: &mut String, name: &str, value: u64) {
    write_parts(line, &[" ", name, "=", itoa::Buffer::new().format(value)]);
}

fn write_parts(line: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| line.push_str(part));
}

fn level_text(level: &Level) -> &'static str {
    match *level {
        Level::ERROR => " ERROR ",
        Level::WARN => "  WARN ",
        Level::INFO => "  INFO ",
        Level::DEBUG => " DEBUG ",
        Level::TRACE => " TRACE ",
    }
}

/// The text of a second, which holds for all lines of that second.
struct Second {
    number: i64,
    /// `2026-01-31T12:00:00`
    text: String,
}

thread_local! {
    static LINE: RefCell<String> = const { RefCell::new(String::new()) };
    static SECOND: RefCell<Second> = const { RefCell::new(Second { number: i64::MIN, text: String::new() }) };
}

/// `2026-01-31T12:00:00.000000Z`
fn write_moment(line: &mut String, now: Timestamp) {
    SECOND.with_borrow_mut(|second| {
        let number = now.as_microsecond().div_euclid(1_000_000);
        if second.number != number {
            second.text =
                Timestamp::from_second(number).map_or_else(|_| String::new(), |whole| whole.to_string());
            second.text.truncate(second.text.len().saturating_sub(1)); // the Z
            second.number = number;
        }
        line.push_str(&second.text);
    });
    let mut digits = itoa::Buffer::new();
    let micros = digits.format(now.as_microsecond().rem_euclid(1_000_000));
    line.push('.');
    line.push_str("000000".get(micros.len()..).unwrap_or_default());
    line.push_str(micros);
    line.push('Z');
}

/// Writes a line's fields, each with a blank before it.
struct Fields<'l> {
    line: &'l mut String,
    result: fmt::Result,
}

impl Fields<'_> {
    fn write(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if self.result.is_ok() {
            self.result = self.try_write(field.name(), value);
        }
    }

    fn try_write(&mut self, name: &str, value: fmt::Arguments<'_>) -> fmt::Result {
        self.line.push(' ');
        if name == "message" {
            return match value.as_str() {
                Some(words) => Harmless(self.line).write_str(words),
                None => Harmless(self.line).write_fmt(value),
            };
        }
        self.line.push_str(bare(name));
        self.line.push('=');
        self.line.write_fmt(value)
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, format_args!("{value:?}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "message" => self.write(field, format_args!("{value}")),
            name => write_number(self.line, bare(name), value),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.write(field, format_args!("{value}")),
            name => write_text(self.line, bare(name), value),
        }
    }
}

/// A field's name without what Rust's syntax puts before some.
fn bare(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

fn needs_no_escape(text: &str) -> bool {
    let is_plain = |byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    text.bytes().all(is_plain)
}

/// Sentences may hold a stranger's words, and no terminal shall obey those.
struct Harmless<'l>(&'l mut String);

impl Write for Harmless<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_obeyed = |character: char| {
            matches!(
                character,
                '\x07' | '\x08' | '\x0c' | '\x1b' | '\x7f' | '\u{80}'..='\u{9f}'
            )
        };
        for part in text.split_inclusive(is_obeyed) {
            match part
                .char_indices()
                .next_back()
                .filter(|(_, last)| is_obeyed(*last))
            {
                Some((end, last)) => {
                    self.0.write_str(part.get(..end).unwrap_or_default())?;
                    match last.is_ascii() {
                        true => write!(self.0, "\\x{:02x}", u32::from(last))?,
                        false => write!(self.0, "\\u{{{:x}}}", u32::from(last))?,
                    }
                }
                None => self.0.write_str(part)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::fmt::format::DefaultFields;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Kept {
        type Writer = Kept;

        fn make_writer(&'a self) -> Kept {
            self.clone()
        }
    }

    fn said() {
        tracing::info!(
            request = format_args!("{:016x}", 7),
            wiki = "ma\"in\n",
            path = %"/Page",
            status = 200_u16,
            micros = 12_u64,
            signed = -3,
            yes = true,
            r#type = ?Some("x"),
            "request"
        );
        tracing::warn!(error = %"no\u{1b}[31m", "bad \u{1b}[31mred\u{9b} words: {}", "é\u{7f}");
        tracing::info!(target: "audit", event = "login", user = "u1");
        tracing::error!(
            cause = &io::Error::other("gone") as &(dyn std::error::Error + 'static),
            "no luck"
        );
        tracing::debug!(target: "elsewhere", number = 1, "another library's words");
    }

    /// What the library would write of what is said, line by line without their times.
    pub(in crate::logging) fn lines_of(say: impl FnOnce()) -> Vec<String> {
        lines_with(Format::default().with_ansi(false), say)
    }

    fn lines_with<E>(format: E, say: impl FnOnce()) -> Vec<String>
    where
        E: FormatEvent<tracing_subscriber::Registry, DefaultFields> + Send + Sync + 'static,
    {
        let kept = Kept::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .with_writer(kept.clone())
            .event_format(format)
            .finish();
        tracing::subscriber::with_default(subscriber, say);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let without_time = |line: &str| line.split_once('Z').map(|(_, rest)| rest.to_owned());
        text.lines().filter_map(without_time).collect()
    }

    #[test]
    fn lines_are_those_that_the_library_would_write() {
        let usual = lines_of(said);
        assert_eq!(usual.len(), 5);
        assert_eq!(lines_with(Lines::default(), said), usual);
    }

    #[test]
    fn a_moment_has_six_digits_behind_the_second_and_each_second_its_own_text() {
        for (micros, text) in [
            (1_700_000_000_000_042, "2023-11-14T22:13:20.000042Z"),
            (1_700_000_000_999_999, "2023-11-14T22:13:20.999999Z"),
            (1_700_000_001_000_000, "2023-11-14T22:13:21.000000Z"),
        ] {
            let mut written = String::new();
            let moment = Timestamp::from_microsecond(micros).unwrap();
            write_moment(&mut written, moment);
            assert_eq!(written, text);
        }
    }
}
