//! From a reply to bytes on the wire: caching, validators, coding, headers.
//!
//! Every answer of the server passes through [`complete`], so no handler can
//! forget a header and no header is decided in two places.

pub mod compress;
pub mod error;
pub mod headers;
pub mod kept;
pub mod reply;
pub mod static_files;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use grange_session::CookieChange;

use self::compress::{Effort, Encoding, SHORTEST_WORTH_CODING};
use self::kept::{KeptPage, names_tag};
use self::reply::{Body, Reply, Sharing};

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
    let prepared = Prepared::from_body(&reply.body, encoding, reply.sharing);
    let mut response = HttpResponse::build(reply.status);
    if let Some(tag) = &prepared.tag {
        response.insert_header((header::ETAG, tag.as_str()));
        if is_known(wishes.headers, tag) && reply.status == StatusCode::OK {
            response.status(StatusCode::NOT_MODIFIED);
        }
    }
    if [StatusCode::REQUEST_TIMEOUT, StatusCode::PAYLOAD_TOO_LARGE].contains(&reply.status) {
        // The rest of the body is not waited for.
        response.force_close();
    }
    put_general_headers(&mut response, &reply, wishes);
    for cookie in cookies {
        response.append_header((header::SET_COOKIE, cookie.header_value()));
    }
    for (name, value) in &reply.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.insert_header((HeaderName::from_static(name), value));
        }
    }
    finish(response, prepared)
}

fn finish(mut response: HttpResponseBuilder, prepared: Prepared) -> HttpResponse {
    let mut finished = response.finish();
    if finished.status() == StatusCode::NOT_MODIFIED {
        return finished;
    }
    if let Some(token) = prepared.encoding.token() {
        finished
            .headers_mut()
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    if let Some(media_type) = prepared.media_type {
        finished
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    finished.set_body(actix_web::body::BoxBody::new(prepared.bytes))
}

/// A body ready to be sent.
struct Prepared {
    media_type: Option<&'static str>,
    encoding: Encoding,
    bytes: Bytes,
    tag: Option<String>,
}

impl Prepared {
    fn from_body(body: &Body, encoding: Encoding, sharing: Sharing) -> Prepared {
        match body {
            Body::Empty => Prepared::plain(None, Bytes::new()),
            Body::Html(bytes) => Prepared::made_now("text/html; charset=utf-8", bytes, encoding),
            Body::Text(bytes) => Prepared::made_now("text/plain; charset=utf-8", bytes, encoding),
            Body::Problem(bytes) => Prepared::plain(Some("application/problem+json"), bytes.clone()),
            Body::Kept(page) => Prepared::kept("text/html; charset=utf-8", page, encoding, sharing),
            Body::File(media_type, page) => Prepared::kept(media_type, page, encoding, sharing),
        }
    }

    fn plain(media_type: Option<&'static str>, bytes: Bytes) -> Prepared {
        Prepared {
            media_type,
            encoding: Encoding::Identity,
            bytes,
            tag: None,
        }
    }

    fn made_now(media_type: &'static str, bytes: &Bytes, encoding: Encoding) -> Prepared {
        if bytes.len() < SHORTEST_WORTH_CODING {
            return Prepared::plain(Some(media_type), bytes.clone());
        }
        let (encoding, bytes) = encoding.encode(bytes, Effort::Quick);
        Prepared {
            media_type: Some(media_type),
            encoding,
            bytes,
            tag: None,
        }
    }

    fn kept(media_type: &'static str, page: &KeptPage, encoding: Encoding, sharing: Sharing) -> Prepared {
        let (encoding, bytes) = page.coded(encoding);
        let tag = (sharing != Sharing::Nobody).then(|| page.entity_tag(encoding));
        Prepared {
            media_type: Some(media_type),
            encoding,
            bytes,
            tag,
        }
    }
}

fn put_general_headers(response: &mut HttpResponseBuilder, reply: &Reply, wishes: &Wishes<'_>) {
    let caching = match reply.sharing {
        Sharing::Everyone => "public, max-age=0, must-revalidate",
        Sharing::Nobody => "private, no-store",
        Sharing::Forever => "public, max-age=31536000, immutable",
    };
    response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static(caching)));
    let varies = match (&reply.body, wishes.language_varies) {
        (Body::File(..), _) => "Accept-Encoding",
        (_, true) => "Cookie, Accept-Encoding, Accept-Language",
        (_, false) => "Cookie, Accept-Encoding",
    };
    response.insert_header((header::VARY, HeaderValue::from_static(varies)));
    let is_html = matches!(reply.body, Body::Html(_) | Body::Kept(_));
    let html_only = if is_html { headers::HTML_ONLY } else { &[] };
    let transport = wishes.https.then_some(&headers::STRICT_TRANSPORT_SECURITY);
    for (name, value) in headers::ALWAYS.iter().chain(html_only).chain(transport) {
        response.insert_header((HeaderName::from_static(name), HeaderValue::from_static(value)));
    }
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    text_of(headers, header::IF_NONE_MATCH).is_some_and(|listed| names_tag(listed, tag))
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests;
