//! Python macros as an author meets them: a file is saved, the next view shows it.
//!
//! What a macro can do wrong is in `hostile`, who may see what in `privacy`, what they keep in `kept` and `periods`, turning
//! them off in `switched`.

mod all_or_nothing;
mod hostile;
mod kept;
mod periods;
mod privacy;
mod switched;

use std::fs;

use crate::harness::worker::build_worker;
use crate::harness::{Farm, PASSWORD, SINGLE};

pub(crate) const FRONT: &str = "http://h.example/Front";

/// The help page's sample in its three forms, word for word.
const WITHOUT_IS_NEW: &str = r#"# -*- coding: iso-8859-1 -*-

"""
    Tests session state.
"""

Dependencies = ['time']

def execute(macro, args):
    if 'test' in macro.request.session:
        return macro.formatter.text(macro.request.session['test'])
    import random
    value = random.randint(1, 100000)
    macro.request.session['test'] = value
    return macro.formatter.text("set to value %d" % value)
"#;

const WITH_IS_NEW: &str = r#"# -*- coding: iso-8859-1 -*-

"""
    Tests session state.
"""

Dependencies = ['time']

def execute(macro, args):
    if macro.request.session.is_new:
        return macro.formatter.text('Not storing any state until you send a cookie.')
    if 'test' in macro.request.session:
        return macro.formatter.text("Loaded value %d" % macro.request.session['test'])
    import random
    value = random.randint(1, 100000)
    macro.request.session['test'] = value
    return macro.formatter.text("Set to value %d" % value)
"#;

const TRANSLATED: &str = r#"#!python
# -*- coding: utf-8 -*-

"""
   Проверяет состояние сеанса.
"""

Dependencies = ['time']

def execute(macro, args):
    _ = macro.request.getText

    if macro.request.session.is_new:
        return macro.formatter.text(_('Not storing any state until you send a cookie.'))
    if 'test' in macro.request.session:
        return macro.formatter.text(_("Loaded value %d") % macro.request.session['test'])
    import random
    value = random.randint(1, 100000)
    macro.request.session['test'] = value
    return macro.formatter.text(_("Set to value %d") % value)
"#;

const RUSSIAN: &str = r#"msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Language: ru\n"

msgid "Not storing any state until you send a cookie."
msgstr "Ничего не сохраняется, пока браузер не вернёт куки."

msgid "Loaded value %d"
msgstr "Загружено значение %d"

msgid "Set to value %d"
msgstr "Сохранено значение %d"
"#;

/// A wiki with guest sessions, a page `Front` that calls `call`, and a macro of this name and text.
pub(crate) fn farm_with(name: &str, source: &str, call: &str) -> Farm {
    build_worker();
    let farm = Farm::start(&format!("{SINGLE}cookie_lifetime = [1, 12]\n"));
    save(&farm, name, source);
    farm.put_page("main", "Front", call);
    farm
}

/// Saves a macro's file as an author does.
pub(crate) fn save(farm: &Farm, name: &str, source: &str) {
    farm.write(&format!("wikis/main/macros/{name}.py"), source);
}

fn sample(source: &str) -> Farm {
    farm_with("SessionTest", source, "<<SessionTest>>")
}

#[test]
fn the_sample_without_is_new_stores_from_the_first_cookie_on() {
    let farm = sample(WITHOUT_IS_NEW);
    let mut visitor = farm.visitor();
    assert!(visitor.get(FRONT).content().starts_with("set to value "));
    let value = visitor.get(FRONT).content();
    let value = value.strip_prefix("set to value ").unwrap();
    assert_eq!(visitor.get(FRONT).content(), value);
}

#[test]
fn the_sample_says_its_three_sentences_through_a_restart() {
    let mut farm = sample(WITH_IS_NEW);
    let mut visitor = farm.visitor();
    assert_eq!(
        visitor.get(FRONT).content(),
        "Not storing any state until you send a cookie."
    );
    let set = visitor.get(FRONT).content();
    let value = set.strip_prefix("Set to value ").unwrap().to_owned();
    farm.restart();
    let mut visitor = visitor.at(farm.address(0));
    assert_eq!(visitor.get(FRONT).content(), format!("Loaded value {value}"));
}

#[test]
fn a_message_on_a_page_is_shown_in_the_language_of_the_reader() {
    let farm = farm_with(
        "Any",
        "def execute(macro, args):\n    return ''\n",
        "<<GetText(Loaded value %d)>>",
    );
    farm.write("wikis/main/macros/locale/ru.po", RUSSIAN);
    let mut russian = farm.visitor().with_header("accept-language", "ru");
    assert_eq!(russian.get(FRONT).content(), "Загружено значение %d");
    assert_eq!(farm.visitor().get(FRONT).content(), "Loaded value %d");
}

#[test]
fn the_translated_sample_speaks_russian_to_who_asks_for_it() {
    let farm = sample(TRANSLATED);
    farm.write("wikis/main/macros/locale/ru.po", RUSSIAN);
    let mut visitor = farm
        .visitor()
        .with_header("accept-language", "de;q=0.3, ru-RU, en;q=0.2");
    assert_eq!(
        visitor.get(FRONT).content(),
        "Ничего не сохраняется, пока браузер не вернёт куки."
    );
    assert!(visitor.get(FRONT).content().starts_with("Сохранено значение "));
    assert!(visitor.get(FRONT).content().starts_with("Загружено значение "));
    let mut other = farm.visitor().with_header("accept-language", "de");
    assert_eq!(
        other.get(FRONT).content(),
        "Not storing any state until you send a cookie."
    );
}

#[test]
fn a_saved_file_runs_at_the_next_view_also_where_the_page_was_kept() {
    let farm = farm_with("Word", &constant("one"), "<<Word>>");
    let mut visitor = farm.visitor();
    for word in ["one", "two", "three"] {
        save(&farm, "Word", &constant(word));
        assert_eq!(visitor.get(FRONT).content(), word);
        assert_eq!(farm.visitor().get(FRONT).content(), word);
    }
    fs::remove_file(farm.path().join("wikis/main/macros/Word.py")).unwrap();
    assert!(visitor.get(FRONT).content().contains("is not known"));
}

/// A macro that depends on nothing: part of the cached page.
fn constant(word: &str) -> String {
    format!("Dependencies = []\n\ndef execute(macro, args):\n    return macro.formatter.text('{word}')\n")
}

#[test]
fn a_broken_file_shows_the_line_to_superusers_and_the_old_output_to_others() {
    build_worker();
    let farm = Farm::start(&format!("{SINGLE}superuser = [\"Root\"]\n"));
    farm.add_user("main", "Root", PASSWORD);
    save(&farm, "Word", &constant("works"));
    farm.put_page("main", "Front", "<<Word>>");
    assert_eq!(farm.visitor().get(FRONT).content(), "works");
    save(
        &farm,
        "Word",
        "def execute(macro, args):\n    return 'x'\n\ndef broken(:\n",
    );
    assert_eq!(farm.visitor().get(FRONT).content(), "works");
    let told = farm.logged_in(FRONT, "Root").get(FRONT).content();
    assert!(told.contains("Word.py, line 4"), "{told}");
    save(&farm, "Word", &constant("mended"));
    assert_eq!(farm.visitor().get(FRONT).content(), "mended");
}

#[test]
fn typed_arguments_are_converted_and_wrong_ones_told_to_everybody() {
    let source = "def macro_Add(macro, a=1, b=2, sign=('plus', 'minus')):\n    \
                  return macro.formatter.text('%d %s' % (a + b if sign == 'plus' else a - b, sign))\n";
    let farm = farm_with("Add", source, "<<Add(5, b=7)>> <<Add(5, 7, minus)>> <<Add(x)>>");
    let seen = farm.visitor().get(FRONT).content();
    assert!(seen.contains("12 plus -2 minus"), "{seen}");
    assert!(
        seen.contains("Argument \"a\" must be an integer value, not \"x\""),
        "{seen}"
    );
}

#[test]
fn files_go_before_builtins_and_the_wikis_own_before_the_groups_and_the_farms() {
    let toml = format!("{SINGLE}group = \"g\"\n\n[group.g]\nmacro_dirs = [\"group\", \"farm\"]\n");
    build_worker();
    let farm = Farm::prepare(&toml);
    for (directory, names) in [
        ("wikis/main/macros", &["Own"][..]),
        ("group", &["Own", "Group"]),
        ("farm", &["Own", "Group", "Date"]),
    ] {
        for name in names {
            let source = constant(&format!("{name} of {directory}"));
            farm.write(&format!("{directory}/{name}.py"), &source);
        }
    }
    let mut farm = farm;
    farm.restart();
    farm.put_page("main", "Front", "<<Own>>; <<Group>>; <<Date>>");
    assert_eq!(
        farm.visitor().get(FRONT).content(),
        "Own of wikis/main/macros; Group of group; Date of farm"
    );
}

#[test]
fn the_wiki_is_read_with_the_viewers_rights() {
    let source = "def execute(macro, args):\n    \
        names = [n for n in macro.request.rootpage.getPageList() if n in ('Open', 'Closed')]\n    \
        return macro.formatter.text('%s %s' % (','.join(names), macro.request.user.may.read('Closed')))\n";
    build_worker();
    let farm = Farm::start(&format!(
        "{SINGLE}acl_rights_before = \"Ann:read,write\"\nacl_rights_default = \"All:read\"\n"
    ));
    farm.add_user("main", "Ann", PASSWORD);
    save(&farm, "Names", source);
    farm.put_page("main", "Front", "<<Names>>");
    farm.put_page("main", "Open", "x");
    assert_eq!(farm.visitor().get(FRONT).content(), "Open True");
}
