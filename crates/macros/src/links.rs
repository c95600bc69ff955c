//! Which pages exist, for links that macros write at a view.
//!
//! A snapshot of the wiki's sorted page names, shared and not copied; nothing here asks a store.

use std::sync::Arc;

use grange_wiki::PageName;
use grange_wiki::render::LinkResolver;

/// The pages of a wiki under a mount path.
#[derive(Clone, Debug)]
pub struct PageLinks {
    base: String,
    names: Arc<Vec<PageName>>,
}

impl PageLinks {
    /// `names` must be sorted, as the wiki gives them.
    #[must_use]
    pub fn new(base: &str, names: Arc<Vec<PageName>>) -> PageLinks {
        PageLinks { base: base.to_owned(), names }
    }
}

impl LinkResolver for PageLinks {
    fn page_href(&self, page: &PageName) -> String {
        format!("{}/{}", self.base, page.to_url())
    }

    fn page_exists(&self, page: &PageName) -> bool {
        self.names.binary_search(page).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PageName {
        PageName::parse(text).unwrap()
    }

    #[test]
    fn links_carry_the_mount_path_and_know_what_exists() {
        let names = Arc::new(vec![name("Apples"), name("Team/Meeting notes")]);
        let links = PageLinks::new("/wiki1", names);
        assert_eq!(links.page_href(&name("Team/Meeting notes")), "/wiki1/Team/Meeting%20notes");
        assert!(links.page_exists(&name("Apples")));
        assert!(!links.page_exists(&name("Pears")));
    }
}
