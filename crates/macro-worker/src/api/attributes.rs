//! The attributes that formatter methods take, by MoinMoin's names for them.
//!
//! Tables have their attributes in a dict with prefixes (`tablealign`, `rowclass`) and quoted values, as the table
//! markup wrote them, or as keywords of their own. Only attributes that can do no harm get through; pages show no
//! styles and run no handlers, so these are taken and left out. Which keywords a method takes is decided in
//! `grange_macro_protocol::keywords`.

use grange_macro_protocol::keywords::{self, is_handler};
use monty_types::ExcType;

use super::reading::Args;
use super::{Trouble, raise};

/// HTML attributes and their values, in order.
pub type Attributes = Vec<(String, Option<String>)>;

/// What an `attr` or `attrs` dict may hold.
const ALLOWED: &[&str] = &[
    "class", "id", "title", "lang", "dir", "width", "height", "align", "valign", "colspan", "rowspan",
    "bgcolor", "summary", "abbr", "alt", "rel", "start", "type",
];

/// The attributes among the named arguments.
pub fn common(args: &Args<'_>) -> Result<Attributes, Trouble> {
    let mut attributes = Vec::new();
    for (key, value) in args.all_named() {
        let name = match key {
            "css_class" | "css" | "class_" | "_class" | "class" => "class",
            "id" | "title" | "lang" | "dir" => key,
            _ => continue,
        };
        if value.type_name() != "NoneType" {
            attributes.push((name.to_owned(), Some(args.as_text(value, key)?)));
        }
    }
    attributes.extend(from_dict(args, "attr", "")?);
    Ok(attributes)
}

/// The attributes of a table's part, from its `attrs` dict and its keywords, which go before.
pub fn of_table(args: &Args<'_>, method: &str, prefix: &str) -> Result<Attributes, Trouble> {
    let mut named = Vec::new();
    for name in keywords::attributes_of(method) {
        if let Some(value) = args.named_text(name)? {
            named.push((name.to_owned(), Some(value)));
        }
    }
    named.extend(common(args)?);
    let mut attributes = from_dict(args, "attrs", prefix)?;
    attributes.retain(|(name, _)| !named.iter().any(|(other, _)| other == name));
    attributes.extend(named);
    Ok(attributes)
}

/// What the attributes of a table and of its rows begin with in such a dict.
const PREFIXES: &[&str] = &["table", "row"];

/// What an entry of such a dict becomes.
enum Entry<'k> {
    Attribute(&'k str),
    /// It belongs to another part of the table, or does nothing on any page.
    Nothing,
    Refused,
}

fn entry<'k>(key: &'k str, prefix: &str) -> Entry<'k> {
    let name = key.strip_prefix(prefix).unwrap_or(key);
    let of_another = PREFIXES
        .iter()
        .filter_map(|prefix| name.strip_prefix(prefix))
        .any(|rest| rest == "style" || ALLOWED.contains(&rest));
    match name {
        _ if of_another || name == "style" || is_handler(name) => Entry::Nothing,
        _ if ALLOWED.contains(&name) => Entry::Attribute(name),
        _ => Entry::Refused,
    }
}

fn from_dict(args: &Args<'_>, argument: &str, prefix: &str) -> Result<Attributes, Trouble> {
    let Some(found) = (if argument == "attrs" {
        args.get(1, argument)
    } else {
        args.named(argument)
    }) else {
        return Ok(Vec::new());
    };
    let pairs = found.pairs().filter(|_| found.type_name() == "dict");
    let pairs = pairs.ok_or_else(|| raise(ExcType::TypeError, format!("'{argument}' is a dict")))?;
    let mut attributes = Vec::new();
    for (key, value) in pairs {
        let (key, value) = (args.as_text(key, argument)?, args.as_text(value, argument)?);
        match entry(&key, prefix) {
            Entry::Attribute(name) => {
                attributes.push((name.to_owned(), Some(value.trim_matches('"').to_owned())));
            }
            Entry::Nothing => {}
            Entry::Refused => {
                let words = format!("'{key}' is no attribute that a macro may set");
                return Err(raise(ExcType::ValueError, words));
            }
        }
    }
    Ok(attributes)
}
