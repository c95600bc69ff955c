//! Page names: what a page may be called, why, and how we say so.
//!
//! The rule, its reason and the wording for the person who typed the name stand together in
//! [`PageNameError`]. A [`PageName`] is always canonical (NFC, blanks collapsed), so two equal
//! pages have equal names and the name itself is the store's key: the map is injective.
//! Names that differ only by case are different pages. Nothing here looks a page up.
//! Start at [`PageName::parse`]; [`PageName::resolve`] follows links such as `/Sub` and `../Sibling`.

use std::borrow::Borrow;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The longest segment (the part between two `/`), in bytes of UTF-8.
pub const SEGMENT_BYTES: usize = 240;

/// The longest name, in bytes of UTF-8. Three times as many stand in an address, and a page whose
/// address nobody can ask for would be lost.
pub const NAME_BYTES: usize = 2000;

/// What stays as it is in an address: RFC 3986's unreserved characters and the `/` between segments.
const ADDRESS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// The name of a page in its canonical spelling, for example `Team/Meeting notes`.
///
/// ```
/// use grange_wiki::PageName;
///
/// let name = PageName::parse("Team/ Meeting   notes")?;
/// assert_eq!(name.as_str(), "Team/Meeting notes");
/// assert_eq!(name.to_url(), "Team/Meeting%20notes");
/// assert_eq!(name.resolve("../Rota")?.as_str(), "Team/Rota");
/// # Ok::<(), grange_wiki::PageNameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PageName(Arc<str>);

/// Why a text is no page name; the message is written for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageNameError {
    /// Nothing is left when blanks and empty segments are taken away.
    #[error("A page needs a name.")]
    Empty,
    /// Control characters cannot be seen or typed, and would break headers and logs.
    #[error("A page name cannot contain control characters such as tabs or line breaks.")]
    Control,
    /// Characters that turn the writing direction let one name look like another.
    #[error("A page name cannot contain invisible characters that change the writing direction.")]
    Bidi,
    /// Invisible characters let two different names look the same.
    #[error("A page name cannot contain invisible characters.")]
    Invisible,
    /// A segment becomes a file name on export, and most file systems end at 255 bytes.
    #[error("Each part of a page name between slashes can be at most 240 bytes long.")]
    SegmentTooLong,
    /// Servers and browsers refuse longer addresses.
    #[error("A page name can be at most 2000 bytes long.")]
    TooLong,
    /// Addresses that begin with `_` belong to the program (`_static`, `_api`, `_farm`).
    #[error("A page name cannot begin with an underscore.")]
    Reserved,
    /// Browsers resolve `.` and `..` before they ask, so such a page could never be visited.
    #[error("No part of a page name can be \".\" or \"..\".")]
    DotSegment,
    /// An address whose bytes are not UTF-8 names nothing.
    #[error("The address is not valid UTF-8.")]
    NotUtf8,
}

impl PageName {
    /// The canonical page name that `text` spells.
    ///
    /// Each segment loses blanks at its ends and keeps one of several in its middle, empty segments
    /// vanish, and the whole is brought to Unicode's NFC.
    ///
    /// # Errors
    /// - [`PageNameError`] names the rule that `text` breaks; [`PageNameError::NotUtf8`] never.
    pub fn parse(text: &str) -> Result<PageName, PageNameError> {
        if is_plain(text) {
            return Ok(PageName(text.into()));
        }
        refuse_characters(text)?;
        let mut canonical = String::with_capacity(text.len());
        // ASCII is in every normal form already, and most names are ASCII.
        let normal: Cow<'_, str> = if text.is_ascii() {
            text.into()
        } else {
            text.nfc().collect()
        };
        for segment in normal.split('/') {
            push_segment(&mut canonical, segment)?;
        }
        if canonical.is_empty() {
            return Err(PageNameError::Empty);
        }
        if canonical.len() > NAME_BYTES {
            return Err(PageNameError::TooLong);
        }
        if canonical.starts_with('_') {
            return Err(PageNameError::Reserved);
        }
        Ok(PageName(canonical.into()))
    }

    /// The front page of a wiki where nothing else is configured: `FrontPage`.
    pub fn front_page() -> PageName {
        PageName("FrontPage".into())
    }

    /// The page that the tail of an address names, for example `Team/Meeting%20notes`.
    /// The spelling was canonical if [`PageName::to_url`] gives the same text back.
    ///
    /// # Errors
    /// - [`PageNameError::NotUtf8`] if the decoded bytes are not text.
    /// - else as [`PageName::parse`].
    pub fn from_url(tail: &str) -> Result<PageName, PageNameError> {
        let text = percent_decode_str(tail)
            .decode_utf8()
            .map_err(|_| PageNameError::NotUtf8)?;
        PageName::parse(&text)
    }

    /// The name as people write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as the tail of an address: `/` kept, a blank is `%20`, everything that RFC 3986 does
    /// not call unreserved is percent-encoded.
    pub fn to_url(&self) -> String {
        Cow::from(utf8_percent_encode(&self.0, ADDRESS)).into_owned()
    }

    /// The page this one is a subpage of: `A` for `A/B`, nothing for `A`.
    pub fn parent(&self) -> Option<PageName> {
        self.0.rsplit_once('/').map(|(parent, _)| PageName(parent.into()))
    }

    /// The last segment: `B` for `A/B`.
    pub fn base_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, last)| last)
    }

    /// The pages above this one, the outermost first: `A`, `A/B` for `A/B/C`.
    pub fn ancestors(&self) -> impl Iterator<Item = PageName> + '_ {
        self.0
            .match_indices('/')
            .filter_map(|(end, _)| self.0.get(..end))
            .map(|name| PageName(name.into()))
    }

    /// The page that a link written on this page means: `/Sub` is below this page, `../Sibling` beside
    /// it (one level up for each `../`, never above the top), anything else counts from the top.
    ///
    /// # Errors
    /// - [`PageNameError`] if what the link names cannot be a page.
    pub fn resolve(&self, link: &str) -> Result<PageName, PageNameError> {
        let link = link.trim();
        if link.starts_with('/') {
            return PageName::parse(&format!("{}/{link}", self.0));
        }
        let (mut here, mut rest) = (Some(self.clone()), link);
        while let Some(tail) = above(rest) {
            here = here.and_then(|page| page.parent());
            rest = tail;
        }
        match here {
            Some(above) if rest.len() < link.len() => PageName::parse(&format!("{above}/{rest}")),
            _ => PageName::parse(rest),
        }
    }
}

/// Whether a text is a canonical name beyond doubt, as most are: ASCII letters and digits, with single hyphens or slashes
/// between them.
fn is_plain(text: &str) -> bool {
    let mut after_letter = false;
    for byte in text.bytes() {
        match (byte.is_ascii_alphanumeric(), byte, after_letter) {
            (true, ..) => after_letter = true,
            (false, b'-' | b'/', true) => after_letter = false,
            _ => return false,
        }
    }
    // So short that no segment can be too long.
    after_letter && text.len() <= SEGMENT_BYTES
}

/// What follows a leading `../`; the `..` at the very end counts too.
fn above(link: &str) -> Option<&str> {
    link.strip_prefix("../").or_else(|| (link == "..").then_some(""))
}

/// Appends a segment in canonical spelling, with the `/` before it; an empty one adds nothing.
fn push_segment(canonical: &mut String, segment: &str) -> Result<(), PageNameError> {
    let mut words = segment.split_whitespace().peekable();
    if words.peek().is_none() {
        return Ok(());
    }
    if !canonical.is_empty() {
        canonical.push('/');
    }
    let start = canonical.len();
    for (nth, word) in words.enumerate() {
        if nth > 0 {
            canonical.push(' ');
        }
        canonical.push_str(word);
    }
    let written = canonical.get(start..).unwrap_or_default();
    if written.len() > SEGMENT_BYTES {
        return Err(PageNameError::SegmentTooLong);
    }
    if written == "." || written == ".." {
        return Err(PageNameError::DotSegment);
    }
    Ok(())
}

fn refuse_characters(text: &str) -> Result<(), PageNameError> {
    for character in text.chars() {
        match character {
            // U+2028 and U+2029 are line breaks although Unicode does not call them controls.
            '\u{2028}' | '\u{2029}' => return Err(PageNameError::Control),
            c if c.is_control() => return Err(PageNameError::Control),
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
                return Err(PageNameError::Bidi);
            }
            // U+200C and U+200D are left out: Persian, Indic scripts and emoji need them.
            '\u{00AD}'
            | '\u{200B}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206A}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' => return Err(PageNameError::Invisible),
            _ => {}
        }
    }
    Ok(())
}

impl fmt::Display for PageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageName({:?})", &*self.0)
    }
}

impl FromStr for PageName {
    type Err = PageNameError;

    fn from_str(text: &str) -> Result<PageName, PageNameError> {
        PageName::parse(text)
    }
}

impl TryFrom<String> for PageName {
    type Error = PageNameError;

    fn try_from(text: String) -> Result<PageName, PageNameError> {
        PageName::parse(&text)
    }
}

impl From<PageName> for String {
    fn from(name: PageName) -> String {
        name.0.as_ref().to_owned()
    }
}

impl AsRef<str> for PageName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

// Equal names have equal texts, so lookups by `&str` find them; order and hash are the text's.
impl Borrow<str> for PageName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
#[path = "name_tests.rs"]
mod tests;
