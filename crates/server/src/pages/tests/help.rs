//! The help pages of the demo farm against the program that they explain.

use std::path::Path;

use grange_macros::Registry;

const HELP_ON_MACROS: &str = include_str!("../../../../../wikis/_shared/pages/HelpOnMacros.md");

const HELP_ON_SESSIONS: &str = include_str!("../../../../../wikis/_shared/pages/HelpOnSessions.md");
const HELP_ON_SESSIONS_IN_RUSSIAN: &str =
    include_str!("../../../../../wikis/_shared/pages/ПомощьПоСеансам.md");

#[test]
fn both_languages_of_a_help_page_lead_to_each_other_and_name_the_same_settings() {
    assert!(HELP_ON_SESSIONS.contains("[[ПомощьПоСеансам]]"));
    assert!(HELP_ON_SESSIONS_IN_RUSSIAN.contains("[[HelpOnSessions]]"));
    for page in [HELP_ON_SESSIONS, HELP_ON_SESSIONS_IN_RUSSIAN] {
        for name in [
            "`cookie_lifetime`",
            "`cookie_domain`",
            "`trail_size`",
            "`grange sharing`",
            "`grange session kill",
        ] {
            assert!(page.contains(name), "{name}");
        }
    }
}

#[test]
fn the_help_page_says_of_every_macro_what_its_definition_says() {
    let made = Registry::builtin().help_markdown();
    let differs = HELP_ON_MACROS
        .lines()
        .zip(made.lines())
        .find(|(is, should)| is != should);
    assert!(
        HELP_ON_MACROS == made,
        "HelpOnMacros.md is not what the definitions say, from {differs:?} on. To make it anew: \
         cargo test -p grange the_help_page_is_made_anew -- --ignored"
    );
}

/// Not a claim: makes the page anew after a definition was changed.
#[test]
#[ignore = "it writes the help page"]
fn the_help_page_is_made_anew() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wikis/_shared/pages/HelpOnMacros.md");
    std::fs::write(page, Registry::builtin().help_markdown()).unwrap();
}

#[test]
fn the_help_page_tells_of_no_macro_that_does_not_exist() {
    let registry = Registry::builtin();
    for call in HELP_ON_MACROS.split("<<").skip(1) {
        let name: String = call.chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(registry.find(&name).is_some(), "{name}");
    }
}
