//! Imports: which modules are there, which have another name, and what to do without the others.
//!
//! MoinMoin's own modules are `moin.rs`'s business.

use grange_macro_protocol::names::MODULES;

use super::NoteKind::{ByHand, Changed};
use super::code::{Code, Statement};
use super::string_module;

const NETWORK: &str =
    "a macro reaches no network; have a program fetch it and save it with `grange page put`";
const FILES: &str =
    "files, processes and environment are out of reach; keep data on a wiki page or in macro.storage";
const KEEP: &str = "macro.storage keeps numbers, texts, lists and dicts as they are";
const PIECES: &str = "collect the pieces in a list and join them with ''.join(pieces)";
const LOGGING: &str = "print(…) writes to the macro's log";
const THREADS: &str = "a call runs alone and at most for its time; leave threads and locks out";

/// What is not there, and what to do.
const MISSING: &[(&str, &str)] = &[
    ("BeautifulSoup", NETWORK),
    (
        "ConfigParser",
        "json.loads or tomllib.loads read settings from a page",
    ),
    ("HTMLParser", "take what is needed with re"),
    ("StringIO", PIECES),
    ("anydbm", KEEP),
    ("cPickle", KEEP),
    ("cStringIO", PIECES),
    (
        "calendar",
        "datetime.date(year, month, day).weekday() gives the day of the week",
    ),
    ("cgi", "formatter.text escapes; request.args has the query"),
    ("codecs", "all text is Unicode"),
    ("commands", FILES),
    ("feedparser", NETWORK),
    ("ftplib", NETWORK),
    ("getopt", "take typed arguments: def macro_Name(macro, a, n=5)"),
    ("glob", FILES),
    ("gzip", FILES),
    ("httplib", NETWORK),
    ("io", PIECES),
    ("locale", "numbers and dates are written with % and strftime"),
    ("logging", LOGGING),
    ("lxml", NETWORK),
    ("marshal", KEEP),
    ("operator", "write a lambda: key=lambda item: item[1]"),
    ("os", FILES),
    ("os.path", FILES),
    ("pathlib", FILES),
    ("pickle", KEEP),
    ("popen2", FILES),
    ("shelve", KEEP),
    ("shutil", FILES),
    ("smtplib", NETWORK),
    ("socket", NETWORK),
    ("sqlite3", KEEP),
    ("subprocess", FILES),
    ("tempfile", FILES),
    ("textwrap", "split the text and join it"),
    ("thread", THREADS),
    ("threading", THREADS),
    (
        "traceback",
        "an exception shows its traceback to admins by itself",
    ),
    ("urllib", NETWORK),
    ("urllib2", NETWORK),
    (
        "urlparse",
        "take the address apart with re; formatter.url and formatter.pagelink write links",
    ),
    ("xml", "take what is needed with re"),
    ("xmlrpclib", NETWORK),
    ("zipfile", FILES),
];

/// Carries the imports over and reports what uses modules that are missing.
pub(super) fn carry(code: &mut Code) {
    let mut missing: Vec<(String, &str)> = Vec::new();
    for statement in code.statements().into_iter().rev() {
        match code.text(statement.first) {
            "import" => plain(code, &statement, &mut missing),
            "from" => from(code, &statement, &mut missing),
            _ => {}
        }
    }
    for place in code.backwards() {
        let found = missing.iter().find(|(bound, _)| code.is_name(place, bound));
        if let Some((bound, instead)) =
            found.filter(|_| !code.is_attribute(place) && !is_in_import(code, place))
        {
            let what = use_at(code, place, bound);
            code.note(ByHand, place, what, instead);
        }
    }
}

/// `urllib2.urlopen`, as far as it goes.
fn use_at(code: &Code, place: usize, bound: &str) -> String {
    let dot = code.after(place);
    match code.is_operator(dot, ".") {
        true => format!("{bound}.{}", code.text(code.after(dot))),
        false => bound.to_owned(),
    }
}

fn is_in_import(code: &Code, place: usize) -> bool {
    code.statements().iter().any(|statement| {
        let starts = ["import", "from"].contains(&code.text(statement.first));
        starts && (statement.first..statement.end).contains(&place)
    })
}

fn plain(code: &mut Code, statement: &Statement, missing: &mut Vec<(String, &str)>) {
    let items = code.split_at_commas(code.after(statement.first)..statement.end);
    let all = items.len();
    let mut kept = Vec::new();
    for item in items {
        let written = code.source_of(item);
        let (module, bound) = written.split_once(" as ").unwrap_or((&written, &written));
        let (module, bound) = (module.trim(), bound.trim());
        match judge(code, module) {
            Verdict::Keep => kept.push(written.clone()),
            Verdict::Drop(why) => code.note(Changed, statement.first, format!("import {module}"), why),
            Verdict::Rename(new) => {
                code.note(
                    Changed,
                    statement.first,
                    format!("import {module}"),
                    &format!("it is {new} now"),
                );
                kept.push(new.to_owned());
            }
            Verdict::Missing(instead) => {
                code.note(
                    ByHand,
                    statement.first,
                    format!("import {module}: there is no such module here"),
                    instead,
                );
                // What is used of `string` was told where it stands.
                if module != "string" {
                    let first = bound.split('.').next().unwrap_or(bound);
                    missing.push((first.to_owned(), instead));
                }
                kept.push(written.clone());
            }
        }
    }
    if kept.is_empty() {
        code.take_out(statement);
    } else if kept.len() < all
        || code.source_of(statement.first..statement.end) != format!("import {}", kept.join(", "))
    {
        code.replace(
            statement.first..statement.end,
            &format!("import {}", kept.join(", ")),
        );
    }
}

fn from(code: &mut Code, statement: &Statement, missing: &mut Vec<(String, &str)>) {
    let import = (statement.first..statement.end).find(|place| code.is_name(*place, "import"));
    let Some(import) = import else { return };
    let module = code.source_of(code.trimmed(statement.first + 1..import));
    if module.starts_with("MoinMoin") {
        return;
    }
    let names = bound_names(code, import, statement);
    if names.iter().any(|name| name == "*") {
        let instead = "name what is taken: from math import pi";
        code.note(
            ByHand,
            statement.first,
            format!("from {module} import *"),
            instead,
        );
    }
    match judge(code, &module) {
        Verdict::Keep if module == "itertools" => iterators(code, statement, &names),
        Verdict::Keep => {}
        Verdict::Rename(new) => {
            code.note(
                Changed,
                statement.first,
                format!("from {module}"),
                &format!("it is {new} now"),
            );
            let place = code.after(statement.first);
            code.set(place, new);
        }
        Verdict::Drop(why) if module != "string" && module != "types" => {
            code.note(Changed, statement.first, format!("from {module} import …"), why);
            code.take_out(statement);
        }
        Verdict::Drop(why) | Verdict::Missing(why) => {
            code.note(
                ByHand,
                statement.first,
                format!("from {module} import …: there is no such module here"),
                why,
            );
            missing.extend(names.into_iter().map(|name| (name, why)));
        }
    }
}

fn bound_names(code: &Code, import: usize, statement: &Statement) -> Vec<String> {
    let list = code.source_of(import + 1..statement.end);
    let list = list.trim().trim_matches(['(', ')']);
    let bound = |item: &str| item.rsplit(" as ").next().unwrap_or(item).trim().to_owned();
    list.split(',')
        .map(bound)
        .filter(|name| !name.is_empty())
        .collect()
}

/// `izip`, `imap` and `ifilter` are built in now, under other names.
fn iterators(code: &mut Code, statement: &Statement, names: &[String]) {
    let is_old = |name: &&String| ["zip", "map", "filter"].contains(&name.as_str());
    let left: Vec<&str> = names
        .iter()
        .filter(|name| !is_old(name))
        .map(String::as_str)
        .collect();
    if left.len() == names.len() {
        return;
    }
    code.note(
        Changed,
        statement.first,
        "from itertools import …",
        "zip, map and filter are built in",
    );
    match left.is_empty() {
        true => code.take_out(statement),
        false => {
            let new = format!("from itertools import {}", left.join(", "));
            code.replace(statement.first..statement.end, &new);
        }
    }
}

enum Verdict {
    Keep,
    Drop(&'static str),
    Rename(&'static str),
    Missing(&'static str),
}

fn judge(code: &Code, module: &str) -> Verdict {
    let root = module.split('.').next().unwrap_or(module);
    match module {
        "__future__" => Verdict::Drop("what it asks for is so by itself"),
        "string" if !string_module::is_used(code) => {
            Verdict::Drop("there is no module string; nothing of it is left")
        }
        "string" => Verdict::Missing("text has these functions as methods"),
        "types" if !uses(code, "types") => Verdict::Drop("the types have names of their own"),
        "types" => Verdict::Missing("compare with isinstance(x, str)"),
        "sets" => Verdict::Drop("set is built in"),
        "sre" => Verdict::Rename("re"),
        "md5" | "sha" => Verdict::Missing("hashlib.md5(text.encode('utf-8')).hexdigest() does it"),
        _ if module.starts_with("MoinMoin") || MODULES.contains(&module) || root.starts_with('_') => {
            Verdict::Keep
        }
        _ => {
            let known = MISSING.iter().find(|(name, _)| *name == module || *name == root);
            Verdict::Missing(
                known.map_or("write what is needed of it into the macro", |(_, instead)| {
                    instead
                }),
            )
        }
    }
}

fn uses(code: &Code, module: &str) -> bool {
    code.backwards().any(|place| {
        code.is_name(place, module) && !code.is_attribute(place) && code.is_operator(code.after(place), ".")
    })
}
