//! What a macro sees while it expands: its page, the visitor, the wiki, the farm.
//!
//! Everything that differs between visitors or views is behind a method, and the method leaves a mark
//! in [`Touched`](crate::Touched). There is no way around it, so an output is private exactly when it has to be,
//! whatever its macro declares. Wiki pages are read with the viewer's rights.
//! Start reading at [`View`], which the server fills in, then [`MacroContext`].

use std::sync::Arc;

use bytestring::ByteString;
use grange_session::{Randomness, Session, SessionDict};
use grange_wiki::markup::{Inline, Place};
use grange_wiki::render::{Claims, Fragment, Heading, Highlighter, LinkResolver, fragment_html};
use grange_wiki::rights::{Right, Viewer};
use grange_wiki::search::{self, Query, Search};
use grange_wiki::{Change, Page, PageLinks, PageName, Wiki};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::MacroClock;
use crate::error::MacroError;
use crate::farm_view::FarmView;
use crate::language;
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::python::PythonMacros;
use crate::python::library::Shelf;
use crate::registry::Registry;
use crate::touched::Touched;

/// One view of a page by one visitor: what the server knows and macros may ask for.
pub struct View<'a> {
    /// The macros that are known here.
    pub registry: &'a Registry,
    /// The wiki.
    pub wiki: &'a Wiki,
    /// Who looks.
    pub viewer: &'a Viewer,
    /// The visitor's session.
    pub session: &'a mut Session,
    /// The page that is shown.
    pub page: &'a PageName,
    /// Its headings.
    pub headings: &'a [Heading],
    /// The wiki's mount path, empty or beginning with a slash.
    pub base: &'a str,
    /// The query of the address, decoded.
    pub query: &'a [(String, String)],
    /// The time of the view.
    pub now: Timestamp,
    /// The farm's other wikis.
    pub farm: &'a dyn FarmView,
    /// Chance.
    pub randomness: &'a dyn Randomness,
    /// Measures how long the macros take.
    pub clock: &'a dyn MacroClock,
    /// What the macros of this view may use up together.
    pub limits: Limits,
    /// The wiki's Python macros.
    pub python: Option<&'a PythonMacros>,
    /// The `Accept-Language` of the request, empty where it does not count.
    pub accept_language: &'a str,
    /// Whether a program that walks sites asks.
    pub is_robot: bool,
    /// Whether what macros keep may be changed by this view.
    pub keeping: Keeping,
}

/// Whether a view may change what macros keep in their storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// A person looks at the page.
    Allowed,
    /// Nobody does: a HEAD request, a preview, an old revision.
    Dropped,
}

/// When an expansion happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// While the page is rendered for everybody: anonymous viewer, unsaved session.
    Rendering,
    /// While an output is made that everybody shares for a period, again for a guest.
    Sharing,
    /// While somebody looks.
    Viewing,
}

/// What a macro works with.
pub struct MacroContext<'a> {
    pub(crate) view: View<'a>,
    pub(crate) occasion: Occasion,
    /// The pages that include each other down to this one, the viewed page first.
    pub(crate) stack: Vec<PageName>,
    pub(crate) ledger: Ledger,
    /// The numbers and ids that are given away on the page so far, included pages among it.
    pub(crate) claims: Claims,
    links: Option<Arc<PageLinks>>,
    shelf: Option<Arc<Shelf>>,
}

impl<'a> MacroContext<'a> {
    /// The context for filling a page's holes.
    #[must_use]
    pub fn new(view: View<'a>) -> MacroContext<'a> {
        MacroContext::at(view, Occasion::Viewing)
    }

    pub(crate) fn at(view: View<'a>, occasion: Occasion) -> MacroContext<'a> {
        let stack = vec![view.page.clone()];
        let ledger = Ledger::new(view.limits);
        MacroContext {
            view,
            occasion,
            stack,
            ledger,
            claims: Claims::default(),
            links: None,
            shelf: None,
        }
    }

    /// A context for another page inside this one, for the same visitor. Its ledger goes on from this
    /// one's; whoever is done with it writes it back.
    pub(crate) fn inside<'b>(&'b mut self, page: &'b PageName, headings: &'b [Heading]) -> MacroContext<'b> {
        let mut stack = self.stack.clone();
        stack.push(page.clone());
        let view = View {
            session: &mut *self.view.session,
            page,
            headings,
            ..self.view
        };
        MacroContext {
            view,
            occasion: self.occasion,
            stack,
            ledger: self.ledger.clone(),
            claims: self.claims.clone(),
            links: self.links.clone(),
            shelf: self.shelf.clone(),
        }
    }

    /// A context for the same place that knows nothing of the visitor, for outputs that all share. What it uses up
    /// is paid by this one, so whoever is done with it writes its budget back; only its output is measured alone.
    pub(crate) fn for_guest<'b>(&'b self, guest: &'b Viewer, session: &'b mut Session) -> MacroContext<'b> {
        let view = View {
            viewer: guest,
            session,
            query: &[],
            accept_language: "",
            is_robot: false,
            ..self.view
        };
        let (stack, mut budget) = (self.stack.clone(), self.ledger.budget);
        budget.restore_bytes(budget.limits().output_bytes);
        let mut shared = MacroContext {
            stack,
            ..MacroContext::at(view, Occasion::Sharing)
        };
        shared.ledger.budget = budget;
        shared.ledger.stuck.clone_from(&self.ledger.stuck);
        shared
    }

    /// The page that the call stands on; inside an included page, that page.
    #[must_use]
    pub fn page_name(&self) -> &'a PageName {
        self.view.page
    }

    /// The headings of that page.
    #[must_use]
    pub fn headings(&self) -> &'a [Heading] {
        self.view.headings
    }

    /// The wiki's mount path, empty or beginning with a slash.
    #[must_use]
    pub fn base(&self) -> &'a str {
        self.view.base
    }

    /// The wiki's id.
    #[must_use]
    pub fn wiki_id(&self) -> &'a str {
        self.view.wiki.id()
    }

    /// The visitor's session as a dict. Who is logged in is no macro's business; [`MacroContext::viewer`]
    /// says who looks.
    pub fn session(&mut self) -> SessionDict<'_> {
        self.ledger.touched.session = true;
        self.view.session.dict()
    }

    /// Who looks.
    pub fn viewer(&mut self) -> &'a Viewer {
        self.ledger.touched.user = true;
        self.view.viewer
    }

    /// The language to answer in: the viewer's, else the wiki's.
    pub fn language(&mut self) -> &'a str {
        self.ledger.touched.language = true;
        match self.view.viewer.language.as_str() {
            "" => &self.view.wiki.settings().language,
            language => language,
        }
    }

    /// The time zone to show times in: the viewer's, else the wiki's, else UTC.
    pub fn time_zone(&mut self) -> TimeZone {
        self.ledger.touched.user = true;
        self.zone_of_viewer()
    }

    /// Without a mark: for facts that are marked when a macro reads them.
    pub(crate) fn zone_of_viewer(&self) -> TimeZone {
        let wanted = [&self.view.viewer.time_zone, &self.view.wiki.settings().time_zone];
        let known = wanted.into_iter().filter(|name| !name.is_empty());
        known
            .flat_map(|name| TimeZone::get(name))
            .next()
            .unwrap_or(TimeZone::UTC)
    }

    /// The time of the view.
    pub fn now(&mut self) -> Timestamp {
        self.ledger.touched.moment = true;
        self.view.now
    }

    /// Chance.
    pub fn randomness(&mut self) -> &'a dyn Randomness {
        self.ledger.touched.moment = true;
        self.view.randomness
    }

    /// The value of `name` in the query of the page's address.
    pub fn query(&mut self, name: &str) -> Option<&'a str> {
        self.ledger.touched.address = true;
        let query: &'a [(String, String)] = self.view.query;
        query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// What colours code on the wiki's pages.
    #[must_use]
    pub fn highlighter(&self) -> Arc<Highlighter> {
        self.view.wiki.settings().highlighter.clone()
    }

    /// The names of all macros, in order.
    pub fn macro_names(&self) -> impl Iterator<Item = &'static str> + 'a {
        self.view.registry.definitions().map(|definition| definition.name)
    }

    /// Whether this wiki has turned an action of pages off. The same for everybody until its settings change.
    #[must_use]
    pub fn is_turned_off(&self, action: &str) -> bool {
        self.view.farm.is_turned_off(action)
    }

    /// The farm's other wikis. Their pages may change at any time, and links to them begin with the host that
    /// was asked.
    pub fn farm(&mut self) -> &'a dyn FarmView {
        self.ledger.touched.moment = true;
        self.ledger.touched.address = true;
        self.view.farm
    }

    /// The wiki itself. What is read through it is read without asking for the viewer's rights, so ask
    /// [`MacroContext::may_read`] before showing any of it.
    pub fn wiki(&mut self) -> &'a Wiki {
        self.ledger.touched.pages = true;
        self.view.wiki
    }

    /// Whether the viewer may read the page (which need not exist).
    ///
    /// # Errors
    /// * [`MacroError::Store`] if the wiki's store does not answer.
    pub async fn may_read(&mut self, page: &PageName) -> Result<bool, MacroError> {
        let wiki = self.wiki();
        let may = wiki.may(self.view.viewer, Right::Read, page).await?;
        // Only what every guest may read is the same for everybody.
        if !may || (self.view.viewer.is_known() && !self.guests_may_read(page).await?) {
            self.ledger.touched.user = true;
        }
        Ok(may)
    }

    async fn guests_may_read(&self, page: &PageName) -> Result<bool, MacroError> {
        Ok(self
            .view
            .wiki
            .may(&Viewer::anonymous(), Right::Read, page)
            .await?)
    }

    /// The page, if it exists and the viewer may read it.
    ///
    /// # Errors
    /// * [`MacroError::Store`] if the wiki's store does not answer.
    pub async fn page(&mut self, name: &PageName) -> Result<Option<Arc<Page>>, MacroError> {
        match self.may_read(name).await? {
            true => Ok(self.wiki().page(name).await?),
            false => Ok(None),
        }
    }

    /// The names for which `wanted` says yes and which the viewer may read, in order.
    ///
    /// # Errors
    /// * [`MacroError::Store`] if the wiki's store does not answer.
    pub async fn readable_pages(
        &mut self,
        wanted: impl Fn(&PageName) -> bool + Send,
    ) -> Result<Vec<PageName>, MacroError> {
        let names = self.wiki().page_names().await?;
        let wanted = names.iter().filter(|name| wanted(name)).cloned();
        self.readable_of(wanted.collect()).await
    }

    /// Those of the pages that the viewer may read.
    pub(crate) async fn readable_of(&mut self, names: Vec<PageName>) -> Result<Vec<PageName>, MacroError> {
        let mut readable = Vec::new();
        for name in names {
            if self.may_read(&name).await? {
                readable.push(name);
            }
        }
        Ok(readable)
    }

    /// The changes since a moment that the viewer may know of, newest first, at most `limit` looked at.
    ///
    /// # Errors
    /// * [`MacroError::Store`] if the wiki's store does not answer.
    pub async fn readable_changes(
        &mut self,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Change>, MacroError> {
        let changes = self.wiki().recent_changes(Some(since), limit).await?;
        let mut readable = Vec::new();
        for change in changes {
            if self.may_read(&change.page).await? {
                readable.push(change);
            }
        }
        Ok(readable)
    }

    /// The languages that the viewer reads, the most wanted first, the wiki's own last.
    pub fn languages(&mut self) -> Vec<String> {
        let first = self.language().to_owned();
        let wanted = language::wanted_languages(self.view.accept_language);
        let last = self.view.wiki.settings().language.as_str();
        let mut languages = vec![first];
        for next in wanted.into_iter().chain([last]) {
            if !languages.iter().any(|known| known == next) {
                languages.push(next.to_owned());
            }
        }
        languages
    }

    /// A message in the viewer's languages, one after the other; what no catalog of the wiki has stays as it is.
    pub fn translate(&mut self, message: &str) -> String {
        let languages = self.languages();
        let wanted: Vec<&str> = languages.iter().map(String::as_str).collect();
        let shelf = self.shelf();
        let found = shelf
            .as_ref()
            .and_then(|shelf| shelf.catalogs.translate(message, &wanted));
        found.unwrap_or(message).to_owned()
    }

    /// Whether the viewer is one who mends macros: a superuser, or who may administrate the page.
    pub(crate) async fn may_mend(&mut self) -> bool {
        let viewer = self.viewer();
        let page = self.view.page;
        viewer.superuser
            || (viewer.is_known()
                && self
                    .view
                    .wiki
                    .may(viewer, Right::Admin, page)
                    .await
                    .unwrap_or(false))
    }

    /// Whether what macros keep may be changed by a call that has touched this much. An output for everybody that
    /// turns out to be nobody's is made once more for the visitor, and that time counts.
    pub(crate) fn may_keep(&self, touched: Touched) -> bool {
        let is_shown = match self.occasion {
            Occasion::Rendering => false,
            Occasion::Sharing => touched.is_same_for_everybody(),
            Occasion::Viewing => true,
        };
        is_shown && self.view.keeping == Keeping::Allowed
    }

    /// The wiki's Python macros as they are at this view; one state for the whole page.
    pub(crate) fn shelf(&mut self) -> Option<Arc<Shelf>> {
        let python = self.view.python?;
        Some(Arc::clone(
            self.shelf.get_or_insert_with(|| python.library.shelf()),
        ))
    }

    /// What a query finds among the pages that the viewer may read, best first and without excerpts.
    ///
    /// # Errors
    /// * [`MacroError::Said`] if a pattern of the query makes no sense.
    /// * [`MacroError::Store`] if the wiki's store does not answer.
    pub async fn search(&mut self, query: &Query) -> Result<search::Found, MacroError> {
        let wiki = self.wiki();
        let wanted = Search::of(query, &wiki.settings().language);
        let wanted = wanted.map_err(|error| MacroError::said(error.to_string()))?;
        let found = wiki.search(wanted, self.view.viewer).await?;
        if found.audience == search::Audience::Viewer {
            self.ledger.touched.user = true;
        }
        if found.reach == search::Reach::Partial {
            // What was too slow now may be quick at the next view, so nobody keeps it.
            self.ledger.touched.moment = true;
        }
        Ok(found)
    }

    /// Ends a macro before it copies more than it may show.
    ///
    /// # Errors
    /// * [`MacroError::Limit`] if `bytes` of output are more than the view's macros may still write.
    pub(crate) fn refuse_output_beyond(&self, bytes: usize) -> Result<(), MacroError> {
        self.ledger.budget.clone().spend_bytes(bytes)
    }

    /// The HTML of a fragment where it stands. The names of all pages are asked for only when it has
    /// links, and once per view.
    pub(crate) async fn html_of(
        &mut self,
        fragment: &Fragment,
        place: Place,
    ) -> Result<ByteString, MacroError> {
        if has_no_links(fragment) {
            return Ok(fragment_html(fragment, place, &NoLinks, self.view.page));
        }
        let links = match &self.links {
            Some(links) => Arc::clone(links),
            None => Arc::new(self.view.wiki.page_links(self.view.base).await?),
        };
        let html = fragment_html(fragment, place, links.as_ref(), self.view.page);
        self.links = Some(links);
        Ok(html)
    }
}

/// Says so only where it is seen at a glance, as for a line of text.
fn has_no_links(fragment: &Fragment) -> bool {
    match fragment {
        Fragment::Html(_) => true,
        Fragment::Blocks(blocks) => blocks.is_empty(),
        Fragment::Inline(inlines) => inlines
            .iter()
            .all(|inline| matches!(inline, Inline::Text(_) | Inline::Code(_) | Inline::Time { .. })),
    }
}

/// For fragments that have no links.
struct NoLinks;

impl LinkResolver for NoLinks {
    fn page_href(&self, page: &PageName) -> String {
        format!("/{}", page.to_url())
    }

    fn page_exists(&self, _page: &PageName) -> bool {
        false
    }
}
