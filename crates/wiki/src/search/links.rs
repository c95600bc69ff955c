//! For `linkto:`: which pages link to what is looked for.
//!
//! One page of a known name is a question that the store answers at once; anything else takes a look over
//! all links. Links of the underlay's files are read from their texts. Start at [`Wiki::find_linking`].

use super::matcher::Compiled;
use super::query::{Case, Reading};
use super::run::Reach;
use crate::name::PageName;
use crate::save::links_in;
use crate::store::{Links, StoreError};
use crate::wiki::Wiki;

/// In a wiki with more links only exact names are looked for.
const MOST_LINKS: usize = 300_000;

impl Wiki {
    /// The pages that link to a page, which need not exist, in byte order.
    ///
    /// # Errors
    /// - [`StoreError`] if the store cannot be read.
    pub async fn backlinks(&self, target: &PageName) -> Result<Vec<PageName>, StoreError> {
        let mut from = Vec::new();
        for page in self.store.links(Links::To(target)).await? {
            // The store knows links of its own texts only.
            from.push(page);
        }
        for name in self.underlay_names().await {
            let Some(page) = self.page(&name).await?.filter(|page| page.is_underlay()) else {
                continue;
            };
            if may_name(&page.text, target) && links_in(&name, &page.text).await.contains(target) {
                from.push(name);
            }
        }
        from.sort_unstable();
        from.dedup();
        Ok(from)
    }

    /// Notes in a term which pages have a link of its kind.
    pub(super) async fn find_linking(&self, term: &mut Compiled) -> Result<Reach, StoreError> {
        let exact = term.term.reading == Reading::Words && term.term.case == Case::Counts;
        let named = PageName::parse(&term.term.pattern).ok();
        let pairs = match exact {
            true => None,
            false => self.link_pairs(MOST_LINKS).await?,
        };
        match (pairs, named) {
            (Some(pairs), _) => {
                let fits = |target: &PageName| term.pattern.is_in_name(target.as_str());
                term.linking = pairs
                    .into_iter()
                    .filter(|(_, target)| fits(target))
                    .map(|(from, _)| from)
                    .collect();
                Ok(Reach::Whole)
            }
            (None, Some(named)) => {
                term.linking = self.backlinks(&named).await?.into_iter().collect();
                Ok(if exact { Reach::Whole } else { Reach::Partial })
            }
            (None, None) if exact => Ok(Reach::Whole),
            (None, None) => Ok(Reach::Partial),
        }
    }
}

/// Whether the text can hold a link to a page: some word of the name stands in it, or something stands in it
/// that may spell any letter.
fn may_name(text: &str, target: &PageName) -> bool {
    let mut words = target.base_name().split(|c: char| !c.is_ascii_alphanumeric());
    let word = words.find(|word| !word.is_empty());
    word.is_none_or(|word| text.contains(word)) || text.contains(['%', '&', '\\'])
}
