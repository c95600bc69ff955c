//! The worker as the server sees it: a process that is sent files and jobs over a pipe.

mod harness;
mod sample;
