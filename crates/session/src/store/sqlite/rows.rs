//! Records as rows: what stands in the columns, and how it is read back.
//!
//! Text columns hold JSON. What has fixed fields is written as lists in the order of the fields, since
//! a name in front of each would be most of what a request reads; serde reads lists and maps alike. No
//! SQL stands here, and a row that cannot be read is `None`: whoever asked says what that means.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::FromSql;
use serde::Serialize;

use crate::moment;
use crate::realm::Realm;
use crate::record::{About, Record};
use crate::trail::TrailEntry;
use crate::value::Values;

/// The columns that `read` takes, in its order; whether the generations are in force comes behind them.
macro_rules! record_columns {
    () => {
        "s.realm,s.seen,s.cookie_until,s.verifies_until,s.about,s.data,s.trail,"
    };
}
pub(super) use record_columns;

/// The record of a row, and whether its generations are in force. `None` when it cannot be read.
pub(super) fn read(row: &Row<'_>) -> Option<(Record, bool)> {
    let text = |column: usize| row.get_ref(column).ok()?.as_str().ok();
    let moment = |column: usize| Timestamp::from_millisecond(get(row, column)?).ok();
    let cookie_until: Option<i64> = get(row, 2)?;
    let record = Record {
        realm: Realm::from_bytes(get(row, 0)?),
        seen: moment(1)?,
        cookie_until: cookie_until.map(moment::from_millis),
        verifies_until: moment(3)?,
        about: serde_json::from_str(text(4)?).ok()?,
        values: Arc::new(serde_json::from_str(text(5)?).ok()?),
        trail: Arc::new(serde_json::from_str(text(6)?).ok()?),
    };
    Some((record, get(row, 7)?))
}

/// Until when a tombstone must stand for this row, should it be readable that far.
pub(super) fn read_verifies_until(row: &Row<'_>) -> Option<Timestamp> {
    get(row, 3).map(moment::from_millis)
}

fn get<T: FromSql>(row: &Row<'_>, column: usize) -> Option<T> {
    row.get(column).ok()
}

/// What stands in `about`: its fields in their order.
pub(super) fn about_text(about: &About) -> rusqlite::Result<String> {
    let identity = about.identity.as_ref().map(|identity| {
        (
            &identity.user_id,
            &identity.auth_method,
            identity.auth_time.as_millisecond(),
            identity.account_generation,
        )
    });
    let acting = about
        .acting
        .as_ref()
        .map(|acting| (&acting.user_id, acting.since.as_millisecond(), &acting.reason));
    to_json(&(
        &about.wiki,
        identity,
        acting,
        about.remember,
        &about.browser,
        about.created.as_millisecond(),
        about.max_age,
        about.idle,
        about.ends,
    ))
}

/// What stands in `data`.
pub(super) fn values_text(values: &Values) -> rusqlite::Result<String> {
    to_json(values)
}

/// What stands in `trail`: a wiki and a page each.
pub(super) fn trail_text(trail: &[TrailEntry]) -> rusqlite::Result<String> {
    let pairs: Vec<(&str, &str)> = trail
        .iter()
        .map(|entry| (entry.wiki.as_str(), entry.page.as_str()))
        .collect();
    to_json(&pairs)
}

fn to_json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Acting, Remember};
    use crate::testing::{at, identity};

    fn about() -> About {
        About {
            wiki: "w".into(),
            identity: Some(identity("u\"1", at(1))),
            acting: Some(Acting {
                user_id: "u2".into(),
                since: at(2),
                reason: "help".into(),
            }),
            remember: Remember::Yes,
            browser: "Firefox".into(),
            created: at(3),
            max_age: Some(4),
            idle: 5,
            ends: Some(6),
        }
    }

    #[test]
    fn what_never_changes_is_read_back_as_it_was() {
        let guest = About {
            identity: None,
            acting: None,
            max_age: None,
            ends: None,
            ..about()
        };
        for about in [about(), guest] {
            let text = about_text(&about).unwrap();
            assert_eq!(serde_json::from_str::<About>(&text).unwrap(), about, "{text}");
        }
    }

    #[test]
    fn rows_with_named_fields_are_read_too() {
        let text = serde_json::to_string(&about()).unwrap();
        assert_eq!(serde_json::from_str::<About>(&text).unwrap(), about());
        let trail: Vec<TrailEntry> = serde_json::from_str(r#"[{"wiki":"w","page":"A"}]"#).unwrap();
        assert_eq!(trail, [TrailEntry::new("w", "A")]);
    }

    #[test]
    fn a_trail_is_read_back_as_it_was() {
        let trail = vec![TrailEntry::new("w1", "Häuser/Ω \"x\""), TrailEntry::new("w2", "")];
        let text = trail_text(&trail).unwrap();
        assert_eq!(serde_json::from_str::<Vec<TrailEntry>>(&text).unwrap(), trail);
        assert_eq!(trail_text(&[]).unwrap(), "[]");
    }
}
