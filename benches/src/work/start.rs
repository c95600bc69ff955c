//! Starting: from the command to the first answer, with 10,000 wikis and with one.

use std::time::Instant;

use anyhow::Result;

use super::lookup;
use crate::farm::Farm;
use crate::load;
use crate::table::{Target, median, ratio, row};

const ROUNDS: usize = 5;

/// Both in turn.
pub fn run() -> Result<()> {
    let large = Farm::new(&lookup::config(10_000))?;
    let small = Farm::new(&lookup::config(1))?;
    let (mut many, mut memory, mut one, mut small_memory) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (seconds, mib) = first_answer(&large)?;
        many.push(seconds);
        memory.push(mib);
        let (seconds, mib) = first_answer(&small)?;
        one.push(seconds);
        small_memory.push(mib);
    }
    let (many, one, memory) = (median(many), median(one), median(memory));
    row(
        "10,000 wikis",
        &format!("{many:.3} s to the first answer, {memory:.0} MiB resident"),
    );
    row(
        "one wiki",
        &format!(
            "{one:.3} s to the first answer, {:.0} MiB resident",
            median(small_memory)
        ),
    );
    ratio("seconds to the first answer", many, Target::AtMost(1.0));
    ratio("resident MiB", memory, Target::AtMost(150.0));
    Ok(())
}

fn first_answer(farm: &Farm) -> Result<(f64, f64)> {
    let begun = Instant::now();
    let server = farm.serve()?;
    load::once(server.address, b"GET / HTTP/1.1\r\nHost: w0.example.org\r\n\r\n")?;
    Ok((begun.elapsed().as_secs_f64(), server.resident()?))
}
