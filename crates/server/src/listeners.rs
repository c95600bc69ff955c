//! The sockets of the farm: bound before anything else changes, drained when they go.
//!
//! One HTTP server per address, all sharing the same state. A socket that a reload
//! leaves alone is never touched, so port 0 keeps its number and no connection
//! breaks. Connections are counted (`descriptors.rs`), have deadlines (`timely.rs`) and heads that can be answered
//! (`heads.rs`).

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Mutex;
use std::thread::available_parallelism;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::App;
use actix_web::dev::{AppConfig, Server, ServerHandle};
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, Data};
use grange_farm::AdminListen;

use crate::descriptors::{ADMIN_CONNECTIONS, connections_of};
use crate::heads::CappedHead;
use crate::state::AppState;
use crate::timely::Timely;
use crate::{operations, request};

/// No more threads than this for all addresses together.
const MOST_WORKERS: usize = 64;
/// Seconds that requests in flight get when the server stops.
const SECONDS_TO_FINISH: u64 = 10;
/// How long a client may take to send the head of its first request.
const LONGEST_HEAD: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long a client may take to go when its connection is closed.
const LONGEST_GOODBYE: Duration = Duration::from_secs(1);

/// What a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The wikis.
    Wikis,
    /// Health and metrics.
    Operations,
}

/// A socket that is bound and not yet served.
pub struct Bound {
    asked: SocketAddr,
    /// The address with its real port.
    pub real: SocketAddr,
    socket: TcpListener,
}

/// An address that cannot be bound.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {cause}")]
pub struct BindError {
    address: SocketAddr,
    cause: io::Error,
}

/// An address that only a restart can bind.
#[derive(Debug, thiserror::Error)]
#[error("listening on {wanted} needs a restart: it overlaps {running}, which is being served")]
pub struct Overlap {
    wanted: SocketAddr,
    running: SocketAddr,
}

struct Running {
    asked: SocketAddr,
    purpose: Purpose,
    handle: ServerHandle,
}

/// The sockets being served.
#[derive(Default)]
pub struct Listeners {
    running: Mutex<Vec<Running>>,
}

/// Binds an address.
///
/// # Errors
/// * [`BindError`] when the system refuses it
pub fn bind(address: SocketAddr) -> Result<Bound, BindError> {
    let fail = |cause| BindError { address, cause };
    // The standard library sets SO_REUSEADDR, so a restarted server finds its port free
    // although old connections linger.
    let socket = TcpListener::bind(address).map_err(fail)?;
    let real = socket.local_addr().map_err(fail)?;
    Ok(Bound {
        asked: address,
        real,
        socket,
    })
}

impl Listeners {
    /// The addresses that are asked for and not yet served, bound.
    ///
    /// # Errors
    /// * [`Overlap`] or [`BindError`], as text, when one cannot be had; then none is kept
    pub fn bind_missing(&self, wanted: &[SocketAddr]) -> Result<Vec<Bound>, String> {
        let running = self.asked();
        let missing = wanted
            .iter()
            .filter(|address| !running.contains(&(**address, Purpose::Wikis)));
        let mut bound = Vec::new();
        for address in missing {
            if let Some((other, _)) = running.iter().find(|(other, _)| overlaps(address, other)) {
                return Err(Overlap {
                    wanted: *address,
                    running: *other,
                }
                .to_string());
            }
            bound.push(bind(*address).map_err(|cause| cause.to_string())?);
        }
        Ok(bound)
    }

    /// The admin listener's socket, unless it is served already: one that was written must bind, the
    /// default is left out with a warning when another process has it.
    ///
    /// # Errors
    /// * the system's words, when a written address cannot be bound
    pub fn bind_admin(&self, wanted: AdminListen) -> Result<Option<Bound>, String> {
        let running = self.asked();
        let missing =
            admin_address(wanted).filter(|address| !running.contains(&(*address, Purpose::Operations)));
        let Some(address) = missing else { return Ok(None) };
        match bind(address) {
            Ok(bound) => Ok(Some(bound)),
            Err(cause) if matches!(wanted, AdminListen::Default(_)) => {
                let remedy = "set admin_listen in [farm] to choose another address";
                tracing::warn!("{cause}; there is no /health and no /metrics: {remedy}");
                Ok(None)
            }
            Err(cause) => Err(cause.to_string()),
        }
    }

    /// Begins to serve bound sockets.
    ///
    /// # Errors
    /// * [`io::Error`] when threads cannot be had
    pub fn serve(&self, sockets: Vec<Bound>, purpose: Purpose, state: &Data<AppState>) -> io::Result<()> {
        let threads = available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
        let share = (threads / sockets.len().max(1)).max(1);
        let (workers, connections) = match purpose {
            Purpose::Operations => (1, ADMIN_CONNECTIONS),
            Purpose::Wikis => (share, connections_of(share * sockets.len())),
        };
        for bound in sockets {
            let handle = start(bound.socket, (workers, connections), purpose, state.clone())?;
            if let Ok(mut running) = self.running.lock() {
                running.push(Running {
                    asked: bound.asked,
                    purpose,
                    handle,
                });
            }
        }
        Ok(())
    }

    /// Stops serving what is no longer asked for, address and purpose together; requests in flight finish.
    pub async fn drop_others(&self, wanted: &[(SocketAddr, Purpose)]) {
        let gone: Vec<Running> = match self.running.lock() {
            Ok(mut running) => running
                .extract_if(.., |one| !wanted.contains(&(one.asked, one.purpose)))
                .collect(),
            Err(_) => Vec::new(),
        };
        for one in gone {
            one.handle.stop(true).await;
        }
    }

    /// Stops accepting everywhere and waits for requests in flight.
    pub async fn stop(&self) {
        let all: Vec<Running> = self
            .running
            .lock()
            .map(|mut running| running.drain(..).collect())
            .unwrap_or_default();
        let stops = all.iter().map(|one| one.handle.stop(true));
        futures_util::future::join_all(stops).await;
    }

    fn asked(&self) -> Vec<(SocketAddr, Purpose)> {
        let running = self.running.lock();
        running
            .map(|running| running.iter().map(|one| (one.asked, one.purpose)).collect())
            .unwrap_or_default()
    }
}

/// The address of the admin listener, if there is to be one.
pub fn admin_address(wanted: AdminListen) -> Option<SocketAddr> {
    match wanted {
        AdminListen::Off => None,
        AdminListen::Default(address) | AdminListen::Written(address) => Some(address),
    }
}

/// Whether the system would refuse one address while the other is bound.
fn overlaps(one: &SocketAddr, other: &SocketAddr) -> bool {
    let same_host = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() == other.port() && one.port() != 0 && same_host
}

/// `capacity` is the number of workers, and of connections for each.
fn start(
    socket: TcpListener,
    capacity: (usize, usize),
    purpose: Purpose,
    state: Data<AppState>,
) -> io::Result<ServerHandle> {
    let builder = Server::build()
        .workers(capacity.0)
        .max_concurrent_connections(capacity.1)
        .shutdown_timeout(SECONDS_TO_FINISH)
        .disable_signals();
    let ending = builder.graceful_shutdown_signal();
    let service = move || {
        let app = App::new().app_data(state.clone());
        let app = match purpose {
            Purpose::Wikis => app.default_service(web::to(request::answer)),
            Purpose::Operations => app.default_service(web::to(operations::answer)),
        };
        let app = app.into_factory().map_err(|error| error.error_response());
        let ending = ending.clone();
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let ending = ending.clone();
                async move { ending.notified().await }
            })
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(LONGEST_HEAD)
            .client_disconnect_timeout(LONGEST_GOODBYE)
            .finish(map_config(app, |_| AppConfig::default()));
        let accepted = fn_service(|stream: TcpStream| async move {
            let peer = stream.peer_addr().ok();
            let stream = CappedHead::new(Timely::new(stream));
            Ok::<_, DispatchError>((stream, Protocol::Http1, peer))
        });
        accepted.and_then(http)
    };
    let server = builder.listen("wiki farm", socket, service)?.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_overlaps_every_host_on_its_port() {
        assert!(overlaps(&address("0.0.0.0:8080"), &address("127.0.0.1:8080")));
        assert!(overlaps(&address("[::]:8080"), &address("127.0.0.1:8080")));
        assert!(!overlaps(&address("127.0.0.1:8080"), &address("127.0.0.1:8081")));
        assert!(!overlaps(&address("127.0.0.1:8080"), &address("127.0.0.2:8080")));
        assert!(
            !overlaps(&address("127.0.0.1:0"), &address("127.0.0.1:0")),
            "port 0 is another port each time"
        );
    }

    #[test]
    fn an_address_in_use_is_refused_with_its_name() {
        let first = bind(address("127.0.0.1:0")).unwrap();
        let cause = bind(first.real).err().unwrap();
        assert!(cause.to_string().contains(&first.real.to_string()));
    }
}
