//! Where a single call is run: a wiki, its macros, and somebody who looks.
//!
//! It is rendered and filled as on a page, by the same code, so that what is shown here is what a page
//! shows. Start reading at [`Stage::show`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use grange_macros::python::library::MacroLibrary;
use grange_macros::python::pool::{WorkerPool, WorkerProgram};
use grange_macros::python::storage::MacroStorage;
use grange_macros::python::{PythonLimits, PythonMacros, Value};
use grange_macros::{
    Expander, FarmView, Filled, Keeping, Limits, MacroContext, Registry, Stopwatch, View, fill,
};
use grange_session::{Randomness, Session};
use grange_wiki::rights::Viewer;
use grange_wiki::{PageName, Wiki};
use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::cli::Refusal;

/// A wiki and its macros.
pub(super) struct Stage<'a> {
    pub(super) registry: Arc<Registry>,
    pub(super) wiki: Arc<Wiki>,
    pub(super) python: PythonMacros,
    pub(super) siblings: &'a dyn FarmView,
    pub(super) randomness: Arc<dyn Randomness>,
    pub(super) base: &'a str,
    pub(super) keeping: Keeping,
}

/// What stands in the place of a call.
#[derive(Clone)]
pub(super) struct Shown {
    pub(super) filled: Filled,
    /// Whether it is made again when any page changes, though a page is kept with it.
    pub(super) depends_on_pages: bool,
}

/// Somebody who looks at a page.
pub(super) struct Look {
    pub(super) viewer: Viewer,
    pub(super) session: Session,
    pub(super) page: PageName,
    pub(super) query: Vec<(String, String)>,
    pub(super) now: Timestamp,
}

impl Stage<'_> {
    /// What stands on the page in the place of a call.
    ///
    /// # Errors
    /// * The wiki's store does not answer.
    pub(super) async fn show(&self, call: &str, look: &mut Look) -> Result<Shown, Refusal> {
        let stopwatch = Stopwatch::start();
        let expander = Expander::new(
            &self.registry,
            self.siblings,
            &*self.randomness,
            &stopwatch,
            look.now,
        )
        .with_python(Some(&self.python));
        let rendered = self
            .wiki
            .render_text(&look.page, call, self.base, &expander)
            .await?;
        let mut context = MacroContext::new(View {
            registry: &self.registry,
            wiki: &self.wiki,
            viewer: &look.viewer,
            session: &mut look.session,
            page: &look.page,
            headings: &rendered.headings,
            base: self.base,
            query: &look.query,
            now: look.now,
            farm: self.siblings,
            randomness: &*self.randomness,
            clock: &stopwatch,
            limits: Limits::default(),
            python: Some(&self.python),
            accept_language: "",
            is_robot: false,
            keeping: self.keeping,
        });
        Ok(Shown {
            filled: fill(&rendered, &mut context).await,
            depends_on_pages: rendered.depends_on_pages,
        })
    }
}

/// The query of an address, decoded.
pub(super) fn query(text: &str) -> Vec<(String, String)> {
    serde_urlencoded::from_str(text).unwrap_or_default()
}

/// Python macros of these directories, which keep what they keep in `kept`.
pub(super) fn python_of(directories: &[PathBuf], kept: &Path) -> PythonMacros {
    let this = std::env::current_exe().unwrap_or_default();
    let text = |text: &str| Value::Text(text.to_owned());
    let settings = [
        ("siteid", text("test")),
        ("sitename", text("Test")),
        ("interwikiname", text("Test")),
        ("page_front_page", text("FrontPage")),
        ("language_default", text("en")),
        (
            "cookie_lifetime",
            Value::List(vec![Value::Float(1.0), Value::Float(12.0)]),
        ),
    ];
    PythonMacros {
        library: MacroLibrary::of(directories.to_vec(), Arc::default()),
        pool: Arc::new(WorkerPool::new(WorkerProgram::beside(&this))),
        storage: MacroStorage::at(kept),
        meter: Arc::default(),
        limits: PythonLimits::default(),
        settings: settings.map(|(name, value)| (name.to_owned(), value)).into(),
        places: Semaphore::new(1),
    }
}

/// Where nothing is kept, because nothing is called.
pub(super) fn no_place() -> PathBuf {
    PathBuf::from("nothing-is-kept-here")
}
