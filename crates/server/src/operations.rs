//! What the machine room sees: `/health` and `/metrics` on `admin_listen`.
//!
//! Health is JSON and answers 200 while the farm serves; a refused reload shows
//! there until one succeeds. Metrics are the Prometheus text format, version 0.0.4.

use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use crossbeam_utils::CachePadded;
use thread_local::ThreadLocal;

use crate::state::AppState;

mod stores;

/// The upper bounds of the time buckets, in microseconds.
const BUCKETS: [u64; 8] = [100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// Counters of the process.
#[derive(Default)]
pub struct Counters {
    /// Of each worker.
    answers: ThreadLocal<CachePadded<Answers>>,
    reloads: AtomicU64,
    refused_reloads: AtomicU64,
    refusal: Mutex<Option<String>>,
}

/// What one worker has answered.
#[derive(Default)]
struct Answers {
    /// By the first digit of their status.
    classes: [AtomicU64; 6],
    times: [AtomicU64; BUCKETS.len() + 1],
    total_micros: AtomicU64,
}

impl Counters {
    /// Notes an answer and how long it took.
    pub fn note_answer(&self, status: u16, micros: u64) {
        let answers = self.answers.get_or_default();
        if let Some(counter) = answers.classes.get(usize::from(status / 100)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        let bucket = BUCKETS
            .iter()
            .position(|bound| micros <= *bound)
            .unwrap_or(BUCKETS.len());
        if let Some(counter) = answers.times.get(bucket) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        answers.total_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// A number that all workers together have reached.
    fn sum(&self, of: impl Fn(&Answers) -> Option<&AtomicU64>) -> u64 {
        let parts = self.answers.iter().filter_map(|answers| of(answers));
        parts.map(|counter| counter.load(Ordering::Relaxed)).sum()
    }

    /// Notes that a reload went well, or why it was refused.
    pub fn note_reload(&self, refused: Option<&str>) {
        let counter = if refused.is_some() {
            &self.refused_reloads
        } else {
            &self.reloads
        };
        counter.fetch_add(1, Ordering::Relaxed);
        if let Ok(mut last) = self.refusal.lock() {
            *last = refused.map(str::to_owned);
        }
    }

    fn last_refusal(&self) -> Option<String> {
        self.refusal.lock().ok().and_then(|last| last.clone())
    }
}

/// Answers a request on the admin listener.
pub async fn answer(state: Data<AppState>, http: HttpRequest) -> HttpResponse {
    match http.path() {
        "/health" => HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(health(&state)),
        "/metrics" => HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4")
            .body(metrics(&state)),
        _ => HttpResponse::NotFound()
            .content_type("text/plain; charset=utf-8")
            .body("/health or /metrics\n"),
    }
}

fn health(state: &AppState) -> serde_json::Value {
    let live = state.live.load();
    let refusal = state.counters.last_refusal();
    serde_json::json!({
        "status": if refusal.is_none() { "ok" } else { "serving an older configuration" },
        "wikis": live.farm.config.wikis.len(),
        "since": live.since.to_string(),
        "reload_refused": refusal,
    })
}

fn metrics(state: &AppState) -> String {
    let counters = &state.counters;
    let mut text = String::new();
    let family = |name: &str, kind: &str, help: &str| format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
    text += &family("grange_answers_total", "counter", "Answers by class of status.");
    for class in 1..=5 {
        let count = counters.sum(|answers| answers.classes.get(class));
        let _ = writeln!(text, "grange_answers_total{{class=\"{class}xx\"}} {count}");
    }
    text += &family(
        "grange_answer_seconds",
        "histogram",
        "Time from request to answer.",
    );
    let mut sum = 0;
    for index in 0..=BUCKETS.len() {
        sum += counters.sum(|answers| answers.times.get(index));
        let bound = BUCKETS
            .get(index)
            .map_or("+Inf".to_owned(), |micros| format!("{}", *micros as f64 / 1e6));
        let _ = writeln!(text, "grange_answer_seconds_bucket{{le=\"{bound}\"}} {sum}");
    }
    let seconds = counters.sum(|answers| Some(&answers.total_micros)) as f64 / 1e6;
    let _ = writeln!(
        text,
        "grange_answer_seconds_sum {seconds}\ngrange_answer_seconds_count {sum}"
    );
    text += &family(
        "grange_reloads_total",
        "counter",
        "Reloads of the configuration by outcome.",
    );
    let (done, refused) = (
        counters.reloads.load(Ordering::Relaxed),
        counters.refused_reloads.load(Ordering::Relaxed),
    );
    let _ = writeln!(
        text,
        "grange_reloads_total{{outcome=\"done\"}} {done}\ngrange_reloads_total{{outcome=\"refused\"}} {refused}"
    );
    text += &family("grange_wikis", "gauge", "Configured wikis.");
    let _ = writeln!(text, "grange_wikis {}", state.live.load().farm.config.wikis.len());
    stores::add_to(&mut text, state);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    const TWO_WIKIS: &str = "[wiki.a]\nat = [\"a\"]\n[wiki.b]\nat = [\"b\"]\n";

    fn state() -> (tempfile::TempDir, AppState) {
        let dir = tempfile::tempdir().unwrap();
        let state = testing::state(dir.path(), TWO_WIKIS);
        (dir, state)
    }

    /// The value of a metric by its name and labels as they are written.
    fn metric(text: &str, name: &str) -> f64 {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in\n{text}"))
            .parse()
            .unwrap()
    }

    #[test]
    fn answers_are_counted_by_class_and_by_time() {
        let (_dir, state) = state();
        for (status, micros) in [(200, 80), (204, 250), (404, 900), (503, 20_000_000)] {
            state.counters.note_answer(status, micros);
        }
        let text = metrics(&state);
        for (class, count) in [
            ("1xx", 0.0),
            ("2xx", 2.0),
            ("3xx", 0.0),
            ("4xx", 1.0),
            ("5xx", 1.0),
        ] {
            assert_eq!(
                metric(&text, &format!("grange_answers_total{{class=\"{class}\"}}")),
                count
            );
        }
        for (bound, count) in [
            ("0.0001", 1.0),
            ("0.0003", 2.0),
            ("0.001", 3.0),
            ("10", 3.0),
            ("+Inf", 4.0),
        ] {
            assert_eq!(
                metric(&text, &format!("grange_answer_seconds_bucket{{le=\"{bound}\"}}")),
                count,
                "{bound}"
            );
        }
        assert_eq!(metric(&text, "grange_answer_seconds_count"), 4.0);
        assert_eq!(metric(&text, "grange_answer_seconds_sum"), 20.00123);
        assert_eq!(metric(&text, "grange_wikis"), 2.0);
    }

    #[test]
    fn every_metric_says_what_it_is_before_its_values() {
        let (_dir, state) = state();
        let text = metrics(&state);
        let mut family = "";
        for line in text.lines() {
            if let Some(described) = line.strip_prefix("# TYPE ") {
                family = described.split(' ').next().unwrap();
            } else if !line.starts_with('#') {
                assert!(
                    line.starts_with(family) && !family.is_empty(),
                    "{line} stands below {family:?}"
                );
            }
        }
    }

    #[test]
    fn a_refused_reload_shows_until_one_succeeds() {
        let (_dir, state) = state();
        assert_eq!(
            (&health(&state)["status"], &health(&state)["wikis"]),
            (&"ok".into(), &2.into())
        );
        state.counters.note_reload(Some("line 3 is wrong"));
        assert_eq!(health(&state)["reload_refused"], "line 3 is wrong");
        assert_eq!(health(&state)["status"], "serving an older configuration");
        state.counters.note_reload(None);
        assert!(health(&state)["reload_refused"].is_null());
        let text = metrics(&state);
        for outcome in ["done", "refused"] {
            assert_eq!(
                metric(&text, &format!("grange_reloads_total{{outcome=\"{outcome}\"}}")),
                1.0
            );
        }
    }
}
