//! `grange macro check FILE…`: what is wrong with macro files, before a page shows it.
//!
//! A worker compiles each file and says what it declares; names that mean nothing, members that are not there and
//! dependencies that are missing are seen in the source. A directory stands for the files in it (`check/files.rs`).
//! Files whose names begin with `_` are helpers, which need neither an entry nor dependencies. Errors give exit status
//! 2, warnings do not.

use std::io::ErrorKind;
use std::path::Path;

use grange_macros::Dependency;
use grange_macros::Registry;
use grange_macros::python::hints::{unknown_names, used_dependencies};
use grange_macros::python::library::{Loaded, MacroFile};
use grange_macros::python::members::{self, Fault};
use grange_macros::python::port::python_2;
use grange_macros::python::{PythonMacros, SyntaxError, cases};
use serde::Serialize;

use super::{CheckArguments, Place, about, in_place, stage, status};
use crate::cli::{Outcome, Refusal, answer};

mod files;

/// Something about a file.
#[derive(Debug, Serialize)]
struct Finding {
    file: String,
    line: usize,
    column: usize,
    severity: &'static str,
    message: String,
    /// The faulty line of the source.
    text: String,
}

const ERROR: &str = "error";
const WARNING: &str = "warning";

/// Checks all files.
pub(super) async fn check(arguments: &CheckArguments) -> Outcome {
    let python = stage::python_of(&[], &stage::no_place());
    let mut findings = Vec::new();
    let files = files::meant(&arguments.files)?;
    for path in &files {
        findings.extend(check_file(&python, path).await?);
    }
    match arguments.json {
        true => answer::say_json(&findings)?,
        false => tell(&findings, files.len())?,
    }
    Ok(status(findings.iter().all(|finding| finding.severity != ERROR)))
}

fn tell(findings: &[Finding], files: usize) -> Result<(), Refusal> {
    for finding in findings {
        answer::say(in_place(&Place {
            file: &finding.file,
            line: finding.line,
            column: finding.column,
            text: &finding.text,
            what: &format!("{}: {}", finding.severity, finding.message),
        }))?;
    }
    match findings.is_empty() {
        true => answer::say(format!("no problems in {}", answer::count(files as u64, "file"))),
        false => Ok(()),
    }
}

async fn check_file(python: &PythonMacros, path: &Path) -> Result<Vec<Finding>, Refusal> {
    let mut found = Found {
        file: path.display().to_string(),
        findings: Vec::new(),
    };
    let file = match MacroFile::standing_alone(path) {
        Ok(file) => file,
        // It is a mistake like others, and those behind it are checked all the same.
        Err(error) if error.kind() == ErrorKind::InvalidInput => {
            found.add(ERROR, 0, error.to_string());
            return Ok(found.findings);
        }
        Err(error) => return Err(about(path, error)),
    };
    let is_helper = file.name.starts_with('_');
    let source = &file.module.source;
    match python.check(&file).await? {
        Err(error) => {
            // Python that was understood and fails: its names may say more about the reason.
            if is_understood(&error) {
                names_of(&mut found, source, &error.message);
                members_of(&mut found, source);
            }
            found.failure(error, source);
        }
        Ok(loaded) => {
            names_of(&mut found, source, "");
            members_of(&mut found, source);
            if !is_helper {
                dependencies(&mut found, &loaded, source);
            }
        }
    }
    if let Some(old) = python_2(source) {
        let way = format!("grange macro port {} carries it over", path.display());
        found.add(
            WARNING,
            old.line,
            format!("this is Python 2 ({}); {way}", old.what),
        );
    }
    if let Err(error) = cases::cases(source) {
        found.add(ERROR, error.line, error.why);
    }
    if !is_helper && Registry::builtin().find(&file.name).is_some() {
        found.add(
            WARNING,
            0,
            format!("it takes the place of the built-in macro {}", file.name),
        );
    }
    Ok(found.findings)
}

struct Found {
    file: String,
    findings: Vec<Finding>,
}

/// Whether what cannot be loaded is Python all the same. A mistake in its grammar has a place and no exception's name; what
/// the file as a whole lacks, or declares wrongly, has no place.
fn is_understood(error: &SyntaxError) -> bool {
    error.line == 0 || error.message.contains("Error: ")
}

impl Found {
    /// Why a file cannot be loaded.
    fn failure(&mut self, error: SyntaxError, source: &str) {
        let line = match error.line {
            0 if error.message.starts_with(DEPENDENCIES) => line_of_dependencies(source),
            line => line as usize,
        };
        if error.text.is_empty() && line > 0 {
            return self.add_at(ERROR, (line, 1), error.message, source);
        }
        self.findings.push(Finding {
            file: self.file.clone(),
            line,
            column: error.column as usize,
            severity: ERROR,
            message: error.message,
            text: error.text,
        });
    }

    /// Something at a line and column, with the line's text.
    fn add_at(
        &mut self,
        severity: &'static str,
        (line, column): (usize, usize),
        message: String,
        source: &str,
    ) {
        let text = source.lines().nth(line.wrapping_sub(1));
        self.findings.push(Finding {
            file: self.file.clone(),
            line,
            column,
            severity,
            message,
            text: text.unwrap_or_default().to_owned(),
        });
    }

    fn add(&mut self, severity: &'static str, line: usize, message: String) {
        self.findings.push(Finding {
            file: self.file.clone(),
            line,
            column: 0,
            severity,
            message,
            text: String::new(),
        });
    }
}

/// Members that are not there, and keywords that do nothing.
fn members_of(found: &mut Found, source: &str) {
    for finding in members::findings(source) {
        let (severity, words) = match finding.fault {
            Fault::Missing | Fault::NoModule => (ERROR, "is not there"),
            Fault::NoEffect => (WARNING, "has no effect here"),
            Fault::Callback => (WARNING, "fails"),
        };
        let message = format!("{} {words}; {}", finding.what, finding.instead);
        found.add_at(severity, (finding.line, finding.column), message, source);
    }
}

/// Names without a meaning. One that loading the file came upon is told by that already.
fn names_of(found: &mut Found, source: &str, failure: &str) {
    for unknown in unknown_names(source) {
        if failure.contains(&format!("name '{}' is not defined", unknown.name)) && unknown.instead.is_none() {
            continue;
        }
        let mut message = format!("nothing gives the name \"{}\" a meaning", unknown.name);
        if let Some(instead) = &unknown.instead {
            message = format!("{message}; {instead}");
        }
        found.add_at(ERROR, (unknown.line, unknown.column), message, source);
    }
}

const DEPENDENCIES: &str = "Dependencies";

/// 0 where there are none.
fn line_of_dependencies(source: &str) -> usize {
    let line = source.lines().position(|line| line.starts_with(DEPENDENCIES));
    line.map_or(0, |line| line + 1)
}

/// What is declared against what is used. A word that means nothing is a mistake in any case.
fn dependencies(found: &mut Found, loaded: &Loaded, source: &str) {
    let used = used_dependencies(source);
    let list: Vec<String> = used.iter().map(|word| format!("'{word}'")).collect();
    let place = (line_of_dependencies(source), 1);
    let Some(declared) = &loaded.facts.dependencies else {
        let message = format!(
            "no Dependencies, so it runs at each view; what it uses asks for: Dependencies = [{}]",
            list.join(", ")
        );
        return found.add(WARNING, 0, message);
    };
    for word in declared {
        if let Err(unknown) = Dependency::parse(word) {
            found.add_at(ERROR, place, unknown.to_string(), source);
        }
    }
    let runs_each_view = loaded.runs() == grange_macros::Runs::EachView;
    let covers = |word: &&str| {
        let has = |wanted: &str| declared.iter().any(|word| word.split(':').next() == Some(wanted));
        runs_each_view
            || has(word)
            || *word == "namespace" && has("pages")
            || *word == "pages" && has("namespace")
    };
    let missing: Vec<&str> = used.into_iter().filter(|word| !covers(word)).collect();
    if !missing.is_empty() {
        let message = format!("it uses what Dependencies do not name: {}", missing.join(", "));
        found.add_at(WARNING, place, message, source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(line: u32, message: &str) -> SyntaxError {
        SyntaxError {
            message: message.to_owned(),
            line,
            column: 0,
            text: String::new(),
        }
    }

    fn nothing_found() -> Found {
        Found {
            file: "A.py".to_owned(),
            findings: Vec::new(),
        }
    }

    #[test]
    fn a_wrong_list_of_dependencies_has_its_line_and_hides_nothing() {
        let source = "x = 1\nDependencies = 'time'\n";
        let error = failed(0, "Dependencies is a list of texts, such as ['time'].");
        assert!(is_understood(&error));
        assert!(is_understood(&failed(
            3,
            "ModuleNotFoundError: No module named 'os'"
        )));
        assert!(!is_understood(&failed(3, "Expected an expression")));
        let mut found = nothing_found();
        found.failure(error, source);
        let told = found.findings.first().unwrap();
        assert_eq!((told.line, told.column), (2, 1));
        assert_eq!(told.text, "Dependencies = 'time'");
    }

    #[test]
    fn a_name_without_a_meaning_has_its_place_and_what_was_meant() {
        let mut found = nothing_found();
        names_of(
            &mut found,
            "def execute(macro, args):\n    return macr.name\n",
            "",
        );
        let told = found.findings.first().unwrap();
        assert_eq!((told.line, told.column), (2, 12));
        assert_eq!(told.text, "    return macr.name");
        assert_eq!(
            told.message,
            "nothing gives the name \"macr\" a meaning; did you mean macro?"
        );
    }

    #[test]
    fn a_name_that_loading_came_upon_is_told_once() {
        let mut found = nothing_found();
        names_of(&mut found, "x = qq\n", "NameError: name 'qq' is not defined");
        assert!(found.findings.is_empty());
    }
}
