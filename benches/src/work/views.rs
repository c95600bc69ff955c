//! Page views: CPU time a request and requests a second, ours and the reference's in turn.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::blocking::Client;
use reqwest::redirect::Policy;

use crate::farm::Farm;
use crate::load;
use crate::process::Server;
use crate::table::{Target, median, micros, ratio, row};

/// Short rounds in turn, and the median of each pair's ratio: a shared machine is fast for some seconds and slow for
/// the next, and a pair mostly falls into one of them.
const ROUNDS: usize = 41;
const ROUND: Duration = Duration::from_millis(250);
const WARMING_UP: Duration = Duration::from_secs(1);
const CONNECTIONS: usize = 8;
const PAGES: [&str; 2] = ["Page", "Other"];

/// What one server did in all rounds.
#[derive(Default)]
struct Measured {
    cpu: Vec<f64>,
    rate: Vec<f64>,
}

/// A page that everybody gets alike.
pub fn anonymous() -> Result<()> {
    let farm = Farm::new("[wiki.main]\nat = [\"*\"]\n")?;
    farm.run(&["page", "put", "Page", "--wiki", "main"], &text(""))?;
    let ours = farm.serve()?;
    let request = b"GET /Page HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec();
    let body = body_of(ours.address, &request)?;
    let theirs = reference(&farm, "reference-static", &body)?;
    let requests = [request];
    compare(&ours, &requests, &theirs, &requests, body.len(), 1.5)
}

/// A page for one visitor: session loaded, trail written, a macro that reads the session. Two pages in
/// turn, because looking at the same page again leaves the trail as it is.
pub fn logged_in() -> Result<()> {
    let farm = Farm::new("[wiki.main]\nat = [\"*\"]\n")?;
    for page in PAGES {
        farm.run(
            &["page", "put", page, "--wiki", "main"],
            &text("<<SessionTest>>\n\n"),
        )?;
    }
    farm.run(
        &["user", "add", "Ann", "--wiki", "main", "--password-stdin"],
        "correct horse\n",
    )?;
    let ours = farm.serve()?;
    let cookie = log_in(ours.address)?;
    let requests = PAGES.map(|page| get(page, &cookie));
    let body = body_of(ours.address, requests.first().context("no page")?)?;
    let theirs = reference(&farm, "reference-session", &body)?;
    let first = load::once(theirs.address, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let cookie = set_cookie(&first).context("the reference sets no cookie")?;
    compare(&ours, &requests, &theirs, &[get("", &cookie)], body.len(), 2.5)
}

/// A request for a page with a cookie.
pub fn get(page: &str, cookie: &str) -> Vec<u8> {
    format!("GET /{page} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n").into_bytes()
}

fn compare(
    ours: &Server,
    our_requests: &[Vec<u8>],
    theirs: &Server,
    their_requests: &[Vec<u8>],
    bytes: usize,
    bound: f64,
) -> Result<()> {
    let (mut our, mut their) = (Measured::default(), Measured::default());
    load::repeat(ours.address, our_requests, CONNECTIONS, WARMING_UP)?;
    load::repeat(theirs.address, their_requests, CONNECTIONS, WARMING_UP)?;
    for _ in 0..ROUNDS {
        measure(ours, our_requests, &mut our)?;
        measure(theirs, their_requests, &mut their)?;
    }
    let pairs = our.cpu.iter().zip(&their.cpu);
    let ratios = pairs.map(|(our, their)| our / their).collect();
    row("body", &format!("{bytes} bytes"));
    let (our_cpu, their_cpu) = (median(our.cpu), median(their.cpu));
    let (our_rate, their_rate) = (median(our.rate), median(their.rate));
    row(
        "grange",
        &format!("{our_cpu:.1} µs CPU a request, {our_rate:.0} requests/s"),
    );
    row(
        "reference",
        &format!("{their_cpu:.1} µs CPU a request, {their_rate:.0} requests/s"),
    );
    ratio(
        "CPU a request, grange / reference",
        median(ratios),
        Target::AtMost(bound),
    );
    Ok(())
}

fn measure(server: &Server, requests: &[Vec<u8>], into: &mut Measured) -> Result<()> {
    let before = server.cpu()?;
    let load = load::repeat(server.address, requests, CONNECTIONS, ROUND)?;
    let used = server.cpu()?.saturating_sub(before);
    into.cpu.push(micros(used) / load.answers as f64);
    into.rate.push(load.answers as f64 / load.took.as_secs_f64());
    Ok(())
}

fn reference(farm: &Farm, part: &str, body: &[u8]) -> Result<Server> {
    let file = farm.directory.path().join("body.html");
    std::fs::write(&file, body)?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(part).arg(file);
    Server::start(command)
}

/// Markdown that makes a page of about 20 KB.
pub fn text(before: &str) -> String {
    let paragraph = "The harbour lies *open* to the south; ships of **all sizes** find shelter, see [[FrontPage]] \
        and [the tables](https://example.org/tables) for depths, tides and lights.\n\n";
    format!("{before}{}", paragraph.repeat(48))
}

fn body_of(address: SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    // Twice, so that a page which is kept or a value which is set stands as later requests see it.
    load::once(address, request)?;
    let answer = load::once(address, request)?;
    let head = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .context("no head")?;
    Ok(answer.get(head + 4..).context("no body")?.to_vec())
}

/// Logs in through the form and gives back the cookie.
pub fn log_in(address: SocketAddr) -> Result<String> {
    let client = Client::builder().redirect(Policy::none()).no_proxy().build()?;
    let url = format!("http://{address}/Page?action=login");
    let form = client.get(&url).send()?.text()?;
    let ticket = hidden_field(&form, "ticket").context("no ticket in the login form")?;
    let fields = [
        ("name", "Ann"),
        ("password", "correct horse"),
        ("ticket", &ticket),
    ];
    let body = serde_urlencoded::to_string(fields)?;
    let answer = client
        .post(&url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()?;
    let cookie = answer
        .headers()
        .get("set-cookie")
        .context("the login was refused")?
        .to_str()?;
    Ok(cookie.split(';').next().unwrap_or("").to_owned())
}

/// The value of a hidden field in a form.
pub fn hidden_field(page: &str, name: &str) -> Option<String> {
    let field = page.split(&format!("name=\"{name}\"")).nth(1)?;
    field
        .split("value=\"")
        .nth(1)?
        .split('"')
        .next()
        .map(str::to_owned)
}

fn set_cookie(answer: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(answer).into_owned();
    let line = text
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("set-cookie:"))?;
    Some(line.split_once(':')?.1.trim().split(';').next()?.to_owned())
}
