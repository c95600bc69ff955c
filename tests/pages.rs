//! What a visitor can do with pages: look, edit, preview, save, see who saved at the same time.
//!
//! Most stories happen on [`OPEN`], a wiki where everybody may do everything, so that no test pays for a login
//! that it does not need. Histories, names, markup, attacks and the disk have rooms of their own.

mod disk;
mod history;
mod hostile;
mod markup;
mod names;

use crate::harness::{Answer, Farm, PASSWORD, SINGLE, Visitor};

/// One wiki in which everybody may do everything.
const OPEN: &str = r#"
[wiki.main]
at = ["*"]
sitename = "Main"
acl_rights_default = "All:read,write,delete,revert"
"#;

/// The address of a page of the wiki above, the name as an address writes it.
fn at(page: &str) -> String {
    format!("http://wiki.example.org/{page}")
}

/// Opens the editor and gives its ticket and base revision.
fn editor(visitor: &mut Visitor, page: &str) -> (String, String) {
    let form = visitor.get(&format!("{}?action=edit", at(page)));
    assert_eq!(form.status, 200, "{}", form.text());
    (form.ticket("edit").unwrap(), form.field("rev").unwrap())
}

/// Sends an editor that was opened before.
fn save(visitor: &mut Visitor, page: &str, (ticket, base): &(String, String), text: &str) -> Answer {
    let fields = [
        ("ticket", &**ticket),
        ("rev", base),
        ("savetext", text),
        ("button_save", "1"),
    ];
    visitor.post(&format!("{}?action=edit", at(page)), &fields)
}

fn raw(visitor: &mut Visitor, page: &str) -> String {
    visitor.get(&format!("{}?action=raw", at(page))).text()
}

#[test]
fn a_missing_page_is_404_and_offers_to_be_written_to_those_who_may() {
    let farm = Farm::start(SINGLE);
    farm.add_user("main", "Ada", PASSWORD);
    let mut visitor = farm.visitor();
    let unknown = visitor.get(&at("Plums"));
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.wiki().as_deref(), Some("main"));
    assert!(
        unknown.has("#content a[href='/Plums?action=login']"),
        "{}",
        unknown.text()
    );
    assert!(!unknown.has("#content a[href*='action=edit']"));
    visitor.log_in(&at("Plums"), "Ada", PASSWORD);
    let known = visitor.get(&at("Plums"));
    assert_eq!(known.status, 404);
    assert!(
        known.has("#content a[href='/Plums?action=edit']"),
        "{}",
        known.text()
    );
}

#[test]
fn a_page_that_may_not_be_read_is_403_with_a_way_to_log_in_and_without_its_text() {
    let farm =
        Farm::start("[wiki.main]\nat = [\"*\"]\nacl_rights_default = \"Known:read,write\"\nnavi_bar = []\n");
    farm.put_page("main", "Plans", "The treasure is under the plum tree.");
    let mut guest = farm.visitor();
    for query in [
        "",
        "?action=raw",
        "?action=info",
        "?action=diff",
        "?action=recall&rev=1",
        "?action=edit",
    ] {
        let answer = guest.get(&format!("{}{query}", at("Plans")));
        assert_eq!(answer.status, 403, "{query}");
        assert!(
            answer.has("#content a[href='/Plans?action=login']"),
            "{query}: {}",
            answer.text()
        );
        assert!(!answer.text().contains("treasure"), "{query}");
        assert_eq!(answer.wiki().as_deref(), Some("main"));
    }
    assert_eq!(
        guest.get(&at("Nowhere")).status,
        403,
        "whether a page exists is a secret too"
    );
}

#[test]
fn saving_answers_303_to_the_page_which_then_shows_the_text() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    let editor = editor(&mut visitor, "Plums");
    assert_eq!(editor.1, "0", "a new page has base 0");
    let saved = save(&mut visitor, "Plums", &editor, "They are *ripe* now.");
    assert_eq!((saved.status, saved.header("location")), (303, Some("/Plums")));
    let page = visitor.get(&at("Plums"));
    assert_eq!(
        (page.status, page.content().as_str()),
        (200, "They are ripe now.")
    );
    assert!(page.has("#content em"));
    assert!(page.has("nav.edit-bar a[href='/Plums?action=edit']"));
    assert!(
        page.words(".changed").unwrap().contains("revision 1"),
        "{}",
        page.text()
    );
}

#[test]
fn a_preview_shows_the_text_and_saves_nothing() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    let fields = [
        ("rev", "0"),
        ("savetext", "A **ripe** plum."),
        ("comment", "why not"),
        ("trivial", "1"),
        ("button_preview", "1"),
    ];
    let preview = visitor.fill_in(&at("Plums"), "edit", &fields);
    assert_eq!(preview.status, 200);
    assert_eq!(preview.words("#preview strong").as_deref(), Some("ripe"));
    assert_eq!(preview.field("savetext").as_deref(), Some("A **ripe** plum."));
    assert_eq!(preview.field("comment").as_deref(), Some("why not"));
    assert!(preview.has("input[name=trivial][checked]"));
    assert_eq!(visitor.get(&at("Plums")).status, 404, "nothing was saved");
    let editor = (preview.ticket("edit").unwrap(), preview.field("rev").unwrap());
    assert_eq!(
        save(&mut visitor, "Plums", &editor, "A **ripe** plum.").status,
        303
    );
}

#[test]
fn a_preview_runs_macros_with_the_visitors_session() {
    let config = OPEN.replace("at =", "cookie_lifetime = [1, 12]\nat =");
    let farm = Farm::start(&config);
    farm.put_page("main", "Number", "<<SessionTest>>");
    let mut visitor = farm.visitor();
    visitor.get(&at("Number"));
    let set = visitor.get(&at("Number")).content();
    let value = set.strip_prefix("Set to value ").unwrap().to_owned();
    let preview = visitor.fill_in(
        &at("New"),
        "edit",
        &[
            ("rev", "0"),
            ("savetext", "<<SessionTest>>"),
            ("button_preview", "1"),
        ],
    );
    assert_eq!(
        preview.words("#preview").unwrap(),
        format!("Loaded value {value}")
    );
}

#[test]
fn cancelling_goes_back_to_the_page_and_saves_nothing() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    let gone = visitor.fill_in(
        &at("Plums"),
        "edit",
        &[("rev", "0"), ("savetext", "x"), ("button_cancel", "1")],
    );
    assert_eq!((gone.status, gone.header("location")), (303, Some("/Plums")));
    assert_eq!(visitor.get(&at("Plums")).status, 404);
}

#[test]
fn text_comes_back_byte_for_byte_as_it_was_saved() {
    let farm = Farm::start(OPEN);
    let text = "\n\n  <b>&amp;</b> \t „Zwetschgen“ 🍑\n\n<<SessionTest>>\nno line end after this";
    farm.put_page("main", "Exact", text);
    let mut visitor = farm.visitor();
    let answer = visitor.get(&format!("{}?action=raw", at("Exact")));
    assert_eq!(answer.text(), text);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    let form = visitor.get(&format!("{}?action=edit", at("Exact")));
    assert_eq!(
        form.field("savetext").as_deref(),
        Some(text),
        "the editor loses no first empty line"
    );
}

#[test]
fn the_line_ends_of_browsers_are_saved_as_line_feeds() {
    let farm = Farm::start(OPEN);
    let mut visitor = farm.visitor();
    visitor.edit(&at("Lines"), "one\r\n\r\ntwo\r\n");
    assert_eq!(raw(&mut visitor, "Lines"), "one\n\ntwo\n");
}

#[test]
fn a_save_on_a_stale_base_is_merged_when_both_fit() {
    let farm = Farm::start(OPEN);
    farm.put_page("main", "Both", "first\n\nsecond\n\nthird\n");
    let (mut ada, mut bob) = (farm.visitor(), farm.visitor());
    let (adas, bobs) = (editor(&mut ada, "Both"), editor(&mut bob, "Both"));
    assert_eq!(
        save(&mut ada, "Both", &adas, "FIRST\n\nsecond\n\nthird\n").status,
        303
    );
    assert_eq!(
        save(&mut bob, "Both", &bobs, "first\n\nsecond\n\nTHIRD\n").status,
        303
    );
    assert_eq!(raw(&mut ada, "Both"), "FIRST\n\nsecond\n\nTHIRD\n");
}

#[test]
fn a_conflict_is_409_with_both_texts_and_can_be_solved() {
    let farm = Farm::start(OPEN);
    farm.put_page("main", "Both", "plum\n");
    let (mut ada, mut bob) = (farm.visitor(), farm.visitor());
    let (adas, bobs) = (editor(&mut ada, "Both"), editor(&mut bob, "Both"));
    assert_eq!(save(&mut ada, "Both", &adas, "quince\n").status, 303);
    let conflict = save(&mut bob, "Both", &bobs, "medlar\n");
    assert_eq!(conflict.status, 409);
    assert_eq!(conflict.field("savetext").as_deref(), Some("medlar\n"));
    assert_eq!(conflict.words("#theirs").as_deref(), Some("quince"));
    assert_eq!(raw(&mut bob, "Both"), "quince\n", "nothing was overwritten");
    let again = (conflict.ticket("edit").unwrap(), conflict.field("rev").unwrap());
    assert_eq!(save(&mut bob, "Both", &again, "quince, medlar\n").status, 303);
    assert_eq!(raw(&mut bob, "Both"), "quince, medlar\n");
}

#[test]
fn two_who_create_the_same_page_lose_nothing() {
    let farm = Farm::start(OPEN);
    let (mut ada, mut bob) = (farm.visitor(), farm.visitor());
    let (adas, bobs) = (editor(&mut ada, "New"), editor(&mut bob, "New"));
    assert_eq!(save(&mut ada, "New", &adas, "from Ada").status, 303);
    let conflict = save(&mut bob, "New", &bobs, "from Bob");
    assert_eq!(conflict.status, 409);
    assert!(conflict.text().contains("from Ada") && conflict.field("savetext").unwrap() == "from Bob");
}

#[test]
fn a_page_deleted_meanwhile_is_a_conflict_too() {
    let farm = Farm::start(OPEN);
    farm.put_page("main", "Gone", "plum\n");
    let (mut ada, mut bob) = (farm.visitor(), farm.visitor());
    let bobs = editor(&mut bob, "Gone");
    assert_eq!(ada.fill_in(&at("Gone"), "delete", &[]).status, 303);
    let answer = save(&mut bob, "Gone", &bobs, "quince\n");
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert_eq!(answer.field("savetext").as_deref(), Some("quince\n"));
}

#[test]
fn saving_the_same_text_makes_no_revision() {
    let farm = Farm::start(OPEN);
    farm.put_page("main", "Same", "plum\n");
    let mut visitor = farm.visitor();
    let editor = editor(&mut visitor, "Same");
    assert_eq!(save(&mut visitor, "Same", &editor, "plum\n").status, 303);
    assert!(
        visitor
            .get(&at("Same"))
            .words(".changed")
            .unwrap()
            .contains("revision 1")
    );
}

#[test]
fn a_new_name_that_differs_from_a_page_by_case_only_is_warned_of() {
    let farm = Farm::start(OPEN);
    farm.put_page("main", "Plums", "plum\n");
    let mut visitor = farm.visitor();
    let form = visitor.get(&format!("{}?action=edit", at("plums")));
    assert!(
        form.words(".message").unwrap_or_default().contains("Plums"),
        "{}",
        form.text()
    );
    let other = visitor.get(&format!("{}?action=edit", at("Quinces")));
    assert_eq!(other.words(".message"), None);
}

#[test]
fn a_text_over_the_limit_is_413_and_comes_back_in_the_editor() {
    let farm = Farm::start(&OPEN.replace("at =", "max_page_bytes = 1024\nat ="));
    let mut visitor = farm.visitor();
    let large = "p".repeat(1025);
    let first = editor(&mut visitor, "Large");
    let answer = save(&mut visitor, "Large", &first, &large);
    assert_eq!(answer.status, 413);
    assert_eq!(answer.field("savetext"), Some(large));
    let again = (answer.ticket("edit").unwrap(), answer.field("rev").unwrap());
    assert_eq!(save(&mut visitor, "Large", &again, &"p".repeat(1024)).status, 303);
}

#[test]
fn a_read_only_and_an_archived_wiki_are_read_and_not_changed() {
    for (state, word) in [("read_only", "read-only"), ("archived", "archived")] {
        let farm = Farm::prepare(OPEN);
        farm.put_page("main", "Plums", "still here");
        farm.write_config(&OPEN.replace("at =", &format!("state = \"{state}\"\nat =")));
        let mut farm = farm;
        farm.restart();
        let mut visitor = farm.visitor();
        let page = visitor.get(&at("Plums"));
        assert_eq!(page.content(), "still here");
        assert_eq!(page.words(".locked").as_deref(), Some("Locked"), "{state}");
        assert!(
            page.words(".message").is_some_and(|said| said.contains(word)),
            "{state}: the reason stands there"
        );
        let missing = visitor.get(&at("Nothing"));
        assert!(
            !missing.has("a[href*='action=edit']") && !missing.has("#content a[href*='action=login']"),
            "{state}"
        );
        for action in ["edit", "rename", "delete", "revert&rev=1"] {
            let refused = visitor.get(&format!("{}?action={action}", at("Plums")));
            assert_eq!(refused.status, 403, "{state} {action}");
            assert!(refused.content().contains(word), "{}", refused.content());
        }
    }
}

#[test]
fn on_a_wiki_closed_for_changes_nobody_registers_and_only_a_read_only_one_lets_passwords_change() {
    let new = "damsons and medlars";
    for (state, word, changes) in [("read_only", "read-only", true), ("archived", "archived", false)] {
        let mut farm = Farm::prepare(SINGLE);
        farm.add_user("main", "Mia", PASSWORD);
        farm.write_config(&format!("{SINGLE}state = \"{state}\"\n"));
        farm.restart();
        let mut guest = farm.visitor();
        let form = guest.get(&at("Plums?action=newaccount"));
        assert!(form.ticket("newaccount").is_none(), "{state}");
        assert!(
            form.text().contains(word) && !form.has(".visitor a[href*='newaccount']"),
            "{state}"
        );
        let mut mia = farm.logged_in(&at("Plums"), "Mia");
        let fields = [("old_password", PASSWORD), ("password1", new), ("password2", new)];
        let answer = mia.fill_in(&at("Plums"), "userprefs", &fields);
        assert_eq!(answer.status, if changes { 303 } else { 403 }, "{state}");
    }
}

#[test]
fn a_suspended_wiki_answers_503_with_a_page_and_no_cookie() {
    let farm = Farm::start(&OPEN.replace("at =", "state = \"suspended\"\ncookie_lifetime = [1, 12]\nat ="));
    let mut visitor = farm.visitor();
    for page in ["", "Plums", "Plums?action=login"] {
        let answer = visitor.get(&at(page));
        assert_eq!(answer.status, 503);
        assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
        assert!(answer.content().contains("suspended"));
        assert_eq!(
            answer.header("vary"),
            Some("Cookie, Accept-Encoding, Accept-Language")
        );
        assert_eq!(answer.wiki().as_deref(), Some("main"));
        assert!(answer.set_cookies().is_empty());
    }
}

#[test]
fn links_know_whether_their_page_exists_and_notice_when_it_comes_and_goes() {
    let farm = Farm::start(OPEN);
    farm.put_page("main", "Start", "See [[Plums]].");
    let mut visitor = farm.visitor();
    let missing = |visitor: &mut Visitor| visitor.get(&at("Start")).has("#content a[href='/Plums'].missing");
    assert!(missing(&mut visitor));
    visitor.edit(&at("Plums"), "ripe");
    assert!(!missing(&mut visitor));
    visitor.fill_in(&at("Plums"), "delete", &[]);
    assert!(missing(&mut visitor));
}
