//! `grange page`: pages from scripts, beside a running server or without one.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use super::PAGE;
use crate::harness::farm::{GRANGE, Told};
use crate::harness::{Farm, PASSWORD, SINGLE};

fn put(farm: &Farm, name: &str, text: &str, more: &[&str]) -> Told {
    let mut arguments = vec!["page", "put", name, "--wiki", "main"];
    arguments.extend_from_slice(more);
    farm.grange_with_input(&arguments, text)
}

fn cat(farm: &Farm, name: &str) -> Told {
    farm.grange(&["page", "cat", name, "--wiki", "main"])
}

#[test]
fn what_is_put_comes_back_byte_for_byte() {
    let farm = Farm::prepare(SINGLE);
    for text in [
        "",
        "\n",
        "no end",
        "two\n\n\nlines\n",
        "Äpfel 🍑 <b>\n",
        "# Title\r\nand a return\r\n",
    ] {
        assert_eq!(put(&farm, "Äpfel/Sub page", text, &[]).status, 0, "{text:?}");
        assert_eq!(
            cat(&farm, "Äpfel/Sub page").out,
            text.replace("\r\n", "\n"),
            "{text:?}"
        );
    }
}

#[test]
fn saving_says_which_revision_stands_now() {
    let farm = Farm::prepare(SINGLE);
    assert!(put(&farm, "Plums", "one", &[]).out.contains("revision 1"));
    assert!(put(&farm, "Plums", "two", &[]).out.contains("revision 2"));
    let same = put(&farm, "Plums", "two", &[]);
    assert!(
        same.status == 0 && same.out.contains("nothing changed"),
        "{same:?}"
    );
}

#[test]
fn the_history_names_comment_and_author() {
    let farm = Farm::start(SINGLE);
    farm.add_user("main", "Ada", PASSWORD);
    assert_eq!(
        put(
            &farm,
            "Page",
            "one",
            &["--comment", "from a script", "--author", "ada"]
        )
        .status,
        0
    );
    let history = farm.visitor().get(&format!("{PAGE}?action=info"));
    assert_eq!(history.words("td.who").as_deref(), Some("Ada"));
    assert!(history.words("td.what").unwrap().contains("from a script"));
    let nobody = put(&farm, "Page", "two", &["--author", "Nobody"]);
    assert!(nobody.status == 2 && nobody.err.contains("Nobody"), "{nobody:?}");
    assert_eq!(cat(&farm, "Page").out, "one");
}

#[test]
fn the_list_has_written_pages_and_those_of_the_underlay() {
    let farm = Farm::prepare(SINGLE);
    farm.write("wikis/main/pages/Underlay.md", "x");
    put(&farm, "Plums", "x", &[]);
    let list = farm.grange(&["page", "list", "--wiki", "main"]);
    assert_eq!(list.out.lines().collect::<Vec<_>>(), ["Plums", "Underlay"]);
    let json: Vec<String> =
        serde_json::from_str(&farm.grange(&["page", "list", "--wiki", "main", "--json"]).out).unwrap();
    assert_eq!(json, ["Plums", "Underlay"]);
    assert_eq!(cat(&farm, "Underlay").out, "x");
}

#[test]
fn what_cannot_be_a_page_is_refused_and_nothing_saved() {
    let farm = Farm::prepare(&SINGLE.replace("at =", "max_page_bytes = 1024\nat ="));
    for name in ["..", "", "_x", "a\nb", "../../etc/passwd"] {
        let said = put(&farm, name, "x", &[]);
        assert_eq!((said.status, said.out.as_str()), (2, ""), "{name:?}: {said:?}");
    }
    let large = put(&farm, "Large", &"x".repeat(1025), &[]);
    assert!(large.status == 2 && large.err.contains("1024"), "{large:?}");
    let missing = cat(&farm, "Large");
    assert_eq!((missing.status, missing.out.as_str()), (2, ""), "{missing:?}");
    assert_eq!(farm.grange(&["page", "list", "--wiki", "main"]).out.trim(), "");
}

#[test]
fn text_that_is_no_utf8_is_refused() {
    let farm = Farm::prepare(SINGLE);
    let mut child = Command::new(GRANGE)
        .args(["page", "put", "X", "--wiki", "main", "--config"])
        .arg(farm.config())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"\xff\xfe").unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert!(err.contains("UTF-8"), "{err}");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let farm = Farm::prepare(SINGLE);
    put(&farm, "Long", &"a line\n".repeat(100_000), &[]);
    let mut child = Command::new(GRANGE)
        .args(["page", "cat", "Long", "--wiki", "main", "--config"])
        .arg(farm.config())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 7];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, b"a line\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_deleted_page_is_not_there_and_can_be_put_again() {
    let farm = Farm::start(&SINGLE.replace("at =", "acl_rights_default = \"All:read,write,delete\"\nat ="));
    put(&farm, "Page", "one", &[]);
    farm.visitor().fill_in(PAGE, "delete", &[]);
    assert_eq!(cat(&farm, "Page").status, 2);
    assert_eq!(put(&farm, "Page", "again", &[]).status, 0);
    assert_eq!(farm.visitor().get(PAGE).content(), "again");
}
