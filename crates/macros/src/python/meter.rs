//! What macros cost, per wiki and name, and which of them are turned off.
//!
//! Times are kept as counts in classes that double, so that half and 95 of 100 calls are known within a
//! factor of two and nothing grows. A macro that is turned off shows a box on every page until it is turned on
//! again; `switches.rs` keeps that on the disk. Start reading at [`MacroMeter::note`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use dashmap::{DashMap, DashSet};

use crate::touched::Touched;

/// Classes of times: the nth holds calls that took less than 2 to the n microseconds.
const CLASSES: usize = 32;
/// The longest text of an error that is kept.
const MOST_ERROR_CHARS: usize = 4000;
/// So many pairs of wiki and macro are counted.
const MOST_COUNTED: usize = 10_000;

/// Counts of one process.
#[derive(Default)]
pub struct MacroMeter {
    counts: DashMap<(String, String), MacroCost>,
    off: DashSet<(String, String)>,
    switched: AtomicU64,
    heard: OnceLock<Mutex<BTreeMap<String, Heard>>>,
}

/// What somebody who listens is told of a macro's last call.
#[derive(Clone, Default)]
struct Heard {
    printed: Vec<String>,
    taken_out: Vec<String>,
}

/// What one call was.
pub(crate) struct Cost<'c> {
    pub micros: u64,
    pub memory: u64,
    pub touched: Touched,
    pub error: Option<String>,
    pub page: &'c str,
}

/// What one macro did in one wiki since the server began.
#[derive(Clone, Debug, Default)]
pub struct MacroCost {
    /// Calls that ran.
    pub calls: u64,
    /// Calls that ended in a box.
    pub errors: u64,
    /// Calls that became part of a cached page and do not run again until something changes.
    pub cached: u64,
    /// Calls whose output was private because they looked at the session.
    pub session: u64,
    /// Calls whose output was private because they looked at who looks.
    pub user: u64,
    /// Calls whose output was for one language only.
    pub language: u64,
    /// Calls that looked at the time, at chance, at what the macro keeps or at another wiki.
    pub moment: u64,
    /// Calls that looked at the address: its query, or its host for links to other wikis.
    pub address: u64,
    /// The last error and the page it stood on.
    pub last_error: Option<(String, String)>,
    /// The last call.
    pub last: LastCall,
    times: [u64; CLASSES],
}

/// What a call was, for tools that run one. A macro may run twice for one view, and then the second call counts.
#[derive(Clone, Debug, Default)]
pub struct LastCall {
    /// Its time, in microseconds.
    pub micros: u64,
    /// Its memory, in bytes.
    pub memory_bytes: u64,
    /// What it looked at.
    pub touched: Touched,
    /// Why it ended in a box, if it did.
    pub error: Option<String>,
}

impl MacroMeter {
    /// Counts a call.
    pub(crate) fn note(&self, wiki: &str, name: &str, cost: Cost<'_>) {
        let key = (wiki.to_owned(), name.to_owned());
        if self.counts.len() >= MOST_COUNTED && !self.counts.contains_key(&key) {
            return;
        }
        let mut count = self.counts.entry(key).or_default();
        count.calls += 1;
        count.session += u64::from(cost.touched.session);
        count.user += u64::from(cost.touched.user);
        count.language += u64::from(cost.touched.language);
        count.moment += u64::from(cost.touched.moment);
        count.address += u64::from(cost.touched.address);
        let class = (u64::BITS - cost.micros.leading_zeros()) as usize;
        if let Some(class) = count.times.get_mut(class.min(CLASSES - 1)) {
            *class += 1;
        }
        let error = cost
            .error
            .map(|error| error.chars().take(MOST_ERROR_CHARS).collect::<String>());
        if let Some(error) = &error {
            count.errors += 1;
            count.last_error = Some((error.clone(), cost.page.to_owned()));
        }
        count.last = LastCall {
            micros: cost.micros,
            memory_bytes: cost.memory,
            touched: cost.touched,
            error,
        };
    }

    /// Counts a call whose output is now part of a cached page.
    pub(crate) fn note_cached(&self, wiki: &str, name: &str) {
        if let Some(mut count) = self.counts.get_mut(&(wiki.to_owned(), name.to_owned())) {
            count.cached += 1;
        }
    }

    /// From now on, what macros print and what is taken out of their output is kept, for tools that run one call.
    pub fn listen(&self) {
        self.heard.get_or_init(Mutex::default);
    }

    /// Whether anybody wants to know more than what calls cost.
    pub(crate) fn is_listened_to(&self) -> bool {
        self.heard.get().is_some()
    }

    fn hear(&self, name: &str, note: impl FnOnce(&mut Heard)) {
        if let Some(heard) = self.heard.get() {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            note(heard.entry(name.to_owned()).or_default());
        }
    }

    /// Notes what a call printed, in the place of what the call before printed: a macro may run twice for one view.
    pub(crate) fn note_printed(&self, name: &str, lines: &[String]) {
        self.hear(name, |heard| {
            *heard = Heard {
                printed: lines.to_vec(),
                ..Heard::default()
            };
        });
    }

    /// Notes what was taken out of what a call gave back.
    pub(crate) fn note_taken_out(&self, name: &str, names: Vec<String>) {
        self.hear(name, |heard| heard.taken_out = names);
    }

    fn heard(&self, name: &str) -> Heard {
        let mut told = Heard::default();
        self.hear(name, |heard| told = heard.clone());
        told
    }

    /// What the last call of a macro printed, line by line, if somebody listens.
    pub fn printed(&self, name: &str) -> Vec<String> {
        self.heard(name).printed
    }

    /// The elements and attributes (`style=`) that were taken out of what the last call of a macro gave back, if
    /// somebody listens.
    pub fn taken_out(&self, name: &str) -> Vec<String> {
        self.heard(name).taken_out
    }

    /// All counts, by wiki and name.
    pub fn costs(&self) -> BTreeMap<(String, String), MacroCost> {
        let counts = self.counts.iter();
        counts
            .map(|count| (count.key().clone(), count.value().clone()))
            .collect()
    }

    /// Turns a macro of a wiki off or on.
    pub fn switch(&self, wiki: &str, name: &str, to: Switch) {
        let key = (wiki.to_owned(), name.to_owned());
        match to {
            Switch::Off => {
                self.off.insert(key);
            }
            Switch::On => {
                self.off.remove(&key);
            }
        }
        self.switched.fetch_add(1, Ordering::AcqRel);
    }

    /// Takes over what was turned off in a wiki before this server began.
    pub fn remember(&self, wiki: &str, turned_off: impl IntoIterator<Item = String>) {
        for name in turned_off {
            if self.off.insert((wiki.to_owned(), name)) {
                self.switched.fetch_add(1, Ordering::AcqRel);
            }
        }
    }

    /// Whether a macro is turned off.
    pub fn is_off(&self, wiki: &str, name: &str) -> bool {
        !self.off.is_empty() && self.off.contains(&(wiki.to_owned(), name.to_owned()))
    }

    /// Which macros are turned off, as wiki and name.
    pub fn turned_off(&self) -> Vec<(String, String)> {
        self.off.iter().map(|key| key.clone()).collect()
    }

    /// Another number after each switching: pages that were made before are made again.
    pub fn edition(&self) -> u64 {
        self.switched.load(Ordering::Acquire)
    }
}

/// What becomes of a macro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It runs.
    On,
    /// It shows a box.
    Off,
}

impl MacroCost {
    /// The time within which `share` of 100 calls ended, in microseconds, up to a factor of two.
    #[must_use]
    pub fn micros_of(&self, share: u64) -> u64 {
        let wanted = self.calls.saturating_mul(share).div_ceil(100);
        let mut seen = 0;
        for (class, count) in self.times.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return 1 << class;
            }
        }
        1 << CLASSES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(micros: u64) -> Cost<'static> {
        Cost {
            micros,
            memory: 0,
            touched: Touched::default(),
            error: None,
            page: "Front",
        }
    }

    #[test]
    fn half_and_nearly_all_calls_are_known_by_their_time() {
        let meter = MacroMeter::default();
        (0..90).for_each(|_| meter.note("a", "Quick", cost(50)));
        (0..10).for_each(|_| meter.note("a", "Quick", cost(5_000)));
        let costs = meter.costs();
        let quick = &costs[&("a".to_owned(), "Quick".to_owned())];
        assert_eq!(
            (quick.calls, quick.micros_of(50), quick.micros_of(95)),
            (100, 64, 8192)
        );
    }

    #[test]
    fn what_a_macro_prints_is_kept_only_where_somebody_listens() {
        let meter = MacroMeter::default();
        meter.note_printed("Talks", &["one".to_owned()]);
        assert!(meter.printed("Talks").is_empty());
        meter.listen();
        meter.note_printed("Talks", &["one".to_owned()]);
        meter.note_printed("Talks", &["two".to_owned()]);
        assert_eq!(meter.printed("Talks"), ["two"]);
        meter.note_taken_out("Talks", vec!["form".to_owned()]);
        assert_eq!(meter.taken_out("Talks"), ["form"]);
        meter.note_printed("Talks", &[]);
        assert!(meter.taken_out("Talks").is_empty(), "of the call before");
    }

    #[test]
    fn a_macro_is_off_where_it_was_turned_off_only() {
        let meter = MacroMeter::default();
        let before = meter.edition();
        meter.switch("a", "Slow", Switch::Off);
        assert!(meter.is_off("a", "Slow") && !meter.is_off("b", "Slow") && !meter.is_off("a", "Quick"));
        assert_ne!(meter.edition(), before);
        meter.switch("a", "Slow", Switch::On);
        assert!(!meter.is_off("a", "Slow"));
    }
}
