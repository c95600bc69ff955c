//! Sessions in number: what a cookie costs before any store is asked, what a load costs among a million
//! others, and whether page views notice that a million ended sessions are being swept.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use grange_session::{
    CookieHandler, Loaded, MemorySessionStore, Outcome, RequestFacts, Secrets, SessionHandler, SessionPolicy,
    SessionStore, SqliteSessionStore, StoreKey, SystemRandomness,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::views::log_in;
use crate::clock::{cpu, now};
use crate::farm::Farm;
use crate::load;
use crate::policy::{policy, realm};
use crate::table::{Target, median, micros, ratio, row};

const ROUNDS: usize = 9;
const FEW: u32 = 1_000;
const MANY: u32 = 1_000_000;
/// Sessions that are loaded a round, picked at random.
const PICKED: u32 = 2_000;

/// Reading and verifying a cookie: one that another realm signed costs that and nothing more.
pub fn verify() -> Result<()> {
    actix_web::rt::System::new().block_on(async {
        let secrets = Arc::new(Secrets::parse(&Secrets::generate_line(&SystemRandomness))?);
        let other = SessionPolicy {
            realm: realm("other"),
            ..policy()?
        };
        let cookie = offered(&handler(other, Arc::new(MemorySessionStore::new()), &secrets)).await?;
        let here = handler(policy()?, Arc::new(MemorySessionStore::new()), &secrets);
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let before = cpu();
            for _ in 0..100_000 {
                here.open(&facts(&[cookie.as_bytes()])).await;
            }
            rounds.push(micros(cpu().saturating_sub(before)) / 100_000.0);
        }
        ratio(
            "µs to read and verify a cookie",
            median(rounds),
            Target::AtMost(2.0),
        );
        Ok(())
    })
}

/// A load among a thousand and among a million live sessions.
pub fn loads() -> Result<()> {
    let (few, many) = (load_among(FEW)?, load_among(MANY)?);
    row("among 1,000", &format!("{few:.1} µs CPU a load"));
    row("among 1,000,000", &format!("{many:.1} µs CPU a load"));
    ratio("CPU a load, 1,000,000 / 1,000", many / few, Target::AtMost(1.5));
    Ok(())
}

fn load_among(number: u32) -> Result<f64> {
    let directory = tempfile::tempdir()?;
    actix_web::rt::System::new().block_on(async {
        let store: Arc<dyn SessionStore> = Arc::new(SqliteSessionStore::at(directory.path()));
        begin_one(Arc::clone(&store)).await?;
        multiply(directory.path(), number, SignedDuration::ZERO)?;
        let keys = pick(directory.path())?;
        let mut rounds = Vec::new();
        for round in 0..=ROUNDS {
            let before = cpu();
            for key in &keys {
                let found = store.load(key, &realm("bench"), now()).await?;
                if !matches!(found, Loaded::Live(_)) {
                    return Err(anyhow!("a live session was not found"));
                }
            }
            // The first round warms up.
            if round > 0 {
                rounds.push(micros(cpu().saturating_sub(before)) / keys.len() as f64);
            }
        }
        Ok(median(rounds))
    })
}

/// Page views beside a sweep of a million ended sessions.
pub fn sweep() -> Result<()> {
    let farm = Farm::new("[wiki.main]\nat = [\"*\"]\n")?;
    farm.run(&["page", "put", "Page", "--wiki", "main"], "A page.\n")?;
    farm.run(
        &["user", "add", "Ann", "--wiki", "main", "--password-stdin"],
        "correct horse\n",
    )?;
    let server = farm.serve()?;
    let cookie = log_in(server.address)?;
    multiply(
        &farm.directory.path().join("wikis/main/sessions"),
        MANY,
        SignedDuration::from_hours(24 * 60),
    )?;
    let request = format!("GET /Page HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n").into_bytes();
    let alone = p99(server.address, &request, |begun| {
        begun.elapsed() < Duration::from_secs(5)
    })?;
    let sweeping = thread::scope(|threads| {
        let sweep = threads.spawn(|| farm.run(&["session", "sweep", "--wiki", "main"], ""));
        let beside = p99(server.address, &request, |_| !sweep.is_finished());
        sweep.join().map_err(|_| anyhow!("the sweep broke"))??;
        beside
    })?;
    row("alone", &format!("p99 {:.0} µs", micros(alone)));
    row("beside the sweep", &format!("p99 {:.0} µs", micros(sweeping)));
    ratio(
        "p99, sweeping / alone",
        micros(sweeping) / micros(alone),
        Target::AtMost(2.0),
    );
    Ok(())
}

/// The time that one of a hundred views takes longer than, one view after the other.
fn p99(address: SocketAddr, request: &[u8], goes_on: impl Fn(Instant) -> bool) -> Result<Duration> {
    let mut connection = load::Connection::open(address)?;
    let (begun, mut times) = (Instant::now(), Vec::new());
    while goes_on(begun) {
        let asked = Instant::now();
        connection.ask(request)?;
        times.push(asked.elapsed());
    }
    times.sort_unstable();
    times
        .get(times.len() * 99 / 100)
        .copied()
        .context("no view was answered")
}

fn handler(policy: SessionPolicy, store: Arc<dyn SessionStore>, secrets: &Arc<Secrets>) -> CookieHandler {
    CookieHandler::new(
        Arc::new(policy),
        store,
        Arc::clone(secrets),
        Arc::new(SystemRandomness),
    )
}

fn facts<'a>(cookie_headers: &'a [&'a [u8]]) -> RequestFacts<'a> {
    RequestFacts {
        cookie_headers,
        ..RequestFacts::at(now())
    }
}

const PAGE_VIEW: fn() -> Outcome = || Outcome {
    offer_pending: true,
    discard_writes: false,
    now: now(),
    https: false,
};

/// The first cookie that a visitor is given.
async fn offered(handler: &CookieHandler) -> Result<String> {
    let session = handler.open(&facts(&[])).await;
    let changes = handler.finish(session, &PAGE_VIEW()).await?;
    let line = changes.first().context("no cookie was offered")?.header_value();
    Ok(line.split(';').next().unwrap_or_default().to_owned())
}

async fn begin_one(store: Arc<dyn SessionStore>) -> Result<()> {
    let secrets = Arc::new(Secrets::parse(&Secrets::generate_line(&SystemRandomness))?);
    let handler = handler(policy()?, store, &secrets);
    let cookie = offered(&handler).await?;
    let mut session = handler.open(&facts(&[cookie.as_bytes()])).await;
    session.insert("colour", "green")?;
    handler.finish(session, &PAGE_VIEW()).await?;
    Ok(())
}

/// Makes one session many, under keys of their own, last seen that long ago.
fn multiply(directory: &Path, number: u32, ago: SignedDuration) -> Result<()> {
    let db = Connection::open(directory.join("sessions.db"))?;
    db.busy_timeout(Duration::from_secs(30))?;
    db.execute(
        "INSERT INTO sessions (key, realm, subject, generation, realm_generation, issued, seen, expires,
             cookie_until, verifies_until, about, data, trail)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         SELECT randomblob(32), realm, subject, generation, realm_generation, issued - ?2, seen - ?2,
             expires - ?2, cookie_until - ?2, verifies_until - ?2, about, data, trail FROM sessions, n",
        rusqlite::params![number, ago.as_millis() as i64],
    )?;
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

fn pick(directory: &Path) -> Result<Vec<StoreKey>> {
    let db = Connection::open(directory.join("sessions.db"))?;
    let mut select = db.prepare("SELECT key, issued FROM sessions ORDER BY random() LIMIT ?1")?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, [u8; 32]>(0)?, row.get(1)?));
    let mut keys = Vec::new();
    for found in select.query_map([PICKED], read)? {
        let (hash, issued): ([u8; 32], i64) = found?;
        keys.push(StoreKey::from_parts(hash, Timestamp::from_millisecond(issued)?));
    }
    Ok(keys)
}
