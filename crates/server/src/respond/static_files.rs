//! The theme's files, inside the binary, at `{base}/_static/HASH/file`.
//!
//! The hash covers all of them, so an address never changes its content and may be
//! kept for a year; an address with another hash is sent on to the present one.
//! Nothing is read from disk and no name is joined to a directory.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::kept::KeptPage;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../templates/static"]
struct ThemeFiles;

/// The theme's files by name.
pub struct StaticFiles {
    hash: String,
    files: BTreeMap<String, (&'static str, Arc<KeptPage>)>,
}

/// What an address below `_static/` leads to.
pub enum StaticAnswer {
    /// This file, of this media type.
    File(&'static str, Arc<KeptPage>),
    /// The file under its present address, relative to the wiki's mount.
    Moved(String),
    /// Nothing.
    Missing,
}

impl StaticFiles {
    /// Collects the files that were compiled in.
    pub fn embedded() -> StaticFiles {
        let mut files = BTreeMap::new();
        let mut hasher = Sha256::new();
        for name in ThemeFiles::iter() {
            let Some(file) = ThemeFiles::get(&name) else {
                continue;
            };
            hasher.update(name.as_bytes());
            hasher.update(&file.data);
            let page = KeptPage::new(Bytes::from(file.data.into_owned()));
            files.insert(name.clone().into_owned(), (media_type(&name), Arc::new(page)));
        }
        let hash = hasher
            .finalize()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        StaticFiles { hash, files }
    }

    /// The address of a file below a wiki's mount path.
    pub fn address(&self, base: &str, name: &str) -> String {
        [base, "/_static/", &self.hash, "/", name].concat()
    }

    /// Looks up what stands behind `_static/`: `HASH/file`.
    pub fn find(&self, rest: &str) -> StaticAnswer {
        let Some((hash, name)) = rest.split_once('/') else {
            return StaticAnswer::Missing;
        };
        match self.files.get(name) {
            None => StaticAnswer::Missing,
            Some(_) if hash != self.hash => StaticAnswer::Moved(self.address("", name)),
            Some((media_type, page)) => StaticAnswer::File(media_type, page.clone()),
        }
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_stands_at_its_own_address() {
        let files = StaticFiles::embedded();
        let address = files.address("/wiki1", "style.css");
        let rest = address.strip_prefix("/wiki1/_static/").unwrap();
        assert!(matches!(
            files.find(rest),
            StaticAnswer::File("text/css; charset=utf-8", _)
        ));
    }

    #[test]
    fn an_old_address_leads_to_the_present_one() {
        let files = StaticFiles::embedded();
        let StaticAnswer::Moved(address) = files.find("0000/style.css") else {
            panic!("not moved")
        };
        assert_eq!(address, files.address("", "style.css"));
    }

    #[test]
    fn nothing_outside_the_table_is_found() {
        let files = StaticFiles::embedded();
        for rest in [
            "",
            "style.css",
            "x/../style.css",
            "x/nothing.css",
            "x//etc/passwd",
        ] {
            assert!(matches!(files.find(rest), StaticAnswer::Missing), "{rest:?}");
        }
    }
}
