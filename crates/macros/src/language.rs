//! Which language a visitor's browser asks for (RFC 9110 section 12.5.4).
//!
//! The interface speaks English so far; macros that can speak more are told what is wanted. What stands in the
//! header is a stranger's text, so only what is a language tag is believed.

/// RFC 5646 section 4.4.1 asks to allow for this many characters.
const LONGEST_TAG: usize = 35;
/// Nobody reads more languages than this.
const MOST_TAGS: usize = 16;

/// All tags, those with the highest weight first; what is refused (`q=0`) or no tag is left out.
pub fn wanted_languages(accept_language: &str) -> Vec<&str> {
    let mut wanted: Vec<(&str, f32)> = accept_language
        .split(',')
        .map(tag_and_weight)
        .filter(|(tag, weight)| *weight > 0.0 && is_language_tag(tag))
        .take(MOST_TAGS)
        .collect();
    // Stable: the first among equals stays the first.
    wanted.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    wanted.into_iter().map(|(tag, _)| tag).collect()
}

/// The tag with the highest weight, the first among equals; nothing where none is asked for.
pub fn wanted_language(accept_language: &str) -> Option<&str> {
    let mut best = None;
    for (tag, weight) in accept_language.split(',').map(tag_and_weight) {
        let heaviest = best.map_or(0.0, |(_, heaviest)| heaviest);
        if weight > heaviest && is_language_tag(tag) {
            best = Some((tag, weight));
        }
    }
    best.map(|(tag, _)| tag)
}

fn tag_and_weight(entry: &str) -> (&str, f32) {
    let mut parts = entry.split(';');
    let tag = parts.next().unwrap_or("").trim();
    let weight = match parts.find_map(|part| part.trim().strip_prefix("q=")) {
        Some(written) => written.trim().parse::<f32>().unwrap_or(0.0),
        None => 1.0,
    };
    (tag, weight)
}

fn is_language_tag(text: &str) -> bool {
    let is_subtag = |subtag: &str| {
        (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    text.len() <= LONGEST_TAG
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.split('-').all(is_subtag)
}

#[cfg(test)]
mod tests {
    use super::{wanted_language, wanted_languages};

    #[test]
    fn the_highest_weight_wins_and_the_first_among_equals() {
        assert_eq!(wanted_language("de-CH"), Some("de-CH"));
        assert_eq!(wanted_language("fr, de"), Some("fr"));
        assert_eq!(wanted_language("en;q=0.5, de;q=0.8 , fr;q=0.7"), Some("de"));
    }

    #[test]
    fn all_are_told_the_most_wanted_first() {
        let all = wanted_languages("de;q=0.5, ru, <b>, en;q=0, ru-RU;q=0.9");
        assert_eq!(all, ["ru", "ru-RU", "de"]);
    }

    #[test]
    fn what_is_refused_or_means_any_is_no_wish() {
        for header in ["", "*", "de;q=0", "*;q=0.5", "de;q=much", ","] {
            assert_eq!(wanted_language(header), None, "{header:?}");
        }
        assert_eq!(wanted_language("*, sv;q=0.1"), Some("sv"));
    }

    #[test]
    fn what_is_no_tag_is_not_believed() {
        for header in [
            "<script>",
            "../de",
            "de\u{e4}",
            "en--us",
            "a-very-long-language-tag-that-nobody-has-registered",
            "1de",
        ] {
            assert_eq!(wanted_language(header), None, "{header:?}");
        }
    }
}
