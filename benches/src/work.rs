//! The works, one file each: what is measured, against what, and what is aimed at.

mod lookup;
mod macros;
mod saves;
mod session_scale;
mod sessions;
mod start;
mod views;

use anyhow::Result;

type Work = (&'static str, fn() -> Result<()>);

const WORKS: [Work; 11] = [
    ("anonymous view of a 20 KB page", views::anonymous),
    (
        "logged-in view with session, trail and SessionTest",
        views::logged_in,
    ),
    ("address lookup with 10 and 10,000 wikis", lookup::run),
    ("durable page saves, one client", saves::run),
    ("start with 10,000 wikis", start::run),
    ("session: one value read and one written", sessions::run),
    ("session: cookie read and verified", session_scale::verify),
    ("session: load among many", session_scale::loads),
    ("session: page views beside a sweep", session_scale::sweep),
    ("macros: one, ten, native and once", macros::run),
    ("macros: a worker killed every second", macros::killed),
];

/// Runs all works, or those whose name contains one of the words.
pub fn run(words: &[String]) -> Result<()> {
    for (name, work) in WORKS {
        if words.is_empty() || words.iter().any(|word| name.contains(word.as_str())) {
            crate::table::heading(name);
            work()?;
        }
    }
    Ok(())
}
