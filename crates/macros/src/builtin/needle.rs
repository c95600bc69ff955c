//! The pages whose names match an expression that a page's author wrote.
//!
//! How large an expression may be, and where it is matched, is `expressions.rs`' business. What visitors and
//! `<<PageList>>` search for has a grammar of its own, that of `grange_wiki::search`.

use std::sync::Arc;

use grange_wiki::PageName;

use crate::context::MacroContext;
use crate::error::MacroError;
use crate::expressions::Expression;

/// The pages whose names match and which the viewer may read, in order.
pub(super) async fn matching_pages(
    cx: &mut MacroContext<'_>,
    expression: Arc<Expression>,
) -> Result<Vec<PageName>, MacroError> {
    let names = cx.wiki().page_names().await?;
    let bytes = names.iter().map(|name| name.as_str().len()).sum();
    let work = expression.work(bytes)?;
    let matching = move || -> Vec<PageName> {
        let found = names
            .iter()
            .filter(|name| expression.regex().is_match(name.as_str()));
        found.cloned().collect()
    };
    let found = cx.view.registry.expressions.run(work, matching).await?;
    cx.readable_of(found).await
}
