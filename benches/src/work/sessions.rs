//! One request's session work, in process: load, read one value, write one value.
//!
//! Every contestant answers the same request inside the framework it is made for, in the same run and on
//! one thread: ours by the cookie handler in an actix application, actix-session by its middleware,
//! tower-sessions by its layer. What is compared is this process's CPU time, so what a Redis or PostgreSQL
//! server does by itself counts for nobody. Contestants take turns in short rounds, because a shared machine
//! is fast for some seconds and slow for the next: the ratio is the median of those within a round.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_session::storage::RedisSessionStore as ActixRedis;
use actix_session::{Session as ActixSession, SessionMiddleware};
use actix_web::cookie::Key;
use actix_web::http::header::{COOKIE, SET_COOKIE};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse};
use anyhow::{Context, Result};
use grange_session::{
    CookieHandler, MemorySessionStore, Outcome, PostgresSessionStore, RedisSessionStore, RequestFacts,
    Secrets, SessionHandler, SessionStore, SqliteSessionStore, SystemRandomness,
};
use grange_test_servers::{PostgresServer, RedisServer};
use tower::{Service, ServiceExt};
use tower_sessions::{MemoryStore, Session as TowerSession, SessionManagerLayer};

use crate::clock::{cpu, now};
use crate::policy::policy;
use crate::reference::InMemory;
use crate::table::{Target, median, micros, ratio, row};

const ROUNDS: usize = 41;
/// Requests a round: in memory, and where another process answers.
const QUICK: u32 = 4_000;
const SLOW: u32 = 400;

/// Asks once.
type Ask = Box<dyn FnMut() -> Pin<Box<dyn Future<Output = ()>>>>;

/// Who answers, and how to ask them.
type Contestant = (&'static str, Ask);

/// Ours on every store beside the peers on the like one.
pub fn run() -> Result<()> {
    actix_web::rt::System::new().block_on(async {
        let directory = tempfile::tempdir()?;
        let (redis, postgres) = (RedisServer::start(), PostgresServer::start());
        let memory = [
            ("grange", ours(Arc::new(MemorySessionStore::new())).await?),
            ("actix-session", actix_session(InMemory::default()).await?),
            ("tower-sessions", tower_sessions().await?),
        ];
        compare("memory", QUICK, memory).await;
        let sqlite = SqliteSessionStore::at(directory.path());
        compare("sqlite", QUICK, [("grange", ours(Arc::new(sqlite)).await?)]).await;
        let our_redis = RedisSessionStore::at(&redis.url(), "bench")?;
        let their_redis = ActixRedis::new(redis.url()).await?;
        let redis = [
            ("grange", ours(Arc::new(our_redis)).await?),
            ("actix-session", actix_session(their_redis).await?),
        ];
        compare("redis", SLOW, redis).await;
        let postgres = PostgresSessionStore::at(&postgres.url(), "bench")?;
        compare("postgres", SLOW, [("grange", ours(Arc::new(postgres)).await?)]).await;
        Ok(())
    })
}

/// Measures all contestants in turn, and the first against the best of the others.
async fn compare<const N: usize>(store: &str, requests: u32, mut contestants: [Contestant; N]) {
    let mut rounds: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    for round in 0..=ROUNDS {
        for ((_, ask), measured) in contestants.iter_mut().zip(&mut rounds) {
            let before = cpu();
            for _ in 0..requests {
                ask().await;
            }
            // The first round warms up.
            if round > 0 {
                measured.push(micros(cpu().saturating_sub(before)) / f64::from(requests));
            }
        }
    }
    for ((name, _), measured) in contestants.iter().zip(&rounds) {
        row(
            &format!("{name} on {store}"),
            &format!("{:.1} µs CPU a request", median(measured.clone())),
        );
    }
    let Some((ours, peers)) = rounds.split_first() else {
        return;
    };
    let best = peers
        .iter()
        .min_by(|one, other| f64::total_cmp(&median(one.to_vec()), &median(other.to_vec())));
    if let Some(best) = best {
        let ratios = ours.iter().zip(best).map(|(ours, peer)| ours / peer).collect();
        ratio("CPU, grange / best peer", median(ratios), Target::AtMost(1.0));
    }
}

async fn ours(store: Arc<dyn SessionStore>) -> Result<Ask> {
    let secrets = Secrets::parse(&Secrets::generate_line(&SystemRandomness))?;
    let handler = CookieHandler::new(
        Arc::new(policy()?),
        store,
        Arc::new(secrets),
        Arc::new(SystemRandomness),
    );
    let handler = Data::new(handler);
    let app = init_service(App::new().app_data(handler).default_service(web::to(count))).await;
    let mut cookie = String::new();
    // The first answer offers a cookie; the record is made when it comes back.
    for _ in 0..2 {
        let request = TestRequest::get()
            .insert_header((COOKIE, cookie.clone()))
            .to_request();
        if let Some(given) = call_service(&app, request).await.headers().get(SET_COOKIE) {
            cookie = name_and_value(given.to_str()?);
        }
    }
    let app = Rc::new(app);
    Ok(Box::new(move || {
        let request = TestRequest::get()
            .insert_header((COOKIE, cookie.as_str()))
            .to_request();
        let app = Rc::clone(&app);
        Box::pin(async move { drop(call_service(&*app, request).await) })
    }))
}

async fn count(request: HttpRequest, handler: Data<CookieHandler>) -> HttpResponse {
    let now = now();
    let cookies: Vec<&[u8]> = request
        .headers()
        .get_all(COOKIE)
        .map(|value| value.as_bytes())
        .collect();
    let facts = RequestFacts {
        cookie_headers: &cookies,
        ..RequestFacts::at(now)
    };
    let mut session = handler.open(&facts).await;
    let count: i64 = session.get_as("count").ok().flatten().unwrap_or(0);
    let written = session.insert("count", count + 1);
    let outcome = Outcome {
        offer_pending: true,
        discard_writes: false,
        now,
        https: false,
    };
    let mut response = HttpResponse::Ok();
    match (written, handler.finish(session, &outcome).await) {
        (Ok(_), Ok(changes)) => {
            for change in changes {
                response.append_header((SET_COOKIE, change.header_value()));
            }
            response.finish()
        }
        _ => HttpResponse::InternalServerError().finish(),
    }
}

async fn actix_session(store: impl actix_session::storage::SessionStore + 'static) -> Result<Ask> {
    let sessions = SessionMiddleware::builder(store, Key::from(&[7; 64]))
        .cookie_secure(false)
        .build();
    let app = init_service(App::new().wrap(sessions).default_service(web::to(count_theirs))).await;
    let first = call_service(&app, TestRequest::get().to_request()).await;
    let given = first
        .headers()
        .get(SET_COOKIE)
        .context("actix-session sets no cookie")?;
    let cookie = name_and_value(given.to_str()?);
    let app = Rc::new(app);
    Ok(Box::new(move || {
        let request = TestRequest::get()
            .insert_header((COOKIE, cookie.as_str()))
            .to_request();
        let app = Rc::clone(&app);
        Box::pin(async move { drop(call_service(&*app, request).await) })
    }))
}

async fn count_theirs(session: ActixSession) -> Result<HttpResponse, actix_web::Error> {
    let count: u64 = session.get("count")?.unwrap_or(0);
    session.insert("count", count + 1)?;
    Ok(HttpResponse::Ok().finish())
}

async fn tower_sessions() -> Result<Ask> {
    let layer = SessionManagerLayer::new(MemoryStore::default()).with_secure(false);
    let service = tower::ServiceBuilder::new().layer(layer).service_fn(count_towers);
    let ask = move |cookie: String| {
        let mut service = service.clone();
        async move {
            let request = http::Request::get("/")
                .header("cookie", cookie)
                .body(String::new())?;
            anyhow::Ok(service.ready().await?.call(request).await?)
        }
    };
    let first = ask(String::new()).await?;
    let given = first
        .headers()
        .get("set-cookie")
        .context("tower-sessions sets no cookie")?;
    let cookie = name_and_value(given.to_str()?);
    Ok(Box::new(move || {
        let asked = ask(cookie.clone());
        Box::pin(async move {
            // Whoever fails here has failed at the first request.
            drop(asked.await);
        })
    }))
}

async fn count_towers(
    request: http::Request<String>,
) -> Result<http::Response<String>, tower_sessions::session::Error> {
    if let Some(session) = request.extensions().get::<TowerSession>() {
        let count: u64 = session.get("count").await?.unwrap_or(0);
        session.insert("count", count + 1).await?;
    }
    Ok(http::Response::new(String::new()))
}

fn name_and_value(line: &str) -> String {
    line.split(';').next().unwrap_or_default().to_owned()
}
