//! `grange macro test`: runs the cases that stand in the docstrings of macro files.
//!
//! Each file gets a wiki of its own that is removed afterwards; its cases run in their order and find what
//! the ones before have put into the session and into the macro's storage. What a case looks like is said in
//! `grange_macros::python::cases`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grange_macros::python::cases::{Case, CaseError, cases};
use grange_macros::python::library::MacroFile;
use grange_macros::python::pool::WorkerProgram;
use grange_macros::python::{PythonError, PythonMacros};
use grange_macros::{Keeping, NoFarm, Registry};
use grange_session::{Randomness, Session, SystemRandomness};
use grange_wiki::rights::{Acl, AclRules, Viewer};
use grange_wiki::{Author, PageName, Save, Wiki, WikiSettings};

use super::stage::{Look, Stage, python_of, query};
use super::{TestArguments, about, as_file, file_at, shown_at, status};
use crate::cli::{Outcome, Refusal, answer, place};
use crate::clock::{Clock, SystemClock};

/// How many cases there were, and how many of them were not met.
#[derive(Default)]
struct Count {
    files: u64,
    cases: u64,
    failed: u64,
    /// Files that do not load.
    broken: u64,
}

/// Runs the cases of the named macros, or of all.
pub(super) async fn test(config: &Path, arguments: &TestArguments) -> Outcome {
    let Chosen { names, directories } = chosen(config, arguments)?;
    let library = python_of(&directories, Path::new(""));
    if let WorkerProgram::Missing(_) = library.pool.program() {
        return Err(PythonError::NoWorker.into());
    }
    let shelf = library.library.shelf();
    if let Some(name) = names.iter().find(|name| shelf.find(name).is_none()) {
        return Err(Refusal::new(format!(
            "there is no macro file {}.py in {}",
            answer::one_line(name),
            library.library.places()
        )));
    }
    let mut count = Count::default();
    for file in shelf.files() {
        if names.is_empty() || names.contains(&file.name) {
            test_file(&library, file, &directories, &mut count).await?;
        }
    }
    conclude(&count)
}

/// Nothing tested is no success: a name that was spelled otherwise would go unnoticed.
fn conclude(count: &Count) -> Outcome {
    if count.files == 0 {
        return Err(Refusal::new("there are no macro files to test"));
    }
    if count.cases == 0 && count.broken == 0 {
        return Err(Refusal::new(
            "nothing was tested; a case is a line such as `>>> <<Name(arguments)>>` in a file's docstring, \
             and what is expected stands below it",
        ));
    }
    let (cases, files) = (
        answer::count(count.cases, "case"),
        answer::count(count.files, "macro"),
    );
    let broken = match count.broken {
        0 => String::new(),
        broken => format!(", {} cannot run", answer::count(broken, "file")),
    };
    match count.failed {
        0 if count.broken == 0 => answer::say(format!("{cases} in {files}: all as expected"))?,
        failed => answer::say(format!("{cases} in {files}: {failed} not as expected{broken}"))?,
    }
    Ok(status(count.failed == 0 && count.broken == 0))
}

/// What is tested, and where it stands.
struct Chosen {
    /// All there are where none is named.
    names: Vec<String>,
    directories: Vec<PathBuf>,
}

/// Files bring the directories that they stand in; for names, the configuration or `--dir` says where.
fn chosen(config: &Path, arguments: &TestArguments) -> Result<Chosen, Refusal> {
    let (mut names, mut directories) = (Vec::new(), Vec::new());
    let mut has_names = arguments.names.is_empty();
    for written in &arguments.names {
        if Path::new(written).is_dir() {
            return Err(Refusal::new(format!(
                "{written} is a directory; --dir {written} tests the macros in it"
            )));
        }
        let Some(path) = as_file(written) else {
            names.push(written.clone());
            has_names = true;
            continue;
        };
        let (name, directory) = file_at(path)?;
        names.push(name);
        if !directories.contains(&directory) {
            directories.push(directory);
        }
    }
    match &arguments.dir {
        Some(directory) => directories.push(directory.clone()),
        None if has_names => directories.extend(macro_directories(config, arguments.wiki.as_deref())?),
        None => {}
    }
    Ok(Chosen { names, directories })
}

/// The macro directories of one wiki, or of all of the farm, each once.
fn macro_directories(config: &Path, wiki: Option<&str>) -> Result<Vec<PathBuf>, Refusal> {
    let farm = place::load_farm(config)?;
    let wikis = match wiki {
        Some(id) => vec![place::find_wiki(&farm, id)?],
        None => farm.wikis.clone(),
    };
    let mut directories: Vec<PathBuf> = Vec::new();
    for wiki in &wikis {
        for directory in wiki.macro_directories() {
            if !directories.contains(&directory) {
                directories.push(directory);
            }
        }
    }
    Ok(directories)
}

async fn test_file(
    python: &PythonMacros,
    file: &MacroFile,
    directories: &[PathBuf],
    count: &mut Count,
) -> Result<(), Refusal> {
    count.files += 1;
    if let Err(error) = python.check(file).await? {
        count.broken += 1;
        return answer::say(shown_at(&file.path, &error));
    }
    let all = match cases(&file.module.source) {
        Ok(all) => all,
        Err(CaseError { line, why }) => {
            count.broken += 1;
            return answer::say(format!("{}:{line}: {why}", file.path.display()));
        }
    };
    if all.is_empty() {
        return answer::say(format!("{}: no cases in its docstring", file.path.display()));
    }
    let scratch = Scratch::new()?;
    let stage = stage(&scratch, directories).await?;
    let mut session = Session::for_test(Vec::<(String, i64)>::new(), None);
    for case in all {
        count.cases += 1;
        let mut look = look(&case, session).map_err(|error| about(&file.path, error))?;
        for (name, text) in &case.setting.pages {
            save(&stage.wiki, name, text, &look).await?;
        }
        let shown = stage.show(&case.call, &mut look).await?.filled.html.to_string();
        if !case.is_met_by(&shown) {
            count.failed += 1;
            answer::say(format!(
                "{}:{}: {}\n    expected: {}\n    seen:     {}",
                file.path.display(),
                case.line,
                case.call,
                case.expected,
                answer::one_line(&case.seen(&shown)),
            ))?;
        }
        session = look.session;
    }
    Ok(())
}

async fn stage(scratch: &Scratch, directories: &[PathBuf]) -> Result<Stage<'static>, Refusal> {
    let mut settings = WikiSettings::new("test", scratch.0.join("data"));
    settings.rights = AclRules {
        default: Acl::parse("Known:read,write All:read"),
        ..AclRules::default()
    };
    Ok(Stage {
        registry: Arc::new(Registry::builtin()),
        wiki: Arc::new(Wiki::open(settings).await?),
        python: python_of(directories, &scratch.0),
        randomness: Arc::new(SystemRandomness),
        siblings: &NoFarm,
        base: "",
        keeping: Keeping::Allowed,
    })
}

/// Who looks. The session goes on from the case before unless the case has one of its own.
fn look(case: &Case, before: Session) -> Result<Look, Refusal> {
    let setting = &case.setting;
    let session = match &setting.session {
        Some(values) => Session::for_test(values.clone(), None),
        None if setting.is_new => Session::unsaved(),
        None => before,
    };
    Ok(Look {
        viewer: Viewer {
            user_id: setting.user.as_ref().map(|name| format!("test-{name}")),
            name: setting.user.clone(),
            ..Viewer::anonymous()
        },
        session,
        page: PageName::parse(setting.page.as_deref().unwrap_or("TestPage"))?,
        query: query(setting.query.as_deref().unwrap_or_default()),
        now: setting.now.unwrap_or_else(|| SystemClock.now()),
    })
}

/// Pages that a case wants there, in the form in which it writes them.
async fn save(wiki: &Wiki, name: &str, text: &str, look: &Look) -> Result<(), Refusal> {
    let name = PageName::parse(name)?;
    let there = wiki.page(&name).await?;
    if there.as_ref().is_some_and(|page| *page.text == *text) {
        return Ok(());
    }
    let base = there.map_or(0, |page| page.revision);
    let author = look
        .viewer
        .name
        .as_deref()
        .map_or_else(Author::nobody, Author::named);
    wiki.save(Save::new(name, text, base, author, look.now)).await?;
    Ok(())
}

/// A directory that goes away with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch, Refusal> {
        let mut chance = [0_u8; 8];
        SystemRandomness.fill(&mut chance);
        let name = format!("grange-macro-test-{:016x}", u64::from_le_bytes(chance));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).map_err(|error| about(&path, error))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed lies among the system's temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scratch_directory_goes_away() {
        let path = {
            let scratch = Scratch::new().unwrap();
            assert!(scratch.0.is_dir());
            scratch.0.clone()
        };
        assert!(!path.exists());
    }

    #[test]
    fn a_session_goes_on_unless_a_case_has_its_own() {
        let all =
            cases("'''\n>>> <<A>> # session {\"a\": 1}\nx\n>>> <<A>>\nx\n>>> <<A>> # new\nx\n'''\n").unwrap();
        let empty = Session::for_test(Vec::<(String, i64)>::new(), None);
        let first = look(&all[0], empty).unwrap();
        assert_eq!(first.session.items().count(), 1);
        let second = look(&all[1], first.session).unwrap();
        assert_eq!(second.session.items().count(), 1);
        let third = look(&all[2], second.session).unwrap();
        assert_eq!((third.session.items().count(), third.session.is_new()), (0, true));
    }

    #[tokio::test]
    async fn a_macro_that_is_not_there_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let arguments = TestArguments {
            names: vec!["Nope".to_owned()],
            dir: Some(dir.path().to_owned()),
            wiki: None,
        };
        assert!(test(Path::new("no.toml"), &arguments).await.is_err());
    }
}
