//! A macro's file as a program: what is read from its text, and what is put below it.
//!
//! The file stands first and as it is, so that every line number is the file's own. Below it stand the
//! parts of the prelude that it needs and a driver that runs its entry. A file that is no Python by itself
//! is refused before anything is put below it.

use grange_macro_protocol::{Module, SyntaxError};
use monty::MontyRun;
use monty_types::{
    BuiltinsFunctions, CompileOptions, DateTimeSource, MontyException, MontyObject, MontyType, OsPolicy,
    ProcessTime, RandomStart, SandboxTimeZone, SleepMode,
};
use ruff_python_ast::{Expr, ModModule, Parameters, Stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged;

use crate::prelude::Prelude;
use crate::{entry, helpers};

/// The name of the driver's host, which nobody's macro uses by accident.
pub const HOST: &str = "_grange_host";

/// A compiled text and the values of the names that it is given.
pub struct Program {
    run: MontyRun,
    given: Vec<&'static str>,
}

impl Program {
    /// A copy to run, and what it is given.
    #[must_use]
    pub fn start(&self, host: MontyObject) -> (MontyRun, Vec<MontyObject>) {
        let given = self.given.iter().map(|name| {
            if *name == HOST {
                host.clone()
            } else {
                builtin(name)
            }
        });
        (self.run.clone(), given.collect())
    }
}

/// Builtins that the prelude uses, which a file may have given another meaning.
const OURS: [&str; 7] = [
    "_grange_len",
    "_grange_iter",
    "_grange_repr",
    "_grange_sorted",
    "_grange_type",
    "_grange_str",
    "_grange_kinds",
];

/// Python 2's builtins, and `len`, which the prelude replaces only when the file has been loaded.
const THEIRS: [&str; 6] = ["unicode", "basestring", "long", "xrange", "unichr", "len"];

fn builtin(name: &str) -> MontyObject {
    let kinds = [
        MontyType::NoneType,
        MontyType::Bool,
        MontyType::Int,
        MontyType::Float,
        MontyType::Str,
        MontyType::List,
        MontyType::Tuple,
        MontyType::Dict,
    ];
    match name {
        "_grange_kinds" => MontyObject::tuple(kinds.map(MontyObject::type_object)),
        "_grange_iter" => MontyObject::type_object(MontyType::Iterator),
        "_grange_str" | "unicode" | "basestring" => MontyObject::type_object(MontyType::Str),
        "long" => MontyObject::type_object(MontyType::Int),
        "xrange" => MontyObject::type_object(MontyType::Range),
        "unichr" => MontyObject::builtin_function(BuiltinsFunctions::Chr),
        _ => {
            let name = name.strip_prefix("_grange_").unwrap_or(name);
            MontyObject::builtin_function_from_name(name).unwrap_or_else(MontyObject::none)
        }
    }
}

/// What the text of a file tells without being run.
pub struct Outline {
    /// The text at its head.
    pub docstring: Option<String>,
    /// The parameters of `macro_Name` behind the first, with the text of their defaults.
    pub parameters: Option<Vec<(String, Option<String>)>>,
    /// The line of that function.
    pub line: u32,
    /// The file's text with its imports of helpers resolved; the lines are the same.
    text: String,
}

/// Reads a file's text.
///
/// # Errors
/// * [`SyntaxError`]: it is no Python, or none that can be run here.
pub fn outline(module: &Module) -> Result<Outline, SyntaxError> {
    // Compiling first: it bounds how deep the text nests, which the parser alone does not.
    compile(module.source.clone(), &module.file).map_err(|wrong| syntax_error(&wrong, &module.source))?;
    let Ok(parsed) = parse_module(&module.source) else {
        return Err(without_place("The file cannot be read as Python."));
    };
    let tree = parsed.into_syntax();
    if let Some((offset, message)) = entry::fault(&tree, &module.name) {
        return Err(at(&module.source, offset, message));
    }
    let entry = typed_entry(&tree, &module.name);
    let line = entry
        .as_ref()
        .map_or(0, |(offset, _)| line_of(&module.source, *offset));
    let parameters = entry.map(|(_, parameters)| named(parameters, &module.source));
    Ok(Outline {
        docstring: docstring(&tree),
        parameters,
        line,
        text: helpers::resolve(&module.source, &tree, &module.helpers),
    })
}

impl Outline {
    /// The program that says what the file says about itself.
    ///
    /// # Errors
    /// * [`SyntaxError`]: something in the driver does not fit the file.
    pub fn facts_program(&self, module: &Module) -> Result<Program, SyntaxError> {
        let defaults = self
            .parameters
            .iter()
            .flatten()
            .filter_map(|(_, default)| default.as_deref());
        let defaults: String = defaults.map(|default| format!("(\n{default}\n), ")).collect();
        let driver = format!(
            "\n\n{HOST}.facts(Dependencies, macro_{}, execute, [{defaults}])\n",
            module.name
        );
        self.program(module, &driver)
    }

    /// The program that runs the file's entry.
    ///
    /// # Errors
    /// * [`SyntaxError`]: something in the driver does not fit the file.
    pub fn call_program(&self, module: &Module, is_typed: bool) -> Result<Program, SyntaxError> {
        let Prelude {
            classes,
            first,
            begin,
            last,
            further,
            around: (before, after),
            ..
        } = prelude(module);
        let call = match is_typed {
            true => format!("macro_{}(macro, **{HOST}.arguments())", module.name),
            false => "execute(macro, macro.args)".to_owned(),
        };
        // Where no further call follows, `end` does not come back.
        let driver = format!(
            "{classes}\n\ndef _grange_main():\n{first}    macro = {HOST}.begin({begin})\n    \
             request = macro.request\n    while True:\n        {before}result = {call}{after}\n        \
             macro.args = {HOST}.end(result{last})\n{further}\n\n_grange_main()\n"
        );
        self.program(module, &driver)
    }

    /// Whether an interpreter that has ended a call of this file may run the next one.
    #[must_use]
    pub fn goes_on(&self, module: &Module) -> bool {
        prelude(module).goes_on
    }

    fn program(&self, module: &Module, driver: &str) -> Result<Program, SyntaxError> {
        let text = format!("{}\n{driver}", self.text);
        compile(text, &module.file).map_err(|wrong| syntax_error(&wrong, &module.source))
    }
}

/// What a file with its helpers gets.
fn prelude(module: &Module) -> Prelude {
    let helpers = module.helpers.iter().map(|(_, source)| source.as_str());
    let all: Vec<&str> = std::iter::once(module.source.as_str()).chain(helpers).collect();
    Prelude::for_text(&all.concat())
}

fn compile(text: String, file: &str) -> Result<Program, Box<MontyException>> {
    let ours = OURS.into_iter().filter(|name| text.contains(name));
    let theirs = THEIRS.into_iter().filter(|name| text.contains(name));
    let given: Vec<_> = std::iter::once(HOST).chain(ours).chain(theirs).collect();
    let names = given.iter().map(|name| (*name).to_owned()).collect();
    let run = MontyRun::new(text, file, names, CompileOptions::default())?.with_os_policy(OsPolicy {
        datetime: DateTimeSource::CallHost,
        timezone: SandboxTimeZone::utc(),
        sleep: SleepMode::Zero,
        process_time: ProcessTime::Zero,
        random_start: RandomStart::CallHost,
    });
    Ok(Program { run, given })
}

/// A mistake at a place of the text.
fn at(source: &str, offset: usize, message: String) -> SyntaxError {
    let line = line_of(source, offset);
    let text = source.lines().nth(line.saturating_sub(1) as usize);
    let before = source.get(..offset).unwrap_or_default();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    SyntaxError {
        line,
        column: column as u32 + 1,
        text: text.unwrap_or_default().to_owned(),
        ..without_place(message)
    }
}

/// A mistake without a place.
#[must_use]
pub fn without_place(message: impl Into<String>) -> SyntaxError {
    SyntaxError {
        message: message.into(),
        line: 0,
        column: 0,
        text: String::new(),
    }
}

/// The interpreter calls itself by its name, which authors of macros need not know.
const NAMES: [(&str, &str); 5] = [
    (
        "The monty syntax parser does not yet support",
        "Grange's Python does not support",
    ),
    ("Internal error in monty", "internal error in Grange's Python"),
    (
        "is not supported by Monty for",
        "is not supported by Grange's Python for",
    ),
    ("Monty strings cannot contain", "its texts cannot contain"),
    ("<monty-frozen>", "<built in>"),
];

/// What to write where a builtin would have to wait for the wiki.
const CALLED_BACK: &str = "RuntimeError: the wiki and the formatter cannot be asked from a function that a builtin calls \
    (map, filter, the key of sort, sorted, min and max, __str__); write a comprehension, or make a list of the answers first";

/// Words of the interpreter, with the name that authors know it by.
#[must_use]
pub fn in_our_words(words: String) -> String {
    if words.contains("cannot suspend in this synchronous context") {
        return CALLED_BACK.to_owned();
    }
    NAMES
        .iter()
        .fold(words, |words, (theirs, ours)| match words.contains(theirs) {
            true => words.replace(theirs, ours),
            false => words,
        })
}

/// What to write instead of what Python has and the interpreter has not.
const INSTEAD: [(&str, &str); 4] = [
    (
        "class inheritance",
        "write \"class Name:\" for \"class Name(object):\", as grange macro port does, and put what another base class has into the class itself",
    ),
    ("method decorators", "make it a function beside the class"),
    (
        "the 'del' statement",
        "take elements out with pop, and set names to None",
    ),
    ("yield", "put the values into a list and return it"),
];

fn with_advice(message: String) -> String {
    let lacks = message.contains("does not support");
    let advice = INSTEAD.iter().find(|(what, _)| lacks && message.contains(what));
    match advice {
        Some((_, advice)) => format!("{message}; {advice}"),
        None => message,
    }
}

/// What went wrong, at the last place in the file that had a part in it.
#[must_use]
pub fn syntax_error(wrong: &MontyException, source: &str) -> SyntaxError {
    let lines = source.lines().count() as u32;
    let place = wrong
        .traceback()
        .iter()
        .rev()
        .find(|frame| frame.start.line <= lines);
    let message = match wrong.exc_type() {
        monty_types::ExcType::SyntaxError => wrong.message().unwrap_or("invalid syntax").to_owned(),
        _ => with_advice(in_our_words(wrong.summary())),
    };
    let Some(place) = place else {
        // What ends too early is wrong at its end.
        let is_unfinished = wrong.exc_type() == monty_types::ExcType::SyntaxError && message.contains("EOF");
        return SyntaxError {
            line: if is_unfinished { lines } else { 0 },
            text: source
                .lines()
                .last()
                .filter(|_| is_unfinished)
                .unwrap_or_default()
                .to_owned(),
            ..without_place(message)
        };
    };
    SyntaxError {
        message,
        line: place.start.line,
        column: place.start.column,
        text: source
            .lines()
            .nth(place.start.line.saturating_sub(1) as usize)
            .unwrap_or_default()
            .to_owned(),
    }
}

fn docstring(tree: &ModModule) -> Option<String> {
    match tree.body.first()? {
        Stmt::Expr(first) => match first.value.as_ref() {
            Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
            _ => None,
        },
        _ => None,
    }
}

fn typed_entry<'a>(tree: &'a ModModule, name: &str) -> Option<(usize, &'a Parameters)> {
    let function = entry::function(tree, &format!("macro_{name}"))?;
    Some((function.start().to_usize(), function.parameters.as_ref()))
}

/// All parameters but the first, which is `macro`.
fn named(parameters: &Parameters, source: &str) -> Vec<(String, Option<String>)> {
    let all = parameters.iter_non_variadic_params().skip(1);
    all.map(|parameter| {
        let default = parameter
            .default
            .as_ref()
            .and_then(|default| source.get(default.range().to_std_range()));
        (parameter.parameter.name.to_string(), default.map(str::to_owned))
    })
    .collect()
}

fn line_of(source: &str, offset: usize) -> u32 {
    let before = source.get(..offset).unwrap_or_default();
    before.matches('\n').count() as u32 + 1
}
