//! Files of pages, from the form to the bytes: what is kept, who may do what, and what no browser is shown.
//!
//! What the store promises stands beside the store; links and macros that lead to files are in `shown.rs`, long lists
//! and the page's history in `listed.rs`.

mod listed;
mod shown;

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::harness::jar::Place;
use crate::harness::{Answer, Farm, PASSWORD, SINGLE, Visitor};

const PAGE: &str = "http://wiki.example.org/Page";

/// A picture of one pixel.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x56\xc7\x2f\x0d\0\0\0\0IEND\xaeB`\x82";

/// A wiki that everybody may change, with a page.
fn open_farm() -> (Farm, Visitor) {
    farm_with("")
}

fn farm_with(keys: &str) -> (Farm, Visitor) {
    let rights = "acl_rights_default = \"All:read,write,delete,revert\"";
    let farm = Farm::start(&SINGLE.replace("at =", &format!("{keys}\n{rights}\nat =")));
    let mut visitor = farm.visitor();
    visitor.edit(PAGE, "A page.");
    (farm, visitor)
}

fn file_at(name: &str, doing: &str) -> String {
    format!("{PAGE}?action=AttachFile&do={doing}&target={name}")
}

fn bytes_of(visitor: &mut Visitor, name: &str) -> Answer {
    visitor.get(&file_at(name, "get"))
}

fn delete(visitor: &mut Visitor, name: &str) -> Answer {
    let form = visitor.get(&file_at(name, "del"));
    let ticket = form.ticket("AttachFile").expect("the question");
    let url = format!("{PAGE}?action=AttachFile");
    visitor.post(&url, &[("ticket", &ticket), ("do", "del"), ("target", name)])
}

#[test]
fn a_file_is_attached_listed_fetched_overwritten_and_deleted() {
    let (_farm, mut visitor) = open_farm();
    let answer = visitor.attach(PAGE, "plan.txt", b"the first plan", &[("comment", "our plan")]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let list = visitor.follow(PAGE, answer);
    assert!(list.text().contains("The file is attached."));
    let words = list.content();
    for word in ["plan.txt", "14 bytes", "text/plain", "our plan"] {
        assert!(words.contains(word), "{word}: {words}");
    }
    assert!(
        visitor
            .get(PAGE)
            .words(".edit-bar")
            .unwrap()
            .contains("Attachments (1)")
    );
    assert_eq!(bytes_of(&mut visitor, "plan.txt").body, b"the first plan");

    let again = visitor.attach(PAGE, "plan.txt", b"the second", &[]);
    assert_eq!(again.status, 409);
    assert!(again.text().contains("There is a file “plan.txt” already"));
    assert_eq!(bytes_of(&mut visitor, "plan.txt").body, b"the first plan");
    let newer = visitor.attach(
        PAGE,
        "other.txt",
        b"the second",
        &[("target", "plan.txt"), ("overwrite", "1")],
    );
    assert_eq!(newer.status, 303);
    assert_eq!(bytes_of(&mut visitor, "plan.txt").body, b"the second");
    assert_eq!(
        visitor.get(&format!("{}&rev=1", file_at("plan.txt", "get"))).body,
        b"the first plan"
    );
    assert!(
        visitor
            .get(&file_at("plan.txt", "view"))
            .content()
            .contains("the second")
    );

    assert_eq!(delete(&mut visitor, "plan.txt").status, 303);
    for query in ["get", "view", "del", "get&rev=1"] {
        assert_eq!(
            visitor
                .get(&file_at("plan.txt", "get").replace("get", query))
                .status,
            404,
            "{query}"
        );
    }
    let list = visitor.get(&format!("{PAGE}?action=AttachFile"));
    assert!(list.content().contains("No files are attached"));
}

#[test]
fn what_happened_to_files_stands_in_the_recent_changes() {
    let (_farm, mut visitor) = open_farm();
    visitor.edit("http://wiki.example.org/Changes", "<<RecentChanges>>");
    visitor.attach(PAGE, "plan.txt", b"x", &[("comment", "for you")]);
    let changes = visitor.get("http://wiki.example.org/Changes").content();
    assert!(
        changes.contains("attached plan.txt") && changes.contains("for you"),
        "{changes}"
    );
    visitor.attach(PAGE, "plan.txt", b"y", &[("overwrite", "1")]);
    let changes = visitor.get("http://wiki.example.org/Changes").content();
    assert!(changes.contains("replaced plan.txt"), "{changes}");
    delete(&mut visitor, "plan.txt");
    let changes = visitor.get("http://wiki.example.org/Changes").content();
    assert!(changes.contains("file deleted: plan.txt"), "{changes}");
}

#[test]
fn what_a_browser_could_run_is_saved_and_never_shown() {
    let (_farm, mut visitor) = open_farm();
    let shown: [(&str, &[u8], &str); 2] = [
        ("a.png", PNG, "image/png"),
        ("a.txt", b"<b>", "text/plain; charset=utf-8"),
    ];
    for (name, bytes, kind) in shown {
        visitor.attach(PAGE, name, if name == "a.txt" { b"1 <b>" } else { bytes }, &[]);
        let answer = bytes_of(&mut visitor, name);
        assert_eq!(answer.header("content-type"), Some(kind));
        assert!(
            answer
                .header("content-disposition")
                .unwrap()
                .starts_with("inline;")
        );
    }
    let hostile: [(&str, &[u8]); 6] = [
        ("b.png", b"<html><script>alert(1)</script>"),
        (
            "c.txt",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        ),
        ("d.xml", b"<?xml version='1.0'?><x/>"),
        ("e.pdf", b"%PDF-1.7\n"),
        ("f.js", b"\xff\xfealert(1)"),
        ("g.html", b"<!doctype html><title>x</title>"),
    ];
    for (name, bytes) in hostile {
        assert_eq!(visitor.attach(PAGE, name, bytes, &[]).status, 303, "{name}");
        let answer = bytes_of(&mut visitor, name);
        assert_eq!(answer.body, bytes, "{name}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/octet-stream"),
            "{name}"
        );
        assert!(
            answer
                .header("content-disposition")
                .unwrap()
                .starts_with("attachment;"),
            "{name}"
        );
        assert_eq!(
            answer.header("content-security-policy"),
            Some("sandbox; default-src 'none'")
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let view = visitor.get(&file_at(name, "view"));
        assert!(
            !view.has("#content img") && !view.text().contains("alert(1)"),
            "{name}"
        );
    }
}

#[test]
fn a_hostile_name_is_refused_with_words() {
    let (_farm, mut visitor) = open_farm();
    for (name, words) in [
        ("../../secret", "may not contain “/”"),
        ("..\\\\..\\\\secret", "may not contain “\\”"),
        ("..", "may not begin with a dot"),
        (".htaccess", "may not begin with a dot"),
        ("a:b", "may not contain “:”"),
    ] {
        let answer = visitor.attach(PAGE, name, b"x", &[]);
        assert_eq!(answer.status, 400, "{name}");
        assert!(answer.text().contains(words), "{name}: {}", answer.content());
    }
    for target in ["a/b", "a\tb\u{1}", "\u{202e}gpj.exe"] {
        assert_eq!(
            visitor.attach(PAGE, "ok.txt", b"x", &[("target", target)]).status,
            400,
            "{target:?}"
        );
    }
    let odd = "a&b=c \u{fc}'%.txt";
    assert_eq!(visitor.attach(PAGE, odd, b"odd", &[]).status, 303);
    let list = visitor.get(&format!("{PAGE}?action=AttachFile"));
    let href = list.attributes("#content .acts a", "href").swap_remove(0);
    let answer = visitor.get(&format!("http://wiki.example.org{href}"));
    assert_eq!(answer.body, b"odd");
    assert_eq!(
        answer.header("content-disposition"),
        Some("inline; filename=\"a_b_c ___.txt\"; filename*=UTF-8''a%26b%3Dc%20%C3%BC%27%25.txt")
    );
    assert_eq!(visitor.get(&file_at("..%2F..%2Fwiki.db", "get")).status, 404);
}

#[test]
fn an_empty_file_is_a_file_and_no_file_is_none() {
    let (_farm, mut visitor) = open_farm();
    assert_eq!(visitor.attach(PAGE, "empty", b"", &[]).status, 303);
    let answer = bytes_of(&mut visitor, "empty");
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    let none = visitor.attach(PAGE, "", b"", &[]);
    assert!(none.status == 400 && none.text().contains("Please choose a file"));
}

#[test]
fn a_file_over_the_limit_is_413_and_leaves_nothing() {
    let (farm, mut visitor) = farm_with("max_attachment_bytes = 2048");
    assert_eq!(visitor.attach(PAGE, "fits", &[b'x'; 2048], &[]).status, 303);
    for size in [2049, 60_000] {
        let answer = visitor.attach(PAGE, "large", &vec![b'x'; size], &[]);
        assert_eq!(answer.status, 413);
        assert!(answer.text().contains("2048 bytes"), "{}", answer.text());
    }
    let incoming = farm.path().join("wikis/main/attachments/incoming");
    assert_eq!(std::fs::read_dir(incoming).unwrap().count(), 0);
    assert_eq!(bytes_of(&mut visitor, "large").status, 404);
}

#[test]
fn a_part_with_a_head_over_64_kib_is_told_that_limit_and_not_the_files() {
    let (_farm, mut visitor) = open_farm();
    let answer = visitor.attach(PAGE, &"n".repeat(70_000), b"x", &[]);
    assert_eq!(answer.status, 400);
    let words = answer.content();
    assert!(words.contains("64 KiB") && !words.contains("16777216"), "{words}");
}

#[test]
fn an_announced_giant_is_refused_before_it_comes() {
    let (_farm, visitor) = open_farm();
    let answer = visitor.raw(
        b"POST /Page?action=AttachFile HTTP/1.1\r\nHost: wiki.example.org\r\nConnection: close\r\n\
          Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 99999999999\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[test]
fn a_form_without_a_good_ticket_before_the_file_attaches_nothing() {
    let (farm, mut visitor) = open_farm();
    let url = format!("{PAGE}?action=AttachFile");
    let ticket = visitor.get(&url).ticket("AttachFile").unwrap();
    let other = visitor
        .get(&format!("{PAGE}?action=edit"))
        .ticket("edit")
        .unwrap();
    for sent in ["", "nonsense", &other] {
        let answer = visitor.post_file(&url, &[("do", "upload"), ("ticket", sent)], "a.txt", b"x");
        assert_eq!(answer.status, 403);
    }
    let mut foreign = visitor.clone().with_header("origin", "https://evil.example");
    let answer = foreign.post_file(&url, &[("do", "upload"), ("ticket", &ticket)], "a.txt", b"x");
    assert_eq!(answer.status, 403);
    assert!(
        !farm.path().join("wikis/main/attachments").exists(),
        "not a byte was written"
    );
    let answer = visitor.post_file(&url, &[("do", "upload"), ("ticket", &ticket)], "a.txt", b"x");
    assert_eq!(answer.status, 303);
}

#[test]
fn rights_are_asked_as_for_the_page() {
    let rights = "acl_rights_default = \"Ada:read,write,delete Bob:read,write Known:read\"";
    let farm = Farm::start(&SINGLE.replace("at =", &format!("{rights}\nat =")));
    for name in ["Ada", "Bob", "Eve"] {
        farm.add_user("main", name, crate::harness::PASSWORD);
    }
    let logged_in = |name| farm.logged_in(PAGE, name);
    let (mut ada, mut bob, mut eve) = (logged_in("Ada"), logged_in("Bob"), logged_in("Eve"));
    ada.edit(PAGE, "A page.");
    assert_eq!(ada.attach(PAGE, "a.txt", b"ada's", &[]).status, 303);
    assert_eq!(bob.attach(PAGE, "b.txt", b"bob's", &[]).status, 303);
    assert_eq!(
        bob.attach(PAGE, "a.txt", b"bob's", &[("overwrite", "1")]).status,
        403
    );
    assert_eq!(bob.get(&file_at("a.txt", "del")).status, 403);
    assert_eq!(bytes_of(&mut eve, "a.txt").body, b"ada's");
    let list = eve.get(&format!("{PAGE}?action=AttachFile"));
    assert!(
        list.content().contains("a.txt")
            && !list.has("input[type=file]")
            && !list.text().contains(">Delete<")
    );
    let posted = eve.post_file(
        &format!("{PAGE}?action=AttachFile"),
        &[("do", "upload")],
        "e.txt",
        b"x",
    );
    assert_eq!(posted.status, 403);
    let mut guest = farm.visitor();
    for doing in ["get", "view", "del", ""] {
        let answer = guest.get(&file_at("a.txt", doing));
        assert!(
            answer.status == 403 && !answer.text().contains("ada's"),
            "{doing}"
        );
    }
}

#[test]
fn ranges_and_tags_are_understood() {
    let (_farm, mut visitor) = open_farm();
    visitor.attach(PAGE, "a.txt", b"0123456789", &[]);
    let url = file_at("a.txt", "get");
    let whole = visitor.get(&url);
    let tag = whole.header("etag").expect("a tag").to_owned();
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(visitor.get_with(&url, &[("if-none-match", &tag)]).status, 304);
    let part = visitor.get_with(&url, &[("range", "bytes=2-4")]);
    assert_eq!((part.status, part.body.as_slice()), (206, &b"234"[..]));
    assert_eq!(part.header("content-range"), Some("bytes 2-4/10"));
    let end = visitor.get_with(&url, &[("range", "bytes=-3")]);
    assert_eq!(end.body, b"789");
    let beyond = visitor.get_with(&url, &[("range", "bytes=10-")]);
    assert_eq!(
        (beyond.status, beyond.header("content-range")),
        (416, Some("bytes */10"))
    );
    let other = visitor.get_with(&url, &[("range", "bytes=2-4"), ("if-range", "\"other\"")]);
    assert_eq!((other.status, other.body.len()), (200, 10));
    let head = visitor.head(&url);
    assert_eq!(
        (head.status, head.header("content-length"), head.body.len()),
        (200, Some("10"), 0)
    );
    visitor.attach(PAGE, "a.txt", b"other", &[("overwrite", "1")]);
    assert_eq!(visitor.get_with(&url, &[("if-none-match", &tag)]).body, b"other");
}

#[test]
fn a_large_file_comes_back_byte_for_byte() {
    let (_farm, mut visitor) = open_farm();
    let bytes: Vec<u8> = (0..3_000_000_u32)
        .flat_map(|n| n.to_le_bytes())
        .take(11_000_000)
        .collect();
    assert_eq!(visitor.attach(PAGE, "large.bin", &bytes, &[]).status, 303);
    assert!(bytes_of(&mut visitor, "large.bin").body == bytes);
}

#[test]
fn a_renamed_page_takes_its_files_along_and_a_deleted_one_hides_them() {
    let (_farm, mut visitor) = open_farm();
    visitor.attach(PAGE, "a.txt", b"x", &[]);
    visitor.submit(PAGE, "rename", &[("newname", "Other")]);
    let other = "http://wiki.example.org/Other";
    assert_eq!(bytes_of(&mut visitor, "a.txt").status, 404);
    assert_eq!(
        visitor
            .get(&file_at("a.txt", "get").replace("/Page", "/Other"))
            .body,
        b"x"
    );
    visitor.submit(other, "delete", &[]);
    let gone = visitor.get(&format!("{other}?action=AttachFile"));
    assert_eq!(gone.status, 404);
    assert!(
        gone.attributes("#content a", "href")
            .contains(&"/Other?action=edit".to_owned())
    );
}

#[test]
fn an_answered_upload_survives_a_kill() {
    let (mut farm, mut visitor) = open_farm();
    for nth in 0..5 {
        let name = format!("{nth}.txt");
        assert_eq!(visitor.attach(PAGE, &name, name.as_bytes(), &[]).status, 303);
        farm.restart();
        let mut later = farm.visitor();
        visitor = visitor.at(farm.address(0));
        assert_eq!(later.get(&file_at(&name, "get")).body, name.as_bytes());
    }
}

#[test]
fn a_wiki_that_is_read_only_takes_no_files_and_shows_them() {
    let (mut farm, mut visitor) = open_farm();
    visitor.attach(PAGE, "a.txt", b"x", &[]);
    let url = format!("{PAGE}?action=AttachFile");
    let ticket = visitor.get(&url).ticket("AttachFile").unwrap();
    let closed = std::fs::read_to_string(farm.config()).unwrap();
    farm.write_config(&closed.replace("at =", "state = \"read_only\"\nat ="));
    farm.restart();
    let mut visitor = visitor.at(farm.address(0));
    assert_eq!(bytes_of(&mut visitor, "a.txt").body, b"x");
    let answer = visitor.post_file(&url, &[("ticket", &ticket), ("do", "upload")], "b.txt", b"x");
    assert_eq!(answer.status, 403);
    assert!(!visitor.get(&url).has("input[type=file]"));
}

/// A file whose last bytes have not been sent yet.
struct Underway {
    stream: TcpStream,
    rest: &'static str,
}

impl Underway {
    fn begin(farm: &Farm, visitor: &mut Visitor) -> Underway {
        let form = visitor.get(&format!("{PAGE}?action=AttachFile"));
        let ticket = form.ticket("AttachFile").expect("the form");
        let place = Place {
            host: "wiki.example.org",
            path: "/Page",
            https: false,
        };
        let cookies = visitor.jar.header(place).unwrap_or_default();
        let field = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let fields = field("ticket", &ticket) + &field("do", "upload");
        let file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"late.txt\"\r\n\r\nlate";
        let rest = "\r\n--b--\r\n";
        let request = format!(
            "POST /Page?action=AttachFile HTTP/1.1\r\nHost: wiki.example.org\r\nOrigin: http://wiki.example.org\r\n\
             Cookie: {cookies}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{fields}{file}",
            fields.len() + file.len() + rest.len()
        );
        let mut stream = TcpStream::connect(farm.address(0)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        Underway { stream, rest }
    }

    /// The status line of the answer.
    fn end(mut self) -> String {
        self.stream.write_all(self.rest.as_bytes()).unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }
}

#[test]
fn a_file_that_is_underway_when_its_sender_is_disabled_is_not_attached() {
    let (farm, mut visitor) = open_farm();
    farm.add_user("main", "Eve", PASSWORD);
    let mut eve = farm.logged_in(PAGE, "Eve");
    assert!(Underway::begin(&farm, &mut eve).end().contains(" 303 "));
    delete(&mut visitor, "late.txt");
    let underway = Underway::begin(&farm, &mut eve);
    assert_eq!(
        farm.grange(&["user", "disable", "Eve", "--wiki", "main"]).status,
        0
    );
    assert!(underway.end().contains(" 403 "));
    assert_eq!(bytes_of(&mut visitor, "late.txt").status, 404);
}

#[test]
fn a_file_that_is_underway_when_the_wiki_becomes_read_only_is_not_attached() {
    let (farm, mut visitor) = open_farm();
    let underway = Underway::begin(&farm, &mut visitor);
    let config = std::fs::read_to_string(farm.config()).unwrap();
    farm.write_config(&config.replace("at =", "state = \"read_only\"\nat ="));
    assert_eq!(farm.grange(&["reload"]).status, 0);
    assert!(underway.end().contains(" 403 "));
    assert_eq!(bytes_of(&mut visitor, "late.txt").status, 404);
}

#[test]
fn a_part_that_tells_its_own_length_is_refused_and_not_cut() {
    let (_farm, mut visitor) = open_farm();
    let name = "cut.txt\"\r\nContent-Length: \"4";
    let answer = visitor.attach(PAGE, name, b"0123456789", &[]);
    assert_eq!(answer.status, 400, "{}", answer.text());
}
