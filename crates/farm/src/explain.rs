//! `grange explain URL`: which wiki answers there and why, and which cookies it would send.
//!
//! The winner is the router's, the cookie lines are the session policy's: an explanation cannot tell another story
//! than the server. Entries and cookie attributes are shown as they stand in the file.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use grange_session::Remember;

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

/// What happens at a URL; [`fmt::Display`] is the text for the admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The wiki that answers, if any.
    pub wiki: Option<Arc<str>>,
    text: String,
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
    let considered = router.explain(&table, &authority, asked.path);
    let found = router.find(&authority, asked.path);
    let mut text = String::new();
    // Writing to a String cannot fail.
    _ = explaining.write(&mut text, &considered, found.as_ref());
    let wiki = found
        .and_then(|found| farm.wikis.get(found.wiki))
        .map(|wiki| Arc::clone(&wiki.id));
    Ok(Explanation { wiki, text })
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
    fn write(&self, out: &mut String, considered: &[Considered], found: Option<&Found>) -> fmt::Result {
        self.write_considered(out, considered)?;
        let Some((found, (config, settings))) = found.and_then(|found| Some((found, self.wiki(found.wiki)?)))
        else {
            return writeln!(out, "No wiki is configured at this address.\nnone");
        };
        writeln!(
            out,
            "wiki: {} ({})",
            config.id,
            settings.text(&look::SITENAME).map_or(&*config.id, Text::shown)
        )?;
        if let Entry::Alias(_) = found.entry {
            let canonical = settings.items(&look::AT).first().map_or("", Text::shown);
            writeln!(
                out,
                "redirects to the canonical address \"{canonical}\", path and query kept"
            )?;
            return writeln!(out, "A redirect sends no cookie:\nnone");
        }
        self.write_realm(out, config, &settings)?;
        self.write_cookies(out, config, &settings)
    }

    fn wiki(&self, index: usize) -> Option<(&'a WikiConfig, Effective<'a>)> {
        let config = self.farm.wikis.get(index)?;
        let table = self.loaded.layers.raw.wikis.find(&config.id)?;
        Some((config, self.loaded.layers.effective(table)))
    }

    fn write_considered(&self, out: &mut String, considered: &[Considered]) -> fmt::Result {
        let winner = considered.iter().find(|one| one.verdict == Verdict::Won);
        let winner = winner
            .and_then(|one| self.entry(one))
            .map(|text| text.shown().to_owned());
        for one in considered {
            let Some((config, text)) = self.wiki(one.wiki).map(|(config, _)| config).zip(self.entry(one))
            else {
                continue;
            };
            let place = self.loaded.sources.file_line(text.place);
            let verdict = as_written(&one.verdict, winner.as_deref().unwrap_or_default());
            let list = if matches!(one.entry, Entry::Alias(_)) {
                "aliases"
            } else {
                "at"
            };
            writeln!(
                out,
                "{place}: {list} \"{}\" of wiki {}: {verdict}",
                text.shown(),
                config.id
            )?;
        }
        Ok(())
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

    fn write_cookies(&self, out: &mut String, config: &WikiConfig, settings: &Effective<'_>) -> fmt::Result {
        let policy = disguise::shown_policy(config, settings);
        let answers = config.state != WikiState::Suspended;
        if !answers {
            writeln!(out, "The wiki is suspended: it answers 503 and sends no cookie.")?;
        }
        let visitor = policy.visitor_cookie_line(self.https, "<id>").filter(|_| answers);
        let user = policy
            .login_cookie_line(self.https, Remember::No, "<id>")
            .filter(|_| answers);
        writeln!(out, "A visitor gets:")?;
        write_cookie(out, visitor)?;
        writeln!(out, "A user who logs in without \"remember me\" gets:")?;
        write_cookie(out, user)
    }
}

fn write_cookie(out: &mut String, line: Option<String>) -> fmt::Result {
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
