//! The list of names that a macro may use, against what objects and prelude really have.

use grange_macro_protocol::names::{MODULES, Object};

use crate::harness::{Worker, raised, text};

/// How a macro comes to an object.
fn way_to(object: Object) -> &'static str {
    match object {
        Object::Macro => "macro",
        Object::Request => "macro.request",
        Object::Formatter => "macro.formatter",
        Object::Page => "macro.page",
        Object::User => "macro.request.user",
        Object::Permissions => "macro.request.user.may",
        Object::Clock => "macro.request.clock",
        Object::Theme => "macro.request.theme",
        Object::Session => "macro.request.session",
        Object::Storage => "macro.storage",
        Object::Lookup => "macro.request.dicts",
        Object::Wikiutil => "wikiutil",
    }
}

#[test]
fn every_name_of_the_list_is_there() {
    let mut worker = Worker::start();
    worker.wiki.pages.insert("Front Page".into(), "text".into());
    for object in Object::ALL {
        for member in object.members() {
            let way = way_to(object);
            let body = format!("from MoinMoin import wikiutil\nx = {way}.{member}\nreturn 'there'");
            let result = worker.body(&body);
            assert_eq!(result.output.as_deref(), Ok("there"), "{way}.{member}");
        }
    }
}

/// A name that is on the list and answers to no call would be refused with this.
#[test]
fn every_method_of_the_list_is_answered() {
    let mut worker = Worker::start();
    for object in Object::ALL {
        for method in object.methods() {
            let way = way_to(object);
            let call = format!("from MoinMoin import wikiutil\n{way}.{method}()\nreturn 'x'");
            let result = worker.body(&call);
            if result.output.is_err() {
                assert!(
                    !raised(&result).starts_with("AttributeError"),
                    "{way}.{method}: {result:?}"
                );
            }
        }
    }
}

#[test]
fn the_classes_of_the_prelude_have_the_names_of_the_list_and_no_others() {
    for (object, class) in [
        (Object::Session, include_str!("../src/prelude/session.py")),
        (Object::Storage, include_str!("../src/prelude/storage.py")),
        (Object::Lookup, include_str!("../src/prelude/lookup.py")),
    ] {
        let methods = class.lines().filter_map(|line| line.strip_prefix("    def "));
        let names = methods.filter_map(|line| line.split('(').next());
        let mut defined: Vec<&str> = names.filter(|name| !name.starts_with('_')).collect();
        let set = class.lines().filter_map(|line| line.trim().strip_prefix("self."));
        let set = set.filter_map(|line| line.split_once(" = "));
        defined.extend(set.map(|(name, _)| name).filter(|name| !name.starts_with('_')));
        let mut listed: Vec<&str> = object.members().collect();
        listed.sort_unstable();
        defined.sort_unstable();
        assert_eq!(listed, defined, "{object:?}");
    }
}

#[test]
fn what_is_not_on_the_list_is_not_there() {
    let mut worker = Worker::start();
    for object in Object::ALL {
        let way = way_to(object);
        let result = worker.body(&format!("from MoinMoin import wikiutil\nreturn {way}.nosuch"));
        assert!(raised(&result).starts_with("AttributeError"), "{way}: {result:?}");
    }
}

#[test]
fn every_module_of_the_list_can_be_imported() {
    let mut worker = Worker::start();
    for module in MODULES {
        let result = worker.body(&format!("import {module}\nreturn 'here'"));
        assert_eq!(text(&result), "here", "{module}");
    }
}
