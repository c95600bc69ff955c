//! What macros on a page cost: the server's CPU time and its macro workers', beside the same page without.
//!
//! A logged-in visitor looks at pages that differ in nothing but the macros on them. The last work kills a
//! worker every second and asks whether visitors notice.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use super::views::{get, log_in, text};
use crate::farm::Farm;
use crate::load;
use crate::process::Server;
use crate::table::{Target, median, micros, ratio, row};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(1500);
const CONNECTIONS: usize = 8;

/// The session sample, from a file.
const PYTHON: &str = "Dependencies = ['time']\n\ndef execute(macro, args):\n    \
    if macro.request.session.is_new:\n        return macro.formatter.text('new')\n    \
    if 'test' in macro.request.session:\n        \
    return macro.formatter.text('Loaded value %d' % macro.request.session['test'])\n    \
    macro.request.session['test'] = 5\n    return macro.formatter.text('Set to value 5')\n";
/// A macro that depends on nothing.
const ONCE: &str =
    "Dependencies = []\n\ndef execute(macro, args):\n    return macro.formatter.text('the same for all')\n";

/// The pages, with what stands at their head.
const PAGES: [(&str, &str); 5] = [
    ("Plain", ""),
    ("Native", "<<SessionTest>>\n\n"),
    ("One", "<<Python>>\n\n"),
    (
        "Ten",
        "<<Python>> <<Python>> <<Python>> <<Python>> <<Python>> <<Python>> <<Python>> <<Python>> <<Python>> <<Python>>\n\n",
    ),
    ("Once", "<<Once>>\n\n"),
];

/// One page after the other, in turn.
pub fn run() -> Result<()> {
    let (_farm, server, cookie) = served()?;
    let mut cpu: [Vec<f64>; PAGES.len()] = Default::default();
    for round in 0..=ROUNDS {
        for ((page, _), into) in PAGES.iter().zip(&mut cpu) {
            let used = measure(&server, &[get(page, &cookie)])?;
            // The first round warms up.
            if round > 0 {
                into.push(used);
            }
        }
    }
    let [plain, native, one, ten, once] = cpu.map(median);
    for (name, used) in [
        "no macro",
        "native SessionTest",
        "one Python macro",
        "ten",
        "expanded once",
    ]
    .iter()
    .zip([plain, native, one, ten, once])
    {
        row(name, &format!("{used:.1} µs CPU a view, workers included"));
    }
    ratio("one Python macro / none", one / plain, Target::AtMost(8.0));
    ratio("native SessionTest / none", native / plain, Target::AtMost(1.15));
    ratio("ten Python macros / one", ten / one, Target::AtMost(2.0));
    ratio("expanded once / none", once / plain, Target::AtMost(1.02));
    Ok(())
}

/// A page with a Python macro while a worker is killed every second.
pub fn killed() -> Result<()> {
    let (_farm, server, cookie) = served()?;
    let request = get("One", &cookie);
    let alone = p99(&server, &request)?;
    let over = AtomicBool::new(false);
    let killed = thread::scope(|threads| {
        threads.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for worker in server.children().into_iter().take(1) {
                    let _ = Command::new("kill").args(["-9", &worker.to_string()]).status();
                }
                thread::sleep(Duration::from_secs(1));
            }
        });
        let killed = p99(&server, &request);
        over.store(true, Ordering::Relaxed);
        killed
    })?;
    row("undisturbed", &format!("p99 {:.0} µs", micros(alone)));
    row(
        "a worker killed every second",
        &format!("p99 {:.0} µs", micros(killed)),
    );
    ratio(
        "p99, killed / undisturbed",
        micros(killed) / micros(alone),
        Target::AtMost(3.0),
    );
    Ok(())
}

/// A farm with the pages and macros, served, and the cookie of somebody logged in.
fn served() -> Result<(Farm, Server, String)> {
    let farm = Farm::new("[wiki.main]\nat = [\"*\"]\n")?;
    let macros = farm.directory.path().join("wikis/main/macros");
    std::fs::create_dir_all(&macros)?;
    std::fs::write(macros.join("Python.py"), PYTHON)?;
    std::fs::write(macros.join("Once.py"), ONCE)?;
    for (page, head) in PAGES {
        farm.run(&["page", "put", page, "--wiki", "main"], &text(head))?;
    }
    // The login form stands on this page.
    farm.run(&["page", "put", "Page", "--wiki", "main"], "A page.\n")?;
    farm.run(
        &["user", "add", "Ann", "--wiki", "main", "--password-stdin"],
        "correct horse\n",
    )?;
    let server = farm.serve()?;
    let cookie = log_in(server.address)?;
    for (page, _) in PAGES {
        let seen = load::once(server.address, &get(page, &cookie))?;
        let seen = String::from_utf8_lossy(&seen).into_owned();
        if seen.contains("macro-error") {
            return Err(anyhow!("{page} shows an error box; is the macro worker built?"));
        }
    }
    Ok((farm, server, cookie))
}

fn measure(server: &Server, requests: &[Vec<u8>]) -> Result<f64> {
    let before = server.cpu_with_workers()?;
    let load = load::repeat(server.address, requests, CONNECTIONS, ROUND)?;
    let used = server.cpu_with_workers()?.saturating_sub(before);
    Ok(micros(used) / load.answers as f64)
}

/// The time that one of a hundred views takes longer than, one after the other for some seconds.
fn p99(server: &Server, request: &[u8]) -> Result<Duration> {
    let mut connection = load::Connection::open(server.address)?;
    let (begun, mut times) = (Instant::now(), Vec::new());
    while begun.elapsed() < Duration::from_secs(10) {
        let asked = Instant::now();
        connection.ask(request)?;
        times.push(asked.elapsed());
    }
    times.sort_unstable();
    let at = times.len() * 99 / 100;
    times.get(at).copied().context("no view was answered")
}
