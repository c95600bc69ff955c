//! Durable saves: a form posted and answered, against bare SQLite commits of the same bytes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use rusqlite::Connection;

use super::views::{hidden_field, log_in};
use crate::farm::Farm;
use crate::load;
use crate::table::{Target, median, ratio, row};

const ROUNDS: usize = 7;
const SAVES: u32 = 60;
const BYTES: usize = 4096;

/// Both in turn, on the same disk.
pub fn run() -> Result<()> {
    let farm = Farm::new("[wiki.main]\nat = [\"*\"]\n")?;
    farm.run(
        &["user", "add", "Ann", "--wiki", "main", "--password-stdin"],
        "correct horse\n",
    )?;
    farm.run(&["page", "put", "Page", "--wiki", "main"], "first")?;
    let server = farm.serve()?;
    let mut editor = Editor::open(server.address)?;
    let bare = bare_database(&farm)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        ours.push(rate(editor.save_many(round)?));
        theirs.push(rate(commit_many(&bare, round)?));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    row(
        "grange, form to answer",
        &format!("{ours:.0} saves/s of {BYTES} bytes"),
    );
    row("SQLite, WAL, synchronous=FULL", &format!("{theirs:.0} commits/s"));
    ratio(
        "saves a second, grange / SQLite",
        ours / theirs,
        Target::AtLeast(0.4),
    );
    Ok(())
}

fn rate(took: Duration) -> f64 {
    f64::from(SAVES) / took.as_secs_f64()
}

struct Editor {
    connection: load::Connection,
    cookie: String,
    ticket: String,
    revision: u32,
}

impl Editor {
    fn open(address: std::net::SocketAddr) -> Result<Editor> {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build()?;
        let cookie = log_in(address)?;
        let url = format!("http://{address}/Page?action=edit");
        let form = client.get(&url).header("cookie", &cookie).send()?.text()?;
        // The logout button at the top has a ticket as well.
        let editor = form.split("action=edit\"").last().unwrap_or("");
        let ticket = hidden_field(editor, "ticket").context("no editor")?;
        Ok(Editor {
            connection: load::Connection::open(address)?,
            cookie,
            ticket,
            revision: 1,
        })
    }

    fn save_many(&mut self, round: usize) -> Result<Duration> {
        let begun = Instant::now();
        for number in 0..SAVES {
            let request = self.request(&text(round, number))?;
            let answer = self.connection.ask(&request)?;
            if !answer.starts_with(b"HTTP/1.1 303") {
                bail!(
                    "a save was answered {}",
                    String::from_utf8_lossy(answer.get(..60).unwrap_or(answer))
                );
            }
            self.revision += 1;
        }
        Ok(begun.elapsed())
    }

    fn request(&self, text: &str) -> Result<Vec<u8>> {
        let revision = self.revision.to_string();
        let fields = [
            ("ticket", self.ticket.as_str()),
            ("rev", &revision),
            ("savetext", text),
            ("button_save", "1"),
        ];
        let body = serde_urlencoded::to_string(fields)?;
        let head = format!(
            "POST /Page?action=edit HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            self.cookie,
            body.len()
        );
        Ok((head + &body).into_bytes())
    }
}

fn bare_database(farm: &Farm) -> Result<Connection> {
    let database = Connection::open(farm.directory.path().join("bare.db"))?;
    database.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE texts (id INTEGER PRIMARY KEY, text BLOB);",
    )?;
    Ok(database)
}

fn commit_many(database: &Connection, round: usize) -> Result<Duration> {
    let begun = Instant::now();
    for number in 0..SAVES {
        database.execute("INSERT INTO texts (text) VALUES (?1)", [text(round, number)])?;
    }
    Ok(begun.elapsed())
}

fn text(round: usize, number: u32) -> String {
    let line = format!("Round {round}, save {number}: a line of an ordinary page, no better and no worse.\n");
    let mut text = line.repeat(BYTES / line.len() + 1);
    text.truncate(BYTES);
    text
}
