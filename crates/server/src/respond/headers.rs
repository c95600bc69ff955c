//! The headers that every answer carries, whatever it answers.
//!
//! The policy is one table with a reason per line. Handlers never set these;
//! they only say what kind of answer they give. Names and values are checked when the
//! program is compiled, so an answer only copies them.

use actix_web::http::header::{self, HeaderName, HeaderValue};

/// What a page of ours may load. It starts from nothing; each relaxation says why.
pub const CONTENT_SECURITY_POLICY: &str = concat!(
    "default-src 'none'; ",    // whatever is not named below stays out
    "style-src 'self'; ",      // the theme's stylesheet; no inline style anywhere
    "script-src 'self'; ",     // the theme's one script; no inline script, so no nonce
    "img-src 'self' https:; ", // logo and attachments, and pictures that a page links to over TLS
    "media-src 'self'; ",      // attached sounds and films
    "font-src 'self'; ",       // fonts come with the theme or not at all
    "connect-src 'self'; ",    // the script talks to this wiki only
    "form-action 'self'; ",    // a page cannot send a form elsewhere
    "base-uri 'none'; ",       // nobody moves our relative links
    "frame-ancestors 'none'"   // nobody frames a wiki to catch clicks
);

/// The policy of an attached file: whatever it is, nothing in it runs and nothing is loaded for it.
pub const POLICY_OF_FILES: &str = "sandbox; default-src 'none'";

/// The same policy for a page whose form goes to one other origin: the login on its way to another host.
pub fn policy_with_form_target(origin: &str) -> String {
    CONTENT_SECURITY_POLICY.replace("form-action 'self'", &format!("form-action {origin}"))
}

/// A header by name and value.
pub type Header = (HeaderName, HeaderValue);

const fn header(name: HeaderName, value: &'static str) -> Header {
    (name, HeaderValue::from_static(value))
}

/// Headers of every answer.
pub static ALWAYS: [Header; 3] = [
    // A body is what we say it is.
    header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Page names stay inside; never `no-referrer`, which makes forms send `Origin: null`.
    header(header::REFERRER_POLICY, "same-origin"),
    // Nothing of ours is a resource for other sites.
    header(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-site",
    ),
];

/// Headers of every HTML answer, beside those above.
pub static HTML_ONLY: [Header; 4] = [
    header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    // For browsers that do not know frame-ancestors.
    header(header::X_FRAME_OPTIONS, "DENY"),
    // A wiki needs none of these.
    header(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    // Other origins get no handle on our windows.
    header(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// Browsers come back over https for a year once they have been here over https.
pub static STRICT_TRANSPORT_SECURITY: Header = header(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_starts_from_nothing_and_allows_no_inline_code() {
        assert!(CONTENT_SECURITY_POLICY.starts_with("default-src 'none'"));
        assert!(!CONTENT_SECURITY_POLICY.contains("unsafe"));
        assert!(CONTENT_SECURITY_POLICY.contains("frame-ancestors 'none'"));
    }

    #[test]
    fn a_form_to_another_origin_may_go_there_and_nowhere_else() {
        let policy = policy_with_form_target("https://notes.example.net");
        assert!(
            policy.contains("; form-action https://notes.example.net; "),
            "{policy}"
        );
        assert_eq!(
            policy.len() + "'self'".len(),
            CONTENT_SECURITY_POLICY.len() + "https://notes.example.net".len()
        );
    }

    #[test]
    fn no_header_is_sent_twice() {
        let all = ALWAYS
            .iter()
            .chain(&HTML_ONLY)
            .chain([&STRICT_TRANSPORT_SECURITY]);
        let mut names: Vec<_> = all.map(|(name, _)| name.as_str()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
