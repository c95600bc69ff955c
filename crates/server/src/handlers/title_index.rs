//! `?action=titleindex`: the names of all pages that the visitor may read, under their first letters.
//!
//! With `mimetype=text/plain` one name a line, for programs.

use actix_web::http::StatusCode;
use grange_wiki::PageName;
use grange_wiki::rights::Right;

use crate::extract::allowed::{Allowed, Read};
use crate::frame::Frame;
use crate::pages::{Letter, TitleIndexPage, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Shows the index.
pub async fn show(visit: &mut Visit<'_>, allowed: Allowed<Read>) -> Result<Reply, Refusal> {
    let names = readable(visit).await?;
    match visit.query.text("mimetype") {
        "" | "text/html" => index(visit, &allowed, &names).await,
        "text/plain" => {
            let lines: String = names.iter().map(|name| format!("{name}\n")).collect();
            Ok(Reply::text(lines))
        }
        other => Err(Refusal::BadRequest(format!(
            "The index comes as text/html or text/plain, not as “{other}”."
        ))),
    }
}

async fn readable(visit: &Visit<'_>) -> Result<Vec<PageName>, Refusal> {
    let wiki = &visit.open.wiki;
    let mut readable = Vec::new();
    for name in wiki.page_names().await?.iter() {
        if wiki.may(&visit.visitor.viewer, Right::Read, name).await? {
            readable.push(name.clone());
        }
    }
    Ok(readable)
}

async fn index(visit: &Visit<'_>, allowed: &Allowed<Read>, names: &[PageName]) -> Result<Reply, Refusal> {
    let frame = Frame::gather(visit, Some(allowed.page())).await?;
    let view = frame.view();
    let said = match names.len() {
        1 => "1 page.".to_owned(),
        count => format!("{count} pages."),
    };
    let letters = letters(names, |name| visit.page_url(name));
    let page = TitleIndexPage {
        shell: view.shell("Title index"),
        said: &said,
        letters: &letters,
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

fn letters(names: &[PageName], address: impl Fn(&PageName) -> String) -> Vec<Letter<'_>> {
    let mut sorted: Vec<(String, String, &PageName)> = names
        .iter()
        .map(|name| (letter(name), name.as_str().to_lowercase(), name))
        .collect();
    sorted.sort_unstable();
    let mut letters: Vec<Letter<'_>> = Vec::new();
    for (letter, _, name) in sorted {
        let line = (address(name), name.as_str());
        match letters.last_mut() {
            Some(last) if last.letter == letter => last.pages.push(line),
            _ => letters.push(Letter {
                letter,
                pages: vec![line],
            }),
        }
    }
    letters
}

/// The first letter or digit in upper case; nothing where a name begins with something else.
fn letter(name: &PageName) -> String {
    let first = name
        .as_str()
        .chars()
        .next()
        .filter(|first| first.is_alphanumeric());
    first
        .map(|first| first.to_uppercase().collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_under_their_letter_whatever_its_case() {
        let names = ["beta", "Beta/Sub", "Äpfel", "1st", "«x»"].map(|name| PageName::parse(name).unwrap());
        let letters = letters(&names, |name| format!("/{}", name.to_url()));
        let told: Vec<(&str, usize)> = letters
            .iter()
            .map(|letter| (letter.label(), letter.pages.len()))
            .collect();
        assert_eq!(told, [("#", 1), ("1", 1), ("B", 2), ("Ä", 1)]);
        assert_eq!(letters[2].pages[0], ("/beta".to_owned(), "beta"));
    }
}
