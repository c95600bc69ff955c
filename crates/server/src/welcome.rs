//! What an admin reads after the start: where to look, and what is left to do.
//!
//! Written to stderr, because stdout carries the listening lines that scripts read.
//! Large farms get the number of wikis instead of a list.

use std::fmt::Write;
use std::net::SocketAddr;

use grange_farm::{Authority, Farm, Scheme};

/// More wikis than this are counted, not listed.
const MOST_LISTED: usize = 12;

/// The lines after the start of a farm that listens on these addresses.
pub async fn lines(farm: &Farm, listening: &[SocketAddr]) -> String {
    let mut text = String::new();
    let count = farm.config.wikis.len();
    if count == 0 {
        let config = farm.config.path.display();
        let _ = writeln!(
            text,
            "No wiki is served: there is none in {config}. A wiki is a table [wiki.ID] with its addresses in `at`; \
             one that is added there is served at once."
        );
        return text;
    }
    if count > MOST_LISTED {
        let _ = writeln!(text, "{count} wikis are served.");
        return text;
    }
    for (index, wiki) in farm.config.wikis.iter().enumerate() {
        if let Some(url) = front_page(farm, index, listening) {
            let _ = writeln!(text, "{} ({}): {url}", wiki.sitename, wiki.id);
        }
    }
    for command in missing_superusers(farm).await {
        let _ = writeln!(text, "A superuser has no account yet. Make it with:  {command}");
    }
    text
}

/// An address that leads to the wiki from this machine. TLS is a proxy's, and so is its port.
fn front_page(farm: &Farm, wiki: usize, listening: &[SocketAddr]) -> Option<String> {
    let canonical = farm.config.wikis.get(wiki).and_then(|wiki| wiki.canonical());
    let is_proxied = canonical.is_some_and(|address| address.scheme() == Some(Scheme::Https));
    let port = listening.first().map(SocketAddr::port).filter(|_| !is_proxied);
    let here = Authority {
        https: false,
        host: "localhost",
        port,
    };
    farm.canonical_url(wiki, &here, "/")
}

/// The command for each superuser whose name nobody has registered; visitors cannot.
async fn missing_superusers(farm: &Farm) -> Vec<String> {
    let mut commands = Vec::new();
    let mut seen = Vec::new();
    for wiki in &farm.config.wikis {
        let accounts = farm.services().accounts(&wiki.user_store);
        for name in wiki.superusers.iter() {
            let asked = (wiki.user_store.clone(), name.clone());
            if seen.contains(&asked) {
                continue;
            }
            seen.push(asked);
            if matches!(accounts.by_name(name).await, Ok(None)) {
                let config = farm.config.path.display();
                commands.push(format!(
                    "grange user add {name:?} --wiki {} --config {config}",
                    wiki.id
                ));
            }
        }
    }
    commands
}

#[cfg(test)]
mod tests {
    use grange_wiki::accounts::{NewAccount, Origin};
    use jiff::Timestamp;

    use super::*;
    use crate::testing::farm;

    async fn told(farm: &Farm) -> String {
        lines(farm, &["127.0.0.1:8080".parse().unwrap()]).await
    }

    #[tokio::test]
    async fn each_wiki_is_named_with_an_address_to_look_at() {
        let dir = tempfile::tempdir().unwrap();
        let text =
            "[wiki.a]\nat = [\"*/a\"]\nsitename = \"Harbour\"\n[wiki.b]\nat = [\"b.localhost:8081\"]\n";
        let told = told(&farm(dir.path(), text)).await;
        assert_eq!(
            told,
            "Harbour (a): http://localhost:8080/a/\nb (b): http://b.localhost:8081/\n"
        );
    }

    #[tokio::test]
    async fn a_wiki_on_https_is_not_named_with_our_port_but_with_the_proxys() {
        let dir = tempfile::tempdir().unwrap();
        let text = "[wiki.a]\nat = [\"https://a.example.org/garden\"]\n";
        let told = told(&farm(dir.path(), text)).await;
        assert_eq!(told, "a (a): https://a.example.org/garden/\n");
    }

    #[tokio::test]
    async fn a_farm_without_a_wiki_says_so_and_where_one_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let told = told(&farm(dir.path(), "[farm]\n")).await;
        assert!(told.starts_with("No wiki is served"), "{told}");
        assert!(
            told.contains("farmconfig.toml") && told.contains("[wiki.ID]"),
            "{told}"
        );
    }

    #[tokio::test]
    async fn many_wikis_are_counted() {
        let dir = tempfile::tempdir().unwrap();
        let wikis = (0..=MOST_LISTED).map(|n| format!("[wiki.w{n}]\nat = [\"w{n}\"]\n"));
        let told = told(&farm(dir.path(), &wikis.collect::<String>())).await;
        assert_eq!(told, "13 wikis are served.\n");
    }

    #[tokio::test]
    async fn a_superuser_without_account_is_named_once_until_it_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let text = "[defaults]\nsuperuser = [\"Mia\"]\nuser_dir = \"users\"\n[wiki.a]\nat = [\"a\"]\n[wiki.b]\nat = [\"b\"]\n";
        let farm = farm(dir.path(), text);
        let first = told(&farm).await;
        assert_eq!(
            first
                .matches("grange user add \"Mia\" --wiki a --config ")
                .count(),
            1,
            "{first}"
        );
        assert_eq!(first.matches("user add").count(), 1, "{first}");
        let accounts = farm.services().accounts(&farm.config.wikis[0].user_store);
        let new = NewAccount {
            name: "Mia",
            password: "correct horse battery",
            email: "",
            origin: Origin::Administrator,
        };
        accounts.register(new, Timestamp::UNIX_EPOCH).await.unwrap();
        assert!(!told(&farm).await.contains("user add"));
    }
}
