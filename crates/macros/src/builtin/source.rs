//! Pages that macros read as lists: found with the viewer's rights, and no longer than is read at a view.
//!
//! One sentence for a page that is not there and for one that may not be read, so that nobody learns which
//! pages exist.

use std::sync::Arc;

use grange_wiki::Page;

use crate::context::MacroContext;
use crate::error::MacroError;

/// The longest page that is read as a list at each view.
const LONGEST: usize = 256 * 1024;

/// The page that an author names, as seen from the page that the call stands on.
pub(super) async fn page_to_read(cx: &mut MacroContext<'_>, written: &str) -> Result<Arc<Page>, MacroError> {
    let name = cx
        .page_name()
        .resolve(written)
        .map_err(|error| MacroError::said(format!("\"{written}\" is no page: {error}")))?;
    let page = cx.page(&name).await?.ok_or_else(|| {
        MacroError::said(format!(
            "the page \"{name}\" does not exist, or you may not read it"
        ))
    })?;
    match page.text.len() > LONGEST {
        true => Err(MacroError::said(format!(
            "the page \"{name}\" is too long to be read as a list"
        ))),
        false => Ok(page),
    }
}
