//! A page whose content is shared with the cache: what stands around it is written, the content is not copied.
//!
//! Most of a page's bytes are the same for everybody and lie finished in memory. They go to the connection from there,
//! between the head and the tail that were made for one visitor. [`write_around`] cuts a template in two where its
//! content belongs; [`PageInParts`] is the whole, as an answer's body or as one text.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use askama::Template;
use bytes::{BufMut, Bytes, BytesMut};
use grange_macros::Pieces;

/// What an ordinary page has beside its content.
const ROOM_AROUND_CONTENT: usize = 8 * 1024;
/// A connection takes a body part by part. Of more parts than these, copying them together costs less.
const MOST_PARTS: usize = 16;

/// Stands for the content while the page around it is written. The writer knows it by where it lies in memory, so
/// that no text can pose as it; on the heap, because equal literals of a program may lie in one place.
static GAP: LazyLock<Box<str>> = LazyLock::new(|| "(the content)".into());

/// What a template shows in the place of its content.
#[derive(Clone, Copy, Debug)]
pub struct Gap;

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&GAP)
    }
}

/// A page for one visitor around a content that may be shared.
#[derive(Debug)]
pub struct PageInParts {
    head: Bytes,
    content: Pieces,
    tail: Bytes,
}

/// Writes a page that shows [`Gap`] where `content` belongs.
///
/// # Errors
/// * When a value cannot be formatted, or the template shows its gap not at all or escaped; no page of ours does.
pub fn write_around(page: &impl Template, content: Pieces) -> Result<PageInParts, askama::Error> {
    let mut written = Written {
        text: String::with_capacity(ROOM_AROUND_CONTENT),
        gap: None,
    };
    page.render_into(&mut written)?;
    let gap = written.gap.ok_or(askama::Error::Fmt)?;
    let mut head = Bytes::from(written.text);
    let tail = head.split_off(gap);
    Ok(PageInParts { head, content, tail })
}

/// Text, and where in it the content belongs.
struct Written {
    text: String,
    gap: Option<usize>,
}

impl fmt::Write for Written {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match std::ptr::eq(text, &**GAP) {
            true => self.gap = Some(self.text.len()),
            false => self.text.push_str(text),
        }
        Ok(())
    }

    fn write_char(&mut self, character: char) -> fmt::Result {
        self.text.push(character);
        Ok(())
    }
}

impl PageInParts {
    fn bytes(&self) -> usize {
        self.head.len() + self.content.len() + self.tail.len()
    }

    /// The whole as one text, for those who keep or code it.
    pub fn joined(&self) -> Bytes {
        let mut whole = BytesMut::with_capacity(self.bytes());
        whole.put_slice(&self.head);
        self.content
            .iter()
            .for_each(|piece| whole.put_slice(piece.as_bytes()));
        whole.put_slice(&self.tail);
        whole.freeze()
    }

    /// The whole as the body of an answer.
    pub fn into_body(self) -> BoxBody {
        let mut parts = VecDeque::with_capacity(MOST_PARTS);
        match self.content.iter().count() + 2 > MOST_PARTS {
            true => parts.push_back(self.joined()),
            false => {
                parts.push_back(self.head);
                parts.extend(self.content.into_iter().map(|piece| piece.into_bytes()));
                parts.push_back(self.tail);
            }
        }
        BoxBody::new(Parts(parts))
    }
}

/// A body that is sent part by part.
struct Parts(VecDeque<Bytes>);

impl MessageBody for Parts {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0.iter().map(|part| part.len() as u64).sum())
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        // An empty part would be taken for the body's end.
        while let Some(part) = self.0.pop_front() {
            if !part.is_empty() {
                return Poll::Ready(Some(Ok(part)));
            }
        }
        Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    #[derive(Template)]
    #[template(source = "<h1>{{ title }}</h1>{{ content }}<p>end", ext = "txt")]
    struct Page {
        title: &'static str,
        content: Gap,
    }

    fn around(title: &'static str, pieces: &[&'static str]) -> PageInParts {
        let page = Page { title, content: Gap };
        write_around(&page, pieces.iter().copied().collect()).unwrap()
    }

    async fn sent(page: PageInParts) -> String {
        let size = BodySize::Sized(page.bytes() as u64);
        let body = page.into_body();
        assert_eq!(body.size(), size);
        String::from_utf8(to_bytes(body).await.unwrap().to_vec()).unwrap()
    }

    #[actix_web::test]
    async fn the_content_stands_where_the_template_shows_it() {
        let page = around("x", &["<b>", "ä", "", "</b>"]);
        assert_eq!(page.joined(), "<h1>x</h1><b>ä</b><p>end");
        assert_eq!(sent(page).await, "<h1>x</h1><b>ä</b><p>end");
        assert_eq!(sent(around("x", &[])).await, "<h1>x</h1><p>end");
    }

    #[actix_web::test]
    async fn a_content_of_many_pieces_is_sent_all_the_same() {
        let pieces = ["y"; 1000];
        assert_eq!(sent(around("x", &pieces)).await.matches('y').count(), 1000);
    }

    #[test]
    fn a_template_without_its_content_is_no_page() {
        #[derive(Template)]
        #[template(source = "<h1>no content</h1>", ext = "txt")]
        struct Without;
        assert!(write_around(&Without, Pieces::default()).is_err());
    }

    #[actix_web::test]
    async fn no_title_is_taken_for_the_content() {
        assert_eq!(
            sent(around("(the content)", &["c"])).await,
            "<h1>(the content)</h1>c<p>end"
        );
    }
}
