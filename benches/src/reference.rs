//! The references: actix-web serving bytes from memory, and the same behind actix-session.

use std::collections::HashMap;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::Key;
use actix_web::cookie::time::Duration;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use anyhow::Result;

/// Serves one file at every address.
pub fn serve_static(file: &Path) -> Result<()> {
    let bytes = Data::new(Bytes::from(std::fs::read(file)?));
    let (socket, address) = socket()?;
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(bytes.clone())
                .default_service(web::to(file_answer))
        });
        let server = server.listen(socket)?.run();
        announce(address)?;
        Ok(server.await?)
    })
}

/// The same, reading one value of the session and writing one.
pub fn serve_with_session(file: &Path) -> Result<()> {
    let bytes = Data::new(Bytes::from(std::fs::read(file)?));
    let store = InMemory::default();
    let key = Key::from(&[7; 64]);
    let (socket, address) = socket()?;
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            let sessions = SessionMiddleware::builder(store.clone(), key.clone())
                .cookie_secure(false)
                .build();
            App::new()
                .wrap(sessions)
                .app_data(bytes.clone())
                .default_service(web::to(session_answer))
        });
        let server = server.listen(socket)?.run();
        announce(address)?;
        Ok(server.await?)
    })
}

async fn file_answer(bytes: Data<Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(Bytes::clone(&bytes))
}

async fn session_answer(bytes: Data<Bytes>, session: Session) -> Result<HttpResponse, actix_web::Error> {
    let count: u64 = session.get("test")?.unwrap_or(0);
    session.insert("test", count + 1)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(Bytes::clone(&bytes)))
}

fn socket() -> Result<(TcpListener, std::net::SocketAddr)> {
    let socket = TcpListener::bind("127.0.0.1:0")?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}

fn announce(address: std::net::SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on http://{address}")?;
    out.flush()
}

/// The simplest store that keeps what it is given; actix-session itself ships none for memory.
#[derive(Clone, Default)]
pub struct InMemory {
    sessions: Arc<Mutex<HashMap<String, HashMap<String, String>>>>,
}

type State = HashMap<String, String>;

impl InMemory {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, State>) -> T) -> T {
        work(
            &mut self
                .sessions
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }
}

impl SessionStore for InMemory {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        Ok(self.with(|sessions| sessions.get(key.as_ref()).cloned()))
    }

    async fn save(&self, state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        self.with(|sessions| {
            // 64 characters, as the real stores make them.
            let key = format!("{:064}", sessions.len());
            sessions.insert(key.clone(), state);
            key.try_into()
                .map_err(|_| SaveError::Other(anyhow::anyhow!("the key is too long")))
        })
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        self.with(|sessions| sessions.insert(key.as_ref().to_owned(), state));
        Ok(key)
    }

    async fn update_ttl(&self, _key: &SessionKey, _ttl: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        self.with(|sessions| sessions.remove(key.as_ref()));
        Ok(())
    }
}
