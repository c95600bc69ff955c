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
        cpu_of(self.child.id(), &[USER, SYSTEM])
    }

    /// The same with that of its macro workers, those that have ended included.
    pub fn cpu_with_workers(&self) -> Result<Duration> {
        let own = cpu_of(self.child.id(), &[USER, SYSTEM, ENDED_USER, ENDED_SYSTEM])?;
        let workers = self.children();
        // One may end between being listed and being read.
        let workers = workers.iter().filter_map(|id| cpu_of(*id, &[USER, SYSTEM]).ok());
        Ok(own + workers.sum::<Duration>())
    }

    /// The process ids of its children.
    pub fn children(&self) -> Vec<u32> {
        let processes = std::fs::read_dir("/proc").into_iter().flatten();
        let ids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let own = self.child.id().to_string();
        let is_child = |id: &u32| {
            let fields = fields_of(*id).unwrap_or_default();
            fields.get(PARENT).is_some_and(|parent| *parent == own)
        };
        ids.filter(is_child).collect()
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

/// Places of numbers in /proc/PID/stat behind the name.
const PARENT: usize = 1;
const USER: usize = 11;
const SYSTEM: usize = 12;
const ENDED_USER: usize = 13;
const ENDED_SYSTEM: usize = 14;

fn fields_of(id: u32) -> Result<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name in parentheses may hold blanks; the fields after it are numbers.
    let fields = stat.rsplit(')').next().unwrap_or("").split_whitespace();
    Ok(fields.map(str::to_owned).collect())
}

fn cpu_of(id: u32, places: &[usize]) -> Result<Duration> {
    let fields = fields_of(id)?;
    let mut total = 0.0;
    for place in places {
        let ticks = fields.get(*place).and_then(|field| field.parse::<f64>().ok());
        total += ticks.ok_or_else(|| anyhow!("odd /proc/{id}/stat"))?;
    }
    Ok(Duration::from_secs_f64(total / TICKS))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
