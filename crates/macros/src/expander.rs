//! Answers the wiki's renderer: is this call part of the cached page, or a hole?
//!
//! A macro whose declared dependencies leave no hole is expanded once, for a guest. If that expansion
//! touched anything that differs between visitors or views, whatever was declared, the answer is a hole
//! after all. What is wrong with the call itself, such as its arguments, stays wrong: the error box is the output.
//! Every other failure is a hole, which shows the box and tries again at the next view.
//! Start reading at [`Expander`].

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use grange_session::{Randomness, Session};
use grange_wiki::markup::MacroCall;
use grange_wiki::render::{Expansion, Fragment, MacroHost, RenderFacts, SafeHtml, macro_error_html};
use grange_wiki::rights::Viewer;
use jiff::Timestamp;

use crate::clock::MacroClock;
use crate::context::{Keeping, MacroContext, Occasion, View};
use crate::dependencies::Runs;
use crate::error::MacroError;
use crate::farm_view::FarmView;
use crate::limits::Limits;
use crate::macro_::Macro;
use crate::pace::Pace;
use crate::python::PythonMacros;
use crate::registry::Registry;

/// So much HTML of macros becomes part of one cached page; the rest are holes, which have limits of
/// their own. It keeps a page of ten thousand page lists out of the cache.
const PART_OF_THE_PAGE: usize = 1 << 20;

/// The host that [`grange_wiki::Wiki::render`] asks. One serves one rendering.
pub struct Expander<'a> {
    registry: &'a Registry,
    farm: &'a dyn FarmView,
    randomness: &'a dyn Randomness,
    clock: &'a dyn MacroClock,
    now: Timestamp,
    limits: Limits,
    python: Option<&'a PythonMacros>,
    room: AtomicUsize,
    pace: Pace,
    spent: AtomicU64,
}

impl<'a> Expander<'a> {
    /// A host for one rendering at `now`; `clock` measures how long its macros take.
    #[must_use]
    pub fn new(
        registry: &'a Registry,
        farm: &'a dyn FarmView,
        randomness: &'a dyn Randomness,
        clock: &'a dyn MacroClock,
        now: Timestamp,
    ) -> Expander<'a> {
        let room = AtomicUsize::new(PART_OF_THE_PAGE);
        Expander {
            registry,
            farm,
            randomness,
            clock,
            now,
            limits: Limits::default(),
            python: None,
            room,
            pace: Pace::starting(clock),
            spent: AtomicU64::new(0),
        }
    }

    /// How long the macros of this rendering took. The view that it is made for has so much less.
    pub fn spent(&self) -> Duration {
        Duration::from_micros(self.spent.load(Ordering::Relaxed))
    }

    /// The same for a wiki with Python macros.
    #[must_use]
    pub fn with_python(self, python: Option<&'a PythonMacros>) -> Expander<'a> {
        Expander { python, ..self }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Expander<'a> {
        Expander { limits, ..self }
    }

    async fn expand(&self, call: &MacroCall, facts: &RenderFacts<'_>) -> Result<Expansion, MacroError> {
        let (viewer, mut session) = (Viewer::anonymous(), Session::unsaved());
        let view = View {
            registry: self.registry,
            wiki: facts.wiki,
            viewer: &viewer,
            session: &mut session,
            page: facts.page,
            headings: facts.headings,
            base: facts.base,
            query: &[],
            now: self.now,
            farm: self.farm,
            randomness: self.randomness,
            clock: self.clock,
            limits: self.limits,
            python: self.python,
            accept_language: "",
            is_robot: false,
            keeping: Keeping::Dropped,
        };
        let mut cx = MacroContext::at(view, Occasion::Rendering);
        let found = cx.find(call).await?;
        let declared = found.runs();
        if declared.leaves_a_hole() || cx.ledger.touched.differs_between_views() {
            return Ok(Expansion::Hole);
        }
        cx.ledger.budget.spend_hole(self.clock)?;
        let expanded = cx.expand(&found, call).await;
        let touched = cx.ledger.touched;
        let fragment = expanded.or_else(|error| said_for_good(call, error))?;
        self.take_room(cx.html_of(&fragment, call.place).await?.len())?;
        Ok(match (touched.differs_between_views(), touched.pages, declared) {
            (true, _, _) => Expansion::Hole,
            (false, true, _) | (false, _, Runs::WhenPagesChange) => Expansion::UntilPagesChange(fragment),
            (false, false, _) => Expansion::Forever(fragment),
        })
    }

    fn take_room(&self, bytes: usize) -> Result<(), MacroError> {
        self.room
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| {
                room.checked_sub(bytes)
            })
            .map(drop)
            .map_err(|_| MacroError::OnlyInAView)
    }
}

#[async_trait]
impl MacroHost for Expander<'_> {
    async fn expand_once(&self, call: &MacroCall, facts: &RenderFacts<'_>) -> Expansion {
        // A quick no for the many that are holes by what they declare and no file's.
        let is_hole = |found: &dyn Macro| found.definition().runs().leaves_a_hole();
        if self.python.is_none() && self.registry.find(&call.name).is_none_or(is_hole) {
            return Expansion::Hole;
        }
        self.pace.rest_if_due(self.clock).await;
        let begun = self.clock.elapsed();
        let expanded = self.expand(call, facts).await.unwrap_or(Expansion::Hole);
        let took = self.clock.elapsed().saturating_sub(begun);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.spent.fetch_add(micros, Ordering::Relaxed);
        if let (Some(python), false) = (self.python, matches!(expanded, Expansion::Hole)) {
            python.meter.note_cached(facts.wiki.id(), &call.name);
        }
        expanded
    }

    fn edition(&self) -> u64 {
        self.python.map_or(0, PythonMacros::edition)
    }
}

/// The error box as an output like any other, where running the macro again would only say the same again.
fn said_for_good(call: &MacroCall, error: MacroError) -> Result<Fragment, MacroError> {
    match error {
        MacroError::Arguments(_) | MacroError::Said(_) => {
            let html = macro_error_html(call, &error.to_string());
            Ok(Fragment::Html(SafeHtml::rendered(html.to_string())))
        }
        other => Err(other),
    }
}
