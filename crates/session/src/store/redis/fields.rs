//! Records as hashes: which field holds what, and how it is read back.
//!
//! The letters are those of scripts/common/record.lua. Keys and values of the dict stand there as JSON, so that the
//! scripts can count bytes as the limits do and put a record together without knowing what it says. A hash that
//! cannot be read is `None`: whoever asked says what that means.

use std::sync::Arc;

use jiff::Timestamp;
use redis::Value as Answer;

use crate::moment;
use crate::realm::Realm;
use crate::record::{About, Record};
use crate::store::generation::subject_of;
use crate::store::{SessionSummary, StoreError, written};
use crate::trail::TrailEntry;
use crate::value::{Value, Values};
use crate::{StoreKey, delta::Delta};

/// A record's fields and their values in turn, for a script that inserts it.
pub(super) fn of_record(key: &StoreKey, record: &Record) -> Result<Vec<Vec<u8>>, StoreError> {
    let trail: Vec<String> = record.trail.iter().map(visit).collect::<Result<_, _>>()?;
    let about = &record.about;
    let mut fields = vec![
        ("a", written::about_text(about).map_err(StoreError::down)?),
        ("i", millis(key.issued())),
        ("s", millis(record.seen)),
        ("c", record.cookie_until.map(millis).unwrap_or_default()),
        ("u", millis(record.verifies_until)),
        ("d", moment::span_millis(record.grace()).to_string()),
        (
            "x",
            about
                .ends
                .map(|ends| millis(moment::from_millis(ends)))
                .unwrap_or_default(),
        ),
        ("o", subject_of(record.user_id())),
        ("t", trail.join("\n")),
    ];
    let mut bytes = 0;
    let mut values = Vec::new();
    for (key, value) in record.values.iter() {
        let (field, text) = (value_field(key)?, json(value)?);
        // A letter stands in front of the key where JSON has a colon behind it.
        bytes += field.len() + text.len();
        values.push((field, text));
    }
    fields.push(("k", values.len().to_string()));
    fields.push(("b", bytes.to_string()));
    let fields = fields.into_iter().map(|(name, text)| (name.to_owned(), text));
    Ok(fields
        .chain(values)
        .flat_map(|(name, text)| [name.into_bytes(), text.into_bytes()])
        .collect())
}

/// A delta's visits, a line each.
pub(super) fn visits(delta: &Delta) -> Result<Vec<String>, StoreError> {
    delta.visits.iter().map(visit).collect()
}

/// The field of a value: a letter and its key as JSON.
pub(super) fn value_field(key: &str) -> Result<String, StoreError> {
    let mut field = serde_json::to_string(key).map_err(StoreError::down)?;
    field.insert(0, 'v');
    Ok(field)
}

/// A value as the store keeps it.
pub(super) fn json(value: &Value) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::down)
}

/// A moment as the scripts read it.
pub(super) fn millis(moment: Timestamp) -> String {
    moment.as_millisecond().to_string()
}

/// The record that scripts/load.lua answers.
pub(super) fn to_record(text: &[u8], realm: &Realm) -> Option<Record> {
    type Parts = (About, i64, Option<i64>, i64, Vec<TrailEntry>, Values);
    let (about, seen, cookie_until, verifies_until, trail, values): Parts =
        serde_json::from_slice(text).ok()?;
    Some(Record {
        realm: *realm,
        about: Arc::new(about),
        seen: moment::from_millis(seen),
        cookie_until: cookie_until.map(moment::from_millis),
        verifies_until: moment::from_millis(verifies_until),
        values: Arc::new(values),
        trail: Arc::new(trail),
    })
}

/// What a list shows of a record: its `about`, when it was seen last, when its id was issued.
pub(super) fn to_summary(answer: &Answer, hex: &str, realm: &Realm) -> Option<SessionSummary> {
    let Answer::Array(parts) = answer else { return None };
    let [about, seen, issued] = parts.as_slice() else {
        return None;
    };
    let about = Arc::new(serde_json::from_str(text_of(about)?).ok()?);
    let record = Record {
        realm: *realm,
        about,
        seen: to_moment(text_of(seen)?)?,
        cookie_until: None,
        verifies_until: Timestamp::MIN,
        values: Arc::default(),
        trail: Arc::default(),
    };
    let key = StoreKey::from_parts(hash_of(hex)?, to_moment(text_of(issued)?)?);
    Some(SessionSummary::new(key, &record))
}

/// A script's answer as text.
pub(super) fn text_of(answer: &Answer) -> Option<&str> {
    match answer {
        Answer::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Answer::SimpleString(text) => Some(text),
        _ => None,
    }
}

/// A script's answer as a list of texts.
pub(super) fn texts_of(answer: &Answer) -> Option<Vec<String>> {
    match answer {
        Answer::Array(items) => items
            .iter()
            .map(|item| text_of(item).map(str::to_owned))
            .collect(),
        _ => None,
    }
}

fn visit(entry: &TrailEntry) -> Result<String, StoreError> {
    written::visit_text(entry).map_err(StoreError::down)
}

fn to_moment(text: &str) -> Option<Timestamp> {
    Some(moment::from_millis(text.parse().ok()?))
}

fn hash_of(hex: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if hex.len() != 64 {
        return None;
    }
    for (i, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    Some(hash)
}
