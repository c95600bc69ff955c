//! `grange macro run NAME 'args' --wiki ID`: one call, as on a page of that wiki.
//!
//! It reads the wiki with the rights of whoever is named. Nothing is kept: the session is made up for the
//! call, and what the macro puts into its storage is dropped.

use std::collections::BTreeMap;
use std::path::Path;

use grange_farm::{FarmConfig, FarmServices, StorePlace, WikiConfig};
use grange_macros::python::cases::values;
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
    session: BTreeMap<String, Option<Value>>,
    micros: u64,
    memory_bytes: u64,
    cached: bool,
    why: String,
    error: Option<String>,
}

/// Runs the call and shows what came of it.
pub(super) async fn run(config: &Path, arguments: &RunArguments) -> Outcome {
    let farm = place::load_farm(config)?;
    let wiki = place::find_wiki(&farm, &arguments.wiki.wiki)?;
    let services = place::services();
    let stage = Stage {
        registry: services.registry.clone(),
        wiki: services.open_pages(&farm, &wiki).await?,
        python: services.python_macros(&wiki),
        randomness: services.randomness.clone(),
        base: String::new(),
        keeping: Keeping::Dropped,
    };
    let is_file = stage.python.library.shelf().find(&arguments.name).is_some();
    if !is_file && stage.registry.find(&arguments.name).is_none() {
        return Err(unknown(&arguments.name, &stage));
    }
    let mut look = look(arguments, &farm, &wiki, &services).await?;
    let before = items(&look.session);
    let filled = stage.show(&call(arguments), &mut look).await?;
    let costs = stage.python.meter.costs();
    let key = (wiki.id.to_string(), arguments.name.clone());
    let told = tell(&filled, costs.get(&key), &before, &items(&look.session));
    match arguments.json {
        true => answer::say_json(&told)?,
        false => answer::say(in_words(&told))?,
    }
    Ok(status(told.error.is_none()))
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
    Ok(Look {
        viewer: viewer(arguments, farm, wiki, services).await?,
        session: Session::for_test(given.map_err(Refusal::new)?.unwrap_or_default(), None),
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

fn tell(
    filled: &Filled,
    cost: Option<&MacroCost>,
    before: &BTreeMap<String, Value>,
    after: &BTreeMap<String, Value>,
) -> Told {
    let changed = after
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(value));
    let changed = changed.map(|(key, value)| (key.clone(), Some(value.clone())));
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let (cached, why) = cached(filled, cost);
    Told {
        output: filled.html.to_string(),
        session: changed.chain(gone.map(|key| (key.clone(), None))).collect(),
        micros: cost.map_or(0, |cost| cost.last.0),
        memory_bytes: cost.map_or(0, |cost| cost.last.1),
        cached,
        why,
        error: cost
            .and_then(|cost| cost.last_error.clone())
            .map(|(error, _)| error),
    }
}

/// Whether others see the same output without another run, and why not.
fn cached(filled: &Filled, cost: Option<&MacroCost>) -> (bool, String) {
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
    use crate::cli::place::WikiArgument;

    fn arguments(name: &str) -> RunArguments {
        RunArguments {
            name: name.to_owned(),
            arguments: None,
            wiki: WikiArgument { wiki: "a".into() },
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
        let told = tell(
            &filled,
            None,
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
