//! Runs the examples of `specs/*.md`.
//!
//! An example is a fence of eight backticks with the word `example` and perhaps `raw` (the wiki allows
//! raw HTML); inside stand the Markdown, a line with a single dot and the HTML. `→` is a tab.

use std::path::Path;

use super::RawHtml;
use super::testing::{rendered, written_out};

struct Example {
    line: usize,
    raw: RawHtml,
    markdown: String,
    html: String,
}

fn examples(text: &str) -> Vec<Example> {
    let mut lines = text.lines().enumerate();
    let mut examples = Vec::new();
    while let Some((number, line)) = lines.next() {
        let Some(words) = line.strip_prefix("````````example") else {
            continue;
        };
        let body: Vec<&str> = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| *line != "````````")
            .collect();
        let dot = body
            .iter()
            .position(|line| *line == ".")
            .expect("an example has a line with a dot");
        let text = |lines: &[&str]| {
            lines
                .iter()
                .map(|line| format!("{line}\n"))
                .collect::<String>()
                .replace('→', "\t")
        };
        let raw = if words.trim() == "raw" {
            RawHtml::Sanitised
        } else {
            RawHtml::ShownAsText
        };
        examples.push(Example {
            line: number + 1,
            raw,
            markdown: text(&body[..dot]),
            html: text(&body[dot + 1..]),
        });
    }
    examples
}

fn run(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let examples = examples(&text);
    assert!(examples.len() >= 8, "{file} has only {} examples", examples.len());
    let mut wrong = String::new();
    for example in examples {
        let found = written_out(&rendered(&example.markdown, example.raw));
        if found.trim_end() != example.html.trim_end() {
            let Example {
                line, markdown, html, ..
            } = example;
            wrong += &format!("--- {file}:{line}\n{markdown}--- should be\n{html}--- but is\n{found}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn markdown_is_as_its_specification_says() {
    run("markdown.md");
}

#[test]
fn links_are_as_their_specification_says() {
    run("links.md");
}

#[test]
fn macros_are_as_their_specification_says() {
    run("macros.md");
}

#[test]
fn extensions_are_as_their_specification_says() {
    run("extensions.md");
}

#[test]
fn html_is_as_its_specification_says() {
    run("html.md");
}

#[test]
fn every_specification_is_run() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(
        files,
        ["extensions.md", "html.md", "links.md", "macros.md", "markdown.md"]
    );
}
