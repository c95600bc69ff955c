//! `grange page list|cat|put`: pages from scripts.
//!
//! Whoever may run this owns the files, so no rights are asked; everything else is as in the
//! browser: limits, history, merging with what somebody else saves at that moment.

use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use grange_farm::{StorePlace, WikiConfig};
use grange_wiki::accounts::Accounts;
use grange_wiki::{Author, ChangeKind, PageName, Save, SaveError, Saved, Wiki};

use super::place::{self, WikiArgument};
use super::{Outcome, Refusal, answer};
use crate::clock::{Clock, SystemClock};

/// What is done with pages.
#[derive(Debug, Subcommand)]
pub(crate) enum PageCommand {
    /// Show the names of all pages.
    List {
        #[command(flatten)]
        wiki: WikiArgument,
        /// An array instead of lines.
        #[arg(long)]
        json: bool,
    },
    /// Print the source of a page.
    Cat {
        /// The page's name.
        name: String,
        #[command(flatten)]
        wiki: WikiArgument,
    },
    /// Save what stdin says as a page.
    Put(PutArguments),
}

/// What is saved, and how.
#[derive(Debug, Args)]
pub(crate) struct PutArguments {
    /// The page's name.
    name: String,
    #[command(flatten)]
    wiki: WikiArgument,
    /// What was changed, for the history.
    #[arg(long, default_value = "", hide_default_value = true)]
    comment: String,
    /// The account that the history names.
    #[arg(long, value_name = "USER")]
    author: Option<String>,
}

/// Does something with pages.
pub(crate) async fn page(config: &Path, command: PageCommand) -> Outcome {
    match command {
        PageCommand::List { wiki, json } => list(&open(config, &wiki).await?, json).await?,
        PageCommand::Cat { name, wiki } => cat(&open(config, &wiki).await?, &name).await?,
        PageCommand::Put(arguments) => put(&open(config, &arguments.wiki).await?, &arguments).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The pages of one wiki and the accounts that its history may name.
struct Shelf {
    config: Arc<WikiConfig>,
    wiki: Wiki,
    accounts: Arc<Accounts>,
}

/// Opens a wiki without a farm around it: reading pages makes no secrets file.
async fn open(config: &Path, wiki: &WikiArgument) -> Result<Shelf, Refusal> {
    let farm = place::load_farm(config)?;
    let config = place::find_wiki(&farm, &wiki.wiki)?;
    let services = place::services();
    let wiki = services.open_pages(&farm, &config).await?;
    let accounts = services.accounts(&config.user_store);
    Ok(Shelf {
        config,
        wiki,
        accounts,
    })
}

async fn list(shelf: &Shelf, json: bool) -> Result<(), Refusal> {
    let names = shelf.wiki.page_names().await?;
    let names: Vec<&str> = names.iter().map(PageName::as_str).collect();
    if json {
        answer::say_json(&names)
    } else {
        answer::say(names.join("\n"))
    }
}

async fn cat(shelf: &Shelf, name: &str) -> Result<(), Refusal> {
    let name = PageName::parse(name)?;
    let page = shelf.wiki.page(&name).await?;
    let nothing = || {
        Refusal::new(format!(
            "there is no page \"{name}\" in wiki \"{}\"",
            shelf.config.id
        ))
    };
    answer::say_bytes(page.ok_or_else(nothing)?.text.as_bytes())
}

async fn put(shelf: &Shelf, arguments: &PutArguments) -> Result<(), Refusal> {
    let name = PageName::parse(&arguments.name)?;
    let author = author(shelf, arguments.author.as_deref()).await?;
    let text = read_text(&mut io::stdin().lock(), shelf.config.max_page_bytes)?;
    // What stands now is what stdin replaces; what is saved from here on is merged.
    let base = shelf.wiki.page(&name).await?.map_or(0, |page| page.revision);
    let save = Save {
        page: name.clone(),
        text,
        base,
        author,
        comment: arguments.comment.clone(),
        kind: ChangeKind::Edit,
        now: SystemClock.now(),
    };
    let saved = shelf
        .wiki
        .save(save)
        .await
        .map_err(|error| refuse(&name, error))?;
    answer::say(match saved {
        Saved::New { revision } => format!("{name}: revision {revision} saved"),
        Saved::Merged { revision, .. } => {
            format!("{name}: revision {revision} saved, merged with another change")
        }
        Saved::Unchanged { revision } => format!("{name}: nothing changed, revision {revision} stands"),
    })
}

fn refuse(name: &PageName, error: SaveError) -> Refusal {
    match error {
        SaveError::Conflict(_) => Refusal::new(format!(
            "somebody else changed \"{name}\" at this moment and the two texts cannot be merged; try again"
        )),
        error => Refusal::from(error),
    }
}

/// Nobody, where nobody is named: the history shows that it was the machine.
async fn author(shelf: &Shelf, name: Option<&str>) -> Result<Author, Refusal> {
    let Some(name) = name else {
        return Ok(Author::nobody());
    };
    if let StorePlace::Memory(_) = shelf.config.user_store {
        return Ok(Author::named(name));
    }
    let user = shelf.accounts.by_name(name).await?;
    let nobody = || {
        Refusal::new(format!(
            "there is no account \"{name}\" in wiki \"{}\"",
            shelf.config.id
        ))
    };
    let user = user.ok_or_else(nobody)?;
    Ok(Author {
        user_id: Some(user.id),
        ..Author::named(user.name.as_str())
    })
}

/// Reads a whole page, but not a whole disk.
fn read_text(input: &mut impl Read, limit: u64) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    input.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(Refusal::from(SaveError::TooLarge { limit }));
    }
    String::from_utf8(bytes).map_err(|_| Refusal::new("the text on stdin is no UTF-8; nothing was saved"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_whole_and_up_to_the_limit() {
        assert_eq!(read_text(&mut "a\nb".as_bytes(), 3), Ok("a\nb".to_owned()));
        assert!(
            read_text(&mut "a\nbc".as_bytes(), 3)
                .unwrap_err()
                .to_string()
                .contains("3 bytes")
        );
        assert!(read_text(&mut io::repeat(b'x'), 1_000).is_err());
    }

    #[test]
    fn what_is_no_text_is_not_saved() {
        assert!(read_text(&mut &b"\xff\xfe"[..], 10).is_err());
    }

    #[tokio::test]
    async fn looking_at_pages_makes_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("farmconfig.toml");
        std::fs::write(&config, "[wiki.a]\nat = [\"a\"]\n").unwrap();
        let wiki = WikiArgument { wiki: "a".into() };
        page(&config, PageCommand::List { wiki, json: false })
            .await
            .unwrap();
        let files: Vec<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(files, ["farmconfig.toml"]);
    }
}
