//! What a call on a page means here: a macro of the program, a file of the wiki, or nothing.
//!
//! Files go before the program's own macros of the same name. Both kinds run the same way from here on; how
//! each of them expands is its own business.

use std::sync::Arc;
use std::time::Duration;

use grange_wiki::markup::MacroCall;
use grange_wiki::render::Fragment;

use crate::args::Args;
use crate::context::MacroContext;
use crate::dependencies::{Dependency, Runs};
use crate::error::{Limit, MacroError};
use crate::fill::expand_in_time;
use crate::macro_::{ForRobots, Macro};
use crate::python::library::Loaded;
use crate::python::meter::Cost;
use crate::python::{self, PythonError, run_alone};
use crate::touched::Touched;

/// A macro that a call can run.
#[derive(Clone)]
pub(crate) enum Found<'a> {
    /// One of the program's.
    Native(&'a dyn Macro),
    /// A file's.
    Python(Arc<Loaded>),
}

impl Found<'_> {
    /// What it declares.
    pub(crate) fn dependencies(&self) -> &[Dependency] {
        match self {
            Found::Native(found) => found.definition().dependencies,
            Found::Python(loaded) => &loaded.dependencies,
        }
    }

    /// What robots get of it.
    pub(crate) fn for_robots(&self) -> ForRobots {
        match self {
            Found::Native(found) => found.for_robots(),
            Found::Python(_) => ForRobots::TheSame,
        }
    }

    /// When it has to run.
    pub(crate) fn runs(&self) -> Runs {
        Runs::of(self.dependencies())
    }
}

impl<'a> MacroContext<'a> {
    /// The macro of a call.
    ///
    /// # Errors
    /// * [`MacroError::TurnedOff`], [`MacroError::Unknown`], or [`MacroError::Python`] for a file that
    ///   cannot be run.
    pub(crate) async fn find(&mut self, call: &MacroCall) -> Result<Found<'a>, MacroError> {
        if let Some(python) = self.view.python {
            if python.meter.is_off(self.wiki_id(), &call.name) {
                return Err(MacroError::TurnedOff);
            }
            let shelf = self.shelf();
            if let Some(file) = shelf.as_ref().and_then(|shelf| shelf.find(&call.name)) {
                if !file.is_loaded() {
                    self.ledger
                        .budget
                        .refuse_to_load(python.limits.time, self.view.clock)?;
                }
                return match python.loaded(file, false).await {
                    Ok(loaded) if loaded.module.id == file.module.id => Ok(Found::Python(loaded)),
                    // It is broken: who may mend it is told, the others get the last that worked.
                    older => match self.may_mend().await {
                        true => Ok(Found::Python(python.loaded(file, true).await?)),
                        false => Ok(Found::Python(older?)),
                    },
                };
            }
        }
        let native = self.view.registry.find(&call.name).map(Found::Native);
        native.ok_or_else(|| self.unknown(&call.name))
    }

    /// Superusers are told where it was looked for; paths of the server are nobody else's business.
    fn unknown(&mut self, name: &str) -> MacroError {
        let name = name.to_owned();
        match (self.view.python, self.viewer().superuser) {
            (Some(python), true) => MacroError::UnknownHere {
                name,
                places: python.library.places(),
            },
            _ => MacroError::Unknown(name),
        }
    }

    /// Runs a macro for this call.
    pub(crate) async fn expand(
        &mut self,
        found: &Found<'_>,
        call: &MacroCall,
    ) -> Result<Fragment, MacroError> {
        match found {
            Found::Native(found) => self.expand_native(*found, call).await,
            Found::Python(loaded) => {
                let left = self.pay_for_python()?;
                let python = self.view.python.ok_or(PythonError::NoWorker)?;
                run_alone(python, call, Arc::clone(loaded), left, self).await
            }
        }
    }

    /// Pays for one call of a Python macro; how long it may run.
    pub(crate) fn pay_for_python(&mut self) -> Result<Duration, MacroError> {
        self.ledger.budget.spend_python_call()?;
        self.ledger.budget.python_time_left(self.view.clock)
    }

    /// That the page's time for Python macros is over.
    pub(crate) fn out_of_python_time(&self) -> MacroError {
        MacroError::Limit(Limit::Time(python::MOST_TIME))
    }

    async fn expand_native(&mut self, found: &dyn Macro, call: &MacroCall) -> Result<Fragment, MacroError> {
        let Some(python) = self.view.python else {
            let args = Args::of_call(found.definition(), call)?;
            return expand_in_time(found, self, args).await;
        };
        let (begun, before) = (self.view.clock.elapsed(), self.ledger.touched);
        self.ledger.touched = Touched::default();
        let expanded = match Args::of_call(found.definition(), call) {
            Ok(args) => expand_in_time(found, self, args).await,
            Err(refused) => Err(refused.into()),
        };
        let took = self.view.clock.elapsed().saturating_sub(begun);
        let cost = Cost {
            micros: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            memory: 0,
            touched: self.ledger.touched,
            error: expanded.as_ref().err().map(ToString::to_string),
            page: self.view.page.as_str(),
        };
        python.meter.note(self.wiki_id(), &call.name, cost);
        self.ledger.touched = self.ledger.touched.and(before);
        expanded
    }
}
