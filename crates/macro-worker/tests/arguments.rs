//! Typed entries, compared with what MoinMoin answers where its answers are at hand.

use std::path::Path;

use grange_macro_protocol::Failure;
use serde_json::Value as Json;

use crate::harness::{Worker, failure, text};

/// What a call of an entry with this signature gives back: its parameters, or its failure.
fn call(signature: &str, arguments: &str) -> Result<String, String> {
    let mut worker = Worker::start();
    let names: Vec<&str> = parameters(signature);
    let head = "from MoinMoin.wikiutil import required_arg, UnitArgument\nimport json\n";
    let source = format!(
        "{head}def macro_Test(macro, {}\n    return json.dumps([{}])\n",
        signature.trim_start_matches('(').to_owned() + ":",
        names.join(", ")
    );
    let result = worker.call(&source, arguments);
    match &result.output {
        Ok(_) => Ok(text(&result).to_owned()),
        Err(Failure::Arguments(words)) => Err(words.clone()),
        Err(other) => panic!("{signature} {arguments}: {other:?}"),
    }
}

/// The names in a signature, nested parentheses passed over.
fn parameters(signature: &str) -> Vec<&str> {
    let inner = &signature[1..signature.len() - 1];
    let mut depth = 0;
    let parts = inner.split(move |sign| {
        depth += match sign {
            '(' | '[' => 1,
            ')' | ']' => -1,
            _ => 0,
        };
        sign == ',' && depth == 0
    });
    parts.map(|part| part.split('=').next().unwrap().trim()).collect()
}

#[test]
fn arguments_become_what_their_defaults_are() {
    let signature = "(a, n=5, f=('x', 'y'), flag=False, r=1.5)";
    for (arguments, expected) in [
        ("", r#"[null, 5, "x", false, 1.5]"#),
        ("hello, n=7, flag=yes", r#"["hello", 7, "x", true, 1.5]"#),
        ("a,7,y,1,-.5", r#"["a", 7, "y", true, -0.5]"#),
        (",,", r#"[null, 5, "x", false, 1.5]"#),
        ("\"a,\"\"b\"", r#"["a,\"b", 5, "x", false, 1.5]"#),
        ("n=٣", r#"[null, 3, "x", false, 1.5]"#),
    ] {
        assert_eq!(call(signature, arguments).as_deref(), Ok(expected), "{arguments}");
    }
}

#[test]
fn what_does_not_fit_is_told_in_moinmoins_words() {
    for (signature, arguments, words) in [
        ("(n=5)", "x", "Argument \"n\" must be an integer value, not \"x\""),
        (
            "(n=5)",
            "n=1.0",
            "Argument \"n\" must be an integer value, not \"1.0\"",
        ),
        (
            "(b=True)",
            "maybe",
            "Argument \"b\" must be a boolean value, not \"maybe\"",
        ),
        (
            "(r=1.5)",
            "x",
            "Argument \"r\" must be a floating point value, not \"x\"",
        ),
        (
            "(f=('x','y'))",
            "z",
            "Argument \"f\" must be one of \"x\", \"y\", not \"z\"",
        ),
        ("(a)", "1,2", "Too many arguments"),
        ("(a)", "b=2", "No argument named \"b\""),
        ("(a=required_arg(int))", "", "Argument \"a\" is required"),
        (
            "(a, b=1)",
            "b=2,x",
            "Cannot have arguments without name following named arguments",
        ),
    ] {
        assert_eq!(
            call(signature, arguments),
            Err(words.to_owned()),
            "{signature} {arguments}"
        );
    }
}

#[test]
fn what_is_left_over_goes_where_the_entry_wants_it() {
    assert_eq!(
        call("(a, _kwargs=unicode)", "x,k=1,l=\"a,b\"").as_deref(),
        Ok(r#"["x", {"k": "1", "l": "a,b"}]"#)
    );
    assert_eq!(
        call("(a, _kwargs=int)", "x,k=1").as_deref(),
        Ok(r#"["x", {"k": 1}]"#)
    );
    assert_eq!(
        call("(a, _trailing_args=[])", "x,y,,z").as_deref(),
        Ok(r#"["x", ["y", null, "z"]]"#)
    );
    assert_eq!(
        call("(a, b=1, _trailing_args=[])", "x,b=2,z").as_deref(),
        Ok(r#"["x", 2, ["z"]]"#)
    );
}

#[test]
fn a_typed_entry_goes_before_execute() {
    let mut worker = Worker::start();
    let source = "def execute(macro, args):\n    return 'old'\ndef macro_Test(macro):\n    return 'new'\n";
    assert_eq!(text(&worker.call(source, "")), "new");
    let result = worker.call(source, "x");
    assert_eq!(failure(&result), &Failure::Arguments("Too many arguments".into()));
}

#[test]
fn every_call_is_answered_as_moinmoin_answers_it() {
    let facts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/moin-facts/macro-arguments.json");
    let Ok(facts) = std::fs::read_to_string(facts) else {
        return;
    };
    let facts = facts.replace("Infinity", "1e999");
    let facts: Json = serde_json::from_str(&facts.replace("1e999", "null")).unwrap();
    for row in facts["call"].as_array().unwrap() {
        let (signature, input) = (row["signature"].as_str().unwrap(), row["input"].as_str().unwrap());
        let answer = call(signature, input);
        match row.get("output") {
            Some(expected) => {
                let given: Json =
                    serde_json::from_str(&answer.unwrap_or_else(|words| panic!("{row}: {words}"))).unwrap();
                // A single parameter that is a pair stands there without the list around it.
                assert!(
                    given == *expected || given == Json::Array(vec![expected.clone()]),
                    "{row}: {given}"
                );
            }
            None => assert!(answer.is_err(), "{row}: {answer:?}"),
        }
    }
}

#[test]
fn every_text_is_split_as_moinmoin_splits_it() {
    let facts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/moin-facts/macro-arguments.json");
    let Ok(facts) = std::fs::read_to_string(facts) else {
        return;
    };
    let facts: Json = serde_json::from_str(&facts.replace("Infinity", "null")).unwrap();
    for row in facts["parse_arguments"].as_array().unwrap() {
        let split = grange_macro_worker::arguments::split(row["input"].as_str().unwrap());
        assert_eq!(
            serde_json::to_value(&split.positional).unwrap(),
            row["positional"],
            "{row}"
        );
        let named: serde_json::Map<_, _> = split
            .named
            .into_iter()
            .map(|(name, value)| (name, serde_json::to_value(value).unwrap()))
            .collect();
        assert_eq!(Json::Object(named), row["keyword"], "{row}");
        assert_eq!(
            serde_json::to_value(&split.trailing).unwrap(),
            row["after_keywords"],
            "{row}"
        );
    }
}
