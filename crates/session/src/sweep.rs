//! Sweeping a whole store in small steps, for `grange session sweep`.
//!
//! A running server sweeps too: one step of [`crate::SessionStore::sweep`] at each tick of its own timer.
//! Nothing a visitor can see depends on it; ended sessions are ended before they are swept.

use jiff::Timestamp;

use crate::store::{SessionStore, StoreError};

/// How many things one step removes: little enough that no request waits noticeably for the store.
pub const SWEEP_STEP: usize = 200;

/// Sweeps until nothing is left to remove, letting others at the store between steps. Returns how many
/// things were removed.
///
/// # Errors
/// * [`StoreError`] when the store is down; what was removed until then stays removed.
pub async fn sweep_everything(store: &dyn SessionStore, now: Timestamp) -> Result<u64, StoreError> {
    let mut removed = 0;
    loop {
        let step = store.sweep(now, SWEEP_STEP).await?;
        removed += step.removed;
        if !step.more {
            return Ok(removed);
        }
        tokio::task::yield_now().await;
    }
}
