//! Patterns: where they are found, what is refused, and that no expression takes for ever.

use super::*;
use crate::underlay::SinceStart;

fn meter() -> Meter {
    Meter::starting_now(Arc::new(SinceStart::now()), Duration::MAX)
}

fn term(pattern: &str, reading: Reading) -> Term {
    Term {
        reading,
        ..Term::words(pattern)
    }
}

/// Where the places begin and end.
fn places(pattern: &str, reading: Reading, text: &str) -> Vec<(usize, usize)> {
    let pattern = Pattern::compile(&term(pattern, reading)).unwrap();
    let mut places = Vec::new();
    pattern
        .places_in_text(text, &meter(), |place| {
            places.push((place.start, place.end));
            ControlFlow::Continue(())
        })
        .unwrap();
    places
}

#[test]
fn words_are_found_as_they_stand_in_whatever_case_and_across_lines() {
    assert_eq!(places("ÄPFEL", Reading::Words, "alle Äpfel"), [(5, 11)]);
    assert_eq!(places("a.c", Reading::Words, "abc a.c"), [(4, 7)]);
    assert_eq!(places("two words", Reading::Words, "two\n  words"), [(0, 11)]);
    assert_eq!(places("σας", Reading::Words, "ΣΑΣ"), [(0, 6)]);
}

#[test]
fn case_counts_where_it_is_asked_for() {
    let term = Term {
        case: Case::Counts,
        ..Term::words("Word")
    };
    let pattern = Pattern::compile(&term).unwrap();
    assert!(pattern.is_in_name("a Word") && !pattern.is_in_name("a word"));
}

#[test]
fn an_expression_is_matched_line_by_line() {
    let text = "one\ntwo one\none";
    assert_eq!(places("^one$", Reading::Expression, text), [(0, 3), (12, 15)]);
    assert!(places("one.*two", Reading::Expression, text).is_empty());
    assert_eq!(places("x*", Reading::Expression, "ab"), [(0, 0)]);
    assert_eq!(
        places("O.E", Reading::Expression, text).len(),
        3,
        "case is ignored"
    );
}

#[test]
fn an_endless_line_is_looked_at_in_pieces_at_their_own_places() {
    let text = format!("{}needle{}", "ä".repeat(20_000), "b".repeat(20_000));
    let at = (40_000, 40_006);
    assert_eq!(places("ne+dle", Reading::Expression, &text), [at]);
}

#[test]
fn the_whole_of_a_name_is_the_whole() {
    let whole = |pattern, reading| Pattern::compile_whole(&term(pattern, reading)).unwrap();
    assert!(whole("team/rota", Reading::Words).is_in_name("Team/Rota"));
    assert!(!whole("rota", Reading::Words).is_in_name("Team/Rota"));
    assert!(whole("a|b", Reading::Expression).is_in_name("b"));
    assert!(!whole("a|b", Reading::Expression).is_in_name("bc"));
    assert!(Pattern::compile_whole(&term("a)|(b", Reading::Expression)).is_err());
}

#[test]
fn what_is_wrong_with_an_expression_is_said() {
    let words = |pattern| {
        Pattern::compile(&term(pattern, Reading::Expression))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(words("("), "“(” is no regular expression: unclosed group.");
    assert!(words(r"(\w{1,500}){1,500}").ends_with("it is too large."));
    assert!(words(&"(".repeat(900)).contains("no regular expression"));
}

#[test]
fn a_catastrophic_expression_is_answered() {
    assert_eq!(
        places(
            "^(a+)+$",
            Reading::Expression,
            &format!("{}b", "a".repeat(50_000))
        )
        .len(),
        6
    );
    assert!(places("(a*)*(a*)*c", Reading::Expression, &"a".repeat(50_000)).is_empty());
}

/// A clock that goes on by a second whenever somebody looks at it.
#[derive(Default)]
struct Hurried(std::sync::atomic::AtomicU64);

impl MonotonicClock for Hurried {
    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }
}

#[test]
fn a_long_text_is_left_when_the_time_is_over() {
    let pattern = Pattern::compile(&term("x", Reading::Expression)).unwrap();
    let meter = Meter::starting_now(Arc::new(Hurried::default()), Duration::from_secs(10));
    assert_eq!(
        pattern.is_in_text(&"a line\n".repeat(100), &meter),
        Err(OutOfTime)
    );
}
