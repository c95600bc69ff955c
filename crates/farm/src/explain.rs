//! `grange explain URL`: which wiki answers there and why, and which cookies it would send.
//!
//! The winner is the router's, the cookie lines are the session policy's: an explanation cannot tell another story
//! than the server. Entries and cookie attributes are shown as they stand in the file.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use grange_session::Remember;
use serde::Serialize;

use crate::address::{Authority, AuthorityError, parse_authority};
use crate::check::{FarmConfig, Loaded, WikiConfig, WikiState, disguise};
use crate::farm::routes;
use crate::layers::Effective;
use crate::raw::Text;
use crate::raw::keys::{look, places, users};
use crate::router::{Considered, Entry, Found, Route, Router, Verdict};

/// Why nothing can be explained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// There is no farm to ask.
    #[error("the configuration has errors; `grange check` shows them")]
    Refused,
    /// Neither http nor https.
    #[error("\"{0}://\" is not served; give an http or https URL")]
    Scheme(String),
    /// `user@host`.
    #[error("leave out what stands before the @ in the URL")]
    Userinfo,
    /// No host in it.
    #[error("{0}; give a whole URL, as http://wiki.example.org/Page")]
    Authority(#[from] AuthorityError),
}

/// What happens at a URL; [`fmt::Display`] is the text for the admin, serde for machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The wiki that answers, if any.
    pub wiki: Option<Arc<str>>,
    /// Where the wiki sends whoever comes there instead of showing a page.
    pub redirect: Option<Redirect>,
    /// The entries that were considered, as written.
    pub considered: Vec<ConsideredEntry>,
    /// The session realm of the wiki, in hexadecimal digits.
    pub realm: Option<String>,
    /// The `Set-Cookie` line of a visitor, without the header's name.
    pub visitor_cookie: Option<String>,
    /// That of a user who logs in without *remember me*.
    pub user_cookie: Option<String>,
    #[serde(skip)]
    text: String,
}

/// Why an address is not the one under which the wiki answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Redirect {
    /// It is one of `aliases`.
    Canonical,
    /// The `/` behind the wiki's path is missing, or the path is spelled in another way.
    Spelling,
}

impl Redirect {
    fn of(found: &Found<'_>, path: &str) -> Option<Redirect> {
        let (mount, rest) = path.split_at_checked(found.base_len)?;
        let is_settled = rest.starts_with('/') && *mount == *found.base;
        match found.entry {
            Entry::Alias(_) => Some(Redirect::Canonical),
            Entry::Address(_) => (!is_settled).then_some(Redirect::Spelling),
        }
    }
}

/// One entry of a wiki that could have matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsideredEntry {
    /// File and line.
    pub place: String,
    /// `at` or `aliases`.
    pub list: &'static str,
    /// As written.
    pub entry: String,
    /// Whose it is.
    pub wiki: Arc<str>,
    /// Why it won or lost, in words.
    pub verdict: String,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Explains a URL; without a scheme it is http.
///
/// # Errors
/// * [`ExplainError::Refused`]: the configuration has errors;
/// * the others: the URL is none that a browser would ask for.
pub fn explain(loaded: &Loaded, url: &str) -> Result<Explanation, ExplainError> {
    let farm = loaded.config.as_ref().ok_or(ExplainError::Refused)?;
    let asked = split_url(url)?;
    let (host, port) = parse_authority(asked.authority)?;
    let authority = Authority {
        https: asked.https,
        host: &host,
        port,
    };
    let table: Vec<Route<'_>> = routes(farm).collect();
    // A checked farm has no overlaps.
    let router = Router::build(table.iter().copied()).map_err(|_| ExplainError::Refused)?;
    let explaining = Explaining {
        loaded,
        farm,
        https: asked.https,
    };
    let considered = explaining.considered(&router.explain(&table, &authority, asked.path));
    let found = router.find(&authority, asked.path);
    let redirect = found.as_ref().and_then(|found| Redirect::of(found, asked.path));
    Ok(explaining.conclude(considered, found.as_ref(), redirect))
}

struct Asked<'a> {
    https: bool,
    authority: &'a str,
    path: &'a str,
}

fn split_url(url: &str) -> Result<Asked<'_>, ExplainError> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let https = match scheme.to_ascii_lowercase().as_str() {
        "http" => false,
        "https" => true,
        _ => return Err(ExplainError::Scheme(scheme.to_owned())),
    };
    // The query never chooses a wiki, and the fragment is never sent.
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = match rest.find('/').and_then(|slash| rest.split_at_checked(slash)) {
        Some(parts) => parts,
        None => (rest, "/"),
    };
    match authority.contains('@') {
        true => Err(ExplainError::Userinfo),
        false => Ok(Asked {
            https,
            authority,
            path,
        }),
    }
}

struct Explaining<'a> {
    loaded: &'a Loaded,
    farm: &'a FarmConfig,
    https: bool,
}

impl<'a> Explaining<'a> {
    fn conclude(
        &self,
        considered: Vec<ConsideredEntry>,
        found: Option<&Found<'_>>,
        redirect: Option<Redirect>,
    ) -> Explanation {
        let wiki = found.and_then(|found| self.wiki(found.wiki));
        let mut explanation = Explanation {
            wiki: wiki.as_ref().map(|(config, _)| Arc::clone(&config.id)),
            redirect,
            considered,
            realm: None,
            visitor_cookie: None,
            user_cookie: None,
            text: String::new(),
        };
        if let Some((config, settings)) = wiki.as_ref().filter(|_| redirect.is_none()) {
            explanation.realm = Some(config.session.realm.to_hex());
            (explanation.visitor_cookie, explanation.user_cookie) = self.cookies(config, settings);
        }
        let mut text = String::new();
        // Writing to a String cannot fail.
        _ = self.write(&mut text, &explanation, wiki);
        Explanation { text, ..explanation }
    }

    fn write(
        &self,
        out: &mut String,
        explanation: &Explanation,
        wiki: Option<(&WikiConfig, Effective<'_>)>,
    ) -> fmt::Result {
        for ConsideredEntry {
            place,
            list,
            entry,
            wiki,
            verdict,
        } in &explanation.considered
        {
            writeln!(out, "{place}: {list} \"{entry}\" of wiki {wiki}: {verdict}")?;
        }
        let Some((config, settings)) = wiki else {
            writeln!(out, "No wiki is configured at this address.")?;
            return write_cookies(out, explanation);
        };
        writeln!(
            out,
            "wiki: {} ({})",
            config.id,
            settings.text(&look::SITENAME).map_or(&*config.id, Text::shown)
        )?;
        match explanation.redirect {
            Some(Redirect::Canonical) => {
                let canonical = settings.items(&look::AT).first().map_or("", Text::shown);
                writeln!(
                    out,
                    "redirects to the canonical address \"{canonical}\", path and query kept"
                )?;
            }
            Some(Redirect::Spelling) => writeln!(
                out,
                "redirects to the wiki's path as it is configured, with a / behind it, the query kept"
            )?,
            None => {
                self.write_realm(out, config, &settings)?;
                if config.state == WikiState::Suspended {
                    writeln!(out, "The wiki is suspended: it answers 503 and sends no cookie.")?;
                }
            }
        }
        write_cookies(out, explanation)
    }

    fn wiki(&self, index: usize) -> Option<(&'a WikiConfig, Effective<'a>)> {
        let config = self.farm.wikis.get(index)?;
        let table = self.loaded.layers.raw.wikis.find(&config.id)?;
        Some((config, self.loaded.layers.effective(table)))
    }

    fn considered(&self, considered: &[Considered]) -> Vec<ConsideredEntry> {
        let winner = considered.iter().find(|one| one.verdict == Verdict::Won);
        let winner = winner
            .and_then(|one| self.entry(one))
            .map(|text| text.shown().to_owned());
        let row = |one: &Considered| {
            let (config, _) = self.wiki(one.wiki)?;
            let text = self.entry(one)?;
            Some(ConsideredEntry {
                place: self.loaded.sources.file_line(text.place),
                list: match one.entry {
                    Entry::Alias(_) => "aliases",
                    Entry::Address(_) => "at",
                },
                entry: text.shown().to_owned(),
                wiki: Arc::clone(&config.id),
                verdict: as_written(&one.verdict, winner.as_deref().unwrap_or_default()).to_string(),
            })
        };
        considered.iter().filter_map(row).collect()
    }

    fn entry(&self, one: &Considered) -> Option<&'a Text> {
        let (_, settings) = self.wiki(one.wiki)?;
        match one.entry {
            Entry::Address(index) => settings.items(&look::AT).get(index as usize),
            Entry::Alias(index) => settings.items(&look::ALIASES).get(index as usize),
        }
    }

    fn write_realm(&self, out: &mut String, config: &WikiConfig, settings: &Effective<'_>) -> fmt::Result {
        let realm = config.session.realm;
        let layers = &self.loaded.layers;
        writeln!(out, "realm: {}", realm.to_hex())?;
        writeln!(
            out,
            "  cookie name: {}",
            disguise::shown_name_part(config, settings)
        )?;
        writeln!(
            out,
            "  sessions: {}",
            disguise::shown_directory(layers, settings, &places::SESSION_DIR)
        )?;
        writeln!(
            out,
            "  accounts: {}",
            disguise::shown_directory(layers, settings, &places::USER_DIR)
        )?;
        let siblings = self
            .farm
            .wikis
            .iter()
            .filter(|wiki| wiki.session.realm == realm && wiki.id != config.id);
        let siblings: Vec<&str> = siblings.map(|wiki| wiki.id.as_ref()).collect();
        match siblings.as_slice() {
            [] => writeln!(out, "  shared with no other wiki")?,
            siblings => writeln!(out, "  shared with: {}", siblings.join(", "))?,
        }
        match settings.text(&users::CENTRAL_LOGIN) {
            Some(login) => writeln!(out, "  people log in on: {}", login.shown()),
            None => Ok(()),
        }
    }

    /// The cookies of a visitor and of a user; a suspended wiki sends none.
    fn cookies(&self, config: &WikiConfig, settings: &Effective<'_>) -> (Option<String>, Option<String>) {
        if config.state == WikiState::Suspended {
            return (None, None);
        }
        let policy = disguise::shown_policy(config, settings);
        (
            policy.visitor_cookie_line(self.https, "<id>"),
            policy.login_cookie_line(self.https, Remember::No, "<id>"),
        )
    }
}

/// A line for each of both, or one "none" where neither gets any; always with the words whose it is.
fn write_cookies(out: &mut String, explanation: &Explanation) -> fmt::Result {
    if explanation.visitor_cookie.is_none() && explanation.user_cookie.is_none() {
        return writeln!(out, "Visitors and users alike get no cookie here:\nnone");
    }
    writeln!(out, "A visitor gets:")?;
    write_cookie(out, explanation.visitor_cookie.as_deref())?;
    writeln!(out, "A user who logs in without \"remember me\" gets:")?;
    write_cookie(out, explanation.user_cookie.as_deref())
}

fn write_cookie(out: &mut String, line: Option<&str>) -> fmt::Result {
    match line {
        Some(line) => writeln!(out, "Set-Cookie: {line}"),
        None => writeln!(out, "none"),
    }
}

/// The winner's entry in a verdict, as it stands in the file.
fn as_written(verdict: &Verdict, shown: &str) -> Verdict {
    let winner = shown.to_owned();
    match verdict {
        Verdict::HostLessExact { .. } => Verdict::HostLessExact { winner },
        Verdict::WithoutPort { .. } => Verdict::WithoutPort { winner },
        Verdict::WithoutScheme { .. } => Verdict::WithoutScheme { winner },
        Verdict::ShorterPath { .. } => Verdict::ShorterPath { winner },
        other => other.clone(),
    }
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
