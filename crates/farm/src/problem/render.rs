//! Problems for people: the line, the offending text underlined, why, and what to write instead.
//!
//! Only the lines that are shown are handed to annotate-snippets: it walks its whole source for every problem, and
//! a farm of ten thousand wikis is one long file. No colours: the text goes to terminals, logs and pages alike.
//! Notes are said in a line or two each, without excerpt, so that they do not drown a problem.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Problem, Severity, Sources};
use crate::passwords;

/// All problems as text, each with `FILE:LINE`, its code, the text underlined and the remedy.
pub fn render_problems(problems: &[Problem], sources: &Sources) -> String {
    let renderer = Renderer::plain();
    let texts = problems
        .iter()
        .map(|problem| render_problem(&renderer, problem, sources));
    texts.fold(String::new(), |all, text| all + &text + "\n\n")
}

/// So many notes of a code are told; the rest is counted.
const NOTES_OF_A_CODE: usize = 3;

/// What is worth knowing, a paragraph each; of many alike only the first few.
pub fn render_notes(notes: &[Problem]) -> String {
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    let mut text = String::new();
    for note in notes {
        let count = told.entry(note.code).or_default();
        *count += 1;
        if *count <= NOTES_OF_A_CODE {
            text.push_str(&render_note(note));
        }
    }
    for (code, count) in told.iter().filter(|(_, count)| **count > NOTES_OF_A_CODE) {
        // Writing to a String cannot fail.
        _ = writeln!(
            text,
            "  and {} more of {code}; --json has them all",
            count - NOTES_OF_A_CODE
        );
    }
    match text.is_empty() {
        true => text,
        false => format!("Good to know:\n{text}"),
    }
}

fn render_note(note: &Problem) -> String {
    let words = format!("{} {}", note.message, note.remedy);
    let mut text = format!("  {}:{}: info[{}]:\n", note.file.display(), note.line, note.code);
    for line in wrap(&words, NOTE_WIDTH) {
        // Writing to a String cannot fail.
        _ = writeln!(text, "    {line}");
    }
    text
}

const NOTE_WIDTH: usize = 96;

/// Words in lines of at most this many characters; a longer word has a line of its own.
pub(crate) fn wrap(words: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn render_problem(renderer: &Renderer, problem: &Problem, sources: &Sources) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let mut group = Group::with_title(level.primary_title(problem.message.as_str()).id(problem.code));
    let primary = AnnotationKind::Primary;
    // Of a file that is not there, or is empty, there is no line to show.
    let has_text = sources.text(&problem.file).is_some_and(|text| !text.is_empty());
    group = match has_text {
        true => group.element(excerpt(
            sources,
            &problem.file,
            problem.line,
            &problem.span,
            primary,
            "",
        )),
        false => group.element(Origin::path(problem.file.to_string_lossy()).line(problem.line)),
    };
    for other in &problem.related {
        let context = AnnotationKind::Context;
        group = group.element(excerpt(
            sources,
            &other.file,
            other.line,
            &other.span,
            context,
            &other.label,
        ));
    }
    if !problem.remedy.is_empty() {
        group = group.element(Level::HELP.message(problem.remedy.as_str()));
    }
    renderer.render(&[group])
}

/// The lines of one place, numbered as in the file.
fn excerpt<'a>(
    sources: &'a Sources,
    file: &'a Path,
    line: usize,
    span: &Range<usize>,
    kind: AnnotationKind,
    label: &'a str,
) -> Snippet<'a, Annotation<'a>> {
    let text = sources.text(file).unwrap_or_default();
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len());
    let first = text
        .get(..start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1);
    let last = text
        .get(end..)
        .and_then(|after| after.find('\n'))
        .map_or(text.len(), |newline| end + newline);
    let shown = text.get(first..last).unwrap_or_default();
    let annotation = kind.span(start.saturating_sub(first)..end.saturating_sub(first));
    let annotation = if label.is_empty() {
        annotation
    } else {
        annotation.label(label)
    };
    Snippet::source(passwords::covered(shown))
        .line_start(line)
        .path(file.to_string_lossy())
        .annotation(annotation)
}
