//! Names that MoinMoin's objects and modules have and that are not here, with what to use instead.
//!
//! `grange macro check` and `grange macro port` both look here. What is here stands in
//! `grange_macro_protocol::names`. Start reading at [`instead`] and [`module`].

use grange_macro_protocol::names::Object;

const NO_HEADERS: &str = "a macro is a part of a page and sends no headers";
const KNOWN_OF_VISITORS: &str =
    "request.args, request.user, request.lang and request.isSpiderAgent are what is known";
const ADDRESS: &str = "page.url(request) and request.href(page) give addresses within the wiki";
const QUERY: &str = "request.args has the query, decoded";
const NO_ADDRESSES: &str = "addresses of visitors are not told; request.session knows one from another";
const OUTPUT: &str = "call what makes the output and use what it gives back";
const NO_PARSER: &str = "a macro cannot render markup; build its output with formatter";
const NO_CHANGES: &str = "a macro changes no pages; keep what it collects in macro.storage";
const NO_FILES: &str = "files are out of reach; keep data on a wiki page or in macro.storage";
const NAME_THE_ARGUMENTS: &str = "name the arguments: def macro_Name(macro, a, n=5)";
const LAST_CHANGE: &str = "page.mtime, page.editor and page.rev tell of a page's last change";
const NO_RENDERING: &str = "a macro cannot render pages; the macro Include shows one";
const NO_RESULT: &str = "a macro gives back its own part of the page and nothing around it";
const BODY: &str = "page.get_raw_body() is its text";
const CODE: &str = "formatter.preformatted and formatter.code show code";
const ATTACHMENT: &str =
    "formatter.attachment_link links what is attached, formatter.attachment_image shows it";
const WORDS_OF_IDS: &str = "ids are named as <<Anchor>> names them; formatter.anchordef(name) makes one";

/// What an object had, and what to use instead.
const GONE: &[(Object, &[&str], &str)] = &[
    (Object::Macro, &["form"], QUERY),
    (Object::Macro, &["parser"], NO_PARSER),
    (
        Object::Macro,
        &["execute", "parse"],
        "import what both macros need from a helper _name.py",
    ),
    (
        Object::Macro,
        &["get_dependencies", "defaultDependency"],
        "Dependencies = […] in the file says it",
    ),
    (Object::Macro, &["user"], "macro.request.user is who looks"),
    (Object::Macro, &["session"], "it is macro.request.session"),
    (
        Object::Request,
        &["write"],
        "collect the pieces in a list and return ''.join(pieces)",
    ),
    (Object::Request, &["redirectedOutput", "redirect"], OUTPUT),
    (
        Object::Request,
        &["http_redirect"],
        "a macro is a part of a page; show a link with formatter.pagelink",
    ),
    (
        Object::Request,
        &["makeForbidden", "abort"],
        "return formatter.sysmsg(1) + … with what is to be said",
    ),
    (
        Object::Request,
        &[
            "setHttpHeader",
            "http_headers",
            "emit_http_headers",
            "headers",
            "disableHttpCaching",
        ],
        NO_HEADERS,
    ),
    (
        Object::Request,
        &["status_code"],
        "a macro is a part of a page and sends no status",
    ),
    (
        Object::Request,
        &["environ", "env", "method", "referrer", "http_referer"],
        KNOWN_OF_VISITORS,
    ),
    (
        Object::Request,
        &["http_user_agent", "user_agent"],
        "request.isSpiderAgent says whether a program that walks sites asks",
    ),
    (
        Object::Request,
        &["cookies", "cookie", "saved_cookie"],
        "request.session keeps values for a visitor",
    ),
    (Object::Request, &["remote_addr", "remote_host"], NO_ADDRESSES),
    (
        Object::Request,
        &[
            "host",
            "http_host",
            "url",
            "url_root",
            "host_url",
            "base_url",
            "path",
            "path_info",
            "getBaseURL",
            "getQualifiedURL",
            "getScriptname",
            "getPathinfo",
            "request_uri",
            "script_name",
            "is_ssl",
        ],
        ADDRESS,
    ),
    (Object::Request, &["query_string"], QUERY),
    (Object::Request, &["cache"], "keep it in macro.storage"),
    (
        Object::Request,
        &["current_lang"],
        "request.lang is the visitor's language",
    ),
    (
        Object::Request,
        &["remote_user"],
        "request.user.name is who looks",
    ),
    (
        Object::Request,
        &["files", "stream", "data"],
        "a macro gets no uploads; files are attached to pages",
    ),
    (
        Object::Request,
        &["action"],
        "request.args.get('action') is the action asked for",
    ),
    (
        Object::Request,
        &["parser", "html_formatter"],
        "macro.formatter makes what stands on the page",
    ),
    (
        Object::Formatter,
        &["attachment_inlined", "attachment_drawing"],
        ATTACHMENT,
    ),
    (
        Object::Formatter,
        &["transclusion", "transclusion_param"],
        "link to it with formatter.url; formatter.image shows a picture, the macro EmbedObject a file",
    ),
    (
        Object::Formatter,
        &["comment"],
        "write a comment in the file itself, or leave it out",
    ),
    (
        Object::Formatter,
        &["lang"],
        "formatter.span(1, lang='de') or formatter.div names a language",
    ),
    (Object::Formatter, &["code_area", "code_line", "code_token"], CODE),
    (
        Object::Formatter,
        &["macro"],
        "import what both macros need from a helper _name.py",
    ),
    (Object::Formatter, &["parser"], NO_PARSER),
    (
        Object::Formatter,
        &["line_anchordef"],
        "formatter.anchordef(name) makes an anchor",
    ),
    (
        Object::Formatter,
        &["line_anchorlink"],
        "formatter.anchorlink(1, name) leads to one",
    ),
    (
        Object::Formatter,
        &["sanitize_to_id", "make_id_unique", "qualify_id"],
        WORDS_OF_IDS,
    ),
    (
        Object::Formatter,
        &[
            "startDocument",
            "endDocument",
            "startContent",
            "endContent",
            "setPage",
            "set_highlight_re",
        ],
        NO_RESULT,
    ),
    (Object::Formatter, &["request"], "it is macro.request"),
    (
        Object::User,
        &[
            "email",
            "aliasname",
            "getBookmark",
            "getTrail",
            "getSubscriptionList",
            "isSubscribedTo",
        ],
        "request.user has name, id, language and what it may do; the rest is the user's own",
    ),
    (
        Object::Session,
        &["modified"],
        "session.mark_changed() has the visit written down",
    ),
    (Object::Session, &["sid"], "no macro sees the session's id"),
    (Object::Wikiutil, &["parseQueryString", "makeQueryString"], QUERY),
    (
        Object::Wikiutil,
        &[
            "parse_quoted_separated",
            "parse_quoted_separated_ext",
            "ParameterParser",
            "invoke_extension_function",
            "get_bool",
            "get_int",
            "get_float",
            "get_choice",
            "get_unicode",
        ],
        NAME_THE_ARGUMENTS,
    ),
    (
        Object::Wikiutil,
        &["importPlugin", "searchAndImportPlugin"],
        "shared code goes into a helper _name.py beside the macro",
    ),
    (
        Object::Wikiutil,
        &["renderText", "link_tag"],
        "build the markup with formatter; it is safe by itself",
    ),
    (Object::Wikiutil, &["quoteWikinameFS", "taintfilename"], NO_FILES),
    (
        Object::Wikiutil,
        &["isGroupPage"],
        "request.groups.get(name) is None for what is no group page",
    ),
    (
        Object::Wikiutil,
        &[
            "isTemplatePage",
            "isSystemPage",
            "pagediff",
            "version2timestamp",
            "timestamp2version",
        ],
        "what is needed of it can be written in a few lines",
    ),
    (Object::Page, BODIES, BODY),
    (Object::Page, RENDERS, NO_RENDERING),
    (Object::Page, CHANGES, NO_CHANGES),
    (Object::Page, PATHS, NO_FILES),
    (Object::Page, HISTORY, LAST_CHANGE),
    (Object::Page, REVISIONS, "page.rev is the last revision"),
    (
        Object::Page,
        LISTS,
        "getPageList() has the names; Page(request, name) is a page",
    ),
    (
        Object::Page,
        &["isWritable", "canWrite"],
        "request.user.may.write(page.page_name) says it",
    ),
    (
        Object::Page,
        &["getACL"],
        "request.user.may.read(page.page_name) and its like say what the visitor may",
    ),
    (
        Object::Page,
        &["link_to_raw"],
        "page.link_to(request, text) links it",
    ),
    (
        Object::Page,
        &["request", "cfg", "formatter"],
        "they are macro.request, macro.cfg and macro.formatter",
    ),
    (
        Object::Page,
        &["getlines", "lines"],
        "page.get_raw_body().splitlines() is its lines",
    ),
    (
        Object::Page,
        &["parsePragma", "pi", "meta"],
        "request.getPragma(name) has those of the page that is looked at",
    ),
    (
        Object::Page,
        &["getPageLinks", "getCategories"],
        "re finds them in page.get_raw_body(); the macro FullSearch lists what links to a page",
    ),
];

const BODIES: &[&str] = &["getPageText", "getPageHeader", "get_body", "body", "data"];
const RENDERS: &[&str] = &["send_page", "send_page_content", "send_raw"];
const CHANGES: &[&str] = &[
    "saveText",
    "deletePage",
    "renamePage",
    "set_raw_body",
    "appendText",
];
const PATHS: &[&str] = &["data_dir", "getPagePath", "getPageBasePath", "getPageFileName"];
const HISTORY: &[&str] = &[
    "editlog_entry",
    "edit_info",
    "lastEditInfo",
    "last_edit",
    "mtime_printable",
];
const REVISIONS: &[&str] = &["getRevList", "get_rev"];
const LISTS: &[&str] = &["getPageDict", "getPageCount"];

/// So much a name of MoinMoin's that it is known without its object.
const WHEREVER: &[(&[&str], &str)] = &[
    (&["getPageText", "getPageHeader"], BODY),
    (RENDERS, NO_RENDERING),
    (&["saveText", "deletePage", "renamePage"], NO_CHANGES),
    (PATHS, NO_FILES),
    (&["editlog_entry", "lastEditInfo", "mtime_printable"], LAST_CHANGE),
    (&["getRevList"], "page.rev is the last revision"),
    (
        LISTS,
        "getPageList() has the names; Page(request, name) is a page",
    ),
];

/// What to use instead of a member that MoinMoin's object had.
pub(super) fn instead(object: Object, name: &str) -> Option<&'static str> {
    let found = GONE
        .iter()
        .find(|(of, names, _)| *of == object && names.contains(&name));
    found.map(|(_, _, instead)| *instead)
}

/// What to use instead of a name that no object but MoinMoin's can have meant.
pub(super) fn instead_wherever(name: &str) -> Option<&'static str> {
    let found = WHEREVER.iter().find(|(names, _)| names.contains(&name));
    found.map(|(_, instead)| *instead)
}

const MODULES: &[(&str, &str)] = &[
    (
        "AttachFile",
        "formatter.attachment_link and formatter.image show what is attached",
    ),
    ("PageEditor", NO_CHANGES),
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
    ("logfile", LAST_CHANGE),
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

/// What of MoinMoin can be imported.
pub(super) const IMPORTABLE: &[&str] = &["wikiutil", "Page"];

/// What is to be said of all others.
pub(super) const WITHOUT_A_MODULE: &str = "build it with macro, request and formatter";

/// What to use instead of a module of MoinMoin's that is not here, where something particular is to be said.
pub(super) fn module(name: &str) -> Option<&'static str> {
    let found = MODULES.iter().find(|(module, _)| *module == name);
    found.map(|(_, instead)| *instead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_here_is_called_gone() {
        for (object, names, _) in GONE {
            for name in *names {
                assert!(!object.has(name), "{object:?}.{name}");
            }
        }
        let here: Vec<&str> = Object::ALL.into_iter().flat_map(Object::members).collect();
        for name in WHEREVER.iter().flat_map(|(names, _)| *names) {
            assert!(!here.contains(name), "{name}");
        }
    }
}
