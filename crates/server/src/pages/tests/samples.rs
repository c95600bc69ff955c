//! Each page once, filled with plausible things. `word` stands wherever a visitor's words can stand.

use std::borrow::Cow;

use super::super::*;
use super::Seen;

pub(super) fn site() -> Site<'static> {
    Site {
        wiki_id: "orchard",
        name: "Orchard",
        logo: None,
        home: "/orchard/",
        style: "/orchard/_static/h/style.css",
        script: "/orchard/_static/h/script.js",
        icon: "/orchard/_static/h/favicon.svg",
        language: "en",
        direction: Direction::LeftToRight,
        front_page: Presence::Elsewhere,
    }
}

pub(super) fn ada() -> Visitor<'static> {
    Visitor::User(UserMenu {
        name: "Ada",
        acting: None,
        logout: "/orchard/Trees/Apple?action=logout",
        logout_ticket: "ticket-logout",
        preferences: Some("/orchard/Trees/Apple?action=userprefs"),
        sessions: Some("/orchard/Trees/Apple?action=sessions"),
        farm: None,
        switch_user: None,
    })
}

pub(super) fn guest() -> Visitor<'static> {
    Visitor::Guest {
        login: Some("/orchard/Apple?action=login"),
        register: Some("/orchard/Apple?action=newaccount"),
    }
}

pub(super) fn moment() -> Moment {
    Moment {
        iso: "2026-01-05T10:00:00Z".into(),
        text: "5 January 2026, 10:00".into(),
    }
}

pub(super) fn form(word: &str) -> EditForm<'_> {
    EditForm {
        action: "/orchard/Apple?action=edit",
        text: word,
        base: 6,
        comment: word,
        triviality: Triviality::Substantial,
        ticket: "ticket-edit",
        signed_as: None,
        macros: &[],
    }
}

pub(super) fn rows(word: &str) -> Vec<DiffRow<'_>> {
    let line = |kind, old_number, new_number, text| DiffLine {
        kind,
        old_number,
        new_number,
        spans: vec![DiffSpan {
            text: Cow::Borrowed(text),
            weight: Weight::Changed,
        }],
    };
    DiffRow::pair(vec![
        line(LineKind::Same, 1, 1, "# Apple"),
        line(LineKind::Removed, 2, 0, "old words"),
        line(LineKind::Added, 0, 2, word),
    ])
}

pub(super) fn every_page() -> Vec<Seen> {
    every_page_with("plain words")
}

pub(super) fn every_page_with(word: &str) -> Vec<Seen> {
    let known = Shell {
        visitor: ada(),
        ..Shell::new(site(), word)
    };
    let unknown = Shell {
        visitor: guest(),
        ..Shell::new(site(), word)
    };
    let rows = rows(word);
    let mut pages = vec![Seen::new(
        "suspended",
        &SuspendedPage {
            shell: Shell::new(site(), word),
        },
    )];
    pages.extend(pages_to_read(word, &known, &unknown));
    pages.extend(super::search::pages_that_find(word, &known));
    pages.extend(pages_of_history(word, &known));
    pages.extend(pages_to_change(word, &known, &rows));
    pages.extend(pages_about_accounts(word, &known, &unknown));
    pages.extend(pages_about_sessions(word, &known));
    pages.extend(super::farm::pages_of_the_farm(word, &known));
    pages
}

fn pages_to_read(word: &str, known: &Shell<'_>, unknown: &Shell<'_>) -> Vec<Seen> {
    let links = [Link {
        href: "/orchard/",
        label: word,
    }];
    let change = LastChange {
        moment: moment(),
        author: Author {
            name: word,
            acting: None,
        },
        revision: 7,
        comment: word,
    };
    let trail = [TrailLink {
        href: "/orchard/Apple",
        label: word,
        wiki: Some(word),
        presence: Presence::Here,
    }];
    let view = ViewPage {
        shell: Shell {
            indexing: Indexing::Wanted,
            trail: &trail,
            last_change: Some(change),
            ..known.clone()
        },
        content: &"<p>The text.</p>",
        content_language: None,
        outline: &[OutlineEntry {
            level: 2,
            id: "soil",
            text: word,
        }; 3],
        old_revision: None,
    };
    let missing = MissingPage {
        shell: unknown.clone(),
        name: word,
        create: None,
        login: Some("/orchard/Pear?action=login"),
        gone: Some(Gone::Renamed {
            to: Link {
                href: "/orchard/Quince",
                label: word,
            },
        }),
    };
    let error = ErrorPage {
        shell: unknown.clone(),
        status: 500,
        sentence: word,
        links: &links,
        request_id: Some("r1"),
    };
    vec![
        Seen::new("view", &view),
        Seen::new("missing", &missing),
        Seen::new(
            "forbidden",
            &ForbiddenPage {
                shell: unknown.clone(),
                sentence: word,
                login: None,
            },
        ),
        Seen::new("error", &error),
    ]
}

fn pages_of_history(word: &str, known: &Shell<'_>) -> Vec<Seen> {
    let author = Some(Author {
        name: word,
        acting: Some(word),
    });
    let row = HistoryRow {
        of: RowOf::Revision {
            number: 3,
            standing: Standing::Revertible,
            picked: Picked::From,
        },
        moment: Some(moment()),
        author,
        kind: "edit",
        comment: word,
        bytes: 812,
    };
    let file = HistoryRow {
        of: RowOf::File {
            name: word,
            view: Some("/orchard/Apple?action=AttachFile&do=view&target=x".to_owned()),
        },
        ..row.clone()
    };
    let history = HistoryPage {
        shell: known.clone(),
        page: "/orchard/Apple",
        rows: &[row.clone(), file, row],
        older: None,
    };
    let side = |revision| DiffSide {
        revision,
        href: "/orchard/Apple",
        moment: Some(moment()),
        author,
        comment: word,
    };
    let rows = rows(word);
    let diff = DiffPage {
        shell: known.clone(),
        old: side(6),
        new: side(7),
        rows: &rows,
        earlier: None,
        later: None,
    };
    vec![Seen::new("history", &history), Seen::new("diff", &diff)]
}

fn pages_to_change(word: &str, known: &Shell<'_>, rows: &[DiffRow<'_>]) -> Vec<Seen> {
    let edit = EditPage {
        shell: known.clone(),
        form: form(word),
        preview: Some("<p>Soon.</p>"),
        changes: rows,
    };
    let conflict = ConflictPage {
        shell: known.clone(),
        form: form(word),
        theirs: word,
        their_author: Some(Author {
            name: word,
            acting: None,
        }),
        their_moment: Some(moment()),
        changes: rows,
    };
    let (action, ticket, cancel) = ("/orchard/Apple?action=x", "ticket-change", "/orchard/Apple");
    let delete = DeletePage {
        shell: known.clone(),
        name: word,
        action,
        ticket,
        comment: word,
        files: 2,
        list_of_files: action,
        cancel,
    };
    let shell = known.clone();
    let rename = RenamePage {
        shell,
        name: word,
        action,
        ticket,
        new_name: word,
        comment: word,
        cancel,
    };
    let shell = known.clone();
    let revert = RevertPage {
        shell,
        name: word,
        action,
        ticket,
        revision: 3,
        moment: Some(moment()),
        changes: rows,
        cancel,
    };
    vec![
        Seen::new("edit", &edit),
        Seen::new("conflict", &conflict),
        Seen::new("delete", &delete),
        Seen::new("rename", &rename),
        Seen::new("revert", &revert),
    ]
}

fn pages_about_accounts(word: &str, known: &Shell<'_>, unknown: &Shell<'_>) -> Vec<Seen> {
    let login = LoginForm {
        action: "/orchard/Apple?action=login",
        ticket: "ticket-login",
        name: word,
        remember_me: RememberMe::Offered,
    };
    let account = NewAccountForm {
        action: "/orchard/Apple?action=newaccount",
        ticket: "ticket-newaccount",
        name: word,
        email: word,
    };
    let switch = SwitchUserPage {
        shell: known.clone(),
        action: "/orchard/Apple?action=suid",
        ticket: "ticket-suid",
        name: word,
        reason: word,
    };
    let handover = HandoverPage {
        shell: known.clone(),
        action: "/orchard/Apple?action=login",
        fields: &[("ticket", "ticket-login"), ("go_on", word)],
        sentence: word,
        button: word,
        press: Press::Visitor,
    };
    let shared_with = [Link {
        href: "http://localhost:8081/",
        label: word,
    }];
    let shell = unknown.clone();
    let login = LoginPage {
        shell,
        form: Some(login),
        register: None,
        shared_with: &shared_with,
    };
    vec![
        Seen::new("login", &login),
        Seen::new(
            "newaccount",
            &NewAccountPage {
                shell: unknown.clone(),
                form: Some(account),
                login: None,
            },
        ),
        Seen::new("suid", &switch),
        Seen::new("handover", &handover),
    ]
}

pub(super) fn session_row(word: &str) -> SessionRow {
    SessionRow {
        handle: "0a.5".into(),
        browser: "Firefox".into(),
        wiki: word.into(),
        created: moment(),
        last_seen: moment(),
        remembered: true,
        acting: Some(word.into()),
        user: Some(word.into()),
        is_this_one: false,
    }
}

fn pages_about_sessions(word: &str, known: &Shell<'_>) -> Vec<Seen> {
    let this_one = SessionRow {
        is_this_one: true,
        ..session_row(word)
    };
    let sessions = SessionsPage {
        shell: known.clone(),
        action: "/orchard/Apple?action=sessions",
        page: "/orchard/Apple",
        ticket: "ticket-sessions",
        name: Some(word),
        rows: &[this_one, session_row(word)],
        others: 1,
        looks_up: true,
    };
    let preferences = PreferencesPage {
        shell: known.clone(),
        action: "/orchard/Apple?action=userprefs",
        ticket: "ticket-userprefs",
        name: word,
        email: Some(word),
        sessions: Some("/orchard/Apple?action=sessions"),
    };
    let proof = ProofPage {
        shell: known.clone(),
        action: "/orchard/Apple?action=suid",
        ticket: "ticket-proof",
        name: word,
        carried: &[("reason", word)],
        cancel: "/orchard/Apple",
    };
    vec![
        Seen::new("sessions", &sessions),
        Seen::new("userprefs", &preferences),
        Seen::new("proof", &proof),
    ]
}
