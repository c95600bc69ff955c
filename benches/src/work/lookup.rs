//! The address table: the time of a lookup must not depend on how many wikis there are.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, Result};
use grange_farm::{Authority, NoEnvironment, Router, load_text, routes};

use crate::table::{Target, median, ratio, row};

const ROUNDS: usize = 15;
const LOOKUPS: u32 = 100_000;

/// Small and large in turn.
pub fn run() -> Result<()> {
    let (small, large) = (router(10)?, router(10_000)?);
    let (mut few, mut many) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        few.push(nanos(&small, 10)?);
        many.push(nanos(&large, 10_000)?);
    }
    let (few, many) = (median(few), median(many));
    row("10 wikis", &format!("{few:.0} ns a lookup"));
    row("10,000 wikis", &format!("{many:.0} ns a lookup"));
    ratio("10,000 wikis / 10 wikis", many / few, Target::AtMost(1.3));
    Ok(())
}

/// Half of the wikis by host, half by path.
pub fn config(count: usize) -> String {
    let wiki = |number: usize| match number % 2 {
        0 => format!("[wiki.w{number}]\nat = [\"w{number}.example.org\"]\n"),
        _ => format!("[wiki.w{number}]\nat = [\"farm.example.org/w{number}\"]\n"),
    };
    (0..count).map(wiki).collect()
}

fn router(count: usize) -> Result<Router> {
    let directory = tempfile::tempdir()?;
    let loaded = load_text(
        &directory.path().join("farmconfig.toml"),
        &config(count),
        &NoEnvironment,
    );
    let config = loaded.config.context("the configuration is refused")?;
    Router::build(routes(&config))
        .ok()
        .context("the addresses overlap")
}

/// The same 64 addresses of the table, spread over it, in a fixed order.
fn nanos(router: &Router, count: usize) -> Result<f64> {
    let asked: Vec<(String, String)> = (0..64)
        .map(|step| step * (count / 10).max(1) % count)
        .map(|number| match number % 2 {
            0 => (format!("w{number}.example.org"), "/Some/Page".to_owned()),
            _ => ("farm.example.org".to_owned(), format!("/w{number}/Some/Page")),
        })
        .collect();
    let begun = Instant::now();
    let mut found = 0;
    for (host, path) in asked.iter().cycle().take(LOOKUPS as usize) {
        let authority = Authority {
            https: false,
            host,
            port: Some(80),
        };
        found += u32::from(black_box(router.find(&authority, black_box(path))).is_some());
    }
    let took = begun.elapsed();
    anyhow::ensure!(found == LOOKUPS, "only {found} of {LOOKUPS} addresses were found");
    Ok(took.as_secs_f64() * 1e9 / f64::from(LOOKUPS))
}
