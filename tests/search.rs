//! Searching as people do it: the box, the results, the ways on, and what nobody may learn from them.
//!
//! What the grammar means and how the index keeps up is tested in the wiki crate; here the pages are looked at.

use crate::harness::{Answer, Farm, PASSWORD, SINGLE};

const BASE: &str = "http://h.example/";

fn farm() -> Farm {
    let farm = Farm::start(SINGLE);
    farm.put_page("main", "Apple", "# Apples\n\nA fruit that grows on trees.\n");
    farm.put_page("main", "Garden/Apple trees", "They stand beside the [[Pear]].\n");
    farm.put_page(
        "main",
        "Pear",
        "Not an apple <b>but</b> a fruit. See [[Apple]].\n",
    );
    farm
}

/// The answer to a search from the front page.
fn search(farm: &Farm, fields: &str) -> Answer {
    farm.visitor().get(&format!("{BASE}?action=fullsearch&{fields}"))
}

fn found(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.attributes("#content .results a.result", "href")
}

#[test]
fn every_page_has_a_box_that_searches_without_a_script() {
    let farm = farm();
    let page = farm.visitor().get(&format!("{BASE}Pear"));
    assert_eq!(page.attributes("form[role=search]", "action"), ["/"]);
    assert_eq!(page.attributes("form[role=search]", "method"), ["get"]);
    let names = page.attributes("form[role=search] input", "name");
    assert_eq!(names, ["action", "context", "value"]);
    let missing = farm.visitor().get(&format!("{BASE}Nowhere"));
    assert!(missing.has("form[role=search]"));
}

#[test]
fn what_is_found_stands_in_order_with_the_words_marked() {
    let farm = farm();
    let answer = search(&farm, "value=apple&context=180");
    assert_eq!(found(&answer), ["/Apple", "/Garden/Apple%20trees", "/Pear"]);
    assert!(
        answer.content().contains("3 pages were found."),
        "{}",
        answer.content()
    );
    assert_eq!(answer.words("#content a.result mark").as_deref(), Some("Apple"));
    assert_eq!(answer.words("#content .excerpt mark").as_deref(), Some("Apple"));
    assert!(
        answer.content().contains("Not an apple <b>but</b> a fruit"),
        "markup is text here"
    );
    assert!(!answer.has("#content b"));
    let shown = answer.attributes("form[role=search] input[name=value]", "value");
    assert_eq!(shown, ["apple"], "the box shows what was asked");
    assert!(
        !search(&farm, "value=apple").has(".excerpt"),
        "without context there are no excerpts"
    );
}

#[test]
fn a_page_is_found_as_soon_as_it_is_saved_and_not_after_it_is_deleted() {
    let rights = "acl_rights_default = \"All:read,write,delete\"\nat =";
    let farm = Farm::start(&SINGLE.replace("at =", rights));
    assert_eq!(found(&search(&farm, "value=medlar")), Vec::<String>::new());
    farm.put_page("main", "Medlar", "One more.");
    assert_eq!(found(&search(&farm, "value=medlar")), ["/Medlar"]);
    assert_eq!(found(&search(&farm, "value=%22one+more%22")), ["/Medlar"]);
    farm.visitor()
        .submit(&format!("{BASE}Medlar"), "delete", &[("comment", "")]);
    assert_eq!(found(&search(&farm, "value=medlar")), Vec::<String>::new());
}

#[test]
fn two_servers_find_what_either_saved_also_after_one_was_killed() {
    let mut farm = farm();
    let second = farm.second_process();
    for nth in 0..40 {
        farm.put_page("main", &format!("Row {nth}"), &format!("quinces, {nth}"));
    }
    let url = format!("{BASE}?action=fullsearch&value=quinces");
    let total = |answer: Answer| answer.content();
    assert!(total(farm.visitor().get(&url)).contains("40 pages were found."));
    assert!(total(second.visitor().get(&url)).contains("40 pages were found."));
    farm.kill();
    farm.put_page("main", "Row 40", "quinces again");
    assert!(total(second.visitor().get(&url)).contains("41 pages were found."));
    farm.restart();
    assert!(total(farm.visitor().get(&url)).contains("41 pages were found."));
}

#[test]
fn a_long_list_comes_in_parts() {
    let farm = farm();
    for nth in 0..30 {
        farm.put_page("main", &format!("Row {nth:02}"), "quinces");
    }
    let first = search(&farm, "value=quinces&case=1");
    assert_eq!(found(&first).len(), 25);
    assert!(first.content().contains("1–25 of 30"), "{}", first.content());
    let later = first.attributes(".steps a[rel~=next]", "href");
    assert_eq!(
        later,
        ["/FrontPage?action=fullsearch&value=quinces&case=1&from=25"]
    );
    let rest = farm.visitor().get(&format!("http://h.example{}", later[0]));
    assert_eq!(found(&rest).len(), 5);
    assert_eq!(rest.attributes(".steps a[rel~=prev]", "href").len(), 1);
    assert_eq!(
        found(&search(&farm, "value=quinces&from=99999999999999")).len(),
        0
    );
}

#[test]
fn a_title_search_leads_to_the_page_that_was_typed_and_else_lists() {
    let farm = farm();
    let to = |fields: &str| {
        let answer = search(&farm, fields);
        (answer.status, answer.header("location").map(str::to_owned))
    };
    assert_eq!(to("titlesearch=1&value=pear"), (303, Some("/Pear".to_owned())));
    assert_eq!(to("titlesearch=1&value=pea"), (200, None));
    assert_eq!(to("titlesearch=1&value=apple"), (200, None), "two names have it");
    assert_eq!(to("value=pear"), (200, None));
    let none = search(&farm, "titlesearch=1&value=fruit");
    assert!(none.content().contains("Nothing was found"), "{}", none.content());
    assert_eq!(
        none.attributes(".ways a", "href"),
        ["/FrontPage?action=fullsearch&context=180&value=fruit"]
    );
}

#[test]
fn a_search_for_a_page_that_is_missing_offers_to_write_it_to_those_who_may() {
    let farm =
        Farm::start(&SINGLE.replace("at =", "acl_rights_default = \"Known:read,write All:read\"\nat ="));
    farm.add_user("main", "Mia", PASSWORD);
    let url = format!("{BASE}?action=fullsearch&value=Quince");
    assert!(!farm.visitor().get(&url).has(".ways a"));
    let mut mia = farm.logged_in(&format!("{BASE}Start"), "Mia");
    assert_eq!(
        mia.get(&url).attributes(".ways a", "href"),
        ["/Quince?action=edit"]
    );
}

#[test]
fn a_broken_search_says_why_and_keeps_what_was_typed() {
    let farm = farm();
    for (typed, reason) in [
        ("%28apple", "A closing bracket “)” is missing."),
        ("nonsense%3Ax", "“nonsense:” is no search prefix"),
        ("regex%3A%5B", "is no regular expression"),
        ("or", "Nothing stands on one side of “or”"),
    ] {
        let answer = search(&farm, &format!("value={typed}"));
        assert_eq!(answer.status, 400, "{typed}");
        let told = answer.words(".message.refusal").unwrap_or_default();
        assert!(told.contains(reason), "{typed}: {told}");
        assert!(!answer.attributes("#content input[name=value]", "value")[0].is_empty());
    }
    let url = format!("{BASE}?action=fullsearch&value=%28a");
    let problem = farm.visitor().get_with(&url, &[("accept", "application/json")]);
    assert_eq!(problem.status, 400);
    assert!(problem.text().contains("A closing bracket"), "{}", problem.text());
}

#[test]
fn an_empty_search_asks_what_to_look_for() {
    let farm = farm();
    for fields in ["", "value=", "value=%20", "advancedsearch=1"] {
        let answer = search(&farm, fields);
        assert_eq!(answer.status, 200);
        assert!(
            answer.content().contains("Please say what to look for."),
            "{fields}"
        );
        assert!(!answer.has(".results"));
    }
}

#[test]
fn a_search_is_nobodys_but_the_visitors_and_no_search_engine_keeps_it() {
    let answer = search(&farm(), "value=apple");
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert_eq!(answer.attributes("meta[name=robots]", "content"), ["noindex"]);
    assert!(answer.set_cookies().is_empty());
}

#[test]
fn who_may_not_read_finds_counts_and_lists_nothing() {
    let rights = "acl_rights_default = \"Mia:read,write\"\nat =";
    let farm = Farm::start(&SINGLE.replace("at =", rights));
    farm.add_user("main", "Mia", PASSWORD);
    farm.put_page("main", "Secret", "the treasure, see [[FrontPage]]");
    farm.put_page("main", "FrontPage", "<<FullSearch(treasure)>>");
    for action in ["fullsearch&value=treasure", "titleindex", "linkto", "LikePages"] {
        let answer = farm.visitor().get(&format!("{BASE}?action={action}"));
        assert_eq!(answer.status, 403, "{action}");
        assert!(!answer.text().contains("Secret"), "{action}");
    }
    let mut mia = farm.logged_in(&format!("{BASE}Start"), "Mia");
    let answer = mia.get(&format!("{BASE}?action=fullsearch&value=treasure"));
    assert_eq!(found(&answer), ["/FrontPage", "/Secret"]);
    assert!(
        mia.get(BASE).content().contains("Secret"),
        "the macro lists it for her"
    );
    assert!(!farm.visitor().get(BASE).text().contains("Secret"));
}

#[test]
fn links_to_a_page_similar_names_and_all_names_are_listed() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let page = visitor.get(&format!("{BASE}Apple"));
    let more = page.attributes(".edit-bar .more a", "href");
    assert!(more.contains(&"/Apple?action=linkto".to_owned()), "{more:?}");
    let links = visitor.get(&format!("{BASE}Apple?action=linkto"));
    assert_eq!(found(&links), ["/Pear"]);
    assert!(links.content().contains("1 page links here."));
    let missing = visitor.get(&format!("{BASE}Nowhere?action=linkto"));
    assert!(missing.content().contains("No page links here."));
    let similar = visitor.get(&format!("{BASE}Aple?action=LikePages"));
    assert_eq!(found(&similar), ["/Apple"]);
    let index = visitor.get(&format!("{BASE}?action=titleindex"));
    let listed = index.attributes("#content ul a", "href");
    assert!(listed.contains(&"/Garden/Apple%20trees".to_owned()), "{listed:?}");
    let plain = visitor.get(&format!("{BASE}?action=titleindex&mimetype=text/plain"));
    assert!(
        plain.text().contains("Garden/Apple trees\nPear\n"),
        "{}",
        plain.text()
    );
    assert!(plain.header("content-type").unwrap().starts_with("text/plain"));
    let other = visitor.get(&format!("{BASE}?action=titleindex&mimetype=image/png"));
    assert_eq!(other.status, 400);
}

#[test]
fn the_go_to_box_leads_to_a_page_whether_it_is_there_or_not() {
    let farm = farm();
    let mut visitor = farm.visitor();
    let mut to = |target: &str| {
        let answer = visitor.get(&format!("{BASE}Pear?action=goto&target={target}"));
        (answer.status, answer.header("location").map(str::to_owned))
    };
    assert_eq!(to("Apple"), (303, Some("/Apple".to_owned())));
    assert_eq!(to("+No++where"), (303, Some("/No%20where".to_owned())));
    assert_eq!(to("//evil.example/x"), (303, Some("/evil.example/x".to_owned())));
    assert_eq!(to("").0, 400);
    assert_eq!(to("_farm").0, 400);
}

#[test]
fn the_boxes_of_the_macros_ask_what_the_server_answers() {
    let farm = farm();
    farm.put_page(
        "main",
        "Find",
        "<<TitleSearch>>\n\n<<GoTo>>\n\n<<AdvancedSearch>>\n\n<<FullSearch>>\n",
    );
    let page = farm.visitor().get(&format!("{BASE}Find"));
    assert!(!page.has(".macro-error"), "{}", page.content());
    let forms = page.attributes("#content form", "action");
    assert_eq!(forms, ["/Find", "/Find", "/Find", "/Find"]);
    let fields = "advancedsearch=1&and_terms=fruit&not_terms=apples&includeunderlay=1";
    assert_eq!(found(&search(&farm, fields)), ["/Pear"]);
}

#[test]
fn the_list_of_full_search_is_part_of_the_page_and_follows_the_pages() {
    let farm = farm();
    farm.put_page(
        "main",
        "Fruit",
        "<<FullSearch(fruit)>>\n\n<<FullSearchCached(-fruit title:apple)>>\n",
    );
    farm.put_page("main", "Apple/Back", "<<FullSearch()>>, [[Fruit]]");
    let mut visitor = farm.visitor();
    let url = format!("{BASE}Fruit");
    assert_eq!(
        visitor.get(&url).attributes("#content li a", "href"),
        ["/Apple", "/Apple/Back", "/Pear", "/Garden/Apple%20trees"]
    );
    let etag = visitor.get(&url).header("etag").map(str::to_owned);
    assert!(etag.is_some(), "everybody gets the same page");
    farm.put_page("main", "Plum", "a fruit");
    let now = visitor.get(&url);
    assert!(
        now.attributes("#content li a", "href")
            .contains(&"/Plum".to_owned())
    );
    assert_ne!(now.header("etag").map(str::to_owned), etag);
    let broken = "<<FullSearch(nonsense:x)>> <<PageList(regex:[)>>";
    farm.put_page("main", "Broken", broken);
    let boxes = visitor.get(&format!("{BASE}Broken")).text();
    assert_eq!(boxes.matches("macro-error").count(), 2, "{boxes}");
}

#[test]
fn hostile_searches_are_answered() {
    let farm = farm();
    farm.put_page("main", "Long", &"a".repeat(400_000));
    for value in [
        "regex%3A%5E%28a%2B%29%2B%24",
        "regex%3A%28a%2A%29%2Ab",
        "regex%3A%28%5Cw%7B1%2C500%7D%29%7B1%2C500%7D",
        &"%28".repeat(600),
        &"a+".repeat(1000),
        "%00%01%ff",
        "%22%29+OR+1%3D1",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    ] {
        let answer = search(&farm, &format!("value={value}&context=180"));
        assert!([200, 400].contains(&answer.status), "{value}: {}", answer.status);
        assert!(!answer.text().contains("<script>alert"), "{value}");
    }
    assert_eq!(
        found(&search(&farm, "value=fruit")).len(),
        2,
        "and the server goes on"
    );
}

#[test]
fn where_searching_is_turned_off_there_is_no_box() {
    let farm = Farm::start(&SINGLE.replace("at =", "actions_excluded = [\"fullsearch\", \"linkto\"]\nat ="));
    farm.put_page("main", "Apple", "text");
    let page = farm.visitor().get(&format!("{BASE}Apple"));
    assert!(!page.has("form[role=search]") && !page.text().contains("action=linkto"));
    assert_eq!(search(&farm, "value=apple").status, 403);
    let posted = farm.visitor().post(&format!("{BASE}?action=titleindex"), &[]);
    assert_eq!(posted.status, 405);
}
