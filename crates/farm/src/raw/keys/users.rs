//! Users and rights: who may come in and what they may do.
//!
//! The grammar of the `acl_rights_*` lines is MoinMoin's and is read by `grange_wiki`.

use super::super::key::Default::{Toml, Words};
use super::super::key::{Key, Kind};
use super::super::rules;

section! {
    /// Login methods, tried in order.
    AUTH = Key::new(
        "auth",
        Kind::Words { now: &["password"], later: &["http", "given", "oidc"] },
        Toml(r#"["password"]"#),
        r#"["password"]"#,
    );
    /// The id of the wiki where people log in for all wikis that share sessions with it, also those whose hosts share no
    /// domain with its own: the login is handed over. Say it in the [group.X] or [defaults] of all of them.
    CENTRAL_LOGIN = Key::new(
        "central_login",
        Kind::Text(rules::wiki_id),
        Words("none: people log in on each host"),
        r#""wiki1""#,
    );
    /// Who may make an account: everyone, everyone after a superuser's word, or `grange user add` alone.
    REGISTRATION = Key::new(
        "registration",
        Kind::Word { now: &["open", "approve", "closed"], later: &[] },
        Toml(r#""open""#),
        r#""open""#,
    );
    /// Names of the superusers.
    SUPERUSER = Key::new("superuser", Kind::Texts(rules::user_name), Toml("[]"), r#"["JoeDoe"]"#);
    /// Rights asked before a page's own.
    ACL_RIGHTS_BEFORE = Key::new(
        "acl_rights_before",
        Kind::Text(rules::any),
        Toml(r#""""#),
        r#""JoeDoe:read,write,delete,revert,admin""#,
    );
    /// Rights of pages that say none.
    ACL_RIGHTS_DEFAULT = Key::new(
        "acl_rights_default",
        Kind::Text(rules::any),
        Toml(r#""Known:read,write,delete,revert All:read""#),
        r#""Known:read,write,delete,revert All:read""#,
    );
    /// Rights asked after a page's own.
    ACL_RIGHTS_AFTER = Key::new("acl_rights_after", Kind::Text(rules::any), Toml(r#""""#), r#""All:read""#);
    /// Pages inherit the rights of their parents.
    ACL_HIERARCHIC = Key::new("acl_hierarchic", Kind::Bool, Toml("false"), "false").later(&["false"]);
    /// Names of group pages.
    PAGE_GROUP_REGEX = Key::new(
        "page_group_regex",
        Kind::Text(rules::any),
        Words("none"),
        r#""[a-z]Group$""#).later(&[],
    );
    /// Names of dict pages.
    PAGE_DICT_REGEX = Key::new(
        "page_dict_regex",
        Kind::Text(rules::any),
        Words("none"),
        r#""[a-z]Dict$""#).later(&[],
    );
    /// Names of template pages.
    PAGE_TEMPLATE_REGEX = Key::new(
        "page_template_regex",
        Kind::Text(rules::any),
        Words("none"),
        r#""[a-z]Template$""#).later(&[],
    );
    /// Names of category pages.
    PAGE_CATEGORY_REGEX = Key::new(
        "page_category_regex",
        Kind::Text(rules::any),
        Words("none"),
        r#""^Category[A-Z]""#).later(&[],
    );
    /// Questions that tell people from spammers.
    TEXTCHAS = Key::new("textchas", Kind::Texts(rules::any), Words("none"), "[]").later(&[]);
    /// How often an action may be used.
    SURGE_ACTION_LIMITS = Key::new(
        "surge_action_limits",
        Kind::Texts(rules::any),
        Words("none"),
        "[]").later(&[],
    );
    /// Seconds a visitor who used too much is locked out.
    SURGE_LOCKOUT_TIME = Key::new("surge_lockout_time", Kind::Seconds, Words("none"), "3600").later(&[]);
    /// Actions that do not exist here.
    ACTIONS_EXCLUDED = Key::new("actions_excluded", Kind::Texts(rules::word), Toml("[]"), r#"["rename"]"#);
    /// Actions that only superusers may use.
    ACTIONS_SUPERUSER = Key::new(
        "actions_superuser",
        Kind::Texts(rules::word),
        Toml("[]"),
        r#"["delete"]"#,
    );
}
