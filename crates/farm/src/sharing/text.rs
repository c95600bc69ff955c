//! Sharing for a terminal: the table, and what it means in sentences.
//!
//! Equal letters in a column are shared. After a few dozen circles the sentences stop and say how many are left, so that
//! the warning about trust domains at the end is not lost.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::rows::{COLUMNS, Row, names, rows};
use super::{Circle, Login, ONE_TRUST_DOMAIN, Sharing};
use crate::problem::wrap;

/// So many circles, and so many hosts, are told about.
const MOST_TOLD: usize = 40;

/// What a table shows where nothing is shared.
const OWN: &str = "own";

pub(super) fn draw(sharing: &Sharing) -> String {
    let mut text = String::new();
    if sharing.wikis.is_empty() {
        return "No wiki, so nothing is shared.\n".to_owned();
    }
    // Writing to a String cannot fail.
    _ = draw_table(&mut text, sharing);
    _ = draw_circles(&mut text, &sharing.circles);
    _ = draw_trust(&mut text, sharing);
    text
}

fn draw_table(text: &mut String, sharing: &Sharing) -> std::fmt::Result {
    let (rows, more) = rows(sharing);
    let widest = rows
        .iter()
        .map(|row| row.names.chars().count())
        .max()
        .unwrap_or_default();
    let widest = widest.max("wiki".len());
    let [cookie, sessions, users, pages] = COLUMNS;
    writeln!(
        text,
        "{:widest$}  {cookie:8}  {sessions:8}  {users:8}  {pages}",
        "wiki"
    )?;
    for Row { names, labels, .. } in &rows {
        let [cookie, sessions, users, pages] = labels.each_ref().map(|label| label.as_deref().unwrap_or(OWN));
        writeln!(
            text,
            "{names:widest$}  {cookie:8}  {sessions:8}  {users:8}  {pages}"
        )?;
    }
    if more > 0 {
        writeln!(text, "and {more} rows more; --json has them all")?;
    }
    match sharing.circles.is_empty() {
        true => writeln!(text, "\nNo wiki shares anything with another."),
        false => writeln!(text, "\nEqual letters in a column are shared."),
    }
}

fn draw_circles(text: &mut String, circles: &[Circle]) -> std::fmt::Result {
    for circle in circles.iter().take(MOST_TOLD) {
        writeln!(
            text,
            "{}: {}. {}",
            circle.label,
            names(circle.wikis.iter()),
            meaning(circle)
        )?;
    }
    match circles.len().saturating_sub(MOST_TOLD) {
        0 => Ok(()),
        more => writeln!(text, "and {more} circles more; --json has them all"),
    }
}

/// What a circle means for a visitor.
pub(super) fn meaning(circle: &Circle) -> Cow<'static, str> {
    let meaning = match circle.login {
        Login::HandedOver => {
            let login_on = circle.login_on.as_deref().unwrap_or_default();
            let sentence =
                format!("Log in on {login_on}: the login is handed over from {login_on} to the others.");
            return sentence.into();
        }
        Login::Together => "Log in on one, and you are logged in on all.",
        Login::CookieStaysBehind => {
            "Their sessions are one, but no cookie goes from one to another: people log in on each. \
             With cookie_domain it would."
        }
        Login::OnEach => "Their sessions are apart: people log in on each.",
        Login::InParts => "Logged in together are those with the same letters for cookie and sessions.",
    };
    meaning.into()
}

fn draw_trust(text: &mut String, sharing: &Sharing) -> std::fmt::Result {
    if sharing.trust_domains.is_empty() {
        return Ok(());
    }
    writeln!(text, "\nOn one host:")?;
    for domain in sharing.trust_domains.iter().take(MOST_TOLD) {
        let host = domain.host.as_deref().unwrap_or("(from the environment)");
        let (apart, wikis) = (domain.told_apart_by.as_str(), names(domain.wikis.iter()));
        writeln!(text, "  {host}, told apart {apart}: {wikis}")?;
    }
    let more = sharing.trust_domains.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        writeln!(text, "  and {more} hosts more; --json has them all")?;
    }
    writeln!(text, "{}", wrap(ONE_TRUST_DOMAIN, 100).join("\n"))
}
