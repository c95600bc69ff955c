//! `grange macro run NAME 'args' --wiki ID`: one call, as on a page of that wiki.
//!
//! It reads the wiki with the rights of whoever is named. Nothing is kept: the session is made up for the
//! call, and what the macro puts into its storage is dropped. A guest has a session only where the wiki gives
//! guests one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use grange_farm::{Authority, Destination, Farm, FarmConfig, FarmServices, Siblings, StorePlace, WikiConfig};
use grange_macros::python::PythonMacros;
use grange_macros::python::cases::values;
use grange_macros::python::library::{MacroFile, MacroLibrary};
use grange_macros::{Keeping, MacroError};
use grange_session::{Session, Value, is_reserved};
use grange_wiki::PageName;
use grange_wiki::rights::Viewer;

use super::stage::{Look, Stage, query};
use super::told::{Declared, Ran, Told};
use super::{RunArguments, as_file, file_at, shown_at, status};
use crate::cli::{Outcome, Refusal, answer, place};
use crate::clock::{Clock, SystemClock};

/// Runs the call and shows what came of it.
pub(super) async fn run(config: &Path, arguments: &RunArguments) -> Outcome {
    let farm = place::load_farm(config)?;
    let wiki = wiki(&farm, arguments.wiki.as_deref())?;
    let services = place::services();
    let mut look = look(arguments, &farm, &wiki, &services).await?;
    let farm = Farm::build(farm, &services)?;
    let here = here(&farm, &wiki)?;
    let (name, python) = python(arguments, &wiki, &services)?;
    let stage = Stage {
        registry: services.registry.clone(),
        wiki: farm.open(here.index).await?.wiki.clone(),
        python,
        siblings: &Siblings {
            farm: &farm,
            here: here.index,
            base: &here.base,
            request: here.request.authority(),
        },
        randomness: services.randomness.clone(),
        base: &here.base,
        keeping: Keeping::Dropped,
    };
    let file = stage.python.library.shelf().find(&name).cloned();
    if file.is_none() && stage.registry.find(&name).is_none() {
        return Err(unknown(&name, &stage));
    }
    let declared = match &file {
        Some(file) => declared(&stage, file).await?,
        None => Declared::Dependencies,
    };
    stage.python.meter.listen();
    let before = items(&look.session);
    let shown = stage.show(&call(&name, arguments), &mut look).await?;
    let cost = stage
        .python
        .meter
        .costs()
        .remove(&(wiki.id.to_string(), name.clone()));
    let run = Ran {
        shown: &shown,
        last: cost.map(|cost| cost.last).unwrap_or_default(),
        declared,
    };
    let mut told = Told::of(&run, &before, &items(&look.session));
    told.printed = stage.python.meter.printed(&name);
    told.taken_out = stage.python.meter.taken_out(&name);
    told.note = note(arguments, &wiki);
    match arguments.json {
        true => answer::say_json(&told)?,
        false => answer::say(told.in_words())?,
    }
    Ok(status(told.error.is_none()))
}

/// The wiki that is looked at, and where a visitor would.
struct Here<'f> {
    index: usize,
    /// Its mount, empty or beginning with a slash.
    base: String,
    request: Destination<'f>,
}

/// Links come out as for somebody who asked at the wiki's first address.
fn here<'f>(farm: &'f Farm, wiki: &'f WikiConfig) -> Result<Here<'f>, Refusal> {
    let nowhere = || Refusal::new(format!("wiki \"{}\" has no address", wiki.id));
    let address = wiki.canonical().ok_or_else(nowhere)?;
    let ports = farm.config.listen.iter().map(|listener| listener.port());
    let anybody = Authority {
        https: false,
        host: "localhost",
        port: ports.into_iter().find(|port| *port != 0),
    };
    Ok(Here {
        index: farm.wiki_by_id(&wiki.id).ok_or_else(nowhere)?,
        base: address.base(),
        request: address.destination(&wiki.id, &anybody),
    })
}

/// The macro's name and the wiki's macros; the file that was named comes before them.
fn python(
    arguments: &RunArguments,
    wiki: &WikiConfig,
    services: &FarmServices,
) -> Result<(String, PythonMacros), Refusal> {
    let python = services.python_macros(wiki);
    let Some(path) = as_file(&arguments.name) else {
        return Ok((arguments.name.clone(), python));
    };
    let (name, directory) = file_at(path)?;
    let directories = std::iter::once(directory).chain(python.library.directories().iter().cloned());
    let library = MacroLibrary::of(directories.collect(), Arc::default());
    Ok((name, PythonMacros { library, ..python }))
}

/// What a file declares. A page would show visitors the version before one that does not load; who calls a file by
/// hand wants to know what is wrong with it.
async fn declared(stage: &Stage<'_>, file: &MacroFile) -> Result<Declared, Refusal> {
    match stage.python.check(file).await? {
        Err(error) => Err(Refusal::new(shown_at(&file.path, &error))),
        Ok(loaded) if loaded.facts.dependencies.is_none() => Ok(Declared::Nothing),
        Ok(_) => Ok(Declared::Dependencies),
    }
}

/// Whether the visitor of this run has no session, because the wiki gives guests none.
fn is_without_session(arguments: &RunArguments, wiki: &WikiConfig) -> bool {
    arguments.user.is_none() && wiki.session.lifetimes.for_visitor().is_none()
}

/// What is to be known about the visitor's session.
fn note(arguments: &RunArguments, wiki: &WikiConfig) -> Option<&'static str> {
    is_without_session(arguments, wiki).then_some(match arguments.session {
        None => "this wiki gives guests no session, so the macro ran without one; --as USER runs it with one",
        Some(_) => {
            "this wiki gives guests no session; the macro had the one that --session gave it all the same"
        }
    })
}

/// The wiki that is named, or the only one.
fn wiki(farm: &FarmConfig, named: Option<&str>) -> Result<Arc<WikiConfig>, Refusal> {
    match (named, farm.wikis.as_slice()) {
        (Some(named), _) => place::find_wiki(farm, named),
        (None, [only]) => Ok(Arc::clone(only)),
        (None, several) => {
            let ids: Vec<&str> = several.iter().take(20).map(|wiki| &*wiki.id).collect();
            Err(Refusal::new(format!(
                "name the wiki with --wiki ID; there are {}",
                ids.join(", ")
            )))
        }
    }
}

/// The words of a page's box for a superuser.
fn unknown(name: &str, stage: &Stage<'_>) -> Refusal {
    let unknown = MacroError::UnknownHere {
        name: answer::one_line(name),
        places: stage.python.library.places(),
    };
    Refusal::new(unknown.to_string())
}

fn call(name: &str, arguments: &RunArguments) -> String {
    match &arguments.arguments {
        Some(text) => format!("<<{name}({text})>>"),
        None => format!("<<{name}>>"),
    }
}

async fn look(
    arguments: &RunArguments,
    farm: &FarmConfig,
    wiki: &WikiConfig,
    services: &FarmServices,
) -> Result<Look, Refusal> {
    let given = arguments.session.as_deref().map(values).transpose();
    let page = arguments.page.as_deref().map(PageName::parse).transpose()?;
    let given = given.map_err(Refusal::new)?;
    let mut keys = given.iter().flat_map(|values| values.keys());
    if let Some(key) = keys.find(|key| is_reserved(key)) {
        return Err(Refusal::new(format!(
            "--session: the key \"{}\" belongs to the wiki; macros have others",
            answer::one_line(key)
        )));
    }
    let session = match given {
        Some(values) => Session::for_test(values, None),
        None if is_without_session(arguments, wiki) => Session::unsaved(),
        None => Session::for_test(Vec::<(String, Value)>::new(), None),
    };
    Ok(Look {
        viewer: viewer(arguments, farm, wiki, services).await?,
        session,
        page: page.unwrap_or_else(|| wiki.front_page.clone()),
        query: query(&arguments.query),
        now: SystemClock.now(),
    })
}

async fn viewer(
    arguments: &RunArguments,
    farm: &FarmConfig,
    wiki: &WikiConfig,
    services: &FarmServices,
) -> Result<Viewer, Refusal> {
    let guest = Viewer {
        time_zone: wiki.timezone.to_string(),
        ..Viewer::anonymous()
    };
    let Some(name) = &arguments.user else {
        return Ok(guest);
    };
    let nobody = || {
        Refusal::new(format!(
            "there is no account \"{}\" in wiki \"{}\"",
            answer::one_line(name),
            wiki.id
        ))
    };
    if let StorePlace::Memory(_) = wiki.user_store {
        return Err(Refusal::new(format!(
            "{} keeps its accounts in a running server's memory",
            farm.path.display()
        )));
    }
    let user = services
        .accounts(&wiki.user_store)
        .by_name(name)
        .await?
        .ok_or_else(nobody)?;
    Ok(Viewer {
        superuser: wiki
            .superusers
            .iter()
            .any(|superuser| superuser == user.name.as_str()),
        user_id: Some(user.id),
        name: Some(user.name.to_string()),
        ..guest
    })
}

fn items(session: &Session) -> BTreeMap<String, Value> {
    session
        .items()
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn arguments(name: &str) -> RunArguments {
        RunArguments {
            name: name.to_owned(),
            arguments: None,
            wiki: None,
            user: None,
            session: None,
            page: None,
            query: String::new(),
            json: false,
        }
    }

    #[tokio::test]
    async fn a_macro_that_is_not_there_is_told_with_where_it_was_looked_for() {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("farmconfig.toml");
        fs::write(&config, "[wiki.a]\nat = [\"a\"]\n").unwrap();
        let refused = run(&config, &arguments("Nope")).await.unwrap_err().to_string();
        assert!(
            refused.contains("Nope.py") && refused.contains("macros"),
            "{refused}"
        );
    }

    #[tokio::test]
    async fn a_call_changes_a_session_that_nobody_has() {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("farmconfig.toml");
        fs::write(&config, "[wiki.a]\nat = [\"a\"]\n").unwrap();
        run(&config, &arguments("SessionTest")).await.unwrap();
        let wrong = RunArguments {
            session: Some("[1]".to_owned()),
            ..arguments("SessionTest")
        };
        assert!(run(&config, &wrong).await.is_err());
        let nobody = RunArguments {
            user: Some("Mia".to_owned()),
            ..arguments("SessionTest")
        };
        assert!(
            run(&config, &nobody)
                .await
                .unwrap_err()
                .to_string()
                .contains("no account")
        );
    }
}
