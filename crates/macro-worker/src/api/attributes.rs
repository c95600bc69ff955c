//! The attributes that formatter methods take, by MoinMoin's names for them.
//!
//! Tables have their attributes in a dict with prefixes (`tablestyle`, `rowclass`) and quoted values, as the
//! table markup wrote them. Only attributes that can do no harm get through; styles are the server's to judge.

use monty_types::ExcType;

use super::reading::Args;
use super::{Trouble, raise};

/// HTML attributes and their values, in order.
pub type Attributes = Vec<(String, Option<String>)>;

/// What every element takes.
pub const COMMON: &[&str] = &[
    "css_class",
    "css",
    "class_",
    "id",
    "title",
    "style",
    "lang",
    "dir",
    "attr",
];

/// What an `attr` or `attrs` dict may hold.
const ALLOWED: &[&str] = &[
    "class", "id", "title", "style", "lang", "dir", "width", "height", "align", "valign", "colspan",
    "rowspan", "bgcolor", "summary", "abbr", "alt", "rel", "start", "type",
];

/// The attributes among the named arguments.
pub fn common(args: &Args<'_>) -> Result<Attributes, Trouble> {
    let mut attributes = Vec::new();
    for (key, value) in args.all_named() {
        let name = match key {
            "css_class" | "css" | "class_" => "class",
            "id" | "title" | "style" | "lang" | "dir" => key,
            _ => continue,
        };
        if value.type_name() != "NoneType" {
            attributes.push((name.to_owned(), Some(args.as_text(value, key)?)));
        }
    }
    attributes.extend(from_dict(args, "attr", "")?);
    Ok(attributes)
}

/// The attributes of a table's part, from its `attrs` dict.
pub fn of_table(args: &Args<'_>, prefix: &str) -> Result<Attributes, Trouble> {
    let mut attributes = from_dict(args, "attrs", prefix)?;
    attributes.extend(common(args)?);
    Ok(attributes)
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
        let name = key.strip_prefix(prefix).unwrap_or(&key);
        if !ALLOWED.contains(&name) {
            return Err(raise(
                ExcType::ValueError,
                format!("'{name}' is no attribute that a macro may set"),
            ));
        }
        attributes.push((name.to_owned(), Some(value.trim_matches('"').to_owned())));
    }
    Ok(attributes)
}
