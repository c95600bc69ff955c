//! Everything around the content of a page: who the wiki is, who the visitor is, where to go next.
//!
//! One [`Shell`] is built per request by the step that knows wiki, visitor and page. It is plain
//! data: it decides nothing, and what must not be shown is not in it. `templates/layout.html` reads it.

/// A place to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link<'a> {
    /// The address, percent-encoded.
    pub href: &'a str,
    /// What the visitor reads.
    pub label: &'a str,
}

/// What is the same for every page of one wiki.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The wiki's id, for `<meta name="grange-wiki">`.
    pub wiki_id: &'a str,
    /// `sitename`.
    pub name: &'a str,
    /// `logo`: the address of an image.
    pub logo: Option<&'a str>,
    /// The address of the front page.
    pub home: &'a str,
    /// The address of the style sheet, with its content hash.
    pub style: &'a str,
    /// The address of the script, with its content hash.
    pub script: &'a str,
    /// The address of the small picture that browsers show in a tab, with its content hash.
    pub icon: &'a str,
    /// The interface's language, as an HTML `lang` value.
    pub language: &'a str,
    /// The interface's writing direction.
    pub direction: Direction,
    /// Whether the front page is the one being shown: a link to it would lead nowhere else.
    pub front_page: Presence,
}

/// Which way a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// As English is.
    LeftToRight,
    /// As Arabic is.
    RightToLeft,
}

impl Direction {
    /// The direction in which a language is written, by its primary subtag: `"ar-EG"` is right to left.
    pub fn of(language: &str) -> Direction {
        match language.split(['-', '_']).next().unwrap_or_default() {
            "ar" | "ckb" | "dv" | "fa" | "he" | "iw" | "ps" | "sd" | "ug" | "ur" | "yi" => {
                Direction::RightToLeft
            }
            _ => Direction::LeftToRight,
        }
    }

    /// The value of HTML's `dir`.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::LeftToRight => "ltr",
            Direction::RightToLeft => "rtl",
        }
    }
}

/// Whether search engines may keep a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexing {
    /// A page's current text.
    Wanted,
    /// Forms, old revisions, differences, errors.
    Unwanted,
}

/// The search box at the top of each page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchBox<'a> {
    /// Where it asks.
    pub action: &'a str,
    /// What stands in it at first.
    pub value: &'a str,
}

/// One entry of the navigation bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NaviLink<'a> {
    /// The address.
    pub href: &'a str,
    /// What the visitor reads.
    pub label: &'a str,
    /// Whether the entry leads to the page being shown, or to one that is missing.
    pub presence: Presence,
}

/// How the target of a link stands to the page being shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The page being shown.
    Here,
    /// Another page that exists.
    Elsewhere,
    /// A page that nobody has written.
    Missing,
}

impl Presence {
    /// The page being shown.
    pub fn is_here(self) -> bool {
        self == Presence::Here
    }

    /// Nobody has written it.
    pub fn is_missing(self) -> bool {
        self == Presence::Missing
    }
}

/// One visited page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailLink<'a> {
    /// The address; absolute when the page belongs to a sibling wiki.
    pub href: &'a str,
    /// The page's name.
    pub label: &'a str,
    /// The site name of the sibling wiki that has the page, `None` for a page of this wiki.
    pub wiki: Option<&'a str>,
    /// Whether this is the page being shown, another, or one that is gone by now.
    pub presence: Presence,
}

/// Who is looking.
#[derive(Clone, Copy, Debug)]
pub enum Visitor<'a> {
    /// Nobody we know.
    Guest {
        /// Where to log in; `None` where that is not possible or not to be offered.
        login: Option<&'a str>,
        /// Where to make an account; `None` where registration is closed.
        register: Option<&'a str>,
    },
    /// A logged-in user.
    User(UserMenu<'a>),
}

/// What a logged-in visitor finds at the top of each page.
#[derive(Clone, Copy, Debug)]
pub struct UserMenu<'a> {
    /// The user as whom the visitor counts here: the acted-as one while a superuser acts.
    pub name: &'a str,
    /// Set while a superuser acts as `name`.
    pub acting: Option<Acting<'a>>,
    /// Where the logout form posts to: `{page}?action=logout`.
    pub logout: &'a str,
    /// The ticket of the logout form.
    pub logout_ticket: &'a str,
    /// The user's own account page; `None` while acting and where it is turned off.
    pub preferences: Option<&'a str>,
    /// Where the user is logged in: `{page}?action=sessions`; `None` where it is turned off.
    pub sessions: Option<&'a str>,
    /// The farm's admin pages; `None` for everybody but its administrators.
    pub farm: Option<&'a str>,
    /// Where a superuser starts to act as someone else; `None` for everybody else and while acting.
    pub switch_user: Option<&'a str>,
}

/// A superuser acts as someone else; shown as a banner on every page.
#[derive(Clone, Copy, Debug)]
pub struct Acting<'a> {
    /// The superuser's own name.
    pub real_name: &'a str,
    /// The reason that was given, may be empty.
    pub reason: &'a str,
    /// Where the form posts to that ends it: `{page}?action=suid`.
    pub return_to: &'a str,
    /// The ticket of that form.
    pub ticket: &'a str,
}

/// What can be done with the page being shown.
#[derive(Clone, Copy, Debug)]
pub struct EditBar<'a> {
    /// The page's address without a query.
    pub page: &'a str,
    /// The link "Edit", or the word "Locked".
    pub editing: Editing,
    /// How many files the page has.
    pub files: usize,
    /// The other actions that the visitor may use, in order.
    pub actions: &'a [PageAction],
}

impl EditBar<'_> {
    /// Whether the link "Edit" is shown, else the word "Locked".
    pub fn is_open(&self) -> bool {
        self.editing == Editing::Open
    }

    /// The number of files behind the word, where there are some.
    pub fn count(&self, action: &PageAction) -> Option<usize> {
        (*action == PageAction::Attachments && self.files > 0).then_some(self.files)
    }

    /// Whether anything stands under "More actions".
    pub fn has_more(&self) -> bool {
        self.actions.iter().any(|action| !action.is_in_first_row())
    }
}

/// Whether the visitor may change the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editing {
    /// The link "Edit".
    Open,
    /// The word "Locked".
    Locked,
}

/// An action on a page beside editing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageAction {
    /// The page's revisions.
    History,
    /// The files attached to it.
    Attachments,
    /// The saved text.
    Raw,
    /// The pages that link to it.
    Backlinks,
    /// Pages with similar names.
    Similar,
    /// Another name.
    Rename,
    /// The end.
    Delete,
}

impl PageAction {
    /// The value of `action` in the address.
    pub fn action(self) -> &'static str {
        match self {
            PageAction::History => "info",
            PageAction::Attachments => "AttachFile",
            PageAction::Raw => "raw",
            PageAction::Backlinks => "linkto",
            PageAction::Similar => "LikePages",
            PageAction::Rename => "rename",
            PageAction::Delete => "delete",
        }
    }

    /// What the visitor reads.
    pub fn label(self) -> &'static str {
        match self {
            PageAction::History => "History",
            PageAction::Attachments => "Attachments",
            PageAction::Raw => "Raw",
            PageAction::Backlinks => "Links here",
            PageAction::Similar => "Similar names",
            PageAction::Rename => "Rename",
            PageAction::Delete => "Delete",
        }
    }

    /// Whether the action stands beside "Edit"; the others are under "More actions".
    pub fn is_in_first_row(self) -> bool {
        matches!(
            self,
            PageAction::History | PageAction::Attachments | PageAction::Raw
        )
    }
}

/// A point in time, for machines and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339, for `<time datetime>`.
    pub iso: String,
    /// As the visitor reads it.
    pub text: String,
}

/// Who made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Author<'a> {
    /// The user's name, else the address.
    pub name: &'a str,
    /// The superuser who acted as that user.
    pub acting: Option<&'a str>,
}

/// The line below the content that says who changed the page last.
#[derive(Clone, Debug)]
pub struct LastChange<'a> {
    /// When.
    pub moment: Moment,
    /// Who.
    pub author: Author<'a>,
    /// The number of the revision.
    pub revision: u32,
    /// The author's comment, may be empty.
    pub comment: &'a str,
}

/// One sentence to the visitor, above the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// How it is meant.
    pub kind: MessageKind,
    /// Plain text.
    pub text: &'a str,
}

impl<'a> Message<'a> {
    /// What was asked for was not done, and why.
    pub fn refusal(text: &'a str) -> Message<'a> {
        Message {
            kind: MessageKind::Refusal,
            text,
        }
    }
}

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// Something worth knowing.
    Note,
    /// What was asked for is done.
    Done,
    /// Look at this before going on.
    Warning,
    /// What was asked for was not done.
    Refusal,
}

impl MessageKind {
    /// The CSS class.
    pub fn class(self) -> &'static str {
        match self {
            MessageKind::Note => "note",
            MessageKind::Done => "done",
            MessageKind::Warning => "warning",
            MessageKind::Refusal => "refusal",
        }
    }

    /// The ARIA role: refusals and warnings are spoken at once.
    pub fn role(self) -> &'static str {
        match self {
            MessageKind::Note | MessageKind::Done => "status",
            MessageKind::Warning | MessageKind::Refusal => "alert",
        }
    }
}

/// Everything around the content.
#[derive(Clone, Debug)]
pub struct Shell<'a> {
    /// The wiki.
    pub site: Site<'a>,
    /// The first part of `<title>`; the site name follows.
    pub title: &'a str,
    /// The `<h1>`; `None` when the content begins with its own.
    pub heading: Option<&'a str>,
    /// Whether search engines may keep the page.
    pub indexing: Indexing,
    /// The absolute address under which the page wants to be known.
    pub canonical: Option<&'a str>,
    /// The search box; `None` where searching is turned off.
    pub search: Option<SearchBox<'a>>,
    /// The navigation bar.
    pub navi: &'a [NaviLink<'a>],
    /// The parents of the page, outermost first.
    pub parents: &'a [Link<'a>],
    /// The page that the parents lead to, with its address; `None` on pages that are about no page.
    pub page: Option<Link<'a>>,
    /// The visited pages, the current one last; empty shows no trail.
    pub trail: &'a [TrailLink<'a>],
    /// Who is looking.
    pub visitor: Visitor<'a>,
    /// What can be done with the page.
    pub edit_bar: Option<EditBar<'a>>,
    /// Who changed it last.
    pub last_change: Option<LastChange<'a>>,
    /// A sentence above the content.
    pub message: Option<Message<'a>>,
}

impl<'a> Shell<'a> {
    /// A shell for a guest, with nothing but the site around `title`; the rest is filled in by
    /// `Shell { navi, visitor, ..Shell::new(site, title) }`.
    pub fn new(site: Site<'a>, title: &'a str) -> Shell<'a> {
        Shell {
            site,
            title,
            heading: Some(title),
            indexing: Indexing::Unwanted,
            canonical: None,
            search: None,
            navi: &[],
            parents: &[],
            page: None,
            trail: &[],
            visitor: Visitor::Guest {
                login: None,
                register: None,
            },
            edit_bar: None,
            last_change: None,
            message: None,
        }
    }

    /// Whether the page asks search engines not to keep it.
    pub fn wants_no_indexing(&self) -> bool {
        self.indexing == Indexing::Unwanted
    }

    /// The logged-in visitor, if it is one.
    pub fn user(&self) -> Option<UserMenu<'a>> {
        match self.visitor {
            Visitor::Guest { .. } => None,
            Visitor::User(menu) => Some(menu),
        }
    }

    /// Where a guest can log in.
    pub fn login(&self) -> Option<&'a str> {
        match self.visitor {
            Visitor::Guest { login, .. } => login,
            Visitor::User(_) => None,
        }
    }

    /// Where a guest can make an account.
    pub fn register(&self) -> Option<&'a str> {
        match self.visitor {
            Visitor::Guest { register, .. } => register,
            Visitor::User(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_knows_its_direction_whatever_follows_the_first_subtag() {
        for right_to_left in ["ar", "ar-EG", "he", "fa_IR", "ur"] {
            assert_eq!(Direction::of(right_to_left).as_str(), "rtl", "{right_to_left}");
        }
        for left_to_right in ["en", "de-CH", "", "arn", "zh-Hant"] {
            assert_eq!(Direction::of(left_to_right).as_str(), "ltr", "{left_to_right}");
        }
    }
}
