//! `macro.formatter`: markup. Most methods come in pairs, `strong(1)` opens and `strong(0)` closes.
//!
//! Everything is escaped but `rawHTML`, which the server cleans like any other markup of a macro.

use monty_types::{ExcType, MontyObject};

use super::attributes;
use super::links::{address, close, element, escape, open, quote, refusal};
use super::page::not_there;
use super::reading::Args;
use super::{Context, Reply, Trouble, raise};
use grange_macro_protocol::signs::sign;
use grange_macro_protocol::{Question, Value};

/// Pairs that are one element with the common attributes.
const SIMPLE: &[(&str, &str)] = &[
    ("strong", "strong"),
    ("emphasis", "em"),
    ("underline", "u"),
    ("sup", "sup"),
    ("sub", "sub"),
    ("strike", "del"),
    ("small", "small"),
    ("code", "code"),
    ("preformatted", "pre"),
    ("paragraph", "p"),
    ("bullet_list", "ul"),
    ("listitem", "li"),
    ("definition_list", "dl"),
    ("definition_term", "dt"),
    ("definition_desc", "dd"),
    ("span", "span"),
    ("div", "div"),
];

/// Pairs that are an element with a class of their own.
const STYLED: &[(&str, &str, &str)] = &[
    ("highlight", "strong", "highlight"),
    ("big", "span", "big"),
    ("sysmsg", "div", "message"),
];

/// The parts of a table, and the prefix of their attributes.
const TABLE: &[(&str, &str, &str)] = &[
    ("table", "table", "table"),
    ("table_row", "tr", "row"),
    ("table_cell", "td", ""),
];

impl Context<'_> {
    /// A method of `formatter`.
    pub(super) fn formatter_method(
        &mut self,
        name: &str,
        args: &Args<'_>,
    ) -> Result<Option<MontyObject>, Trouble> {
        args.of_formatter()?;
        if let Some((_, tag)) = SIMPLE.iter().find(|(method, _)| *method == name) {
            return pair(args, tag, None).map(Some);
        }
        if let Some((_, tag, class)) = STYLED.iter().find(|(method, _, _)| *method == name) {
            return pair(args, tag, Some(class)).map(Some);
        }
        if let Some((_, tag, prefix)) = TABLE.iter().find(|(method, _, _)| *method == name) {
            return table(args, name, tag, prefix).map(Some);
        }
        match name {
            "text" | "escapedText" | "nowikiword" | "rawHTML" | "linebreak" | "rule" | "smiley" | "icon" => {
                words(name, args).map(Some)
            }
            "heading" => heading(args).map(Some),
            "number_list" => number_list(args).map(Some),
            "anchordef" => {
                let id = either(args, "name", "id")?;
                Ok(Some(MontyObject::string(element(
                    "span",
                    &[("class", Some("anchor".to_owned())), ("id", Some(id))],
                    "",
                ))))
            }
            "anchorlink" => self.anchorlink(args).map(Some),
            "url" => url(args).map(Some),
            "image" => self.image(args).map(Some),
            "attachment_image" => self.attachment_image(args).map(Some),
            "pagelink" => self.pagelink(args).map(Some),
            "interwikilink" => self.interwikilink(args).map(Some),
            "attachment_link" => self.attachment_link(args).map(Some),
            _ => Ok(None),
        }
    }

    fn anchorlink(&mut self, args: &Args<'_>) -> Reply {
        let name = args.text(1, "name")?.unwrap_or_default();
        link(args, format!("#{}", quote(&name, "")), None)
    }

    /// `pagelink(on, name)`: to a page that does not exist for the viewer it looks as such links of page markup do.
    fn pagelink(&mut self, args: &Args<'_>) -> Reply {
        if !args.on()? {
            return Ok(MontyObject::string(close("a")));
        }
        let page = args
            .text(1, "pagename")?
            .or(args.named_text("page")?)
            .unwrap_or_else(|| self.job.page.name.clone());
        let query = Self::query(args, args.named("querystr"))?;
        let anchor = args.named_text("anchor")?.unwrap_or_default();
        let href = address(&self.job.page.base, &page, &query, &anchor);
        match self.exists(&page)? {
            true => link(args, href, None),
            false => missing(args, Some(href), &not_there(&page)),
        }
    }

    /// `interwikilink(on, wiki, page)`: an unknown wiki's link leads nowhere and says so.
    fn interwikilink(&mut self, args: &Args<'_>) -> Reply {
        if !args.on()? {
            return Ok(MontyObject::string(close("a")));
        }
        let wiki = args.text(1, "interwiki")?.unwrap_or_default();
        let page = args.text(2, "pagename")?.unwrap_or_default();
        // Another wiki may change at any time, and its address follows the host that was asked.
        self.touched.moment = true;
        self.touched.address = true;
        match self.ask(Question::InterWiki(wiki.clone(), page))? {
            Value::Text(url) => link(args, with_anchor(url, args)?, Some("interwiki")),
            _ => missing(args, None, &format!("no wiki is called {wiki}")),
        }
    }
}

/// An address with the anchor that was asked for.
fn with_anchor(url: String, args: &Args<'_>) -> Result<String, Trouble> {
    let anchor = args.named_text("anchor")?.filter(|anchor| !anchor.is_empty());
    Ok(match anchor {
        Some(anchor) => format!("{url}#{}", quote(&anchor, "")),
        None => url,
    })
}

/// An argument that may be given under two names, or as the first one.
fn either(args: &Args<'_>, name: &str, other: &str) -> Result<String, Trouble> {
    match args.named_text(other)? {
        Some(text) => Ok(text),
        None => args.required(0, name),
    }
}

/// Methods without a closing half.
fn words(name: &str, args: &Args<'_>) -> Reply {
    let markup = match name {
        "linebreak" => {
            if args.number(0, "preformatted", 1)? == 1 {
                "\n".to_owned()
            } else {
                "<br>".to_owned()
            }
        }
        "rule" => {
            let size = args.number(0, "size", 0)?;
            let class = (size > 0).then(|| format!("hr{}", size.min(6)));
            open("hr", &with_class(attributes::common(args)?, class.as_deref()))
        }
        "rawHTML" => args.required(0, "markup")?,
        "smiley" => return smiley(args),
        "icon" => return icon(args),
        _ => escape(&args.required(0, "text")?),
    };
    Ok(MontyObject::string(markup))
}

/// `icon(name)`: an element that themes draw.
pub(super) fn icon(args: &Args<'_>) -> Reply {
    let name = either(args, "type", "icon")?;
    let safe: String = name
        .chars()
        .filter(|sign| sign.is_ascii_alphanumeric() || "-_".contains(*sign))
        .collect();
    let attributes = [
        ("class", Some(format!("icon icon-{safe}"))),
        ("role", Some("img".to_owned())),
        ("aria-label", Some(name.clone())),
        ("title", Some(name.clone())),
    ];
    // One that has no sign says its name.
    let shown = sign(&name).map_or_else(|| escape(&name), |(sign, _)| escape(sign));
    Ok(MontyObject::string(element("span", &attributes, &shown)))
}

/// `smiley(text)`: the sign that page markup shows; one that has none stays what it is.
fn smiley(args: &Args<'_>) -> Reply {
    let text = args.required(0, "text")?;
    let Some((shown, word)) = sign(&text) else {
        return Ok(MontyObject::string(escape(&text)));
    };
    let attributes = [
        ("class", Some("symbol".to_owned())),
        ("role", Some("img".to_owned())),
        ("aria-label", Some(word.to_owned())),
        ("title", Some(word.to_owned())),
    ];
    Ok(MontyObject::string(element("span", &attributes, shown)))
}

fn pair(args: &Args<'_>, tag: &str, class: Option<&str>) -> Reply {
    if !args.on()? {
        return Ok(MontyObject::string(close(tag)));
    }
    let attributes = with_class(attributes::common(args)?, class);
    Ok(MontyObject::string(open(tag, &attributes)))
}

pub(super) fn with_class(
    mut attributes: attributes::Attributes,
    class: Option<&str>,
) -> attributes::Attributes {
    let Some(class) = class else { return attributes };
    match attributes.iter_mut().find(|(name, _)| name == "class") {
        Some((_, Some(value))) => *value = format!("{class} {value}"),
        _ => attributes.insert(0, ("class".to_owned(), Some(class.to_owned()))),
    }
    attributes
}

fn table(args: &Args<'_>, method: &str, tag: &str, prefix: &str) -> Reply {
    Ok(MontyObject::string(match args.on()? {
        true => open(tag, &attributes::of_table(args, method, prefix)?),
        false => close(tag),
    }))
}

fn heading(args: &Args<'_>) -> Reply {
    let depth = args.number(1, "depth", 1)?.clamp(1, 6);
    pair(args, &format!("h{depth}"), None)
}

/// `number_list(on, type, start)`: 1, a, A, i or I.
fn number_list(args: &Args<'_>) -> Reply {
    if !args.on()? {
        return Ok(MontyObject::string(close("ol")));
    }
    let mut attributes = attributes::common(args)?;
    if let Some(kind) = args.text(1, "type")? {
        attributes.push(("type".to_owned(), Some(kind)));
    }
    if args.get(2, "start").is_some() {
        attributes.push(("start".to_owned(), Some(args.number(2, "start", 1)?.to_string())));
    }
    Ok(MontyObject::string(open("ol", &attributes)))
}

fn url(args: &Args<'_>) -> Reply {
    let css = args.raw(2).map(|css| args.as_text(css, "css")).transpose()?;
    link(args, args.text(1, "url")?.unwrap_or_default(), css.as_deref())
}

/// A link's opening or closing half.
pub(super) fn link(args: &Args<'_>, href: String, class: Option<&str>) -> Reply {
    if !args.on()? {
        return Ok(MontyObject::string(close("a")));
    }
    harmless(&href)?;
    let mut attributes = with_class(attributes::common(args)?, class);
    attributes.push(("href".to_owned(), Some(href)));
    Ok(MontyObject::string(open("a", &attributes)))
}

/// The opening half of a link to something that is not there, with the theme's class for it.
pub(super) fn missing(args: &Args<'_>, href: Option<String>, words: &str) -> Reply {
    let mut attributes = with_class(attributes::common(args)?, Some("missing"));
    if !attributes.iter().any(|(name, _)| name == "title") {
        attributes.push(("title".to_owned(), Some(words.to_owned())));
    }
    attributes.push(("href".to_owned(), href));
    Ok(MontyObject::string(open("a", &attributes)))
}

/// The server takes every other address away, in silence.
fn harmless(address: &str) -> Result<(), Trouble> {
    match refusal(address) {
        None => Ok(()),
        Some(why) => Err(raise(ExcType::ValueError, why)),
    }
}
