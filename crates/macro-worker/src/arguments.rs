//! The text between a macro's parentheses, split and converted by the defaults of a typed entry.
//!
//! MoinMoin 1.9's rules: commas, double quotes (a doubled one stands for itself), `name=value`; an empty
//! argument means the default. Its messages, too, because authors and writers know them.

use monty_types::{MontyObject, ObjectRef};

/// The text split, not yet bound to names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Arguments by place.
    pub positional: Vec<Option<String>>,
    /// Arguments by name; the last of a name counts.
    pub named: Vec<(String, Option<String>)>,
    /// Arguments without a name behind some with one.
    pub trailing: Vec<Option<String>>,
}

/// Splits the text between the parentheses.
#[must_use]
pub fn split(text: &str) -> Split {
    let mut split = Split::default();
    for item in items(text) {
        match item.name {
            Some(name) => {
                split.named.retain(|(known, _)| *known != name);
                split.named.push((name, item.value));
            }
            None if split.named.is_empty() => split.positional.push(item.value),
            None => split.trailing.push(item.value),
        }
    }
    split
}

#[derive(Default)]
struct Item {
    name: Option<String>,
    value: Option<String>,
}

/// One item while it is read.
#[derive(Default)]
struct Reader {
    name: Option<String>,
    text: String,
    was_quoted: bool,
}

impl Reader {
    fn finish(&mut self) -> Item {
        let text = std::mem::take(&mut self.text);
        let was_quoted = std::mem::take(&mut self.was_quoted);
        let text = if was_quoted { text } else { trim(&text).to_owned() };
        Item {
            name: self.name.take(),
            value: (was_quoted || !text.is_empty()).then_some(text),
        }
    }

    fn starts(&self) -> bool {
        !self.was_quoted && trim(&self.text).is_empty()
    }
}

/// Without the blanks around it; one that was written on purpose (a no-break space) stays.
fn trim(text: &str) -> &str {
    text.trim_matches(|sign: char| sign.is_ascii_whitespace())
}

fn items(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut reader = Reader::default();
    let mut signs = text.chars().peekable();
    let mut in_quotes = false;
    while let Some(sign) = signs.next() {
        match sign {
            '"' if in_quotes && signs.peek() == Some(&'"') => {
                signs.next();
                reader.text.push('"');
            }
            '"' if in_quotes => in_quotes = false,
            _ if in_quotes => reader.text.push(sign),
            '"' if reader.starts() => {
                in_quotes = true;
                reader.was_quoted = true;
                reader.text.clear();
            }
            ',' => items.push(reader.finish()),
            '=' if reader.name.is_none() && !reader.was_quoted && !reader.starts() => {
                reader.name = Some(trim(&reader.text).to_owned());
                reader.text.clear();
            }
            other => reader.text.push(other),
        }
    }
    items.push(reader.finish());
    items
}

/// What an argument is converted to.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `True`, `yes`, `1` and their opposites.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Text.
    Text,
    /// One of these; the first is the default.
    Choice(Vec<MontyObject>),
    /// A number of this kind with one of these units: `10px`.
    Unit(Box<Kind>, Vec<String>, Option<String>),
}

/// A parameter, as its default tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What its argument becomes.
    pub kind: Kind,
    /// Whether it must be given.
    pub is_required: bool,
    /// What it is without an argument; nothing leaves it to Python's default.
    pub without: Option<MontyObject>,
}

impl Parameter {
    /// The parameter with this default; without one it is text or None.
    ///
    /// # Errors
    /// * The default's type has no arguments.
    pub fn new(name: &str, default: Option<ObjectRef<'_>>) -> Result<Parameter, String> {
        let parameter = |kind, without| Parameter {
            name: name.to_owned(),
            kind,
            is_required: false,
            without,
        };
        let none = Some(MontyObject::none());
        let Some(default) = default else {
            return Ok(parameter(Kind::Text, none));
        };
        let fields = default.items().unwrap_or_default();
        // The marks that `MoinMoin.wikiutil` makes are namedtuples.
        let mark = match default.type_name() {
            "namedtuple" => default.py_repr(),
            kind => kind.to_owned(),
        };
        match (mark.split('(').next().unwrap_or_default(), fields.as_slice()) {
            ("required_arg", [kind]) => Ok(Parameter {
                is_required: true,
                ..Parameter::new(name, Some(*kind))?
            }),
            ("UnitArgument", [default, kind, units, unit]) => {
                unit_parameter(name, *default, *kind, *units, *unit)
            }
            ("tuple" | "list", choices) if choices.iter().any(|choice| choice.as_str().is_none()) => {
                Err(format!(
                    "The default of \"{name}\" is a choice, and choices are texts: ('1', '2') for (1, 2)."
                ))
            }
            ("tuple" | "list", [first, ..]) => {
                let choices = fields.iter().map(|choice| choice.to_owned()).collect();
                Ok(parameter(Kind::Choice(choices), Some(first.to_owned())))
            }
            ("bool", _) => Ok(parameter(Kind::Bool, None)),
            ("int", _) => Ok(parameter(Kind::Int, None)),
            ("float", _) => Ok(parameter(Kind::Float, None)),
            ("str" | "NoneType", _) => Ok(parameter(Kind::Text, None)),
            _ => match type_of(default) {
                Some(kind) => Ok(parameter(kind, none)),
                None => Err(format!(
                    "The default of \"{name}\" is of type {}; a macro's arguments are bool, int, float, text or \
                     a choice from a tuple.",
                    default.type_name()
                )),
            },
        }
    }
}

/// A type object that stands for what it makes.
fn type_of(default: ObjectRef<'_>) -> Option<Kind> {
    match default.py_repr().as_str() {
        "<class 'bool'>" => Some(Kind::Bool),
        "<class 'int'>" => Some(Kind::Int),
        "<class 'float'>" => Some(Kind::Float),
        "<class 'str'>" => Some(Kind::Text),
        _ => None,
    }
}

fn unit_parameter(
    name: &str,
    default: ObjectRef<'_>,
    kind: ObjectRef<'_>,
    units: ObjectRef<'_>,
    unit: ObjectRef<'_>,
) -> Result<Parameter, String> {
    let kind = type_of(kind).unwrap_or(Kind::Text);
    let units = units.items().unwrap_or_default();
    let units = units
        .iter()
        .filter_map(|unit| unit.as_str())
        .map(str::to_owned)
        .collect();
    let kind = Kind::Unit(Box::new(kind), units, unit.as_str().map(str::to_owned));
    let without = match default.as_str() {
        Some(text) => convert(name, &kind, text)?,
        None => MontyObject::none(),
    };
    Ok(Parameter {
        name: name.to_owned(),
        kind,
        is_required: false,
        without: Some(without),
    })
}

/// A typed entry's signature.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signature {
    /// The parameters behind `macro`.
    pub parameters: Vec<Parameter>,
    /// What other named arguments become, if it takes any (`_kwargs`).
    pub other_named: Option<Kind>,
    /// Whether it takes further arguments (`_trailing_args`).
    pub takes_trailing: bool,
}

impl Signature {
    /// The keyword arguments that the entry is called with.
    ///
    /// # Errors
    /// * A sentence for the one who wrote the page.
    pub fn bind(&self, text: &str) -> Result<Vec<(String, MontyObject)>, String> {
        let mut given = if text.is_empty() {
            Split::default()
        } else {
            split(text)
        };
        let further = match given.positional.len() > self.parameters.len() {
            true => given.positional.split_off(self.parameters.len()),
            false => Vec::new(),
        };
        if !self.takes_trailing && !given.trailing.is_empty() {
            return Err("Cannot have arguments without name following named arguments".to_owned());
        }
        if !self.takes_trailing && !further.is_empty() {
            return Err("Too many arguments".to_owned());
        }
        let mut bound = Vec::new();
        let mut places = given.positional.into_iter();
        for parameter in &self.parameters {
            let by_place = places.next().flatten();
            let by_name = take(&mut given.named, &parameter.name);
            bound.extend(bind_one(parameter, by_place.or(by_name.flatten()))?);
        }
        bound.extend(self.others(given.named)?);
        if self.takes_trailing {
            let all = further
                .into_iter()
                .chain(given.trailing)
                .map(|value| text_or_none(value.as_deref()));
            bound.push(("_trailing_args".to_owned(), MontyObject::list(all)));
        }
        Ok(bound)
    }

    fn others(&self, named: Vec<(String, Option<String>)>) -> Result<Option<(String, MontyObject)>, String> {
        let Some(kind) = &self.other_named else {
            return match named.first() {
                Some((name, _)) => Err(format!("No argument named \"{name}\"")),
                None => Ok(None),
            };
        };
        let mut pairs = Vec::new();
        for (name, value) in named {
            let value = match value {
                Some(text) => convert(&name, kind, &text)?,
                None => MontyObject::none(),
            };
            pairs.push((MontyObject::string(name), value));
        }
        Ok(Some(("_kwargs".to_owned(), MontyObject::dict(pairs))))
    }
}

fn take(named: &mut Vec<(String, Option<String>)>, name: &str) -> Option<Option<String>> {
    let place = named.iter().position(|(known, _)| known == name)?;
    Some(named.remove(place).1)
}

fn bind_one(parameter: &Parameter, text: Option<String>) -> Result<Option<(String, MontyObject)>, String> {
    let value = match text {
        Some(text) => Some(convert(&parameter.name, &parameter.kind, &text)?),
        None if parameter.is_required => return Err(format!("Argument \"{}\" is required", parameter.name)),
        None => parameter.without.clone(),
    };
    Ok(value.map(|value| (parameter.name.clone(), value)))
}

fn text_or_none(text: Option<&str>) -> MontyObject {
    text.map_or_else(MontyObject::none, MontyObject::string)
}

/// Converts one argument.
///
/// # Errors
/// * A sentence that names the argument and says what it must be.
pub fn convert(name: &str, kind: &Kind, text: &str) -> Result<MontyObject, String> {
    let must_be = |what: &str| format!("Argument \"{name}\" must be {what}, not \"{text}\"");
    match kind {
        Kind::Text => Ok(MontyObject::string(text)),
        Kind::Bool => match text.to_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(MontyObject::bool(true)),
            "false" | "no" | "0" => Ok(MontyObject::bool(false)),
            _ => Err(must_be("a boolean value")),
        },
        Kind::Int => whole(text)
            .map(MontyObject::int)
            .ok_or_else(|| must_be("an integer value")),
        Kind::Float => {
            let number = plain_digits(text).parse::<f64>().ok();
            number
                .map(MontyObject::float)
                .ok_or_else(|| must_be("a floating point value"))
        }
        Kind::Choice(choices) => {
            let matches = |choice: &&MontyObject| choice.as_ref().as_str() == Some(text);
            choices.iter().find(matches).cloned().ok_or_else(|| {
                let names = choices.iter().filter_map(|choice| choice.as_ref().as_str());
                let names: Vec<_> = names.map(|name| format!("\"{name}\"")).collect();
                must_be(&format!("one of {}", names.join(", ")))
            })
        }
        Kind::Unit(kind, units, unit) => {
            let found = units
                .iter()
                .find(|unit| text.ends_with(unit.as_str()))
                .or(unit.as_ref());
            let found = found
                .ok_or_else(|| must_be(&format!("a number with one of the units {}", units.join(", "))))?;
            let number = convert(name, kind, text.strip_suffix(found.as_str()).unwrap_or(text))?;
            Ok(MontyObject::tuple([number, MontyObject::string(found.as_str())]))
        }
    }
}

fn whole(text: &str) -> Option<i64> {
    plain_digits(text).parse().ok()
}

/// The text without blanks around it, its digits of any script as those of ASCII.
fn plain_digits(text: &str) -> String {
    text.trim()
        .chars()
        .map(|sign| ascii_digit(sign).unwrap_or(sign))
        .collect()
}

/// Where the scripts have their zero; nine more follow it.
const ZEROS: &[u32] = &[
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50,
    0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0xFF10,
];

fn ascii_digit(sign: char) -> Option<char> {
    let code = u32::from(sign);
    let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}
