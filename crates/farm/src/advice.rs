//! L-31: what servers that keep sessions say of themselves.
//!
//! Unlike the lints this asks somebody, so it is not part of loading a configuration: `grange check` waits for it
//! a few seconds at most, and a server that starts asks beside its work. Each server is asked once, whoever uses it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::check::{FarmConfig, Loaded, ServerStore, StorePlace, WikiConfig};
use crate::problem::{Finding, Severity};
use crate::raw::keys::places;

/// How long all servers together may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is to be said of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAdvice {
    /// A warning, or an info where the server could not be asked.
    pub severity: Severity,
    /// The first wiki that uses it.
    pub wiki: Arc<str>,
    /// What is wrong, and what that does to sessions.
    pub message: String,
    /// What to change.
    pub remedy: String,
}

/// Asks the servers of a farm; an empty list means that nothing is to be said against any.
pub async fn ask_servers(config: &FarmConfig) -> Vec<ServerAdvice> {
    let mut advice = Vec::new();
    // What was said until then counts, should one take too long.
    _ = tokio::time::timeout(PATIENCE, ask_each(config, &mut advice)).await;
    advice
}

impl Loaded {
    /// Asks the servers, and adds what is to be said of them to the problems and notes.
    pub async fn ask_servers(&mut self) {
        let Some(config) = &self.config else { return };
        for advice in ask_servers(config).await {
            let Some(table) = self.layers.raw.wikis.find(&advice.wiki) else {
                continue;
            };
            let place = self.layers.effective(table).place(&places::SESSION_STORE);
            let (finding, list) = match advice.severity {
                Severity::Info => (Finding::info("L-31", place, advice.message), &mut self.notes),
                _ => (
                    Finding::warning("L-31", place, advice.message),
                    &mut self.problems,
                ),
            };
            list.push(self.sources.problem(finding.remedy(advice.remedy)));
        }
    }
}

async fn ask_each(config: &FarmConfig, advice: &mut Vec<ServerAdvice>) {
    let mut asked = HashSet::new();
    for wiki in &config.wikis {
        let StorePlace::Server(server) = &wiki.session_store else {
            continue;
        };
        if asked.insert(server.identity()) {
            advice.extend(ask(server, wiki).await);
        }
    }
}

async fn ask(server: &ServerStore, wiki: &WikiConfig) -> Vec<ServerAdvice> {
    let shown = wiki.shown_session_store();
    match server.advice().await {
        Ok(found) => found
            .into_iter()
            .map(|(complaint, remedy)| ServerAdvice {
                severity: Severity::Warning,
                wiki: Arc::clone(&wiki.id),
                message: format!("The session store {shown}: {complaint}."),
                remedy: remedy.to_owned(),
            })
            .collect(),
        Err(error) => vec![ServerAdvice {
            severity: Severity::Info,
            wiki: Arc::clone(&wiki.id),
            message: format!("The session store {shown} could not be asked: {error}."),
            remedy: "It need not run now; while it does not, nobody can log in.".to_owned(),
        }],
    }
}
