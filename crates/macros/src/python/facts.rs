//! What a worker is told beside the macros' texts: the page, the view, the visitor, the session.

use std::collections::HashSet;

use grange_macro_protocol::{PageFacts, Person, SessionFacts, Visit};
use grange_wiki::markup::MacroCall;

use super::PythonMacros;
use super::convert::to_wire;
use crate::context::MacroContext;

/// `<<A>>` has none, `<<A()>>` has empty ones.
pub(super) fn written_arguments(call: &MacroCall) -> Option<String> {
    let has_any = !call.arguments.is_empty() || call.source.ends_with("()>>");
    has_any.then(|| call.arguments.clone())
}

/// The page that the calls stand on.
pub(super) fn page_facts(python: &PythonMacros, cx: &MacroContext<'_>) -> PageFacts {
    PageFacts {
        name: cx.page_name().as_str().to_owned(),
        base: cx.base().to_owned(),
        wiki: cx.wiki_id().to_owned(),
        cfg: python.settings.clone(),
        language: cx.view.wiki.settings().language.clone(),
    }
}

/// The view, and who looks.
pub(super) fn visit(cx: &MacroContext<'_>) -> Visit {
    let viewer = cx.view.viewer;
    let settings = cx.view.wiki.settings();
    let zone = cx.zone_of_viewer();
    let offset = zone.to_offset(cx.view.now).seconds() / 60;
    let language = match viewer.language.as_str() {
        "" => settings.language.clone(),
        language => language.to_owned(),
    };
    let asked = |name: &str| cx.view.query.iter().find(|(key, _)| key == name);
    Visit {
        now_ms: cx.view.now.as_millisecond(),
        query: first_of_each(cx.view.query),
        revision: asked("rev").and_then(|(_, revision)| revision.parse().ok()),
        is_robot: cx.view.is_robot,
        language,
        utc_offset_minutes: offset,
        person: Person {
            name: viewer.name.clone(),
            id: viewer.user_id.clone(),
            is_superuser: viewer.superuser,
        },
    }
}

/// Of a name that the query has several times, the first value counts, as in MoinMoin.
fn first_of_each(query: &[(String, String)]) -> Vec<(String, String)> {
    let mut known = HashSet::new();
    query
        .iter()
        .filter(|(name, _)| known.insert(name))
        .cloned()
        .collect()
}

/// The session as the first call sees it.
pub(super) fn session_facts(cx: &MacroContext<'_>) -> SessionFacts {
    let session = &*cx.view.session;
    SessionFacts {
        is_new: session.is_new(),
        values: session
            .items()
            .map(|(key, value)| (key.to_owned(), to_wire(value)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use grange_wiki::markup::Place;

    use super::*;

    #[test]
    fn empty_parentheses_are_not_the_same_as_none() {
        let call = |source: &str, arguments: &str| MacroCall {
            name: "A".into(),
            arguments: arguments.into(),
            source: source.into(),
            place: Place::Inline,
        };
        assert_eq!(written_arguments(&call("<<A>>", "")), None);
        assert_eq!(written_arguments(&call("<<A()>>", "")).as_deref(), Some(""));
        assert_eq!(written_arguments(&call("<<A(1)>>", "1")).as_deref(), Some("1"));
    }
}
