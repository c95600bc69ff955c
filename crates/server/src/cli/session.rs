//! `grange session list|kill|sweep`: who has a session in a wiki's realm, and ending that.
//!
//! Sessions in files are reached directly, beside running servers, and what is done is in force at
//! their next request. Sessions (or accounts) in memory exist in running servers only, so all of
//! those are asked, and their answers put together.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use grange_farm::{FarmConfig, WikiConfig};
use grange_session::{GUEST_USER, Secrets};

use super::place;
use super::progress::Progress;
use super::{Outcome, Refusal, answer};
use crate::clock::{Clock, SystemClock};
use crate::control::sessions::{Done, Office, lives_in_memory};
use crate::control::{Answer, Order, SessionOrder, SessionRow, SocketPlace, Whom, call_all};

mod whole_farm;

/// What is done with sessions.
#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// Show the sessions, latest used first.
    List {
        #[command(flatten)]
        wiki: RealmArgument,
        /// Only this user's.
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// An array of objects instead of text.
        #[arg(long)]
        json: bool,
    },
    /// End sessions, from the next request on.
    Kill(KillArguments),
    /// Remove what ended sessions left behind.
    Sweep {
        #[command(flatten)]
        wiki: RealmArgument,
        /// An object instead of text.
        #[arg(long)]
        json: bool,
    },
}

/// Which sessions a command is about.
#[derive(Debug, Args)]
pub(crate) struct RealmArgument {
    /// Only those of this wiki and of the wikis that share them, instead of all of the farm.
    #[arg(long, value_name = "ID")]
    wiki: Option<String>,
}

/// Whose sessions to end.
#[derive(Debug, Args)]
pub(crate) struct KillArguments {
    /// The user's name, or __guest__ for all who are not logged in.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    user: Option<String>,
    /// Everybody's.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    wiki: RealmArgument,
    /// An object instead of text.
    #[arg(long)]
    json: bool,
}

/// Does something with sessions.
pub(crate) async fn session(config: &Path, command: SessionCommand) -> Outcome {
    let (wiki, order, json) = match command {
        SessionCommand::List { wiki, user, json } => (wiki, SessionOrder::List { user }, json),
        SessionCommand::Sweep { wiki, json } => (wiki, SessionOrder::Sweep, json),
        SessionCommand::Kill(arguments) => (
            arguments.wiki,
            SessionOrder::Kill(whom(arguments.user)),
            arguments.json,
        ),
    };
    let farm = place::load_farm(config)?;
    let Some(wiki) = wiki.wiki else {
        let parts = whole_farm::obey(&farm, &order).await?;
        match json {
            true => answer::say_json(&whole_farm::all_as_json(parts, &order))?,
            false => answer::say(whole_farm::all_as_text(parts, &order))?,
        }
        return Ok(ExitCode::SUCCESS);
    };
    let wiki = place::find_wiki(&farm, &wiki)?;
    let done = obey(&farm, &wiki, order).await?;
    if json {
        answer::say_json(&as_json(&done))?
    } else {
        answer::say(as_text(&done))?
    }
    Ok(ExitCode::SUCCESS)
}

/// Without a name it is `--all`: clap has seen to that.
fn whom(user: Option<String>) -> Whom {
    match user {
        None => Whom::Everyone,
        Some(name) if name == GUEST_USER => Whom::Guests,
        Some(name) => Whom::User(name),
    }
}

async fn obey(farm: &FarmConfig, wiki: &Arc<WikiConfig>, order: SessionOrder) -> Result<Done, Refusal> {
    if lives_in_memory(wiki) {
        return ask_servers(farm, wiki, order)?.ok_or_else(|| {
            Refusal::new(format!(
                "the sessions of wiki \"{}\" are in the memory of a running server, and none is running",
                wiki.id
            ))
        });
    }
    let office = Office::of(wiki, &place::services(), secrets_for(farm, &order)?);
    let mut progress = Progress::of("sessions removed");
    let done = office
        .obey(&order, SystemClock.now(), |removed| progress.add(removed))
        .await;
    progress.finish();
    Ok(done?)
}

/// What an order needs of the farm's secrets: only a list shows labels.
fn secrets_for(farm: &FarmConfig, order: &SessionOrder) -> Result<Option<Arc<Secrets>>, Refusal> {
    match order {
        SessionOrder::List { .. } => place::secrets(farm),
        SessionOrder::Kill(_) | SessionOrder::Sweep => Ok(None),
    }
}

/// What the running servers did, which have the sessions in memory; `None` when none is running.
fn ask_servers(farm: &FarmConfig, wiki: &WikiConfig, order: SessionOrder) -> Result<Option<Done>, Refusal> {
    let order = Order::Sessions {
        wiki: wiki.id.to_string(),
        order,
    };
    let answers = call_all(&SocketPlace::of(farm), &order)?;
    answers
        .into_iter()
        .map(done)
        .reduce(|one, other| Ok(together(one?, other?)))
        .transpose()
}

fn done(answer: Answer) -> Result<Done, Refusal> {
    match answer {
        Answer::Sessions(rows) => Ok(Done::Listed(rows)),
        Answer::Ended(count) => Ok(Done::Ended(count)),
        Answer::Swept(count) => Ok(Done::Swept(count)),
        Answer::Refused(sentence) => Err(Refusal::new(sentence)),
        Answer::Reloaded(_) => Err(Refusal::new("the running server answered another order")),
    }
}

/// What two servers did.
fn together(one: Done, other: Done) -> Done {
    match (one, other) {
        (Done::Ended(a), Done::Ended(b)) => Done::Ended(a + b),
        (Done::Swept(a), Done::Swept(b)) => Done::Swept(a + b),
        (Done::Listed(mut rows), Done::Listed(more)) => {
            rows.extend(more);
            rows.sort_by(|a, b| b.last_seen.cmp(&a.last_seen));
            Done::Listed(rows)
        }
        // Both obeyed one order, so this does not come about.
        (one, _) => one,
    }
}

fn as_text(done: &Done) -> String {
    match done {
        Done::Ended(number) => format!("{} ended", answer::count(*number, "session")),
        Done::Swept(number) => format!("{} removed", answer::count(*number, "ended session")),
        Done::Listed(rows) if rows.is_empty() => "no sessions".to_owned(),
        Done::Listed(rows) => rows.iter().map(line).collect::<Vec<_>>().join("\n"),
    }
}

fn line(row: &SessionRow) -> String {
    let user = row.user.as_deref().unwrap_or(GUEST_USER);
    let acting = row
        .acting
        .as_deref()
        .map(|name| format!(" (as {name})"))
        .unwrap_or_default();
    let columns = [
        row.key.clone(),
        answer::one_line(&format!("{user}{acting}")),
        row.wiki.clone(),
        answer::one_line(&row.browser),
        format!("since {}", row.created),
        format!("last seen {}", row.last_seen),
        if row.remember {
            "remembered".to_owned()
        } else {
            String::new()
        },
    ];
    columns.join("\t").trim_end().to_owned()
}

fn as_json(done: &Done) -> serde_json::Value {
    match done {
        Done::Ended(count) => serde_json::json!({ "ended": count }),
        Done::Swept(count) => serde_json::json!({ "removed": count }),
        Done::Listed(rows) => serde_json::json!(rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(user: Option<&str>, last_seen: &str) -> SessionRow {
        SessionRow {
            key: "0a1b2c3d".into(),
            user: user.map(str::to_owned),
            acting: None,
            wiki: "orchard".into(),
            browser: "Firefox".into(),
            created: "2025-01-01T00:00:00Z".into(),
            last_seen: last_seen.into(),
            remember: false,
        }
    }

    #[test]
    fn the_number_of_ended_sessions_is_a_number() {
        assert_eq!(as_text(&Done::Ended(3)), "3 sessions ended");
        assert_eq!(as_text(&Done::Ended(1)), "1 session ended");
        assert_eq!(as_text(&Done::Ended(0)), "0 sessions ended");
        assert_eq!(as_json(&Done::Ended(3)).to_string(), r#"{"ended":3}"#);
    }

    #[test]
    fn a_session_is_one_line_with_its_user() {
        let mia = SessionRow {
            acting: Some("Tom\n".into()),
            remember: true,
            ..row(Some("Mia"), "2025-01-02T00:00:00Z")
        };
        let text = as_text(&Done::Listed(vec![mia, row(None, "2025-01-01T10:00:00Z")]));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(
            lines[0].starts_with("0a1b2c3d\tMia (as Tom\u{fffd})\torchard\tFirefox\t")
                && lines[0].ends_with("remembered")
        );
        assert!(lines[1].contains("\t__guest__\t") && lines[1].ends_with("last seen 2025-01-01T10:00:00Z"));
        assert_eq!(as_text(&Done::Listed(vec![])), "no sessions");
    }

    #[test]
    fn what_several_servers_did_is_added_up() {
        assert_eq!(together(Done::Ended(2), Done::Ended(1)), Done::Ended(3));
        assert_eq!(together(Done::Swept(2), Done::Swept(1)), Done::Swept(3));
        let (old, new) = (
            row(Some("Mia"), "2025-01-01T00:00:00Z"),
            row(Some("Tom"), "2025-01-02T00:00:00Z"),
        );
        let both = together(Done::Listed(vec![old.clone()]), Done::Listed(vec![new.clone()]));
        assert_eq!(both, Done::Listed(vec![new, old]));
    }

    #[test]
    fn guests_have_a_name_of_their_own() {
        assert_eq!(whom(Some("__guest__".into())), Whom::Guests);
        assert_eq!(whom(Some("Mia".into())), Whom::User("Mia".into()));
        assert_eq!(whom(None), Whom::Everyone);
    }

    #[test]
    fn a_refusing_server_is_the_commands_refusal() {
        assert_eq!(
            done(Answer::Refused("no".into())).unwrap_err(),
            Refusal::new("no")
        );
    }
}
