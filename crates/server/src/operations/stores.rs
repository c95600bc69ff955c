//! What `/metrics` says of the session stores: operations by kind of store, how long they took, who is down.
//!
//! Kinds and not single stores are told apart: a farm may have a store for each of ten thousand wikis. Which
//! one is down stands in the log.

use std::fmt::Write;

use grange_session::{STORE_BUCKETS, StoreMeter, StoreOperation};

use crate::state::AppState;

/// Adds the families of the session stores.
pub fn add_to(text: &mut String, state: &AppState) {
    let meters = state.services.store_meters();
    *text += "# HELP grange_session_store_seconds Time of a session store's operations, by kind of store.\n";
    *text += "# TYPE grange_session_store_seconds histogram\n";
    for (store, meter) in &meters {
        for operation in StoreOperation::ALL {
            add_times(text, store, meter, operation);
        }
    }
    *text += "# HELP grange_session_store_errors_total Operations for which the session store was down.\n";
    *text += "# TYPE grange_session_store_errors_total counter\n";
    for (store, meter) in &meters {
        for operation in StoreOperation::ALL {
            let (name, errors) = (operation.name(), meter.of(operation).errors);
            let labels = format!("store=\"{store}\",operation=\"{name}\"");
            let _ = writeln!(text, "grange_session_store_errors_total{{{labels}}} {errors}");
        }
    }
    *text += "# HELP grange_session_stores_down Session stores that did not answer last.\n";
    *text += "# TYPE grange_session_stores_down gauge\n";
    for (store, meter) in &meters {
        let down = meter.stores_down();
        let _ = writeln!(text, "grange_session_stores_down{{store=\"{store}\"}} {down}");
    }
}

fn add_times(text: &mut String, store: &str, meter: &StoreMeter, operation: StoreOperation) {
    let measured = meter.of(operation);
    let labels = format!("store=\"{store}\",operation=\"{}\"", operation.name());
    let mut count = 0;
    for (index, times) in measured.times.iter().enumerate() {
        count += times;
        let bound = STORE_BUCKETS
            .get(index)
            .map_or("+Inf".to_owned(), |micros| format!("{}", *micros as f64 / 1e6));
        let _ = writeln!(
            text,
            "grange_session_store_seconds_bucket{{{labels},le=\"{bound}\"}} {count}"
        );
    }
    let seconds = measured.total.as_secs_f64();
    let _ = writeln!(text, "grange_session_store_seconds_sum{{{labels}}} {seconds}");
    let _ = writeln!(text, "grange_session_store_seconds_count{{{labels}}} {count}");
}

#[cfg(test)]
mod tests {
    use grange_farm::StorePlace;

    use super::*;
    use crate::testing;

    #[actix_web::test]
    async fn operations_are_shown_by_kind_of_store_and_an_outage_as_one_store() {
        let dir = tempfile::tempdir().unwrap();
        let state = testing::state(dir.path(), "[wiki.a]\nat = [\"a\"]\n");
        let show = || {
            let mut text = String::new();
            add_to(&mut text, &state);
            text
        };
        assert!(!show().contains("store="), "nobody asked a store yet");
        let memory = state.services.session_store(&StorePlace::Memory("/m".into()));
        let now = state.clock.now();
        for _ in 0..3 {
            memory.sweep(now, 1).await.unwrap();
        }
        let text = show();
        for line in [
            "grange_session_store_seconds_count{store=\"memory\",operation=\"sweep\"} 3",
            "grange_session_store_seconds_bucket{store=\"memory\",operation=\"sweep\",le=\"+Inf\"} 3",
            "grange_session_store_errors_total{store=\"memory\",operation=\"sweep\"} 0",
            "grange_session_stores_down{store=\"memory\"} 0",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in\n{text}"
            );
        }
        // A directory that is a file is a store that is down.
        std::fs::write(dir.path().join("file"), "").unwrap();
        let broken = state
            .services
            .session_store(&StorePlace::Sqlite(dir.path().join("file")));
        let realm = state.live.load().farm.config.wikis[0].session.realm;
        for _ in 0..2 {
            broken
                .kill(&realm, grange_session::Kill::Everyone, now)
                .await
                .unwrap_err();
        }
        let text = show();
        for line in [
            "grange_session_store_errors_total{store=\"sqlite\",operation=\"kill\"} 2",
            "grange_session_stores_down{store=\"sqlite\"} 1",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in\n{text}"
            );
        }
    }
}
