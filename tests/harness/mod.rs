//! The words in which the tests of the whole farm are written.
//!
//! * [`Farm`] is a running server on a temporary directory. `Farm::start(TOML)` writes the
//!   configuration, starts the program and waits until it listens. It can be killed, restarted,
//!   given another configuration, and asked things through the command line.
//! * [`Visitor`] is a person with a browser: a cookie jar as RFC 6265bis wants it (domain, path,
//!   prefixes, Secure; ports do not isolate). `visitor.get("http://wiki1.example.org/Page")` goes to
//!   the farm whatever the host; the port in the address is the one the visitor believes in.
//! * [`Answer`] is what came back, looked at as a browser would: `content()`, `trail()`, `user()`.
//! * [`chromium`] drives Debian's Chromium for what only a browser can show.
//!
//! Nothing here sleeps to wait for something that can be asked, and no test depends on another.

pub mod answer;
pub mod chromium;
pub mod farm;
pub mod jar;
pub mod visitor;
pub mod worker;

pub use answer::Answer;
pub use farm::Farm;
pub use visitor::Visitor;

/// A password that every wiki takes.
pub const PASSWORD: &str = "plums and quinces";

/// One wiki, no sharing, everybody's defaults, at any host.
pub const SINGLE: &str = r#"
[wiki.main]
at = ["*"]
sitename = "Main"
"#;
