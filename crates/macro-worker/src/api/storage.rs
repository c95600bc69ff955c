//! `macro.storage`: what a macro keeps in its wiki, read as a whole at the start and written at the end.
//!
//! The server refuses to write when somebody else changed meanwhile what the call had looked at; then the
//! call runs again.

use grange_macro_protocol::{Question, Value};
use monty_types::{ExcType, ObjectRef};

use super::reading::Args;
use super::{Again, Context, Reply, Trouble, raise};
use crate::values::{self, same};

impl Context<'_> {
    /// What is stored, for the prelude's dict.
    pub(super) fn stored(&mut self) -> Reply {
        self.touched.moment = true;
        if let Value::Map(stored) = self.ask(Question::StoredAll)? {
            self.storage = stored;
        }
        Ok(values::map(&self.storage))
    }

    /// Writes what the call changed, if the server takes its output and what it leaves in the session too.
    pub(super) fn commit_storage(
        &mut self,
        args: &Args<'_>,
        output: &str,
        session: Option<&[(String, Value)]>,
    ) -> Result<(), Trouble> {
        let Some(left) = args.named("stored") else {
            return Ok(());
        };
        let changes = self.storage_changes(left)?;
        if changes.is_empty() {
            return Ok(());
        }
        let read = args.named("read").and_then(|read| read.items());
        let read = read.map(|keys| {
            keys.iter()
                .filter_map(|key| key.as_str())
                .map(str::to_owned)
                .collect()
        });
        let touched = self.touched;
        match self.ask(Question::Commit {
            changes,
            read,
            touched,
            session: session
                .filter(|left| self.changes_session(left))
                .map(<[_]>::to_vec),
            output_bytes: (self.call.written + output.len()) as u64,
        })? {
            Value::Bool(false) => Err(Trouble::Again(Again::Conflict)),
            _ => Ok(()),
        }
    }

    fn storage_changes(&self, left: ObjectRef<'_>) -> Result<Vec<(String, Value)>, Trouble> {
        let wrong = |words| raise(ExcType::TypeError, format!("In the storage: {words}"));
        let Value::Map(left) = values::stored(left).map_err(wrong)? else {
            return Ok(Vec::new());
        };
        let mut changes = Vec::new();
        for (key, _) in &self.storage {
            if !left.iter().any(|(known, _)| known == key) {
                changes.push((key.clone(), Value::Null));
            }
        }
        for (key, value) in left {
            let before = self.storage.iter().find(|(known, _)| *known == key);
            if !before.is_some_and(|(_, before)| same(before, &value)) {
                changes.push((key, value));
            }
        }
        Ok(changes)
    }
}
