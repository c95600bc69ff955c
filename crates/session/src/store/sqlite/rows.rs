//! Records as rows: what stands in the columns, and how it is read back.
//!
//! Text columns hold JSON, as store/written.rs writes it. No SQL stands here, and a row that cannot be read is `None`: whoever asked says what that means.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::FromSql;

use crate::moment;
use crate::realm::Realm;
use crate::record::{About, Record};
use crate::store::written;
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
        about: Arc::new(serde_json::from_str(text(4)?).ok()?),
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

/// What stands in `about`.
pub(super) fn about_text(about: &About) -> rusqlite::Result<String> {
    written::about_text(about).map_err(no_text)
}

/// What stands in `data`.
pub(super) fn values_text(values: &Values) -> rusqlite::Result<String> {
    serde_json::to_string(values).map_err(no_text)
}

/// What stands in `trail`.
pub(super) fn trail_text(trail: &[TrailEntry]) -> rusqlite::Result<String> {
    written::trail_text(trail).map_err(no_text)
}

fn no_text(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Acting, LoginLink, LoginPart, Remember};
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
            link: None,
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
        let linked = About {
            link: Some(LoginLink {
                login: "l1".into(),
                part: LoginPart::HandedOver,
            }),
            ..about()
        };
        for about in [about(), guest, linked] {
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
