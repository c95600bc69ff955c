//! The query string's fields.
//!
//! Only the first field of a name counts, so that two parts of the program never
//! see two different values.

use grange_wiki::RevisionNumber;

/// The fields of a query string or of a form's body.
#[derive(Debug, Default, Clone)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `a=b&c=d` (application/x-www-form-urlencoded). Bytes that are no
    /// UTF-8 become replacement characters; nothing is an error.
    pub fn parse(encoded: &str) -> Fields {
        if encoded.is_empty() {
            return Fields::default();
        }
        Fields(serde_urlencoded::from_str(encoded).unwrap_or_default())
    }

    /// Fields that were read in another way, in their order.
    pub fn of(pairs: Vec<(String, String)>) -> Fields {
        Fields(pairs)
    }

    /// The first value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a field, or nothing at all.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or("")
    }

    /// Whether the field was sent, with whatever value: a ticked box, a pressed button.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A revision number; `None` when absent or no number.
    pub fn revision(&self, name: &str) -> Option<RevisionNumber> {
        self.get(name)?.trim().parse().ok()
    }

    /// Which part of a long list is asked for by `page`, counted from 1 there and from 0 here; the first where it is
    /// no number.
    pub fn part_number(&self) -> usize {
        let number = self.get("page").and_then(|number| number.parse::<u32>().ok());
        number.map_or(0, |number| number.saturating_sub(1) as usize)
    }

    /// All fields in order, for macros.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_two_equal_names_counts() {
        assert_eq!(Fields::parse("action=raw&action=edit").get("action"), Some("raw"));
    }

    #[test]
    fn junk_is_no_error() {
        for junk in ["", "&&&", "%", "%ff=%zz", "=", "a", "\u{0}"] {
            let _ = Fields::parse(junk);
        }
        assert!(Fields::parse("button_save").has("button_save"));
        assert_eq!(Fields::parse("rev=12").revision("rev"), Some(12));
        assert_eq!(Fields::parse("rev=-1").revision("rev"), None);
        for (query, part) in [
            ("", 0),
            ("page=3", 2),
            ("page=0", 0),
            ("page=-1", 0),
            ("page=99999999999", 0),
        ] {
            assert_eq!(Fields::parse(query).part_number(), part, "{query}");
        }
    }
}
