//! Where one reply ends and the next begins, in RESP version 2 (the protocol that servers speak unless asked otherwise).

use bytes::{Buf, BytesMut};
use redis::{ErrorKind, RedisError, Value, parse_redis_value};

/// Longer texts and lists are not ours: a server sends none unless its `proto-max-bulk-len` was raised.
const LARGEST: usize = 512 * 1024 * 1024;
/// Lines hold a number or the server's words.
const LONGEST_LINE: usize = 64 * 1024;

/// How far the reply that is coming in has been looked at. What it says is the library's to read.
#[derive(Debug)]
pub(super) struct Incoming {
    /// Bytes that were looked at.
    seen: usize,
    /// Values that are still to come: the reply itself, then what it is a list of.
    missing: usize,
}

impl Default for Incoming {
    fn default() -> Incoming {
        Incoming { seen: 0, missing: 1 }
    }
}

impl Incoming {
    /// Takes the first reply away from what was received, once it is there as a whole.
    ///
    /// # Errors
    /// * [`ErrorKind::Parse`] when it is none: what follows has no beginning then.
    pub(super) fn take(&mut self, received: &mut BytesMut) -> Result<Option<Value>, RedisError> {
        while self.missing > 0 {
            let rest = received.get(self.seen..).unwrap_or_default();
            let Some((line, after)) = first_line(rest)? else {
                return Ok(None);
            };
            let (kind, number) = line.split_first().ok_or_else(nonsense)?;
            let (bytes, values) = match kind {
                b'+' | b'-' | b':' => (0, 0),
                // So many bytes and a line's end, or "-1": nothing.
                b'$' => (count(number)?.map_or(0, |bytes| bytes.saturating_add(2)), 0),
                b'*' => (0, count(number)?.unwrap_or(0)),
                _ => return Err(nonsense()),
            };
            if after.len() < bytes {
                return Ok(None);
            }
            self.seen += line.len() + 2 + bytes;
            self.missing = (self.missing - 1).saturating_add(values);
        }
        let whole = received.get(..self.seen).unwrap_or_default();
        let value = match whole {
            // Most replies; the library's parser, which can stop anywhere, takes several times as long.
            [b'$', b'0'..=b'9', ..] => {
                let text = first_line(whole)?.and_then(|(_, after)| after.strip_suffix(b"\r\n"));
                Value::BulkString(text.ok_or_else(nonsense)?.to_vec())
            }
            _ => parse_redis_value(whole)?,
        };
        received.advance(self.seen);
        *self = Incoming::default();
        Ok(Some(value))
    }
}

/// A line without its end, and what stands behind that.
type LineAndRest<'b> = (&'b [u8], &'b [u8]);

/// The first line, if its end is there.
fn first_line(bytes: &[u8]) -> Result<Option<LineAndRest<'_>>, RedisError> {
    let Some(end) = bytes.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n') else {
        return match bytes.len() < LONGEST_LINE {
            true => Ok(None),
            false => Err(nonsense()),
        };
    };
    let (line, after) = bytes.split_at(end + 1);
    Ok(Some((line.strip_suffix(b"\r\n").ok_or_else(nonsense)?, after)))
}

/// A length; `None` for -1.
fn count(digits: &[u8]) -> Result<Option<usize>, RedisError> {
    let text = std::str::from_utf8(digits).map_err(|_| nonsense())?;
    match text {
        "-1" => Ok(None),
        _ => match text.parse() {
            Ok(count) if count <= LARGEST => Ok(Some(count)),
            _ => Err(nonsense()),
        },
    }
}

fn nonsense() -> RedisError {
    (ErrorKind::Parse, "the server's answer is no RESP").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLIES: [&str; 11] = [
        "$5\r\nhello\r\n",
        "$0\r\n\r\n",
        "$-1\r\n",
        "$7\r\na\r\nb\n\r\n\r\n",
        "+OK\r\n",
        "-WRONGTYPE no\r\n",
        ":-17\r\n",
        "*0\r\n",
        "*-1\r\n",
        "*3\r\n$1\r\na\r\n*2\r\n:1\r\n$-1\r\n+x\r\n",
        "*1\r\n*1\r\n*1\r\n$2\r\n\r\n\r\n",
    ];

    #[test]
    fn replies_are_read_as_the_library_reads_them_wherever_they_are_cut() {
        let all = REPLIES.concat();
        let expected = REPLIES.map(|reply| parse_redis_value(reply.as_bytes()).unwrap());
        for step in 1..all.len() {
            let (mut incoming, mut received, mut read) = (Incoming::default(), BytesMut::new(), Vec::new());
            for part in all.as_bytes().chunks(step) {
                received.extend_from_slice(part);
                while let Some(value) = incoming.take(&mut received).unwrap() {
                    read.push(value);
                }
            }
            assert_eq!(read, expected, "in parts of {step} bytes");
            assert!(received.is_empty());
        }
    }

    #[test]
    fn what_is_no_reply_is_an_error_and_no_panic() {
        for bytes in [
            "HTTP/1.1 400\r\n",
            "\r\n",
            "+OK\n",
            "$x\r\n",
            "$-2\r\n",
            "*\r\n",
            "%1\r\n",
            "$1\r\nabc",
        ] {
            let mut received = BytesMut::from(bytes);
            assert!(Incoming::default().take(&mut received).is_err(), "{bytes:?}");
        }
        let endless = "+".repeat(LONGEST_LINE);
        assert!(Incoming::default().take(&mut BytesMut::from(&*endless)).is_err());
        let enormous = format!("${}\r\n", usize::MAX);
        assert!(Incoming::default().take(&mut BytesMut::from(&*enormous)).is_err());
    }
}
