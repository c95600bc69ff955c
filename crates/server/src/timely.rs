//! A connection that ends when its client dawdles.
//!
//! The HTTP layer has deadlines for the first head of a connection and for one that is idle. A client that sends a byte
//! now and then, or never reads what it asked for, would hold a connection, and its answer in memory, for ever. So
//! here, below HTTP, two things are watched: how long bytes come in without anything going out, and how long nothing
//! of what has to go out is taken. What the bytes mean is not known here. Start at [`Timely`].

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// From the first byte of a request to the first of its answer: more than a form may take, and a rendering after it.
const LONGEST_QUESTION: Duration = Duration::from_secs(120);
/// Beyond that, a request that keeps coming at this pace may go on: a large file over a slow line.
pub const SLOWEST_BYTES_A_SECOND: u32 = 16 * 1024;
/// So long nothing of an answer need be taken.
const LONGEST_STALL: Duration = Duration::from_secs(60);

/// A stream with deadlines.
pub struct Timely<S> {
    stream: S,
    question: Deadline,
    stall: Deadline,
}

impl<S> Timely<S> {
    /// Watches a stream from now on.
    pub fn new(stream: S) -> Timely<S> {
        Timely {
            stream,
            question: Deadline::after(LONGEST_QUESTION),
            stall: Deadline::after(LONGEST_STALL),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timely<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.question.is_over(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        let came = buf.filled().len() - before;
        if came > 0 {
            this.question.set_unless_set();
            let came = u32::try_from(came).unwrap_or(u32::MAX);
            this.question
                .move_by(Duration::from_secs(1) * came / SLOWEST_BYTES_A_SECOND);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timely<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        match written {
            Poll::Ready(_) => {
                this.question.clear();
                this.stall.clear();
            }
            Poll::Pending => {
                this.stall.set_unless_set();
                if this.stall.is_over(cx) {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// A moment that may come. The timer is made when it is needed first and set again only when it rang too early, since
/// nearly every request is answered long before.
struct Deadline {
    after: Duration,
    at: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    fn after(after: Duration) -> Deadline {
        Deadline {
            after,
            at: None,
            timer: None,
        }
    }

    fn set_unless_set(&mut self) {
        let after = self.after;
        self.at.get_or_insert_with(|| Instant::now() + after);
    }

    fn clear(&mut self) {
        self.at = None;
    }

    /// Lets it come later.
    fn move_by(&mut self, grace: Duration) {
        self.at = self.at.map(|at| at + grace);
    }

    /// Whether it has come; if not, whoever asks is woken when it comes.
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(at) = self.at else { return false };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= at {
                return true;
            }
            timer.as_mut().reset(at);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    /// A client, and the server's end of its connection, whose deadlines have come as soon as they are set.
    fn hurried(room: usize) -> (DuplexStream, Timely<DuplexStream>) {
        let (client, stream) = duplex(room);
        let server = Timely {
            stream,
            question: Deadline::after(Duration::ZERO),
            stall: Deadline::after(Duration::ZERO),
        };
        (client, server)
    }

    #[tokio::test]
    async fn a_question_that_never_ends_ends_the_connection() {
        let (mut client, mut server) = hurried(1024);
        client.write_all(b"GE").await.unwrap();
        let mut all = Vec::new();
        let ended = server.read_to_end(&mut all).await.unwrap_err();
        assert_eq!((ended.kind(), &*all), (io::ErrorKind::TimedOut, &b"GE"[..]));
    }

    #[tokio::test]
    async fn so_does_one_that_comes_after_an_answer() {
        let (mut client, mut server) = hurried(1024);
        for _ in 0..10 {
            client.write_all(b"a").await.unwrap();
            server.read_u8().await.unwrap();
            server.write_all(b"b").await.unwrap();
        }
        client.write_all(b"G").await.unwrap();
        server.read_u8().await.unwrap();
        assert_eq!(
            server.read_u8().await.unwrap_err().kind(),
            io::ErrorKind::TimedOut
        );
    }

    #[tokio::test]
    async fn a_client_who_asks_nothing_is_left_to_others() {
        let (mut client, mut server) = hurried(1024);
        assert!(pin!(server.read_u8()).now_or_never().is_none());
        client.write_all(b"a").await.unwrap();
        server.read_u8().await.unwrap();
        server.write_all(b"b").await.unwrap();
        assert!(server.question.at.is_none() && server.stall.at.is_none());
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_ends_the_connection() {
        let (_client, mut server) = hurried(16);
        let ended = server.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(ended.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn an_answer_that_is_read_slowly_arrives() {
        let (mut client, stream) = duplex(16);
        let mut server = Timely::new(stream);
        let mut writing = pin!(server.write_all(&[0; 64]));
        for _ in 0..48 {
            assert!(
                writing.as_mut().now_or_never().is_none(),
                "it waits for the reader"
            );
            client.read_u8().await.unwrap();
        }
        writing.await.unwrap();
        assert!(server.stall.at.is_none(), "each byte taken gives another minute");
    }

    #[tokio::test]
    async fn a_timer_that_rings_for_a_deadline_of_the_past_ends_nothing() {
        let mut deadline = Deadline::after(Duration::ZERO);
        deadline.set_unless_set();
        std::future::poll_fn(|cx| match deadline.is_over(cx) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
        deadline.clear();
        deadline.after = Duration::from_secs(3_600);
        deadline.set_unless_set();
        let over = std::future::poll_fn(|cx| Poll::Ready(deadline.is_over(cx))).await;
        assert!(!over);
    }

    #[tokio::test]
    async fn a_deadline_that_is_moved_comes_later() {
        let mut deadline = Deadline::after(Duration::ZERO);
        deadline.move_by(Duration::from_secs(3_600));
        assert!(deadline.at.is_none(), "one that is not set cannot be moved");
        deadline.set_unless_set();
        let set = deadline.at;
        deadline.move_by(Duration::from_secs(3_600));
        assert_eq!(deadline.at, set.map(|at| at + Duration::from_secs(3_600)));
        let over = std::future::poll_fn(|cx| Poll::Ready(deadline.is_over(cx))).await;
        assert!(!over);
    }
}
