//! Why a request does not get what it asked for.
//!
//! Steps and handlers return these causes; `respond::error` is the one place that
//! turns them into a status, a title and a sentence. A cause that is nobody's
//! business ([`Refusal::Internal`]) is logged once and never shown.

use std::borrow::Cow;

use grange_wiki::FileName;
use grange_wiki::accounts::HashingError;
use grange_wiki::rights::Right;

/// What ends a request early.
#[derive(Debug)]
pub enum Refusal {
    /// The request itself makes no sense; the text says what is wrong with it.
    BadRequest(String),
    /// The request target is longer than we read.
    TargetTooLong,
    /// Method, target and headers are more than we read, nearly always because of cookies.
    HeadTooLong {
        /// The host whose cookies they are.
        host: String,
    },
    /// The body is larger than this kind of request may have.
    BodyTooLarge {
        /// The most bytes that it may have.
        limit: u64,
    },
    /// The body did not arrive in time.
    BodyTooSlow,
    /// The body is of a kind that no form of ours sends.
    UnsupportedBody,
    /// No wiki has this address.
    NoWiki,
    /// Nothing stands at this address of the wiki.
    NotFound(Cow<'static, str>),
    /// Files belong to pages, and this page does not exist.
    NoPageForFiles,
    /// The page has no file of this name, or no such version.
    NoSuchFile(Option<FileName>),
    /// `?action=` names something that does not exist.
    UnknownAction(String),
    /// The method does not fit the address; the list says which do.
    Method(&'static str),
    /// The visitor lacks a right on the page.
    Forbidden(Right),
    /// The visitor may not do this, for a reason that the sentence tells.
    Refused(Cow<'static, str>),
    /// Guests may not do this, and somebody who logs in perhaps may; the sentence says who.
    LogInFirst(Cow<'static, str>),
    /// The form's ticket is missing, old or somebody else's.
    Ticket,
    /// The request was made by another site's page.
    ForeignOrigin,
    /// A login did not come through from where people log in; the sentence says why.
    Handover(&'static str),
    /// Too many tries; come back in so many seconds.
    TooManyTries {
        /// Seconds until another try counts.
        retry_after: u64,
    },
    /// More people log in at this moment than passwords can be checked.
    Busy,
    /// More long previews are made at this moment than can be.
    Crowded,
    /// The wiki is closed for now.
    Suspended,
    /// The session store does not answer, and the request needs to know who asks.
    IdentityUnavailable,
    /// What was done could not be made to last, so it does not count.
    NotStored,
    /// Something of ours broke; the text is for the log only.
    Internal(String),
}

impl Refusal {
    /// Wraps a cause that only the log may see.
    pub fn internal(cause: impl std::fmt::Display) -> Refusal {
        Refusal::Internal(cause.to_string())
    }
}

impl From<grange_wiki::StoreError> for Refusal {
    fn from(cause: grange_wiki::StoreError) -> Self {
        Refusal::internal(cause)
    }
}

impl From<grange_wiki::DraftError> for Refusal {
    fn from(cause: grange_wiki::DraftError) -> Self {
        match cause {
            grange_wiki::DraftError::Crowded => Refusal::Crowded,
            grange_wiki::DraftError::Store(cause) => cause.into(),
        }
    }
}

impl From<askama::Error> for Refusal {
    fn from(cause: askama::Error) -> Self {
        Refusal::internal(cause)
    }
}

impl From<HashingError> for Refusal {
    fn from(cause: HashingError) -> Self {
        match cause {
            HashingError::Busy => Refusal::Busy,
            HashingError::Failed(_) => Refusal::internal(cause),
        }
    }
}
