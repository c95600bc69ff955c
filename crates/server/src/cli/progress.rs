//! How far long work has come: one line that changes on a terminal, plain lines elsewhere.
//!
//! It goes to stderr, so that the answer on stdout stays clean, and appears only when there is
//! something to wait for.

use std::io::{self, IsTerminal, Write};

/// Counts things that are done.
pub(crate) struct Progress {
    what: &'static str,
    shape: Shape,
    done: u64,
    told: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// One line, written over again and again.
    Terminal,
    /// A line now and then.
    Lines,
}

impl Shape {
    /// After how many things it is worth saying so.
    fn step(self) -> u64 {
        match self {
            Shape::Terminal => 1_000,
            Shape::Lines => 50_000,
        }
    }
}

impl Progress {
    /// Nothing is done yet. `what` follows the number: "sessions removed".
    pub(crate) fn of(what: &'static str) -> Progress {
        let shape = if io::stderr().is_terminal() {
            Shape::Terminal
        } else {
            Shape::Lines
        };
        Progress {
            what,
            shape,
            done: 0,
            told: 0,
        }
    }

    /// So many more are done.
    pub(crate) fn add(&mut self, number: u64) {
        if let Some(line) = self.line_after(number) {
            // Progress that cannot be shown is no reason to stop.
            let _ = io::stderr().write_all(line.as_bytes());
        }
    }

    /// The number so far; leaves an empty line on a terminal.
    pub(crate) fn finish(self) -> u64 {
        if self.shape == Shape::Terminal && self.told > 0 {
            let _ = io::stderr().write_all(b"\r\x1b[K");
        }
        self.done
    }

    fn line_after(&mut self, number: u64) -> Option<String> {
        self.done += number;
        if self.done < self.told + self.shape.step() {
            return None;
        }
        self.told = self.done;
        Some(match self.shape {
            Shape::Terminal => format!("\r{} {}\x1b[K", self.done, self.what),
            Shape::Lines => format!("{} {}\n", self.done, self.what),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(shape: Shape) -> Progress {
        Progress {
            what: "stones turned",
            shape,
            done: 0,
            told: 0,
        }
    }

    #[test]
    fn short_work_says_nothing() {
        let mut short = progress(Shape::Lines);
        assert_eq!(short.line_after(49_999), None);
        assert_eq!(short.finish(), 49_999);
    }

    #[test]
    fn long_work_says_lines_where_there_is_no_terminal() {
        let mut long = progress(Shape::Lines);
        assert_eq!(long.line_after(50_000).as_deref(), Some("50000 stones turned\n"));
        assert_eq!(long.line_after(10), None);
        assert_eq!(long.line_after(60_000).as_deref(), Some("110010 stones turned\n"));
    }

    #[test]
    fn a_terminal_has_one_line_that_changes() {
        let mut long = progress(Shape::Terminal);
        assert_eq!(
            long.line_after(1_000).as_deref(),
            Some("\r1000 stones turned\x1b[K")
        );
    }
}
