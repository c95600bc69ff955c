//! Arithmetic on moments that cannot overflow or panic, in whole milliseconds as stores keep them.
//!
//! It deliberately does not read the clock: `now` is always a parameter.

use std::time::Duration;

use jiff::Timestamp;

/// How far clocks of several processes may differ.
pub(crate) const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// `moment` plus `span`; the end of time when that lies beyond it.
pub(crate) fn later(moment: Timestamp, span: Duration) -> Timestamp {
    from_millis(moment.as_millisecond().saturating_add(span_millis(span)))
}

/// `moment` minus `span`; the beginning of time when that lies before it.
pub(crate) fn earlier(moment: Timestamp, span: Duration) -> Timestamp {
    let millis = moment.as_millisecond().saturating_sub(span_millis(span));
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MIN)
}

/// The time from `from` to `to`; zero when `to` is not later, as after a clock that jumped.
pub(crate) fn between(from: Timestamp, to: Timestamp) -> Duration {
    let millis = to.as_millisecond().saturating_sub(from.as_millisecond());
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// Whether `moment` lies so far ahead of `now` that no difference between clocks explains it: it was written down
/// while a clock was wrong.
pub(crate) fn is_from_the_future(moment: Timestamp, now: Timestamp) -> bool {
    between(now, moment) > CLOCK_SKEW
}

/// A span in milliseconds, at most what `i64` holds.
pub(crate) fn span_millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// A moment kept as milliseconds; the end of time when out of range.
pub(crate) fn from_millis(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

/// Moments as a number of milliseconds in JSON.
pub(crate) mod millis {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(moment: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(moment.as_millisecond())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let millis = i64::deserialize(from)?;
        Timestamp::from_millisecond(millis).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_never_overflow() {
        assert_eq!(later(Timestamp::MAX, Duration::MAX), Timestamp::MAX);
        assert_eq!(earlier(Timestamp::MIN, Duration::MAX), Timestamp::MIN);
        assert_eq!(between(Timestamp::MAX, Timestamp::MIN), Duration::ZERO);
    }

    #[test]
    fn five_minutes_ahead_is_another_clock_and_more_is_a_wrong_one() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        assert!(!is_from_the_future(later(now, CLOCK_SKEW), now));
        assert!(is_from_the_future(
            later(now, CLOCK_SKEW + Duration::from_millis(1)),
            now
        ));
        assert!(!is_from_the_future(Timestamp::MIN, now));
    }

    #[test]
    fn later_and_between_are_inverse_in_whole_milliseconds() {
        let start = Timestamp::from_second(1_700_000_000).unwrap();
        let end = later(start, Duration::from_millis(1234));
        assert_eq!(between(start, end), Duration::from_millis(1234));
        assert_eq!(earlier(end, Duration::from_millis(1234)), start);
    }
}
