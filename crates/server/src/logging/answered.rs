//! The line of an answered request.
//!
//! Every request writes one, and the way of an event from its fields through a subscriber to bytes costs a fifth
//! of a kept page's view. So as text the line is put together here and handed to the outlet, byte for byte as the
//! event would be. As JSON, and where somebody else collects events, it is an event like all others. `RUST_LOG`
//! holds for both.

use std::fmt::Write;
use std::sync::OnceLock;

use jiff::Timestamp;
use tracing::Level;

use super::line::{with_empty_line, write_number, write_start, write_text};
use super::outlet::{Outlet, REQUESTS};
use crate::respond::error::RequestId;

/// Where lines go when they are text.
static TEXT: OnceLock<Outlet> = OnceLock::new();

/// What the log says of a request.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// Its id, which error pages show.
    pub request: u64,
    /// The wiki's name; `None` where it met none.
    pub wiki: Option<&'a str>,
    /// The user's id; `None` for guests.
    pub user: Option<&'a str>,
    /// `GET` and the like.
    pub method: &'a str,
    /// The address without its query, which may hold what no log should.
    pub path: &'a str,
    /// The answer's status.
    pub status: u16,
    /// How long it took to answer, in microseconds.
    pub micros: u64,
}

/// From now on lines go there directly.
pub(super) fn write_to(outlet: Outlet) {
    // It is set where logging begins, which it does once.
    let _ = TEXT.set(outlet);
}

impl Answered<'_> {
    /// Logs it. `ended` is when it was answered.
    pub fn log(&self, ended: Timestamp) {
        match TEXT.get() {
            Some(outlet) if tracing::enabled!(target: REQUESTS, Level::INFO) => with_empty_line(|line| {
                self.write(line, ended);
                outlet.add(line);
            }),
            Some(_) => {}
            None => self.tell(),
        }
    }

    fn write(&self, line: &mut String, ended: Timestamp) {
        write_start(line, ended, &Level::INFO, REQUESTS);
        // Nothing that writes to memory fails.
        let _ = write!(line, " request request={}", RequestId(self.request));
        write_text(line, "wiki", self.wiki.unwrap_or("-"));
        write_text(line, "user", self.user.unwrap_or("-"));
        write_text(line, "method", self.method);
        write_text(line, "path", self.path);
        write_number(line, "status", self.status.into());
        write_number(line, "micros", self.micros);
        line.push('\n');
    }

    fn tell(&self) {
        tracing::info!(
            target: REQUESTS,
            request = %RequestId(self.request),
            wiki = self.wiki.unwrap_or("-"),
            user = self.user.unwrap_or("-"),
            method = self.method,
            path = self.path,
            status = self.status,
            micros = self.micros,
            "request"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::lines_of;
    use super::*;

    #[test]
    fn the_line_of_a_request_is_that_of_its_event() {
        let usual = Answered {
            request: 0xfeed_0000_0000_0007,
            wiki: Some("main"),
            user: None,
            method: "GET",
            path: "/Team/Rota",
            status: 200,
            micros: 12,
        };
        let strange = Answered {
            wiki: None,
            user: Some("a\"b\\\u{1b}[31m"),
            path: "/\u{e9}\n",
            status: 404,
            ..usual
        };
        for answered in [usual, strange] {
            let mut line = String::new();
            answered.write(&mut line, Timestamp::UNIX_EPOCH);
            let (moment, rest) = line.split_at("1970-01-01T00:00:00.000000Z".len());
            assert_eq!(moment, "1970-01-01T00:00:00.000000Z");
            let events = lines_of(|| answered.tell());
            assert_eq!(
                events
                    .iter()
                    .map(|event| format!("{event}\n"))
                    .collect::<String>(),
                rest
            );
        }
    }
}
