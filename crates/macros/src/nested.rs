//! A page inside a page: rendered from the cache, its holes filled for the same visitor.
//!
//! Rights were checked by whoever asks for it. Recursion ends at a page that is already on the way, and
//! at a depth; holes, bytes and time of the inner page are paid by the outer one.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use grange_wiki::Page;
use grange_wiki::render::{Rendered, Segment};

use crate::context::{MacroContext, Occasion};
use crate::error::{Limit, MacroError};
use crate::expander::Expander;
use crate::fill::fill_hole;

/// How much of a page is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'p> {
    /// All of it.
    Whole,
    /// This piece of its text.
    Text(&'p str),
}

impl MacroContext<'_> {
    /// The content of `page` as this visitor sees it.
    pub(crate) async fn page_inside(&mut self, page: &Page, part: Part<'_>) -> Result<Bytes, MacroError> {
        self.refuse_to_nest(page)?;
        let rendered = self.render_inside(page, part).await?;
        let bytes_left = self.ledger.budget.bytes_left();
        let mut inner = self.inside(&page.name, &rendered.headings);
        let html = fill_within(&rendered, &mut inner, bytes_left).await;
        let ledger = inner.ledger;
        self.ledger = ledger;
        html
    }

    fn refuse_to_nest(&mut self, page: &Page) -> Result<(), MacroError> {
        if self.occasion == Occasion::Rendering {
            // Two pages that include each other would render each other without end.
            self.ledger.touched.moment = true;
            return Err(MacroError::OnlyInAView);
        }
        if self.stack.contains(&page.name) {
            return Err(MacroError::said(format!(
                "the page \"{}\" would include itself",
                page.name
            )));
        }
        let deepest = self.ledger.budget.limits().include_depth;
        match self.stack.len() > deepest {
            true => Err(MacroError::Limit(Limit::IncludeDepth(deepest))),
            false => Ok(()),
        }
    }

    async fn render_inside(&self, page: &Page, part: Part<'_>) -> Result<Arc<Rendered>, MacroError> {
        let view = &self.view;
        let host = Expander::new(view.registry, view.farm, view.randomness, view.clock, view.now)
            .with_limits(view.limits);
        match part {
            Part::Whole => Ok(view.wiki.render(page, view.base, &host).await?),
            Part::Text(text) => {
                let rendered = view.wiki.render_text(&page.name, text, view.base, &host).await?;
                Ok(Arc::new(rendered))
            }
        }
    }
}

/// As `fill`, but ends as soon as the output is longer than what may still be written.
async fn fill_within(
    rendered: &Rendered,
    cx: &mut MacroContext<'_>,
    bytes_left: usize,
) -> Result<Bytes, MacroError> {
    let mut html = BytesMut::new();
    for segment in &rendered.segments {
        match segment {
            Segment::Html(bytes) => html.extend_from_slice(bytes),
            Segment::Hole(call) => html.extend_from_slice(&fill_hole(call, cx).await),
        }
        if html.len() > bytes_left {
            let limit = cx.ledger.budget.limits().output_bytes;
            return Err(MacroError::Limit(Limit::OutputBytes(limit)));
        }
    }
    Ok(html.freeze())
}
