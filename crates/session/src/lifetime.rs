//! How long sessions live: `cookie_lifetime` and its older spellings as pure functions.
//!
//! Hours go in as a person writes them (fractions allowed), whole seconds come out, rounded down; a
//! lifetime under a second is none. Nothing here reads a clock or a cookie. Start at
//! [`Lifetimes::from_pair`]; the tests below are one claim per rule.

use std::time::Duration;

use crate::identity::Remember;

/// The longest lifetime: browsers keep no cookie longer (RFC 6265bis, section 5.5). It is what
/// *remember me* means by "forever", renewed on use.
pub const FOREVER: Duration = Duration::from_secs(400 * DAY);

/// A logged-in session ends this long after login at the latest, unless it is made to live longer.
pub const DEFAULT_ABSOLUTE: Duration = Duration::from_secs(30 * DAY);

const DAY: u64 = 24 * 60 * 60;

/// The lifetimes of one wiki's sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifetimes {
    /// How long an anonymous session lives after its last use; `None` = there are none.
    pub anonymous: Option<Duration>,
    /// How long a logged-in session lives.
    pub logged_in: LoggedIn,
    /// `session_life_time`: idleness after which the server voids any session, whatever the cookie
    /// says; `None` = the cookie's lifetime.
    pub idle: Option<Duration>,
    /// `session_absolute_life_time`: how long after login a new login is due. Sessions with *remember
    /// me* are exempt up to 400 days.
    pub absolute: Duration,
}

/// The lifetime of logged-in sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoggedIn {
    /// Nobody can log in here.
    Disabled,
    /// Sessions live this long after their last use.
    Hours {
        /// The lifetime without *remember me*, in whole seconds.
        lifetime: Duration,
        /// Whether *remember me* makes it 400 days.
        remember: RememberOffer,
    },
}

/// Whether the login form has a *remember me* box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RememberOffer {
    /// It has, and ticking it means 400 days, renewed on use.
    Offered,
    /// It has not, and a box sent all the same is ignored.
    Ignored,
}

/// Why a lifetime cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum LifetimeError {
    /// It is NaN or infinite.
    #[error("{0} is not a number of hours")]
    NotANumber(f64),
    /// The anonymous lifetime is below zero.
    #[error("the lifetime of anonymous sessions cannot be negative ({0}); write 0 to disable them")]
    NegativeAnonymous(f64),
}

impl Lifetimes {
    /// `cookie_lifetime = [anonymous, logged_in]`, in hours.
    ///
    /// # Errors
    /// * [`LifetimeError::NotANumber`] for NaN and infinities;
    /// * [`LifetimeError::NegativeAnonymous`] for a negative first element.
    pub fn from_pair(anonymous: f64, logged_in: f64) -> Result<Lifetimes, LifetimeError> {
        let anonymous = anonymous_lifetime(anonymous)?;
        Ok(Lifetimes::new(anonymous, logged_in_lifetime(logged_in)?))
    }

    /// `cookie_lifetime = hours`, as MoinMoin 1.6 to 1.8 wrote it, with the anonymous lifetime from
    /// `anonymous_session_lifetime` or `anonymous_cookie_lifetime` where one was written. Here 0 means
    /// forever.
    ///
    /// # Errors
    /// As [`Lifetimes::from_pair`].
    pub fn from_scalar(hours: f64, anonymous: Option<f64>) -> Result<Lifetimes, LifetimeError> {
        let anonymous = anonymous_lifetime(anonymous.unwrap_or(0.0))?;
        let logged_in = match hours {
            0.0 => LoggedIn::Hours {
                lifetime: FOREVER,
                remember: RememberOffer::Ignored,
            },
            hours => logged_in_lifetime(hours)?,
        };
        Ok(Lifetimes::new(anonymous, logged_in))
    }

    fn new(anonymous: Option<Duration>, logged_in: LoggedIn) -> Lifetimes {
        let absolute = match logged_in {
            LoggedIn::Disabled => DEFAULT_ABSOLUTE,
            LoggedIn::Hours { lifetime, .. } => lifetime.max(DEFAULT_ABSOLUTE),
        };
        Lifetimes {
            anonymous,
            logged_in,
            idle: None,
            absolute,
        }
    }

    /// Whether the login form shows *remember me*.
    pub fn offers_remember_me(&self) -> bool {
        matches!(
            self.logged_in,
            LoggedIn::Hours {
                remember: RememberOffer::Offered,
                ..
            }
        )
    }

    /// Whether anybody can log in.
    pub fn allows_login(&self) -> bool {
        self.logged_in != LoggedIn::Disabled
    }

    /// Whether visitors who are not logged in can have a session.
    pub fn allows_anonymous(&self) -> bool {
        self.anonymous.is_some()
    }

    /// What a new anonymous session gets; `None` when there are none.
    pub fn for_visitor(&self) -> Option<SessionLifetime> {
        let cookie = self.anonymous?;
        Some(SessionLifetime {
            cookie,
            idle: self.idle.unwrap_or(cookie),
            absolute: None,
        })
    }

    /// What a new logged-in session gets; `None` when logging in is disabled.
    pub fn for_login(&self, remember: Remember) -> Option<SessionLifetime> {
        let LoggedIn::Hours { lifetime, .. } = self.logged_in else {
            return None;
        };
        let remembered = remember == Remember::Yes && self.offers_remember_me();
        let (lifetime, absolute) = match remembered {
            true => (FOREVER, self.absolute.max(FOREVER)),
            false => (lifetime, self.absolute),
        };
        // No browser need keep a cookie longer than its session can live.
        let cookie = Duration::from_secs(lifetime.min(absolute).as_secs());
        let idle = self.idle.unwrap_or(lifetime);
        let absolute = Some(absolute);
        Some(SessionLifetime {
            cookie,
            idle,
            absolute,
        })
    }
}

/// What one session lives by. It is kept in the session's record, so that a sibling wiki with other
/// settings neither shortens nor lengthens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLifetime {
    /// The cookie's Max-Age.
    pub cookie: Duration,
    /// Idleness that ends the session.
    pub idle: Duration,
    /// From login to the end whatever the use; `None` = no such limit (guests).
    pub absolute: Option<Duration>,
}

/// How often the use of a session is written down: at most every five minutes, and often enough that
/// a short idle time does not end a session in use.
pub fn touch_interval(idle: Duration) -> Duration {
    (idle / 10).min(Duration::from_secs(5 * 60))
}

fn anonymous_lifetime(hours: f64) -> Result<Option<Duration>, LifetimeError> {
    let lifetime = whole_seconds(hours)?;
    if hours < 0.0 {
        return Err(LifetimeError::NegativeAnonymous(hours));
    }
    Ok((!lifetime.is_zero()).then_some(lifetime))
}

fn logged_in_lifetime(hours: f64) -> Result<LoggedIn, LifetimeError> {
    let lifetime = whole_seconds(hours)?;
    let remember = if hours < 0.0 {
        RememberOffer::Ignored
    } else {
        RememberOffer::Offered
    };
    Ok(match lifetime.is_zero() {
        true => LoggedIn::Disabled,
        false => LoggedIn::Hours { lifetime, remember },
    })
}

/// The size of `hours` in whole seconds, rounded down, at most 400 days.
fn whole_seconds(hours: f64) -> Result<Duration, LifetimeError> {
    if !hours.is_finite() {
        return Err(LifetimeError::NotANumber(hours));
    }
    // A millionth of a second makes 0.29 h the 1044 s that were meant, and not the 1043 s that
    // binary fractions may make of it.
    let seconds = (hours.abs() * 3600.0 + 1e-6).floor();
    let seconds = seconds.min(FOREVER.as_secs_f64());
    Ok(Duration::from_secs(seconds as u64))
}

#[cfg(test)]
mod tests;
