//! What a macro's output depends on, as its author declares it.
//!
//! The words are MoinMoin's, plus `session` and `page`, and here each of them means something: which
//! macros are expanded once for everybody, which run on every view, and for how long an output holds.
//! A declaration decides about speed only. Privacy is decided by what a macro really touched
//! (`context.rs`), so a wrong declaration never shows one visitor's page to another.
//! Start reading at [`Dependency`].

use std::time::Duration;

/// One thing that an output depends on. No dependency at all: text and arguments of the page only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependency {
    /// The page that the call stands on: its name and its text.
    Page,
    /// Texts or changes of any pages of the wiki.
    Pages,
    /// Which pages exist.
    Namespace,
    /// The moment of the view.
    Time,
    /// The moment, but the output holds for this long (`time:300`).
    TimeFor(Duration),
    /// Who looks: name, rights, time zone.
    User,
    /// The language of the one who looks.
    Language,
    /// What the visitor's session holds.
    Session,
}

/// When a macro with certain dependencies has to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// Whenever the page is rendered: the output is part of the cached page.
    Once,
    /// Again when pages of the wiki change; until then the output is part of the cached page.
    WhenPagesChange,
    /// In a hole, but at most once in this time while it turns out to be the same for everybody.
    OncePer(Duration),
    /// In a hole, on every view.
    EachView,
}

/// A word in a dependency list that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no dependency; known are page, pages, namespace, time, time:SECONDS, user, language and session"
)]
pub struct UnknownDependency(pub String);

impl Dependency {
    /// Reads one word: `page`, `pages`, `namespace`, `time`, `time:300` (seconds), `user`, `language`,
    /// `session`. MoinMoin's `time24:00` (hours and minutes) is understood too.
    ///
    /// # Errors
    /// * [`UnknownDependency`] for any other word.
    pub fn parse(word: &str) -> Result<Dependency, UnknownDependency> {
        match word {
            "page" => Ok(Dependency::Page),
            "pages" => Ok(Dependency::Pages),
            "namespace" => Ok(Dependency::Namespace),
            "time" => Ok(Dependency::Time),
            "user" => Ok(Dependency::User),
            "language" => Ok(Dependency::Language),
            "session" => Ok(Dependency::Session),
            _ => period(word)
                .map(Dependency::TimeFor)
                .ok_or_else(|| UnknownDependency(word.to_owned())),
        }
    }

    /// When a macro that depends on this alone has to run.
    #[must_use]
    pub fn runs(self) -> Runs {
        match self {
            // The page's own text is what the cache is keyed by.
            Dependency::Page => Runs::Once,
            Dependency::Pages | Dependency::Namespace => Runs::WhenPagesChange,
            Dependency::TimeFor(period) if !period.is_zero() => Runs::OncePer(period),
            Dependency::Time
            | Dependency::TimeFor(_)
            | Dependency::User
            | Dependency::Language
            | Dependency::Session => Runs::EachView,
        }
    }
}

impl Runs {
    /// When a macro with all these dependencies has to run: the strictest of them decides.
    #[must_use]
    pub fn of(dependencies: &[Dependency]) -> Runs {
        dependencies.iter().fold(Runs::Once, |strictest, dependency| {
            strictest.and(dependency.runs())
        })
    }

    /// The stricter of two.
    #[must_use]
    pub fn and(self, other: Runs) -> Runs {
        match (self, other) {
            (Runs::OncePer(a), Runs::OncePer(b)) => Runs::OncePer(a.min(b)),
            (a, b) if a.strictness() >= b.strictness() => a,
            (_, b) => b,
        }
    }

    /// Whether such a macro leaves a hole in the cached page.
    #[must_use]
    pub fn leaves_a_hole(self) -> bool {
        matches!(self, Runs::OncePer(_) | Runs::EachView)
    }

    fn strictness(self) -> u8 {
        match self {
            Runs::Once => 0,
            Runs::WhenPagesChange => 1,
            Runs::OncePer(_) => 2,
            Runs::EachView => 3,
        }
    }
}

/// The period of `time:300` (seconds) or of `time24:00` (hours and minutes).
fn period(word: &str) -> Option<Duration> {
    let rest = word.strip_prefix("time")?;
    let seconds = match rest.strip_prefix(':') {
        Some(seconds) => whole_number(seconds)?,
        None => {
            let (hours, minutes) = rest.split_once(':')?;
            whole_number(hours)?.checked_mul(3600)? + whole_number(minutes)?.checked_mul(60)?
        }
    };
    Some(Duration::from_secs(seconds))
}

/// Digits only: `parse` alone would let a sign through. The bound keeps all arithmetic on periods safe.
fn whole_number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse::<u32>().ok().map(u64::from)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(words: &[&str]) -> Runs {
        let parsed: Vec<_> = words
            .iter()
            .map(|word| Dependency::parse(word).unwrap())
            .collect();
        Runs::of(&parsed)
    }

    #[test]
    fn a_macro_without_dependencies_runs_once() {
        assert_eq!(runs(&[]), Runs::Once);
        assert_eq!(runs(&["page"]), Runs::Once);
    }

    #[test]
    fn pages_and_namespace_run_when_pages_change() {
        assert_eq!(runs(&["pages"]), Runs::WhenPagesChange);
        assert_eq!(runs(&["namespace", "page"]), Runs::WhenPagesChange);
    }

    #[test]
    fn user_language_session_and_time_leave_a_hole() {
        for word in ["user", "language", "session", "time"] {
            assert_eq!(runs(&["pages", word]), Runs::EachView, "{word}");
            assert!(runs(&[word]).leaves_a_hole(), "{word}");
        }
    }

    #[test]
    fn a_period_holds_unless_something_stricter_stands_beside_it() {
        assert_eq!(runs(&["time:300"]), Runs::OncePer(Duration::from_secs(300)));
        assert_eq!(
            runs(&["time:300", "time:60"]),
            Runs::OncePer(Duration::from_secs(60))
        );
        assert_eq!(
            runs(&["time:300", "pages"]),
            Runs::OncePer(Duration::from_secs(300))
        );
        assert_eq!(runs(&["time:300", "session"]), Runs::EachView);
        assert_eq!(runs(&["time24:00"]), Runs::OncePer(Duration::from_secs(86_400)));
    }

    #[test]
    fn a_period_of_nothing_is_each_view() {
        assert_eq!(runs(&["time:0"]), Runs::EachView);
    }

    #[test]
    fn unknown_words_are_refused_by_name() {
        for word in [
            "Time",
            "users",
            "time:",
            "time:-1",
            "time:5m",
            "time:99999999999",
            "",
        ] {
            let refused = Dependency::parse(word).unwrap_err();
            assert!(refused.to_string().contains(&format!("\"{word}\"")), "{word}");
        }
    }
}
