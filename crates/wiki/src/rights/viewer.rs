//! Who looks at a page: plain data that the server fills in and the wiki only reads.
//!
//! It is not a session and not an account; it holds the few facts that rights, history and
//! wording need. While a superuser acts as somebody, `user_id` and `name` are that somebody's and
//! `real_name` is the superuser's.

/// The visitor on whose behalf something is read or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    /// The account, `None` for a guest.
    pub user_id: Option<String>,
    /// The account's name, as access control lists know it.
    pub name: Option<String>,
    /// The superuser's own name while acting as `name`.
    pub real_name: Option<String>,
    /// Logged in through a method that the farm trusts (the list entry `Trusted`).
    pub trusted: bool,
    /// Named in the wiki's `superuser`. This is no page right.
    pub superuser: bool,
    /// The network address, as text.
    pub address: Option<String>,
    /// The language to answer in, such as "en"; empty where nobody has chosen one.
    pub language: String,
    /// The IANA time zone to show times in; empty where nobody has chosen one.
    pub time_zone: String,
}

impl Viewer {
    /// A guest of whom nothing is known.
    pub fn anonymous() -> Viewer {
        Viewer::default()
    }

    /// Whether the visitor is logged in to an account (the list entry `Known`).
    pub fn is_known(&self) -> bool {
        self.user_id.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_is_not_known_not_trusted_and_no_superuser() {
        let guest = Viewer::anonymous();
        assert!(!guest.is_known() && !guest.trusted && !guest.superuser);
        assert_eq!(guest.name, None);
    }

    #[test]
    fn who_has_an_account_is_known() {
        let ann = Viewer {
            user_id: Some("1".into()),
            ..Viewer::anonymous()
        };
        assert!(ann.is_known());
    }
}
