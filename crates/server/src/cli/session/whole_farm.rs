//! `grange session …` without `--wiki`: the same order for every realm of the farm, each counted.
//!
//! Wikis of one realm have one set of sessions, so each realm is asked once; a sweep asks each store once. A store
//! that has nothing yet is not made. Sessions in memory are asked of running servers; where none runs there are none.

use std::collections::HashMap;
use std::sync::Arc;

use grange_farm::{FarmConfig, FarmServices, WikiConfig};
use grange_session::Secrets;

use super::{Done, Refusal, as_text, ask_servers, secrets_for};
use crate::cli::place;
use crate::cli::progress::Progress;
use crate::clock::{Clock, SystemClock};
use crate::control::sessions::{Office, lives_in_memory};
use crate::control::{SessionOrder, Whom};

/// So many wikis of a realm are named in a line.
const NAMED: usize = 4;

/// What was done in one realm, or in one store.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The wikis that share it.
    pub(super) wikis: Vec<String>,
    /// What was done.
    pub(super) done: Done,
}

/// Obeys in every realm where there is something to obey in.
///
/// # Errors
/// * A store does not answer.
/// * The order names a user, and no realm has such an account.
pub(super) async fn obey(farm: &FarmConfig, order: &SessionOrder) -> Result<Vec<Part>, Refusal> {
    let services = place::services();
    let mut progress = Progress::of("sessions removed");
    let (mut parts, mut refused) = (Vec::new(), None);
    for wikis in groups(farm, order) {
        let Some(first) = wikis.first() else { continue };
        let done = match lives_in_memory(first) {
            true => in_memory(farm, first, order),
            false => {
                let secrets = secrets_for(farm, order)?;
                in_store(first, (&services, secrets), order, |removed| {
                    progress.add(removed)
                })
                .await?
            }
        };
        let wikis = wikis.iter().map(|wiki| wiki.id.to_string()).collect();
        match done {
            Found::Done(done) => parts.push(Part { wikis, done }),
            Found::Nothing => {}
            Found::Refused(refusal) => refused = Some(refusal),
        }
    }
    progress.finish();
    match (user_of(order), refused) {
        (None, Some(refusal)) => Err(refusal),
        (Some(_), Some(refusal)) if parts.is_empty() => Err(refusal),
        (Some(name), None) if parts.is_empty() => Err(Refusal::new(format!(
            "there is no account \"{name}\" in any wiki of {}",
            farm.path.display()
        ))),
        _ => Ok(parts),
    }
}

/// What came of asking one realm.
enum Found {
    Done(Done),
    /// There are no sessions, or no account of the name.
    Nothing,
    /// A running server did not do it.
    Refused(Refusal),
}

/// The wikis, those together that share sessions (for a sweep: a store), in the order of the files.
fn groups(farm: &FarmConfig, order: &SessionOrder) -> Vec<Vec<Arc<WikiConfig>>> {
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut groups: Vec<Vec<Arc<WikiConfig>>> = Vec::new();
    for wiki in &farm.wikis {
        let key = match order {
            SessionOrder::Sweep => format!("{:?}", wiki.session_store).into_bytes(),
            SessionOrder::List { .. } | SessionOrder::Kill(_) => wiki.session.realm.as_bytes().to_vec(),
        };
        let next = groups.len();
        let place = *places.entry(key).or_insert(next);
        match groups.get_mut(place) {
            Some(group) => group.push(Arc::clone(wiki)),
            None => groups.push(vec![Arc::clone(wiki)]),
        }
    }
    groups
}

fn user_of(order: &SessionOrder) -> Option<&str> {
    match order {
        SessionOrder::Kill(Whom::User(name)) => Some(name),
        SessionOrder::List { user } => user.as_deref(),
        SessionOrder::Kill(_) | SessionOrder::Sweep => None,
    }
}

async fn in_store(
    wiki: &WikiConfig,
    (services, secrets): (&FarmServices, Option<Arc<Secrets>>),
    order: &SessionOrder,
    swept: impl FnMut(u64) + Send,
) -> Result<Found, Refusal> {
    if let Some(name) = user_of(order)
        && services.accounts(&wiki.user_store).by_name(name).await?.is_none()
    {
        return Ok(Found::Nothing);
    }
    if services.session_store_with_content(&wiki.session_store).is_none() {
        return Ok(match user_of(order) {
            // The account is known, so that the command is not refused.
            Some(_) => Found::Done(nothing(order)),
            None => Found::Nothing,
        });
    }
    let office = Office::of(wiki, services, secrets);
    Ok(Found::Done(office.obey(order, SystemClock.now(), swept).await?))
}

fn nothing(order: &SessionOrder) -> Done {
    match order {
        SessionOrder::List { .. } => Done::Listed(Vec::new()),
        SessionOrder::Kill(_) => Done::Ended(0),
        SessionOrder::Sweep => Done::Swept(0),
    }
}

fn in_memory(farm: &FarmConfig, wiki: &WikiConfig, order: &SessionOrder) -> Found {
    match ask_servers(farm, wiki, order.clone()) {
        Ok(Some(done)) => Found::Done(done),
        Ok(None) => Found::Nothing,
        Err(refusal) => Found::Refused(refusal),
    }
}

/// A line for each realm and one for all; a single realm needs no line of its own. Sessions stand in one list.
pub(super) fn all_as_text(parts: Vec<Part>, order: &SessionOrder) -> String {
    let each: Vec<String> = match (order, parts.len()) {
        (SessionOrder::List { .. }, _) | (_, ..2) => Vec::new(),
        _ => parts.iter().map(line).collect(),
    };
    let all = as_text(&sum(parts, order));
    [each, vec![all]].concat().join("\n")
}

fn line(part: &Part) -> String {
    let mut named: Vec<&str> = part.wikis.iter().take(NAMED).map(String::as_str).collect();
    if part.wikis.len() > NAMED {
        named.push("…");
    }
    format!("{}: {}", named.join(", "), as_text(&part.done))
}

/// For machines: the whole, and each realm's (for a sweep: each store's) part of it.
pub(super) fn all_as_json(parts: Vec<Part>, order: &SessionOrder) -> serde_json::Value {
    let each = |word: &str| -> Vec<serde_json::Value> {
        let part = |part: &Part| serde_json::json!({ "wikis": part.wikis, word: number(&part.done) });
        parts.iter().map(part).collect()
    };
    let (realms, stores) = (each("ended"), each("removed"));
    match sum(parts, order) {
        Done::Ended(ended) => serde_json::json!({ "ended": ended, "realms": realms }),
        Done::Swept(removed) => serde_json::json!({ "removed": removed, "stores": stores }),
        listed @ Done::Listed(_) => super::as_json(&listed),
    }
}

fn number(done: &Done) -> u64 {
    match done {
        Done::Ended(number) | Done::Swept(number) => *number,
        Done::Listed(_) => 0,
    }
}

fn sum(parts: Vec<Part>, order: &SessionOrder) -> Done {
    parts
        .into_iter()
        .map(|part| part.done)
        .fold(nothing(order), super::together)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(wikis: &[&str], done: Done) -> Part {
        Part {
            wikis: wikis.iter().map(|wiki| (*wiki).to_owned()).collect(),
            done,
        }
    }

    const KILL: SessionOrder = SessionOrder::Kill(Whom::Everyone);

    #[test]
    fn each_realm_is_counted_and_the_last_line_is_the_whole() {
        let parts = || {
            vec![
                part(&["orchard", "mill"], Done::Ended(2)),
                part(&["club"], Done::Ended(1)),
            ]
        };
        assert_eq!(
            all_as_text(parts(), &KILL),
            "orchard, mill: 2 sessions ended\nclub: 1 session ended\n3 sessions ended"
        );
        assert_eq!(
            all_as_json(parts(), &KILL).to_string(),
            r#"{"ended":3,"realms":[{"ended":2,"wikis":["orchard","mill"]},{"ended":1,"wikis":["club"]}]}"#
        );
    }

    #[test]
    fn a_farm_of_one_realm_is_told_in_one_line_and_an_empty_one_too() {
        assert_eq!(
            all_as_text(vec![part(&["a"], Done::Swept(5))], &SessionOrder::Sweep),
            "5 ended sessions removed"
        );
        assert_eq!(all_as_text(Vec::new(), &KILL), "0 sessions ended");
        assert_eq!(
            all_as_text(Vec::new(), &SessionOrder::List { user: None }),
            "no sessions"
        );
        assert_eq!(
            all_as_json(Vec::new(), &SessionOrder::List { user: None }).to_string(),
            "[]"
        );
    }

    #[test]
    fn a_large_realm_does_not_fill_the_terminal() {
        let many = part(&["a", "b", "c", "d", "e"], Done::Ended(1));
        assert_eq!(line(&many), "a, b, c, d, …: 1 session ended");
    }
}
