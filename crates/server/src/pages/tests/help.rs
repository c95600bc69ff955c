//! The help pages of the demo farm against the program that they explain.

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
    for definition in Registry::builtin().definitions() {
        let section = definition.help_section();
        assert!(
            HELP_ON_MACROS.contains(&section),
            "HelpOnMacros.md should have this section:\n{section}"
        );
    }
}

#[test]
fn the_help_page_tells_of_no_macro_that_does_not_exist() {
    let registry = Registry::builtin();
    for call in HELP_ON_MACROS.split("<<").skip(1) {
        let name: String = call.chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(registry.find(&name).is_some(), "{name}");
    }
}
