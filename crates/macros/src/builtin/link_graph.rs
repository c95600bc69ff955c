//! The links between pages as far as the reader may know of them.
//!
//! A link that stands on a page which may not be read counts for nothing, so lists of wanted and of orphaned
//! pages tell nobody what is written there.

use grange_wiki::PageName;

use crate::context::MacroContext;
use crate::error::MacroError;

/// So many links are looked at.
const MOST_LINKS: usize = 200_000;

/// From page to target, for every link on a readable page.
pub(super) async fn readable_links(
    cx: &mut MacroContext<'_>,
) -> Result<Vec<(PageName, PageName)>, MacroError> {
    let Some(pairs) = cx.wiki().link_pairs(MOST_LINKS).await? else {
        return Err(MacroError::said(format!(
            "this wiki has more than {MOST_LINKS} links, which are too many to look through"
        )));
    };
    let mut readable = Vec::with_capacity(pairs.len());
    // The links of one page stand together, so it is asked about once.
    let mut last: Option<(PageName, bool)> = None;
    for (from, to) in pairs {
        let known = last
            .as_ref()
            .filter(|(page, _)| *page == from)
            .map(|(_, may)| *may);
        let may = match known {
            Some(may) => may,
            None => cx.may_read(&from).await?,
        };
        last = Some((from.clone(), may));
        if may {
            readable.push((from, to));
        }
    }
    Ok(readable)
}
