//! Where attached files are found: the queries of `?action=AttachFile`, as MoinMoin has them, so that old links lead
//! somewhere.
//!
//! What stands at these addresses is the server's. Start at [`query`].

use super::{FileName, VersionNumber};
use crate::markup::links::query_encode;

/// What an address asks of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// A page that shows it.
    View,
    /// Its bytes.
    Get,
    /// The question whether to remove it.
    Remove,
}

/// The query of the list of a page's files, without the question mark.
pub const LIST: &str = "action=AttachFile";

/// The query for a file, without the question mark; the newest version unless one is named.
pub fn query(doing: Doing, file: &FileName, version: Option<VersionNumber>) -> String {
    let doing = match doing {
        Doing::View => "view",
        Doing::Get => "get",
        Doing::Remove => "del",
    };
    let version = version
        .map(|version| format!("&rev={version}"))
        .unwrap_or_default();
    format!(
        "{LIST}&do={doing}&target={}{version}",
        query_encode(file.as_str())
    )
}

/// The query for the form that attaches a file of this name.
pub fn upload_query(file: &FileName) -> String {
    format!("{LIST}&rename={}", query_encode(file.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_bring_another_field_along() {
        let file = FileName::parse("a&do=del \"<ü>.txt").unwrap();
        assert_eq!(
            query(Doing::Get, &file, Some(3)),
            "action=AttachFile&do=get&target=a%26do%3Ddel%20%22%3C%C3%BC%3E.txt&rev=3"
        );
        assert_eq!(
            upload_query(&file),
            "action=AttachFile&rename=a%26do%3Ddel%20%22%3C%C3%BC%3E.txt"
        );
    }
}
