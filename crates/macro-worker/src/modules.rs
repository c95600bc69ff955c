//! The modules that the worker keeps compiled, by their content's id; those not used for longest go first.

use std::cell::Cell;
use std::collections::HashMap;

use crate::arguments::Signature;
use crate::source::Program;
use grange_macro_protocol::ModuleId;

/// How many modules are kept.
pub const MOST_MODULES: usize = 256;
/// How much source text they may have together: a compiled module takes several times its text.
const MOST_BYTES: usize = 4 << 20;

/// A compiled module.
pub struct Compiled {
    /// The macro's name.
    pub name: String,
    /// The program that runs its entry.
    pub program: Program,
    /// Whether an interpreter that has ended one call may run the next one.
    pub goes_on: bool,
    /// The typed entry's signature; nothing where the entry is `execute`.
    pub signature: Option<Signature>,
    /// The lines of the file; what stands below is the driver's.
    pub lines: u32,
    /// The bytes of its text.
    pub bytes: usize,
    /// Whether its last call may have read the session, and the next one therefore starts with it.
    pub reads_session: Cell<bool>,
}

/// The modules kept.
#[derive(Default)]
pub struct Modules {
    kept: HashMap<ModuleId, (u64, Compiled)>,
    uses: u64,
}

impl Modules {
    /// Keeps a module, and forgets others where there is no room for all.
    pub fn keep(&mut self, id: ModuleId, compiled: Compiled) {
        self.uses += 1;
        self.kept.insert(id, (self.uses, compiled));
        while self.kept.len() > 1 && self.is_too_much() {
            let oldest = self
                .kept
                .iter()
                .min_by_key(|(_, (used, _))| *used)
                .map(|(id, _)| *id);
            let Some(oldest) = oldest else { break };
            self.kept.remove(&oldest);
        }
    }

    fn is_too_much(&self) -> bool {
        let bytes: usize = self.kept.values().map(|(_, module)| module.bytes).sum();
        self.kept.len() > MOST_MODULES || bytes > MOST_BYTES
    }

    /// A module, which has been used hereby.
    pub fn find(&mut self, id: &ModuleId) -> Option<&Compiled> {
        self.uses += 1;
        let (used, compiled) = self.kept.get_mut(id)?;
        *used = self.uses;
        Some(compiled)
    }

    /// Those of these that are not kept.
    #[must_use]
    pub fn missing(&self, wanted: &[ModuleId]) -> Vec<ModuleId> {
        let mut missing: Vec<_> = wanted
            .iter()
            .filter(|id| !self.kept.contains_key(id))
            .copied()
            .collect();
        missing.sort();
        missing.dedup();
        missing
    }
}
