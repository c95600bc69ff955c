//! From a configuration file to a server that answers, and back to a clean end.
//!
//! Checks the configuration, binds every address before it says a word, prints one
//! line per listener on stdout, then serves until a signal ends it. Reloads are
//! `reloading`'s business.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use actix_web::rt::System;
use actix_web::web::Data;
use grange_farm::{
    Environment, Farm, FarmBuilder, FarmConfig, FarmServices, ProcessEnvironment, load, render_problems,
};
use grange_macros::Registry;
use grange_macros::python::pool::{HOW_TO_BUILD, WorkerProgram};
use grange_session::{Randomness, SessionHooks, SystemRandomness};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::clock::{Clock, SystemClock};
use crate::control;
use crate::listeners::{Listeners, Purpose, bind};
use crate::logging::{self, LogFormat};
use crate::reloading::Reloader;
use crate::state::AppState;
use crate::{descriptors, watching, welcome};

/// How `grange serve` was asked to behave.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServeOptions {
    /// The shape of log lines.
    pub log: LogFormat,
}

/// A sentence for the admin; the process ends with status 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

impl Refused {
    fn because(cause: impl std::fmt::Display) -> Refused {
        Refused(cause.to_string())
    }
}

/// What a program that embeds the server brings along.
///
/// ```no_run
/// use std::path::Path;
/// use std::sync::Arc;
///
/// use grange::startup::{Embedding, ServeOptions, serve_with};
/// use grange_session::{SessionHooks, SessionNotice};
///
/// struct Printer;
///
/// impl SessionHooks for Printer {
///     fn notice(&self, notice: &SessionNotice<'_>) {
///         println!("{notice:?}");
///     }
/// }
///
/// fn main() -> std::process::ExitCode {
///     let embedding = Embedding {
///         session_hooks: Some(Arc::new(Printer)),
///         ..Embedding::default()
///     };
///     serve_with(Path::new("farmconfig.toml"), ServeOptions::default(), embedding)
/// }
/// ```
pub struct Embedding {
    /// The macros that pages may call.
    pub registry: Registry,
    /// Its own parts of the farm.
    pub farm: FarmBuilder,
    /// Who hears of what happens to sessions.
    pub session_hooks: Option<Arc<dyn SessionHooks>>,
}

impl Default for Embedding {
    /// The macros that come with the farm, and nothing else.
    fn default() -> Embedding {
        Embedding {
            registry: Registry::builtin(),
            farm: Farm::builder(),
            session_hooks: None,
        }
    }
}

/// Serves the farm that a file describes until SIGTERM or SIGINT.
pub fn serve(config: &Path, options: ServeOptions) -> ExitCode {
    serve_with(config, options, Embedding::default())
}

/// Serves a farm with an embedder's macros and parts until SIGTERM or SIGINT.
pub fn serve_with(config: &Path, options: ServeOptions, embedding: Embedding) -> ExitCode {
    let _flushing = match logging::begin(options.log) {
        Ok(flushing) => flushing,
        Err(error) => {
            tell(&format!(
                "grange: no thread for the log ({error}): raise the limit of processes"
            ));
            return ExitCode::from(2);
        }
    };
    descriptors::raise_limit();
    match System::new().block_on(run(config.to_owned(), options.log, embedding)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refused) => {
            tell(&format!("grange: {refused}"));
            ExitCode::from(2)
        }
    }
}

/// Everything works without the worker but Python macros, so nobody is kept from serving.
fn warn_without_worker(services: &FarmServices) {
    if let WorkerProgram::Missing(place) = services.macro_workers.program() {
        tell(&format!(
            "grange: {} is missing, so Python macros do not run. Build it with: {HOW_TO_BUILD}",
            place.display()
        ));
    }
}

async fn run(path: PathBuf, log: LogFormat, embedding: Embedding) -> Result<(), Refused> {
    let environment: Arc<dyn Environment + Send + Sync> = Arc::new(ProcessEnvironment);
    let config = checked(&path, &*environment)?;
    let randomness: Arc<dyn Randomness> = Arc::new(SystemRandomness);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let services = FarmServices::new(embedding.registry, randomness.clone());
    let services = Arc::new(match embedding.session_hooks {
        Some(hooks) => services.with_session_hooks(hooks),
        None => services,
    });
    warn_without_worker(&services);
    let farm = embedding
        .farm
        .build(config, &services)
        .map_err(Refused::because)?;
    let config = farm.config.clone();
    let sockets = config
        .listen
        .iter()
        .map(|address| bind(*address))
        .collect::<Result<Vec<_>, _>>();
    let sockets = sockets.map_err(Refused::because)?;
    let state = Data::new(AppState::new(farm, services, clock, randomness));
    let listeners = Arc::new(Listeners::default());
    let admin = listeners
        .bind_admin(config.admin_listen)
        .map_err(Refused::because)?;
    let real: Vec<SocketAddr> = sockets.iter().map(|socket| socket.real).collect();
    let lines: Vec<String> = sockets
        .iter()
        .map(|socket| format!("listening on http://{}", socket.real))
        .collect();
    listeners
        .serve(sockets, Purpose::Wikis, &state)
        .map_err(Refused::because)?;
    if let Some(bound) = admin {
        tell(&format!("admin on http://{}", bound.real));
        listeners
            .serve(vec![bound], Purpose::Operations, &state)
            .map_err(Refused::because)?;
    }
    let reloader = Arc::new(Reloader::new(path, environment, state.clone(), listeners.clone()));
    let control = control::serve(&config, reloader.clone(), state.clone())
        .await
        .map_err(Refused::because)?;
    let _watch = watching::begin(reloader.clone());
    let signals = Signals::listen().map_err(Refused::because)?;
    // Whoever reads the lines may ask for a page, reload or send a signal at once.
    announce(&lines);
    if log == LogFormat::Text {
        tell(&welcome::lines(&state.live.load().farm, &real).await);
    }
    actix_web::rt::spawn(sweep(state.clone()));
    actix_web::rt::spawn(ask_session_servers(config));
    signals.wait_for_end(&reloader).await;
    tracing::info!("stopping: no new connections, requests in flight finish");
    listeners.stop().await;
    drop(control);
    write_views_down(&state).await;
    Ok(())
}

/// Threads that end with the program may hold a wiki open until then.
async fn write_views_down(state: &AppState) {
    for open in state.live.load_full().farm.open_wikis() {
        if let Err(error) = open.wiki.write_views_down().await {
            tracing::warn!(wiki = %open.config.id, "the last views of pages were not counted: {error}");
        }
    }
}

/// The configuration, or every problem in it.
fn checked(path: &Path, environment: &dyn Environment) -> Result<FarmConfig, Refused> {
    let loaded = load(path, environment);
    let report = render_problems(&loaded.problems, &loaded.sources);
    match loaded.config {
        Some(config) => {
            if !report.is_empty() {
                tell(&report);
            }
            Ok(config)
        }
        None => {
            tell(&report);
            Err(Refused(format!(
                "{} has errors; nothing is served",
                path.display()
            )))
        }
    }
}

/// Servers that keep sessions say what they will do to them; nobody waits for that.
async fn ask_session_servers(config: Arc<FarmConfig>) {
    for advice in grange_farm::ask_servers(&config).await {
        tracing::warn!(wiki = %advice.wiki, "{} {}", advice.message, advice.remedy);
    }
}

/// Tells on stdout, once everything answers, where the farm listens.
fn announce(lines: &[String]) {
    let mut out = std::io::stdout().lock();
    for line in lines {
        // A closed stdout is nobody listening, not a reason to stop serving.
        let _ = writeln!(out, "{line}");
    }
    let _ = out.flush();
}

fn tell(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end());
}

/// The signals that the server answers to; from here on none of them ends the process by itself.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for SIGTERM or SIGINT; reloads on SIGHUP.
    async fn wait_for_end(mut self, reloader: &Arc<Reloader>) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                // Beside the waiting: a reload drains old listeners, and an end must not wait for that.
                _ = self.hang_up.recv() => {
                    let reloader = reloader.clone();
                    actix_web::rt::spawn(async move { reloader.reload().await });
                }
            }
        }
    }
}

/// Removes ended sessions in small steps, with pauses that the farm chooses.
async fn sweep(state: Data<AppState>) {
    loop {
        let step = state.services.sweep_step(state.clock.now()).await;
        tokio::time::sleep(step.pause).await;
    }
}
