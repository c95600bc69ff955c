//! Names of new pages made of a template: `%s` is what somebody typed, `%Y-%m-%d` and the like the day.
//!
//! Used by the macro that shows the form and by whoever answers it. What comes out is only text: whether a
//! page may be called so is `PageName`'s to say.

use jiff::Zoned;
use jiff::fmt::strtime;

/// The longest template.
const LONGEST: usize = 200;
/// Stands for `%s` while the rest is filled in; nobody can type it into a page name's template unseen.
const TYPED: char = '\u{e000}';

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no template of a page name: it has %s for the typed name and %Y, %m, %d and the like for the date"
)]
pub struct BadTemplate(String);

/// Whether the template has a place for what somebody types.
#[must_use]
pub fn asks_for_a_name(template: &str) -> bool {
    template.contains("%s")
}

/// The name that `template` gives at this moment.
///
/// # Errors
/// * [`BadTemplate`] for one that is too long or has a sign that no date has.
pub fn fill_in(template: &str, typed: &str, now: &Zoned) -> Result<String, BadTemplate> {
    let refused = || BadTemplate(template.chars().take(LONGEST).collect());
    if template.len() > LONGEST || template.contains(TYPED) {
        return Err(refused());
    }
    let marked = template.replace("%s", &TYPED.to_string());
    let dated = strtime::format(&marked, now).map_err(|_| refused())?;
    Ok(dated.replace(TYPED, typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, typed: &str) -> Result<String, BadTemplate> {
        let now: Zoned = "2026-05-01T14:05:00+02:00[Europe/Berlin]".parse().unwrap();
        fill_in(template, typed, &now)
    }

    #[test]
    fn the_typed_name_and_the_date_are_filled_in() {
        assert_eq!(filled("%s", "Tea").unwrap(), "Tea");
        assert_eq!(
            filled("Log/%Y-%m-%d %s", "100%d").unwrap(),
            "Log/2026-05-01 100%d"
        );
        assert_eq!(filled("Größe", "x").unwrap(), "Größe");
        assert!(asks_for_a_name("a%s") && !asks_for_a_name("%Y"));
    }

    #[test]
    fn what_is_no_template_is_refused_and_never_panics() {
        for template in ["%", "%!", "%Q%", "\u{e000}", &"x".repeat(201)] {
            assert!(filled(template, "x").is_err(), "{template}");
        }
    }
}
