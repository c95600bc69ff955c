//! The browser's family, so that people recognise their sessions in a list.
//!
//! A family name of our own list is kept, never the User-Agent text: it identifies people, and it is
//! the visitor's to choose.

/// What a User-Agent says and the family it means; the first match wins, since Edge, Opera and Chrome
/// all claim to be Safari.
const FAMILIES: [(&str, &str); 12] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chromium", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("Lynx/", "Lynx"),
];

/// The family of a User-Agent header; "other" for all that we do not know.
pub(crate) fn browser_family(user_agent: Option<&str>) -> &'static str {
    let agent = user_agent.unwrap_or_default();
    FAMILIES
        .iter()
        .find(|(mark, _)| agent.contains(mark))
        .map_or("other", |(_, family)| family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_told_apart() {
        let webkit = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)";
        assert_eq!(
            browser_family(Some("Mozilla/5.0 (X11; rv:140.0) Gecko/20100101 Firefox/140.0")),
            "Firefox"
        );
        assert_eq!(
            browser_family(Some(&format!("{webkit} Chrome/140.0 Safari/537.36"))),
            "Chrome"
        );
        assert_eq!(
            browser_family(Some(&format!("{webkit} Chrome/140.0 Safari/537.36 Edg/140.0"))),
            "Edge"
        );
        assert_eq!(
            browser_family(Some(&format!("{webkit} Version/18.0 Safari/605.1.15"))),
            "Safari"
        );
        assert_eq!(browser_family(Some("<script>alert(1)</script>")), "other");
        assert_eq!(browser_family(None), "other");
    }
}
