//! Runs calls of Python macros for one visitor: facts in, questions answered, changes taken in.
//!
//! Neighbouring calls travel together. If the worker breaks under them, each is run again alone, so that only
//! the one that broke it gets a box; unless one of them had already put something into its storage, which must
//! not happen twice. Which calls run, and what is left of the page's budget, is decided in `fill.rs`.
//! Start reading at [`run_together`].

use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use grange_macro_protocol::size::Size;
use grange_macro_protocol::{
    Call, CallResult, Failure, FromWorker, Job, Limits as CallLimits, SessionChange, ToWorker, Touches,
};
use grange_session::WriteError;
use grange_wiki::markup::MacroCall;
use grange_wiki::render::{Fragment, SafeHtml};
use tokio::time::{Instant, timeout_at};

use super::PythonMacros;
use super::convert::{from_wire, marks};
use super::error::{Audience, PythonError};
use super::facts::{page_facts, session_facts, visit, written_arguments};
use super::library::Loaded;
use super::meter::Cost;
use super::pool::Borrowed;
use super::questions::Asker;
use super::taken_out::taken_out;
use super::worker::WorkerFault;
use crate::context::MacroContext;
use crate::error::MacroError;
use crate::touched::Touched;

/// Beyond the time of its calls, so long may an answer of a worker take.
const GRACE: Duration = Duration::from_millis(150);

/// One call and the module that it runs.
pub(crate) type PythonCall<'c> = (&'c MacroCall, Arc<Loaded>);

/// What a call made, made harmless and paid.
pub(crate) struct Made {
    fragment: Fragment,
    /// The same as it stands in the page.
    pub(crate) html: ByteString,
}

/// Runs one call; its output.
pub(crate) async fn run_alone(
    python: &PythonMacros,
    call: &MacroCall,
    loaded: Arc<Loaded>,
    left: Duration,
    cx: &mut MacroContext<'_>,
) -> Result<Fragment, MacroError> {
    let mut results = run_together(python, &[(call, loaded)], left, cx).await;
    let made = results
        .pop()
        .unwrap_or(Err(MacroError::Python(PythonError::Mending)));
    made.map(|made| made.fragment)
}

/// Runs calls one after the other, in `left` at most; their outputs in order. What one of them stored in the session
/// stays there only if its output does not become an error.
pub(crate) async fn run_together(
    python: &PythonMacros,
    calls: &[PythonCall<'_>],
    left: Duration,
    cx: &mut MacroContext<'_>,
) -> Vec<Result<Made, MacroError>> {
    let mut outputs = Vec::with_capacity(calls.len());
    let mut left = Ok(left);
    while let Some(rest) = calls.get(outputs.len()..).filter(|rest| !rest.is_empty()) {
        let fit = rest.iter().take_while(|call| !is_stuck(call, cx)).count();
        match (left, rest.get(..fit)) {
            (Err(error), _) => outputs.push(Err(error)),
            (Ok(left), Some(rest)) if fit > 0 => outputs.extend(run_some(python, rest, left, cx).await),
            (Ok(_), _) => outputs.push(Err(PythonError::StuckBefore.into())),
        }
        left = cx.ledger.budget.python_time_left(cx.view.clock);
    }
    outputs
}

/// Whether the call's file has cost a worker in this view: once is enough.
fn is_stuck((_, loaded): &PythonCall<'_>, cx: &MacroContext<'_>) -> bool {
    cx.ledger.stuck.contains(&loaded.module.name)
}

/// Runs calls, and answers the outputs of those at the beginning that count: all of them, or as far as one that saw
/// the session as it did not become.
async fn run_some(
    python: &PythonMacros,
    calls: &[PythonCall<'_>],
    left: Duration,
    cx: &mut MacroContext<'_>,
) -> Vec<Result<Made, MacroError>> {
    let mut attempt = Attempt::new(python, left);
    match attempt.run(calls, cx).await {
        Ok(came) => attempt.take_in_what_came(calls, came, cx).await,
        Err(error) if calls.len() == 1 => vec![Err(attempt.failed(calls, error, cx))],
        Err(_) if !attempt.asker.has_committed => {
            let mut results = Vec::new();
            for call in calls {
                let one = std::slice::from_ref(call);
                // The page's time goes on, however many of them break their workers.
                let left = match cx.ledger.budget.python_time_left(cx.view.clock) {
                    Ok(left) => left,
                    Err(error) => {
                        results.push(Err(error));
                        continue;
                    }
                };
                if is_stuck(call, cx) {
                    results.push(Err(PythonError::StuckBefore.into()));
                    continue;
                }
                let mut alone = Attempt::new(python, left);
                results.extend(match alone.run(one, cx).await {
                    Ok(came) => alone.take_in_what_came(one, came, cx).await,
                    Err(error) => vec![Err(alone.failed(one, error, cx))],
                });
            }
            results
        }
        Err(error) => {
            let words = error.to_string();
            calls
                .iter()
                .map(|_| Err(MacroError::said(words.clone())))
                .collect()
        }
    }
}

/// What a worker made of a run of calls.
enum Came {
    /// A result for each.
    All(Vec<CallResult>),
    /// A result for each of those before the one that would not stop, and what that one had looked at. The worker is
    /// gone.
    UntilStuck(Vec<CallResult>, Touches),
}

/// One try at a run of calls.
struct Attempt<'r> {
    python: &'r PythonMacros,
    asker: Asker<'r>,
    left: Duration,
}

impl<'r> Attempt<'r> {
    fn new(python: &'r PythonMacros, left: Duration) -> Attempt<'r> {
        Attempt {
            python,
            asker: Asker::new(python),
            left,
        }
    }

    fn limits(&self) -> CallLimits {
        call_limits(self.python)
    }

    async fn run(
        &mut self,
        calls: &[PythonCall<'_>],
        cx: &mut MacroContext<'_>,
    ) -> Result<Came, PythonError> {
        let end = Instant::now() + self.left;
        let Ok(_place) = timeout_at(end, self.python.place()).await else {
            return Err(PythonError::AllBusy);
        };
        let within = end.saturating_duration_since(Instant::now());
        let mut worker = self.python.pool.borrow(self.limits(), within).await?;
        // Questions and their answers included: nobody keeps a worker for as long as the wiki takes to answer.
        let talk = timeout_at(end + GRACE, self.talk(&mut worker, calls, cx)).await;
        match talk.unwrap_or_else(|_| Err(WorkerFault::TooLate(self.left).into())) {
            Ok(came @ Came::All(_)) => {
                worker.give_back();
                Ok(came)
            }
            Ok(came @ Came::UntilStuck(..)) => {
                worker.throw_away();
                Ok(came)
            }
            Err(error) => {
                worker.throw_away();
                Err(error)
            }
        }
    }

    async fn talk(
        &mut self,
        worker: &mut Borrowed,
        calls: &[PythonCall<'_>],
        cx: &mut MacroContext<'_>,
    ) -> Result<Came, PythonError> {
        for (_, loaded) in calls {
            if !worker.worker().has(&loaded.module.id) {
                load(worker, loaded).await?;
            }
        }
        let job = ToWorker::Run(Box::new(self.job(calls, cx)));
        worker.worker().say(&job).await?;
        let most = self.python.limits.time.saturating_mul(calls.len() as u32);
        let (mut patience, mut running) = (self.left.min(most) + GRACE, None);
        loop {
            let begun = cx.view.clock.elapsed();
            match worker.worker().hear(patience).await? {
                FromWorker::Ask { call, question } => {
                    patience = patience.saturating_sub(cx.view.clock.elapsed().saturating_sub(begun));
                    if running != Some(call) {
                        running = Some(call);
                        let (_, loaded) = calls.get(call as usize).ok_or(WorkerFault::OutOfTurn)?;
                        self.asker.begin(&loaded.module.name);
                    }
                    let answer = self.asker.answer(question, cx).await;
                    worker.worker().say(&ToWorker::Answer(answer)).await?;
                }
                FromWorker::Done(results) if results.len() == calls.len() => return Ok(Came::All(results)),
                FromWorker::Stuck { results, touched } if results.len() < calls.len() => {
                    return Ok(Came::UntilStuck(results, touched));
                }
                FromWorker::Forgotten(ids) => {
                    for (_, loaded) in calls.iter().filter(|(_, loaded)| ids.contains(&loaded.module.id)) {
                        load(worker, loaded).await?;
                    }
                    worker.worker().say(&job).await?;
                }
                _ => return Err(WorkerFault::OutOfTurn.into()),
            }
        }
    }

    fn job(&self, calls: &[PythonCall<'_>], cx: &mut MacroContext<'_>) -> Job {
        let limit = millis(self.python.limits.time);
        let call = |(call, loaded): &PythonCall<'_>| Call {
            module: loaded.module.id,
            arguments: written_arguments(call),
            time_ms: limit,
        };
        Job {
            calls: calls.iter().map(call).collect(),
            page: page_facts(self.python, cx),
            visit: visit(cx),
            session: session_facts(cx),
            time_ms: millis(self.left),
        }
    }

    /// Takes in what came, and the box of a call that would not stop, if those before it count.
    async fn take_in_what_came(
        &mut self,
        calls: &[PythonCall<'_>],
        came: Came,
        cx: &mut MacroContext<'_>,
    ) -> Vec<Result<Made, MacroError>> {
        let (results, touched) = match came {
            Came::All(results) => return self.take_in_all(calls, results, cx).await,
            Came::UntilStuck(results, touched) => (results, touched),
        };
        let stuck = results.len();
        let mut outputs = self.take_in_all(calls, results, cx).await;
        if let (true, Some(call)) = (outputs.len() == stuck, calls.get(stuck)) {
            cx.ledger.touched = cx.ledger.touched.and(marks(touched));
            let limit = self.python.limits.time;
            let words = match self.left < limit {
                true => cx.out_of_python_time().to_string(),
                false => format!("the macro took more than {} ms", limit.as_millis()),
            };
            let one = std::slice::from_ref(call);
            outputs.push(Err(self.failed(one, PythonError::Limit(words), cx)));
        }
        outputs
    }

    /// Takes in results in order, as far as they count: marks, what changed in the session, and the output made harmless.
    async fn take_in_all(
        &mut self,
        calls: &[PythonCall<'_>],
        results: Vec<CallResult>,
        cx: &mut MacroContext<'_>,
    ) -> Vec<Result<Made, MacroError>> {
        let mut outputs = Vec::with_capacity(results.len());
        for ((call, loaded), result) in calls.iter().zip(results) {
            let (micros, memory, touched) = (result.micros, result.memory, marks(result.touched));
            let raised = match &result.output {
                Err(Failure::Raised { message, traceback }) => Some(format!("{message}\n{traceback}")),
                _ => None,
            };
            let has_stored = !result.session.is_empty();
            let output = self.take_in(call, loaded, result, cx).await;
            let cost = Cost {
                micros,
                memory,
                touched,
                error: raised.or_else(|| output.as_ref().err().map(ToString::to_string)),
                page: cx.page_name().as_str(),
            };
            self.python.meter.note(cx.wiki_id(), &call.name, cost);
            let is_undone = has_stored && output.is_err();
            outputs.push(output);
            // Those behind it saw what it stored, and it is not there: they run again, unless they have kept something.
            if is_undone && !self.asker.has_committed {
                break;
            }
        }
        outputs
    }

    async fn take_in(
        &self,
        call: &MacroCall,
        loaded: &Loaded,
        result: CallResult,
        cx: &mut MacroContext<'_>,
    ) -> Result<Made, MacroError> {
        cx.ledger.touched = cx.ledger.touched.and(marks(result.touched));
        self.python.meter.note_printed(&loaded.module.name, &result.log);
        for line in &result.log {
            tracing::info!(wiki = cx.wiki_id(), name = %loaded.module.name, "macro says: {line}");
        }
        match result.output {
            Ok(html) => {
                cx.refuse_output_beyond(html.len())?;
                let before = cx.view.session.savepoint();
                let fragment = self.cleaned(&loaded.module.name, html);
                let made = make(fragment, result.session, call, cx).await;
                if made.is_err() {
                    cx.view.session.roll_back(before);
                }
                made
            }
            Err(failure) => Err(self.told(failure, cx).await),
        }
    }

    /// What may stand on a page; who listens is told what was taken out.
    fn cleaned(&self, name: &str, html: String) -> Fragment {
        let raw = self.python.meter.is_listened_to().then(|| html.clone());
        let fragment = harmless(html);
        if let (Some(raw), Fragment::Html(clean)) = (raw, &fragment) {
            self.python
                .meter
                .note_taken_out(name, taken_out(&raw, clean.as_str()));
        }
        fragment
    }

    /// What went wrong, as this viewer may know it.
    async fn told(&self, failure: Failure, cx: &mut MacroContext<'_>) -> MacroError {
        use grange_macro_protocol::Limit;
        match failure {
            Failure::Arguments(words) => MacroError::Said(words),
            Failure::Raised { message, traceback } => {
                let shown_to = match cx.may_mend().await {
                    true => Audience::Menders,
                    false => Audience::Everybody,
                };
                MacroError::Python(PythonError::Raised {
                    message,
                    traceback,
                    shown_to,
                })
            }
            Failure::NotText(kind) => MacroError::Python(PythonError::NotText(kind)),
            Failure::Limit(limit) => {
                let limits = &self.python.limits;
                MacroError::Python(PythonError::Limit(match limit {
                    Limit::Time => format!("the macro took more than {} ms", limits.time.as_millis()),
                    Limit::Memory => {
                        format!("the macro took more than {} of memory", Size(limits.memory_bytes))
                    }
                    Limit::Recursion => "the macro calls itself too deep".to_owned(),
                    Limit::Output => "the macro wrote too much".to_owned(),
                    Limit::Questions => "the macro asked the wiki too often".to_owned(),
                }))
            }
        }
    }

    /// Counts calls that cost a worker, and keeps their files from costing another one in this view.
    fn failed(&self, calls: &[PythonCall<'_>], error: PythonError, cx: &mut MacroContext<'_>) -> MacroError {
        for (call, loaded) in calls {
            // A worker that died costs little, and not every death is the macro's doing.
            if matches!(
                error,
                PythonError::Limit(_) | PythonError::Worker(WorkerFault::TooLate(_))
            ) {
                cx.ledger.stuck.push(loaded.module.name.clone());
            }
            let cost = Cost {
                micros: millis(self.left.min(self.python.limits.time)) * 1000,
                memory: 0,
                touched: Touched::default(),
                error: Some(error.to_string()),
                page: cx.page_name().as_str(),
            };
            self.python.meter.note(cx.wiki_id(), &call.name, cost);
        }
        MacroError::Python(error)
    }
}

/// What a call of this wiki's macros may use up.
pub(super) fn call_limits(python: &PythonMacros) -> CallLimits {
    CallLimits {
        time_ms: millis(python.limits.time),
        memory_bytes: python.limits.memory_bytes,
        ..CallLimits::default()
    }
}

async fn load(worker: &mut Borrowed, loaded: &Loaded) -> Result<(), PythonError> {
    match worker.load(&loaded.module).await? {
        Ok(_) => Ok(()),
        // It compiled elsewhere, so this worker is not what it should be.
        Err(_) => Err(WorkerFault::OutOfTurn.into()),
    }
}

/// Takes in what a call changed and what it made. The caller takes back what was written when this fails.
async fn make(
    fragment: Fragment,
    changes: Vec<SessionChange>,
    call: &MacroCall,
    cx: &mut MacroContext<'_>,
) -> Result<Made, MacroError> {
    apply(changes, cx)?;
    cx.ledger.budget.refuse_keys(cx.view.session.keys_added())?;
    let html = cx.html_of(&fragment, call.place).await?;
    // Harmless it may be longer than it was.
    cx.ledger.budget.spend_bytes(html.len())?;
    Ok(Made { fragment, html })
}

fn apply(changes: Vec<SessionChange>, cx: &mut MacroContext<'_>) -> Result<(), WriteError> {
    let mut dict = cx.view.session.dict();
    for change in changes {
        match change {
            SessionChange::Set(key, value) => drop(dict.insert(&key, from_wire(value))?),
            SessionChange::Remove(key) => drop(dict.remove(&key)),
            SessionChange::Reset => dict.reset(),
            SessionChange::MarkChanged => dict.mark_changed(),
        }
    }
    Ok(())
}

/// Words without any markup need no cleaning; everything else goes through the sanitiser.
fn harmless(html: String) -> Fragment {
    match html.contains(['<', '>', '&', '"', '\'']) {
        true => Fragment::Html(SafeHtml::clean(&html)),
        false => Fragment::text(html),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_cleaned_and_words_are_words() {
        let Fragment::Html(html) = harmless("<b>x</b><script>alert(1)</script>".into()) else {
            panic!("no html")
        };
        assert_eq!(html.as_str(), "<b>x</b>");
        assert!(matches!(harmless("Loaded value 5".into()), Fragment::Inline(_)));
    }
}
