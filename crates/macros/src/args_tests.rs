//! Claims about argument lists: the grammar, the conversions and what an author is told.
//!
//! Nothing here runs a macro. Start at `items`, the shorthand of the grammar's tests.

use super::*;
use crate::definition::Example;

/// Items as text: `name:value`, `-` for an empty value.
fn items(text: &str) -> Vec<String> {
    split_items(text)
        .into_iter()
        .map(|item| {
            let value = item.value.unwrap_or_else(|| "-".to_owned());
            item.name.map_or(value.clone(), |name| format!("{name}:{value}"))
        })
        .collect()
}

const fn argument(name: &'static str, kind: Kind, need: Need) -> Argument {
    Argument {
        name,
        kind,
        need,
        help: "",
    }
}

const fn definition(arguments: Arguments) -> Definition {
    Definition {
        name: "Sample",
        summary: "",
        help: "",
        arguments,
        dependencies: &[],
        example: Example { call: "", shows: "" },
    }
}

const TYPED: Definition = definition(Arguments::List(&[
    argument("page", Kind::Text, Need::Optional),
    argument("n", Kind::Int, Need::Default("5")),
    argument("order", Kind::Choice(&["up", "down"]), Need::Default("up")),
    argument("all", Kind::Bool, Need::Default("no")),
    argument("ratio", Kind::Float, Need::Optional),
]));

const REQUIRED: Definition = definition(Arguments::List(&[
    argument("page", Kind::Text, Need::Required),
    argument("level", Kind::Int, Need::Optional),
]));

const WHOLE: Definition = definition(Arguments::Whole(argument("needle", Kind::Text, Need::Optional)));

fn typed(text: &str) -> Args {
    Args::parse(&TYPED, text).unwrap()
}

fn refusal(definition: &Definition, text: &str) -> String {
    Args::parse(definition, text).unwrap_err().to_string()
}

#[test]
fn items_stand_between_commas_and_lose_the_blanks_around_them() {
    assert_eq!(items("red, green ,blue sky"), ["red", "green", "blue sky"]);
    assert_eq!(items("one"), ["one"]);
    assert_eq!(items("40%,2em"), ["40%", "2em"]);
}

#[test]
fn no_text_is_no_item_and_a_comma_separates_two_empty_ones() {
    assert!(items("").is_empty());
    assert!(items("  ").is_empty());
    assert_eq!(items(","), ["-", "-"]);
    assert_eq!(items(",b,"), ["-", "b", "-"]);
}

#[test]
fn quotes_protect_commas_equal_signs_and_blanks() {
    assert_eq!(items("\"x, y\",z"), ["x, y", "z"]);
    assert_eq!(items("\"p=q\""), ["p=q"]);
    assert_eq!(items("\" padded \""), [" padded "]);
    assert_eq!(items("title=\"x, y\",z=1"), ["title:x, y", "z:1"]);
}

#[test]
fn a_doubled_quote_inside_quotes_is_one_quote() {
    assert_eq!(items("\"the \"\"big\"\" one\""), ["the \"big\" one"]);
    assert_eq!(items("say=\"\"\"hi\"\"\""), ["say:\"hi\""]);
}

#[test]
fn empty_quotes_are_an_empty_text_and_not_nothing() {
    assert_eq!(split_items("\"\"")[0].value.as_deref(), Some(""));
    assert_eq!(split_items("k=\"\"")[0].value.as_deref(), Some(""));
    assert_eq!(split_items("k=")[0].value, None);
}

#[test]
fn a_quote_in_the_middle_or_never_closed_is_a_letter() {
    assert_eq!(items("5\" disk"), ["5\" disk"]);
    assert_eq!(items("\"open, end"), ["\"open", "end"]);
    assert_eq!(items("\"one\" \"two\""), ["one \"two\""]);
}

#[test]
fn single_quotes_mean_nothing() {
    assert_eq!(items("'x,y'"), ["'x", "y'"]);
}

#[test]
fn the_first_equal_sign_behind_a_word_separates_name_and_value() {
    assert_eq!(items("k=v=w"), ["k:v=w"]);
    assert_eq!(
        items("link = http://host.example/?p=1"),
        ["link:http://host.example/?p=1"]
    );
}

#[test]
fn an_address_with_an_equal_sign_stays_an_address() {
    assert_eq!(items("http://host.example/?p=1"), ["http://host.example/?p=1"]);
}

#[test]
fn a_no_break_space_is_part_of_the_value() {
    assert_eq!(items("\u{a0}x\u{a0},y"), ["\u{a0}x\u{a0}", "y"]);
}

#[test]
fn values_are_converted_to_the_declared_types() {
    let args = typed("Home, 7, down, YES, 2.5");
    assert_eq!(args.text("page"), Some("Home"));
    assert_eq!(args.int("n"), Some(7));
    assert_eq!(args.text("order"), Some("down"));
    assert_eq!(args.bool("all"), Some(true));
    assert_eq!(args.float("ratio"), Some(2.5));
}

#[test]
fn left_out_and_empty_arguments_get_their_defaults() {
    for text in ["", ",", "n=,order=", ", , ,"] {
        let args = typed(text);
        assert_eq!(args.text("page"), None, "{text}");
        assert_eq!(args.int("n"), Some(5), "{text}");
        assert_eq!(args.text("order"), Some("up"), "{text}");
        assert_eq!(args.bool("all"), Some(false), "{text}");
    }
}

#[test]
fn a_place_left_empty_is_told_from_a_place_left_out() {
    assert!(typed("Home,").was_left_empty("n"));
    assert!(!typed("Home").was_left_empty("n"));
    assert!(!typed("Home,7").was_left_empty("n"));
}

#[test]
fn numbers_may_carry_signs_and_blanks() {
    assert_eq!(typed("n=\" -3 \"").int("n"), Some(-3));
    assert_eq!(typed("n=+3").int("n"), Some(3));
    assert_eq!(typed("n=007").int("n"), Some(7));
    assert_eq!(typed("ratio=-.5").float("ratio"), Some(-0.5));
}

#[test]
fn the_last_of_several_values_of_a_name_wins() {
    assert_eq!(typed("n=1,n=2").int("n"), Some(2));
}

#[test]
fn a_value_of_the_wrong_type_is_refused_with_name_and_text() {
    assert_eq!(
        refusal(&TYPED, "n=x"),
        "Argument \"n\" must be an integer value, not \"x\""
    );
    assert_eq!(
        refusal(&TYPED, "n=7.0"),
        "Argument \"n\" must be an integer value, not \"7.0\""
    );
    assert_eq!(
        refusal(&TYPED, "n=\"\""),
        "Argument \"n\" must be an integer value, not \"\""
    );
    assert_eq!(
        refusal(&TYPED, "all=on"),
        "Argument \"all\" must be a boolean value, not \"on\""
    );
    assert_eq!(
        refusal(&TYPED, "ratio=two"),
        "Argument \"ratio\" must be a floating point value, not \"two\""
    );
    assert_eq!(
        refusal(&TYPED, "order=sideways"),
        "Argument \"order\" must be one of \"up\", \"down\", not \"sideways\""
    );
}

#[test]
fn a_number_too_large_for_its_type_is_refused_and_not_cut() {
    assert!(refusal(&TYPED, "n=99999999999999999999").contains("must be an integer value"));
}

#[test]
fn arguments_that_the_macro_does_not_take_are_refused() {
    assert_eq!(refusal(&TYPED, "m=1"), "No argument named \"m\"");
    assert_eq!(refusal(&TYPED, "a,1,up,yes,1,more"), "Too many arguments");
    assert_eq!(refusal(&TYPED, "n=1,Home"), "Too many arguments");
}

#[test]
fn an_argument_by_place_and_by_name_is_refused() {
    assert_eq!(
        refusal(&TYPED, "Home,page=Other"),
        "Argument \"page\" is given twice"
    );
}

#[test]
fn a_required_argument_must_be_there() {
    assert_eq!(refusal(&REQUIRED, ""), "Argument \"page\" is required");
    assert_eq!(refusal(&REQUIRED, ",2"), "Argument \"page\" is required");
    assert_eq!(refusal(&REQUIRED, "page="), "Argument \"page\" is required");
    assert_eq!(Args::parse(&REQUIRED, "Home").unwrap().text("page"), Some("Home"));
}

#[test]
fn a_whole_argument_keeps_commas_quotes_and_equal_signs() {
    let args = Args::parse(&WHOLE, " regex:^\"(a|b){1,2}\"=$ ").unwrap();
    assert_eq!(args.text("needle"), Some("regex:^\"(a|b){1,2}\"=$"));
    assert_eq!(Args::parse(&WHOLE, "").unwrap().text("needle"), None);
}

#[test]
fn the_raw_text_stays_at_hand() {
    assert_eq!(typed("Home, 7").raw(), "Home, 7");
}

#[test]
fn asking_for_another_type_or_name_answers_nothing() {
    let args = typed("Home");
    assert_eq!(args.int("page"), None);
    assert_eq!(args.text("nowhere"), None);
}

const FLAGGED: Definition = definition(Arguments::List(&[
    argument("page", Kind::Text, Need::Required),
    argument("level", Kind::Int, Need::Default("1")),
    argument("brief", Kind::Flag, Need::Default("no")),
]));

#[test]
fn a_flag_is_set_by_its_bare_name_wherever_it_stands() {
    for text in [
        "Home,brief",
        "Home,,brief",
        "Home,level=2,brief",
        "brief,Home",
        "Home,brief=yes",
    ] {
        let args = Args::parse(&FLAGGED, text).unwrap();
        assert_eq!(args.bool("brief"), Some(true), "{text}");
        assert_eq!(args.text("page"), Some("Home"), "{text}");
    }
    assert_eq!(Args::parse(&FLAGGED, "Home").unwrap().bool("brief"), Some(false));
    assert_eq!(
        Args::parse(&FLAGGED, "Home,brief=no").unwrap().bool("brief"),
        Some(false)
    );
}

#[test]
fn a_list_as_long_as_a_page_is_read_in_no_time() {
    for list in ["a,", "n=1,", "n=,", "\"a\",", "\",", "\"\"\"\",", "=,"] {
        let long = list.repeat(200_000 / list.len());
        let named = format!("{long}all=yes,{long}");
        // Quadratic time would be minutes here.
        assert!(split_items(&named).len() > 100, "{list}");
        drop(Args::parse(&TYPED, &named));
    }
}
