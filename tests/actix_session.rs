//! Our stores under actix-session's stock middleware: real requests through it, one in flight while another
//! ends the session.

use std::sync::{Arc, Mutex};

use actix_session::{Session, SessionMiddleware};
use actix_web::body::MessageBody;
use actix_web::cookie::{Cookie, Key};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::{Data, get};
use actix_web::{App, Error};
use grange_session::{
    ACTIX_BASE, ActixSessions, MemorySessionStore, Realm, Secrets, SessionStore, SqliteSessionStore,
    SystemRandomness,
};
use tokio::sync::{mpsc, oneshot};

/// Where the slow handler says that it has begun, and what lets it go on.
type Gate = Data<Mutex<mpsc::UnboundedSender<oneshot::Sender<()>>>>;

async fn count(session: Session) -> Result<String, Error> {
    let visits = session.get::<i64>("visits")?.unwrap_or(0) + 1;
    session.insert("visits", visits)?;
    Ok(visits.to_string())
}

async fn slow(session: Session, gate: Gate) -> Result<&'static str, Error> {
    session.get::<i64>("visits")?;
    let (go_on, wait) = oneshot::channel();
    gate.lock().unwrap().send(go_on).unwrap();
    wait.await.unwrap();
    session.insert("late", true)?;
    Ok("late")
}

async fn keys(session: Session) -> String {
    let entries = session.entries();
    let mut keys: Vec<&str> = entries.keys().map(String::as_str).collect();
    keys.retain(|key| *key != ACTIX_BASE);
    keys.sort_unstable();
    keys.join(" ")
}

async fn leave(session: Session) -> &'static str {
    session.purge();
    "out"
}

/// Each of our embedded stores, with a directory that must live as long.
fn stores() -> Vec<(tempfile::TempDir, Arc<dyn SessionStore>)> {
    let dir = || tempfile::tempdir().unwrap();
    let sqlite = dir();
    let store = Arc::new(SqliteSessionStore::at(sqlite.path()));
    vec![(dir(), Arc::new(MemorySessionStore::new())), (sqlite, store)]
}

fn noon() -> jiff::Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn middleware(store: Arc<dyn SessionStore>) -> SessionMiddleware<ActixSessions> {
    let secrets = Secrets::parse(&Secrets::generate_line(&SystemRandomness)).unwrap();
    let realm = Realm::new("shop", "actix", "store", "-");
    let sessions = ActixSessions::new(store, realm, &secrets, Arc::new(SystemRandomness), noon);
    SessionMiddleware::builder(sessions, Key::generate())
        .cookie_secure(false)
        .build()
}

/// An application under the middleware, and where its slow handler reports.
macro_rules! application {
    ($store:expr) => {{
        let (begun, slow_ones) = mpsc::unbounded_channel::<oneshot::Sender<()>>();
        let app = App::new()
            .app_data(Data::new(Mutex::new(begun)))
            .route("/count", get().to(count))
            .route("/slow", get().to(slow))
            .route("/keys", get().to(keys))
            .route("/leave", get().to(leave))
            .wrap(middleware($store));
        (init_service(app).await, slow_ones)
    }};
}

/// What a request with this cookie is told, and the cookie it is given.
async fn ask<S, B>(app: &S, path: &str, cookie: Option<&Cookie<'static>>) -> (String, Option<Cookie<'static>>)
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let mut request = TestRequest::get().uri(path);
    if let Some(cookie) = cookie {
        request = request.cookie(cookie.clone());
    }
    let answer = call_service(app, request.to_request()).await;
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    let given = answer.response().cookies().next().map(Cookie::into_owned);
    (
        String::from_utf8(read_body(answer).await.to_vec()).unwrap(),
        given,
    )
}

#[actix_web::test]
async fn a_state_is_kept_from_request_to_request() {
    for (_dir, store) in stores() {
        let (app, _) = application!(store);
        let (told, cookie) = ask(&app, "/count", None).await;
        assert_eq!(told, "1");
        for expected in ["2", "3"] {
            assert_eq!(ask(&app, "/count", cookie.as_ref()).await.0, expected);
        }
        assert_eq!(ask(&app, "/count", None).await.0, "1", "somebody else");
    }
}

#[actix_web::test]
async fn a_request_in_flight_does_not_bring_a_session_back_that_was_left() {
    for (_dir, store) in stores() {
        let (app, mut slow_ones) = application!(store);
        let (_, cookie) = ask(&app, "/count", None).await;
        let in_flight = ask(&app, "/slow", cookie.as_ref());
        let leave = async {
            let go_on = slow_ones.recv().await.unwrap();
            ask(&app, "/leave", cookie.as_ref()).await;
            go_on.send(()).unwrap();
        };
        let ((told, given), ()) = futures_util::future::join(in_flight, leave).await;
        assert_eq!(told, "late");
        for cookie in [cookie.clone(), given].iter().flatten() {
            assert_eq!(ask(&app, "/keys", Some(cookie)).await.0, "");
        }
    }
}

#[actix_web::test]
async fn a_request_in_flight_keeps_what_others_wrote_meanwhile() {
    for (_dir, store) in stores() {
        let (app, mut slow_ones) = application!(store);
        let (_, cookie) = ask(&app, "/count", None).await;
        let in_flight = ask(&app, "/slow", cookie.as_ref());
        let count = async {
            let go_on = slow_ones.recv().await.unwrap();
            assert_eq!(ask(&app, "/count", cookie.as_ref()).await.0, "2");
            go_on.send(()).unwrap();
        };
        futures_util::future::join(in_flight, count).await;
        assert_eq!(ask(&app, "/keys", cookie.as_ref()).await.0, "late visits");
        assert_eq!(ask(&app, "/count", cookie.as_ref()).await.0, "3");
    }
}
