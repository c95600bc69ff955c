//! The worker as the server sees it: a process that is sent files and jobs over a pipe.

mod api;
mod arguments;
mod fences;
mod formatter;
mod harness;
mod helpers;
mod hostile;
mod loading;
mod privacy;
mod sample;
mod session;
mod storage;
mod talk;
