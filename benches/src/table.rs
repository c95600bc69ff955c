//! Numbers for people: medians, and rows that line up.

use std::time::Duration;

/// The middle of some measurements.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Prints a work's heading.
pub fn heading(name: &str) {
    println!("\n{name}");
}

/// Prints one measured thing.
pub fn row(what: &str, numbers: &str) {
    println!("  {what:<44} {numbers}");
}

/// Prints a ratio and whether it is within what was aimed at.
pub fn ratio(what: &str, ratio: f64, target: Target) {
    let (word, good) = match target {
        Target::AtMost(bound) => (format!("at most {bound}"), ratio <= bound),
        Target::AtLeast(bound) => (format!("at least {bound}"), ratio >= bound),
    };
    println!(
        "  {what:<44} {ratio:.2}   ({word}: {})",
        if good { "met" } else { "MISSED" }
    );
}

/// What a ratio should be.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// Smaller is better.
    AtMost(f64),
    /// Greater is better.
    AtLeast(f64),
}

/// A duration in microseconds.
pub fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
