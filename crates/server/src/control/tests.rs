//! Both ends of the control socket together, with commands made for the occasion.
//!
//! The asking end runs on a thread of its own, as another process would. What real servers do
//! with an order is tested where it is done.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use actix_web::rt;
use async_trait::async_trait;
use tempfile::TempDir;

use super::client::CallError;
use super::server::{Commands, begin};
use super::*;

/// Answers with the orders it got.
struct Echo {
    place: Mutex<SocketPlace>,
}

#[async_trait]
impl Commands for Echo {
    async fn obey(&self, order: Order) -> Answer {
        match order {
            Order::Reload => Answer::Reloaded("+2 wikis".into()),
            Order::Sessions {
                order: SessionOrder::Kill(Whom::User(name)),
                ..
            } if name == "Mia" => Answer::Ended(3),
            other => Answer::Refused(format!("{other:?}")),
        }
    }

    fn place(&self) -> SocketPlace {
        self.place.lock().unwrap().clone()
    }
}

fn place_in(dir: &Path) -> SocketPlace {
    SocketPlace::beside(&dir.join("secrets"), Path::new("/farm/farmconfig.toml"))
}

fn echo(place: &SocketPlace) -> Arc<Echo> {
    Arc::new(Echo {
        place: Mutex::new(place.clone()),
    })
}

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Calls from another thread, as another process would.
async fn call(place: &SocketPlace, order: Order) -> Result<Vec<Answer>, CallError> {
    let place = place.clone();
    rt::task::spawn_blocking(move || call_all(&place, &order))
        .await
        .unwrap()
}

fn sockets(place: &SocketPlace) -> Vec<PathBuf> {
    place.sockets().unwrap()
}

#[actix_web::test]
async fn an_order_is_obeyed_and_answered() {
    let dir = directory();
    let place = place_in(dir.path());
    let _control = begin(&place, echo(&place)).unwrap();
    assert_eq!(
        call(&place, Order::Reload).await.unwrap(),
        [Answer::Reloaded("+2 wikis".into())]
    );
    let kill = Order::Sessions {
        wiki: "a".into(),
        order: SessionOrder::Kill(Whom::User("Mia".into())),
    };
    assert_eq!(call(&place, kill).await.unwrap(), [Answer::Ended(3)]);
}

#[actix_web::test]
async fn without_a_server_there_is_no_answer() {
    let dir = directory();
    assert_eq!(call(&place_in(dir.path()), Order::Reload).await.unwrap(), []);
    assert_eq!(
        call(&place_in(&dir.path().join("not/made/yet")), Order::Reload)
            .await
            .unwrap(),
        []
    );
}

#[actix_web::test]
async fn every_living_server_is_asked_and_dead_sockets_are_removed() {
    let dir = directory();
    let place = place_in(dir.path());
    let _one = begin(&place, echo(&place)).unwrap();
    let _other = begin(&place, echo(&place)).unwrap();
    let dead = place.socket(1, 0);
    drop(UnixListener::bind(&dead).unwrap());
    assert_eq!(sockets(&place).len(), 3);
    assert_eq!(call(&place, Order::Reload).await.unwrap().len(), 2);
    assert!(!dead.exists());
}

#[actix_web::test]
async fn the_socket_is_its_owners_and_goes_with_its_server() {
    let dir = directory();
    let place = place_in(&dir.path().join("farm"));
    let control = begin(&place, echo(&place)).unwrap();
    let socket = sockets(&place).remove(0);
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::metadata(dir.path().join("farm"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o700
    );
    drop(control);
    rt::task::yield_now().await;
    assert_eq!(sockets(&place), Vec::<PathBuf>::new());
}

#[actix_web::test]
async fn a_socket_left_by_a_process_of_the_same_number_is_taken_over() {
    let dir = directory();
    let place = place_in(dir.path());
    drop(UnixListener::bind(place.socket(std::process::id(), 0)).unwrap());
    let _control = begin(&place, echo(&place)).unwrap();
    assert_eq!(sockets(&place), [place.socket(std::process::id(), 0)]);
    assert_eq!(call(&place, Order::Reload).await.unwrap().len(), 1);
}

#[actix_web::test]
async fn a_server_that_starts_removes_what_dead_ones_left() {
    let dir = directory();
    let place = place_in(dir.path());
    let _living = begin(&place, echo(&place)).unwrap();
    drop(UnixListener::bind(place.socket(1, 0)).unwrap());
    let _new = begin(&place, echo(&place)).unwrap();
    let own = std::process::id();
    assert_eq!(sockets(&place), [place.socket(own, 1), place.socket(own, 0)]);
}

#[actix_web::test]
async fn a_directory_with_a_very_long_name_is_no_obstacle() {
    let dir = directory();
    let long = dir.path().join("x".repeat(90)).join("y".repeat(90));
    let place = place_in(&long);
    let control = begin(&place, echo(&place)).unwrap();
    assert_eq!(call(&place, Order::Reload).await.unwrap().len(), 1);
    drop(control);
    rt::task::yield_now().await;
    assert_eq!(sockets(&place), Vec::<PathBuf>::new());
}

#[actix_web::test]
async fn the_socket_follows_the_secrets_file() {
    let dir = directory();
    let (old, new) = (
        place_in(&dir.path().join("old")),
        place_in(&dir.path().join("new")),
    );
    let commands = echo(&old);
    let _control = begin(&old, commands.clone()).unwrap();
    *commands.place.lock().unwrap() = new.clone();
    while sockets(&new).is_empty() {
        rt::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(call(&new, Order::Reload).await.unwrap().len(), 1);
    assert_eq!(sockets(&old), Vec::<PathBuf>::new());
}

#[actix_web::test]
async fn a_socket_that_somebody_removed_is_made_anew_and_stays() {
    let dir = directory();
    let place = place_in(dir.path());
    let _control = begin(&place, echo(&place)).unwrap();
    fs::remove_file(sockets(&place).remove(0)).unwrap();
    while sockets(&place).is_empty() {
        rt::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(call(&place, Order::Reload).await.unwrap().len(), 1);
    assert_eq!(sockets(&place).len(), 1);
}

#[actix_web::test]
async fn an_order_of_another_version_is_refused_with_a_sentence() {
    let dir = directory();
    let place = place_in(dir.path());
    let _control = begin(&place, echo(&place)).unwrap();
    for words in ["\"explode\"\n", "not json\n", "{}\n"] {
        let answer = say(&place, words).await;
        assert!(
            matches!(serde_json::from_str(&answer).unwrap(), Answer::Refused(_)),
            "{words}"
        );
    }
    assert_eq!(call(&place, Order::Reload).await.unwrap().len(), 1);
}

#[actix_web::test]
async fn an_endless_order_is_cut_and_harms_nobody() {
    let dir = directory();
    let place = place_in(dir.path());
    let _control = begin(&place, echo(&place)).unwrap();
    let _ = say(&place, &"x".repeat(1_000_000)).await;
    assert_eq!(call(&place, Order::Reload).await.unwrap().len(), 1);
}

async fn say(place: &SocketPlace, words: &str) -> String {
    let (socket, words) = (sockets(place).remove(0), words.to_owned());
    let said = rt::task::spawn_blocking(move || {
        let mut stream = UnixStream::connect(socket).unwrap();
        // The server may hang up before all of it is said.
        let _ = stream.write_all(words.as_bytes());
        let mut answer = String::new();
        let _ = BufReader::new(stream).read_line(&mut answer);
        answer
    });
    said.await.unwrap()
}

#[test]
fn the_words_on_the_wire_are_these() {
    let list = Order::Sessions {
        wiki: "a".into(),
        order: SessionOrder::List { user: None },
    };
    assert_eq!(
        serde_json::to_string(&list).unwrap(),
        r#"{"sessions":{"wiki":"a","order":{"list":{"user":null}}}}"#
    );
    assert_eq!(serde_json::to_string(&Order::Reload).unwrap(), "\"reload\"");
    assert_eq!(
        serde_json::to_string(&Answer::Ended(3)).unwrap(),
        r#"{"ended":3}"#
    );
}
