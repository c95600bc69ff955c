//! MoinMoin's own modules and objects: what is there under the same name, and what is not.
//!
//! What a macro gets here carries MoinMoin's names, so most of it stays as it is. Start reading at [`carry`].

use grange_macro_protocol::names::{FORMATTER_METHODS, WIKIUTIL_FUNCTIONS};

use super::NoteKind::{ByHand, Changed};
use super::code::{Code, Statement};
use crate::python::tokens::TokenKind;

/// What of MoinMoin can be imported.
const AVAILABLE: &[&str] = &["wikiutil", "Page"];

const MODULES: &[(&str, &str)] = &[
    (
        "AttachFile",
        "formatter.attachment_link and formatter.image show what is attached",
    ),
    (
        "PageEditor",
        "a macro changes no pages; keep what it collects in macro.storage",
    ),
    (
        "caching",
        "Dependencies = ['time:300'] keeps the output for 300 seconds; macro.storage keeps values",
    ),
    (
        "config",
        "all text is Unicode; request.cfg has the wiki's public settings",
    ),
    (
        "i18n",
        "request.getText translates, request.lang is the visitor's language",
    ),
    ("log", "print(…) writes to the macro's log"),
    (
        "logfile",
        "page.mtime, page.editor and page.rev tell of a page's last change",
    ),
    (
        "search",
        "request.rootpage.getPageList() has the names, Page(request, name).get_raw_body() a text",
    ),
    (
        "user",
        "request.user is who looks; request.groups has the members of groups",
    ),
    ("util", "what is needed of it can be written in a few lines"),
];

/// What `wikiutil` and a formatter have here; anything else of them is told.
fn is_in_wikiutil(name: &str) -> bool {
    name == "Page" || WIKIUTIL_FUNCTIONS.contains(&name)
}

fn is_in_formatter(name: &str) -> bool {
    name == "page" || FORMATTER_METHODS.contains(&name)
}

/// Attributes that are not there, by the name before the dot where that matters.
const ATTRIBUTES: &[(&str, &str, &str)] = &[
    (
        "request",
        "write",
        "collect the pieces in a list and return ''.join(pieces)",
    ),
    (
        "request",
        "redirectedOutput",
        "call what makes the output and use what it gives back",
    ),
    (
        "request",
        "redirect",
        "call what makes the output and use what it gives back",
    ),
    (
        "request",
        "http_redirect",
        "a macro is a part of a page; show a link with formatter.pagelink",
    ),
    (
        "request",
        "makeForbidden",
        "return formatter.sysmsg(1) + … with what is to be said",
    ),
    (
        "request",
        "setHttpHeader",
        "a macro is a part of a page and sends no headers",
    ),
    (
        "request",
        "http_headers",
        "a macro is a part of a page and sends no headers",
    ),
    (
        "request",
        "emit_http_headers",
        "a macro is a part of a page and sends no headers",
    ),
    (
        "request",
        "status_code",
        "a macro is a part of a page and sends no status",
    ),
    (
        "request",
        "environ",
        "request.args, request.user, request.lang and request.isSpiderAgent are what is known",
    ),
    (
        "request",
        "env",
        "request.args, request.user, request.lang and request.isSpiderAgent are what is known",
    ),
    ("request", "cookies", "request.session keeps values for a visitor"),
    (
        "request",
        "remote_addr",
        "addresses of visitors are not told; request.session knows one from another",
    ),
    ("request", "getBaseURL", "request.href(page) gives an address"),
    (
        "request",
        "getQualifiedURL",
        "request.href(page) gives an address",
    ),
    ("request", "cache", "keep it in macro.storage"),
    (
        "wikiutil",
        "parseQueryString",
        "request.args has the query, decoded",
    ),
    (
        "wikiutil",
        "parse_quoted_separated",
        "name the arguments: def macro_Name(macro, a, n=5)",
    ),
    (
        "wikiutil",
        "parse_quoted_separated_ext",
        "name the arguments: def macro_Name(macro, a, n=5)",
    ),
    (
        "wikiutil",
        "ParameterParser",
        "name the arguments: def macro_Name(macro, a, n=5)",
    ),
    (
        "wikiutil",
        "invoke_extension_function",
        "name the arguments: def macro_Name(macro, a, n=5)",
    ),
    (
        "wikiutil",
        "importPlugin",
        "shared code goes into a helper _name.py beside the macro",
    ),
    (
        "wikiutil",
        "renderText",
        "build the markup with formatter; it is safe by itself",
    ),
    (
        "",
        "send_page",
        "a macro cannot render pages; the macro Include shows one",
    ),
    (
        "",
        "send_page_content",
        "a macro cannot render pages; the macro Include shows one",
    ),
    (
        "",
        "saveText",
        "a macro changes no pages; keep what it collects in macro.storage",
    ),
    (
        "",
        "getPageDict",
        "getPageList() has the names; Page(request, name) is a page",
    ),
    ("", "getRevList", "page.rev is the last revision"),
    (
        "",
        "editlog_entry",
        "page.mtime and page.editor tell of the last change",
    ),
    (
        "",
        "data_dir",
        "files are out of reach; keep data on a wiki page or in macro.storage",
    ),
    (
        "",
        "getPagePath",
        "files are out of reach; keep data on a wiki page or in macro.storage",
    ),
];

/// Elements that are taken out of what a macro returns.
const UNSAFE: &[(&str, &str)] = &[
    ("<script", "pages have no scripts of macros; do it in Python"),
    (
        "<iframe",
        "link to it: formatter.url(1, address) + … + formatter.url(0)",
    ),
    (
        "<object",
        "link to it: formatter.url(1, address) + … + formatter.url(0)",
    ),
    (
        "<embed",
        "link to it: formatter.url(1, address) + … + formatter.url(0)",
    ),
    ("<form", "offer links with a query; request.args reads it"),
    ("<input", "offer links with a query; request.args reads it"),
    (
        "<style",
        "take the wiki's own classes: formatter.div(1, css_class='…')",
    ),
    ("onclick=", "pages have no scripts of macros; do it in Python"),
    ("javascript:", "pages have no scripts of macros; do it in Python"),
];

/// Carries over what can be, and reports the rest.
pub(super) fn carry(code: &mut Code) {
    for place in code.backwards() {
        match code.kind(place) {
            TokenKind::Name if code.is_attribute(place) => attribute(code, place),
            TokenKind::Text => text(code, place),
            _ => {}
        }
    }
    for statement in code.statements().into_iter().rev() {
        if code.is_name(statement.first, "from") {
            import(code, &statement);
        }
    }
}

fn attribute(code: &mut Code, place: usize) {
    let name = code.text(place).to_owned();
    let owner = code.before(place).and_then(|dot| code.before(dot));
    let owner = owner.map_or("", |owner| code.text(owner)).to_owned();
    let is_it = |(of, attribute, _): &&(&str, &str, &str)| {
        *attribute == name && (of.is_empty() || *of == owner || *of == "request" && owner == "req")
    };
    if let Some((_, _, instead)) = ATTRIBUTES.iter().find(is_it) {
        let whole = if owner.is_empty() {
            name
        } else {
            format!("{owner}.{name}")
        };
        return code.note(ByHand, place, whole, instead);
    }
    match name.as_str() {
        _ if owner == "wikiutil" && !is_in_wikiutil(&name) => {
            let instead = "wikiutil has escape, url_quote, quoteWikinameURL, AbsPageName and a few more";
            code.note(ByHand, place, format!("wikiutil.{name}"), instead);
        }
        _ if owner == "formatter" && !is_in_formatter(&name) => {
            let instead = "docs/macros.md lists what the formatter has";
            code.note(ByHand, place, format!("formatter.{name}"), instead);
        }
        "getPageList" => page_list(code, place),
        "form" if ["request", "macro", "req"].contains(&owner.as_str()) => form(code, place, &owner),
        _ => {}
    }
}

/// The query is request.args; its values are texts and no lists of texts.
fn form(code: &mut Code, place: usize, owner: &str) {
    let next = code.after(place);
    let read = match code.text(next) {
        "[" => code.closing(next),
        "." if code.is_name(code.after(next), "get") => code.closing(code.after(code.after(next))),
        _ => None,
    };
    if let Some(close) = read {
        let open = code.after(close);
        let index = code.closing(open).filter(|_| code.is_operator(open, "["));
        if let Some(end) = index.filter(|end| code.source_of(open..end + 1) == "[0]") {
            code.note(
                Changed,
                place,
                "the first of a list of values",
                "each value is one text",
            );
            code.replace(open..end + 1, "");
            default_is_text(code, close);
        }
    }
    code.note(
        Changed,
        place,
        format!("{owner}.form"),
        "the query is request.args",
    );
    code.set(place, if owner == "macro" { "request.args" } else { "args" });
}

/// `.get('x', [''])` becomes `.get('x', '')`.
fn default_is_text(code: &mut Code, close: usize) {
    let Some(last) = code.before(close).filter(|last| code.is_operator(*last, "]")) else {
        return;
    };
    let open = code.opening(last);
    if let Some(open) = open.filter(|open| {
        code.before(*open)
            .is_some_and(|comma| code.is_operator(comma, ","))
    }) {
        let inner = code.source_of(open + 1..last);
        code.replace(open..last + 1, &inner);
    }
}

/// It takes no arguments: the names are those that the visitor may read.
fn page_list(code: &mut Code, place: usize) {
    let open = code.after(place);
    let Some(arguments) = code.arguments(open).filter(|_| code.is_operator(open, "(")) else {
        return;
    };
    let (Some(close), Some(dot)) = (code.closing(open), code.before(place)) else {
        return;
    };
    if arguments.is_empty() {
        return;
    }
    let start = code.before(dot).map_or(dot, |last| code.value_start(last));
    let owner = code.source_of(start..dot);
    let written: Vec<String> = arguments
        .into_iter()
        .map(|places| code.source_of(places))
        .collect();
    let filter = written.iter().find_map(|argument| {
        let (name, value) = argument.split_once('=')?;
        (name.trim() == "filter" && !value.starts_with('=')).then(|| value.trim().to_owned())
    });
    let all = format!("{owner}.getPageList()");
    let new = match filter {
        Some(filter) => format!("list(filter({filter}, {all}))"),
        None => all,
    };
    let instead = "it takes none and gives the names that the visitor may read";
    code.note(Changed, place, "getPageList with arguments", instead);
    code.replace(start..close + 1, &new);
}

fn text(code: &mut Code, place: usize) {
    let written = code.text(place).to_lowercase();
    let found = UNSAFE.iter().find(|(element, _)| written.contains(element));
    if let Some((element, instead)) = found {
        let what = format!("{element} is taken out of what a macro returns");
        code.note(ByHand, place, what, instead);
    }
}

/// `from MoinMoin import a, b` and `from MoinMoin.a import b`.
fn import(code: &mut Code, statement: &Statement) {
    let import = (statement.first..statement.end).find(|place| code.is_name(*place, "import"));
    let Some(import) = import else { return };
    let module = code.source_of(code.trimmed(statement.first + 1..import));
    let list = code.source_of(code.trimmed(import + 1..statement.end));
    match module.split('.').nth(1) {
        None if module == "MoinMoin" => several(code, statement, &list),
        Some(inner) if module.starts_with("MoinMoin.") && !AVAILABLE.contains(&inner) => {
            let names = list.trim_matches(['(', ')']).split(',').map(str::trim);
            for name in names {
                let known = MODULES.iter().any(|(module, _)| *module == name);
                report(code, statement, if known { name } else { inner }, name);
            }
        }
        _ => {}
    }
}

fn several(code: &mut Code, statement: &Statement, list: &str) {
    let names = list.trim_matches(['(', ')']).split(',').map(str::trim);
    let mut kept = Vec::new();
    let mut has_gone = false;
    for name in names.filter(|name| !name.is_empty()) {
        match is_used(code, name) || AVAILABLE.contains(&name) {
            true => kept.push(name),
            false => has_gone = true,
        }
    }
    for name in kept.iter().filter(|name| !AVAILABLE.contains(*name)) {
        report(code, statement, name, name);
    }
    if has_gone {
        code.note(
            Changed,
            statement.first,
            "from MoinMoin import …",
            "what is not used (any more) is taken out",
        );
        match kept.is_empty() {
            true => code.take_out(statement),
            false => {
                let new = format!("from MoinMoin import {}", kept.join(", "));
                code.replace(statement.first..statement.end, &new);
            }
        }
    }
}

fn is_used(code: &Code, name: &str) -> bool {
    let name = name.rsplit(" as ").next().unwrap_or(name);
    code.backwards().any(|place| {
        let next = code.after(place);
        let is_read = code.is_operator(next, ".") || code.is_operator(next, "(");
        code.is_name(place, name) && !code.is_attribute(place) && is_read
    })
}

/// Tells of the import and of each use of what it would bring.
fn report(code: &mut Code, statement: &Statement, module: &str, bound: &str) {
    let known = MODULES.iter().find(|(name, _)| *name == module);
    let instead = known.map_or("build it with macro, request and formatter", |(_, instead)| {
        instead
    });
    code.note(
        ByHand,
        statement.first,
        format!("MoinMoin's {module} is not there"),
        instead,
    );
    let bound = bound.rsplit(" as ").next().unwrap_or(bound);
    for place in code
        .backwards()
        .filter(|place| !(statement.first..statement.end).contains(place))
    {
        let name = code.after(code.after(place));
        if code.is_name(place, bound) && !code.is_attribute(place) && code.is_operator(code.after(place), ".")
        {
            code.note(ByHand, place, format!("{bound}.{}", code.text(name)), instead);
        }
    }
}
