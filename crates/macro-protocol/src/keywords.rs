//! The keywords of the formatter's methods, as MoinMoin 1.9 takes them: the worker asks what becomes of one, the tools
//! for authors tell which do nothing.
//!
//! A keyword works, or it has no effect here because what it asks for cannot stand on a page (styles, handlers) or
//! means nothing (`generated`). All others are refused, so that a slip of the pen is told. Start reading at [`keyword`].

/// What becomes of a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// It does what it says.
    Works,
    /// It may be given and changes nothing.
    NoEffect,
}

/// What a method takes.
struct Method {
    name: &'static str,
    /// So many arguments may stand without a name.
    places: usize,
    works: &'static [&'static str],
    no_effect: &'static [&'static str],
    common: Common,
}

/// Whether a method opens an element, which takes the attributes that all elements have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Common {
    Element,
    /// Nothing opens: such attributes have nowhere to go.
    Words,
}

/// What every element takes.
const ON_ELEMENTS: &[&str] = &[
    "css_class",
    "css",
    "class_",
    "_class",
    "class",
    "id",
    "title",
    "lang",
    "dir",
    "attr",
];

/// What no page shows, whatever it is given to.
const NOWHERE: &[&str] = &["style", "generated", "accesskey", "tabindex"];

const OF_LINKS: &[&str] = &[
    "type",
    "target",
    "name",
    "attrs",
    "text",
    "hreflang",
    "charset",
    "attachment_indicator",
];
const OF_URLS: &[&str] = &[
    "type",
    "target",
    "name",
    "attrs",
    "text",
    "hreflang",
    "charset",
    "do_escape",
];
const OF_PICTURES: &[&str] = &["border", "hspace", "vspace", "longdesc", "usemap", "ismap"];

const fn element(
    name: &'static str,
    places: usize,
    works: &'static [&'static str],
    no_effect: &'static [&'static str],
) -> Method {
    Method {
        name,
        places,
        works,
        no_effect,
        common: Common::Element,
    }
}

const fn words(name: &'static str, places: usize, works: &'static [&'static str]) -> Method {
    Method {
        name,
        places,
        works,
        no_effect: &[],
        common: Common::Words,
    }
}

/// The methods that take more than `on` and what all elements take.
const METHODS: &[Method] = &[
    words("text", 1, &["text"]),
    words("escapedText", 1, &["text"]),
    words("nowikiword", 1, &["text"]),
    words("rawHTML", 1, &["markup"]),
    words("linebreak", 1, &["preformatted"]),
    words("smiley", 1, &["text"]),
    words("icon", 1, &["type", "icon"]),
    words("anchordef", 1, &["name", "id"]),
    element("rule", 1, &["size"], &["width", "align", "noshade"]),
    element("heading", 2, &["on", "depth"], &["align"]),
    element("paragraph", 1, &["on"], &["align"]),
    element("div", 1, &["on"], &["align"]),
    element("bullet_list", 1, &["on"], &["type", "compact"]),
    element("number_list", 3, &["on", "type", "start"], &["compact"]),
    element("listitem", 1, &["on"], &["type", "value"]),
    element(
        "table",
        2,
        &["on", "attrs", "align", "bgcolor", "summary", "width"],
        &["border", "cellpadding", "cellspacing", "frame", "rules", "height"],
    ),
    element(
        "table_row",
        2,
        &["on", "attrs", "align", "valign", "bgcolor"],
        &["width", "height", "char", "charoff"],
    ),
    element(
        "table_cell",
        2,
        &[
            "on", "attrs", "colspan", "rowspan", "align", "valign", "bgcolor", "width", "height", "abbr",
        ],
        &["nowrap", "scope", "headers", "axis", "char", "charoff"],
    ),
    element(
        "pagelink",
        3,
        &["on", "pagename", "page", "querystr", "anchor", "rel"],
        OF_LINKS,
    ),
    element(
        "interwikilink",
        3,
        &["on", "interwiki", "pagename", "anchor", "rel"],
        OF_LINKS,
    ),
    element("url", 4, &["on", "url", "rel"], OF_URLS),
    element(
        "anchorlink",
        2,
        &["on", "name", "rel"],
        &["line_id", "type", "target"],
    ),
    element("attachment_link", 3, &["on", "url", "querystr", "rel"], OF_LINKS),
    element(
        "attachment_image",
        1,
        &["url", "alt", "width", "height", "align"],
        OF_PICTURES,
    ),
    element(
        "image",
        1,
        &["src", "alt", "width", "height", "align"],
        OF_PICTURES,
    ),
];

/// All others.
const PLAIN: Method = element("", 1, &["on"], &[]);

fn method(name: &str) -> &'static Method {
    METHODS
        .iter()
        .find(|method| method.name == name)
        .unwrap_or(&PLAIN)
}

/// What becomes of a keyword of a formatter's method; nothing where the method knows none of that name.
#[must_use]
pub fn keyword(of: &str, name: &str) -> Option<Keyword> {
    let method = method(of);
    let is_common = ON_ELEMENTS.contains(&name);
    if method.works.contains(&name) || is_common && method.common == Common::Element {
        return Some(Keyword::Works);
    }
    let is_nothing =
        is_common || NOWHERE.contains(&name) || is_handler(name) || method.no_effect.contains(&name);
    is_nothing.then_some(Keyword::NoEffect)
}

/// What works with a method, in the order of its definition; attributes of all elements last.
pub fn that_work(of: &str) -> impl Iterator<Item = &'static str> {
    let method = method(of);
    let common = match method.common {
        Common::Element => ON_ELEMENTS,
        Common::Words => &[],
    };
    method.works.iter().chain(common).copied()
}

/// The attributes of HTML that a part of a table takes as keywords of its own.
pub fn attributes_of(part: &str) -> impl Iterator<Item = &'static str> {
    let works = method(part).works.iter().copied();
    works.filter(|name| !["on", "attrs"].contains(name))
}

/// How many arguments of a formatter's method may stand without a name.
#[must_use]
pub fn places(of: &str) -> usize {
    method(of).places
}

/// `onclick` and its kin: pages have no scripts of macros.
#[must_use]
pub fn is_handler(name: &str) -> bool {
    name.len() > 2 && name.starts_with("on")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Object;

    #[test]
    fn only_methods_of_the_formatter_are_spoken_of() {
        for method in METHODS {
            assert!(
                Object::Formatter.methods().contains(&method.name),
                "{}",
                method.name
            );
        }
    }

    #[test]
    fn a_keyword_works_or_does_nothing_or_is_unknown() {
        for (method, name, becomes) in [
            ("strong", "on", Some(Keyword::Works)),
            ("strong", "onclick", Some(Keyword::NoEffect)),
            ("strong", "style", Some(Keyword::NoEffect)),
            ("strong", "colspan", None),
            ("table_cell", "colspan", Some(Keyword::Works)),
            ("pagelink", "generated", Some(Keyword::NoEffect)),
            ("text", "css_class", Some(Keyword::NoEffect)),
            ("text", "texd", None),
        ] {
            assert_eq!(keyword(method, name), becomes, "{method} {name}");
        }
    }
}
