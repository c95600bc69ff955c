//! The Python that is put below a file: classes for the dicts that a macro reaches (`prelude/*.py`), and what
//! the driver does with them.
//!
//! Each interpreter defines these classes anew, and that is most of what a short call costs. A file therefore
//! gets only the parts that it speaks of, and of a class only the methods whose names occur in it; one that
//! asks for names it makes up itself (`getattr`) gets all but the storage.

const SESSION: &str = include_str!("prelude/session.py");
const STORAGE: &str = include_str!("prelude/storage.py");
const LOOKUP: &str = include_str!("prelude/lookup.py");
const CHECK: &str = include_str!("prelude/check.py");
const LEN: &str = include_str!("prelude/len.py");

/// A part of the prelude, for files in which one of these words occurs.
struct Part {
    words: &'static [&'static str],
    classes: &'static str,
    /// What the driver does first.
    first: &'static str,
    /// What it hands over at the beginning, and at the end.
    begin: &'static str,
    last: &'static str,
    /// What it does before a further call.
    further: &'static str,
    /// Whether it is right for one call only: it holds what others may change meanwhile.
    for_one_call: bool,
}

const PARTS: &[Part] = &[
    Part {
        words: &["session"],
        classes: SESSION,
        first: "    kept = _grange_host.session_kept()\n    session = kept and _GrangeSession(_grange_host, *kept)\n",
        begin: "session=session",
        last: ", session=session and session._values",
        // A call that was not to have it would not have come to its end.
        further: "        if session:\n            request.session = session\n",
        for_one_call: false,
    },
    Part {
        words: &["storage"],
        classes: STORAGE,
        first: "    storage = _GrangeStorage(_grange_host.stored())\n",
        begin: "storage=storage",
        last: ", stored=storage._values, read=None if storage._read_all else [key for key in storage._read]",
        further: "",
        for_one_call: true,
    },
    Part {
        words: &["dicts", "groups"],
        classes: LOOKUP,
        first: "    dicts = _GrangeLookup(_grange_host.read_dict, _grange_host.known_dicts())\n    \
                groups = _GrangeLookup(_grange_host.read_group, _grange_host.known_groups())\n",
        begin: "dicts=dicts, groups=groups",
        last: "",
        further: "",
        for_one_call: true,
    },
];

/// `[]` and `in` cannot ask; whatever the macro made of that, the call starts over with the answers.
const WANTED: &str = "\n        finally:\n            _grange_host.wanted(dicts._wanted, groups._wanted)";

/// Methods that are called without their names being written: by `dict()`, and by the prelude itself.
const UNNAMED: &[&str] = &["keys", "get", "pop", "update"];

/// What a file gets.
pub struct Prelude {
    /// The classes.
    pub classes: String,
    /// What the driver does before it begins.
    pub first: String,
    /// What it hands over at the beginning.
    pub begin: String,
    /// What it hands over at the end.
    pub last: String,
    /// What the driver does before a further call.
    pub further: String,
    /// What stands before and behind the call.
    pub around: (&'static str, &'static str),
    /// Whether an interpreter with it may run several calls, one after the other.
    pub goes_on: bool,
}

impl Prelude {
    /// The prelude for a file with this text, its helpers' included.
    #[must_use]
    pub fn for_text(text: &str) -> Prelude {
        // Asking for a storage costs a question, so it has to be named.
        let may_be_meant = |part: &Part| text.contains("getattr") && part.classes != STORAGE;
        let used = PARTS
            .iter()
            .filter(|part| may_be_meant(part) || part.words.iter().any(|word| text.contains(word)));
        let used: Vec<&Part> = used.collect();
        let together = |of: fn(&Part) -> &'static str, between| {
            used.iter().map(|part| of(part)).collect::<Vec<_>>().join(between)
        };
        let mut classes: String = used.iter().map(|part| needed(part.classes, text)).collect();
        if !classes.is_empty() {
            classes.insert_str(0, CHECK);
            classes.push_str(&countable(&classes, text));
        }
        let asks_by_name = used.iter().any(|part| part.classes == LOOKUP);
        Prelude {
            classes: format!("\n\n{classes}"),
            first: together(|part| part.first, ""),
            begin: together(|part| part.begin, ", "),
            last: together(|part| part.last, ""),
            further: together(|part| part.further, ""),
            goes_on: !used.iter().any(|part| part.for_one_call),
            around: if asks_by_name {
                ("try:\n            ", WANTED)
            } else {
                ("", "")
            },
        }
    }
}

/// A class with those of its methods that a text can mean.
fn needed(class: &str, text: &str) -> String {
    if text.contains("getattr") {
        return class.to_owned();
    }
    let mut methods = class.split("    def ");
    let mut kept = methods.next().unwrap_or_default().to_owned();
    for method in methods {
        let name = method.split('(').next().unwrap_or_default();
        let is_needed = match name {
            "__or__" => text.contains('|'),
            _ => name.starts_with('_') || UNNAMED.contains(&name) || text.contains(name),
        };
        if is_needed {
            kept.push_str("    def ");
            kept.push_str(method);
        }
    }
    kept
}

/// `len` and `|=` for these classes: the interpreter asks no class for either.
fn countable(classes: &str, text: &str) -> String {
    let countable = ["_GrangeSession", "_GrangeStorage"]
        .into_iter()
        .filter(|class| classes.contains(class));
    let countable: String = countable.map(|class| format!("{class}, ")).collect();
    let has_own = text.contains("def len") || text.contains("len =");
    let mut more = String::new();
    if text.contains("len") && !has_own && !countable.is_empty() {
        more.push_str(&format!("\n\n_grange_countable = ({countable})\n{LEN}"));
    }
    if text.contains('|') {
        let updates = if text.contains("|=") { "True" } else { "False" };
        more.push_str(&format!("\n\n_grange_or_updates = {updates}\n"));
    }
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_the_methods_that_it_names() {
        let classes = Prelude::for_text("macro.request.session.setdefault('a', 1)").classes;
        assert!(classes.contains("def setdefault") && classes.contains("def __contains__"));
        assert!(!classes.contains("def popitem") && !classes.contains("def __or__"));
        assert!(!classes.contains("_GrangeStorage"));
    }

    #[test]
    fn a_file_that_makes_up_names_gets_all_and_one_that_speaks_of_nothing_gets_nothing() {
        let all = Prelude::for_text("getattr(macro.request, x)");
        assert!(!all.classes.contains("_GrangeStorage"));
        for part in ["def popitem", "_GrangeLookup"] {
            assert!(all.classes.contains(part), "{part}");
        }
        assert_eq!(Prelude::for_text("return 'x'").classes.trim(), "");
    }
}
