//! The bytes of an attached file on their way out: a piece at a time from the disk, all of them or one range.
//!
//! Which file it is and who may have it was decided before; headers beside the body's own are the handler's.
//! Start at [`Asked::read`].

use std::ops::Range;

use actix_web::body::{BoxBody, SizedStream};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use bytes::Bytes;
use futures_util::stream;
use grange_wiki::attachment::Blob;

use super::kept::names_tag;

/// So much is read at a time: what a slow reader holds in memory.
const PIECE: usize = 64 * 1024;

/// A file, or a part of it, to be sent.
#[derive(Debug, Clone)]
pub struct Download {
    /// The bytes.
    pub blob: Blob,
    /// Which of them.
    pub span: Range<u64>,
    /// What the browser is told they are.
    pub media_type: &'static str,
    /// Names the content.
    pub tag: HeaderValue,
}

/// What of a file a request asks for (RFC 9110 section 14).
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// All of it, also where a range cannot be understood or several are asked for.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that it does not have.
    Beyond,
}

impl Download {
    /// The body, read as fast as it is taken.
    pub fn into_body(self) -> BoxBody {
        let size = self.span.end - self.span.start;
        let (blob, end) = (self.blob, self.span.end);
        let pieces = stream::try_unfold((blob, self.span.start), move |(blob, at)| async move {
            let length = usize::try_from(end - at).unwrap_or(PIECE).min(PIECE);
            if length == 0 {
                return Ok::<_, std::io::Error>(None);
            }
            let piece = Bytes::from(blob.read(at, length).await?);
            let next = at + piece.len() as u64;
            Ok(Some((piece, (blob, next))))
        });
        BoxBody::new(SizedStream::new(size, pieces))
    }
}

impl Asked {
    /// Reads the request's headers against a file of so many bytes and its tag.
    pub fn read(headers: &HeaderMap, bytes: u64, tag: &str) -> Asked {
        let text = |name| {
            headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        let is_known = text(header::IF_NONE_MATCH).is_some_and(|listed| names_tag(listed, tag));
        // A part of another version is of no use (RFC 9110 section 13.1.5); dates are nothing that we send.
        let is_other = text(header::IF_RANGE).is_some_and(|held| held != tag);
        match text(header::RANGE) {
            Some(range) if !is_known && !is_other => Asked::parse(range, bytes),
            _ => Asked::Whole,
        }
    }

    fn parse(range: &str, bytes: u64) -> Asked {
        let Some((first, last)) = range.strip_prefix("bytes=").and_then(|rest| rest.split_once('-')) else {
            return Asked::Whole;
        };
        let number = |digits: &str| match digits.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than a number has mean the end.
            true if !digits.is_empty() => Some(digits.parse::<u64>().unwrap_or(u64::MAX)),
            _ => None,
        };
        match (number(first.trim()), number(last.trim())) {
            (Some(first), last) if last.is_some() || last_is_open(range) => match last {
                Some(last) if last < first => Asked::Whole,
                _ if first >= bytes => Asked::Beyond,
                last => Asked::Part(first..last.map_or(bytes, |last| last.saturating_add(1).min(bytes))),
            },
            (None, Some(count)) if first.trim().is_empty() => match count.min(bytes) {
                0 => Asked::Beyond,
                count => Asked::Part(bytes - count..bytes),
            },
            _ => Asked::Whole,
        }
    }
}

fn last_is_open(range: &str) -> bool {
    range.trim_end().ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(range: &str) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_str(range).unwrap());
        Asked::read(&headers, 100, "\"tag\"")
    }

    #[test]
    fn one_range_is_read_in_its_three_forms() {
        assert_eq!(asked("bytes=0-0"), Asked::Part(0..1));
        assert_eq!(asked("bytes=10-19"), Asked::Part(10..20));
        assert_eq!(asked("bytes=90-"), Asked::Part(90..100));
        assert_eq!(asked("bytes=90-9999"), Asked::Part(90..100));
        assert_eq!(asked("bytes=-10"), Asked::Part(90..100));
        assert_eq!(asked("bytes=-1000"), Asked::Part(0..100));
        assert_eq!(asked("bytes=5-99999999999999999999999"), Asked::Part(5..100));
    }

    #[test]
    fn a_range_behind_the_end_is_told_and_nonsense_is_everything() {
        for beyond in [
            "bytes=100-",
            "bytes=100-200",
            "bytes=-0",
            "bytes=99999999999999999999-",
        ] {
            assert_eq!(asked(beyond), Asked::Beyond, "{beyond}");
        }
        for nonsense in [
            "bytes=",
            "bytes=-",
            "bytes=9-3",
            "lines=1-2",
            "bytes=0-1,5-6",
            "bytes=a-b",
            "bytes=1-x",
            "x",
        ] {
            assert_eq!(asked(nonsense), Asked::Whole, "{nonsense}");
        }
    }

    #[test]
    fn a_part_of_another_version_or_of_a_known_one_is_not_sent() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-1"));
        headers.insert(header::IF_RANGE, HeaderValue::from_static("\"tag\""));
        assert_eq!(Asked::read(&headers, 100, "\"tag\""), Asked::Part(0..2));
        assert_eq!(Asked::read(&headers, 100, "\"other\""), Asked::Whole);
        headers.remove(header::IF_RANGE);
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"tag\""));
        assert_eq!(Asked::read(&headers, 100, "\"tag\""), Asked::Whole);
    }
}
