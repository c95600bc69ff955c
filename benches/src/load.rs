//! One client that costs little: the same bytes again and again on kept connections. It shares processors and
//! their caches with the server it measures, so it neither copies nor clears what it reads.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

const LENGTH: &[u8] = b"content-length:";

/// What a load brought.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Answers.
    pub answers: u64,
    /// How long it took.
    pub took: Duration,
}

/// Sends the requests in turn on `connections` connections until `during` is over.
pub fn repeat(
    address: SocketAddr,
    requests: &[Vec<u8>],
    connections: usize,
    during: Duration,
) -> Result<Load> {
    let begun = Instant::now();
    let until = begun + during;
    let threads: Vec<_> = (0..connections)
        .map(|_| {
            let requests = requests.to_vec();
            thread::spawn(move || one_connection(address, &requests, until))
        })
        .collect();
    let mut answers = 0;
    for thread in threads {
        answers += thread.join().map_err(|_| anyhow!("a client thread broke"))??;
    }
    Ok(Load {
        answers,
        took: begun.elapsed(),
    })
}

/// A kept connection that is asked one thing after the other.
pub struct Connection {
    stream: TcpStream,
    /// What was read last, and room for more.
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            buffer: vec![0; 64 * 1024],
        })
    }

    /// Sends a request; its whole answer, head and body.
    pub fn ask(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.stream.write_all(request)?;
        let (mut read, mut end) = (0, None);
        while end.is_none_or(|end| read < end) {
            if read == self.buffer.len() {
                self.buffer.resize(2 * read, 0);
            }
            let count = self
                .stream
                .read(self.buffer.get_mut(read..).unwrap_or_default())?;
            if count == 0 {
                bail!("the server hung up");
            }
            read += count;
            if end.is_none() {
                end = whole_length(self.buffer.get(..read).unwrap_or_default())?;
            }
        }
        Ok(self.buffer.get(..read).unwrap_or_default())
    }
}

/// One request, its whole answer.
pub fn once(address: SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    Ok(Connection::open(address)?.ask(request)?.to_vec())
}

fn one_connection(address: SocketAddr, requests: &[Vec<u8>], until: Instant) -> Result<u64> {
    let mut connection = Connection::open(address)?;
    let mut answers = 0;
    for request in requests.iter().cycle().take_while(|_| Instant::now() < until) {
        let answer = connection.ask(request)?;
        if !answer.starts_with(b"HTTP/1.1 200") {
            let head = answer.get(..200).unwrap_or(answer);
            bail!("not a 200: {}", String::from_utf8_lossy(head));
        }
        answers += 1;
    }
    Ok(answers)
}

/// The length of head and body together, once the head is there.
fn whole_length(read: &[u8]) -> Result<Option<usize>> {
    let (mut head, mut length) = (0, None);
    for line in read.split_inclusive(|&byte| byte == b'\n') {
        head += line.len();
        if line == b"\r\n" {
            return Ok(Some(head + length.context("no Content-Length")?));
        }
        let (name, value) = line.split_at_checked(LENGTH.len()).unwrap_or_default();
        if name.eq_ignore_ascii_case(LENGTH) {
            length = Some(std::str::from_utf8(value)?.trim().parse::<usize>()?);
        }
    }
    Ok(None)
}
