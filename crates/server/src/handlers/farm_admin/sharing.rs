//! `_farm/sharing`: who shares cookie, sessions, users and pages with whom, drawn.
//!
//! The drawing is the farm crate's, the same that `grange sharing` makes; it bounds itself.

use actix_web::http::StatusCode;
use grange_farm::{Sharing, SvgFor};

use super::{frame, navigation};
use crate::pages::{FarmSharingPage, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// Draws the farm in force.
pub(super) async fn show(visit: &mut Visit<'_>) -> Result<Reply, Refusal> {
    let config = visit.live.farm.config.clone();
    // It looks at directories, of ten thousand wikis perhaps: not on a thread that answers requests.
    let drawn = tokio::task::spawn_blocking(move || {
        let sharing = Sharing::of(&config);
        (sharing.to_svg(SvgFor::Page), sharing.to_text())
    });
    let (drawing, text) = drawn.await.map_err(Refusal::internal)?;
    let frame = frame(visit).await?;
    let view = frame.view();
    let page = FarmSharingPage {
        shell: view.shell("Who shares what"),
        navigation: navigation(visit, "sharing"),
        drawing: &drawing,
        text: &text,
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}
