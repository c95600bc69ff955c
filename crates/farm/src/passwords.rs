//! Passwords inside URLs, hidden wherever settings or lines of a file are shown.

/// The text with the password of each URL in it written as `***`; a `${NAME}` stays.
pub(crate) fn hidden(text: &str) -> String {
    replaced(text, |_| "***".to_owned())
}

/// The same with as many bytes as before, so that positions in the text keep their meaning.
pub(crate) fn covered(text: &str) -> String {
    replaced(text, |password| "*".repeat(password.len()))
}

fn replaced(text: &str, cover: impl Fn(&str) -> String) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
        let (url, behind) = after.split_at(after.find(is_end).unwrap_or(after.len()));
        match password_in(url) {
            Some((user, password, place)) => {
                shown.push_str(user);
                shown.push_str(&cover(password));
                shown.push_str(place);
            }
            None => shown.push_str(url),
        }
        rest = behind;
    }
    shown.push_str(rest);
    shown
}

/// What stands before, in and behind the password.
fn password_in(url: &str) -> Option<(&str, &str, &str)> {
    let colon = url
        .find(':')
        .filter(|at| url.find('/').is_none_or(|slash| *at < slash))?
        + 1;
    let end = match url.rfind('@') {
        Some(end) if end >= colon => end,
        Some(_) => return None,
        // Without an `@` what follows is a port, or a password whose host was forgotten.
        None if is_port(url.get(colon..)?) => return None,
        None => url.len(),
    };
    let password = url.get(colon..end)?;
    let is_variable = password.starts_with("${") && password.find('}') == Some(password.len() - 1);
    (!password.is_empty() && !is_variable).then_some((url.get(..colon)?, password, url.get(end..)?))
}

fn is_port(text: &str) -> bool {
    let end = text.find(['/', ',', '?']).unwrap_or(text.len());
    let is_bracketed = text.contains(']');
    is_bracketed || text.chars().take(end).all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden_and_nothing_else() {
        for (text, shown) in [
            ("redis://:pw@h/1", "redis://:***@h/1"),
            (
                "x = \"redis://u:p/w@x@h\" # \"postgres://u:pw@h/d\"",
                "x = \"redis://u:***@h\" # \"postgres://u:***@h/d\"",
            ),
            ("redis://:${PW}@h", "redis://:${PW}@h"),
            ("redis://:a${PW}@h", "redis://:***@h"),
            ("redis://user:secret", "redis://user:***"),
        ] {
            assert_eq!(hidden(text), shown);
            assert_eq!(covered(text).len(), text.len());
            assert!(!covered(text).contains("pw@") && !covered(text).contains("secret"));
        }
        for same in [
            "redis://h:6379/0",
            "redis://a:1,b:2",
            "rediss://[::1]:7",
            "https://x.org/a:b",
            "redis://u@h:1",
            "a: b",
        ] {
            assert_eq!(hidden(same), same);
        }
    }
}
