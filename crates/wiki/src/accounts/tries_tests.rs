//! The counting itself: who is the same customer, what is forgotten, how much is remembered.
//!
//! Plain calls with times made up in milliseconds; the flood at the end is as large as it is
//! because the bounds are.

use super::*;

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_750_000_000_000 + milliseconds).unwrap()
}

fn block(address: &str) -> AddressBlock {
    AddressBlock::of(address.parse().unwrap())
}

fn key(name: u64, address: &str) -> Key {
    Key {
        name,
        address: block(address),
    }
}

fn fail(tally: &mut Tally, key: &Key, now: Timestamp) {
    assert_eq!(tally.enter(key, now), Answer::Enter);
    tally.leave(key, Outcome::Failure, now);
}

#[test]
fn an_ipv6_customer_is_a_64_and_an_ipv4_one_an_address() {
    assert_eq!(
        block("2001:db8:1:2::1"),
        block("2001:db8:1:2:ffff:ffff:ffff:ffff")
    );
    assert_ne!(block("2001:db8:1:2::1"), block("2001:db8:1:3::1"));
    assert_ne!(block("192.0.2.1"), block("192.0.2.2"));
}

#[test]
fn ipv4_inside_ipv6_is_ipv4() {
    assert_eq!(block("::ffff:192.0.2.1"), block("192.0.2.1"));
    assert_ne!(block("::ffff:192.0.2.1"), block("::ffff:192.0.2.2"));
}

#[test]
fn part_of_a_second_is_a_whole_one_to_wait() {
    let mut tally = Tally::default();
    let mia = key(1, "192.0.2.1");
    (0..5).for_each(|_| fail(&mut tally, &mia, at(0)));
    assert_eq!(tally.enter(&mia, at(500)), Answer::Refused { retry_after: 900 });
    assert_eq!(tally.enter(&mia, at(899_999)), Answer::Refused { retry_after: 1 });
    assert_eq!(tally.enter(&mia, at(900_000)), Answer::Enter);
}

#[test]
fn the_longer_of_two_closed_doors_is_named() {
    let mut tally = Tally::default();
    (0..45).for_each(|name| fail(&mut tally, &key(100 + name, "192.0.2.1"), at(0)));
    let mia = key(1, "192.0.2.1");
    (0..5).for_each(|_| fail(&mut tally, &mia, at(60_000)));
    assert_eq!(
        tally.enter(&mia, at(60_000)),
        Answer::Refused { retry_after: 900 }
    );
    assert_eq!(
        tally.enter(&key(2, "192.0.2.1"), at(60_000)),
        Answer::Refused { retry_after: 840 }
    );
}

#[test]
fn a_clock_that_is_set_back_closes_no_door_for_ever() {
    let mut tally = Tally::default();
    let mia = key(1, "192.0.2.1");
    (0..5).for_each(|_| fail(&mut tally, &mia, at(3_600_000)));
    assert!(matches!(tally.enter(&mia, at(0)), Answer::Refused { .. }));
    assert_eq!(tally.enter(&mia, at(3_600_000 + 900_000)), Answer::Enter);
}

#[test]
fn what_came_to_nothing_leaves_nothing_behind() {
    let mut tally = Tally::default();
    let mia = key(1, "192.0.2.1");
    for outcome in [Outcome::Nothing, Outcome::ClearPair] {
        assert_eq!(tally.enter(&mia, at(0)), Answer::Enter);
        tally.leave(&mia, outcome, at(0));
        assert!(tally.pairs.is_empty() && tally.addresses.is_empty());
    }
    assert_eq!(tally.enter(&mia, at(0)), Answer::Enter);
    tally.leave(&mia, Outcome::ClearPairCountAddress, at(0));
    assert!(tally.pairs.is_empty());
    assert_eq!(tally.addresses.len(), 1);
}

#[test]
fn open_tries_hold_their_places() {
    let mut tally = Tally::default();
    let mia = key(1, "192.0.2.1");
    (0..3).for_each(|_| fail(&mut tally, &mia, at(0)));
    assert_eq!(tally.enter(&mia, at(0)), Answer::Enter);
    assert_eq!(tally.enter(&mia, at(0)), Answer::Enter);
    assert_eq!(tally.enter(&mia, at(0)), Answer::WaitForOthers);
    tally.leave(&mia, Outcome::Nothing, at(0));
    assert_eq!(tally.enter(&mia, at(0)), Answer::Enter);
}

#[test]
fn a_flood_from_many_addresses_takes_bounded_memory_and_spares_the_latest() {
    let mut tally = Tally::default();
    for number in 0..200_000_u32 {
        let address = IpAddr::from(number.to_be_bytes());
        let key = Key {
            name: u64::from(number),
            address: AddressBlock::of(address),
        };
        fail(&mut tally, &key, at(i64::from(number) / 1000));
    }
    assert!(tally.pairs.len() <= MOST_PAIRS);
    assert!(tally.addresses.len() <= MOST_ADDRESSES);
    let latest = AddressBlock::of(IpAddr::from(199_999_u32.to_be_bytes()));
    assert!(tally.addresses.contains_key(&latest));
    assert!(tally.pairs.contains_key(&Key {
        name: 199_999,
        address: latest
    }));
}

#[test]
fn what_no_longer_counts_is_forgotten_before_what_does() {
    let mut map: HashMap<u32, Tries> = HashMap::new();
    for number in 0..8 {
        let failed = if number < 3 { at(0) } else { at(800_000) };
        room_for(&mut map, &number, 8, failed).count_failure(PAIR_LIMIT, failed);
    }
    room_for(&mut map, &8, 8, at(900_000)).open += 1;
    let mut left: Vec<u32> = map.into_keys().collect();
    left.sort_unstable();
    assert_eq!(left, [3, 4, 5, 6, 7, 8]);
}

#[test]
fn an_open_try_is_never_forgotten() {
    let mut map: HashMap<u32, Tries> = HashMap::new();
    for number in 0..8 {
        let tries = room_for(&mut map, &number, 8, at(0));
        tries.count_failure(PAIR_LIMIT, at(i64::from(number)));
        tries.open += usize::from(number == 0);
    }
    room_for(&mut map, &8, 8, at(10)).open += 1;
    assert!(map.contains_key(&0) && map.contains_key(&8));
    assert!(!map.contains_key(&1) && !map.contains_key(&2));
    assert!(map.contains_key(&7));
}

#[test]
fn failures_noted_while_the_clock_was_ahead_close_the_door_for_a_quarter_of_an_hour_and_no_longer() {
    let year = 365 * 24 * 60 * 60 * 1000;
    let mut tally = Tally::default();
    let mia = key(1, "192.0.2.1");
    (0..5).for_each(|_| fail(&mut tally, &mia, at(year)));
    assert_eq!(tally.enter(&mia, at(0)), Answer::Refused { retry_after: 900 });
    assert_eq!(tally.enter(&mia, at(899_999)), Answer::Refused { retry_after: 1 });
    assert_eq!(tally.enter(&mia, at(900_000)), Answer::Enter);
}

#[test]
fn a_failure_that_another_clock_puts_five_minutes_ahead_keeps_its_moment() {
    let mut tally = Tally::default();
    let mia = key(1, "192.0.2.1");
    (0..5).for_each(|_| fail(&mut tally, &mia, at(300_000)));
    assert_eq!(tally.enter(&mia, at(0)), Answer::Refused { retry_after: 1200 });
}
