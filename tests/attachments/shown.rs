//! Files where pages show them: links, pictures and macros.
//!
//! Each test is a page, its files and what a reader then sees.

use super::{PAGE, PNG, file_at, open_farm};
use crate::harness::{Answer, PASSWORD, Visitor};
use crate::python_macros::farm_with;

const OTHER: &str = "http://wiki.example.org/Other";

fn hrefs(answer: &Answer) -> Vec<String> {
    answer.attributes("#content a", "href")
}

/// All that a page says of files: its words, and where and how its links and pictures lead.
fn shape(answer: &Answer) -> Vec<String> {
    let of = |selector, attribute| answer.attributes(selector, attribute);
    let mut shape = vec![answer.content()];
    for attribute in ["href", "class", "title", "rel"] {
        shape.extend(of("#content a", attribute));
    }
    for attribute in ["src", "alt", "title"] {
        shape.extend(of("#content img", attribute));
    }
    shape
}

#[test]
fn links_and_pictures_follow_the_files_as_they_come_and_go() {
    let (_farm, mut visitor) = open_farm();
    visitor.edit(
        PAGE,
        "[the plan](attachment:my%20plan.txt) [[attachment:my plan.txt|again]] ![a dot](attachment:dot.png)",
    );
    let before = visitor.get(PAGE);
    assert_eq!(before.attributes("#content a.missing", "href").len(), 3);
    assert_eq!(hrefs(&before)[0], "/Page?action=AttachFile&rename=my%20plan.txt");
    let form = visitor.get(&format!("http://wiki.example.org{}", hrefs(&before)[0]));
    assert_eq!(form.attributes("#target", "value"), ["my plan.txt"]);

    visitor.attach(PAGE, "my plan.txt", b"x", &[]);
    visitor.attach(PAGE, "dot.png", PNG, &[]);
    let after = visitor.get(PAGE);
    assert_eq!(
        hrefs(&after),
        ["/Page?action=AttachFile&do=view&target=my%20plan.txt"; 2]
    );
    assert_eq!(
        after.attributes("#content img", "src"),
        ["/Page?action=AttachFile&do=get&target=dot.png"]
    );
    assert_eq!(after.attributes("#content img", "alt"), ["a dot"]);
    super::delete(&mut visitor, "dot.png");
    assert!(!visitor.get(PAGE).has("#content img"));
}

#[test]
fn files_of_other_pages_are_found_by_the_pages_names() {
    let (_farm, mut visitor) = open_farm();
    visitor.attach(PAGE, "a.txt", b"x", &[]);
    visitor.edit(
        "http://wiki.example.org/Page/Sub",
        "[[attachment:Page/a.txt|one]] [two](attachment:../a.txt) [[attachment:a.txt|none]] [[attachment:.x|no link]]",
    );
    let page = visitor.get("http://wiki.example.org/Page/Sub");
    let view = "/Page?action=AttachFile&do=view&target=a.txt";
    assert_eq!(
        hrefs(&page),
        [view, view, "/Page/Sub?action=AttachFile&rename=a.txt"]
    );
    visitor.edit("http://wiki.example.org/Beside", "[x](attachment:Page/a.txt)");
    assert_eq!(hrefs(&visitor.get("http://wiki.example.org/Beside")), [view]);
}

#[test]
fn a_link_to_a_file_of_another_page_does_not_tell_whether_there_is_one() {
    let (_farm, mut visitor) = open_farm();
    let files: [(&str, &[u8]); 4] = [
        ("dot.png", PNG),
        ("odd.png", b"<svg/>"),
        ("plan.txt", b"x"),
        ("x.bin", b"\0"),
    ];
    let links = files.map(|(file, _)| format!("[a](attachment:Page/{file}) ![b](attachment:Page/{file})\n"));
    visitor.edit(OTHER, &links.concat());
    let before = visitor.get(OTHER);
    assert_eq!(before.attributes("#content img", "src").len(), 2);
    assert!(!before.has("#content .missing"));
    for (file, bytes) in files {
        assert_eq!(visitor.attach(PAGE, file, bytes, &[]).status, 303);
    }
    // Saved once more, so that nothing kept from before is shown.
    visitor.edit(OTHER, &format!("{}\n", links.concat()));
    assert_eq!(shape(&visitor.get(OTHER)), shape(&before));
    visitor.edit(PAGE, &links.concat());
    assert_ne!(shape(&visitor.get(PAGE)), shape(&before), "its own page may tell");
}

#[test]
fn a_link_to_a_missing_file_of_another_page_leads_on_to_the_form() {
    let (_farm, mut visitor) = open_farm();
    visitor.edit(OTHER, "[[attachment:Page/my plan.txt]]");
    let link = hrefs(&visitor.get(OTHER)).swap_remove(0);
    let missing = visitor.get(&format!("http://wiki.example.org{link}"));
    assert_eq!(missing.status, 404);
    assert!(
        missing.content().contains("no such file"),
        "{}",
        missing.content()
    );
    let form = format!("http://wiki.example.org{}", hrefs(&missing)[0]);
    assert_eq!(visitor.get(&form).attributes("#target", "value"), ["my plan.txt"]);
}

#[test]
fn a_picture_that_is_none_becomes_a_link() {
    let (_farm, mut visitor) = open_farm();
    visitor.attach(PAGE, "evil.png", b"<svg onload='alert(1)'/>", &[]);
    visitor.edit(PAGE, "![drawing](attachment:evil.png)");
    let page = visitor.get(PAGE);
    assert!(!page.has("#content img"));
    assert_eq!(hrefs(&page), ["/Page?action=AttachFile&do=view&target=evil.png"]);
}

#[test]
fn each_macro_shows_the_files_of_its_page_and_of_others() {
    let (_farm, mut visitor) = open_farm();
    visitor.edit(OTHER, "<<AttachList(Page)>>\n\n<<AttachInfo(Page)>>\n\n<<Gallery(Page, 2)>>\n\n<<EmbedObject(dot.png, Page, 40)>>");
    let none = visitor.get(OTHER).content();
    assert!(none.contains("no files") || none.contains("No files"), "{none}");
    visitor.attach(PAGE, "plan.txt", b"x", &[]);
    visitor.attach(PAGE, "dot.png", PNG, &[]);
    let page = visitor.get(OTHER);
    let words = page.content();
    assert!(words.contains("plan.txt") && words.contains("2 files"), "{words}");
    assert_eq!(
        page.attributes("#content .gallery img", "src"),
        ["/Page?action=AttachFile&do=get&target=dot.png"]
    );
    assert_eq!(page.attributes("#content img[width='40']", "alt"), ["dot.png"]);
    assert_eq!(
        visitor
            .get(&file_at("dot.png", "view"))
            .attributes("#content img", "alt"),
        ["dot.png"]
    );
}

#[test]
fn a_link_that_a_python_macro_makes_leads_to_the_file() {
    let source = "def execute(macro, args):\n    f = macro.formatter\n    \
                  return f.attachment_link(1, 'plan.txt') + f.text('plan') + f.attachment_link(0)\n";
    let farm = farm_with("Plan", source, "<<Plan>>");
    farm.add_user("main", "Ada", PASSWORD);
    let front = "http://wiki.example.org/Front";
    let mut ada = farm.logged_in(front, "Ada");
    let link = |ada: &mut Visitor| {
        let link = hrefs(&ada.get(front)).swap_remove(0);
        ada.get(&format!("http://wiki.example.org{link}"))
    };
    // There is no such file yet: the link leads to the form that attaches it.
    assert!(ada.get(front).has("#content a.missing"));
    assert!(link(&mut ada).has("input[type=file]"));
    ada.attach(front, "plan.txt", b"our plan", &[]);
    assert!(link(&mut ada).content().contains("our plan"));
}

#[test]
fn a_python_macro_shows_an_attached_picture() {
    let source =
        "def execute(macro, args):\n    return macro.formatter.attachment_image('dot.png', alt='a dot')\n";
    let farm = farm_with("Dot", source, "<<Dot>>");
    farm.add_user("main", "Ada", PASSWORD);
    let front = "http://wiki.example.org/Front";
    let mut ada = farm.logged_in(front, "Ada");
    assert!(!ada.get(front).has("#content img"));
    ada.attach(front, "dot.png", PNG, &[]);
    let source = ada
        .get(front)
        .attributes("#content img[alt='a dot']", "src")
        .swap_remove(0);
    let picture = ada.get(&format!("http://wiki.example.org{source}"));
    assert_eq!(picture.header("content-type"), Some("image/png"));
}
