//! The program that runs Python macros, apart from the server.
//!
//! The server starts it, sends macro files ([`serve`]) and jobs, and gets text back. What a macro may do is
//! decided by three fences, each of which would do alone:
//!
//! 1. The interpreter (monty) has no files, no network, no environment, no clock and no chance of its own:
//!    whatever a macro wants, it asks [`api`] for.
//! 2. [`api`] hands out the view's facts, marks what is not the same for everybody, and asks the server,
//!    which answers with the viewer's rights.
//! 3. [`sandbox`]: the process has given up files, sockets and nearly all system calls before it reads the
//!    first byte.
//!
//! A file becomes a program in [`source`] (with [`prelude`] and [`helpers`]), says what it is in [`load`], is kept by [`modules`],
//! and runs in [`run`], neighbouring calls of it in one [`interpreter`], so that nothing of one view is left for
//! another. [`guard`] ends
//! the process when a single step takes too long. [`arguments`] has MoinMoin's rules for typed arguments, [`values`] what can be stored.
//!
//! * *Invariant:* it knows nothing of Grange but `grange-macro-protocol`.
//! * *Invariant:* nothing that a macro or the server sends makes it panic.

pub mod api;
pub mod arguments;
pub mod entry;
pub mod guard;
pub mod helpers;
pub mod interpreter;
pub mod load;
pub mod modules;
pub mod prelude;
pub mod run;
pub mod sandbox;
pub mod serve;
pub mod source;
pub mod values;
