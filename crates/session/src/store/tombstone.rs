//! What stands under a key after its session: whether another took its place, when, and under which key.
//!
//! Stores keep a tombstone as one short text and give it back as what a request is told. Half a minute
//! after a renewal, requests that were on their way with the old id still read the session that goes on.
//! A minute after any replacement, nobody is given a first cookie for the old id: it would arrive behind the
//! new one. How long tombstones stand is each store's business.

use std::time::Duration;

use jiff::Timestamp;

use super::{Ending, Loaded, OnTheirWay, Rotation};
use crate::id::StoreKey;
use crate::moment;

/// So long requests with a renewed id still read the session that goes on.
const FOLLOWING: Duration = Duration::from_secs(30);
/// So long after a replacement an answer with a first cookie may still be behind the one with the new id.
const IN_FLIGHT: Duration = Duration::from_secs(60);

/// What stands under a key after its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tombstone {
    /// Nothing took its place.
    Ended,
    /// Another session took its place, as at a login.
    Replaced {
        /// When.
        at: Timestamp,
    },
    /// The same login goes on under another key.
    Renewed {
        /// Since when.
        at: Timestamp,
        /// Where.
        heir: StoreKey,
    },
}

impl Tombstone {
    /// What a rotation leaves under the old key.
    pub fn of_rotation(rotation: &Rotation<'_>, now: Timestamp) -> Tombstone {
        match rotation.on_their_way {
            OnTheirWay::Refused => Tombstone::Replaced { at: now },
            OnTheirWay::Follow => Tombstone::Renewed {
                at: now,
                heir: rotation.new,
            },
        }
    }

    /// What to answer who wants to change the session. Whoever does came when it lived, however slow the
    /// request is.
    pub fn ending(&self) -> Ending {
        match self {
            Tombstone::Ended => Ending::Ended,
            Tombstone::Replaced { .. } | Tombstone::Renewed { .. } => Ending::Replaced,
        }
    }

    /// What to answer who loads it. A replacement long ago is just an end.
    pub fn loaded(&self, now: Timestamp) -> Loaded {
        // One from the future is as old as it may be: the clock was ahead, and is no longer.
        let is_within =
            |at: Timestamp, span| now < moment::later(at, span) && !moment::is_from_the_future(at, now);
        match self {
            Tombstone::Renewed { at, heir } if is_within(*at, FOLLOWING) => Loaded::Renewed(*heir),
            Tombstone::Replaced { at } | Tombstone::Renewed { at, .. } if is_within(*at, IN_FLIGHT) => {
                Loaded::Ended(Ending::Replaced)
            }
            _ => Loaded::Ended(Ending::Ended),
        }
    }

    /// As a store keeps it.
    pub fn to_text(&self) -> String {
        match self {
            Tombstone::Ended => "ended".to_owned(),
            Tombstone::Replaced { at } => format!("replaced {}", at.as_millisecond()),
            Tombstone::Renewed { at, heir } => {
                let issued = heir.issued().as_millisecond();
                format!("renewed {} {} {issued}", at.as_millisecond(), heir.to_hex())
            }
        }
    }

    /// From what a store kept. What cannot be read tells nothing but that something ended.
    pub fn from_text(text: &str) -> Tombstone {
        let words: Vec<&str> = text.split(' ').collect();
        let told = match words.as_slice() {
            ["replaced", at] => millis(at).map(|at| Tombstone::Replaced { at }),
            ["renewed", at, heir, issued] => renewed(at, heir, issued),
            _ => None,
        };
        told.unwrap_or(Tombstone::Ended)
    }
}

fn renewed(at: &str, heir: &str, issued: &str) -> Option<Tombstone> {
    Some(Tombstone::Renewed {
        at: millis(at)?,
        heir: StoreKey::from_hex(heir, millis(issued)?)?,
    })
}

fn millis(text: &str) -> Option<Timestamp> {
    text.parse().ok().map(moment::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    fn renewed_at(seconds: u64) -> Tombstone {
        Tombstone::Renewed {
            at: at(seconds),
            heir: StoreKey::from_parts([0xa7; 32], at(seconds)),
        }
    }

    #[test]
    fn a_tombstone_is_read_as_it_was_written() {
        let all = [Tombstone::Ended, Tombstone::Replaced { at: at(5) }, renewed_at(7)];
        for tombstone in all {
            assert_eq!(Tombstone::from_text(&tombstone.to_text()), tombstone);
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_end() {
        let half = "a7".repeat(16);
        for text in [
            "",
            "0",
            "replaced",
            "replaced x",
            "renewed 5",
            &format!("renewed 5 {half} 5"),
        ] {
            assert_eq!(Tombstone::from_text(text), Tombstone::Ended, "{text:?}");
        }
    }

    #[test]
    fn a_replacement_is_told_for_a_minute_to_who_loads_and_always_to_who_writes() {
        let tombstone = Tombstone::Replaced { at: at(100) };
        // A request may have come before the replacement and ask after it.
        assert_eq!(tombstone.loaded(at(40)), Loaded::Ended(Ending::Replaced));
        assert_eq!(tombstone.loaded(at(159)), Loaded::Ended(Ending::Replaced));
        assert_eq!(tombstone.loaded(at(160)), Loaded::Ended(Ending::Ended));
        assert_eq!(
            (tombstone.ending(), renewed_at(100).ending()),
            (Ending::Replaced, Ending::Replaced)
        );
        assert_eq!(
            (Tombstone::Ended.ending(), Tombstone::Ended.loaded(at(0))),
            (Ending::Ended, Loaded::Ended(Ending::Ended))
        );
    }

    #[test]
    fn a_replacement_by_a_clock_that_was_ahead_is_an_end() {
        assert_eq!(renewed_at(1000).loaded(at(0)), Loaded::Ended(Ending::Ended));
        assert_eq!(
            Tombstone::Replaced { at: at(1000) }.loaded(at(0)),
            Loaded::Ended(Ending::Ended)
        );
    }

    #[test]
    fn a_renewal_is_followed_for_half_a_minute() {
        let heir = StoreKey::from_parts([0xa7; 32], at(100));
        assert_eq!(renewed_at(100).loaded(at(129)), Loaded::Renewed(heir));
        assert_eq!(renewed_at(100).loaded(at(130)), Loaded::Ended(Ending::Replaced));
        assert_eq!(renewed_at(100).loaded(at(160)), Loaded::Ended(Ending::Ended));
    }
}
