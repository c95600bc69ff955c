//! What a Redis itself says against keeping sessions in it (L-31).
//!
//! A cache forgets; sessions are no cache. A server that does not tell its settings (many that are rented
//! do not) is believed.

use std::collections::HashMap;

use ::redis::Value as Answer;

use super::{RedisSessionStore, text_of};
use crate::store::StoreError;

/// What is wrong with a server, and what to write in its configuration instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisAdvice {
    /// What it will do to sessions.
    pub complaint: String,
    /// What to change.
    pub remedy: &'static str,
}

const ASKED: [&str; 3] = ["maxmemory-policy", "appendonly", "save"];

impl RedisSessionStore {
    /// Asks the server how it treats what it keeps.
    ///
    /// # Errors
    /// * [`StoreError`] when it cannot be reached.
    pub async fn advice(&self) -> Result<Vec<RedisAdvice>, StoreError> {
        self.link.command(&::redis::cmd("PING")).await?;
        let mut told = HashMap::new();
        for setting in ASKED {
            let mut command = ::redis::cmd("CONFIG");
            command.arg("GET").arg(setting);
            if let Some(value) = self.link.command(&command).await.ok().as_ref().and_then(second) {
                told.insert(setting, value);
            }
        }
        Ok(complaints(&told))
    }
}

fn complaints(told: &HashMap<&str, String>) -> Vec<RedisAdvice> {
    let mut found = Vec::new();
    let is = |setting: &str, value: &str| told.get(setting).is_some_and(|told| told == value);
    if let Some(policy) = told
        .get("maxmemory-policy")
        .filter(|policy| *policy != "noeviction")
    {
        found.push(RedisAdvice {
            complaint: format!(
                "its maxmemory-policy is {policy}: when memory gets short it throws sessions away, and people are \
                 logged out"
            ),
            remedy: "Give sessions a Redis of their own with `maxmemory-policy noeviction`.",
        });
    }
    if is("appendonly", "no") && is("save", "") {
        found.push(RedisAdvice {
            complaint: "it writes nothing to disk: after a restart everybody is logged out".to_owned(),
            remedy: "Set `appendonly yes` there.",
        });
    }
    found
}

/// The value of `CONFIG GET NAME`, in either protocol.
fn second(answer: &Answer) -> Option<String> {
    match answer {
        Answer::Array(items) => text_of(items.get(1)?).map(str::to_owned),
        Answer::Map(pairs) => text_of(&pairs.first()?.1).map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use grange_test_servers::{RedisServer, Setup};

    use super::*;
    use crate::store::acceptance::run;

    fn advice(lines: &[&str]) -> Vec<RedisAdvice> {
        let server = RedisServer::start_with(Setup {
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            ..Setup::default()
        });
        let store = RedisSessionStore::at(&server.url(), "k").unwrap();
        run(store.advice()).unwrap()
    }

    #[test]
    fn a_server_that_keeps_what_it_is_told_is_fine() {
        assert_eq!(advice(&["maxmemory-policy noeviction"]), []);
    }

    #[test]
    fn a_server_that_evicts_or_forgets_is_complained_about() {
        for policy in ["allkeys-lru", "volatile-ttl"] {
            let found = advice(&[&format!("maxmemory-policy {policy}")]);
            assert!(
                found.len() == 1 && found[0].complaint.contains(policy),
                "{found:?}"
            );
        }
        let found = advice(&["appendonly no"]);
        assert!(
            found.len() == 1 && found[0].complaint.contains("disk"),
            "{found:?}"
        );
    }

    #[test]
    fn a_server_that_does_not_tell_is_believed() {
        assert_eq!(
            advice(&["maxmemory-policy allkeys-lru", "rename-command CONFIG \"\""]),
            []
        );
    }
}
