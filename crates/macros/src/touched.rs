//! What a macro really read or wrote, recorded as it happens.
//!
//! A declaration may be wrong; this is not. The context sets a mark whenever a macro asks it for
//! something that is not the same for everybody and for ever, and these marks, not the declared
//! dependencies, decide whether an output may be shown to anyone else.

/// Marks of what an expansion touched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent marks, each set by one method of the context"
)]
pub struct Touched {
    /// The visitor's session, reading included.
    pub session: bool,
    /// Who the viewer is, or an answer that depends on the viewer's rights or time zone.
    pub user: bool,
    /// The viewer's language.
    pub language: bool,
    /// The time of the view, chance, or another wiki.
    pub moment: bool,
    /// The address with which the page was asked for: its query, or its host in links to other wikis.
    pub address: bool,
    /// Other pages of the wiki: their texts, changes or existence.
    pub pages: bool,
}

impl Touched {
    /// Whether the output belongs to this visitor alone.
    #[must_use]
    pub fn is_private(self) -> bool {
        self.session || self.user
    }

    /// Whether everybody who looks at this moment sees the same.
    #[must_use]
    pub fn is_same_for_everybody(self) -> bool {
        !self.is_private() && !self.language && !self.address
    }

    /// Whether the output can be no part of a cached page, because it differs between views.
    #[must_use]
    pub fn differs_between_views(self) -> bool {
        !self.is_same_for_everybody() || self.moment
    }

    /// The marks of both.
    #[must_use]
    pub fn and(self, other: Touched) -> Touched {
        Touched {
            session: self.session || other.session,
            user: self.user || other.user,
            language: self.language || other.language,
            moment: self.moment || other.moment,
            address: self.address || other.address,
            pages: self.pages || other.pages,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_and_user_make_private_and_pages_do_not() {
        assert!(
            Touched {
                session: true,
                ..Touched::default()
            }
            .is_private()
        );
        assert!(
            Touched {
                user: true,
                ..Touched::default()
            }
            .is_private()
        );
        let pages = Touched {
            pages: true,
            ..Touched::default()
        };
        assert!(!pages.is_private() && !pages.differs_between_views());
    }

    #[test]
    fn time_and_language_differ_between_views_without_being_private() {
        for touched in [
            Touched {
                moment: true,
                ..Touched::default()
            },
            Touched {
                language: true,
                ..Touched::default()
            },
            Touched {
                address: true,
                ..Touched::default()
            },
        ] {
            assert!(touched.differs_between_views() && !touched.is_private());
        }
    }

    #[test]
    fn no_mark_is_lost_when_two_are_joined() {
        let one = Touched {
            session: true,
            moment: true,
            ..Touched::default()
        };
        let two = Touched {
            language: true,
            pages: true,
            ..Touched::default()
        };
        let both = one.and(two);
        assert!(both.session && both.moment && both.language && both.pages && !both.user);
    }
}
