//! What `grange macro run` tells of a call: in words, or as one object.
//!
//! Pure: it is given what came of the call and what the macro looked at, and runs nothing.

use std::collections::BTreeMap;

use grange_macros::python::meter::LastCall;
use grange_macros::{Holds, Touched};
use grange_session::Value;
use serde::Serialize;

use super::stage::Shown;
use crate::cli::answer;

/// What came of a call.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    output: String,
    pub(super) printed: Vec<String>,
    /// Elements and attributes (`style=`) that pages do not show.
    pub(super) taken_out: Vec<String>,
    session: BTreeMap<String, Option<Value>>,
    micros: u64,
    memory_bytes: u64,
    cached: bool,
    why: String,
    pub(super) note: Option<&'static str>,
    pub(super) error: Option<String>,
}

/// A call that is over.
pub(super) struct Ran<'r> {
    pub(super) shown: &'r Shown,
    /// What it was seen to do; nothing where it is one of the program's own macros.
    pub(super) last: LastCall,
    pub(super) declared: Declared,
}

/// Whether a macro says what it depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Dependencies,
    Nothing,
}

impl Told {
    /// From the session before and after the call, and what it was seen to do.
    pub(super) fn of(
        ran: &Ran<'_>,
        before: &BTreeMap<String, Value>,
        after: &BTreeMap<String, Value>,
    ) -> Told {
        let last = &ran.last;
        let changed = after
            .iter()
            .filter(|(key, value)| before.get(*key) != Some(value));
        let changed = changed.map(|(key, value)| (key.clone(), Some(value.clone())));
        let gone = before.keys().filter(|key| !after.contains_key(*key));
        let (cached, why) = cached(ran);
        Told {
            output: ran.shown.filled.html.to_string(),
            printed: Vec::new(),
            taken_out: Vec::new(),
            session: changed.chain(gone.map(|key| (key.clone(), None))).collect(),
            micros: last.micros,
            memory_bytes: last.memory_bytes,
            cached,
            why,
            note: None,
            error: last.error.clone(),
        }
    }

    /// For a terminal.
    pub(super) fn in_words(&self) -> String {
        let mut lines = vec![self.output.trim_end().to_owned(), String::new()];
        let printed = self.printed.iter().map(|line| answer::one_line(line));
        lines.extend(printed.map(|line| format!("printed: {line}")));
        if !self.taken_out.is_empty() {
            lines.push(format!("taken out: {}", self.taken_out.join(", ")));
        }
        lines.extend(self.note.map(|note| format!("note: {note}")));
        for (key, value) in &self.session {
            let key = answer::one_line(key);
            lines.push(match value {
                Some(value) => format!("session: {key} = {}", json(value)),
                None => format!("session: {key} is gone"),
            });
        }
        if self.session.is_empty() {
            lines.push("session: nothing changed".to_owned());
        }
        let millis = self.micros as f64 / 1000.0;
        lines.push(format!(
            "took: {millis:.2} ms, {} KiB of memory",
            self.memory_bytes.div_ceil(1024)
        ));
        let kept = if self.cached { "yes" } else { "no" };
        lines.push(format!("cached: {kept}: {}", self.why));
        if let Some(error) = &self.error {
            lines.push(format!("error: {error}"));
        }
        lines.join("\n")
    }
}

/// Whether others see the same output without another run, for how long, and why not.
fn cached(ran: &Ran<'_>) -> (bool, String) {
    let (filled, last) = (&ran.shown.filled, &ran.last);
    if last.error.is_some() {
        return (false, "it ended in a box, which nobody keeps".to_owned());
    }
    if filled.private {
        return (false, why_private(last.touched).to_owned());
    }
    let language = match filled.by_language {
        true => ", for each language",
        false => "",
    };
    match filled.holds {
        Holds::ThisMoment => (false, why_at_each_view(ran).to_owned()),
        Holds::For(time) => (true, format!("for {} seconds{language}", time.as_secs())),
        Holds::UntilPagesChange if ran.shown.depends_on_pages => {
            (true, format!("until any page of the wiki changes{language}"))
        }
        Holds::UntilPagesChange => (
            true,
            format!("until the page itself changes, or pages are made, renamed or deleted{language}"),
        ),
    }
}

fn why_private(touched: Touched) -> &'static str {
    match (touched.session, touched.user) {
        (true, true) => "it looked at the session and the user, so nobody else is shown its output",
        (true, false) => "it looked at the session, so nobody else is shown its output",
        (false, true) => "it looked at the user, so nobody else is shown its output",
        (false, false) => "its Dependencies name user or session, or it asked for what the user may read",
    }
}

fn why_at_each_view(ran: &Ran<'_>) -> &'static str {
    if ran.declared == Declared::Nothing {
        return "the file declares no Dependencies, so it runs at each view; grange macro check says which it needs";
    }
    match (ran.last.touched.address, ran.last.touched.moment) {
        (true, true) => "it links to another wiki or reads the address and the time, so it runs at each view",
        (true, false) => "it reads the page's address, so it runs at each view",
        (false, true) => "it looked at the time, at chance or at macro.storage, so it runs at each view",
        (false, false) => "its Dependencies ask for a run at each view",
    }
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use grange_macros::Filled;
    use grange_macros::python::cases::values;

    use super::*;

    fn shown(private: bool, holds: Holds) -> Shown {
        Shown {
            filled: Filled {
                html: grange_macros::Pieces::default(),
                private,
                by_language: false,
                holds,
            },
            depends_on_pages: false,
        }
    }

    #[test]
    fn what_became_of_the_session_is_told_key_by_key() {
        let values = |text: &str| values(text).unwrap();
        let ran = Ran {
            shown: &shown(true, Holds::ThisMoment),
            last: LastCall::default(),
            declared: Declared::Dependencies,
        };
        let told = Told::of(
            &ran,
            &values(r#"{"a": 1, "b": 2, "c": 3}"#),
            &values(r#"{"a": 1, "b": "x"}"#),
        );
        let words = told.in_words();
        assert!(
            words.contains("session: b = \"x\"\nsession: c is gone\n"),
            "{words}"
        );
        assert!(!words.contains("session: a"), "{words}");
        assert!(words.contains("cached: no"), "{words}");
    }

    #[test]
    fn a_macro_that_links_to_another_wiki_is_told_why_it_runs_at_each_view() {
        let touched = Touched {
            address: true,
            moment: true,
            ..Touched::default()
        };
        let last = LastCall {
            touched,
            ..LastCall::default()
        };
        let ran = Ran {
            shown: &shown(false, Holds::ThisMoment),
            last,
            declared: Declared::Dependencies,
        };
        let (kept, why) = cached(&ran);
        assert!(!kept && why.contains("another wiki"), "{why}");
    }

    #[test]
    fn what_depends_on_nothing_is_made_again_only_with_its_page() {
        let shown = shown(false, Holds::UntilPagesChange);
        let mut ran = Ran {
            shown: &shown,
            last: LastCall::default(),
            declared: Declared::Dependencies,
        };
        assert!(cached(&ran).1.contains("the page itself"));
        let on_pages = Shown {
            depends_on_pages: true,
            ..shown.clone()
        };
        ran.shown = &on_pages;
        assert!(cached(&ran).1.contains("any page of the wiki"));
    }
}
