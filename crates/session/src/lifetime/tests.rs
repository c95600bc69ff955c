//! One claim per rule of `cookie_lifetime`, its older spellings, idle time and absolute limit.
//!
//! Deliberately without a handler or a cookie: what the rules do to a session is told in the handler's tests.

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

fn pair(anonymous: f64, logged_in: f64) -> Lifetimes {
    Lifetimes::from_pair(anonymous, logged_in).unwrap()
}

fn login_cookie(lifetimes: &Lifetimes, remember: Remember) -> Option<Duration> {
    lifetimes.for_login(remember).map(|lifetime| lifetime.cookie)
}

#[test]
fn the_default_pair_means_no_anonymous_sessions_and_twelve_hours() {
    let lifetimes = pair(0.0, 12.0);
    assert!(!lifetimes.allows_anonymous());
    assert_eq!(lifetimes.for_visitor(), None);
    assert_eq!(login_cookie(&lifetimes, Remember::No), Some(12 * HOUR));
}

#[test]
fn a_positive_first_element_is_the_anonymous_lifetime_in_hours() {
    assert_eq!(pair(1.0, 12.0).for_visitor().unwrap().cookie, HOUR);
}

#[test]
fn fractions_of_hours_count() {
    let lifetimes = pair(0.01, 0.5);
    assert_eq!(lifetimes.anonymous, Some(Duration::from_secs(36)));
    assert_eq!(
        login_cookie(&lifetimes, Remember::No),
        Some(Duration::from_secs(1800))
    );
}

#[test]
fn seconds_are_rounded_down() {
    assert_eq!(pair(0.0999, 1.0).anonymous, Some(Duration::from_secs(359)));
}

#[test]
fn decimal_hours_that_mean_whole_seconds_lose_none() {
    for second in 1..=7200_u32 {
        let hours = f64::from(second) / 3600.0;
        assert_eq!(
            pair(hours, 1.0).anonymous,
            Some(Duration::from_secs(second.into())),
            "{hours}"
        );
    }
    assert_eq!(pair(0.29, 1.0).anonymous, Some(Duration::from_secs(1044)));
}

#[test]
fn a_negative_anonymous_lifetime_is_an_error() {
    assert_eq!(
        Lifetimes::from_pair(-1.0, 12.0),
        Err(LifetimeError::NegativeAnonymous(-1.0))
    );
    assert_eq!(
        Lifetimes::from_scalar(12.0, Some(-0.5)),
        Err(LifetimeError::NegativeAnonymous(-0.5))
    );
    assert!(Lifetimes::from_pair(-0.00001, 12.0).is_err());
}

#[test]
fn not_a_number_and_infinity_are_errors() {
    for strange in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(Lifetimes::from_pair(strange, 12.0).is_err());
        assert!(Lifetimes::from_pair(0.0, strange).is_err());
        assert!(Lifetimes::from_scalar(strange, None).is_err());
    }
}

#[test]
fn a_positive_second_element_offers_remember_me_which_means_400_days() {
    let lifetimes = pair(0.0, 12.0);
    assert!(lifetimes.offers_remember_me());
    assert_eq!(login_cookie(&lifetimes, Remember::Yes), Some(FOREVER));
    assert_eq!(FOREVER.as_secs(), 34_560_000);
}

#[test]
fn a_negative_second_element_is_that_many_hours_and_ignores_remember_me() {
    let lifetimes = pair(0.0, -3.0);
    assert!(!lifetimes.offers_remember_me());
    assert!(lifetimes.allows_login());
    assert_eq!(login_cookie(&lifetimes, Remember::No), Some(3 * HOUR));
    assert_eq!(login_cookie(&lifetimes, Remember::Yes), Some(3 * HOUR));
}

#[test]
fn a_second_element_of_zero_disables_logging_in() {
    let lifetimes = pair(1.0, 0.0);
    assert!(!lifetimes.allows_login() && !lifetimes.offers_remember_me());
    assert_eq!(login_cookie(&lifetimes, Remember::Yes), None);
    assert!(lifetimes.allows_anonymous());
}

#[test]
fn less_than_a_second_is_no_lifetime() {
    let lifetimes = pair(0.0001, 0.0002);
    assert!(!lifetimes.allows_anonymous() && !lifetimes.allows_login());
    assert!(!pair(0.0, -0.0002).allows_login());
}

#[test]
fn no_lifetime_is_longer_than_400_days() {
    let lifetimes = pair(200_000.0, 200_000.0);
    assert_eq!(lifetimes.anonymous, Some(FOREVER));
    assert_eq!(login_cookie(&lifetimes, Remember::No), Some(FOREVER));
}

#[test]
fn the_scalar_above_zero_is_that_many_hours_or_forever() {
    let lifetimes = Lifetimes::from_scalar(12.0, None).unwrap();
    assert_eq!(lifetimes, pair(0.0, 12.0));
    assert_eq!(login_cookie(&lifetimes, Remember::Yes), Some(FOREVER));
}

#[test]
fn the_scalar_below_zero_is_that_many_hours_without_remember_me() {
    assert_eq!(Lifetimes::from_scalar(-12.0, None).unwrap(), pair(0.0, -12.0));
}

#[test]
fn the_scalar_zero_is_forever_without_remember_me() {
    let lifetimes = Lifetimes::from_scalar(0.0, None).unwrap();
    assert_eq!(lifetimes, pair(0.0, -9600.0));
    assert_eq!(login_cookie(&lifetimes, Remember::No), Some(FOREVER));
    assert!(!lifetimes.offers_remember_me());
}

#[test]
fn the_scalar_zero_has_no_absolute_limit_below_400_days() {
    let lifetime = Lifetimes::from_scalar(0.0, None)
        .unwrap()
        .for_login(Remember::No)
        .unwrap();
    assert_eq!(lifetime.absolute, Some(FOREVER));
}

#[test]
fn the_older_anonymous_keys_are_the_first_element() {
    assert_eq!(Lifetimes::from_scalar(12.0, Some(0.5)).unwrap(), pair(0.5, 12.0));
    assert_eq!(
        Lifetimes::from_scalar(0.0, Some(2.0)).unwrap().anonymous,
        Some(2 * HOUR)
    );
}

#[test]
fn the_default_absolute_limit_is_the_larger_of_30_days_and_the_lifetime() {
    assert_eq!(pair(0.0, 12.0).absolute, DEFAULT_ABSOLUTE);
    assert_eq!(pair(0.0, 24.0 * 60.0).absolute, 24 * 60 * HOUR);
    assert_eq!(pair(0.0, 0.0).absolute, DEFAULT_ABSOLUTE);
}

#[test]
fn remember_me_is_exempt_from_the_absolute_limit_up_to_400_days() {
    let lifetimes = pair(0.0, 12.0);
    assert_eq!(
        lifetimes.for_login(Remember::Yes).unwrap().absolute,
        Some(FOREVER)
    );
    assert_eq!(
        lifetimes.for_login(Remember::No).unwrap().absolute,
        Some(DEFAULT_ABSOLUTE)
    );
}

#[test]
fn a_cookie_is_not_kept_beyond_the_absolute_limit() {
    let mut lifetimes = pair(0.0, 12.0);
    lifetimes.absolute = 2 * HOUR;
    assert_eq!(login_cookie(&lifetimes, Remember::No), Some(2 * HOUR));
    assert_eq!(login_cookie(&lifetimes, Remember::Yes), Some(FOREVER));
}

#[test]
fn guests_have_no_absolute_limit() {
    assert_eq!(pair(1.0, 12.0).for_visitor().unwrap().absolute, None);
}

#[test]
fn the_idle_time_is_the_cookie_lifetime_unless_session_life_time_is_given() {
    let mut lifetimes = pair(1.0, 12.0);
    assert_eq!(lifetimes.for_visitor().unwrap().idle, HOUR);
    assert_eq!(lifetimes.for_login(Remember::Yes).unwrap().idle, FOREVER);
    lifetimes.idle = Some(Duration::from_secs(600));
    assert_eq!(lifetimes.for_visitor().unwrap().idle.as_secs(), 600);
    assert_eq!(lifetimes.for_login(Remember::Yes).unwrap().idle.as_secs(), 600);
    assert_eq!(login_cookie(&lifetimes, Remember::No), Some(12 * HOUR));
}

#[test]
fn a_session_in_use_outlives_an_idle_time_of_any_length() {
    assert_eq!(touch_interval(12 * HOUR).as_secs(), 300);
    assert_eq!(touch_interval(Duration::from_secs(300)).as_secs(), 30);
    assert_eq!(touch_interval(Duration::from_secs(36)).as_millis(), 3600);
}
