//! The mail address of an account: checked for what would break a mail, not for existence.
//!
//! The empty address is allowed everywhere and means "none". Whether mail arrives is found out by
//! sending some, which is not done here.

/// Longest address that SMTP can carry (RFC 5321, with the angle brackets left out).
const MAX_BYTES: usize = 254;

/// Why a text is no mail address; the text of the error is for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// It does not have the form `name@host`.
    #[error("This is not an email address. It can also be left empty.")]
    Malformed,
    /// Longer than any mail server takes.
    #[error("This email address is too long.")]
    TooLong,
}

/// Checks an address; blanks around it are dropped, and an empty one is `None`.
///
/// # Errors
/// * [`EmailError::TooLong`]: more than 254 bytes.
/// * [`EmailError::Malformed`]: not `name@host`, or with blanks, control characters, commas or
///   angle brackets, which could smuggle a second recipient into a mail.
pub fn check_email(text: &str) -> Result<Option<String>, EmailError> {
    let address = text.trim();
    if address.is_empty() {
        return Ok(None);
    }
    if address.len() > MAX_BYTES {
        return Err(EmailError::TooLong);
    }
    let (name, host) = address.rsplit_once('@').ok_or(EmailError::Malformed)?;
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>' | '"');
    if name.is_empty() || name.contains('@') || host.is_empty() || address.contains(forbidden) {
        return Err(EmailError::Malformed);
    }
    Ok(Some(address.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_is_an_answer() {
        assert_eq!(check_email(""), Ok(None));
        assert_eq!(check_email("  "), Ok(None));
    }

    #[test]
    fn ordinary_addresses_are_kept_as_typed() {
        for address in [
            "mia@example.org",
            "Mia.Berg+wiki@mail.example.org",
            "mia@localhost",
            "м@пример.рф",
        ] {
            assert_eq!(check_email(address), Ok(Some(address.to_owned())));
        }
        assert_eq!(
            check_email(" mia@example.org\n"),
            Ok(Some("mia@example.org".to_owned()))
        );
    }

    #[test]
    fn what_could_break_a_mail_is_refused() {
        for text in [
            "mia",
            "@example.org",
            "mia@",
            "a@b@c",
            "mia@x.org,tom@y.org",
            "mia @x.org",
            "a\r\nBcc:b@c.org",
            "<m@x.org>",
        ] {
            assert_eq!(check_email(text), Err(EmailError::Malformed), "{text:?}");
        }
        assert_eq!(
            check_email(&format!("{}@x.org", "m".repeat(260))),
            Err(EmailError::TooLong)
        );
    }
}
