//! Passwords inside URLs, hidden wherever settings or lines of a file are shown.

use std::ops::Range;

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
        let mut done = 0;
        for password in [in_credentials(url), in_query(url)].into_iter().flatten() {
            let Some(before) = url.get(done..password.start) else {
                continue;
            };
            shown.push_str(before);
            shown.push_str(&cover(url.get(password.clone()).unwrap_or_default()));
            done = password.end;
        }
        shown.push_str(url.get(done..).unwrap_or_default());
        rest = behind;
    }
    shown.push_str(rest);
    shown
}

/// Where the password of `USER:PASSWORD@HOST` stands.
fn in_credentials(url: &str) -> Option<Range<usize>> {
    let colon = url.find(':')?;
    if url.find('/').is_some_and(|slash| slash < colon) {
        return None;
    }
    let start = colon + 1;
    let end = match url.rfind('@') {
        Some(end) if end >= start => end,
        Some(_) => return None,
        // Without an `@` what follows is a port, or a password whose host was forgotten.
        None if is_port(url.get(start..)?) => return None,
        None => url.len(),
    };
    is_secret(url.get(start..end)?).then_some(start..end)
}

/// Where the password of `?password=PASSWORD` stands.
fn in_query(url: &str) -> Option<Range<usize>> {
    let start = url.rfind("password=")? + "password=".len();
    let end = url
        .get(start..)?
        .find('&')
        .map_or(url.len(), |length| start + length);
    is_secret(url.get(start..end)?).then_some(start..end)
}

/// A `${NAME}` is none.
fn is_secret(password: &str) -> bool {
    let is_variable = password.starts_with("${") && password.find('}') == Some(password.len() - 1);
    !password.is_empty() && !is_variable
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
            (
                "postgres://u@h/d?password=pw@x&sslmode=require",
                "postgres://u@h/d?password=***&sslmode=require",
            ),
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
