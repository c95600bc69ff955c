//! From a reply to bytes on the wire: caching, validators, coding, headers.
//!
//! Every answer of the server passes through [`complete`], so no handler can
//! forget a header and no header is decided in two places.

pub mod around;
pub mod compress;
pub mod download;
pub mod error;
pub mod headers;
pub mod kept;
pub mod reply;
pub mod static_files;

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use bytes::Bytes;
use grange_session::CookieChange;

use self::around::PageInParts;
use self::compress::{Effort, Encoding, SHORTEST_WORTH_CODING};
use self::download::Download;
use self::headers::{ALWAYS, HTML_ONLY, Header, STRICT_TRANSPORT_SECURITY};
use self::kept::{KeptPage, names_tag};
use self::reply::{Body, Reply, Sharing};

const HTML: &str = "text/html; charset=utf-8";

/// What the request says about how it wants its answer.
pub struct Wishes<'a> {
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// Whether the answer travels over https.
    pub https: bool,
    /// Whether the page's language depends on the browser's wishes.
    pub language_varies: bool,
}

/// Puts an answer together. Cookies make it private whatever the reply says.
pub fn complete(mut reply: Reply, cookies: &[CookieChange], wishes: &Wishes<'_>) -> HttpResponse {
    if !cookies.is_empty() {
        reply.sharing = Sharing::Nobody;
    }
    let encoding = Encoding::negotiate(text_of(wishes.headers, header::ACCEPT_ENCODING));
    let traits = Traits::of(&reply.body);
    let body = std::mem::replace(&mut reply.body, Body::Empty);
    let prepared = Prepared::from_body(body, encoding, reply.sharing);
    let is_known = reply.status == StatusCode::OK
        && prepared
            .tag
            .as_ref()
            .is_some_and(|tag| is_known(wishes.headers, tag));
    let (status, body) = match is_known {
        true => (StatusCode::NOT_MODIFIED, BoxBody::new(())),
        false => (reply.status, prepared.content.into_body()),
    };
    let mut response = HttpResponse::with_body(status, body);
    const UNREAD: [StatusCode; 3] = [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::PAYLOAD_TOO_LARGE,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    ];
    if UNREAD.contains(&status) {
        // The rest of the request is not waited for.
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    // Each of these once: to add costs less than to replace.
    let headers = response.headers_mut();
    if !is_known {
        put_kind(headers, prepared.encoding, prepared.media_type);
    }
    if let Some(tag) = prepared.tag {
        headers.append(header::ETAG, tag);
    }
    put_general_headers(headers, reply.sharing, traits, wishes);
    for cookie in cookies {
        if let Ok(line) = HeaderValue::from_str(cookie.header_value()) {
            headers.append(header::SET_COOKIE, line);
        }
    }
    for (name, value) in &reply.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// What the body is.
fn put_kind(headers: &mut HeaderMap, encoding: Encoding, media_type: Option<&'static str>) {
    if let Some(token) = encoding.token() {
        headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    if let Some(media_type) = media_type {
        headers.append(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
}

/// A body ready to be sent.
struct Prepared {
    media_type: Option<&'static str>,
    encoding: Encoding,
    content: Content,
    tag: Option<HeaderValue>,
}

/// Where a body's bytes are.
enum Content {
    InMemory(Bytes),
    InParts(PageInParts),
    OnDisk(Download),
}

impl Content {
    fn into_body(self) -> BoxBody {
        match self {
            Content::InMemory(bytes) => BoxBody::new(bytes),
            Content::InParts(page) => page.into_body(),
            Content::OnDisk(download) => download.into_body(),
        }
    }
}

impl Prepared {
    fn from_body(body: Body, encoding: Encoding, sharing: Sharing) -> Prepared {
        match body {
            Body::Empty => Prepared::plain(None, Bytes::new()),
            Body::Html(bytes) => Prepared::made_now(HTML, bytes, encoding),
            Body::Page(page) => Prepared::in_parts(page, encoding),
            Body::Text(bytes) => Prepared::made_now("text/plain; charset=utf-8", bytes, encoding),
            Body::Problem(bytes) => Prepared::plain(Some("application/problem+json"), bytes),
            Body::Kept(page) => Prepared::kept(HTML, &page, encoding, sharing),
            Body::File(media_type, page) => Prepared::kept(media_type, &page, encoding, sharing),
            Body::Attached(download) => Prepared::attached(download, sharing),
        }
    }

    /// Never coded: most files are compressed already, and a part of a coded file is of no use.
    fn attached(download: Download, sharing: Sharing) -> Prepared {
        Prepared {
            media_type: Some(download.media_type),
            encoding: Encoding::Identity,
            tag: (sharing != Sharing::Nobody).then(|| download.tag.clone()),
            content: Content::OnDisk(download),
        }
    }

    fn plain(media_type: Option<&'static str>, bytes: Bytes) -> Prepared {
        Prepared {
            media_type,
            encoding: Encoding::Identity,
            content: Content::InMemory(bytes),
            tag: None,
        }
    }

    /// Coders want all of it at once.
    fn in_parts(page: PageInParts, encoding: Encoding) -> Prepared {
        match encoding {
            Encoding::Identity => Prepared {
                content: Content::InParts(page),
                ..Prepared::plain(Some(HTML), Bytes::new())
            },
            coded => Prepared::made_now(HTML, page.joined(), coded),
        }
    }

    fn made_now(media_type: &'static str, bytes: Bytes, encoding: Encoding) -> Prepared {
        if bytes.len() < SHORTEST_WORTH_CODING {
            return Prepared::plain(Some(media_type), bytes);
        }
        let (encoding, bytes) = encoding.encode(&bytes, Effort::Quick);
        Prepared {
            media_type: Some(media_type),
            encoding,
            content: Content::InMemory(bytes),
            tag: None,
        }
    }

    fn kept(media_type: &'static str, page: &KeptPage, encoding: Encoding, sharing: Sharing) -> Prepared {
        let (encoding, bytes) = page.coded(encoding);
        let tag = (sharing != Sharing::Nobody).then(|| page.entity_tag(encoding).clone());
        Prepared {
            media_type: Some(media_type),
            encoding,
            content: Content::InMemory(bytes),
            tag,
        }
    }
}

/// What the general headers have to know of a body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Traits {
    Html,
    ThemeFile,
    AttachedFile,
    Other,
}

impl Traits {
    fn of(body: &Body) -> Traits {
        match body {
            Body::Html(_) | Body::Page(_) | Body::Kept(_) => Traits::Html,
            Body::File(..) => Traits::ThemeFile,
            Body::Attached(_) => Traits::AttachedFile,
            Body::Empty | Body::Text(_) | Body::Problem(_) => Traits::Other,
        }
    }
}

fn put_general_headers(headers: &mut HeaderMap, sharing: Sharing, body: Traits, wishes: &Wishes<'_>) {
    // Each text is checked when the program is compiled.
    let caching = match sharing {
        Sharing::Everyone => const { HeaderValue::from_static("public, max-age=0, must-revalidate") },
        Sharing::Visitor => const { HeaderValue::from_static("private, max-age=0, must-revalidate") },
        Sharing::Nobody => const { HeaderValue::from_static("private, no-store") },
        Sharing::Forever => const { HeaderValue::from_static("public, max-age=31536000, immutable") },
    };
    headers.append(header::CACHE_CONTROL, caching);
    let varies = match (body, wishes.language_varies) {
        (Traits::ThemeFile, _) => const { HeaderValue::from_static("Accept-Encoding") },
        (Traits::AttachedFile, _) => const { HeaderValue::from_static("Cookie") },
        (_, true) => const { HeaderValue::from_static("Cookie, Accept-Encoding, Accept-Language") },
        (_, false) => const { HeaderValue::from_static("Cookie, Accept-Encoding") },
    };
    headers.append(header::VARY, varies);
    let html_only: &[Header] = if body == Traits::Html { &HTML_ONLY } else { &[] };
    let transport = wishes.https.then_some(&STRICT_TRANSPORT_SECURITY);
    for (name, value) in ALWAYS.iter().chain(html_only).chain(transport) {
        headers.append(name.clone(), value.clone());
    }
}

fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let tag = tag.to_str().unwrap_or_default();
    text_of(headers, header::IF_NONE_MATCH).is_some_and(|listed| names_tag(listed, tag))
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests;
