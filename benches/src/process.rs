//! Server processes and what the system says they used.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

/// Clock ticks a second in /proc, fixed at 100 on Linux for user space.
const TICKS: f64 = 100.0;

/// A server that ends with this value.
pub struct Server {
    child: Child,
    /// Where it answers.
    pub address: SocketAddr,
}

impl Server {
    /// Starts a program that prints `listening on http://ADDR:PORT` when it answers.
    pub fn start(mut command: Command) -> Result<Server> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .stdin(Stdio::null())
            .spawn()?;
        let out = child.stdout.take().context("no stdout")?;
        let line = BufReader::new(out)
            .lines()
            .next()
            .context("the server said nothing")??;
        let address = line.rsplit('/').next().context("no address")?.parse()?;
        Ok(Server { child, address })
    }

    /// CPU time used so far, in user space and in the kernel.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold blanks; the fields after it are numbers.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
        let (user, system) = (ticks(11), ticks(12));
        let total = user
            .zip(system)
            .map(|(user, system)| user + system)
            .ok_or_else(|| anyhow!("odd /proc/stat"))?;
        Ok(Duration::from_secs_f64(total / TICKS))
    }

    /// Resident memory, in MiB.
    pub fn resident(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .context("no VmRSS")?;
        let kib: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
