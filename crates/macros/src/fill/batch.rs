//! Neighbouring Python macros of a page, run in one round trip.
//!
//! Those that cannot run (no budget left, a broken file) keep their place with a box. Outputs and session
//! changes are taken in page order, as if each had run alone.

use std::collections::VecDeque;
use std::sync::Arc;

use bytestring::ByteString;
use grange_wiki::markup::MacroCall;

use super::{run_hole, shown};
use crate::context::MacroContext;
use crate::dependencies::Runs;
use crate::error::MacroError;
use crate::found::Found;
use crate::python::library::Loaded;
use crate::python::{PythonMacros, run_together};

/// Calls that are run together.
#[derive(Default)]
pub(super) struct Batch<'c, 'a> {
    calls: Vec<(&'c MacroCall, Place<'a>)>,
    /// The call takes no neighbours: it may not have to run at all.
    pub(super) stands_alone: bool,
}

/// What becomes of one call.
enum Place<'a> {
    /// It runs.
    Runs(Arc<Loaded>),
    /// It is asked for by itself.
    Alone(Found<'a>),
    /// It does not run.
    Refused(MacroError),
}

impl<'c, 'a> Batch<'c, 'a> {
    /// Adds a call with what was found for it.
    pub(super) fn add(
        &mut self,
        call: &'c MacroCall,
        found: Result<Found<'a>, MacroError>,
        cx: &mut MacroContext<'_>,
    ) {
        let place = match found {
            Ok(found) if matches!(found.runs(), Runs::OncePer(_)) => {
                self.stands_alone = true;
                Place::Alone(found)
            }
            Ok(Found::Python(loaded)) => match cx.pay_for_python() {
                Ok(_) => Place::Runs(loaded),
                Err(error) => Place::Refused(error),
            },
            Ok(native) => Place::Alone(native),
            Err(error) => Place::Refused(error),
        };
        self.calls.push((call, place));
    }

    /// Runs them; the HTML for each place in order.
    pub(super) async fn fill(self, python: &PythonMacros, cx: &mut MacroContext<'_>) -> VecDeque<ByteString> {
        let running: Vec<_> = self
            .calls
            .iter()
            .filter_map(|(call, place)| match place {
                Place::Runs(loaded) => Some((*call, Arc::clone(loaded))),
                Place::Alone(_) | Place::Refused(_) => None,
            })
            .collect();
        let left = cx.ledger.budget.python_time_left(cx.view.clock);
        let mut outputs = VecDeque::new();
        if let (false, Ok(left)) = (running.is_empty(), left) {
            outputs = run_together(python, &running, left, cx).await.into();
        }
        let mut filled = VecDeque::with_capacity(self.calls.len());
        for (call, place) in self.calls {
            let before = cx.view.session.savepoint();
            let html = match place {
                Place::Runs(_) => match outputs.pop_front() {
                    Some(made) => made.map(|made| made.html),
                    None => Err(cx.out_of_python_time()),
                },
                Place::Alone(found) => run_hole(&found, call, cx).await,
                Place::Refused(error) => Err(error),
            };
            filled.push_back(shown(html, before, call, cx));
        }
        filled
    }
}
