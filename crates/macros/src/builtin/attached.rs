//! What the macros about attached files share: whose files, as far as the reader may know of them, and where they are.
//!
//! A page that may not be read is as if it had no files. Start at [`files_of`].

use grange_wiki::attachment::address::{self, Doing};
use grange_wiki::markup::{Embedded, Inline, Target};
use grange_wiki::{Attachment, PageName};

use crate::context::MacroContext;
use crate::error::MacroError;

/// The page that an argument names, from the page the call stands on; that one where it names none.
pub(super) fn page_named(cx: &MacroContext<'_>, written: Option<&str>) -> Result<PageName, MacroError> {
    let Some(written) = written.filter(|written| !written.is_empty()) else {
        return Ok(cx.page_name().clone());
    };
    cx.page_name()
        .resolve(written)
        .map_err(|error| MacroError::said(format!("\"{written}\" is no page: {error}")))
}

/// The newest versions of a page's files that the reader may know of, by name.
pub(super) async fn files_of(
    cx: &mut MacroContext<'_>,
    page: &PageName,
) -> Result<Vec<Attachment>, MacroError> {
    match cx.may_read(page).await? {
        true => Ok(cx.wiki().attachments(page).await?),
        false => Ok(Vec::new()),
    }
}

/// Where a file is shown.
pub(super) fn view_of(file: &Attachment) -> Target {
    on_page(&file.page, address::query(Doing::View, &file.file, None))
}

/// Where all files of a page are.
pub(super) fn list_of_files(page: &PageName) -> Target {
    on_page(page, address::LIST.to_owned())
}

/// An address of a page with a query.
pub(super) fn on_page(page: &PageName, query: String) -> Target {
    Target::Page {
        name: page.as_str().to_owned(),
        query: Some(query),
        anchor: None,
    }
}

/// The file in the page, as its kind can be shown.
pub(super) fn embedded(file: &Attachment, alt: &str, [width, height]: [Option<u32>; 2]) -> Inline {
    Inline::Embedded(Embedded {
        page: file.page.clone(),
        file: file.file.clone(),
        shows: file.shows(),
        alt: alt.to_owned(),
        width,
        height,
    })
}
