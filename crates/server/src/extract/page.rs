//! Which page the tail of an address names, in its one canonical spelling.
//!
//! Whether the page exists is not asked here: a name is enough to edit, and the handler
//! says what is missing. The mount in front of it is `extract::wiki`'s.

use grange_wiki::PageName;
use percent_encoding::percent_decode_str;

use crate::extract::wiki::{Place, with_query};
use crate::incoming::Incoming;
use crate::refusal::Refusal;
use crate::respond::reply::Reply;

/// A page's name, or the address where it is written properly.
pub enum Named {
    /// The page.
    Page(PageName),
    /// The same page under its canonical address.
    Respelled(Reply),
}

/// Reads the page name from the path. The empty tail is the front page.
///
/// # Errors
/// * [`Refusal::BadRequest`] when the tail is no UTF-8
/// * [`Refusal::NotFound`] when no page can have this name, with the rule that it breaks
pub fn find_page(place: &Place<'_>, incoming: &Incoming<'_>) -> Result<Named, Refusal> {
    if place.tail.is_empty() {
        return Ok(Named::Page(place.config.front_page.clone()));
    }
    let decoded = percent_decode_str(place.tail)
        .decode_utf8()
        .map_err(|_| Refusal::BadRequest("The page name in the address is not UTF-8.".to_owned()))?;
    let name = PageName::parse(&decoded).map_err(|broken| Refusal::NotFound(broken.to_string().into()))?;
    let canonical = name.to_url();
    if canonical == place.tail {
        return Ok(Named::Page(name));
    }
    let target = with_query(format!("{}/{canonical}", place.base), incoming.query());
    Ok(Named::Respelled(Reply::moved(incoming.is_reading(), target)))
}
