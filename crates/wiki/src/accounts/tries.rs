//! The counting behind `limits.rs`: failures and open tries per (name, address) and per address.
//!
//! Plain data with `now` as a parameter; no locks, no waiting. Memory is bounded: at most
//! [`MOST_PAIRS`] pairs and [`MOST_ADDRESSES`] addresses are remembered, the longest quiet are
//! forgotten first. An IPv6 visitor is a /64, because that is what one customer gets.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

/// Failures count for this long.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// A failure further ahead than this was noted while the clock was wrong, and would keep the door closed until then; it
/// counts as one of this moment.
const WRONG_CLOCK: SignedDuration = SignedDuration::from_mins(5);

const PAIR_LIMIT: usize = 5;
const ADDRESS_LIMIT: usize = 50;

const MOST_PAIRS: usize = 65_536;
const MOST_ADDRESSES: usize = 16_384;

/// Who tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// A hash of the name.
    pub name: u64,
    /// Where the try comes from.
    pub address: AddressBlock,
}

/// One customer's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum AddressBlock {
    /// One address.
    V4([u8; 4]),
    /// A /64.
    V6([u8; 8]),
}

/// What somebody who wants to try is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Go on; a place is held until [`Tally::leave`].
    Enter,
    /// As many tries as are left are being decided; ask again when one is.
    WaitForOthers,
    /// Too many failures.
    Refused {
        /// Seconds until one of them no longer counts.
        retry_after: u64,
    },
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Counts for pair and address.
    Failure,
    /// The pair is forgotten.
    ClearPair,
    /// The pair is forgotten; it counts for the address.
    ClearPairCountAddress,
    /// As if it had not been.
    Nothing,
}

/// All that is remembered.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pairs: HashMap<Key, Tries>,
    addresses: HashMap<AddressBlock, Tries>,
}

/// What is remembered of one pair or address.
#[derive(Debug, Default)]
struct Tries {
    /// When they failed, earliest first; never more than the limit.
    failures: VecDeque<Timestamp>,
    /// Tries that are being decided.
    open: usize,
}

impl AddressBlock {
    /// The block of an address; an IPv4 address inside IPv6 is the IPv4 address.
    pub fn of(address: IpAddr) -> AddressBlock {
        match address.to_canonical() {
            IpAddr::V4(v4) => AddressBlock::V4(v4.octets()),
            IpAddr::V6(v6) => {
                let [a, b, c, d, e, f, g, h, ..] = v6.octets();
                AddressBlock::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

impl Tally {
    /// Asks for a place.
    pub fn enter(&mut self, key: &Key, now: Timestamp) -> Answer {
        let pair = self
            .pairs
            .get_mut(key)
            .map_or(Answer::Enter, |tries| tries.answer(PAIR_LIMIT, now));
        let address = self
            .addresses
            .get_mut(&key.address)
            .map_or(Answer::Enter, |tries| tries.answer(ADDRESS_LIMIT, now));
        let answer = stricter(pair, address);
        if answer == Answer::Enter {
            room_for(&mut self.pairs, key, MOST_PAIRS, now).open += 1;
            room_for(&mut self.addresses, &key.address, MOST_ADDRESSES, now).open += 1;
        }
        answer
    }

    /// Gives the place back and counts what came of it. `at` is when the try began.
    pub fn leave(&mut self, key: &Key, outcome: Outcome, at: Timestamp) {
        if let Some(pair) = self.pairs.get_mut(key) {
            pair.open = pair.open.saturating_sub(1);
            match outcome {
                Outcome::Failure => pair.count_failure(PAIR_LIMIT, at),
                Outcome::ClearPair | Outcome::ClearPairCountAddress => pair.failures.clear(),
                Outcome::Nothing => {}
            }
        }
        if let Some(address) = self.addresses.get_mut(&key.address) {
            address.open = address.open.saturating_sub(1);
            match outcome {
                Outcome::Failure | Outcome::ClearPairCountAddress => address.count_failure(ADDRESS_LIMIT, at),
                Outcome::ClearPair | Outcome::Nothing => {}
            }
        }
        forget_if_empty(&mut self.pairs, key);
        forget_if_empty(&mut self.addresses, &key.address);
    }
}

impl Tries {
    fn answer(&mut self, limit: usize, now: Timestamp) -> Answer {
        self.forget_old(now);
        match self.failures.front() {
            Some(earliest) if self.failures.len() >= limit => Answer::Refused {
                retry_after: seconds_until(*earliest + WINDOW, now),
            },
            _ if self.failures.len() + self.open >= limit => Answer::WaitForOthers,
            _ => Answer::Enter,
        }
    }

    fn count_failure(&mut self, limit: usize, at: Timestamp) {
        // Tries end in another order than they begin.
        let place = self.failures.partition_point(|earlier| *earlier <= at);
        self.failures.insert(place, at);
        while self.failures.len() > limit {
            self.failures.pop_front();
        }
    }

    fn forget_old(&mut self, now: Timestamp) {
        while self
            .failures
            .front()
            .is_some_and(|earliest| now.duration_since(*earliest) >= WINDOW)
        {
            self.failures.pop_front();
        }
        let is_ahead = |at: &Timestamp| at.duration_since(now) > WRONG_CLOCK;
        if self.failures.back().is_some_and(is_ahead) {
            for at in self.failures.iter_mut().filter(|at| is_ahead(at)) {
                *at = now;
            }
            self.failures.make_contiguous().sort_unstable();
        }
    }

    fn is_empty(&self) -> bool {
        self.open == 0 && self.failures.is_empty()
    }
}

fn stricter(one: Answer, other: Answer) -> Answer {
    match (one, other) {
        (Answer::Refused { retry_after: a }, Answer::Refused { retry_after: b }) => Answer::Refused {
            retry_after: a.max(b),
        },
        (refused @ Answer::Refused { .. }, _) | (_, refused @ Answer::Refused { .. }) => refused,
        (Answer::WaitForOthers, _) | (_, Answer::WaitForOthers) => Answer::WaitForOthers,
        (Answer::Enter, Answer::Enter) => Answer::Enter,
    }
}

fn seconds_until(end: Timestamp, now: Timestamp) -> u64 {
    let left = end.duration_since(now);
    let whole = left.as_secs() + i64::from(left.subsec_nanos() > 0);
    u64::try_from(whole).unwrap_or(0).max(1)
}

/// The entry of a key, made where it is missing; a full map first forgets.
fn room_for<'a, K: Eq + Hash + Copy>(
    map: &'a mut HashMap<K, Tries>,
    key: &K,
    most: usize,
    now: Timestamp,
) -> &'a mut Tries {
    if map.len() >= most && !map.contains_key(key) {
        make_room(map, most, now);
    }
    map.entry(*key).or_default()
}

/// Forgets what no longer counts; if that is not enough, the quarter that was quiet longest.
/// Whoever has enough addresses to push others out has enough to guess from anyway.
fn make_room<K: Eq + Hash + Copy>(map: &mut HashMap<K, Tries>, most: usize, now: Timestamp) {
    map.retain(|_, tries| {
        tries.forget_old(now);
        !tries.is_empty()
    });
    let enough = most - most / 4;
    if map.len() <= enough {
        return;
    }
    let mut quiet: Vec<(Timestamp, K)> = map
        .iter()
        .filter(|(_, tries)| tries.open == 0)
        .filter_map(|(key, tries)| tries.failures.back().map(|last| (*last, *key)))
        .collect();
    let surplus = (map.len() - enough).min(quiet.len());
    if let Some(last) = surplus.checked_sub(1) {
        quiet.select_nth_unstable_by_key(last, |(at, _)| *at);
    }
    for (_, key) in quiet.iter().take(surplus) {
        map.remove(key);
    }
}

fn forget_if_empty<K: Eq + Hash>(map: &mut HashMap<K, Tries>, key: &K) {
    if map.get(key).is_some_and(Tries::is_empty) {
        map.remove(key);
    }
}

#[cfg(test)]
#[path = "tries_tests.rs"]
mod tests;
