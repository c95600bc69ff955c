//! What a handler answers, before cookies, headers and coding are put on.
//!
//! A reply says what it is and who may keep it; `respond` turns it into bytes on
//! the wire in one place, so that no handler can forget a header.

use std::sync::Arc;

use actix_web::http::StatusCode;
use bytes::Bytes;
use grange_session::CookieChange;

use super::around::PageInParts;
use super::download::Download;
use super::kept::KeptPage;

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// What it says.
    pub body: Body,
    /// Who may keep it.
    pub sharing: Sharing,
    /// Further headers of this answer alone.
    pub headers: Vec<(&'static str, String)>,
    /// Cookies of this answer alone, beside the session's.
    pub cookies: Vec<CookieChange>,
    /// Whether this is a page view that may offer a visitor a session.
    pub view: PageView,
}

/// An answer's content.
#[derive(Debug)]
pub enum Body {
    /// Nothing.
    Empty,
    /// A page made for this answer.
    Html(Bytes),
    /// A page made for this answer around a content that may be others' too.
    Page(PageInParts),
    /// A page that everybody gets alike, with its codings kept.
    Kept(Arc<KeptPage>),
    /// Text, UTF-8.
    Text(Bytes),
    /// An RFC 9457 problem.
    Problem(Bytes),
    /// A file of the theme, with its media type.
    File(&'static str, Arc<KeptPage>),
    /// A file attached to a page, or a part of it.
    Attached(Download),
}

/// Who may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// Everybody gets the same bytes: caches may keep them and ask whether they hold.
    Everyone,
    /// Made for one visitor: nobody keeps it.
    Nobody,
    /// The same bytes for everybody who may have them: the visitor's own cache asks whether they hold.
    Visitor,
    /// The address changes with the content: kept for a year.
    Forever,
}

/// Whether an answer counts as viewing a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageView {
    /// A page was shown: a visitor without session may be offered one.
    Yes,
    /// A form, a redirect, an error, a file.
    No,
}

impl Reply {
    /// A page made for one visitor.
    pub fn html(status: StatusCode, page: impl Into<Bytes>) -> Reply {
        Reply {
            status,
            body: Body::Html(page.into()),
            sharing: Sharing::Nobody,
            headers: Vec::new(),
            cookies: Vec::new(),
            view: PageView::No,
        }
    }

    /// The view of a page by one visitor.
    pub fn page(page: PageInParts) -> Reply {
        Reply {
            body: Body::Page(page),
            ..Reply::html(StatusCode::OK, Bytes::new())
        }
    }

    /// A page that everybody gets alike.
    pub fn kept(page: Arc<KeptPage>) -> Reply {
        Reply {
            status: StatusCode::OK,
            body: Body::Kept(page),
            sharing: Sharing::Everyone,
            headers: Vec::new(),
            cookies: Vec::new(),
            view: PageView::Yes,
        }
    }

    /// Plain text for one visitor.
    pub fn text(text: impl Into<Bytes>) -> Reply {
        Reply {
            body: Body::Text(text.into()),
            ..Reply::html(StatusCode::OK, Bytes::new())
        }
    }

    /// "See other": what a form answers when it has done its work (RFC 9110 section 15.4.4).
    pub fn see_other(location: impl Into<String>) -> Reply {
        Reply::redirect(StatusCode::SEE_OTHER, location)
    }

    /// The same thing lives elsewhere for good: 301 for those who read, else 308,
    /// which keeps method and body.
    pub fn moved(reading: bool, location: impl Into<String>) -> Reply {
        let status = if reading {
            StatusCode::MOVED_PERMANENTLY
        } else {
            StatusCode::PERMANENT_REDIRECT
        };
        Reply::redirect(status, location)
    }

    fn redirect(status: StatusCode, location: impl Into<String>) -> Reply {
        let mut reply = Reply::html(status, Bytes::new());
        reply.body = Body::Empty;
        reply.headers.push(("location", location.into()));
        reply
    }

    /// The same reply with a cookie that is not the session's.
    pub fn with_cookie(mut self, cookie: CookieChange) -> Reply {
        self.cookies.push(cookie);
        self
    }

    /// The same reply as the view of a page.
    pub fn as_page_view(mut self) -> Reply {
        self.view = PageView::Yes;
        self
    }
}
