//! The shell around a page, gathered for one visitor: navigation, trail, user menu,
//! edit bar, last change.
//!
//! [`Frame`] owns what the templates borrow. Handlers gather one, take a
//! [`Shell`] from its [`View`] and fill in what only they know. Whatever a visitor
//! may not do is left out here.

use grange_macros::trail_links;
use grange_wiki::rights::Right;
use grange_wiki::{Change, PageName};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::handlers::farm_admin;
use crate::pages::{
    Acting, Author, Direction, EditBar, Editing, LastChange, Link, Message, MessageKind, Moment, NaviLink,
    PageAction, Presence, SearchBox, Shell, Site, TrailLink, UserMenu, Visitor,
};
use crate::refusal::Refusal;
use crate::routes;
use crate::visit::{Visit, action_at};

/// Everything around the content, owned.
pub struct Frame<'v> {
    visit: &'v Visit<'v>,
    page: Option<PageName>,
    page_href: String,
    home: String,
    style: String,
    script: String,
    icon: String,
    navi: Vec<(String, String, Presence)>,
    parents: Vec<(String, String)>,
    trail: Vec<(String, String, Option<String>, Presence)>,
    menu: Menu,
    bar: Option<Bar>,
    last_change: Option<Change>,
}

/// The parts of a frame as the templates borrow them.
pub struct View<'f> {
    frame: &'f Frame<'f>,
    navi: Vec<NaviLink<'f>>,
    parents: Vec<Link<'f>>,
    trail: Vec<TrailLink<'f>>,
}

struct Menu {
    login: Option<String>,
    register: Option<String>,
    logout: String,
    logout_ticket: String,
    preferences: Option<String>,
    sessions: Option<String>,
    farm: Option<String>,
    switch_user: Option<String>,
    acting: Option<ActingParts>,
}

struct ActingParts {
    real_name: String,
    reason: String,
    return_to: String,
    ticket: String,
}

struct Bar {
    editing: Editing,
    actions: Vec<PageAction>,
    files: usize,
}

impl<'v> Frame<'v> {
    /// Gathers what stands around a page, or around an answer that is about none.
    ///
    /// # Errors
    /// * [`Refusal::Internal`] when a store does not answer
    pub async fn gather(visit: &'v Visit<'v>, page: Option<&PageName>) -> Result<Frame<'v>, Refusal> {
        let page_href = visit.page_url(page.unwrap_or(&visit.place.config.front_page));
        Ok(Frame {
            visit,
            page: page.cloned(),
            home: [visit.place.base, "/"].concat(),
            icon: visit.state.files.address(visit.place.base, "favicon.svg"),
            style: visit.state.files.address(visit.place.base, "style.css"),
            script: visit.state.files.address(visit.place.base, "script.js"),
            navi: navigation(visit, page).await?,
            parents: parents(visit, page),
            trail: trail(visit, page).await,
            menu: Menu::gather(visit, &page_href),
            page_href,
            bar: None,
            last_change: None,
        })
    }

    /// Adds what can be done with an existing page, as far as this visitor may.
    ///
    /// # Errors
    /// * [`Refusal::Internal`] when the store does not answer
    pub async fn with_edit_bar(mut self, page: &PageName) -> Result<Frame<'v>, Refusal> {
        let may = |right| self.visit.open.wiki.may(&self.visit.visitor.viewer, right, page);
        let open = self.visit.check_open_for_changes().is_ok();
        let write = open && may(Right::Write).await?;
        let delete = write && may(Right::Delete).await?;
        let mut actions = vec![
            PageAction::History,
            PageAction::Attachments,
            PageAction::Raw,
            PageAction::Backlinks,
            PageAction::Similar,
        ];
        if delete {
            actions.extend([PageAction::Rename, PageAction::Delete]);
        }
        actions.retain(|action| routes::is_offered(self.visit, action.action()));
        let editing = if write && routes::is_offered(self.visit, "edit") {
            Editing::Open
        } else {
            Editing::Locked
        };
        self.bar = Some(Bar {
            editing,
            actions,
            files: self.visit.open.wiki.attachment_count(page).await?,
        });
        Ok(self)
    }

    /// Adds the line that says who changed the page last.
    pub fn with_last_change(mut self, change: Option<Change>) -> Frame<'v> {
        self.last_change = change;
        self
    }

    /// The address of the page without a query.
    pub fn page_href(&self) -> &str {
        &self.page_href
    }

    /// Borrows the parts in the shapes that templates read.
    pub fn view(&'v self) -> View<'v> {
        View {
            frame: self,
            navi: self
                .navi
                .iter()
                .map(|(href, label, presence)| NaviLink {
                    href,
                    label,
                    presence: *presence,
                })
                .collect(),
            parents: self
                .parents
                .iter()
                .map(|(href, label)| Link { href, label })
                .collect(),
            trail: self
                .trail
                .iter()
                .map(|(href, label, wiki, presence)| TrailLink {
                    href,
                    label,
                    wiki: wiki.as_deref(),
                    presence: *presence,
                })
                .collect(),
        }
    }
}

impl<'f> View<'f> {
    /// The shell around a content with this title.
    pub fn shell(&'f self, title: &'f str) -> Shell<'f> {
        let frame = self.frame;
        Shell {
            search: frame.search_box(),
            navi: &self.navi,
            parents: &self.parents,
            page: frame.page.as_ref().map(|name| Link {
                href: &frame.page_href,
                label: name.base_name(),
            }),
            trail: &self.trail,
            message: frame.notice(),
            visitor: frame.visitor(),
            edit_bar: frame.bar.as_ref().map(|bar| EditBar {
                page: &frame.page_href,
                editing: bar.editing,
                files: bar.files,
                actions: &bar.actions,
            }),
            last_change: frame.last_change.as_ref().map(|change| LastChange {
                moment: moment(frame.visit, change.time),
                author: author(change),
                revision: change.revision,
                comment: &change.comment,
            }),
            ..Shell::new(frame.site(), title)
        }
    }
}

impl<'v> Frame<'v> {
    fn site(&'v self) -> Site<'v> {
        let config = &self.visit.place.config;
        Site {
            wiki_id: &config.id,
            name: &config.sitename,
            logo: config.logo.as_deref(),
            home: &self.home,
            style: &self.style,
            script: &self.script,
            icon: &self.icon,
            // The interface speaks English; pages say their own language.
            language: "en",
            direction: Direction::LeftToRight,
            front_page: match &self.page {
                Some(page) if *page == config.front_page => Presence::Here,
                _ => Presence::Elsewhere,
            },
        }
    }

    /// It asks the front page: the page that is shown may be one that cannot be read.
    fn search_box(&'v self) -> Option<SearchBox<'v>> {
        let query = &self.visit.query;
        let was_asked = query.get("action") == Some("fullsearch");
        routes::is_offered(self.visit, "fullsearch").then(|| SearchBox {
            action: &self.home,
            value: if was_asked { query.text("value") } else { "" },
        })
    }

    /// "You are now logged out." after the redirect from the logout form, also where the page that it
    /// stood on is missing or may not be read by guests; a word of comfort while sessions cannot be read; why nobody can
    /// change anything on a wiki that is closed for changes.
    fn notice(&self) -> Option<Message<'static>> {
        if self.visit.session.store_is_down() {
            let text =
                "It cannot be told at the moment who you are. You are not logged out; please try again soon.";
            return Some(Message {
                kind: MessageKind::Warning,
                text,
            });
        }
        if says_logged_out(self.visit) {
            return Some(Message {
                kind: MessageKind::Done,
                text: "You are now logged out.",
            });
        }
        // Said where the word "Locked" would otherwise stand without a reason.
        let closed = self.visit.why_closed_for_changes().filter(|_| self.bar.is_some());
        closed.map(|text| Message {
            kind: MessageKind::Note,
            text,
        })
    }

    fn visitor(&'v self) -> Visitor<'v> {
        let menu = &self.menu;
        let Some(name) = self.visit.visitor.name() else {
            return Visitor::Guest {
                login: menu.login.as_deref(),
                register: menu.register.as_deref(),
            };
        };
        Visitor::User(UserMenu {
            name,
            acting: menu.acting.as_ref().map(|acting| Acting {
                real_name: &acting.real_name,
                reason: &acting.reason,
                return_to: &acting.return_to,
                ticket: &acting.ticket,
            }),
            logout: &menu.logout,
            logout_ticket: &menu.logout_ticket,
            preferences: menu.preferences.as_deref(),
            sessions: menu.sessions.as_deref(),
            farm: menu.farm.as_deref(),
            switch_user: menu.switch_user.as_deref(),
        })
    }
}

impl Menu {
    fn gather(visit: &Visit<'_>, page_href: &str) -> Menu {
        let known = visit.visitor.user.is_some();
        let config = &visit.place.config;
        let link = |wanted: bool, action: &str| {
            (wanted && routes::is_offered(visit, action)).then(|| action_at(page_href, action))
        };
        let registers = config.registration != grange_farm::Registration::Closed
            && config.session.lifetimes.allows_login()
            && visit.why_closed_for_changes().is_none();
        Menu {
            login: link(!known && config.session.lifetimes.allows_login(), "login"),
            register: link(!known && registers, "newaccount"),
            logout: action_at(page_href, "logout"),
            logout_ticket: if known {
                visit.ticket("logout")
            } else {
                String::new()
            },
            preferences: link(known && visit.visitor.real.is_none(), "userprefs"),
            sessions: link(known, "sessions"),
            farm: farm_admin::is_admin(visit).then(|| format!("{}/_farm/", visit.place.base)),
            switch_user: link(
                visit.visitor.viewer.superuser && visit.visitor.real.is_none(),
                "suid",
            ),
            acting: visit.visitor.real.as_ref().map(|real| ActingParts {
                real_name: real.name.as_str().to_owned(),
                reason: visit
                    .session
                    .acting()
                    .map(|acting| acting.reason.clone())
                    .unwrap_or_default(),
                return_to: action_at(page_href, "suid"),
                ticket: visit.ticket("suid"),
            }),
        }
    }
}

/// `navi_bar`: page names, `[[Page|label]]`, or `label https://…`.
async fn navigation(
    visit: &Visit<'_>,
    here: Option<&PageName>,
) -> Result<Vec<(String, String, Presence)>, Refusal> {
    let names = visit.open.wiki.page_names().await?;
    let mut entries = Vec::with_capacity(visit.place.config.navi_bar.len());
    for entry in visit.place.config.navi_bar.iter() {
        let (target, label) = split_entry(entry);
        if target.starts_with("https://") || target.starts_with("http://") {
            entries.push((target.to_owned(), label.to_owned(), Presence::Elsewhere));
            continue;
        }
        let Ok(page) = PageName::parse(target) else {
            continue;
        };
        let presence = match here {
            Some(name) if *name == page => Presence::Here,
            _ if names.binary_search(&page).is_ok() => Presence::Elsewhere,
            _ => Presence::Missing,
        };
        let may_write = || visit.open.wiki.may(&visit.visitor.viewer, Right::Write, &page);
        // A page that nobody has written is an invitation to those who may write it, and noise to others.
        if presence != Presence::Missing || may_write().await? {
            entries.push((visit.page_url(&page), label.to_owned(), presence));
        }
    }
    Ok(entries)
}

/// Whether the address asks for "You are now logged out.": all that is read of it around a page.
pub fn says_logged_out(visit: &Visit<'_>) -> bool {
    visit.query.has("logged_out") && visit.visitor.user.is_none()
}

/// The target and the label of a navigation entry.
fn split_entry(entry: &str) -> (&str, &str) {
    let inner = entry
        .strip_prefix("[[")
        .and_then(|rest| rest.strip_suffix("]]"))
        .unwrap_or(entry);
    match inner.split_once('|') {
        Some((target, label)) => (target.trim(), label.trim()),
        None => (inner.trim(), inner.trim()),
    }
}

fn parents(visit: &Visit<'_>, page: Option<&PageName>) -> Vec<(String, String)> {
    let ancestors = page.into_iter().flat_map(PageName::ancestors);
    ancestors
        .map(|name| (visit.page_url(&name), name.base_name().to_owned()))
        .collect()
}

async fn trail(
    visit: &Visit<'_>,
    here: Option<&PageName>,
) -> Vec<(String, String, Option<String>, Presence)> {
    if visit.place.config.session.trail_size == 0 {
        // A sibling with a trail may have filled it; here it is off.
        return Vec::new();
    }
    let own = &*visit.place.config.id;
    let links = trail_links(&visit.session, &visit.visitor.viewer, &visit.siblings()).await;
    let shown = links.into_iter().map(|link| {
        let is_here = link.wiki == own && here.is_some_and(|name| name.as_str() == link.label);
        let presence = if is_here {
            Presence::Here
        } else {
            Presence::Elsewhere
        };
        let sibling = (link.wiki != own).then_some(link.wiki_title);
        (link.href, link.label, sibling, presence)
    });
    shown.collect()
}

/// A moment as this visitor reads it.
pub fn moment(visit: &Visit<'_>, time: Timestamp) -> Moment {
    let zone = TimeZone::get(&visit.visitor.viewer.time_zone).unwrap_or(TimeZone::UTC);
    let whole_seconds = Timestamp::from_second(time.as_second()).unwrap_or(time);
    Moment {
        iso: whole_seconds.to_string(),
        text: time.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string(),
    }
}

/// Who made a change, as the pages name it.
pub fn author(change: &Change) -> Author<'_> {
    author_of(&change.author)
}

/// An author, as the pages name them.
pub fn author_of(author: &grange_wiki::Author) -> Author<'_> {
    Author {
        name: author
            .name
            .as_deref()
            .or(author.address.as_deref())
            .unwrap_or("anonymous"),
        acting: author.acting.as_deref(),
    }
}
