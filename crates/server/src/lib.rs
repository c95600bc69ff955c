//! The server: HTTP, pages, the command line. It decides nothing about sessions,
//! wikis or farms; it asks the crates below and says the answer.
//!
//! # What happens to a request
//!
//! [`request`] is the list of steps: `incoming` reads authority and scheme,
//! `extract::wiki` asks the farm's address table, `extract::visitor` who it is,
//! `routes` chooses a handler and checks the right, one file in `handlers` acts,
//! `respond` turns the reply into bytes. `startup` binds addresses, `reloading`
//! puts a new farm in place of the old one, `cli` is `grange` on a terminal.
//!
//! # Invariants
//!
//! * *Invariant:* only this crate knows HTTP; only `respond` sets headers; only
//!   `respond::error` turns a cause into a status.
//! * *Invariant:* no byte leaves before the session is stored; only the page that a view adds to the trail may
//!   follow a moment later, together with those of other visitors.
//! * *Invariant:* everything that can be reached is reached from
//!   [`state::AppState`]; there are no globals.

pub mod cli;
pub mod clock;
pub mod control;
pub mod descriptors;
pub mod extract;
pub mod frame;
pub mod handlers;
pub mod heads;
pub mod incoming;
pub mod listeners;
pub mod logging;
pub mod operations;
pub mod pages;
pub mod proof;
pub mod refusal;
pub mod reloading;
pub mod request;
pub mod respond;
pub mod routes;
pub mod startup;
pub mod state;
#[cfg(test)]
mod testing;
pub mod timely;
pub mod visit;
pub mod watching;
pub mod welcome;
