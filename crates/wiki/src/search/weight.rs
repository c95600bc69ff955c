//! How well a page fits: names count more than texts, whole words more than parts, often more than once.
//!
//! Small whole numbers, so that equal pages stand in the order of their names and a list looks the same at
//! every search. Start at [`weight_of_title`].

use std::ops::ControlFlow;

use super::matcher::is_whole_word;
use super::pattern::{Meter, OutOfTime, Pattern};
use crate::name::PageName;

/// The pattern is the whole name.
const IS_THE_NAME: u32 = 400;
/// It is the last part of the name.
const IS_THE_LAST_PART: u32 = 300;
/// It is a word of the name.
const WORD_OF_THE_NAME: u32 = 200;
/// It is somewhere in the name.
const IN_THE_NAME: u32 = 150;
/// Beyond so many places in a text no more are counted.
const COUNTED: u32 = 20;
/// It is in a heading of the text.
const IN_A_HEADING: u32 = 10;

/// 0 if the pattern is not in the name.
pub(super) fn weight_of_title(pattern: &Pattern, name: &PageName) -> u32 {
    let (text, last) = (name.as_str(), name.base_name());
    let places = pattern.places_in_name(text);
    let covers = |start: usize| {
        places
            .iter()
            .any(|place| place.start == start && place.end == text.len())
    };
    if covers(0) {
        IS_THE_NAME
    } else if covers(text.len() - last.len()) {
        IS_THE_LAST_PART
    } else if places.iter().any(|place| is_whole_word(text, place)) {
        WORD_OF_THE_NAME
    } else if places.is_empty() {
        0
    } else {
        IN_THE_NAME
    }
}

/// Less than the weight of any name.
pub(super) fn weight_of_text(pattern: &Pattern, text: &str, meter: &Meter) -> Result<u32, OutOfTime> {
    let (mut counted, mut weight, mut in_heading) = (0, 0, 0);
    pattern.places_in_text(text, meter, |place| {
        counted += 1;
        weight += if is_whole_word(text, &place) { 2 } else { 1 };
        if is_in_heading(text, place.start) {
            in_heading = IN_A_HEADING;
        }
        match counted < COUNTED {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    })?;
    Ok(weight + in_heading)
}

fn is_in_heading(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit_once('\n').map_or(text, |(earlier, _)| {
        text.get(earlier.len() + 1..).unwrap_or_default()
    });
    line.starts_with('#') || line.starts_with("= ") || line.starts_with("==")
}
