//! A right as a value: a handler that takes [`Allowed<Write>`] cannot be called
//! without the check, because nothing else makes one.
//!
//! What the right depends on is the wiki's business; whether an action is turned off
//! altogether is decided in `routes`.

use std::marker::PhantomData;

use grange_wiki::PageName;
use grange_wiki::rights::Right;

use crate::refusal::Refusal;
use crate::visit::Visit;

/// Names a right in a handler's signature.
pub trait RightKind {
    /// The rights that the visitor needs on the page, all of them.
    const RIGHTS: &'static [Right];
}

/// To read the page.
pub struct Read;
/// To change its text.
pub struct Write;
/// To go back to an old text.
pub struct Revert;
/// To delete it: takes the right to write as well, as in MoinMoin.
pub struct Delete;

impl RightKind for Read {
    const RIGHTS: &'static [Right] = &[Right::Read];
}
impl RightKind for Write {
    const RIGHTS: &'static [Right] = &[Right::Read, Right::Write];
}
impl RightKind for Revert {
    const RIGHTS: &'static [Right] = &[Right::Read, Right::Revert];
}
impl RightKind for Delete {
    const RIGHTS: &'static [Right] = &[Right::Read, Right::Write, Right::Delete];
}

/// A page on which this visitor has a right.
#[derive(Debug)]
pub struct Allowed<R> {
    page: PageName,
    right: PhantomData<R>,
}

impl<R: RightKind> Allowed<R> {
    /// Asks the wiki.
    ///
    /// # Errors
    /// * [`Refusal::Forbidden`] with the first right that is missing
    /// * [`Refusal::IdentityUnavailable`] when it cannot be told who asks
    /// * [`Refusal::Internal`] when the store cannot say
    pub async fn check(visit: &Visit<'_>, page: &PageName) -> Result<Allowed<R>, Refusal> {
        for right in R::RIGHTS {
            if !visit.open.wiki.may(&visit.visitor.viewer, *right, page).await? {
                // Somebody whose session cannot be read may well have the right.
                let unknown = visit.session.store_is_down();
                return Err(if unknown {
                    Refusal::IdentityUnavailable
                } else {
                    Refusal::Forbidden(*right)
                });
            }
        }
        Ok(Allowed {
            page: page.clone(),
            right: PhantomData,
        })
    }

    /// The page.
    pub fn page(&self) -> &PageName {
        &self.page
    }
}
