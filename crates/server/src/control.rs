//! The control socket: how `grange reload` and `grange session …` speak to running servers.
//!
//! Each server process has one Unix socket, 0600, beside the farm's secrets file. Whoever may read
//! the secrets can be any user anyway, so nothing more is asked for than to be the same user of the
//! machine (or root). One connection carries one [`Order`] and its [`Answer`], a line of JSON each.
//!
//! `control/protocol.rs` has the words, `control/address.rs` the names of sockets,
//! `control/server.rs` and `control/client.rs` the two ends, `control/sessions.rs` what is done to
//! sessions, here and on the command line alike.

mod address;
mod client;
mod protocol;
mod server;
pub(crate) mod sessions;

#[cfg(test)]
mod tests;

pub(crate) use address::SocketPlace;
pub(crate) use client::call_all;
pub(crate) use protocol::{Answer, Order, SessionOrder, SessionRow, Whom};
pub use server::{Control, serve};
