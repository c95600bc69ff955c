//! Texts made to stop a server, for the hostile tests: what has brought Markdown parsers and HTML
//! sanitisers to their knees, and the pieces of markup that random heaps are made of.
//! Nothing is claimed here; `hostile_tests.rs` does.

/// Pathological pages, each of about `n` bytes.
pub fn pathological(n: usize) -> Vec<(&'static str, String)> {
    let mut pages = brackets_and_blocks(n);
    pages.extend(html_and_signs(n));
    pages
}

fn brackets_and_blocks(n: usize) -> Vec<(&'static str, String)> {
    let again = |text: &str| text.repeat(n / text.len());
    vec![
        ("open brackets", again("[")),
        ("nested brackets", again("[") + &again("]")),
        ("nested links", again("[a](") + &again("b)")),
        ("image openers", again("![")),
        ("wiki link openers", again("[[")),
        ("half wiki links", again("[[a|")),
        ("wiki links", again("[[a]]")),
        ("wiki links with labels", again("[[a|*b*]] ")),
        ("macro openers", again("<<A(")),
        ("macros", again("<<A>>")),
        ("macro closers", again(")>>")),
        ("quotes", again(">")),
        ("quotes with text", again("> ") + "a\n" + &again("b\n")),
        (
            "markers of all kinds",
            again("> - 1. * + ") + "a\n" + &again("b\n"),
        ),
        (
            "markers deeper by the line",
            (0..100)
                .map(|line| " ".repeat(line * 40) + &"- ".repeat(20) + "\n")
                .collect::<String>()
                + &again("b\n"),
        ),
        ("stars", again("*")),
        ("stars and words", again("*a ")),
        ("mixed emphasis", again("*a_b**c__")),
        ("strong both ways", again("**a ") + &again("b** ")),
        ("tildes", again("~~a ")),
        ("backticks", again("`a``b```c````d")),
        (
            "backticks growing",
            (1..400).map(|length| "`".repeat(length) + " ").collect(),
        ),
        ("fence without end", "```\n".to_owned() + &again("<<A>>\n")),
        (
            "nested lists",
            (0..300).map(|depth| " ".repeat(depth * 2) + "- a\n").collect(),
        ),
        ("list markers", again("- ")),
        ("numbered markers", again("1. ")),
        ("table head", again("|a") + "\n" + &again("|-")),
        (
            "wide table, short rows",
            "|a".repeat(n / 10) + "\n" + &"|-".repeat(n / 10) + "\n" + &again("a\n"),
        ),
    ]
}

fn html_and_signs(n: usize) -> Vec<(&'static str, String)> {
    let again = |text: &str| text.repeat(n / text.len());
    vec![
        ("html openers", again("<a ")),
        ("html comments", again("<!--")),
        ("html tags", again("<b>")),
        ("html divs", again("<div>")),
        ("html blocks", again("<div>\n\n")),
        ("processing instructions", again("<?")),
        ("declarations", again("<!A ")),
        ("cdata", again("<![CDATA[")),
        ("entities", again("&")),
        ("long entities", again("&#x10FFFD;0&#x10FFFC;")),
        ("placeholders", again("<<A>>\u{10FFFD}0\u{10FFFC}")),
        ("backslashes", again("\\")),
        ("escaped macros", again("\\<<")),
        ("headings", again("# a\n")),
        ("empty headings", again("#\n")),
        ("underlined", again("a\n=\n")),
        ("references", again("[a]: b\n")),
        (
            "used references",
            format!("[a]: /{}\n\n{}", "x".repeat(100), again("[a]")),
        ),
        ("footnotes", again("[^a]")),
        ("footnotes defined", again("[^a]: b\n\n")),
        (
            "footnotes in footnotes",
            (0..n / 20)
                .map(|i| format!("[^{i}]: [^{}]\n", i + 1))
                .collect::<String>()
                + "\n[^0]",
        ),
        ("definitions", again("a\n: b\n\n")),
        ("alerts", again("> [!NOTE]\n")),
        ("bare addresses", again("https://a")),
        ("bare addresses in a row", again("http://a.")),
        ("addresses without hosts", again("https://-")),
        ("address ends", "https://a".to_owned() + &again(")")),
        ("address colons", again("://")),
        ("autolinks", again("<https://a.b>")),
        ("nul", again("\0")),
        ("tabs", again("\t")),
        ("carriage returns", again("\r")),
        ("blank lines", again("\n")),
        ("one word", again("a")),
        ("quotes to escape", again("\"")),
        ("ampersands in code", "```\n".to_owned() + &again("&")),
    ]
}

/// Pieces of markup.
#[rustfmt::skip]
pub const PIECES: &[&str] = &[
    "[[", "]]", "|", "[", "]", "(", ")", "](", "![", "<<A", ">>", "(b)>>", "<<A>>", "<<B(x)>>", "*", "**",
    "_", "~~", "`", "```\n", "\n", "\n\n", "> ", "- ", "1. ", "    ", "# ", "a", "b c", "\\", "&lt;",
    "&#106;avascript:", "javascript:x", "data:x", "https://e.example", "//e", "\"", "'", "<", ">", "<b>",
    "</b>", "<div>", "</div>", "<p title=\"", "<a href=\"", "\">", "<script>", "</script>", "<!--", "-->",
    "onclick=x", " style=y ", "[^1]", "\n[^1]: ", "[x]: ", "|-|-|\n", "\n: ", "> [!NOTE]\n", "- [x] ",
    "mailto:a@b", "<a@b.c>", "\u{10FFFD}0\u{10FFFC}", "&#x10FFFD;", "\0", "\r", "\t", "<table>", "<td>",
    "<svg>", "<textarea>", "<details>", "<summary>", "<style>", "<input", "<li>", "</p>", "ä", "日本",
];
