//! One client that costs little: the same bytes again and again on kept connections.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

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
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            buffer: Vec::new(),
        })
    }

    /// Sends a request; its whole answer.
    pub fn ask(&mut self, request: &[u8]) -> Result<&[u8]> {
        exchange(&mut self.stream, request, &mut self.buffer)?;
        Ok(&self.buffer)
    }
}

/// One request, its whole answer.
pub fn once(address: SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    let mut buffer = Vec::new();
    exchange(&mut stream, request, &mut buffer)?;
    Ok(buffer)
}

fn one_connection(address: SocketAddr, requests: &[Vec<u8>], until: Instant) -> Result<u64> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut answers = 0;
    for request in requests.iter().cycle().take_while(|_| Instant::now() < until) {
        exchange(&mut stream, request, &mut buffer)?;
        if !buffer.starts_with(b"HTTP/1.1 200") {
            bail!(
                "not a 200: {}",
                String::from_utf8_lossy(buffer.get(..200).unwrap_or(&buffer))
            );
        }
        answers += 1;
    }
    Ok(answers)
}

/// Sends a request and reads the answer, head and body.
fn exchange(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> Result<()> {
    stream.write_all(request)?;
    buffer.clear();
    let mut chunk = [0; 65536];
    let mut end = None;
    while end.is_none_or(|end| buffer.len() < end) {
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            bail!("the server hung up");
        }
        buffer.extend_from_slice(chunk.get(..count).unwrap_or(&[]));
        if end.is_none() {
            end = whole_length(buffer)?;
        }
    }
    Ok(())
}

/// The length of head and body together, once the head is there.
fn whole_length(buffer: &[u8]) -> Result<Option<usize>> {
    let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(buffer.get(..head).unwrap_or(&[])).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.context("no Content-Length")?.trim().parse()?;
    Ok(Some(head + 4 + length))
}
