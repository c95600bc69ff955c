//! The wikis: each one's settings into a `WikiConfig`.
//!
//! Rules that a single key can break were kept when it was read, so only what one wiki's keys say together is checked
//! here; rules between wikis are in `lint/`. Equal lists and rights are shared among wikis.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use grange_session::Realm;
use grange_wiki::PageName;
use grange_wiki::rights::{Acl, AclRules};

use super::paths::RealPaths;
use super::session::{Surroundings, session_policy};
use super::{
    Checking, FarmAdmin, FarmConfig, MacroLimits, Registration, ServerStore, StorePlace, WikiConfig,
    WikiState,
};
use crate::address::Address;
use crate::layers::Effective;
use crate::problem::Finding;
use crate::raw::keys::{cookie, limits, look, places, users};
use crate::raw::{Key, Text, unknown};

/// Fills in the wikis of a farm.
pub(super) fn check_wikis(checking: &mut Checking<'_>, farm: &mut FarmConfig) {
    let layers = checking.layers;
    let mut builder = Builder {
        farm_dir: &farm.data_dir,
        real: RealPaths::default(),
        rights: HashMap::new(),
    };
    let mut wikis = Vec::new();
    check_group_tables(checking);
    for table in layers.raw.wikis.iter() {
        let settings = layers.effective(table);
        check_group(checking, &settings);
        check_reachable(checking, &settings);
        check_server(checking, &settings);
        wikis.extend(builder.build(checking, &settings));
    }
    reserve_names(&mut wikis, &farm.admins);
    tell_longest_lifetimes(&mut wikis);
    farm.wikis = wikis.into_iter().map(Arc::new).collect();
}

/// Tells each wiki how long its realm's siblings take an id for a pending one.
fn tell_longest_lifetimes(wikis: &mut [WikiConfig]) {
    let mut longest: HashMap<Realm, Option<Duration>> = HashMap::new();
    for wiki in wikis.iter() {
        let known = longest.entry(wiki.session.realm).or_default();
        *known = wiki.session.lifetimes.anonymous.max(*known);
    }
    for wiki in wikis {
        let realm = wiki.session.realm;
        Arc::make_mut(&mut wiki.session).longest_anonymous = longest.get(&realm).copied().flatten();
    }
}

/// Groups stand side by side.
fn check_group_tables(checking: &mut Checking<'_>) {
    for entry in checking
        .layers
        .raw
        .groups
        .iter()
        .filter_map(|table| table.entry(&look::GROUP))
    {
        let finding = Finding::error("group", entry.key_place, "A group cannot belong to a group.");
        checking
            .findings
            .push(finding.remedy("Remove the line; what all groups share stands in [defaults]."));
    }
}

fn check_group(checking: &mut Checking<'_>, settings: &Effective<'_>) {
    let Some(named) = checking.layers.group_of(settings.wiki) else {
        return;
    };
    if settings.group.is_some() {
        return;
    }
    let remedy = match unknown::closest(&named.value, checking.layers.raw.groups.ids()) {
        Some(near) => format!("Did you mean \"{near}\"?"),
        None => "Write the group's table, or remove the line.".to_owned(),
    };
    let message = format!("There is no [group.{}].", named.shown());
    checking
        .findings
        .push(Finding::error("group", named.place, message).remedy(remedy));
}

/// The server that keeps a wiki's sessions, or what is wrong with its name there; `None` where none does.
fn server(settings: &Effective<'_>) -> Option<Result<ServerStore, String>> {
    let url = settings.text(&places::SESSION_STORE)?;
    let kind = settings.text(&cookie::SESSION_KIND)?;
    url.value
        .contains("://")
        .then(|| ServerStore::parse(&url.value, &kind.value))
}

/// A name that some servers take and others do not: the one rule that needs both keys.
fn check_server(checking: &mut Checking<'_>, settings: &Effective<'_>) {
    if let Some(Err(why)) = server(settings) {
        let place = settings.place(&cookie::SESSION_KIND);
        let finding = Finding::error("value", place, format!("`session_kind`: {why}."));
        checking
            .findings
            .push(finding.remedy("Write a shorter one, or leave the line out."));
    }
}

fn check_reachable(checking: &mut Checking<'_>, settings: &Effective<'_>) {
    if !settings.items(&look::AT).is_empty() || settings.any_broken(&[&look::AT]) {
        return;
    }
    let message = format!(
        "Wiki \"{}\" has no address: nobody could reach it.",
        settings.wiki.id
    );
    let remedy = format!("For example: `{}`.", look::AT.line());
    checking
        .findings
        .push(Finding::error("address", settings.place(&look::AT), message).remedy(remedy));
}

struct Builder<'a> {
    farm_dir: &'a Path,
    real: RealPaths,
    rights: HashMap<[Arc<str>; 3], Arc<AclRules>>,
}

impl Builder<'_> {
    /// The wiki, or none where a mistake in it, already reported, leaves nothing to build on.
    fn build(&mut self, checking: &Checking<'_>, settings: &Effective<'_>) -> Option<WikiConfig> {
        let id = Arc::clone(&settings.wiki.id);
        let text = |key: &Key| settings.text(key).map(|text| Arc::clone(&text.value));
        let at = addresses(settings.items(&look::AT));
        let data_dir = match settings.text(&places::DATA_DIR) {
            Some(written) => checking.absolute(written),
            None => self.farm_dir.join(&*id),
        };
        let session_store = self.store(checking, settings, &data_dir, SESSIONS);
        let user_store = self.store(checking, settings, &data_dir, USERS);
        let around = Surroundings {
            canonical: at.first(),
            session_store: &session_store,
            user_store: &user_store,
        };
        let session = Arc::new(session_policy(settings, &around)?);
        Some(WikiConfig {
            group: settings.group.map(|group| Arc::clone(&group.id)),
            aliases: addresses(settings.items(&look::ALIASES)),
            sitename: text(&look::SITENAME).unwrap_or_else(|| Arc::clone(&id)),
            interwikiname: text(&look::INTERWIKINAME).unwrap_or_else(|| Arc::clone(&id)),
            logo: text(&look::LOGO),
            navi_bar: settings.shared(&look::NAVI_BAR),
            front_page: PageName::parse(&text(&look::FRONT_PAGE)?).ok()?,
            language_default: text(&look::LANGUAGE_DEFAULT)?,
            language_ignore_browser: settings.switch(&look::LANGUAGE_IGNORE_BROWSER) == Some(true),
            timezone: text(&look::TIMEZONE)?,
            state: state(text(&look::STATE).as_deref()),
            raw_html: settings.switch(&look::RAW_HTML) == Some(true),
            central_login: text(&users::CENTRAL_LOGIN),
            registration: registration(text(&users::REGISTRATION).as_deref()),
            superusers: settings.shared(&users::SUPERUSER),
            reserved_names: Arc::default(),
            rights: self.rights(settings),
            actions_excluded: settings.shared(&users::ACTIONS_EXCLUDED),
            actions_superuser: settings.shared(&users::ACTIONS_SUPERUSER),
            max_page_bytes: settings
                .whole(&limits::MAX_PAGE_BYTES)
                .and_then(|n| u64::try_from(n).ok())?,
            max_attachment_bytes: settings
                .whole(&limits::MAX_ATTACHMENT_BYTES)
                .and_then(|n| u64::try_from(n).ok())?,
            macro_dirs: macro_dirs(checking, settings),
            macro_limits: macro_limits(settings)?,
            from_environment: from_environment(settings),
            id,
            at,
            data_dir,
            session_store,
            user_store,
            session,
        })
    }

    fn store(
        &mut self,
        checking: &Checking<'_>,
        settings: &Effective<'_>,
        data_dir: &Path,
        kind: StoreKeys,
    ) -> StorePlace {
        let dir: PathBuf = match settings.text(kind.dir) {
            Some(written) => checking.absolute(written),
            None => data_dir.join(kind.below_data_dir),
        };
        let dir = self.real.of(&dir);
        match settings.text(kind.store).map(|text| &*text.value) {
            Some("memory") => StorePlace::Memory(dir),
            // What is none has been reported by `check_server`.
            _ => match server(settings) {
                Some(Ok(server)) if kind.store.name == places::SESSION_STORE.name => {
                    StorePlace::Server(Arc::new(server))
                }
                _ => StorePlace::Sqlite(dir),
            },
        }
    }

    fn rights(&mut self, settings: &Effective<'_>) -> Arc<AclRules> {
        let keys = [
            &users::ACL_RIGHTS_BEFORE,
            &users::ACL_RIGHTS_DEFAULT,
            &users::ACL_RIGHTS_AFTER,
        ];
        let lines = keys.map(|key| {
            settings
                .text(key)
                .map(|text| Arc::clone(&text.value))
                .unwrap_or_default()
        });
        let rights = self
            .rights
            .entry(lines)
            .or_insert_with_key(|[before, default, after]| {
                let parse = Acl::parse;
                Arc::new(AclRules {
                    before: parse(before),
                    default: parse(default),
                    after: parse(after),
                })
            });
        Arc::clone(rights)
    }
}

/// The keys that say where one kind of thing is kept.
#[derive(Clone, Copy)]
struct StoreKeys {
    dir: &'static Key,
    store: &'static Key,
    below_data_dir: &'static str,
}

const SESSIONS: StoreKeys = StoreKeys {
    dir: &places::SESSION_DIR,
    store: &places::SESSION_STORE,
    below_data_dir: "sessions",
};
const USERS: StoreKeys = StoreKeys {
    dir: &places::USER_DIR,
    store: &places::USER_STORE,
    below_data_dir: "users",
};

/// Entries as addresses; that they parse is known since reading.
fn addresses(items: &[Text]) -> Vec<Address> {
    items
        .iter()
        .filter_map(|item| Address::parse(&item.value).ok())
        .collect()
}

/// Where Python macros are looked for beside the wiki's own directory of them.
fn macro_dirs(checking: &Checking<'_>, settings: &Effective<'_>) -> Arc<[PathBuf]> {
    let written = settings.items(&places::MACRO_DIRS).iter();
    written.map(|text| checking.absolute(text)).collect()
}

fn macro_limits(settings: &Effective<'_>) -> Option<MacroLimits> {
    let whole = |key: &Key| settings.whole(key).and_then(|n| u64::try_from(n).ok());
    Some(MacroLimits {
        time: Duration::from_millis(whole(&limits::MACRO_TIME_MS)?),
        memory_bytes: whole(&limits::MACRO_MEMORY_BYTES)?,
        workers: usize::try_from(whole(&limits::MACRO_WORKERS)?).ok()?,
    })
}

fn state(word: Option<&str>) -> WikiState {
    match word {
        Some("read_only") => WikiState::ReadOnly,
        Some("suspended") => WikiState::Suspended,
        Some("archived") => WikiState::Archived,
        _ => WikiState::Active,
    }
}

fn registration(word: Option<&str>) -> Registration {
    match word {
        Some("approve") => Registration::Approve,
        Some("closed") => Registration::Closed,
        _ => Registration::Open,
    }
}

/// What `grange explain` and the log must not show in the clear.
fn from_environment(settings: &Effective<'_>) -> Arc<[(&'static str, Arc<str>)]> {
    let held = settings
        .all()
        .filter_map(|(key, held)| Some((key.name, held?.1.value.written()?)));
    held.collect()
}

/// Names that must not go to whoever registers first, for all wikis with the same accounts: those of superusers, of
/// the farm's administrators, and all that the configured rights name.
fn reserve_names(wikis: &mut [WikiConfig], admins: &[FarmAdmin]) {
    let mut names: HashMap<StorePlace, BTreeSet<String>> = HashMap::new();
    for wiki in wikis.iter() {
        let admins = admins.iter().filter(|admin| admin.wiki == wiki.id);
        let lists = [&wiki.rights.before, &wiki.rights.default, &wiki.rights.after];
        let entitled = lists.into_iter().flat_map(|list| list.named());
        let chiefs = wiki.superusers.iter().chain(admins.map(|admin| &admin.name));
        let mut kept = chiefs.cloned().chain(entitled.map(str::to_owned)).peekable();
        if kept.peek().is_some() {
            names.entry(wiki.user_store.clone()).or_default().extend(kept);
        }
    }
    let shared: HashMap<StorePlace, Arc<[String]>> = names
        .into_iter()
        .map(|(place, names)| (place, names.into_iter().collect()))
        .collect();
    for wiki in wikis {
        if let Some(names) = shared.get(&wiki.user_store) {
            wiki.reserved_names = Arc::clone(names);
        }
    }
}
