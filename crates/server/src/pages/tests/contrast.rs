//! Can everybody read it? The colours of the style sheet, measured as WCAG 2.2 measures them.

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../../../../templates/static/style.css");

/// Words: 4.5 : 1 (success criterion 1.4.3, level AA).
const WORDS: f64 = 4.5;
/// Borders of controls and focus rings: 3 : 1 (1.4.11).
const SHAPES: f64 = 3.0;

/// Red, green and blue of the light and of the dark theme.
type Pair = [[u8; 3]; 2];

fn colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

fn pair(value: &str) -> Option<Pair> {
    let (light, dark) = value
        .split_once("light-dark(")?
        .1
        .split_once(')')?
        .0
        .split_once(',')?;
    Some([colour(light)?, colour(dark)?])
}

/// The colours by their names: `--ink: light-dark(#1f2420, #e4e9e5);`
fn palette() -> BTreeMap<&'static str, Pair> {
    let lines = STYLE.lines().filter_map(|line| line.trim().strip_prefix("--"));
    lines
        .filter_map(|line| line.split_once(':'))
        .filter_map(|(name, value)| Some((name, pair(value)?)))
        .collect()
}

fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn assert_contrast(what: &str, front: Pair, ground: Pair, least: f64) {
    for (theme, (front, ground)) in ["light", "dark"].iter().zip(front.into_iter().zip(ground)) {
        let found = contrast(front, ground);
        assert!(found >= least, "{what} ({theme}): {found:.2}");
    }
}

#[test]
fn black_on_white_is_measured_as_the_standard_says() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    assert!((contrast([0x77; 3], [255; 3]) - 4.48).abs() < 0.01);
}

#[test]
fn words_can_be_read_on_every_ground_they_stand_on() {
    let palette = palette();
    let readable = [
        (
            "ink",
            "paper surface sunken accent-wash note-wash warn-wash bad-wash violet-wash ins del ins-strong del-strong",
        ),
        ("soft", "paper surface sunken accent-wash ins del"),
        ("accent", "paper surface sunken accent-wash note-wash"),
        ("missing", "paper surface sunken"),
        ("note", "note-wash"),
        ("warn", "paper warn-wash"),
        ("danger", "bad-wash"),
        ("violet", "violet-wash"),
        ("on-accent", "accent"),
        ("on-danger", "danger"),
    ];
    for (front, grounds) in readable {
        for ground in grounds.split(' ') {
            assert_contrast(
                &format!("{front} on {ground}"),
                palette[front],
                palette[ground],
                WORDS,
            );
        }
    }
}

#[test]
fn controls_and_the_focus_ring_can_be_seen() {
    let palette = palette();
    for front in ["edge", "accent"] {
        for ground in ["paper", "surface"] {
            assert_contrast(
                &format!("{front} on {ground}"),
                palette[front],
                palette[ground],
                SHAPES,
            );
        }
    }
}

#[test]
fn the_banner_of_an_acting_superuser_can_be_read() {
    let rule = STYLE.lines().find(|line| line.starts_with(".acting {")).unwrap();
    let words = pair(rule.split_once("color:").unwrap().1).unwrap();
    assert_contrast("banner", words, palette()["warn"], WORDS);
}

#[test]
fn coloured_code_can_be_read() {
    let rules: Vec<_> = STYLE.lines().filter(|line| line.starts_with(".hl-")).collect();
    assert!(rules.len() > 8, "{rules:?}");
    for rule in rules {
        assert_contrast(rule, pair(rule).unwrap(), palette()["sunken"], WORDS);
    }
}
