//! Heads of requests that are far too long, made short enough to be answered.
//!
//! Whoever can set cookies for a parent domain can make a browser send more than the HTTP layer reads; it would answer
//! with nothing, or with a reset, and the visitor could not tell why. Of such a head the beginning goes on, the rest is
//! read and thrown away, and a header of ours ([`CUT`]) tells `incoming.rs`, which answers 431 in words. Behind it
//! nothing more is read: where the next request would begin is not known.
//!
//! Only the first head of a connection is watched: on an old one a head of more than the HTTP layer reads gets its bare
//! 431, and the next try, on a new connection, the words. What stands in a head is not known here. Start at
//! [`CappedHead`].

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most bytes of method, target and headers that are answered with what they ask for.
pub const LONGEST_HEAD: usize = 64 * 1024;
/// The header that stands for what was thrown away.
pub const CUT: &str = "grange-head-was-cut";

/// So much goes on before the rest is thrown away: what `incoming.rs` refuses anyhow, and less than the HTTP layer
/// refuses without a word.
const CUT_AFTER: usize = LONGEST_HEAD + 16 * 1024;
/// So much goes on at a time.
const LONGEST_PIECE: usize = 8 * 1024;
/// So much is thrown away at most; browsers keep less than this for a site.
const MOST_THROWN_AWAY: usize = 1024 * 1024;
/// What ends a head in the middle of a line.
const ENDING: &[u8] = b"x:\r\ngrange-head-was-cut: 1\r\n\r\n";

/// A stream whose first head is never longer than the HTTP layer reads.
pub struct CappedHead<S> {
    stream: S,
    state: State,
}

enum State {
    /// The head goes on as it comes.
    Passing { passed: usize, line: Line },
    /// The rest of the head is thrown away.
    ThrowingAway { thrown: usize, line: Line },
    /// The head was cut; so much of its ending has gone on.
    Ending { sent: usize },
    /// The head is over.
    Over,
}

/// What the last bytes were. An empty line ends a head; a line may end without a carriage return.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Inside,
    AfterReturn,
    AtBegin,
    AtBeginAfterReturn,
    EndOfHead,
}

impl Line {
    fn after(self, byte: u8) -> Line {
        match (self, byte) {
            (Line::EndOfHead, _) => Line::EndOfHead,
            (Line::AtBegin | Line::AtBeginAfterReturn, b'\n') => Line::EndOfHead,
            (Line::AtBegin, b'\r') => Line::AtBeginAfterReturn,
            (_, b'\n') => Line::AtBegin,
            (_, b'\r') => Line::AfterReturn,
            _ => Line::Inside,
        }
    }

    fn after_all(self, bytes: &[u8]) -> Line {
        bytes.iter().fold(self, |line, byte| line.after(*byte))
    }
}

impl<S> CappedHead<S> {
    /// Watches a stream from its first byte on.
    pub fn new(stream: S) -> CappedHead<S> {
        let (passed, line) = (0, Line::Inside);
        CappedHead {
            stream,
            state: State::Passing { passed, line },
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for CappedHead<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            match &mut this.state {
                State::Over => return Pin::new(&mut this.stream).poll_read(cx, buf),
                State::Passing { passed, line } => {
                    // In pieces: whoever reads may have room for more than may go on.
                    let room = buf.remaining().min(LONGEST_PIECE);
                    let mut piece = ReadBuf::new(buf.initialize_unfilled_to(room));
                    ready!(Pin::new(&mut this.stream).poll_read(cx, &mut piece))?;
                    let came = piece.filled().len();
                    *line = line.after_all(piece.filled());
                    *passed += came;
                    buf.advance(came);
                    if *line == Line::EndOfHead {
                        this.state = State::Over;
                    } else if *passed > CUT_AFTER && *line == Line::Inside {
                        this.state = State::ThrowingAway {
                            thrown: 0,
                            line: Line::Inside,
                        };
                    }
                    return Poll::Ready(Ok(()));
                }
                State::ThrowingAway { thrown, line } => {
                    let mut room = [0; 4096];
                    let mut waste = ReadBuf::new(&mut room);
                    ready!(Pin::new(&mut this.stream).poll_read(cx, &mut waste))?;
                    let came = waste.filled();
                    *thrown += came.len();
                    *line = line.after_all(came);
                    if came.is_empty() {
                        return Poll::Ready(Ok(()));
                    }
                    if *line == Line::EndOfHead {
                        this.state = State::Ending { sent: 0 };
                    } else if *thrown > MOST_THROWN_AWAY {
                        return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
                    }
                }
                State::Ending { sent } => {
                    let left = ENDING.get(*sent..).unwrap_or_default();
                    if left.is_empty() {
                        // The end of what is read: a body that was announced is not waited for.
                        return Poll::Ready(Ok(()));
                    }
                    let fits = left.get(..buf.remaining()).unwrap_or(left);
                    buf.put_slice(fits);
                    *sent += fits.len();
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for CappedHead<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::AsyncReadExt;

    use super::*;

    /// All that goes on of these bytes, and whether the stream is then at its end (and not silent for ever).
    fn passed(bytes: &[u8], piece: usize) -> (Vec<u8>, bool) {
        let mut stream = CappedHead::new(bytes);
        let (mut all, mut room) = (Vec::new(), vec![0; piece]);
        loop {
            match stream.read(&mut room).now_or_never() {
                None => return (all, false),
                Some(read) => match read.unwrap() {
                    0 => return (all, true),
                    count => all.extend_from_slice(&room[..count]),
                },
            }
        }
    }

    fn head(cookie: usize) -> Vec<u8> {
        let cookie = "c".repeat(cookie);
        format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n").into_bytes()
    }

    #[test]
    fn an_ordinary_head_and_whatever_follows_go_on_as_they_came() {
        for first in [
            head(0),
            head(LONGEST_HEAD),
            b"GET / HTTP/1.1\nHost: a\n\n".to_vec(),
        ] {
            let all = [first, vec![b'b'; 300_000], head(200_000)].concat();
            for piece in [1, 7, 8192] {
                assert_eq!(passed(&all, piece), (all.clone(), true));
            }
        }
    }

    #[test]
    fn of_a_head_that_is_far_too_long_the_beginning_goes_on_and_a_word_of_ours_ends_it() {
        let all = [head(700_000), b"POST /smuggled HTTP/1.1\r\n\r\n".to_vec()].concat();
        for piece in [1, 7, 8192, 500_000] {
            let (short, ended) = passed(&all, piece);
            assert!(short.len() < 100_000 && ended, "{} bytes", short.len());
            assert!(
                short.starts_with(b"GET / HTTP/1.1\r\nHost: a\r\nCookie: ccc") && short.ends_with(ENDING)
            );
        }
        assert!(String::from_utf8_lossy(ENDING).contains(CUT));
    }

    #[test]
    fn a_head_without_end_ends_the_connection() {
        let endless = vec![b'a'; 2 * MOST_THROWN_AWAY];
        let mut stream = CappedHead::new(&endless[..]);
        let read = stream.read_to_end(&mut Vec::new()).now_or_never().unwrap();
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_client_that_goes_in_the_middle_is_gone() {
        let half = vec![b'a'; CUT_AFTER + 10_000];
        let (short, ended) = passed(&half, 8192);
        assert!(ended && short.len() < half.len());
    }
}
