//! Texts of rows that were read before: the same text is not read again.
//!
//! What a session is about never changes, and its values seldom do, so a view mostly finds texts in the row that it
//! knows, and takes what was made of them then. It is compared text by text; nothing here decides whether a row is in
//! force. Start at [`Readings::of`].

use std::sync::Arc;

use quick_cache::sync::Cache;

use crate::id::StoreKey;
use crate::record::About;
use crate::value::Values;

/// So many sessions are remembered. A session in use takes about a kilobyte here.
const REMEMBERED: usize = 4096;
/// A longer text is read anew each time, so that what is remembered is bounded in bytes too.
const LONGEST: usize = 4 << 10;

/// What was read from the rows of sessions.
pub(super) struct Readings(Cache<StoreKey, Arc<Reading>>);

/// What was made of two texts.
pub(super) struct Reading {
    about_text: Box<str>,
    values_text: Box<str>,
    pub(super) about: Arc<About>,
    pub(super) values: Arc<Values>,
}

impl Default for Readings {
    fn default() -> Readings {
        Readings(Cache::new(REMEMBERED))
    }
}

impl Readings {
    /// What these texts of a row mean; `None` where they mean nothing.
    pub(super) fn of(&self, key: &StoreKey, about: &str, values: &str) -> Option<Arc<Reading>> {
        let known = self.0.get(key);
        if let Some(same) = known
            .as_ref()
            .filter(|known| *known.about_text == *about && *known.values_text == *values)
        {
            return Some(Arc::clone(same));
        }
        let reading = Arc::new(Reading {
            about_text: about.into(),
            values_text: values.into(),
            about: match known.filter(|known| *known.about_text == *about) {
                Some(known) => Arc::clone(&known.about),
                None => Arc::new(serde_json::from_str(about).ok()?),
            },
            values: Arc::new(serde_json::from_str(values).ok()?),
        });
        if about.len() + values.len() <= LONGEST {
            self.0.insert(*key, Arc::clone(&reading));
        }
        Some(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Remember;
    use crate::store::sqlite::rows::about_text;
    use crate::testing::at;

    fn about_in(wiki: &str) -> String {
        let about = About {
            wiki: wiki.into(),
            identity: None,
            acting: None,
            remember: Remember::No,
            browser: "Firefox".into(),
            created: at(3),
            max_age: None,
            idle: 5,
            ends: None,
            link: None,
        };
        about_text(&about).unwrap()
    }

    fn key(byte: u8) -> StoreKey {
        StoreKey::from_parts([byte; 32], jiff::Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_same_texts_are_read_once() {
        let readings = Readings::default();
        let first = readings.of(&key(1), &about_in("w"), r#"{"a":1}"#).unwrap();
        let again = readings.of(&key(1), &about_in("w"), r#"{"a":1}"#).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
    }

    #[test]
    fn another_text_is_read_and_what_is_the_same_is_shared() {
        let readings = Readings::default();
        let first = readings.of(&key(1), &about_in("w"), r#"{"a":1}"#).unwrap();
        let next = readings.of(&key(1), &about_in("w"), r#"{"a":2}"#).unwrap();
        assert!(Arc::ptr_eq(&first.about, &next.about) && next.values != first.values);
        let other = readings.of(&key(1), &about_in("v"), r#"{"a":2}"#).unwrap();
        assert!(other.about != next.about);
    }

    #[test]
    fn what_is_no_json_is_nothing_however_often_it_is_asked() {
        let readings = Readings::default();
        for _ in 0..2 {
            assert!(readings.of(&key(1), &about_in("w"), "{").is_none());
        }
    }
}
