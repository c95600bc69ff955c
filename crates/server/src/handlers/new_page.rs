//! `?action=newpage`: from the small form on a page to the editor of a page with the name that was typed.
//!
//! It only makes the name and redirects: whether the visitor may write there, and whether the template may be
//! read, is asked where the way leads. A page that stands already is shown instead.

use grange_macros::name_template::fill_in;
use grange_wiki::rights::Right;
use grange_wiki::{PageName, PageNameError};
use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::extract::query::Fields;
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Leads to the editor, or to the page if there is one.
pub async fn open(visit: &Visit<'_>) -> Result<Reply, Refusal> {
    let zone = TimeZone::get(&visit.visitor.viewer.time_zone).unwrap_or(TimeZone::UTC);
    let name = wanted_name(&visit.query, &visit.incoming.now.to_zoned(zone))?;
    let wiki = &visit.open.wiki;
    // Who may not read the page is not told that it stands: the editor refuses either way.
    if wiki.may(&visit.visitor.viewer, Right::Read, &name).await? && wiki.exists(&name).await? {
        return Ok(Reply::see_other(visit.page_url(&name)));
    }
    let mut editor = visit.action_url(&name, "edit");
    if let Some(template) = template(&visit.query) {
        editor.push_str("&template=");
        editor.push_str(&grange_wiki::markup::links::query_encode(template.as_str()));
    }
    Ok(Reply::see_other(editor))
}

/// The page whose text the new one begins with. What is no page name asks for none.
pub fn template(query: &Fields) -> Option<PageName> {
    PageName::parse(query.get("template")?).ok()
}

fn wanted_name(query: &Fields, now: &Zoned) -> Result<PageName, Refusal> {
    let named = match query.text("nametemplate") {
        "" => "%s",
        template => template,
    };
    let typed = query.text("pagename").trim();
    if typed.is_empty() && grange_macros::name_template::asks_for_a_name(named) {
        return Err(Refusal::BadRequest(PageNameError::Empty.to_string()));
    }
    let name = fill_in(named, typed, now).map_err(|error| Refusal::BadRequest(error.to_string()))?;
    let name = match query.text("parent").trim() {
        "" => name,
        parent => format!("{parent}/{name}"),
    };
    PageName::parse(&name).map_err(|error| Refusal::BadRequest(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(query: &str) -> Result<String, String> {
        let now: Zoned = "2026-05-01T00:05:00+02:00[Europe/Berlin]".parse().unwrap();
        match wanted_name(&Fields::parse(query), &now) {
            Ok(name) => Ok(name.to_string()),
            Err(Refusal::BadRequest(why)) => Err(why),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_name_is_made_of_what_was_typed_the_date_and_the_parent() {
        assert_eq!(name("pagename=+Tea++time+").unwrap(), "Tea time");
        assert_eq!(name("pagename=Tea&parent=Team/Notes").unwrap(), "Team/Notes/Tea");
        assert_eq!(
            name("nametemplate=%25Y-%25m-%25d&parent=Log").unwrap(),
            "Log/2026-05-01"
        );
        assert_eq!(name("nametemplate=%25Y+%25s&pagename=x").unwrap(), "2026 x");
    }

    #[test]
    fn what_makes_no_name_is_told() {
        assert_eq!(name("pagename=++").unwrap_err(), "A page needs a name.");
        for query in [
            "",
            "pagename=..",
            "pagename=_farm",
            "nametemplate=%25!",
            "pagename=a%00b",
            "parent=/&pagename=_x",
        ] {
            assert!(name(query).is_err(), "{query}");
        }
    }
}
