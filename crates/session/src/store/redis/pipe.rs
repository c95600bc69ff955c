//! One connection to a Redis without TLS: questions go out as they come, answers come back in their order.
//!
//! Whoever waits for an answer moves the connection on: writes what is to be written, reads what is there, and
//! hands others theirs. So a question that is alone, as most are, is written and its answer read by the task that
//! asked; a task for the connection, as the library has one, would have to be woken twice for each. There is always
//! one of those who wait whose turn it is to look: whoever looked last, or, once that one is gone, another who was
//! woken for it. An answer that does not come in time, and one that is no answer, ends the connection for all: those
//! behind it would be taken for others'. Start at [`Pipe::ask`], then [`Flow::poll_answer`].

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::BytesMut;
use futures_util::future::select_ok;
use redis::{Cmd, RedisError, Value};
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, Sleep, sleep};

use self::reply::Incoming;
use super::line::ANSWER_LIMIT;

mod reply;

/// Room for what is read at once; longer answers make more.
const READ: usize = 4096;
/// More than so much room is not kept for the next question.
const MOST_KEPT: usize = 64 * 1024;
/// Whose time is over waits so much longer, for what came while this thread was held up: after that the socket was
/// looked at once more.
const GRACE: Duration = Duration::from_millis(50);

/// A connection that many may use at once.
#[derive(Clone)]
pub(super) struct Pipe(Arc<Mutex<Flow>>);

struct Flow {
    stream: TcpStream,
    /// Questions, `sent` bytes of which are on their way.
    unsent: Vec<u8>,
    sent: usize,
    received: BytesMut,
    incoming: Incoming,
    /// Those whose answers are to come, in the order of their questions.
    waiting: VecDeque<Waiting>,
    /// The number of the first of them; each question has the next.
    first: u64,
    /// Answers that somebody else read.
    arrived: BTreeMap<u64, Value>,
    /// Whose turn it is to look: the socket wakes them, or they were woken for it.
    watching: Option<u64>,
    /// Goes off when the first may have waited too long: set again only then, because nearly all are answered.
    alarm: Pin<Box<Sleep>>,
    /// The first whose time is over, since the alarm went off for it.
    overdue: Option<u64>,
    broken: Option<RedisError>,
}

struct Waiting {
    asked: Instant,
    waker: Waker,
    /// Until nobody wants the answer any more.
    wanted: bool,
}

/// A question that was laid down, until it is answered.
struct Asked<'p> {
    flow: &'p Mutex<Flow>,
    number: u64,
    answered: bool,
}

impl Pipe {
    /// A connection to the server, which has said nothing yet.
    pub(super) async fn open(host: &str, port: u16) -> io::Result<Pipe> {
        let places: Vec<_> = lookup_host((host, port)).await?.collect();
        if places.is_empty() {
            return Err(io::ErrorKind::AddrNotAvailable.into());
        }
        // All at once: some may lead nowhere, and silently.
        let attempts = places
            .into_iter()
            .map(|place| Box::pin(TcpStream::connect(place)));
        let (stream, _) = select_ok(attempts).await?;
        stream.set_nodelay(true)?;
        Ok(Pipe(Arc::new(Mutex::new(Flow {
            stream,
            unsent: Vec::new(),
            sent: 0,
            received: BytesMut::new(),
            incoming: Incoming::default(),
            waiting: VecDeque::new(),
            first: 0,
            arrived: BTreeMap::new(),
            watching: None,
            alarm: Box::pin(sleep(ANSWER_LIMIT)),
            overdue: None,
            broken: None,
        }))))
    }

    /// Asks the server. A question whose future is dropped may be answered still, to nobody. One that is kept without
    /// being polled holds up the others.
    ///
    /// # Errors
    /// * What the server says of it, and how the connection ended.
    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value, RedisError> {
        let number = lock(&self.0).lay_down(command)?;
        let asked = Asked {
            flow: &self.0,
            number,
            answered: false,
        };
        asked.await?.extract_error()
    }
}

impl Future for Asked<'_> {
    type Output = Result<Value, RedisError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(lock(self.flow).poll_answer(self.number, cx));
        self.answered = true;
        Poll::Ready(answer)
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if !self.answered {
            lock(self.flow).give_up(self.number);
        }
    }
}

impl Flow {
    fn lay_down(&mut self, command: &Cmd) -> Result<u64, RedisError> {
        if let Some(why) = &self.broken {
            return Err(why.clone());
        }
        command.write_packed_command(&mut self.unsent);
        self.waiting.push_back(Waiting {
            asked: Instant::now(),
            waker: Waker::noop().clone(),
            wanted: true,
        });
        Ok(self.first + (self.waiting.len() as u64 - 1))
    }

    fn poll_answer(&mut self, number: u64, cx: &mut Context<'_>) -> Poll<Result<Value, RedisError>> {
        if let Some(answer) = self.arrived.remove(&number) {
            return Poll::Ready(Ok(answer));
        }
        if let Some(why) = &self.broken {
            return Poll::Ready(Err(why.clone()));
        }
        match self.move_on(number, cx) {
            Ok(Some(answer)) => {
                // Others' answers may have been read with it.
                self.wake_another();
                Poll::Ready(Ok(answer))
            }
            Ok(None) => {
                self.watching = Some(number);
                if let Some(waiting) = self.place(number) {
                    waiting.waker.clone_from(cx.waker());
                }
                Poll::Pending
            }
            Err(why) => {
                self.break_off(&why);
                Poll::Ready(Err(why))
            }
        }
    }

    /// Writes what can be written and reads until the answer to `number` is there, or nothing more.
    fn move_on(&mut self, number: u64, cx: &mut Context<'_>) -> Result<Option<Value>, RedisError> {
        self.send(cx)?;
        loop {
            while let Some(value) = self.incoming.take(&mut self.received)? {
                if let Some(value) = self.hand_over(value, number)? {
                    return Ok(Some(value));
                }
            }
            self.received.reserve(READ);
            match pin!(self.stream.read_buf(&mut self.received)).poll(cx)? {
                Poll::Ready(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                Poll::Ready(_) => {}
                Poll::Pending => break,
            }
        }
        self.look_at_the_time(cx)?;
        Ok(None)
    }

    fn send(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while let Some(rest) = self.unsent.get(self.sent..).filter(|rest| !rest.is_empty()) {
            match Pin::new(&mut self.stream).poll_write(cx, rest)? {
                Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(count) => self.sent += count,
                Poll::Pending => return Ok(()),
            }
        }
        self.unsent.clear();
        self.unsent.shrink_to(MOST_KEPT);
        self.sent = 0;
        Ok(())
    }

    /// Gives an answer to whom it belongs: back, if that is `number`.
    fn hand_over(&mut self, answer: Value, number: u64) -> io::Result<Option<Value>> {
        let unasked = || io::Error::new(io::ErrorKind::InvalidData, "the server answers what nobody asked");
        let waiting = self.waiting.pop_front().ok_or_else(unasked)?;
        let whose = self.first;
        self.first += 1;
        if whose == number {
            return Ok(Some(answer));
        }
        if waiting.wanted {
            self.arrived.insert(whose, answer);
            waiting.waker.wake();
        }
        Ok(None)
    }

    fn look_at_the_time(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while self.alarm.as_mut().poll(cx).is_ready() {
            let Some(first) = self.waiting.front() else {
                return Ok(());
            };
            let (now, mut end) = (Instant::now(), first.asked + ANSWER_LIMIT);
            if now >= end {
                if self.overdue == Some(self.first) {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                self.overdue = Some(self.first);
                end = now + GRACE;
            }
            self.alarm.as_mut().reset(end);
        }
        Ok(())
    }

    fn place(&mut self, number: u64) -> Option<&mut Waiting> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.waiting.get_mut(place)
    }

    fn give_up(&mut self, number: u64) {
        if let Some(waiting) = self.place(number) {
            waiting.wanted = false;
            waiting.waker = Waker::noop().clone();
        }
        self.arrived.remove(&number);
        if self.watching == Some(number) {
            self.wake_another();
        }
    }

    /// Whoever is woken has the turn from now on, also if they leave before they look.
    fn wake_another(&mut self) {
        let mut waiting = (self.first..).zip(&self.waiting);
        let next = waiting.find(|(_, waiting)| waiting.wanted);
        self.watching = next.map(|(number, _)| number);
        if let Some((_, waiting)) = next {
            waiting.waker.wake_by_ref();
        }
    }

    fn break_off(&mut self, why: &RedisError) {
        self.broken = Some(why.clone());
        for waiting in self.waiting.drain(..) {
            waiting.waker.wake();
        }
    }
}

/// Nothing in here panics half-way.
fn lock(flow: &Mutex<Flow>) -> MutexGuard<'_, Flow> {
    flow.lock().unwrap_or_else(PoisonError::into_inner)
}
