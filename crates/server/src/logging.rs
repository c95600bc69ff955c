//! Where log lines go: to stderr, as text or JSON, filtered by `RUST_LOG`.
//!
//! Stdout belongs to the command line's answers. Lines never carry a session id, a
//! password or a ticket; those who write them see to that. How a line of ours is written as
//! text stands in logging/line.rs, the line of a request in logging/answered.rs, how lines reach stderr in
//! logging/outlet.rs.

mod answered;
mod line;
mod outlet;

use std::io;

use tracing_subscriber::EnvFilter;

pub use self::answered::Answered;
use self::line::Lines;
pub use self::outlet::Flushing;
use self::outlet::Outlet;

/// Everything that an admin wants to read. The HTTP library's own words are left out: how it starts its
/// threads, and each request of a stranger that was no HTTP.
const DEFAULT_FILTER: &str = "info,actix_server=warn,actix_http::h1=off";

/// The shape of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// Begins to log; lines that wait for others are written when what this returns is dropped. A second call in
/// one process changes nothing.
///
/// # Errors
/// When the system gives no thread to write with.
pub fn begin(format: LogFormat) -> io::Result<Flushing> {
    let (outlet, flushing) = Outlet::begin(Box::new(io::stderr()))?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(outlet.clone());
    let begun = match format {
        LogFormat::Text => lines.with_ansi(false).event_format(Lines::default()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    match (begun, format) {
        (Err(_), _) => tracing::debug!("logging had begun already"),
        (Ok(()), LogFormat::Text) => answered::write_to(outlet),
        (Ok(()), LogFormat::Json) => {}
    }
    Ok(flushing)
}
