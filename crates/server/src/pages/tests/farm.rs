//! The farm's admin pages, filled with plausible things, for the tests that look at every page.

use super::super::*;
use super::Seen;
use super::samples::{moment, session_row};

fn navigation(here: &'static str) -> FarmNavigation {
    FarmNavigation {
        base: "/orchard/_farm/".into(),
        here,
    }
}

pub(super) fn pages_of_the_farm(word: &str, known: &Shell<'_>) -> Vec<Seen> {
    let paging = Paging::new("/orchard/_farm/?q=", 100, 1, 300, 100);
    let row = FarmWikiRow {
        id: "orchard".into(),
        sitename: word.into(),
        href: Some("/orchard/".into()),
        addresses: word.into(),
        group: Some(word.into()),
        state: "active",
        sessions: "/orchard/_farm/sessions?wiki=orchard".into(),
    };
    let wikis = FarmWikisPage {
        shell: known.clone(),
        navigation: navigation("wikis"),
        wikis: 300,
        since: moment(),
        wanted: word,
        rows: &[row],
        paging: paging.clone(),
    };
    let sharing = FarmSharingPage {
        shell: known.clone(),
        navigation: navigation("sharing"),
        drawing: "<svg role=\"img\"><title>Who shares what</title></svg>",
        text: word,
    };
    let sessions = FarmSessionsPage {
        shell: known.clone(),
        navigation: navigation("sessions"),
        action: "/orchard/_farm/sessions",
        ticket: "ticket-farm",
        wiki: "orchard",
        shared_with: word,
        user: word,
        rows: &[session_row(word)],
        paging,
    };
    let problem = FarmProblem {
        severity: "error",
        code: "L-07".into(),
        place: word.into(),
        message: word.into(),
        remedy: word.into(),
    };
    let config = FarmConfigPage {
        shell: known.clone(),
        navigation: navigation("config"),
        file: word,
        since: moment(),
        errors: 1,
        warnings: 2,
        problems: &[problem],
        more: 7,
    };
    vec![
        Seen::new("farm_wikis", &wikis),
        Seen::new("farm_sharing", &sharing),
        Seen::new("farm_sessions", &sessions),
        Seen::new("farm_config", &config),
    ]
}
