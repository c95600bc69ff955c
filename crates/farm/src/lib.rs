//! The farm: one farmconfig.toml, many wikis.
//!
//! # Words
//!
//! * A **farm** is what one farmconfig.toml describes: listeners, places, and wikis told apart by host, port and path.
//! * An **address** is an entry of `at` or `aliases`; the first of `at` is the wiki's **canonical** address.
//! * A **layer** is where a setting stands: built-in default → `[defaults]` → `[group.X]` → `[wiki.Y]`, later wins.
//! * A **problem** is anything wrong, with file, line, the text underlined, why, and what to write instead. A **lint**
//!   (`L-07`) is a problem of a configuration that is well-formed. One error, and there is no farm.
//! * A **realm** is who shares sessions: equal cookie name, session kind, session store and user store.
//!
//! # From text to farm
//!
//! [`load`] reads the files (every key on its own), merges the layers, checks them into a
//! [`FarmConfig`] of typed values, and compares the wikis with one another. All problems come at once.
//!
//! ```
//! use std::path::Path;
//! use grange_farm::{NoEnvironment, exit_code, load_text, render_problems};
//!
//! let text = r#"
//! [wiki.team]
//! at = ["localhost:8080"]
//! sitename = "Our team"
//! "#;
//! let loaded = load_text(Path::new("/srv/farm/farmconfig.toml"), text, &NoEnvironment);
//! let farm = loaded.config.expect("nothing is wrong with it");
//! assert_eq!(farm.wikis[0].data_dir, Path::new("/srv/farm/wikis/team"));
//! assert_eq!(farm.wikis[0].session.cookie_name(false), "GRANGE_SESSION_8080_ROOT");
//!
//! let wrong = load_text(Path::new("farmconfig.toml"), "[wiki.team]\nat = 5\nsitenam = 'x'", &NoEnvironment);
//! assert_eq!((wrong.problems.len(), exit_code(&wrong.problems)), (2, 2));
//! assert!(render_problems(&wrong.problems, &wrong.sources).contains("Did you mean `sitename`?"));
//! ```
//!
//! # Invariants
//!
//! * *Invariant:* this crate speaks no HTTP: no status codes, no headers but the text of a cookie.
//! * *Invariant:* a key that is accepted is honoured; one that waits for a later release is refused.
//! * *Invariant:* a value that came from the environment is shown as `${NAME}` and never in the clear.
//! * *Invariant:* checking makes, opens and binds nothing.
//!
//! Start reading at [`check`], then `raw/keys.rs` for what can be written and `lint.rs` for what can be wrong.

pub mod address;
pub mod admins;
mod advice;
pub mod builder;
pub mod check;
mod cookie_jar;
pub mod environment;
pub mod explain;
pub mod farm;
mod layers;
mod lint;
mod matrix;
mod open_wikis;
mod passwords;
pub mod problem;
mod raw;
pub mod reload;
pub mod router;
pub mod schema;
pub mod secrets;
pub mod services;
pub mod sharing;
pub mod show;
pub mod sweep;
#[cfg(test)]
mod testing;
pub mod view;

pub use address::{
    Address, AddressError, Authority, AuthorityError, Destination, HostPattern, Scheme, default_port,
    parse_authority,
};
pub use admins::{check_admins, is_farm_admin};
pub use advice::{ServerAdvice, ask_servers};
pub use builder::{FarmBuilder, HandlerParts};
pub use check::{
    AdminListen, FarmAdmin, FarmConfig, Loaded, MacroLimits, Registration, ServerStore, StorePlace,
    WikiConfig, WikiState, load, load_text,
};
pub use environment::{Environment, NoEnvironment, ProcessEnvironment};
pub use explain::{ConsideredEntry, ExplainError, Explanation, Redirect, explain};
pub use farm::{Farm, FarmError, OpenError, OpenWiki, canonical_url, routes};
pub use lint::ACTION_NAMES;
pub use open_wikis::OPEN_AT_ONCE;
pub use problem::{
    Problem, Related, Severity, Sources, exit_code, problems_json, render_notes, render_problems,
};
pub use reload::{Difference, SecretsChange};
pub use router::{Considered, Entry, Found, Overlap, Route, Router, Verdict};
pub use schema::schema;
pub use secrets::{FarmSecrets, SecretsFileError};
pub use services::FarmServices;
pub use sharing::{ONE_TRUST_DOMAIN, Sharing, SvgFor};
pub use show::{UnknownWiki, show_config, show_config_json};
pub use sweep::SweepStep;
pub use view::{Siblings, is_superuser};
