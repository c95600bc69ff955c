//! `grange sharing`: who shares cookie, sessions, users and pages with whom.
//!
//! [`Sharing::of`] concludes it from a checked farm: four partitions of the wikis, and the *circles* that they make
//! together. [`Sharing::to_text`] is for a terminal, [`Sharing::to_svg`] for a page or a file, serde for machines. All
//! stay readable for hundreds of wikis, because wikis that share alike become one row. Nothing here opens a store, and a
//! value that came from the environment is shown as `${NAME}`. How the circles are found is `sharing/circles.rs`.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use grange_session::{CookieNameRule, cookie_name_part};
use serde::Serialize;

use crate::check::paths::RealPaths;
use crate::check::{FarmConfig, WikiConfig};
use crate::cookie_jar;

mod circles;
mod rows;
mod svg;
#[cfg(test)]
mod tests;
mod text;
mod trust;

pub use svg::SvgFor;
pub use trust::{ONE_TRUST_DOMAIN, ToldApart, TrustDomain};

use circles::Partition;

/// Who shares what with whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sharing {
    /// Every wiki, those of one circle beside each other, in the order of the files.
    pub wikis: Vec<SharingWiki>,
    /// Wikis that share anything with one another, two or more.
    pub circles: Vec<Circle>,
    /// Wikis that browsers do not protect from one another.
    pub trust_domains: Vec<TrustDomain>,
}

/// One wiki: what it shares, as labels. Two wikis share a thing exactly where both have the same label for it; `None`
/// is its own alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharingWiki {
    /// `[wiki.ID]`.
    pub id: Arc<str>,
    /// Its canonical address as written.
    pub address: String,
    /// The name of its cookie over http; on https there is a prefix in front.
    pub cookie_name: String,
    /// Browsers hold one cookie for all wikis with this label.
    pub cookie: Option<Label>,
    /// One session, wherever its cookie arrives.
    pub sessions: Option<Label>,
    /// One list of accounts.
    pub users: Option<Label>,
    /// One directory of pages. A checked farm has none that is shared.
    pub pages: Option<Label>,
    /// The wiki where its people log in (`central_login`), as written; `None` = on itself alone.
    pub login_on: Option<Arc<str>>,
}

/// `A`, or `B2` where a circle shares a thing in several parts.
pub type Label = Arc<str>;

/// Wikis that are connected by what they share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Circle {
    /// `A`, `B`, …
    pub label: Label,
    /// Its wikis.
    pub wikis: Vec<Arc<str>>,
    /// Whether one login holds on all of them.
    pub login: Login,
    /// The one wiki on which people log in for all of them.
    pub login_on: Option<Arc<str>>,
}

/// What a login on one wiki of a circle means on the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    /// Cookie and sessions are shared by all: logged in on one, logged in on all.
    Together,
    /// People log in on one wiki, and the login is handed over from there to the others.
    HandedOver,
    /// The sessions are one, but browsers do not carry the cookie from each to each.
    CookieStaysBehind,
    /// The accounts are one, and everybody logs in on each wiki.
    OnEach,
    /// Some of them together, others not.
    InParts,
}

impl Sharing {
    /// Concludes it from a checked farm. The cost is that of reading the wikis once.
    pub fn of(farm: &FarmConfig) -> Sharing {
        let parts = Parts::of(farm);
        let order = parts.together().grouped();
        let mut sharing = Sharing {
            wikis: Vec::with_capacity(farm.wikis.len()),
            circles: Vec::new(),
            trust_domains: trust::trust_domains(farm),
        };
        for members in order {
            let circle = (members.len() > 1).then(|| circles::letters(sharing.circles.len()));
            let labels = parts.labels(&members, circle.as_deref());
            let wikis = members.iter().filter_map(|index| farm.wikis.get(*index));
            let rows = wikis.zip(labels).map(|(wiki, labels)| row(wiki, labels));
            let first = sharing.wikis.len();
            sharing.wikis.extend(rows);
            if let Some(label) = circle {
                let rows = sharing.wikis.get(first..).unwrap_or_default();
                let circle = Circle::of(label.into(), rows);
                sharing.circles.push(circle);
            }
        }
        sharing
    }

    /// For a terminal: a table, then sentences about it.
    pub fn to_text(&self) -> String {
        text::draw(self)
    }

    /// As a drawing: static, with title and description, for light and dark.
    pub fn to_svg(&self, purpose: SvgFor) -> String {
        svg::draw(self, purpose)
    }
}

/// The labels of one wiki, in the order cookie, sessions, users, pages.
type Labels = [Option<Label>; 4];

fn row(wiki: &WikiConfig, labels: Labels) -> SharingWiki {
    let [cookie, sessions, users, pages] = labels;
    SharingWiki {
        id: Arc::clone(&wiki.id),
        address: shown_address(wiki),
        cookie_name: shown_cookie_name(wiki),
        cookie,
        sessions,
        users,
        pages,
        login_on: shown_login(wiki),
    }
}

fn shown_login(wiki: &WikiConfig) -> Option<Arc<str>> {
    let written = wiki.written_variable("central_login").map(Arc::from);
    wiki.central_login
        .as_ref()
        .map(|login| written.unwrap_or_else(|| Arc::clone(login)))
}

fn shown_address(wiki: &WikiConfig) -> String {
    let written = || wiki.canonical().map(|address| address.written().to_owned());
    match wiki.written_variable("at") {
        Some(list) => list.to_owned(),
        None => written().unwrap_or_default(),
    }
}

fn shown_cookie_name(wiki: &WikiConfig) -> String {
    let part = &wiki.session.cookie.name_part;
    match (wiki.written_variable("cookie_name"), wiki.written_variable("at")) {
        (Some(written), _) => format!("GRANGE_SESSION_{written}"),
        (None, Some(list)) if is_made_from_address(wiki) => format!("GRANGE_SESSION_<from {list}>"),
        _ => format!("GRANGE_SESSION_{part}"),
    }
}

/// Whether port and path of the wiki give this very name; then it may not show them where they are not to be shown.
fn is_made_from_address(wiki: &WikiConfig) -> bool {
    let (port, path) = match wiki.canonical() {
        Some(address) => (address.port(), address.path()),
        None => (None, &[][..]),
    };
    let made = cookie_name_part(&CookieNameRule::FromAddress, &wiki.id, port, path);
    made.is_ok_and(|made| made == wiki.session.cookie.name_part)
}

impl Circle {
    fn of(label: Label, wikis: &[SharingWiki]) -> Circle {
        let all = |thing: fn(&SharingWiki) -> &Option<Label>| {
            let mut labels = wikis.iter().map(thing);
            let first = labels.next().and_then(Option::as_ref);
            first.is_some() && labels.all(|label| label.as_ref() == first)
        };
        let some = |thing: fn(&SharingWiki) -> &Option<Label>| wikis.iter().any(|wiki| thing(wiki).is_some());
        let login_on = all(|wiki| &wiki.login_on)
            .then(|| wikis.first().and_then(|wiki| wiki.login_on.clone()))
            .flatten();
        let login = match (all(|wiki| &wiki.sessions), all(|wiki| &wiki.cookie)) {
            (true, true) => Login::Together,
            (true, false) if login_on.is_some() => Login::HandedOver,
            (true, false) if !some(|wiki| &wiki.cookie) => Login::CookieStaysBehind,
            _ if !some(|wiki| &wiki.sessions) => Login::OnEach,
            _ => Login::InParts,
        };
        Circle {
            label,
            wikis: wikis.iter().map(|wiki| Arc::clone(&wiki.id)).collect(),
            login,
            login_on,
        }
    }
}

/// The four partitions.
struct Parts([Partition; 4]);

impl Parts {
    fn of(farm: &FarmConfig) -> Parts {
        let mut cookies = Partition::of_each(farm.wikis.len());
        let wikis = farm.wikis.iter().map(Arc::as_ref).enumerate();
        for (one, other) in cookie_jar::meetings(wikis) {
            cookies.join(one, other);
        }
        let mut real = RealPaths::default();
        let parts = [
            cookies,
            by_key(farm, |wiki| wiki.session.realm),
            by_key(farm, |wiki| wiki.user_store.clone()),
            by_key(farm, |wiki| real.of(&wiki.data_dir)),
        ];
        Parts(parts.map(Partition::settled))
    }

    /// Connected by anything at all.
    fn together(&self) -> Partition {
        let count = self.0.iter().map(Partition::len).max().unwrap_or_default();
        let mut together = Partition::of_each(count);
        for part in &self.0 {
            for index in 0..count {
                together.join(index, part.first_of(index));
            }
        }
        together.settled()
    }

    fn labels(&self, members: &[usize], circle: Option<&str>) -> Vec<Labels> {
        let columns = self.0.each_ref().map(|part| part.labels(members, circle));
        let [mut cookie, mut sessions, mut users, mut pages] = columns.map(Vec::into_iter);
        let row = |_: &usize| {
            [
                cookie.next().flatten(),
                sessions.next().flatten(),
                users.next().flatten(),
                pages.next().flatten(),
            ]
        };
        members.iter().map(row).collect()
    }
}

/// Wikis with equal keys are together.
fn by_key<K: Eq + Hash>(farm: &FarmConfig, mut key: impl FnMut(&WikiConfig) -> K) -> Partition {
    let mut firsts: HashMap<K, usize> = HashMap::new();
    let mut partition = Partition::of_each(farm.wikis.len());
    for (index, wiki) in farm.wikis.iter().enumerate() {
        let first = *firsts.entry(key(wiki)).or_insert(index);
        partition.join(first, index);
    }
    partition
}
