//! `grange macro run NAME 'args' --wiki ID`: one call, as on a page of that wiki.
//!
//! It reads the wiki with the rights of whoever is named. Nothing is kept: the session is made up for the
//! call, and what the macro puts into its storage is dropped. A guest has a session only where the wiki gives
//! guests one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use grange_farm::{FarmConfig, FarmServices, StorePlace, WikiConfig};
use grange_macros::python::cases::values;
use grange_macros::python::library::MacroFile;
use grange_macros::python::meter::MacroCost;
use grange_macros::{Filled, Holds, Keeping};
use grange_session::{Session, Value};
use grange_wiki::PageName;
use grange_wiki::rights::Viewer;
use serde::Serialize;

use super::stage::{Look, Stage, query};
use super::{RunArguments, status};
use crate::cli::{Outcome, Refusal, answer, place};
use crate::clock::{Clock, SystemClock};

/// What came of a call.
#[derive(Debug, Serialize)]
struct Told {
    output: String,
    printed: Vec<String>,
    /// Elements and attributes (`style=`) that pages do not show.
    taken_out: Vec<String>,
    session: BTreeMap<String, Option<Value>>,
    micros: u64,
    memory_bytes: u64,
    cached: bool,
    why: String,
    note: Option<&'static str>,
    error: Option<String>,
}

/// Runs the call and shows what came of it.
pub(super) async fn run(config: &Path, arguments: &RunArguments) -> Outcome {
    let farm = place::load_farm(config)?;
    let wiki = wiki(&farm, arguments.wiki.as_deref())?;
    let services = place::services();
    let stage = Stage {
        registry: services.registry.clone(),
        wiki: services.open_pages(&farm, &wiki).await?,
        python: services.python_macros(&wiki),
        randomness: services.randomness.clone(),
        base: String::new(),
        keeping: Keeping::Dropped,
    };
    let file = stage.python.library.shelf().find(&arguments.name).cloned();
    if file.is_none() && stage.registry.find(&arguments.name).is_none() {
        return Err(unknown(&arguments.name, &stage));
    }
    if let Some(file) = &file {
        refuse_what_does_not_load(&stage, file).await?;
    }
    let mut look = look(arguments, &farm, &wiki, &services).await?;
    stage.python.meter.listen();
    let before = items(&look.session);
    let filled = stage.show(&call(arguments), &mut look).await?;
    let costs = stage.python.meter.costs();
    let key = (wiki.id.to_string(), arguments.name.clone());
    let run = Ran {
        filled: &filled,
        cost: costs.get(&key),
        declared: declared(&stage, file.as_deref()).await,
    };
    let told = Told {
        printed: stage.python.meter.printed(&arguments.name),
        taken_out: stage.python.meter.taken_out(&arguments.name),
        note: note(arguments, &wiki),
        ..tell(&run, &before, &items(&look.session))
    };
    match arguments.json {
        true => answer::say_json(&told)?,
        false => answer::say(in_words(&told))?,
    }
    Ok(status(told.error.is_none()))
}

/// A call that is over.
struct Ran<'r> {
    filled: &'r Filled,
    cost: Option<&'r MacroCost>,
    declared: Declared,
}

/// Whether a macro says what it depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Declared {
    Dependencies,
    Nothing,
}

/// What a file declares; one that cannot be loaded has said so in its box.
async fn declared(stage: &Stage, file: Option<&MacroFile>) -> Declared {
    let Some(file) = file else {
        return Declared::Dependencies;
    };
    match stage.python.check(file).await {
        Ok(Ok(loaded)) if loaded.facts.dependencies.is_none() => Declared::Nothing,
        _ => Declared::Dependencies,
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

/// A page would show visitors the version before it; who calls a file by hand wants to know what is wrong with it.
async fn refuse_what_does_not_load(stage: &Stage, file: &MacroFile) -> Result<(), Refusal> {
    match stage.python.check(file).await? {
        Ok(_) => Ok(()),
        Err(error) => {
            let place = file.path.display();
            let line = error.line;
            let why = answer::one_line(&error.message);
            Err(Refusal::new(format!(
                "{place}:{line}: {why}; grange macro check shows the place"
            )))
        }
    }
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

fn unknown(name: &str, stage: &Stage) -> Refusal {
    let places = stage.python.library.directories().iter();
    let places: Vec<String> = places.map(|place| place.display().to_string()).collect();
    Refusal::new(format!(
        "there is no macro \"{}\": no built-in one, and no {name}.py in {}",
        answer::one_line(name),
        places.join(", ")
    ))
}

fn call(arguments: &RunArguments) -> String {
    match &arguments.arguments {
        Some(text) => format!("<<{}({text})>>", arguments.name),
        None => format!("<<{}>>", arguments.name),
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
    let session = match given.map_err(Refusal::new)? {
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

fn tell(ran: &Ran<'_>, before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> Told {
    let (filled, cost) = (ran.filled, ran.cost);
    let changed = after
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(value));
    let changed = changed.map(|(key, value)| (key.clone(), Some(value.clone())));
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let (cached, why) = cached(ran);
    Told {
        output: filled.html.to_string(),
        printed: Vec::new(),
        taken_out: Vec::new(),
        session: changed.chain(gone.map(|key| (key.clone(), None))).collect(),
        micros: cost.map_or(0, |cost| cost.last.0),
        memory_bytes: cost.map_or(0, |cost| cost.last.1),
        cached,
        why,
        note: None,
        error: cost
            .and_then(|cost| cost.last_error.clone())
            .map(|(error, _)| error),
    }
}

/// Whether others see the same output without another run, and why not.
fn cached(ran: &Ran<'_>) -> (bool, String) {
    let (filled, cost) = (ran.filled, ran.cost);
    let looked = |at: &str| format!("it looked at {at}, so nobody else is shown its output");
    let session = cost.is_some_and(|cost| cost.session > 0);
    let user = cost.is_some_and(|cost| cost.user > 0);
    let language = match filled.by_language {
        true => ", for each language",
        false => "",
    };
    if cost.is_some_and(|cost| cost.last_error.is_some()) {
        return (false, "it ended in a box, which nobody keeps".to_owned());
    }
    match (filled.private, filled.holds) {
        (true, _) if session && user => (false, looked("the session and the user")),
        (true, _) if session => (false, looked("the session")),
        (true, _) if user => (false, looked("the user")),
        (true, _) => (false, "its Dependencies name user or session".to_owned()),
        (_, Holds::ThisMoment) if ran.declared == Declared::Nothing => (
            false,
            "the file declares no Dependencies, so it runs at each view; grange macro check says which it needs"
                .to_owned(),
        ),
        (_, Holds::ThisMoment) => (
            false,
            "it depends on the moment or the address, so it runs at each view".to_owned(),
        ),
        (_, Holds::For(time)) => (true, format!("for {} seconds{language}", time.as_secs())),
        (_, Holds::UntilPagesChange) => (true, format!("until pages change{language}")),
    }
}

fn in_words(told: &Told) -> String {
    let mut lines = vec![told.output.trim_end().to_owned(), String::new()];
    let printed = told.printed.iter().map(|line| answer::one_line(line));
    lines.extend(printed.map(|line| format!("printed: {line}")));
    lines.extend((!told.taken_out.is_empty()).then(|| format!("taken out: {}", told.taken_out.join(", "))));
    lines.extend(told.note.map(|note| format!("note: {note}")));
    for (key, value) in &told.session {
        let key = answer::one_line(key);
        lines.push(match value {
            Some(value) => format!("session: {key} = {}", json(value)),
            None => format!("session: {key} is gone"),
        });
    }
    if told.session.is_empty() {
        lines.push("session: nothing changed".to_owned());
    }
    let millis = told.micros as f64 / 1000.0;
    lines.push(format!(
        "took: {millis:.2} ms, {} KiB of memory",
        told.memory_bytes.div_ceil(1024)
    ));
    let kept = if told.cached { "yes" } else { "no" };
    lines.push(format!("cached: {kept}: {}", told.why));
    if let Some(error) = &told.error {
        lines.push(format!("error: {error}"));
    }
    lines.join("\n")
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
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

    #[test]
    fn what_became_of_the_session_is_told_key_by_key() {
        let values = |text: &str| values(text).unwrap();
        let filled = Filled {
            html: grange_macros::Pieces::default(),
            private: true,
            by_language: false,
            holds: Holds::ThisMoment,
        };
        let ran = Ran {
            filled: &filled,
            cost: None,
            declared: Declared::Dependencies,
        };
        let told = tell(
            &ran,
            &values(r#"{"a": 1, "b": 2, "c": 3}"#),
            &values(r#"{"a": 1, "b": "x"}"#),
        );
        let words = in_words(&told);
        assert!(
            words.contains("session: b = \"x\"\nsession: c is gone\n"),
            "{words}"
        );
        assert!(!words.contains("session: a"), "{words}");
        assert!(words.contains("cached: no"), "{words}");
    }
}
