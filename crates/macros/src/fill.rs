//! Runs the holes of a rendered page for one visitor, in page order.
//!
//! A macro that fails, panics, hangs or writes without end costs one box in the page: its writes to the
//! session are rolled back and the page goes on. Holes run one after the other, because a later one may
//! read what an earlier one put into the session.
//! Start reading at [`fill`], then `fill_hole`. Which holes there are is decided in `expander.rs`.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use bytestring::ByteString;
use futures_util::FutureExt;
use futures_util::future::{Either, select};
use grange_session::{Savepoint, Session};
use grange_wiki::markup::MacroCall;
use grange_wiki::render::{Fragment, Rendered, Segment, macro_error_html};
use grange_wiki::rights::Viewer;

use crate::args::Args;
use crate::context::MacroContext;
use crate::dependencies::Runs;
use crate::error::{Limit, MacroError};
use crate::found::Found;
use crate::ledger::Storage;
use crate::macro_::{ForRobots, Macro};
use crate::pace::Pace;
use crate::period_cache::{Pages, PeriodKey};
use crate::pieces::Pieces;
use crate::python::PythonMacros;
use crate::touched::Touched;

mod batch;

use batch::Batch;

/// A page with all its holes filled.
#[derive(Clone, Debug)]
pub struct Filled {
    /// The page's content.
    pub html: Pieces,
    /// Session or viewer were touched or declared: nobody else may get these bytes.
    pub private: bool,
    /// The viewer's language was touched or declared.
    pub by_language: bool,
    /// For how long the bytes hold.
    pub holds: Holds,
}

/// For how long a filled page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Nothing in it depends on the moment.
    UntilPagesChange,
    /// Some macro declared this period.
    For(Duration),
    /// It may be different at the next view.
    ThisMoment,
}

/// Fills the holes of `rendered`. It never fails: what goes wrong stands in the page.
pub async fn fill(rendered: &Rendered, cx: &mut MacroContext<'_>) -> Filled {
    cx.claims = rendered.claims.clone();
    let html = fill_segments(rendered, cx).await;
    let ledger = &cx.ledger;
    Filled {
        html,
        private: ledger.touched.is_private(),
        by_language: ledger.touched.language,
        holds: match ledger.runs {
            _ if ledger.touched.address => Holds::ThisMoment,
            Runs::EachView => Holds::ThisMoment,
            Runs::OncePer(period) => Holds::For(period),
            Runs::Once | Runs::WhenPagesChange if ledger.touched.moment => Holds::ThisMoment,
            Runs::Once | Runs::WhenPagesChange => Holds::UntilPagesChange,
        },
    }
}

/// The page's finished parts and its holes, one after the other.
pub(crate) async fn fill_segments(rendered: &Rendered, cx: &mut MacroContext<'_>) -> Pieces {
    let (mut html, pace) = (Pieces::default(), Pace::starting(cx.view.clock));
    // Of neighbouring Python macros, all are filled when the first is come to.
    let mut ready = VecDeque::new();
    for (at, segment) in rendered.segments.iter().enumerate() {
        html.push(match segment {
            Segment::Html(finished) => finished.clone(),
            Segment::Hole(call) => {
                if ready.is_empty() {
                    pace.rest_if_due(cx.view.clock).await;
                    let rest = rendered.segments.get(at + 1..).unwrap_or_default();
                    ready = fill_hole(call, rest, cx).await;
                }
                ready.pop_front().unwrap_or_default()
            }
        });
    }
    html
}

/// The HTML for one hole, and for those in `rest` that were run along with it.
async fn fill_hole(call: &MacroCall, rest: &[Segment], cx: &mut MacroContext<'_>) -> VecDeque<ByteString> {
    let found = find_hole(call, cx).await;
    if let Ok(Found::Python(_)) = &found
        && let Some(python) = cx.view.python
    {
        return fill_neighbours(python, call, found, rest, cx).await;
    }
    let before = cx.view.session.savepoint();
    let html = match found {
        Ok(found) if cx.view.is_robot && found.for_robots() == ForRobots::Nothing => Ok(ByteString::new()),
        Ok(found) => run_hole(&found, call, cx).await,
        Err(error) => Err(error),
    };
    VecDeque::from([shown(html, before, call, cx)])
}

/// What a hole shows: its macro's output, or a box with what went wrong.
fn shown(
    html: Result<ByteString, MacroError>,
    before: Savepoint,
    call: &MacroCall,
    cx: &mut MacroContext<'_>,
) -> ByteString {
    let html = html.and_then(|html| {
        cx.ledger.budget.refuse_keys(cx.view.session.keys_added())?;
        Ok(html)
    });
    html.unwrap_or_else(|error| {
        cx.view.session.roll_back(before);
        let (wiki, page) = (cx.view.wiki.id(), cx.view.page.as_str());
        cx.view.registry.failures.report(wiki, page, call, &error);
        let html = macro_error_html(call, &error.to_string());
        match cx.ledger.budget.spend_bytes(html.len()) {
            Ok(()) => html,
            Err(full) => macro_error_html(call, &full.to_string()),
        }
    })
}

async fn find_hole<'a>(call: &MacroCall, cx: &mut MacroContext<'a>) -> Result<Found<'a>, MacroError> {
    cx.ledger.budget.spend_hole(cx.view.clock)?;
    let found = cx.find(call).await?;
    cx.ledger.note(found.dependencies());
    Ok(found)
}

async fn run_hole(
    found: &Found<'_>,
    call: &MacroCall,
    cx: &mut MacroContext<'_>,
) -> Result<ByteString, MacroError> {
    match found.runs() {
        Runs::OncePer(period) => run_for_a_period(found, call, cx, period).await,
        Runs::Once | Runs::WhenPagesChange | Runs::EachView => run(found, call, cx).await,
    }
}

/// Fills the holes of Python macros that stand beside each other, with no other macro between them, in one
/// go. One that holds for a period is asked for alone, because it may not have to run.
async fn fill_neighbours<'a>(
    python: &PythonMacros,
    first: &MacroCall,
    found: Result<Found<'a>, MacroError>,
    rest: &[Segment],
    cx: &mut MacroContext<'a>,
) -> VecDeque<ByteString> {
    let mut batch = Batch::default();
    batch.add(first, found, cx);
    for call in rest.iter().filter_map(as_hole) {
        // Only files can be neighbours; the shelf is the same for the whole page.
        let is_file = cx.shelf().is_some_and(|shelf| shelf.find(&call.name).is_some());
        if !is_file || batch.stands_alone {
            break;
        }
        let found = find_hole(call, cx).await;
        batch.add(call, found, cx);
    }
    batch.fill(python, cx).await
}

fn as_hole(segment: &Segment) -> Option<&MacroCall> {
    match segment {
        Segment::Hole(call) => Some(call),
        Segment::Html(_) => None,
    }
}

async fn run(
    found: &Found<'_>,
    call: &MacroCall,
    cx: &mut MacroContext<'_>,
) -> Result<ByteString, MacroError> {
    let bytes_left = cx.ledger.budget.bytes_left();
    let expanded = cx.expand(found, call).await;
    // What the macros of included pages paid is part of this output, or is not shown: it counts once.
    cx.ledger.budget.restore_bytes(bytes_left);
    let html = cx.html_of(&expanded?, call.place).await?;
    cx.ledger.budget.spend_bytes(html.len())?;
    Ok(html)
}

/// Takes an output that still holds, or makes one for everybody; a macro that turns out to look at the
/// visitor all the same runs for the visitor.
async fn run_for_a_period(
    found: &Found<'_>,
    call: &MacroCall,
    cx: &mut MacroContext<'_>,
    period: Duration,
) -> Result<ByteString, MacroError> {
    let generation = cx.view.wiki.generation().await?;
    let periods = &cx.view.registry.periods;
    let edition = cx.view.python.map_or(0, PythonMacros::edition);
    let key = PeriodKey {
        edition,
        wiki: cx.wiki_id().to_owned(),
        base: cx.base().to_owned(),
        page: cx.page_name().clone(),
        call: call.clone(),
    };
    if let Some(html) = periods.find(&key, period, cx.view.now, generation) {
        cx.ledger.budget.spend_bytes(html.len())?;
        return Ok(html);
    }
    let Some(attempt) = run_for_everybody(found, call, cx).await else {
        return run(found, call, cx).await;
    };
    let html = attempt.html?;
    if attempt.storage == Storage::AsAsked {
        let pages = match attempt.touched.pages {
            true => Pages::In(generation),
            false => Pages::NotLookedAt,
        };
        periods.keep(key, html.clone(), cx.view.now, pages);
    }
    cx.ledger.budget.spend_bytes(html.len())?;
    Ok(html)
}

/// An output that everybody gets.
struct ForEverybody {
    html: Result<ByteString, MacroError>,
    /// What became of changes of the storage.
    storage: Storage,
    touched: Touched,
}

/// The output for a guest, if everybody gets the same. What the attempt took is paid by the page, whatever comes of it; a failure that everybody gets is not tried again.
async fn run_for_everybody(
    found: &Found<'_>,
    call: &MacroCall,
    cx: &mut MacroContext<'_>,
) -> Option<ForEverybody> {
    let (guest, mut session) = (Viewer::anonymous(), Session::unsaved());
    let mut shared = cx.for_guest(&guest, &mut session);
    let html = run(found, call, &mut shared).await;
    let attempt = shared.ledger;
    let bytes_left = cx.ledger.budget.bytes_left();
    cx.ledger.budget = attempt.budget;
    cx.ledger.budget.restore_bytes(bytes_left);
    let is_shared = attempt.touched.is_same_for_everybody();
    if is_shared {
        // What got stuck over a guest may not do so over this visitor.
        cx.ledger.stuck = attempt.stuck;
    }
    is_shared.then_some(ForEverybody {
        html,
        storage: attempt.storage,
        touched: attempt.touched,
    })
}

/// Expands a macro, but not beyond the time that is left for all macros of the view.
pub(crate) async fn expand_in_time(
    found: &dyn Macro,
    cx: &mut MacroContext<'_>,
    args: Args,
) -> Result<Fragment, MacroError> {
    let (clock, time) = (cx.view.clock, cx.ledger.budget.limits().time);
    // A panic is caught like any other failure: the session is rolled back and the context goes on with
    // marks and numbers only, so nothing half-done is looked at afterwards.
    let expansion = AssertUnwindSafe(found.expand(cx, args)).catch_unwind();
    // The expansion is polled first, so a macro that never waits never sets a timer.
    match select(expansion, clock.reaches(time)).await {
        Either::Left((Ok(expanded), _)) => expanded,
        Either::Left((Err(panic), _)) => Err(MacroError::Panicked(words_of(panic.as_ref()))),
        Either::Right(_) => Err(MacroError::Limit(Limit::Time(time))),
    }
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    words
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}
