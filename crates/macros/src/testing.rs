//! The words of this crate's tests: a farm of one wiki on disk, visitors, and a clock that is set.
//!
//! ```text
//! let farm = TestFarm::with(&[("Front", "<<SessionTest>>")]).await;
//! let html = farm.view("Front", &mut Visitor::returning()).await.text();
//! ```
//! Compiled for tests alone.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use grange_session::{Identity, Randomness, Session, TrailEntry, Value};
use grange_wiki::rights::{Acl, AclRules, Viewer};
use grange_wiki::{Author, PageName, Save, Wiki, WikiSettings};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use crate::*;

/// A farm with one wiki called `team`.
pub(crate) struct TestFarm {
    pub wiki: Wiki,
    pub registry: Registry,
    pub now: Timestamp,
    pub limits: Limits,
    pub clock: TestClock,
    pub query: Vec<(String, String)>,
    pub python: Option<python::PythonMacros>,
    pub is_robot: bool,
    _directory: TempDir,
}

/// The time at which test pages are saved.
pub(crate) fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn name(text: &str) -> PageName {
    PageName::parse(text).unwrap()
}

impl TestFarm {
    /// Everybody may read these pages.
    pub(crate) async fn with(pages: &[(&str, &str)]) -> TestFarm {
        TestFarm::with_rights("All:read", pages).await
    }

    /// `rights` as in `acl_rights_default`.
    pub(crate) async fn with_rights(rights: &str, pages: &[(&str, &str)]) -> TestFarm {
        let directory = tempfile::tempdir().unwrap();
        let mut settings = WikiSettings::new("team", directory.path().join("data"));
        settings.rights = AclRules {
            default: Acl::parse(rights),
            ..AclRules::default()
        };
        let farm = TestFarm {
            wiki: Wiki::open(settings).await.unwrap(),
            registry: Registry::builtin(),
            now: noon() + SignedDuration::from_mins(5),
            limits: Limits {
                time: Duration::from_secs(3600),
                ..Limits::default()
            },
            clock: TestClock::default(),
            query: Vec::new(),
            python: None,
            is_robot: false,
            _directory: directory,
        };
        for (page, text) in pages {
            farm.save(page, text).await;
        }
        farm
    }

    pub(crate) fn knowing(mut self, added: impl Macro + 'static) -> TestFarm {
        self.registry.register(added);
        self
    }

    pub(crate) async fn save(&self, page: &str, text: &str) {
        self.save_as(page, text, Author::named("Ada"), "a new rota", noon())
            .await;
    }

    pub(crate) async fn save_as(
        &self,
        page: &str,
        text: &str,
        author: Author,
        comment: &str,
        now: Timestamp,
    ) {
        let base = self
            .wiki
            .page(&name(page))
            .await
            .unwrap()
            .map_or(0, |page| page.revision);
        let mut save = Save::new(name(page), text, base, author, now);
        save.comment = comment.to_owned();
        self.wiki.save(save).await.unwrap();
    }

    /// Renders and fills a page, as a view does.
    pub(crate) async fn view(&self, page: &str, visitor: &mut Visitor) -> Filled {
        self.view_with(page, visitor, &self.clock).await
    }

    /// The same with another clock.
    pub(crate) async fn view_with(
        &self,
        page: &str,
        visitor: &mut Visitor,
        clock: &dyn MacroClock,
    ) -> Filled {
        let page = self.wiki.page(&name(page)).await.unwrap().unwrap();
        let rendered = self.wiki.render(&page, "/team", &self.expander()).await.unwrap();
        let mut cx = MacroContext::new(View {
            registry: &self.registry,
            wiki: &self.wiki,
            viewer: &visitor.viewer,
            session: &mut visitor.session,
            page: &page.name,
            headings: &rendered.headings,
            base: "/team",
            query: &self.query,
            now: self.now,
            farm: self,
            randomness: &TestRandomness,
            clock,
            limits: self.limits,
            python: self.python.as_ref(),
            accept_language: "",
            is_robot: self.is_robot,
            keeping: Keeping::Allowed,
        });
        fill(&rendered, &mut cx).await
    }

    /// What a view shows.
    pub(crate) async fn show(&self, page: &str, visitor: &mut Visitor) -> String {
        self.view(page, visitor).await.text()
    }

    /// How many holes the cached page has.
    pub(crate) async fn holes(&self, page: &str) -> usize {
        let page = self.wiki.page(&name(page)).await.unwrap().unwrap();
        let rendered = self.wiki.render(&page, "/team", &self.expander()).await.unwrap();
        let is_hole = |segment: &&_| matches!(segment, grange_wiki::render::Segment::Hole(_));
        rendered.segments.iter().filter(is_hole).count()
    }

    fn expander(&self) -> Expander<'_> {
        Expander::new(&self.registry, self, &TestRandomness, &self.clock, self.now)
            .with_limits(self.limits)
            .with_python(self.python.as_ref())
    }
}

/// Beside `team` there is a wiki `beside`, of which everything can be read but `Secret`.
#[async_trait]
impl FarmView for TestFarm {
    async fn readable(&self, wiki: &str, page: &str, _: &Viewer) -> bool {
        ["team", "beside"].contains(&wiki) && page != "Secret"
    }

    fn link(&self, wiki: &str, page: &str) -> Option<FarmLink> {
        let known = ["team", "beside"].contains(&wiki);
        let title = format!("Wiki {wiki}");
        known.then(|| FarmLink {
            href: format!("/{wiki}/{}", name(page).to_url()),
            title,
        })
    }

    async fn wikis(&self, viewer: &Viewer) -> Vec<FarmWiki> {
        let readable = ["team", "beside", "private"].into_iter();
        readable
            .filter(|wiki| *wiki != "private" || viewer.is_known())
            .map(|wiki| FarmWiki {
                name: wiki.to_owned(),
                title: format!("Wiki {wiki}"),
                href: format!("/{wiki}/FrontPage"),
            })
            .collect()
    }
}

impl Filled {
    pub(crate) fn text(&self) -> String {
        self.html.to_string()
    }
}

/// Somebody who looks at pages.
pub(crate) struct Visitor {
    pub viewer: Viewer,
    pub session: Session,
}

impl Visitor {
    /// A guest at the first visit: no cookie came back yet.
    pub(crate) fn new_here() -> Visitor {
        Visitor {
            viewer: Viewer::anonymous(),
            session: Session::unsaved(),
        }
    }

    /// A guest whose cookie came back.
    pub(crate) fn returning() -> Visitor {
        let session = Session::for_test(Vec::<(String, Value)>::new(), None);
        Visitor {
            viewer: Viewer::anonymous(),
            session,
        }
    }

    pub(crate) fn user(user: &str) -> Visitor {
        let identity = Identity {
            user_id: format!("id-{user}"),
            auth_method: "password".into(),
            auth_time: noon(),
            account_generation: 0,
        };
        let session = Session::for_test(Vec::<(String, Value)>::new(), Some(identity));
        let viewer = Viewer {
            user_id: Some(format!("id-{user}")),
            name: Some(user.into()),
            ..Viewer::anonymous()
        };
        Visitor { viewer, session }
    }

    pub(crate) fn visited(mut self, wiki: &str, page: &str) -> Visitor {
        self.session.visit(TrailEntry::new(wiki, page), 10);
        self
    }
}

/// The bytes 1, 2, 3, …
pub(crate) struct TestRandomness;

impl Randomness for TestRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        for (nth, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::try_from(nth % 255).unwrap() + 1;
        }
    }
}

/// A clock that shows what it is set to; whoever waits for a later time waits for ever.
#[derive(Default)]
pub(crate) struct TestClock(AtomicU64);

impl TestClock {
    pub(crate) fn set(&self, elapsed: Duration) {
        self.0
            .store(u64::try_from(elapsed.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

#[async_trait]
impl MacroClock for TestClock {
    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    async fn reaches(&self, total: Duration) {
        if self.elapsed() < total {
            std::future::pending().await
        }
    }
}
