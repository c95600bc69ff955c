//! The help pages of the demo farm against the program that they explain.

use grange_macros::Registry;

const HELP_ON_MACROS: &str = include_str!("../../../../../wikis/_shared/pages/HelpOnMacros.md");

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
