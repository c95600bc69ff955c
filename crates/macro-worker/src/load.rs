//! Loading a file: it is compiled, run once without any visitor, and asked what it is.
//!
//! What runs here is the file's top level only. It has the limits of a call and none of a view's facts.

use std::cell::Cell;
use std::collections::HashMap;

use grange_macro_protocol::{
    Answer, Entry, Job, Limits, Module, ModuleFacts, PageFacts, Parameter, Question, SessionFacts,
    SyntaxError, Value, Visit,
};
use monty_types::ObjectRef;

use crate::api::{Carried, Context, Facts, Gone, Purpose, Running, Server, SessionState};
use crate::arguments::{self, Kind, Signature};
use crate::guard::Guard;
use crate::interpreter::{self, Log, Stop};
use crate::modules::Compiled;
use crate::source::{self, Outline, without_place};
use crate::values;

/// Compiles a module and asks it what it is.
///
/// # Errors
/// * [`SyntaxError`]: why it cannot be run.
pub fn load(module: &Module, limits: &Limits, guard: &Guard) -> Result<(ModuleFacts, Compiled), SyntaxError> {
    let outline = source::outline(module)?;
    let facts = facts(module, &outline, limits, guard)?;
    let signature = signature(module, &outline, &facts)?;
    let entry = match &signature {
        Some(_) => Entry::Typed(told_parameters(&outline, &facts)),
        None if facts.has_execute => Entry::Execute,
        None => Entry::Helper,
    };
    let compiled = Compiled {
        name: module.name.clone(),
        program: outline.call_program(module, signature.is_some())?,
        goes_on: outline.goes_on(module),
        signature,
        lines: module.source.lines().count() as u32,
        reads_session: Cell::new(false),
        bytes: module.source.len() + module.helpers.iter().map(|(_, text)| text.len()).sum::<usize>(),
    };
    let facts = ModuleFacts {
        dependencies: dependencies(&facts)?,
        entry,
        docstring: outline.docstring,
    };
    Ok((facts, compiled))
}

/// Nobody answers while a file is only loaded.
struct Silence<'g>(&'g Guard);

impl Server for Silence<'_> {
    fn begin(&mut self, _: u32) {}

    fn guard(&self) -> &Guard {
        self.0
    }

    fn ask(&mut self, _: Question) -> Result<Answer, Gone> {
        let words = "A macro can ask the wiki when it is called, not when its file is loaded.";
        Ok(Answer(Err(words.to_owned())))
    }
}

fn facts(module: &Module, outline: &Outline, limits: &Limits, guard: &Guard) -> Result<Facts, SyntaxError> {
    let program = outline.facts_program(module)?;
    let nobody = Job {
        time_ms: limits.time_ms,
        calls: Vec::new(),
        page: PageFacts::default(),
        visit: Visit::default(),
        session: SessionFacts::default(),
    };
    let running = Running {
        name: &module.name,
        number: 0,
        arguments: None,
        bound: Vec::new(),
        time_ms: limits.time_ms,
        output_bytes: 0,
        written: 0,
        purpose: Purpose::Load,
    };
    let (mut silence, mut none, mut carried) = (Silence(guard), HashMap::new(), Carried::default());
    let mut context = Context::new(
        &nobody,
        running,
        &mut silence,
        *limits,
        SessionState::default(),
        &mut carried,
        &mut none,
    );
    match interpreter::run(
        &program,
        limits,
        limits.time_ms,
        &mut context,
        &mut Log::default(),
    ) {
        Ok(_) => context
            .facts
            .take()
            .ok_or_else(|| without_place("The file does not come to its end.")),
        Err(Stop::Raised(raised)) => Err(source::syntax_error(&raised, &module.source)),
        Err(Stop::Limit(limit)) => Err(without_place(format!(
            "Loading the file takes more than it may ({limit:?})."
        ))),
        Err(Stop::Broken | Stop::Gone | Stop::Again(_)) => {
            Err(without_place("The interpreter failed on this file."))
        }
    }
}

/// The names of parameters that take what is left over.
const NAMED: &str = "_kwargs";
const TRAILING: &str = "_trailing_args";

fn signature(module: &Module, outline: &Outline, facts: &Facts) -> Result<Option<Signature>, SyntaxError> {
    let Some(parameters) = outline.parameters.as_ref().filter(|_| facts.is_typed) else {
        return match facts.has_execute || is_helper(&module.name) {
            true => Ok(None),
            false => Err(without_place(format!(
                "The file has no entry point: write \"def execute(macro, args):\" or \"def macro_{}(macro, …):\".",
                module.name
            ))),
        };
    };
    let mut signature = Signature::default();
    for (name, default) in with_defaults(parameters, facts) {
        match name {
            TRAILING => signature.takes_trailing = true,
            NAMED => {
                let kind = arguments::Parameter::new(name, default).map(|found| found.kind);
                signature.other_named = Some(kind.unwrap_or(Kind::Text));
            }
            _ => {
                let parameter = arguments::Parameter::new(name, default);
                let placed = |message| SyntaxError {
                    line: outline.line,
                    ..without_place(message)
                };
                signature.parameters.push(parameter.map_err(placed)?);
            }
        }
    }
    Ok(Some(signature))
}

/// Files of such names are imported by those beside them, and no page can call them.
fn is_helper(name: &str) -> bool {
    name.starts_with('_')
}

fn with_defaults<'a>(
    parameters: &'a [(String, Option<String>)],
    facts: &'a Facts,
) -> impl Iterator<Item = (&'a str, Option<ObjectRef<'a>>)> {
    let mut defaults = facts.defaults.iter();
    parameters.iter().map(move |(name, text)| {
        let default = text.as_ref().and_then(|_| defaults.next());
        (name.as_str(), default.map(|default| default.as_ref()))
    })
}

fn told_parameters(outline: &Outline, facts: &Facts) -> Vec<Parameter> {
    let parameters = outline.parameters.as_deref().unwrap_or_default();
    let told = with_defaults(parameters, facts).map(|(name, default)| Parameter {
        name: name.to_owned(),
        default: default.map(|default| values::stored(default).unwrap_or(Value::Null)),
    });
    told.collect()
}

fn dependencies(facts: &Facts) -> Result<Option<Vec<String>>, SyntaxError> {
    let Some(found) = &facts.dependencies else {
        return Ok(None);
    };
    let wrong = || without_place("Dependencies is a list of texts, such as ['time'].");
    let items = found.as_ref().items().ok_or_else(wrong)?;
    let names = items
        .into_iter()
        .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong));
    names.collect::<Result<_, _>>().map(Some)
}
