//! `grange macro new|check|run|test|port`: tools for those who write macros.
//!
//! `new` and `port` work on files alone. `check`, `test` and `run` ask a macro worker, the program that runs
//! macros on pages too; `run` looks at a wiki as its pages do, `test` at one that lives only as long as it
//! takes. None of them changes pages, sessions or what macros keep. One file for each.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use grange_macros::python::SyntaxError;
use grange_macros::python::library::MacroFile;

use super::{Outcome, Refusal, answer};

mod check;
mod new;
mod port;
mod run;
mod stage;
mod test;
mod told;

/// What is done with macros.
#[derive(Debug, Subcommand)]
pub(crate) enum MacroCommand {
    /// Write a file to begin with.
    New(NewArguments),
    /// Say what is wrong with macro files before a page does.
    Check(CheckArguments),
    /// Run a macro once as a page would, and show what it made and what it took.
    Run(RunArguments),
    /// Run the cases in the docstrings of macro files.
    Test(TestArguments),
    /// Carry a MoinMoin macro in Python 2 over, as far as a machine can.
    Port(PortArguments),
}

/// What is begun.
#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// The macro's name, as pages call it.
    name: String,
    /// Where the file is put.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// With arguments that are read and converted: `macro_NAME(macro, name='world', times=1)`.
    #[arg(long)]
    typed: bool,
}

/// What is checked.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// The files; a directory stands for all *.py in it. Names that begin with _ are helpers, which need no entry.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// An array of objects instead of text.
    #[arg(long)]
    json: bool,
}

/// What is run, and for whom.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The macro's name; or its file, which then runs in the place of the one that the wiki has.
    #[arg(value_name = "NAME|FILE")]
    name: String,
    /// The text between the parentheses; none without it.
    arguments: Option<String>,
    /// The wiki's id in the configuration; needed where the farm has several.
    #[arg(long, value_name = "ID")]
    wiki: Option<String>,
    /// The account that looks; a guest without it.
    #[arg(long = "as", value_name = "USER")]
    user: Option<String>,
    /// What the session holds, in JSON.
    #[arg(long, value_name = "JSON")]
    session: Option<String>,
    /// The page that the call stands on; the front page without it.
    #[arg(long, value_name = "PAGE")]
    page: Option<String>,
    /// The query of the address, as in `a=1&b=2`.
    #[arg(long, value_name = "QUERY", default_value = "", hide_default_value = true)]
    query: String,
    /// An object instead of text.
    #[arg(long)]
    json: bool,
}

/// What is tested.
#[derive(Debug, Args)]
pub(crate) struct TestArguments {
    /// The macros' names, or their files; all macros without any.
    #[arg(value_name = "NAME|FILE")]
    names: Vec<String>,
    /// The macros in this directory, instead of those of the farm's wikis.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The macros of this wiki, instead of those of all.
    #[arg(long, value_name = "ID", conflicts_with = "dir")]
    wiki: Option<String>,
}

/// What is carried over.
#[derive(Debug, Args)]
pub(crate) struct PortArguments {
    /// The macro's file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write the file instead of stdout; the old one is kept as FILE.orig.
    #[arg(long)]
    write: bool,
    /// The new text and the report as one object on stdout.
    #[arg(long)]
    json: bool,
}

/// Does something with macros.
pub(crate) async fn macro_(config: &Path, command: MacroCommand) -> Outcome {
    match command {
        MacroCommand::New(arguments) => new::new(&arguments),
        MacroCommand::Check(arguments) => check::check(&arguments).await,
        MacroCommand::Run(arguments) => run::run(config, &arguments).await,
        MacroCommand::Test(arguments) => test::test(config, &arguments).await,
        MacroCommand::Port(arguments) => port::port(&arguments),
    }
}

/// All is well, or something is not.
fn status(all_well: bool) -> ExitCode {
    match all_well {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(2),
    }
}

/// What was written instead of a macro's name, if it is the path of a file.
fn as_file(written: &str) -> Option<&Path> {
    let path = Path::new(written);
    path.extension()
        .is_some_and(|ending| ending == "py")
        .then_some(path)
}

/// A macro's file in the place where a path leads, with its directory.
fn file_at(path: &Path) -> Result<(String, PathBuf), Refusal> {
    let file = MacroFile::standing_alone(path).map_err(|error| about(path, error))?;
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    Ok((file.name.clone(), directory.to_owned()))
}

/// What a worker found wrong with a file.
fn shown_at(path: &Path, error: &SyntaxError) -> String {
    in_place(&Place {
        file: &path.display().to_string(),
        line: error.line as usize,
        column: error.column as usize,
        text: &error.text,
        what: &error.message,
    })
}

/// Something that is told of a place in a file.
struct Place<'a> {
    file: &'a str,
    /// 0 where it is the file as a whole.
    line: usize,
    column: usize,
    /// The line's text; empty where it is not shown.
    text: &'a str,
    what: &'a str,
}

/// The place and what is told of it; below them the line, and a caret at the column.
fn in_place(place: &Place<'_>) -> String {
    let number = match place.line {
        0 => String::new(),
        line => format!(":{line}"),
    };
    let told = answer::one_line(&format!("{}{number}: {}", place.file, place.what));
    match place.text.is_empty() {
        true => told,
        false => {
            let caret = " ".repeat(place.column.saturating_sub(1).min(200));
            format!("{told}\n    {}\n    {caret}^", answer::one_line(place.text))
        }
    }
}

/// Why a file could not be worked on, with its name.
fn about(path: &Path, why: impl std::fmt::Display) -> Refusal {
    Refusal::new(format!("{}: {why}", path.display()))
}
