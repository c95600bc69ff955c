//! A page inside a page: rendered from the cache, its holes filled for the same visitor.
//!
//! Rights were checked by whoever asks for it. Recursion ends at a page that is already on the way, and
//! at a depth; holes, bytes and time of the inner page are paid by the outer one. Its notes are numbered on from those
//! of the outer page, and it takes none of the ids there.

use std::sync::Arc;

use grange_wiki::Page;
use grange_wiki::render::{Rendered, Segment};

use crate::context::{MacroContext, Occasion};
use crate::error::{Limit, MacroError};
use crate::expander::Expander;
use crate::fill::fill_segments;
use crate::pieces::Pieces;

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
    pub(crate) async fn page_inside(&mut self, page: &Page, part: Part<'_>) -> Result<Pieces, MacroError> {
        self.refuse_to_nest(page)?;
        let rendered = self.render_inside(page, part).await?;
        let bytes_left = self.ledger.budget.bytes_left();
        self.refuse_output_beyond(finished_bytes(&rendered))?;
        self.claims.add(&rendered.claims);
        let mut inner = self.inside(&page.name, &rendered.headings);
        let html = fill_segments(&rendered, &mut inner).await;
        (self.ledger, self.claims) = (inner.ledger, inner.claims);
        // What the inner macros paid is part of the inner page: it counts once.
        self.ledger.budget.restore_bytes(bytes_left);
        self.ledger.budget.spend_bytes(html.len())?;
        Ok(html)
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
        let (view, around) = (&self.view, &self.claims);
        let host = Expander::new(view.registry, view.farm, view.randomness, view.clock, view.now)
            .with_limits(view.limits)
            .with_python(view.python);
        match part {
            Part::Whole => Ok(view.wiki.render_inside(page, view.base, &host, around).await?),
            Part::Text(text) => {
                let rendered = view
                    .wiki
                    .render_text_inside(&page.name, text, view.base, &host, around);
                Ok(Arc::new(rendered.await?))
            }
        }
    }
}

/// The finished part of a page, before any of its macros ran.
fn finished_bytes(rendered: &Rendered) -> usize {
    let bytes = |segment: &Segment| match segment {
        Segment::Html(html) => html.len(),
        Segment::Hole(_) => 0,
    };
    rendered.segments.iter().map(bytes).sum()
}
