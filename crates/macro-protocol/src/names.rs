//! Names of the macro API that both sides know: the worker answers to them, the server's tools for authors tell which
//! names a macro may use.
//!
//! What is not listed here a macro cannot reach: the worker looks here before it answers. Start reading at [`Object`].

/// An object that a macro is given, or reaches through one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// `macro`.
    Macro,
    /// `macro.request`.
    Request,
    /// `macro.formatter`.
    Formatter,
    /// `macro.page`, `request.rootpage`, `Page(request, name)`.
    Page,
    /// `request.user`.
    User,
    /// `request.user.may`.
    Permissions,
    /// `request.clock`.
    Clock,
    /// `request.theme`.
    Theme,
    /// `request.session`.
    Session,
    /// `macro.storage`.
    Storage,
    /// `request.dicts` and `request.groups`.
    Lookup,
    /// The module `MoinMoin.wikiutil`.
    Wikiutil,
}

impl Object {
    /// All of them.
    pub const ALL: [Object; 12] = [
        Object::Macro,
        Object::Request,
        Object::Formatter,
        Object::Page,
        Object::User,
        Object::Permissions,
        Object::Clock,
        Object::Theme,
        Object::Session,
        Object::Storage,
        Object::Lookup,
        Object::Wikiutil,
    ];

    /// What authors call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Object::Macro => "macro",
            Object::Request => "request",
            Object::Formatter => "formatter",
            Object::Page => "page",
            Object::User => "user",
            Object::Permissions => "may",
            Object::Clock => "clock",
            Object::Theme => "theme",
            Object::Session => "session",
            Object::Storage => "storage",
            Object::Lookup => "dicts",
            Object::Wikiutil => "wikiutil",
        }
    }

    /// What is read from it.
    #[must_use]
    pub fn attributes(self) -> &'static [&'static str] {
        match self {
            Object::Macro => &[
                "name",
                "args",
                "request",
                "formatter",
                "page",
                "storage",
                "cfg",
                "_",
            ],
            Object::Request => &[
                "session",
                "user",
                "page",
                "rootpage",
                "formatter",
                "cfg",
                "dicts",
                "groups",
                "args",
                "values",
                "form",
                "rev",
                "lang",
                "content_lang",
                "isSpiderAgent",
                "clock",
                "theme",
                "script_root",
                "mode_getpagelinks",
            ],
            Object::Formatter => &["page"],
            Object::Page => &["page_name", "mtime", "editor", "comment", "rev", "revision"],
            Object::User => &["name", "id", "valid", "language", "tz_offset", "may"],
            Object::Session => &["is_new"],
            _ => &[],
        }
    }

    /// What is called on it.
    #[must_use]
    pub fn methods(self) -> &'static [&'static str] {
        match self {
            Object::Macro => &[],
            Object::Request => &["getText", "getPragma", "href", "uid_generator"],
            Object::Formatter => FORMATTER_METHODS,
            Object::Page => PAGE_METHODS,
            Object::User => &[
                "isSuperUser",
                "getFormattedDate",
                "getFormattedDateTime",
                "getTime",
                "exists",
            ],
            Object::Permissions => &["read", "write", "delete", "revert", "admin"],
            Object::Clock => &["now", "start", "stop", "value"],
            Object::Theme => &["make_icon"],
            Object::Session => &[
                "has_key",
                "get",
                "keys",
                "values",
                "items",
                "pop",
                "popitem",
                "setdefault",
                "update",
                "clear",
                "copy",
                "mark_changed",
                "markChanged",
                "reset",
            ],
            Object::Storage => &[
                "has_key",
                "get",
                "keys",
                "values",
                "items",
                "pop",
                "remove",
                "setdefault",
                "update",
            ],
            Object::Lookup => &["get", "dict", "has_key", "has_dict"],
            Object::Wikiutil => &WIKIUTIL_FUNCTIONS,
        }
    }

    /// All its names.
    pub fn members(self) -> impl Iterator<Item = &'static str> {
        self.attributes().iter().chain(self.methods()).copied()
    }

    /// Whether it has such a member.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.members().any(|member| member == name)
    }

    /// The object that is read from it under this name, if it is one of these.
    #[must_use]
    pub fn leads_to(self, name: &str) -> Option<Object> {
        match (self, name) {
            (Object::Macro, "request") => Some(Object::Request),
            (Object::Macro | Object::Request, "formatter") => Some(Object::Formatter),
            (Object::Macro | Object::Request | Object::Formatter, "page") => Some(Object::Page),
            (Object::Request, "rootpage") => Some(Object::Page),
            (Object::Macro, "storage") => Some(Object::Storage),
            (Object::Request, "session") => Some(Object::Session),
            (Object::Request, "user") => Some(Object::User),
            (Object::Request, "dicts" | "groups") => Some(Object::Lookup),
            (Object::Request, "clock") => Some(Object::Clock),
            (Object::Request, "theme") => Some(Object::Theme),
            (Object::User, "may") => Some(Object::Permissions),
            _ => None,
        }
    }
}

/// The methods of a page.
const PAGE_METHODS: &[&str] = &[
    "get_raw_body",
    "exists",
    "size",
    "mtime_usecs",
    "current_rev",
    "get_real_rev",
    "url",
    "link_to",
    "split_title",
    "getParentPage",
    "getPageList",
];

/// The methods of `macro.formatter`.
const FORMATTER_METHODS: &[&str] = &[
    "text",
    "escapedText",
    "rawHTML",
    "nowikiword",
    "strong",
    "emphasis",
    "underline",
    "highlight",
    "sup",
    "sub",
    "strike",
    "small",
    "big",
    "code",
    "preformatted",
    "paragraph",
    "linebreak",
    "rule",
    "heading",
    "bullet_list",
    "number_list",
    "listitem",
    "definition_list",
    "definition_term",
    "definition_desc",
    "table",
    "table_row",
    "table_cell",
    "pagelink",
    "url",
    "interwikilink",
    "attachment_link",
    "attachment_image",
    "image",
    "anchordef",
    "anchorlink",
    "span",
    "div",
    "sysmsg",
    "icon",
    "smiley",
];

/// The functions of `MoinMoin.wikiutil`.
pub const WIKIUTIL_FUNCTIONS: [&str; 8] = [
    "escape",
    "quoteWikinameURL",
    "url_quote",
    "url_unquote",
    "AbsPageName",
    "RelPageName",
    "required_arg",
    "UnitArgument",
];

/// The modules of Python's own that a macro may import.
pub const MODULES: [&str; 21] = [
    "base64",
    "binascii",
    "bisect",
    "collections",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "functools",
    "hashlib",
    "itertools",
    "json",
    "math",
    "random",
    "re",
    "sys",
    "time",
    "tomllib",
    "typing",
    "unicodedata",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_to_an_object_is_a_member() {
        for object in Object::ALL {
            for other in Object::ALL.into_iter().flat_map(Object::members) {
                assert!(
                    object.leads_to(other).is_none() || object.has(other),
                    "{object:?}.{other}"
                );
            }
        }
    }
}
