//! A problem: what is wrong in farmconfig.toml, where, and what to write instead.
//!
//! Every step from reading to linting reports into one list and goes on, so that `grange check` shows all of them
//! at once. Nothing here decides what is wrong. [`Sources`] keeps the texts once, `problem/render.rs` draws the
//! underlined lines, [`problems_json`] is the machine's view.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

mod render;
mod sources;
#[cfg(test)]
mod tests;

pub(crate) use render::wrap;
pub use render::{render_notes, render_problems};
pub use sources::Sources;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; does not change the exit code.
    Info,
    /// The farm starts, and something will surprise.
    Warning,
    /// The farm does not start, a reload changes nothing.
    Error,
}

impl Severity {
    /// `info`, `warning` or `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Another place that belongs to a problem: the other one of two equal entries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Related {
    /// The file as the admin names it.
    pub file: PathBuf,
    /// Counted from 1.
    pub line: usize,
    /// Bytes of the file's text.
    pub span: Range<usize>,
    /// What stands there.
    pub label: String,
}

/// One thing wrong.
///
/// No text in it ever holds a value that came from the environment; such a value is shown as `${NAME}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// A lint (`L-07`) or a family of mistakes (`parse`, `type`, `value`, `env`, `include`, `address`, …).
    pub code: &'static str,
    /// The file as the admin names it.
    pub file: PathBuf,
    /// Counted from 1.
    pub line: usize,
    /// The bytes of the file's text that are underlined.
    pub span: Range<usize>,
    /// What is wrong and why.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
    /// Other places that belong to it.
    pub related: Vec<Related>,
}

impl Problem {
    /// `farmconfig.toml:12: error[L-02]: …`: the whole problem as one log line.
    pub fn one_line(&self) -> String {
        let (file, severity) = (self.file.display(), self.severity.as_str());
        format!(
            "{file}:{}: {severity}[{}]: {} {}",
            self.line, self.code, self.message, self.remedy
        )
    }
}

/// The exit status of `grange check`: 0 clean, 1 warnings, 2 errors. An `info` changes nothing.
pub fn exit_code(problems: &[Problem]) -> u8 {
    match problems.iter().map(|problem| problem.severity).max() {
        Some(Severity::Error) => 2,
        Some(Severity::Warning) => 1,
        Some(Severity::Info) | None => 0,
    }
}

#[derive(Serialize)]
struct JsonProblem<'a> {
    severity: Severity,
    code: &'a str,
    file: &'a Path,
    line: usize,
    message: &'a str,
    remedy: &'a str,
}

/// `grange check --json`: one array of objects with `severity`, `code`, `file`, `line`, `message`, `remedy`.
pub fn problems_json(problems: &[Problem]) -> serde_json::Value {
    let rows = problems.iter().map(|problem| {
        let Problem {
            severity,
            code,
            file,
            line,
            message,
            remedy,
            ..
        } = problem;
        let (file, line, severity) = (file.as_path(), *line, *severity);
        serde_json::to_value(JsonProblem {
            severity,
            code,
            file,
            line,
            message,
            remedy,
        })
        .unwrap_or_default()
    });
    rows.collect()
}

/// Where a problem stands: a file by its number in [`Sources`], and bytes of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Place {
    pub(crate) file: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Place {
    pub(crate) fn new(file: u32, span: Range<usize>) -> Place {
        let offset = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        Place {
            file,
            start: offset(span.start),
            end: offset(span.end),
        }
    }

    pub(crate) fn span(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A problem before it has its file and line: what the checks write.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) code: &'static str,
    pub(crate) place: Place,
    pub(crate) message: String,
    pub(crate) remedy: String,
    pub(crate) related: Vec<(Place, String)>,
}

impl Finding {
    pub(crate) fn error(code: &'static str, place: Place, message: impl Into<String>) -> Finding {
        Finding::new(Severity::Error, code, place, message.into())
    }

    pub(crate) fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Finding {
        Finding::new(Severity::Warning, code, place, message.into())
    }

    pub(crate) fn info(code: &'static str, place: Place, message: impl Into<String>) -> Finding {
        Finding::new(Severity::Info, code, place, message.into())
    }

    fn new(severity: Severity, code: &'static str, place: Place, message: String) -> Finding {
        Finding {
            severity,
            code,
            place,
            message,
            remedy: String::new(),
            related: Vec::new(),
        }
    }

    /// What to write instead.
    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Finding {
        self.remedy = remedy.into();
        self
    }

    /// Something worth knowing and nothing to mend.
    pub(crate) fn note(code: &'static str, place: Place, message: impl Into<String>) -> Finding {
        Finding {
            severity: Severity::Info,
            ..Finding::warning(code, place, message)
        }
    }

    /// Another place that belongs to it.
    pub(crate) fn related(mut self, place: Place, label: impl Into<String>) -> Finding {
        self.related.push((place, label.into()));
        self
    }
}

/// The list that every step reports into.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// Sorted by file and line; the same sentence about the same place stands once.
    pub(crate) fn into_problems(mut self, sources: &Sources) -> Vec<Problem> {
        let mut seen = HashSet::new();
        self.0.retain(|finding| seen.insert(finding.clone()));
        self.0
            .sort_by_key(|finding| (finding.place.file, finding.place.start));
        self.0
            .into_iter()
            .map(|finding| sources.problem(finding))
            .collect()
    }
}
