//! Finished HTML in pieces, shared and not copied.
//!
//! A page's finished parts lie in the cache and its holes were just filled; both are written once, into
//! the answer. Every piece is UTF-8 by its type, so nobody looks through a long page again at each view.

use std::fmt;

use bytestring::ByteString;

/// HTML that is whole when its pieces are written one after the other.
#[derive(Clone, Debug, Default)]
pub struct Pieces(Vec<ByteString>);

impl Pieces {
    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.0.iter().map(|piece| piece.len()).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The pieces in their order.
    pub fn iter(&self) -> impl Iterator<Item = &ByteString> {
        self.0.iter()
    }

    pub(crate) fn push(&mut self, piece: ByteString) {
        self.0.push(piece);
    }
}

impl IntoIterator for Pieces {
    type Item = ByteString;
    type IntoIter = std::vec::IntoIter<ByteString>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<S: Into<ByteString>> FromIterator<S> for Pieces {
    fn from_iter<I: IntoIterator<Item = S>>(pieces: I) -> Pieces {
        Pieces(pieces.into_iter().map(Into::into).collect())
    }
}

/// Writes it.
impl fmt::Display for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| f.write_str(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_its_pieces_in_order() {
        let mut pieces = Pieces::default();
        assert!(pieces.is_empty());
        for piece in ["<p>", "ä", "</p>"] {
            pieces.push(ByteString::from(piece));
        }
        assert_eq!(pieces.to_string(), "<p>ä</p>");
        assert_eq!(pieces.len(), 9);
    }
}
